//! A process and everything that came of it, also what made a group or a session of its own.
//!
//! They are found in four ways: by the session they were started in, by their parents, by the mark in their environment,
//! and as orphans of rbl. Only what escapes all four is not found. Where the system has no `/proc`, the group is all that is
//! known.

use std::collections::BTreeSet;

use rustix::process::{Pid, Signal};

use super::adoption;
use super::session::MARK;
use super::table::{self, ProcessRow};

/// A process that still runs though it was to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survivor {
    /// Its number.
    pub(crate) pid: i32,
    /// The name of its program.
    pub(crate) name: String,
}

/// A process that leads a session, and its descendants.
#[derive(Debug)]
pub(super) struct Descendants {
    leader: Pid,
    /// `None`: only its session is looked at.
    mark: Option<String>,
    /// When the leader was started.
    since: u64,
    /// Those that were seen: each stays one of them, whatever it leaves behind.
    seen: BTreeSet<(i32, u64)>,
}

impl Descendants {
    /// Those of this process, which was started with this mark.
    pub(super) fn of(leader: Pid, mark: Option<String>) -> Self {
        let since = table::process(number(leader)).map_or(0, |row| row.started);
        Self { leader, mark, since, seen: BTreeSet::new() }
    }

    /// When the leader was started, in ticks since the machine was; 0 where the system does not say it.
    pub(super) fn since(&self) -> u64 {
        self.since
    }

    /// Those that run, the leader among them.
    pub(super) fn running(&mut self) -> Vec<ProcessRow> {
        let leader = number(self.leader);
        let rows = table::processes();
        let mut found: BTreeSet<i32> = [leader].into();
        let (orphans, alone) = adoption::orphans(&rows);
        let orphans: BTreeSet<i32> =
            orphans.iter().filter(|row| alone && row.started >= self.since).map(|row| row.pid).collect();
        for row in &rows {
            let is_one = row.session == leader
                || self.seen.contains(&(row.pid, row.started))
                || self.mark.as_deref().is_some_and(|mark| {
                    row.started >= self.since
                        && (table::was_given(row.pid, mark)
                            || orphans.contains(&row.pid) && !table::was_given(row.pid, MARK))
                });
            if is_one {
                found.insert(row.pid);
            }
        }
        if self.mark.is_some() {
            // Parents may stand behind their children: until nothing is added.
            let mut before = 0;
            while found.len() > before {
                before = found.len();
                let children = rows.iter().filter(|row| found.contains(&row.parent)).map(|row| row.pid);
                let children: Vec<i32> = children.collect();
                found.extend(children);
            }
        }
        found.remove(&number(rustix::process::getpid()));
        let running: Vec<ProcessRow> =
            rows.into_iter().filter(|row| found.contains(&row.pid) && !row.ended).collect();
        self.seen.extend(running.iter().map(|row| (row.pid, row.started)));
        running
    }

    /// Sends a signal to all of them; returns those that run.
    pub(super) fn signal(&mut self, signal: Signal) -> Vec<ProcessRow> {
        // Found first: what loses its parent now could not be found by it any more.
        let running = self.running();
        // The group at once, so that a pipeline ends together.
        self.signal_group(signal);
        for row in running.iter().filter(|row| row.pid != number(self.leader)) {
            // The number may have been given to another process since.
            if let Some(pid) = Pid::from_raw(row.pid)
                && table::process(row.pid).is_some_and(|now| now.started == row.started)
            {
                let _ = rustix::process::kill_process(pid, signal);
            }
        }
        running
    }

    /// Sends a signal to the group of the leader alone.
    pub(super) fn signal_group(&self, signal: Signal) {
        // An error means that nobody is left in it.
        let _ = rustix::process::kill_process_group(self.leader, signal);
    }
}

impl From<ProcessRow> for Survivor {
    fn from(row: ProcessRow) -> Self {
        Self { pid: row.pid, name: rbl_syntax::one_line(&row.name) }
    }
}

/// "sleep (pid 12) and sh (pid 13)"
pub(crate) fn in_words(survivors: &[Survivor]) -> String {
    const SHOWN: usize = 3;
    let mut names: Vec<String> =
        survivors.iter().take(SHOWN).map(|it| format!("{} (pid {})", it.name, it.pid)).collect();
    if let Some(more) = survivors.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}

fn number(pid: Pid) -> i32 {
    pid.as_raw_nonzero().get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survivors_are_named() {
        let survivors: Vec<Survivor> = (10..15).map(|pid| Survivor { pid, name: "sleep".into() }).collect();
        assert_eq!(in_words(&survivors[..1]), "sleep (pid 10)");
        assert_eq!(in_words(&survivors[..2]), "sleep (pid 10) and sleep (pid 11)");
        assert_eq!(in_words(&survivors), "sleep (pid 10), sleep (pid 11), sleep (pid 12) and 2 more");
    }
}
