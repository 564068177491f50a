//! The checked-in headers are what the source makes. `BLESS=1 cargo test --test header` writes them.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use cbindgen::{Builder, Config};

#[test]
fn the_c_header_is_up_to_date() {
    assert_up_to_date("oo_webhooks.h", &generated(config()));
}

/// What PHP's FFI parser takes: no `extern "C"`, no includes, no guard; no comments to parse on each
/// request either. The first two lines are read by `FFI::load` only as the first bytes of the file.
#[test]
fn the_php_header_is_up_to_date() {
    let mut config = config();
    config.cpp_compat = false;
    config.include_guard = None;
    config.sys_includes.clear();
    config.documentation = false;
    config.autogen_warning = None;
    config.header = None;
    let declarations = generated(config);
    let header =
        format!("#define FFI_SCOPE \"oo_webhooks\"\n#define FFI_LIB \"liboo_webhooks.so.1\"\n{declarations}");
    assert_up_to_date("oo_webhooks.ffi.h", &header);
}

fn config() -> Config {
    Config::from_file(root().join("cbindgen.toml")).unwrap()
}

fn generated(config: Config) -> String {
    let mut header = Vec::new();
    let mut builder = Builder::new().with_config(config);
    for file in [
        "core/src/outcome.rs",
        "src/status.rs",
        "src/execute.rs",
        "src/options.rs",
        "src/client.rs",
        "src/request.rs",
        "src/results.rs",
        "src/result.rs",
    ] {
        builder = builder.with_src(root().join(file));
    }
    builder.generate().unwrap().write(&mut header);
    with_enum_tags(&with_short_comments(&String::from_utf8(header).unwrap()))
}

/// A comment of one line on one line.
fn with_short_comments(header: &str) -> String {
    let lines: Vec<&str> = header.lines().collect();
    let mut short = String::new();
    let mut rest = lines.as_slice();
    while let [line, tail @ ..] = rest {
        rest = match tail {
            [text, end, tail @ ..] if line.trim() == "/**" && end.trim() == "*/" => {
                let text = text.trim().trim_start_matches("* ");
                short += &format!("{} {text} */\n", line.trim_end());
                tail
            }
            _ => {
                short += &format!("{line}\n");
                tail
            }
        };
    }
    short
}

/// cbindgen leaves enums without a tag in the style that gives functions plain type names.
fn with_enum_tags(header: &str) -> String {
    let mut parts = header.split("typedef enum {");
    let mut tagged = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once("\n} ").unwrap();
        let (name, _) = after.split_once(';').unwrap();
        tagged += &format!("typedef enum {name} {{{part}");
    }
    tagged
}

fn assert_up_to_date(name: &str, generated: &str) {
    let path = root().join("include").join(name);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, generated).unwrap();
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert!(checked_in == generated, "{name} is out of date: run BLESS=1 cargo test --test header");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
