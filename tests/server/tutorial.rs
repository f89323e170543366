//! The tutorial of `docs/server.md`, as it is written: its files, its commands, what they print; with a real Prometheus and a real
//! Alertmanager, on ports of the test.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::support::free_port;

const PAGE: &str = include_str!("../../docs/server.md");

/// The ports of the page, each replaced by a free one.
const PORTS: [&str; 4] = ["7180", "8000", "9090", "9093"];

/// How long what a command shows may take to be so.
const PATIENCE: Duration = Duration::from_mins(2);

/// A block of the tutorial.
enum Block {
    /// A file, and its text.
    File(String, String),
    /// Commands, each with the lines that it prints.
    Commands(Vec<(String, Vec<String>)>),
}

/// The blocks of the section.
fn blocks() -> Vec<Block> {
    let (_, section) = PAGE.split_once("\n## In ten minutes\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut found = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        let Some(tag) = line.strip_prefix("```") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some((_, name)) = tag.split_once(" file=") {
            found.push(Block::File(name.to_owned(), text.join("\n") + "\n"));
        } else if tag == "console tutorial" {
            let mut commands: Vec<(String, Vec<String>)> = Vec::new();
            for line in text {
                match line.strip_prefix("$ ") {
                    Some(command) => commands.push((command.to_owned(), Vec::new())),
                    None => commands.last_mut().unwrap().1.push(line.to_owned()),
                }
            }
            found.push(Block::Commands(commands));
        } else {
            assert_eq!(
                tag, "text",
                "every block of the tutorial is a file, commands, or says that it is neither"
            );
        }
    }
    found
}

/// A shell, as a person has it open; everything that it started ends with it.
struct OpenShell {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    commands: usize,
}

impl OpenShell {
    fn new(folder: &Path) -> Self {
        let rbl = Path::new(env!("CARGO_BIN_EXE_rbl")).parent().unwrap();
        let path = format!("{}:{}:/usr/bin", rbl.display(), std::env::var("PATH").unwrap_or_default());
        let mut child = Command::new("bash")
            .arg("--norc")
            .current_dir(folder)
            .env("PATH", path)
            .env("XDG_STATE_HOME", folder.join("state"))
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .env_remove("CI")
            .env_remove("RBL_TOKEN")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.join("stderr.txt")).unwrap())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, input, lines, commands: 0 }
    }

    /// Runs a command: its exit code, and what it printed.
    fn run(&mut self, command: &str) -> (i32, Vec<String>) {
        self.commands += 1;
        let mark = format!("<ended {}>", self.commands);
        writeln!(self.input, "{command}\necho \"{mark} $?\"").unwrap();
        let mut printed = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{command} does not end"));
            if let Some(code) = line.strip_prefix(&mark) {
                return (code.trim().parse().unwrap(), printed);
            }
            printed.push(line);
        }
    }
}

impl Drop for OpenShell {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Whether lines are those of the page: `[..]` stands for anything within a line, a line `...` for any lines, and blanks for any number of
/// them.
fn fits(printed: &[String], expected: &[String]) -> bool {
    let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let pattern: Vec<String> = expected
        .iter()
        .map(|line| match line.trim() {
            "..." => "(?s:.*)".to_owned(),
            line => regex::escape(&blanks(line)).replace("\\[\\.\\.\\]", ".*"),
        })
        .collect();
    let pattern = regex::Regex::new(&format!("^{}$", pattern.join("\n"))).unwrap();
    let printed: Vec<String> = printed.iter().map(|line| blanks(line)).collect();
    pattern.is_match(&printed.join("\n"))
}

/// A command that may be repeated until it shows what it should: it changes nothing.
fn only_looks(command: &str) -> bool {
    ["rbl runs", "rbl show", "rbl hooks", "cat ", "tail ", "curl "].iter().any(|it| command.starts_with(it))
}

fn has(program: &str) -> bool {
    let found =
        Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "this machine has no `{program}`: install it, as .ci/run does"
        );
        eprintln!("skipped: this machine has no `{program}`");
    }
    found
}

/// From a rule of Prometheus to a run that is resolved; the server is killed in the middle, as the page says. Twice: without
/// that step everything else is the same.
fn followed(kills: bool) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let ports: BTreeMap<&str, String> = PORTS.iter().map(|it| (*it, free_port().to_string())).collect();
    // All at once: a port that is put in may have another one of the page in it.
    let of_page = regex::Regex::new(&PORTS.join("|")).unwrap();
    let with_ports =
        |text: &str| of_page.replace_all(text, |it: &regex::Captures<'_>| ports[&it[0]].clone()).into_owned();
    let mut shell = OpenShell::new(folder.path());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    for block in blocks() {
        match block {
            Block::File(name, text) => {
                let path = folder.path().join(&name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, with_ports(&text)).unwrap();
            }
            Block::Commands(commands) => {
                let is_kill = commands.iter().any(|(command, _)| command.contains("kill -9"));
                if is_kill && !kills {
                    continue;
                }
                for (command, expected) in commands {
                    let (command, begun) = (with_ports(&command), Instant::now());
                    let expected: Vec<String> = expected.iter().map(|line| with_ports(line)).collect();
                    loop {
                        let (code, printed) = shell.run(&command);
                        if code == 0 && fits(&printed, &expected) {
                            break;
                        }
                        let tells = || {
                            format!(
                                "$ {command}\n{}\nwas to print\n{}\n{}\n{}",
                                printed.join("\n"),
                                expected.join("\n"),
                                read("stderr.txt"),
                                read("rbl.log")
                            )
                        };
                        assert!(only_looks(&command) && begun.elapsed() < PATIENCE, "{}", tells());
                        std::thread::sleep(Duration::from_millis(300));
                    }
                }
            }
        }
    }
    // What came of it, without what differs each time.
    let (_, shown) = shell.run(&with_ports("rbl show last --format json --server http://127.0.0.1:7180"));
    let events = shown.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let kept = events.filter_map(|it| {
        let kind = it["type"].as_str()?.to_owned();
        ["action_started", "action_ended", "answered", "resolved", "ended", "asked"]
            .contains(&kind.as_str())
            .then(|| format!("{kind} {} {} {}", it["title"], it["prompt"], it["outcome"]))
    });
    let kept: Vec<String> = kept.collect();
    assert_eq!(
        read("chat.txt").matches("May the orders in the queue be dropped?").count(),
        1,
        "it is asked once"
    );
    assert_eq!(read("pages.txt"), "");
    kept
}

#[test]
fn the_tutorial_runs_as_it_is_written_and_a_kill_in_the_middle_changes_nothing() {
    if !["prometheus", "prometheus-alertmanager", "python3", "bash", "curl"].into_iter().all(has) {
        return;
    }
    let (killed, whole) = (followed(true), followed(false));
    assert!(killed.iter().any(|it| it.starts_with("action_ended")), "{killed:?}");
    assert_eq!(killed, whole);
}

/// The files of the tutorial are those of the example.
#[test]
fn the_files_of_the_tutorial_are_the_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/serve");
    let mut files = 0;
    for block in blocks() {
        if let Block::File(name, text) = block {
            let example = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
            assert_eq!(text, example, "examples/serve/{name}");
            files += 1;
        }
    }
    assert!(files >= 7, "{files}");
}
