//! Runs the built binary at a terminal of its own, with somebody who types.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;

/// A program at a terminal of its own.
pub struct AtTerminal {
    pub child: Child,
    typing: std::fs::File,
    screen: Arc<Mutex<String>>,
}

impl AtTerminal {
    /// `None` where there is no program that gives a process a terminal of its own.
    pub fn start(shell: &Shell, words: &str) -> Option<Self> {
        let (master, slave) = terminal();
        let of_shell = shell.command(words);
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(of_shell.get_program()).args(of_shell.get_args());
        command.current_dir(shell.path());
        for (name, value) in of_shell.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let end = || Stdio::from(slave.try_clone().unwrap());
        let Ok(child) = command.stdin(end()).stdout(end()).stderr(end()).spawn() else {
            eprintln!("skipped: there is no setsid");
            return None;
        };
        drop((command, slave));
        let screen = Arc::new(Mutex::new(String::new()));
        let mut seen = std::fs::File::from(master.try_clone().unwrap());
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = seen.read(&mut bytes) {
                shown.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..length]));
            }
        });
        Some(Self { child, typing: master.into(), screen })
    }

    pub fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits until the screen shows this, and the prompt after it.
    #[track_caller]
    pub fn until(&self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        let prompted = || self.screen().split_once(text).is_some_and(|(_, rest)| rest.contains("> "));
        while !prompted() {
            assert!(Instant::now() < end, "no `{text}` on the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn type_line(&mut self, line: &str) {
        self.typing.write_all(format!("{line}\r").as_bytes()).unwrap();
    }
}

fn terminal() -> (OwnedFd, OwnedFd) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = std::fs::OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (master, slave.into())
}
