//! A session from a pipe: the input, its output, and the exit code.

use std::fmt::Write as _;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use super::shell::{Ended, Shell};
use crate::support::{Fake, Response};

const RUNBOOK: &str = "runbook \"Disk full\"\nowner \"storage\"\nlet limit = 90%\n\
                       metric used in % from host \"memory.used\"\nstep \"Look\" {\n  let seen = used\n  \
                       if used > 100% {\n    stop\n  } else {\n    \"fine\"\n  }\n}\nstep \"Mend\" {\n  \
                       action `touch made`\n  resolve\n}\n";

fn session(shell: &Shell, typed: &str) -> Ended {
    shell.feed("repl", typed)
}

#[track_caller]
fn says(ended: &Ended, all: &[&str]) {
    let mut left = ended.out.as_str();
    for text in all {
        let Some((_, behind)) = left.split_once(text) else { panic!("{text}, in this order\n{ended:?}") };
        left = behind;
    }
}

#[test]
fn values_names_and_statements() {
    let typed = "# nothing\n2 * 3ms\nlet limit = 500ms\nlimit / 2\nif limit > 1s {\n  \"slow\"\n} else {\n  \"fast\"\n}\nlimit \
                 < 1s\n:why\n:type limit\n:names\n";
    let ended = session(&Shell::new(), typed).code(0);
    let all = ["6ms   duration", "500ms   duration", "250ms", "no        limit > 1s", "note      fast"];
    says(&ended, &all);
    says(
        &ended,
        &["yes   limit = 500ms", "limit < 1s", "limit = 500ms  < 1s", "a duration", "limit = 500ms"],
    );
    assert_eq!(ended.err, "");
}

#[test]
fn a_mistake_is_told_at_its_place_and_the_session_goes_on() {
    let ended = session(&Shell::new(), "1 + 2ms\ncheck nothing < 3\n3 +\n:metrcs\n4 + 5\n").code(3);
    let all = [
        "<1>:1:1: error[unit/missing]",
        "<2>:1:7: error[name/unknown]",
        "<3>:1:3: error[syntax/",
        "there is no command `:metrcs`; did you mean `:metrics`?",
        "9   number",
    ];
    says(&ended, &all);
    session(&Shell::new(), ":metrcs\n").code(2);
    session(&Shell::new(), "stop\n").code(4);
    session(&Shell::new(), "runbook \"x\"\n").code(2);
}

/// Each input is checked with everything before it: nobody sits at the other end of a pipe to stop that.
#[test]
fn a_session_from_a_pipe_ends_where_it_grows_too_long() {
    let mut typed = "1 + 1\n".to_owned();
    for number in 0..100 {
        let _ = writeln!(typed, "let x{number} = \"{}\"", "y".repeat(10_000));
    }
    let ended = session(&Shell::new(), &typed).code(2);
    says(&ended, &["2   number"]);
    assert!(ended.err.contains("inputs: each is checked with everything before it"), "{ended:?}");
    assert!(ended.err.contains("`rbl repl FILE`"), "{ended:?}");
}

#[test]
fn warnings_about_a_whole_runbook_are_not_those_of_a_line() {
    let typed = "action `true`\nif true {\n  \"a\"\n} else {\n  \"a\"\n}\nlet x = 3\naction `rm -rf /tmp/none` retry 3\n";
    let ended = session(&Shell::new(), typed).code(0);
    assert!(!ended.out.contains("warning["), "{ended:?}");
}

#[test]
fn a_name_that_is_given_again_has_a_new_meaning() {
    let ended = session(&Shell::new(), "let x = 3\nlet x = 4ms\nx\n:back\nx\n").code(0);
    says(
        &ended,
        &["3   number", "`x` has a new meaning", "4ms", "4ms", "one statement was taken back", "3   number"],
    );
}

