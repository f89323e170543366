//! [`ActionNote`]: notes the process of an action the moment it has started.
//!
//! *Why:* where rbl is killed while a command runs, whoever resumes the run must find the command, also if it has cleared its
//! environment and left its session.

use std::os::unix::fs::MetadataExt;
use std::sync::OnceLock;

use rbl_runtime::journal::{ProcessNote, StartedProcess};
use rustix::process::Pid;

/// Where the processes of one action are noted.
#[derive(Clone)]
pub(crate) struct ActionNote {
    key: String,
    note: ProcessNote,
}

impl ActionNote {
    /// For the action with this idempotency key.
    pub(crate) fn new(key: &str, note: ProcessNote) -> Self {
        Self { key: key.to_owned(), note }
    }

    /// Notes a process that was started at this time, in ticks since the machine was; 0: that is unknown, and a number alone
    /// names no process for long.
    pub(super) fn started(&self, pid: Pid, started: u64, ends_alone: bool) {
        if started == 0 {
            return;
        }
        (self.note)(&StartedProcess {
            key: self.key.clone(),
            pid: pid.as_raw_nonzero().get(),
            started,
            machine: this_machine().to_owned(),
            ends_alone,
        });
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
