//! The executor `http`.

use std::time::{Duration, Instant};

use super::{everything, flat, run};
use crate::cli::shell::Shell;
use crate::support::{Fake, Response, free_port};

fn executor(url: &str, more: &str) -> String {
    format!("[executors.api]\ntype = \"http\"\nurl = \"{url}/v1\"\n{more}\n")
}

const RESTART: &str = "define restart(service, grace) as api \"POST /services/#{service}/restart\"\n\naction restart(\"a/b?c\", 30s) within 20s as it else { \"it was not restarted\" }";

#[test]
fn arguments_are_the_body_or_the_query() {
    let server = Fake::always(Response::json("{\"ok\": true, \"job\": 17}"));
    let shell = Shell::new().env("API_TOKEN", "token-of-ours-8");
    let configuration = executor(&server.url(), "bearer_token = { env = \"API_TOKEN\" }\nsuccess = \"$.ok\"");
    let body = format!("{RESTART}\n\"job #{{it.json.job}}\"");
    let ended = run(&shell, &configuration, &body).code(0);
    assert!(flat(&ended).contains("job 17"), "{}", ended.out);
    let request = &server.requests()[0];
    assert!(request.starts_with("POST /v1/services/a%2Fb%3Fc/restart HTTP/1.1\r\n"), "{request}");
    let (head, sent) = request.split_once("\r\n\r\n").unwrap();
    let sent: serde_json::Value = serde_json::from_str(sent).unwrap();
    assert_eq!(sent, serde_json::json!({ "service": "a/b?c", "grace": 30 }));
    let head = head.to_lowercase();
    assert!(head.contains("\r\nidempotency-key: ") && head.contains("bearer token-of-ours-8"), "{head}");
    assert!(!everything(&shell, &ended).contains("token-of-ours-8"));

    let server = Fake::always(Response::json("{}"));
    let body = "define drop(name, kind) as api \"DELETE /caches?all=no\"\n\naction drop(\"a&b=c\", \"x y\") within 20s";
    run(&shell, &executor(&server.url(), ""), body).code(0);
    let request = &server.requests()[0];
    assert!(
        request.starts_with("DELETE /v1/caches?all=no&name=a%26b%3Dc&kind=x%20y HTTP/1.1\r\n"),
        "{request}"
    );
}

/// A receiver sees numbers as numbers, whole ones without a fraction, however they were written or read; only what a float
/// would change is a text.
#[test]
fn the_type_of_a_number_does_not_depend_on_its_spelling() {
    let server = Fake::always(Response::json("{}"));
    let shell = Shell::new();
    shell.write(
        "m.json",
        r#"{"a": 1.50, "b": 1E+2, "c": -0, "d": 1e21, "id": 340282366920938463463374607431768211457}"#,
    );
    let configuration = format!("{}\n[providers.file]\ntype = \"file\"", executor(&server.url(), ""));
    let body = "metric a from file \"m.json a\"\nmetric b from file \"m.json b\"\nmetric c from file \"m.json c\"\n\
                metric d from file \"m.json d\"\nmetric id from file \"m.json id\"\n\
                define post(list, half, three, tenth, a, b, c, d, id, name) as api \"POST /it\"\n\n\
                action post([1e3, 1s, 2kB], 0.50, 3, 0.1, a, b, c, d, id, \"007\") within 20s";
    run(&shell, &configuration, body).code(0);
    let request = &server.requests()[0];
    let (_, sent) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        sent,
        "{\"a\":1.5,\"b\":100,\"c\":0,\"d\":1e+21,\"half\":0.5,\
         \"id\":\"340282366920938463463374607431768211457\",\"list\":[1000,1,2000],\"name\":\"007\",\"tenth\":0.1,\"three\":3}"
    );
}

#[test]
fn a_retry_has_the_same_key() {
    let server = Fake::always(Response::of("503 Service Unavailable", "text/plain", "busy"));
    let shell = Shell::new();
    let body = "define restart() as api \"PUT /restart\"\n\naction restart() within 20s retry 1 every 1s else { \"it was not restarted\" }";
    let ended = run(&shell, &executor(&server.url(), ""), body);
    assert!(flat(&ended).contains("answered 503 Service Unavailable: busy"), "{}", ended.out);
    let key = |request: &String| {
        request.lines().find(|line| line.to_lowercase().starts_with("idempotency-key")).unwrap().to_owned()
    };
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(key(&requests[0]), key(&requests[1]));
}

#[test]
fn what_a_server_does_wrong_takes_else() {
    let success = "success = \"$.ok\"";
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(3_000_000));
    for (response, more, words) in [
        (Response::json("{}").after(Duration::from_mins(1)), "", "may have been done: no answer from"),
        (
            Response::of("500 Internal Server Error", "text/plain", "no"),
            "",
            "answered 500 Internal Server Error: no",
        ),
        (Response::of("200 OK", "text/html", "<html>"), "", "may have been done: 127.0.0.1"),
        (
            Response::json("{\"ok\": false, \"why\": \"busy\"}"),
            success,
            "did not work (`$.ok` is false): {\"ok\": false, \"why\": \"busy\"}",
        ),
        (Response::json("{\"ok\": \"yes\"}"), success, "with \"yes\" at `$.ok`, not `true`"),
        (Response::json("{}"), success, "without `$.ok`: {}"),
        (Response::of("200 OK", "text/plain", "fine"), success, "something that is not JSON"),
        (Response::raw(endless.as_bytes()), "", "answered with more than 1000000 bytes"),
    ] {
        let server = Fake::always(response);
        let shell = Shell::new();
        let begun = Instant::now();
        let hangs = words.ends_with("no answer from");
        let body = if hangs { RESTART.replace("20s", "3s") } else { RESTART.to_owned() };
        let ended = run(&shell, &executor(&server.url(), more), &body).code(0);
        let story = flat(&ended);
        assert!(story.contains(words), "{words}\n{}", ended.out);
        assert!(story.contains("it was not restarted"), "{}", ended.out);
        assert!(begun.elapsed() < Duration::from_secs(40), "{words}");
    }
    let shell = Shell::new();
    let ended = run(&shell, &executor(&format!("http://127.0.0.1:{}", free_port()), ""), RESTART).code(0);
    let story = flat(&ended);
    assert!(story.contains("connection refused by 127.0.0.1") && !story.contains("may have been"), "{story}");
}

/// What can be seen before the run keeps it from starting; what depends on a value is refused when it would be sent.
#[test]
fn a_reference_that_is_none_is_not_sent() {
    let server = Fake::always(Response::json("{}"));
    let tried = |reference: &str| {
        let shell = Shell::new();
        let body = format!(
            "define restart(name) as api \"{reference}\"\n\naction restart(\"..\") within 20s else {{ \"not sent\" }}"
        );
        run(&shell, &executor(&server.url(), ""), &body)
    };
    for (reference, words) in [
        ("restart", "the reference is not a method and a path"),
        ("FETCH /x", "the reference is not a method and a path"),
        ("POST x", "the reference has no path"),
        ("#{name} /x", "the method of the reference is a value"),
    ] {
        let ended = tried(reference).code(3);
        assert!(ended.err.contains(words) || ended.out.contains(words), "{}{}", ended.out, ended.err);
    }
    let ended = tried("POST /a/#{name}/b").code(0);
    assert!(flat(&ended).contains("not `.` or `..`") && flat(&ended).contains("not sent"), "{}", ended.out);
    assert!(server.requests().is_empty(), "{:?}", server.requests());
}
