//! Whole runs that reach people through services: page once, hear the acknowledgement, resolve when it is over.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::{everything, flat, run};
use crate::cli::shell::Shell;
use crate::support::{Alertmanager, Fake, Response, free_port};

pub(super) const ROUTING_KEY: &str = "e93facc04764012d7bfb002500d5d1a6";

pub(super) fn body(request: &str) -> Value {
    let body = request.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(body).unwrap_or_else(|why| panic!("{why}: {request}"))
}

/// The bodies of the requests to this path.
pub(super) fn sent_to(server: &Fake, line: &str) -> Vec<Value> {
    server.requests().iter().filter(|it| it.starts_with(line)).map(|it| body(it)).collect()
}

const PAGE: &str =
    "escalate to \"db\" because \"the pool is full\" acknowledged within 30s else { \"nobody took it\" }";

fn pagerduty(url: &str) -> String {
    format!(
        "[people.ana]\nemail = \"ana@example.com\"\n[teams.db]\ntype = \"pagerduty\"\nurl = \"{url}\"\napi_url = \"{url}\"\n\
         routing_key = {{ env = \"ROUTING\" }}\napi_token = {{ env = \"PD_TOKEN\" }}\nseverity = {{ sev2 = \"error\" }}\n\
         members = [\"ana\"]\n"
    )
}

fn shell() -> Shell {
    Shell::new().env("ROUTING", ROUTING_KEY).env("PD_TOKEN", "pd-token-77aa88bb")
}

/// PagerDuty, in which somebody acknowledges after it was looked at this many times.
pub(super) fn acknowledging(after: usize) -> Fake {
    let looks = AtomicUsize::new(0);
    Fake::start(move |request| {
        if request.starts_with("POST /v2/enqueue ") {
            let key = body(request)["dedup_key"].clone();
            return Response::of(
                "202 Accepted",
                "application/json",
                &format!(
                    "{{\"status\": \"success\", \"message\": \"Event processed\", \"dedup_key\": {key}}}"
                ),
            );
        }
        if request.starts_with("POST /incidents/Q1/notes ") {
            return Response::json("{\"note\": {\"id\": \"N1\"}}");
        }
        let acknowledged = looks.fetch_add(1, Ordering::SeqCst) >= after;
        let status = if acknowledged { "acknowledged" } else { "triggered" };
        Response::json(&format!(
            "{{\"incidents\": [{{\"id\": \"Q1\", \"status\": \"{status}\", \"created_at\": \"2026-11-29T10:00:00Z\", \
             \"acknowledgements\": [{{\"acknowledger\": {{\"type\": \"user_reference\", \"summary\": \"Ana Lopez\", \
             \"email\": \"ana@example.com\"}}}}]}}]}}"
        ))
    })
}

#[test]
fn pagerduty_is_paged_acknowledged_and_resolved() {
    let server = acknowledging(0);
    let shell = shell();
    let more = "[channels.notes]\ntype = \"pagerduty\"\nteam = \"db\"\nfrom = \"rbl@example.com\"\napi_token = { env = \"PD_TOKEN\" }\n";
    let configuration = format!("{}{more}api_url = \"{}\"\n", pagerduty(&server.url()), server.url());
    let body = format!(
        "severity \"sev2\"\nlink \"Graphs\" \"https://g.example\"\n\n{PAGE}\nrecord \"restarted\" to \"notes\"\nresolve \"it is well again\""
    );
    let ended = run(&shell, &configuration, &body).code(0);
    let events = sent_to(&server, "POST /v2/enqueue ");
    assert_eq!(events.len(), 2, "{events:#?}");
    let (trigger, resolve) = (&events[0], &events[1]);
    assert_eq!((&trigger["event_action"], &trigger["routing_key"]), (&"trigger".into(), &ROUTING_KEY.into()));
    assert_eq!(trigger["payload"]["summary"], "It: the pool is full");
    assert_eq!(trigger["payload"]["severity"], "error");
    assert_eq!(trigger["links"][0]["href"], "https://g.example");
    assert_eq!(resolve["event_action"], "resolve");
    assert_eq!(
        (&resolve["dedup_key"], &resolve["routing_key"]),
        (&trigger["dedup_key"], &ROUTING_KEY.into())
    );
    let story = flat(&ended);
    assert!(story.contains("acknowledged db; by ana"), "{}", ended.out);
    assert!(story.contains("the page to db was resolved (PagerDuty)"), "{}", ended.out);
    let requests = server.requests();
    let look = requests.iter().find(|it| it.starts_with("GET /incidents?incident_key=")).unwrap();
    let key = trigger["dedup_key"].as_str().unwrap().replace('/', "%2F");
    assert!(look.starts_with(&format!("GET /incidents?incident_key={key} ")), "{look}");
    assert!(look.to_lowercase().contains("authorization: token token=pd-token-77aa88bb"), "{look}");
    let note = requests.iter().find(|it| it.starts_with("POST /incidents/Q1/notes ")).unwrap();
    assert!(
        note.contains("It: restarted") && note.to_lowercase().contains("from: rbl@example.com"),
        "{note}"
    );
    let all = everything(&shell, &ended);
    assert!(!all.contains(ROUTING_KEY) && !all.contains("pd-token-77aa88bb"));
    // What was concluded is in the record: a replay says the same.
    let again = shell.rbl("replay last --format plain").code(0);
    assert!(
        again.out.split_whitespace().collect::<Vec<_>>().join(" ").contains("was resolved (PagerDuty)"),
        "{again:?}"
    );
}

