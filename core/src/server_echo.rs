//! [`ServerEcho`]: whether a server echoes the labels of requests. One that does is not believed when it says
//! success without a label: such an answer is another's.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The servers of which an echo was seen, by their number, 0 for none. It outlives the connections, and a forked child
/// has it too. Where more are met, a new one takes the place of another.
static SEEN: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];

/// What is known about a server's echoes: nothing, until one was seen.
#[derive(Default)]
pub(crate) struct ServerEcho {
    /// 0 for a server that nobody asks of again.
    server: u64,
    was_seen: AtomicBool,
}

impl ServerEcho {
    /// What is known about a server, by its address and what proves that it is there.
    pub(crate) fn of(server: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        server.hash(&mut hasher);
        Self { server: hasher.finish().max(1), was_seen: AtomicBool::new(false) }
    }

    pub(crate) fn was_seen(&self) -> bool {
        // Another client with other settings may have seen it meanwhile.
        let is_it = |seen: &AtomicU64| seen.load(Ordering::Relaxed) == self.server;
        self.was_seen.load(Ordering::Relaxed) || (self.server != 0 && SEEN.iter().any(is_it))
    }

    pub(crate) fn note(&self) {
        // A server takes one place, whoever notes it.
        let is_known = self.was_seen();
        self.was_seen.store(true, Ordering::Relaxed);
        if is_known || self.server == 0 {
            return;
        }
        let take = |seen: &AtomicU64| {
            seen.compare_exchange(0, self.server, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        if !SEEN.iter().any(take) {
            let place = usize::try_from(self.server).unwrap_or_default() % SEEN.len();
            if let Some(another) = SEEN.get(place) {
                another.store(self.server, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_of_a_server_is_known_wherever_it_is_asked_of() {
        let echo = ServerEcho::of("https://one.test/");
        assert!(!echo.was_seen());
        echo.note();
        assert!(echo.was_seen() && ServerEcho::of("https://one.test/").was_seen());
        assert!(!ServerEcho::of("https://two.test/").was_seen());

        // Who asked before knows it too, and it takes no second place.
        let (early, other) = (ServerEcho::of("https://three.test/"), ServerEcho::of("https://three.test/"));
        other.note();
        assert!(early.was_seen());
        early.note();
        let places = SEEN.iter().filter(|seen| seen.load(Ordering::Relaxed) == early.server).count();
        assert_eq!(places, 1);

        for number in 0..200 {
            ServerEcho::of(number).note();
            assert!(ServerEcho::of(number).was_seen());
        }
    }

    #[test]
    fn what_nobody_asks_of_again_takes_no_place() {
        let echo = ServerEcho::default();
        echo.note();
        assert!(echo.was_seen() && !ServerEcho::default().was_seen());
    }
}
