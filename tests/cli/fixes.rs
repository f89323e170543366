//! `rbl check --fix` and `--diff`: what is written, what is shown, and what is left alone.

use std::os::unix::fs::PermissionsExt;

use super::shell::Shell;

const HABITS: &str = "runbook \"a\"\nowner \"a\"\nmetric load from host \"load.1\"\ncheck load < 5 && load > 1\nwait 5 minutes\n";
const FIXED: &str =
    "runbook \"a\"\nowner \"a\"\nmetric load from host \"load.1\"\ncheck load < 5 and load > 1\nwait 5m\n";

fn text(shell: &Shell, path: &str) -> String {
    std::fs::read_to_string(shell.path().join(path)).unwrap()
}

#[test]
fn what_is_certain_is_written_and_the_rest_is_reported() {
    let shell = Shell::new();
    shell.write("a.rb", HABITS).write("sub/b.rb", format!("{HABITS}chekc load < 5\n"));
    let fixed = shell.rbl("check --fix --format short").code(1);
    assert_eq!(text(&shell, "a.rb"), FIXED);
    assert_eq!(text(&shell, "sub/b.rb"), format!("{FIXED}chekc load < 5\n"));
    assert!(fixed.out.starts_with("sub/b.rb:6:1: error[syntax/statement]"), "{}", fixed.out);
    assert_eq!(fixed.out.lines().count(), 1, "{}", fixed.out);
    assert!(fixed.err.starts_with("fixed 4 findings in 2 files\n"), "{}", fixed.err);
    // The second time there is nothing to do.
    let before = std::fs::metadata(shell.path().join("a.rb")).unwrap().modified().unwrap();
    let again = shell.rbl("check --fix a.rb").code(0);
    assert!(!again.err.contains("fixed"), "{}", again.err);
    assert_eq!(std::fs::metadata(shell.path().join("a.rb")).unwrap().modified().unwrap(), before);
}

/// What joins two statements has no one right spelling: nothing is written.
#[test]
fn statements_that_are_joined_are_left_alone() {
    let shell = Shell::new();
    for line in [
        "action `a` && action `b`",
        "action `a` || escalate to owner",
        "check `a` && action `b`",
        "resolve \"x\" && record \"y\"",
    ] {
        let text = format!("runbook \"a\"\nowner \"a\"\n{line}\n");
        shell.write("joined.rb", &text);
        let said = shell.rbl("check --fix --format short joined.rb").code(1);
        assert_eq!(self::text(&shell, "joined.rb"), text, "{}", said.out);
        assert!(said.out.contains("does not join statements"), "{}", said.out);
    }
}

/// Old spellings and habits with one meaning are written as they are meant.
#[test]
fn habits_with_one_meaning_are_rewritten() {
    let shell = Shell::new();
    for (line, right) in [
        ("owner: \"a\"", "owner \"a\""),
        ("\"x\" // why", "\"x\" # why"),
        ("print(\"hello\")", "\"hello\""),
        ("sleep(5)", "wait 5s"),
        ("wait for 5 minutes", "wait 5m"),
        ("unless load < 5 { stop }", "if not (load < 5) { stop }"),
        ("for x in [1] { \"#{x}\" }", "for each x in [1] { \"#{x}\" }"),
        (
            "match \"Which?\" { \"a\" { stop } default { stop } }",
            "match \"Which?\" { \"a\" { stop } else { stop } }",
        ),
        ("check \"a\" in kind == false", "check not \"a\" in kind"),
        ("\"load of {kind}\"", "\"load of #{kind}\""),
    ] {
        let file = |line: &str| {
            format!(
                "runbook \"a\"\nmetric load from host \"load.1\"\nparam kind = \"a\"\n{line}\ncheck load < 5\n\"#{{kind}}\"\n"
            )
        };
        shell.write("habit.rb", file(line));
        shell.rbl("check --fix habit.rb");
        assert_eq!(self::text(&shell, "habit.rb"), file(right));
    }
}

