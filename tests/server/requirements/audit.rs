//! S16: who started, answered and aborted what, when and how, is in the record, with the text that counted; and whoever edits the
//! record is found out.

use serde_json::{Value, json};

use crate::server::api::{call, token};
use crate::server::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

#[test]
fn s16_who_did_what_is_in_the_record_with_the_text_that_counted() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "if \"Is it real?\" by \"ops\" { record \"yes\" }\nresolve \"done\"");
    let person = |name: &str| token(&bench, &format!("{name} --may look,answer,start,admin --person {name}"));
    let (ana, ben) = (person("ana"), person("ben"));
    let server = bench.start();
    // One is started by an alert and answered, one by ana and aborted.
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_states(&["waiting"]);
    let first = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let (_, asked) = call(&bench, &ana, &format!("GET /runs/{first}"), None);
    let body = json!({"question": asked["questions"][0]["question"], "answer": "yes", "remark": "seen"});
    assert_eq!(call(&bench, &ben, &format!("POST /runs/{first}/answer"), Some(body)).0, 200);
    bench.until_states(&["resolved"]);
    let (code, second) = call(&bench, &ana, "POST /runs", Some(json!({"file": "a.rb"})));
    assert_eq!(code, 201);
    let second = second["run"].as_str().unwrap().to_owned();
    bench.until_states(&["resolved", "waiting"]);
    let why = json!({"reason": "a drill"});
    assert_eq!(call(&bench, &ben, &format!("POST /runs/{second}/abort"), Some(why)).0, 202);
    bench.until_states(&["resolved", "aborted"]);
    drop(server);

    let records = |run: &str| bench.shell.rbl(&format!("show {run} --format json")).code(0).json();
    let text = bench.read("a.rb");
    for (run, by) in [(&first, "hook alertmanager"), (&second, "ana")] {
        let all = records(run);
        let begun = &all[0];
        assert_eq!((&begun["type"], &begun["by"]), (&json!("begun"), &json!(by)), "{begun}");
        let source = &begun["sources"][0];
        let hash = rbl_runtime::journal::sha256(&text);
        assert_eq!((source["text"].as_str(), source["sha256"].as_str()), (Some(&*text), Some(&*hash)));
        assert!(
            all.iter().all(|it| it["at"].as_str().is_some_and(|at| at.ends_with('Z'))),
            "each has its time"
        );
        bench.shell.rbl(&format!("show {run} --verify")).code(0);
    }
    let says = |run: &str, words: &[&str]| {
        let all = records(run).iter().map(Value::to_string).collect::<String>();
        let shown = bench.shell.rbl(&format!("show {run}")).code(0).out;
        for word in words {
            assert!(all.contains(word) && shown.contains(word), "{word} is not in\n{shown}\n{all}");
        }
    };
    says(&first, &["ben", "seen"]);
    says(&second, &["ana", "ben", "a drill"]);

    // Somebody edits the record: what was answered, or by whom, or takes a record out.
    let journal = bench.journal();
    let kept: Vec<(i64, String)> = {
        let mut rows = journal.prepare("SELECT place, data FROM record ORDER BY place").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let verified = |run: &str| bench.shell.rbl(&format!("show {run} --verify")).code == Some(0);
    assert!(verified(&first) && verified(&second));
    let mut edits = 0;
    for (place, data) in kept.iter().filter(|(_, data)| data.contains("ben")) {
        let other = data.replace("\"ben\"", "\"eve\"").replace("seen", "not");
        if other == *data {
            continue;
        }
        journal.execute("UPDATE record SET data = ?2 WHERE place = ?1", (place, &other)).unwrap();
        assert!(!verified(&first) || !verified(&second), "{data} became {other}");
        journal.execute("UPDATE record SET data = ?2 WHERE place = ?1", (place, data)).unwrap();
        edits += 1;
    }
    assert!(edits >= 2, "{kept:?}");
    assert!(verified(&first) && verified(&second));
    let middle = kept[kept.len() / 4].0;
    journal.execute("DELETE FROM record WHERE place = ?1", [middle]).unwrap();
    assert!(!verified(&first), "a record is missing");
}

/// What was done to the server, as `kind by`, and the texts that were named.
fn logged(bench: &ServerBench) -> Vec<(String, Vec<Value>)> {
    let log = bench.shell.rbl("store log --format json").code(0).json();
    let texts = |it: &Value| it["texts"].as_array().cloned().unwrap_or_default();
    log.iter()
        .map(|it| {
            let word = |key: &str| it[key].as_str().unwrap().to_owned();
            (format!("{} by {}", word("deed"), word("by")), texts(it))
        })
        .collect()
}

#[test]
fn s16_starts_reloads_freezes_and_tokens_are_in_the_journal_with_the_texts_that_count() {
    let bench = ServerBench::new("", "");
    let write = |text: &str| bench.runbook("a.rb", "\"A\"", text);
    write("resolve \"one\"");
    let hash = || json!(rbl_runtime::journal::sha256(&bench.read("a.rb")));
    bench.shell.rbl("store log").code(0);
    let server = bench.start();
    let at_start = hash();
    bench.until("the start is logged", || logged(&bench).len() == 1);
    write("resolve \"two\"");
    bench.until("the change is logged", || logged(&bench).len() == 2);
    let changed = hash();
    server.signal(rustix::process::Signal::HUP);
    bench.until("the reload is logged", || logged(&bench).len() == 3);
    std::fs::remove_file(bench.shell.path().join("a.rb")).unwrap();
    bench.until("the removal is logged", || logged(&bench).len() == 4);
    bench.shell.rbl("freeze --because drill --as ana").code(0);
    bench.shell.rbl("freeze --off --as ben").code(0);
    bench.shell.rbl("serve token ci --may look").code(0);
    bench.shell.rbl("serve token ci --remove").code(0);
    server.stop();
    let log = logged(&bench);
    let deeds: Vec<&str> = log.iter().map(|(deed, _)| deed.split(" by ").next().unwrap()).collect();
    let all = [
        "started",
        "reloaded",
        "reloaded",
        "reloaded",
        "frozen",
        "unfrozen",
        "token_made",
        "token_removed",
        "stopped",
    ];
    assert_eq!(deeds, all);
    assert_eq!(log[0].1, [json!({"file": "a.rb", "sha256": at_start})]);
    assert_eq!(
        log[1],
        ("reloaded by files that changed".into(), vec![json!({"file": "a.rb", "sha256": changed})])
    );
    assert_eq!(log[2], ("reloaded by SIGHUP".into(), vec![]));
    assert_eq!(log[3].1, [json!({"file": "a.rb", "sha256": null})]);
    assert_eq!((log[4].0.as_str(), log[5].0.as_str()), ("frozen by ana", "unfrozen by ben"));
    let shown = bench.shell.rbl("store log").code(0).out;
    assert!(shown.contains("drill") && shown.contains("`ci`, may look"), "{shown}");

    // Whoever edits it is found out.
    let edited = "UPDATE server_log SET data = replace(data, 'ana', 'eve') WHERE number = 5";
    assert_eq!(bench.journal().execute(edited, []).unwrap(), 1);
    let found = bench.shell.rbl("store log").code(1);
    assert!(found.err.contains("entry 5 of the log does not fit"), "{found:?}");
}
