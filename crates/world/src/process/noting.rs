//! [`ActionNote`]: notes what an action has begun the moment it has: a process here, or an execution elsewhere.
//!
//! *Why:* where rbl is killed while a command runs, whoever resumes the run must find the command, also if it has cleared its
//! environment and left its session.

use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;

use rbl_runtime::journal::{NotedWork, RemoteExecution, StartedProcess, WorkNote};
use rustix::process::Pid;

/// Where the processes of one action are noted.
#[derive(Clone)]
pub(crate) struct ActionNote {
    key: String,
    note: WorkNote,
}

impl ActionNote {
    /// For the action with this idempotency key.
    pub(crate) fn new(key: &str, note: WorkNote) -> Self {
        Self { key: key.to_owned(), note }
    }

    /// Notes a process that was started at this time, in ticks since the machine was; 0: that is unknown, and a number alone
    /// names no process for long.
    pub(super) fn started(&self, pid: Pid, started: u64, ends_alone: bool) {
        if started == 0 {
            return;
        }
        (self.note)(&NotedWork::Process(StartedProcess {
            key: self.key.clone(),
            pid: pid.as_raw_nonzero().get(),
            started,
            machine: this_machine().to_owned(),
            ends_alone,
        }));
    }

    /// Notes an execution that was begun elsewhere.
    pub(crate) fn began(&self, attempt: u32, executor: &str, remote: &str) {
        (self.note)(&NotedWork::Remote(RemoteExecution {
            key: self.key.clone(),
            attempt,
            executor: executor.into(),
            remote: remote.to_owned(),
        }));
    }
}

/// Where the number of a process counts: this start of this machine, and the container that rbl runs in.
pub(crate) fn this_machine() -> &'static str {
    static MACHINE: OnceLock<String> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let space = std::fs::metadata("/proc/self/ns/pid").map(|space| space.ino()).unwrap_or_default();
        format!("{}/{space}", boot.trim())
    })
}
