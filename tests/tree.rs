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