#[test]
fn nothing_is_done_until_it_is_armed() {
    let shell = Shell::new();
    let ended = session(&shell, "action `touch made`\nescalate to \"ops\" because \"too much\"\n").code(0);
    assert!(ended.err.contains("would do touch made\n    /bin/sh -c 'touch made'"), "{ended:?}");
    assert!(ended.err.contains("would page ops: too much"), "{ended:?}");
    assert!(!shell.path().join("made").exists());
    let ended = session(&shell, ":arm\naction `touch made`\n:disarm\naction `touch again`\n").code(0);
    says(&ended, &["armed for 15m", "done      touch made\n", "disarmed", "not armed"]);
    assert!(shell.path().join("made").exists() && !shell.path().join("again").exists());
}

#[test]
fn a_runbook_is_walked_forwards_and_back() {
    let shell = Shell::new().env("LC_ALL", "C");
    shell.write("a.rb", RUNBOOK);
    let typed = ":step\n:load a.rb\nlimit\n:step\n:step\n:names\n:step\n:why\n:back\n:where\n:next\n:continue\n:story\n:step\n";
    let ended = session(&shell, typed).code(2);
    let all = [
        "nothing is loaded; `:load FILE` loads a runbook",
        "Disk full: 2 steps; `:step` walks the first statement",
        "90%   ratio",
        ">    6   let seen = used",
        ">    7   if used > 100% {",
        "limit = 90%\nseen = ",
        "no        used > 100%",
        ">   10     \"fine\"",
        "used > 100%\nno   used = ",
        ">    7   if used > 100% {",
        ">    7   if used > 100% {",
        "note      fine",
        ">   14   action `touch made`",
        "only said: not armed",
        "RESOLVED",
        "note       fine",
        "the run is over; `:back` takes statements back",
    ];
    says(&ended, &all);
    assert!(!shell.path().join("made").exists());
}

#[test]
fn its_paths_are_listed_and_told() {
    let shell = Shell::new();
    shell.write("a.rb", RUNBOOK);
    let ended = session(&shell, ":paths\n:load a.rb\n:paths\n:paths 2\n:paths 9\n").code(2);
    let all = [
        "nothing is loaded",
        "4 paths: at most 10m10s; at most 1 action and 1 page",
        "2  resolved, at most 10m10s",
        "Path 2 of 4: resolved",
        "there is no path 9: the runbook has 4 paths",
    ];
    says(&ended, &all);
}

#[test]
fn the_metrics_of_the_providers_are_listed() {
    let server = Fake::start(|request| {
        let is_list = request.starts_with("GET /api/v1/label/__name__/values ");
        assert!(is_list, "{request}");
        Response::json("{\"status\":\"success\",\"data\":[\"http_requests_total\",\"up\\u001b[2J\"]}")
    });
    let shell = Shell::new();
    let gone = crate::support::free_port();
    let config = format!(
        "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n\n[providers.gone]\ntype = \"prometheus\"\nurl = \
         \"http://127.0.0.1:{gone}\"\n",
        server.url()
    );
    shell.write("rbl.toml", config);
    let ended = session(&shell, ":metrics http*\n:metrics memory.free\n:metrics up\n1\n").code(2);
    says(
        &ended,
        &["prometheus  http_requests_total\n", "host  memory.free_bytes\n", "prometheus  up", "1   number"],
    );
    assert!(ended.out.contains(&format!("gone: connection refused by 127.0.0.1:{gone}")), "{ended:?}");
    assert!(!ended.out.contains('\u{1b}'), "{ended:?}");
}

#[test]
fn the_metrics_that_are_given_are_marked_in_the_list() {
    let shell = Shell::new();
    let typed = "metric free in % from host \"memory.available\"\n:metrics memory.available\n:given free = 12%\n\
                 :metrics memory.available\n:clear free\n:metrics memory.available\n";
    let ended = session(&shell, typed).code(0);
    let marked: Vec<&str> = ended.out.lines().filter(|it| it.starts_with("host  ")).collect();
    let plain = ["host  memory.available", "host  memory.available_bytes"];
    let [before, given, after] = [0, 2, 4].map(|at| marked.get(at..at + 2).unwrap_or_default());
    assert_eq!((before, after), (&plain[..], &plain[..]), "{ended:?}");
    assert!(given[0].starts_with(plain[0]) && given[0].contains("given"), "{ended:?}");
    assert_eq!(given[1], plain[1], "only that one");
}

