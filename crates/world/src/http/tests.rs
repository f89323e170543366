//! Tests of the HTTP client against a local server: what the tests of the providers do not cover.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::Secrets;
use rbl_syntax::value::ReasonKind;

use super::error::HttpError;
use super::{Client, Credentials, Request, Response};

/// Accepts one connection, reads a request whose body is as long as it says, and answers; gives the request.
fn serve(answer: &'static [u8]) -> (String, JoinHandle<String>) {
    serve_late(answer, || ())
}

/// The same, but answers only once this has come.
fn serve_late(
    answer: &'static [u8],
    has_come: impl FnOnce() + Send + 'static,
) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while !is_whole(&seen) {
            let Ok(count @ 1..) = connection.read(&mut buffer) else { break };
            seen.extend_from_slice(&buffer[..count]);
        }
        has_come();
        connection.write_all(answer).unwrap();
        String::from_utf8(seen).unwrap()
    });
    (url, server)
}

/// Whether this is a request with its head, and a body as long as that says.
fn is_whole(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = |line: &str| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok();
    body.len() >= head.lines().find_map(length).unwrap_or(0)
}

fn client(url: &str, credentials: Credentials) -> Client {
    client_within(url, credentials, 60.0)
}

fn client_within(url: &str, credentials: Credentials, seconds: f64) -> Client {
    Client::new(Setting::Text(url.to_owned()), Seconds(seconds), credentials, Path::new(""), 1000)
}

fn send(client: &Client, request: &Request) -> Result<Response, HttpError> {
    client.send(request, &Secrets::of_connection())
}

fn post(client: &Client) -> Request {
    Request::post(client.at("/x", &Secrets::new()).unwrap(), "application/json", "{}")
}

