//! [`ProcessesHere`]: the processes of an action that outlived the rbl that began them.
//!
//! They are found by the key of the action, which every command has in its environment and hands on to what it starts, and
//! by the process that was noted when it had started: a command may clear its environment and begin a session of its own.
//! The key is there before the note is: nothing is lost in between.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rbl_runtime::journal::{LeftProcesses, StartedProcess};
use rustix::process::{Pid, Signal};

use crate::process::table::{self, ProcessRow};
use crate::process::{GRACE, REAP, this_machine};

/// How often it is looked whether they have ended.
const LOOK: Duration = Duration::from_millis(20);

/// How long a process is waited for that ends by itself.
const ALONE: Duration = GRACE.saturating_add(REAP.saturating_add(REAP));

/// The processes of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessesHere;

impl LeftProcesses for ProcessesHere {
    fn living(&self, key: &str, noted: Option<&StartedProcess>) -> Option<String> {
        let left = ActionProcesses::new(key, noted).running();
        let pids: Vec<String> = left.iter().map(|row| row.pid.to_string()).collect();
        match pids.as_slice() {
            [] => None,
            [one] => Some(format!("process {one}")),
            several => Some(format!("processes {}", several.join(", "))),
        }
    }

    fn end(&self, key: &str, noted: Option<&StartedProcess>) -> bool {
        let mut left = ActionProcesses::new(key, noted);
        // It ends what it began elsewhere first, and reports nothing if it is killed meanwhile.
        left.ends_alone() && left.end_within(None, ALONE)
            || left.end_within(Some(Signal::TERM), GRACE)
            || left.end_within(Some(Signal::KILL), REAP)
    }
}

/// The processes of one action.
struct ActionProcesses<'a> {
    /// The variable that names the action.
    variable: String,
    noted: Option<&'a StartedProcess>,
    /// Those that were seen: each stays one of them, whatever it leaves behind.
    seen: BTreeSet<(i32, u64)>,
}

impl<'a> ActionProcesses<'a> {
    fn new(key: &str, noted: Option<&'a StartedProcess>) -> Self {
        let noted = noted.filter(|noted| noted.key == key && noted.machine == this_machine());
        Self { variable: format!("RBL_IDEMPOTENCY_KEY={key}"), noted, seen: BTreeSet::new() }
    }

    fn ends_alone(&self) -> bool {
        self.noted.is_some_and(|noted| noted.ends_alone)
    }

    /// Those that run, apart from this process, with all their descendants.
    ///
    /// Of the noted process those in its session belong to it too, as long as it runs: what it left behind when it ended was
    /// meant to stay.
    fn running(&mut self) -> Vec<ProcessRow> {
        let own = rustix::process::getpid().as_raw_nonzero().get();
        let mut rows = table::processes();
        rows.retain(|row| row.pid != own && !row.ended);
        let leader = self
            .noted
            .filter(|noted| rows.iter().any(|row| (row.pid, row.started) == (noted.pid, noted.started)));
        let leader = leader.map(|noted| noted.pid);
        let is_one = |row: &&ProcessRow| {
            Some(row.pid) == leader
                || Some(row.session) == leader
                || self.seen.contains(&(row.pid, row.started))
                || table::has_variable(row.pid, &self.variable)
        };
        let mut found: BTreeSet<i32> = rows.iter().filter(is_one).map(|row| row.pid).collect();
        // Parents may stand behind their children: until nothing is added.
        let mut before = 0;
        while found.len() > before {
            before = found.len();
            let children: Vec<i32> =
                rows.iter().filter(|row| found.contains(&row.parent)).map(|row| row.pid).collect();
            found.extend(children);
        }
        rows.retain(|row| found.contains(&row.pid));
        self.seen.extend(rows.iter().map(|row| (row.pid, row.started)));
        rows
    }

