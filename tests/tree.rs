//! What the C library is made of: none of what only the program may have.

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

    assert!(names.contains(&"oo-webhooks-core") && names.contains(&"ureq"), "{names:?}");
    for name in names {
        let is_ours = name.starts_with("oo-webhooks-") && name != "oo-webhooks-core";
        let is_of_the_program =
            ["clap", "mysql", "mysql_common", "postgres", "signal-hook", "url"].contains(&name);
        let is_a_runtime =
            name.starts_with("tokio") || name.starts_with("async") || name.starts_with("futures");
        assert!(!is_ours && !is_of_the_program && !is_a_runtime, "the C library depends on {name}");
    }
}

#[test]
fn a_comment_is_120_columns_wide_at_most() {
    let listed = Command::new("git").args(["ls-files", "*.rs"]).output().unwrap();
    let files = String::from_utf8(listed.stdout).unwrap();
    assert!(files.contains("tests/tree.rs"), "is this a clone? {files:?}");
    for file in files.lines().filter(|file| std::path::Path::new(file).exists()) {
        let text = std::fs::read_to_string(file).unwrap();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"))
        {
            assert!(line.chars().count() <= 120, "{file}:{}: {line}", index + 1);
        }
    }
}
