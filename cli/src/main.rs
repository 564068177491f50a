//! The program `oo-webhooks`.

use std::process::ExitCode;

fn main() -> ExitCode {
    oo_webhooks_cli::main()
}
