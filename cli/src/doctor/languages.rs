//! PHP, for the command line and for FPM, and Python.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use super::finding::Finding;
use super::library::output;

pub(super) fn look() -> Vec<Finding> {
    let mut findings = vec![php()];
    findings.extend(fpm_binaries().iter().map(|binary| fpm(binary)));
    findings.push(python());
    findings
}

fn php() -> Finding {
    let name = "PHP (cli)";
    let ask = r#"echo PHP_VERSION, "\n", (int) extension_loaded("ffi"), "\n", ini_get("ffi.enable"), "\n", php_ini_scanned_files() ?: "";"#;
    let Some(answer) = output("php", &["-r", ask]) else { return Finding::unknown(name, "no php in PATH") };
    let mut lines = answer.lines();
    let mut next = || lines.next().unwrap_or_default().trim().to_owned();
    let (version, loaded, mode) = (next(), next(), next());
    judge_ffi(name, &version, loaded == "1", &mode, "", "conf.d of the command line")
}

/// FPM's own settings: it has other files than the command line.
fn fpm(binary: &Path) -> Finding {
    let shown = binary.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = format!("PHP ({shown})");
    let Some(info) = output(&binary.to_string_lossy(), &["-i"]) else {
        return Finding::unknown(&name, "it does not answer -i");
    };
    let value = |key: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" => "));
        line.map(|values| values.split(" => ").next().unwrap_or_default().trim().to_owned())
    };
    let version = value("PHP Version").unwrap_or_default();
    let mode = value("ffi.enable");
    let preload = value("opcache.preload").filter(|path| path != "no value").unwrap_or_default();
    let folder = value("Scan this dir for additional .ini files").unwrap_or_default();
    judge_ffi(&name, &version, mode.is_some(), &mode.unwrap_or_default(), &preload, &folder)
}

/// See docs/php-fpm.md. Never worse than a warning: perhaps no app here is in PHP.
fn judge_ffi(name: &str, version: &str, is_loaded: bool, mode: &str, preload: &str, folder: &str) -> Finding {
    let number = |index: usize| version.split('.').nth(index).and_then(|part| part.parse::<u32>().ok());
    if number(0).zip(number(1)).is_some_and(|found| found < (8, 2)) {
        return Finding::warning(name, format!("PHP {version}")).cure("update it to PHP 8.2 at least");
    }
    if !is_loaded {
        let cure =
            format!("install FFI (Debian has it in php-common) and write into {folder}:\nextension=ffi");
        return Finding::warning(name, format!("PHP {version} without FFI")).cure(cure);
    }
    let found = format!("PHP {version}, ffi.enable={mode}");
    let is_cli = name == "PHP (cli)";
    match mode {
        "1" | "true" | "On" | "on" => Finding::good(name, found),
        _ if is_cli => Finding::good(name, format!("{found}: on the command line that is enough")),
        "preload" if !preload.is_empty() => Finding::good(name, format!("{found}, opcache.preload={preload}")),
        "preload" => Finding::warning(name, format!("{found}, and no opcache.preload")).cure(format!(
            "write into a file in {folder}, and restart FPM:\nopcache.preload=/path/to/the/package/preload.php\n\
             opcache.preload_user=www-data\nor, without preloading, allow FFI to every script:\nffi.enable=true"
        )),
        _ => Finding::warning(name, found)
            .cure(format!("write into a file in {folder}, and restart FPM:\nffi.enable=true")),
    }
}

fn fpm_binaries() -> BTreeSet<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let entries = folders.filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
    entries
        .filter(|entry| is_fpm(&entry.file_name().to_string_lossy()))
        .filter_map(|entry| entry.path().canonicalize().ok())
        .collect()
}

/// `php-fpm`, `php-fpm8.2`; no wrapper, such as one that restarts it.
fn is_fpm(name: &str) -> bool {
    let version = name.strip_prefix("php-fpm");
    version.is_some_and(|version| version.chars().all(|letter| letter.is_ascii_digit() || letter == '.'))
}

fn python() -> Finding {
    let name = "Python";
    let Some(version) = output("python3", &["--version"]) else {
        return Finding::unknown(name, "no python3 in PATH");
    };
    let version = version.trim();
    match output("python3", &["-c", "import oo_webhooks; print(oo_webhooks.__version__)"]) {
        None => Finding::unknown(name, format!("{version} without the package oo_webhooks"))
            .cure("where an app needs it: pip install the package into the app's environment"),
        Some(package) if package.trim() == env!("CARGO_PKG_VERSION") => {
            Finding::good(name, format!("{version}, oo_webhooks {}", package.trim()))
        }
        Some(package) => Finding::warning(name, format!("{version}, oo_webhooks {}", package.trim()))
            .cure("install package and program of one version"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    #[test]
    fn ffi_for_fpm_needs_more_than_for_the_command_line() {
        for (name, is_loaded, mode, preload, grade, named) in [
            ("PHP (cli)", true, "preload", "", Grade::Good, ""),
            ("PHP (php-fpm8.2)", true, "preload", "", Grade::Warning, "opcache.preload="),
            ("PHP (php-fpm8.2)", true, "preload", "/srv/preload.php", Grade::Good, ""),
            ("PHP (php-fpm8.2)", true, "1", "", Grade::Good, ""),
            ("PHP (php-fpm8.2)", true, "0", "", Grade::Warning, "ffi.enable=true"),
            ("PHP (cli)", false, "", "", Grade::Warning, "extension=ffi"),
        ] {
            let finding = judge_ffi(name, "8.2.7", is_loaded, mode, preload, "/etc/php/8.2/fpm/conf.d");
            assert_eq!(finding.grade(), grade, "{finding:?}");
            assert!(finding.its_cure().unwrap_or_default().contains(named), "{finding:?}");
        }
        assert_eq!(judge_ffi("PHP (cli)", "7.4.33", true, "1", "", "").grade(), Grade::Warning);
    }
}
