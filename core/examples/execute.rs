//! Executes the webhooks of `address 15005`: `cargo run -p oo-webhooks-core --example execute`.

use oo_webhooks_core::options::Options;
use oo_webhooks_core::outcome::Outcome;
use oo_webhooks_core::record::Record;
use oo_webhooks_core::refusal::Refusal;

fn main() -> Result<(), Refusal> {
    let client = Options::from_env().client()?; // ON_OFFICE_TOKEN and ON_OFFICE_SECRET
    let result = client.execute(Record::new("address", 15005)?);
    match result.outcome() {
        Outcome::Executed => println!("{}", result.message()),
        Outcome::NotSent => eprintln!("may be repeated: {}", result.message()),
        Outcome::Rejected | Outcome::InDoubt => eprintln!("look at it: {}", result.message()),
    }
    Ok(())
}
