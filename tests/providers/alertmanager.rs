//! Whether an alert still fires: a real Alertmanager, and servers that only look like one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::{AlertIdentity, FiringQuery};
use rbl_syntax::value::{Reason, ReasonKind, Time};
use rbl_world::provider::Provider;

use super::{now, provider};
use crate::support::{Alertmanager, Fake, Response, free_port};

/// For a server that does not answer in time.
const QUICK: &str = "timeout = \"2s\"";

fn it(url: &str, more: &str) -> Arc<dyn Provider> {
    let timeout = if more.contains("timeout") { "" } else { "timeout = \"30s\"" };
    provider(&format!("[providers.it]\ntype = \"alertmanager\"\nurl = \"{url}\"\n{timeout}\n{more}"))
}

fn identity(labels: &[(&str, &str)]) -> AlertIdentity {
    AlertIdentity {
        labels: labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        fingerprint: None,
        starts_at: None,
    }
}

fn ask(provider: &Arc<dyn Provider>, alerts: Vec<AlertIdentity>) -> Result<bool, Reason> {
    provider.firing(&FiringQuery { alerts }, now()).expect("it knows alerts")
}

fn of(provider: &Arc<dyn Provider>, labels: &[(&str, &str)]) -> Result<bool, Reason> {
    ask(provider, vec![identity(labels)])
}

fn ago(seconds: f64) -> String {
    now().plus(-seconds).unwrap().to_string()
}

