//! `--write-missing`: on examples whose tests were deleted the written tests pass, cover every arm that can be taken,
//! and notice nearly every change.

use std::path::Path;

use super::rbl_test;

/// The examples, without any test of this one.
fn without_tests(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    std::fs::create_dir(folder.path().join("library")).unwrap();
    std::fs::copy(examples.join("library/machine.rb"), folder.path().join("library/machine.rb")).unwrap();
    let text = std::fs::read_to_string(examples.join(name)).unwrap();
    let body = text.split("\ntest \"").next().unwrap();
    std::fs::write(folder.path().join(name), body).unwrap();
    folder
}

/// The numbers of a line such as `noticed 35 of 36`.
fn of(text: &str, before: &str) -> (u32, u32) {
    let found = regex::Regex::new(&format!(r"{before}(\d+) of (\d+)")).unwrap().captures(text);
    let found = found.unwrap_or_else(|| panic!("no `{before}N of M` in {text}"));
    (found[1].parse().unwrap(), found[2].parse().unwrap())
}

#[track_caller]
fn written_anew(name: &str) {
    let folder = without_tests(name);
    let (out, err, code) = rbl_test(folder.path(), &["--write-missing", name]);
    assert_eq!(code, Some(0), "{out}{err}");
    let beside = name.replace(".rb", "_test.rb");
    assert!(out.starts_with(&format!("{beside} (a new file): ")), "{out}");
    assert!(!err.contains("no world was found in which line"), "every arm is within reach: {err}");
    let unnoticed: Vec<&str> = err.lines().collect();
    for line in &unnoticed {
        assert!(line.starts_with(&format!("{name}:")) && line.contains(": no test notices "), "{line}");
    }
    let (out, err, code) = rbl_test(folder.path(), &[name, "--coverage"]);
    assert_eq!(code, Some(0), "the written tests pass: {out}{err}");
    let (taken, all) = of(&out, &format!("{}: ", regex::escape(name)));
    assert_eq!(taken, all, "{out}");
    let (out, ..) = rbl_test(folder.path(), &[name, "--mutants"]);
    let (noticed, mutants) = of(&out, "1 runbook: noticed ");
    assert!(noticed * 100 >= mutants * 80, "{out}");
    let left = (mutants - noticed) as usize;
    assert_eq!(unnoticed.len(), left, "each that is left is said, and no other: {err}{out}");
    // Nothing is missing now.
    let (out, err, _) = rbl_test(folder.path(), &["--write-missing", name]);
    assert!(out.lines().count() <= 3, "it was written already: {out}{err}");
}

#[test]
fn the_latency_alert_written_anew() {
    written_anew("api-latency.rb");
}

#[test]
fn the_credential_rotation_written_anew() {
    written_anew("credential-rotation.rb");
}

#[test]
fn the_full_disk_written_anew() {
    written_anew("disk-full.rb");
}

const QUEUE: &str = r#"runbook "Mail is not leaving the spool"
owner "mail-oncall"
metric load from host "load.1"
check load < 50 else {
  action `systemctl restart postfix` within 10m
}
"#;

#[test]
fn what_is_taken_already_is_not_written_again_and_what_stands_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("spool.rb"), QUEUE).unwrap();
    let own = "tests for \"spool.rb\"\n\n# Written by a person.\ntest \"calm\" {\n  given load = 3\n  expect no action\n}\n";
    std::fs::write(file("spool_test.rb"), own).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["--write-missing", "spool.rb"]);
    assert_eq!((err.as_str(), code), ("", Some(0)), "{out}");
    let text = std::fs::read_to_string(file("spool_test.rb")).unwrap();
    assert!(text.starts_with(own.trim_end()), "{text}");
    assert!(text.contains("test \"load is unknown: mail-oncall is called\""), "{text}");
    assert!(text.contains("test \"`systemctl restart postfix` fails: mail-oncall is called\""), "{text}");
    assert!(!text.contains("load is under 50: "), "that one is there: {text}");
    assert_eq!(rbl_test(folder.path(), &["spool.rb"]).2, Some(0), "{text}");
}

