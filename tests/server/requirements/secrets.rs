//! S17: no secret is shown or kept, whatever goes wrong with it.

use serde_json::json;

use crate::server::api::{call, token};
use crate::server::{ServerBench, alert, delivery};
use crate::support::{Fake, Response, free_port};

const T: &str = "2026-11-29T03:00:00Z";

/// The words that stand nowhere but where they were written.
const PLANTED: [&str; 7] = [
    "hook-t0ken-4711",
    "url-s3cret-4712",
    "pass-w0rd-4713",
    "command-s3cret-4714",
    "header-s3cret-4715",
    "pd-s3cret-4716",
    "channel-s3cret-4717",
];

/// Connections whose secrets are part of what can fail: an address with a key in it that nobody answers at, one that answers with
/// an error, a password, a header. A command prints its secret, and a question shows it as evidence.
#[test]
fn s17_no_secret_is_in_a_page_the_log_a_metric_an_answer_or_the_journal() {
    let angry = Fake::always(Response::of("500 Internal Server Error", "text/plain", "no"));
    let echo = Fake::always(Response::of("403 Forbidden", "text/plain", "no url-s3cret-4712 pass-w0rd-4713"));
    let gone = free_port();
    let sections = format!(
        r#"
[hooks.alertmanager]
type = "alertmanager"
token = {{ file = "secret/hook" }}
[hooks.pd]
type = "pagerduty"
secrets = [{{ file = "secret/pd" }}]
[hooks.ops]
type = "opsgenie"
header = "X-Rbl"
secret = {{ file = "secret/header" }}
[teams.gone]
type = "webhook"
url = {{ file = "secret/gone" }}
asks = "chat"
[teams.angry]
type = "webhook"
url = {{ file = "secret/angry" }}
[channels.chat]
type = "webhook"
url = {{ file = "secret/chat" }}
[providers.prom]
type = "prometheus"
url = "{}"
username = "rbl"
password = {{ file = "secret/password" }}
"#,
        echo.url()
    );
    let bench = ServerBench::new("", &sections);
    let [hook, url, password, command, header, pd, channel] = PLANTED;
    let secret = |name: &str, text: &str| {
        bench.shell.write(&format!("secret/{name}"), text);
    };
    secret("hook", hook);
    secret("gone", &format!("http://127.0.0.1:{gone}/{url}"));
    secret("angry", &format!("{}/services/{url}", angry.url()));
    secret("chat", &format!("http://127.0.0.1:{gone}/{channel}"));
    secret("password", password);
    secret("header", header);
    secret("pd", pd);
    secret("command", command);
    bench.runbook(
        "a.rb",
        "\"A\"",
        "secret key from file \"secret/command\"\nmetric load from prom \"node_load1\"\n\
         action `echo using #{key}; echo #{key} >&2`\n\
         if load > 3 { record \"high\" } unknown { record \"unknown\" }\n\
         escalate to \"angry\" because \"look\" else { record \"not paged\" }\n\
         if \"Is it real?\" by \"gone\" within 1h showing `cat secret/command` { action `false #{key}` }\n\
         resolve \"done\"",
    );
    let mut bench = bench;
    bench.shell = bench.shell.env("RBL_LOG", "debug");
    let found = bench.shell.rbl("check a.rb");
    assert!(!found.out.contains(" × "), "{found:?}");
    let all = token(&bench, "ana --may look,answer,start,admin --person ana");
    let server = bench.start();
    let post = |path: &str, headers: &str, body: &str| {
        let head =
            format!("POST /hooks/{path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json{headers}");
        bench.request(&head, body.as_bytes()).unwrap()
    };
    let mut answers = String::new();
    let one = delivery(&[alert("A", "firing", "", "1", T)]);
    for wrong in ["", "\r\nAuthorization: Bearer wrong", &format!("\r\nAuthorization: Basic {hook}")] {
        answers += &post("alertmanager", wrong, &one).1;
    }
    answers += &post("ops", "\r\nX-Rbl: wrong", "{}").1;
    answers += &post("ops", &format!("\r\nX-Rbl: {header}"), "{").1;
    answers += &post("pd", "\r\nX-PagerDuty-Signature: v1=00", "{}").1;
    let right = format!("\r\nAuthorization: Bearer {hook}");
    assert_eq!(post("alertmanager", &right, &one).0, 202);
    bench.until("it asks", || bench.runs().first().is_some_and(|it| it["waits_on"] == "person"));
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let (_, asked) = call(&bench, &all, &format!("GET /runs/{run}"), None);
    let body = json!({"question": asked["questions"][0]["question"], "answer": "yes"});
    call(&bench, &all, &format!("POST /runs/{run}/answer"), Some(body));
    bench.until("it has ended", || bench.runs()[0]["outcome"].is_string() || bench.states()[0] != "waiting");
    bench.until("it is over", || !["waiting", "running", "answered"].contains(&bench.states()[0].as_str()));

    let paths =
        ["/runs", "/runs/RUN", "/runs/RUN/events", "/runs/RUN/records", "/runbooks", "/inbox", "/report"];
    for path in paths {
        let path = path.replace("RUN", &run);
        let head = format!("GET /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {all}");
        answers += &bench.request(&head, b"").unwrap().1;
    }
    for path in ["/metrics", "/-/ready", "/api/v1/openapi.json"] {
        answers += &server.get(path).unwrap().1;
    }
    for words in
        ["runs", "show last", "show last --format markdown", "hooks", "doctor", "report", "replay last"]
    {
        let ended = bench.shell.rbl(words);
        answers += &(ended.out + &ended.err);
    }
    drop(server);
    let mut kept = bench.log() + &bench.read("pages.txt") + &bench.read("chat.txt") + &answers;
    let folder = bench.shell.state().join("rbl");
    for entry in ignore::WalkBuilder::new(&folder).standard_filters(false).build() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            kept += &String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap());
        }
    }
    assert!(kept.contains("Is it real?") && kept.contains("using "), "what was collected is what happened");
    let shown: Vec<&str> = PLANTED.into_iter().filter(|it| kept.contains(it)).collect();
    let around = |secret: &&str| {
        let at = kept.find(*secret).unwrap();
        let from = kept[..at].char_indices().rev().nth(200).map_or(0, |(it, _)| it);
        kept[from..at].to_owned()
    };
    assert!(shown.is_empty(), "{shown:?} after: {:?}", shown.iter().map(around).collect::<Vec<_>>());
    assert!(!kept.contains(&all), "the token of ana");
}
