//! Addresses, queries and bodies that cannot be read: each is refused in words, as JSON.

use serde_json::{Value, json};

use super::ServerBench;
use super::api::{call, token};

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let all = token(&bench, "all --may look,start");
    let _server = bench.start();
    let not_text = "the address cannot be read: what is percent-encoded in it is not UTF-8";
    for (line, code, error) in [
        ("GET /api/v1/runs/%ff", 400, not_text),
        ("GET /api/v1/runs/%ff/events", 400, not_text),
        ("POST /hooks/%c3%28", 400, not_text),
        ("POST /slack/%ff", 400, not_text),
        ("GET /api/v1/runs/%2e%2e%2fjournal", 404, "there is no run ../journal"),
        ("GET /api/v1/runs?limit=x", 400, "`limit` is no number: `x`"),
        ("GET /api/v1/inbox?limit=-1", 400, "`limit` is no number: `-1`"),
        ("GET /api/v1/runs?limit=99999999999999999999", 400, "`limit` is no number: `99999999999999999999`"),
        (
            "GET /api/v1/runs?limit=1&limit=2",
            400,
            "what is asked for in the address cannot be read: duplicate field `limit`",
        ),
        (
            "GET /api/v1/report?until=x",
            400,
            "what is asked for in the address cannot be read: until: unknown field `until`, expected `since`",
        ),
    ] {
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {all}");
        let (found, body) = bench.request(&head, b"").unwrap();
        let said: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{line}: {body}"));
        assert_eq!((found, said["error"].as_str()), (code, Some(error)), "{line}");
    }
    // What is asked for is not repeated at any length.
    let long = format!("GET /api/v1/runs?{}=1", "x".repeat(20_000));
    let head = format!("{long} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {all}");
    let (code, body) = bench.request(&head, b"").unwrap();
    assert!(code == 400 && body.len() < 1000, "{code}: {} bytes", body.len());
    for body in [json!(["a.rb", null, "act"]), json!("a.rb"), json!(null)] {
        let (code, said) = call(&bench, &all, "POST /runs", Some(body));
        assert_eq!((code, said["error"].as_str()), (400, Some("the body is not an object of JSON")));
    }
    let (code, said) = call(&bench, &all, "POST /runs", None);
    assert_eq!((code, said["error"].as_str()), (400, Some("the body is not an object of JSON")));
    assert_eq!(bench.states().len(), 0, "nothing was started");
    // A list of none of what is there would say that there is nothing.
    for words in ["hooks --limit 0", "store log --limit 0", "runs --limit 0"] {
        let refused = bench.shell.rbl(words).code(2);
        assert!(refused.err.contains("0 is not in 1..") && refused.out.is_empty(), "{words}: {refused:?}");
    }
}
