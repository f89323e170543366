//! The bad days of a server, and every provider that speaks HTTP run through all of them.
//!
//! Each day has to end in time, unknown with a reason of its own, without a second request where it was a redirect, and without a secret.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use rbl_syntax::value::{Reason, ReasonKind};

use super::{provider_in, read};
use crate::cli::shell::Shell;
use crate::end_to_end::streams::eventually;
use crate::support::{Certificates, Fake, Response, free_port};

/// The secret that every section is given, and that every fake server repeats.
const SECRET: &str = "planted-Secret-0123456789abcdefg";

/// A kind, and what its server answers where all is well.
struct Row {
    kind: &'static str,
    /// Its keys besides `type` and the time-out; `URL` is the address of the server.
    keys: &'static str,
    query: &'static str,
    good: &'static str,
}

const BEARER: &str = "url = \"URL\"\nbearer_token = { file = \"secret\" }";

const ROWS: &[Row] = &[
    Row {
        kind: "prometheus",
        keys: BEARER,
        query: "up",
        good: r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1795329405,"5"]}]}}"#,
    },
    Row { kind: "http", keys: BEARER, query: "$.value", good: r#"{"value":5}"# },
    Row {
        kind: "loki",
        keys: BEARER,
        query: "sum(rate({a=\"b\"}[1m]))",
        good: r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1795329405,"5"]}]}}"#,
    },
    Row {
        kind: "elasticsearch",
        keys: "url = \"URL\"\napi_key = { file = \"secret\" }",
        query: "logs a:b",
        good: r#"{"count":5,"_shards":{"total":1,"successful":1,"failed":0}}"#,
    },
    Row {
        kind: "cloudwatch",
        keys: "url = \"URL\"\nregion = \"eu-central-1\"\naccess_key_id = \"AKID\"\nsecret_access_key = { file = \"secret\" }",
        query: "Shop Errors Sum",
        good: r#"{"MetricDataResults":[{"Id":"m1","Label":"a","Timestamps":[1795329300],"Values":[5.0],"StatusCode":"Complete"}]}"#,
    },
];

/// Reads from a server, and says how long it took.
fn reads(row: &Row, url: &str, more: &str, folder: &Path) -> (Result<f64, Reason>, Duration) {
    std::fs::write(folder.join("secret"), SECRET).unwrap();
    let keys = row.keys.replace("URL", url);
    let timeout = if more.contains("timeout") { "" } else { "timeout = \"30s\"" };
    let section = format!("[providers.it]\ntype = \"{}\"\n{keys}\n{timeout}\n{more}\n", row.kind);
    let it = provider_in(&section, "it", folder);
    let began = Instant::now();
    let result = read(&it, row.query).map(|reading| reading.samples[0].value);
    (result, began.elapsed())
}

/// A reason of this kind that says this, in time and without the secret.
fn unknown(row: &Row, url: &str, more: &str, kind: ReasonKind, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (result, taken) = reads(row, url, more, folder.path());
    let reason = result.expect_err(row.kind);
    assert_eq!(reason.kind, kind, "{} {words}: {reason}", row.kind);
    assert!(reason.text.contains(words), "{} {words}: {reason}", row.kind);
    assert!(!reason.text.contains(SECRET), "{}: {reason}", row.kind);
    assert!(!reason.text.contains("may have been"), "a look changes nothing: {reason}");
    assert!(taken < Duration::from_mins(1), "{} {words}: {taken:?}", row.kind);
}

#[test]
fn a_good_day() {
    for row in ROWS {
        let folder = tempfile::tempdir().unwrap();
        let server = Fake::always(Response::json(row.good));
        assert_eq!(reads(row, &server.url(), "", folder.path()).0, Ok(5.0), "{}", row.kind);
    }
}

#[test]
fn a_server_that_refuses_breaks_or_sends_elsewhere() {
    let refused = format!("http://127.0.0.1:{}", free_port());
    for row in ROWS {
        unknown(row, &refused, "", ReasonKind::Unreachable, "connection refused by 127.0.0.1:");
        for (response, kind, words) in [
            (
                Response::with("429 Too Many Requests", "Retry-After: 600\r\n", ""),
                ReasonKind::ProviderError,
                "429",
            ),
            (Response::of("429 Too Many Requests", "text/plain", ""), ReasonKind::ProviderError, "429"),
            (Response::of("500 Oops", "text/plain", SECRET), ReasonKind::ProviderError, "500"),
            (Response::of("502 Bad Gateway", "text/html", "<html>"), ReasonKind::ProviderError, "502"),
            (Response::of("401 Unauthorized", "text/plain", SECRET), ReasonKind::ProviderError, "401"),
            (Response::of("403 Forbidden", "text/plain", ""), ReasonKind::ProviderError, "403"),
            (Response::of("200 OK", "text/html", "<html>sign in"), ReasonKind::BadAnswer, "page"),
            (Response::json(SECRET), ReasonKind::BadAnswer, "not JSON"),
            (Response::raw(b"SSH-2.0-OpenSSH_9.2\r\n"), ReasonKind::BadAnswer, "does not answer in HTTP"),
            (Response::raw(b""), ReasonKind::Unreachable, "closed the connection without an answer"),
            (
                Response::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
                ReasonKind::BadAnswer,
                "broke off",
            ),
        ] {
            unknown(row, &Fake::always(response).url(), "", kind, words);
        }
        let thief = Fake::always(Response::json(row.good));
        let elsewhere = Response::with("302 Found", &format!("Location: {}/x?{SECRET}\r\n", thief.url()), "");
        let server = Fake::always(elsewhere);
        unknown(row, &server.url(), "", ReasonKind::ProviderError, "302");
        assert!(thief.requests().is_empty(), "{}", row.kind);
        assert_eq!(server.requests().len(), 1, "{}", row.kind);
    }
}

