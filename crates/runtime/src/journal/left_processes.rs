//! [`LeftProcesses`]: what still runs of an action that was cut off together with the process that began it.

use super::StartedProcess;

/// Finds and ends the processes of an action: by its idempotency key, and by the process that was noted when it started.
pub trait LeftProcesses {
    /// The processes of this action that still run, in words (`process 4711`); `None` where there are none.
    fn living(&self, key: &str, noted: Option<&StartedProcess>) -> Option<String>;

    /// Ends them. Returns whether none is left.
    fn end(&self, key: &str, noted: Option<&StartedProcess>) -> bool;
}

/// A machine on which nothing is left, for worlds without processes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProcesses;

impl LeftProcesses for NoProcesses {
    fn living(&self, _: &str, _: Option<&StartedProcess>) -> Option<String> {
        None
    }

    fn end(&self, _: &str, _: Option<&StartedProcess>) -> bool {
        true
    }
}
