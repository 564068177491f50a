//! How answers are written: what a mock is told about it, and what a fault changes.

use serde::{Deserialize, Serialize};

/// How answers are written.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) error_shape: ErrorShape,
    pub(crate) codes_as_strings: bool,
    pub(crate) date_header: bool,
}

/// Where an error is told. Public sources disagree, so a client should cope with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorShape {
    /// Top 500 with the action's own code, which the action repeats. The default: a recorded answer and two live
    /// reports look like this.
    #[default]
    Repeated,
    /// Top 200 and 0; the code is only at the action.
    ActionOnly,
    /// Top 500 with 97 "Error in action", as the documentation says; the code is at the action.
    Generic,
    /// Top 500 with the code, and no `response` at all. A request with one bad action is then refused whole.
    TopOnly,
}