#[test]
fn a_server_that_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap();
    // At the same time: one after the other they would take as many seconds as there are time-outs.
    std::thread::scope(|scope| {
        for row in ROWS {
            scope.spawn(move || each_hanging_server(row, silent));
        }
    });
}

/// A second is enough for a busy machine to send a request, which has to arrive before the client gives up.
fn each_hanging_server(row: &Row, silent: SocketAddr) {
    let quick = "timeout = \"1s\"";
    unknown(row, &format!("http://{silent}"), quick, ReasonKind::TimedOut, "within");
    unknown(row, &format!("https://{silent}"), quick, ReasonKind::TimedOut, "within");
    let late = Fake::always(Response::json(row.good).after(Duration::from_mins(5)));
    unknown(row, &late.url(), quick, ReasonKind::TimedOut, "within");
    // The server may have noted it a moment after the client gave up.
    eventually("the request arrives", || !late.requests().is_empty());
    assert_eq!(late.requests().len(), 1, "{}", row.kind);
    let whole = Response::json(row.good);
    let head = whole.bytes.len() - row.good.len();
    for from in [0, head] {
        let dripping = Fake::always(whole.clone().trickling(from, Duration::from_millis(300)));
        unknown(row, &dripping.url(), quick, ReasonKind::TimedOut, "within");
    }
}

#[test]
fn a_body_without_an_end() {
    for row in ROWS {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let _ = connection.read(&mut vec![0; 65536]);
            let head =
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _ = connection.write_all(head);
            let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
            let mut sent: u64 = 0;
            while connection.write_all(chunk.as_bytes()).is_ok() {
                sent += 0x10000;
            }
            sent
        });
        unknown(row, &url, "timeout = \"30s\"", ReasonKind::BadAnswer, "answered with more than");
        let sent = server.join().unwrap();
        assert!(sent < 150_000_000, "{}: {sent}", row.kind);
    }
}

#[test]
fn a_certificate_that_is_not_trusted_or_anothers() {
    let Some(certificates) = Certificates::new() else { return };
    certificates.issue("good", "localhost", -1, 5);
    let server = certificates.server("good", &[]);
    let (url, ca) = (format!("https://localhost:{}", server.port), certificates.path().join("ca.pem"));
    let trusting = format!("ca = \"{}\"", ca.display());
    for row in ROWS {
        unknown(row, &url, "", ReasonKind::Unreachable, "nobody that this machine trusts");
        let by_number = url.replace("localhost", "127.0.0.1");
        unknown(row, &by_number, &trusting, ReasonKind::Unreachable, "for another name");
        // With the file it gets as far as an answer, which is a page of OpenSSL's, or none to a POST: that takes the whole time-out.
        let folder = tempfile::tempdir().unwrap();
        let quick = format!("{trusting}\ntimeout = \"2s\"");
        let reason = reads(row, &url, &quick, folder.path()).0.unwrap_err();
        assert!(!reason.text.contains("certificate"), "{}: {reason}", row.kind);
    }
}

/// A proxy is taken from the environment, so this is a run of its own for each kind.
#[test]
fn a_proxy_that_is_down() {
    for row in ROWS {
        let shell = Shell::new().env("HTTP_PROXY", &format!("http://127.0.0.1:{}", free_port()));
        shell.write("secret", SECRET);
        let keys = row.keys.replace("URL", "http://service.example");
        shell.write("rbl.toml", format!("[providers.it]\ntype = \"{}\"\n{keys}\n", row.kind));
        let said = shell.rbl("connections test it").code(1);
        let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("connection refused by the proxy 127.0.0.1"), "{}: {words}", row.kind);
        assert!(!words.contains(SECRET), "{words}");
    }
}

/// Every provider that has a `url` of HTTP and numbers is in the table above.
#[test]
fn the_table_of_failures_is_complete() {
    for kind in rbl_world::kinds() {
        let speaks = kind.family.section() == "providers"
            && kind.keys.iter().any(|key| key.kind == rbl_check::KeyKind::Url)
            && !kind.metrics.is_empty();
        if speaks {
            assert!(
                ROWS.iter().any(|row| row.kind == kind.kind),
                "{} is not run through the failures",
                kind.kind
            );
        }
    }
}
