//! The answer's JSON as it is read: every field may be missing or of another type than documented,
//! because PHP makes it so (`data` is `[]` on errors, codes come as numbers or as strings).
//! What has an unexpected type reads as missing, but for an echo, which is then another's; only text
//! that is not JSON, or names a field twice, is refused as a whole.
//!
//! Little is kept, whatever a server sends: of a list no more than a request can need, of a text its
//! begin.

use std::borrow::Cow;

use crate::json::{Reader, Value};
use crate::request::MAX_RECORDS;

/// The document, or `None` for what is not JSON, which is UTF-8.
pub(super) fn read(body: &[u8]) -> Option<Document<'_>> {
    let text = str::from_utf8(body).ok()?;
    let mut json = Reader::new(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut document = Document::default();
    document.read(&mut json)?;
    json.end().map(|()| document)
}

#[derive(Default)]
pub(super) struct Document<'a> {
    pub(super) status: State<'a>,
    response: Results<'a>,
}

impl<'a> Document<'a> {
    pub(super) fn actions(&self) -> &[Action<'a>] {
        &self.response.results
    }
}

#[derive(Default)]
struct Results<'a> {
    results: Vec<Action<'a>>,
}

/// One entry of `results`: the answer to one action.
#[derive(Default)]
pub(super) struct Action<'a> {
    pub(super) actionid: Echo<'a>,
    pub(super) resourceid: Echo<'a>,
    pub(super) resourcetype: Echo<'a>,
    pub(super) identifier: Echo<'a>,
    pub(super) status: State<'a>,
    data: Data<'a>,
}

impl Action<'_> {
    /// `data.records[0].elements.result`, when there is exactly that one record.
    pub(super) fn result(&self) -> Option<&str> {
        match &self.data.records {
            Records { first, count: 1 } => first.elements.result.as_deref(),
            _ => None,
        }
    }
}

/// What an action repeats from the request.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Echo<'a> {
    /// Left out, null or empty: says nothing.
    #[default]
    Missing,
    Text(Cow<'a, str>),
    /// Of a type that the API does not use: not an echo of what we sent.
    Foreign,
}

/// `status`: on the top level, where it has a `code`, and on each action, where it has none.
#[derive(Default)]
pub(super) struct State<'a> {
    pub(super) code: Code<'a>,
    pub(super) errorcode: Code<'a>,
    message: Option<Cow<'a, str>>,
}

impl State<'_> {
    pub(super) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }
}

/// A code as PHP sends it: a number, a number as text, or, on old answers, a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Code<'a> {
    #[default]
    Missing,
    Number(i64),
    Text(Cow<'a, str>),
}

#[derive(Default)]
struct Data<'a> {
    records: Records<'a>,
}

#[derive(Default)]
struct Records<'a> {
    first: DataRecord<'a>,
    count: usize,
}

#[derive(Default)]
struct DataRecord<'a> {
    elements: Elements<'a>,
}

#[derive(Default)]
struct Elements<'a> {
    result: Option<Cow<'a, str>>,
}

/// What a type takes from JSON of any kind; what it does not take leaves it as it is.
trait Read<'a>: Default {
    /// `None` where the text is not JSON.
    fn read(&mut self, json: &mut Reader<'a>) -> Option<()>;
}

impl<'a> Read<'a> for Option<Cow<'a, str>> {
    fn read(&mut self, json: &mut Reader<'a>) -> Option<()> {
        *self = match json.value()? {
            Value::Text(text) => Some(text),
            Value::Integer(number) => Some(number.to_string().into()),
            Value::Null | Value::Other => None,
        };
        Some(())
    }
}

impl<'a> Read<'a> for Echo<'a> {
    fn read(&mut self, json: &mut Reader<'a>) -> Option<()> {
        *self = match json.value()? {
            Value::Text(text) if text.is_empty() => Self::Missing,
            Value::Text(text) => Self::Text(text),
            Value::Integer(number) => Self::Text(number.to_string().into()),
            Value::Null => Self::Missing,
            Value::Other => Self::Foreign,
        };
        Some(())
    }
}

impl<'a> Read<'a> for Code<'a> {
    fn read(&mut self, json: &mut Reader<'a>) -> Option<()> {
        *self = match json.value()? {
            Value::Text(text) => match text.trim() {
                "" => Self::Missing,
                number => number.parse().map_or(Self::Text(text), Self::Number),
            },
            Value::Integer(number) => Self::Number(number),
            Value::Null | Value::Other => Self::Missing,
        };
        Some(())
    }
}

impl<'a, T: Read<'a>> Read<'a> for Vec<T> {
    fn read(&mut self, json: &mut Reader<'a>) -> Option<()> {
        json.list(|json| {
            if self.len() > MAX_RECORDS {
                // One too many shows that it is no response to any request.
                return json.skip();
            }
            self.push(T::default());
            self.last_mut()?.read(json)
        })
    }
}

impl<'a> Read<'a> for Records<'a> {
    fn read(&mut self, json: &mut Reader<'a>) -> Option<()> {
        json.list(|json| {
            self.count += 1;
            if self.count > 1 { json.skip() } else { self.first.read(json) }
        })
    }
}

/// The structs above: read from an object, empty from anything else. Fields have the names that they have here, and an
/// object may name each once.
macro_rules! object {
    ($($object:ident { $($field:ident),* })*) => {$(
        impl<'a> Read<'a> for $object<'a> {
            fn read(&mut self, json: &mut Reader<'a>) -> Option<()> {
                $(let mut $field = false;)*
                json.object(|json, name| match name {
                    $(stringify!($field) if !std::mem::replace(&mut $field, true) => self.$field.read(json),
                    stringify!($field) => None,)*
                    _ => json.skip(),
                })
            }
        }
    )*};
}

object! {
    Document { status, response }
    Results { results }
    Action { actionid, resourceid, resourcetype, identifier, status, data }
    State { code, errorcode, message }
    Data { records }
    DataRecord { elements }
    Elements { result }
}
