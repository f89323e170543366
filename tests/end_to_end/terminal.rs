//! A person at a real terminal, narrow and wide.

use super::pane::Pane;
use crate::cli::shell::Shell;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// No line is wider than the terminal, and no box is broken.
#[track_caller]
fn tidy(screen: &str, columns: usize) {
    for line in screen.lines() {
        assert!(line.chars().count() <= columns, "{line}\n{screen}");
        let boxed = line.starts_with('┃');
        assert!(!boxed || line.ends_with('┃'), "{line}\n{screen}");
    }
}

#[test]
fn a_run_by_itself() {
    for columns in [80, 200] {
        let shell = Shell::new();
        let words = "run host-pressure.rb --param load_limit=100000% --param memory_floor=0% --param disk_limit=100.1%";
        for name in ["host-pressure.rb", "library/machine.rb"] {
            shell.write(name, std::fs::read(format!("{EXAMPLES}/{name}")).unwrap());
        }
        let Some(pane) = Pane::open(columns, shell.path(), words) else { return };
        let screen = pane.ended(0);
        tidy(&screen, columns.into());
        for words in [
            "Host under pressure",
            "1/5 Has it just started?",
            "✔ yes       every disk < disk_limit",
            "✔ RESOLVED",
        ] {
            assert_eq!(screen.matches(words).count(), 1, "{words}: {screen}");
        }
    }
}

#[test]
fn a_manual_run_to_the_end() {
    for columns in [80, 200] {
        let shell = Shell::new();
        let words = format!("run {EXAMPLES}/api-latency-first-day.rb");
        let Some(pane) = Pane::open(columns, shell.path(), &words) else { return };
        let answers = [
            ("? Open the latency dashboard: is the alert real?", "y seen on two dashboards"),
            ("? Did a deploy finish in the last 30 minutes?", "y"),
            ("▶ Roll it back", "d"),
            ("? Is p99 back under 500ms?", "y"),
            ("? What was the cause?", "bad deploy"),
        ];
        for (number, (prompt, answer)) in answers.iter().enumerate() {
            pane.wait_for(prompt);
            pane.wait_for_times(" left: ", number + 1);
            pane.type_line(answer);
        }
        let screen = pane.ended(0);
        tidy(&screen, columns.into());
        for (prompt, _) in answers {
            assert_eq!(screen.matches(prompt).count(), 1, "{prompt}: {screen}");
        }
        for words in [
            "ana said yes",
            "✔ done      Roll it back",
            "✔ answered  \"What was the cause?\" bad deploy",
            "┃ RECORD for incidents",
            "✔ RESOLVED",
        ] {
            assert!(screen.contains(words), "{words}: {screen}");
        }
    }
}

const WAITS: &str =
    "runbook \"A wait\"\nowner \"a\"\naction `touch started` finally `touch cleaned`\nwait 60s\n";

#[test]
fn ctrl_c_asks_and_yes_cleans_up() {
    let shell = Shell::new();
    shell.write("a.rb", WAITS);
    let Some(pane) = Pane::open(80, shell.path(), "run a.rb") else { return };
    pane.wait_for("waiting · ");
    pane.key("C-c");
    let question = "Abort this run? Its finally and undo actions will still run. [y/N]";
    pane.wait_for(question);
    pane.type_line("y");
    let screen = pane.ended(5);
    assert_eq!(screen.matches(question).count(), 1, "{screen}");
    for words in ["touch cleaned", "ABORTED"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains("waiting · "), "no countdown is left behind: {screen}");
    assert!(shell.path().join("cleaned").exists());
}

#[test]
fn no_to_ctrl_c_goes_on() {
    let shell = Shell::new();
    // It waits for a file, not for a time: it is still waiting when Ctrl-C arrives, however late that is.
    let text = WAITS.replace("wait 60s", "wait until gate > 0 within 10m every 200ms");
    shell.write("a.rb", text.replace("action", "metric gate from file \"gate.json gate\"\naction"));
    shell.write("gate.json", "{\"gate\": 0}").write("opened.json", "{\"gate\": 1}");
    let Some(pane) = Pane::open(80, shell.path(), "run a.rb") else { return };
    pane.wait_for("looking again");
    pane.key("C-c");
    pane.wait_for("[y/N]");
    pane.type_line("n");
    std::fs::rename(shell.path().join("opened.json"), shell.path().join("gate.json")).unwrap();
    let screen = pane.ended(0);
    assert!(screen.contains("✔ RESOLVED"), "{screen}");
    assert!(shell.path().join("cleaned").exists());
}

#[test]
fn a_second_ctrl_c_sets_the_run_aside() {
    let shell = Shell::new();
    shell.write("a.rb", WAITS);
    let Some(pane) = Pane::open(80, shell.path(), "run a.rb") else { return };
    pane.wait_for("waiting · ");
    pane.key("C-c");
    pane.wait_for("[y/N]");
    pane.key("C-c");
    let screen = pane.ended(5);
    assert!(screen.contains("WAITING") && screen.contains("still to do"), "{screen}");
    assert!(!shell.path().join("cleaned").exists(), "set aside as it stands: nothing more is done");
}

#[test]
fn a_question_that_nobody_answers() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\ncheck \"Is it well?\" within 8s unknown { record \"nobody said\" }\n",
    );
    let Some(pane) = Pane::open(80, shell.path(), "run a.rb") else { return };
    pane.wait_for(" left: ");
    // Half an answer counts as none, and does not end up in the shell afterwards.
    pane.key("y");
    let screen = pane.ended(0);
    for words in ["no answer within 8s", "continuing in `unknown` at line 3", "┃ nobody said"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
}

