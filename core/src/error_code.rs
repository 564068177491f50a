//! onOffice's error codes, grouped by what they mean for this call.
//!
//! The API's own error page names only a few codes. The fullest public list is the enum
//! `OnOfficeError` of the package laravel-onoffice-adapter (2024-08), read for the numbers; the
//! grouping is ours. A code that is missing here still reaches the caller, with its message.

use crate::outcome::Status;

/// "Error in action": says only that the action's own status has the reason.
pub(crate) const ERROR_IN_ACTION: i64 = 97;

/// What each group of codes means. A code in none of them is `Rejected`.
const GROUPS: [(Status, &[i64]); 5] = [
    // Token, secret, signature, customer, or the address the request came from.
    (Status::NotAuthenticated, &[22, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 137, 153, 158, 243]),
    // "Your timestamp is too old or your server time is wrong."
    (Status::ClockSkew, &[136]),
    // Rights of the API user; 240 is a marketplace provider, who may not make this call.
    (Status::NotAllowed, &[131, 149, 155, 156, 170, 174, 183, 193, 201, 240, 248, 251, 253, 261, 262]),
    // "Record may not exist or the permission rights are not set accordingly."
    (Status::UnknownRecord, &[18, 79, 80, 185, 198, 228, 235, 279, 292, 293]),
    // The server's own trouble: it may have come after the webhooks were executed.
    (Status::ServerError, &[1, 26, 27, 31, 32, 37, ERROR_IN_ACTION, 175, 176, 177, 178]),
];

/// The status of a record that was answered with this code, which is not 0.
pub(crate) fn status(code: i64) -> Status {
    GROUPS.iter().find(|(_, codes)| codes.contains(&code)).map_or(Status::Rejected, |(status, _)| *status)
}

/// Whether the code cannot be about one action among several: the request's form, who sent it, and
/// calls that are not there at all.
pub(crate) fn holds_for_whole_request(code: i64) -> bool {
    let about_the_caller = matches!(status(code), Status::NotAuthenticated | Status::ClockSkew);
    about_the_caller || matches!(code, 3..=9 | 13..=15 | 23 | 25 | 193 | 201 | 240 | 247 | 248 | 303)
}

/// What to do about a code whose message alone does not say it.
pub(crate) fn cure(code: i64) -> Option<&'static str> {
    match code {
        22 | 137 => Some("check that token and secret belong together"),
        136 => Some("set this machine's clock"),
        158 => Some("allow this machine's address for the API user"),
        193 | 201 | 240 | 248 => {
            Some("use an API user of the customer: marketplace providers cannot make this call")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn a_code_stands_in_one_group_only() {
        let mut all: Vec<i64> = GROUPS.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn unknown_codes_are_rejections() {
        for code in [2, 199, 305, 9_999, -5] {
            assert_eq!(status(code), Status::Rejected, "{code}");
        }
    }

    #[test]
    fn the_servers_own_trouble_leaves_doubt() {
        for code in [1, 97, 177] {
            assert_eq!(status(code).outcome(), Outcome::InDoubt, "{code}");
        }
    }
}
