//! `rbl test --mutants`: `tests/corpus/mutants/<claim>.rb` beside its output at 80 columns; and the command.
//! `RBL_BLESS=1` rewrites what is expected.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::rbl_test;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/mutants")
}

/// The part about mutants, without the duration.
fn timeless(text: &str) -> String {
    let text = text.split_once("\nmutants\n").map_or("", |(_, mutants)| mutants);
    regex::Regex::new(r", in [0-9.]+m?s").unwrap().replace_all(text, ", in no time").into_owned()
}

fn objects(folder: &Path, words: &[&str]) -> Vec<Value> {
    let (out, err, _) = rbl_test(folder, &[words, &["--mutants=json"]].concat());
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty(), "{err}");
    lines
}

#[test]
fn every_case_is_told_as_expected() {
    let mut wrong = String::new();
    for name in ["every_kind", "all_noticed", "by_name_alone"] {
        let (out, err, code) = rbl_test(&folder(), &[&format!("{name}.rb"), "--mutants"]);
        assert_eq!((err.as_str(), code), ("", Some(0)), "{name}\n{out}");
        let found = timeless(&out);
        for line in found.lines() {
            assert!(line.chars().count() <= 80, "{name}: wider than 80 columns: {line}");
        }
        let path = folder().join(name).with_extension("expected");
        if std::env::var_os("RBL_BLESS").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if found != expected {
            wrong.push_str(&format!("== {name}\n-- expected\n{expected}-- found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_kind_is_made_and_described() {
    let lines = objects(&folder(), &["every_kind.rb"]);
    let made: BTreeSet<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    let known: BTreeSet<&str> =
        rbl_testing::mutants::MutantKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(made, known);
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/testing.md");
    let page = std::fs::read_to_string(page).unwrap();
    for kind in known {
        assert!(page.contains(&format!("\n| `{kind}` | ")), "docs/testing.md does not describe `{kind}`");
    }
}

/// A runbook and its tests in a folder of their own.
fn place(runbook: &str, tests: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("slow.rb"), runbook).unwrap();
    std::fs::write(folder.path().join("slow_test.rb"), tests).unwrap();
    folder
}

const SLOW: &str = r#"runbook "Slow"
owner "api-oncall"
metric p99 in ms from prometheus "p99"
check p99 < 500ms else { escalate to "database-oncall" }
"#;

const WEAK: &str = r#"tests for "slow.rb"
test "it is fast" { given p99 = 30ms; expect no escalation }
test "it is slow" { given p99 = 500ms; expect escalation to "database-oncall" }
"#;

#[test]
fn only_the_runbook_is_changed_and_it_is_left_as_it_is() {
    let folder = place(SLOW, WEAK);
    let lines = objects(folder.path(), &["slow.rb"]);
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!((text("slow.rb").as_str(), text("slow_test.rb").as_str()), (SLOW, WEAK));
    let mutants: Vec<&Value> = lines.iter().filter(|line| line["type"] == "mutant").collect();
    assert!(mutants.iter().all(|it| it["file"] == "slow.rb"), "{mutants:?}");
    let fates: Vec<(&str, u64, bool)> = mutants
        .iter()
        .map(|it| {
            (it["kind"].as_str().unwrap(), it["line"].as_u64().unwrap(), it["noticed"].as_bool().unwrap())
        })
        .collect();
    let expected = [
        ("team", 2, false),
        ("check", 4, true),
        ("boundary", 4, true),
        ("threshold", 4, false),
        ("threshold", 4, true),
        ("else", 4, true),
        ("escalation", 4, true),
        ("team", 4, true),
    ];
    assert_eq!(fates, expected);
    assert_eq!(mutants[2]["by"], "it is slow");
    assert_eq!(mutants[3]["noticed_by"], "a test with `p99` between 450ms and 500ms");
    assert_eq!(mutants[3]["reached"], true);
    let [.., runbook, summary] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((runbook["type"].as_str(), runbook["tests"].as_u64()), (Some("runbook"), Some(2)));
    assert_eq!((summary["noticed"].as_u64(), summary["mutants"].as_u64()), (Some(6), Some(8)));
}

#[test]
fn tests_beside_a_runbook_and_behind_its_body_count_together() {
    let behind = format!(
        "{SLOW}test \"nobody can tell\" {{ given p99 is none; expect escalation to \"api-oncall\" }}\n"
    );
    let folder = place(&behind, WEAK);
    for words in [&["slow.rb"][..], &["."], &[]] {
        let lines = objects(folder.path(), words);
        let summary = lines.last().unwrap();
        assert_eq!(
            (summary["runbooks"].as_u64(), summary["noticed"].as_u64()),
            (Some(1), Some(7)),
            "{lines:?}"
        );
    }
    // The file of tests by itself has only its own.
    let summary = objects(folder.path(), &["slow_test.rb"]).pop().unwrap();
    assert_eq!(summary["noticed"], 6);
}

#[test]
fn a_filter_leaves_tests_out_and_says_so() {
    let folder = place(SLOW, WEAK);
    std::fs::write(folder.path().join("other.rb"), SLOW).unwrap();
    let (out, _, code) = rbl_test(folder.path(), &["--mutants", "--filter", "it is slow"]);
    assert_eq!(code, Some(0), "{out}");
    let sum = timeless(&out).lines().last().unwrap().to_owned();
    let expected = "1 runbook: noticed 6 of 8 mutants (75%), in no time; 1 test was left out by";
    assert!(timeless(&out).contains(expected), "{sum}");
}

#[test]
fn a_runbook_without_a_test_counts_as_nothing_noticed() {
    let folder = place(SLOW, WEAK);
    std::fs::write(folder.path().join("other.rb"), SLOW).unwrap();
    let (out, _, code) = rbl_test(folder.path(), &["--mutants"]);
    assert_eq!(code, Some(0));
    assert!(timeless(&out).contains("  ✗ other.rb: noticed 0 of 8 (0%); no test is of it\n"), "{out}");
    assert!(timeless(&out).ends_with("2 runbooks: noticed 6 of 16 mutants (37%), in no time\n"), "{out}");
}

#[test]
fn fewer_than_asked_for_is_exit_code_1() {
    let folder = place(SLOW, WEAK);
    let (_, err, code) = rbl_test(folder.path(), &["--mutants", "--fail-under", "75%"]);
    assert_eq!((err.as_str(), code), ("", Some(0)));
    let (_, err, code) = rbl_test(folder.path(), &["--mutants", "--fail-under", "76"]);
    assert_eq!(code, Some(1));
    assert_eq!(err, "rbl: 6 of 8 mutants are noticed (75%), and `--fail-under` asks for 76%\n");
}

#[test]
fn nothing_is_tried_before_every_test_passes() {
    let folder = place(SLOW, &WEAK.replace("= 30ms", "= 3s"));
    let (out, err, code) = rbl_test(folder.path(), &["--mutants"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("✗ it is fast") && !out.contains("mutants"), "{out}");
    assert_eq!(err, "rbl: 1 test fails: mutants are tried where every test passes\n");
}

#[test]
fn a_machine_that_reads_the_tests_has_no_text_among_them() {
    let folder = place(SLOW, WEAK);
    for format in ["json", "junit", "tap"] {
        let (alone, _, _) = rbl_test(folder.path(), &["--format", format]);
        let (out, err, code) = rbl_test(folder.path(), &["--format", format, "--mutants"]);
        assert_eq!((out.lines().count(), code), (alone.lines().count(), Some(0)), "{out}");
        assert!(err.contains("noticed 6 of 8"), "{err}");
    }
}

#[test]
fn the_tests_of_the_examples_notice_nine_changes_in_ten_of_each() {
    let lines = objects(Path::new(env!("CARGO_MANIFEST_DIR")), &["examples"]);
    let runbooks: Vec<&Value> = lines.iter().filter(|line| line["type"] == "runbook").collect();
    assert!(runbooks.len() >= 10, "{runbooks:?}");
    for runbook in runbooks {
        assert!(runbook["percent"].as_f64().unwrap() >= 90.0, "{runbook}");
    }
    // At most two changes have no effect: all others are noticed.
    let unnoticed = lines.iter().filter(|line| line["noticed"] == false).count();
    assert!(unnoticed <= 2, "{unnoticed}");
}

#[test]
fn a_condition_that_a_page_quotes_is_not_noticed_by_its_words() {
    let unknown = r#"tests for "slow.rb"
test "nobody can tell" { given p99 is none; expect escalation matching "p99 < 500ms" }
"#;
    let folder = place(SLOW, unknown);
    let lines = objects(folder.path(), &["slow.rb"]);
    for line in lines.iter().filter(|line| line["kind"] == "boundary" || line["kind"] == "threshold") {
        assert_eq!(line["noticed"], false, "{line}");
    }
}

#[test]
fn what_no_test_can_see_is_no_mutant() {
    let runbook = r#"runbook "Quiet"
owner "a"
metric p99 in ms from prometheus "p99"
if p99 < 500ms { "fast" } else { "slow" }
check `look` within 20s
check "Is it well?" by "b" within 10m
wait until `ready` within 2m every 5s
"#;
    let folder = place(runbook, "tests for \"slow.rb\"\ntest \"t\" { expect escalated }\n");
    let lines = objects(folder.path(), &["slow.rb"]);
    let made: Vec<(u64, &str, &str)> = lines
        .iter()
        .filter(|line| line["type"] == "mutant")
        .map(|line| {
            (line["line"].as_u64().unwrap(), line["kind"].as_str().unwrap(), line["after"].as_str().unwrap())
        })
        .collect();
    let expected = [
        (2, "team", "owner \"somebody-else\""),
        (5, "check", ""),
        (6, "check", ""),
        (6, "time", "check \"Is it well?\" by \"b\" within 5m"),
        (6, "time", "check \"Is it well?\" by \"b\" within 20m"),
        (7, "wait", ""),
        (7, "time", "wait until `ready` within 4m every 5s"),
    ];
    assert_eq!(made, expected);
}

/// Every runbook below a folder that can be read.
fn readable(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(readable(&path));
        } else if path.extension().is_some_and(|extension| extension == "rb")
            && let Ok(text) = std::fs::read_to_string(&path)
            && rbl_syntax::parse(rbl_syntax::source::SourceId::default(), &text).diagnostics.is_empty()
        {
            found.push((path, text));
        }
    }
    found
}

#[test]
fn every_change_can_be_read_and_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = readable(&root.join("examples"));
    files.extend(readable(&root.join("tests/corpus")));
    assert!(files.len() > 100, "{}", files.len());
    let mut tried = 0;
    for (index, (path, text)) in files.into_iter().enumerate() {
        // Every second one with the line ends of Windows.
        let text = if index % 2 == 0 { text } else { text.replace('\n', "\r\n") };
        let source = rbl_syntax::source::Source::new("a.rb", text.as_str());
        let original = rbl_testing::mutants::Original::new(&source, "a.rb");
        for mutant in original.mutants() {
            tried += 1;
            let changed = mutant.applied(&text);
            assert_ne!(changed, text, "{}: {mutant:?}", path.display());
            assert_ne!(mutant.before, mutant.after, "{}: {mutant:?}", path.display());
            let mut end = 0;
            for edit in &mutant.edits {
                assert!(edit.span.start >= end, "{}: {mutant:?}", path.display());
                end = edit.span.end;
            }
            let read = rbl_syntax::parse(rbl_syntax::source::SourceId::default(), &changed);
            assert!(read.diagnostics.is_empty(), "{}: {mutant:?}\n{changed}", path.display());
        }
    }
    assert!(tried > 1_000, "{tried}");
}
