//! Metrics of texts and lines: files, HTTP and plug-ins.

use std::sync::Arc;

use rbl_runtime::{CommandLine, Read, ReadTime, Reading};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind};
use rbl_world::Connections;
use rbl_world::provider::Provider;

use super::{now, provider, provider_in, text};
use crate::support::{Fake, Response};

fn reading(provider: &Arc<dyn Provider>, of: MetricType, query: &str) -> Result<Reading, Reason> {
    let read = Read {
        metric: "m".into(),
        arguments: Vec::new(),
        provider: "it".into(),
        query: CommandLine(vec![text(query)]),
        of,
        by: Vec::new(),
        time: ReadTime::Now,
    };
    provider.read(&read, now())
}

fn texts(provider: &Arc<dyn Provider>, query: &str) -> Result<Vec<String>, Reason> {
    let reading = reading(provider, MetricType::Text, query)?;
    assert!(reading.samples.is_empty() && reading.lines.is_none());
    Ok(reading.texts.into_iter().map(|it| it.text).collect())
}

fn lines(provider: &Arc<dyn Provider>, query: &str) -> Result<Option<Vec<String>>, Reason> {
    Ok(reading(provider, MetricType::Lines, query)?.lines)
}

const DOCUMENT: &str = r#"{"leader": "db-1", "n": 5, "none": null, "empty": [], "nested": {"log": ["a", "b"], "text": "x\ny\n"},
    "state": [{"labels": {"i": "a"}, "value": "up"}, {"labels": {"i": "b"}, "value": "down"}]}"#;

#[allow(clippy::unnecessary_wraps)] // What it is compared with is an option.
fn some(lines: &[&str]) -> Option<Vec<String>> {
    Some(lines.iter().map(|line| (*line).to_owned()).collect())
}

#[test]
fn files() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.json"), DOCUMENT).unwrap();
    std::fs::write(directory.path().join("app.log"), "one\r\ntwo {\n\nthree\n").unwrap();
    std::fs::write(directory.path().join("latin.log"), b"caf\xe9\n").unwrap();
    let it = Arc::clone(&Connections::built_in(directory.path()).providers["file"].it);
    assert_eq!(texts(&it, "a.json leader").unwrap(), ["db-1"]);
    assert!(texts(&it, "a.json none").unwrap().is_empty());
    assert_eq!(reading(&it, MetricType::Text, "a.json state").unwrap().texts[1].labels["i"], "b");
    let reason = texts(&it, "a.json n").unwrap_err();
    assert_eq!(
        (reason.kind, reason.text.as_str()),
        (ReasonKind::Unreadable, "`n` in a.json is a number, not text")
    );
    assert_eq!(texts(&it, "a.json gone").unwrap_err().kind, ReasonKind::NoData);
    assert_eq!(lines(&it, "a.json nested.log").unwrap(), some(&["a", "b"]));
    assert_eq!(lines(&it, "a.json nested.text").unwrap(), some(&["x", "y"]));
    assert_eq!(lines(&it, "a.json empty").unwrap(), some(&[]));
    assert_eq!(lines(&it, "a.json none").unwrap(), None);
    // Without a key the whole file, which is no JSON. Its line ends are mixed: nobody can know what the first one is.
    assert_eq!(lines(&it, "app.log").unwrap(), some(&["one\r", "two {", "", "three"]));
    assert_eq!(texts(&it, "app.log").unwrap(), ["one\r\ntwo {\n\nthree"]);
    assert_eq!(lines(&it, "gone.log").unwrap_err().kind, ReasonKind::Unreachable);
    let reason = lines(&it, "latin.log").unwrap_err();
    assert_eq!(reason.text, "latin.log: it is not UTF-8 text");
    // A metric of numbers still needs its key.
    assert!(reading(&it, MetricType::Number, "app.log").unwrap_err().text.contains("names no key"));
    let old = "[providers.it]\ntype = \"file\"\npath = \"app.log\"\nmax_age = \"1ms\"";
    let old = provider_in(old, "it", directory.path());
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(lines(&old, "").unwrap_err().kind, ReasonKind::Stale);
}

#[test]
fn a_file_that_is_too_large_is_not_read_in_part() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("big.log"), "line\n".repeat(2_100_000)).unwrap();
    let it = Arc::clone(&Connections::built_in(directory.path()).providers["file"].it);
    assert!(lines(&it, "big.log").unwrap_err().text.contains("larger than 10000000 bytes"));
}

