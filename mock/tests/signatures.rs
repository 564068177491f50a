//! HMAC version 2 against fixed vectors. They were checked with Python, Node, OpenSSL and the official PHP SDK; the
//! inputs are made up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use oo_webhooks_mock::{Account, Clock, Mock, Protocol, Settings};
use serde_json::{Value, json};
use support::{Client, Lines, good, sign_text, start};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
const TIME: i64 = 1_700_000_000;

fn mock(time: i64, token: &str, secret: &str, lines: &Lines) -> Mock {
    start(Settings {
        protocol: Protocol::Http,
        accounts: vec![Account::ordinary(token, secret)],
        clock: Clock::Fixed(time),
        log: Some(Box::new(lines.clone())),
        ..Settings::default()
    })
}

fn body(time: i64, token: &str, hmac: &str) -> Value {
    let mut body = good(15005);
    body["token"] = json!(token);
    body["request"]["actions"][0]["timestamp"] = json!(time);
    body["request"]["actions"][0]["hmac"] = json!(hmac);
    body
}

#[test]
fn the_right_signature_is_accepted() {
    let (a, b) = ("A".repeat(32), "B".repeat(64));
    let (shorter, longer) = (&SECRET[..63], format!("{SECRET}0"));
    let wordy = "S3cr3t_".repeat(9) + "X";
    let vectors = [
        (TIME, TOKEN, SECRET, "uCr2HO+moBB3QqYLW6zGtddo4gkQpU1lP5wLgU1uRWg="),
        (TIME + 1, TOKEN, SECRET, "cx0Gm64YaIMFZqzvfn4W4wDc6gBIkMeiHFvVGCEiql0="),
        (1_800_000_000, a.as_str(), b.as_str(), "Dlw9OwVFMrN7vPXsWvp5bgNwUvMidy3UV+LWdkbFvNM="),
        (
            4_102_444_800,
            "TestTokenTestTokenTestTokenTest0",
            &wordy,
            "SUO3marg7xpuNGvU2k6/0TcTpZJkB+kP0rHS88C9LaM=",
        ),
        (0, TOKEN, SECRET, "d9uXVEQDPRUrKVP6ZwMTqld9Xbsew5Cpmj2D7Lbnwdg="),
        (TIME, TOKEN, shorter, "rehXZtKhdkSHcHWUQo+kY+AfGKflIH1EDXDXstmwVAs="),
        (TIME, TOKEN, &longer, "8xLnCm2RCC7zDQGJby9S1ETlcvvvLojSHJJy6AeW3J8="),
        (TIME, "tökén-ü", "gehéim-ß", "JmZ9bXLfPmK1CeoESH+vy5n5coBQtgLfQrCAdNhe5UQ="),
    ];
    for (time, token, secret, hmac) in vectors {
        let mock = mock(time, token, secret, &Lines::default());
        assert!(Client::connect(&mock).call(&body(time, token, hmac)).succeeded(), "{hmac}");
    }
}

#[test]
fn a_wrong_signature_is_refused_with_the_mistake_in_the_log() {
    let unknown = "c29tZXRoaW5nIGVsc2Ugd2FzIHNpZ25lZCBoZXJlISE=";
    let hex = "b82af61cefa6a0107742a60b5bacc6b5d768e20910a54d653f9c0b814d6e4568";
    let other_second =
        sign_text(&format!("{}{TOKEN}{}{}", TIME + 1, support::RESOURCE, support::ACTION), SECRET);
    let swapped = sign_text(&format!("{TIME}{SECRET}{}{}", support::RESOURCE, support::ACTION), TOKEN);
    let right = "uCr2HO+moBB3QqYLW6zGtddo4gkQpU1lP5wLgU1uRWg=";
    let url_safe = right.replace('+', "-");
    let signed = format!("{TIME}{TOKEN}{}{}", support::RESOURCE, support::ACTION);
    let cases = [
        (&*url_safe, "the hmac is URL-safe base64: "),
        (&url_safe[..43], "URL-safe base64 without padding"),
        (&right[..43], "the hmac lacks its padding"),
        (&hex.to_uppercase(), "the hmac is the hex digest"),
        (&format!("{right}\n"), "around the hmac, perhaps a newline"),
        (&sign_text(&signed, &format!("{SECRET}\n")), "a newline stands behind the secret"),
        (&sign_text(&signed, &format!("{SECRET}\r\n")), "a newline stands behind the secret"),
        ("BHlx1UARE3n5UpLfl7UQOwSsUUd2SH5l5Ist87qF0Pw=", "concatenate without labels"),
        ("oobE5580j7saHe2IWMqYAFixNDrpxOyUL1HhXNoe+dU=", "the secret was hex-decoded"),
        (
            "YjgyYWY2MWNlZmE2YTAxMDc3NDJhNjBiNWJhY2M2YjVkNzY4ZTIwOTEwYTU0ZDY1M2Y5YzBiODE0ZDZlNDU2OA==",
            "base64 of the hex digest",
        ),
        ("4a67322caf77d20655c3ace74ef48def00060f4725262b0fbe4b4ed1df25ff15", "wrong order"),
        (hex, "the hmac is the hex digest"),
        (&other_second, "another second"),
        (&swapped, "swapped"),
        (unknown, "wrong secret"),
    ];
    for (hmac, mistake) in cases {
        let lines = Lines::default();
        let mock = mock(TIME, TOKEN, SECRET, &lines);
        let answer = Client::connect(&mock).call(&body(TIME, TOKEN, hmac)).json();
        assert_eq!(answer["response"]["results"][0]["status"]["errorcode"], 137, "{hmac}");
        assert_eq!(mock.ledger(), []);
        assert!(lines.text().contains(mistake), "{} should say {mistake}", lines.text());
    }
}
