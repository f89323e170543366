//! Modes: what a run that nobody started may do unasked.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::api::{call, token};
use super::{ServerBench, alert, delivery};

const T: &str = "2026-11-29T03:00:00Z";

/// What an action does in these tests: it leaves a line.
const ACTION: &str = "action `echo x >> done`\nresolve \"done\"";

fn fire(bench: &ServerBench, fingerprint: &str) {
    bench.delivered(&delivery(&[alert("A", "firing", "", fingerprint, T)]));
}

/// The open questions of the last run.
fn questions(bench: &ServerBench, token: &str) -> (String, Value) {
    let run = bench.runs().last().unwrap()["run"].as_str().unwrap().to_owned();
    let (code, one) = call(bench, token, &format!("GET /runs/{run}"), None);
    assert_eq!(code, 200);
    (run, one["questions"].clone())
}

/// The records of the last run.
fn records(bench: &ServerBench) -> Vec<Value> {
    bench.shell.rbl("show last --format json").json()
}

/// The questions that were asked because of the mode, with the answers that counted.
fn approvals(records: &[Value]) -> Vec<(String, String)> {
    let asked = |it: &&Value| it["intent"]["permits"].is_string();
    let answer = |question: &Value| {
        let to = question["seq"].clone();
        let reply = records.iter().find(|it| it["type"] == "reply" && it["to"] == to);
        reply.map(|it| it["answer"]["with"].as_object().unwrap().keys().next().unwrap().clone())
    };
    let word = |it: &Value| it["intent"]["permits"].as_str().unwrap().to_owned();
    records.iter().filter(asked).map(|it| (word(it), answer(it).unwrap_or_default())).collect()
}

/// Answers what the run that waits asks, signed in as this person.
fn answered(bench: &ServerBench, person: &str, answer: &str) {
    static TOKENS: AtomicU32 = AtomicU32::new(0);
    let number = TOKENS.fetch_add(1, Ordering::Relaxed);
    let token = token(bench, &format!("{person}-{number} --may look,answer --person {person}"));
    let (_, waiting) = call(bench, &token, "GET /runs?state=waiting", None);
    let run = waiting["runs"][0]["run"].as_str().unwrap().to_owned();
    let asked = call(bench, &token, &format!("GET /runs/{run}"), None).1;
    let body = json!({"question": asked["questions"][0]["question"], "answer": answer});
    let (status, said) = call(bench, &token, &format!("POST /runs/{run}/answer"), Some(body));
    assert_eq!(status, 200, "{said}");
}

#[test]
fn look_reads_and_stops_at_the_first_action_with_a_page_that_says_what_it_would_do() {
    let bench = ServerBench::new("mode = \"look\"", "");
    let body = "define tidy(what) as `echo #{what} >> done`\n\
                step \"Look\" {\n  action `cat seen.txt` as seen\n  check `test -f seen.txt`\n}\n\
                step \"Do\" {\n  action tidy(\"x\") finally `echo back >> done`\n  \
                if `test -f never` { action `rm seen.txt` }\n  action `echo last >> done`\n}\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    bench.shell.write("seen.txt", "here");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["escalated"]);
    assert_eq!(bench.read("done"), "", "nothing was done, and nothing was put back");
    let pages = bench.pages();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(pages[0].starts_with("it only looks, and stops before `tidy(what: \"x\")`"), "{pages:?}");
    assert!(pages[0].ends_with("the mode is look: `mode` of `[serve]`"), "{pages:?}");
    let page = bench.read("pages.txt");
    for found in [
        "it would do now: `tidy(what: \\\"x\\\")`, which is: echo x >> done",
        "with `finally`: `echo back >> done`",
        "then, perhaps, at line 11: `rm seen.txt`",
        "then, at line 12: `echo last >> done`",
    ] {
        assert!(page.contains(found), "{found} is not in {page}");
    }
    let listed = bench.shell.rbl("runs").out;
    assert!(listed.contains("mode look: it only looks, and stops before"), "{listed}");
    assert_eq!(bench.runs()[0]["mode"], "look");
    let shown = bench.shell.rbl("show last").out;
    assert!(
        shown.contains("it would do now") && shown.contains("this run began in the mode look"),
        "{shown}"
    );
    bench.shell.rbl("replay last").code(4);
}

