//! onOffice's error codes: which of them say that nothing was executed, and what they mean.
//!
//! The codes and their texts are those of the public list in docs/api-facts.md, which has a line for
//! every one of them. A test compares the two.

use crate::outcome::Status;

/// "Error in action": says only that the action's own status has the reason.
pub(crate) const ERROR_IN_ACTION: i64 = 97;

/// The codes that are decided before anything is executed, each with the reason why. They are about
/// what a call brings with it: signature, time, rights, record, module, form.
///
/// Every other code leaves doubt. It is not known, or it is about something that this call does not
/// ask for, such as a mail, and then it can only come from what was set off.
#[rustfmt::skip]
const DECIDED_BEFORE: [(Status, i64); 79] = [
    (Status::NotAuthenticated, 22), // the signature is checked first
    (Status::NotAuthenticated, 38), // who asks is checked first
    (Status::NotAuthenticated, 39), // who asks is checked first
    (Status::NotAuthenticated, 40), // who asks is checked first
    (Status::NotAuthenticated, 41), // who asks is checked first
    (Status::NotAuthenticated, 42), // who asks is checked first
    (Status::NotAuthenticated, 43), // who asks is checked first
    (Status::NotAuthenticated, 44), // who asks is checked first
    (Status::NotAuthenticated, 45), // who asks is checked first
    (Status::NotAuthenticated, 46), // who asks is checked first
    (Status::NotAuthenticated, 47), // who asks is checked first
    (Status::NotAuthenticated, 48), // who asks is checked first
    (Status::NotAuthenticated, 49), // who asks is checked first
    (Status::NotAuthenticated, 102), // who asks is checked first
    (Status::NotAuthenticated, 104), // who asks is checked first
    (Status::NotAuthenticated, 105), // who asks is checked first
    (Status::NotAuthenticated, 106), // who asks is checked first
    (Status::NotAuthenticated, 107), // who asks is checked first
    (Status::NotAuthenticated, 108), // who asks is checked first
    (Status::NotAuthenticated, 134), // who asks is checked first
    (Status::NotAuthenticated, 137), // the signature is checked first
    (Status::NotAuthenticated, 150), // who asks is checked first
    (Status::NotAuthenticated, 153), // who asks is checked first
    (Status::NotAuthenticated, 158), // where the request comes from is checked first
    (Status::NotAuthenticated, 243), // the signature is checked first
    (Status::ClockSkew, 136), // the signature's time is checked first
    (Status::NotAllowed, 149), // rights are checked first
    (Status::NotAllowed, 170), // rights are checked first
    (Status::NotAllowed, 174), // rights are checked first
    (Status::NotAllowed, 183), // rights are checked first
    (Status::NotAllowed, 193), // marketplace providers are told apart first
    (Status::NotAllowed, 201), // marketplace providers are told apart first
    (Status::NotAllowed, 240), // marketplace providers are told apart first
    (Status::NotAllowed, 248), // marketplace providers are told apart first
    (Status::NotAllowed, 253), // rights are checked first
    (Status::NotAllowed, 261), // rights are checked first
    (Status::NotAllowed, 262), // rights are checked first
    (Status::UnknownRecord, 79), // the action names no record
    (Status::UnknownRecord, 80), // the record is looked up first
    (Status::UnknownRecord, 169), // the record is looked up first
    (Status::UnknownRecord, 185), // the record's id is not one
    (Status::UnknownRecord, 198), // the record's id is not one
    (Status::UnknownRecord, 228), // the record's id is not a number to the server
    (Status::UnknownRecord, 235), // the record is looked up first
    (Status::UnknownRecord, 279), // the record is looked up first
    (Status::UnknownRecord, 292), // the record is looked up first
    (Status::UnknownRecord, 293), // the record is looked up first
    (Status::Rejected, 4), // the request is not read as JSON
    (Status::Rejected, 5), // the request is not read as JSON
    (Status::Rejected, 6), // the request is not read as JSON
    (Status::Rejected, 9), // there is no request to execute
    (Status::Rejected, 13), // the request has no token
    (Status::Rejected, 14), // the request has no `request`
    (Status::Rejected, 15), // the request has no actions
    (Status::Rejected, 16), // the action has no actionid
    (Status::Rejected, 17), // the action has no actionid
    (Status::Rejected, 18), // the action names no record
    (Status::Rejected, 19), // the action names no call
    (Status::Rejected, 20), // the action has no parameters
    (Status::Rejected, 21), // the action has a parameter without a name
    (Status::Rejected, 23), // the server knows no such action
    (Status::Rejected, 24), // the server knows no such action
    (Status::Rejected, 25), // the server knows no such call
    (Status::Rejected, 74), // a parameter of the request has the wrong type
    (Status::Rejected, 100), // the server knows no such action
    (Status::Rejected, 101), // the server knows no such action
    (Status::Rejected, 163), // the module is not one
    (Status::Rejected, 167), // a parameter of the request is missing
    (Status::Rejected, 187), // a parameter of the request has the wrong type
    (Status::Rejected, 194), // a parameter of the request has the wrong type
    (Status::Rejected, 227), // a parameter of the request has the wrong type
    (Status::Rejected, 229), // a parameter of the request has the wrong type
    (Status::Rejected, 247), // the action has no actionid
    (Status::Rejected, 255), // a parameter of the request has a wrong value
    (Status::Rejected, 270), // a parameter of the request has the wrong type
    (Status::Rejected, 282), // a parameter of the request is missing
    (Status::Rejected, 294), // a parameter of the request has the wrong type
    (Status::Rejected, 302), // the request is too large
    (Status::Rejected, 304), // a parameter of the request is missing
];

