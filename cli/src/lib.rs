//! The program `oo-webhooks`: one module a command, and what commands share.
//!
//! What is asked for goes to standard output, everything else to standard error. How it ends says the exit
//! code, see exit.rs.

#![allow(clippy::doc_markdown)] // Doc comments here are help texts, where backticks would be seen.

mod accounts;
mod decide;
mod doctor;
mod enqueue;
mod execute;
mod exit;
mod failure;
mod list;
mod mock;
mod new_file;
mod place;
mod schema;
mod selection;
mod show;
mod status;
mod work;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Execute the marketplace webhooks of onOffice enterprise records. Not an official onOffice product.
///
/// After an app has created or changed a record through the API, the customer's webhooks are executed
/// only when the app asks for it. `execute` does it now; `enqueue` and `work` do it through an outbox, which
/// neither slows a save nor loses one.
#[derive(Parser)]
#[command(name = "oo-webhooks", version, arg_required_else_help = true, after_long_help = exit::HELP)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Execute(execute::Options),
    Enqueue(enqueue::Options),
    Work(Box<work::Options>),
    Status(status::Options),
    List(list::Options),
    Retry(decide::RetryOptions),
    Drop(decide::DropOptions),
    Schema(schema::Options),
    Doctor(doctor::Options),
    Mock(Box<mock::Options>),
}

/// The command line, for manual pages and completions.
pub fn command() -> clap::Command {
    Program::command()
}

/// Runs what the command line says; clap ends the program by itself where that makes no sense.
pub fn main() -> ExitCode {
    let done = match Program::parse().command {
        Command::Execute(options) => execute::run(&options),
        Command::Enqueue(options) => enqueue::run(&options),
        Command::Work(options) => work::run(&options),
        Command::Status(options) => status::run(&options),
        Command::List(options) => list::run(&options),
        Command::Retry(options) => decide::retry(&options),
        Command::Drop(options) => decide::drop(&options),
        Command::Schema(options) => schema::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Mock(options) => mock::run(*options).map(|()| exit::DONE),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("oo-webhooks: {}", show::plain(failure.message()));
        failure.code()
    })
    .into()
}
