//! The kind `webhook`: what is sent, and servers that misbehave.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;

use super::failures::arrived;
use super::{everything, flat, run};
use crate::cli::shell::Shell;
use crate::support::{Fake, Response, free_port};

const PAGE: &str = "escalate to \"db\" because \"the \\\"pool\\\" is full\" else { \"nobody was reached\" }";

fn team(url: &str, more: &str) -> String {
    format!("[teams.db]\ntype = \"webhook\"\nurl = \"{url}/hook\"\ntimeout = \"20s\"\n{more}\n")
}

fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split_once("\r\n\r\n").unwrap().0;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[test]
fn a_page_and_a_record_are_sent_once_and_signed() {
    let server = Fake::always(Response::of("202 Accepted", "text/plain", ""));
    let shell = Shell::new().env("HOOK_SECRET", "signing-key-9").env("HOOK_TOKEN", "token-of-ours-8");
    let more = "secret = { env = \"HOOK_SECRET\" }\nbearer_token = { env = \"HOOK_TOKEN\" }\nheaders = { X-Ours = \"yes\" }";
    let configuration = format!(
        "{}[channels]\ndefault = \"c\"\n[channels.c]\ntype = \"webhook\"\nurl = \"{}/c\"\n",
        team(&server.url(), more),
        server.url()
    );
    let ended = run(&shell, &configuration, &format!("record \"it \\\"began\\\"\"\n{PAGE}")).code(4);
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    let (record, page) = (&requests[0], &requests[1]);
    assert!(record.starts_with("POST /c HTTP/1.1") && page.starts_with("POST /hook HTTP/1.1"));
    let sent = body(record);
    assert_eq!((&sent["event"], &sent["channel"]), (&"record".into(), &"c".into()));
    assert_eq!(sent["text"], "it \"began\"");
    let sent = body(page);
    assert_eq!((&sent["event"], &sent["reason"]), (&"page".into(), &"the \"pool\" is full".into()));
    assert_eq!((&sent["team"], &sent["severity"]), (&"db".into(), &Value::Null));
    assert_eq!(header(page, "Idempotency-Key"), sent["key"].as_str());
    assert_eq!(header(page, "Authorization"), Some("Bearer token-of-ours-8"));
    assert_eq!(header(page, "X-Ours"), Some("yes"));
    assert_eq!(header(page, "Content-Type"), Some("application/json"));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"signing-key-9").unwrap();
    mac.update(page.split_once("\r\n\r\n").unwrap().1.as_bytes());
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header(page, "X-Rbl-Signature"), Some(format!("sha256={digest}").as_str()));
    assert_eq!(header(record, "X-Rbl-Signature"), None);
    let all = everything(&shell, &ended);
    assert!(!all.contains("signing-key-9") && !all.contains("token-of-ours-8"));
}

#[test]
fn a_body_of_ones_own_is_filled_with_data() {
    let server = Fake::always(Response::json("{}"));
    let shell = Shell::new();
    let more = "body = '{\"text\": \"#{team}: #{reason}\", \"story\": \"#{story}\", \"n\": 5}'";
    run(&shell, &team(&server.url(), more), PAGE).code(4);
    let sent = body(&server.requests()[0]);
    assert_eq!(sent["text"], "db: the \"pool\" is full");
    assert!(sent["story"].is_array() && sent["n"] == 5, "{sent}");
    for (more, words) in
        [("body = '{\"text\": \"#{raeson}\"}'", "write `#{reason}`"), ("body = '{\"text\": '", "is not JSON")]
    {
        let refused = run(&shell, &team(&server.url(), more), PAGE).code(2);
        assert!(refused.err.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{refused:?}");
    }
}

/// Each takes `else` with a reason of its own, in time; what may have arrived is not sent again.
#[test]
fn what_a_server_does_wrong_takes_else() {
    let endless = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{}", "x".repeat(200_000));
    for (response, words, requests) in [
        (Response::json("{}").after(Duration::from_mins(1)), "may have been sent: no answer from", 1),
        (Response::raw(b""), "may have been sent: ", 1),
        (
            Response::of("500 Internal Server Error", "text/plain", "no space"),
            "answered 500 Internal Server Error: no space",
            1,
        ),
        (Response::of("504 Gateway Timeout", "text/html", "<html>"), "may have been sent: 127.0.0.1", 1),
        (
            Response::of("200 OK", "text/html", "<html>Sign in"),
            "with a page for people: is a sign-in needed?",
            1,
        ),
        (
            Response::json(r#"{"ok": false, "error": "channel_not_found"}"#),
            "answered 200 OK: {\"ok\": false, \"error\": \"channel_not_found\"}",
            1,
        ),
        (Response::json(r#"{"success": false}"#), "answered 200 OK: {\"success\": false}", 1),
        (Response::of("401 Unauthorized", "text/plain", ""), "does not let us in (401)", 1),
        (Response::of("404 Not Found", "text/html", "<html>"), "answered 404 Not Found", 1),
        (
            Response::with("302 Found", "Location: https://elsewhere.example/\r\n", ""),
            "sends us elsewhere (302 Found",
            1,
        ),
        (Response::raw(endless.as_bytes()), "may have been sent: 127.0.0.1", 1),
        (Response::raw(b"not http at all"), "may have been sent: 127.0.0.1", 1),
    ] {
        let shell = Shell::new();
        let server = Fake::always(response);
        let begun = Instant::now();
        let team = team(&server.url(), "");
        let team = if words.ends_with("no answer from") { team.replace("20s", "3s") } else { team };
        let ended = run(&shell, &team, PAGE);
        let story = flat(&ended);
        assert!(story.contains(words), "{words}\n{}", ended.out);
        assert!(story.contains("nobody was reached"), "{}", ended.out);
        assert!(begun.elapsed() < Duration::from_secs(40), "{words}");
        assert_eq!(arrived(&server).len(), requests, "{words}");
    }
    let shell = Shell::new();
    let ended = run(&shell, &team(&format!("http://127.0.0.1:{}", free_port()), ""), PAGE);
    assert!(flat(&ended).contains("connection refused by 127.0.0.1"), "{}", ended.out);
    assert!(!flat(&ended).contains("may have been"), "{}", ended.out);
}

#[test]
fn a_secret_address_never_shows() {
    let server = Fake::always(Response::of("500 Oops", "text/plain", "no hook /hook/Xk29aa77Qz here"));
    let shell = Shell::new().env("HOOK_URL", &format!("{}/hook/Xk29aa77Qz", server.url()));
    let ended = run(&shell, "[teams.db]\ntype = \"webhook\"\nurl = { env = \"HOOK_URL\" }\n", PAGE);
    assert!(server.requests()[0].starts_with("POST /hook/Xk29aa77Qz "));
    assert!(!everything(&shell, &ended).contains("Xk29aa77Qz"), "{}", ended.out);
    assert!(ended.out.contains("•••"), "{}", ended.out);
}
