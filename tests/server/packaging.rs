//! What is shipped to run the server: the unit of systemd and the container file.

use std::process::Command;

use super::ServerBench;

const UNIT: &str = include_str!("../../packaging/systemd/rbl.service");
const CONTAINER: &str = include_str!("../../packaging/container/Containerfile");

fn analyze(arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("systemd-analyze").args(arguments).output();
    let Ok(output) = output else {
        let in_ci = std::env::var_os("CI").is_some();
        assert!(!in_ci, "this machine has no systemd-analyze: install it, as .ci/run does");
        eprintln!("skipped: this machine has no systemd-analyze");
        return None;
    };
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

#[test]
fn systemd_knows_every_line_of_the_unit_and_finds_it_hardened() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("rbl.service");
    std::fs::write(&unit, UNIT.replace("/usr/local/bin/rbl", env!("CARGO_BIN_EXE_rbl"))).unwrap();
    let unit = unit.to_str().unwrap();
    let Some((is_right, text)) = analyze(&["verify", "--man=no", unit]) else { return };
    assert!(is_right && text.trim().is_empty(), "{text}");
    let Some((is_hard, text)) = analyze(&["security", "--offline=yes", "--threshold=20", unit]) else {
        return;
    };
    // An older systemd cannot judge a file.
    if text.contains("Overall exposure level") {
        assert!(is_hard, "{text}");
    }
}

/// Starts what a shipped file starts, with another address and journal, and asks it as that file does.
fn starts(line: &str, bench: &ServerBench, health: &str) {
    let journal = bench.shell.state().join("shipped");
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for word in &mut words {
        if word.starts_with("sqlite:") {
            *word = format!("sqlite:{}", journal.display());
        }
        if word.ends_with(":7180") {
            *word = format!("0.0.0.0:{}", bench.port);
        }
    }
    let mut child = bench.shell.command(&words.join(" ")).spawn().unwrap();
    let asked = || bench.request(&format!("GET {health} HTTP/1.1\r\nHost: x"), b"");
    bench.until("it is healthy", || asked().is_some_and(|(code, _)| code == 200));
    assert!(journal.join("journal.sqlite3").is_file());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_command_of_the_unit_serves() {
    let bench = ServerBench::new("", "");
    let line = UNIT.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/rbl ")).unwrap();
    starts(line, &bench, "/-/ready");
}

#[test]
fn the_command_of_the_container_serves_for_a_user_without_rights() {
    let line = |name: &str| CONTAINER.lines().rfind(|line| line.starts_with(name)).unwrap();
    let list =
        |text: &str| -> Vec<String> { serde_json::from_str(&text[text.find('[').unwrap()..]).unwrap() };
    assert_eq!(line("USER "), "USER 7180:7180");
    assert!(CONTAINER.contains("useradd --system --uid 7180"));
    let check = list(line("HEALTHCHECK "));
    let health = check.last().unwrap().strip_prefix("http://127.0.0.1:7180").unwrap().to_owned();
    let hook = "[hooks.alertmanager]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("token", "s3cret");
    let command = list(line("CMD ")).join(" ");
    starts(&command, &bench, &health);
    // As the comment in the file says.
    let open = ServerBench::new("", "");
    let refused =
        open.shell.rbl(&command.replace("/var/lib/rbl", open.shell.state().to_str().unwrap())).code(2);
    assert!(refused.err.contains("anybody who reaches"), "{}", refused.err);
}
