//! Plug-ins: those of the documentation, and programs that break every rule.

use std::time::{Duration, Instant};

use rbl_runtime::{Datum, Piece, ReadTime};
use rbl_syntax::value::ReasonKind;

use super::{at, hostile, provider_in, read, read_pieces, text, value};

fn run_script(
    script: &str,
    more: &str,
) -> (tempfile::TempDir, std::sync::Arc<dyn rbl_world::provider::Provider>) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plugin.sh"), script).unwrap();
    let configuration =
        format!("[providers.it]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"plugin.sh\"]\n{more}");
    let it = provider_in(&configuration, "it", directory.path());
    (directory, it)
}

/// The plug-in of the documentation in this language.
fn documented(language: &str) -> String {
    let page = include_str!("../../docs/providers.md");
    let start = page.find(&format!("```{language} plug-in\n")).expect("the page has the plug-in");
    let code = &page[start..];
    let begin = code.find('\n').unwrap() + 1;
    code[begin..=(begin + code[begin..].find("\n```").unwrap())].to_owned()
}

#[test]
fn the_documented_plug_in_in_sh_works() {
    let (directory, it) = run_script(&documented("sh"), "");
    std::fs::write(directory.path().join("queue.txt"), "one\ntwo\nthree\n").unwrap();
    let reading = read(&it, "queue.txt").unwrap();
    assert_eq!(reading.samples[0].value, 3.0);
    let reason = read(&it, "gone.txt").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoData, "{reason}");
    assert_eq!(it.test().unwrap(), "lines of a file");
}

#[test]
fn the_documented_plug_in_in_python_works() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: this machine has no `python3`");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plugin.py"), documented("python")).unwrap();
    std::fs::write(directory.path().join("orders.csv"), "100,web,5\n160,web,6\n160,shop,9\n220,web,7\n")
        .unwrap();
    let configuration =
        "[providers.it]\ntype = \"exec\"\ncommand = [\"python3\", \"plugin.py\", \"orders.csv\"]";
    let it = provider_in(configuration, "it", directory.path());
    let of = |name: &str, time| read_pieces(&it, vec![value(name)], time);
    assert_eq!(of("web", ReadTime::Now).unwrap().samples[0].value, 7.0);
    assert_eq!(of("web", ReadTime::At(at(170.0))).unwrap().samples[0].value, 6.0);
    let window = of("web", ReadTime::Window { end: at(220.0), seconds: 60.0 }).unwrap();
    assert_eq!((window.series[0].points.len(), window.series[0].step), (2, 60.0));
    assert!(of("nobody", ReadTime::Now).unwrap().samples.is_empty());
    assert_eq!(it.test().unwrap(), "orders.csv: 4 rows");
}

#[test]
fn the_question_is_whole_whatever_is_in_it() {
    let script = "cat > question.json; echo '{\"samples\":[{\"value\":1}],\"warnings\":[\"careful\"]}'";
    let (directory, it) = run_script(script, "environment = { MODE = \"x\" }");
    for name in hostile() {
        let pieces = vec![text("a "), value(&name), text(" b"), Piece::Value(Datum::Duration(90.0))];
        let reading = read_pieces(&it, pieces, ReadTime::At(at(5.0))).unwrap();
        assert_eq!(reading.warnings, ["careful"]);
        let question = std::fs::read_to_string(directory.path().join("question.json")).unwrap();
        assert_eq!(question.lines().count(), 1);
        let question: serde_json::Value = serde_json::from_str(&question).unwrap();
        assert_eq!(question["rbl"], 1);
        assert_eq!(question["type"], "number");
        assert_eq!(question["query"], format!("a {name} b90"));
        assert_eq!(question["pieces"][1]["value"], name.as_str());
        assert_eq!(question["pieces"][3]["value"], 90.0);
        assert_eq!(question["time"]["at"], 5.0);
    }
}

