//! Bytes that nobody asked for: what they say, and how they go out.

use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::reply::Reply;

/// What stray bytes say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayContent {
    /// An answer that says success and echoes nothing: only when it came shows that it is not the one waited for.
    #[default]
    Success,
    /// An answer that says error 137 and echoes nothing.
    Refusal,
    /// The last answer that echoed its own request, once more; garbage when there was none.
    Earlier,
    /// No HTTP.
    Garbage,
}

/// What lies between an answer and the stray bytes behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayGap {
    /// Nothing: both in one TLS record.
    #[default]
    SameRecord,
    /// In a TLS record of their own, in the same segment.
    SameSegment,
    /// In a segment of their own.
    OwnSegment,
    /// A message of TLS's own, which ends the answer's segment (TLS 1.3: an update of the keys); the bytes are in a
    /// segment of their own.
    KeyUpdate,
}

/// Stray bytes, ready to go out.
pub(crate) struct Stray {
    pub(crate) bytes: Vec<u8>,
    pub(crate) gap: StrayGap,
    /// So many bytes of them at the most, counted behind TLS: a record may be cut.
    pub(crate) cut: Option<usize>,
}

impl StrayContent {
    /// The bytes, as an answer with so many results. `earlier` is the last answer.
    pub(crate) fn bytes(self, results: usize, earlier: &[u8]) -> Vec<u8> {
        match self {
            Self::Success => answer(200, 0, results),
            Self::Refusal => answer(400, 137, results),
            Self::Earlier if !earlier.is_empty() => earlier.to_vec(),
            Self::Earlier | Self::Garbage => b"\x00\xffstray\r\n\r\n{\"status\":".to_vec(),
        }
    }
}

fn answer(code: i64, errorcode: i64, results: usize) -> Vec<u8> {
    let elements = || Json::object([("result", "success".into())]);
    let success = || Json::object([("records", Json::List(vec![Json::object([("elements", elements())])]))]);
    let result = || {
        let data = if errorcode == 0 { success() } else { Json::List(Vec::new()) };
        Json::object([("data", data), ("status", Json::object([("errorcode", errorcode.into())]))])
    };
    let results = Json::List((0..results).map(|_| result()).collect());
    let status = Json::object([("code", code.into()), ("errorcode", errorcode.into())]);
    let json = Json::object([("status", status), ("response", Json::object([("results", results)]))]);
    Reply::json(200, json.to_php()).encode()
}
