//! `rbl run --mode`, and `rbl freeze`: what a run may do unasked, without a server.

use super::shell::Shell;

const RUNBOOK: &str = "runbook \"Tidy\"\nowner \"ops\"\n\naction `cat a.txt`\naction `echo x >> done` finally `echo back >> done`\n\
                       action `echo y >> done`\n";

fn shell() -> Shell {
    let shell = Shell::new();
    shell.write("a.rb", RUNBOOK).write("a.txt", "here");
    shell.write("rbl.toml", "[teams.ops]\ntype = \"terminal\"\n");
    shell
}

fn done(shell: &Shell) -> String {
    std::fs::read_to_string(shell.path().join("done")).unwrap_or_default()
}

#[test]
fn look_shows_what_would_be_done_and_does_nothing() {
    let shell = shell();
    for words in ["run a.rb --mode look", "run a.rb --mode look --no-journal"] {
        let ended = shell.rbl(words).code(4);
        assert!(ended.out.contains("here"), "what only reads is run: {}", ended.out);
        assert!(ended.out.contains("it would do now: `echo x >> done`"), "{}", ended.out);
        assert!(ended.out.contains("then, at line 6: `echo y >> done`"), "{}", ended.out);
        assert!(ended.out.contains("it only looks, and stops before `echo x >> done`"), "{}", ended.out);
        assert_eq!(done(&shell), "");
    }
    shell.rbl("replay last").code(4);
    shell.rbl("run a.rb --mode play").code(2);
}

#[test]
fn ask_parks_until_the_team_approves_each_action() {
    let shell = shell();
    let parked = shell.rbl("run a.rb --mode ask --no-input").code(5);
    assert!(parked.out.contains("ops: may this be done? echo x >> done"), "{}", parked.out);
    assert_eq!(done(&shell), "");
    shell.rbl("answer last yes --as ana --no-input").code(5);
    assert_eq!(done(&shell), "x\n");
    shell.rbl("answer last yes --as ana --no-input").code(0);
    assert_eq!(done(&shell), "x\ny\nback\n");
    let shown = shell.rbl("show last").code(0).out;
    assert!(
        shown.contains("may this be done?") && shown.contains("this run began in the mode ask"),
        "{shown}"
    );
    shell.rbl("replay last").code(0);
    // A changed runbook is compared with what was approved.
    shell.rbl("replay last --with a.rb").code(0);
}

#[test]
fn without_a_mode_a_run_by_hand_acts_and_its_record_asks_for_none() {
    let shell = shell();
    shell.rbl("run a.rb").code(0);
    assert_eq!(done(&shell), "x\ny\nback\n");
    let records = shell.rbl("show last --format json").out;
    assert!(!records.contains("\"effect\":\"mode\"") && records.contains("\"mode\":\"act\""), "{records}");
}

#[test]
fn an_imported_runbook_only_looks_whoever_starts_it() {
    let shell = shell();
    shell.write("a.rb", format!("# rbl: imported\n{RUNBOOK}"));
    let ended = shell.rbl("run a.rb --mode act").code(4);
    assert!(ended.out.contains("a.rb begins with `# rbl: imported`"), "{}", ended.out);
    assert_eq!(done(&shell), "");
}

#[test]
fn a_freeze_holds_for_runs_by_hand_and_says_why() {
    let shell = shell();
    assert_eq!(shell.rbl("freeze").code(0).out, "not frozen\n");
    assert_eq!(shell.rbl("freeze --off").code(0).out, "nothing was frozen\n");
    shell.rbl("freeze --until 1h").code(2);
    shell.rbl("freeze --because x --off").code(2);
    shell.rbl("freeze --because x --until 2020-01-01T00:00:00Z").code(2);
    shell.rbl("freeze --because rebuilding --as ana --until 1h").code(0);
    assert!(shell.rbl("freeze").code(0).out.starts_with("frozen by ana since "));
    for words in ["run a.rb", "run a.rb --no-journal"] {
        let ended = shell.rbl(words).code(4);
        assert!(ended.out.contains("it only looks, and stops before `echo x >> done`"), "{}", ended.out);
        assert!(ended.out.contains("rebuilding"), "{}", ended.out);
        assert_eq!(done(&shell), "", "what was not done is not put back either");
    }
    shell.rbl("replay last").code(4);
    shell.rbl("freeze --off").code(0);
    shell.rbl("run a.rb").code(0);
}
