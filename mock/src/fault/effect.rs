//! What a fault does to an answer: first to its JSON, then to the HTTP around it.

use std::io::{self, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::{CloseMoment, Contradiction, Fault, FaultKind, StatusBody, Stray};
use crate::api_error::ApiError;
use crate::json::Json;
use crate::judgement::JudgedAction;
use crate::reply::{After, Delivery, Framing, Reply};
use crate::style::Style;

impl Fault {
    /// The JSON answer to actions that were executed or refused.
    pub(crate) fn answer(&self, style: Style, actions: &[JudgedAction]) -> Json {
        if let Some((error, style)) = self.kind.refuses(style) {
            let told = |it: &JudgedAction| {
                if self.spares(it.record) { it.clone() } else { it.refused_with(&error) }
            };
            return style.answer(&actions.iter().map(told).collect::<Vec<_>>());
        }
        self.kind.answer(style, actions)
    }
}

impl FaultKind {
    fn answer(&self, style: Style, actions: &[JudgedAction]) -> Json {
        let mut answer = style.answer(actions);
        if let Self::Contradiction { between: Contradiction::TopErrorAndSuccess } = self
            && let Some(top) = answer.get_mut("status")
        {
            *top = style.top(500, 1, "Unknown error occurred");
        }
        let results = answer.get_mut("response").and_then(|response| response.get_mut("results"));
        if let Some(results) = results.and_then(Json::as_list_mut) {
            self.spoil_results(style, results);
        }
        answer
    }

    /// What the actions are refused with. Only `FalseSuccess` tells a success that was not executed.
    fn refuses(&self, style: Style) -> Option<(ApiError, Style)> {
        match self {
            Self::ErrorCode { code, message, shape, .. } => {
                Some((ApiError::fault(*code, message), Style { error_shape: *shape, ..style }))
            }
            Self::HttpStatus { body: StatusBody::Api, execute: false, .. } => {
                Some((ApiError::fault(1, "Unknown error occurred"), style))
            }
            _ => None,
        }
    }

    fn spoil_results(&self, style: Style, results: &mut Vec<Json>) {
        match self {
            Self::WrongCount { results: count } => {
                let last = results.last().cloned().unwrap_or(Json::Null);
                results.resize(*count, last);
            }
            Self::WrongOrder => results.reverse(),
            Self::WrongRecord => replace_each(results, &["resourceid"], |id| match id.as_text() {
                Some(text) => format!("{text}0").as_str().into(),
                None => "0".into(),
            }),
            Self::ElementsResult { value } => {
                let value = from_value(value);
                for result in results {
                    let records = result.get_mut("data").and_then(|data| data.get_mut("records"));
                    if let Some(records) = records.and_then(Json::as_list_mut) {
                        replace_each(records, &["elements", "result"], |_| value.clone());
                    }
                }
            }
            Self::Contradiction { between: Contradiction::ActionErrorAndSuccess } => {
                replace_each(results, &["status"], |_| style.status(80, "Unknown record."));
            }
            _ => {}
        }
    }

    /// The HTTP answer; `reply` is the one without a fault, `earlier` the one before it.
    pub(crate) fn reply(&self, mut reply: Reply, earlier: &[u8]) -> io::Result<Reply> {
        match self {
            Self::Drip { bytes, every_ms } => {
                reply.delivery = Delivery::Drip { bytes: *bytes, pause: Duration::from_millis(*every_ms) };
            }
            Self::CutAnswer { at, how } => {
                reply.delivery = Delivery::Cut(*at);
                reply.after = After::End(*how);
            }
            Self::CloseAfterAnswer { when, how } => {
                reply.after = match when {
                    CloseMoment::AtOnce => After::End(*how),
                    CloseMoment::OnNextRequest => After::EndOnNextRequest(*how),
                };
            }
            Self::Oversized { bytes, chunked } => {
                reply.body.resize((*bytes).max(reply.body.len()), b' ');
                reply.framing = if *chunked { Framing::Chunked } else { Framing::Length };
            }
            Self::EndlessAnswer => reply.framing = Framing::Endless,
            Self::Chunked => reply.framing = Framing::Chunked,
            Self::WrongContentLength { by, how } => {
                reply.framing = Framing::WrongLength(*by);
                if *by > 0 {
                    reply.after = After::End(*how);
                }
            }
            Self::Gzip => reply.compress(0)?,
            Self::GzipBomb { megabytes } => reply.compress(*megabytes)?,
            Self::WronglyCompressed => reply.mark_as_gzip(),
            Self::Continue100 { count } => {
                reply.preface = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(*count);
            }
            Self::StrayBeforeAnswer { content, results } => reply.preface = content.bytes(*results, earlier),
            Self::StrayBehindAnswer { content, results, gap, cut } => {
                let bytes = content.bytes(*results, earlier);
                reply.stray = Some(Stray { bytes, gap: *gap, cut: *cut });
            }
            Self::Redirect { status, location, .. } => {
                reply = Reply::html(*status);
                reply.headers.push(("Location", location.clone()));
            }
            Self::HttpStatus { status, body, .. } => match body {
                StatusBody::Html => reply = Reply::html(*status),
                StatusBody::Empty => reply = Reply::empty(*status),
                StatusBody::Api => reply.status = *status,
            },
            Self::EmptyBody { .. } => reply = Reply::empty(200),
            Self::Html { .. } => reply = Reply::html(200),
            Self::Garbage { .. } => reply.body = GARBAGE.to_vec(),
            Self::RawAnswer { body, .. } => reply.body = body.to_string().into_bytes(),
            Self::RawHttp { bytes, how, .. } => {
                reply.body = bytes.clone().into_bytes();
                reply.framing = Framing::Raw;
                reply.after = After::End(*how);
            }
            _ => {}
        }
        Ok(reply)
    }
}

/// Neither JSON nor UTF-8, with a NUL and the start of a gzip stream in it.
const GARBAGE: &[u8] = b"\x00\xff\xfe{\"status\":\x1f\x8b\x08 not JSON \xc3\x28\x80";

impl Reply {
    /// Compresses the body, with so many megabytes of spaces behind it.
    fn compress(&mut self, megabytes: usize) -> io::Result<()> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&self.body)?;
        let spaces = vec![b' '; 1_000_000];
        for _ in 0..megabytes {
            encoder.write_all(&spaces)?;
        }
        self.body = encoder.finish()?;
        self.mark_as_gzip();
        Ok(())
    }

    fn mark_as_gzip(&mut self) {
        self.headers.push(("Content-Encoding", "gzip".to_owned()));
    }
}

/// Replaces what `path` leads to in each of `items`, where it leads anywhere.
fn replace_each(items: &mut [Json], path: &[&str], with: impl Fn(&Json) -> Json) {
    for item in items {
        let target = path.iter().try_fold(item, |json, key| json.get_mut(key));
        if let Some(target) = target {
            *target = with(target);
        }
    }
}

fn from_value(value: &Value) -> Json {
    Json::parse(value.to_string().as_bytes()).unwrap_or(Json::Null)
}
