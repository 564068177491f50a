//! What the C library is made of: none of what only the program may have.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn the_c_library_has_no_driver_no_runtime_and_nothing_of_the_program() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "oo-webhooks", "--edges", "normal,build"])
        .args(["--target", "all", "--prefix", "none", "--format", "{p}"])
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();

    assert!(names.contains(&"oo-webhooks-core") && names.contains(&"rustls"), "{names:?}");
    for name in names {
        let is_ours = name.starts_with("oo-webhooks-") && name != "oo-webhooks-core";
        let is_of_the_program =
            ["clap", "mysql", "mysql_common", "postgres", "signal-hook", "ureq", "url"].contains(&name);
        let is_a_runtime =
            name.starts_with("tokio") || name.starts_with("async") || name.starts_with("futures");
        assert!(!is_ours && !is_of_the_program && !is_a_runtime, "the C library depends on {name}");
    }
}

#[test]
fn a_comment_is_120_columns_wide_at_most() {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            let is_ours = !name.to_string_lossy().starts_with('.') && name != "target" && name != "build";
            if is_ours && entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if is_ours && path.extension().is_some_and(|extension| extension == "rs") {
                files += 1;
                let text = fs::read_to_string(&path).unwrap();
                let comments =
                    text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
                for (index, line) in comments {
                    assert!(line.chars().count() <= 120, "{}:{}: {line}", path.display(), index + 1);
                }
            }
        }
    }
    assert!(files > 100, "{files} files");
}
