//! The API: who may do what, and what comes back.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

pub(super) fn token(bench: &ServerBench, words: &str) -> String {
    bench.shell.rbl(&format!("serve token {words}")).code(0).out.trim().to_owned()
}

/// Calls the API: the status, and the answer as JSON.
pub(super) fn call(bench: &ServerBench, token: &str, call: &str, body: Option<Value>) -> (u16, Value) {
    let (method, path) = call.split_once(' ').unwrap();
    let authorization =
        if token.is_empty() { String::new() } else { format!("\r\nAuthorization: Bearer {token}") };
    let head = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: x{authorization}\r\nContent-Type: application/json"
    );
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let (code, text) = bench.request(&head, body.as_bytes()).unwrap();
    (code, serde_json::from_str(&text).unwrap_or(Value::Null))
}

pub(super) fn fire(bench: &ServerBench, fingerprint: &str) {
    bench.delivered(&delivery(&[alert("A", "firing", "\"host\":\"db-1\"", fingerprint, T)]));
}

#[test]
fn s13_every_call_needs_a_token_with_the_right_for_it() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" { record \"yes\" }\nresolve \"done\"");
    let tokens: Vec<(&str, String)> = ["look", "answer", "start", "admin"]
        .map(|right| (right, token(&bench, &format!("{right} --may {right} --person ana"))))
        .into();
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let calls: Vec<(String, &str, Option<Value>)> = vec![
        ("GET /runs".into(), "look", None),
        (format!("GET /runs/{run}"), "look", None),
        (format!("GET /runs/{run}/events"), "look", None),
        ("GET /runbooks".into(), "look", None),
        ("GET /inbox".into(), "look", None),
        ("GET /report".into(), "look", None),
        (format!("GET /runs/{run}/records"), "look", None),
        (format!("POST /runs/{run}/answer"), "answer", Some(json!({"question": "x", "answer": "yes"}))),
        (format!("POST /runs/{run}/acknowledge"), "answer", None),
        (format!("POST /runs/{run}/abort"), "admin", Some(json!({"reason": ""}))),
        ("POST /runs".into(), "start", Some(json!({"file": "none.rb"}))),
    ];
    for (one, right, body) in &calls {
        assert_eq!(call(&bench, "", one, body.clone()).0, 401, "{one}");
        assert_eq!(call(&bench, "rbl_wrong", one, body.clone()).0, 401, "{one}");
        for (has, token) in &tokens {
            let (code, answer) = call(&bench, token, one, body.clone());
            assert_eq!(code == 403, has != right, "{one} with {has}: {code} {answer}");
        }
    }
    assert_eq!(bench.states(), ["waiting"], "nothing of it changed anything");
    bench.shell.rbl("serve token look --remove").code(0);
    assert_eq!(call(&bench, &tokens[0].1, "GET /runs", None).0, 401);
    let everything = bench.log() + &bench.read("rbl.toml");
    assert!(tokens.iter().all(|(_, token)| !everything.contains(token.as_str())), "a token is shown once");
}

