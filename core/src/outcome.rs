//! What is known after a call: the [`Status`] says what happened, the [`Outcome`] what the caller may do next.

use std::ffi::CStr;

/// What happened to a record, in groups of ten that share an outcome.
///
/// The numbers are part of the ABI: they are never changed or used again for something else.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// onOffice executed the record's webhooks; for functions that send nothing: done.
    Ok = 0,
    /// The caller's mistake: an argument is NULL, not UTF-8, or used in a way that is not meant.
    InvalidArgument = 1,
    /// The caller's mistake: the module is not "estate", "address", "task" or "calendar".
    InvalidModule = 2,
    /// The caller's mistake: the record id is 0 or negative.
    InvalidId = 3,
    /// The caller's mistake: a setting is out of its range, unreadable or not understood.
    InvalidOption = 4,
    /// The caller's mistake: no token and secret are set.
    NotConfigured = 5,
    /// Not sent: the host's name has no address or could not be looked up.
    DnsFailed = 10,
    /// Not sent: no connection; refused, unreachable or reset.
    ConnectFailed = 11,
    /// Not sent: no connection, TLS handshake included, within the connect timeout.
    ConnectTimeout = 12,
    /// Not sent: the TLS handshake failed, as for a certificate that is not trusted.
    TlsFailed = 13,
    /// Not sent: the proxy could not be reached or refused the tunnel.
    ProxyFailed = 14,
    /// Not sent: there is not enough memory for the call.
    OutOfMemory = 15,
    /// Not sent, and never by this process: it was forked while another thread made the first client. No call ends so
    /// any more: nothing is left half made by a fork. The number stays what it is.
    ForkedTooEarly = 16,
    /// In doubt: no whole answer within the timeout of the call.
    Timeout = 20,
    /// In doubt: the connection broke before a whole answer had come.
    ConnectionLost = 21,
    /// In doubt: an answer came that is not one of the API's, or contradicts itself or the request.
    BadResponse = 22,
    /// In doubt: an HTTP error status without an answer of the API, as from a gateway.
    HttpError = 23,
    /// In doubt: the API answered with an error that is not known to be decided before an execution.
    ServerError = 24,
    /// Rejected: token, secret, signature or address are not accepted.
    NotAuthenticated = 30,
    /// Rejected: the timestamp is more than 120 s from the server's clock.
    ClockSkew = 31,
    /// Rejected: the API user may not do this.
    NotAllowed = 32,
    /// Rejected: no such record, or no right to see it.
    UnknownRecord = 33,
    /// Rejected for another reason that is decided before an execution: see the error code and message.
    Rejected = 34,
    /// The outbox could not be read or written; nothing was sent.
    OutboxFailed = 40,
    /// A defect of this library; whether bytes were sent is not known.
    Internal = 90,
}

/// What the caller may do next.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// onOffice answered success: go on.
    Executed = 0,
    /// onOffice answered that it did not do it: fix the cause, a repeat is pointless.
    Rejected = 1,
    /// No byte of the request can have reached onOffice: retry freely.
    NotSent = 2,
    /// It may or may not have been executed: a repeat may execute the webhooks twice.
    InDoubt = 3,
}

impl Status {
    /// Every status, in the order of its number.
    pub const ALL: [Self; 25] = [
        Self::Ok,
        Self::InvalidArgument,
        Self::InvalidModule,
        Self::InvalidId,
        Self::InvalidOption,
        Self::NotConfigured,
        Self::DnsFailed,
        Self::ConnectFailed,
        Self::ConnectTimeout,
        Self::TlsFailed,
        Self::ProxyFailed,
        Self::OutOfMemory,
        Self::ForkedTooEarly,
        Self::Timeout,
        Self::ConnectionLost,
        Self::BadResponse,
        Self::HttpError,
        Self::ServerError,
        Self::NotAuthenticated,
        Self::ClockSkew,
        Self::NotAllowed,
        Self::UnknownRecord,
        Self::Rejected,
        Self::OutboxFailed,
        Self::Internal,
    ];

    /// The status with this number, if there is one.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// The number that C sees.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// What the caller may do next.
    pub const fn outcome(self) -> Outcome {
        match self.number() {
            0 => Outcome::Executed,
            1..=16 | 40 => Outcome::NotSent,
            30..=34 => Outcome::Rejected,
            _ => Outcome::InDoubt,
        }
    }

