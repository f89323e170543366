//! `rbl report`, `rbl store prune`, `rbl doctor` and `--store`: over a journal that a server filled.

use serde_json::json;

use super::api::{call, token};
use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// A runbook that asks each time and acts by machine and by hand.
fn prepared() -> ServerBench {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\" by host",
        "param host: text\naction `true` retry 1\naction \"look at the machine\" within 1h\nif \"Is it real?\" { record \"x\" }\nresolve \"done\"",
    );
    bench
}

/// Three alerts of one name with a runbook that asks each time and acts by machine and by hand; one without a runbook, twice.
fn filled(bench: &ServerBench) {
    for number in 1..=3 {
        let host = format!("\"host\":\"db-{number}\"");
        bench.delivered(&delivery(&[alert("A", "firing", &host, &number.to_string(), T)]));
        bench.until("it asks", || bench.states().last().is_some_and(|it| it == "waiting"));
        let run = bench.runs().last().unwrap()["run"].as_str().unwrap().to_owned();
        bench.shell.rbl(&format!("answer {run} done --as ana")).code(0);
        bench.until("it asks again", || {
            let asks = bench.shell.rbl(&format!("show {run}")).out;
            asks.contains("Is it real?") && bench.states().last().is_some_and(|it| it == "waiting")
        });
        bench.shell.rbl(&format!("answer {run} yes --as ana")).code(0);
        bench.until("it is resolved", || bench.states().last().is_some_and(|it| it == "resolved"));
    }
    bench.delivered(&delivery(&[alert("Other", "firing", "", "7", T)]));
    bench.delivered(&delivery(&[alert("Other", "firing", "", "7", T)]));
    bench.until_settled();
}

