//! Texts, lines and the alert through the whole command line: run, plan, replay, as a test, a session, written tests.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::shell::Shell;
use crate::support::{Fake, Response};

const ALERT: &str = include_str!("../run/alert.json");

const RUNBOOK: &str = "runbook \"Errors\"
trigger alert \"HighErrorRate\"
owner \"ops\"
param shard: text
metric leader: text from file \"cluster.json leader\"
metric state: text by node from file \"cluster.json state\"
metric log: lines from file \"app.log\"
step \"Look\" {
  if leader == \"db-1\" and alert.labels.team == \"payments\" {
    record \"#{leader} leads, #{count(log)} lines, shard #{shard}\"
  } else {
    record \"#{leader} leads elsewhere\"
  }
  for each s in state where s != \"up\" up to 3 {
    action `echo fixing #{s.node}`
  }
}
step \"Wait\" {
  wait until not alert.firing within 10m every 1s unknown {
    escalate to owner because \"#{alert.firing}\"
  }
  resolve \"over\"
}
";

/// A folder with the runbook, its files, and an Alertmanager at this address.
fn folder(url: &str) -> Shell {
    let shell = Shell::new();
    shell.write("a.rb", RUNBOOK).write("alert.json", ALERT).write("app.log", "one\ntwo\n");
    shell.write(
        "cluster.json",
        r#"{"leader": "db-1", "state": [{"labels": {"node": "a"}, "value": "down"}]}"#,
    );
    shell.write("rbl.toml", format!("[providers.am]\ntype = \"alertmanager\"\nurl = \"{url}\"\n"));
    shell
}

