//! Cleanup: the `finally` and `undo` actions that were registered, at the end of a run or where a block is left.

use super::action::Manner;
use super::exit::{EarlyExit, EarlyExitKind, WalkResult};
use super::interpreter::Interpreter;
use super::target::Prepared;
use super::{ActionRole, EventKind, Interrupt, Parked, Then};
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::value::{Reason, ReasonKind};

/// A cleanup action that was registered when its action started.
#[derive(Debug, Clone)]
pub(super) struct Registered {
    pub(super) role: ActionRole,
    pub(super) prepared: Prepared,
    /// The host of the action it belongs to.
    pub(super) host: Option<String>,
    pub(super) within: f64,
    pub(super) span: Span,
    pub(super) source: SourceId,
    pub(super) key: String,
}

impl Registered {
    /// The keyword before it.
    pub(super) fn role_word(&self) -> &'static str {
        super::action::role_words(self.role)
    }
}

/// The result of the cleanup.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    /// The cleanup actions that failed, and why.
    pub(super) failed: Vec<(String, Reason)>,
    /// What the rest waits for, if the cleanup was interrupted.
    pub(super) parked: Option<Parked>,
    /// The cleanup actions that were not run then.
    pub(super) pending: Vec<String>,
}

impl Interpreter<'_, '_> {
    /// The cleanup actions to run, in order: last registered, first run.
    pub(super) fn owed(&mut self, resolved: bool) -> Vec<Registered> {
        let mut owed = std::mem::take(&mut self.frame.cleanup);
        owed.reverse();
        owed.retain(|one| one.role == ActionRole::Finally || !resolved);
        owed
    }

    /// Runs every cleanup action; one that fails does not stop the others. The first Ctrl-C aborts the run; the second,
    /// or anything that parks the run, skips the rest.
    /// `block`: the place of the first one, where they are those of a block that is left.
    pub(super) fn clean_up(&mut self, owed: Vec<Registered>, block: Option<Span>) -> Cleaned {
        let mut cleaned = Cleaned::default();
        if owed.is_empty() {
            return cleaned;
        }
        let titles: Vec<String> = owed.iter().map(|one| one.prepared.title.clone()).collect();
        self.report_cleanup(block, |_| EventKind::CleanupStarted { targets: titles.clone() });
        for (index, one) in owed.into_iter().enumerate() {
            let source = std::mem::replace(&mut self.frame.source, one.source);
            let here = std::mem::replace(&mut self.here, one.span.in_source(one.source));
            let manner = Manner {
                host: one.host,
                by: None,
                within: one.within,
                tries: 1,
                every: 0.0,
                role: one.role,
                showing: Vec::new(),
            };
            let acted = self.act(one.span, &one.prepared, &manner, &one.key, &Then::GoesOn);
            self.frame.source = source;
            self.here = here;
            let title = one.prepared.title;
            match acted.map_err(EarlyExit::kind) {
                Ok((acted, _)) => {
                    if let Err(reason) = acted.result {
                        cleaned.failed.push((title, reason));
                    }
                }
                Err(EarlyExitKind::Interrupt(Interrupt::Aborted { by })) if self.aborted.is_none() => {
                    self.report_run(|_| EventKind::Aborted { by: by.clone() });
                    cleaned.failed.push((title, broken_off(&by)));
                    self.aborted = Some(by);
                }
                Err(EarlyExitKind::Interrupt(interrupt)) => {
                    cleaned.parked = Some(match interrupt {
                        Interrupt::Parked(parked) => parked,
                        Interrupt::Aborted { .. } => Parked::ByHand,
                    });
                    cleaned.pending = titles.into_iter().skip(index).collect();
                    break;
                }
                // An action ends in no other way.
                Err(
                    EarlyExitKind::Resolved(_)
                    | EarlyExitKind::Stopped(_)
                    | EarlyExitKind::Unhandled(_)
                    | EarlyExitKind::NotPutBack(_),
                ) => {}
            }
        }
        if cleaned.parked.is_none() || block.is_none() {
            self.report_cleanup(block, |_| EventKind::CleanupEnded { failed: cleaned.failed.clone() });
        }
        cleaned
    }

    fn report_cleanup(&mut self, block: Option<Span>, kind: impl FnOnce(&Self) -> EventKind) {
        match block {
            Some(span) => self.report(span, kind),
            None => self.report_run(kind),
        }
    }

    /// Leaves the block of an action, in whatever way: its `finally` actions run, and the run goes on as it was left.
    /// Parking is not leaving. A `finally` that fails stops the run.
    pub(super) fn leave_block(&mut self, left: WalkResult<()>, owed: Vec<Registered>) -> WalkResult<()> {
        let Some(span) = owed.first().map(|one| one.span) else { return left };
        let mut exit = left.err().map(EarlyExit::kind);
        match &exit {
            Some(EarlyExitKind::Interrupt(Interrupt::Parked(_))) => {
                self.pending.extend(owed.into_iter().map(|one| one.prepared.title));
                return exit.map_or(Ok(()), |exit| Err(EarlyExit::new(exit)));
            }
            Some(EarlyExitKind::Interrupt(Interrupt::Aborted { by })) => self.note_abort(by.clone()),
            Some(
                EarlyExitKind::Resolved(_)
                | EarlyExitKind::Stopped(_)
                | EarlyExitKind::Unhandled(_)
                | EarlyExitKind::NotPutBack(_),
            )
            | None => {}
        }
        let was_aborted = self.aborted.is_some();
        if let Some(exit) = &exit {
            self.call_before_cleanup(exit);
        }
        let cleaned = self.clean_up(owed, Some(span));
        if let Some(parked) = cleaned.parked {
            self.pending.extend(cleaned.pending);
            return Err(Interrupt::Parked(parked).into());
        }
        if let (false, Some(by)) = (was_aborted, &self.aborted) {
            exit = Some(EarlyExitKind::Interrupt(Interrupt::Aborted { by: by.clone() }));
        }
        let what = failed_words(&cleaned.failed);
        let exit = match exit {
            exit if cleaned.failed.is_empty() => exit,
            None | Some(EarlyExitKind::Resolved(_)) => {
                let what = format!("{what}: the run stops here");
                self.note(span, &what);
                self.report(span, |_| EventKind::Unhandled { what: what.clone() });
                Some(EarlyExitKind::NotPutBack(what))
            }
            Some(EarlyExitKind::Stopped(text)) => {
                let text = text.unwrap_or_else(super::finish::stop_words);
                Some(EarlyExitKind::NotPutBack(format!("{text}; {what}")))
            }
            Some(EarlyExitKind::Unhandled(text) | EarlyExitKind::NotPutBack(text)) => {
                Some(EarlyExitKind::NotPutBack(format!("{text}; {what}")))
            }
            Some(interrupt @ EarlyExitKind::Interrupt(_)) => {
                // The person who aborted the run sees it at its end.
                self.frame.not_put_back.extend(cleaned.failed);
                Some(interrupt)
            }
        };
        exit.map_or(Ok(()), |exit| Err(EarlyExit::new(exit)))
    }
}

/// `cleanup failed: `resume`: exit code 1`
pub(super) fn failed_words(failed: &[(String, Reason)]) -> String {
    let failed: Vec<String> = failed.iter().map(|(title, reason)| format!("`{title}`: {reason}")).collect();
    format!("cleanup failed: {}", failed.join("; "))
}

fn broken_off(by: &str) -> Reason {
    Reason::new(ReasonKind::NotRun, format!("broken off by {by}"))
}
