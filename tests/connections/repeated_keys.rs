//! Answers that say one thing twice, of which one reader takes the first and another the last: they say nothing.

use super::{flat, run};
use crate::cli::shell::Shell;
use crate::support::{Fake, Response};

#[test]
fn what_is_said_twice_is_no_delivery_and_no_success() {
    let team =
        |keys: &'static str| (keys, "escalate to \"db\" because \"x\" else { \"nobody was reached\" }");
    let executor =
        |keys: &'static str| (keys, "define go(a) as it \"POST /go\"\naction go(1) else { \"not done\" }");
    for ((keys, body), answer, words) in [
        (
            team("[teams.db]\ntype = \"webhook\"\nurl = \"URL\""),
            r#"{"ok": true, "ok": false}"#,
            "may have been sent",
        ),
        (
            team("[teams.db]\ntype = \"webhook\"\nurl = \"URL\""),
            r#"{"ok": false, "ok": true}"#,
            "may have been sent",
        ),
        (
            team(
                "[teams.db]\ntype = \"slack\"\napi_url = \"URL\"\nchannel = \"C1\"\ntoken = { env = \"TOKEN\" }",
            ),
            r#"{"ok": false, "error": "no", "ok": true, "channel": "C1", "ts": "1.2"}"#,
            "may have been sent",
        ),
        (
            team("[teams.db]\ntype = \"pagerduty\"\nurl = \"URL\"\nrouting_key = { env = \"ROUTING\" }"),
            r#"{"status": "invalid event", "status": "success"}"#,
            "may have been sent",
        ),
        (
            team("[teams.db]\ntype = \"jsm\"\nurl = \"URL\"\napi_key = { env = \"TOKEN\" }"),
            r#"{"requestId": "a", "requestId": "b"}"#,
            "may have been sent",
        ),
        (
            executor("[executors.it]\ntype = \"http\"\nurl = \"URL\"\nsuccess = \"$.ok\""),
            r#"{"ok": false, "ok": true}"#,
            "may have been done",
        ),
        (
            executor(
                "[executors.it]\ntype = \"http\"\nurl = \"URL\"\nfollow = \"/jobs/#{id}\"\nsucceeded = [\"done\"]\ngoes_on = [\"runs\"]",
            ),
            r#"{"id": "1", "id": "2"}"#,
            "may have been done",
        ),
        (
            executor("[executors.it]\ntype = \"rundeck\"\nurl = \"URL\"\ntoken = { env = \"TOKEN\" }"),
            r#"{"id": 1, "id": 2, "status": "running"}"#,
            "may have been done",
        ),
    ] {
        let server = Fake::always(Response::json(answer));
        let shell = Shell::new().env("TOKEN", "token-0a1b2c3d").env("ROUTING", super::services::ROUTING_KEY);
        let body = if keys.contains("rundeck") { body.replace("POST /go", "job-1") } else { body.to_owned() };
        let ended = run(&shell, &keys.replace("URL", &server.url()), &body);
        let said = flat(&ended);
        assert!(said.contains("nobody was reached") || said.contains("not done"), "{keys}: {said}");
        assert!(said.contains(words) && said.contains("is there twice"), "{keys}: {said}");
        assert_eq!(server.requests().len(), 1, "{keys}: nothing is sent twice");
    }
}

#[test]
fn a_reading_that_is_there_twice_is_unknown() {
    for (kind, query, answer) in [
        ("http", "/x $.value", r#"{"value": 1, "value": 900}"#),
        (
            "loki",
            "sum(count_over_time({a=\\\"b\\\"}[5m]))",
            r#"{"status": "success", "data": {"resultType": "vector", "result": [], "resultType": "vector"}}"#,
        ),
        (
            "prometheus",
            "up",
            r#"{"status": "error", "status": "success", "data": {"resultType": "vector", "result": []}}"#,
        ),
        (
            "prometheus",
            "up",
            r#"{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "1"], "value": [1, "9"]}]}}"#,
        ),
        ("elasticsearch", "logs *", r#"{"count": 1, "count": 2, "_shards": {"failed": 0}}"#),
        // A key that would hide another text of JSON from whoever looks for keys.
        ("http", "/x $.value", r#"{"value": {"$serde_json::private::RawValue": "1"}}"#),
    ] {
        let server = Fake::always(Response::json(answer));
        let section = format!("[providers.it]\ntype = \"{kind}\"\nurl = \"{}\"\n", server.url());
        let body = format!(
            "metric m from it \"{query}\"\ncheck m < 10 else {{ \"too many\" }} unknown {{ \"nobody knows\" }}"
        );
        let ended = run(&Shell::new(), &section, &body);
        let said = flat(&ended);
        assert!(said.contains("nobody knows"), "{kind}: {said} {}", ended.err);
    }
}
