//! Who may deliver, and what is refused at the start.

use super::{ServerBench, alert, delivery};

fn body() -> String {
    delivery(&[alert("A", "firing", "", "1", "2026-11-29T03:00:00Z")])
}

#[test]
fn s10_a_hook_with_a_token_takes_nothing_without_it() {
    let bench =
        ServerBench::new("", "[hooks.alertmanager]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n");
    bench.shell.write("token", "s3cret\n");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let _server = bench.start();
    let post = |header: &str| {
        let head = format!("POST /hooks/alertmanager HTTP/1.1\r\nHost: rbl.example.com{header}");
        bench.request(&head, body().as_bytes()).unwrap().0
    };
    assert_eq!(post("\r\nContent-Type: application/json"), 401);
    assert_eq!(post("\r\nAuthorization: Bearer other"), 401);
    assert_eq!(bench.states().len(), 0);
    assert_eq!(post("\r\nAuthorization: Bearer s3cret"), 202);
    bench.until_states(&["resolved"]);
    let everything = bench.log() + &bench.shell.rbl("hooks").out;
    assert!(!everything.contains("s3cret"), "the token is written nowhere");
}

#[test]
fn s10_an_open_server_listens_on_this_machine_only() {
    let bench = ServerBench::new("", "");
    let refused = bench.shell.rbl("serve --listen 0.0.0.0:0").code(2).err;
    assert!(refused.contains("anybody who reaches 0.0.0.0:0 could start runs"), "{refused}");
    assert!(refused.contains("[hooks.alertmanager]"), "{refused}");
    let bench =
        ServerBench::new("", "[hooks.am]\ntype = \"alertmanager\"\ntoken = { env = \"RBL_NOT_SET\" }\n");
    let refused = bench.shell.rbl("serve").code(2).err;
    assert!(refused.contains("`token` of `[hooks.am]` cannot be read"), "{refused}");
    bench.shell.write("rbl.toml", "[hooks.am]\ntype = \"alertmanager\"\ntoken = { file = \"empty\" }\n");
    bench.shell.write("empty", "\n");
    assert!(bench.shell.rbl("serve").code(2).err.contains("it is empty"));
}

#[test]
fn addresses_that_are_not_there_and_methods_that_are_not_taken_are_said() {
    let bench = ServerBench::new("", "");
    let server = bench.start();
    let answered = |request: &str| bench.request(request, b"").unwrap();
    assert_eq!(server.get("/").unwrap().0, 404);
    let (code, text) = answered("POST /hooks/other HTTP/1.1\r\nHost: localhost");
    assert_eq!(code, 404);
    assert!(
        text.contains("there is no hook `other` that takes this") && text.contains("[hooks.other]"),
        "{text}"
    );
    assert_eq!(answered("GET /hooks/alertmanager HTTP/1.1\r\nHost: localhost").0, 405);
    assert_eq!(server.get("/-/healthy").unwrap(), (200, "rbl is healthy\n".to_owned()));
}

/// A delivery that is signed is read before it is known who sends it: nobody else can have people paged with it.
#[test]
fn s10_a_body_that_nobody_known_has_signed_pages_nobody() {
    let sections = "[hooks.pd]\ntype = \"pagerduty\"\nsecrets = [{ file = \"secret\" }]\n[hooks.am]\ntype = \"alertmanager\"\n\
                    [teams]\nfallback = \"ops\"\n";
    let bench = ServerBench::new("body = \"64KiB\"", sections);
    bench.shell.write("secret", "s3cret");
    let _server = bench.start();
    let large = vec![b' '; 100 << 10];
    let post = |hook: &str, headers: &str| {
        let head = format!(
            "POST /hooks/{hook} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json{headers}"
        );
        bench.request(&head, &large).unwrap()
    };
    assert_eq!(post("pd", "").0, 400, "without a signature it is not read");
    let forged = format!("\r\nX-PagerDuty-Signature: v1={}", "ab".repeat(32));
    assert_eq!(post("pd", &forged).0, 413);
    bench.until("it is logged", || bench.log().contains("larger than allowed"));
    assert_eq!(post("am", "").0, 413);
    bench.until("the fallback team is paged", || !bench.pages().is_empty());
    let pages = bench.pages();
    assert!(pages.len() == 1 && pages[0].contains("the hook `am`"), "{pages:?}");
}
