//! What a token opens besides its rights: the hooks, and only the runbooks that it is for.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::api::{call, token};
use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// Posts a delivery as somebody at another machine does: by another name of this one.
fn post(bench: &ServerBench, hook: &str, headers: &str, body: &str) -> (u16, String) {
    let head = format!(
        "POST /hooks/{hook} HTTP/1.1\r\nHost: rbl.example.com\r\nContent-Type: application/json{headers}"
    );
    bench.request(&head, body.as_bytes()).unwrap()
}

fn bearer(token: &str) -> String {
    format!("\r\nAuthorization: Bearer {token}")
}

fn one(name: &str, fingerprint: &str) -> String {
    delivery(&[alert(name, "firing", "", fingerprint, T)])
}

/// Each hook takes what proves its sender: what it is configured with, or a token with the right for it; a signed one only that.
#[test]
fn s10_a_token_with_the_right_hook_delivers_and_a_wrong_one_does_not() {
    let hooks = "[hooks.open]\ntype = \"alertmanager\"\n\
                 [hooks.token]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n\
                 [hooks.user]\ntype = \"alertmanager\"\nuser = \"am\"\npassword = { file = \"token\" }\n\
                 [hooks.header]\ntype = \"opsgenie\"\nheader = \"X-Rbl\"\nsecret = { file = \"token\" }\n\
                 [hooks.signed]\ntype = \"pagerduty\"\nsecrets = [{ file = \"token\" }]\n";
    let bench = ServerBench::new("", hooks);
    bench.shell.write("token", "s3cret\n");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let sender = token(&bench, "prometheus --may hook");
    let other = token(&bench, "ana --may look,answer,start,admin --person ana");
    let server = bench.start();
    let opsgenie = r#"{"action":"Create","alert":{"alertId":"7","message":"A"}}"#;
    let body = |hook: &str| if hook == "header" { opsgenie.to_owned() } else { one("A", "1") };
    for hook in ["open", "token", "user", "header"] {
        let status = |headers: &str| post(&bench, hook, headers, &body(hook)).0;
        assert_eq!(status(&bearer(&sender)), 202, "{hook}");
        for wrong in ["rbl_wrong", "", "other", &sender.replace("rbl_", "rbl_x")] {
            assert_eq!(status(&bearer(wrong)), 401, "{hook} {wrong}");
        }
        let (code, said) = post(&bench, hook, &bearer(&other), &body(hook));
        assert_eq!(code, 403, "{hook}: {said}");
        assert!(said.contains("it needs the right `hook`"), "{said}");
        // Without any, from elsewhere: the open one is for this machine only.
        let (code, said) = post(&bench, hook, "", &body(hook));
        assert_eq!(code, if hook == "open" { 403 } else { 401 }, "{hook}: {said}");
        if hook == "open" {
            assert!(said.contains("`rbl serve token NAME --may hook`"), "{said}");
        }
    }
    assert_eq!(post(&bench, "token", &bearer("s3cret"), &one("A", "1")).0, 202);
    assert_eq!(post(&bench, "header", "\r\nX-Rbl: s3cret", opsgenie).0, 202);
    // From this machine the open one needs none; but one that is wrong does not count as none.
    let here = |headers: &str| {
        let head = format!(
            "POST /hooks/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json{headers}"
        );
        bench.request(&head, one("A", "1").as_bytes()).unwrap().0
    };
    assert_eq!((here(""), here(&bearer("rbl_wrong")), here(&bearer(&sender))), (202, 401, 202));
    // What is signed is not taken for a token, however good that is.
    assert_eq!(post(&bench, "signed", &bearer(&sender), "{}").0, 400);
    let forged = format!("{}\r\nX-PagerDuty-Signature: v1={}", bearer(&sender), "ab".repeat(32));
    assert_eq!(post(&bench, "signed", &forged, "{}").0, 403);
    // The right opens nothing else.
    assert_eq!(call(&bench, &sender, "GET /runs", None).0, 403);
    bench.shell.rbl("serve token prometheus --remove").code(0);
    assert_eq!(post(&bench, "open", &bearer(&sender), &one("A", "1")).0, 401);
    let doctor = bench.shell.rbl("doctor").out;
    assert!(doctor.contains("hook open: it takes deliveries from this machine only"), "{doctor}");
    token(&bench, "again --may hook");
    let doctor = bench.shell.rbl("doctor").out;
    assert!(doctor.contains("hook open: it has no `token`: 1 token may deliver"), "{doctor}");
    drop(server);
    let everything = bench.log() + &bench.shell.rbl("store log").out;
    assert!(!everything.contains(&sender) && everything.contains("`prometheus`, may hook"), "{everything}");
}

