//! The file provider, with and without an `rbl.toml`.

use std::sync::Arc;

use rbl_runtime::ReadTime;
use rbl_syntax::value::ReasonKind;
use rbl_world::Connections;
use rbl_world::provider::Provider;

use super::{at, now, one, read, read_pieces, text, value};

const METRICS: &str = r#"{
  "p99": 0.25, "queue.depth": 7, "deep": {"er": {"value": 3, "labels": {"a": "b"}}}, "none": null, "word": "many",
  "disk": [{"labels": {"mount": "/"}, "value": 40}, {"labels": {"mount": "/var"}, "value": 90}],
  "history": [{"at": 100, "value": 1}, {"at": 160, "value": 2}, {"at": "1970-01-01T00:03:40Z", "value": 3}],
  "hosts": {"web-1": {"up": 1}, "a.b": {"up": 2}}
}"#;

fn built_in(directory: &tempfile::TempDir) -> Arc<dyn Provider> {
    Arc::clone(&Connections::built_in(directory.path()).providers["file"].it)
}

fn written() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("metrics.json"), METRICS).unwrap();
    std::fs::write(directory.path().join("broken.json"), "{\n  \"a\": \n").unwrap();
    std::fs::write(directory.path().join("twice.json"), "{\"a\": {\"p99\": 1, \"p99\": 2}}").unwrap();
    directory
}

#[test]
fn without_a_configuration_the_query_names_the_file() {
    let directory = written();
    let it = built_in(&directory);
    assert_eq!(one(&it, "metrics.json p99"), 0.25);
    assert_eq!(one(&it, "metrics.json queue.depth"), 7.0);
    assert_eq!(one(&it, "metrics.json deep.er"), 3.0);
    assert_eq!(one(&it, "metrics.json hosts.a.b.up"), 2.0);
    assert_eq!(read(&it, "metrics.json disk").unwrap().samples.len(), 2);
    assert!(read(&it, "metrics.json none").unwrap().samples.is_empty());
    let sample = &read(&it, "metrics.json p99").unwrap().samples[0];
    assert!(now().since(sample.at.unwrap()).base < 60.0);
    let by_name = |name: &str| {
        read_pieces(&it, vec![text("metrics.json hosts."), value(name), text(".up")], ReadTime::Now)
    };
    assert_eq!(by_name("web-1").unwrap().samples[0].value, 1.0);
    assert_eq!(by_name("a.b").unwrap().samples[0].value, 2.0);
    for name in ["../../etc/passwd", "..", "/etc/passwd"] {
        let reason = read_pieces(&it, vec![value(name), text(" p99")], ReadTime::Now).unwrap_err();
        assert!(reason.text.contains("has to be one name"), "{reason}");
    }
}

#[test]
fn history_answers_for_earlier_and_for_windows() {
    let directory = written();
    let it = built_in(&directory);
    let ask = |time| read_pieces(&it, vec![text("metrics.json history")], time);
    assert_eq!(ask(ReadTime::Now).unwrap().samples[0].value, 3.0);
    assert_eq!(ask(ReadTime::At(at(170.0))).unwrap().samples[0].value, 2.0);
    assert!(ask(ReadTime::At(at(50.0))).unwrap().samples.is_empty());
    let series = ask(ReadTime::Window { end: at(220.0), seconds: 60.0 }).unwrap().series;
    assert_eq!((series[0].points.len(), series[0].step), (2, 60.0));
    let reason = read_pieces(&it, vec![text("metrics.json p99")], ReadTime::At(at(1.0))).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoHistory);
}

#[test]
fn each_fault_says_what_to_look_at() {
    let directory = written();
    let it = built_in(&directory);
    for (query, kind, words) in [
        ("gone.json p99", ReasonKind::Unreachable, "gone.json: no such file"),
        ("broken.json a", ReasonKind::BadAnswer, "broken.json: not JSON (line 3, column 0)"),
        ("twice.json a", ReasonKind::BadAnswer, "twice.json: the key `p99` is there twice in `a`"),
        (
            "metrics.json queue_depth",
            ReasonKind::NoData,
            "no data: metrics.json has no `queue_depth`: did you mean `queue.depth`?",
        ),
        (
            "metrics.json word",
            ReasonKind::Unreadable,
            "`word` in metrics.json is the text \"many\", not a number",
        ),
        (
            "metrics.json p99.deeper",
            ReasonKind::Unreadable,
            "`p99` in metrics.json is a number, and has no keys",
        ),
        ("metrics.json deep", ReasonKind::Unreadable, "is an object, not a number: it has er"),
        ("metrics.json", ReasonKind::Unreadable, "names no key: write it like \"metrics.json p99\""),
    ] {
        let reason = read(&it, query).unwrap_err();
        assert_eq!((reason.kind, reason.text.contains(words)), (kind, true), "{query}: {reason}");
    }
}

#[test]
fn configured_the_query_is_the_key() {
    let directory = written();
    let configuration = "[providers.it]\ntype = \"file\"\npath = \"metrics.json\"\nmax_age = \"1m\"";
    let it = super::provider_in(configuration, "it", directory.path());
    assert_eq!(one(&it, "p99"), 0.25);
    assert_eq!(it.test().unwrap(), "metrics.json: an object");
    let reason = read(&it, "history").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Stale);
}

/// A series with `null` is there, and unknown: it does not vanish from the others.
#[test]
fn a_series_that_is_null_does_not_vanish() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("q.json"),
        r#"{"q": [{"labels": {"a": "x"}, "value": 1}, {"labels": {"a": "y"}, "value": null}],
            "past": [{"at": 100, "value": 1}, {"at": 160, "value": null}], "all": null, "one": {"value": null},
            "t": [{"labels": {"a": "x"}, "value": "up"}, {"labels": {"a": "y"}, "value": null}]}"#,
    )
    .unwrap();
    let it = built_in(&directory);
    let missing = |query: &str| {
        let missing = read(&it, query).unwrap().missing;
        missing.iter().map(|labels| labels["a"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(missing("q.json q"), ["y"]);
    assert!(missing("q.json all").is_empty() && missing("q.json one").is_empty(), "no data at all");
    assert!(read(&it, "q.json past").unwrap().samples[0].value.is_nan(), "the newest is unknown");
}
