//! What changes around a run while it waits: its team, its configuration, its runbook, the clock.

use serde_json::{Value, json};

use super::api::{call, fire, token};
use super::{ServerBench, alert, delivery};
use crate::cli::shell::Shell;
use crate::support::at_terminal::AtTerminal;

const T: &str = "2026-11-29T03:00:00Z";

const ASKS: &str = "check \"Is it real?\" by \"dba\" within 20m else { stop \"no\" }\naction `echo x >> done`\nresolve \"done\"";

/// `dba`, with two members, and `lead`, which is paged where the server cannot work.
const TEAMS: &str = "[teams]\nfallback = \"lead\"\n[teams.lead]\ntype = \"exec\"\ncommand = [\"sh\", \"page.sh\"]\n\
                     [people.ana]\n[people.cy]\n[teams.dba]\ntype = \"terminal\"\nmembers = [\"ana\"]\n";

/// A server with a run that asks `dba`, and the id of the run.
fn asking(bench: &ServerBench) -> String {
    fire(bench, "1");
    bench.until_states(&["waiting"]);
    bench.runs()[0]["run"].as_str().unwrap().to_owned()
}

fn open(bench: &ServerBench, token: &str, run: &str) -> Value {
    call(bench, token, &format!("GET /runs/{run}"), None).1["questions"][0]["question"].clone()
}

fn answer(bench: &ServerBench, token: &str, run: &str, question: &Value, answer: &str) -> (u16, Value) {
    let body = json!({"question": question, "answer": answer});
    call(bench, token, &format!("POST /runs/{run}/answer"), Some(body))
}

/// A team that is taken out of the configuration lets nobody in: it is not known any more who is in it.
#[test]
fn what_is_asked_of_a_team_that_is_gone_is_answered_by_nobody() {
    let bench = ServerBench::new("", TEAMS);
    bench.runbook("a.rb", "\"A\"", ASKS);
    let people =
        ["ana", "cy"].map(|name| token(&bench, &format!("{name} --may look,answer --person {name}")));
    let _server = bench.start();
    let run = asking(&bench);
    let question = open(&bench, &people[0], &run);
    let configuration = bench.read("rbl.toml");
    bench.shell.write("rbl.toml", configuration.replace("[teams.dba]", "[teams.dbas]"));
    for person in &people {
        let (code, said) = answer(&bench, person, &run, &question, "yes");
        assert_eq!(code, 403, "{said}");
        assert_eq!(
            said["error"],
            "only dba can answer this, and no such team is configured: nobody is known to be in it"
        );
        assert!(said["help"].as_str().unwrap().starts_with("put `[teams.dba]` back into rbl.toml"), "{said}");
    }
    bench.shell.write("rbl.toml", configuration);
    assert_eq!(answer(&bench, &people[1], &run, &question, "yes").0, 403, "no member");
    assert_eq!(answer(&bench, &people[0], &run, &question, "yes").0, 200);
    bench.until_states(&["resolved"]);
}

