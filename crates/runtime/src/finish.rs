//! The end of a runbook: pages the owner if needed, runs the cleanup, and decides the outcome.

use super::cleanup::failed_words;
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
            Err(EarlyExitKind::Stopped(text)) => self.stopped(text.unwrap_or_else(stop_words)),
            Err(EarlyExitKind::Unhandled(what)) => self.not_handled(what),
            Err(EarlyExitKind::NotPutBack(what)) => self.call_owner(what, "finally"),
            Err(EarlyExitKind::Interrupt(interrupt)) => self.interrupted(interrupt),
        };
        let owed = self.owed(finished.outcome == Outcome::Resolved);
        if finished.parked.is_some() {
            // The run will be resumed: its cleanup runs then.
            self.pending.extend(owed.into_iter().map(|one| one.prepared.title));
            return finished;
        }
        let was_aborted = self.aborted.is_some();
        let mut cleaned = self.clean_up(owed, None);
        if let Some(parked) = cleaned.parked {
            self.pending.extend(cleaned.pending);
            let message = format!("{}; parked during cleanup", finished.message);
            return Finished { outcome: Outcome::Waiting, message, parked: Some(parked) };
        }
        if let (false, Some(by)) = (was_aborted, &self.aborted) {
            finished = Finished::of(Outcome::Aborted, format!("broken off by {by}"));
        }
        cleaned.failed.splice(0..0, std::mem::take(&mut self.frame.not_put_back));
        if !cleaned.failed.is_empty() {
            let what = failed_words(&cleaned.failed);
            finished.message = format!("{}; {what}", finished.message);
            // The person who aborted the run sees it; in every other case the owner is paged.
            if finished.outcome != Outcome::Aborted {
                finished = self.call_for_cleanup(finished, &what);
            }
        }
        finished
    }

    /// A run that a signal ended, and no person: somebody has to know, whatever was cleaned up.
    pub(super) fn call_for_signal(&mut self, finished: Finished) -> Finished {
        let signal = self.aborted.as_ref().filter(|by| super::ENDING_SIGNALS.contains(&by.as_str()));
        let Some(signal) = signal.filter(|_| finished.outcome == Outcome::Aborted) else { return finished };
        let what = format!("{signal} ended the run before its end: {}", finished.message);
        match self.page_owner(&what, "signal") {
            Ok(true) => finished,
            Ok(false) => {
                let message = format!("{}; nobody could be paged", finished.message);
                Finished { outcome: Outcome::Failed, message, parked: None }
            }
            Err(exit) => self.broken(exit),
        }
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

    /// The author's own `stop`: pages the owner, unless a page was sent already.
    fn stopped(&mut self, what: String) -> Finished {
        if !self.paged.is_empty() {
            return Finished::of(Outcome::Escalated, what);
        }
        self.call_owner(what, "stopped")
    }

    /// A stop that nobody wrote: pages the owner, unless the owner's own team was paged already. A page to another team
    /// does not count, because that team was paged about something else.
    fn not_handled(&mut self, what: String) -> Finished {
        if let Some(looked) = &self.only_looked {
            return self.looked(what, looked.paged == Some(true));
        }
        let owner = self.frame.owner.as_ref();
        if owner.is_ok_and(|owner| self.paged.iter().any(|page| page.team == *owner)) {
            return Finished::of(Outcome::Escalated, what);
        }
        self.call_owner(what, "stopped")
    }

    /// A run that only looks stops before its first machine action: pages the owner with what was found, whoever was paged
    /// for something else before. Once, however many runbooks are nested.
    fn looked(&mut self, what: String, is_paged: bool) -> Finished {
        if is_paged {
            return Finished::of(Outcome::Escalated, what);
        }
        let pages = self.paged.len();
        let finished = self.call_owner(what, "look");
        if let Some(looked) = &mut self.only_looked {
            looked.paged = Some(self.paged.len() > pages);
        }
        finished
    }

    /// Pages whoever has to hear of an end, before a block is put back: a person must not wait for a clean-up.
    pub(super) fn call_before_cleanup(&mut self, exit: &EarlyExitKind) {
        if self.frame.called.is_some() {
            return;
        }
        let paged = self.paged.len();
        let finished = match exit {
            EarlyExitKind::Unhandled(what) => self.not_handled(what.clone()),
            EarlyExitKind::Stopped(text) => self.stopped(text.clone().unwrap_or_else(stop_words)),
            EarlyExitKind::Resolved(_) | EarlyExitKind::NotPutBack(_) | EarlyExitKind::Interrupt(_) => return,
        };
        // A page that was not needed may still be needed by the end itself.
        if self.paged.len() > paged || finished.outcome != Outcome::Escalated {
            self.frame.called = Some(self.paged.len() > paged);
        }
    }

    fn call_owner(&mut self, what: String, what_for: &str) -> Finished {
        let called = self.frame.called.filter(|_| what_for == "stopped");
        match called.map_or_else(|| self.page_owner(&what, what_for), Ok) {
            Ok(true) => Finished::of(Outcome::Escalated, what),
            Ok(false) if !self.paged.is_empty() => {
                Finished::of(Outcome::Escalated, format!("{what}; the owner could not be paged"))
            }
            Ok(false) => Finished::of(Outcome::Failed, format!("{what}; nobody could be paged")),
            Err(exit) => self.broken(exit),
        }
    }

    fn broken(&mut self, exit: EarlyExit) -> Finished {
        match exit.kind() {
            EarlyExitKind::Interrupt(interrupt) => self.interrupted(interrupt),
            // A page ends in no other way.
            EarlyExitKind::Resolved(_)
            | EarlyExitKind::Stopped(_)
            | EarlyExitKind::Unhandled(_)
            | EarlyExitKind::NotPutBack(_) => Finished::of(Outcome::Failed, "nobody could be paged"),
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
                    Parked::Person { question, .. } => format!("waiting for an answer: \"{question}\""),
                    Parked::Acknowledgement { team, until, .. } => {
                        format!("waiting until {team} has acknowledged the page, at most until {until}")
                    }
                    Parked::Lock { what, .. } => format!("waiting for {what}"),
                    Parked::ByHand => "parked by Ctrl-C".to_owned(),
                    Parked::NotWritten(why) => format!("the journal cannot be written: {why}"),
                };
                Finished { outcome: Outcome::Waiting, message, parked: Some(parked) }
            }
            Interrupt::Aborted { by } => {
                let message = format!("broken off by {by}");
                self.note_abort(by);
                Finished::of(Outcome::Aborted, message)
            }
        }
    }

    /// Notes who aborted the run, once.
    pub(super) fn note_abort(&mut self, by: String) {
        if self.aborted.is_none() {
            self.story.line(format!("broken off by {by}"));
            self.report_run(|_| EventKind::Aborted { by: by.clone() });
            self.aborted = Some(by);
        }
    }
}

/// Why a run stops, where its author does not say.
pub(super) fn stop_words() -> String {
    "the runbook says to stop here".into()
}