    /// Waits until none is left, and sends a signal to each, also to those that are started meanwhile; returns whether none
    /// is left in time.
    fn end_within(&mut self, signal: Option<Signal>, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let mut signaled: BTreeSet<i32> = BTreeSet::new();
        loop {
            let left = self.running();
            if left.is_empty() {
                return true;
            }
            for row in left {
                if let (Some(signal), Some(pid)) = (signal, Pid::from_raw(row.pid))
                    && signaled.insert(row.pid)
                {
                    // An error means that it has ended since.
                    let _ = rustix::process::kill_process(pid, signal);
                }
            }
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(LOOK);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use super::*;

    fn key() -> String {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("r{}/0.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn noted(key: &str, child: &Child) -> StartedProcess {
        let pid = i32::try_from(child.id()).unwrap();
        let started = table::processes().into_iter().find(|row| row.pid == pid).unwrap().started;
        StartedProcess { key: key.into(), pid, started, machine: this_machine().into(), ends_alone: false }
    }

    #[test]
    fn they_are_found_by_their_key_and_ended() {
        let key = key();
        let start = |script: &str| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", script]).env("RBL_IDEMPOTENCY_KEY", &key).spawn().unwrap()
        };
        assert_eq!(ProcessesHere.living(&key, None), None);
        let mut one = start("exec sleep 30");
        let mut stubborn = start("trap '' TERM; while :; do sleep 0.1; done");
        std::thread::sleep(Duration::from_millis(200));
        let living = ProcessesHere.living(&key, None).unwrap();
        assert!(
            living.contains(&one.id().to_string()) && living.contains(&stubborn.id().to_string()),
            "{living}"
        );
        assert_eq!(ProcessesHere.living(&format!("{key}-1"), None), None);
        let reaper = std::thread::spawn(move || (one.wait().unwrap(), stubborn.wait().unwrap()));
        assert!(ProcessesHere.end(&key, None));
        reaper.join().unwrap();
        assert_eq!(ProcessesHere.living(&key, None), None);
    }

    /// Neither environment nor session: the note and the parents are all that is left.
    #[test]
    fn one_that_cleared_its_environment_is_found_by_the_note() {
        let key = key();
        let script = "setsid -w sleep 300; setsid -w sh -c 'trap \"\" TERM; sleep 301'";
        let mut command = Command::new("/bin/sh");
        let mut child = command.args(["-c", script]).env_clear().process_group(0).spawn().unwrap();
        let noted = noted(&key, &child);
        let mut all = ActionProcesses::new(&key, Some(&noted));
        let until = Instant::now() + Duration::from_mins(1);
        while !all.running().iter().any(|row| row.pid != noted.pid && row.session == row.pid) {
            assert!(Instant::now() < until, "no session of its own was begun");
            std::thread::sleep(LOOK);
        }
        assert_eq!(ProcessesHere.living(&key, None), None);
        assert!(all.running().len() >= 2, "the shell and sleep");
        // Another action, another start of the machine, another process of this number: none of them is it.
        let others = [
            StartedProcess { key: format!("{key}1"), ..noted.clone() },
            StartedProcess { machine: "another".into(), ..noted.clone() },
            StartedProcess { started: noted.started + 1, ..noted.clone() },
        ];
        for other in &others {
            assert_eq!(ProcessesHere.living(&key, Some(other)), None, "{other:?}");
        }
        let reaper = std::thread::spawn(move || child.wait().unwrap());
        assert!(ProcessesHere.end(&key, Some(&noted)));
        reaper.join().unwrap();
        assert_eq!(ProcessesHere.living(&key, Some(&noted)), None);
    }

    #[test]
    fn one_that_ends_alone_is_given_time() {
        let key = key();
        let folder = tempfile::tempdir().unwrap();
        let done = folder.path().join("done");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("sleep 0.5; : > {}", done.display())]).env_clear();
        let mut child = command.spawn().unwrap();
        let noted = StartedProcess { ends_alone: true, ..noted(&key, &child) };
        let reaper = std::thread::spawn(move || child.wait().unwrap());
        assert!(ProcessesHere.end(&key, Some(&noted)));
        reaper.join().unwrap();
        assert!(done.exists(), "it was not waited for");
    }
}
