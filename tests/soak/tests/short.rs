//! A short run of the soak, and a look at whether it can find anything.

use std::process::{Command, Output};

#[test]
fn a_short_run_breaks_no_rule() {
    let run = soak(&["--calls", "6000", "--seed", "1"]);
    let report = text(&run.stdout);
    println!("{report}");
    assert!(run.status.success(), "{report}{}", text(&run.stderr));
    assert!(report.ends_with("every rule held\n"));
}

#[test]
fn a_short_run_with_stray_bytes_breaks_no_rule() {
    for seed in ["1", "3"] {
        let run = soak(&["--calls", "3000", "--seed", seed, "--strays"]);
        let report = text(&run.stdout);
        assert!(run.status.success(), "{report}{}", text(&run.stderr));
    }
}

/// The judge must be able to condemn: it does when answers that lie are held against the client.
#[test]
fn a_run_that_is_lied_to_breaks_rules_when_lies_count() {
    let run = soak(&["--calls", "3000", "--seed", "3", "--lies-count"]);
    let report = text(&run.stdout);
    assert_eq!(run.status.code(), Some(1), "{report}");
    for rule in ["ExecutedWasExecuted: call", "RejectedWasNotExecuted: call"] {
        assert!(report.contains(rule), "no {rule} in {report}");
    }
}

#[test]
fn a_call_can_be_made_again_alone() {
    let drawn = |seed| {
        let run = soak(&["--seed", seed, "--calls", "100", "--only", "42"]);
        text(&run.stdout).lines().next().unwrap_or_default().to_owned()
    };
    assert!(drawn("7").starts_with("call 42: "));
    assert_eq!(drawn("7"), drawn("7"));
    assert_ne!(drawn("7"), drawn("8"));
}

fn soak(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_soak")).args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
