//! One incident, from its alert to the page that is resolved, through every connection of `examples/connected`: the runbook and the
//! configuration of the example, with addresses of the test. Matrix is a real homeserver, mail a real mail server; PagerDuty and Systems
//! Manager get what Alertmanager and botocore send them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::following::System;
use super::mail::MailServer;
use super::matrix::Homeserver;
use super::reference_clients::{first, header, sent_by_alertmanager, shapes, ssm};
use super::services::{ROUTING_KEY, acknowledging, body, sent_to, slack};
use crate::cli::shell::Shell;
use crate::server::{ServerBench, alert, delivery};
use crate::support::{Fake, Response, free_port};

const CONFIGURATION: &str = include_str!("../../examples/connected/rbl.toml");
const RUNBOOK: &str = include_str!("../../examples/connected/api-latency.rb");

/// The secrets of the example, which nothing shows.
const SECRETS: [(&str, &str); 4] = [
    ("PAGERDUTY_ROUTING_KEY", ROUTING_KEY),
    ("PAGERDUTY_API_TOKEN", "pd-token-77aa88bb"),
    ("SLACK_BOT_TOKEN", "xoxx-token-0a1b2c3d"),
    ("AWS_SECRET_ACCESS_KEY", "planted-Key-5566"),
];

/// A Prometheus whose 99th percentile is slow until this is over.
fn prometheus(over: Arc<AtomicBool>) -> Fake {
    Fake::start(move |request| {
        let is_latency = request.contains("histogram_quantile");
        let value = match (is_latency, over.load(Ordering::SeqCst)) {
            (true, false) => "0.812",
            (true, true) => "0.12",
            (false, _) => "720",
        };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let result = json!([{ "metric": {}, "value": [now, value] }]);
        let answer = json!({ "status": "success", "data": { "resultType": "vector", "result": result } });
        Response::json(&answer.to_string())
    })
}

