//! Reads an API request and says what the API would say: which actions it executes, which it refuses, and why.
//! Nothing is executed here.
//!
//! Order of the checks: JSON, structure of the request, who calls (22), then for each action its structure (16 to
//! 20), its signature (136, 137), what it asks for (23, 25), whether the caller may (240), parameters, record.
//! The codes are documented, their order is not. That good actions of a request are executed beside bad ones is an
//! assumption too.

use crate::json::Json;
use crate::log::quoted;
use crate::record::{Module, Record, parse_id};
use crate::refusal::Refusal;
use crate::settings::AccountKind;
use crate::signature::Signed;
use crate::state::{Caller, State};

pub(crate) const ACTION: &str = "urn:onoffice-de-ns:smart:2.5:smartml:action:do";
pub(crate) const RESOURCE: &str = "executeMarketplaceWebhooks";
const ACTIONS_OF_THE_API: [&str; 6] = ["read", "create", "modify", "delete", "get", "do"];
const CLOCK_TOLERANCE: i64 = 120;
const A_DAY: i64 = 86_400;

/// What becomes of a request that is understood.
pub(crate) struct Judgement {
    /// The first characters of the caller's token.
    pub(crate) token: String,
    /// One for each action, in order.
    pub(crate) verdicts: Vec<Verdict>,
    /// Things that the real API may let pass and a careful client should not send.
    pub(crate) notes: Vec<String>,
}

/// What becomes of one action.
#[derive(Clone)]
pub(crate) struct Verdict {
    /// The fields that the answer repeats.
    pub(crate) echo: Echo,
    /// The record it is about, as far as one can be told.
    pub(crate) record: Option<Record>,
    pub(crate) timestamp: i64,
    pub(crate) decision: Result<Record, Refusal>,
}

#[derive(Clone)]
pub(crate) struct Echo {
    pub(crate) actionid: Json,
    pub(crate) resourceid: Json,
    pub(crate) resourcetype: Json,
    pub(crate) identifier: Json,
}

pub(crate) fn judge(state: &State, method: &str, body: &[u8]) -> Result<Judgement, Refusal> {
    if method != "POST" {
        return Err(Refusal::empty().hint(format!("the API wants POST, not {}", quoted(method))));
    }
    let root = read_root(body)?;
    let token = root.get("token").and_then(Json::as_text).filter(|token| !token.is_empty());
    let token = token.ok_or_else(Refusal::token)?;
    let request = root.get("request").filter(|request| matches!(request, Json::Object(_)));
    let request = request.ok_or_else(Refusal::request)?;
    let Some(Json::List(actions)) = request.get("actions") else { return Err(Refusal::actions()) };
    if actions.is_empty() {
        return Err(Refusal::actions().hint("the list of actions is empty"));
    }
    let caller = state.caller(token).ok_or_else(|| unknown_token(state, token))?;

    let mut notes = unknown_fields(&root, &["token", "request"]);
    notes.extend(unknown_fields(request, &["actions"]));
    let verdicts = actions.iter().map(|action| Verdict::of(action, caller, state, &mut notes)).collect();
    Ok(Judgement { token: caller.prefix.clone(), verdicts, notes })
}

fn read_root(body: &[u8]) -> Result<Json, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::empty());
    }
    match Json::parse(body).map_err(|error| Refusal::json(&error, body))? {
        Json::Null => Err(Refusal::empty()),
        Json::List(items) if items.is_empty() => Err(Refusal::empty()),
        root @ Json::Object(_) => Ok(root),
        _ => Err(Refusal::malformed()),
    }
}

fn unknown_token(state: &State, token: &str) -> Refusal {
    let refusal = Refusal::authentication();
    let length = token.chars().count();
    if state.knows_secret(token) {
        refusal.hint("token and secret look swapped")
    } else if state.caller(token.trim()).is_some() {
        refusal.hint("there is white space around the token, perhaps a newline")
    } else if length == 64 {
        refusal.hint("the token has 64 characters, which is the length of a secret: they look swapped")
    } else if length != 32 {
        refusal.hint(format!("the token has {length} characters instead of 32"))
    } else {
        refusal.hint("unknown token")
    }
}

impl Verdict {
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

    /// What the action is about, for a log line.
    pub(crate) fn subject(&self) -> String {
        match (self.record, self.echo.resourceid.as_text()) {
            (Some(record), _) => record.to_string(),
            (None, Some(id)) if !id.is_empty() => format!("an action on {}", quoted(id)),
            _ => "an action".to_owned(),
        }
    }