#[test]
fn a_page_of_a_run_that_is_not_resolved_stays_open() {
    let server = acknowledging(0);
    let ended = run(&shell(), &pagerduty(&server.url()), "escalate to \"db\"\nstop \"no\"").code(4);
    assert_eq!(sent_to(&server, "POST /v2/enqueue ").len(), 1, "{}", ended.out);
}

#[test]
fn a_routing_key_that_is_none_is_not_sent() {
    let server = acknowledging(0);
    let shell = Shell::new().env("ROUTING", "too-short-key").env("PD_TOKEN", "pd-token-77aa88bb");
    let ended = run(&shell, &pagerduty(&server.url()), "escalate to \"db\" else { \"nobody was reached\" }");
    assert!(flat(&ended).contains("the `routing_key` has 13 characters and not 32"), "{}", ended.out);
    assert!(server.requests().is_empty());
    assert!(!everything(&shell, &ended).contains("too-short-key"));
}

/// The acknowledgement is looked for by a run that is parked too, without another page.
#[test]
fn a_parked_run_hears_the_acknowledgement() {
    let server = acknowledging(1);
    let shell = shell();
    shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{}", pagerduty(&server.url())));
    let page = PAGE.replace("30s", "30m");
    shell.write("it.rb", format!("runbook \"It\"\nowner \"owners\"\n\n{page}\nresolve \"well\"\n"));
    let first = shell.rbl("run it.rb --no-input").code(5);
    assert!(first.out.contains("acknowledged the page"), "{}", first.out);
    let ended = shell.rbl("resume last --no-input").code(0);
    assert!(ended.out.contains("acknowledged db; by ana"), "{}", ended.out);
    let actions: Vec<Value> =
        sent_to(&server, "POST /v2/enqueue ").iter().map(|it| it["event_action"].clone()).collect();
    assert_eq!(actions, ["trigger", "resolve"]);
}

#[test]
fn those_that_come_after_a_team_are_tried_in_order() {
    let good = Fake::always(Response::json("{}"));
    let dead = format!("http://127.0.0.1:{}", free_port());
    let team = |name: &str, url: &str, more: &str| {
        format!("[teams.{name}]\ntype = \"webhook\"\nurl = \"{url}/{name}\"\n{more}\n")
    };
    let configuration = [
        team("db", &dead, "then = [\"second\", \"third\"]\nfallback = \"last\""),
        team("second", &dead, ""),
        team("third", &good.url(), ""),
        team("last", &good.url(), ""),
    ]
    .concat();
    let ended = run(&Shell::new(), &configuration, "escalate to \"db\" because \"x\"").code(4);
    let requests = good.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(requests[0].starts_with("POST /third "), "{requests:?}");
    assert_eq!(body(&requests[0])["key"].as_str().unwrap().rsplit('/').next(), Some("then-2"));
    let story = flat(&ended);
    assert!(
        story.contains("db could not be paged") && story.contains("second could not be paged"),
        "{story}"
    );
    let shell = Shell::new();
    let wrong = configuration.replace("\"third\"]", "\"thrid\"]");
    let refused = run(&shell, &wrong, "escalate to \"db\"").code(2);
    assert!(refused.err.contains("third"), "{}", refused.err);
}

