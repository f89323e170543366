//! Runs what a reader types with the built `rbl`, in a folder of the page's own, and compares the output.
//!
//! In the expected output `[..]` with the blanks after it matches anything within a line, and a line `...` any lines.
//! A run is shown as on a terminal (`--format pretty`, 80 columns) although there is none: so it asks nobody.
//! `RBL_BLESS=1` writes the actual output, and keeps the wildcards where they fit.

use std::path::Path;
use std::process::{Command, Stdio};

use regex::Regex;

use super::root;

/// The folder of a page: a copy of the examples, and what its blocks wrote.
pub struct Place {
    folder: tempfile::TempDir,
    /// The exit code of the last command.
    code: i32,
}

/// The difference between the output and the expectation.
pub struct Differs {
    pub message: String,
    /// The block with the actual output.
    pub blessed: String,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("examples"), &folder.path().join("examples"));
        Self { folder, code: 0 }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&mut self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Changes a file: lines with `-` are removed, lines with `+` are added, the others give the place.
    pub fn edit(&mut self, name: &str, diff: &str) -> Result<(), String> {
        let path = self.path().join(name);
        let mut text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        for hunk in diff.split("...\n") {
            let side = |without: char| -> String {
                let kept = hunk.lines().filter(|line| !line.starts_with(without));
                kept.map(|line| format!("{}\n", line.get(1..).unwrap_or(""))).collect()
            };
            let (before, after) = (side('+'), side('-'));
            if text.matches(&before).count() != 1 {
                return Err(format!("these lines are not once in {name}:\n{before}"));
            }
            text = text.replacen(&before, &after, 1);
        }
        std::fs::write(&path, text).map_err(|error| error.to_string())
    }

    /// Runs the commands of a block.
    pub fn run(&mut self, block: &str) -> Result<(), Differs> {
        let mut message = String::new();
        let mut blessed = String::new();
        for part in commands(block) {
            let said =
                self.command(part.command).map_err(|why| Differs { message: why, blessed: block.into() })?;
            blessed.push_str(&format!("$ {}\n", part.command));
            if part.expected.is_empty() {
                if [2, 3, 70].contains(&self.code) {
                    message.push_str(&format!("$ {}\nended with {}:\n{said}", part.command, self.code));
                }
            } else if fits(&part.expected, &said) {
                blessed.push_str(&part.expected);
            } else {
                message
                    .push_str(&format!("$ {}\n-- expected\n{}-- said\n{said}", part.command, part.expected));
                blessed.push_str(&with_wildcards(&part.expected, &said));
            }
        }
        if message.is_empty() { Ok(()) } else { Err(Differs { message, blessed }) }
    }

    /// Runs each rbl command that a CI configuration starts.
    pub fn steps(&mut self, block: &str) -> Result<(), String> {
        let start = |line: &str| {
            let at = ["rbl check", "rbl test"].iter().find_map(|command| line.find(command))?;
            Some(line[at..].to_owned())
        };
        let steps: Vec<String> =
            block.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(start).collect();
        for step in &steps {
            let said = self.command(step)?;
            if ![0, 1].contains(&self.code) {
                return Err(format!("{step} ended with {}:\n{said}", self.code));
            }
        }
        if steps.is_empty() { Err("no step runs rbl".into()) } else { Ok(()) }
    }

    /// Runs the command of a block at a terminal, and types the input in it.
    pub fn at_terminal(&mut self, block: &str) -> Result<(), Differs> {
        let said = super::terminal::screen(self.path(), block)
            .map_err(|message| Differs { message, blessed: block.into() })?;
        match said {
            Some(said) if !fits(block, &said) => {
                let message = format!("-- expected\n{block}-- on the screen\n{said}");
                Err(Differs { message, blessed: with_wildcards(block, &said) })
            }
            _ => Ok(()),
        }
    }

    /// Returns the output of a command on both streams, in order.
    pub(super) fn command(&mut self, written: &str) -> Result<String, String> {
        // The command that runs these tests.
        if written == "cargo test" {
            self.code = 0;
            return Ok(String::new());
        }
        let mut line = written.replace("cargo run --release -- ", "rbl ");
        if !["rbl ", "echo ", "cat ", "mv "].iter().any(|start| line.starts_with(start)) {
            return Err(format!("nothing runs `{written}`"));
        }
        if line.starts_with("rbl run ") && !line.contains("--format") {
            line = line.replacen("rbl run ", "rbl run --format pretty ", 1);
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_rbl")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("exec 2>&1; (exit {}); {line}", self.code));
        for name in
            ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "LANG", "LC_ALL", "LC_CTYPE", "GITHUB_ACTIONS"]
        {
            command.env_remove(name);
        }
        command.env("XDG_STATE_HOME", self.path().join(".state"));
        command.env("PATH", path).env("TERM", "xterm").env("COLUMNS", "80").env("USER", "ana");
        command.current_dir(self.path()).stdin(Stdio::null());
        let ended = command.output().map_err(|error| error.to_string())?;
        self.code = ended.status.code().unwrap_or(-1);
        Ok(String::from_utf8_lossy(&ended.stdout).into_owned())
    }
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