/// Whatever becomes of the configuration while the run waits: as long as it is not known who is in the team, nobody answers for it.
#[test]
fn what_is_asked_of_a_team_whose_members_are_not_known_any_more_is_answered_by_nobody() {
    let bench = ServerBench::new("", TEAMS);
    bench.runbook("a.rb", "\"A\"", ASKS);
    bench.runbook("b.rb", "\"B\"", "if \"And this?\" by \"lead\" { record \"x\" }\nresolve \"done\"");
    let people =
        ["ana", "cy"].map(|name| token(&bench, &format!("{name} --may look,answer --person {name}")));
    let _server = bench.start();
    let run = asking(&bench);
    bench.delivered(&delivery(&[alert("B", "firing", "", "2", T)]));
    bench.until_states(&["waiting", "waiting"]);
    let open_run = bench.runs()[1]["run"].as_str().unwrap().to_owned();
    let question = open(&bench, &people[0], &run);
    let configuration = bench.read("rbl.toml");
    let path = bench.shell.path().join("rbl.toml");
    let no_team = "only dba can answer this, and no such team is configured: nobody is known to be in it";
    let no_members =
        "only dba can answer this, and it has no `members` any more: nobody is known to be in it";
    for (changed, error) in [
        (Some(String::new()), no_team),
        (None, no_team),
        (Some(configuration.replace("[teams.dba]\ntype = \"terminal\"\nmembers = [\"ana\"]\n", "")), no_team),
        (Some(configuration.replace("members = [\"ana\"]\n", "")), no_members),
        (Some(configuration.replace("members = [\"ana\"]", "members = []")), no_members),
    ] {
        match &changed {
            Some(text) => drop(bench.shell.write("rbl.toml", text)),
            None => std::fs::remove_file(&path).unwrap(),
        }
        for person in &people {
            let (code, said) = answer(&bench, person, &run, &question, "yes");
            assert_eq!((code, said["error"].as_str()), (403, Some(error)), "{changed:?}");
            let help = said["help"].as_str().unwrap();
            assert!(help.contains("`[teams.dba]`") && help.contains("rbl abort"), "{help}");
        }
        // Nor past the server, whatever the reason.
        let refused = bench.shell.rbl(&format!("answer {run} yes --as ana --break-glass x")).code(2).err;
        assert!(refused.contains(error), "{refused}");
    }
    // One that cannot be read says nothing about anybody.
    bench.shell.write("rbl.toml", format!("{configuration}\nnonsense = ["));
    let (code, said) = answer(&bench, &people[0], &run, &question, "yes");
    assert_eq!(code, 503, "{said}");
    // A team that never had members restricts nobody, as before.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(bench.states(), ["waiting", "waiting"]);
    let other = open(&bench, &people[1], &open_run);
    assert_eq!(answer(&bench, &people[1], &open_run, &other, "yes").0, 200);
    bench.shell.write("rbl.toml", configuration);
    assert_eq!(answer(&bench, &people[1], &run, &question, "yes").0, 403, "no member");
    assert_eq!(answer(&bench, &people[0], &run, &question, "yes").0, 200);
    bench.until_states(&["resolved", "resolved"]);
    assert_eq!(bench.read("done"), "x\n");
}

/// Nor does whoever resumes the run at a terminal, which is where the question is asked then.
#[test]
fn nobody_answers_at_a_terminal_for_a_team_whose_members_are_not_known_any_more() {
    let shell = Shell::new();
    shell.write("rbl.toml", "[teams.dba]\ntype = \"terminal\"\nmembers = [\"ana\"]\n");
    shell.write("a.rb", "runbook \"A\"\ncheck \"Is it well?\" by \"dba\" else { stop \"no\" }\n");
    shell.rbl("run a.rb --no-input --as bo").code(5);
    std::fs::remove_file(shell.path().join("rbl.toml")).unwrap();
    let Some(mut ana) = AtTerminal::start(&shell, "resume last --as ana") else { return };
    ana.child.wait().unwrap();
    assert!(ana.screen().contains("none are known now"), "{}", ana.screen());
    assert_eq!(shell.rbl("runs --format json").json()[0]["state"], "waiting");
    let refused = shell.rbl("answer last yes --as ana").code(2).err;
    assert!(refused.contains("only dba can answer this, and no such team is configured"), "{refused}");
}

/// Whoever is taken out of `[people]` is nobody any more, also for a team without a list of members.
#[test]
fn a_person_who_is_gone_answers_for_no_team() {
    let bench = ServerBench::new("", TEAMS);
    bench.runbook("b.rb", "\"A\"", "if \"And this?\" by \"lead\" { record \"x\" }\nresolve \"done\"");
    let people =
        ["ana", "cy"].map(|name| token(&bench, &format!("{name} --may look,answer --person {name}")));
    let _server = bench.start();
    let run = asking(&bench);
    let question = open(&bench, &people[0], &run);
    let configuration = bench.read("rbl.toml");
    bench.shell.write("rbl.toml", configuration.replace("[people.cy]\n", ""));
    let (code, said) = answer(&bench, &people[1], &run, &question, "yes");
    assert_eq!(code, 403, "{said}");
    assert_eq!(said["error"], "there is nobody `cy` in `[people]` of rbl.toml any more");
    assert_eq!(answer(&bench, &people[0], &run, &question, "yes").0, 200);
    bench.until_states(&["resolved"]);
}