/// The example's text with this in place of that, which has to be in it.
fn with(text: &str, changes: &[(&str, String)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

fn texts(bodies: &[Value]) -> Vec<&str> {
    bodies.iter().filter_map(|it| it["text"].as_str()).collect()
}

#[test]
fn one_incident_through_every_connection() {
    let (Some(room), Some(mail), Some(theirs)) =
        (Homeserver::start(), MailServer::start(false), sent_by_alertmanager())
    else {
        return;
    };
    let (pager, chat) = (acknowledging(usize::MAX), slack());
    let automation = System::start(ssm);
    let metrics = prometheus(Arc::clone(&automation.over));

    let mut shell = Shell::new().env("AWS_ACCESS_KEY_ID", "AKID").env("MATRIX_TOKEN", room.field("rbl"));
    for (name, value) in SECRETS {
        shell = shell.env(name, value);
    }
    let bench = ServerBench { shell, port: free_port() };
    let address = |key: &str, fake: &Fake, path: &str| format!("\n{key} = \"{}{path}\"", fake.url());
    let configuration = with(
        CONFIGURATION,
        &[
            ("127.0.0.1:7180", format!("127.0.0.1:{}", bench.port)),
            ("https://prometheus.example.com", metrics.url()),
            (
                "type        = \"pagerduty\"",
                format!(
                    "type = \"pagerduty\"{}{}",
                    address("url", &pager, ""),
                    address("api_url", &pager, "")
                ),
            ),
            ("type    = \"slack\"", format!("type = \"slack\"{}", address("api_url", &chat, "/api"))),
            ("https://matrix.example.com", room.field("url").to_owned()),
            ("!incidents:example.com", room.field("room").to_owned()),
            ("@ana:example.com", "@ana:localhost".to_owned()),
            ("mail.example.com:587", mail.address()),
            ("tls      = \"starttls\"", "tls = \"none\"".to_owned()),
            (
                "type              = \"ssm\"",
                format!("type = \"ssm\"{}", address("url", &automation.server, "")),
            ),
            ("every             = \"5s\"", "every = \"200ms\"".to_owned()),
        ],
    );
    bench.shell.write("rbl.toml", configuration);
    bench.shell.write("api-latency.rb", with(RUNBOOK, &[("every 15s", "every 1s".to_owned())]));
    for name in ["api-oncall", "incidents", "war-room", "reports", "aws"] {
        bench.shell.rbl(&format!("connections test {name}")).code(0);
    }

    let server = bench.start();
    let labels = "\"severity\":\"page\"";
    let firing = delivery(&[alert("ApiLatencyP99High", "firing", labels, "f1", "2026-11-29T03:00:00Z")]);
    bench.delivered(&firing);
    // Killed in the middle of the action: the same execution is followed, and nothing is sent a second time.
    automation.wait_for("AmazonSSM.GetAutomationExecution", 3);
    server.kill();
    let looked = automation.count("AmazonSSM.GetAutomationExecution");
    let server = bench.start();
    automation.wait_for("AmazonSSM.GetAutomationExecution", looked + 2);
    assert_eq!(bench.states(), ["running"]);
    automation.over.store(true, Ordering::SeqCst);

    let questions = || {
        let marked = room.messages().into_iter().filter(|it| it["content"].get("dev.rbl.question").is_some());
        marked.collect::<Vec<_>>()
    };
    bench.until("the cause is asked for in the room", || !questions().is_empty());
    assert!(questions()[0]["content"]["body"].as_str().unwrap().contains("What was the cause?"));
    let relation = json!({ "m.in_reply_to": { "event_id": questions()[0]["event_id"] } });
    let reply = json!({ "msgtype": "m.text", "body": "a bad deploy of <api>", "m.relates_to": relation });
    room.send("ana", "m.room.message", &reply);
    bench.until_states(&["resolved"]);
    drop(server);

    // It paged once, as Alertmanager does, and took the page back.
    let events = pager.requests();
    let sent = sent_to(&pager, "POST /v2/enqueue ");
    let actions: Vec<&Value> = sent.iter().map(|it| &it["event_action"]).collect();
    assert_eq!(actions, ["trigger", "resolve"], "{sent:#?}");
    assert_eq!(sent[0]["dedup_key"], sent[1]["dedup_key"]);
    assert_eq!(
        sent[0]["payload"]["summary"],
        "API latency alert, handled with everybody informed: p99 is 812ms"
    );
    for action in ["trigger", "resolve"] {
        let has = format!("\"event_action\":\"{action}\"");
        let their = first(&theirs, "POST /v2/enqueue ", &has);
        let our = first(&events, "POST /v2/enqueue ", &has);
        assert_eq!(header(our, "content-type"), header(their, "content-type"));
        assert_eq!(body(our)["routing_key"], body(their)["routing_key"]);
        let (mut our, their) = (shapes(our), shapes(their));
        // Ours alone: the links of the runbook. Theirs alone: the payload of a resolve, which means nothing.
        our.remove("links");
        if action == "trigger" {
            assert_eq!(our, their);
        } else {
            assert!(our.iter().all(|(key, of)| their.get(key) == Some(of)), "{our:?} {their:?}");
        }
    }

    // One thread, whose first message shows how it ended.
    let posted = sent_to(&chat, "POST /api/chat.postMessage ");
    let told = texts(&posted);
    assert_eq!(told.len(), 4, "{posted:#?}");
    assert!(posted[0]["thread_ts"].is_null() && told[0].contains("p99 is 812ms"), "{told:?}");
    assert!(posted[1..].iter().all(|it| it["thread_ts"] == "1503435956.000001"), "{posted:#?}");
    assert_eq!(told[2], "the last deploy was rolled back");
    assert_eq!(told[3], "p99 recovered to 120ms. Cause: a bad deploy of &lt;api&gt;");
    let updates = sent_to(&chat, "POST /api/chat.update ");
    assert!(updates.iter().all(|it| it["ts"] == "1503435956.000001"), "{updates:#?}");
    assert!(texts(&updates).last().unwrap().contains(":white_check_mark: resolved"), "{updates:#?}");

    // One execution, and one mail.
    assert_eq!(automation.count("AmazonSSM.StartAutomationExecution"), 1);
    assert!(!automation.cancelled.load(Ordering::SeqCst));
    let mails = mail.mails();
    assert_eq!((mails.len(), &mails[0]["to"][0]), (1, &json!("incidents@example.com")));
    assert!(mails[0]["content"].as_str().unwrap().contains("Cause: a bad deploy of <api>"), "{mails:#?}");

    // The story tells all of it, replays, and shows none of the secrets.
    let shown = bench.shell.rbl("show last").code(0).out;
    let story = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f is still followed in aws, and not begun again",
        "asked api-oncall through war-room (Matrix)",
        "the page to api-oncall was resolved (PagerDuty)",
    ] {
        assert!(story.contains(words), "{words}: {shown}");
    }
    bench.shell.rbl("show last --verify").code(0);
    let replayed = bench.shell.rbl("replay last").code(0);
    let everything = format!("{}{}", super::everything(&bench.shell, &replayed), bench.log());
    for secret in SECRETS.iter().map(|(_, value)| *value).chain([room.field("rbl")]) {
        assert!(!everything.contains(secret), "{secret}");
    }
}