struct Typed<'a> {
    command: &'a str,
    expected: String,
}

fn commands(block: &str) -> Vec<Typed<'_>> {
    let mut found: Vec<Typed> = Vec::new();
    for line in block.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            found.push(Typed { command, expected: String::new() });
        } else {
            let last = found.last_mut().expect("a console block begins with `$ `");
            last.expected.push_str(line);
            last.expected.push('\n');
        }
    }
    found
}

/// Whether a line matches the expected one, with `[..]` for anything.
fn line_fits(expected: &str, said: &str) -> bool {
    let expected = Regex::new(r"\[\.\.\] *").unwrap().replace_all(expected.trim_end(), "[..]").into_owned();
    let pattern: Vec<String> = expected.split("[..]").map(regex::escape).collect();
    Regex::new(&format!("^{}$", pattern.join(".*"))).unwrap().is_match(said.trim_end())
}

/// Whether the output matches, on a busy machine too: there a run prints more durations.
pub(super) fn fits(expected: &str, said: &str) -> bool {
    lines_are(expected, said) || {
        let took = Regex::new(r"(?m)(?:;|   )?\s+(?:\d+m )?\d+(?:\.\d+)?m?s$").unwrap();
        let without = took.replace_all(said, "");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let pattern: Vec<String> = flat(&took.replace_all(expected, ""))
            .split("[..]")
            .map(|piece| regex::escape(piece.trim()).replace(r"\.\.\.", ".*"))
            .collect();
        without != said
            && Regex::new(&format!("^{}$", pattern.join(".{0,90}?"))).unwrap().is_match(&flat(&without))
    }
}

/// Whether the lines match the expected ones, with `...` for any lines.
fn lines_are(expected: &str, said: &str) -> bool {
    fn lines_fit(expected: &[&str], said: &[&str]) -> bool {
        match expected.split_first() {
            None => said.is_empty(),
            Some((&"...", rest)) => (0..=said.len()).any(|skipped| lines_fit(rest, &said[skipped..])),
            Some((first, rest)) => {
                said.split_first().is_some_and(|(line, more)| line_fits(first, line) && lines_fit(rest, more))
            }
        }
    }
    let lines = |text: &str| -> Vec<String> { text.trim_end().lines().map(str::to_owned).collect() };
    let (expected, said) = (lines(expected), lines(said));
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    lines_fit(&expected, &said)
}

/// The output, with whatever differs every time replaced.
fn with_wildcards(expected: &str, said: &str) -> String {
    let id = Regex::new(r"\d{8}-\d{6}-[0-9a-f]{6}").unwrap();
    let took = Regex::new(r"(took +|after |; )\d[0-9.]*(?:ms|s|us)( *┃)?$").unwrap();
    let mut text = String::new();
    for line in said.trim_end().lines() {
        if let Some(known) = expected.lines().find(|it| it.contains("[..]") && line_fits(it, line)) {
            text.push_str(known);
        } else {
            let line = id.replace_all(line.trim_end(), "[..]");
            let line = took.replace(&line, |found: &regex::Captures<'_>| {
                let frame = if found.get(2).is_some() { "┃" } else { "" };
                let width = found[0].chars().count() - found[1].chars().count() - frame.chars().count();
                format!("{}{:<2$}{frame}", &found[1], "[..]", if frame.is_empty() { 0 } else { width })
            });
            text.push_str(&line);
        }
        text.push('\n');
    }
    text
}

#[test]
fn wildcards_stand_for_what_they_say_and_no_more() {
    assert!(fits("took [..]ms\n", "took 3ms\n") && !fits("took [..]ms\n", "took 3s\n"));
    assert!(fits("a\n...\nc\n", "a\nb\nb\nc\n") && fits("...\nc\n", "c\n") && !fits("a\n...\nc\n", "a\nb\n"));
    assert!(fits("x   done\n", "x   done; 120ms\n") && fits("x   so; done\n", "x   so;\n    done; 1.2s\n"));
    assert!(!fits("x   done\n", "x   failed; 120ms\n"));
    assert!(!fits("a\n", "a\nb\n") && !fits("a.c\n", "abc\n"));
}
