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
    let document = Document::read(&mut json)?;
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

/// What a type takes from JSON of any kind; what it does not take leaves its default.
trait Read<'a>: Default {
    /// `None` where the text is not JSON.
    fn read(json: &mut Reader<'a>) -> Option<Self>;
}

impl<'a> Read<'a> for Option<Cow<'a, str>> {
    fn read(json: &mut Reader<'a>) -> Option<Self> {
        Some(match json.value()? {
            Value::Text(text) => Some(text),
            Value::Integer(number) => Some(number.to_string().into()),
            Value::Null | Value::Other => None,
        })
    }
}

impl<'a> Read<'a> for Echo<'a> {
    fn read(json: &mut Reader<'a>) -> Option<Self> {
        Some(match json.value()? {
            Value::Text(text) if text.is_empty() => Self::Missing,
            Value::Text(text) => Self::Text(text),
            Value::Integer(number) => Self::Text(number.to_string().into()),
            Value::Null => Self::Missing,
            Value::Other => Self::Foreign,
        })
    }
}

impl<'a> Read<'a> for Code<'a> {
    fn read(json: &mut Reader<'a>) -> Option<Self> {
        Some(match json.value()? {
            Value::Text(text) => match text.trim() {
                "" => Self::Missing,
                number => number.parse().map_or(Self::Text(text), Self::Number),
            },
            Value::Integer(number) => Self::Number(number),
            Value::Null | Value::Other => Self::Missing,
        })
    }
}

impl<'a, T: Read<'a>> Read<'a> for Vec<T> {
    fn read(json: &mut Reader<'a>) -> Option<Self> {
        let mut items = Self::new();
        json.list(|json| {
            if items.len() > MAX_RECORDS {
                // One too many shows that it is no response to any request.
                return json.skip();
            }
            items.push(T::read(json)?);
            Some(())
        })?;
        Some(items)
    }
}

impl<'a> Read<'a> for Records<'a> {
    fn read(json: &mut Reader<'a>) -> Option<Self> {
        let mut records = Self::default();
        json.list(|json| {
            records.count += 1;
            if records.count > 1 {
                return json.skip();
            }
            records.first = DataRecord::read(json)?;
            Some(())
        })?;
        Some(records)
    }
}

/// The value of a field, which an object may name once.
struct Once<T>(Option<T>);

impl<'a, T: Read<'a>> Once<T> {
    fn read(&mut self, json: &mut Reader<'a>) -> Option<()> {
        if self.0.is_some() {
            return None;
        }
        self.0 = Some(T::read(json)?);
        Some(())
    }
}

/// The structs above: read from an object, empty from anything else. Fields have the names that they have here.
macro_rules! object {
    ($($object:ident { $($field:ident),* })*) => {$(
        impl<'a> Read<'a> for $object<'a> {
            fn read(json: &mut Reader<'a>) -> Option<Self> {
                $(let mut $field = Once(None);)*
                json.object(|json, name| match name {
                    $(stringify!($field) => $field.read(json),)*
                    _ => json.skip(),
                })?;
                Some(Self { $($field: $field.0.unwrap_or_default()),* })
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
