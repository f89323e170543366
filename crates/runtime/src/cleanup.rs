//! Cleanup at the end of a run: the `finally` and `undo` actions that were registered.

use super::action::Manner;
use super::exit::EarlyExitKind;
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
    pub(super) fn clean_up(&mut self, owed: Vec<Registered>) -> Cleaned {
        let mut cleaned = Cleaned::default();
        if owed.is_empty() {
            return cleaned;
        }
        let titles: Vec<String> = owed.iter().map(|one| one.prepared.title.clone()).collect();
        self.report_run(|_| EventKind::CleanupStarted { targets: titles.clone() });
        for (index, one) in owed.into_iter().enumerate() {
            let source = std::mem::replace(&mut self.frame.source, one.source);
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
            let title = one.prepared.title;
            match acted.map_err(super::exit::EarlyExit::kind) {
                Ok(acted) => {
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
                        Interrupt::Aborted { .. } => Parked::SetAside,
                    });
                    cleaned.pending = titles.into_iter().skip(index).collect();
                    break;
                }
                // An action ends in no other way.
                Err(EarlyExitKind::Resolved(_) | EarlyExitKind::Stopped(_) | EarlyExitKind::Unhandled(_)) => {
                }
            }
        }
        self.report_run(|_| EventKind::CleanupEnded { failed: cleaned.failed.clone() });
        cleaned
    }
}

fn broken_off(by: &str) -> Reason {
    Reason::new(ReasonKind::NotRun, format!("broken off by {by}"))
}
