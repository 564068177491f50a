//! Reads an API request and says what the API would say: which actions it executes, which it refuses, and why.
//! Nothing is executed here.
//!
//! Order of the checks: JSON, structure of the request, who calls (22), then for each action its structure (16 to
//! 20), its signature (136, 137), what it asks for (23, 25), whether the caller may (240), parameters, record.
//! The codes are documented, their order is not. That good actions of a request are executed beside bad ones is an
//! assumption too.

use crate::api_error::ApiError;
use crate::json::Json;
use crate::judgement::{Echo, JudgedAction, JudgedRequest};
use crate::log::quoted;
use crate::record::{Module, Record, parse_id};
use crate::settings::AccountKind;
use crate::signature::Signed;
use crate::state::{Caller, State};

pub(crate) const ACTION: &str = "urn:onoffice-de-ns:smart:2.5:smartml:action:do";
pub(crate) const RESOURCE: &str = "executeMarketplaceWebhooks";
const ACTIONS_OF_THE_API: [&str; 6] = ["read", "create", "modify", "delete", "get", "do"];
const CLOCK_TOLERANCE: i64 = 120;
const A_DAY: i64 = 86_400;

pub(crate) fn judge(state: &State, method: &str, body: &[u8]) -> Result<JudgedRequest, ApiError> {
    if method != "POST" {
        return Err(ApiError::empty().hint(format!("the API wants POST, not {}", quoted(method))));
    }
    let root = read_root(body)?;
    let token = root.get("token").and_then(Json::as_text).filter(|token| !token.is_empty());
    let token = token.ok_or_else(ApiError::token)?;
    let request = root.get("request").filter(|request| matches!(request, Json::Object(_)));
    let request = request.ok_or_else(ApiError::request)?;
    let Some(Json::List(actions)) = request.get("actions") else { return Err(ApiError::actions()) };
    if actions.is_empty() {
        return Err(ApiError::actions().hint("the list of actions is empty"));
    }
    let caller = state.caller(token).ok_or_else(|| unknown_token(state, token))?;

    let mut notes = unknown_fields(&root, &["token", "request"]);
    notes.extend(unknown_fields(request, &["actions"]));
    let actions = actions.iter().map(|action| JudgedAction::of(action, caller, state, &mut notes)).collect();
    Ok(JudgedRequest { token: caller.prefix.clone(), actions, notes })
}

fn read_root(body: &[u8]) -> Result<Json, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::empty());
    }
    match Json::parse(body).map_err(|error| ApiError::json(&error, body))? {
        Json::Null => Err(ApiError::empty()),
        Json::List(items) if items.is_empty() => Err(ApiError::empty()),
        root @ Json::Object(_) => Ok(root),
        _ => Err(ApiError::malformed()),
    }
}

fn unknown_token(state: &State, token: &str) -> ApiError {
    let error = ApiError::authentication();
    let length = token.chars().count();
    if state.knows_secret(token) {
        error.hint("token and secret look swapped")
    } else if state.caller(token.trim()).is_some() {
        error.hint("there is white space around the token, perhaps a newline")
    } else if length == 64 {
        error.hint("the token has 64 characters, which is the length of a secret: they look swapped")
    } else if length != 32 {
        error.hint(format!("the token has {length} characters instead of 32"))
    } else {
        error.hint("unknown token")
    }
}

impl JudgedAction {
    fn of(action: &Json, caller: &Caller, state: &State, notes: &mut Vec<String>) -> Self {
        let given = |key: &str| action.get(key).cloned().unwrap_or_else(|| "".into());
        let echo = Echo {
            actionid: given("actionid"),
            // Every documented answer has a string here, those to requests with a number too.
            resourceid: id_text(action).map_or_else(|| given("resourceid"), Json::Text),
            resourcetype: given("resourcetype"),
            identifier: given("identifier"),
        };
        notes.extend(unknown_fields(action, &FIELDS));
        let timestamp = action.get("timestamp").and_then(whole_number);
        Self {
            decision: decide(action, caller, state, notes),
            record: claimed_record(action),
            timestamp: timestamp.unwrap_or_default(),
            echo,
        }
    }
}

const FIELDS: [&str; 8] = [
    "actionid",
    "resourceid",
    "resourcetype",
    "identifier",
    "timestamp",
    "hmac",
    "hmac_version",
    "parameters",
];

fn decide(
    action: &Json,
    caller: &Caller,
    state: &State,
    notes: &mut Vec<String>,
) -> Result<Record, ApiError> {
    let actionid = action.get("actionid").and_then(Json::as_text).ok_or_else(ApiError::actionid)?;
    if actionid.is_empty() {
        return Err(ApiError::empty_actionid());
    }
    let resourceid = id_text(action).ok_or_else(|| {
        ApiError::resourceid().hint("the record id goes here, as a string of decimal digits")
    })?;
    if !matches!(action.get("resourceid"), Some(Json::Text(_))) {
        state.tolerate(notes, ApiError::resourceid, "resourceid is a number: send it as a string")?;
    }
    let resourcetype =
        action.get("resourcetype").and_then(Json::as_text).ok_or_else(ApiError::resourcetype)?;
    match action.get("identifier") {
        None | Some(Json::Text(_)) => {}
        Some(Json::Null) => {
            state.tolerate(notes, ApiError::identifier, "identifier is null: send a string")?;
        }
        Some(Json::Number(_)) => {
            state.tolerate(notes, ApiError::identifier, "identifier is a number: send a string")?;
        }
        Some(_) => return Err(ApiError::identifier()),
    }
    let parameters =
        action.get("parameters").filter(|it| is_array_of_php(it)).ok_or_else(ApiError::parameters)?;
    if !parameters.keys().is_sorted() {
        let advice = "the keys of parameters are not sorted alphabetically";
        state.tolerate(notes, ApiError::parameters, advice)?;
    }
    check_signature(action, actionid, resourcetype, caller, state)?;
    check_resource(actionid, resourcetype)?;
    if caller.kind == AccountKind::Provider {
        return Err(ApiError::provider());
    }
    notes.extend(unknown_fields(parameters, &["module"]));
    let module = parameters.get("module").ok_or_else(ApiError::no_module)?;
    let module = module.as_text().and_then(Module::from_name).ok_or_else(ApiError::module)?;
    if resourceid.is_empty() {
        return Err(ApiError::no_record());
    }
    let id = parse_id(&resourceid).ok_or_else(|| ApiError::record_id(&resourceid))?;
    let record = Record::new(module, id);
    if state.knows(record) { Ok(record) } else { Err(unknown_record(record)) }
}