/// Slack, as far as the calls of rbl go: every message gets a number.
pub(super) fn slack() -> Fake {
    let next = AtomicUsize::new(1);
    Fake::start(move |request| {
        let method =
            request.split_whitespace().nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
        match method {
            "/api/chat.postMessage" => {
                let number = next.fetch_add(1, Ordering::SeqCst);
                Response::json(&format!(
                    "{{\"ok\": true, \"channel\": \"C1\", \"ts\": \"1503435956.{number:06}\"}}"
                ))
            }
            "/api/chat.update" => Response::json("{\"ok\": true}"),
            "/api/auth.test" => Response::json("{\"ok\": true, \"user\": \"rbl\", \"team\": \"Ours\"}"),
            "/api/reactions.get" => Response::json(
                "{\"ok\": true, \"message\": {\"reactions\": [{\"name\": \"thumbsup\", \"users\": [\"U1\"]}, \
                 {\"name\": \"eyes\", \"users\": [\"U2\"]}]}}",
            ),
            _ => Response::json("{\"ok\": false, \"error\": \"unknown_method\"}"),
        }
    })
}

fn slack_section(family: &str, url: &str) -> String {
    format!(
        "[{family}.db]\ntype = \"slack\"\napi_url = \"{url}/api\"\ntoken = {{ env = \"SLACK_TOKEN\" }}\nchannel = \"C1\"\n"
    )
}

#[test]
fn a_run_is_one_thread_whose_first_message_is_kept_up_to_date() {
    let server = slack();
    let shell = Shell::new().env("SLACK_TOKEN", "xoxx-token-0a1b2c3d");
    let configuration = format!("{}[channels]\ndefault = \"db\"\n", slack_section("channels", &server.url()));
    shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{configuration}"));
    shell.write(
        "it.rb",
        "runbook \"It\"\nowner \"owners\"\n\nrecord \"<!here> it began\"\ncheck \"Is it well?\" within 10m else { stop \"no\" }\nrecord \"second\" to \"db\"\n",
    );
    // Another process goes on with it: the thread is in the records.
    shell.rbl("run it.rb --no-input").code(5);
    let ended = shell.rbl("answer last yes --as bo --no-input").code(0);
    let posted = sent_to(&server, "POST /api/chat.postMessage ");
    let texts: Vec<(&str, &Value)> =
        posted.iter().map(|it| (it["text"].as_str().unwrap(), &it["thread_ts"])).collect();
    let first: Value = "1503435956.000001".into();
    assert_eq!(texts.len(), 3, "{texts:?} {}", ended.out);
    assert!(texts[0].0.starts_with("*It* · run `") && texts[0].1.is_null(), "{texts:?}");
    assert_eq!(texts[1], ("&lt;!here&gt; it began", &first));
    assert_eq!(texts[2], ("second", &first));
    let updates = sent_to(&server, "POST /api/chat.update ");
    assert_eq!(updates.len(), 2, "{updates:?}");
    assert!(updates.iter().all(|it| it["ts"] == first), "{updates:?}");
    assert!(updates[0]["text"].as_str().unwrap().contains("second"), "{updates:?}");
    assert!(updates[1]["text"].as_str().unwrap().contains(":white_check_mark: resolved"), "{updates:?}");
    assert!(!everything(&shell, &ended).contains("xoxx-token-0a1b2c3d"));
    let tested = shell.rbl("connections test db").code(0).out;
    assert!(tested.contains("as rbl in Ours"), "{tested}");
    assert_eq!(sent_to(&server, "POST /api/chat.postMessage ").len(), 3);
}

