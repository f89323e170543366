//! Starts a process in a session of its own: without a controlling terminal, and with a mark that all its descendants inherit.
//!
//! *Why:* a program that wants a password opens the terminal and asks there. In a session of its own it has none, and fails
//! at once instead of waiting for nobody.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::started::ChildProcess;
use crate::clock;

/// The variable that all descendants of a process inherit.
pub(crate) const MARK: &str = "RBL_PROCESS";

/// Makes programs fail instead of asking: they would ask at a window, or at a terminal that nobody watches. What the user
/// has set stays.
const ASKS_NOBODY: [(&str, &str); 2] = [("GIT_TERMINAL_PROMPT", "0"), ("SSH_ASKPASS_REQUIRE", "never")];

/// A mark that no other process has.
pub(crate) fn new_mark() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanos = clock::now().0.as_nanosecond();
    format!("rbl-{:x}-{nanos:x}-{count}", std::process::id())
}

/// Gives a command this mark, behind those that rbl itself was given: a command of a runbook may run rbl.
pub(super) fn mark(command: &mut Command, mark: &str) {
    let marks = match std::env::var(MARK) {
        Ok(outer) => format!("{outer} {mark}"),
        Err(_) => mark.to_owned(),
    };
    command.env(MARK, marks);
}

/// Starts a command as the leader of a new session; its stdin is ours if `has_input`, else empty.
pub(super) fn start(command: &mut Command, has_input: bool) -> std::io::Result<ChildProcess> {
    for (name, value) in ASKS_NOBODY {
        if std::env::var_os(name).is_none() && command.get_envs().all(|(known, _)| known != name) {
            command.env(name, value);
        }
    }
    ChildProcess::of(command, has_input)
}
