//! `rbl test` as a command: which tests it finds, its exit codes, and its formats for machines.

use super::{rbl_test, timeless};

const SLOW: &str = r#"runbook "Slow"
owner "api-oncall"
metric p99 in s from prometheus "job:latency:p99"
check p99 < 500ms else { record "p99 is #{p99}" }
"#;

const ITS_TESTS: &str = r#"tests for "slow.rb"
test "it is slow" { given p99 = 3s; expect record matching "3s"; expect resolved }
test "it is <fast> & \"quoted\" # so" { given p99 = 30ms; expect record }
"#;

fn place() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("slow.rb"), SLOW).unwrap();
    std::fs::write(folder.path().join("slow_test.rb"), ITS_TESTS).unwrap();
    folder
}

#[test]
fn a_runbook_brings_its_tests_and_a_folder_all_of_them_once() {
    let folder = place();
    for words in [&["slow.rb"][..], &["."], &["slow.rb", "slow_test.rb", "."], &[]] {
        let (out, err, code) = rbl_test(folder.path(), words);
        assert_eq!(code, Some(1), "{out}{err}");
        assert!(timeless(&out).ends_with("2 tests, 2 runs: 1 failed, in no time (0s simulated)\n"), "{out}");
    }
}

#[test]
fn a_filter_leaves_tests_out() {
    let folder = place();
    let (out, _, code) = rbl_test(folder.path(), &["--filter", "IS SLOW"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(
        timeless(&out).ends_with("1 test, 1 run: passed, 1 left out, in no time (0s simulated)\n"),
        "{out}"
    );
    let (out, err, code) = rbl_test(folder.path(), &["--filter", "quick"]);
    assert_eq!((out.as_str(), code), ("", Some(2)));
    assert_eq!(err, "rbl: no test has `quick` in its title\n  help: there are 2 without `--filter`\n");
}

#[test]
fn no_test_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("slow.rb"), SLOW).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &[]);
    assert_eq!((out.as_str(), code), ("", Some(2)));
    assert!(err.starts_with("rbl: no test found in .\n  help: write `test \"TITLE\""), "{err}");
    let (_, err, code) = rbl_test(folder.path(), &["nowhere.rb"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("cannot read `nowhere.rb`"), "{err}");
}

#[test]
fn what_has_errors_is_not_run_and_the_rest_is() {
    let folder = place();
    std::fs::write(folder.path().join("bad.rb"), SLOW.replace("500ms", "500")).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["--filter", "is slow"]);
    assert_eq!(code, Some(3), "{out}{err}");
    assert!(err.contains("unit/missing") && out.contains("✓ it is slow"), "{out}{err}");
    // The same error in a runbook and beside its tests is reported once.
    std::fs::write(folder.path().join("slow.rb"), SLOW.replace("500ms", "500")).unwrap();
    std::fs::remove_file(folder.path().join("bad.rb")).unwrap();
    let (_, err, code) = rbl_test(folder.path(), &["slow.rb"]);
    assert_eq!((err.matches("unit/missing").count(), code), (1, Some(3)), "{err}");
}

#[test]
fn nothing_of_the_configuration_matters() {
    let folder = place();
    std::fs::write(folder.path().join("rbl.toml"), "[nonsense]\n").unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["--filter", "is slow"]);
    assert_eq!((err.as_str(), code), ("", Some(0)), "{out}");
}

#[test]
fn tap_is_a_plan_and_a_line_a_test() {
    let (out, _, code) = rbl_test(place().path(), &["--format", "tap"]);
    assert_eq!(code, Some(1));
    let head: Vec<&str> = out.lines().take(5).collect();
    let title = r#"not ok 2 - it is <fast> & "quoted" \# so"#;
    assert_eq!(head, ["TAP version 14", "1..2", "ok 1 - it is slow", title, "  ---"]);
    assert!(out.ends_with("\n  ...\n"), "{out}");
}

#[test]
fn junit_is_well_formed_whatever_a_title_says() {
    let (out, _, code) = rbl_test(place().path(), &["--format", "junit"]);
    assert_eq!(code, Some(1));
    let suite = r#"<testsuite name="slow_test.rb" tests="2" skipped="0" errors="0" failures="1""#;
    assert!(out.contains(suite), "{out}");
    assert!(out.contains(r#"name="it is &lt;fast&gt; &amp; &quot;quoted&quot; # so""#), "{out}");
    let opened = out.matches("<failure").count();
    assert_eq!((opened, out.matches("</failure>").count()), (1, 1), "{out}");
}

#[test]
fn json_is_a_line_a_test_and_one_for_all() {
    let (out, _, _) = rbl_test(place().path(), &["--format", "json"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [slow, fast, summary] = lines.as_slice() else { panic!("{out}") };
    assert!(out.lines().all(|line| line.starts_with("{\"type\":")), "{out}");
    assert_eq!((slow["passed"].as_bool(), fast["passed"].as_bool()), (Some(true), Some(false)));
    assert_eq!(fast["failures"][0]["unmet"][0]["expected"]["line"], 3);
    assert_eq!((summary["type"].as_str(), summary["failed"].as_u64()), (Some("summary"), Some(1)));
}

#[test]
fn a_line_that_never_takes_effect_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let runbook = r#"runbook "Slow"
owner "api-oncall"
check `pg_isready` no on 2 else {
  check "Is it real?" else { stop }
  action `restart a`
}
action "look at it"

background { answer "Is it real?" with yes }

test "it is ready" {
  given probe `pg_isready` = yes
  given action `restart a` fails
  after action `restart a` { given probe `pg_isready` = no }
  answer "look at it" with done
  expect no action `restart a`
}
test "it is not" {
  given probe `pg_isready` = no
  answer "look at it" with done
  expect action `restart a`
}
"#;
    std::fs::write(folder.path().join("a.rb"), runbook).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["a.rb"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let idle: Vec<&str> =
        out.lines().filter(|line| line.contains("takes no effect")).map(str::trim).collect();
    assert_eq!(idle.len(), 2, "{out}");
    assert!(idle[0].ends_with("line 13 takes no effect: given action `restart a` fails"), "{out}");
    assert!(idle[1].contains("line 14 takes no effect: after action `restart a` {"), "{out}");
    let (out, _, _) = rbl_test(folder.path(), &["a.rb", "--format", "json"]);
    assert_eq!(out.matches("\"idle\"").count(), 1, "{out}");
}
