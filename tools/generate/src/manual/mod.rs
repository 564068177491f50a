//! The manual pages of the program, by clap's generator, and of the C library, from its header; and the program's
//! completions.

mod library;

use std::{fs, io};

use clap::Command;
use clap_complete::Shell;

use crate::{Generated, root};

const PAGES: &str = "docs/man";

/// Every page and completion, from the program's command line and the text of the C header.
pub(crate) fn files(header: &str) -> Result<Vec<Generated>, String> {
    let mut files = of_the_program().map_err(|error| format!("cannot make the program's pages: {error}"))?;
    files.extend(library::pages(header)?);
    Ok(files)
}

/// A page for the program and for each of its commands, and the completions of three shells.
fn of_the_program() -> io::Result<Vec<Generated>> {
    let mut program = oo_webhooks_cli::command().disable_help_subcommand(true);
    program.build();
    let mut files = vec![page(program.clone())?];
    for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("{}-{}", program.get_name(), command.get_name());
        // Pages are found by name, and a name of two words needs a hyphen.
        files.push(page(command.clone().display_name(name))?);
    }
    for (shell, path) in [
        (Shell::Bash, "bash-completion/completions/oo-webhooks"),
        (Shell::Zsh, "zsh/site-functions/_oo-webhooks"),
        (Shell::Fish, "fish/vendor_completions.d/oo-webhooks.fish"),
    ] {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut program.clone(), "oo-webhooks", &mut text);
        files.push(Generated { path: format!("cli/completions/{path}"), text: utf_8(text)? });
    }
    Ok(files)
}

fn page(command: Command) -> io::Result<Generated> {
    let path = format!("{PAGES}/{}.1", command.get_display_name().unwrap_or(command.get_name()));
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .source(concat!("oo_webhooks ", env!("CARGO_PKG_VERSION")))
        .manual("oo_webhooks")
        .render(&mut text)?;
    Ok(Generated { path, text: utf_8(text)? })
}

fn utf_8(text: Vec<u8>) -> io::Result<String> {
    String::from_utf8(text).map_err(io::Error::other)
}

/// The page of a command or handle that is gone goes too.
pub(crate) fn remove_pages_of_nothing(files: &[Generated], only_check: bool) -> Result<(), String> {
    let folder = root().join(PAGES);
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let path = format!("{PAGES}/{}", entry.file_name().display());
        if files.iter().any(|file| file.path == path) {
            continue;
        }
        if only_check {
            return Err(format!("{path} is about nothing that is there: run make generate"));
        }
        fs::remove_file(entry.path()).map_err(|error| format!("cannot remove {path}: {error}"))?;
        println!("removed {path}");
    }
    Ok(())
}
