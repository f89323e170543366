//! A real terminal for the binary: a tmux server of its own, with one pane to type into and to read.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// One pane; its server ends when it is dropped.
pub struct Pane {
    socket: tempfile::TempDir,
    name: String,
}

impl Pane {
    /// Runs `rbl` with these arguments, at this width. `None`, and a line that says so, without tmux.
    pub fn open(columns: u16, folder: &Path, line: &str) -> Option<Self> {
        Self::with(columns, folder, "", line)
    }

    /// The same, with assignments (`A=1 B=2`) before the command.
    pub fn with(columns: u16, folder: &Path, environment: &str, line: &str) -> Option<Self> {
        if Command::new("tmux").arg("-V").stdout(Stdio::null()).status().is_err() {
            eprintln!("skipped: this machine has no `tmux`");
            return None;
        }
        let socket = tempfile::tempdir().unwrap();
        let name = format!("rbl-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let binary = env!("CARGO_BIN_EXE_rbl");
        // Ctrl-C is for `rbl`: the shell that prints the exit code has to survive it.
        let script =
            format!("trap : INT\n{environment} {binary} {line}\necho \"ended with $?\"\nexec sleep 600\n");
        std::fs::write(socket.path().join("script"), script).unwrap();
        let pane = Self { socket, name };
        let started = pane
            .tmux()
            .args(["-f", "/dev/null", "new-session", "-d", "-y", "60", "-x", &columns.to_string()])
            .arg("-c")
            .arg(folder)
            .arg(format!("exec sh {}", pane.socket.path().join("script").display()))
            .env("XDG_STATE_HOME", pane.socket.path().join("state"))
            .env_remove("NO_COLOR")
            .env_remove("CI")
            .env_remove("TMUX")
            .env_remove("CLICOLOR_FORCE")
            .env("LC_ALL", "C.UTF-8")
            .env("USER", "ana")
            .env("SHELL", "/bin/sh")
            .status()
            .unwrap();
        assert!(started.success(), "tmux");
        Some(pane)
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-u").arg("-S").arg(self.socket.path().join(&self.name));
        command
    }

    /// Everything that was shown, including lines that have scrolled away.
    pub fn screen(&self) -> String {
        self.capture(&[])
    }

    /// The same with its escape codes.
    pub fn codes(&self) -> String {
        self.capture(&["-e"])
    }

    fn capture(&self, more: &[&str]) -> String {
        let output = self.tmux().args(["capture-pane", "-p", "-S", "-"]).args(more).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Waits until this is shown.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until this is shown this many times.
    #[track_caller]
    pub fn wait_for_times(&self, text: &str, times: usize) -> String {
        self.wait_until(text, |screen| screen.matches(text).count() >= times)
    }

    #[track_caller]
    fn wait_until(&self, what: &str, shown: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let screen = self.screen();
            if shown(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "never shown: {what}\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Types a line.
    pub fn type_line(&self, text: &str) {
        assert!(self.tmux().args(["send-keys", "-l", text]).status().unwrap().success());
        self.key("Enter");
    }

    /// Types a line again and again until this is shown: for what reads a server that needs a moment.
    #[track_caller]
    pub fn type_until(&self, line: &str, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            self.type_line(line);
            for _ in 0..60 {
                let screen = self.screen();
                if screen.contains(text) {
                    return screen;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            assert!(Instant::now() < deadline, "never shown: {text}\n{}", self.screen());
        }
    }

    /// Presses Tab again and again until this is shown: what completes it may come from a server that needs a moment. A Tab after a
    /// word that is complete changes nothing, as long as no other word begins with it.
    #[track_caller]
    pub fn tab_until(&self, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            self.key("Tab");
            for _ in 0..20 {
                let screen = self.screen();
                if screen.contains(text) {
                    return screen;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            assert!(Instant::now() < deadline, "never shown: {text}\n{}", self.screen());
        }
    }

    /// Presses a key, as tmux names it.
    pub fn key(&self, key: &str) {
        assert!(self.tmux().args(["send-keys", key]).status().unwrap().success());
    }

    /// Types text as it is, a key at a time, without a line end.
    pub fn type_keys(&self, text: &str) {
        for letter in text.chars() {
            // `send-keys` takes single characters as they are; a space has a name.
            match letter {
                ' ' => self.key("Space"),
                letter => self.key(&letter.to_string()),
            }
        }
    }

    /// Presses keys and types words, all at once.
    pub fn keys(&self, keys: &[&str]) {
        assert!(self.tmux().arg("send-keys").args(keys).status().unwrap().success());
    }

    /// Waits for the end, and returns the whole screen.
    #[track_caller]
    pub fn ended(&self, code: i32) -> String {
        let screen = self.wait_for("ended with ");
        assert!(screen.contains(&format!("ended with {code}")), "{screen}");
        screen
    }
}

impl Drop for Pane {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").status();
    }
}
