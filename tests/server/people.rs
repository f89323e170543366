//! People without a terminal: a question reaches those who can answer it, and only they answer it.

use serde_json::{Value, json};

use super::api::{call, token};
use super::{ServerBench, alert, delivery};
use crate::cli::shell::Shell;
use crate::support::at_terminal::AtTerminal;

const T: &str = "2026-11-29T03:00:00Z";

/// A channel whose questions are lines of `chat.txt`.
const CHAT: &str = r#"read -r question
printf '%s\n' "$question" >> chat.txt
if test -e slow; then sleep 60; fi
if test -e broken; then exit 1; fi
echo '{"delivered": true, "by": "a chat"}'
"#;

/// The team `dba`, which is asked through the chat.
const DBA: &str = r#"
[teams.dba]
type = "terminal"
asks = "chat"
members = ["ana", "ben", "cy"]
[channels.chat]
type = "exec"
command = ["sh", "chat.sh"]
timeout = "2m"
[people.ana]
slack = "U1"
email = "ana@example.com"
[people.ben]
[people.cy]
"#;

const LEAD: &str = r#"
[teams.lead]
type = "exec"
command = ["sh", "page.sh"]
"#;

const ASKS: &str = "if \"Is it real?\" by \"dba\" within 20m showing `echo rows are locked` { action `echo x >> done` }\nresolve \"done\"";

fn bench(sections: &str) -> ServerBench {
    let bench = ServerBench::new("url = \"https://rbl.example.com/\"", sections);
    bench.shell.write("chat.sh", CHAT);
    bench.runbook("a.rb", "\"A\"", ASKS);
    bench
}

fn fire(bench: &ServerBench, fingerprint: &str) {
    bench.delivered(&delivery(&[alert("A", "firing", "", fingerprint, T)]));
}

