//! The HTTP client that every connection shares: its deadline, its limit, the one server, and what it never repeats.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::{Datum, Piece, ReadTime};
use rbl_syntax::value::{ReasonKind, SecretRef};
use rbl_world::provider::Provider;

use super::{provider, provider_in, read, read_pieces, text};
use crate::support::{Fake, Response, free_port};

fn it(url: &str, more: &str) -> Arc<dyn Provider> {
    provider(&format!("[providers.it]\ntype = \"http\"\nurl = \"{url}\"\ntimeout = \"500ms\"\n{more}"))
}

/// Whatever a server does, a call ends within its time.
#[test]
fn a_call_ends_within_its_time() {
    let pause = Duration::from_millis(50);
    // A byte at a time takes minutes.
    let body = format!("[{}1]", "1,".repeat(5_000));
    let whole = Response::json(&body);
    let head = whole.bytes.len() - body.len();
    let redirected =
        Response::with("302 Found", "Location: /again\r\n", "").after(Duration::from_millis(150));
    for (name, response) in [
        ("says nothing", Response::json("5").after(Duration::from_mins(5))),
        ("says its head bit by bit", whole.clone().trickling(0, pause)),
        ("says its body bit by bit", whole.trickling(head, pause)),
        ("sends from place to place", redirected),
    ] {
        let fake = Fake::always(response);
        let started = Instant::now();
        let reason = read(&it(&fake.url(), ""), "$").unwrap_err();
        let taken = started.elapsed();
        assert_eq!(reason.kind, ReasonKind::TimedOut, "{name}: {reason}");
        assert!(reason.text.ends_with("within 500ms"), "{name}: {reason}");
        assert!(taken >= Duration::from_millis(450), "{name}: {taken:?}");
        assert!(taken < Duration::from_mins(1), "{name}: {taken:?}");
    }
}

/// The same where not even a connection comes about: the kernel accepts it, and nobody behind it speaks.
#[test]
fn a_handshake_ends_within_its_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let started = Instant::now();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let reason = read(&it(&url, ""), "$").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::TimedOut, "{reason}");
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

#[test]
fn an_endless_body_is_not_read_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        let mut sent = 0;
        let chunk = format!("1000\r\n{}\r\n", "1".repeat(0x1000));
        while connection.write_all(chunk.as_bytes()).is_ok() {
            sent += chunk.len();
        }
        sent
    });
    let it = provider(&format!(
        "[providers.it]\ntype = \"http\"\nurl = \"{url}\"\ntimeout = \"10s\"\noutput = \"100kB\""
    ));
    let reason = read(&it, "$").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::BadAnswer, "{reason}");
    assert!(reason.text.ends_with("answered with more than 100000 bytes"), "{reason}");
    drop(it);
    // What is above the limit waited in the buffers of the system.
    let sent = server.join().unwrap();
    assert!(sent < 50_000_000, "{sent}");
}

/// Neither a header, nor a body, nor a secret in the address reaches the server that a redirect names.
#[test]
fn a_redirect_takes_nothing_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("token"), "t0ps3cret").unwrap();
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 x"] {
        let thief = Fake::always(Response::json("666"));
        let location = format!("Location: {}/x?t=t0ps3cret\r\n", thief.url());
        let fake = Fake::always(Response::with(status, &location, ""));
        for (more, words) in [
            ("bearer_token = { file = \"token\" }", "sends us to another server"),
            ("method = \"POST\"\nbody = { file = \"token\" }", "sends a POST elsewhere"),
        ] {
            let configuration = format!("[providers.it]\ntype = \"http\"\nurl = \"{}\"\n{more}", fake.url());
            let reason = read(&provider_in(&configuration, "it", directory.path()), "$").unwrap_err();
            assert!(reason.text.contains(words), "{status}: {reason}");
            assert!(!reason.text.contains("t0ps3cret") && reason.text.contains("•••"), "{status}: {reason}");
        }
        assert!(thief.requests().is_empty(), "{status}");
    }
}

