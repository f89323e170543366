//! The provider `elasticsearch` against osmem-server, which has the API of `OpenSearch`, and against answers that are wrong.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use rbl_project::setting::Setting;
use rbl_runtime::{CommandLine, Read, ReadTime, Reading};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::{Reason, ReasonKind};
use rbl_world::WebClient;

use super::{now, one, provider, read, read_pieces, text, value};
use crate::support::{Fake, Response, python_with, start_server};

/// A server with this API; it ends when its standard input does.
struct Osmem {
    child: Child,
    url: String,
}

impl Osmem {
    /// `None`: this machine has no osmem-server.
    fn start() -> Option<Self> {
        let python = python_with("osmem_server")?;
        let found = Command::new(python)
            .args(["-c", "import osmem_server; print(osmem_server.resolve_binary())"])
            .output()
            .unwrap();
        let program = String::from_utf8(found.stdout).unwrap();
        let launch = |port: u16| {
            let mut child = Command::new(program.trim())
                .args(["-addr", &format!("127.0.0.1:{port}")])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let out = child.stdout.take().unwrap();
            std::thread::spawn(move || BufReader::new(out).lines().for_each(drop));
            child
        };
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let answers = |port: u16| client(&url(port)).get("/", &[]).is_ok();
        let (child, port) = start_server("osmem-server", launch, answers).unwrap();
        Some(Self { child, url: url(port) })
    }

    fn client(&self) -> WebClient {
        client(&self.url)
    }
}

fn client(url: &str) -> WebClient {
    WebClient::new(Setting::Text(url.to_owned()), None, ".".as_ref(), 10.0)
}

impl Drop for Osmem {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn section(url: &str, more: &str) -> String {
    format!("[providers.it]\ntype = \"elasticsearch\"\nurl = \"{url}\"\ntimeout = \"30s\"\n{more}\n")
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
fn documents_are_counted_and_read_as_lines() {
    let Some(server) = Osmem::start() else { return };
    for (seconds, level, message) in [
        (30.0, "error", "the second"),
        (60.0, "error", "the first"),
        (20.0, "info", "no error"),
        (7200.0, "error", "too old"),
    ] {
        let at = now().plus(-seconds).unwrap();
        let document =
            serde_json::json!({ "@timestamp": at.to_string(), "level": level, "message": message });
        let kept = server.client().post("/logs-api/_doc?refresh=true", &document).unwrap();
        assert_eq!(kept.status, 201, "{kept:?}");
    }
    let it = provider(&section(&server.url, ""));
    assert!(it.test().unwrap().contains("opensearch"), "{:?}", it.test());
    assert_eq!(one(&it, "logs-api"), 3.0);
    assert_eq!(one(&it, "logs-api level:error"), 2.0);
    let with_value = vec![text("logs-"), value("api"), text(" level:"), value("error")];
    assert_eq!(read_pieces(&it, with_value, ReadTime::Now).unwrap().samples[0].value, 2.0);
    let found = lines(&section(&server.url, ""), "logs-api level:error").unwrap();
    assert_eq!(found.lines.unwrap(), ["the first", "the second"]);
    let reason = read(&it, "no-such-index").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::ProviderError, "{reason}");
    assert!(reason.text.contains("no such index"), "{reason}");
}

#[test]
fn every_fault_has_its_own_reason() {
    let partial = r#"{"count":5,"_shards":{"total":5,"successful":3,"failed":2}}"#;
    for (response, kind, words) in [
        (
            Response::of("401 Unauthorized", "application/json", r#"{"error":{"reason":"x"}}"#),
            ReasonKind::ProviderError,
            "does not let us in (401)",
        ),
        (
            Response::of(
                "400 Bad Request",
                "application/json",
                r#"{"error":{"reason":"Failed to parse query [level:]"}}"#,
            ),
            ReasonKind::ProviderError,
            "Failed to parse query",
        ),
        (Response::of("200 OK", "text/html", "<html>"), ReasonKind::BadAnswer, "with a page for people"),
        (
            Response::of("503 Service Unavailable", "text/plain", "no"),
            ReasonKind::ProviderError,
            "answered 503",
        ),
        (Response::of("429 Too Many Requests", "text/plain", ""), ReasonKind::ProviderError, "429"),
        (Response::json("{}"), ReasonKind::BadAnswer, "no `count`"),
        (Response::json("nonsense"), ReasonKind::BadAnswer, "not JSON"),
        (Response::json(partial), ReasonKind::Partial, "2 of its shards failed"),
        (
            Response::with("302 Found", "Location: https://elsewhere.example/\r\n", ""),
            ReasonKind::ProviderError,
            "elsewhere",
        ),
    ] {
        let server = Fake::always(response);
        let reason = read(&provider(&section(&server.url(), "")), "logs x").unwrap_err();
        assert_eq!(reason.kind, kind, "{words}: {reason}");
        assert!(reason.text.contains(words) && !reason.text.contains("may have been"), "{words}: {reason}");
    }
    let server = Fake::always(Response::json(partial));
    let accepted = read(&provider(&section(&server.url(), "partial = \"accept\"")), "logs x").unwrap();
    assert_eq!((accepted.samples[0].value, accepted.warnings.len()), (5.0, 1));
}
