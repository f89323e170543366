//! S13: which token may do what, for every call that the server describes.

use serde_json::{Value, json};

use crate::server::ServerBench;
use crate::server::api::{call, fire, token};

/// Each call, made from the description of the API, with each kind of token: only its own right opens it, and nothing is
/// open without one.
#[test]
fn s13_every_call_of_the_description_needs_exactly_its_right() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" by \"ops\" { record \"yes\" }\nresolve \"done\"");
    let rights = ["look", "answer", "start", "admin"];
    let tokens =
        rights.map(|right| (right, token(&bench, &format!("{right} --may {right} --person {right}"))));
    let others = |without: &str| rights.iter().filter(|it| **it != without).copied().collect::<Vec<_>>();
    let lacking =
        rights.map(|right| (right, token(&bench, &format!("no-{right} --may {}", others(right).join(",")))));
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let (_, text) = bench.request("GET /api/v1/openapi.json HTTP/1.1\r\nHost: x", b"").unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut calls = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let says = operation["description"].as_str().unwrap();
            let right = rights.into_iter().find(|it| says.contains(&format!("right `{it}`"))).unwrap();
            let path = path.strip_prefix("/api/v1").unwrap().replace("{run}", &run);
            let one = format!("{} {path}", method.to_uppercase());
            // A body that is right in its form and changes nothing.
            let body = (method == "post").then(
                || json!({"question": "999", "answer": "yes", "file": "none.rb", "params": {}, "reason": " "}),
            );
            for nobody in ["", "rbl_wrong"] {
                assert_eq!(call(&bench, nobody, &one, body.clone()).0, 401, "{one}");
            }
            for (has, token) in &tokens {
                let code = call(&bench, token, &one, body.clone()).0;
                assert_eq!(code == 403, *has != right, "{one} with {has}: {code}");
            }
            let (_, token) = lacking.iter().find(|(it, _)| *it == right).unwrap();
            assert_eq!(call(&bench, token, &one, body.clone()).0, 403, "{one} with all but {right}");
            calls += 1;
        }
    }
    assert!(calls >= 11, "{calls}");
    assert_eq!(bench.states(), ["waiting"], "nothing of it changed anything");
}
