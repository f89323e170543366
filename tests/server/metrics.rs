//! `/metrics`: what Prometheus makes of it, and the alert rules that are shipped.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{ServerBench, alert, delivery};
use crate::support::{Prometheus, Setup};

const T: &str = "2026-11-29T03:00:00Z";

/// Runs promtool with this on its standard input. `None`, with a line on stderr, on a machine without it.
fn promtool(arguments: &[&str], input: &str) -> Option<Output> {
    let command = Command::new("promtool")
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = command else {
        assert!(
            std::env::var_os("CI").is_none(),
            "this machine has no promtool: install it, as .ci/run does"
        );
        eprintln!("skipped: this machine has no promtool");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The value of a sample.
fn sample(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|(it, _)| it == name))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// A server with a question that is near its deadline, a run that ended, and a runbook that is broken.
fn bench() -> ServerBench {
    let bench = ServerBench::new("body = \"64kB\"", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" within 5m { record \"yes\" }\nresolve \"done\"");
    bench.runbook("b.rb", "\"B\"", "resolve \"done\"");
    bench.runbook("broken.rb", "\"C\"", "check nothing < 5m");
    bench
}

fn scraped(bench: &ServerBench) -> String {
    let (code, text) = bench.request("GET /metrics HTTP/1.1\r\nHost: localhost", b"").unwrap();
    assert_eq!(code, 200, "{text}");
    text
}

#[test]
fn s18_metrics_say_what_happened_and_promtool_finds_nothing() {
    let bench = bench();
    let _server = bench.start();
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T), alert("B", "firing", "", "2", T)]));
    assert_eq!(bench.deliver("{").unwrap().0, 400);
    assert_eq!(bench.deliver(&"x".repeat(70_000)).unwrap().0, 413);
    bench.until_states(&["waiting", "resolved"]);
    // A run is counted a moment after its end is in the journal, and figures that the journal does not give in time are left out.
    let text = std::cell::RefCell::new(String::new());
    bench.until("all is counted", || {
        let now = scraped(&bench);
        let holds = |name: &str| sample(&now, name).is_some_and(|it| it >= 1.0);
        let is_all = holds("rbl_journal_up") && holds("rbl_runs_ended_total{outcome=\"resolved\"}");
        *text.borrow_mut() = now;
        is_all
    });
    let text = text.into_inner();
    let value = |name: &str| sample(&text, name).unwrap_or_else(|| panic!("no {name} in\n{text}"));
    assert_eq!(value("rbl_up"), 1.0);
    assert_eq!(value("rbl_journal_up"), 1.0);
    assert_eq!(value(&format!("rbl_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    assert_eq!(value("rbl_runs{state=\"waiting\"}"), 1.0);
    assert_eq!(value("rbl_runs{state=\"stuck\"}"), 0.0);
    assert_eq!(value("rbl_runs_kept{outcome=\"resolved\"}"), 1.0);
    assert_eq!(value("rbl_runs_started_total{cause=\"alert\"}"), 2.0);
    assert_eq!(value("rbl_runs_ended_total{outcome=\"resolved\"}"), 1.0);
    assert_eq!(value("rbl_questions_open"), 1.0);
    assert_eq!(value("rbl_questions_near_deadline"), 1.0);
    let left = value("rbl_question_deadline_seconds");
    assert!((200.0..=300.0).contains(&left), "{left}");
    for (result, count) in [("accepted", 1.0), ("unreadable", 1.0), ("too_large", 1.0), ("refused", 0.0)] {
        let name = format!("rbl_deliveries_total{{hook=\"alertmanager\",result=\"{result}\"}}");
        assert_eq!(value(&name), count, "{name}");
    }
    assert_eq!(value("rbl_http_responses_total{code=\"413\"}"), 1.0);
    let broken = text.lines().find(|line| line.starts_with("rbl_runbook_broken")).unwrap();
    assert!(broken.contains("broken.rb\"} 1"), "{broken}");
    assert!(value("rbl_journal_commit_seconds_count") > 3.0);
    assert_eq!(value("rbl_workers"), 32.0);
    assert_eq!(value("rbl_actions_busy"), 0.0);
    let Some(checked) = promtool(&["check", "metrics"], &text) else { return };
    assert!(checked.status.success() && words(&checked).is_empty(), "{}", words(&checked));
    // What senders make up becomes no label.
    bench.request("POST /hooks/other HTTP/1.1\r\nHost: localhost", b"{}").unwrap();
    let after = scraped(&bench);
    assert!(!after.contains("\"other\""), "{after}");
}

#[test]
fn s10_metrics_are_for_this_machine_and_for_tokens_that_may_look() {
    let bench = bench();
    let token = |words: &str| bench.shell.rbl(&format!("serve token {words}")).code(0).out.trim().to_owned();
    let (look, start) = (token("p --may look"), token("q --may start"));
    let _server = bench.start();
    let code = |head: &str| bench.request(&format!("GET /metrics HTTP/1.1\r\n{head}"), b"").unwrap().0;
    assert_eq!(code("Host: localhost"), 200);
    assert_eq!(code("Host: rbl.example.com"), 401);
    assert_eq!(code(&format!("Host: rbl.example.com\r\nAuthorization: Bearer {look}")), 200);
    assert_eq!(code(&format!("Host: rbl.example.com\r\nAuthorization: Bearer {start}")), 403);
    assert_eq!(code("Host: rbl.example.com\r\nAuthorization: Bearer rbl_x"), 401);
}

/// Where the journal is gone the rest is shown all the same: that is when it is needed.
#[test]
fn metrics_without_a_journal_say_so() {
    let bench = bench();
    let _server = bench.start();
    let journal = bench.shell.state().join("rbl");
    let aside = bench.shell.state().join("aside");
    std::fs::rename(&journal, &aside).unwrap();
    std::fs::create_dir(&journal).unwrap();
    std::fs::write(
        journal.join("journal.sqlite3"),
        "this is no journal, and longer than a header of one has to be",
    )
    .unwrap();
    let text = scraped(&bench);
    assert_eq!(sample(&text, "rbl_journal_up"), Some(0.0), "{text}");
    assert_eq!(sample(&text, "rbl_up"), Some(1.0));
    assert_eq!(sample(&text, "rbl_questions_open"), None);
}

#[test]
fn the_alert_rules_are_right_and_say_what_is_wrong() {
    for arguments in [["check", "rules", "rbl.rules.yml"], ["test", "rules", "rbl.rules.test.yml"]] {
        let Some(output) = promtool(&arguments, "") else { return };
        assert!(output.status.success(), "{}", words(&output));
    }
}

/// Every metric that a rule asks for is one that the server has.
#[test]
fn a_real_prometheus_scrapes_it_and_the_rules_find_what_is_wrong() {
    let bench = bench();
    let _server = bench.start();
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_states(&["waiting"]);
    let address = format!("127.0.0.1:{}", bench.port).parse().unwrap();
    let setup = Setup { scrape: vec![address], ..Setup::default() };
    let Some(prometheus) = Prometheus::start(&setup) else { return };
    let port: u16 = prometheus.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let asked = |query: &str| {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let mut connection = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        let head = format!("GET /api/v1/query?query={encoded} HTTP/1.0\r\nHost: x\r\n\r\n");
        connection.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut connection, &mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let read: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(read["status"], "success", "{query}: {answer}");
        read["data"]["result"].as_array().unwrap().len()
    };
    bench.until("it is scraped", || asked("rbl_up == 1") == 1);
    let rules = include_str!("../../packaging/prometheus/rbl.rules.yml");
    let asks: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    assert_eq!(asks.len(), rules.matches("alert: ").count());
    for ask in asks {
        // With nothing but the name of the metric there has to be something, whatever its value is.
        let start = ask.find("rbl_").unwrap();
        let length =
            ask[start..].find(|it: char| !(it.is_alphanumeric() || it == '_')).unwrap_or(ask.len() - start);
        let metric = &ask[start..start + length];
        // A scrape may have come too late for its interval, or without the figures of the journal.
        bench.until(&format!("the server has {metric}"), || asked(metric) > 0);
        let fires = ["rbl_questions_near_deadline", "rbl_runbook_broken"].contains(&metric);
        if !ask.contains("increase") && !ask.contains("absent") {
            bench.until(&format!("{ask}: {fires}"), || (asked(ask) > 0) == fires);
        }
    }
}