/// Lists the alert of the body the first times, and then none.
fn alertmanager(times: usize) -> Fake {
    let asked = AtomicUsize::new(0);
    Fake::start(move |request| {
        if !request.starts_with("GET /api/v2/alerts") {
            return Response::json(r#"{"uptime":"2020-01-01T00:00:00Z","versionInfo":{"version":"0.25.0"}}"#);
        }
        if asked.fetch_add(1, Ordering::SeqCst) < times {
            Response::json(r#"[{"labels":{"alertname":"HighErrorRate"},"fingerprint":"85f1adf1ddbda558"}]"#)
        } else {
            Response::json("[]")
        }
    })
}

#[test]
fn a_run_waits_until_the_alert_is_over_and_becomes_a_test() {
    let fake = alertmanager(2);
    let shell = folder(&fake.url());
    let run = shell.rbl("run a.rb --alert alert.json").code(0);
    assert!(run.out.contains("db-1 leads, 2 lines, shard a"), "{}", run.out);
    assert!(run.out.contains("alert.firing = true from am"), "{}", run.out);
    assert!(run.out.contains("alert.firing = false from am"), "{}", run.out);
    shell.rbl("replay last").code(0);
    shell.rbl("show last --verify").code(0);

    let test = shell.rbl("replay last --as-test").code(0);
    for line in [
        "given alert \"HighErrorRate\"",
        "team: \"payments\"",
        "given leader = \"db-1\"",
        "given alert.firing = no",
    ] {
        assert!(test.out.contains(line), "{line}\n{}", test.out);
    }
    shell.write("a_test.rb", format!("tests for \"a.rb\"\n\n{}", test.out));
    let tested = shell.rbl("test a.rb").code(0);
    assert!(tested.out.contains("1 test, 1 run: passed"), "{}", tested.out);
    // The test notices what it should.
    shell.write("a.rb", RUNBOOK.replace("s != \"up\"", "s == \"up\""));
    shell.rbl("test a.rb").code(1);
}

#[test]
fn a_plan_asks_whether_it_fires() {
    let fake = alertmanager(9);
    let shell = folder(&fake.url());
    shell.write("b.rb", "runbook \"b\"\nowner \"ops\"\nif alert.firing { \"it fires\" } else { \"it is over\" }\naction `true`\n");
    let plan = shell.rbl("plan b.rb --alert alert.json").code(0);
    assert!(plan.out.contains("it fires"), "{}", plan.out);
    assert_eq!(fake.requests().len(), 1);
}

#[test]
fn without_an_alertmanager_it_is_unknown() {
    let shell = folder("http://127.0.0.1:1");
    shell.write("a.rb", RUNBOOK.replace("within 10m", "within 1s"));
    shell.write("rbl.toml", "[teams.ops]\ntype = \"terminal\"\n");
    let run = shell.rbl("run a.rb --alert alert.json");
    assert!(run.out.contains("no Alertmanager is configured"), "{}", run.out);
    shell.write(
        "b.rb",
        "runbook \"b\"\nowner \"ops\"\ncheck alert.firing unknown { record \"#{alert.firing}\" }\n",
    );
    let run = shell.rbl("run b.rb").code(0);
    assert!(run.out.contains("no alert started this run"), "{}", run.out);
}

#[test]
fn several_alertmanagers_agree_on_a_no() {
    let (first, second, dead) = (alertmanager(0), alertmanager(9), "http://127.0.0.1:1".to_owned());
    let shell = folder(&first.url());
    shell.write("b.rb", "runbook \"b\"\nowner \"ops\"\nrecord \"firing: #{alert.firing}\"\n");
    for (others, says) in [
        (vec![first.url()], "firing: false"),
        (vec![second.url()], "firing: true"),
        (vec![dead.clone()], "firing: connection refused"),
        // A yes needs no agreement.
        (vec![dead, second.url()], "firing: true"),
    ] {
        let section = |(number, url): (usize, &String)| {
            format!("[providers.am{number}]\ntype = \"alertmanager\"\nurl = \"{url}\"\n")
        };
        let mut toml: String = others.iter().enumerate().map(section).collect();
        toml.push_str(&section((9, &first.url())));
        shell.write("rbl.toml", toml);
        let run = shell.rbl("run b.rb --alert alert.json").code(0);
        assert!(run.out.contains(says), "{says}\n{}", run.out);
    }
}

#[test]
fn an_unreachable_one_takes_the_unknown_arm() {
    let shell = folder("http://127.0.0.1:1");
    shell.write("a.rb", RUNBOOK.replace("within 10m", "within 1s"));
    let run = shell.rbl("run a.rb --alert alert.json");
    assert!(run.out.contains("paged") && run.out.contains("connection refused"), "{}", run.out);
}

#[test]
fn a_provider_of_numbers_refuses_before_the_run() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"o\"\nmetric leader: text from host \"uptime\"\ncheck leader == \"x\"\n",
    );
    let check = shell.rbl("check a.rb --format short").code(1);
    assert!(check.out.contains("provider/type"), "{}", check.out);
    let run = shell.rbl("run a.rb");
    assert!(run.code != Some(0) && run.err.contains("has numbers, and no texts"), "{run:?}");
    let fake = alertmanager(0);
    shell.write(
        "rbl.toml",
        format!(
            "[providers.am]\ntype = \"alertmanager\"\nurl = \"{}\"\n[teams.o]\ntype = \"terminal\"\n",
            fake.url()
        ),
    );
    shell.write("a.rb", "runbook \"a\"\nowner \"o\"\nmetric x from am \"a\"\ncheck x < 5\n");
    let check = shell.rbl("check a.rb --format short").code(1);
    assert!(check.out.contains("`am` has no metrics"), "{}", check.out);
}