#[test]
fn a_secret_is_never_seen() {
    let shell = Shell::new();
    let file = shell.path().join("credentials");
    let words = format!("run {EXAMPLES}/credential-rotation.rb --param file={}", file.display());
    let Some(pane) = Pane::open(80, shell.path(), &words) else { return };
    let yes = |number| {
        pane.wait_for_times(" left: y yes", number);
        pane.type_line("y");
    };
    (1..=3).for_each(yes);
    pane.wait_for("type the secret; it is not shown");
    pane.type_line("hunter-two");
    yes(4);
    let screen = pane.ended(0);
    assert!(!pane.codes().contains("hunter") && screen.contains("password: •••"), "{screen}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "reporting:hunter-two\n");
    super::hostile::only(&shell, &["credentials"]);
}

#[test]
fn without_colours_there_are_no_codes() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\ncheck `true`\nescalate to owner because \"look\"\n");
    let Some(pane) = Pane::with(80, shell.path(), "NO_COLOR=1", "run a.rb") else { return };
    pane.ended(4);
    assert!(!pane.codes().contains('\u{1b}'), "{:?}", pane.codes());
    let Some(pane) = Pane::open(80, shell.path(), "run a.rb") else { return };
    pane.ended(4);
    assert!(pane.codes().contains('\u{1b}'), "{:?}", pane.codes());
}

#[test]
fn nobody_to_ask_parks() {
    let shell = Shell::new();
    let words = format!("run {EXAMPLES}/api-latency-first-day.rb --no-input");
    let Some(pane) = Pane::open(80, shell.path(), &words) else { return };
    let screen = pane.ended(5);
    assert!(screen.contains("WAITING"), "{screen}");
    assert!(screen.contains("Open the latency dashboard: is the alert real?"), "{screen}");
    assert!(!screen.contains(" left: "), "nobody was asked: {screen}");
}

#[test]
fn a_terminal_that_goes_away_aborts_and_cleans_up() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\naction `touch a` finally `touch cleaned`\naction `echo $$ > pid; sleep 300`\n",
    );
    // The journal outlives the terminal: without one nothing would be done any more, not even the clean-up.
    let state = format!("XDG_STATE_HOME={}", shell.state().display());
    let Some(pane) = Pane::with(80, shell.path(), &state, "run a.rb") else { return };
    pane.wait_for("running ");
    // The shell writes its line a moment after it has made the file.
    let pid = || std::fs::read_to_string(shell.path().join("pid")).unwrap_or_default();
    super::streams::eventually("the command runs", || pid().ends_with('\n'));
    drop(pane);
    super::streams::eventually("the command is gone", || !super::streams::alive(pid().trim()));
    super::streams::eventually("it is cleaned up", || shell.path().join("cleaned").exists());
}

#[test]
fn what_is_longer_than_the_screen_hangs_and_nothing_is_told_twice() {
    let text = "runbook \"Long\"\nowner \"payments\"\nlet role = \"primary\"\n\
                let rows = `seq 1 14`\n\
                `echo the output of this command is wider than the narrow screen that it is printed on, is it not`\n\
                if \"Rotate the password of #{role} now, although it is late and nobody is there to help with it?\" {\n\
                record \"Rotated the password of #{role}\"\n}\n\
                if \"Is it #{role}?\" within 1s { } else { } unknown { }\n";
    let text = text.replacen("\n`echo", "\nlet wide = `echo", 1);
    let shell = Shell::new();
    shell.write("long.rb", text);
    let Some(pane) = Pane::open(80, shell.path(), "run long.rb") else { return };
    pane.wait_for(" left: ");
    pane.type_line("y looks like a deploy");
    let screen = pane.ended(0);
    tidy(&screen, 80);
    for words in [
        "    │ the output of this command is wider than the narrow screen that it is\n    │   printed on, is it not\n",
        "  ? Rotate the password of primary now, although it is late and nobody is there\n    to help with it?\n",
        "ana said yes: looks like a deploy",
        "rows = 1 (and 13 more lines)",
        "✔ recorded  on this terminal: nobody else was told",
        "\n    no answer within 1s\n",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert_eq!(screen.matches("Rotated the password of primary").count(), 1, "{screen}");
    assert!(!screen.contains("#{role}") && !screen.contains("    1s left"), "{screen}");
}

/// Whoever approves something sees what is sent, in the units and digits in which it leaves the run.
#[test]
fn an_approval_shows_what_is_sent() {
    let shell = Shell::new();
    shell.write("rbl.toml", "[executors.api]\ntype = \"http\"\nurl = \"http://127.0.0.1:9\"\n");
    let head = "runbook \"a\"\nowner \"a\"\ndefine post(t, r, b, n) as api \"POST /act/#{t}\"\n\
                define wipe(t) as `echo #{t}`\n";
    let body = "action post(1h, 50%, 10GiB, 0.50) by \"dba\" within 5m else { }\n\
                action wipe(90s) by \"dba\" within 5m else { }\n\
                action `echo plain` by \"dba\" within 5m else { }\n";
    shell.write("a.rb", format!("{head}{body}"));
    let Some(pane) = Pane::open(100, shell.path(), "run a.rb") else { return };
    pane.wait_for("post(t: 1h, r: 50%, b: 10GiB, n: 0.50)");
    pane.wait_for("api POST /act/3600 with t: 3600, r: 0.5, b: 10737418240, n: 0.50");
    pane.wait_for("n no");
    pane.type_line("n");
    pane.wait_for("wipe(t: 90s)");
    pane.wait_for("echo 90");
    pane.wait_for_times("n no", 2);
    pane.type_line("n");
    let screen = pane.wait_for_times("n no", 3);
    assert_eq!(screen.matches("what it runs").count(), 2, "the title says all of the third: {screen}");
    pane.type_line("n");
    pane.ended(0);
}
