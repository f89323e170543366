//! `rbl run`: exit codes, streams, formats, parameters; without a terminal, and on one.

use std::io::Read;

use super::shell::Shell;

const RESOLVED: &str = "runbook \"all is well\"\nowner \"a\"\ncheck `true`\n";

#[test]
fn every_outcome_has_its_exit_code() {
    let shell = Shell::new();
    let run = |text: &str| {
        shell.write("a.rb", format!("runbook \"a\"\n{text}\n"));
        shell.rbl("run a.rb")
    };
    run("owner \"a\"\ncheck `true`").code(0);
    run("owner \"a\"\nresolve \"over\"").code(0);
    // Nobody but this terminal can be notified, and the page says so; a page that was shown counts as delivered.
    let escalated = run("owner \"a\"\nescalate to owner because \"look at it\"").code(4);
    assert!(
        escalated.out.contains("paged") && escalated.out.contains("nobody else was told"),
        "{escalated:?}"
    );
    run("owner \"a\"\nstop \"not well\"").code(4);
    let nobody = run("stop \"not well\"").code(6);
    assert!(nobody.out.contains("failed"), "{nobody:?}");
    let waiting = run("owner \"a\"\ncheck \"Is it well?\"").code(5);
    assert!(waiting.out.contains("Is it well?"), "{waiting:?}");
}

#[test]
fn a_runbook_with_errors_does_not_run() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\naction `touch done`\nchekc true\n");
    let run = shell.rbl("run a.rb").code(3);
    assert!(
        run.out.is_empty() && run.err.contains("chekc") && run.err.contains("nothing was run"),
        "{run:?}"
    );
    assert!(!shell.path().join("done").exists());
    let json = shell.rbl("run a.rb --format json").code(3);
    let objects = json.json();
    assert_eq!(
        (objects[0]["type"].as_str(), objects[1]["type"].as_str()),
        (Some("diagnostic"), Some("summary"))
    );
    assert!(json.err.is_empty(), "{json:?}");
}

#[test]
fn what_cannot_be_done_is_two() {
    let shell = Shell::new();
    shell.write("a.rb", RESOLVED);
    shell.rbl("run nowhere.rb").code(2);
    shell.rbl("run .").code(2);
    let unknown = shell.rbl("run a.rb --param x=1").code(2);
    assert!(unknown.err.contains("no parameter `x`") && unknown.out.is_empty(), "{unknown:?}");
    shell.rbl("run a.rb --param x").code(2);
    shell.rbl("run a.rb --params nowhere.json").code(2);
    shell.rbl("run a.rb --alert nowhere.json").code(2);
    shell.write("rbl.toml", "[nonsense]\n");
    let wrong = shell.rbl("run a.rb").code(2);
    assert!(wrong.err.contains("rbl.toml:1") && wrong.err.contains("nothing was run"), "{wrong:?}");
}

#[test]
fn what_is_no_runbook_is_not_run() {
    let shell = Shell::new();
    for text in ["", "\n", "# nothing yet\n", "#!/usr/bin/env rbl\n", "let limit = 5\n"] {
        shell.write("a.rb", text);
        let run = shell.rbl("run a.rb").code(3);
        assert!(run.err.contains("this file is a library: it has no `runbook` line"), "{text:?} {run:?}");
        assert!(run.err.contains("write `runbook \"TITLE\"` above it"), "{text:?} {run:?}");
        assert!(run.err.contains("nothing was run") && run.out.is_empty(), "{text:?} {run:?}");
        let json = shell.rbl("run a.rb --format json").code(3).json();
        assert_eq!((&json[0]["code"], &json[1]["errors"]), (&"name/file-kind".into(), &1.into()), "{text:?}");
        shell.rbl("check a.rb").code(0);
    }
    shell.write("book.rb", "runbook \"a\"\nowner \"a\"\nresolve\n");
    shell.write("a.rb", "tests for \"book.rb\"\n");
    assert!(shell.rbl("run a.rb").code(3).err.contains("this file holds tests, and is no runbook"));
}

