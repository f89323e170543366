//! `rbl check`: its output and the exit codes.

use std::io::Read;

use super::shell::Shell;

const CLEAN: &str = "runbook \"clean\"\nowner \"a\"\ncheck \"Is it well?\"\n";
const BROKEN: &str = "runbook \"broken\"\nowner \"a\"\nchekc true\n";
const NO_OWNER: &str = "runbook \"no owner\"\ncheck \"Is it well?\"\n";

#[test]
fn exit_codes_of_a_check() {
    let shell = Shell::new();
    shell.write("clean.rb", CLEAN).write("broken.rb", BROKEN).write("no-owner.rb", NO_OWNER);
    assert!(shell.rbl("check clean.rb").code(0).out.ends_with("in 1 file\n"));
    let broken = shell.rbl("check broken.rb").code(1);
    assert!(broken.out.contains("chekc") && broken.err.is_empty(), "{broken:?}");
    assert!(broken.out.ends_with("1 error in 1 file\n"), "{}", broken.out);
    let warned = shell.rbl("check no-owner.rb").code(0);
    assert!(warned.out.contains("upkeep/no-owner (warning)"), "{}", warned.out);
    let strict = shell.rbl("check --strict no-owner.rb").code(1);
    assert!(strict.out.contains("1 error in 1 file"), "{}", strict.out);
    let missing = shell.rbl("check nowhere.rb").code(2);
    assert!(missing.out.is_empty() && missing.err.contains("no such file"), "{missing:?}");
    let both = shell.rbl("check nowhere.rb broken.rb").code(2);
    assert!(both.out.contains("chekc"), "the others are looked at all the same: {both:?}");
}

#[test]
fn a_folder_is_every_runbook_below_it() {
    let shell = Shell::new();
    shell.rbl("check").code(2);
    shell
        .write("deep/er/broken.rb", BROKEN)
        .write("a.rb", CLEAN)
        .write("b.rb", CLEAN)
        .write("vendor/c.rb", BROKEN);
    shell.write(".gitignore", "vendor\n").write("tool.rb", "require 'json'\n\ndef x\n  puts 1\nend\n");
    let here = shell.rbl("check --format short").code(1);
    assert!(here.out.starts_with("deep/er/broken.rb:3:1: error[syntax/statement]: "), "{}", here.out);
    assert_eq!(here.out.lines().count(), 1, "{}", here.out);
    assert!(here.err.contains("1 error in 3 files (1 file of Ruby left out)"), "{}", here.err);
    let named = shell.rbl("check tool.rb --format short").code(1);
    assert!(named.out.starts_with("tool.rb:1:1: error[syntax/ruby]"), "{}", named.out);
    shell.write("only/ruby.rb", "require 'json'\n");
    assert!(shell.rbl("check only").code(2).err.contains("no runbook found in only"));
}

#[test]
fn many_files_come_in_the_same_order_each_time() {
    let shell = Shell::new();
    for number in 0..60 {
        shell.write(&format!("{number:02}.rb"), BROKEN);
    }
    let first = shell.rbl("check --format short").code(1).out;
    let files: Vec<&str> = first.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert!(files.is_sorted() && files.len() == 60, "{first}");
    for _ in 0..5 {
        assert_eq!(shell.rbl("check --format short").code(1).out, first);
    }
}

#[test]
fn a_finding_in_a_library_is_told_once() {
    let shell = Shell::new();
    shell.write("lib/common.rb", "metric p99 in sx from host \"load.1\"\n");
    for name in ["a.rb", "b.rb"] {
        shell.write(name, "runbook \"a\"\nowner \"a\"\nuse \"lib/common.rb\"\ncheck p99 < 1s\n");
    }
    let out = shell.rbl("check --format short").code(1).out;
    let told = out.lines().filter(|line| line.starts_with("lib/common.rb:1:")).count();
    assert_eq!(told, 1, "{out}");
}

#[test]
fn json_is_one_object_a_line_whatever_stands_in_the_file() {
    let shell = Shell::new();
    shell.write("odd\u{7}.rb", "runbook \"a\"\nchekc \u{1b}[31m\u{0}\u{7f}\t\u{202e} \"q\\x\"\n");
    let checked = shell.rbl("check --format json").code(1);
    let objects = checked.json();
    let (summary, findings) = objects.split_last().unwrap();
    assert_eq!(summary["type"], "summary");
    assert!(summary["errors"].as_u64().unwrap() >= 1, "{summary}");
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(finding["type"], "diagnostic");
        for key in ["code", "severity", "message", "file"] {
            assert!(finding[key].is_string(), "{key}: {finding}");
        }
        for key in ["start", "end"] {
            for part in ["line", "column", "byte"] {
                assert!(finding[key][part].is_u64(), "{key}.{part}: {finding}");
            }
        }
        for key in ["labels", "help", "fixes"] {
            assert!(finding[key].is_array(), "{key}: {finding}");
        }
    }
    assert!(checked.out.lines().all(|line| line.starts_with("{\"type\":\"")), "{}", checked.out);
    assert!(checked.err.is_empty(), "{}", checked.err);
}

