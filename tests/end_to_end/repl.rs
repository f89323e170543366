//! A session at a real terminal: keys, history, completion, arming, Ctrl-C and Ctrl-D.

use super::pane::Pane;
use crate::cli::shell::Shell;
use crate::support::{Fake, Response};

#[test]
fn a_value_a_mistake_fixed_from_history_and_several_lines() {
    let shell = Shell::new();
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for(":help");
    pane.wait_for("rbl>");
    pane.type_line("2 * 3ms");
    pane.wait_for("6ms   duration");
    pane.type_line("let limit = 500mz");
    pane.wait_for("mz");
    pane.wait_for_times("rbl>", 3);
    pane.key("Up");
    pane.key("BSpace");
    pane.type_keys("s");
    pane.key("Enter");
    pane.wait_for("500ms   duration");
    pane.type_line("if limit > 1s {");
    pane.type_line("\"slow\"");
    pane.type_line("} else {");
    pane.type_line("\"fast\"");
    pane.wait_for("...> \"fast\"");
    pane.type_line("}");
    pane.wait_for("note      fast");
    // The whole input is one entry of the history.
    pane.key("Up");
    pane.wait_for("rbl> if limit > 1s {");
    pane.key("Enter");
    pane.wait_for_times("note      fast", 2);
    // Ctrl-C drops an unfinished input, an empty line ends it.
    pane.type_line("if limit > 1s {");
    pane.wait_for_times("rbl>", 6);
    pane.key("C-c");
    // What is typed in the moment of a Ctrl-C is dropped with the input.
    pane.wait_for_times("rbl>", 7);
    pane.type_line("4 + 5");
    pane.wait_for("9   number");
    pane.type_line("if limit > 1s {");
    pane.key("Enter");
    pane.wait_for("syntax/unclosed");
    pane.key("C-d");
    pane.ended(0);
}

#[test]
fn names_units_and_metrics_are_completed() {
    let server =
        Fake::always(Response::json("{\"status\":\"success\",\"data\":[\"http_requests_total\",\"up\"]}"));
    let shell = Shell::new();
    shell.write(
        "rbl.toml",
        format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n", server.url()),
    );
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_line("let threshold = 500ms");
    pane.wait_for("500ms   duration");
    pane.type_keys("thresh");
    pane.key("Tab");
    pane.wait_for("rbl> threshold");
    pane.type_keys(" > 20m");
    pane.key("Tab");
    pane.wait_for("rbl> threshold > 20ms");
    pane.key("Enter");
    pane.wait_for("yes   threshold = 500ms");
    pane.type_keys("metric hits from prometheus \"http_r");
    pane.tab_until("from prometheus \"http_requests_total");
    // The line is discarded, the session continues.
    pane.key("C-c");
    pane.wait_for_times("rbl>", 4);
    pane.type_line("3 + 4");
    pane.wait_for("7   number");
    pane.key("C-d");
    pane.ended(0);
}

#[test]
fn words_that_people_try_are_commands() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"Drill\"\nowner \"storage\"\nparam limit = 90%\n\"limit #{limit}\"\n");
    let Some(pane) = Pane::open(100, shell.path(), "repl a.rb --param limit=12%") else { return };
    pane.wait_for("Drill: 1 step");
    pane.type_line("?");
    pane.wait_for(":disarm");
    pane.type_line(":s");
    pane.type_line(":s");
    pane.wait_for("limit 12%");
    // The time in which somebody thinks belongs to no statement.
    std::thread::sleep(std::time::Duration::from_millis(1200));
    let typed = std::time::Instant::now();
    pane.type_line("check limit > 1%");
    let screen = pane.wait_for("✔ yes       limit > 1%");
    let passed = typed.elapsed().as_secs_f64();
    let line = screen.lines().find(|line| line.contains("✔ yes       limit > 1%")).unwrap();
    // A busy machine may take a tenth of a second for the statement, and then says so: with the pause it would be 1.2 s more.
    let (_, took) = line.split_once("limit = 12%").unwrap();
    let took = took.trim().trim_start_matches("; ").trim_end_matches('s');
    let took: f64 = if took.is_empty() { 0.0 } else { took.parse().unwrap() };
    assert!(took < passed + 0.5, "no time that nobody spent: {line}");
    pane.type_line("exit");
    pane.ended(0);
}

#[test]
fn labels_and_their_values_are_completed() {
    let server = Fake::start(|head| {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let names = if path.starts_with("/api/v1/labels?match%5B%5D=up")
            || path.starts_with("/api/v1/labels?match[]=up")
        {
            "[\"__name__\",\"instance\",\"job\"]"
        } else if path.starts_with("/api/v1/label/job/values") {
            "[\"payments\"]"
        } else {
            "[\"up\",\"down\"]"
        };
        Response::json(&format!("{{\"status\":\"success\",\"data\":{names}}}"))
    });
    let shell = Shell::new();
    shell.write(
        "rbl.toml",
        format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n", server.url()),
    );
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_keys("metric hits from prometheus \"sum(up{jo");
    pane.tab_until("sum(up{job");
    pane.type_keys("='pa");
    pane.tab_until("sum(up{job='payments");
    pane.key("C-c");
    pane.wait_for_times("rbl>", 2);
    pane.key("C-d");
    pane.ended(0);
}