fn lines(bench: &ServerBench, file: &str) -> Vec<Value> {
    bench.read(file).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn run(bench: &ServerBench) -> String {
    bench.runs()[0]["run"].as_str().unwrap().to_owned()
}

fn person(bench: &ServerBench, name: &str) -> String {
    token(bench, &format!("{name} --may look,answer,start --person {name}"))
}

/// Answers the open question of a run: the status, and what came back.
fn answer(bench: &ServerBench, token: &str, run: &str, answer: &str) -> (u16, Value) {
    let (_, one) = call(bench, token, &format!("GET /runs/{run}"), None);
    let question = &one["questions"][0]["question"];
    let body = json!({"question": question, "answer": answer});
    call(bench, token, &format!("POST /runs/{run}/answer"), Some(body))
}

#[test]
fn a_question_that_waits_is_brought_to_its_team_once() {
    let bench = bench(DBA);
    let ana = person(&bench, "ana");
    let server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let run = run(&bench);
    let asked = lines(&bench, "chat.txt");
    assert_eq!(asked.len(), 1);
    let question = &asked[0];
    assert_eq!(
        (&question["ask"], &question["kind"], &question["by"]),
        (&json!("question"), &json!("yes_no"), &json!("dba"))
    );
    assert_eq!((&question["asks"], &question["run"]), (&json!("Is it real?"), &json!(run)));
    assert_eq!(question["evidence"][0]["text"], "rows are locked");
    assert_eq!(
        question["answer"],
        format!(
            "rbl answer {run} 'yes|no' --question {} --server https://rbl.example.com",
            question["question"].as_str().unwrap()
        )
    );
    assert_eq!(question["answer_url"], format!("https://rbl.example.com/api/v1/runs/{run}/answer"));
    assert_eq!(
        (&question["members"][0]["name"], &question["members"][0]["slack"]),
        (&json!("ana"), &json!("U1"))
    );
    assert_eq!(question["until"], bench.runs()[0]["until"], "{}", bench.runs()[0]);
    let text = question["text"].as_str().unwrap();
    for part in ["a.rb asks (dba): Is it real?", "rows are locked", "Until 20", "rbl answer"] {
        assert!(text.contains(part), "{text}");
    }
    // Whatever restarts meanwhile, it is not brought again.
    server.kill();
    let server = bench.start();
    bench.shell.rbl(&format!("resume {run}")).code(5);
    assert_eq!(answer(&bench, &ana, &run, "yes").0, 200);
    bench.until_states(&["resolved"]);
    drop(server);
    assert_eq!(lines(&bench, "chat.txt").len(), 1);
    assert_eq!(bench.pages(), [""; 0], "nobody else was paged");
    let shown = bench.shell.rbl(&format!("show {run}")).out;
    assert!(shown.contains("asked dba through chat (a chat)"), "{shown}");
    bench.shell.rbl(&format!("show {run} --verify")).code(0);
    let replayed = bench.shell.rbl(&format!("replay {run}")).code(0);
    assert!(!replayed.err.contains("differs"), "{replayed:?}");
}

/// A question is never a silent wait: where its channel fails, the fallback of the team is paged, and this is shown.
#[test]
fn where_the_channel_fails_the_fallback_is_paged() {
    let bench = bench(&(DBA.replace("asks = ", "fallback = \"lead\"\nasks = ") + LEAD));
    bench.shell.write("broken", "");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let pages = lines(&bench, "pages.txt");
    assert_eq!((pages.len(), &pages[0]["team"]), (1, &json!("lead")));
    assert_eq!(pages[0]["reason"], "a question waits: Is it real?");
    let story = pages[0]["story"].to_string();
    assert!(story.contains("rbl answer") && story.contains("could not ask dba through chat"), "{story}");
    let shown = bench.shell.rbl("show last").out;
    assert!(
        shown.contains("could not ask dba through chat") && shown.contains("asked lead by a page"),
        "{shown}"
    );
}

#[test]
fn where_the_team_has_no_way_of_its_own_the_owner_is_paged() {
    let bench = bench("");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let pages = lines(&bench, "pages.txt");
    assert_eq!((pages.len(), &pages[0]["team"]), (1, &json!("ops")));
    assert_eq!(bench.pages(), ["a question waits: Is it real?"]);
}

#[test]
fn what_could_be_brought_to_nobody_is_part_of_the_story() {
    let bench = bench("");
    bench.shell.write("page.sh", "exit 1");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let shown = bench.shell.rbl("show last").out;
    assert!(shown.contains("nobody was notified that this waits for an answer"), "{shown}");
}

/// Killed while it sends: nobody knows whether it arrived, it is not sent again, and somebody else is paged.
#[test]
fn a_question_is_not_sent_twice_after_a_crash() {
    let bench = bench(&(DBA.replace("asks = ", "fallback = \"lead\"\nasks = ") + LEAD));
    bench.shell.write("slow", "");
    let server = bench.start();
    fire(&bench, "1");
    bench.until("it is being sent", || !bench.read("chat.txt").is_empty());
    server.kill();
    std::fs::remove_file(bench.shell.path().join("slow")).unwrap();
    let ana = person(&bench, "ana");
    let server = bench.start();
    bench.until("the fallback is paged", || !bench.pages().is_empty());
    bench.until_states(&["waiting"]);
    let run = run(&bench);
    assert_eq!(lines(&bench, "chat.txt").len(), 1);
    let shown = bench.shell.rbl(&format!("show {run}")).out;
    assert!(shown.contains("may have been sent"), "{shown}");
    // The question itself is still the one that is answered.
    assert_eq!(answer(&bench, &ana, &run, "no").0, 200);
    bench.until_states(&["resolved"]);
    drop(server);
    assert_eq!((lines(&bench, "chat.txt").len(), bench.pages().len()), (1, 1));
    bench.shell.rbl(&format!("replay {run}")).code(0);
}

#[test]
fn an_instruction_is_brought_too_and_nobody_sits_at_no_input() {
    let shell = Shell::new();
    shell.write("chat.sh", CHAT);
    shell.write("rbl.toml", DBA);
    shell.write(
        "a.rb",
        "runbook \"A\"\nowner \"dba\"\naction \"Turn the key\" within 10m else { stop \"not done\" }\n",
    );
    let chat = || std::fs::read_to_string(shell.path().join("chat.txt")).unwrap_or_default();
    shell.rbl("run a.rb --no-input").code(5);
    let question: Value = serde_json::from_str(chat().trim()).unwrap();
    assert_eq!((&question["kind"], &question["asks"]), (&json!("instruction"), &json!("Turn the key")));
    assert_eq!(question["by"], Value::Null, "the owner is asked, and anybody may do it");
    shell.rbl("answer last done").code(0);
    assert_eq!(chat().lines().count(), 1);
}

/// Two people read the message; the second one is late, and approves nothing that the run asks by then.
#[test]
fn the_command_of_a_message_answers_no_later_question() {
    let shell = Shell::new();
    shell.write("chat.sh", CHAT);
    shell.write("rbl.toml", DBA);
    shell.write(
        "a.rb",
        "runbook \"A\"\nowner \"dba\"\ncheck \"Is it real?\" else { stop \"no\" }\n\
         check \"May it be deleted?\" else { stop \"no\" }\naction `touch deleted`\n",
    );
    let command = |message: usize| {
        let chat = std::fs::read_to_string(shell.path().join("chat.txt")).unwrap();
        let asked: Value = serde_json::from_str(chat.lines().nth(message).unwrap()).unwrap();
        let answer = asked["answer"].as_str().unwrap().replace("'yes|no'", "yes");
        format!("{} --no-input", answer.strip_prefix("rbl ").unwrap())
    };
    shell.rbl("run a.rb --no-input").code(5);
    shell.rbl(&format!("{} --as ana", command(0))).code(5);
    let refused = shell.rbl(&format!("{} --as cy", command(0))).code(2).err;
    assert!(refused.contains("answered by ana at "), "{refused}");
    let refused = shell.rbl("answer last yes --question 99 --no-input").code(2).err;
    assert!(refused.contains("does not ask the question `99` now"), "{refused}");
    assert!(!shell.path().join("deleted").exists());
    shell.rbl(&command(1)).code(0);
    assert!(shell.path().join("deleted").exists());
}

#[test]
fn a_question_that_is_answered_at_a_terminal_is_brought_to_nobody() {
    let shell = Shell::new();
    shell.write("chat.sh", CHAT);
    shell.write("rbl.toml", DBA);
    shell.write(
        "a.rb",
        "runbook \"A\"\nowner \"dba\"\ncheck \"Is it well?\" by \"dba\" else { stop \"no\" }\n",
    );
    let Some(mut ben) = AtTerminal::start(&shell, "run a.rb --as ben") else { return };
    // Who started it does not approve it: it is brought to the others.
    ben.child.wait().unwrap();
    assert!(ben.screen().contains("ben started this run and cannot approve it"), "{}", ben.screen());
    let chat = || std::fs::read_to_string(shell.path().join("chat.txt")).unwrap_or_default();
    assert_eq!(chat().lines().count(), 1);
    let mut cy = AtTerminal::start(&shell, "resume last --as cy").unwrap();
    cy.until("Is it well?");
    cy.type_line("y");
    cy.child.wait().unwrap();
    assert_eq!(chat().lines().count(), 1);
    assert_eq!(shell.rbl("runs --format json").json()[0]["state"], "resolved");
    std::fs::remove_file(shell.path().join("chat.txt")).unwrap();
    shell.write("b.rb", "runbook \"B\"\nowner \"dba\"\ncheck \"Is it well?\" else { stop \"no\" }\n");
    let mut ana = AtTerminal::start(&shell, "run b.rb --as ana").unwrap();
    ana.until("Is it well?");
    ana.type_line("y");
    ana.child.wait().unwrap();
    assert_eq!(chat(), "");
}

#[test]
fn s13_two_members_have_to_approve_and_one_refusal_refuses() {
    let bench = bench(&DBA.replace("asks = ", "quorum = 2\nasks = "));
    let [ana, ben, cy, dan] = ["ana", "ben", "cy", "ana2"].map(|name| {
        let who = if name == "ana2" { "ana" } else { name };
        token(&bench, &format!("{name} --may look,answer,start --person {who}"))
    });
    let machine = token(&bench, "ci --may look,answer");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let first = run(&bench);
    assert_eq!(answer(&bench, &machine, &first, "yes").0, 403);
    let (code, taken) = answer(&bench, &ana, &first, "yes");
    assert_eq!((code, &taken["waits"]), (200, &json!("1 of 2 have approved: ana")));
    // Also in the moment when the server takes note of an answer the question is open.
    for _ in 0..40 {
        let (_, one) = call(&bench, &ana, &format!("GET /runs/{first}"), None);
        let question = &one["questions"][0];
        assert_eq!(question["quorum"], json!({"needs": 2, "approved": ["ana"]}), "{one}");
        assert!(question["until"].is_string(), "{one}");
    }
    for again in [&ana, &dan] {
        let (code, refused) = answer(&bench, again, &first, "yes");
        assert_eq!(code, 409, "one of each person: {refused}");
    }
    let waits = || bench.runs()[0]["waits_for"].as_str().unwrap_or_default().to_owned();
    bench.until("the list says who has approved", || waits().contains("1 of 2 have approved: ana"));
    assert!(bench.read("done").is_empty());
    assert_eq!(answer(&bench, &cy, &first, "not sure").0, 200, "others can still approve");
    let (code, taken) = answer(&bench, &ben, &first, "yes");
    assert_eq!((code, &taken["waits"]), (200, &Value::Null));
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    let shown = bench.shell.rbl(&format!("show {first}")).out;
    assert!(shown.contains("ana and ben"), "{shown}");
    bench.shell.rbl(&format!("replay {first}")).code(0);

    fire(&bench, "2");
    bench.until_states(&["resolved", "waiting"]);
    let second = bench.runs()[1]["run"].as_str().unwrap().to_owned();
    assert_eq!(answer(&bench, &ana, &second, "yes").0, 200);
    bench.until("it waits again", || bench.states() == ["resolved", "waiting"]);
    assert_eq!(answer(&bench, &ben, &second, "no").0, 200);
    bench.until_states(&["resolved", "resolved"]);
    assert_eq!(bench.read("done"), "x\n", "one refusal refuses");
}

#[test]
fn s13_nobody_approves_what_they_started() {
    let bench = bench(DBA);
    let (ana, ben) = (person(&bench, "ana"), person(&bench, "ben"));
    let _server = bench.start();
    let start = || {
        call(&bench, &ana, "POST /runs", Some(json!({"file": "a.rb"}))).1["run"].as_str().unwrap().to_owned()
    };
    let first = start();
    bench.until_states(&["waiting"]);
    let (code, refused) = answer(&bench, &ana, &first, "yes");
    assert_eq!(code, 403);
    assert_eq!(refused["error"], "ana started this run and cannot approve it: ben, cy can");
    assert_eq!(answer(&bench, &ben, &first, "yes").0, 200);
    bench.until_states(&["resolved"]);
    let second = start();
    bench.until_states(&["resolved", "waiting"]);
    assert_eq!(answer(&bench, &ana, &second, "no").0, 200, "who started it may refuse");
    bench.until_states(&["resolved", "resolved"]);
    assert_eq!(bench.read("done"), "x\n");
}

#[test]
fn past_a_server_what_is_asked_of_a_team_needs_a_broken_glass() {
    let bench = bench(DBA);
    let server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["waiting"]);
    let refused = bench.shell.rbl("answer last yes --as ana").code(2);
    assert!(refused.err.contains("--break-glass REASON"), "{refused:?}");
    let nobody = bench.shell.rbl("answer last yes --as eve --break-glass night").code(2);
    assert!(nobody.err.contains("only ana, ben, cy can answer this"), "{nobody:?}");
    bench.shell.rbl("answer last yes --as ana --break-glass network-down").code(0);
    bench.until_states(&["resolved"]);
    let shown = bench.shell.rbl("show last").out;
    let words: Vec<&str> = shown.split_whitespace().collect();
    assert!(words.join(" ").contains("broke the glass: network-down"), "{shown}");
    drop(server);
    // Without a server there is no glass.
    bench.shell.rbl("run a.rb --no-input --as ben").code(5);
    let needless = bench.shell.rbl("answer last no --as ana --break-glass x").code(2);
    assert!(needless.err.contains("no server executes"), "{needless:?}");
    bench.shell.rbl("answer last no --as ana").code(0);
}