#[test]
fn a_reaction_in_slack_acknowledges_a_page() {
    let server = slack();
    let shell = Shell::new().env("SLACK_TOKEN", "xoxx-token-0a1b2c3d");
    let configuration = format!(
        "[people.ana]\nslack = \"U2\"\n{}mention = \"<!subteam^S1>\"\n",
        slack_section("teams", &server.url())
    );
    let ended = run(&shell, &configuration, &format!("{PAGE}\nresolve \"well\"")).code(0);
    assert!(flat(&ended).contains("acknowledged db; by ana"), "{}", ended.out);
    let posted = sent_to(&server, "POST /api/chat.postMessage ");
    assert!(posted[0]["text"].as_str().unwrap().starts_with("<!subteam^S1> :rotating_light:"), "{posted:?}");
    assert_eq!(sent_to(&server, "POST /api/chat.update ").len(), 1);
}

#[test]
fn opsgenie_is_closed_by_its_alias() {
    let closed = Mutex::new(Vec::new());
    let server = Fake::start(move |request| {
        if request.starts_with("GET ") {
            return Response::json(
                "{\"data\": {\"acknowledged\": true, \"status\": \"open\", \"owner\": \"ana@example.com\"}}",
            );
        }
        closed.lock().unwrap().push(request.to_owned());
        Response::of(
            "202 Accepted",
            "application/json",
            "{\"result\": \"Request will be processed\", \"requestId\": \"r\"}",
        )
    });
    let shell = Shell::new().env("OPS_KEY", "genie-key-9988");
    let configuration = format!(
        "[people.ana]\nemail = \"ana@example.com\"\n[teams.db]\ntype = \"opsgenie\"\nurl = \"{}\"\napi_key = {{ env = \"OPS_KEY\" }}\n\
         responders = [\"team:ops\", \"user:ana@example.com\"]\ntags = [\"rbl\"]\n[channels.notes]\ntype = \"opsgenie\"\nteam = \"db\"\n\
         url = \"{}\"\napi_key = {{ env = \"OPS_KEY\" }}\n",
        server.url(),
        server.url()
    );
    let body_text = format!("{PAGE}\nrecord \"restarted\" to \"notes\"\nresolve \"well\"");
    let ended = run(&shell, &configuration, &body_text).code(0);
    assert!(flat(&ended).contains("acknowledged db; by ana"), "{}", ended.out);
    let requests = server.requests();
    let paths: Vec<&str> = requests.iter().map(|it| it.lines().next().unwrap()).collect();
    let create = body(&requests[0]);
    let alias = create["alias"].as_str().unwrap().replace('/', "%2F");
    assert_eq!(paths[0], "POST /v2/alerts HTTP/1.1");
    assert_eq!(create["responders"][1], serde_json::json!({"type": "user", "username": "ana@example.com"}));
    assert_eq!(create["priority"], "P1");
    assert!(
        paths.contains(&format!("GET /v2/alerts/{alias}?identifierType=alias HTTP/1.1").as_str()),
        "{paths:?}"
    );
    assert!(
        paths.contains(&format!("POST /v2/alerts/{alias}/notes?identifierType=alias HTTP/1.1").as_str()),
        "{paths:?}"
    );
    assert!(
        paths.contains(&format!("POST /v2/alerts/{alias}/close?identifierType=alias HTTP/1.1").as_str()),
        "{paths:?}"
    );
    assert!(requests.iter().all(|it| it.contains("GenieKey genie-key-9988")));
    assert!(!everything(&shell, &ended).contains("genie-key-9988"));
}