#[test]
fn a_window_is_drawn_and_still_is_no_value() {
    let server = Fake::start(|request| {
        let data = if request.contains("/query_range") {
            let now = jiff::Timestamp::now().as_second();
            let point = |ago: i64| format!("[{},\"{}\"]", now - ago * 15, 100 - ago);
            let points = (0..20).rev().map(point).collect::<Vec<_>>().join(",");
            format!("{{\"resultType\":\"matrix\",\"result\":[{{\"metric\":{{}},\"values\":[{points}]}}]}}")
        } else {
            "[]".into()
        };
        Response::json(&format!("{{\"status\":\"success\",\"data\":{data}}}"))
    });
    let shell = Shell::new();
    shell.write(
        "rbl.toml",
        format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n", server.url()),
    );
    let typed = "metric queue from prometheus \"queue\"\nqueue over 5m\n:type queue over 5m\nlet x = queue over \
                 5m\nnothing over 5m\n";
    let ended = session(&shell, typed).code(3);
    let all = [
        "samples   window · 1 series",
        "min ",
        "max 100",
        "a window: many values over time, each a number",
        "<3>:1:9: error[type/window]",
        "<4>:1:1: error[name/unknown]",
    ];
    says(&ended, &all);
}

#[test]
fn a_mistake_in_a_value_does_not_speak_of_a_statement_that_nobody_wrote() {
    let ended = session(&Shell::new(), "let q = 3\nq.\n").code(3);
    says(&ended, &["`.` lacks what belongs after it"]);
    assert!(!ended.out.contains("let NAME"), "{ended:?}");
}

const PARAMS: &str = "runbook \"Restart\"\nowner \"api\"\nparam service: text\nparam limit: duration = 500ms\n\
                      metric p99 in ms from prometheus \"p99\"\nstep \"Look\" {\n  if p99 < limit {\n    resolve\n  }\n  \
                      \"restarting #{service}\"\n  action `restart #{service}` within 5m\n  resolve\n}\n";

#[test]
fn parameters_stand_behind_the_file_that_is_loaded() {
    let shell = Shell::new();
    shell.write("a.rb", PARAMS).write("rbl.toml", NOBODY);
    let refused = session(
        &shell,
        ":load a.rb\n:load a.rb servce=api\n:load a.rb service=api limit=soon\n:load a.rb service=a service=b\n:step\n",
    )
    .code(2);
    let all = [
        "no value for the parameter `service`; `:load a.rb service=…`",
        "no parameter `servce`; did you mean `service`?",
        "`limit`: `soon` is no number",
        "the parameter `service` is given twice",
        "nothing is loaded",
    ];
    says(&refused, &all);

    let typed = ":load a.rb service=\"check out\" limit=1s\nservice\n:reload\nlimit\n:given p99 = 2s\n\
                 :continue\n:save\n";
    let ended = session(&shell, typed).code(0);
    let all = [
        "Restart: 1 step",
        "\"check out\"   text",
        "Restart: 1 step",
        "1s   duration",
        "given: p99 = 2s",
        "restarting check out",
        "RESOLVED",
        "saved in `a_test.rb`",
    ];
    says(&ended, &all);
    let saved = std::fs::read_to_string(shell.path().join("a_test.rb")).unwrap();
    assert!(saved.contains("param service = \"check out\"") && saved.contains("param limit = 1s"), "{saved}");
    shell.rbl("test a_test.rb").code(0);
}

#[test]
fn teams_and_channels_are_given_in_a_session() {
    let shell = Shell::new();
    let config = "[teams.first]\ntype = \"terminal\"\n[teams.second]\ntype = \"terminal\"\n[channels.incidents]\ntype \
                  = \"terminal\"\n";
    shell.write("rbl.toml", config);
    let text = "runbook \"Page\"\nowner \"first\"\nstep \"Look\" {\n  record \"seen\" to \"incidents\"\n  \
                escalate to \"second\" because \"it is down\"\n}\n";
    shell.write("a.rb", text);
    let typed = ":load a.rb\n:given team \"frist\" is down\n:given team \"second\" is down\n:given channel \
                 \"incidents\" is error \"archived\"\n:given\n:continue\n:save\n";
    let ended = session(&shell, typed);
    let all = [
        "the runbook never pages `frist`",
        "given: team \"second\" is down   :clear team \"second\"",
        "given: channel \"incidents\" is error \"archived\"",
        ":clear channel \"incidents\"",
        "archived",
        "saved in `a_test.rb`",
    ];
    says(&ended, &all);
    shell.rbl("test a_test.rb").code(0);
}

