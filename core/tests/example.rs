//! The example of the crate's first page: it is the program in `examples/`, and that program runs.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use oo_webhooks_mock::{DEFAULT_SECRET, DEFAULT_TOKEN, Module};

use support::{CaFile, mock};

#[test]
fn the_example_of_the_first_page_runs() {
    let mock = mock();
    let ca = CaFile::of(mock.ca_pem());
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "--package", "oo-webhooks-core", "--example", "execute"])
        .env("ON_OFFICE_TOKEN", DEFAULT_TOKEN)
        .env("ON_OFFICE_SECRET", DEFAULT_SECRET)
        .env("ON_OFFICE_URL", mock.url())
        .env("ON_OFFICE_CA_FILE", ca.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "address 15005: executed\n", "{output:?}");
    assert_eq!(mock.executions(Module::Address, 15005), 1);
}

#[test]
fn the_first_page_shows_the_example() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let statements = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_start_matches("//!").trim().to_owned());
        lines
            .filter(|line| line.starts_with("let ") || line.starts_with("match ") || line.contains("=>"))
            .collect()
    };
    let page = statements(&fs::read_to_string(crate_folder.join("src/lib.rs")).unwrap());
    let example = statements(&fs::read_to_string(crate_folder.join("examples/execute.rs")).unwrap());
    assert_eq!(page, example);
    assert_eq!(example.len(), 6);
}