#[test]
fn what_a_plug_in_does_wrong_is_told_by_its_last_words() {
    let now = ReadTime::Now;
    let window = ReadTime::Window { end: at(100.0), seconds: 60.0 };
    for (script, time, kind, words) in [
        (
            "echo first >&2; echo 'no such queue' >&2; exit 3",
            now,
            ReasonKind::ProviderError,
            "sh ended with exit code 3: no such queue",
        ),
        ("kill -9 $$", now, ReasonKind::ProviderError, "was ended by signal 9"),
        ("echo hello", now, ReasonKind::BadAnswer, "did not answer with one JSON object"),
        ("echo '[1]'", now, ReasonKind::BadAnswer, "did not answer with one JSON object"),
        (
            "echo '{\"samples\": [{\"value\": 1, \"value\": 9}]}'",
            now,
            ReasonKind::BadAnswer,
            "answered with JSON in which the key `value` is there twice",
        ),
        ("true", now, ReasonKind::BadAnswer, "answered with nothing"),
        ("echo '{}'", now, ReasonKind::BadAnswer, "the answer has no `samples`"),
        ("echo '{\"samples\":5}'", now, ReasonKind::BadAnswer, "`samples` in the answer is not a list"),
        (
            "echo '{\"samples\":[{\"value\":\"x\"}]}'",
            now,
            ReasonKind::BadAnswer,
            "the text \"x\", not a number",
        ),
        ("echo '{\"samples\":[{\"value\":1}]}'", window, ReasonKind::NoHistory, "the newest value only"),
        ("printf '%s' '{\"error\":\"no such\\nqueue\"}'", now, ReasonKind::ProviderError, "no such"),
        ("echo '{\"unknown\":\"still counting\"}'", now, ReasonKind::NoData, "still counting"),
        ("head -c 3000 /dev/zero | tr '\\0' x", now, ReasonKind::BadAnswer, "printed more than 1000 bytes"),
    ] {
        let (_directory, it) = run_script(script, "output = \"1kB\"");
        let reason = read_pieces(&it, vec![text("q")], time).unwrap_err();
        assert_eq!(reason.kind, kind, "{script}: {reason}");
        assert!(reason.text.contains(words), "{script}: {reason}");
    }
    let it = provider_in(
        "[providers.it]\ntype = \"exec\"\ncommand = [\"no-such-program-anywhere\"]",
        "it",
        ".".as_ref(),
    );
    let reason = read(&it, "q").unwrap_err();
    assert_eq!(
        (reason.kind, reason.text.as_str()),
        (ReasonKind::Unreachable, "no-such-program-anywhere: no such program")
    );
}

#[test]
fn a_plug_in_that_hangs_is_ended_with_all_it_started() {
    let script = "sleep 300 & echo $! > child; echo thinking >&2; wait";
    let (directory, it) = run_script(script, "timeout = \"2s\"");
    let started = Instant::now();
    let reason = read(&it, "q").unwrap_err();
    assert_eq!(
        (reason.kind, reason.text.as_str()),
        (ReasonKind::TimedOut, "no answer from sh within 2s: thinking")
    );
    assert!(started.elapsed() < Duration::from_mins(1));
    let child = std::fs::read_to_string(directory.path().join("child")).unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    let alive = || {
        std::fs::read_to_string(format!("/proc/{}/stat", child.trim()))
            .is_ok_and(|stat| !stat.contains(") Z "))
    };
    while alive() {
        assert!(Instant::now() < deadline, "the child {child} lives on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_child_that_outlives_its_group_is_not_waited_for() {
    if std::process::Command::new("setsid").arg("--version").output().is_err() {
        eprintln!("skipped: this machine has no `setsid`");
        return;
    }
    let (_directory, it) = run_script("setsid sleep 300 & echo '{\"samples\":[{\"value\":4}]}'", "");
    let started = Instant::now();
    assert_eq!(read(&it, "q").unwrap().samples[0].value, 4.0);
    assert!(started.elapsed() < Duration::from_mins(1));
}

/// A series with `null` is there, and unknown.
#[test]
fn a_series_that_is_null_does_not_vanish() {
    let answer =
        r#"{"samples": [{"labels": {"a": "x"}, "value": 1}, {"labels": {"a": "y"}, "value": null}]}"#;
    let (_directory, it) = run_script(&format!("#!/bin/sh\nread -r question\necho '{answer}'\n"), "");
    let reading = read(&it, "q").unwrap();
    assert_eq!((reading.samples.len(), reading.missing[0]["a"].as_str()), (1, "y"));
}