#[test]
fn beyond_at_most_one_page_says_that_others_are_held() {
    let bench = ServerBench::new("", "");
    let config = bench.read("rbl.toml").replace("[teams.ops]\n", "[teams.ops]\nat_most = \"2 in 1h\"\n");
    bench.shell.write("rbl.toml", config);
    bench.runbook("a.rb", "\"A\"", "stop \"no good\"");
    let _server = bench.start();
    for number in 1..=5 {
        fire(&bench, &number.to_string());
        bench.until_states(&vec!["escalated"; number]);
    }
    let pages = bench.pages();
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert_eq!(pages[1], "no good");
    let said = "no good (ops was paged 2 times within 1h: further pages are held for 1h;";
    assert!(pages[2].starts_with(said), "{}", pages[2]);
    let shown = bench.shell.rbl("show last").out;
    assert!(shown.contains("held: ops was paged 2 times within 1h"), "{shown}");
}

#[test]
fn a_team_that_cannot_be_paged_has_a_fallback() {
    let bench = ServerBench::new("", &format!("[teams]\nfallback = \"lead\"{LEAD}"));
    let config = bench.read("rbl.toml").replacen("\"page.sh\"", "\"none.sh\"", 1);
    bench.shell.write("rbl.toml", config);
    bench.runbook("a.rb", "\"A\"", "stop \"no good\"");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["escalated"]);
    let pages = lines(&bench, "pages.txt");
    assert_eq!((pages.len(), &pages[0]["team"]), (1, &json!("lead")));
    let reason = pages[0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("ops could not be paged (") && reason.ends_with(": no good"), "{reason}");
}