impl State {
    /// What the API is thought to take although it is documented otherwise: noted, or refused by a strict mock.
    fn tolerate(
        &self,
        notes: &mut Vec<String>,
        error: impl Fn() -> ApiError,
        advice: &str,
    ) -> Result<(), ApiError> {
        if self.strict {
            return Err(error().hint(advice));
        }
        notes.push(advice.to_owned());
        Ok(())
    }
}

/// An object, or the empty list that PHP sends for "no parameters".
fn is_array_of_php(json: &Json) -> bool {
    match json {
        Json::Object(_) => true,
        Json::List(items) => items.is_empty(),
        _ => false,
    }
}

/// The record id as it was sent, a number as its digits.
fn id_text(action: &Json) -> Option<String> {
    match action.get("resourceid")? {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

fn check_signature(
    action: &Json,
    actionid: &str,
    resourcetype: &str,
    caller: &Caller,
    state: &State,
) -> Result<(), ApiError> {
    let timestamp =
        action.get("timestamp").ok_or_else(|| ApiError::timestamp().hint("timestamp is missing"))?;
    let timestamp = whole_number(timestamp)
        .ok_or_else(|| ApiError::timestamp().hint("timestamp must be Unix seconds, a whole number"))?;
    let now = state.clock.seconds();
    if now.saturating_sub(timestamp).saturating_abs() > CLOCK_TOLERANCE {
        return Err(ApiError::timestamp().hint(clock_advice(now, timestamp)));
    }
    let version = action.get("hmac_version");
    if version.and_then(whole_number) != Some(2) {
        return Err(
            ApiError::hmac().hint("hmac_version must be \"2\": without it the old md5 signature is expected")
        );
    }
    let hmac = action.get("hmac").and_then(Json::as_text);
    let hmac = hmac.ok_or_else(|| ApiError::hmac().hint("hmac is missing"))?;
    let signed = Signed { timestamp, token: &caller.token, resourcetype, actionid };
    if caller.key.verifies(signed, hmac) {
        return Ok(());
    }
    Err(ApiError::hmac()
        .hint(caller.key.mistake(signed, hmac).unwrap_or("wrong secret, or another text was signed")))
}

fn clock_advice(now: i64, timestamp: i64) -> String {
    if now.saturating_sub(timestamp / 1000).saturating_abs() <= A_DAY {
        return "the timestamp is in milliseconds: send seconds".to_owned();
    }
    let behind = now.saturating_sub(timestamp);
    let (distance, side) = (behind.saturating_abs(), if behind > 0 { "behind" } else { "ahead of" });
    let from_whole_hour = (distance + CLOCK_TOLERANCE) % 3600;
    let hours = distance > 1800 && from_whole_hour <= 2 * CLOCK_TOLERANCE;
    let zone = if hours { ": whole hours hint at a time zone" } else { "" };
    format!("the timestamp is {distance} s {side} the server's clock, 120 s are allowed{zone}")
}

fn check_resource(actionid: &str, resourcetype: &str) -> Result<(), ApiError> {
    let name = ACTION.strip_suffix("do").and_then(|urn| actionid.strip_prefix(urn));
    if !name.is_some_and(|name| ACTIONS_OF_THE_API.contains(&name)) {
        return Err(ApiError::unknown_action(actionid));
    }
    if actionid != ACTION || resourcetype != RESOURCE {
        return Err(ApiError::unknown_resourcetype(resourcetype));
    }
    Ok(())
}

fn unknown_record(record: Record) -> ApiError {
    match record.module {
        Module::Address => ApiError::unknown_address(),
        Module::Estate => ApiError::unknown_estate(),
        Module::Task | Module::Calendar => ApiError::unknown_record(),
    }
}

fn claimed_record(action: &Json) -> Option<Record> {
    let module = Module::from_name(action.get("parameters")?.get("module")?.as_text()?)?;
    Some(Record::new(module, parse_id(&id_text(action)?)?))
}

/// A JSON integer or a string of one: the API shows both for `timestamp` and `hmac_version`.
fn whole_number(json: &Json) -> Option<i64> {
    match json {
        Json::Number(number) => number.as_i64(),
        Json::Text(text) => text.parse().ok().filter(|number: &i64| number.to_string() == *text),
        _ => None,
    }
}

fn unknown_fields(object: &Json, known: &[&str]) -> Vec<String> {
    object
        .keys()
        .filter(|key| !known.contains(key))
        .map(|key| format!("unknown field {}", quoted(key)))
        .collect()
}