#[test]
fn a_runbook_is_walked_armed_and_a_wait_broken_off() {
    let shell = Shell::new();
    let text = "runbook \"Drill\"\nowner \"storage\"\nlet limit = 90%\nif limit > 100% {\n  \"high\"\n} else {\n  \"low\"\n}\n";
    shell.write("a.rb", text);
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_line(":load a.rb");
    pane.wait_for("Drill: ");
    pane.type_line(":step");
    pane.wait_for("a.rb:4>");
    pane.type_line(":step");
    pane.wait_for("a.rb:7>");
    pane.type_line(":back");
    pane.wait_for_times("a.rb:4>", 2);
    pane.type_line(":why");
    pane.wait_for("limit = 90%  > 100%");
    pane.type_line(":arm");
    pane.wait_for("armed 15m>");
    pane.type_line("action `touch made`");
    pane.wait_for("done      touch made");
    assert!(shell.path().join("made").exists());
    pane.type_line(":disarm");
    pane.wait_for("disarmed");
    pane.type_line("wait 1h");
    pane.wait_for("waiting");
    std::thread::sleep(std::time::Duration::from_millis(300));
    pane.key("C-c");
    pane.wait_for("broken off");
    pane.type_line("3 + 4");
    pane.wait_for("7   number");
    pane.key("C-d");
    pane.ended(0);
}

#[test]
fn an_action_that_was_approved_is_saved_as_a_test_that_passes() {
    let shell = Shell::new();
    shell.write("rbl.toml", "[teams.security]\ntype = \"terminal\"\n");
    let text = "runbook \"Revoke\"\nowner \"security\"\nstep \"Do\" {\n  action `touch made` by \"security\" within 5m\n  \
                resolve\n}\n";
    shell.write("a.rb", text);
    let Some(pane) = Pane::open(100, shell.path(), "repl a.rb") else { return };
    pane.wait_for("Revoke: 1 step");
    pane.type_line(":arm");
    pane.wait_for("armed 15m>");
    pane.type_line(":continue");
    pane.wait_for("is this to be done? touch made");
    assert!(!shell.path().join("made").exists(), "not before somebody approves");
    pane.type_line("y the ticket says so");
    pane.wait_for("RESOLVED");
    assert!(shell.path().join("made").exists());
    pane.type_line(":save");
    pane.wait_for("saved in `a_test.rb`");
    pane.key("C-d");
    pane.ended(0);
    shell.rbl("test a_test.rb").code(0);
}

const POOL: &str = "runbook \"Pool\"\nowner \"db\"\nmetric pool in % from prometheus \"pool_used\"\nif pool < 80% {\n  resolve\n} else \
                    {\n  action `touch made`\n}\nwait until pool < 80% within 30m else {\n  stop\n}\nresolve\n";

#[test]
fn a_drill_on_what_is_given_is_saved_as_a_test_that_passes() {
    let shell = Shell::new();
    shell
        .write("a.rb", POOL)
        .write("rbl.toml", "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"http://127.0.0.1:1\"\n");
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_line(":load a.rb");
    pane.wait_for("Pool: ");
    pane.type_line("pool");
    pane.wait_for("connection refused");
    pane.type_keys(":given po");
    pane.key("Tab");
    pane.wait_for("rbl> :given pool");
    pane.type_keys(" = 95m");
    pane.key("Enter");
    pane.wait_for("not a ");
    // Corrected from the history.
    pane.key("Up");
    pane.key("BSpace");
    pane.type_keys("%");
    pane.key("Enter");
    pane.wait_for("rbl given>");
    pane.type_line("pool");
    pane.wait_for("95%   ratio · given · 1 series");
    pane.type_line(":step");
    pane.wait_for("a.rb:4 given>");
    pane.type_line(":next");
    pane.wait_for("pool = 95% (given)");
    pane.wait_for("a.rb:9 given>");
    assert!(!shell.path().join("made").exists(), "nothing is armed");
    pane.type_line(":given pool = 40% from 5m");
    pane.wait_for("counted from now");
    pane.type_line(":where");
    pane.wait_for("given: pool = 95%, pool = 40% from 5m");
    pane.type_line(":continue");
    pane.wait_for("RESOLVED");
    pane.type_line(":save");
    pane.wait_for("saved in `a_test.rb`, a new file");
    pane.type_line(":clear po");
    pane.wait_for("`po` is not given");
    pane.type_line(":clear");
    pane.wait_for("everything is real again");
    pane.key("C-d");
    pane.ended(0);
    shell.rbl("test a_test.rb").code(0);
}

#[test]
fn a_wait_for_something_real_ends_at_ctrl_c_and_so_does_an_armed_one() {
    let shell = Shell::new();
    shell
        .write("n.json", "{\"queue\": 7}")
        .write("rbl.toml", "[providers.stats]\ntype = \"file\"\npath = \"n.json\"\n");
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_line("metric queue from stats \"queue\"");
    pane.wait_for_times("rbl>", 2);
    pane.type_line("metric p99 in ms from stats \"p99\"");
    pane.wait_for_times("rbl>", 3);
    pane.type_line(":given p99 = 812ms");
    pane.wait_for("rbl given>");
    pane.type_line("wait 2h");
    pane.wait_for("waited    2h");
    pane.type_line("wait until queue < 3 within 1h");
    pane.wait_for("left · looking again");
    pane.key("C-c");
    pane.wait_for("broken off");
    pane.type_line(":arm");
    pane.wait_for("rbl given armed 15m>");
    pane.type_line("wait 2h");
    pane.wait_for("waiting · ");
    pane.key("C-c");
    pane.wait_for_times("broken off", 2);
    pane.type_line("p99");
    pane.wait_for("812ms   duration · given");
    pane.key("C-d");
    pane.ended(0);
}
