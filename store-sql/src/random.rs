//! Numbers that nobody else has: for tokens and for pauses.

use std::hash::{BuildHasher, Hasher};

/// Any number; different in each process, thread and call.
pub(crate) fn random() -> u64 {
    // Each RandomState has keys of its own, seeded by the system.
    std::hash::RandomState::new().build_hasher().finish()
}

/// 32 hexadecimal digits of the system's random numbers: no two claims have the same.
pub(crate) fn token() -> Option<String> {
    let mut bytes = [0; 16];
    rustls::crypto::ring::default_provider().secure_random.fill(&mut bytes).ok()?;
    Some(bytes.iter().fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}")))
}
