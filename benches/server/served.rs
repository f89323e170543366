//! [`Served`]: a server in a folder of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::sender::Sender;

/// How long anything may take to become so.
const PATIENCE: Duration = Duration::from_mins(20);

/// See the module; ended when dropped.
pub struct Served {
    folder: tempfile::TempDir,
    child: Option<Child>,
    /// Where it listens.
    pub port: u16,
}

impl Served {
    /// A folder with these lines in `[serve]`, these sections, and these runbooks; the server is not started.
    pub fn new(serve: &str, sections: &str, runbooks: &[(&str, &str)]) -> Self {
        // Beside the build, not in /tmp, which may be in memory, where a commit is free.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let text = format!(
            "[serve]\nlisten = \"127.0.0.1:{port}\"\nmode = \"act\"\nrunbooks = [\"runbooks\"]\n{serve}\n\
             [store]\nurl = \"sqlite:data\"\n[teams.ops]\ntype = \"exec\"\ncommand = [\"sh\", \"page.sh\"]\n{sections}\n"
        );
        std::fs::write(folder.path().join("rbl.toml"), text).unwrap();
        let page = "cat > /dev/null; echo '{\"delivered\": true, \"by\": \"nobody\"}'\n";
        std::fs::write(folder.path().join("page.sh"), page).unwrap();
        std::fs::create_dir(folder.path().join("runbooks")).unwrap();
        for (name, runbook) in runbooks {
            std::fs::write(folder.path().join("runbooks").join(name), runbook).unwrap();
        }
        let it = Self { folder, child: None, port };
        it.rbl(&["check", "runbooks"]);
        it
    }

    /// Starts the server, and waits until it is ready.
    pub fn start(&mut self) {
        let log = std::fs::File::create(self.path().join("rbl.log")).unwrap();
        let child = self.command(&["serve"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.child = Some(child);
        self.until("the server is ready", || {
            Sender::to(self.port)
                .is_some_and(|mut it| it.get("/-/ready", "").is_some_and(|(code, _)| code == 200))
        });
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command of rbl there: what it printed.
    pub fn rbl(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The journal, past the server.
    pub fn journal(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path().join("data/journal.sqlite3")).unwrap()
    }

    /// A number from the journal.
    pub fn count(&self, sql: &str) -> u64 {
        let count: rusqlite::Result<i64> = self.journal().query_row(sql, [], |row| row.get(0));
        u64::try_from(count.unwrap_or_default()).unwrap()
    }

    /// Waits until something holds.
    pub fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            let log = || std::fs::read_to_string(self.path().join("rbl.log")).unwrap_or_default();
            assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{}", log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The resident memory of the server now, and the most it ever was, in megabytes.
    pub fn memory(&self) -> (u64, u64) {
        let of = |name: &str| self.status(name) / 1024;
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Its threads.
    pub fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    /// Its open files.
    pub fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count()
    }

    /// The processor time it has taken.
    pub fn processor(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let (_, rest) = stat.rsplit_once(')').unwrap();
        let ticks = |at: usize| rest.split_whitespace().nth(at).unwrap().parse::<u64>().unwrap();
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbl"));
        command.args(words).current_dir(self.path()).stdin(Stdio::null());
        command
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("XDG_CACHE_HOME", self.path().join("cache"));
        command
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