#[test]
fn no_more_are_written_than_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spool.rb"), QUEUE).unwrap();
    let (out, _, code) = rbl_test(folder.path(), &["--write-missing=2", "."]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("spool_test.rb (a new file): 2 tests written, for you to review\n"), "{out}");
    assert_eq!(out.lines().count(), 3, "{out}");
}

#[test]
fn a_second_time_nothing_is_written_whichever_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spool.rb"), QUEUE).unwrap();
    std::fs::write(folder.path().join("more_test.rb"), "tests for \"spool.rb\"\n").unwrap();
    assert_eq!(rbl_test(folder.path(), &["--write-missing", "spool.rb"]).2, Some(0));
    for named in ["spool.rb", "spool_test.rb", "more_test.rb", "."] {
        let (out, err, code) = rbl_test(folder.path(), &["--write-missing", named]);
        assert_eq!(
            (out.as_str(), err.as_str(), code),
            ("spool.rb: no test is missing\n", "", Some(0)),
            "{named}"
        );
    }
}

/// A test that fails would also fail with every change of the runbook.
#[test]
fn what_only_a_test_that_fails_would_notice_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spool.rb"), QUEUE).unwrap();
    let wrong = "tests for \"spool.rb\"\n\ntest \"wrong\" {\n  given load = 3\n  expect action\n}\n";
    std::fs::write(folder.path().join("spool_test.rb"), wrong).unwrap();
    let (_, err, code) = rbl_test(folder.path(), &["--write-missing", "spool.rb"]);
    assert_eq!(
        (err.as_str(), code),
        ("rbl: 1 test fails: what it would notice is not counted; `rbl test` says why\n", Some(0))
    );
    let file = folder.path().join("spool_test.rb");
    let text = std::fs::read_to_string(&file).unwrap();
    let (_, written) = text.split_once("expect action\n}\n").unwrap();
    std::fs::write(&file, format!("tests for \"spool.rb\"\n{written}")).unwrap();
    let (out, ..) = rbl_test(folder.path(), &["--mutants", "spool.rb"]);
    let (noticed, mutants) = of(&out, "1 runbook: noticed ");
    assert_eq!(noticed, mutants, "{out}");
}

const KEYS: &str = r#"runbook "Keys"
owner "sec"
let out = `keytool list`
match out.lines {
  contains "root" { "there" }
  ["a", "b"] { "two" }
  else { "others" }
}
match "Which way?" {
  "fast" { action `rotate` within 1m else { escalate to "dba" else { escalate to "net" } } }
  "slow" { action "By hand" within 1h }
}
escalate to owner
check out.number > 3 or "Is the count right?" within 5m else { escalate to "lead" }
"#;

/// The output is read as a number here, though the runbook looks for texts, too.
#[test]
fn titles_are_sentences_and_what_is_printed_can_be_a_number() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("keys.rb"), KEYS).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["--write-missing", "keys.rb"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(!err.contains("line 14"), "both are within reach, and the page of each: {err}");
    for title in ["`rotate` takes just over 1m: ", "\"By hand\" takes exactly 1h: "] {
        assert!(out.contains(title), "{title} in {out}");
    }
    for word in ["is contains", "is nothing fits", "is answered exactly", " and dba and "] {
        assert!(!out.contains(word), "{word} in {out}");
    }
    let (_, _, code) = rbl_test(folder.path(), &["keys.rb"]);
    assert_eq!(code, Some(0));
}

