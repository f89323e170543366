//! [`StartedProcess`]: the process of an action, noted the moment it starts, so that it is found if rbl is killed meanwhile.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Takes the process of an action as soon as it has started.
pub type ProcessNote = Arc<dyn Fn(&StartedProcess) + Send + Sync>;

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
