//! A run on a terminal of its own, which `script` makes: the page, a question that is answered, and `CI`.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::shell::Shell;

/// Runs a command line on a terminal, types a line at each prompt, and returns the screen and the exit code.
/// `None`: there is no `script` of util-linux here.
fn on_terminal(
    shell: &Shell,
    words: &str,
    typed: &str,
    environment: &[(&str, &str)],
) -> Option<(String, i32)> {
    let line = format!("stty cols 80 rows 40; {} {words}", env!("CARGO_BIN_EXE_rbl"));
    let child = Command::new("script")
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .current_dir(shell.path())
        .env("XDG_STATE_HOME", shell.state())
        .env_remove("CI")
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .env("LC_ALL", "C.UTF-8")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: there is no `script` here to make a terminal");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let shown = Arc::new(Mutex::new(Vec::<u8>::new()));
    let of_reader = Arc::clone(&shown);
    let reader = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = stdout.read(&mut bytes) {
            of_reader.lock().unwrap().extend_from_slice(&bytes[..length]);
        }
    });
    let screen = || String::from_utf8_lossy(&shown.lock().unwrap()).replace('\r', "");
    for (number, line) in typed.lines().enumerate() {
        // Input typed before a question appears is not for it. The countdown above a prompt does not repeat the prompt.
        let deadline = Instant::now() + Duration::from_mins(1);
        while screen().matches("    > ").count() <= number {
            assert!(Instant::now() < deadline, "prompt {} is not there: {}", number + 1, screen());
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = writeln!(stdin, "{line}");
    }
    // The terminal stays until the command has ended.
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    reader.join().unwrap();
    Some((screen(), output.status.code().unwrap()))
}

#[test]
fn a_person_at_a_terminal_sees_a_page_and_is_asked() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"On a screen\"\nowner \"a\"\ncheck `true`\ncheck \"Is it well?\"\n");
    let Some((screen, code)) = on_terminal(&shell, "a.rb --as ana", "y fine", &[]) else { return };
    assert_eq!(code, 0, "{screen}");
    let plain = rbl_syntax::clean(&screen);
    for words in ["On a screen", "✔ yes", "Is it well?", "ana said yes", "RESOLVED", "┃"] {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    assert!(screen.contains("\u{1b}["), "colours on a terminal: {screen}");
    // The countdown overwrites itself, which plain text cannot show.
    for line in plain.lines().filter(|line| !line.contains(" left: ")) {
        assert!(rbl_terminal::width_of(line) <= 80, "{line}");
    }
}

#[test]
fn a_build_is_not_asked_and_nothing_moves() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"In a build\"\nowner \"a\"\nwait 1200ms\ncheck \"Is it well?\"\n");
    let Some((screen, code)) = on_terminal(&shell, "a.rb", "", &[("CI", "true"), ("NO_COLOR", "1")]) else {
        return;
    };
    assert_eq!(code, 5, "{screen}");
    assert!(!screen.contains('\u{1b}'), "{screen:?}");
    assert!(screen.contains("for an answer: \"Is it well?\""), "{screen}");
}
