//! What a reader sees and types at a real terminal of 80 columns: the lines after `    > ` are typed when the run asks.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A terminal of its own; it ends with everything in it when dropped.
struct Tmux {
    socket: String,
}

impl Tmux {
    fn start(folder: &Path, line: &str) -> Result<Self, String> {
        let tmux = Self { socket: folder.join("tmux").to_string_lossy().into_owned() };
        let binary = Path::new(env!("CARGO_BIN_EXE_rbl")).parent().unwrap();
        // The output must stay on the screen after the end until it is read.
        let script = format!("PATH='{}':$PATH; {line}; touch ended; sleep 60", binary.display());
        let mut command = tmux.command();
        command.args([
            "-u",
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "100",
            "sh",
            "-c",
            &script,
        ]);
        for name in ["NO_COLOR", "CLICOLOR", "CI", "GITHUB_ACTIONS", "TMUX", "LC_ALL", "LC_CTYPE"] {
            command.env_remove(name);
        }
        let ended = command
            .env("LANG", "C.UTF-8")
            .env("XDG_STATE_HOME", folder.join(".state"))
            .current_dir(folder)
            .output()
            .map_err(|why| why.to_string())?;
        if ended.status.success() {
            Ok(tmux)
        } else {
            Err(String::from_utf8_lossy(&ended.stderr).into_owned())
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-S", &self.socket]);
        command
    }

    fn tell(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.tell(&["capture-pane", "-p"]).stdout).into_owned()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.tell(&["kill-server"]);
    }
}

/// The screen when the command of the block has ended; `None` if no terminal is available.
pub fn screen(folder: &Path, block: &str) -> Result<Option<String>, String> {
    if Command::new("tmux").arg("-V").output().is_err() {
        eprintln!("skipped: this machine has no `tmux`");
        return Ok(None);
    }
    let mut lines = block.lines();
    let line = lines.next().and_then(|line| line.strip_prefix("$ ")).ok_or("the block begins with `$ `")?;
    let ended = folder.join("ended");
    let _ = std::fs::remove_file(&ended);
    let tmux = Tmux::start(folder, line)?;
    let deadline = Instant::now() + Duration::from_mins(2);
    let wait = |done: &dyn Fn() -> bool| {
        while !done() {
            if Instant::now() > deadline {
                return Err(format!("nothing more comes:\n{}", tmux.screen()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    };
    for (index, typed) in lines.filter_map(|line| line.strip_prefix("    > ")).enumerate() {
        wait(&|| tmux.screen().matches("    >").count() > index)?;
        tmux.tell(&["send-keys", "-l", typed]);
        tmux.tell(&["send-keys", "Enter"]);
    }
    wait(&|| ended.exists())?;
    // The command has written its last line, and tmux may not have read it yet: it has where nothing changes any more.
    let last = std::cell::RefCell::new(tmux.screen());
    wait(&|| {
        std::thread::sleep(Duration::from_millis(200));
        let now = tmux.screen();
        last.replace(now.clone()) == now
    })?;
    Ok(Some(format!("$ {line}\n{}", last.into_inner())))
}
