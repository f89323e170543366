//! A session at a real terminal: keys, history, completion, arming, Ctrl-C and Ctrl-D.

use super::pane::Pane;
use crate::front::shell::Shell;
use crate::support::{Fake, Response};

/// Types a part of a line.
fn keys(pane: &Pane, text: &str) {
    // `send-keys` takes single characters as they are; a space has a name.
    for letter in text.chars() {
        match letter {
            ' ' => pane.key("Space"),
            letter => pane.key(&letter.to_string()),
        }
    }
}

#[test]
fn a_value_a_mistake_mended_from_history_and_several_lines() {
    let shell = Shell::new();
    let Some(pane) = Pane::open(100, shell.path(), "repl") else { return };
    pane.wait_for("rbl>");
    pane.type_line("2 * 3ms");
    pane.wait_for("6ms   duration");
    pane.type_line("let limit = 500mz");
    pane.wait_for("mz");
    pane.wait_for_times("rbl>", 3);
    pane.key("Up");
    pane.key("BSpace");
    keys(&pane, "s");
    pane.key("Enter");
    pane.wait_for("500ms   duration");
    pane.type_line("if limit > 1s {");
    pane.type_line("\"slow\"");
    pane.type_line("} else {");
    pane.type_line("\"fast\"");
    pane.type_line("}");
    pane.wait_for("told      fast");
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
    keys(&pane, "thresh");
    pane.key("Tab");
    pane.wait_for("rbl> threshold");
    keys(&pane, " > 20m");
    pane.key("Tab");
    pane.wait_for("rbl> threshold > 20ms");
    pane.key("Enter");
    pane.wait_for("yes   threshold = 500ms");
    keys(&pane, "metric hits from prometheus \"http_r");
    pane.key("Tab");
    pane.wait_for("from prometheus \"http_requests_total");
    // The line is given up, the session is not.
    pane.key("C-c");
    pane.wait_for_times("rbl>", 4);
    pane.type_line("3 + 4");
    pane.wait_for("7   number");
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
