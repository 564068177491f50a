//! The exchange as a user of serde writes and reads it: plain derived types, borrowed texts, one signature a
//! request, no check of what a server may get wrong.

use serde::{Deserialize, Serialize};

use crate::exchange::{ACTION_ID, MODULE, RESOURCE_TYPE, Signer, TOKEN, now};

pub fn request(signer: &Signer, records: usize, first_id: usize) -> String {
    let timestamp = now();
    let hmac = signer.sign(timestamp);
    let actions = (0..records).map(|index| Action {
        actionid: ACTION_ID,
        resourceid: (first_id + index).to_string(),
        identifier: index.to_string(),
        resourcetype: RESOURCE_TYPE,
        timestamp,
        hmac: &hmac,
        hmac_version: "2",
        parameters: Parameters { module: MODULE },
    });
    let body = Body { token: TOKEN, request: Actions { actions: actions.collect() } };
    serde_json::to_string(&body).unwrap()
}

pub fn all_executed(answer: &[u8], records: usize) -> bool {
    let document: Document = serde_json::from_slice(answer).unwrap();
    let executed =
        |result: &Answer| result.status.errorcode == 0 && result.data.records[0].elements.result == "success";
    let results = &document.response.results;
    document.status.errorcode == 0 && results.len() == records && results.iter().all(executed)
}

#[derive(Serialize)]
struct Body<'a> {
    token: &'a str,
    request: Actions<'a>,
}

#[derive(Serialize)]
struct Actions<'a> {
    actions: Vec<Action<'a>>,
}

#[derive(Serialize)]
struct Action<'a> {
    actionid: &'a str,
    resourceid: String,
    identifier: String,
    resourcetype: &'a str,
    timestamp: u64,
    hmac: &'a str,
    hmac_version: &'a str,
    parameters: Parameters<'a>,
}

#[derive(Serialize)]
struct Parameters<'a> {
    module: &'a str,
}

#[derive(Deserialize)]
struct Document<'a> {
    status: State,
    #[serde(borrow)]
    response: Results<'a>,
}

#[derive(Deserialize)]
struct Results<'a> {
    #[serde(borrow)]
    results: Vec<Answer<'a>>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    status: State,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct State {
    errorcode: i64,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    elements: Elements<'a>,
}

#[derive(Deserialize)]
struct Elements<'a> {
    result: &'a str,
}
