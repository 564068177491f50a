//! The headers, by cbindgen.

use cbindgen::{Builder, Config};

use crate::root;

/// In the header's order.
const SOURCES: [&str; 10] = [
    "core/src/outcome.rs",
    "src/status.rs",
    "src/execute.rs",
    "src/options.rs",
    "src/client.rs",
    "src/probe.rs",
    "src/request.rs",
    "src/results.rs",
    "src/result.rs",
    "src/outbox.rs",
];

pub(crate) fn for_c() -> Result<String, String> {
    let mut config = config()?;
    // cbindgen would say behind the header's first comment, which is long, that the file is generated.
    let comments = [config.autogen_warning.take(), config.header.take()];
    config.header = Some(comments.into_iter().flatten().map(|text| text.trim().to_owned() + "\n").collect());
    config.after_includes = Some(version());
    generated(config)
}

/// For a compiler that asks what the header has; every crate here has the library's version.
fn version() -> String {
    let number = |name, value| format!("#define OO_WEBHOOKS_VERSION_{name} {value}\n");
    [
        "\n/* The version of this header; oo_version tells that of the library. */\n".to_owned(),
        format!("#define OO_WEBHOOKS_VERSION \"{}\"\n", env!("CARGO_PKG_VERSION")),
        number("MAJOR", env!("CARGO_PKG_VERSION_MAJOR")),
        number("MINOR", env!("CARGO_PKG_VERSION_MINOR")),
        number("PATCH", env!("CARGO_PKG_VERSION_PATCH")),
    ]
    .concat()
    .trim_end()
    .to_owned()
}

/// What PHP's FFI parser takes: no `extern "C"`, no includes, no guard; no comments to parse on each
/// request either. The first two lines are read by `FFI::load` only as the first bytes of the file.
pub(crate) fn for_php() -> Result<String, String> {
    let mut config = config()?;
    config.cpp_compat = false;
    config.include_guard = None;
    config.sys_includes.clear();
    config.documentation = false;
    config.header = None;
    let declarations = generated(config)?;
    Ok(format!("#define FFI_SCOPE \"oo_webhooks\"\n#define FFI_LIB \"liboo_webhooks.so.1\"\n{declarations}"))
}

fn config() -> Result<Config, String> {
    Config::from_file(root().join("cbindgen.toml"))
}

fn generated(config: Config) -> Result<String, String> {
    let sources = SOURCES.iter().map(|source| root().join(source));
    let builder = sources.fold(Builder::new().with_config(config), Builder::with_src);
    let mut header = Vec::new();
    builder.generate().map_err(|error| format!("cbindgen: {error}"))?.write(&mut header);
    let header = String::from_utf8(header).map_err(|error| format!("cbindgen: {error}"))?;
    let header = with_tags("enum", &with_short_comments(&header))?;
    with_tags("struct", &header)
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

/// cbindgen leaves enums and structs without a tag in the style that gives functions plain type names.
fn with_tags(kind: &str, header: &str) -> Result<String, String> {
    let begin = format!("typedef {kind} {{");
    let mut parts = header.split(&begin);
    let mut tagged = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.split_once("\n} ").and_then(|(_, after)| after.split_once(';'));
        let (name, _) = name.ok_or_else(|| format!("one {kind} has no name: {part:.40}"))?;
        tagged += &format!("typedef {kind} {name} {{{part}");
    }
    Ok(tagged)
}