#[test]
fn a_session_gives_texts_lines_and_the_alert() {
    let fake = alertmanager(9);
    let shell = folder(&fake.url());
    let typed = "metric leader: text from file \"cluster.json leader\"
metric state: text by node from file \"cluster.json state\"
metric log: lines from file \"app.log\"
leader
state
log
:given leader = \"db-9\"
leader == \"db-9\"
:given log = [\"x\", \"y\", \"z\"]
count(log)
alert.firing
:given alert \"Slow\" {region: \"eu\"}
alert.labels.region
alert.firing
:given alert.firing = no
alert.firing
:given
:clear alert.firing
alert.firing
:clear
alert.firing
";
    let ended = shell.feed("repl", typed);
    let mut left = ended.out.as_str();
    for text in [
        "\"db-1\"",
        "node=a",
        "one, two",
        "given: leader",
        "yes",
        "given: log",
        "3",
        "no alert started this run",
        "given: alert \"Slow\"",
        "\"eu\"",
        "yes",
        "given: alert.firing = no",
        "no",
        ":clear alert \"Slow\"",
        "yes",
        "everything is real again",
        "no alert started this run",
    ] {
        let Some((_, behind)) = left.split_once(text) else { panic!("{text}, in this order\n{ended:?}") };
        left = behind;
    }
}

#[test]
fn a_loaded_runbook_is_started_by_the_given_alert() {
    let fake = alertmanager(9);
    let shell = folder(&fake.url());
    let typed = ":given alert \"HighErrorRate\" {team: \"payments\", shard: \"c\"}\n:given alert.firing = no\n:load a.rb\n:step\n:step\n:step\n:given alert \"Other\"\n";
    let ended = shell.feed("repl", typed);
    assert!(ended.out.contains("db-1 leads, 2 lines, shard c"), "{ended:?}");
    assert!(ended.out.contains("the run has begun"), "{ended:?}");
}

#[test]
fn missing_tests_are_written_for_texts_lines_and_the_alert() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"Errors\"
trigger alert \"HighErrorRate\" where team = \"payments\"
owner \"ops\"
metric leader: text from file \"cluster.json leader\"
metric log: lines from file \"app.log\"
define restart() as `systemctl restart api`
check leader in [\"db-1\", \"db-2\"] else { escalate to owner because \"#{leader} leads\" }
if alert.labels.severity == \"critical\" { record \"critical\" }
match leader { \"db-1\" { record \"first\" } contains \"db\" { record \"other\" } else { } unknown { stop } }
if any log == \"out of memory\" { action restart() else { stop } }
wait until not alert.firing within 10m else { escalate to owner } unknown { escalate to owner because \"unknown\" }
",
    );
    let written = shell.rbl("test --write-missing a.rb").code(0);
    let tests = std::fs::read_to_string(shell.path().join("a.rb")).unwrap()
        + &std::fs::read_to_string(shell.path().join("a_test.rb")).unwrap_or_default();
    for line in [
        "given leader = \"db-1\"",
        "given log = [",
        "out of memory",
        "given alert.firing = ",
        "given alert \"HighErrorRate\"",
        "severity: \"critical\"",
    ] {
        assert!(tests.contains(line), "{line}\n{tests}\n{}", written.out);
    }
    shell.rbl("test a.rb").code(0);
    shell.rbl("check a.rb").code(0);
    assert_eq!(shell.rbl("fmt --check a_test.rb").out, "");
}

#[test]
fn online_a_part_of_an_answer_is_a_finding() {
    let body = r#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"5"]}]}}"#;
    let fake = Fake::always(Response::json(body));
    let shell = Shell::new();
    let toml = |more: &str| {
        format!(
            "[providers.vm]\ntype = \"prometheus\"\nurl = \"{}\"\n{more}[teams.o]\ntype = \"terminal\"\n",
            fake.url()
        )
    };
    shell.write("rbl.toml", toml(""));
    shell.write("a.rb", "runbook \"a\"\nowner \"o\"\nmetric x from vm \"1 + y\"\ncheck x < 9\n");
    let check = shell.rbl("check --online a.rb").code(1);
    assert!(check.out.contains("`vm` answers `x` with a part of its data"), "{}", check.out);
    assert!(check.out.contains("partial = \"accept\""), "{}", check.out);
    let run = shell.rbl("run a.rb");
    assert!(run.out.contains("the answer may be incomplete"), "{}", run.out);
    shell.write("rbl.toml", toml("partial = \"accept\"\n"));
    shell.rbl("check --online a.rb").code(0);
    let run = shell.rbl("run a.rb").code(0);
    assert!(run.out.contains("a part of its data"), "{}", run.out);
}

/// A *no* takes two requests, and the same answer is kept until the run acts, waits or asks.
#[test]
fn the_longest_path_counts_what_asking_takes() {
    let shell = Shell::new();
    let takes = |body: &str, time: &str| {
        shell.write("b.rb", format!("runbook \"b\"\nowner \"o\"\n{body}"));
        let shown = shell.rbl("check b.rb").code(0).out;
        assert!(shown.contains(&format!(" paths, {time}, ")), "{time}\n{shown}");
    };
    let section = |name: &str| {
        format!(
            "[providers.{name}]\ntype = \"alertmanager\"\nurl = \"http://127.0.0.1:1\"\ntimeout = \"30s\"\n"
        )
    };
    let team = "[teams.o]\ntype = \"terminal\"\n";
    let twice =
        "if alert.firing { \"a\" } unknown { \"b\" }\nif not alert.firing { \"c\" } unknown { \"d\" }\n";
    shell.write("rbl.toml", format!("{}{team}", section("one")));
    takes(twice, "at most 1m");
    takes(&twice.replace("\nif not", "\nwait 1m\nif not"), "1m to 3m");
    shell.write("rbl.toml", format!("{}{}{team}", section("one"), section("two")));
    takes(twice, "at most 2m");
    shell.write("rbl.toml", team);
    takes(twice, "0s");
}