/// Runbooks of every sort of world: probes by their exit code, their text, their lines, their JSON and a number; parameters,
/// questions, metrics of texts and lines, locks, approvals, limits.
const SORTS: [(&str, &str); 7] = [
    (
        "text",
        "probe state(name) as `status #{name}`\ncheck state(\"db\").text == \"ready\" else { escalate to \"dba\" because \"it is #{state(\"db\").text}\" }\n",
    ),
    (
        "json",
        "let pods = `kubectl get pods -o json`.json\ncheck pods.count > 3 else { escalate to \"dba\" because \"too few\" }\n",
    ),
    (
        "lines",
        "let log = `tail log`.lines\nif \"panic\" in log { action `restart` within 2m } unknown { \"the log is not known\" }\nfor each l in log up to 3 { record \"line #{l}\" }\n",
    ),
    ("code", "param host = \"a\"\ncheck `nc -z #{host}` no on 1, 7 else { record \"closed\" to \"chat\" }\n"),
    (
        "people",
        "param limit = 50\nlet count = ask \"How many?\" within 5m\nif \"Is it real?\" within 10m { action `page` by \"sre\" within 10m else { escalate to owner because \"refused\" } }\nrecord \"#{count} of #{limit}\"\n",
    ),
    (
        "texts",
        "metric leader: text from exec \"leader\"\nmetric log: lines from exec \"log\"\nmatch leader { \"db-1\" { \"fine\" } else { escalate to \"dba\" because \"another leader\" } }\nfor each l in log up to 2 { record \"line\" }\n",
    ),
    (
        "locks",
        "define restart() as `restart` at most 1 in 1h\nlock \"db\" within 5m else { escalate to \"dba\" because \"held\" }\nrepeat up to 2 times { action restart() within 1m else { record \"not again\" } }\nlet way = if `fast` { \"quick\" } else { \"slow\" }\nrecord \"the #{way} way\"\n",
    ),
];

#[test]
fn each_sort_of_world_is_written_so_that_a_person_reads_why() {
    for (name, body) in SORTS {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("{name}.rb");
        std::fs::write(folder.path().join(&file), format!("runbook \"X\"\nowner \"o\"\n{body}")).unwrap();
        let (out, err, code) = rbl_test(folder.path(), &["--write-missing", &file]);
        assert_eq!(code, Some(0), "{name}: {out}{err}");
        assert!(!err.contains("no world was found"), "{name}: {err}");
        let tests = std::fs::read_to_string(folder.path().join(format!("{name}_test.rb"))).unwrap();
        for title in out.lines().filter_map(|line| line.strip_prefix("  + ")) {
            for clumsy in [" is no:", " is yes:", " is no, ", " is yes, ", "escalate to"] {
                assert!(!title.contains(clumsy), "{name}: {title}");
            }
        }
        // No output at all is a way of its own where a list decides: `tail log` may be just `yes`.
        for output in ["state(name: \"db\")", "`kubectl get pods -o json`"] {
            for bare in ["yes", "no"] {
                assert!(!tests.contains(&format!("given probe {output} = {bare}\n")), "{name}: {tests}");
            }
        }
        assert!(!tests.contains("given leader = \"{"), "{name}: {tests}");
        let (out, _, code) = rbl_test(folder.path(), &[&file, "--mutants"]);
        assert_eq!(code, Some(0), "{name}: {out}");
        let (noticed, mutants) = of(&out, "1 runbook: noticed ");
        let said = err.lines().filter(|line| line.contains(": no test notices ")).count();
        assert_eq!(said, (mutants - noticed) as usize, "{name}: {err}{out}");
        for line in err.lines() {
            let place = line.strip_prefix(&format!("{file}:")).and_then(|rest| rest.split(':').next());
            assert!(place.is_some_and(|line| line.parse::<u32>().is_ok()), "{name}: {line}");
        }
    }
}

/// What `at most N in D` counts is the same in a test and at night.
#[test]
fn a_test_counts_what_the_run_itself_has_done() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"runbook "X"
owner "o"
define restart(name) as `restart #{name}` at most 2 in 1h
repeat up to 3 times every 10m { action restart("a") else { record "not again" } }
action restart("b")

test "the third time is too often" {
  expect action restart(name: "a")
  expect record matching "not again"
  expect action restart(name: "b")
  expect resolved
}
"#;
    std::fs::write(folder.path().join("a.rb"), text).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["a.rb"]);
    assert_eq!(code, Some(0), "{out}{err}");
    // Within a window that has passed it is not.
    std::fs::write(folder.path().join("a.rb"), text.replace("in 1h", "in 15m")).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["a.rb"]);
    assert_eq!(code, Some(1), "{out}{err}");
}

#[test]
fn a_form_is_refused_for_tests_that_are_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spool.rb"), QUEUE).unwrap();
    let (_, err, code) = rbl_test(folder.path(), &["--write-missing", "--format", "json", "spool.rb"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("cannot be used with"), "{err}");
}
