//! The kind `exec`: programs that act, page and post, and programs that break every rule.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{everything, flat, run};
use crate::cli::shell::Shell;

const TEAM: &str =
    "[teams.db]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\ntimeout = \"20s\"\noutput = \"1kB\"\n";
const PAGE: &str = "escalate to \"db\" because \"the pool is full\" else { \"nobody was reached\" }";

fn question(shell: &Shell) -> Value {
    serde_json::from_str(&std::fs::read_to_string(shell.path().join("question.json")).unwrap()).unwrap()
}

#[test]
fn a_program_pages_a_team() {
    let shell = Shell::new();
    shell.write(
        "it.sh",
        "cat > question.json; echo '{\"delivered\": true, \"by\": \"the pager\", \"reference\": \"PG-17\"}'",
    );
    let body =
        format!("severity \"sev2\"\nlink \"Graphs\" \"https://g.example\"\n\n\"Looked at it\"\n{PAGE}");
    let ended = run(&shell, TEAM, &body).code(4);
    assert!(flat(&ended).contains("the pager (PG-17)"), "{}", ended.out);
    let asked = question(&shell);
    assert_eq!((&asked["rbl"], &asked["ask"], &asked["team"]), (&1.into(), &"page".into(), &"db".into()));
    assert_eq!((&asked["reason"], &asked["runbook"]), (&"the pool is full".into(), &"It".into()));
    assert_eq!(
        (&asked["severity"], &asked["links"][0]["url"]),
        (&"sev2".into(), &"https://g.example".into())
    );
    assert!(asked["story"].to_string().contains("Looked at it"), "{asked}");
    assert!(asked["key"].as_str().unwrap().starts_with(asked["run"].as_str().unwrap()), "{asked}");
}

#[test]
fn a_program_posts_a_record_to_the_default_channel_too() {
    let shell = Shell::new();
    shell.write("it.sh", "cat >> questions; echo '{\"delivered\": true}'");
    let configuration = "[channels]\ndefault = \"incidents\"\n[channels.incidents]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\n[channels.other]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\n";
    let ended = run(&shell, configuration, "record \"first\"\nrecord \"second\" to \"other\"").code(0);
    let questions = std::fs::read_to_string(shell.path().join("questions")).unwrap();
    let asked: Vec<Value> = questions.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = asked.iter().map(|it| (it["channel"].as_str(), it["text"].as_str())).collect();
    assert_eq!(said, [(Some("incidents"), Some("first")), (Some("other"), Some("second"))], "{}", ended.out);
    assert!(asked.iter().all(|it| it["ask"] == "record" && it["runbook"] == "It"));
    assert_ne!(asked[0]["key"], asked[1]["key"]);
}

#[test]
fn a_program_acts() {
    let shell = Shell::new();
    shell.write("it.sh", "cat > question.json; echo '{\"ok\": true, \"output\": {\"job\": 17}}'");
    let configuration = "[executors.jobs]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\n";
    let body = "define restart(service, grace) as jobs \"restart #{service} now\"\n\naction restart(\"api; x\", 30s) within 5s as it\n\"job #{it.json.job}, #{it.text}\"";
    let ended = run(&shell, configuration, body).code(0);
    assert!(flat(&ended).contains("job 17, {\"job\":17}"), "{}", ended.out);
    let asked = question(&shell);
    assert_eq!((&asked["ask"], &asked["reference"]), (&"act".into(), &"restart api; x now".into()));
    assert_eq!(asked["pieces"][1]["value"], "api; x");
    assert_eq!(asked["arguments"], serde_json::json!({ "service": "api; x", "grace": 30 }));
    assert_eq!((&asked["action"], &asked["attempt"]), (&"restart".into(), &1.into()));
    assert_eq!(asked["within"], 5.0);
    assert!(asked["key"].as_str().unwrap().starts_with(asked["run"].as_str().unwrap()), "{asked}");
}

/// Everything that a program can do wrong, by its last words; each takes `else`, and none hangs.
#[test]
fn what_a_program_does_wrong_takes_else() {
    for (script, page, act) in [
        ("echo first >&2; echo 'no such job' >&2; exit 3", "sh ended with exit code 3: no such job", None),
        ("kill -9 $$", "sh was ended by signal 9", None),
        ("echo garbage", "sh did not answer with one JSON object", None),
        (
            "echo '{\"ok\": true, \"ok\": false}'",
            "sh answered with JSON in which the key `ok` is there twice",
            None,
        ),
        ("echo '<html>'", "sh did not answer with one JSON object", None),
        ("true", "sh answered with nothing", None),
        ("yes", "sh printed more than 1000 bytes", None),
        ("echo why >&2; sleep 60", "no answer from sh within 2s: why", None),
        ("echo '{\"error\": \"the pager is down\"}'", "the pager is down", None),
        (
            "echo '{\"delivered\": false}'",
            "sh did not answer `\"delivered\": true`",
            Some("sh did not answer `\"ok\": true`"),
        ),
        (
            "echo '{\"ok\": \"yes\"}'",
            "sh did not answer `\"delivered\": true`",
            Some("sh did not answer `\"ok\": true`"),
        ),
    ] {
        let shell = Shell::new();
        shell.write("it.sh", script);
        // The one that does not answer has to have been started all the same.
        let team = if script.contains("sleep") { TEAM.replace("20s", "2s") } else { TEAM.to_owned() };
        let executor = team.replace("teams.db", "executors.jobs");
        let begun = Instant::now();
        let body = format!(
            "define restart() as jobs \"restart\"\n\naction restart() within 20s else {{ \"it was not restarted\" }}\n{PAGE}"
        );
        let ended = run(&shell, &format!("{team}{executor}"), &body);
        let story = flat(&ended);
        for words in [page, act.unwrap_or(page), "nobody was reached", "it was not restarted"] {
            assert!(story.contains(words), "{script}: {words}\n{}", ended.out);
        }
        assert!(begun.elapsed() < Duration::from_secs(40), "{script}: {:?}", begun.elapsed());
    }
    let shell = Shell::new();
    let gone = TEAM.replace("/bin/sh", "./gone");
    let ended = run(&shell, &gone, PAGE);
    let story = flat(&ended);
    assert!(story.contains("./gone: no such program") && !story.contains("may have been"), "{}", ended.out);
}