/// One approval of two is not enough because nobody knows any more how many it takes; and a page is acknowledged by a member.
#[test]
fn a_quorum_and_a_page_outlive_the_configuration_of_their_team() {
    let teams = TEAMS.replace("members = [\"ana\"]", "members = [\"ana\", \"cy\"]\nquorum = 2")
        + "[teams.pager]\ntype = \"exec\"\ncommand = [\"sh\", \"page.sh\"]\nmembers = [\"ana\"]\n";
    let bench = ServerBench::new("", &teams);
    let asks = "check \"Is it real?\" by \"dba\" within 20m else { stop \"no\" }\naction `echo x >> done`\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", asks);
    let pages = "escalate to \"pager\" because \"look\" acknowledged within 20m else { record \"nobody\" }\nresolve \"seen\"";
    bench.runbook("b.rb", "\"B\"", pages);
    let people =
        ["ana", "cy"].map(|name| token(&bench, &format!("{name} --may look,answer --person {name}")));
    let server = bench.start();
    let run = asking(&bench);
    bench.delivered(&delivery(&[alert("B", "firing", "", "2", T)]));
    bench.until("the page is sent", || !bench.pages().is_empty());
    bench.until_states(&["waiting", "waiting"]);
    let page_run = bench.runs()[1]["run"].as_str().unwrap().to_owned();
    let question = open(&bench, &people[0], &run);
    let (code, said) = answer(&bench, &people[0], &run, &question, "yes");
    assert_eq!((code, said["waits"].as_str()), (200, Some("1 of 2 have approved: ana")));
    let configuration = bench.read("rbl.toml");
    std::fs::remove_file(bench.shell.path().join("rbl.toml")).unwrap();
    let acknowledge = |token: &str| call(&bench, token, &format!("POST /runs/{page_run}/acknowledge"), None);
    for person in &people {
        let (code, said) = acknowledge(person);
        assert_eq!(code, 403, "{said}");
        assert!(said["error"].as_str().unwrap().starts_with("only pager can answer this"), "{said}");
    }
    let (_, shown) = call(&bench, &people[0], &format!("GET /runs/{run}"), None);
    assert_eq!(shown["questions"][0]["quorum"], json!({"needs": 2, "approved": ["ana"]}), "{shown}");
    // Whoever resumes it meanwhile takes the one approval for none.
    server.stop();
    bench.shell.rbl(&format!("resume {run} --no-input")).code(5);
    assert_eq!(bench.read("done"), "");
    bench.shell.write("rbl.toml", configuration);
    let _server = bench.start();
    assert_eq!(acknowledge(&people[1]).0, 403, "no member");
    assert_eq!(acknowledge(&people[0]).0, 202);
    assert_eq!(answer(&bench, &people[1], &run, &question, "yes").0, 200);
    bench.until_states(&["resolved", "resolved"]);
    assert_eq!(bench.read("done"), "x\n");
}

/// A file that is renamed while its alert fires starts nothing again, whether a server sees it happen or the next one finds it so.
#[test]
fn a_renamed_runbook_is_not_started_again_for_its_alert() {
    let bench = ServerBench::new("", TEAMS);
    bench.runbook("a.rb", "\"A\"", "action `echo x >> done`\nresolve \"done\"");
    let rename = |from: &str, to: &str| {
        let folder = bench.shell.path();
        let to = folder.join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(folder.join(from), to).unwrap();
    };
    let server = bench.start();
    fire(&bench, "1");
    bench.until_states(&["resolved"]);
    rename("a.rb", "b.rb");
    bench.until("the server has seen it", || bench.log().contains("a runbook was renamed"));
    fire(&bench, "1");
    bench.until_settled();
    server.stop();
    rename("b.rb", "disks/a.rb");
    let _server = bench.start();
    fire(&bench, "1");
    bench.until_settled();
    assert_eq!((bench.states(), bench.read("done")), (vec!["resolved".to_owned()], "x\n".to_owned()));
    // The next alert starts it under its new name.
    fire(&bench, "2");
    bench.until_states(&["resolved", "resolved"]);
    assert!(bench.runs()[1]["file"].as_str().unwrap().ends_with("disks/a.rb"), "{:?}", bench.runs());
}

/// A configuration with mistakes stops every run at its next turn: somebody hears of it, once for all of them.
#[test]
fn a_configuration_that_cannot_be_read_any_more_pages_the_fallback_team() {
    let mut bench = ServerBench::new("", TEAMS);
    bench.shell = bench.shell.env("RBL_UNCLAIMED_AFTER", "300");
    bench.runbook("a.rb", "\"A\"", "action `echo x >> done`\nresolve \"done\"");
    let _server = bench.start();
    let configuration = bench.read("rbl.toml");
    bench.shell.write("rbl.toml", format!("{configuration}\nnonsense = ["));
    let two = [alert("A", "firing", "", "1", T), alert("A", "firing", "", "2", T)];
    bench.delivered(&delivery(&two));
    bench.until("the fallback team is paged", || !bench.pages().is_empty());
    let page = bench.pages().remove(0);
    assert!(page.contains("is due, and cannot be executed: the configuration has mistakes"), "{page}");
    assert_eq!(bench.read("done"), "");
    bench.shell.write("rbl.toml", configuration);
    bench.until_states(&["resolved", "resolved"]);
    assert_eq!((bench.pages().len(), bench.read("done").as_str()), (1, "x\nx\n"));
}

