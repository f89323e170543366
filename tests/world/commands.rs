//! Shell commands on this machine.

use std::time::{Duration, Instant};

use rbl_runtime::{CommandLine, Datum, Effect, Piece, Reply, World};
use rbl_syntax::value::{ReasonKind, SecretRef};

use super::bench::{Bench, alive, command, eventually, line};

#[test]
fn a_command_says_what_it_printed_and_how_it_ended() {
    let mut bench = Bench::alone();
    let output = bench.probe(line("printf 'a\\nb'; echo oops >&2; exit 3", ""), 60.0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("a\nb", "oops\n"));
    assert_eq!((output.status, output.trouble.clone(), output.cut()), (Some(3), None, 0));
    let screen = bench.screen.text();
    assert!(["    | a\n", "    | b\n", "    | oops\n"].iter().all(|line| screen.contains(line)), "{screen}");
}

#[test]
fn a_hundred_kilobytes_arrive_whole() {
    let value = "é'\"\\$(id) ".repeat(10_000);
    let output = Bench::alone().probe(line("printf %s @ | cksum; printf %s '@' | wc -c", &value), 60.0);
    assert!(output.stdout.contains(&value.len().to_string()), "{}", output.stdout);
}

#[test]
fn a_value_that_is_too_long_or_holds_nul_is_refused_by_name() {
    let mut bench = Bench::alone();
    let refused = |output: rbl_syntax::value::CommandOutput| output.trouble.unwrap();
    let long = refused(bench.probe(line("printf %s @", &"x".repeat(140_000)), 60.0));
    assert_eq!((long.kind, long.text.contains("140000 bytes")), (ReasonKind::NotRun, true), "{long}");
    assert!(refused(bench.probe(line("printf %s @", "a\0b"), 60.0)).text.contains("NUL"));
    let many = CommandLine(
        [vec![Piece::Text("printf %s".into())], vec![Piece::Value(Datum::Text("x".repeat(120_000))); 60]]
            .concat(),
    );
    assert!(refused(bench.probe(many, 60.0)).text.contains("too long together"));
    assert!(refused(bench.probe(line("eval @", "x"), 60.0)).text.contains("`eval`"));
}

#[test]
fn ends_that_are_neither_yes_nor_no_have_their_own_words() {
    let mut bench = Bench::alone();
    let mut trouble = |text: &str| bench.probe(line(text, ""), 60.0).trouble.unwrap().text;
    assert_eq!(trouble("no-such-command-at-all"), "exit code 127: no such command");
    assert_eq!(trouble("/etc/passwd"), "exit code 126: the command may not be run");
    assert_eq!(trouble("kill -9 $$"), "ended by signal 9 (SIGKILL)");
}

#[test]
fn a_failed_action_says_its_last_error() {
    let mut bench = Bench::alone();
    let acted =
        bench.act(command("echo first >&2; echo 'no such deployment' >&2; echo; exit 3", 60.0)).unwrap();
    assert_eq!(acted.result.unwrap_err().text, "exit code 3: no such deployment");
    assert_eq!(acted.output.status, Some(3));
    assert!(bench.act(command("true", 60.0)).unwrap().result.is_ok());
    assert_eq!(bench.act(command("exit 4", 60.0)).unwrap().result.unwrap_err().text, "exit code 4");
}

#[test]
fn a_time_out_ends_the_whole_group() {
    let directory = tempfile::tempdir().unwrap();
    let pids = directory.path().join("pids");
    let text =
        format!("trap '' TERM; sleep 300 & echo $! >{0}; echo $$ >>{0}; echo begun; wait", pids.display());
    let begun = Instant::now();
    let output = Bench::alone().probe(line(&text, ""), 3.0);
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    let trouble = output.trouble.unwrap();
    assert_eq!((trouble.kind, trouble.text.as_str()), (ReasonKind::TimedOut, "timed out after 3s"));
    assert_eq!((output.status, output.stdout.as_str()), (None, "begun\n"));
    let pids = std::fs::read_to_string(pids).unwrap();
    assert_eq!(pids.lines().count(), 2);
    eventually("the group is gone", || pids.lines().all(|pid| !alive(pid)));
}

#[test]
fn a_grandchild_that_left_the_group_does_not_hold_us() {
    let mut bench = Bench::alone();
    let begun = Instant::now();
    let output = bench.probe(line("setsid sleep 120 & echo done", ""), 60.0);
    assert_eq!((output.stdout.as_str(), output.status), ("done\n", Some(0)));
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    let output = bench.probe(line("setsid sleep 120; echo done", ""), 0.3);
    assert_eq!(output.trouble.unwrap().kind, ReasonKind::TimedOut);
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
}

#[test]
fn a_flood_is_cut_and_does_not_keep_the_time_out_away() {
    let begun = Instant::now();
    // Long enough to print more than is kept, on a busy machine too.
    let output = Bench::alone().probe(line("echo first; yes 2>/dev/null", ""), 3.0);
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    assert!(output.cut() > 0 && output.stdout.starts_with("first\ny\n") && output.stdout.len() < 1 << 20);
    assert_eq!(output.trouble.unwrap().kind, ReasonKind::TimedOut);
}

#[test]
fn a_command_reads_nothing_and_cannot_steer_the_terminal() {
    let mut bench = Bench::alone();
    let output =
        bench.probe(line("cat; printf '\\033[2Jx\\033]0;t\\007y\\r\\n'; printf '10%%\\r20%%\\n'", ""), 60.0);
    assert_eq!(output.status, Some(0));
    let screen = bench.screen.text();
    assert_eq!(screen, "    | xy\n    | 20%\n");
}

#[test]
fn a_secret_is_handed_over_and_not_shown() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "s3cret-token\n").unwrap();
    let secret = Datum::Secret(SecretRef::File(file.to_str().unwrap().into()));
    let line = CommandLine(vec![
        Piece::Text("printf '%s\\n' ".into()),
        Piece::Value(secret),
        Piece::Text(" | tee /dev/stderr | wc -c".into()),
    ]);
    let mut bench = Bench::alone();
    let output = bench.probe(line, 60.0);
    assert_eq!(output.stdout.trim(), "13");
    assert!(!bench.screen.text().contains("s3cret"), "{}", bench.screen.text());
    let missing = Effect::Secret { name: "t".into(), from: SecretRef::File("/no/such".into()) };
    assert!(matches!(bench.live.perform(&missing).unwrap(), Reply::Secret(Err(_))));
}