/// A server that repeats everything that it was sent, in each place where its words are shown.
#[test]
fn nothing_secret_is_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, value: &str| std::fs::write(directory.path().join(name), value).unwrap();
    let secrets = ["hEAder5ecret", "b0dysecret", "qu3ry secret", "pathkey123456", "us3rinfo", "pa55word"];
    let fake = Fake::start(move |request| {
        let echo = request.replace(['\r', '\n'], " ");
        let decoded = echo.replace("qu3ry%20secret", "qu3ry secret and qu3ry%20secret");
        if request.contains("/page/") {
            return Response::json(&format!("not JSON {decoded}"));
        }
        if request.contains("/moved/") {
            let target = request.split(' ').nth(1).unwrap().replace("/moved/", "//thief.invalid/");
            return Response::with("302 Found", &format!("Location: {target}\r\n"), "");
        }
        Response::of("400 Bad Request", "text/plain", &decoded)
    });
    let host = fake.url().replace("http://", "");
    file("header", secrets[0]);
    file("body", secrets[1]);
    file("password", secrets[5]);
    for (place, sign_in) in [
        ("", "username = \"me\"\npassword = { file = \"password\" }"),
        ("/page", "bearer_token = { file = \"password\" }"),
        ("/moved", "headers = { Authorization = { file = \"header\" } }"),
    ] {
        for method in ["GET", "POST"] {
            file(
                "url",
                &format!("http://me:{}@{host}{place}/{}/x?key=qu3ry%20secret", secrets[4], secrets[3]),
            );
            let body = if method == "POST" { "body = { file = \"body\" }" } else { "" };
            let headers =
                if sign_in.contains("headers") { "" } else { "headers = { X-Key = { file = \"header\" } }" };
            let configuration = format!(
                "[providers.it]\ntype = \"http\"\nurl = {{ file = \"url\" }}\nmethod = \"{method}\"\n{body}\n{headers}\n{sign_in}",
            );
            let it = provider_in(&configuration, "it", directory.path());
            let reason = read(&it, "$").unwrap_err();
            let tested = it.test().unwrap_or_else(|reason| reason.text);
            assert!(fake.requests().iter().any(|request| request.starts_with(method)), "{method}");
            for text in [&reason.text, &tested] {
                for secret in
                    secrets.iter().copied().chain(["qu3ry%20secret", "bWU6cGE1NXdvcmQ", "bWU6dXMzcmluZm8"])
                {
                    assert!(!text.contains(secret), "{method} {place} {secret}: {text}");
                }
            }
            assert!(reason.text.contains("•••"), "{method} {place}: {reason}");
        }
    }
    let seen = fake.requests().join("\n");
    for secret in ["hEAder5ecret", "b0dysecret", "qu3ry%20secret", "pathkey123456", "bWU6cGE1NXdvcmQ="] {
        assert!(seen.contains(secret), "{secret} was not sent, so nothing was tested");
    }
}

/// A message is shortened after the secrets are removed: half a secret would not be recognised.
#[test]
fn no_half_secret_at_the_end_of_a_line() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("token"), "t0ps3cret-and-long").unwrap();
    for kind in ["http", "prometheus"] {
        for before in 180..200 {
            let said = format!("{}t0ps3cret-and-long", "x".repeat(before));
            let fake = Fake::always(if kind == "http" {
                Response::of("500 Internal Server Error", "text/plain", &said)
            } else {
                let error = format!(r#"{{"status":"error","errorType":"bad_data","error":"{said}"}}"#);
                Response::of("400 Bad Request", "application/json", &error)
            });
            let configuration = format!(
                "[providers.it]\ntype = \"{kind}\"\nurl = \"{}\"\nbearer_token = {{ file = \"token\" }}",
                fake.url()
            );
            let reason = read(&provider_in(&configuration, "it", directory.path()), "$").unwrap_err();
            assert!(!reason.text.contains("t0p"), "{kind} {before}: {reason}");
        }
    }
}

/// A secret of the runbook in the path of a query.
#[test]
fn a_secret_in_a_query_is_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("id"), "a/b c-s3cret").unwrap();
    let fake = Fake::always(Response::of("404 Not Found", "text/html", "<html>"));
    let it = provider_in(
        &format!("[providers.it]\ntype = \"http\"\nurl = \"{}\"", fake.url()),
        "it",
        directory.path(),
    );
    let secret = Piece::Value(Datum::Secret(SecretRef::File("id".into())));
    let reason = read_pieces(&it, vec![text("/x/"), secret, text(" $")], ReadTime::Now).unwrap_err();
    assert!(reason.text.ends_with("has no /x/••• (404 Not Found)"), "{reason}");
    assert!(fake.requests()[0].starts_with("GET /x/a%2Fb%20c-s3cret "), "{:?}", fake.requests());
}

/// A proxy is named, with the variable that it comes from, and its password is not.
#[test]
fn a_dead_proxy_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let at = Path::new(directory.path());
    std::fs::write(
        at.join("rbl.toml"),
        "[providers.it]\ntype = \"http\"\nurl = \"http://metrics.invalid:9090\"\ntimeout = \"60s\"",
    )
    .unwrap();
    let test = |proxy: &str, exempt: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbl"));
        command
            .args(["providers", "test", "it"])
            .current_dir(at)
            .env("HTTP_PROXY", proxy)
            .env_remove("http_proxy");
        command.env("NO_PROXY", exempt).env_remove("no_proxy");
        let output = command.output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{output:?}");
        let all = [output.stdout, output.stderr].concat();
        // Lines are broken where the terminal ends.
        String::from_utf8(all).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let port = free_port();
    let said = test(&format!("http://me:h4rd2guess@127.0.0.1:{port}"), "");
    assert!(
        said.contains(&format!("connection refused by the proxy 127.0.0.1:{port} (HTTP_PROXY)")),
        "{said}"
    );
    assert!(!said.contains("h4rd2guess"), "{said}");
    let said = test("http://no-such-proxy.invalid:3128", "");
    assert!(said.contains("no such host: the proxy no-such-proxy.invalid:3128 (HTTP_PROXY)"), "{said}");
    let refusing = Fake::always(Response::of("407 Proxy Authentication Required", "text/plain", ""));
    let proxy = refusing.url().replace("http://", "");
    let said = test(&format!("me:h4rd2guess@{proxy}"), "");
    assert!(
        said.contains(&format!("the proxy {proxy} (HTTP_PROXY) does not reach metrics.invalid:9090")),
        "{said}"
    );
    assert!(
        !said.contains("h4rd2guess") && refusing.requests()[0].starts_with("CONNECT metrics.invalid:9090 ")
    );
    let said = test(&format!("http://127.0.0.1:{port}"), "other.example, metrics.invalid:9090");
    assert!(said.contains("no such host: metrics.invalid:9090"), "{said}");
}