#[test]
fn what_the_server_cannot_take_pages_the_fallback_team_once() {
    let bench = ServerBench::new("body = \"2KiB\"", &format!("[teams]\nfallback = \"lead\"{LEAD}"));
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let _server = bench.start();
    let large: Vec<String> = (0..50).map(|it| alert("A", "firing", "", &it.to_string(), T)).collect();
    for _ in 0..3 {
        assert_eq!(bench.deliver(&delivery(&large)).unwrap().0, 413);
    }
    bench.until("the fallback is paged", || !bench.pages().is_empty());
    fire(&bench, "1");
    bench.until_states(&["resolved"]);
    let pages = bench.pages();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(pages[0].contains("larger than 2048 bytes and is lost (413)"), "{pages:?}");
}

/// Alertmanager says how many alerts it left out (`max_alerts`): these never come in.
#[test]
fn alerts_that_a_sender_leaves_out_page_the_fallback_team() {
    let bench = ServerBench::new("", &format!("[teams]\nfallback = \"lead\"{LEAD}"));
    bench.runbook("a.rb", "\"A\"", "resolve \"done\"");
    let _server = bench.start();
    let whole = delivery(&[alert("A", "firing", "", "1", T)]);
    let cut = whole.replacen('{', "{\"truncatedAlerts\": 5, ", 1);
    for _ in 0..2 {
        bench.delivered(&cut);
    }
    bench.until_states(&["resolved"]);
    bench.until("the fallback is paged", || !bench.pages().is_empty());
    let pages = bench.pages();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(pages[0].contains("left 5 alerts out of a delivery"), "{pages:?}");
    assert!(pages[0].contains("max_alerts"), "{pages:?}");
}

