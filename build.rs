//! Link arguments of the shared library, for Linux's linkers.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The number is that of oo_abi_version.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,liboo_webhooks.so.1");
        // Unloading would leave thread-exit destructors of Rust's standard library dangling, and PHP
        // would lose its connections with every request.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
