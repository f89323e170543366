//! A secret that was typed in an earlier turn: it is stored nowhere, and asked for again where it is used.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;

const SECRET: &str = "s3cr3t-7f3a";

/// A program at a terminal of its own.
struct AtTerminal {
    child: Child,
    typing: std::fs::File,
    screen: Arc<Mutex<String>>,
}

impl AtTerminal {
    /// `None` where there is no program that gives a process a terminal of its own.
    fn start(shell: &Shell, words: &str) -> Option<Self> {
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

    fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits until the screen shows this, and the prompt after it.
    #[track_caller]
    fn until(&self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        let prompted = || self.screen().split_once(text).is_some_and(|(_, rest)| rest.contains("> "));
        while !prompted() {
            assert!(Instant::now() < end, "no `{text}` on the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn type_line(&mut self, line: &str) {
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

#[test]
fn it_is_asked_for_again_where_it_is_used() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"Rotate\"\nowner \"a\"\nlet token = ask secret \"The token?\"\n\
         action `echo first #{token} > first`\ncheck \"Is it well?\" within 30m else { stop \"no\" }\n\
         action `echo second #{token} > second`\n",
    );
    let Some(mut first) = AtTerminal::start(&shell, "run a.rb") else { return };
    first.until("The token?");
    first.type_line(SECRET);
    first.until("Is it well?");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert!(!first.screen().contains(SECRET), "{}", first.screen());
    let file = |name: &str| std::fs::read_to_string(shell.path().join(name)).unwrap();
    assert_eq!(file("first"), format!("first {SECRET}\n"));
    std::fs::remove_file(shell.path().join("first")).unwrap();

    // If nobody is there to type it, the run waits for it, and it cannot be given where it would be recorded.
    let waits = shell.rbl("answer last yes --no-input").code(5);
    assert!(waits.out.contains("The token?"), "{waits:?}");
    assert!(!shell.path().join("second").exists());
    let refused = shell.rbl(&format!("answer last {SECRET}")).code(2);
    assert!(refused.err.contains("rbl resume"), "{refused:?}");

    let mut second = AtTerminal::start(&shell, "resume last").unwrap();
    second.until("The token?");
    second.type_line(SECRET);
    let ended = second.child.wait().unwrap();
    assert!(ended.success(), "{}", second.screen());
    assert!(!second.screen().contains(SECRET), "{}", second.screen());
    assert_eq!(file("second"), format!("second {SECRET}\n"));
    assert!(!shell.path().join("first").exists(), "what was done is not done again");
    for entry in std::fs::read_dir(shell.state().join("rbl")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        assert!(!bytes.windows(6).any(|part| part == &SECRET.as_bytes()[..6]), "{}", path.display());
    }
    shell.rbl("show last --verify").code(0);
}