/// The tokens are listed with what each may do, and without anything that opens a door.
#[test]
fn the_tokens_are_listed_without_their_secrets() {
    let bench = ServerBench::new("", "[people.ana]\n");
    let list = |words: &str| bench.shell.rbl(&format!("serve tokens{words}")).code(0).out;
    assert!(list("").starts_with("no tokens yet (the journal is "), "{}", list(""));
    assert_eq!(list(" --format json"), "");
    let secrets = [
        token(&bench, "prometheus --may hook"),
        token(&bench, "ana --may answer,look --person ana --runbooks database/* --runbooks a.rb"),
    ];
    let shown = list("");
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[0].starts_with("ana         made 20") && lines[1].starts_with("prometheus  made 20"),
        "{shown}"
    );
    assert!(lines[0].ends_with("  may look, answer  of ana  for `database/*`, `a.rb`"), "{shown}");
    assert!(lines[1].ends_with("Z  may hook"), "{shown}");
    // Who is not in the configuration any more answers nothing, whatever the token may do.
    bench.shell.write("rbl.toml", bench.read("rbl.toml").replace("[people.ana]", "[people.bo]"));
    let shown = list("");
    assert!(shown.contains("  of ana, who is not in rbl.toml and answers for no team  for "), "{shown}");
    let json = list(" --format json");
    let of_ana: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(of_ana["type"], "token");
    assert_eq!((&of_ana["may"], &of_ana["person_is_known"]), (&json!(["look", "answer"]), &json!(false)));
    assert_eq!(of_ana["runbooks"], json!(["database/*", "a.rb"]));
    for secret in &secrets {
        let hash = secret.split('_').next_back().unwrap();
        assert!(!json.contains(hash) && !shown.contains(hash) && !json.contains("sha256"), "{json}");
    }
    bench.shell.rbl("serve token ana --remove").code(0);
    assert!(!list("").contains("ana") && list("").contains("prometheus"), "{}", list(""));
}

/// With such a token the server may listen elsewhere without a secret of its hooks, and then every delivery needs one.
#[test]
fn s10_a_server_for_everybody_needs_a_token_for_its_senders() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let everywhere = bench.read("rbl.toml").replace("127.0.0.1:", "0.0.0.0:");
    bench.shell.write("rbl.toml", everywhere);
    token(&bench, "ana --may look,answer,start,admin --person ana");
    let refused = bench.shell.rbl("serve").code(2).err;
    assert!(refused.contains("could start runs through the hook `alertmanager`"), "{refused}");
    assert!(refused.contains("`rbl serve token NAME --may hook`"), "{refused}");
    let sender = token(&bench, "prometheus --may hook");
    let _server = bench.start();
    let (code, said) = bench.deliver(&one("A", "1")).unwrap();
    assert_eq!(code, 401, "as from this machine: {said}");
    assert_eq!(post(&bench, "alertmanager", &bearer(&sender), &one("A", "1")).0, 202);
    bench.until_states(&["resolved"]);
}

/// Two folders of runbooks, each with a run that waits for an answer, and a delivery that started nothing.
fn two_folders(bench: &ServerBench) {
    let body = "if \"Is it real?\" { record \"yes\" }\nresolve \"done\"";
    bench.runbook("database/disk.rb", "\"Disk\"", body);
    bench.runbook("database/broken.rb", "\"Broken\"", "resolve 7 +");
    bench.runbook("network/secret-link.rb", "\"SecretLink\" where severity = \"page\"", body);
}

fn started(bench: &ServerBench, name: &str, labels: &str) {
    bench.delivered(&delivery(&[alert(name, "firing", labels, name, T)]));
    bench.until_settled();
}

fn run_of(bench: &ServerBench, file: &str) -> String {
    bench.until("the run waits", || {
        bench.runs().iter().any(|run| run["file"] == file && run["state"] == "waiting")
    });
    let runs = bench.runs();
    let run = runs.iter().find(|run| run["file"] == file).unwrap();
    run["run"].as_str().unwrap().to_owned()
}

