//! Measures the time until the first prompt accepts input: `rbl repl`, in an empty folder and with a runbook and a full
//! history, against `python3 -q` and `sqlite3`.
//!
//! `cargo bench --bench prompt`. Each program is started on its own pseudo-terminal; the time is from just before its
//! start to the last byte of its prompt. The pairs run in turn, A B A B …, and the ratio is computed for each pair.
//! Processor time is that of the whole process, including its end by Ctrl-D (`wait4`).
#![allow(clippy::unwrap_used, clippy::panic)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it starts programs and reads the clock, which is its purpose

#[path = "prompt/terminal.rs"]
mod terminal;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use terminal::{Shown, first_prompt};

const PAIRS: usize = 101;

/// A program that asks for a line, and the words with which it does.
struct Asker<'a> {
    path: &'a str,
    arguments: &'a [&'a str],
    /// Where it is started, and where its home is.
    folder: &'a Path,
    prompt: &'a str,
}

impl Asker<'_> {
    fn start(&self) -> Shown {
        let mut command = Command::new(self.path);
        command
            .args(self.arguments)
            .current_dir(self.folder)
            .env("HOME", self.folder)
            .env("XDG_STATE_HOME", self.folder.join("state"))
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .env_remove("CI");
        first_prompt(command, self.prompt)
    }
}

fn main() {
    let [empty, full] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/");
    for name in ["api-latency.rb", "rbl.toml"] {
        std::fs::copy(format!("{example}{name}"), full.path().join(name)).unwrap();
    }
    history(&full.path().join("state/rbl"));

    let binary = env!("CARGO_BIN_EXE_rbl");
    let plain = Asker { path: binary, arguments: &["repl"], folder: empty.path(), prompt: "rbl> " };
    let file = ["repl", "api-latency.rb"];
    let loaded = Asker { path: binary, arguments: &file, folder: full.path(), prompt: "rbl> " };
    let python = python();
    let python = Asker { path: &python, arguments: &["-q"], folder: empty.path(), prompt: ">>> " };
    let sqlite = Asker { path: "sqlite3", arguments: &[], folder: empty.path(), prompt: "sqlite> " };

    let others = [(python, "python3", "-q"), (sqlite, "sqlite3", "")];
    let asked =
        [(&plain, "rbl repl"), (&loaded, "rbl repl api-latency.rb, with 2,000 inputs in its history")];
    for (rbl, what) in asked {
        for (other, name, argument) in &others {
            match Command::new(other.path).arg("--version").output() {
                Ok(version) => {
                    let version = String::from_utf8_lossy(&version.stdout);
                    let version = version.split_whitespace().find(|it| it.contains('.')).unwrap_or_default();
                    println!("\n{what}: rbl against {name} {argument} ({version})");
                    paired(rbl, other);
                }
                Err(_) => println!("\nskipped: this machine has no {name}"),
            }
        }
    }
}

/// The interpreter itself: `python3` on the path may be a script that searches for one.
fn python() -> String {
    let asked = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    asked.map_or_else(|_| "python3".into(), |it| String::from_utf8_lossy(&it.stdout).trim().to_owned())
}

/// Writes as many inputs as a session remembers.
fn history(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let mut lines = String::from("#V2\n");
    for number in 0..2_000 {
        let _ = writeln!(lines, "p99 over {number}m > {number}ms and \"Is service number {number} well?\"");
    }
    std::fs::write(folder.join("history"), lines).unwrap();
}

type Figure = (&'static str, fn(&Shown) -> f64);
const FIGURES: [Figure; 2] = [("prompt ms", |shown| shown.prompt), ("cpu ms", |shown| shown.cpu)];

/// Starts both in turn, and prints how long each took.
fn paired(a: &Asker<'_>, b: &Asker<'_>) {
    let _warm = (a.start(), b.start());
    let pairs: Vec<(Shown, Shown)> = (0..PAIRS).map(|_| (a.start(), b.start())).collect();
    let header = ["", "A", "B", "A / B"];
    println!("{:<9} {:>30} {:>30} {:>22}", header[0], header[1], header[2], header[3]);
    for (name, of) in FIGURES {
        let row = |figure: &dyn Fn(&(Shown, Shown)) -> f64| spread(pairs.iter().map(figure).collect());
        println!(
            "{name:<9} {:>30} {:>30} {:>22}",
            row(&|pair| of(&pair.0)),
            row(&|pair| of(&pair.1)),
            row(&|pair| of(&pair.0) / of(&pair.1)),
        );
    }
}

/// The median, the 95th percentile, and the least.
fn spread(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    let at = |share: usize| figures.get(figures.len() * share / 100).copied().unwrap_or_default();
    format!("{:.2} (p95 {:.2}, least {:.2})", at(50), at(95), at(0))
}
