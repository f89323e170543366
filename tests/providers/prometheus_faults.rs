//! Faults between rbl and Prometheus, each with its own reason: recorded answers, proxies, sign-ins and broken
//! connections.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use rbl_runtime::ReadTime;
use rbl_syntax::value::ReasonKind;

use super::{at, provider, read, read_pieces, text, value};
use crate::support::{Fake, Response, free_port, listens, start_server};

fn it(url: &str) -> std::sync::Arc<dyn rbl_world::provider::Provider> {
    provider(&format!("[providers.it]\ntype = \"prometheus\"\nurl = \"{url}\"\ntimeout = \"60s\""))
}

fn sample(name: &str) -> String {
    let path = format!("{}/tests/corpus/prometheus/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn recorded_answers_are_read() {
    let values = |name: &str| {
        let fake = Fake::always(Response::json(&sample(name)));
        read(&it(&fake.url()), "1 + x").unwrap().samples.iter().map(|sample| sample.value).collect::<Vec<_>>()
    };
    assert!(values("prometheus-query-vector").contains(&0.02));
    assert!(values("prometheus-query-vector-empty").is_empty());
    assert!(values("prometheus-query-filter-compare-false").is_empty());
    assert_eq!(values("prometheus-query-scalar"), [17.0]);
    assert!(values("prometheus-query-scalar-nan")[0].is_nan());
    let special = values("prometheus-query-vector-special");
    assert!(
        special.iter().any(|value| value.is_nan())
            && special.contains(&f64::INFINITY)
            && special.contains(&1e-9)
    );
    let fake = Fake::always(Response::json(&sample("prometheus-query-range-matrix")));
    let window = ReadTime::Window { end: at(1_795_329_411.0), seconds: 10.0 };
    let reading = read_pieces(&it(&fake.url()), vec![text("x")], window).unwrap();
    assert_eq!(reading.series[0].points.last().unwrap().value, 17.0);
}

#[test]
fn every_fault_has_its_own_name() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let ok = |body: &str| Response::json(body);
    let vector = |element: &str| {
        ok(&format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{element}]}}}}"#))
    };
    let (refused, bad, late) = (ReasonKind::ProviderError, ReasonKind::BadAnswer, ReasonKind::TimedOut);
    let unreachable = ReasonKind::Unreachable;
    for (response, kind, words) in [
        (
            Response::of("400 Bad Request", "application/json", &sample("prometheus-query-error-parse")),
            refused,
            "cannot read the query: invalid parameter",
        ),
        (
            Response::of(
                "422 Unprocessable Entity",
                "application/json",
                &sample("prometheus-query-error-exec"),
            ),
            refused,
            "cannot evaluate the query: found duplicate series",
        ),
        (
            Response::of(
                "503 Service Unavailable",
                "application/json",
                &sample("prometheus-query-error-timeout"),
            ),
            late,
            "Prometheus gave up on the query",
        ),
        (
            Response::of("502 Bad Gateway", "text/html", page),
            refused,
            "a proxy before Prometheus answered 502 Bad Gateway",
        ),
        (
            Response::of("504 Gateway Timeout", "text/html", page),
            refused,
            "a proxy before Prometheus answered 504",
        ),
        (
            Response::of("200 OK", "text/html", "<!DOCTYPE html><title>Sign in</title>"),
            bad,
            "answered with a web page: is the url right, or is a sign-in needed?",
        ),
        (
            Response::of("404 Not Found", "text/plain", "404 page not found\n"),
            refused,
            "is the url's path right?",
        ),
        (
            Response::of("401 Unauthorized", "text/plain", "no"),
            refused,
            "does not let us in (401 Unauthorized)",
        ),
        (
            Response::of("403 Forbidden", "application/json", r#"{"message":"no"}"#),
            refused,
            "does not let us in (403 Forbidden)",
        ),
        (Response::of("429 Too Many Requests", "text/plain", "slow"), refused, "asked less often"),
        (
            Response::of("500 Internal Server Error", "text/plain", "oops\nmore"),
            refused,
            "500 Internal Server Error: oops",
        ),
        (
            Response::with("302 Found", "Location: /login\r\n", ""),
            refused,
            "sends us elsewhere (302 Found to /login)",
        ),
        (ok("{\"status\":\"succ"), bad, "something that is not JSON"),
        (ok(""), bad, "answered with nothing"),
        (ok("[]"), bad, "something that is not JSON"),
        (ok(r#"{"status":"success"}"#), bad, "answered without data"),
        (
            ok(r#"{"status":"error","errorType":"internal","error":"boom"}"#),
            refused,
            "with an error (internal): boom",
        ),
        (ok(r#"{"status":"success","data":{"resultType":"vector","result":{}}}"#), bad, "not a list"),
        (
            vector(r#"{"metric":{},"histogram":[1,{"count":"1"}]}"#),
            refused,
            "gives a native histogram: put `histogram_quantile",
        ),
        (vector(r#"{"metric":{},"value":[1,5]}"#), bad, "a sample that is not one"),
        (vector(r#"{"metric":{},"value":[1,"five"]}"#), bad, "a sample that is not one"),
        (vector(r#"{"metric":{}}"#), bad, "a series without a value"),
        (vector(r#"{"value":[1,"5"]}"#), bad, "a series without labels"),
        (ok(&sample("prometheus-query-string")), refused, "gives text"),
        (ok(&sample("prometheus-query-matrix")), refused, "gives a range of samples"),
        (Response::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\""), bad, "broke off"),
        (Response::raw(b"SSH-2.0-OpenSSH_9.2\r\n"), bad, "does not answer in HTTP"),
        (Response::raw(b""), unreachable, "closed the connection without an answer"),
    ] {
        let shown = String::from_utf8_lossy(&response.bytes).into_owned();
        let fake = Fake::always(response);
        let reason = read(&it(&fake.url()), "1 + x").unwrap_err();
        assert_eq!(reason.kind, kind, "{reason}\n{shown}");
        assert!(reason.text.contains(words), "{reason}\n{shown}");
        assert!(!reason.text.contains(['\n', '\r']), "{reason:?}");
    }
}

#[test]
fn a_server_that_is_not_there() {
    let reason = read(&it(&format!("http://127.0.0.1:{}", free_port())), "up").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Unreachable);
    assert!(reason.text.starts_with("connection refused by 127.0.0.1:"), "{reason}");
    let reason = read(&it("http://no-such-host.invalid:9090"), "up").unwrap_err();
    assert_eq!(
        (reason.kind, reason.text.as_str()),
        (ReasonKind::Unreachable, "no such host: no-such-host.invalid:9090")
    );
}

/// Plain HTTP behind an https address: no secure connection, and nothing is sent in the clear.
#[test]
fn a_server_that_does_not_speak_tls() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut hello = [0; 4096];
        let count = connection.read(&mut hello).unwrap();
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
        hello[..count].to_vec()
    });
    let reason = read(&it(&url), "up").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Unreachable, "{reason}");
    assert!(reason.text.ends_with(": it does not speak TLS"), "{reason}");
    assert!(!String::from_utf8_lossy(&server.join().unwrap()).contains("api/v1"));
}

/// A certificate that no authority signed.
#[test]
fn a_server_that_cannot_be_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(&directory)
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: this machine has no `openssl`");
        return;
    }
    let launch = |port: u16| {
        std::process::Command::new("openssl")
            .args(["s_server", "-quiet", "-www", "-cert", "cert.pem", "-key", "key.pem", "-accept"])
            .arg(format!("127.0.0.1:{port}"))
            .current_dir(&directory)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let (mut server, port) = start_server("openssl s_server", launch, listens).unwrap();
    let result = read(&it(&format!("https://localhost:{port}")), "up");
    server.kill().unwrap();
    server.wait().unwrap();
    let reason = result.unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Unreachable, "{reason}");
    assert!(reason.text.contains("nobody that this machine trusts vouches for its certificate"), "{reason}");
}

#[test]
fn a_slow_answer_is_not_waited_for() {
    for response in [Response::json("{}"), Response::raw(b"")] {
        let fake = Fake::always(response.after(Duration::from_mins(5)));
        let started = Instant::now();
        let it = provider(&format!(
            "[providers.it]\ntype = \"prometheus\"\nurl = \"{}\"\ntimeout = \"300ms\"",
            fake.url()
        ));
        let reason = read(&it, "up").unwrap_err();
        assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
        assert!(
            reason.text.starts_with("no answer from 127.0.0.1:") && reason.text.ends_with("within 300ms"),
            "{reason}"
        );
        assert!(started.elapsed() < Duration::from_mins(1));
    }
}

#[test]
fn infos_are_kept_beside_the_value() {
    let body =
        r#"{"status":"success","data":{"resultType":"scalar","result":[1,"5"]},"infos":["a\nhint","note"]}"#;
    let fake = Fake::always(Response::json(body));
    let reading = read(&it(&fake.url()), "x + 1").unwrap();
    assert_eq!(
        (reading.samples[0].value, reading.warnings.as_slice()),
        (5.0, ["a".to_owned(), "note".to_owned()].as_slice())
    );
}

#[test]
fn who_asks_is_told_and_never_repeated() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("token"), "t0ps3cret\n").unwrap();
    let fake = Fake::start(|request| {
        let echo = request.replace(['\r', '\n', '"'], " ");
        Response::of(
            "400 Bad Request",
            "application/json",
            &format!(r#"{{"status":"error","errorType":"bad_data","error":"{echo}"}}"#),
        )
    });
    let configuration = format!(
        "[providers.it]\ntype = \"prometheus\"\nurl = \"{}/prometheus/\"\nbearer_token = {{ file = \"token\" }}\nheaders = {{ X-Scope-OrgID = \"team-a\" }}",
        fake.url()
    );
    let it = super::provider_in(&configuration, "it", directory.path());
    let reason =
        read_pieces(&it, vec![text("up{a=\""), value("x&y=z"), text("\"}")], ReadTime::Now).unwrap_err();
    let request = fake.requests().remove(0);
    let head = request.to_lowercase();
    assert!(request.starts_with("POST /prometheus/api/v1/query HTTP/1.1\r\n"), "{request}");
    assert!(
        head.contains("authorization: bearer t0ps3cret\r\n") && head.contains("x-scope-orgid: team-a\r\n"),
        "{request}"
    );
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\nquery=up%7Ba%3D%22x%26y%3Dz%22%7D"), "{request}");
    assert!(!reason.text.contains("t0ps3cret") && reason.text.contains("•••"), "{reason}");

    std::fs::remove_file(directory.path().join("token")).unwrap();
    let reason = read(&it, "up").unwrap_err();
    assert!(reason.text.contains("token: no such file"), "{reason}");
    assert_eq!(fake.requests().len(), 1);

    std::fs::write(directory.path().join("pw"), "open sesame").unwrap();
    let configuration = format!(
        "[providers.it]\ntype = \"prometheus\"\nurl = \"{}\"\nusername = \"Aladdin\"\npassword = {{ file = \"pw\" }}",
        fake.url()
    );
    let it = super::provider_in(&configuration, "it", directory.path());
    assert!(it.test().is_err());
    // The example of RFC 7617.
    assert!(fake.requests()[1].contains("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "{}", fake.requests()[1]);
}