/// The status of a record that was answered with this code, which is not 0.
pub(crate) fn status(code: i64) -> Status {
    let decided = DECIDED_BEFORE.iter().find(|(_, decided)| *decided == code);
    decided.map_or(Status::ServerError, |(status, _)| *status)
}

/// Whether the code cannot be about one action among several: the request's form, who sent it, and
/// calls that are not there at all.
pub(crate) fn holds_for_whole_request(code: i64) -> bool {
    let about_the_caller = matches!(status(code), Status::NotAuthenticated | Status::ClockSkew);
    about_the_caller || matches!(code, 4..=6 | 9 | 13..=15 | 23 | 25 | 193 | 201 | 240 | 247 | 248)
}

/// What to do about a code whose message does not say it.
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

    /// The table of docs/api-facts.md: code, text, decided before, status, why.
    fn facts() -> Vec<(i64, String, String)> {
        let page = include_str!("../../docs/api-facts.md");
        let rows = page.lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [code, .., decided, status, _] = cells.as_slice() else { return None };
            Some((code.parse().ok()?, (*decided).to_owned(), (*status).to_owned()))
        });
        rows.collect()
    }

    #[test]
    fn the_table_and_the_page_of_facts_agree_on_every_code() {
        let facts = facts();
        assert_eq!(facts.len(), 286);
        for (code, decided, expected) in &facts {
            assert_eq!(format!("{:?}", status(*code)), *expected, "{code}");
            assert_eq!(status(*code).outcome() == Outcome::Rejected, decided == "yes", "{code}");
        }
        let known = |code: &i64| facts.iter().any(|(fact, ..)| fact == code);
        assert!(DECIDED_BEFORE.iter().all(|(_, code)| known(code)));
    }

    #[test]
    fn codes_that_nobody_knows_leave_doubt() {
        for code in [2, 10, 33, 305, 999, 9_999, -1, -137, i64::MIN, i64::MAX] {
            assert_eq!(status(code).outcome(), Outcome::InDoubt, "{code}");
        }
    }

    #[test]
    fn what_may_follow_an_execution_leaves_doubt() {
        for code in [1, 3, 7, 8, 26, 37, 56, 64, 97, 103, 110, 155, 156, 175, 177, 199, 211] {
            assert_eq!(status(code), Status::ServerError, "{code}");
        }
    }
}
