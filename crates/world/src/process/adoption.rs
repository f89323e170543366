//! Descendants that lost their parent become children of rbl itself, so that they stay within reach (Linux).
//!
//! *Why:* a daemon leaves its parent, its session and, if it renames itself, its environment behind. What it cannot leave
//! is its place in the tree of processes, as long as rbl takes the place of `init` in it.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, WaitId, WaitIdOptions};

use super::session;
use super::started::ChildProcess;
use super::table::{self, ProcessRow};

/// Whether this process adopts.
static ADOPTS: AtomicBool = AtomicBool::new(false);

/// The processes that were started here and are not reaped yet.
static STARTED: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// From now on descendants that lost their parent become children of this process, which reaps them. For a process that
/// starts no sessions but those of this crate.
pub fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    if rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok() {
        ADOPTS.store(true, Ordering::Relaxed);
    }
}

/// A process that was started here; dropped when it is reaped.
#[derive(Debug)]
pub(super) struct StartedHere(i32);

impl Drop for StartedHere {
    fn drop(&mut self) {
        started().remove(&self.0);
    }
}

/// Starts a command in a session of its own; its stdin is ours if `has_input`, else empty.
pub(super) fn start(command: &mut Command, has_input: bool) -> std::io::Result<(ChildProcess, StartedHere)> {
    // Held while it starts: it may end before it is listed, and would be taken for an orphan.
    let mut listed = started();
    let started = session::start(command, has_input)?;
    let pid = started.pid.as_raw_nonzero().get();
    listed.insert(pid);
    Ok((started, StartedHere(pid)))
}

/// The orphans among these processes. `alone`: whether only one process that was started here is running, so that
/// those which are younger than it can only be its descendants.
pub(super) fn orphans(rows: &[ProcessRow]) -> (Vec<&ProcessRow>, bool) {
    if !ADOPTS.load(Ordering::Relaxed) {
        return (Vec::new(), false);
    }
    let started = started();
    let own = table::own_session();
    let found = rows.iter().filter(|row| is_orphan(row, own, &started)).collect();
    (found, started.len() == 1)
}

/// Reaps the orphans that have ended.
pub(super) fn reap() {
    if !ADOPTS.load(Ordering::Relaxed) {
        return;
    }
    // Most commands leave nobody behind, and one question is cheaper than the list of all children.
    let any = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    if matches!(rustix::process::waitid(WaitId::All, any), Ok(None) | Err(rustix::io::Errno::CHILD)) {
        return;
    }
    let children = table::children();
    let started = started();
    let own = table::own_session();
    for row in children.iter().filter(|row| row.ended && is_orphan(row, own, &started)) {
        if let Some(pid) = Pid::from_raw(row.pid) {
            let _ = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        }
    }
}

/// What rbl starts elsewhere stays in its own session.
fn is_orphan(row: &ProcessRow, own_session: Option<i32>, started: &BTreeSet<i32>) -> bool {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    row.parent == own && Some(row.session) != own_session && !started.contains(&row.pid)
}

fn started() -> MutexGuard<'static, BTreeSet<i32>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}
