//! The commands that the documentation shows, and those of the service files, are ones that the program takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;

use oo_webhooks_cli::command;

/// Every command of the program in a text: from its name to the end of the line, or to what a shell acts on.
fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines() {
        for part in line.split("oo-webhooks ").skip(1) {
            let is_command =
                |word: &str| command().get_subcommands().any(|subcommand| subcommand.get_name() == word);
            let part = part.split([';', '|', '`', '#']).next().unwrap_or_default();
            let trimmed = part.split_whitespace().map(|word| word.trim_matches(['\'', '"']).to_owned());
            let words: Vec<String> = trimmed.filter(|word| !word.is_empty()).collect();
            if words.first().is_some_and(|word| is_command(word)) {
                found.push(words);
            }
        }
    }
    found
}

#[test]
fn every_command_that_is_shown_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (file, least) in [
        ("docs/worker.md", 15),
        ("packaging/service/oo-webhooks.service", 1),
        ("packaging/service/supervisor.conf", 1),
        ("packaging/service/crontab", 2),
    ] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let commands = commands(&text);
        assert!(commands.len() >= least, "{file}: {commands:?}");
        for words in commands {
            let words: Vec<&str> =
                ["oo-webhooks"].into_iter().chain(words.iter().map(String::as_str)).collect();
            // A command that is named in a sentence has no arguments, and need not be complete.
            if words.len() > 2 {
                command()
                    .try_get_matches_from(&words)
                    .unwrap_or_else(|error| panic!("{file}: {words:?}: {error}"));
            }
        }
    }
}

#[test]
fn the_page_has_every_exit_code_and_metric() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/worker.md")).unwrap();
    let metrics = fs::read_to_string(root.join("worker/src/metrics.rs")).unwrap();
    for name in
        ["records", "oldest_waiting_seconds", "outcomes_total", "reasons_total", "call_duration_seconds"]
    {
        assert!(
            page.contains(&format!("oo_webhooks_{name}")) && metrics.contains(&format!("oo_webhooks_{name}"))
        );
    }
    for code in 0..=5 {
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
}