#[test]
fn a_walk_over_an_action_that_somebody_approves_is_saved_as_a_test() {
    let shell = Shell::new();
    shell.write("rbl.toml", "[teams.security]\ntype = \"terminal\"\n");
    let text = "runbook \"Revoke\"\nowner \"security\"\nstep \"Do\" {\n  action `touch made` by \"security\" within 5m\n  \
                resolve\n}\n";
    shell.write("a.rb", text);
    let typed = ":load a.rb\n:continue\n:save\n";
    let ended = session(&shell, typed).code(0);
    says(&ended, &["by security", "RESOLVED", "saved in `a_test.rb`"]);
    assert!(!shell.path().join("made").exists(), "it only said so");
    let saved = std::fs::read_to_string(shell.path().join("a_test.rb")).unwrap();
    assert!(saved.contains("expect action `touch made`"), "{saved}");
    shell.rbl("test a_test.rb").code(0);
}

#[test]
fn help_is_the_reference() {
    let ended = session(&Shell::new(), ":help\n:help quantile\n:help functions\n:help nonsense\n").code(2);
    says(&ended, &[":load FILE", ":quit", "there is no topic `nonsense`"]);
}

/// A provider that nothing answers for.
const NOBODY: &str = "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"http://127.0.0.1:1\"\n";

const SLOW: &str = "runbook \"Slow\"\nowner \"api-oncall\"\nmetric p99 in ms from prometheus \"job:p99\"\nlet limit = 500ms\nif \
                    p99 < limit {\n  resolve\n} else {\n  action `rollback`\n}\nwait until p99 < limit within 30m\nif `pg_isready` \
                    {\n  resolve\n} else {\n  escalate to owner\n}\n";

#[test]
fn what_is_given_is_taken_for_so_and_taken_back() {
    let typed = "metric p99 in ms from prometheus \"p\"\n:given\n:given p99 = 812ms\np99\np99 < 500ms\n:given p99 = 200ms from 5m\nwait 5m\n\
                 p99\n:given\n:clear p99\n:clear\n:given provider prometheus is down\np99\n:given action `reboot db-1` fails \
                 \"no such host\"\naction `reboot db-1` else {\n  \"it failed\"\n}\n:given answer \"Is it real?\" with no after \
                 2m\nif \"Is it real?\" {\n  \"yes\"\n} else {\n  \"no\"\n}\n:given probe `pg_isready` = yes\nif `pg_isready` {\n  \
                 \"ready\"\n}\n:clear action\n:given\n";
    let shell = Shell::new().env("LC_ALL", "C");
    shell.write("rbl.toml", NOBODY);
    let ended = session(&shell, typed).code(2);
    let all = [
        "nothing is given",
        "given: p99 = 812ms   :clear p99",
        "while something is given, time stands still",
        "812ms   duration, given, 1 series",
        "no   p99 = 812ms (given)",
        "given: p99 = 200ms from 5m, counted from now",
        "200ms   duration, given",
        "p99 = 812ms           :clear p99\np99 = 200ms from 5m   :clear p99\n",
        "2 taken back; everything is real again",
        "nothing is given",
        "prometheus: connection refused (given)",
        "no such host (given)",
        "it failed",
        "given said no",
        "note      no",
        "note      ready",
        "1 taken back; 3 still given",
        "provider prometheus is down",
        "answer \"Is it real?\" with no after 2m   :clear answer \"Is it real?\"",
        "probe `pg_isready` = yes",
    ];
    says(&ended, &all);
}

