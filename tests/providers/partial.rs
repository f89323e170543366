//! Answers of which a part is missing: unknown, unless the configuration accepts a part.

use std::sync::Arc;

use rbl_runtime::ReadTime;
use rbl_syntax::value::ReasonKind;
use rbl_world::provider::Provider;

use super::{at, provider, provider_in, read, read_pieces, text};
use crate::support::{Fake, Response};

fn it(kind: &str, url: &str, more: &str) -> Arc<dyn Provider> {
    provider(&format!("[providers.it]\ntype = \"{kind}\"\nurl = \"{url}\"\ntimeout = \"30s\"\n{more}"))
}

const ACCEPT: &str = "partial = \"accept\"";

const VECTOR: &str = r#""data":{"resultType":"vector","result":[{"metric":{"i":"a"},"value":[1,"5"]}]}"#;
const EMPTY: &str = r#""data":{"resultType":"vector","result":[]}"#;

#[test]
fn a_part_from_prometheus_is_unknown() {
    for (more, words) in [
        (r#","warnings":["store db-2: connection refused"]"#, "store db-2: connection refused"),
        (r#","warnings":["a\nb","PromQL warning: 2 series left out"],"infos":["i"]"#, "left out"),
        (r#","isPartial":true"#, "answered with a part of its data"),
        (r#","isPartial":true,"warnings":[],"partialResponse":true"#, "answered with a part of its data"),
    ] {
        for data in [VECTOR, EMPTY] {
            let body = format!(r#"{{"status":"success",{data}{more}}}"#);
            let fake = Fake::always(Response::json(&body));
            let reason = read(&it("prometheus", &fake.url(), ""), "x + 1").unwrap_err();
            assert_eq!(reason.kind, ReasonKind::Partial, "{body}: {reason}");
            assert!(
                reason.text.starts_with("the answer may be incomplete: ") && reason.text.contains(words),
                "{reason}"
            );
            let reading = read(&it("prometheus", &fake.url(), ACCEPT), "x + 1").unwrap();
            assert_eq!(reading.samples.len(), usize::from(data == VECTOR));
            assert!(reading.warnings[0].contains(words) || reading.warnings.len() > 1, "{reading:?}");
        }
    }
    for whole in [r#","isPartial":false,"warnings":[]"#, r#","warnings":null,"infos":["a hint"]"#, ""] {
        let fake = Fake::always(Response::json(&format!(r#"{{"status":"success",{VECTOR}{whole}}}"#)));
        assert_eq!(read(&it("prometheus", &fake.url(), ""), "x + 1").unwrap().samples.len(), 1, "{whole}");
    }
}

#[test]
fn a_window_of_a_part_is_unknown() {
    let body = r#"{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[{"metric":{},"values":[[100,"1"],[160,"2"]]}]}}"#;
    let fake = Fake::always(Response::json(body));
    let window = ReadTime::Window { end: at(160.0), seconds: 60.0 };
    let asked = |more: &str| read_pieces(&it("prometheus", &fake.url(), more), vec![text("x + 1")], window);
    assert_eq!(asked("").unwrap_err().kind, ReasonKind::Partial);
    assert_eq!(asked(ACCEPT).unwrap().series[0].points.len(), 2);
    assert_eq!(asked("partial = \"refuse\"").unwrap_err().kind, ReasonKind::Partial);
}

/// The ages that `max_age` needs can be the part that is missing.
#[test]
fn ages_of_a_part_are_unknown() {
    let fake = Fake::start(|request| {
        let more = if request.contains("timestamp") { r#","isPartial":true"# } else { "" };
        Response::json(&format!(r#"{{"status":"success",{VECTOR}{more}}}"#))
    });
    let reason = read(&it("prometheus", &fake.url(), "max_age = \"1m\""), "up").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Partial, "{reason}");
    assert_eq!(read(&it("prometheus", &fake.url(), ""), "up").unwrap().samples.len(), 1);
}

/// A list to choose from may be incomplete.
#[test]
fn names_of_a_part_are_names() {
    let fake = Fake::always(Response::json(r#"{"status":"success","data":["up"],"warnings":["half"]}"#));
    assert_eq!(it("prometheus", &fake.url(), "").names().unwrap(), ["up"]);
}

#[test]
fn a_part_over_http_is_unknown() {
    for (response, words) in [
        (Response::of("206 Partial Content", "application/json", "{\"n\":5}"), "206 Partial Content"),
        (Response::json(r#"{"n":5,"isPartial":true}"#), "it says so itself"),
        (Response::json(r#"{"n":5,"partial":true}"#), "it says so itself"),
        (Response::json(r#"{"n":5,"status":"success","warnings":["half of it"]}"#), "half of it"),
        (
            Response::json(r#"{"n":5,"_shards":{"total":5,"successful":3,"failed":2}}"#),
            "2 of its shards failed",
        ),
        (Response::json(r#"{"n":5,"timed_out":true,"_shards":{"failed":0}}"#), "ran out of time"),
        (Response::json(r#"{"n":5,"timed_out":true}"#), "ran out of time"),
        (Response::json(r#"{"n":5,"isPartial":"true"}"#), "it says so itself"),
        (Response::json(r#"{"n":5,"data":{"isPartial":true}}"#), "it says so itself"),
        (Response::json(r#"{"n":5,"responses":[{"_shards":{"failed":1}}]}"#), "1 of its shards failed"),
        (Response::json(r#"{"n":5,"data":null,"errors":[{"message":"no such host"}]}"#), "no such host"),
        (Response::json(r#"{"n":5,"items":[],"metadata":{"continue":"x"}}"#), "the first page of several"),
    ] {
        let fake = Fake::always(response);
        let reason = read(&it("http", &fake.url(), ""), "$.n").unwrap_err();
        assert_eq!(reason.kind, ReasonKind::Partial, "{reason}");
        assert!(reason.text.contains(words), "{words}: {reason}");
        let reading = read(&it("http", &fake.url(), ACCEPT), "$.n").unwrap();
        assert_eq!(reading.samples[0].value, 5.0);
        assert!(reading.warnings[0].contains(words), "{reading:?}");
    }
    let fake = Fake::always(Response::json(r#"{"n":5,"warnings":["disk is slow"],"errors":["ours"]}"#));
    assert_eq!(read(&it("http", &fake.url(), ""), "$.n").unwrap().samples[0].value, 5.0);
}

#[test]
fn a_part_from_a_plug_in_is_unknown() {
    let answer = |json: &str, more: &str| {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("plugin.sh"), format!("cat >/dev/null; echo '{json}'")).unwrap();
        let configuration =
            format!("[providers.it]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"plugin.sh\"]\n{more}");
        read(&provider_in(&configuration, "it", directory.path()), "q")
    };
    let part = r#"{"samples":[{"value":5}],"partial":true,"warnings":["2 of 3 shards"]}"#;
    let reason = answer(part, "").unwrap_err();
    assert_eq!(
        (reason.kind, reason.text.as_str()),
        (ReasonKind::Partial, "the answer may be incomplete: 2 of 3 shards")
    );
    let reading = answer(part, ACCEPT).unwrap();
    assert_eq!((reading.samples[0].value, reading.warnings[0].as_str()), (5.0, "2 of 3 shards"));
    let bare = r#"{"samples":[],"partial":true}"#;
    assert!(answer(bare, "").unwrap_err().text.contains("says so itself"));
    let whole = r#"{"samples":[{"value":5}],"partial":false,"warnings":["slow"]}"#;
    assert_eq!(answer(whole, "").unwrap().warnings, ["slow"]);
    let odd = r#"{"samples":[{"value":5}],"partial":"yes"}"#;
    assert_eq!(answer(odd, "").unwrap_err().kind, ReasonKind::BadAnswer);
}