#[test]
fn ask_needs_one_approval_for_an_action_with_its_retries_finally_and_undo() {
    let bench = ServerBench::new("", "");
    bench.shell.write("rbl.toml", bench.read("rbl.toml").replace("mode = \"act\"\n", ""));
    let body = "action `echo x >> done; test \"$(wc -l < done)\" -ge 3` retry 3 every 100ms\n  \
                finally `echo finally >> done` undo `echo undo >> done`\nstop \"so that it is undone\"";
    bench.runbook("a.rb", "\"A\"", body);
    let ana = token(&bench, "ana --may look,answer --person ana");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    assert_eq!(bench.read("done"), "");
    let (run, asked) = questions(&bench, &ana);
    assert_eq!(asked.as_array().unwrap().len(), 1, "{asked}");
    assert_eq!(asked[0]["by"], "ops");
    assert!(
        asked[0]["text"].as_str().unwrap().starts_with("ops: may this be done? echo x >> done"),
        "{asked}"
    );
    let evidence = asked[0]["evidence"].to_string();
    assert!(evidence.contains("echo finally") && evidence.contains("echo undo"), "{evidence}");
    let body = json!({"question": asked[0]["question"], "answer": "yes", "remark": "go"});
    assert_eq!(call(&bench, &ana, &format!("POST /runs/{run}/answer"), Some(body)).0, 200);
    bench.until_states(&["escalated"]);
    assert_eq!(bench.read("done"), "x\nx\nx\nundo\nfinally\n");
    let records = records(&bench);
    let given = approvals(&records);
    assert_eq!(given.len(), 1, "{given:?}");
    assert_eq!(given[0].1, "yes");
    let acted = |it: &&Value| it["intent"]["effect"] == "act" && it["intent"]["key"] == given[0].0.as_str();
    assert_eq!(records.iter().filter(acted).count(), 3, "the approval names the action that it permits");
    bench.shell.rbl("replay last").code(4);
}

#[test]
fn what_is_not_approved_is_not_done_and_not_cleaned_up() {
    let bench = ServerBench::new("mode = \"ask\"", "");
    let body = "action `echo x >> done` finally `echo finally >> done` undo `echo undo >> done` else {\n  \
                record \"refused\"\n}\naction `cat rbl.toml`\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    answered(&bench, "bo", "no");
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "", "and what only reads needed no approval");
    assert_eq!(approvals(&records(&bench))[0].1, "no");
    bench.shell.rbl("replay last").code(0);
}

#[test]
fn an_abort_that_comes_before_the_approval_leaves_nothing_to_clean_up() {
    let bench = ServerBench::new("mode = \"ask\"", "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "action `echo x >> done` finally `echo finally >> done`\nresolve \"done\"",
    );
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    bench.shell.rbl("abort last --because enough --as bo").code(0);
    bench.until_states(&["aborted"]);
    assert_eq!(bench.read("done"), "");
}

#[test]
fn an_approval_survives_kill_and_the_action_is_done_once() {
    let bench = ServerBench::new("mode = \"ask\"", "");
    bench.runbook("a.rb", "\"A\"", ACTION);
    let server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    server.kill();
    // Nobody serves: the answer is recorded, and the next server continues.
    let _server = bench.start();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(bench.states(), ["waiting"], "it is not asked twice, and not done unasked");
    answered(&bench, "ana", "yes");
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    assert_eq!(approvals(&records(&bench)).len(), 1);
}

#[test]
fn the_stricter_of_the_recorded_and_the_current_mode_counts_when_a_run_is_resumed() {
    let bench = ServerBench::new("mode = \"ask\"", "");
    bench.runbook("a.rb", "\"A\"", ACTION);
    let server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    server.stop();
    let configuration = bench.read("rbl.toml");
    bench.shell.write("rbl.toml", configuration.replace("mode = \"ask\"", "mode = \"look\""));
    let server = bench.start();
    answered(&bench, "ana", "yes");
    bench.until_states(&["escalated"]);
    assert_eq!(bench.read("done"), "", "it was approved under `ask`, and the mode is `look` now");
    server.stop();
    // And the other way round: what began as `look` does not act later.
    let waits = "wait 61s\naction `echo x >> done`\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", waits);
    let server = bench.start();
    fire(&bench, "2");
    bench.until_states(&["escalated", "waiting"]);
    assert_eq!(bench.runs()[1]["mode"], "look");
    server.stop();
    bench.shell.write("rbl.toml", configuration.replace("mode = \"ask\"", "mode = \"act\""));
    let summary = bench.shell.rbl("show last --format json").json();
    assert_eq!((&summary[0]["mode"], &summary[0]["mode_is_configured"]), (&json!("look"), &json!(true)));
}

