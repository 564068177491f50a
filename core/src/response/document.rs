//! The answer's JSON as it is read: every field may be missing or of another type than documented,
//! because PHP makes it so (`data` is `[]` on errors, codes come as numbers or as strings).
//! What has an unexpected type reads as missing; only text that is not JSON, or names a field
//! twice, is refused as a whole.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The document, or `None` for what is not JSON.
pub(super) fn read(body: &[u8]) -> Option<Document<'_>> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    serde_json::from_slice(body).ok().map(|Root(document)| document)
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Deserialize)]
#[serde(transparent)]
struct Root<'a>(#[serde(borrow, deserialize_with = "loose")] Document<'a>);

#[derive(Deserialize, Default)]
pub(super) struct Document<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) status: State<'a>,
    #[serde(borrow, default, deserialize_with = "loose")]
    response: Response<'a>,
}

impl<'a> Document<'a> {
    pub(super) fn actions(&self) -> &[Action<'a>] {
        &self.response.results
    }
}

#[derive(Deserialize, Default)]
struct Response<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    results: Vec<Action<'a>>,
}

/// One entry of `results`: the answer to one action.
#[derive(Deserialize, Default)]
pub(super) struct Action<'a> {
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) actionid: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) resourceid: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) resourcetype: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "loose")]
    pub(super) identifier: Option<Cow<'a, str>>,
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
        let mut items = Vec::new();
        while let Some(Item(item)) = list.next_element()? {
            items.push(item);
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

object!(Document, Response, Action, State, Data, DataRecord, Elements);

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
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::from_number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(i64::try_from(number).map_or_else(|_| T::default(), T::from_number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
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