#[test]
fn over_http() {
    let fake = Fake::start(|request| match request.split(' ').nth(1) {
        Some("/api/doc") => Response::json(DOCUMENT),
        Some("/api/page") => Response::of("200 OK", "text/html", "<html>sign in</html>"),
        Some("/api/nothing") => Response::of("204 No Content", "text/plain", ""),
        _ => Response::of("200 OK", "text/plain", "leader\nfollower\n"),
    });
    let it = provider(&format!("[providers.it]\ntype = \"http\"\nurl = \"{}/api\"", fake.url()));
    assert_eq!(texts(&it, "/doc $.leader").unwrap(), ["db-1"]);
    assert!(texts(&it, "/doc $.gone").unwrap().is_empty());
    assert_eq!(texts(&it, "/doc $.state").unwrap(), ["up", "down"]);
    let several = reading(&it, MetricType::Text, "/doc $.state[*].value").unwrap().texts;
    assert_eq!((several[1].text.as_str(), several[1].labels["index"].as_str()), ("down", "1"));
    let reason = texts(&it, "/doc $.n").unwrap_err();
    assert_eq!(reason.text, "$['n'] is a number, not text");
    assert_eq!(lines(&it, "/doc $.nested.log").unwrap(), some(&["a", "b"]));
    assert_eq!(lines(&it, "/doc $.nested.log[*]").unwrap(), some(&["a", "b"]));
    assert_eq!(lines(&it, "/doc $.empty").unwrap(), some(&[]));
    assert_eq!(lines(&it, "/doc $.gone").unwrap(), None);
    // Without a JSONPath the whole answer.
    assert_eq!(lines(&it, "/log").unwrap(), some(&["leader", "follower"]));
    assert_eq!(texts(&it, "/log").unwrap(), ["leader\nfollower"]);
    assert!(lines(&it, "/page").unwrap_err().text.contains("a web page"));
    assert_eq!(lines(&it, "/nothing").unwrap(), None);
    assert!(texts(&it, "/log $.a").unwrap_err().text.contains("not JSON"));
}

#[test]
fn plug_ins() {
    let answer = |script: &str, of: MetricType| {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("plugin.sh"), script).unwrap();
        let configuration =
            "[providers.it]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"plugin.sh\"]\nmax_age = \"1h\"";
        reading(&provider_in(configuration, "it", directory.path()), of, "q")
    };
    let echo = |json: &str| format!("cat >/dev/null; printf '%s' '{json}'");
    let typed = "q=$(cat); case $q in *'\"type\":\"text\"'*) echo '{\"samples\":[{\"value\":\"asked for text\"}]}';; *'\"type\":\"lines\"'*) echo '{\"lines\":[\"asked for lines\"]}';; esac";
    assert_eq!(answer(typed, MetricType::Text).unwrap().texts[0].text, "asked for text");
    assert_eq!(answer(typed, MetricType::Lines).unwrap().lines, some(&["asked for lines"]));
    let labelled = echo(r#"{"samples":[{"value":"up","labels":{"i":"a"}}],"warnings":["w"]}"#);
    let reading = answer(&labelled, MetricType::Text).unwrap();
    assert_eq!((reading.texts[0].labels["i"].as_str(), reading.warnings[0].as_str()), ("a", "w"));
    assert!(answer(&echo(r#"{"samples":[]}"#), MetricType::Text).unwrap().texts.is_empty());
    assert_eq!(answer(&echo(r#"{"lines":null}"#), MetricType::Lines).unwrap().lines, None);
    for (json, of, kind, words) in [
        (r#"{"samples":[{"value":5}]}"#, MetricType::Text, ReasonKind::BadAnswer, "a number, not text"),
        (r#"{"lines":["a"]}"#, MetricType::Text, ReasonKind::BadAnswer, "no `samples`"),
        (r#"{"samples":[]}"#, MetricType::Lines, ReasonKind::BadAnswer, "no `lines`"),
        (r#"{"lines":{"a":1}}"#, MetricType::Lines, ReasonKind::BadAnswer, "an object, not lines"),
        (r#"{"unknown":"no leader"}"#, MetricType::Text, ReasonKind::NoData, "no leader"),
        (r#"{"error":"boom"}"#, MetricType::Lines, ReasonKind::ProviderError, "boom"),
        (r#"{"samples":[{"value":"a","at":1}]}"#, MetricType::Text, ReasonKind::Stale, "max_age"),
    ] {
        let reason = answer(&echo(json), of).unwrap_err();
        assert_eq!(reason.kind, kind, "{json}: {reason}");
        assert!(reason.text.contains(words), "{json}: {reason}");
    }
}

/// The check refuses it before the run; a run of another configuration finds it here.
#[test]
fn providers_of_numbers_refuse() {
    let host = Arc::clone(&Connections::built_in(std::path::Path::new(".")).providers["host"].it);
    assert_eq!(texts(&host, "uptime").unwrap_err().text, "it has numbers only");
    let fake = Fake::always(Response::json("{}"));
    let it = provider(&format!("[providers.it]\ntype = \"prometheus\"\nurl = \"{}\"", fake.url()));
    assert_eq!(lines(&it, "up").unwrap_err().text, "it has numbers only");
    assert!(fake.requests().is_empty());
}
