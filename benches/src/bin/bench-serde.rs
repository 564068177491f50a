//! Build, sign and parse without us: plain derived serde types, one signature a request, no check
//! of what a server may get wrong. It takes the orders of `clients/codec.c`.

use std::hint::black_box;
use std::io::{self, BufRead};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use oo_webhooks_bench::exchange::{self, ACTION_ID, MODULE, RESOURCE_TYPE, TOKEN};
use serde::{Deserialize, Serialize};

const TIMESTAMP: u64 = 1_700_000_000;

fn main() {
    let folder = env::args().nth(1).unwrap();
    for order in io::stdin().lock().lines().map(Result::unwrap) {
        let words: Vec<&str> = order.split(' ').collect();
        let (records, times) = (words[1].parse().unwrap(), words[2].parse().unwrap());
        let time = match words[0] {
            "sign" => timed(times, || {
                black_box(request(black_box(records)));
            }),
            _ => {
                let answer = fs::read(Path::new(&folder).join(format!("answer-{records}.json"))).unwrap();
                timed(times, || assert!(all_executed(black_box(&answer))))
            }
        };
        println!("{}", time.as_nanos());
    }
}

fn timed(times: u32, mut work: impl FnMut()) -> Duration {
    let begin = Instant::now();
    for _ in 0..times {
        work();
    }
    begin.elapsed() / times.max(1)
}

fn request(records: u64) -> String {
    let hmac = exchange::sign(TIMESTAMP);
    let actions = exchange::ids(records).map(|id| Action {
        actionid: ACTION_ID,
        resourceid: id.to_string(),
        identifier: format!("{MODULE}:{id}"),
        resourcetype: RESOURCE_TYPE,
        timestamp: TIMESTAMP,
        hmac: &hmac,
        hmac_version: "2",
        parameters: Parameters { module: MODULE },
    });
    let body = Body { token: TOKEN, request: Actions { actions: actions.collect() } };
    serde_json::to_string(&body).unwrap()
}

fn all_executed(answer: &[u8]) -> bool {
    let document: Document = serde_json::from_slice(answer).unwrap();
    let executed =
        |result: &Answer| result.status.errorcode == 0 && result.data.records[0].elements.result == "success";
    document.status.errorcode == 0 && document.response.results.iter().all(executed)
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