/// Further alerts of an episode, and their ends, become part of the run, and its end names those that came too late.
#[test]
fn s4_a_run_hears_of_the_alerts_that_join_it() {
    let bench = ServerBench::new("", "");
    let body = "action `echo x >> done`\nwait until `test -e go` within 5m every 1s\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\" by cluster", body);
    let server = bench.start();
    let of = |host: &str, status: &str, fingerprint: &str| {
        alert("A", status, &format!("\"cluster\":\"eu\",\"host\":\"{host}\""), fingerprint, T)
    };
    bench.delivered(&delivery(&[of("db-1", "firing", "1")]));
    bench.until("it has acted", || !bench.read("done").is_empty());
    bench.delivered(&delivery(&[of("db-2", "firing", "2")]));
    bench.delivered(&delivery(&[of("db-1", "resolved", "1")]));
    bench.until_settled();
    bench.shell.write("go", "");
    bench.until_states(&["resolved"]);
    drop(server);
    let shown = bench.shell.rbl("show last").out;
    let joined =
        shown.lines().find(|line| line.contains("joined") && line.contains("alert A")).unwrap_or_default();
    assert!(joined.contains("cluster=eu, host=db-2"), "{shown}");
    assert!(shown.contains("after the first action"), "{shown}");
    let resolved = |line: &str| line.contains("resolved") && line.contains("alert A (cluster=eu, host=db-1)");
    assert!(shown.lines().any(resolved), "{shown}");
    let message = bench.runs()[0]["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with("; A (cluster=eu, host=db-2) joined after the first action"), "{message}");
    bench.shell.rbl("show last --verify").code(0);
    bench.shell.rbl("replay last").code(0);
}

