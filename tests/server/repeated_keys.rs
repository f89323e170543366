//! JSON in which an object has a key twice: which of the two counts differs between programs, so that it is refused, wherever it comes
//! in.

use serde_json::json;

use super::ServerBench;
use super::api::{call, token};

const HOOKS: &str = "[hooks.am]\ntype = \"alertmanager\"\n[hooks.x]\ntype = \"json\"\nname = \"$.title\"\nlabels = \"$.tags\"\n\
                     [hooks.ops]\ntype = \"opsgenie\"\nheader = \"X-Rbl\"\nsecret = { file = \"secret\" }\n";

#[test]
fn s10_a_delivery_with_a_key_twice_is_refused_in_words() {
    let bench = ServerBench::new("", HOOKS);
    bench.shell.write("secret", "s3cret");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let _server = bench.start();
    let post = |hook: &str, body: &str| {
        let head = format!(
            "POST /hooks/{hook} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Rbl: s3cret"
        );
        bench.request(&head, body.as_bytes()).unwrap()
    };
    let labels = r#"{"alertname":"A","severity":"info","severity":"page"}"#;
    for (hook, body, key, place) in [
        (
            "am",
            format!(r#"{{"version":"4","alerts":[{{"labels":{{}}}},{{"labels":{labels}}}]}}"#),
            "severity",
            " in `alerts[1].labels`",
        ),
        (
            "am",
            r#"{"version":"4","alerts":[{"labels":{"alertname":"A"},"annotations":{"x":"1","x":"1"}}]}"#
                .into(),
            "x",
            " in `alerts[0].annotations`",
        ),
        ("am", r#"{"version":"4","alerts":[],"alerts":[{"labels":{"alertname":"A"}}]}"#.into(), "alerts", ""),
        // Also where nothing of it is read.
        (
            "am",
            r#"{"version":"4","alerts":[{"labels":{"alertname":"A"}}],"new":{"a":1,"a":2}}"#.into(),
            "a",
            " in `new`",
        ),
        ("am/api/v2/alerts", format!(r#"[{{"labels":{labels}}}]"#), "severity", " in `[0].labels`"),
        ("x", r#"{"title":"A","title":"B"}"#.into(), "title", ""),
        (
            "x",
            r#"{"title":"A","tags":{"severity":"info","sever\u0069ty":"page"}}"#.into(),
            "severity",
            " in `tags`",
        ),
        ("x", r#"{"title":"A","tags":{"n":1.10,"n":1.1}}"#.into(), "n", " in `tags`"),
        (
            "ops",
            r#"{"action":"Create","alert":{"alertId":"7","message":"A","details":{"q":"a","q":"b"}}}"#.into(),
            "q",
            " in `alert.details`",
        ),
    ] {
        let (code, said) = post(hook, &body);
        assert_eq!(code, 400, "{hook} {body}: {said}");
        assert!(said.contains(&format!("the key `{key}` is there twice{place}")), "{hook} {body}: {said}");
    }
    assert_eq!((bench.states().len(), bench.became().len()), (0, 0));
    let (code, said) = post("am", &format!("{}1{}", "[".repeat(200), "]".repeat(200)));
    assert!(code == 400 && said.contains("nested more than 128 deep"), "{code} {said}");
    assert_eq!(post("x", r#"{"title":"A","tags":{"a":{"a":1},"b":["a:1","a:1"]}}"#).0, 202);
    bench.until_states(&["resolved"]);
    // Without a server the same is said.
    bench.shell.write("twice.json", format!(r#"{{"version":"4","alerts":[{{"labels":{labels}}}]}}"#));
    for command in ["route twice.json", "run a.rb --no-input --alert twice.json"] {
        let refused = bench.shell.rbl(command).code(2).err;
        assert!(
            refused.contains("the key `severity` is there twice in `alerts[0].labels`"),
            "{command}: {refused}"
        );
    }
}

#[test]
fn a_call_with_a_key_twice_is_refused_in_words() {
    let bench = ServerBench::new("", "");
    bench.shell.write("a.rb", "runbook \"A\"\nowner \"ops\"\nparam host: text\nparam about = []\nif \"Is it real?\" { record host }\nresolve \"done\"\n");
    let all = token(&bench, "ana --may look,answer,start,admin --person ana");
    let _server = bench.start();
    let post = |path: &str, body: &str| {
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {all}\r\nContent-Type: application/json"
        );
        bench.request(&head, body.as_bytes()).unwrap()
    };
    for (body, key) in [
        (r#"{"file":"a.rb","params":{"host":"db-1","host":"db-2"}}"#, "`host` is there twice in `params`"),
        (
            r#"{"file":"a.rb","params":{"host":"x","about":[{"a":1,"a":2}]}}"#,
            "`a` is there twice in `params.about[0]`",
        ),
        (r#"{"file":"a.rb","params":{"host":"a"},"params":{"host":"b"}}"#, "`params` is there twice"),
    ] {
        let (code, said) = post("/runs", body);
        assert!(code == 400 && said.contains(&format!("the key {key}")), "{body}: {code} {said}");
    }
    let (code, started) =
        call(&bench, &all, "POST /runs", Some(json!({"file": "a.rb", "params": {"host": "x"}})));
    assert_eq!(code, 201, "{started}");
    bench.until_states(&["waiting"]);
    let run = started["run"].as_str().unwrap();
    let (code, said) =
        post(&format!("/runs/{run}/answer"), r#"{"question":"1","answer":"no","answer":"yes"}"#);
    assert!(code == 400 && said.contains("the key `answer` is there twice"), "{code} {said}");
    let (code, said) = post(&format!("/runs/{run}/abort"), r#"{"reason":"a","reason":"b"}"#);
    assert!(code == 400 && said.contains("the key `reason` is there twice"), "{code} {said}");
    assert_eq!(bench.states(), ["waiting"]);
    // So is it on the command line, and in a file of parameters.
    let refused =
        bench.shell.rbl("run a.rb --no-input --param host=x --param about=[{\"a\":1,\"a\":2}]").code(2).err;
    assert!(refused.contains("the key `a` is there twice in `[0]`"), "{refused}");
    bench.shell.write("params.json", r#"{"host":"a","host":"b"}"#);
    let refused = bench.shell.rbl("run a.rb --no-input --params params.json").code(2).err;
    assert!(refused.contains("the key `host` is there twice"), "{refused}");
}

#[test]
fn no_text_of_json_hides_in_another_one() {
    let bench = ServerBench::new("", HOOKS);
    bench.shell.write("secret", "s3cret");
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let all = token(&bench, "ana --may hook,look,start");
    let _server = bench.start();
    let post = |path: &str, body: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nX-Rbl: s3cret\r\nAuthorization: Bearer {all}\r\nContent-Type: application/json"
        );
        bench.request(&head, body.as_bytes()).unwrap()
    };
    let hidden = |text: &str| json!({ "$serde_json::private::RawValue": text }).to_string();
    // Each text is as deep as one may be, and stands in the next one: together they are deeper than a stack.
    let deep = (0..14)
        .fold("1".to_owned(), |text, _| format!("{}{}{}", "[".repeat(120), hidden(&text), "]".repeat(120)));
    for inner in [hidden("{\"a\":1,\"a\":2}"), hidden("1").replace('$', "\\u0024"), deep] {
        for (path, body) in [
            ("/hooks/x", format!(r#"{{"title":"A","tags":{inner}}}"#)),
            ("/hooks/am", format!(r#"{{"version":"4","alerts":[],"new":{inner}}}"#)),
            (
                "/hooks/ops",
                format!(
                    r#"{{"action":"Create","alert":{{"alertId":"7","message":"A","details":{{"q":{inner}}}}}}}"#
                ),
            ),
            ("/api/v1/runs", format!(r#"{{"file":"a.rb","params":{inner}}}"#)),
        ] {
            let (code, said) = post(path, &body);
            let words = "the key `$serde_json::private::RawValue` is reserved";
            assert!(code == 400 && said.contains(words), "{path}: {code} {said}");
        }
    }
    assert_eq!((bench.states().len(), bench.became().len()), (0, 0));
    // The server lives, and takes what is as it should be.
    assert_eq!(post("/hooks/x", r#"{"title":"A"}"#).0, 202);
    bench.until_states(&["resolved"]);
}