/// Every call of the description, with the run of another folder and with one of its own.
#[test]
fn s13_a_token_for_some_runbooks_sees_and_does_nothing_about_others() {
    let bench = ServerBench::new("", "");
    two_folders(&bench);
    let all = token(&bench, "all --may look,answer,start,admin --person ana");
    let some = token(&bench, "dba --may look,answer,start,admin --person ana --runbooks database/*");
    let _server = bench.start();
    started(&bench, "Disk", "");
    started(&bench, "SecretLink", "\"severity\":\"page\"");
    started(&bench, "SecretLink", "\"severity\":\"info\"");
    started(&bench, "SecretUnknown", "");
    let (own, other) = (run_of(&bench, "database/disk.rb"), run_of(&bench, "network/secret-link.rb"));
    let secret = |text: &str| text.to_lowercase().contains("secret") || text.contains(&other);

    // Each call about a run: of another folder it is as if the run were not there, whatever it would do.
    let (_, text) = bench.request("GET /api/v1/openapi.json HTTP/1.1\r\nHost: x", b"").unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut calls = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, _) in item.as_object().unwrap() {
            let path = path.strip_prefix("/api/v1").unwrap();
            let ask = |token: &str, run: &str| {
                let (_, one) = call(&bench, &all, &format!("GET /runs/{run}"), None);
                let question = one["questions"][0]["question"].as_str().unwrap_or("1").to_owned();
                let body = match path {
                    "/runs" => json!({"file": "network/secret-link.rb"}),
                    it if it.ends_with("/answer") => json!({"question": question, "answer": "yes"}),
                    _ => json!({"reason": "it is not ours"}),
                };
                let body = (method == "post" && !path.ends_with("/acknowledge")).then_some(body);
                let path = path.replace("{run}", run);
                call(&bench, token, &format!("{} {path}", method.to_uppercase()), body)
            };
            let (code, said) = ask(&some, &other);
            if path.contains("{run}") {
                let (none, unknown) = ask(&some, "20260101-000000-abcdef");
                assert_eq!((code, none), (404, 404), "{method} {path}: {said}");
                let unknown = unknown.to_string().replace("20260101-000000-abcdef", &other);
                assert_eq!(said.to_string(), unknown, "{method} {path}");
                if method == "get" {
                    assert_eq!(ask(&some, &own).0, 200, "{method} {path}");
                }
            } else if method == "post" {
                assert_eq!(code, 404, "{said}");
                assert!(said["error"].as_str().unwrap().starts_with("there is no runbook `"), "{said}");
            } else {
                assert_eq!(code, 200, "{method} {path}: {said}");
                assert!(!secret(&said.to_string()), "{method} {path}: {said}");
                assert!(secret(&ask(&all, &other).1.to_string()), "{method} {path} has it for others");
            }
            calls += 1;
        }
    }
    assert!(calls >= 11, "{calls}");
    assert_eq!(bench.states(), ["waiting", "waiting"], "nothing of it changed anything");

    // The lists hold what is its own, and only that, however they are asked for.
    let list = |asked: &str| call(&bench, &some, asked, None).1;
    let ids = |list: &Value| {
        let runs = list["runs"].as_array().unwrap();
        runs.iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&list("GET /runs")), [own.as_str()]);
    assert_eq!(
        (ids(&list("GET /runs?limit=1")), &list("GET /runs?limit=1")["next"]),
        (vec![own.clone()], &Value::Null)
    );
    assert_eq!(ids(&list(&format!("GET /runs?run={other}"))), Vec::<String>::new());
    assert_eq!(ids(&list(&format!("GET /runs?before={other}"))), Vec::<String>::new());
    assert_eq!(ids(&list(&format!("GET /runs?run={}", &own[..9]))), [own.as_str()]);
    assert_eq!(list("GET /runbooks")["runbooks"].as_array().unwrap().len(), 2);
    assert_eq!(list("GET /runbooks")["runbooks"][1]["last_run"], own.as_str());
    let inbox = list("GET /inbox?limit=1");
    assert_eq!(
        inbox["deliveries"].as_array().unwrap().len(),
        1,
        "its newest, though others are newer: {inbox}"
    );
    assert_eq!(inbox["deliveries"][0]["started"], own.as_str());
    let report = list("GET /report");
    assert_eq!((&report["runs"]["all"], &report["alerts"]["with_runbook"]), (&json!(1), &json!(1)));
    assert_eq!(report["alerts"]["without_runbook"], 0, "they belong to nobody");

    // The stream of events as well, and the metrics, which are about all.
    let stream = |token: &str, run: &str| {
        let head = format!(
            "GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream{}",
            bearer(token)
        );
        bench.request(&head, b"").unwrap().0
    };
    assert_eq!(stream(&some, &other), 404);
    let metrics = |token: &str| {
        let (code, text) =
            bench.request(&format!("GET /metrics HTTP/1.1\r\nHost: x{}", bearer(token)), b"").unwrap();
        (code, text)
    };
    assert_eq!(metrics(&all).0, 200);
    let (code, said) = metrics(&some);
    assert!(code == 403 && said.contains("the metrics are about all runbooks"), "{code} {said}");

    // What is its own is started, answered and aborted.
    let (code, new) = call(&bench, &some, "POST /runs", Some(json!({"file": "database/disk.rb"})));
    assert_eq!(code, 201, "{new}");
    let new = new["run"].as_str().unwrap().to_owned();
    bench.until_states(&["waiting", "waiting", "waiting"]);
    let abort = json!({"reason": "enough"});
    assert_eq!(call(&bench, &some, &format!("POST /runs/{new}/abort"), Some(abort)).0, 202);
    let question = list(&format!("GET /runs/{own}"))["questions"][0]["question"].clone();
    let answer = json!({"question": question, "answer": "yes"});
    assert_eq!(call(&bench, &some, &format!("POST /runs/{own}/answer"), Some(answer)).0, 200);
    bench.until_states(&["resolved", "waiting", "aborted"]);
    assert_eq!(stream(&some, &own), 200, "to its end");
}

