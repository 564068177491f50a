//! A naive reading of an answer, written without a look at the library's own: what it says about a
//! record, if it says one thing everywhere.

use oo_webhooks_mock::Record;
use serde_json::Value;

/// What an answer says about a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Says {
    Executed,
    NotExecuted,
}

/// Codes, of those that the faults draw, that are decided before anything is executed.
const DECIDED: [i64; 7] = [22, 80, 136, 137, 235, 240, 255];

/// Codes about the caller, which hold for every record of a request.
const OF_THE_CALLER: [i64; 4] = [22, 136, 137, 240];

/// `None` when it is no answer of the API to this record, contradicts itself or leaves it open.
/// `is_alone` says that the request had no other record.
pub fn says(body: &[u8], record: &Record, is_alone: bool) -> Option<Says> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let top = &answer["status"];
    let top_code = code(&top["errorcode"])?;
    let Some(results) = answer["response"]["results"].as_array() else {
        let is_about_it = is_alone || OF_THE_CALLER.contains(&top_code);
        return (DECIDED.contains(&top_code) && is_about_it).then_some(Says::NotExecuted);
    };
    // No other record of the run has the id.
    let id = record.id.to_string();
    let mut own = results.iter().filter(|result| result["resourceid"] == id.as_str());
    let (Some(own), None) = (own.next(), own.next()) else { return None };
    let action_code = code(&own["status"]["errorcode"])?;
    let is_success = own["data"]["records"][0]["elements"]["result"] == "success";
    let failed_elsewhere = results
        .iter()
        .any(|result| code(&result["status"]["errorcode"]).is_some_and(|code| code == top_code));
    let top_agrees = (top_code == 0 && top["code"] == 200) || (top_code != 0 && failed_elsewhere);
    match (action_code, is_success) {
        (0, true) if top_agrees => Some(Says::Executed),
        (code, false) if DECIDED.contains(&code) => Some(Says::NotExecuted),
        _ => None,
    }
}

fn code(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