#[test]
fn standard_input_is_a_file_too() {
    let shell = Shell::new();
    let piped = shell.feed("check - --format short", BROKEN).code(1);
    assert!(piped.out.starts_with("<stdin>:3:1: error["), "{}", piped.out);
    shell.feed("check -", CLEAN).code(0);
}

#[test]
fn what_is_no_text_is_said() {
    let shell = Shell::new();
    shell.write("latin.rb", b"runbook \"caf\xe9\"\n");
    let named = shell.rbl("check latin.rb").code(1);
    assert!(named.out.contains("line 1 is not UTF-8 text (byte 12)"), "{named:?}");
    assert!(named.out.contains("Latin-1") && named.out.contains("save it as UTF-8"), "{named:?}");
    for arguments in ["check --format short .", "check --format short latin.rb"] {
        let found = shell.rbl(arguments).code(1);
        assert!(found.out.starts_with("latin.rb:1:13: error[syntax/file]"), "{found:?}");
    }
    let run = shell.rbl("run latin.rb").code(3);
    assert!(run.out.is_empty() && run.err.contains("line 1 is not UTF-8"), "{run:?}");
    shell.write("wide.rb", b"\xff\xfer\0u\0n\0");
    assert!(shell.rbl("check wide.rb").code(1).out.contains("UTF-16: save it as UTF-8"));
}

#[test]
fn a_mistake_in_the_configuration_is_a_finding() {
    let shell = Shell::new();
    shell.write("rbl.toml", "[providerz.x]\n").write("a.rb", CLEAN).write("b.rb", CLEAN);
    let out = shell.rbl("check --format short").code(1).out;
    assert_eq!(out.lines().filter(|line| line.starts_with("rbl.toml:1:")).count(), 1, "{out}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let shell = Shell::new();
    for number in 0..400 {
        shell.write(&format!("{number:03}.rb"), BROKEN);
    }
    let mut child = shell.command("check").spawn().unwrap();
    // Reads a little and closes the pipe, as `head -1` does.
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_full_disk_is_not_quiet() {
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("skipped: there is no /dev/full here");
        return;
    }
    let shell = Shell::new();
    shell.write("a.rb", CLEAN);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = shell.command("check a.rb").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));
}

#[test]
fn ascii_where_nothing_else_can_be_shown() {
    let shell = Shell::new().env("LC_ALL", "C");
    shell.write("broken.rb", BROKEN);
    let out = shell.rbl("check broken.rb").code(1).out;
    assert!(out.is_ascii(), "{out}");
    let utf8 = Shell::new().env("LC_ALL", "en_US.UTF-8");
    utf8.write("broken.rb", BROKEN);
    assert!(utf8.rbl("check broken.rb").code(1).out.contains('╭'));
}

#[test]
fn a_finding_begins_with_no_word_of_the_library_that_draws_it() {
    let shell = Shell::new();
    shell.write("broken.rb", BROKEN);
    let out = shell.rbl("check broken.rb").code(1).out;
    assert!(out.starts_with("syntax/statement\n"), "{out}");
    assert!(!out.contains("Error:") && !out.contains("Diagnostic"), "{out}");
}

/// Nobody reads more than a thousand findings: people see the number of the rest, machines get all, and a warning never
/// hides an error.
#[test]
fn of_many_findings_a_thousand_are_shown() {
    let shell = Shell::new();
    let metrics: String = (0..1_500).map(|n| format!("metric m{n} from host \"load.1\"\n")).collect();
    shell.write("a.rb", format!("runbook \"a\"\nowner \"a\"\n{metrics}check nothing < 5\n"));
    let lines = |text: &str, what: &str| text.lines().filter(|line| line.contains(what)).count();
    let short = shell.rbl("check --format short a.rb").code(1);
    assert_eq!(lines(&short.out, "name/unused"), 999, "{}", short.out.len());
    assert_eq!(lines(&short.out, "name/unknown"), 1);
    assert_eq!(short.out.lines().last(), Some("a.rb: and 501 more"));
    assert!(short.err.contains("1 error and 1,500 warnings in 1 file"), "{}", short.err);
    let pretty = shell.rbl("check a.rb").code(1);
    assert_eq!(lines(&pretty.out, "is never used"), 999);
    assert!(
        pretty.out.contains("\na.rb: and 501 more\n1 error and 1,500 warnings in 1 file"),
        "{}",
        pretty.out.len()
    );
    assert_eq!(shell.rbl("check --format json a.rb").code(1).json().len(), 1_502);
}