/// A sender for some runbooks starts no others, and keeps nothing of others from coming in.
#[test]
fn a_sender_for_some_runbooks_starts_no_others() {
    let bench = ServerBench::new(
        "",
        "[hooks.ops]\ntype = \"opsgenie\"\nheader = \"X-Rbl\"\nsecret = { file = \"secret\" }\n",
    );
    bench.shell.write("secret", "s3cret");
    bench.runbook("database/a.rb", "\"A\"", "resolve \"done\"");
    bench.runbook(
        "network/a.rb",
        "\"A\"",
        "wait until not alert.firing within 1m every 1s\nresolve \"done\"",
    );
    bench.runbook("network/b.rb", "\"B\"", "resolve \"done\"");
    let sender = token(&bench, "db --may hook --runbooks database/*");
    let _server = bench.start();
    let create = |message: &str, headers: &str| {
        let body =
            format!(r#"{{"action":"Create","alert":{{"alertId":"{message}","message":"{message}"}}}}"#);
        post(&bench, "ops", headers, &body)
    };
    assert_eq!(create("A", &bearer(&sender)).0, 202);
    assert_eq!(create("B", &bearer(&sender)).0, 202);
    bench.until_settled();
    let files = |bench: &ServerBench| {
        bench.runs().iter().map(|run| run["file"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(files(&bench), ["database/a.rb"]);
    let why = bench.shell.rbl("hooks").out;
    assert!(why.contains("in the runbooks that its sender may start: `database/*`"), "{why}");
    // The same delivery of the sender for all of them is another one; a repeated one is not.
    assert!(create("A", &bearer(&sender)).1.contains("\"repeated\":true"));
    let (_, said) = create("A", "\r\nX-Rbl: s3cret");
    assert!(said.contains("\"repeated\":false"), "{said}");
    bench.until_settled();
    assert_eq!(files(&bench), ["database/a.rb", "network/a.rb"]);
    // A resolve of the first is none for the runbooks of others.
    let close = r#"{"action":"Close","alert":{"alertId":"A","message":"A"}}"#;
    assert_eq!(post(&bench, "ops", &bearer(&sender), close).0, 202);
    bench.until_settled();
    std::thread::sleep(Duration::from_secs(2));
    assert_ne!(bench.states()[1], "resolved");
    assert_eq!(post(&bench, "ops", "\r\nX-Rbl: s3cret", close).0, 202);
    bench.until_states(&["resolved", "resolved"]);
}

/// A token that is removed ends what it opened.
#[test]
fn a_stream_of_events_ends_with_its_token() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" within 20m { record \"yes\" }\nresolve \"done\"");
    let look = token(&bench, "look --may look");
    let _server = bench.start();
    bench.delivered(&one("A", "1"));
    bench.until_states(&["waiting"]);
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, bench.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!(
        "GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream{}\r\nConnection: close\r\n\r\n",
        bearer(&look)
    );
    stream.write_all(head.as_bytes()).unwrap();
    // It is removed when the stream has begun.
    let (mut text, mut part) = (String::new(), [0; 1024]);
    while !text.contains("event: ") {
        let count = stream.read(&mut part).unwrap();
        assert_ne!(count, 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    bench.shell.rbl("serve token look --remove").code(0);
    let begun = Instant::now();
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}: the run still waits", begun.elapsed());
    assert_eq!(bench.states(), ["waiting"]);
}

/// What is no pattern is refused, what means nothing now is said, and the list of what was done names it.
#[test]
fn the_patterns_of_a_token_are_read_when_it_is_made() {
    let bench = ServerBench::new("", "");
    two_folders(&bench);
    let refused = bench.shell.rbl("serve token x --may look --runbooks a{").code(2).err;
    assert!(refused.contains("`a{` is no pattern"), "{refused}");
    let both = "--runbooks database/* --runbooks databse/*";
    let made = bench.shell.rbl(&format!("serve token dba --may look,hook {both}")).code(0);
    assert!(made.err.contains("no runbook matches `databse/*` now"), "{}", made.err);
    assert!(!made.err.contains("matches `database/*`"), "{}", made.err);
    assert!(made.err.contains("may hook, look, for `database/*`, `databse/*`"), "{}", made.err);
    let log = bench.shell.rbl("store log").out;
    assert!(log.contains("`dba`, may hook, look, for `database/*`, `databse/*`"), "{log}");
    let refused = bench.shell.rbl("serve token dba --remove --runbooks a").code(2).err;
    assert!(refused.contains("cannot be used with"), "{refused}");
}
