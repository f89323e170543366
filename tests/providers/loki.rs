//! The provider `loki` against a fake that answers as its documentation says.

use rbl_runtime::{CommandLine, Read, ReadTime, Reading};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind};

use super::{at, now, one, provider, read, read_pieces, text, value};
use crate::support::{Fake, Response};

const VECTOR: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"app":"api"},"value":[1795329405.5,"8"]}]}}"#;
const STREAMS: &str = r#"{"status":"success","data":{"resultType":"streams","result":[
    {"stream":{"app":"api"},"values":[["1795329405000000002","second"],["1795329405000000001","first"]]},
    {"stream":{"app":"web"},"values":[["1795329405000000003","third"]]}]}}"#;

fn section(url: &str, more: &str) -> String {
    format!("[providers.it]\ntype = \"loki\"\nurl = \"{url}/tenant\"\ntimeout = \"30s\"\n{more}\n")
}

fn lines(configuration: &str, query: &str) -> Result<Reading, Reason> {
    let read = Read {
        metric: "m".into(),
        arguments: Vec::new(),
        provider: "it".into(),
        query: CommandLine(vec![text(query)]),
        of: MetricType::Lines,
        by: Vec::new(),
        time: ReadTime::Now,
    };
    provider(configuration).read(&read, now())
}

#[test]
fn numbers_windows_and_lines() {
    let server = Fake::start(|request| {
        Response::json(if request.contains("query=%7Bapp") {
            STREAMS
        } else if request.contains("/query_range?") {
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[100,"1"],[160,"2.5"]]}]}}"#
        } else {
            VECTOR
        })
    });
    let it = provider(&section(&server.url(), "headers = { X-Scope-OrgID = \"team-a\" }"));
    assert_eq!(one(&it, "sum(count_over_time({app=\"api\"}[5m]))"), 8.0);
    let window = ReadTime::Window { end: at(200.0), seconds: 100.0 };
    let reading =
        read_pieces(&it, vec![text("rate({app=\""), value("a\"b"), text("\"}[1m])")], window).unwrap();
    assert_eq!(reading.series[0].points.len(), 2);
    let requests = server.requests();
    assert!(
        requests[0].starts_with("GET /tenant/loki/api/v1/query?query=sum%28count_over_time"),
        "{requests:?}"
    );
    assert!(requests[0].to_lowercase().contains("x-scope-orgid: team-a"));
    assert!(requests[1].contains("a%5C%22b"), "{requests:?}");
    let found = lines(&section(&server.url(), "lines = 3"), "{app=\"api\"}").unwrap();
    assert_eq!(found.lines.unwrap(), ["first", "second", "third"]);
    assert_eq!(found.warnings, ["only the newest 3 lines are read"]);
    assert!(server.requests()[2].contains("limit=3&direction=backward"), "{:?}", server.requests());
}

#[test]
fn every_fault_has_its_own_reason() {
    let partial = VECTOR.replace("\"status\"", "\"warnings\":[\"one ingester failed\"],\"status\"");
    for (response, kind, words) in [
        (
            Response::json(r#"{"status":"success","data":{"resultType":"streams","result":[]}}"#),
            ReasonKind::ProviderError,
            "needs a metric query",
        ),
        (
            Response::of("400 Bad Request", "text/plain", "parse error at line 1"),
            ReasonKind::ProviderError,
            "refused the query: parse error",
        ),
        (
            Response::of("401 Unauthorized", "text/plain", ""),
            ReasonKind::ProviderError,
            "does not let us in (401)",
        ),
        (Response::of("200 OK", "text/html", "<html>"), ReasonKind::BadAnswer, "with a page for people"),
        (Response::of("500 Oops", "text/plain", "no"), ReasonKind::ProviderError, "answered 500"),
        (
            Response::with("429 Too Many Requests", "Retry-After: 60\r\n", ""),
            ReasonKind::ProviderError,
            "429",
        ),
        (Response::json(r#"{"status":"error"}"#), ReasonKind::ProviderError, "did not answer"),
        (Response::json(&partial), ReasonKind::Partial, "one ingester failed"),
        (
            Response::with("302 Found", "Location: https://elsewhere.example/\r\n", ""),
            ReasonKind::ProviderError,
            "to another server",
        ),
    ] {
        let server = Fake::always(response);
        let reason = read(&provider(&section(&server.url(), "")), "sum(rate({a=\"b\"}[1m]))").unwrap_err();
        assert_eq!(reason.kind, kind, "{words}: {reason}");
        assert!(reason.text.contains(words) && !reason.text.contains("may have been"), "{words}: {reason}");
    }
    let server = Fake::always(Response::json(&partial));
    let accepted = read(&provider(&section(&server.url(), "partial = \"accept\"")), "x").unwrap();
    assert_eq!(accepted.warnings, ["one ingester failed"]);
    let server =
        Fake::always(Response::json(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#));
    assert!(read(&provider(&section(&server.url(), "")), "x").unwrap().samples.is_empty(), "no data");
    let server = Fake::always(Response::json(VECTOR));
    assert!(lines(&section(&server.url(), ""), "x").unwrap_err().text.contains("needs a log query"));
}
