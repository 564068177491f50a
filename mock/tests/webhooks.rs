//! The mock as the marketplace: which webhooks are called for what was executed, and what is told of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use oo_webhooks_mock::{Ending, Event, FaultKind, Mock, Module, Protocol, Settings, Webhook};
use serde_json::{Value, json};
use support::{Client, LIMIT, action, control, good, plain, plain_with, request, start};

/// A receiver that gives each call the same answer.
struct Hook {
    url: String,
    /// The first line of each request, and its Host.
    calls: Receiver<(String, String)>,
}

impl Hook {
    fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (told, calls) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let call = head(&stream);
                // The test may be over.
                let _ = told.send(call);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { url, calls }
    }

    fn webhook(&self, module: Module, event: Event) -> Webhook {
        Webhook::new(module, event, &self.url).unwrap()
    }

    fn target(&self) -> String {
        let (line, _) = self.calls.recv_timeout(LIMIT).unwrap();
        line.strip_prefix("GET ").unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned()
    }
}

fn head(stream: &TcpStream) -> (String, String) {
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    let first = lines.next().unwrap();
    let host = lines.filter_map(|line| Some(line.strip_prefix("Host: ")?.to_owned())).last();
    (first, host.unwrap())
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn mock_with(webhooks: Vec<Webhook>) -> Mock {
    start(Settings { protocol: Protocol::Http, webhooks, ..Settings::default() })
}

fn get(mock: &Mock, target: &str) -> Value {
    control(mock, "GET", target, "").json()
}

/// Event and status of each delivery.
fn results(mock: &Mock) -> Vec<(Event, u16)> {
    mock.deliveries(LIMIT).iter().map(|it| (it.event, it.status)).collect()
}

#[test]
fn an_executed_record_has_the_webhooks_of_its_module_called() {
    let (estates, tasks) = (Hook::answering(OK), Hook::answering(OK));
    let mock = mock_with(vec![
        estates.webhook(Module::Estate, Event::Create),
        estates.webhook(Module::Estate, Event::Update),
        tasks.webhook(Module::Task, Event::Update),
    ]);
    assert!(Client::connect(&mock).call(&request(vec![action("estate", "7")])).succeeded());

    assert_eq!(results(&mock), [(Event::Create, 200), (Event::Update, 200)]);
    let target = estates.target();
    assert!(target.starts_with("/hook?apiClaim=") && target.contains("&estateId=7&"), "{target}");
    assert!(tasks.calls.try_recv().is_err());
    let delivery = &mock.deliveries(LIMIT)[0];
    assert_eq!((delivery.execution, delivery.module, delivery.id), (1, Module::Estate, 7));
    assert_eq!((delivery.url.as_str(), delivery.error.as_str()), (estates.url.as_str(), ""));
}

#[test]
fn what_was_executed_without_an_answer_is_called_too_and_what_was_refused_is_not() {
    let hook = Hook::answering(OK);
    let mock = plain_with(FaultKind::DropAfterExecuting { how: Ending::Reset });
    mock.set_webhooks(vec![hook.webhook(Module::Address, Event::Update)]);
    let mut client = Client::connect(&mock);
    client.send(&support::post(&good(5).to_string()));
    assert!(hook.target().contains("addressId=5"));

    mock.clear_faults();
    let mut refused = good(6);
    refused["token"] = json!("nobody");
    Client::connect(&mock).call(&refused);
    assert_eq!(results(&mock).len(), 1);
}

#[test]
fn an_answer_of_the_api_does_not_wait_for_a_receiver() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let mock = mock_with(vec![Webhook::new(Module::Address, Event::Update, &url).unwrap()]);
    let mut client = Client::connect(&mock);
    assert!(client.call(&good(1)).succeeded());
    let (connection, _) = silent.accept().unwrap();
    assert!(client.call(&good(2)).succeeded(), "while the first call has no answer");
    assert_eq!(get(&mock, "/mock/deliveries"), json!({"total": 0, "left": 2, "entries": []}));

    let begin = Instant::now();
    drop(mock);
    assert!(begin.elapsed() < Duration::from_secs(4), "the end does not wait for a receiver either");
    drop(connection);
}

