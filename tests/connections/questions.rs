//! Questions that were brought to somebody: whoever was brought one hears how it ended, and a delivery that was cut off reaches nobody twice.

use std::cell::Cell;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::services::{ROUTING_KEY, acknowledging, sent_to};
use crate::cli::shell::{Ended, Shell};
use crate::support::slack::SlackFake;
use crate::support::{Alertmanager, Fake, Response};

const ASKS: &str =
    "if \"Is it well?\" within WITHIN { \"it is\" } else or unknown { \"it is not\" }\nresolve \"well\"";

fn asking(shell: &Shell, configuration: &str, within: &str) -> Ended {
    let team = "[teams.owners]\ntype = \"terminal\"\n";
    shell.write("rbl.toml", format!("{team}{configuration}"));
    let text = ASKS.replace("WITHIN", within);
    shell.write("it.rb", format!("runbook \"It\"\nowner \"db\"\n\n{text}\n"));
    shell.rbl("run it.rb --no-input")
}

fn pager(server: &Fake) -> (Shell, String) {
    let shell = Shell::new().env("ROUTING", ROUTING_KEY);
    let section = format!(
        "[teams.db]\ntype = \"pagerduty\"\nurl = \"{}\"\nrouting_key = {{ env = \"ROUTING\" }}\n",
        server.url()
    );
    (shell, section)
}

