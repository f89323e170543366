//! Kills the process at a chosen point, so that tests see what becomes of the run: right before and after each write.
//! Not in a release.

use std::sync::atomic::{AtomicU32, Ordering};

/// Kills the process at the `RBL_FAULT_AT`th call, counted from 0.
pub(super) fn here() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let at = std::env::var("RBL_FAULT_AT").ok().and_then(|at| at.parse().ok());
    if at == Some(CALLS.fetch_add(1, Ordering::Relaxed)) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}