#[test]
fn a_question_is_read_and_answered_over_the_api() {
    let bench = ServerBench::new("", "");
    let body = "if \"Is it real?\" by \"ops\" { action `echo x >> done` }\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    let ana = token(&bench, "ana --may look,answer --person ana");
    let machine = token(&bench, "ci --may look,answer");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let (code, runs) = call(&bench, &ana, "GET /runs?state=waiting&limit=1", None);
    assert_eq!((code, &runs["next"]), (200, &Value::Null));
    let listed = &runs["runs"][0];
    assert_eq!((listed["state"].as_str(), listed["file"].as_str()), (Some("waiting"), Some("a.rb")));
    assert_eq!(listed["alerts"][0]["labels"]["host"], "db-1");
    assert_eq!(listed["alerts"][0]["firing"], true);
    let run = listed["run"].as_str().unwrap().to_owned();
    let (_, one) = call(&bench, &ana, &format!("GET /runs/{run}"), None);
    let question = &one["questions"][0];
    assert_eq!(question["text"], "Is it real?");
    assert_eq!((&question["kind"], &question["by"]), (&json!("yes_no"), &json!("ops")));
    let number = question["question"].clone();
    let answer = |token: &str, answer: &str| {
        let body = json!({"question": number, "answer": answer, "remark": "I saw it"});
        call(&bench, token, &format!("POST /runs/{run}/answer"), Some(body))
    };
    let (code, refused) = answer(&machine, "yes");
    assert_eq!(code, 403, "{refused}");
    assert!(refused["error"].as_str().unwrap().contains("only a person of ops"), "{refused}");
    assert_eq!(answer(&ana, "perhaps").0, 400);
    let other = json!({"question": "999", "answer": "yes"});
    assert_eq!(call(&bench, &ana, &format!("POST /runs/{run}/answer"), Some(other)).0, 409);
    let unknown = json!({"question": number, "answer": "yes", "force": true});
    assert_eq!(call(&bench, &ana, &format!("POST /runs/{run}/answer"), Some(unknown)).0, 400);
    assert_eq!(answer(&ana, "yes").0, 200);
    bench.until_states(&["resolved"]);
    let (code, late) = answer(&ana, "no");
    assert_eq!(code, 409, "{late}");
    assert_eq!(bench.read("done"), "x\n");
    let shown = bench.shell.rbl(&format!("show {run}")).out;
    assert!(shown.contains("ana"), "{shown}");
}

#[test]
fn runs_are_started_and_aborted_over_the_api() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "param host: text\nif \"Is #{host} down?\" { record \"x\" }\nresolve \"done\"",
    );
    let all = token(&bench, "bo --may look,start,admin --person bo");
    let _server = bench.start();
    let start = |body: Value| call(&bench, &all, "POST /runs", Some(body));
    assert_eq!(start(json!({"file": "b.rb"})).0, 404);
    assert_eq!(start(json!({"file": "a.rb"})).0, 400);
    assert_eq!(start(json!({"file": "a.rb", "params": {"host": "x"}, "force": true})).0, 400);
    let (code, started) = start(json!({"file": "a.rb", "params": {"host": "db-1"}}));
    assert_eq!(code, 201, "{started}");
    let run = started["run"].as_str().unwrap();
    bench.until_states(&["waiting"]);
    let abort = |reason: &str| {
        call(&bench, &all, &format!("POST /runs/{run}/abort"), Some(json!({"reason": reason})))
    };
    assert_eq!(abort(" ").0, 400);
    assert_eq!(abort("the wrong host").0, 202);
    bench.until_states(&["aborted"]);
    assert_eq!(abort("again").0, 409);
    assert_eq!(call(&bench, &all, "GET /runs/none", None).0, 404);
    let (_, runbooks) = call(&bench, &all, "GET /runbooks", None);
    assert_eq!(runbooks["runbooks"][0]["last_run"], run);
    let (_, pages) = call(&bench, &all, "GET /runs?limit=1&before=none", None);
    assert_eq!(pages["runs"], json!([]));
}

/// No worker takes a stuck run up, and a signal does not wake it: who aborts it ends it, though a server lives.
#[test]
fn a_stuck_run_is_aborted_beside_a_living_server() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it down?\" { record \"x\" }\nresolve \"done\"");
    let all = token(&bench, "bo --may look,start,admin --person bo");
    let _server = bench.start();
    let start = || {
        let (code, started) = call(&bench, &all, "POST /runs", Some(json!({"file": "a.rb"})));
        assert_eq!(code, 201, "{started}");
        started["run"].as_str().unwrap().to_owned()
    };
    let runs = [start(), start()];
    bench.until_states(&["waiting", "waiting"]);
    let store = rbl_store::Sqlite::open(&bench.shell.state().join("rbl")).unwrap();
    let engine = rbl_engine::Engine::new(Arc::new(store));
    for run in &runs {
        engine.claim(run).unwrap().stuck("another program").unwrap();
    }
    bench.until_states(&["stuck", "stuck"]);
    let body = json!({"reason": "the wrong host"});
    assert_eq!(call(&bench, &all, &format!("POST /runs/{}/abort", runs[0]), Some(body)).0, 202);
    assert!(bench.states().iter().any(|it| it == "aborted"), "{:?}", bench.states());
    bench.shell.rbl(&format!("show {} --verify", runs[0])).code(0);
    bench.shell.rbl(&format!("abort {} --because enough --as bo --no-input", runs[1])).code(0);
    bench.until_states(&["aborted", "aborted"]);
}

