//! A [`Request`]: records to execute in one HTTP exchange, one action each, and its signed JSON.

use zeroize::Zeroize;

use crate::credentials::Credentials;
use crate::decimal::Decimal;
use crate::label::Labels;
use crate::outcome::Status;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::signature::sign;

pub(crate) const ACTION_ID: &str = "urn:onoffice-de-ns:smart:2.5:smartml:action:do";
pub(crate) const RESOURCE_TYPE: &str = "executeMarketplaceWebhooks";

/// Records of one request at the most.
///
/// The API documents no limit for actions; 500 is what it documents for ids in other places
/// (error 302), and keeps body and answer small.
pub const MAX_RECORDS: usize = 500;

/// Records to execute together. Each stands in it once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    records: Vec<Record>,
    marks: Marks,
}

impl Request {
    /// A request for no record yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A request for one record.
    pub(crate) fn of(record: Record) -> Self {
        let mut request = Self { records: vec![record], marks: Marks::default() };
        request.marks.set(record);
        request
    }

    /// # Errors
    /// `InvalidArgument` when the record is in the request already, since that would execute its
    /// webhooks twice, and when the request holds [`MAX_RECORDS`].
    pub fn add(&mut self, record: Record) -> Result<(), Refusal> {
        let refuse = |message| Err(Refusal::new(Status::InvalidArgument, message));
        if self.marks.has(record) && self.records.contains(&record) {
            return refuse(format!("{record} is in the request already: add each record once"));
        }
        if self.records.len() == MAX_RECORDS {
            return refuse(format!("a request takes {MAX_RECORDS} records: put {record} in another one"));
        }
        self.records.push(record);
        self.marks.set(record);
        Ok(())
    }

    /// The records in the order in which they were added; results come in the same order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The JSON to POST, signed for this second, with labels that no other request has.
    ///
    /// # Errors
    /// `InvalidArgument` for a request without a record and for a time before 1970; `NotConfigured`
    /// where the system gives no random numbers; `OutOfMemory`.
    pub fn sign(&self, credentials: &Credentials, timestamp: i64) -> Result<SignedRequest, NotSigned> {
        let refuse = |message: &str| Err(NotSigned::Refused(Refusal::new(Status::InvalidArgument, message)));
        if self.records.is_empty() {
            return refuse("the request has no record: add one before it is signed or executed");
        }
        if timestamp < 0 {
            return refuse("the time is before 1970: give Unix seconds");
        }
        let labels = Labels::fresh().map_err(NotSigned::Refused)?;
        let json = self.json(credentials, timestamp, &labels).ok_or(NotSigned::OutOfMemory)?;
        Ok(SignedRequest { json, timestamp, labels, credentials: credentials.clone() })
    }

