//! Runs the built binary and keeps its output.

use std::io::Write;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The result of a command.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A folder of its own, and the binary in it.
pub struct Shell {
    folder: tempfile::TempDir,
    /// Separate, so that a test can list everything else in the folder.
    state: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Shell {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            state: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the journal of its runs is.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Where it keeps what need not be computed again.
    pub fn cache(&self) -> std::path::PathBuf {
        self.state().join("cache")
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Writes a file. Whoever reads it meanwhile finds what was there before, or all of it: never an empty file.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        static PARTS: AtomicUsize = AtomicUsize::new(0);
        let path = self.path().join(path);
        let folder = path.parent().unwrap();
        std::fs::create_dir_all(folder).unwrap();
        let before = std::fs::symlink_metadata(&path).ok();
        if before.as_ref().is_some_and(|it| !it.is_file() || it.nlink() > 1) {
            // A pipe or a link stays what it is.
            std::fs::write(path, text).unwrap();
            return self;
        }
        let part = folder.join(format!(".part-{}", PARTS.fetch_add(1, Ordering::Relaxed)));
        std::fs::write(&part, text).unwrap();
        if let Some(before) = before {
            std::fs::set_permissions(&part, before.permissions()).unwrap();
        }
        std::fs::rename(part, path).unwrap();
        self
    }

    /// The command with these words as arguments.
    pub fn command(&self, words: &str) -> Command {
        let mut command = self.prepared(env!("CARGO_BIN_EXE_rbl"));
        command.args(words.split_whitespace());
        command
    }

    /// A program in the folder and the environment of the tests.
    pub fn prepared(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "COLUMNS", "LANG", "LC_ALL", "LC_CTYPE"]
        {
            command.env_remove(name);
        }
        for name in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"] {
            command.env_remove(name);
        }
        command.env("XDG_STATE_HOME", self.state()).env("XDG_CACHE_HOME", self.cache());
        command.env("TERM", "xterm-256color").envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it without anything on standard input.
    pub fn rbl(&self, words: &str) -> Ended {
        self.feed(words, "")
    }

    /// Runs it with this on standard input.
    pub fn feed(&self, words: &str, input: &str) -> Ended {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn().unwrap();
        // A program that does not read its input may close the pipe.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        assert_eq!(
            signal,
            None,
            "`rbl {words}` was ended by a signal\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Asserts the exit code, and prints everything if it is another.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Vec<serde_json::Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        self.out.lines().map(read).collect()
    }
}
