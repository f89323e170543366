//! Flow analysis: where a runbook can go, and what is known there. Each finding has its own file.
//!
//! [`forward`] walks each body once and asks [`judge`] for the possible verdicts of a condition, given the
//! [`knowledge`] of readings and values ([`fact`]s: [`interval`]s, [`texts`], verdicts). *Invariant:* a finding about a
//! condition holds on every run that reaches it; what is unknown is not reported.

mod acting;
mod branching;
mod change;
mod command;
mod covered;
mod ends;
mod fact;
mod forward;
mod gap;
mod housekeeping;
mod interval;
mod judge;
mod knowledge;
mod limits;
mod looping;
mod names;
mod reasoning;
mod report;
mod retry;
mod same;
mod settled;
mod structure;
mod texts;
mod unhandled;
mod unknown_arm;

use std::collections::HashMap;

use self::names::Names;
use self::report::Report;
use super::findings::Findings;
use super::symbol::{Symbol, SymbolId};
use rbl_syntax::source::SourceId;
use rbl_syntax::tree;

/// Analyses the flow of one file.
pub(super) fn check<'t>(
    tree: &'t tree::File,
    source: SourceId,
    text: &str,
    symbols: &'t [Symbol<'t>],
    globals: &'t HashMap<&'t str, SymbolId>,
    clean: bool,
    findings: &mut Findings,
) {
    ends::check(tree, source, findings);
    limits::check(tree, source, findings);
    // An unreadable statement may have been the check that seems to be missing.
    if !tree.is_runbook() || !clean {
        return;
    }
    let names = Names::new(symbols, globals);
    let mut report = Report { source, text, findings };
    same::check(tree, &mut report);
    retry::check(tree, &names, &mut report);
    forward::check(tree, names, report);
}