#[test]
fn a_diff_shows_it_and_writes_nothing() {
    let shell = Shell::new();
    shell.write("a.rb", HABITS).write("clean.rb", FIXED);
    let shown = shell.rbl("check --diff").code(1);
    insta::assert_snapshot!(shown.out, @r#"
    --- a.rb
    +++ a.rb
    @@ -1,5 +1,5 @@
     runbook "a"
     owner "a"
     metric load from host "load.1"
    -check load < 5 && load > 1
    -wait 5 minutes
    +check load < 5 and load > 1
    +wait 5m
    "#);
    assert_eq!(shown.err, "would fix 2 findings in 1 file\n");
    assert_eq!(text(&shell, "a.rb"), HABITS);
    assert_eq!(shell.rbl("check --diff clean.rb").code(0).out, "");
    shell.rbl("check --diff nowhere.rb").code(2);
    shell.rbl("check --diff --format json").code(2);
    // With both, the file is written and the diff shown, and what is left is reported.
    let both = shell.rbl("check --fix --diff").code(0);
    assert!(
        both.out.starts_with("--- a.rb\n") && both.out.ends_with("nothing to report in 2 files\n"),
        "{}",
        both.out
    );
    assert_eq!(text(&shell, "a.rb"), FIXED);
}

/// A diff is for `patch`: applying it gives what `--fix` writes.
#[test]
fn a_diff_can_be_applied() {
    let shell = Shell::new();
    // Without a line end at the end of the file, and with CRLF line ends.
    let odd = HABITS.trim_end().replace('\n', "\r\n");
    shell.write("a.rb", &odd);
    let diff = shell.rbl("check --diff").code(1).out;
    shell.write("a.diff", &diff);
    let applied = std::process::Command::new("git")
        .args(["apply", "-p0", "a.diff"])
        .current_dir(shell.path())
        .env("GIT_CEILING_DIRECTORIES", shell.path())
        .output();
    let applied = match applied {
        Ok(applied) => applied,
        Err(why) => {
            eprintln!("skipped: git cannot be started ({why})");
            return;
        }
    };
    assert!(applied.status.success(), "{}\n{diff}", String::from_utf8_lossy(&applied.stderr));
    assert_eq!(text(&shell, "a.rb"), FIXED.trim_end().replace('\n', "\r\n"));
}

#[test]
fn standard_input_is_fixed_to_standard_output() {
    let shell = Shell::new();
    let fixed = shell.feed("check - --fix", &format!("{HABITS}chekc load\n")).code(1);
    assert_eq!(fixed.out, format!("{FIXED}chekc load\n"));
    assert!(fixed.err.contains("no statement begins with `chekc`"), "{}", fixed.err);
    assert!(fixed.err.contains("fixed 2 findings"), "{}", fixed.err);
    assert_eq!(shell.feed("check - --fix", FIXED).code(0).out, FIXED);
    // A file that is not text is reported, and nothing is printed.
    let mut child = shell.command("check - --fix").stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"runbook \"caf\xe9\"\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not UTF-8 text"));
    let diff = shell.feed("check - --diff", HABITS).code(1).out;
    assert!(diff.starts_with("--- <stdin>\n+++ <stdin>\n"), "{diff}");
}

#[test]
fn files_of_others_and_what_is_no_text_are_left_alone() {
    let shell = Shell::new();
    let ruby = "require 'json'\n\ndef x\n  puts 'wait 5 minutes' && true\nend\n";
    let markdown = "# Runbook\n\n- wait 5 minutes\n- check a && b\n";
    let latin = b"runbook \"caf\xe9\"\nwait 5 minutes\n";
    shell.write("ruby.rb", ruby).write("book.rbl", markdown).write("latin.rb", latin);
    shell.rbl("check --fix ruby.rb book.rbl latin.rb").code(1);
    shell.rbl("check --fix").code(1);
    assert_eq!((text(&shell, "ruby.rb").as_str(), text(&shell, "book.rbl").as_str()), (ruby, markdown));
    assert_eq!(std::fs::read(shell.path().join("latin.rb")).unwrap(), latin);
}

/// A library is fixed when it is checked itself, not through the runbooks that use it.
#[test]
fn only_what_is_checked_is_changed() {
    let shell = Shell::new();
    let library = "let limit = 5sec\n";
    shell.write("lib/common.rb", library);
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\nuse \"lib/common.rb\"\nwait limit\nwait 5 minutes\n");
    shell.rbl("check --fix a.rb").code(1);
    assert_eq!(text(&shell, "lib/common.rb"), library);
    assert!(text(&shell, "a.rb").ends_with("wait 5m\n"));
    shell.rbl("check --fix").code(0);
    assert_eq!(text(&shell, "lib/common.rb"), "let limit = 5s\n");
}

#[test]
fn what_cannot_be_written_is_said_and_nothing_is_lost() {
    let shell = Shell::new();
    shell.write("locked.rb", HABITS).write("open.rb", HABITS);
    let locked = shell.path().join("locked.rb");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o444)).unwrap();
    let fixed = shell.rbl("check --fix").code(2);
    assert!(fixed.err.contains("rbl: cannot write `locked.rb`: it is read-only"), "{}", fixed.err);
    assert_eq!((text(&shell, "locked.rb").as_str(), text(&shell, "open.rb").as_str()), (HABITS, FIXED));
    assert!(fixed.out.contains("2 errors in 2 files"), "{}", fixed.out);
    assert!(fixed.err.contains("fixed 2 findings in 1 file"), "{}", fixed.err);
}

/// A disk that becomes full while the new text is written: here, a file with a size limit.
#[test]
fn a_full_disk_leaves_the_file_as_it_was() {
    let shell = Shell::new();
    let long = format!("{HABITS}{}", "# a line that makes the file long\n".repeat(100));
    shell.write("a.rb", &long);
    let script = format!("trap '' XFSZ; ulimit -f 1; exec {} check --fix a.rb", env!("CARGO_BIN_EXE_rbl"));
    let output =
        std::process::Command::new("bash").args(["-c", &script]).current_dir(shell.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("cannot write `a.rb`: "), "{err}");
    assert_eq!(text(&shell, "a.rb"), long);
    assert_eq!(std::fs::read_dir(shell.path()).unwrap().count(), 1, "nothing is left behind");
}
