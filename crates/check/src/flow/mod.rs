//! Flow analysis: where a runbook can go, and what is known there. Each finding has its own file.
//!
//! [`forward`] walks each body once and asks [`judge`] for the possible verdicts of a condition, given the
//! [`knowledge`] of readings and values ([`fact`]s: [`interval`]s, [`texts`], verdicts). *Invariant:* a finding about a
//! condition holds on every run that reaches it; what is unknown is not reported.

mod acting;
mod branching;
mod change;
pub(super) mod command;
mod ends;
mod exempt_command;
mod fact;
mod forward;
mod frozen;
mod gap;
mod identical_branches;
mod interval;
mod judge;
mod knowledge;
mod looping;
mod names;
mod opposite;
mod reasoning;
mod redundant_branch;
mod report;
mod retry;
mod settled;
mod structure;
mod texts;
mod unbounded_loop;
mod unhandled;
mod unknown_arm;

use self::names::FlowNames;
use self::report::FlowReport;
use super::current_file::CurrentFile;
use super::findings::Findings;
use super::symbol_table::SymbolTable;

/// Analyses the flow of one file.
pub(super) fn check<'t>(file: CurrentFile<'t>, symbols: &'t SymbolTable<'t>, findings: &mut Findings) {
    let (tree, source) = (file.tree(), file.source());
    ends::check(tree, source, findings);
    unbounded_loop::check(tree, source, findings);
    // An unreadable statement may have been the check that seems to be missing.
    if !tree.is_runbook() || !file.is_clean() {
        return;
    }
    let names = FlowNames::new(symbols.all(), &symbols.scope.globals);
    let mut report = FlowReport { source, text: file.text, findings };
    identical_branches::check(tree, &mut report);
    retry::check(tree, &names, &mut report);
    forward::check(tree, names, report);
}