#[test]
fn every_end_of_a_call_is_told() {
    let refused = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/", refused.local_addr().unwrap());
    drop(refused);
    let hooks = [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno", 401, ""),
        ("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", 302, ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\ncut", 200, ""),
        ("", 0, "the connection ended before the head of an answer"),
        ("hello\r\n\r\n", 0, "the answer is not HTTP/1.1: "),
    ]
    .map(|(answer, status, error)| (Hook::answering(answer).url, status, error));
    let mock = plain();
    let (nobody, hooks) = ([(nobody, 0, "cannot connect: ")], hooks);
    for (number, (url, status, error)) in nobody.iter().chain(&hooks).enumerate() {
        mock.set_webhooks(vec![Webhook::new(Module::Address, Event::Update, url).unwrap()]);
        assert!(Client::connect(&mock).call(&good(1)).succeeded());
        let delivery = mock.deliveries(LIMIT).pop().unwrap();
        assert_eq!((delivery.sequence, delivery.status), (number as u64 + 1, *status), "{delivery:?}");
        assert!(delivery.error.starts_with(error), "{delivery:?}");
    }
}

#[test]
fn webhooks_are_registered_and_deliveries_awaited_over_http() {
    let hook = Hook::answering(OK);
    let mock = plain();
    let list = json!([{"module": "address", "event": "update", "url": hook.url, "secret": "a secret"}]);
    let answer = control(&mock, "POST", "/mock/webhooks", &list.to_string());
    assert_eq!(answer.json(), json!({"registered": 1}));
    let listed = json!([{"module": "address", "event": "update", "url": hook.url}]);
    assert_eq!(get(&mock, "/mock/webhooks"), listed, "without the secret");

    Client::connect(&mock).call(&good(9));
    let told = get(&mock, "/mock/deliveries?since=0&wait_ms=10000");
    let entry = &told["entries"][0];
    assert_eq!(json!([told["total"], told["left"]]), json!([1, 0]));
    assert_eq!(
        json!([entry["sequence"], entry["execution"], entry["module"], entry["id"], entry["status"]]),
        json!([1, 1, "address", 9, 200])
    );
    assert_eq!(get(&mock, "/mock/deliveries?since=1")["entries"], json!([]));

    control(&mock, "POST", "/mock/reset", "");
    assert_eq!(get(&mock, "/mock/webhooks"), json!([]), "as at the start");
    assert_eq!(get(&mock, "/mock/deliveries")["total"], 0);
}

#[test]
fn a_webhook_elsewhere_or_of_another_shape_is_refused_whole() {
    let mock = plain();
    let good = r#"{"module": "task", "event": "create", "url": "http://127.0.0.1:9/"}"#;
    for (bad, reason) in [
        (r#"{"module": "task", "event": "create", "url": "http://example.com/"}"#, "loopback only"),
        (r#"{"module": "task", "event": "delete", "url": "http://127.0.0.1:9/"}"#, "delete"),
        (r#"{"module": "tasks", "event": "create", "url": "http://127.0.0.1:9/"}"#, "tasks"),
        (r#"{"module": "task", "event": "create"}"#, "url"),
        (r#"{"module": "task", "event": "create", "url": "http://127.0.0.1:9/", "x": 1}"#, "x"),
    ] {
        let answer = control(&mock, "POST", "/mock/webhooks", &format!("[{good}, {bad}]"));
        assert_eq!(answer.status, 400, "{bad}");
        assert!(answer.json()["error"].as_str().unwrap().contains(reason), "{}", answer.text());
    }
    assert_eq!(get(&mock, "/mock/webhooks"), json!([]));
    assert_eq!(control(&mock, "GET", "/mock/deliveries?wait_ms=999999", "").status, 400);
}

#[test]
fn calls_beyond_the_queue_are_not_made_and_told_so() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let mock = mock_with(vec![Webhook::new(Module::Address, Event::Update, &url).unwrap()]);
    let mut client = Client::connect(&mock);
    assert!(client.call(&good(1)).succeeded());
    let (connection, _) = silent.accept().unwrap();
    for batch in 0..4 {
        let ids = (0..251).map(|number| action("address", &(1000 + batch * 251 + number).to_string()));
        assert!(client.call(&request(ids.collect())).succeeded());
    }
    let told = mock.deliveries(Duration::ZERO);
    assert_eq!(told.len(), 4, "1,004 for a queue of 1,000");
    assert!(told.iter().all(|it| it.error == "not called: 1000 calls wait already"), "{told:?}");
    drop(connection);
}