#[test]
fn a_report_counts_what_machines_and_people_did() {
    let bench = prepared();
    let look = token(&bench, "look --may look");
    let server = bench.start();
    filled(&bench);
    let report = bench.shell.rbl("report --format json").code(0).json().remove(0);
    assert_eq!(report["runs"]["all"], 3);
    assert_eq!(report["runs"]["resolved"], 3);
    assert_eq!(report["work"]["machine"], 3);
    assert_eq!(report["work"]["people"], 3);
    assert_eq!(report["work"]["answers"], 3);
    assert!((report["work"]["share"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-9);
    assert_eq!(
        (&report["alerts"]["with_runbook"], &report["alerts"]["without_runbook"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(report["alerts"]["unhandled"], json!([{"name": "Other", "alerts": 1}]));
    let alike = json!([{"file": "a.rb", "question": "Is it real?", "answer": "yes", "times": 3}]);
    assert_eq!(report["alike"], alike);
    assert_eq!((&report["first_action"]["count"], &report["recovery"]["count"]), (&json!(3), &json!(3)));
    assert!(report["first_action"]["longest"].as_f64().unwrap() < 60.0, "{report}");
    // The alert began long before its run.
    assert!(report["recovery"]["median"].as_f64().unwrap() >= 0.0);
    assert_eq!(report["runbooks"][0]["file"], "a.rb");
    let (code, mut remote) = call(&bench, &look, "GET /report", None);
    assert_eq!(code, 200);
    remote["at"] = report["at"].clone();
    assert_eq!(remote, report);
    let (_, none) = call(&bench, &look, "GET /report?since=2090-01-01T00:00:00Z", None);
    assert_eq!((&none["runs"]["all"], &none["work"]["share"]), (&json!(0), &json!(null)));
    assert_eq!(call(&bench, &look, "GET /report?since=yesterday", None).0, 400);
    let text = bench.shell.rbl("report --since 1d").code(0).out;
    for part in [
        "3 runs: 3 resolved",
        "33% by the machine: 3 actions, 3 instructions to people, 3 answers",
        "3 with a runbook, 1 without one",
        "no runbook: Other (1)",
        "a.rb: \"Is it real?\" was answered yes each of 3 times",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let markdown = bench.shell.rbl("report --format markdown").code(0).out;
    assert!(markdown.contains("## Work\n\n- 33%"), "{markdown}");
    drop(server);
}

/// What is pruned starts nothing anew, and what a window needs stays.
#[test]
fn prune_removes_what_is_old_and_keeps_what_a_window_needs() {
    let bench = ServerBench::new("", "");
    bench.runbook("b.rb", "\"B\"", "resolve \"done\"");
    bench.shell.write("limited.rb", "runbook \"Limited\"\nlimit 1 runs in 1d\nresolve \"done\"\n");
    bench
        .shell
        .write("waits.rb", "runbook \"Waits\"\nif \"Is it real?\" { record \"x\" }\nresolve \"done\"\n");
    let server = bench.start();
    bench.delivered(&delivery(&[alert("B", "firing", "", "1", T)]));
    bench.until_states(&["resolved"]);
    drop(server);
    bench.shell.rbl("run limited.rb --no-input").code(0);
    bench.shell.rbl("run waits.rb --no-input").code(5);
    assert_eq!(bench.states(), ["resolved", "resolved", "waiting"]);
    let nothing = bench.shell.rbl("store prune").code(0).out;
    assert_eq!(nothing, "removed 0 runs and 0 deliveries older than 90d\n");
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let would = bench.shell.rbl("store prune --older-than 1s --dry-run").code(0).out;
    assert_eq!(would, "would remove 1 run and 1 delivery older than 1s\n");
    assert_eq!(bench.states().len(), 3);
    let removed = bench.shell.rbl("store prune --older-than 1s").code(0).out;
    assert_eq!(removed, "removed 1 run and 1 delivery older than 1s\n");
    // The run of the alert stays: it still fires. So does the one that waits.
    assert_eq!(bench.states(), ["resolved", "waiting"]);
    bench.shell.rbl("show last --verify").code(0);
    // The count of the limit is kept without its run.
    let over = bench.shell.rbl("run limited.rb --no-input");
    assert_eq!(over.code, Some(2), "{over:?}");
    assert!(over.err.contains("1 in 1d") || over.err.contains("limit"), "{over:?}");
    // The same alert again starts nothing.
    let server = bench.start();
    bench.delivered(&delivery(&[alert("B", "firing", "", "1", T)]));
    bench.until_settled();
    assert_eq!(bench.states(), ["resolved", "waiting"]);
    // Once it is over, its cause is kept for two days.
    bench.delivered(&delivery(&[alert("B", "resolved", "", "1", T)]));
    bench.until_settled();
    drop(server);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    bench.shell.rbl("store prune --older-than 1s").code(0);
    assert_eq!(bench.states(), ["resolved", "waiting"]);
    let err = bench.shell.rbl("store prune --older-than soon").code(2).err;
    assert!(err.contains("write a length of time"), "{err}");
}

#[test]
fn doctor_says_what_is_wrong_and_does_nothing() {
    let bench = ServerBench::new(
        "",
        "[providers.far]\ntype = \"prometheus\"\nurl = \"http://127.0.0.1:1\"\n[hooks.x]\ntype = \"alertmanager\"\n",
    );
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    bench.runbook("broken.rb", "\"B\"", "check nothing < 5m");
    let found = bench.shell.rbl("doctor").code(1);
    let says = |part: &str| assert!(found.out.lines().any(|line| line.contains(part)), "{part}: {found:?}");
    says("ok     configuration: ");
    says("note   journal: there is none yet");
    says("ok     disk: ");
    says("wrong  provider far: ");
    says("ok     team ops: ");
    says("note   hook x: it takes deliveries from this machine only");
    says("note   server: none uses this journal now");
    assert!(
        found.out.lines().any(|it| it.starts_with("wrong  ") && it.contains("broken.rb: it has errors")),
        "{found:?}"
    );
    assert!(found.err.contains("2 things are wrong"), "{}", found.err);
    assert_eq!(bench.pages(), Vec::<String>::new());
    assert!(!bench.shell.state().join("rbl").exists(), "it makes no journal");

    let well = ServerBench::new("", "");
    well.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let server = well.start();
    let found = well.shell.rbl("doctor").code(0);
    assert!(
        found.out.contains(&format!("ok     server: it is ready at 127.0.0.1:{}", well.port)),
        "{found:?}"
    );
    assert!(found.out.contains("can be written"), "{found:?}");
    drop(server);
    well.shell.write("rbl.toml", "[serv]\n").rbl("doctor").code(1);
}

#[test]
fn a_store_of_the_command_line_wins() {
    let bench = ServerBench::new("", "");
    bench.shell.write("a.rb", "runbook \"A\"\nif \"Is it real?\" { record \"x\" }\nresolve \"done\"\n");
    let other = format!("--store sqlite:{}", bench.shell.state().join("other").display());
    bench.shell.rbl(&format!("run a.rb --no-input {other}")).code(5);
    assert_eq!(bench.states(), Vec::<String>::new());
    assert_eq!(bench.shell.rbl(&format!("runs --format json {other}")).code(0).json().len(), 1);
    for words in
        ["show last", "hooks", "replay last", "report", "doctor", "plan a.rb", "store prune", "resume --due"]
    {
        let ended = bench.shell.rbl(&format!("{words} {other}"));
        assert!(ended.code != Some(2), "{words}: {ended:?}");
    }
    bench.shell.rbl("show last").code(2);
    bench.shell.rbl(&format!("answer last no {other}")).code(0);
    bench.shell.rbl(&format!("run a.rb --no-input {other}")).code(5);
    bench.shell.rbl(&format!("abort last --because over {other}")).code(0);
    bench.shell.rbl(&format!("serve token x --may look {other}")).code(0);
    for words in [
        "runs",
        "show last",
        "run a.rb",
        "plan a.rb",
        "doctor",
        "report",
        "store prune",
        "serve",
        "resume --due",
    ] {
        let refused = bench.shell.rbl(&format!("{words} --store postgres://db/rbl")).code(2);
        assert!(refused.err.contains("cannot be kept in PostgreSQL yet"), "{words}: {}", refused.err);
    }
    let refused = bench.shell.rbl("runs --store /var/lib/rbl").code(2);
    assert!(refused.err.contains("write `sqlite:FOLDER`"), "{}", refused.err);
}

/// It is called at the start, and not by a server whose journal is gone (which a test of the server crate holds).
#[test]
fn a_heartbeat_is_called_while_the_server_lives() {
    let fake = crate::support::Fake::always(crate::support::Response::of("200 OK", "text/plain", "ok"));
    let bench = ServerBench::new(&format!("heartbeat = \"{}/ping/abc\"", fake.url()), "");
    let _server = bench.start();
    bench.until("it is called", || fake.requests().iter().any(|it| it.starts_with("GET /ping/abc ")));
}

/// A trace is made from the journal; a collector that is gone keeps nothing from running.
#[test]
fn a_trace_of_each_run_is_sent_and_no_run_waits_for_it() {
    let fake = crate::support::Fake::always(crate::support::Response::json("{}"));
    for collector in [fake.url(), format!("http://127.0.0.1:{}", crate::support::free_port())] {
        let bench = ServerBench::new(&format!("otlp = \"{collector}\""), "");
        bench.runbook("a.rb", "\"A\"", "action `exit 3` else { record \"no\" }\nresolve \"done\"");
        let server = bench.start();
        bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
        bench.until_states(&["resolved"]);
        if collector == fake.url() {
            bench.until("it is sent", || !fake.requests().is_empty());
        } else {
            bench.until("it is said", || bench.log().contains("the trace of a run was not sent"));
        }
        assert_eq!(server.stop().code(), Some(0));
    }
    let sent = fake.requests();
    let [request] = sent.as_slice() else { panic!("{sent:?}") };
    assert!(request.starts_with("POST /v1/traces "), "{request}");
    let body: serde_json::Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    let spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<u128>().unwrap();
    let root = &spans[0];
    assert_eq!(root["name"], "a.rb");
    assert_eq!(root["traceId"].as_str().unwrap().len(), 32);
    let action = spans.iter().find(|span| span["name"] == "action exit 3").unwrap();
    assert_eq!(action["parentSpanId"], root["spanId"]);
    assert_eq!((&action["status"]["code"], action["spanId"].as_str().unwrap().len()), (&json!(2), 16));
    for span in spans {
        assert!(number(&span["startTimeUnixNano"]) <= number(&span["endTimeUnixNano"]), "{span}");
        assert!(number(&span["startTimeUnixNano"]) >= number(&root["startTimeUnixNano"]), "{span}");
        assert_eq!(span["traceId"], root["traceId"]);
    }
}
