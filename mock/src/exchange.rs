//! One API request that has been read: judged, hit by a fault or not, executed or not, answered.

use std::io;
use std::time::Duration;

use crate::api_error::ApiError;
use crate::clock;
use crate::connections::Connections;
use crate::counts::tick;
use crate::fault::{Fault, FaultKind, Moment};
use crate::judge::judge;
use crate::judgement::JudgedRequest;
use crate::record::Record;
use crate::reply::Reply;
use crate::state::{Place, State};
use crate::stream::Ending;
use crate::style::ErrorShape;

/// What the connection does next.
pub(crate) enum Step {
    Send(Box<Reply>),
    End(Ending),
}

pub(crate) fn answer(
    state: &State,
    connections: &Connections,
    method: &str,
    body: &[u8],
    place: Place,
) -> io::Result<Step> {
    tick(&state.counters.requests);
    let judgement = judge(state, method, body).and_then(|judgement| whole_or_nothing(state, judgement));
    let fault = state.faults.take_for(&claimed_records(&judgement));
    let fault = fault.as_deref();
    if fault.is_some() {
        tick(&state.counters.faults);
    }
    pause_for(fault, Moment::Execute, connections);
    if let Ok(judgement) = &judgement {
        execute(state, judgement, fault, place);
    }
    note_refusals(state, &judgement, place);
    state.log.line(place.connection, place.request, || describe(&judgement, fault));
    if let Some(how) = fault.and_then(|fault| fault.kind.drops()) {
        return Ok(Step::End(how));
    }
    pause_for(fault, Moment::Answer, connections);
    let reply = reply(state, &judgement, fault, place)?;
    Ok(Step::Send(Box::new(reply)))
}

/// With errors only on the top level the API can only mean the whole request.
fn whole_or_nothing(state: &State, judgement: JudgedRequest) -> Result<JudgedRequest, ApiError> {
    let refused = judgement.actions.iter().find_map(|action| action.decision.as_ref().err());
    match refused {
        Some(error) if state.style.error_shape == ErrorShape::TopOnly => Err(error.clone()),
        _ => Ok(judgement),
    }
}

fn claimed_records(judgement: &Result<JudgedRequest, ApiError>) -> Vec<Record> {
    let actions = judgement.as_ref().map_or(&[][..], |judgement| &judgement.actions);
    actions.iter().filter_map(|action| action.record).collect()
}

fn pause_for(fault: Option<&Fault>, moment: Moment, connections: &Connections) {
    if let Some(FaultKind::Delay { ms, before }) = fault.map(|fault| &fault.kind)
        && *before == moment
    {
        connections.pause(Duration::from_millis(*ms));
    }
}

fn execute(state: &State, judgement: &JudgedRequest, fault: Option<&Fault>, place: Place) {
    for action in &judgement.actions {
        if let Ok(record) = action.decision
            && fault.is_none_or(|fault| fault.executes(record))
        {
            state.execute(record, &judgement.token, action.timestamp, place);
        }
    }
}

fn note_refusals(state: &State, judgement: &Result<JudgedRequest, ApiError>, place: Place) {
    match judgement {
        Ok(judgement) => {
            for action in &judgement.actions {
                if let Err(error) = &action.decision {
                    state.refuse(action.record, error, place);
                }
            }
        }
        Err(error) => state.refuse(None, error, place),
    }
}

fn reply(
    state: &State,
    judgement: &Result<JudgedRequest, ApiError>,
    fault: Option<&Fault>,
    place: Place,
) -> io::Result<Reply> {
    let style = state.style;
    let json = match (judgement, fault) {
        (Ok(judgement), Some(fault)) => fault.answer(style, &judgement.actions),
        (Ok(judgement), None) => style.answer(&judgement.actions),
        (Err(_), Some(Fault { kind: FaultKind::ErrorCode { code, message, .. }, .. })) => {
            style.error(&ApiError::fault(*code, message))
        }
        (Err(error), _) => style.error(error),
    };
    let mut reply = Reply::json(200, json.to_php());
    reply.headers.extend(recorded_headers(place));
    let mut reply = if let Some(fault) = fault { fault.kind.reply(reply, &state.earlier())? } else { reply };
    if style.date_header {
        reply.headers.push(("Date", clock::http_date(state.clock.seconds())));
    }
    Ok(reply)
}

/// What the real server was recorded to send beside the date: two cookies of one name.
fn recorded_headers(place: Place) -> [(&'static str, String); 3] {
    let Place { connection, request } = place;
    let session = |number: u8| format!("PHPSESSID={connection:010x}{request:08x}{number:08x}; path=/");
    [("Server", "Apache".to_owned()), ("Set-Cookie", session(1)), ("Set-Cookie", session(2))]
}

/// For the log: `executed address 15005`, or what stood in its way.
fn describe(judgement: &Result<JudgedRequest, ApiError>, fault: Option<&Fault>) -> String {
    let (what, notes) = match judgement {
        Ok(judgement) => (describe_actions(judgement, fault), judgement.notes.as_slice()),
        Err(error) => (format!("refused: {}", error.describe()), &[][..]),
    };
    let fault = fault.map(|fault| format!("fault {}: ", fault.kind.name())).unwrap_or_default();
    let notes = if notes.is_empty() { String::new() } else { format!("; {}", shortened(notes, ", ")) };
    format!("{fault}{what}{notes}")
}

fn describe_actions(judgement: &JudgedRequest, fault: Option<&Fault>) -> String {
    let mut done = Vec::new();
    let mut undone = Vec::new();
    let mut refused = Vec::new();
    for action in &judgement.actions {
        match &action.decision {
            Ok(record) if fault.is_none_or(|fault| fault.executes(*record)) => done.push(record.to_string()),
            Ok(record) => undone.push(record.to_string()),
            Err(error) => {
                refused.push(format!("{}: {}", action.subject(), error.describe()));
            }
        }
    }
    let mut parts = Vec::new();
    for (verb, items) in [("executed", done), ("did not execute", undone), ("refused", refused)] {
        if !items.is_empty() {
            parts.push(format!("{verb} {}", shortened(&items, ", ")));
        }
    }
    format!("{} for {}…", parts.join("; "), judgement.token)
}

fn shortened(items: &[String], separator: &str) -> String {
    const SHOWN: usize = 5;
    let shown = items.get(..SHOWN.min(items.len())).unwrap_or_default().join(separator);
    let more = items.len().saturating_sub(SHOWN);
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