#[test]
fn a_real_alertmanager_says_what_fires() {
    let Some(server) = Alertmanager::start() else { return };
    let it = it(&server.url(), "");
    assert!(it.test().unwrap().starts_with("Alertmanager "), "{:?}", it.test());
    assert!(!of(&it, &[("alertname", "A")]).unwrap());
    server.send(r#"{"alertname":"A","instance":"db-1"}"#, None);
    server.send(r#"{"alertname":"Quote \"x\\y","service":"a b"}"#, None);
    server.send(r#"{"alertname":"Ended"}"#, Some(&ago(5.0)));
    assert!(of(&it, &[("alertname", "A"), ("instance", "db-1")]).unwrap());
    // Another series of the same alert, more labels and fewer, are other alerts.
    assert!(!of(&it, &[("alertname", "A"), ("instance", "db-2")]).unwrap());
    assert!(!of(&it, &[("alertname", "A")]).unwrap());
    assert!(!of(&it, &[("alertname", "A"), ("instance", "db-1"), ("x", "y")]).unwrap());
    assert!(of(&it, &[("alertname", "Quote \"x\\y"), ("service", "a b")]).unwrap());
    assert!(!of(&it, &[("alertname", "Ended")]).unwrap());
    // Any alert of the run counts.
    let one = identity(&[("alertname", "A"), ("instance", "db-2")]);
    let two = identity(&[("alertname", "A"), ("instance", "db-1")]);
    assert!(ask(&it, vec![one, two]).unwrap());
    server.send(r#"{"alertname":"A","instance":"db-1"}"#, Some(&ago(1.0)));
    assert!(!of(&it, &[("alertname", "A"), ("instance", "db-1")]).unwrap());
}

#[test]
fn what_is_silenced_or_inhibited_fires() {
    let Some(server) = Alertmanager::start() else { return };
    let it = it(&server.url(), "");
    server.silence("alertname", "Silenced");
    server.send(r#"{"alertname":"Silenced"}"#, None);
    server.send(r#"{"alertname":"Root"}"#, None);
    server.send(r#"{"alertname":"Child","inhibited":"yes"}"#, None);
    let deadline = Instant::now() + Duration::from_mins(1);
    while server.alerts().matches("\"suppressed\"").count() < 2 {
        assert!(Instant::now() < deadline, "{}", server.alerts());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(of(&it, &[("alertname", "Silenced")]).unwrap());
    assert!(of(&it, &[("alertname", "Child"), ("inhibited", "yes")]).unwrap());
}

#[test]
fn a_no_just_after_its_start_does_not_count_for_an_older_alert() {
    let Some(server) = Alertmanager::start() else { return };
    let began = |ago: f64| AlertIdentity { starts_at: now().plus(-ago), ..identity(&[("alertname", "A")]) };
    let strict = it(&server.url(), "");
    let reason = ask(&strict, vec![began(3_600.0)]).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoData);
    assert!(reason.text.contains("and may not have received the alert yet"), "{reason}");
    // One that began after the server did was received there.
    assert!(!ask(&strict, vec![began(-1.0)]).unwrap());
    assert!(!ask(&it(&server.url(), "settle = \"1ms\""), vec![began(3_600.0)]).unwrap());
    // A yes always counts.
    server.send(r#"{"alertname":"A"}"#, None);
    assert!(ask(&strict, vec![began(3_600.0)]).unwrap());
}

#[test]
fn an_alert_is_known_by_its_fingerprint() {
    let body = r#"[{"labels":{"alertname":"A","added":"by a relabelling"},"fingerprint":"6604a74c155c3c4b","status":{"state":"active"}}]"#;
    let fake = Fake::always(Response::json(body));
    let it = it(&fake.url(), "");
    let with = |print: &str| AlertIdentity {
        fingerprint: Some(print.to_owned()),
        ..identity(&[("alertname", "A")])
    };
    assert!(ask(&it, vec![with("6604a74c155c3c4b")]).unwrap());
    assert!(!ask(&it, vec![with("0000000000000000")]).unwrap());
    let asked = fake.requests();
    assert!(
        asked[0].starts_with("GET /api/v2/alerts?active=true&silenced=true&inhibited=true"),
        "{}",
        asked[0]
    );
    assert!(asked[0].contains("filter=alertname%3D%22A%22"), "{}", asked[0]);
}

#[test]
fn every_fault_is_unknown_and_has_its_own_name() {
    let (refused, bad, late) = (ReasonKind::ProviderError, ReasonKind::BadAnswer, ReasonKind::TimedOut);
    let page = "<html><body>Sign in</body></html>";
    for (response, kind, words) in [
        (Response::of("200 OK", "text/html", page), bad, "answered with a web page"),
        (Response::json("{\"alerts\":[]}"), bad, "not a list of alerts"),
        (Response::json("[1]"), bad, "not one of alerts"),
        (Response::json(""), bad, "answered with nothing"),
        (Response::json("[{\"labels\":"), bad, "not JSON"),
        (
            Response::of("500 Internal Server Error", "text/plain", "boom"),
            refused,
            "500 Internal Server Error: boom",
        ),
        (
            Response::of("502 Bad Gateway", "text/html", page),
            refused,
            "a proxy before Alertmanager answered 502",
        ),
        (Response::of("400 Bad Request", "application/json", "\"bad matcher\""), refused, "bad matcher"),
        (Response::of("401 Unauthorized", "text/plain", ""), refused, "does not let us in"),
        (Response::of("404 Not Found", "text/plain", ""), refused, "has no alerts API there"),
        (Response::of("429 Too Many Requests", "text/plain", ""), refused, "to be asked less often"),
        (
            Response::with("302 Found", "Location: https://elsewhere.example/\r\n", ""),
            refused,
            "sends us elsewhere",
        ),
        (Response::json("[]").after(Duration::from_mins(5)), late, "no answer"),
        (Response::json("[]").trickling(20, Duration::from_millis(400)), late, "no answer"),
        (
            Response::raw(b"HTTP/1.1 200 OK\r\n\r\n[{\"la").trickling(0, Duration::from_millis(200)),
            late,
            "no answer",
        ),
    ] {
        let fake = Fake::always(response);
        let started = Instant::now();
        let quick = if kind == late { QUICK } else { "" };
        let reason = of(&it(&fake.url(), quick), &[("alertname", "A")]).unwrap_err();
        assert_eq!(reason.kind, kind, "{reason}");
        assert!(reason.text.contains(words), "{words}: {reason}");
        assert!(started.elapsed() < Duration::from_mins(1), "{words}");
    }
    let reason =
        of(&it(&format!("http://127.0.0.1:{}", free_port()), ""), &[("alertname", "A")]).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Unreachable, "{reason}");
}

#[test]
fn an_endless_answer_ends() {
    let mut endless = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[".to_vec();
    endless.extend(b"{\"labels\":{}},".repeat(5_000_000));
    let fake = Fake::always(Response::raw(&endless));
    let reason = of(&it(&fake.url(), QUICK), &[("alertname", "A")]).unwrap_err();
    assert!(matches!(reason.kind, ReasonKind::BadAnswer | ReasonKind::TimedOut), "{reason}");
}

#[test]
fn it_signs_in_and_says_nothing_of_that() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("token"), "t0ps3cret\n").unwrap();
    let fake = Fake::start(|request| {
        let echo = request.replace(['\r', '\n', '"'], " ");
        Response::of("400 Bad Request", "application/json", &format!("\"{echo}\""))
    });
    let configuration = format!(
        "[providers.it]\ntype = \"alertmanager\"\nurl = \"{}\"\nbearer_token = {{ file = \"token\" }}\nheaders = {{ X-Scope-OrgID = \"team-a\" }}",
        fake.url()
    );
    let it = super::provider_in(&configuration, "it", directory.path());
    let reason = of(&it, &[("alertname", "A")]).unwrap_err();
    let request = &fake.requests()[0].to_lowercase();
    assert!(
        request.contains("authorization: bearer t0ps3cret") && request.contains("x-scope-orgid: team-a"),
        "{request}"
    );
    assert!(!reason.text.contains("t0ps3cret"), "{reason}");
}

#[test]
fn it_has_no_metrics() {
    let fake = Fake::always(Response::json("[]"));
    let reason = super::read(&it(&fake.url(), ""), "up").unwrap_err();
    assert_eq!(reason.text, "it is an Alertmanager, and has no metrics");
    assert!(fake.requests().is_empty());
}

/// Not every server with this API has a status, or lets everybody read it.
#[test]
fn a_server_without_a_status_is_believed() {
    for status in ["401 Unauthorized", "403 Forbidden", "404 Not Found", "405 Method Not Allowed"] {
        assert!(!with_status(Response::of(status, "text/plain", "no")).unwrap(), "{status}");
    }
}

/// It may have been started a moment ago, and has not received the alert yet.
#[test]
fn a_status_that_does_not_say_when_it_was_started_makes_a_no_unknown() {
    for response in [
        Response::json("{}"),
        Response::json("{\"uptime\": \"yesterday\"}"),
        Response::json("[]"),
        Response::of("200 OK", "text/html", "<html>sign in</html>"),
        Response::of("503 Service Unavailable", "text/plain", "busy"),
        Response::of("302 Found", "text/plain", ""),
    ] {
        let reason = with_status(response).unwrap_err();
        assert!(reason.text.contains("does not say when it was started"), "{reason}");
        assert!(reason.text.contains("may not have received the alert yet"), "{reason}");
    }
}

/// What an Alertmanager answers that lists nothing, about an old alert.
fn with_status(response: Response) -> Result<bool, Reason> {
    let fake = Fake::start(move |request| {
        if request.starts_with("GET /api/v2/alerts") { Response::json("[]") } else { response.clone() }
    });
    let old = AlertIdentity { starts_at: Time::from_unix(1.0), ..identity(&[("alertname", "A")]) };
    ask(&it(&fake.url(), ""), vec![old])
}

#[test]
fn an_alert_without_labels_is_no_answer() {
    let fake = Fake::always(Response::json(r#"[{"annotations": {}, "fingerprint": "1"}]"#));
    let reason = of(&it(&fake.url(), ""), &[("alertname", "A")]).unwrap_err();
    assert!(reason.text.contains("an alert that has no labels"), "{reason}");
}