#[test]
fn a_given_line_has_the_mistakes_of_a_test_at_their_places() {
    let typed = "metric p99 in ms from prometheus \"p\"\nlet seen = p99\n:given p98 = 3ms\n:given p99 = 3\n:given  p99 = 3%\n:given p99 \
                 =\n:given p99 = 3ms; given p99 = 4ms\n:given p99 = seen\n:given expect resolved\n:clear p99\n:given p99 = 3ms\n\
                 :clear p98\n:given provider host is down\n";
    let shell = Shell::new();
    shell.write("rbl.toml", NOBODY);
    let ended = session(&shell, typed).code(3);
    let all = [
        "<3>:1:8: error[name/unknown]: the runbook has no metric `p98`",
        "<4>:1:14: error[unit/missing]: `p99` is a duration, not a number",
        "<5>:1:15: error[unit/different]: `p99` is a duration, not a ratio",
        "<6>:1:",
        "this `given` ends too early",
        "<7>:1:8: error[type/fixed]: one line at a time",
        "<8>:1:14: error[type/fixed]: no value yet",
        "`expect` belongs in a test, and is not given",
        "nothing is given",
        "given: p99 = 3ms",
        "`p98` is not given; did you mean `p99`?",
        "error[name/unknown]: no metric is read from `host`",
    ];
    says(&ended, &all);
}

#[test]
fn a_runbook_is_walked_on_what_is_given_and_back_in_time() {
    let shell = Shell::new().env("LC_ALL", "C");
    shell.write("a.rb", SLOW).write("rbl.toml", NOBODY);
    let typed = ":load a.rb\n:given p99 = 812ms\n:given p99 = 200ms from 20m\n:given probe `pg_isready` = yes\n:step\n:step\n:where\n\
                 :step\n:step\n:paths\n:back\np99\n:continue\n:story\n:reload\n:given\n:step\np99\n:clear p99\n:step\n";
    let begun = std::time::Instant::now();
    let ended = session(&shell, typed);
    let all = [
        "given: p99 = 812ms",
        "p99 = 812ms (given), not",
        "given: p99 = 812ms, p99 = 200ms from 20m, probe `pg_isready` = yes; 0",
        "only said: not armed",
        "There are 4 ways to continue",
        "812ms   duration, given",
        "reached",
        "RESOLVED",
        "took         20m",
        "p99 = 200ms from 20m",
        "812ms   duration, given",
        "2 taken back; 1 still given",
        "unknown",
    ];
    says(&ended, &all);
    assert!(begun.elapsed().as_secs() < 120);
}

#[test]
fn a_runbook_of_another_folder_reads_what_is_configured_there() {
    let shell = Shell::new();
    let text = "runbook \"There\"\nowner \"a\"\nmetric p99 in ms from stats \"p99\"\nlet limit = 500ms\ncheck p99 < limit\n";
    shell
        .write("there/a.rb", text)
        .write("there/rbl.toml", "[providers.stats]\ntype = \"file\"\npath = \"stats.json\"\n");
    shell.write("there/stats.json", "{\"p99\": 321}\n");
    let ended = session(&shell, ":load there/a.rb\np99\n:step\n:step\n").code(0);
    let all = [
        "the configuration of `there/rbl.toml` applies from now on",
        "321ms   duration",
        "p99 = 321ms",
        "RESOLVED",
    ];
    says(&ended, &all);
}

#[test]
fn a_runbook_that_was_changed_is_read_again() {
    let shell = Shell::new();
    shell.write("a.rb", RUNBOOK);
    let mut child = shell.command("repl").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut wait_for = |text: &str| said.by_ref().map_while(Result::ok).any(|line| line.contains(text));
    typed.write_all(b":load a.rb\nlimit\n").unwrap();
    assert!(wait_for("90%   ratio"));
    shell.write("a.rb", RUNBOOK.replace("limit = 90%", "limit = 70%"));
    typed.write_all(b":reload\nlimit\n").unwrap();
    assert!(wait_for("70%   ratio"));
    shell.write("a.rb", RUNBOOK.replace("used > 100%", "used > 100"));
    typed.write_all(b":reload\nlimit\n").unwrap();
    assert!(wait_for("a.rb:7:"), "what is wrong with it is said");
    drop(typed);
    assert!(child.wait().unwrap().code().is_some());
}