/// A run of another rbl is executed by nobody: its owner is paged, once.
#[test]
fn what_nobody_can_execute_pages_the_owner() {
    let mut bench = bench(DBA);
    bench.shell = bench.shell.env("RBL_UNCLAIMED_AFTER", "300");
    bench.shell.rbl("run a.rb --no-input").code(5);
    let journal = bench.journal();
    assert_eq!(journal.execute("UPDATE run SET language = 99, due = 0", []).unwrap(), 1);
    drop(journal);
    let server = bench.start();
    bench.until("the owner is paged", || !bench.pages().is_empty());
    let _ = server.get("/-/healthy");
    std::thread::sleep(std::time::Duration::from_secs(1));
    let pages = bench.pages();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(pages[0].contains("is due, and nobody can execute it"), "{pages:?}");
}

/// Two runbooks may be shown alike: the owner of the one that the server has does not own the other.
#[test]
fn what_nobody_can_execute_pages_no_owner_of_another_runbook() {
    let mut bench = bench(&format!("{DBA}{LEAD}"));
    bench.shell = bench.shell.env("RBL_UNCLAIMED_AFTER", "300");
    bench.shell.write(
        "other/a.rb",
        "runbook \"Other\"\nowner \"lead\"\nif \"Is it real?\" { record \"x\" }\nresolve \"done\"\n",
    );
    let mut command = bench.shell.command("run a.rb --no-input");
    let ended = command.current_dir(bench.shell.path().join("other")).output().unwrap();
    assert_eq!(ended.status.code(), Some(5), "{ended:?}");
    assert_eq!(bench.runs()[0]["file"], "a.rb", "as that of the server");
    let journal = bench.journal();
    assert_eq!(journal.execute("UPDATE run SET language = 99, due = 0", []).unwrap(), 1);
    drop(journal);
    let _server = bench.start();
    bench.until("somebody is paged", || !bench.pages().is_empty());
    let page = lines(&bench, "pages.txt").remove(0);
    assert_eq!(page["team"], "lead", "{page}");
}