#[test]
fn the_strictest_pattern_counts_and_one_that_means_nothing_is_logged() {
    let modes = "[serve.modes]\n\"new/*\" = \"look\"\n\"*.rb\" = \"act\"\n\"mispelt/*\" = \"look\"";
    let bench = ServerBench::new("mode = \"ask\"", modes);
    bench.runbook("a.rb", "\"A\"", ACTION);
    std::fs::create_dir_all(bench.shell.path().join("new")).unwrap();
    std::fs::create_dir_all(bench.shell.path().join("other")).unwrap();
    bench.runbook("new/b.rb", "\"B\"", ACTION);
    bench.runbook("other/c.rb", "\"C\"", ACTION);
    bench.shell.write(
        "imported.rb",
        format!("# rbl: imported\nrunbook \"I\"\ntrigger alert \"I\"\nowner \"ops\"\n{ACTION}\n"),
    );
    bench.shell.write("orphan.rb", format!("runbook \"O\"\ntrigger alert \"O\"\n{ACTION}\n"));
    bench.shell.write("rbl.toml", bench.read("rbl.toml") + "\"orphan.rb\" = \"ask\"\n");
    let look = token(&bench, "look --may look,start");
    let server = bench.start();
    let (_, listed) = call(&bench, &look, "GET /runbooks", None);
    let modes: Vec<(&str, &str)> = listed["runbooks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["file"].as_str().unwrap(), it["mode"].as_str().unwrap()))
        .collect();
    let expected = [
        ("a.rb", "act"),
        ("imported.rb", "look"),
        ("new/b.rb", "look"),
        ("orphan.rb", "look"),
        ("other/c.rb", "ask"),
    ];
    assert_eq!(modes, expected);
    assert!(
        bench.log().contains("mispelt/*") && !bench.log().contains("pattern=\"new/*\""),
        "{}",
        bench.log()
    );
    fire(&bench, "1");
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    // A call may ask for a stricter mode, and never gets a laxer one.
    let start = |file: &str, mode: &str| {
        let (code, started) = call(&bench, &look, "POST /runs", Some(json!({"file": file, "mode": mode})));
        assert_eq!(code, 201, "{started}");
    };
    start("a.rb", "look");
    bench.until_states(&["resolved", "escalated"]);
    start("new/b.rb", "act");
    bench.until_states(&["resolved", "escalated", "escalated"]);
    let (code, _) = call(&bench, &look, "POST /runs", Some(json!({"file": "a.rb", "mode": "play"})));
    assert_eq!(code, 400);
    start("orphan.rb", "act");
    // Nobody can approve it, and nobody can be paged.
    bench.until_states(&["resolved", "escalated", "escalated", "failed"]);
    assert_eq!(bench.read("done"), "x\n");
    let (_, runs) = call(&bench, &look, "GET /runs", None);
    let modes: Vec<&str> =
        runs["runs"].as_array().unwrap().iter().map(|it| it["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["ask", "look", "look", "act"]);
    drop(server);
}

#[test]
fn of_nested_runbooks_the_strictest_mode_counts() {
    let bench = ServerBench::new("mode = \"act\"", "[serve.modes]\n\"inner.rb\" = \"look\"");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "action `echo outer >> done`\nrun \"inner.rb\" else { action `echo else >> done` }\nresolve \"done\"",
    );
    bench.shell.write("inner.rb", "runbook \"Inner\"\nowner \"ops\"\naction `echo inner >> done`\n");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["escalated"]);
    assert_eq!(bench.read("done"), "outer\n", "the whole run stops, and no `else` is taken");
    assert_eq!(bench.pages().len(), 1, "{:?}", bench.pages());
    bench.shell.rbl("replay last").code(4);
}

#[test]
fn a_freeze_stops_a_run_that_is_going_on_and_still_puts_back_what_it_did() {
    let bench = ServerBench::new("", "");
    let body = "action `echo x >> done` finally `echo back >> done`\naction `touch begun; until test -f go; do sleep 0.1; done`\n\
                action `echo y >> done`\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    let server = bench.start();
    assert_eq!(bench.shell.rbl("freeze").code(0).out, "not frozen\n");
    fire(&bench, "1");
    // The second action: the end of the first one is recorded.
    bench.until("it acts", || bench.shell.path().join("begun").exists());
    let frozen = bench.shell.rbl("freeze --because rebuilding --as ana").code(0).out;
    assert!(frozen.starts_with("frozen by ana since ") && frozen.contains(": rebuilding"), "{frozen}");
    bench.shell.write("go", "");
    bench.until_states(&["escalated"]);
    assert_eq!(bench.read("done"), "x\nback\n");
    let pages = bench.pages();
    assert!(
        pages[0].contains("stops before `echo y >> done`") && pages[0].contains("frozen by ana"),
        "{pages:?}"
    );
    assert!(bench.shell.rbl("runs").out.starts_with("every run only looks: frozen by ana"));
    assert!(server.get("/-/ready").unwrap().1.contains("every run only looks: frozen by ana"));
    // And a run by hand.
    let by_hand = bench.shell.rbl("run a.rb --no-input").code(4);
    assert!(by_hand.err.contains("every run only looks"), "{}", by_hand.err);
    bench.until("the log says it", || bench.log().contains("every run only looks"));
    bench.shell.rbl("freeze --off").code(0);
    assert_eq!(bench.shell.rbl("freeze").code(0).out, "not frozen\n");
    fire(&bench, "2");
    bench.until("it acts again", || bench.read("done") == "x\nback\nx\ny\nback\n");
    bench.until("the log says it", || bench.log().contains("not frozen any more"));
}

#[test]
fn a_freeze_between_the_approval_and_the_action_counts_and_ends_by_itself() {
    let bench = ServerBench::new("mode = \"ask\"", "");
    bench.runbook("a.rb", "\"A\"", ACTION);
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    bench.shell.rbl("freeze --because deploys --until 1h").code(0);
    answered(&bench, "bo", "yes");
    bench.until_states(&["escalated"]);
    assert_eq!(bench.read("done"), "");
    // Another one takes its place: how long the answer took has nothing to do with its end.
    bench.shell.rbl("freeze --because deploys --until 2s").code(0);
    bench.until("it is over by itself", || bench.shell.rbl("freeze").code(0).out == "not frozen\n");
    fire(&bench, "2");
    bench.until_states(&["escalated", "waiting"]);
    answered(&bench, "bo", "yes");
    bench.until_states(&["escalated", "resolved"]);
    assert_eq!(bench.read("done"), "x\n");
}

/// What a person starts in a mode of their own, and another runbook of the same name elsewhere, say nothing about what is started unasked.
#[test]
fn a_run_by_hand_takes_no_runbook_back_from_the_mode_that_it_has_earned() {
    let bench = ServerBench::new("mode = \"ask\"", "");
    bench.runbook("a.rb", "\"A\"", ACTION);
    let _server = bench.start();
    for number in 1..=5 {
        fire(&bench, &number.to_string());
        bench.until("it asks", || bench.states().last().is_some_and(|it| it == "waiting"));
        answered(&bench, "bo", "yes");
        bench.until("it has ended", || bench.states().last().is_some_and(|it| it == "resolved"));
    }
    let figures = || bench.shell.rbl("report --format json").code(0).json().remove(0)["runbooks"].clone();
    assert_eq!((&figures()[0]["mode"], &figures()[0]["ready_for"]), (&json!("ask"), &json!("act")));
    bench.shell.rbl("run a.rb --no-input").code(0);
    let after = figures();
    assert_eq!((&after[0]["mode"], &after[0]["in_a_row"]), (&json!("ask"), &json!(5)), "{after}");
    assert_eq!((&after[0]["ready_for"], &after[0]["runs"]["all"]), (&json!("act"), &json!(6)), "{after}");
}
