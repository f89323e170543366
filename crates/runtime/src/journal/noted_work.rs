//! [`NotedWork`]: what an action has begun, noted the moment it has, so that it is found if rbl is killed meanwhile: a process of
//! this machine, or an execution in a system elsewhere.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Takes what an action has begun as soon as it has.
pub type WorkNote = Arc<dyn Fn(&NotedWork) + Send + Sync>;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NotedWork {
    /// A process here.
    Process(StartedProcess),
    /// An execution elsewhere.
    Remote(RemoteExecution),
}

impl NotedWork {
    /// The process; `None` for an execution elsewhere.
    pub fn process(&self) -> Option<&StartedProcess> {
        match self {
            Self::Process(process) => Some(process),
            Self::Remote(_) => None,
        }
    }

    /// The execution elsewhere; `None` for a process.
    pub fn remote(&self) -> Option<&RemoteExecution> {
        match self {
            Self::Remote(remote) => Some(remote),
            Self::Process(_) => None,
        }
    }
}

/// A process that was started for an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartedProcess {
    /// The idempotency key of the action.
    pub key: String,
    /// Its number.
    pub pid: i32,
    /// When it was started, in ticks since the machine was: with its number it names one process of this machine.
    pub started: u64,
    /// Where its number counts: this start of this machine, and the container.
    pub machine: String,
    /// Whether it ends by itself once the rbl that started it is gone, as the `ssh` of a command `on HOST` does when it has
    /// ended the command there.
    pub ends_alone: bool,
}

/// An execution that an executor has begun in another system, and that goes on there without rbl.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteExecution {
    /// The idempotency key of the action.
    pub key: String,
    /// Which try of the action it is, from 1.
    pub attempt: u32,
    /// The executor that began it, by its name in the configuration.
    pub executor: SmolStr,
    /// What that system calls it: with this it is found again.
    pub remote: String,
}

/// What to do with an execution that an earlier turn at the run has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteOrder {
    /// The execution.
    pub execution: RemoteExecution,
    /// Whether it is to be ended; otherwise it is followed to its end.
    pub cancels: bool,
}