fn actions(server: &Fake) -> Vec<String> {
    let sent = sent_to(server, "POST /v2/enqueue ");
    sent.iter().map(|it| it["event_action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_page_of_a_question_is_resolved_when_it_is_answered_aborted_or_over() {
    for (how, code) in [
        ("answer last yes --as bo --no-input", 0),
        ("abort last --because enough --as bo --no-input", 130),
        ("", 0),
    ] {
        let server = acknowledging(0);
        let (shell, section) = pager(&server);
        let within = if how.is_empty() { "1s" } else { "30m" };
        asking(&shell, &section, within).code(5);
        assert_eq!(actions(&server), ["trigger"], "{how}");
        let trigger = &sent_to(&server, "POST /v2/enqueue ")[0];
        assert!(trigger["payload"]["summary"].as_str().unwrap().contains("a question waits: Is it well?"));
        if how.is_empty() {
            std::thread::sleep(Duration::from_millis(1200));
        }
        let ended = shell.rbl(if how.is_empty() { "resume last --no-input" } else { how });
        assert!(ended.code == Some(code) || code == 130, "{how}: {ended:?}");
        let sent = sent_to(&server, "POST /v2/enqueue ");
        assert_eq!(actions(&server)[1], "resolve", "{how}: {ended:?}");
        assert_eq!(sent[0]["dedup_key"], sent[1]["dedup_key"]);
        assert_eq!(actions(&server).iter().filter(|it| *it == "resolve").count(), 1, "{how}");
        shell.rbl("show last --verify").code(0);
        let replayed = shell.rbl("replay last");
        assert!(!replayed.err.contains("differs"), "{how}: {replayed:?}");
    }
}

/// A question is asked twice over: what the first one left is not told of the second.
#[test]
fn each_question_takes_back_its_own_page() {
    let server = acknowledging(0);
    let (shell, section) = pager(&server);
    shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{section}"));
    shell.write(
        "it.rb",
        "runbook \"It\"\nowner \"db\"\n\ncheck \"One?\" within 30m else { stop \"no\" }\naction \"Turn it\" within 30m else { stop \"no\" }\nresolve \"well\"\n",
    );
    shell.rbl("run it.rb --no-input").code(5);
    shell.rbl("answer last yes --as bo --no-input").code(5);
    assert_eq!(actions(&server), ["trigger", "resolve", "trigger"]);
    shell.rbl("answer last done --as bo --no-input").code(0);
    assert_eq!(actions(&server), ["trigger", "resolve", "trigger", "resolve"]);
    let keys: Vec<Value> =
        sent_to(&server, "POST /v2/enqueue ").iter().map(|it| it["dedup_key"].clone()).collect();
    assert!(keys[0] == keys[1] && keys[2] == keys[3] && keys[0] != keys[2], "{keys:?}");
    let replayed = shell.rbl("replay last").code(0);
    assert!(!replayed.err.contains("differs"), "{replayed:?}");
}

/// The service cannot be told: the answer counts all the same, and the story says what to do.
#[test]
fn a_page_that_cannot_be_taken_back_is_named() {
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let server = Fake::start(move |_| {
        if is_over.load(Ordering::SeqCst) {
            Response::of("400 Bad Request", "application/json", "{\"status\": \"invalid event\"}")
        } else {
            Response::of("202 Accepted", "application/json", "{\"status\": \"success\"}")
        }
    });
    let (shell, section) = pager(&server);
    asking(&shell, &section, "30m").code(5);
    over.store(true, Ordering::SeqCst);
    let ended = shell.rbl("answer last yes --as bo --no-input").code(0);
    let story = super::flat(&ended);
    assert!(
        story.contains("the page to db could not be resolved") && story.contains("resolve it by hand"),
        "{story}"
    );
    let shown = shell.rbl("show last").out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("the page to db could not be resolved"), "{shown}");
    let replayed = shell.rbl("replay last").code(0);
    assert!(!replayed.err.contains("differs"), "{replayed:?}");
}

/// Killed after the answer counted, while its page was being resolved: it is resolved when the run is resumed.
#[test]
fn a_page_is_resolved_although_rbl_was_killed_in_between() {
    let hangs = Arc::new(AtomicBool::new(true));
    let is_hanging = Arc::clone(&hangs);
    let server = Fake::start(move |request| {
        let answer = Response::of("202 Accepted", "application/json", "{\"status\": \"success\"}");
        let waits = request.contains("\"resolve\"") && is_hanging.load(Ordering::SeqCst);
        if waits { answer.after(Duration::from_secs(8)) } else { answer }
    });
    let (shell, section) = pager(&server);
    asking(&shell, &section, "30m").code(5);
    let mut command = shell.command("answer last yes --as bo --no-input");
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while !actions(&server).contains(&"resolve".to_owned()) {
        assert!(Instant::now() < until, "{:?}", actions(&server));
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    hangs.store(false, Ordering::SeqCst);
    shell.rbl("resume last --no-input").code(0);
    let sent = sent_to(&server, "POST /v2/enqueue ");
    assert_eq!(actions(&server), ["trigger", "resolve", "resolve"]);
    assert_eq!(sent[1], sent[2], "the same, which PagerDuty takes for one");
    shell.rbl("show last --verify").code(0);
    let replayed = shell.rbl("replay last").code(0);
    assert!(!replayed.err.contains("differs"), "{replayed:?}");
}

/// The alert of a question in a real Alertmanager ends with its answer.
#[test]
fn a_real_alertmanager_hears_that_a_question_is_answered() {
    let Some(server) = Alertmanager::start() else { return };
    let section = format!("[teams.db]\ntype = \"alertmanager\"\nurl = \"{}\"\n", server.url());
    let shell = Shell::new();
    asking(&shell, &section, "30m").code(5);
    let firing = || server.alerts().contains("RunbookPage");
    assert!(firing());
    shell.rbl("answer last yes --as bo --no-input").code(0);
    let until = Instant::now() + Duration::from_secs(10);
    while firing() {
        assert!(Instant::now() < until, "{:?}", server.alerts());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Killed while a message is under way. `run` begins it; the next process finishes.
fn killed(shell: &Shell, body: &str, is_under_way: impl Fn() -> bool, then: impl FnOnce()) -> Ended {
    shell.write("it.rb", format!("runbook \"It\"\nowner \"owners\"\n\n{body}\n"));
    let mut command = shell.command("run it.rb --no-input");
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while !is_under_way() {
        assert!(Instant::now() < until, "it is not under way");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    then();
    shell.rbl("resume last --no-input")
}

fn slack(family: &str, slack: &SlackFake) -> (Shell, String) {
    let section = format!(
        "[teams.owners]\ntype = \"terminal\"\n[{family}.it]\ntype = \"slack\"\napi_url = \"{}/api\"\ntoken = {{ env = \"SLACK_TOKEN\" }}\nchannel = \"C1\"\n",
        slack.http.url()
    );
    (Shell::new().env("SLACK_TOKEN", "xoxx-token-0a1b2c3d"), section)
}

/// Cut off at the first message of the thread, or at the reply: it is looked for, and nothing is there twice.
#[test]
fn a_record_in_slack_is_there_once_although_rbl_was_killed() {
    for arrived in [1, 2] {
        let server = SlackFake::start();
        let (shell, section) = slack("channels", &server);
        shell.write("rbl.toml", section);
        // The answer to the first message leaves time to see that it is there, so that the second one finds the fake slow.
        server.slow("chat.postMessage", Duration::from_secs(if arrived == 1 { 8 } else { 2 }));
        let is_first = Cell::new(arrived == 2);
        let under_way = || {
            if server.messages().len() == 1 && is_first.replace(false) {
                server.quick();
                server.slow("chat.postMessage", Duration::from_secs(8));
            }
            server.messages().len() == arrived
        };
        let ended =
            killed(&shell, "record \"first\" to \"it\"\nrecord \"second\" to \"it\"", under_way, || {
                server.quick();
            });
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let messages = server.messages();
        let texts: Vec<&str> = messages.iter().map(|it| it["text"].as_str().unwrap()).collect();
        assert_eq!(texts.len(), 3, "{arrived}: {texts:?}");
        assert_eq!(texts[1..], ["first", "second"]);
        let root = &messages[0]["ts"];
        assert!(
            messages[0]["thread_ts"].is_null() && messages[1..].iter().all(|it| it["thread_ts"] == *root)
        );
    }
}

/// Where the bot may not look, nobody knows: it is not sent again, and the story says so.
#[test]
fn what_cannot_be_looked_for_is_not_sent_again() {
    let server = SlackFake::start();
    server.refuses("conversations.history", "missing_scope");
    let (shell, section) = slack("channels", &server);
    shell.write("rbl.toml", section);
    server.slow("chat.postMessage", Duration::from_secs(8));
    let ended =
        killed(&shell, "record \"first\" to \"it\"", || server.messages().len() == 1, || server.quick());
    assert_eq!(server.messages().len(), 1, "{ended:?}");
    let story = super::flat(&ended);
    assert!(story.contains("may have been sent") && story.contains("missing_scope"), "{story}");
}

#[test]
fn a_page_in_slack_is_there_once_although_rbl_was_killed() {
    let server = SlackFake::start();
    let (shell, section) = slack("teams", &server);
    shell.write("rbl.toml", section);
    server.slow("chat.postMessage", Duration::from_secs(8));
    let ended = killed(
        &shell,
        "escalate to \"it\" because \"x\"\nresolve \"y\"",
        || server.messages().len() == 1,
        || server.quick(),
    );
    assert_eq!((ended.code, server.messages().len()), (Some(0), 1), "{ended:?}");
    assert!(
        server.messages()[0]["text"].to_string().contains("resolved"),
        "the page shows how the run ended"
    );
}

/// A question first: what follows is in its thread, and the first message shows the end of the run.
#[test]
fn a_thread_that_a_question_opened_stays_the_thread_of_the_run() {
    let server = SlackFake::start();
    let (shell, section) = slack("channels", &server);
    shell.write("rbl.toml", format!("{section}\n[teams.db]\ntype = \"terminal\"\nasks = \"it\"\n"));
    shell.write("it.rb", "runbook \"It\"\nowner \"db\"\n\ncheck \"Is it well?\" within 30m else { stop \"no\" }\nrecord \"it is\" to \"it\"\n");
    shell.rbl("run it.rb --no-input").code(5);
    shell.rbl("answer last yes --as bo --no-input").code(0);
    let messages = server.messages();
    assert_eq!(messages.len(), 3, "{messages:#?}");
    assert!(messages[1..].iter().all(|it| it["thread_ts"] == messages[0]["ts"]), "{messages:#?}");
    assert!(messages[1]["blocks"].to_string().contains("yes, by bo"), "{messages:#?}");
    assert!(messages[0]["text"].to_string().contains("resolved"), "{messages:#?}");

    // Only the question is there.
    let server = SlackFake::start();
    let (shell, section) = slack("channels", &server);
    shell.write("rbl.toml", format!("{section}\n[teams.db]\ntype = \"terminal\"\nasks = \"it\"\n"));
    shell.write(
        "it.rb",
        "runbook \"It\"\nowner \"db\"\n\ncheck \"Is it well?\" within 30m else { stop \"no\" }\n",
    );
    shell.rbl("run it.rb --no-input").code(5);
    shell.rbl("answer last yes --as bo --no-input").code(0);
    assert!(server.messages()[0]["text"].to_string().contains("resolved"), "{:#?}", server.messages());
    let replayed = shell.rbl("replay last").code(0);
    assert!(!replayed.err.contains("differs"), "{replayed:?}");
}

/// What becomes of a record, and of a page, whose first try was cut off: how often it is sent, and whether the story leaves it open.
#[test]
fn each_kind_says_what_becomes_of_a_delivery_that_was_cut_off() {
    // The kinds that a key makes safe, by their good answer; and those that nobody could tell.
    let kinds: [(&str, &str, &str, usize); 8] = [
        ("teams", "pagerduty", "url = \"URL\"\nrouting_key = { env = \"KEY32\" }", 2),
        ("teams", "opsgenie", "url = \"URL\"\napi_key = { env = \"KEY32\" }", 2),
        ("teams", "alertmanager", "url = \"URL\"", 2),
        ("teams", "webhook", "url = \"URL\"", 2),
        ("teams", "msteams", "webhook = { env = \"HOOK\" }", 1),
        ("channels", "webhook", "url = \"URL\"", 2),
        ("channels", "msteams", "webhook = { env = \"HOOK\" }", 1),
        ("channels", "matrix", "url = \"URL\"\ntoken = { env = \"KEY32\" }\nroom = \"!a:localhost\"", 2),
    ];
    for (family, kind, keys, times) in kinds {
        let hangs = Arc::new(AtomicBool::new(true));
        let is_hanging = Arc::clone(&hangs);
        let server = Fake::start(move |_| {
            let answer = Response::of(
                "200 OK",
                "application/json",
                "{\"status\": \"success\", \"result\": \"taken\", \"requestId\": \"r\", \"event_id\": \"$1\"}",
            );
            if is_hanging.load(Ordering::SeqCst) { answer.after(Duration::from_secs(8)) } else { answer }
        });
        let shell = Shell::new().env("KEY32", ROUTING_KEY).env("HOOK", &format!("{}/flow", server.url()));
        let section = format!("[{family}.it]\ntype = \"{kind}\"\n{}\n", keys.replace("URL", &server.url()));
        shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{section}"));
        let body_text = if family == "teams" {
            "escalate to \"it\" because \"x\" else { \"nobody\" }"
        } else {
            "record \"x\" to \"it\""
        };
        let ended = killed(
            &shell,
            body_text,
            || !server.requests().is_empty(),
            || hangs.store(false, Ordering::SeqCst),
        );
        let requests = server.requests();
        // Matrix posts a first message, the text, and edits nothing.
        let first = requests[0].lines().next().unwrap().to_owned();
        let sent = requests.iter().filter(|it| it.starts_with(&first)).count();
        assert_eq!(sent, times, "{family} {kind}: {requests:#?} {ended:?}");
        if times == 2 {
            let again = requests.iter().filter(|it| it.starts_with(&first)).collect::<Vec<_>>();
            let key = |it: &str| {
                let body = it.split_once("\r\n\r\n").unwrap().1;
                let of: Value = serde_json::from_str(body).unwrap_or_default();
                [&of["dedup_key"], &of["alias"], &of["key"], &of[0]["labels"]["rbl_page"]].map(Clone::clone)
            };
            assert_eq!(key(again[0]), key(again[1]), "{family} {kind}");
        }
        let story = super::flat(&ended);
        assert_eq!(
            story.contains("may have been sent: rbl was cut off"),
            times == 1,
            "{family} {kind}: {story}"
        );
    }
}