    /// `None` without the memory for it. The fields are in the order of the documentation's example.
    fn json(&self, credentials: &Credentials, timestamp: i64, labels: &Labels) -> Option<Json> {
        let mut json = Json::with_capacity(self.capacity(credentials))?;
        let hmac = sign(credentials, timestamp, RESOURCE_TYPE, ACTION_ID);
        // What each action has before its record's id, and behind its label.
        let begin = [r#"{"actionid":""#, ACTION_ID, r#"","resourceid":""#].concat();
        let end = [
            r#"","resourcetype":""#.as_bytes(),
            RESOURCE_TYPE.as_bytes(),
            br#"","timestamp":"#,
            Decimal::of(timestamp.unsigned_abs()).digits(),
            br#","hmac":""#,
            hmac.as_bytes(),
            br#"","hmac_version":"2","parameters":{"module":""#,
        ]
        .concat();
        json.push(b"{\"token\":");
        json.push(credentials.token_json());
        json.push(b",\"request\":{\"actions\":[");
        for (index, record) in (0..).zip(&self.records) {
            if index > 0 {
                json.push(b",");
            }
            json.push(begin.as_bytes());
            // The id is a decimal string, as the documentation shows it.
            json.push(Decimal::of(record.id().unsigned_abs()).digits());
            json.push(br#"","identifier":""#);
            json.push(labels.begin());
            json.push(Decimal::of(index).digits());
            json.push(&end);
            json.push(record.module().as_str().as_bytes());
            json.push(br#""}}"#);
        }
        json.push(b"]}}\0");
        Some(json)
    }

    /// At least the length of the JSON.
    fn capacity(&self, credentials: &Credentials) -> usize {
        const FRAME: usize = 64;
        const ACTION: usize = 400;
        FRAME + credentials.token_json().len() + ACTION * self.records.len()
    }
}

/// A mark for each record, which few others share: a record that has none is not in the request. So not each one that
/// is added is compared with all before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Marks([u64; 16]);

impl Marks {
    fn has(&self, record: Record) -> bool {
        let (word, bit) = Self::place(record);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn set(&mut self, record: Record) {
        let (word, bit) = Self::place(record);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Multiplied with the golden ratio, ids that follow each other are far apart.
    fn place(record: Record) -> (usize, u64) {
        let number = record.id().unsigned_abs().rotate_left(2) ^ record.module() as u64;
        let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((hash >> 60) as usize, 1 << (hash >> 54 & 63))
    }
}

/// Why a request was not signed. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSigned {
    /// The caller's mistake.
    Refused(Refusal),
    /// There is not enough memory for it.
    OutOfMemory,
}

impl NotSigned {
    /// The refusal's, or `OutOfMemory`.
    pub fn status(&self) -> Status {
        match self {
            Self::Refused(refusal) => refusal.status(),
            Self::OutOfMemory => Status::OutOfMemory,
        }
    }

    /// One line that names the thing and the cure.
    pub fn message(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.message(),
            Self::OutOfMemory => "there is not enough memory for the request: send it with fewer records",
        }
    }
}

/// A request as it goes out, with what is needed to understand the answer.
#[derive(Clone)]
pub struct SignedRequest {
    json: Json,
    timestamp: i64,
    labels: Labels,
    credentials: Credentials,
}

impl SignedRequest {
    /// The body of the POST. It holds the token and is valid for 120 s.
    pub fn json(&self) -> &[u8] {
        self.json.0.strip_suffix(&[0]).unwrap_or_default()
    }

    /// The Unix time, in seconds, that was signed and is sent.
    pub(crate) fn timestamp(&self) -> i64 {
        self.timestamp
    }

    pub(crate) fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

/// The JSON of a signed request, which holds the token: it is zeroed with its owner, all at once, where
/// [`Zeroizing`](zeroize::Zeroizing) does so byte by byte. It ends with a NUL that is not part of the body, for
/// readers in C.
#[derive(Clone)]
struct Json(Vec<u8>);

impl Json {
    /// `None` without the memory for it.
    fn with_capacity(capacity: usize) -> Option<Self> {
        let mut json = Vec::new();
        json.try_reserve_exact(capacity).ok()?;
        Some(Self(json))
    }

    /// Adds what there is room for: a vector that grows would leave copies that are not zeroed.
    fn push(&mut self, text: &[u8]) {
        debug_assert!(self.0.capacity() - self.0.len() >= text.len());
        self.0.extend_from_slice(text);
    }
}

impl Drop for Json {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl std::fmt::Debug for SignedRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SignedRequest").field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn credentials() -> Credentials {
        Credentials::new("0123456789abcdef0123456789abcdef", &"fedcba9876543210".repeat(4)).unwrap()
    }

    fn request(records: &[(&str, i64)]) -> Request {
        let mut request = Request::new();
        for (module, id) in records {
            request.add(Record::new(module, *id).unwrap()).unwrap();
        }
        request
    }

    #[test]
    fn the_signed_body_is_the_documented_one() {
        let signed = request(&[("address", 15005)]).sign(&credentials(), 1_700_000_000).unwrap();
        let body: serde_json::Value = serde_json::from_slice(signed.json()).unwrap();
        let label = &body["request"]["actions"][0]["identifier"];
        assert_eq!(signed.labels().index(label.as_str().unwrap()), Some(0));
        assert_eq!(
            body,
            json!({
                "token": "0123456789abcdef0123456789abcdef",
                "request": {"actions": [{
                    "actionid": "urn:onoffice-de-ns:smart:2.5:smartml:action:do",
                    "resourceid": "15005",
                    "identifier": label,
                    "resourcetype": "executeMarketplaceWebhooks",
                    "timestamp": 1_700_000_000,
                    "hmac": "uCr2HO+moBB3QqYLW6zGtddo4gkQpU1lP5wLgU1uRWg=",
                    "hmac_version": "2",
                    "parameters": {"module": "address"},
                }]},
            })
        );
    }

    #[test]
    fn a_token_that_json_must_escape_survives() {
        let odd = Credentials::new("a\"b\\c\u{1}ü", "s").unwrap();
        let signed = request(&[("task", 1)]).sign(&odd, 0).unwrap();
        let body: serde_json::Value = serde_json::from_slice(signed.json()).unwrap();
        assert_eq!(body["token"], "a\"b\\c\u{1}ü");
    }

    #[test]
    fn several_records_keep_their_order_and_share_a_signature() {
        let signed = request(&[("estate", 2), ("task", 1), ("task", 9)]).sign(&credentials(), 5).unwrap();
        let body: serde_json::Value = serde_json::from_slice(signed.json()).unwrap();
        let actions = body["request"]["actions"].as_array().unwrap();
        let ids: Vec<_> = actions.iter().map(|action| action["resourceid"].as_str().unwrap()).collect();
        assert_eq!(ids, ["2", "1", "9"]);
        assert!(actions.iter().all(|action| action["hmac"] == actions[0]["hmac"]));
    }

    #[test]
    fn a_record_cannot_be_executed_twice_by_one_request() {
        let mut request = request(&[("task", 1)]);
        request.add(Record::new("estate", 1).unwrap()).unwrap();
        let refusal = request.add(Record::new("task", 1).unwrap()).unwrap_err();
        assert_eq!(refusal.status(), Status::InvalidArgument);
        assert!(refusal.message().contains("task 1"), "{refusal}");
        assert_eq!(request.records().len(), 2);
    }

    #[test]
    fn a_request_holds_500_records() {
        let mut request = Request::new();
        for id in 1..=500 {
            request.add(Record::new("task", id).unwrap()).unwrap();
        }
        for id in 1..=500 {
            let refusal = request.add(Record::new("task", id).unwrap()).unwrap_err();
            assert!(refusal.message().contains("already"), "{refusal}");
        }
        let refusal = request.add(Record::new("task", 501).unwrap()).unwrap_err();
        assert!(refusal.message().contains("500"), "{refusal}");
    }

    #[test]
    fn the_json_never_outgrows_its_vector_which_would_leave_copies_of_the_token() {
        let longest: Vec<(&str, i64)> = (0..500).map(|n| ("calendar", i64::MAX - n)).collect();
        for records in [&longest[..1], &longest] {
            let request = request(records);
            let length = request.sign(&credentials(), i64::MAX).unwrap().json().len();
            assert!(length < request.capacity(&credentials()), "{length}");
        }
    }

    #[test]
    fn neither_an_empty_request_nor_a_time_before_1970_is_signed() {
        assert!(Request::new().sign(&credentials(), 1).is_err());
        assert!(request(&[("task", 1)]).sign(&credentials(), -1).is_err());
    }

    #[test]
    fn debug_of_a_signed_request_shows_no_token() {
        let signed = request(&[("task", 1)]).sign(&credentials(), 5).unwrap();
        assert!(!format!("{signed:?}").contains("0123456789abcdef"));
    }
}
