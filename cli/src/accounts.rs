//! Whose credentials the worker uses: those of the environment, of a file, or of variables by account.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use oo_webhooks_core::client::Client;
use oo_webhooks_core::options::Options as ClientOptions;
use oo_webhooks_core::refusal::Refusal;
use oo_webhooks_worker::accounts::{Accounts, Others};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The largest file of accounts that is read.
const LARGEST: u64 = 10 << 20;

/// Whose records are sent. Without any of these, only those without an account, with the credentials of
/// ON_OFFICE_TOKEN and ON_OFFICE_SECRET.
#[derive(Args)]
pub(crate) struct AccountOptions {
    /// A JSON file of accounts: {"north": {"token": "...", "secret": "..."}}; url, ca_file, proxy and timeout_ms may
    /// be added. "" is the account of records without one
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// An account whose credentials are in ON_OFFICE_TOKEN_NAME and ON_OFFICE_SECRET_NAME, in capitals; may be repeated
    #[arg(long = "account", value_name = "NAME", conflicts_with = "accounts")]
    names: Vec<String>,
    /// What becomes of the records of other accounts
    #[arg(long, value_enum, default_value_t = OtherAccounts::Fail)]
    other_accounts: OtherAccounts,
}

#[derive(Clone, Copy, ValueEnum)]
enum OtherAccounts {
    /// They fail, with the reason
    Fail,
    /// They stay for another worker
    Leave,
}

/// The clients by account, and the longest time of a call.
pub(crate) struct Clients {
    pub(crate) accounts: Accounts,
    pub(crate) names: Vec<String>,
    pub(crate) longest_call: std::time::Duration,
}

/// An account in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    token: Secret,
    secret: Secret,
    url: Option<String>,
    ca_file: Option<String>,
    proxy: Option<String>,
    timeout_ms: Option<i64>,
}

/// Leaves the memory with its owner.
#[derive(Deserialize)]
#[serde(transparent)]
struct Secret(Zeroizing<String>);

impl AccountOptions {
    pub(crate) fn clients(&self) -> Result<Clients, Failure> {
        let clients = match &self.accounts {
            Some(path) => from_file(path)?,
            None if self.names.is_empty() => {
                BTreeMap::from([(String::new(), ClientOptions::from_env().client()?)])
            }
            None => self
                .names
                .iter()
                .map(|name| from_variables(name).map(|client| (name.clone(), client)))
                .collect::<Result<_, Failure>>()?,
        };
        let longest_call = clients.values().map(Client::timeout).max().unwrap_or_default();
        let names = clients.keys().cloned().collect();
        let mut accounts = Accounts::new();
        for (name, client) in clients {
            accounts.add(&name, client);
        }
        accounts.set_others(match self.other_accounts {
            OtherAccounts::Fail => Others::Fail,
            OtherAccounts::Leave => Others::Leave,
        });
        Ok(Clients { accounts, names, longest_call })
    }
}

fn from_variables(name: &str) -> Result<Client, Failure> {
    let suffix: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' })
        .collect();
    let read = |what: &str| {
        let variable = format!("ON_OFFICE_{what}_{suffix}");
        match env::var(&variable) {
            Ok(value) if !value.is_empty() => Ok(Zeroizing::new(value)),
            Ok(_) | Err(env::VarError::NotPresent) => {
                Err(Failure::usage(format!("the account {name:?} has no credentials: set {variable}")))
            }
            Err(env::VarError::NotUnicode(_)) => Err(Failure::usage(format!("{variable} is not UTF-8"))),
        }
    };
    let mut options = ClientOptions::from_env();
    options
        .set_credentials(&read("TOKEN")?, &read("SECRET")?)
        .map_err(|refusal| of_account(name, &refusal))?;
    options.client().map_err(|refusal| of_account(name, &refusal))
}

fn from_file(path: &Path) -> Result<BTreeMap<String, Client>, Failure> {
    let failed = |why: &str| Failure::usage(format!("cannot use the accounts in {}: {why}", path.display()));
    let file = File::open(path).map_err(|error| failed(&error.to_string()))?;
    let metadata = file.metadata().map_err(|error| failed(&error.to_string()))?;
    if metadata.is_file() && metadata.permissions().mode() & 0o007 != 0 {
        return Err(failed("everybody on this machine can read its secrets: run chmod 600 on it"));
    }
    let mut text = Zeroizing::new(Vec::new());
    file.take(LARGEST).read_to_end(&mut text).map_err(|error| failed(&error.to_string()))?;
    // Where it breaks is told, not what stands there.
    let accounts: BTreeMap<String, Account> = serde_json::from_slice(&text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => {
                "it is not {\"name\": {\"token\": \"...\", \"secret\": \"...\"}, ...} with no keys but url, ca_file, proxy and timeout_ms besides"
            }
            _ => "it is not JSON",
        };
        failed(&format!("line {}, column {}: {what}", error.line(), error.column()))
    })?;
    if accounts.is_empty() {
        return Err(failed("it names no account"));
    }
    accounts
        .into_iter()
        .map(|(name, account)| {
            let client = account.client().map_err(|refusal| of_account(&name, &refusal))?;
            Ok((name, client))
        })
        .collect()
}

impl Account {
    /// Settings that the file does not name come from the environment.
    fn client(&self) -> Result<Client, Refusal> {
        let mut options = ClientOptions::from_env();
        options.set_credentials(&self.token.0, &self.secret.0)?;
        if let Some(url) = &self.url {
            options.set_url(url)?;
        }
        if let Some(ca_file) = &self.ca_file {
            options.set_ca_file(ca_file)?;
        }
        if let Some(proxy) = &self.proxy {
            options.set_proxy(proxy)?;
        }
        if let Some(timeout) = self.timeout_ms {
            options.set_timeout_ms(timeout)?;
        }
        options.client()
    }
}

fn of_account(name: &str, refusal: &Refusal) -> Failure {
    Failure::usage(format!("the account {name:?}: {}", refusal.message()))
}
