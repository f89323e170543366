//! What each sender really sends: its body starts the run that its trigger means, with its labels, and its end is known.

use super::{ServerBench, alert, delivery};
use crate::support::{Prometheus, Setup};

fn post(bench: &ServerBench, path: &str, headers: &str, body: &str) -> (u16, String) {
    let head =
        format!("POST /hooks/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json{headers}");
    bench.request(&head, body.as_bytes()).unwrap()
}

/// The alerts of the only run, as the list of the API and `rbl show` have them.
fn shown(bench: &ServerBench) -> String {
    bench.shell.rbl("show last").code(0).out
}

#[test]
fn alertmanager_sends_this() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"HighErrorRate\" by service",
        "param service: text\nparam shard: text\nrecord \"#{service} #{shard}\"\nresolve \"done\"",
    );
    let _server = bench.start();
    let body = include_str!("deliveries/alertmanager.json");
    assert_eq!(post(&bench, "alertmanager", "", body).0, 202);
    bench.until_states(&["resolved"]);
    bench.until_settled();
    assert_eq!(bench.became(), ["started", "joined"]);
    assert!(shown(&bench).contains("checkout a"), "{}", shown(&bench));
}

#[test]
fn grafana_sends_this() {
    let hook =
        "[hooks.grafana]\ntype = \"alertmanager\"\nuser = \"grafana\"\npassword = { file = \"password\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("password", "s3cret");
    bench.runbook("a.rb", "\"High memory usage\"", "param zone: text\nrecord zone\nresolve \"done\"");
    let _server = bench.start();
    let body = include_str!("deliveries/grafana.json");
    assert_eq!(post(&bench, "grafana", "", body).0, 401);
    assert_eq!(post(&bench, "grafana", "\r\nAuthorization: Basic Z3JhZmFuYTpzM2NyZXQ=", body).0, 202);
    bench.until_states(&["resolved"]);
    bench.until_settled();
    assert_eq!(bench.became(), ["started", "resolved"]);
    assert!(shown(&bench).contains("us-1"), "{}", shown(&bench));
    assert!(bench.runs()[0]["message"].as_str().unwrap().contains("done"));
}

#[test]
fn opsgenie_sends_this() {
    let hook = "[hooks.ops]\ntype = \"opsgenie\"\nheader = \"X-Rbl\"\nsecret = { file = \"secret\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("secret", "s3cret");
    bench.runbook("a.rb", "\"The queue is long\" where priority = \"P2\"", "param queue: text\nparam entity: text\nrecord \"#{queue} #{entity}\"\nwait until not alert.firing within 5m every 1s\nresolve \"done\"");
    let _server = bench.start();
    let body = |action: &str| include_str!("deliveries/opsgenie.json").replace("ACTION", action);
    assert_eq!(post(&bench, "ops", "", &body("Create")).0, 401);
    let right = "\r\nX-Rbl: s3cret";
    assert_eq!(post(&bench, "ops", right, &body("Create")).0, 202);
    // A team was added: the same alert is created again.
    assert!(post(&bench, "ops", right, &body("Create")).1.contains("\"repeated\":true"));
    assert_eq!(post(&bench, "ops", right, &body("Acknowledge")).0, 200);
    bench.until("it waits", || bench.states().len() == 1);
    assert_eq!(post(&bench, "ops", right, &body("Close")).0, 202);
    bench.until_states(&["resolved"]);
    assert!(shown(&bench).contains("orders shop-1"), "{}", shown(&bench));
}

#[test]
fn pagerduty_sends_this() {
    let hook = "[hooks.pd]\ntype = \"pagerduty\"\nsecrets = [{ file = \"secret\" }]\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("secret", "s3cret");
    bench.runbook("a.rb", "\"The API is down\" where service = \"API Service\"", "param incident: text\nparam urgency: text\nparam priority: text\nrecord \"#{incident} #{urgency} #{priority}\"\nwait until not alert.firing within 5m every 1s\nresolve \"done\"");
    let _server = bench.start();
    let send = |id: &str, kind: &str, at: &str| {
        let body = include_str!("deliveries/pagerduty-v3.json");
        let body = body.replace("EVENT-ID", id).replace("EVENT-TYPE", kind).replace("OCCURRED-AT", at);
        let signature = format!("\r\nX-PagerDuty-Signature: v1={}", super::hostile::signed("s3cret", &body));
        post(&bench, "pd", &signature, &body).0
    };
    assert_eq!(send("e0", "pagey.ping", "2026-11-29T03:00:00Z"), 200);
    assert_eq!(send("e1", "incident.triggered", "2026-11-29T03:00:00Z"), 202);
    assert_eq!(send("e2", "incident.acknowledged", "2026-11-29T03:01:00Z"), 200);
    bench.until("it waits", || bench.states().len() == 1);
    assert_eq!(send("e3", "incident.resolved", "2026-11-29T03:05:00Z"), 202);
    bench.until_states(&["resolved"]);
    assert!(shown(&bench).contains("PGR0VU2 high P1"), "{}", shown(&bench));
    // It is opened again: another episode.
    assert_eq!(send("e4", "incident.reopened", "2026-11-29T03:30:00Z"), 202);
    bench.until("another run", || bench.states().len() == 2);
}