/// 202 is no success: what became of the request is asked until it is known, or for a few seconds.
#[test]
fn a_request_that_opsgenie_took_and_did_not_do_pages_the_next_team() {
    const WAITS: &str = "HTTP/1.1 404 Not Found\r\nX-Opsgenie-Errortype: RequestNotProcessed\r\nContent-Type: application/json\r\n\
        Content-Length: 2\r\nConnection: close\r\n\r\n{}";
    let failed = "\"isSuccess\": false, \"success\": false, \"status\": \"Responders are not valid\", \"alertId\": \"\"";
    let done = "\"isSuccess\": true, \"status\": \"Created alert\", \"alertId\": \"a1\"";
    // What a repetition of an open alert may be answered: there is an alert.
    let again = "\"isSuccess\": false, \"status\": \"Deduplicated\", \"alertId\": \"a1\"";
    for (kind, waits, answer, is_paged, looks) in [
        ("opsgenie", 2, format!("{{\"data\": {{{failed}}}}}"), false, 3),
        ("jsm", 0, format!("{{{failed}}}"), false, 1),
        ("opsgenie", 1, format!("{{\"data\": {{{done}}}}}"), true, 2),
        ("jsm", 0, format!("{{{again}}}"), true, 1),
        // Nobody knows: it counts as what it was answered.
        ("opsgenie", 0, "<html>".to_owned(), true, 1),
        ("opsgenie", 99, String::new(), true, 5),
    ] {
        let left = AtomicUsize::new(waits);
        let server = Fake::start(move |request| {
            if request.starts_with("GET /v2/alerts/requests/r-1 ") {
                assert!(request.contains("GenieKey genie-key-9988"));
                let is_waiting =
                    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                return if is_waiting.is_ok() {
                    Response::raw(WAITS.as_bytes())
                } else {
                    Response::json(&answer)
                };
            }
            Response::of("202 Accepted", "application/json", "{\"requestId\": \"r-1\"}")
        });
        let next = Fake::always(Response::json("{}"));
        let shell = Shell::new().env("OPS_KEY", "genie-key-9988");
        let configuration = format!(
            "[teams.db]\ntype = \"{kind}\"\nurl = \"{}\"\napi_key = {{ env = \"OPS_KEY\" }}\nthen = [\"next\"]\n\
             [teams.next]\ntype = \"webhook\"\nurl = \"{}\"\n",
            server.url(),
            next.url()
        );
        let ended = run(&shell, &configuration, "escalate to \"db\" because \"x\"").code(4);
        let looked = server.requests().iter().filter(|it| it.starts_with("GET /v2/alerts/requests/")).count();
        assert_eq!(next.requests().is_empty(), is_paged, "{kind}: {}", ended.out);
        // How often it is looked in a few seconds is a matter of the machine.
        let is_right = if waits == 99 { (2..=looks).contains(&looked) } else { looked == looks };
        assert!(is_right, "{kind}: {looked} looks: {}", ended.out);
        assert_eq!(
            flat(&ended).contains("and did not do it: Responders are not valid"),
            !is_paged,
            "{}",
            ended.out
        );
        assert_eq!(sent_to(&server, "POST ").len(), 1, "it is sent once");
    }
}

#[test]
fn teams_gets_a_card() {
    let server = Fake::always(Response::of("202 Accepted", "text/plain", ""));
    let shell = Shell::new().env("FLOW", &format!("{}/workflows/ab12cd34ef56/run", server.url()));
    let section = "type = \"msteams\"\nwebhook = { env = \"FLOW\" }\n";
    let configuration = format!("[teams.db]\n{section}[channels.log]\n{section}");
    let ended = run(&shell, &configuration, "link \"Graphs\" \"https://g.example\"\n\nrecord \"it *began*\" to \"log\"\nescalate to \"db\" because \"the pool is full\"").code(4);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    let card = |request: &str| body(request)["attachments"][0]["content"].clone();
    let (record, page) = (card(&requests[0]), card(&requests[1]));
    assert_eq!((&page["type"], &page["version"]), (&"AdaptiveCard".into(), &"1.4".into()));
    assert_eq!(page["body"][0]["text"], "It: the pool is full");
    assert_eq!(
        page["actions"][0],
        serde_json::json!({"type": "Action.OpenUrl", "title": "Graphs", "url": "https://g.example"})
    );
    assert_eq!(record["body"][1]["text"], "it \\*began\\*");
    assert!(!everything(&shell, &ended).contains("ab12cd34ef56"));
}

