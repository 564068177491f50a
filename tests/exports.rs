//! The shared library as users install it: what it exports, how it is linked, how large it is.
//!
//! The library is that of the folder `OO_WEBHOOKS_BUILD`, or else one that `tools/stage` lays out.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

#[test]
fn the_exports_are_the_functions_of_the_header() {
    let symbols = output("nm", &["--dynamic", "--defined-only", "--format=posix"]);
    let exported: BTreeSet<&str> = symbols.lines().filter_map(|line| line.split(' ').next()).collect();
    let header = declarations();
    let declared: BTreeSet<&str> = header.iter().filter_map(|declaration| function(declaration)).collect();
    assert!(declared.len() > 30, "the header has {} functions", declared.len());
    assert_eq!(exported, declared);
}

#[test]
fn every_export_begins_with_oo() {
    for symbol in output("nm", &["--dynamic", "--defined-only", "--format=posix"]).lines() {
        assert!(symbol.starts_with("oo_"), "{symbol}");
    }
}

/// The number in the soname is that of `oo_abi_version`, which the tests in C check.
#[test]
fn the_soname_has_the_number_of_the_abi() {
    let dynamic = output("readelf", &["--dynamic", "--wide"]);
    assert!(dynamic.contains("Library soname: [liboo_webhooks.so.1]"), "{dynamic}");
}

#[test]
fn the_library_stays_loaded() {
    let dynamic = output("readelf", &["--dynamic", "--wide"]);
    let flags = dynamic.lines().find(|line| line.contains("(FLAGS_1)")).unwrap_or_default();
    assert!(flags.contains("NODELETE"), "{dynamic}");
}

/// One is that of libc's start files; the other is that of Rust's standard library, which notes where
/// the program's arguments are. `tests/c/loading.c` sees that nothing happens in them.
#[test]
fn there_are_no_constructors_but_those_of_every_rust_library() {
    let dynamic = output("readelf", &["--dynamic", "--wide"]);
    let size = dynamic.lines().find(|line| line.contains("(INIT_ARRAYSZ)")).unwrap();
    let bytes: usize = size.split_whitespace().rev().nth(1).unwrap().parse().unwrap();
    assert!(bytes <= 2 * size_of::<usize>(), "{size}");
}

#[test]
fn only_libraries_that_every_system_has_are_needed() {
    let dynamic = output("readelf", &["--dynamic", "--wide"]);
    for needed in dynamic.lines().filter(|line| line.contains("(NEEDED)")) {
        let known = ["[libc.so.6]", "[libgcc_s.so.1]", "[ld-linux"];
        assert!(known.iter().any(|library| needed.contains(library)), "{needed}");
    }
}

#[test]
fn the_library_is_smaller_than_2_3_mb() {
    let size = fs::metadata(library()).unwrap().len();
    assert!(size <= 2_300_000, "{size} bytes");
}

/// The functions of the header, as the list of the ABI has them.
fn declarations() -> Vec<String> {
    let list = fs::read_to_string(root().join("tests/abi/declarations.txt")).unwrap();
    list.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// The function's name, where the declaration is one.
fn function(declaration: &str) -> Option<&str> {
    let (before, _) = declaration.split_once('(')?;
    before.rsplit([' ', '*']).next()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).arg(library()).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let build = env::var_os("OO_WEBHOOKS_BUILD").map_or_else(staged, PathBuf::from);
        build.join("lib/liboo_webhooks.so.1")
    })
}

fn staged() -> PathBuf {
    let build = root().join("build");
    let done = Command::new(root().join("tools/stage")).arg(&build).status().unwrap();
    assert!(done.success(), "tools/stage: {done}");
    build
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
