//! The program `oo-webhooks`. Its one subcommand so far is `mock`.

mod mock;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tools for the marketplace webhooks of onOffice enterprise. Not an official onOffice product.
#[derive(Parser)]
#[command(name = "oo-webhooks", version, arg_required_else_help = true)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a mock of the onOffice API, to test apps without an account
    Mock(Box<mock::Options>),
}

/// 0 is success, 1 a failure, 2 wrong usage; clap ends with 2 by itself.
fn main() -> ExitCode {
    let Command::Mock(options) = Program::parse().command;
    match mock::run(*options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("oo-webhooks: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

/// Why the program ends without success: one line, and its exit code.
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Something went wrong at run time.
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// The command line makes no sense.
    fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }
}
