//! Any CA file: it is accepted only when it holds something between PEM's lines for certificates, and
//! a refusal names the file in one line.

#![no_main]

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;

use libfuzzer_sys::fuzz_target;
use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Status;
use rustix::fs::{MemfdFlags, memfd_create};

fuzz_target!(|pem: &[u8]| {
    let mut file = File::from(memfd_create("ca.pem", MemfdFlags::CLOEXEC).unwrap());
    file.write_all(pem).unwrap();
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());

    let mut options = Options::new();
    options.set_credentials("token", "secret").unwrap();
    match options.set_ca_file(&path) {
        Ok(()) => {
            // The reader of PEM is lenient about the dashes behind it.
            let begin = b"-----BEGIN CERTIFICATE";
            assert!(pem.windows(begin.len()).any(|window| window == begin));
            assert!(options.client().is_ok());
        }
        Err(refusal) => {
            assert_eq!(refusal.status(), Status::InvalidOption);
            let message = refusal.message();
            assert!(message.contains(&path) && !message.contains('\n'), "{message:?}");
            assert!(options.client().is_err(), "a refused CA file must not mean the bundled ones");
        }
    }
});
