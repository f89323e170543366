//! The provider `systemd` against a program that answers as `systemctl` does, and against the real one where no systemd runs.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::ReadTime;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;
use rbl_world::provider::Provider;

use super::{at, hostile, one, provider_in, read, read_pieces, text, typed, value};
use crate::support::write_program;

/// Writes a program `systemctl` with this script.
fn program(folder: &Path, script: &str) {
    write_program(&folder.join("systemctl"), &format!("#!/bin/sh\necho \"$@\" >> asked\n{script}\n"));
}

fn it(folder: &Path, more: &str) -> Arc<dyn Provider> {
    let timeout = if more.contains("timeout") { "" } else { "timeout = \"30s\"" };
    let section =
        format!("[providers.it]\ntype = \"systemd\"\ncommand = [\"./systemctl\"]\n{timeout}\n{more}\n");
    provider_in(&section, "it", folder)
}

const ANSWERS: &str = r#"
for unit; do :; done
case "$*" in *Version*) echo Version=252.39-1; exit ;; esac
case "$unit" in
  gone*) printf 'LoadState=not-found\nActiveState=inactive\nNRestarts=0\n' ;;
  broken*) printf 'LoadState=bad-setting\nActiveState=inactive\n' ;;
  *) printf 'LoadState=loaded\nActiveState=failed\nNRestarts=7\nMemoryCurrent=[not set]\nTasksMax=18446744073709551615\nTimeoutStartUSec=1min 30s\nDescription=The api=1\n' ;;
esac"#;

#[test]
fn states_and_numbers() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), ANSWERS);
    let provider = it(folder.path(), "");
    let state =
        |query: &str| typed(&provider, MetricType::Text, query).map(|reading| reading.texts[0].text.clone());
    assert_eq!(state("api.service").unwrap(), "failed");
    assert_eq!(state("api Description").unwrap(), "The api=1");
    assert_eq!(one(&provider, "api.service NRestarts"), 7.0);
    assert!(read(&provider, "api MemoryCurrent").unwrap().samples.is_empty(), "not measured is no data");
    for (query, kind, words) in [
        ("api TasksMax", ReasonKind::Unreadable, "TasksMax of api has no limit"),
        ("api TimeoutStartUSec", ReasonKind::Unreadable, "\"1min 30s\", not a number"),
        ("api Nonsense", ReasonKind::NoField, "has no property `Nonsense`"),
        ("gone NRestarts", ReasonKind::NoData, "there is no unit gone"),
        ("broken ActiveState", ReasonKind::ProviderError, "cannot be used"),
        ("api", ReasonKind::NotRun, "write `UNIT PROPERTY`"),
        ("a* ActiveState", ReasonKind::NotRun, "is not the name of one unit"),
        ("--all ActiveState", ReasonKind::NotRun, "is not the name of one unit"),
        ("api Active-State", ReasonKind::NotRun, "is not the name of a property"),
        ("a b c", ReasonKind::NotRun, "is not `UNIT [PROPERTY]`"),
    ] {
        let reason = read(&provider, query).unwrap_err();
        assert_eq!(reason.kind, kind, "{query}: {reason}");
        assert!(reason.text.contains(words), "{query}: {reason}");
    }
    assert!(typed(&provider, MetricType::Lines, "api").unwrap_err().text.contains("numbers and texts only"));
    let window = ReadTime::Window { end: at(100.0), seconds: 10.0 };
    assert_eq!(read_pieces(&provider, vec![text("api")], window).unwrap_err().kind, ReasonKind::NoHistory);
    for hostile in hostile() {
        let _ = read_pieces(&provider, vec![value(&hostile), text(" NRestarts")], ReadTime::Now);
    }
    assert_eq!(provider.test().unwrap(), "systemd 252.39-1");
    let asked = std::fs::read_to_string(folder.path().join("asked")).unwrap();
    assert_eq!(asked.lines().next(), Some("show --no-pager --property=LoadState,ActiveState -- api.service"));
    assert!(asked.lines().all(|line| line.starts_with("show --no-pager --property=")), "{asked}");
    let _ = read(&it(folder.path(), "host = \"db-1\"\nuser = true"), "api NRestarts");
    let asked = std::fs::read_to_string(folder.path().join("asked")).unwrap();
    let last = asked.lines().last().unwrap();
    assert!(last.starts_with("--host=db-1 --user show --no-pager"), "{last}");
}

#[test]
fn a_program_that_does_not_answer_is_unknown() {
    for (script, kind, words) in [
        (
            "echo 'Failed to connect to bus: Host is down' >&2; exit 1",
            ReasonKind::Unreachable,
            "Host is down",
        ),
        ("echo 'Access denied' >&2; exit 4", ReasonKind::ProviderError, "systemctl: Access denied"),
        ("exit 3", ReasonKind::ProviderError, "ended with exit code 3"),
        ("kill -9 $$", ReasonKind::ProviderError, "ended by a signal"),
        ("sleep 300", ReasonKind::TimedOut, "no answer from systemctl within 1s"),
        ("yes | head -c 90000000", ReasonKind::BadAnswer, "printed more than 50000000 bytes"),
        ("echo '<html>'", ReasonKind::BadAnswer, "did not say whether api is loaded"),
        ("true", ReasonKind::BadAnswer, "did not say whether api is loaded"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), script);
        let quick = kind == ReasonKind::TimedOut;
        let provider = it(folder.path(), if quick { "timeout = \"1s\"" } else { "" });
        let began = Instant::now();
        let reason = read(&provider, "api NRestarts").unwrap_err();
        assert_eq!(reason.kind, kind, "{script}: {reason}");
        assert!(reason.text.contains(words), "{script}: {reason}");
        assert!(began.elapsed() < Duration::from_mins(1), "{script}: {:?}", began.elapsed());
    }
    let none = provider_in(
        "[providers.it]\ntype = \"systemd\"\ncommand = [\"no-such-systemctl\"]\n",
        "it",
        Path::new("."),
    );
    let reason = read(&none, "api NRestarts").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Unreachable, "{reason}");
    assert!(reason.text.contains("no-such-systemctl"), "{reason}");
}

/// The real program: on a machine that systemd booted its answer, elsewhere a reason.
#[test]
fn the_real_systemctl() {
    if Command::new("systemctl").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "this machine has no `systemctl`");
        eprintln!("skipped: this machine has no `systemctl`");
        return;
    }
    let real = provider_in("[providers.it]\ntype = \"systemd\"\n", "it", Path::new("."));
    if Path::new("/run/systemd/system").is_dir() {
        assert!(real.test().unwrap().starts_with("systemd "), "{:?}", real.test());
        let reason = read(&real, "no-such-unit-of-rbl NRestarts").unwrap_err();
        assert_eq!(reason.text, "there is no unit no-such-unit-of-rbl");
        let state = typed(&real, MetricType::Text, "sysinit.target").unwrap();
        assert_eq!(state.texts[0].text, "active");
    } else {
        let reason = read(&real, "api NRestarts").unwrap_err();
        assert_eq!(reason.kind, ReasonKind::Unreachable, "{reason}");
        assert!(reason.text.contains("Host is down") || reason.text.contains("connect"), "{reason}");
    }
}