    /// The same action, refused for another reason.
    pub(crate) fn refused_with(&self, refusal: &Refusal) -> Self {
        Self { decision: Err(refusal.clone()), echo: self.echo.clone(), ..*self }
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

fn decide(action: &Json, caller: &Caller, state: &State, notes: &mut Vec<String>) -> Result<Record, Refusal> {
    let actionid = action.get("actionid").and_then(Json::as_text).ok_or_else(Refusal::actionid)?;
    if actionid.is_empty() {
        return Err(Refusal::empty_actionid());
    }
    let resourceid = id_text(action).ok_or_else(|| {
        Refusal::resourceid().hint("the record id goes here, as a string of decimal digits")
    })?;
    if !matches!(action.get("resourceid"), Some(Json::Text(_))) {
        state.tolerate(notes, Refusal::resourceid, "resourceid is a number: send it as a string")?;
    }
    let resourcetype =
        action.get("resourcetype").and_then(Json::as_text).ok_or_else(Refusal::resourcetype)?;
    match action.get("identifier") {
        None | Some(Json::Text(_)) => {}
        Some(Json::Null) => {
            state.tolerate(notes, Refusal::identifier, "identifier is null: send a string")?;
        }
        Some(Json::Number(_)) => {
            state.tolerate(notes, Refusal::identifier, "identifier is a number: send a string")?;
        }
        Some(_) => return Err(Refusal::identifier()),
    }
    let parameters =
        action.get("parameters").filter(|it| is_array_of_php(it)).ok_or_else(Refusal::parameters)?;
    if !parameters.keys().is_sorted() {
        let advice = "the keys of parameters are not sorted alphabetically";
        state.tolerate(notes, Refusal::parameters, advice)?;
    }
    check_signature(action, actionid, resourcetype, caller, state)?;
    check_resource(actionid, resourcetype)?;
    if caller.kind == AccountKind::Provider {
        return Err(Refusal::provider());
    }
    notes.extend(unknown_fields(parameters, &["module"]));
    let module = parameters.get("module").ok_or_else(Refusal::no_module)?;
    let module = module.as_text().and_then(Module::from_name).ok_or_else(Refusal::module)?;
    if resourceid.is_empty() {
        return Err(Refusal::no_record());
    }
    let id = parse_id(&resourceid).ok_or_else(|| Refusal::record_id(&resourceid))?;
    let record = Record::new(module, id);
    if state.knows(record) { Ok(record) } else { Err(unknown_record(record)) }
}

impl State {
    /// What the API is thought to take although it is documented otherwise: noted, or refused by a strict mock.
    fn tolerate(
        &self,
        notes: &mut Vec<String>,
        refusal: impl Fn() -> Refusal,
        advice: &str,
    ) -> Result<(), Refusal> {
        if self.strict {
            return Err(refusal().hint(advice));
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
) -> Result<(), Refusal> {
    let timestamp =
        action.get("timestamp").ok_or_else(|| Refusal::timestamp().hint("timestamp is missing"))?;
    let timestamp = whole_number(timestamp)
        .ok_or_else(|| Refusal::timestamp().hint("timestamp must be Unix seconds, a whole number"))?;
    let now = state.clock.seconds();
    if now.saturating_sub(timestamp).saturating_abs() > CLOCK_TOLERANCE {
        return Err(Refusal::timestamp().hint(clock_advice(now, timestamp)));
    }
    let version = action.get("hmac_version");
    if version.and_then(whole_number) != Some(2) {
        return Err(
            Refusal::hmac().hint("hmac_version must be \"2\": without it the old md5 signature is expected")
        );
    }
    let hmac = action.get("hmac").and_then(Json::as_text);
    let hmac = hmac.ok_or_else(|| Refusal::hmac().hint("hmac is missing"))?;
    let signed = Signed { timestamp, token: &caller.token, resourcetype, actionid };
    if caller.key.verifies(signed, hmac) {
        return Ok(());
    }
    Err(Refusal::hmac()
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

fn check_resource(actionid: &str, resourcetype: &str) -> Result<(), Refusal> {
    let name = ACTION.strip_suffix("do").and_then(|urn| actionid.strip_prefix(urn));
    if !name.is_some_and(|name| ACTIONS_OF_THE_API.contains(&name)) {
        return Err(Refusal::unknown_action(actionid));
    }
    if actionid != ACTION || resourcetype != RESOURCE {
        return Err(Refusal::unknown_resourcetype(resourcetype));
    }
    Ok(())
}

fn unknown_record(record: Record) -> Refusal {
    match record.module {
        Module::Address => Refusal::unknown_address(),
        Module::Estate => Refusal::unknown_estate(),
        Module::Task | Module::Calendar => Refusal::unknown_record(),
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
