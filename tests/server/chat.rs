//! Questions that are answered in a chat: a Matrix room of a real homeserver.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ServerBench, alert, delivery};
use crate::connections::matrix::Homeserver;

const T: &str = "2026-11-29T03:00:00Z";
const ASKS: &str = "if \"Is it real?\" by \"dba\" within 20m { action `echo x >> done` } else { action `echo no >> done` }\nresolve \"done\"";

fn fire(bench: &ServerBench, fingerprint: &str) {
    bench.delivered(&delivery(&[alert("A", "firing", "", fingerprint, T)]));
}

fn texts(server: &Homeserver) -> Vec<String> {
    server.messages().iter().filter_map(|it| it["content"]["body"].as_str().map(str::to_owned)).collect()
}

/// The message of the newest question.
fn question(bench: &ServerBench, server: &Homeserver, number: usize) -> Value {
    let found = || {
        let all = server.messages();
        let marked = all.into_iter().filter(|it| it["content"].get("dev.rbl.question").is_some());
        marked.collect::<Vec<_>>()
    };
    bench.until("the question is in the room", || found().len() >= number);
    found()[number - 1]["event_id"].clone()
}

fn reply(server: &Homeserver, who: &str, event: &Value, text: &str) {
    let relation = json!({ "m.in_reply_to": { "event_id": event } });
    let content = json!({ "msgtype": "m.text", "body": text, "m.relates_to": relation });
    server.send(who, "m.room.message", &content);
}

#[test]
fn a_question_is_answered_in_a_real_room() {
    let Some(server) = Homeserver::start() else { return };
    let channel = server
        .section()
        .replace("channels.it", "channels.room")
        .replace("{ env = \"MATRIX_TOKEN\" }", "{ file = \"token\" }");
    let sections = format!(
        "[teams.dba]\ntype = \"terminal\"\nasks = \"room\"\nmembers = [\"ana\", \"ben\"]\n{channel}[people.ana]\nmatrix = \"@ana:localhost\"\n[people.ben]\n"
    );
    let bench = ServerBench::new("", &sections);
    bench.shell.write("token", server.field("rbl"));
    bench.runbook("a.rb", "\"A\"", ASKS);
    let _running = bench.start();

    fire(&bench, "first");
    bench.until_states(&["waiting"]);
    let asked = question(&bench, &server, 1);
    // Whoever posts the questions answers none of them.
    reply(&server, "rbl", &asked, "yes");
    let refused = || texts(&server).iter().filter(|it| it.starts_with("Not taken: ")).count();
    // What was said before the server listened for the first time is not refused aloud: then it is said once more.
    bench.until("it says why not", || {
        reply(&server, "ana", &asked, "perhaps");
        let until = Instant::now() + Duration::from_secs(5);
        while refused() == 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(100));
        }
        refused() > 0
    });
    assert_eq!(bench.states(), ["waiting"]);
    // What is only written in the thread answers nothing, and a reply to nothing that is there keeps no answer back.
    let question_message = server.messages().into_iter().find(|it| it["event_id"] == asked).unwrap();
    let relation = json!({
        "rel_type": "m.thread",
        "event_id": question_message["content"]["m.relates_to"]["event_id"],
        "is_falling_back": true,
        "m.in_reply_to": { "event_id": asked },
    });
    let content = json!({ "msgtype": "m.text", "body": "no", "m.relates_to": relation });
    server.send("ana", "m.room.message", &content);
    reply(&server, "ana", &json!("$no-such-event"), "no");
    reply(&server, "ana", &asked, "yes, I saw it myself");
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    bench.until("it says so", || texts(&server).iter().any(|it| it == "Taken: yes, by ana."));
    // Everything before that is answered.
    let before = refused();
    let story = bench.shell.rbl("show last").code(0).out;
    assert!(story.contains("I saw it myself") && story.contains("ana"), "{story}");

    // A reaction is an answer too; the first one counts.
    fire(&bench, "second");
    bench.until_states(&["resolved", "waiting"]);
    let asked = question(&bench, &server, 2);
    let relation = json!({ "rel_type": "m.annotation", "event_id": asked, "key": "👎" });
    server.send("ana", "m.reaction", &json!({ "m.relates_to": relation }));
    bench.until_states(&["resolved", "resolved"]);
    assert_eq!(bench.read("done"), "x\nno\n");
    reply(&server, "ana", &asked, "yes");
    bench.until("it is too late", || refused() == before + 1);
    assert_eq!(bench.read("done"), "x\nno\n");
    assert!(!bench.log().contains(server.field("rbl")));
}