#[test]
fn parameters_come_from_the_line_from_files_and_from_the_alert() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\nparam service\nparam limit = 500ms\nrecord \"#{service} #{limit}\"\n",
    );
    let missing = shell.rbl("run a.rb").code(2);
    assert!(missing.err.contains("service") && missing.err.contains("a.rb:3"), "{missing:?}");
    let params = |words: &str| {
        let events = shell.rbl(&format!("run a.rb --format json {words}")).code(0).json();
        let started = events.iter().find(|it| it["type"] == "started").unwrap();
        let all = started["params"].as_array().unwrap().iter();
        all.map(|it| it["value"]["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(params("--param service=api"), ["api", "500ms"]);
    shell.write("p.json", r#"{"service": "web", "limit": "2s"}"#).write("p.toml", "service = \"db\"\n");
    assert_eq!(params("--params p.json"), ["web", "2s"]);
    assert_eq!(params("--params p.json --param limit=3s"), ["web", "3s"]);
    assert_eq!(params("--params p.toml"), ["db", "500ms"]);
    shell.write(
        "alert.json",
        r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A","service":"mail"},"annotations":{}}]}"#,
    );
    assert_eq!(params("--alert alert.json"), ["mail", "500ms"]);
    let wrong = shell.rbl("run a.rb --param service=api --param limit=soon").code(2);
    assert!(wrong.err.contains("limit"), "{wrong:?}");
}

#[test]
fn json_is_events_and_the_last_is_the_end() {
    let shell = Shell::new();
    shell.write("a.rb", RESOLVED);
    let run = shell.rbl("run a.rb --format json").code(0);
    assert!(run.out.lines().all(|line| line.starts_with("{\"type\":\"")), "{}", run.out);
    let events = run.json();
    assert_eq!(events[0]["type"], "started");
    let last = run.out.lines().last().unwrap();
    assert!(last.starts_with("{\"type\":\"ended\",\"outcome\":\"resolved\","), "{last}");
    assert!(events.iter().all(|event| event["at"].is_string()), "{}", run.out);
    assert!(run.err.is_empty(), "{}", run.err);
}

#[test]
fn without_a_terminal_it_is_a_log() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\nstep \"Look\" {\n  check `echo seen; true`\n  action `echo did it`\n}\n",
    );
    let run = shell.rbl("run a.rb").code(0);
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{run:?}");
    for words in [
        "  runbook    a; a.rb, run 20",
        "  step       1/1; Look",
        "  yes        ",
        "  done       ",
        "  resolved   ",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    // The output of a command appears as it arrives, beside the story.
    assert!(run.err.contains("did it") && !run.out.lines().any(|line| line == "did it"), "{run:?}");
}

#[test]
fn a_runbook_alone_and_standard_input_run() {
    let shell = Shell::new();
    shell.write("a.rb", RESOLVED);
    shell.rbl("a.rb").code(0);
    shell.rbl("--color never a.rb --format json").code(0);
    let piped = shell.feed("run -", RESOLVED).code(0);
    assert!(piped.out.contains("<stdin>"), "{piped:?}");
    shell.feed("-", RESOLVED).code(0);
}

#[test]
fn the_first_line_makes_a_runbook_a_program() {
    let shell = Shell::new();
    let binary = env!("CARGO_BIN_EXE_rbl");
    let path = shell.path().join("first");
    crate::support::write_program(&path, &format!("#!{binary}\n{RESOLVED}"));
    let output = std::process::Command::new(&path).env("XDG_STATE_HOME", shell.state()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_run_goes_on_although_nobody_reads_its_story() {
    let shell = Shell::new();
    shell
        .write("a.rb", "runbook \"a\"\nowner \"a\"\naction `echo one`\nwait 300ms\naction `touch reached`\n");
    let mut child = shell.command("run a.rb").spawn().unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(shell.path().join("reached").exists());
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\naction `touch a` finally `touch cleaned`\ncheck \"Is it well?\"\n",
    );
    for words in ["run a.rb", "run a.rb --no-input"] {
        let run = shell.feed(words, "yes\nyes\n").code(5);
        assert!(run.out.contains("waiting") && run.out.contains("for an answer: \"Is it well?\""), "{run:?}");
        assert!(run.out.contains("still to do"), "{run:?}");
    }
}

#[test]
fn what_a_first_runbook_says_is_true() {
    let shell = Shell::new();
    let written = shell.rbl("new").code(0);
    assert!(
        written.out.contains("wrote runbook.rb") && written.out.contains("rbl run runbook.rb"),
        "{written:?}"
    );
    let checked = shell.rbl("check --strict runbook.rb").code(0);
    assert!(checked.out.contains("nothing to report in 1 file"), "{checked:?}");
    let again = shell.rbl("new").code(2);
    assert!(again.err.contains("it is there already"), "{again:?}");
    shell.rbl("new nowhere/a.rb").code(2);
    // Whether the disk is full decides between "resolved" and a question that nobody is there to answer.
    let run = shell.rbl("run runbook.rb --format json");
    assert!(matches!(run.code, Some(0 | 5)), "{run:?}");
    assert_eq!(run.json().last().unwrap()["type"], "ended");
}