/// A program that died, or whose answer is not understood, may have sent or done it all the same.
#[test]
fn what_is_unclear_is_said_to_be_so() {
    let channel = TEAM.replace("teams.db", "channels.incidents");
    let executor = TEAM.replace("teams.db", "executors.jobs");
    let configuration = format!("{TEAM}{channel}{executor}");
    let body = format!(
        "define restart() as jobs \"restart\"\n\naction restart() within 20s else {{ \"it was not restarted\" }}\nrecord \"x\" to \"incidents\"\n{PAGE}"
    );
    for (script, unclear) in [
        ("kill -9 $$", true),
        ("echo garbage", true),
        ("true", true),
        ("yes", true),
        ("sleep 60", true),
        ("echo '{\"ok\": \"yes\"}'", true),
        ("echo '{\"ok\": false, \"delivered\": false}'", false),
        ("echo '{\"error\": \"the pager is down\"}'", false),
        ("exit 3", false),
    ] {
        let shell = Shell::new();
        shell.write("it.sh", script);
        // One that only sleeps need not have come so far.
        let short = configuration.replace("20s", "700ms");
        let ended = run(&shell, if script == "sleep 60" { &short } else { &configuration }, &body);
        let story = flat(&ended);
        assert_eq!(story.contains("may have been done: "), unclear, "{script}: {}", ended.out);
        assert_eq!(story.matches("may have been sent: ").count() > 1, unclear, "{script}: {}", ended.out);
    }
}

#[test]
fn a_program_that_outlives_its_action_may_have_done_it() {
    let shell = Shell::new();
    shell.write("it.sh", "setsid sleep 300 & echo $! > child; wait");
    let configuration = "[executors.jobs]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\n";
    let body = "define restart() as jobs \"restart\"\n\naction restart() within 3s else { \"given up\" }";
    let ended = run(&shell, configuration, body).code(0);
    assert!(flat(&ended).contains("timed out after 3s, may have been done: sh was stopped"), "{}", ended.out);
    let child = std::fs::read_to_string(shell.path().join("child")).unwrap();
    let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "{state}");
}

/// The time of the action is up: the program ends with everything it started, before the run continues.
#[test]
fn a_program_that_hangs_is_ended_with_its_group() {
    let shell = Shell::new();
    shell.write("it.sh", "sleep 300 & echo $! > child; wait");
    let configuration = "[executors.jobs]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\n";
    let body = "define restart() as jobs \"restart\"\n\naction restart() within 3s else {\n  if `grep -qv ') Z ' /proc/$(cat child)/stat` { \"it lives on\" } else { \"it is gone\" } unknown { \"it is gone\" }\n}";
    let ended = run(&shell, configuration, body).code(0);
    assert!(flat(&ended).contains("timed out after 3s"), "{}", ended.out);
    assert!(flat(&ended).contains("it is gone"), "{}", ended.out);
}

#[test]
fn secrets_of_the_runbook_and_of_the_configuration_never_show() {
    let shell = Shell::new().env("API_TOKEN", "hunter-one-1").env("PAGER_KEY", "hunter-two-2");
    shell.write(
        "it.sh",
        "cat > question.json; echo \"leak $PAGER_KEY\" >&2; grep -q hunter-one question.json && echo got-it >&2\n\
         case $1 in ok) echo \"{\\\"ok\\\": true, \\\"output\\\": \\\"out $PAGER_KEY hunter-one-1\\\", \\\"delivered\\\": true, \\\"by\\\": \\\"by $PAGER_KEY\\\"}\";; *) exit 4;; esac",
    );
    let section = |name: &str, ok: &str| {
        format!(
            "[{name}]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\", \"{ok}\"]\nenvironment = {{ PAGER_KEY = {{ env = \"PAGER_KEY\" }} }}\n"
        )
    };
    for ok in ["ok", "no"] {
        let configuration =
            [section("executors.jobs", ok), section("teams.db", ok), section("channels.c", ok)];
        let body = format!(
            "secret token from env \"API_TOKEN\"\ndefine restart(it) as jobs \"restart #{{it}}\"\n\naction restart(token) within 5s as done else {{ \"not done\" }}\nrecord \"x\" to \"c\"\n{PAGE}"
        );
        let ended = run(&shell, &configuration.concat(), &body);
        let asked = std::fs::read_to_string(shell.path().join("question.json")).unwrap();
        assert!(asked.contains("page"), "{asked}");
        let all = everything(&shell, &ended);
        assert!(!all.contains("hunter-"), "{ok}: {}{}", ended.out, ended.err);
        assert!(ended.out.contains("•••"), "{ok}: {}", ended.out);
    }
}