    /// The constant's name without its prefix, in lower case: `connect_failed`.
    pub fn name(self) -> &'static str {
        self.c_name().to_str().unwrap_or_default()
    }

    /// [`Status::name`] for C.
    pub const fn c_name(self) -> &'static CStr {
        self.texts().0
    }

    /// What it means and what to do about it, in one line, for C.
    pub const fn c_message(self) -> &'static CStr {
        self.texts().1
    }

    const fn texts(self) -> (&'static CStr, &'static CStr) {
        match self {
            Self::Ok => (c"ok", c"executed, or done"),
            Self::InvalidArgument => (c"invalid_argument", c"an argument is NULL, not UTF-8 or not meant for this function: nothing was sent, correct the call"),
            Self::InvalidModule => (c"invalid_module", c"the module is unknown: use \"estate\", \"address\", \"task\" or \"calendar\""),
            Self::InvalidId => (c"invalid_id", c"the record id is 0 or negative: give the record number, 1 or more"),
            Self::InvalidOption => (c"invalid_option", c"a setting is out of range, unreadable or not understood: ask the options for their message"),
            Self::NotConfigured => (c"not_configured", c"no credentials: set token and secret, or ON_OFFICE_TOKEN and ON_OFFICE_SECRET"),
            Self::DnsFailed => (c"dns_failed", c"not sent: the host name cannot be resolved; retry freely"),
            Self::ConnectFailed => (c"connect_failed", c"not sent: no connection to the host; retry freely"),
            Self::ConnectTimeout => (c"connect_timeout", c"not sent: no connection to the host in time; retry freely"),
            Self::TlsFailed => (c"tls_failed", c"not sent: the TLS handshake failed; check the certificate authority file"),
            Self::ProxyFailed => (c"proxy_failed", c"not sent: the proxy gave no tunnel; check the proxy"),
            Self::OutOfMemory => (c"out_of_memory", c"not sent: there is not enough memory for the call; retry when there is"),
            Self::ForkedTooEarly => (c"forked_too_early", c"not sent, and never will be by this process: it was forked while another thread made the first client; make a client before there are threads"),
            Self::Timeout => (c"timeout", c"in doubt: no whole answer in time; a repeat may execute the webhooks twice"),
            Self::ConnectionLost => (c"connection_lost", c"in doubt: the connection broke before a whole answer; a repeat may execute the webhooks twice"),
            Self::BadResponse => (c"bad_response", c"in doubt: the answer is not understood; a repeat may execute the webhooks twice"),
            Self::HttpError => (c"http_error", c"in doubt: an HTTP error without an answer of the API; a repeat may execute the webhooks twice"),
            Self::ServerError => (c"server_error", c"in doubt: onOffice answered with an error that may follow an execution; a repeat may execute the webhooks twice"),
            Self::NotAuthenticated => (c"not_authenticated", c"rejected: onOffice does not accept token, secret or address; check them"),
            Self::ClockSkew => (c"clock_skew", c"rejected: this machine's clock differs from onOffice's by more than 120 s; set it"),
            Self::NotAllowed => (c"not_allowed", c"rejected: the API user may not do this; give it the rights"),
            Self::UnknownRecord => (c"unknown_record", c"rejected: no such record, or no right to see it; check the id"),
            Self::Rejected => (c"rejected", c"rejected by onOffice: see the error code"),
            Self::OutboxFailed => (c"outbox_failed", c"the outbox cannot be read or written; nothing was sent"),
            Self::Internal => (c"internal", c"a defect of this library; whether the request was sent is not known"),
        }
    }

    /// The status that speaks for several: the one that most needs the caller's attention.
    ///
    /// In doubt comes before rejected, rejected before not sent, not sent before executed;
    /// within an outcome the first one stays.
    #[must_use]
    pub fn worst(statuses: impl IntoIterator<Item = Self>) -> Self {
        let more_urgent = |worst: Self, status: Self| {
            if status.outcome().urgency() > worst.outcome().urgency() { status } else { worst }
        };
        statuses.into_iter().fold(Self::Ok, more_urgent)
    }
}

impl Outcome {
    /// Its name: `in_doubt`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Rejected => "rejected",
            Self::NotSent => "not_sent",
            Self::InDoubt => "in_doubt",
        }
    }

    /// How much it needs the caller's attention: 3 most, 0 not at all.
    pub const fn urgency(self) -> u8 {
        match self {
            Self::Executed => 0,
            Self::NotSent => 1,
            Self::Rejected => 2,
            Self::InDoubt => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_lead_back_to_their_status() {
        for status in Status::ALL {
            assert_eq!(Status::from_number(status.number()), Some(status));
        }
        assert_eq!(Status::from_number(6), None);
        assert_eq!(Status::from_number(-1), None);
    }

    #[test]
    fn the_outcome_follows_the_group_of_ten() {
        for status in Status::ALL {
            let expected = match status.number() {
                0 => Outcome::Executed,
                1..=19 | 40..=49 => Outcome::NotSent,
                30..=39 => Outcome::Rejected,
                _ => Outcome::InDoubt,
            };
            assert_eq!(status.outcome(), expected, "{status:?}");
        }
    }

    #[test]
    fn doubt_about_one_record_is_the_worst_of_several() {
        assert_eq!(Status::worst([]), Status::Ok);
        assert_eq!(Status::worst([Status::Ok, Status::Rejected, Status::Timeout]), Status::Timeout);
        assert_eq!(Status::worst([Status::DnsFailed, Status::NotAllowed]), Status::NotAllowed);
        assert_eq!(Status::worst([Status::BadResponse, Status::Timeout]), Status::BadResponse);
    }
}
