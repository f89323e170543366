//! The end of a runbook: pages the owner if needed, runs the cleanup, and decides the outcome.

use super::exit::{EarlyExit, EarlyExitKind, WalkResult};
use super::interpreter::Interpreter;
use super::{EventKind, Interrupt, Outcome, Parked};

/// How a runbook ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    pub(super) message: String,
    /// What it waits for.
    pub(super) parked: Option<Parked>,
}

impl Finished {
    fn of(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into(), parked: None }
    }

    /// The interrupt passed on to a runbook that runs this one: an abort or a parking ends that one as well.
    pub(super) fn interrupt(&self, aborted: Option<&String>) -> Option<Interrupt> {
        if let Some(parked) = &self.parked {
            return Some(Interrupt::Parked(parked.clone()));
        }
        match (self.outcome, aborted) {
            (Outcome::Aborted, Some(by)) => Some(Interrupt::Aborted { by: by.clone() }),
            _ => None,
        }
    }
}

impl Interpreter<'_, '_> {
    /// Ends the runbook that was walked: pages the owner for what was not handled, then runs the cleanup.
    /// `paged_before`: the number of pages when it began.
    pub(super) fn finish(&mut self, walked: WalkResult<()>, paged_before: usize) -> Finished {
        let mut finished = match walked.map_err(EarlyExit::kind) {
            Ok(()) if self.paged.len() > paged_before => {
                Finished::of(Outcome::Escalated, "every step is done, and somebody was paged")
            }
            Ok(()) => Finished::of(Outcome::Resolved, "every step is done"),
            Err(EarlyExitKind::Resolved(text)) => Finished::of(
                Outcome::Resolved,
                text.unwrap_or_else(|| "the runbook says that it is over".into()),
            ),
            Err(EarlyExitKind::Stopped(text)) => {
                self.stopped(text.unwrap_or_else(|| "the runbook says to stop here".into()))
            }
            Err(EarlyExitKind::Unhandled(what)) => self.stopped(what),
            Err(EarlyExitKind::Interrupt(interrupt)) => self.interrupted(interrupt),
        };
        let owed = self.owed(finished.outcome == Outcome::Resolved);
        if finished.parked.is_some() {
            // The run will be resumed: its cleanup runs then.
            self.pending.extend(owed.into_iter().map(|one| one.prepared.title));
            return finished;
        }
        let was_aborted = self.aborted.is_some();
        let cleaned = self.clean_up(owed);
        if let Some(parked) = cleaned.parked {
            self.pending.extend(cleaned.pending);
            let message = format!("{}; parked during cleanup", finished.message);
            return Finished { outcome: Outcome::Waiting, message, parked: Some(parked) };
        }
        if let (false, Some(by)) = (was_aborted, &self.aborted) {
            finished = Finished::of(Outcome::Aborted, format!("broken off by {by}"));
        }
        if !cleaned.failed.is_empty() {
            let failed: Vec<String> =
                cleaned.failed.iter().map(|(title, reason)| format!("`{title}`: {reason}")).collect();
            let what = format!("cleanup failed: {}", failed.join("; "));
            finished.message = format!("{}; {what}", finished.message);
            // The person who aborted the run sees it; in every other case the owner is paged.
            if finished.outcome != Outcome::Aborted {
                finished = self.call_for_cleanup(finished, &what);
            }
        }
        finished
    }

    /// A failed cleanup leaves the world half changed: somebody has to know, even of a resolved run.
    fn call_for_cleanup(&mut self, finished: Finished, what: &str) -> Finished {
        match self.page_owner(what, "cleanup") {
            Ok(true) => Finished { outcome: Outcome::Escalated, ..finished },
            Ok(false) if finished.outcome == Outcome::Escalated => finished,
            Ok(false) => Finished { outcome: Outcome::Failed, ..finished },
            Err(exit) => self.broken(exit),
        }
    }

    /// Ends without success: pages the owner, unless a page was sent already.
    fn stopped(&mut self, what: String) -> Finished {
        if !self.paged.is_empty() {
            return Finished::of(Outcome::Escalated, what);
        }
        match self.page_owner(&what, "stopped") {
            Ok(true) => Finished::of(Outcome::Escalated, what),
            Ok(false) => Finished::of(Outcome::Failed, format!("{what}; nobody could be paged")),
            Err(exit) => self.broken(exit),
        }
    }

    fn broken(&mut self, exit: EarlyExit) -> Finished {
        match exit.kind() {
            EarlyExitKind::Interrupt(interrupt) => self.interrupted(interrupt),
            // A page ends in no other way.
            EarlyExitKind::Resolved(_) | EarlyExitKind::Stopped(_) | EarlyExitKind::Unhandled(_) => {
                Finished::of(Outcome::Failed, "nobody could be paged")
            }
        }
    }

    fn interrupted(&mut self, interrupt: Interrupt) -> Finished {
        match interrupt {
            Interrupt::Parked(parked) => {
                // Somebody has to know: otherwise nobody would resume it.
                if let Parked::NotWritten(why) = &parked {
                    let what = format!("parked, because the journal cannot be written: {why}");
                    // Once, however many runbooks are nested; and whether or not the page arrives, the run is parked.
                    if self.paged.iter().all(|page| page.reason != what) {
                        let _ = self.page_owner(&what, "journal");
                    }
                }
                let message = match &parked {
                    Parked::Until(time) => format!("waiting until {time}"),
                    Parked::Person(question) => format!("waiting for an answer: \"{question}\""),
                    Parked::SetAside => "parked by Ctrl-C".to_owned(),
                    Parked::NotWritten(why) => format!("the journal cannot be written: {why}"),
                };
                Finished { outcome: Outcome::Waiting, message, parked: Some(parked) }
            }
            Interrupt::Aborted { by } => {
                let message = format!("broken off by {by}");
                if self.aborted.is_none() {
                    self.story.line(message.clone());
                    self.report_run(|_| EventKind::Aborted { by: by.clone() });
                    self.aborted = Some(by);
                }
                Finished::of(Outcome::Aborted, message)
            }
        }
    }
}