#[test]
fn any_method_and_headers_are_sent_and_read() {
    for method in ["PUT", "DELETE", "PATCH", "PROPFIND", "GET"] {
        let (url, server) =
            serve(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno");
        let client = client(&url, Credentials::default());
        let request = Request::new(method, client.at("/a?b", &Secrets::new()).unwrap())
            .body("text/plain", "content")
            .header("Idempotency-Key", "run-1");
        let response = send(&client, &request).unwrap();
        let seen = server.join().unwrap();
        assert!(seen.starts_with(&format!("{method} /a?b HTTP/1.1\r\n")), "{seen}");
        let head = seen.to_lowercase();
        for line in ["idempotency-key: run-1", "content-type: text/plain", "content-length: 7"] {
            assert!(head.contains(&format!("{line}\r\n")), "{method} {line}: {seen}");
        }
        assert!(seen.ends_with("\r\n\r\ncontent"), "{seen}");
        assert_eq!((response.status, response.header("retry-after")), (429, Some("7")));
        assert_eq!(
            (response.line().as_str(), response.status_in_words().as_str()),
            ("no", "429 Too Many Requests")
        );
    }
}

#[test]
fn whether_a_request_may_have_arrived() {
    // Nobody listens at a port that only the administrator may take.
    let refused = client("http://127.0.0.1:1", Credentials::default());
    assert!(!send(&refused, &post(&refused)).unwrap_err().may_have_arrived);

    let nowhere = client("http://no-such-host.invalid", Credentials::default());
    let error = send(&nowhere, &post(&nowhere)).unwrap_err();
    assert_eq!(error.reason.text, "no such host: no-such-host.invalid");
    assert!(!error.may_have_arrived);

    // Nobody speaks TLS there: the body is not asked for before the time is over.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let silent = client(&format!("https://{}", silent.local_addr().unwrap()), Credentials::default());
    let error = send(&silent, &post(&silent).within(Duration::from_millis(300))).unwrap_err();
    assert_eq!(error.reason.kind, ReasonKind::TimedOut, "{}", error.reason);
    assert!(!error.may_have_arrived);

    let (url, server) = serve(b"");
    let closed = client(&url, Credentials::default());
    let error = send(&closed, &post(&closed)).unwrap_err();
    assert!(server.join().unwrap().ends_with("\r\n\r\n{}"));
    assert!(error.may_have_arrived, "{}", error.reason);
}

#[test]
fn a_call_may_have_less_time() {
    // The answer is held back until the client has given up.
    let (gives_up, gave_up) = std::sync::mpsc::channel();
    let (url, server) =
        serve_late(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", move || gave_up.recv().unwrap());
    let client = client_within(&url, Credentials::default(), 300.0);
    let started = Instant::now();
    let error = send(&client, &post(&client).within(Duration::from_secs(2))).unwrap_err();
    assert!(error.reason.text.ends_with("within 2s"), "{}", error.reason);
    assert!(error.may_have_arrived && started.elapsed() < Duration::from_mins(1));
    gives_up.send(()).unwrap();
    // Nobody takes its answer any more.
    let _ = server.join();
    let error = send(&client, &post(&client).within(Duration::ZERO)).unwrap_err();
    assert!(!error.may_have_arrived && error.reason.kind == ReasonKind::TimedOut, "{}", error.reason);
}

#[test]
fn no_other_server_gets_a_request() {
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let token = Some(Setting::Text("t0ken".to_owned()));
    let client =
        client("http://hooks.example", Credentials { bearer_token: token, ..Credentials::default() });
    let address = format!("http://{}/x", elsewhere.local_addr().unwrap()).parse().unwrap();
    let error = send(&client, &Request::get(address)).unwrap_err();
    assert!(
        error.reason.text.ends_with("is another server than the configured hooks.example"),
        "{}",
        error.reason
    );
    assert!(!error.may_have_arrived);
    assert!(elsewhere.accept().is_err());
}

#[test]
fn what_was_sent_is_hidden_for_the_whole_run() {
    let (url, server) = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nt0ken");
    let client = client(&url, Credentials::default());
    let secrets = Secrets::new();
    let request = post(&client).header("Authorization", "GenieKey t0ken");
    let response = client.send(&request, &secrets).unwrap();
    assert!(server.join().unwrap().contains("GenieKey t0ken"));
    assert_eq!((response.line().as_str(), response.body.as_slice()), ("•••", b"t0ken".as_slice()));
    assert_eq!(secrets.redact("the key t0ken"), "the key •••");
}

#[test]
fn a_byte_order_mark_is_none_of_the_answer() {
    let (url, server) = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\xef\xbb\xbf{}");
    let client = client(&url, Credentials::default());
    assert_eq!(send(&client, &post(&client)).unwrap().body, b"{}");
    server.join().unwrap();
}

/// It answers each request with this header until it is dropped, and counts them.
fn busy(header: &str) -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (counted, answer) = (
        std::sync::Arc::clone(&count),
        format!("HTTP/1.1 429 Too Many Requests\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n"),
    );
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let mut seen = Vec::new();
            while !seen.ends_with(b"{}") {
                let mut buffer = [0; 1024];
                let Ok(count @ 1..) = connection.read(&mut buffer) else { break };
                seen.extend_from_slice(&buffer[..count]);
            }
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    (url, count)
}

#[test]
fn a_server_that_wants_to_be_asked_at_once_is_not_overrun() {
    let secrets = Secrets::of_connection();
    for (header, most, words) in [
        ("Retry-After: 0\r\n", 5, "takes no more requests for now (429)"),
        ("Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 5, "takes no more requests for now (429)"),
        ("Retry-After: -1\r\n", 2, "(429)"),
        ("Retry-After: 18446744073709551615\r\n", 1, "in more than a day"),
        ("Retry-After: 99999999999999999999999\r\n", 2, "(429)"),
        ("Retry-After: Thu, 01 Jan 2099 00:00:00 GMT\r\n", 1, "in more than a day"),
        ("Retry-After: 90\r\n", 1, "in 1m30s"),
    ] {
        let (url, count) = busy(header);
        let client = client_within(&url, Credentials::default(), 2.0);
        let reason = super::patient::send(&client, &post(&client), &secrets, "sent").unwrap_err();
        assert!(reason.text.contains(words) && !reason.text.contains("in 0s"), "{header}: {reason}");
        assert!(!reason.text.contains("may have been"), "{header}: {reason}");
        let count = count.load(std::sync::atomic::Ordering::SeqCst);
        assert!((1..=most).contains(&count), "{header}: {count}");
    }
}
