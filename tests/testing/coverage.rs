//! `rbl test --coverage`: what is counted, how it is reported, and how the limit applies.

use std::collections::BTreeMap;
use std::path::Path;

use super::rbl_test;

const QUEUE: &str = r#"runbook "Mail is not leaving the spool"
owner   "mail-oncall"

metric load from host "load.1"
define restart() as `systemctl restart postfix`

check load < 50 else {
  action restart() within 10m
  wait until load < 50 within 20m else { escalate to owner because "load is still #{load}" }
}
"#;

const ITS_TESTS: &str = r#"tests for "queue.rb"

test "load is low" { given load = 3; expect no action; expect resolved }

test "a restart helps" {
  given load = 80
  after action restart { given load = 4 from 1m }
  expect action restart
  expect resolved within 5m
}
"#;

/// A folder with these files.
fn place(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn queue() -> tempfile::TempDir {
    place(&[("queue.rb", QUEUE), ("queue_test.rb", ITS_TESTS)])
}

/// The report of the coverage, after the tests.
fn coverage(folder: &Path, words: &[&str]) -> String {
    let (out, err, _) = rbl_test(folder, words);
    let (_, coverage) = out.split_once("\ncoverage\n").unwrap_or_else(|| panic!("{out}{err}"));
    coverage.to_owned()
}

#[test]
fn what_no_test_takes_is_shown_where_it_stands() {
    let told = coverage(queue().path(), &["--coverage"]);
    assert_eq!(
        told,
        r#"  ✗ queue.rb: 4 of 10 arms (40%), 2 of 7 paths

  ✗     7  check load < 50 else {
             yes 1×, no 1×, unknown never
  ✗     8    action restart() within 10m
               done 1×, fails never
  ✗     9    wait until load < 50 within 20m else { escalate to owner because "~
               wait until load < 50 within 20m: yes 1×, no never,
                 unknown never
               escalate to owner: delivered never, not delivered never

1 runbook: 4 of 10 arms (40%), 2 of 7 paths

the most serious path without a test, of queue.rb

Path 4 of 7: escalated: mail-oncall is paged
20m to 30m20s; 1 action and 1 page

       7  load < 50 → no (up to 10s)
       8  action restart() → done (up to 10m)
       9  wait until load < 50 within 20m → no (up to 20m10s)
       9  escalate to owner → not delivered
       9  nothing handles it: the run stops, and pages mail-oncall
"#
    );
    for line in told.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn without_unicode_and_colours_it_says_the_same() {
    let folder = queue();
    let told = |color: &str| {
        let ended = std::process::Command::new(env!("CARGO_BIN_EXE_rbl"))
            .args(["test", "--coverage", "--color", color])
            .current_dir(folder.path())
            .env("LC_ALL", "C")
            .env("COLUMNS", "80")
            .output()
            .unwrap();
        String::from_utf8(ended.stdout).unwrap()
    };
    let plain = told("never");
    assert!(plain.contains("  MISS queue.rb: 4 of 10 arms (40%)"), "{plain}");
    assert!(
        plain.contains("  !     7  check load < 50 else {\n             yes 1x, no 1x, unknown never"),
        "{plain}"
    );
    assert!(plain.is_ascii(), "{plain}");
    let painted = told("always");
    let bare = regex::Regex::new("\x1b\\[[0-9;]*m").unwrap().replace_all(&painted, "").into_owned();
    let timeless = |text: &str| super::timeless(text);
    assert_eq!(timeless(&bare), timeless(&plain), "colours say nothing that words do not");
    assert!(painted.contains("\x1b[1;31munknown\u{a0}never") || painted.contains("\x1b[1;31munknown never"));
}

#[test]
fn a_runbook_whose_arms_are_all_taken_is_one_line() {
    let folder = place(&[(
        "a.rb",
        "runbook \"a\"\nowner \"o\"\nmetric load from host \"load.1\"\ncheck load < 5 else { resolve }\n\n\
         test \"each way\" { each { given load = 3\n given load = 7\n given load is none }\n expect no action }\n",
    )]);
    assert_eq!(
        coverage(folder.path(), &["--coverage"]),
        "  ✓ a.rb: 3 of 3 arms (100%), 3 of 3 paths\n\n1 runbook: 3 of 3 arms (100%), 3 of 3 paths\n"
    );
}

/// A runbook, and one that runs it.
const INNER: &str = "runbook \"inner\"\nowner \"o\"\nmetric load from host \"load.1\"\ncheck load < 5\n";
const OUTER: &str = "runbook \"outer\"\nowner \"o\"\nrun \"inner.rb\" else { stop }\n\n\
                     test \"busy\" { given load = 7; expect escalation }\n";

#[test]
fn a_runbook_without_a_test_is_not_left_out_and_what_others_take_of_it_counts() {
    let folder = place(&[("inner.rb", INNER), ("outer.rb", OUTER)]);
    let told = coverage(folder.path(), &["--coverage"]);
    assert!(told.contains("✗ inner.rb: 1 of 3 arms (33%), 0 of 3 paths; no test is of it\n"), "{told}");
    assert!(told.contains("yes never, no 1×, unknown never\n"), "{told}");
    assert!(told.contains("✗ outer.rb: 1 of 2 arms (50%), 1 of 3 paths\n"), "{told}");
    // Naming only the outer one does not select the other.
    let told = coverage(folder.path(), &["outer.rb", "--coverage"]);
    assert!(!told.contains("inner.rb: 1 of"), "{told}");
    assert!(told.contains("1 runbook: 1 of 2 arms (50%), 1 of 3 paths"), "{told}");
    // Nothing runs it: everything is missing, in one line.
    let (out, err, code) = rbl_test(folder.path(), &["inner.rb", "--coverage"]);
    assert!(out.contains("✗ inner.rb: 0 of 3 arms (0%), 0 of 3 paths; no test is of it\n"), "{out}");
    assert!(!out.contains("never"), "{out}");
    assert!(err.starts_with("rbl: no test found"), "{err}");
    assert_eq!(code, Some(2));
}

#[test]
fn own_tests_and_those_beside_count_together() {
    let inner = format!("{INNER}\ntest \"idle\" {{ given load = 1; expect resolved }}\n");
    let beside = "tests for \"inner.rb\"\ntest \"blind\" { expect escalation }\n";
    let folder = place(&[("inner.rb", &inner), ("inner_test.rb", beside), ("outer.rb", OUTER)]);
    let told = coverage(folder.path(), &["--coverage"]);
    assert!(told.contains("✓ inner.rb: 3 of 3 arms (100%), 2 of 3 paths\n"), "{told}");
}

#[test]
fn a_filter_a_failure_and_an_error_do_not_hide_the_rest() {
    let folder = queue();
    let told = coverage(folder.path(), &["--coverage", "--filter", "low"]);
    assert!(told.contains("1 of 10 arms (10%), 1 of 7 paths; 1 test was left out by `--filter`\n"), "{told}");
    std::fs::write(folder.path().join("queue_test.rb"), ITS_TESTS.replace("within 5m", "within 5s")).unwrap();
    std::fs::write(folder.path().join("bad.rb"), QUEUE.replace("10m", "10q")).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["--coverage"]);
    assert_eq!(code, Some(3), "{out}{err}");
    assert!(out.contains("1 failed"), "{out}");
    assert!(out.contains("4 of 10 arms (40%), 2 of 7 paths; a file with errors is not counted\n"), "{out}");
    assert!(err.contains("bad.rb"), "{err}");
    std::fs::remove_file(folder.path().join("bad.rb")).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["--coverage", "--filter", "nothing"]);
    assert!(err.contains("no test has `nothing` in its title"), "{err}");
    assert_eq!((out.as_str(), code), ("", Some(2)));
}

#[test]
fn too_little_is_a_finding() {
    let folder = queue();
    for (under, code) in [("40%", 0), ("40", 0), ("40.5%", 1), ("100%", 1), ("0", 0)] {
        let (_, err, ended) = rbl_test(folder.path(), &["--coverage", "--fail-under", under]);
        assert_eq!(ended, Some(code), "{under}: {err}");
        assert_eq!(err.is_empty(), code == 0, "{err}");
    }
    let (_, err, _) = rbl_test(folder.path(), &["--coverage=lcov", "--fail-under", "80%"]);
    let last = err.lines().last().unwrap();
    assert_eq!(last, "rbl: 4 of 10 arms are covered (40%), and `--fail-under` asks for 80%");
    for under in ["101%", "-1", "most", "NaN"] {
        let (_, err, ended) = rbl_test(folder.path(), &["--coverage", &format!("--fail-under={under}")]);
        assert_eq!(ended, Some(2), "{under}: {err}");
    }
    let (_, err, ended) = rbl_test(folder.path(), &["--fail-under", "80%"]);
    assert_eq!(ended, Some(2), "{err}");
    assert!(err.contains("--coverage"), "{err}");
}

#[test]
fn of_a_very_long_path_the_beginning_and_the_end_are_told() {
    let many: String = (0..100).map(|it| format!("if load > {it} {{ \"x\" }}\n")).collect();
    let head = "runbook \"a\"\nowner \"o\"\nmetric load from host \"load.1\"\n";
    let folder =
        place(&[("a.rb", &format!("{head}{many}\ntest \"t\" {{ given load = 5; expect resolved }}\n"))]);
    let told = coverage(folder.path(), &["--coverage"]);
    let (_, path) = told.split_once("Path ").unwrap();
    let lines: Vec<&str> = path.lines().collect();
    assert!(lines.len() < 70, "{path}");
    assert!(lines.iter().any(|line| line.trim_start().starts_with("… ")), "{path}");
    assert!(lines.iter().any(|line| line.contains("load > 0 ")), "{path}");
    assert!(lines.iter().any(|line| line.contains("load > 99 →")), "{path}");
    for line in lines {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn data_stand_alone_on_standard_output() {
    let folder = queue();
    let (out, err, code) = rbl_test(folder.path(), &["--coverage=json"]);
    assert_eq!(code, Some(0));
    assert!(err.contains("✓ load is low") && err.contains("2 tests, 2 runs: all passed"), "{err}");
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    crate::cli::schema::fits("coverage", &lines);
    let [runbook, summary] = lines.as_slice() else { panic!("{out}") };
    assert!(out.starts_with(r#"{"type":"runbook","runbook":"Mail"#), "{out}");
    assert_eq!(runbook["arms"], 10);
    assert_eq!(runbook["arms_taken"], 4);
    assert_eq!(runbook["sites"][0]["arms"][2], serde_json::json!({"turn": "unknown", "taken": 0}));
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["paths"], 7);
    assert_eq!(summary["untested"]["path"]["number"], 4);
    assert_eq!(summary["untested"]["unheard"], true);
    // The report for machines is not mixed with that for people.
    let (out, err, _) = rbl_test(folder.path(), &["--coverage", "--format", "tap"]);
    assert!(out.starts_with("TAP version 14\n") && !out.contains("arms"), "{out}");
    assert!(err.contains("queue.rb: 4 of 10 arms"), "{err}");
}

/// A tracefile, read as `geninfo(1)` defines it: by file, the lines with their counts and the branches of each.
#[derive(Debug, Default, PartialEq)]
struct Tracefile {
    lines: BTreeMap<u32, u64>,
    branches: BTreeMap<(u32, u32, u32), Option<u64>>,
}

fn tracefile(text: &str) -> BTreeMap<String, Tracefile> {
    let mut files = BTreeMap::new();
    let mut at: Option<(String, Tracefile)> = None;
    let mut said = BTreeMap::new();
    for line in text.lines() {
        if line == "end_of_record" {
            let (name, file) = at.take().unwrap();
            let taken = |it: &&Option<u64>| it.is_some_and(|taken| taken > 0);
            let counted = [
                ("BRF", file.branches.len()),
                ("BRH", file.branches.values().filter(taken).count()),
                ("LF", file.lines.len()),
                ("LH", file.lines.values().filter(|count| **count > 0).count()),
            ];
            for (key, count) in counted {
                assert_eq!(said.remove(key), Some(count), "{name}: {key}");
            }
            files.insert(name, file);
            continue;
        }
        let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("{line}"));
        let numbers: Vec<&str> = value.split(',').collect();
        let number = |at: usize| numbers[at].parse::<u32>().unwrap();
        match (key, at.as_mut()) {
            ("TN", None) => assert_eq!(value, ""),
            ("SF", None) => at = Some((value.to_owned(), Tracefile::default())),
            ("DA", Some((_, file))) => {
                assert!(file.lines.insert(number(0), u64::from(number(1))).is_none(), "{line}");
            }
            ("BRDA", Some((_, file))) => {
                let taken = if numbers[3] == "-" { None } else { Some(numbers[3].parse().unwrap()) };
                let branch = (number(0), number(1), number(2));
                assert!(file.branches.insert(branch, taken).is_none(), "{line}");
            }
            ("BRF" | "BRH" | "LF" | "LH", Some(_)) => {
                said.insert(key.to_owned(), value.parse().unwrap());
            }
            other => panic!("{other:?}: {line}"),
        }
    }
    assert!(at.is_none() && said.is_empty());
    files
}

#[test]
fn the_tracefile_is_what_lcov_reads() {
    let folder = queue();
    let (out, err, code) = rbl_test(folder.path(), &["--coverage=lcov"]);
    assert_eq!(code, Some(0), "{err}");
    let files = tracefile(&out);
    let file = &files["queue.rb"];
    assert_eq!(file.lines, BTreeMap::from([(7, 2), (8, 1), (9, 1)]));
    let branches = [
        ((7, 0, 0), Some(1)),
        ((7, 0, 1), Some(1)),
        ((7, 0, 2), Some(0)),
        ((8, 0, 0), Some(1)),
        ((8, 0, 1), Some(0)),
        ((9, 0, 0), Some(1)),
        ((9, 0, 1), Some(0)),
        ((9, 0, 2), Some(0)),
        ((9, 1, 0), None),
        ((9, 1, 1), None),
    ];
    assert_eq!(file.branches, BTreeMap::from(branches));
}

/// Every arm of every example has a test: also each page that does not arrive, and each step that a window prevents.
#[test]
fn every_arm_of_the_examples_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (out, err, code) = rbl_test(root, &["examples", "--coverage=json", "--fail-under", "100%"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, runbooks) = lines.split_last().unwrap();
    for runbook in runbooks {
        assert_eq!(runbook["arms_taken"], runbook["arms"], "{}", runbook["file"]);
        assert!(runbook["tests"].as_u64().unwrap() > 0, "{}", runbook["file"]);
    }
    assert_eq!(code, Some(0), "{err}");
    let written = |entry: &std::fs::DirEntry| {
        let path = entry.path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        path.extension().is_some_and(|it| it == "rb") && !stem.ends_with("_test")
    };
    let in_folder = |folder: &str| std::fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap);
    let examples = ["examples", "examples/connected", "examples/serve/runbooks"]
        .into_iter()
        .flat_map(in_folder)
        .filter(written)
        .count();
    assert_eq!(summary["runbooks"], examples);
}