/// A person who answers second reads who was first, also when the run has gone on or ended since.
#[test]
fn an_answer_that_comes_too_late_reads_who_was_first() {
    let bench = ServerBench::new("", TEAMS);
    let body = "if \"Is it real?\" within 20m { record \"yes\" }\nif \"And this?\" within 1s { record \"yes\" } \
                else { record \"no\" } unknown { record \"late\" }\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", body);
    let people =
        ["ana", "cy"].map(|name| token(&bench, &format!("{name} --may look,answer --person {name}")));
    let _server = bench.start();
    let run = asking(&bench);
    let first = open(&bench, &people[0], &run);
    assert_eq!(answer(&bench, &people[0], &run, &json!("nothing"), "yes").0, 409);
    assert_eq!(answer(&bench, &people[0], &run, &first, "yes").0, 200);
    bench.until_states(&["resolved"]);
    let (code, said) = answer(&bench, &people[1], &run, &first, "no");
    let error = said["error"].as_str().unwrap();
    assert_eq!(code, 409);
    let first = format!("too late: the question of run {run} is already answered by ana at 2");
    assert!(error.starts_with(&first), "{error}");
    assert_eq!(said["help"], format!("rbl show {run}"));
    assert!(error.ends_with(": yes"), "{error}");
    // The second question had no answer in time.
    let records = bench.shell.rbl(&format!("show {run} --format json")).code(0).json();
    let second = records.iter().rfind(|it| it["type"] == "intent" && it["intent"]["effect"] == "ask");
    let second = second.unwrap()["seq"].to_string();
    let (code, said) = answer(&bench, &people[1], &run, &json!(second), "no");
    assert_eq!(code, 409);
    let late = format!("too late: the question of run {run} is already closed: no answer within 1s");
    assert_eq!(said["error"], late);
    let (_, said) = answer(&bench, &people[1], &run, &json!("999"), "no");
    assert_eq!(said["error"], format!("run {run} has ended, resolved: there is nothing to answer"));
}

/// An alert that still fires after its run, whose runbook is gone: nobody owns it any more, and it is not the silent end.
#[test]
fn s5_an_alert_whose_runbook_is_gone_pages_the_fallback_team() {
    let bench = ServerBench::new("quiet = \"1s\"", TEAMS);
    let waits = "action `touch begun; until test -f go; do sleep 0.1; done`\nresolve \"done\"";
    bench.runbook("a.rb", "\"A\"", waits);
    let _server = bench.start();
    fire(&bench, "1");
    bench.until("its run acts", || bench.shell.path().join("begun").exists());
    // It is known to be gone before the run ends.
    let reads = || bench.log().matches("of which").count();
    let before = reads();
    std::fs::remove_file(bench.shell.path().join("a.rb")).unwrap();
    bench.until("the runbooks are read again", || reads() > before);
    bench.shell.write("go", "");
    bench.until_states(&["resolved"]);
    bench.until("the fallback team is paged", || !bench.pages().is_empty());
    let page = bench.pages().remove(0);
    assert!(
        page.starts_with("A still fires ") && page.ends_with("and its runbook is not there any more"),
        "{page}"
    );
}

/// A folder of runbooks that is misspelt would be a server without runbooks, which takes every alert and starts nothing.
#[test]
fn a_server_whose_folder_of_runbooks_is_not_there_does_not_start() {
    let bench = ServerBench::new("runbooks = [\"runboks\"]", "");
    let refused = bench.shell.rbl("serve").code(2);
    assert!(refused.err.contains("there is no folder `"), "{}", refused.err);
    assert!(
        refused.err.contains("runboks`") && refused.err.contains("`runbooks` of `[serve]`"),
        "{}",
        refused.err
    );
    let doctor = bench.shell.rbl("doctor");
    assert!((doctor.out + &doctor.err).contains("there is no folder"), "doctor says it too");
}
