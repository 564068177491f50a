//! The answer's JSON as it is read: every field may be missing or of another type than documented,
//! because PHP makes it so (`data` is `[]` on errors, codes come as numbers or as strings).
//! What has an unexpected type reads as missing, but for an echo, which is then another's; only text
//! that is not JSON, or names a field twice, is refused as a whole.
//!
//! Little is kept, whatever a server sends: of a list no more than a request can need, of a text its
//! begin.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::request::MAX_RECORDS;

/// The document, or `None` for what is not JSON.
pub(super) fn read(body: &[u8]) -> Option<Document<'_>> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    serde_json::from_slice(body).ok().map(|Root(document)| document)
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes of a text that are kept. Nothing that is compared with something of ours is as long.
pub(super) const MAX_TEXT: usize = 4096;

#[derive(Deserialize)]
#[serde(transparent)]
struct Root<'a>(#[serde(borrow, deserialize_with = "loose")] Document<'a>);

#[derive(Deserialize, Default)]
pub(super) struct Document<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) status: State<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    response: Results<'a>,
}

impl<'a> Document<'a> {
    pub(super) fn actions(&self) -> &[Action<'a>] {
        &self.response.results
    }
}

#[derive(Deserialize, Default)]
struct Results<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    results: Vec<Action<'a>>,
}

/// One entry of `results`: the answer to one action.
#[derive(Deserialize, Default)]
pub(super) struct Action<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) actionid: Echo<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) resourceid: Echo<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) resourcetype: Echo<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) identifier: Echo<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) status: State<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    data: Data<'a>,
}

impl Action<'_> {
    /// `data.records[0].elements.result`, when there is exactly that one record.
    pub(super) fn result(&self) -> Option<&str> {
        match self.data.records.as_slice() {
            [record] => record.elements.result.as_deref(),
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
#[derive(Deserialize, Default)]
pub(super) struct State<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) code: Code<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) errorcode: Code<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
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

#[derive(Deserialize, Default)]
struct Data<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    records: Vec<DataRecord<'a>>,
}

#[derive(Deserialize, Default)]
struct DataRecord<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    elements: Elements<'a>,
}

#[derive(Deserialize, Default)]
struct Elements<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    result: Option<Cow<'a, str>>,
}

/// What a type takes from JSON of any kind; what it does not take leaves its default.
trait Loose<'de>: Default {
    fn from_text(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn from_number(_: i64) -> Self {
        Self::default()
    }

    /// A number of another kind, or true or false.
    fn from_other() -> Self {
        Self::default()
    }

    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl<'de> Loose<'de> for Option<Cow<'de, str>> {
    fn from_text(text: Cow<'de, str>) -> Self {
        Some(text)
    }

    fn from_number(number: i64) -> Self {
        Some(Cow::Owned(number.to_string()))
    }
}

impl<'de> Loose<'de> for Echo<'de> {
    fn from_text(text: Cow<'de, str>) -> Self {
        if text.is_empty() { Echo::Missing } else { Echo::Text(text) }
    }

    fn from_number(number: i64) -> Self {
        Echo::Text(Cow::Owned(number.to_string()))
    }

    fn from_other() -> Self {
        Echo::Foreign
    }

    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Echo::Foreign)
    }

    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Echo::Foreign)
    }
}

impl<'de> Loose<'de> for Code<'de> {
    fn from_text(text: Cow<'de, str>) -> Self {
        match text.trim() {
            "" => Code::Missing,
            number => number.parse().map_or(Code::Text(text), Code::Number),
        }
    }

    fn from_number(number: i64) -> Self {
        Code::Number(number)
    }
}

impl<'de, T: Loose<'de>> Loose<'de> for Vec<T> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut items = Self::new();
        while let Some(Item(item)) = list.next_element()? {
            items.push(item);
            if items.len() > MAX_RECORDS {
                // One too many shows that it is no response to any request.
                while list.next_element::<IgnoredAny>()?.is_some() {}
            }
        }
        Ok(items)
    }
}

struct Item<T>(T);

impl<'de, T: Loose<'de>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        loose(deserializer).map(Item)
    }
}

/// The structs above: read from an object, empty from anything else.
macro_rules! object {
    ($($name:ident),*) => {$(
        impl<'de> Loose<'de> for $name<'de> {
            fn from_object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
                $name::deserialize(MapAccessDeserializer::new(object))
            }
        }
    )*};
}

object!(Document, Results, Action, State, Data, DataRecord, Elements);

fn loose<'de, D: Deserializer<'de>, T: Loose<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(LooseVisitor(PhantomData))
}

struct LooseVisitor<T>(PhantomData<T>);

impl<'de, T: Loose<'de>> Visitor<'de> for LooseVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::from_text(Cow::Borrowed(begin(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(Cow::Owned(begin(text).to_owned())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::from_number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(i64::try_from(number).map_or_else(|_| T::from_other(), T::from_number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::from_other())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::from_other())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::from_object(object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::from_list(list)
    }
}

/// Whether `text` is as long as one of which only the begin was kept.
pub(super) fn may_be_cut(text: &str) -> bool {
    // The last character may not have fitted in.
    text.len() > MAX_TEXT - 4
}

/// As much of a text as is kept.
fn begin(text: &str) -> &str {
    if text.len() <= MAX_TEXT {
        return text;
    }
    // A character has four bytes at most.
    (0..4).find_map(|short| text.get(..MAX_TEXT - short)).unwrap_or_default()
}
