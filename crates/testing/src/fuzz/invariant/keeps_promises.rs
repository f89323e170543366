//! Every promise of an action is kept: once the action was started, its `finally` is done however the run ends, and its
//! `undo` is done unless the run ends resolved.

use std::collections::HashMap;

use super::InvariantCase;
use rbl_check::{Program, walk};
use rbl_runtime::{ActionRole, EventKind, Outcome};
use rbl_syntax::source::Place;
use rbl_syntax::tree::StatementKind;

/// The promises of an action.
#[derive(Debug, Clone, Copy)]
pub(super) struct Promise {
    finally: usize,
    undo: usize,
}

/// Returns the promises of every action, by the place of its target.
pub(super) fn promises(program: &Program) -> HashMap<Place, Promise> {
    let mut promises = HashMap::new();
    for runbook in program.runbooks() {
        for outer in runbook.steps.iter().flat_map(|step| &step.statements) {
            walk::statement(outer, &mut |it| {
                if let StatementKind::Action(action) = &it.kind {
                    let promise = Promise { finally: action.finally.len(), undo: action.undo.len() };
                    promises.insert(action.target.span().in_source(runbook.source), promise);
                }
            });
        }
    }
    promises
}

/// The promises of one runbook, and how many of them were kept.
#[derive(Debug, Default)]
struct Account {
    finally: usize,
    undo: usize,
    finally_done: usize,
    undo_done: usize,
    failed: bool,
}

/// Why a run does not keep its promises; `None` if it keeps them.
pub(super) fn broken(case: &InvariantCase<'_>) -> Option<String> {
    // The running runbooks, the innermost last.
    let mut accounts: Vec<Account> = vec![Account::default()];
    for event in &case.trace.events {
        let depth = event.depth as usize;
        match &event.kind {
            EventKind::RunStarted { .. } => {
                accounts.truncate(depth);
                accounts.push(Account::default());
            }
            EventKind::RunEnded { outcome, runbook, .. } => {
                if let Some(account) = accounts.get(depth + 1)
                    && let Some(why) = account.left(*outcome == Outcome::Resolved)
                {
                    return Some(format!("\"{runbook}\" {why}"));
                }
                accounts.truncate(depth + 1);
            }
            EventKind::ActionStarted { role, attempt: 1, .. } => {
                let place = event.place.as_ref().map(|place| place.span.in_source(place.source));
                let Some(account) = accounts.get_mut(depth) else { continue };
                match role {
                    ActionRole::Action => {
                        let promise = place.and_then(|place| case.oracle.promises.get(&place));
                        account.finally += promise.map_or(0, |it| it.finally);
                        account.undo += promise.map_or(0, |it| it.undo);
                    }
                    ActionRole::Finally => account.finally_done += 1,
                    ActionRole::Undo => account.undo_done += 1,
                }
            }
            EventKind::CleanupEnded { failed } => {
                if let Some(account) = accounts.get_mut(depth) {
                    account.failed |= !failed.is_empty();
                }
            }
            EventKind::Started { .. }
            | EventKind::Noted { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepEnded { .. }
            | EventKind::Prose { .. }
            | EventKind::Read { .. }
            | EventKind::Probed { .. }
            | EventKind::Decided(_)
            | EventKind::Asked { .. }
            | EventKind::ActionStarted { .. }
            | EventKind::Answered { .. }
            | EventKind::ActionEnded { .. }
            | EventKind::ActionRetried { .. }
            | EventKind::Waiting { .. }
            | EventKind::Polled { .. }
            | EventKind::WaitEnded { .. }
            | EventKind::Escalated { .. }
            | EventKind::Acknowledged { .. }
            | EventKind::Recorded { .. }
            | EventKind::Let { .. }
            | EventKind::LoopStarted { .. }
            | EventKind::Pass { .. }
            | EventKind::LoopEnded { .. }
            | EventKind::Resolved { .. }
            | EventKind::Stopped { .. }
            | EventKind::Unhandled { .. }
            | EventKind::Locked { .. }
            | EventKind::RunLimited { .. }
            | EventKind::CleanupStarted { .. }
            | EventKind::Parked { .. }
            | EventKind::Aborted { .. }
            | EventKind::Ended { .. } => {}
        }
    }
    let resolved = case.trace.ended.outcome == Outcome::Resolved;
    accounts.first().and_then(|account| account.left(resolved)).map(|why| format!("it {why}"))
}

impl Account {
    /// Returns what is wrong with it at the end.
    fn left(&self, resolved: bool) -> Option<String> {
        if self.finally_done != self.finally {
            return Some(format!("did {} of its {} `finally`", self.finally_done, self.finally));
        }
        // A clean-up that fails turns a resolved run into an escalated one; the outcome before that decides.
        let wanted = if resolved { 0 } else { self.undo };
        let may = self.undo_done == wanted || (self.failed && self.undo_done == 0);
        (!may).then(|| format!("did {} of its {} `undo`, and {wanted} are due", self.undo_done, self.undo))
    }
}