/// vmalert posts to the API of an Alertmanager: the address of the hook is its `-notifier.url`.
#[test]
fn vmalert_sends_this() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"Queue\"", "param instance: text\nrecord instance\nwait until not alert.firing within 5m every 1s\nresolve \"done\"");
    let server = bench.start();
    let body =
        |ends: jiff::Timestamp| include_str!("deliveries/vmalert.json").replace("ENDS-AT", &ends.to_string());
    let minutes = |count: i64| jiff::Timestamp::now() + jiff::SignedDuration::from_mins(count);
    assert_eq!(post(&bench, "alertmanager/api/v2/alerts", "", &body(minutes(4))).0, 202);
    assert_eq!(post(&bench, "alertmanager/api/v2/alerts", "", &body(minutes(5))).0, 202);
    bench.until("it waits", || bench.states().len() == 1);
    assert_eq!(post(&bench, "alertmanager/api/v2/alerts", "", &body(minutes(-1))).0, 202);
    bench.until_states(&["resolved"]);
    bench.until_settled();
    assert_eq!(bench.became(), ["resolved", "repeated", "started"]);
    assert!(shown(&bench).contains("shop-1"), "{}", shown(&bench));
    let wrong = post(&bench, "alertmanager/api/v2/alerts", "", "{\"version\":\"4\"}");
    assert!(wrong.0 == 400 && wrong.1.contains("posted to Alertmanager"), "{wrong:?}");
    assert_eq!(server.get("/hooks/alertmanager/api/v2/alerts").unwrap().0, 405);
    assert_eq!(post(&bench, "alertmanager/api/v1/alerts", "", "[]").0, 404);
    // Without a server it is routed the same.
    bench.shell.write("posted.json", body(minutes(4)));
    assert!(bench.shell.rbl("route posted.json").code(0).out.contains("starts a.rb"));
}

/// A Prometheus without an Alertmanager: its rule fires, its run starts, and its end is known.
#[test]
fn a_real_prometheus_sends_its_alerts_itself() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"Down\"", "param instance: text\nrecord instance\nwait until not alert.firing within 5m every 1s\nresolve \"up again\"");
    let _server = bench.start();
    let value = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(1));
    let scraped = std::sync::Arc::clone(&value);
    let exporter = crate::support::Fake::start(move |_| {
        let body = format!("x {}\n", scraped.load(std::sync::atomic::Ordering::Relaxed));
        crate::support::Response::of("200 OK", "text/plain", &body)
    });
    let address: std::net::SocketAddr = exporter.url().strip_prefix("http://").unwrap().parse().unwrap();
    let rules = "groups: [ { name: r, rules: [ { alert: Down, expr: 'last_over_time(x[1m]) == 1' } ] } ]";
    let more = format!(
        "alerting: {{ alertmanagers: [ {{ path_prefix: /hooks/alertmanager, static_configs: [ {{ targets: [ '127.0.0.1:{}' ] }} ] }} ] }}\n",
        bench.port
    );
    let setup = Setup { scrape: vec![address], rules, more: &more, ..Setup::default() };
    let Some(prometheus) = Prometheus::start(&setup) else { return };
    bench.until("its run waits", || bench.states().len() == 1);
    value.store(0, std::sync::atomic::Ordering::Relaxed);
    bench.until_states(&["resolved"]);
    bench.until_settled();
    let became = bench.became();
    assert_eq!(became.iter().filter(|it| *it == "started").count(), 1, "{became:?}");
    drop(prometheus);
}

/// Each kind of hook takes only what is its own: a body of another sender is an answer with a reason, and starts nothing.
#[test]
fn a_body_of_another_sender_is_refused() {
    let hooks = "[hooks.am]\ntype = \"alertmanager\"\n[hooks.ops]\ntype = \"opsgenie\"\nheader = \"X-Rbl\"\nsecret = { file = \"s\" }\n\
                 [hooks.x]\ntype = \"json\"\nname = \"$.title\"\ntoken = { file = \"s\" }\n";
    let bench = ServerBench::new("", hooks);
    bench.shell.write("s", "s");
    bench.runbook("a.rb", "=~ \".*\"", "resolve \"done\"");
    let _server = bench.start();
    let am = delivery(&[alert("A", "firing", "", "1", "2026-11-29T03:00:00Z")]);
    let opsgenie = include_str!("deliveries/opsgenie.json");
    for (path, header, body) in [
        ("am", "", opsgenie),
        ("ops", "\r\nX-Rbl: s", am.as_str()),
        ("x", "\r\nAuthorization: Bearer s", am.as_str()),
        ("ops/api/v2/alerts", "\r\nX-Rbl: s", "[]"),
    ] {
        let (code, text) = post(&bench, path, header, body);
        assert!(code == 400 || code == 404, "{path}: {code} {text}");
        assert!(text.contains("\"error\":\""), "{path}: {text}");
    }
    assert_eq!(bench.states(), [""; 0]);
}