/// Who comes late or again misses no event and gets none twice.
#[test]
fn w6_a_stream_of_events_neither_loses_nor_repeats() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "record \"one\"\nwait 2s\nrecord \"two\"\nresolve \"done\"");
    let look = token(&bench, "look --may look");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until("it runs", || !bench.states().is_empty());
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let stream = |last: &str| {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {look}\r\n\
             Accept: text/event-stream\r\n{last}Connection: close\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        let lines = BufReader::new(connection).lines().map(Result::unwrap);
        let ids = lines.filter_map(|line| line.strip_prefix("id: ").map(|id| id.parse::<u64>().unwrap()));
        ids.collect::<Vec<u64>>()
    };
    let all = stream("");
    bench.until_states(&["resolved"]);
    let head = format!("GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {look}");
    let (code, lines) = bench.request(&head, b"").unwrap();
    assert_eq!(code, 200);
    let read = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let events: Vec<Value> = lines.lines().filter(|it| it.starts_with('{')).map(read).collect();
    let written: Vec<u64> = events.iter().map(|it| it["seq"].as_u64().unwrap()).collect();
    assert_eq!(all, written);
    assert_eq!(events.last().unwrap()["type"], "ended");
    let half = all[all.len() / 2];
    let rest: Vec<u64> = all.iter().copied().filter(|id| *id > half).collect();
    assert_eq!(stream(&format!("Last-Event-ID: {half}\r\n")), rest);
}

/// A name is shown in lists and in the log, and typed again: what cannot be is refused before anything is written.
#[test]
fn a_token_that_cannot_be_made_or_is_not_there_is_refused_in_words() {
    let bench = ServerBench::new("", "");
    let journal = bench.shell.state().join("rbl/journal.sqlite3");
    let refused = |words: &[&str]| {
        let mut command = bench.shell.command("serve token");
        let ran = command.args(words).output().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{words:?}");
        String::from_utf8(ran.stderr).unwrap()
    };
    for (name, why) in [
        ("", "the name of a token is empty"),
        ("two words", "`two words` names no token"),
        ("a\tb", "`a\\tb` names no token"),
        ("a\nb\u{1b}[31m", "names no token"),
        ("zero\u{200b}width", "`zero\\u{200b}width` names no token"),
        (&"n".repeat(101), "longer than 100 characters"),
    ] {
        let said = refused(&[name, "--may", "look"]);
        assert!(said.contains(why) && !said.contains('\u{1b}'), "{name:?}: {said}");
    }
    assert!(refused(&["--may", "look", "--", "-x"]).contains("begins with `-`"));
    assert!(refused(&["ci", "--may", "look", "--person", ""]).contains("the name of a person is empty"));
    assert!(refused(&["ci", "--may", "fly"]).contains("look, answer, start, admin"));
    assert!(refused(&["ci", "--remove"]).contains("there are none"));
    assert!(!journal.exists(), "nothing of it made a journal");
    // The rights are written once each, in one order.
    let made = bench.shell.rbl("serve token ci --may start,look,look").code(0);
    assert!(made.err.contains("may look, start"), "{}", made.err);
    assert!(refused(&["ci", "--may", "look"]).contains("there is a token `ci` already"));
    assert!(refused(&["bob", "--remove"]).contains("there are: ci"));
    bench.shell.rbl("serve token ana --may look").code(0);
    assert!(refused(&["anna", "--remove"]).contains("write `ana`"));
}