/// A page to a real Alertmanager is an alert there, a silence that is made after it acknowledges it, and it ends with the run.
#[test]
fn an_alert_in_alertmanager_is_a_page() {
    let Some(server) = Alertmanager::start() else { return };
    let shell = Shell::new();
    shell.write(
        "rbl.toml",
        format!(
            "[teams.owners]\ntype = \"terminal\"\n[teams.db]\ntype = \"alertmanager\"\nurl = \"{}\"\nlabels = {{ service = \"api\" }}\n",
            server.url()
        ),
    );
    shell.write(
        "it.rb",
        format!("runbook \"It\"\nowner \"owners\"\n\n{}\nresolve \"well\"\n", PAGE.replace("30s", "30m")),
    );
    assert!(shell.rbl("connections test db").code(0).out.contains("Alertmanager 0."));
    assert_eq!(server.alerts().split("\r\n\r\n").nth(1).map(str::trim), Some("[]"));
    // It is there before the page, of which nobody is notified.
    server.silence("service", "api");
    let is_silenced_by = |count: usize| {
        let silences = || {
            let alerts = body(&server.alerts());
            alerts[0]["status"]["silencedBy"].as_array().map_or(0, Vec::len)
        };
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while silences() != count && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(silences(), count, "{}", server.alerts());
    };
    shell.rbl("run it.rb --no-input").code(5);
    let alerts = server.alerts();
    for part in
        ["\"alertname\":\"RunbookPage\"", "\"service\":\"api\"", "It: the pool is full", "\"team\":\"db\""]
    {
        assert!(alerts.contains(part), "{part}: {alerts}");
    }
    is_silenced_by(1);
    shell.rbl("resume last --no-input").code(5);
    server.silence("alertname", "RunbookPage");
    is_silenced_by(2);
    let ended = shell.rbl("resume last --no-input").code(0);
    assert!(ended.out.contains("acknowledged db; by a test"), "{}", ended.out);
    let until = std::time::Instant::now() + Duration::from_secs(10);
    while server.alerts().contains("RunbookPage") && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!server.alerts().contains("RunbookPage"), "{}", server.alerts());

    // Both silences were there before the next page: the story says why nobody is known to have acknowledged it.
    let page = PAGE.replace("30s", "1s");
    shell.write("late.rb", format!("runbook \"Late\"\nowner \"owners\"\n\n{page}\nresolve \"well\"\n"));
    let late = flat(&shell.rbl("run late.rb --no-input"));
    assert!(late.contains("was there before the page, of which nobody was notified"), "{late}");
}

#[test]
fn a_file_keeps_records_as_lines() {
    let shell = Shell::new();
    let configuration = "[channels.log]\ntype = \"file\"\npath = \"records.jsonl\"\n";
    run(&shell, configuration, "record \"first\" to \"log\"\nrecord \"second\" to \"log\"").code(0);
    let kept = std::fs::read_to_string(shell.path().join("records.jsonl")).unwrap();
    let lines: Vec<Value> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["text"], &lines[1]["text"]), (&"first".into(), &"second".into()));
    assert!(lines.iter().all(|it| it["event"] == "record" && it["channel"] == "log"));
    shell.rbl("connections test log").code(0);
}

#[test]
fn a_file_that_cannot_be_written_takes_no_record() {
    let shell = Shell::new();
    shell.write("folder/x", "");
    for (path, words) in [("no/such/folder/x", "no such"), ("folder", "folder"), ("/dev/full", "full")] {
        let ended = run(
            &shell,
            &format!("[channels.log]\ntype = \"file\"\npath = \"{path}\"\n"),
            "record \"x\" to \"log\"",
        )
        .code(0);
        let story = flat(&ended);
        assert!(story.contains("not posted x; to \"log\"") && story.contains(words), "{path}: {story}");
        assert_eq!(shell.rbl("connections test log").code, Some(i32::from(path != "/dev/full")), "{path}");
    }
}

#[test]
fn a_section_that_is_half_a_slack_is_refused() {
    for (keys, words) in [
        ("token = { env = \"T\" }", "needs the `channel`"),
        ("channel = \"C1\"", "needs its `token`"),
        ("", "or `webhook`"),
        ("token = { env = \"T\" }\nchannel = \"C1\"\nwebhook = { env = \"W\" }", "or `webhook`"),
    ] {
        let text = format!("[teams.db]\ntype = \"slack\"\n{keys}\n");
        let refused = run(&Shell::new(), &text, "escalate to \"db\"").code(2);
        let said = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{words}: {said}");
    }
}
