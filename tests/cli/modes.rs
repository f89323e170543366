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

/// The last one counts only where it does not cut short what somebody else froze.
#[test]
fn a_freeze_of_somebody_else_is_not_cut_short_and_its_end_says_whose_it_was() {
    let shell = shell();
    shell.rbl("freeze --because rebuilding --as ana").code(0);
    let refused = shell.rbl("freeze --because deploy --until 10m --as ben").code(2).err;
    let why = "the freeze of ana holds longer, until somebody ends it: rebuilding";
    assert!(refused.contains(why) && refused.contains("rbl freeze --off"), "{refused}");
    assert!(shell.rbl("freeze").code(0).out.starts_with("frozen by ana since "));
    // Their own, and one that ends later.
    shell.rbl("freeze --because rebuilding --until 1h --as ana").code(0);
    let refused = shell.rbl("freeze --because deploy --until 10m --as ben").code(2).err;
    assert!(refused.contains("the freeze of ana holds longer, until 2"), "{refused}");
    shell.rbl("freeze --because deploy --until 2h --as ben").code(0);
    let ended = shell.rbl("freeze --off --as ana").code(0).out;
    assert!(ended.contains("\nit was: frozen by ben since ") && ended.ends_with(": deploy\n"), "{ended}");
    assert_eq!(shell.rbl("freeze").code(0).out, "not frozen\n");
    shell.rbl("freeze --because deploy --until 10m --as ben").code(0);
}

/// A test runs as it is written: the questions of the mode are no part of it, and what only looked is none.
#[test]
fn a_run_in_a_mode_becomes_the_test_of_what_is_written() {
    let shell = shell();
    let text = "runbook \"Tidy\"\nowner \"ops\"\n\ncheck `test -f a.txt` else { stop \"no\" }\naction `echo x >> done` by \"ops\" finally `echo back >> done`\n\
                action `echo y >> done`\ncheck `test -f done` else { stop \"it did not help\" }\nresolve \"done\"\n";
    shell.write("a.rb", text);
    let as_test = || {
        let made = shell.rbl("replay last --as-test").code(0);
        assert!(!made.out.contains("may this be done"), "{}", made.out);
        shell.write("a_test.rb", format!("tests for \"a.rb\"\n\n{}", made.out));
        shell.rbl("test a_test.rb").code(0);
        made.out
    };
    shell.rbl("run a.rb --mode ask --no-input --as bo").code(5);
    shell.rbl("answer last yes --as ana --no-input").code(5);
    shell.rbl("answer last yes --as ana --no-input").code(0);
    let made = as_test();
    assert!(made.contains("expect action `echo x >> done`") && made.contains("resolved"), "{made}");
    // One that was not approved, and one that only looked, have no such test.
    shell.rbl("run a.rb --mode ask --no-input --as bo").code(5);
    shell.rbl("answer last yes --as ana --no-input").code(5);
    shell.rbl("answer last no --as ana --no-input").code(4);
    let refused = shell.rbl("replay last --as-test").code(2).err;
    assert!(refused.contains("its mode asked \"ops: may this be done? echo y >> done\""), "{refused}");
    shell.rbl("run a.rb --mode look").code(4);
    let refused = shell.rbl("replay last --as-test").code(2).err;
    assert!(refused.contains("it only looked, and a test runs as it is written"), "{refused}");
}

/// Autonomy is earned: `rbl report` says which runbooks are ready for the next mode, and when they were rehearsed.
#[test]
fn a_report_says_what_is_ready_for_the_next_mode_and_when_it_was_rehearsed() {
    let shell = shell();
    let text = |more: &str| {
        format!(
            "runbook \"Tidy\"\nowner \"ops\"\n\naction `echo x >> done`\n{more}resolve \"done\"\n\ntest \"it acts\" {{\n  expect resolved\n}}\n"
        )
    };
    shell.write("a.rb", text(""));
    let ready = "a.rb: approved 5 times in a row in `ask`, and unchanged since: ready for `act`";
    let approved = || {
        shell.rbl("run a.rb --mode ask --no-input --as bo").code(5);
        shell.rbl("answer last yes --as ana --no-input").code(0);
    };
    let report = || shell.rbl("report").code(0).out;
    let figures = || shell.rbl("report --format json").code(0).json().remove(0)["runbooks"][0].clone();
    for _ in 0..4 {
        approved();
    }
    assert!(!report().contains("ready for") && report().contains("never rehearsed here"), "{}", report());
    approved();
    assert!(report().contains(ready), "{}", report());
    assert_eq!((&figures()["in_a_row"], &figures()["ready_for"]), (&5.into(), &"act".into()));
    // A test that fails is no rehearsal.
    shell.write("a_test.rb", "tests for \"a.rb\"\n\ntest \"it fails\" {\n  expect escalated\n}\n");
    shell.rbl("test").code(1);
    assert!(figures()["rehearsed"].is_null());
    std::fs::remove_file(shell.path().join("a_test.rb")).unwrap();
    shell.rbl("test").code(0);
    assert_eq!(figures()["rehearsed_as_it_ran"], true, "{}", figures());
    assert!(report().contains("; rehearsed ") && !report().contains("another text"), "{}", report());
    // A change starts it anew, and so does a refusal.
    shell.write("a.rb", text("record \"done\"\n"));
    approved();
    assert!(!report().contains("ready for"), "{}", report());
    assert!(report().contains(" ago, with another text than its last run"), "{}", report());
    for _ in 0..4 {
        approved();
    }
    assert!(report().contains(ready), "{}", report());
    shell.rbl("run a.rb --mode ask --no-input --as bo").code(5);
    shell.rbl("answer last no --as ana --no-input").code(4);
    assert_eq!(figures()["in_a_row"], 0, "{}", figures());
}

/// Unchanged is all that the runbook is made of; and whoever ends a run instead of approving has not approved.
#[test]
fn a_changed_part_and_an_abort_begin_the_count_anew() {
    let shell = shell();
    shell.write("a.rb", "runbook \"Tidy\"\nowner \"ops\"\n\nrun \"inner.rb\"\nresolve \"done\"\n");
    let inner = "runbook \"Inner\"\nowner \"ops\"\naction `echo x >> done`\n";
    shell.write("inner.rb", inner);
    let approved = || {
        shell.rbl("run a.rb --mode ask --no-input --as bo").code(5);
        shell.rbl("answer last yes --as ana --no-input").code(0);
    };
    let in_a_row = || {
        let report = shell.rbl("report --format json").code(0).json().remove(0);
        report["runbooks"][0]["in_a_row"].as_u64().unwrap()
    };
    for _ in 0..3 {
        approved();
    }
    assert_eq!(in_a_row(), 3);
    shell.write("inner.rb", inner.replace("echo x", "echo z"));
    approved();
    assert_eq!(in_a_row(), 1, "what it runs was changed");
    shell.rbl("run a.rb --mode ask --no-input --as bo").code(5);
    shell.rbl("abort last --because no --as ana");
    assert_eq!(in_a_row(), 0);
    approved();
    assert_eq!(in_a_row(), 1);
}
