//! The examples: each checks without a finding, and runs to the end listed here.

use std::process::{Command, Stdio};

use super::console::{Place, copy};
use super::root;

/// Limits that hold on every machine, however full and busy it is. A read-only disk is always full.
const SURE: &str = "--param disk_limit=101% --param memory_floor=0% --param load_limit=1000000%";

/// `$CERTIFICATE` is one that openssl made for a year. Runbook, arguments, exit code, and texts in the story.
const ENDS: &[(&str, &str, i32, &str)] = &[
    ("host-pressure.rb", SURE, 0, "resolved"),
    ("disk-full.rb", "--param limit=101%", 0, "every disk is below 101%"),
    ("certificate-expiry.rb", "--param certificate=$CERTIFICATE", 0, "is good for at least 21d"),
    ("certificate-expiry.rb", "--param certificate=$CERTIFICATE --param soon=520w --no-input", 5, "Renew"),
    ("certificate-expiry.rb", "--param certificate=/nowhere.pem", 4, "/nowhere.pem cannot be read"),
    ("queue-backlog.rb", "", 0, "120 jobs are waiting: that is normal"),
    ("replication-broken.rb", "", 0, "Look yourself whether the alert is over: no alert started this run"),
    (
        "playbook.rb",
        "--param disk_limit=101% --param load_limit=1000000% --param memory_floor=0% --param certificate=$CERTIFICATE",
        0,
        "resolved",
    ),
    // A person is needed, and nobody is there.
    ("api-latency-first-day.rb", "--no-input", 5, "is the alert real?"),
    ("compactor-halted.rb", "--no-input", 5, "Is the volume of the compactor full?"),
    ("credential-rotation.rb", "--no-input", 5, "Is the change request approved"),
    ("maintenance-window.rb", "--no-input", 5, "the right node"),
    // No Prometheus answers at that address: nothing is changed, and the owner is paged.
    ("api-latency.rb", "--no-input", 4, "p99 < 500ms"),
    // What is asked of a machine that there is not is unknown, and nothing is restarted.
    ("endpoint-down.rb", "--param endpoint=no-such-host.invalid:443 --no-input", 4, "no such host"),
    ("replica-lag.rb", "--no-input", 4, "lag < 30s"),
];

#[test]
fn every_example_checks_without_a_finding() {
    let ended = Command::new(env!("CARGO_BIN_EXE_rbl"))
        .args(["check", "--no-cache", "--strict", "--format", "short", "examples"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn the_tests_of_every_example_pass() {
    let ended = Command::new(env!("CARGO_BIN_EXE_rbl"))
        .args(["test", "examples"])
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stdout));
}

#[test]
fn every_example_is_run() {
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "rb") && !name.ends_with("_test.rb") {
            let tests = path.with_file_name(name.replace(".rb", "_test.rb"));
            assert!(tests.is_file(), "{name} has no tests");
            assert!(ENDS.iter().any(|(file, ..)| *file == name), "no row says how {name} ends");
        }
    }
}

#[test]
fn every_example_ends_as_it_should() {
    let place = Place::new();
    let folder = place.path().join("examples");
    copy(&root().join("examples"), &folder);
    // A port on which nothing listens.
    let toml = folder.join("rbl.toml");
    let address = format!("127.0.0.1:{}", crate::support::free_port());
    let text = std::fs::read_to_string(&toml).unwrap().replace("127.0.0.1:9090", &address);
    // A resolver may take its time to say that a name is not there.
    std::fs::write(&toml, text.replace("timeout = \"5s\"", "timeout = \"60s\"")).unwrap();
    // A maintenance window that is open now, and not only on Sundays at three.
    let window = folder.join("maintenance-window.rb");
    let text = std::fs::read_to_string(&window).unwrap().replace("\"0 3 * * 0\"", "\"* * * * *\"");
    std::fs::write(&window, text).unwrap();
    let certificate = place.path().join("certificate.pem");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=rbl.example"])
        .arg("-keyout")
        .arg(place.path().join("key.pem"))
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    let has_openssl = made.is_ok_and(|status| status.success());
    if !has_openssl {
        eprintln!("skipped in part: this machine has no `openssl`");
    }
    for (file, words, code, says) in ENDS {
        if words.contains("$CERTIFICATE") && !has_openssl {
            continue;
        }
        let words = words.replace("$CERTIFICATE", &certificate.to_string_lossy());
        let ended = Command::new(env!("CARGO_BIN_EXE_rbl"))
            .args(["run", "--format", "plain", file])
            .args(words.split_whitespace())
            .current_dir(&folder)
            .env("XDG_STATE_HOME", folder.join(".state"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&ended.stdout);
        let err = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(*code), "{file} {words}\n{out}\n{err}");
        assert!(out.contains(says), "{file} {words}: {says}\n{out}");
    }
}
