//! The shared library and the header that are installed, beside this program.

use std::process::Command;

use super::finding::Finding;

const OURS: &str = env!("CARGO_PKG_VERSION");

pub(super) fn look() -> Vec<Finding> {
    vec![Finding::good("program", format!("version {OURS}")), library(), header()]
}

fn library() -> Finding {
    let name = "library";
    let cached = output("ldconfig", &["-p"]).or_else(|| output("/sbin/ldconfig", &["-p"]));
    let Some(cached) = cached else { return Finding::unknown(name, "no ldconfig to ask") };
    let paths: Vec<&str> = cached
        .lines()
        .filter(|line| line.trim_start().starts_with("liboo_webhooks.so.1 "))
        .filter_map(|line| line.split("=> ").nth(1))
        .collect();
    match paths.as_slice() {
        [] => Finding::unknown(name, "the loader knows no liboo_webhooks.so.1")
            .cure("C and C++: install it below /usr or /usr/local and run ldconfig; PHP and Python may have one of their own"),
        [path] => Finding::good(name, (*path).to_owned()),
        paths => Finding::warning(name, format!("the loader knows several: {}", paths.join(", ")))
            .cure("remove all but one: which one a program gets is decided by their order"),
    }
}

fn header() -> Finding {
    let name = "header";
    match output("pkg-config", &["--modversion", "oo_webhooks"]) {
        None => Finding::unknown(name, "pkg-config does not know oo_webhooks; only C and C++ need it"),
        Some(version) if version.trim() == OURS => Finding::good(name, format!("version {OURS}")),
        Some(version) => {
            Finding::warning(name, format!("version {}, and the program is {OURS}", version.trim()))
                .cure("install library, header and program of one version")
        }
    }
}

/// What a program prints; `None` where it is not there or fails.
pub(super) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(std::process::Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
