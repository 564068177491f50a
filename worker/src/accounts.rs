//! [`Accounts`]: who sends for which account.

use std::collections::BTreeMap;

use oo_webhooks_core::client::Client;

/// A client for each account by its name. The name is what the app writes into its saves, never a token.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    clients: BTreeMap<String, Client>,
    others: Others,
}

/// What becomes of the records of an account that has no client here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// They fail, with the reason: a name that is written wrong is seen.
    #[default]
    Fail,
    /// They stay for another worker.
    Leave,
}

impl Accounts {
    /// No account yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only the account without a name.
    pub fn one(client: Client) -> Self {
        let mut accounts = Self::new();
        accounts.add("", client);
        accounts
    }

    /// Adds an account, or replaces its client.
    pub fn add(&mut self, name: &str, client: Client) {
        self.clients.insert(name.to_owned(), client);
    }

    /// What becomes of the records of an account that is not among these. The default is to fail them.
    pub fn set_others(&mut self, others: Others) {
        self.others = others;
    }

    pub(crate) fn others(&self) -> Others {
        self.others
    }

    pub(crate) fn client(&self, name: &str) -> Option<&Client> {
        self.clients.get(name)
    }
}
