//! Follows an execution in another system to its end.
//!
//! *Invariants:*
//! - What the other side calls it is noted before anything waits for it, so that whoever resumes the run follows the same one.
//! - A look that fails says nothing about the execution: it goes on, and is looked at again until the time is up.
//! - When nobody waits any more it is asked to end, except where the run was only parked.

use std::time::{Duration, Instant};

use rbl_runtime::Acted;
use rbl_syntax::value::{Reason, ReasonKind};

use super::Job;

/// How long the other side has to end it, before the run continues.
const TO_END: Duration = Duration::from_secs(2);
/// How often it is looked whether anybody still waits.
const NOTICE: Duration = Duration::from_millis(50);

/// A system that executes.
pub(super) trait Remote {
    /// Begins an execution; returns what it is called there.
    fn begin(&self, job: &Job) -> Result<String, Reason>;

    /// How it stands. An error says that it could not be looked at.
    fn look(&self, remote: &str, job: &Job) -> Result<RemoteState, Reason>;

    /// Asks for its end, in this time.
    fn cancel(&self, remote: &str, within: Duration, job: &Job) -> Result<(), Reason>;

    /// The pause between two looks.
    fn every(&self) -> Duration;
}

/// How an execution stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RemoteState {
    /// It goes on; the word of the other side for it.
    GoesOn(String),
    /// It worked: its output.
    Succeeded(String),
    /// It did not work: why.
    Failed(Reason),
}

/// Begins an execution, or takes up the one that was begun before, and waits until it has ended.
pub(super) fn follow(system: &impl Remote, job: &Job) -> Acted {
    let order = job.order().cloned();
    let remote = match &order {
        Some(order) => Ok(order.execution.remote.clone()),
        None => system.begin(job),
    };
    let remote = match remote {
        Ok(remote) => remote,
        Err(reason) => return job.acted(Err(reason)),
    };
    if order.is_none() {
        job.began(&remote);
    }
    let done = if order.is_some_and(|order| order.cancels) {
        ended(system, &remote, job)
    } else {
        watch(system, &remote, job)
    };
    let remark = Some(job.secrets.one_line(&remote));
    Acted { remark, ..job.acted(done) }
}

fn watch(system: &impl Remote, remote: &str, job: &Job) -> Result<String, Reason> {
    let mut trouble = None;
    loop {
        if job.is_left() {
            return Err(Reason::new(ReasonKind::StillRuns, format!("{remote} goes on there")));
        }
        if job.stopped() {
            let why = end(system, remote, job);
            let last: Option<Reason> = trouble;
            let last = last.map(|last| format!("; the last look failed: {last}")).unwrap_or_default();
            return Err(Reason::new(why.kind, format!("{}{last}", why.text)));
        }
        match system.look(remote, job) {
            Ok(RemoteState::Succeeded(output)) => return Ok(output),
            Ok(RemoteState::Failed(reason)) => return Err(reason),
            Ok(RemoteState::GoesOn(_)) => trouble = None,
            Err(reason) => trouble = Some(reason),
        }
        let next = Instant::now() + system.every();
        while Instant::now() < next && !job.stopped() {
            std::thread::sleep(NOTICE.min(next.saturating_duration_since(Instant::now())));
        }
    }
}

/// Ends it for a run that was aborted while nobody watched: `Ok` where it is over.
fn ended(system: &impl Remote, remote: &str, job: &Job) -> Result<String, Reason> {
    let why = end(system, remote, job);
    if why.kind == ReasonKind::TimedOut { Ok(why.text) } else { Err(why) }
}

/// Asks for the end of it, and says what came of that.
fn end(system: &impl Remote, remote: &str, job: &Job) -> Reason {
    let until = Instant::now() + TO_END;
    let still = |text: String| Reason::new(ReasonKind::StillRuns, text);
    if let Err(why) = system.cancel(remote, TO_END, job) {
        return still(format!("and {remote} may still run: it could not be ended ({why})"));
    }
    while Instant::now() < until {
        match system.look(remote, job) {
            Ok(RemoteState::Failed(_)) => {
                return Reason::new(ReasonKind::TimedOut, format!("and {remote} was ended"));
            }
            Ok(RemoteState::Succeeded(_)) => {
                return Reason::new(ReasonKind::TimedOut, format!("and {remote} had just ended by itself"));
            }
            Ok(RemoteState::GoesOn(_)) | Err(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    }
    still(format!("and {remote} was asked to end, and may still run"))
}