#[test]
fn a_walk_is_saved_as_a_test_that_passes() {
    let shell = Shell::new();
    shell.write("a.rb", SLOW).write("rbl.toml", NOBODY).write("deep/x", "");
    let walk =
        ":load a.rb\n:given p99 = 812ms\n:given p99 = 200ms from 20m\n:given probe `pg_isready` = yes\n";
    let ended = session(&shell, &format!(":save\n{walk}:step\n:save\n:continue\n:save\n:save\n:save deep/b_test.rb\n:save none/b.rb\n:save rbl.toml\n")).code(2);
    let all = [
        "there is nothing to test",
        "a test needs an end: `:continue` walks there",
        "saved in `a_test.rb`, a new file: test \"as in a session: resolved\"",
        "`rbl test a_test.rb` runs it",
        "saved in `a_test.rb`, after its other tests: test \"as in a session: resolved (2)\"",
        "saved in `deep/b_test.rb`, a new file",
        "cannot write `none/b.rb`: no such folder",
        "`rbl.toml` ",
    ];
    says(&ended, &all);
    assert!(!ended.out.contains("another path"), "{ended:?}");
    assert_eq!(std::fs::read_to_string(shell.path().join("rbl.toml")).unwrap(), NOBODY);
    let test = std::fs::read_to_string(shell.path().join("a_test.rb")).unwrap();
    for line in
        ["given p99 = 812ms", "p99 = 200ms after 20m", "given probe `pg_isready` = yes", "expect resolved"]
    {
        assert!(test.contains(line), "{line}\n{test}");
    }
    shell.rbl("test a_test.rb deep/b_test.rb").code(0);
    shell.rbl("check a_test.rb deep/b_test.rb").code(0);
}

#[test]
fn what_was_really_read_and_said_is_given_in_the_saved_test() {
    let shell = Shell::new();
    let text = "runbook \"There\"\nowner \"a\"\nmetric p99 in ms from stats \"p99\"\nmetric queue from stats \"queue\"\nif p99 < \
                500ms {\n  \"fine\"\n} else {\n  stop\n}\nwait until queue < 3 within 1m unknown {\n  escalate to owner\n} else \
                {\n  escalate to owner\n}\nif `test -e there` {\n  action `touch made`\n} else {\n  stop\n}\nif \"Is it \
                over?\" {\n  resolve\n} else {\n  stop\n}\n";
    shell
        .write("a.rb", text)
        .write("rbl.toml", "[providers.stats]\ntype = \"file\"\npath = \"stats.json\"\n");
    shell.write("stats.json", "{\"p99\": 321.5}\n").write("there", "");
    let typed = ":load a.rb\n:given queue = 7\n:given queue = 2 from 30s\n:given answer \"Is it over?\" with yes after \
                 2m\n:continue\n:save\n";
    let ended = session(&shell, typed).code(0);
    says(&ended, &["p99 = 322ms", "queue = 2 (given); after 30s", "RESOLVED", "saved in `a_test.rb`"]);
    let saved = std::fs::read_to_string(shell.path().join("a_test.rb")).unwrap();
    let lines = [
        "given p99 = 321.5ms",
        "queue = 2 from 30s",
        "given probe `test -e there` = yes",
        "answer \"Is it over?\" with yes",
    ];
    for line in lines {
        assert!(saved.contains(line), "{line}\n{saved}");
    }
    shell.rbl("test a_test.rb").code(0);
}

#[test]
fn a_long_value_is_shown_in_part() {
    let typed = "`seq 1 3000`.text\nlet r = `seq 1 3000`.lines\nr\n";
    let ended = session(&Shell::new(), typed).code(0);
    let all = ["\n20\n", "(and 2980 more lines)", "text · 3000 lines", "more characters)", "a list of 3000"];
    says(&ended, &all);
    assert!(ended.out.len() < 4_000, "{} bytes", ended.out.len());
}
