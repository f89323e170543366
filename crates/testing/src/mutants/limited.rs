//! Mutants of who may let an action be done, and how often: `by TEAM` is dropped or names another team; `at most N in D`
//! is dropped, or its numbers change.
//!
//! *Not here:* the team that is asked a question, and the `limit` of the runbook itself: a test sees neither.

use super::collector::MutantCollector;
use super::escalation::another_than;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use super::{number, time};
use rbl_check::walk;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Action, Declaration, Define, DefineTarget, Statement, StatementKind, Target, Team};

/// Finds the mutants of `define … at most N in D`.
pub(super) fn declaration(declaration: &Declaration, looked: &mut MutantCollector<'_>) {
    let Declaration::Define(define) = declaration else { return };
    let Some(at_most) = &define.at_most else { return };
    let name = &define.name.text;
    let before = looked.text(Span::new(0, at_most.span.start)).trim_end().len();
    let by = format!("a test with `given limit {name} reached`");
    let dropped = MutantEdit::drop(Span::between(before, at_most.span.range().end));
    looked.add(MutantKind::Limit, vec![dropped], by);
    // A test sees how often an action is done in one run.
    if !can_be_done_again(define, looked) {
        return;
    }
    number::count(Some(&at_most.times), 1.0, looked, |number, _| {
        format!("a test in which `{name}` is due {number} times")
    });
    time::changed(&at_most.window, looked, |low, high| {
        format!("a test in which `{name}` is due again between {low} and {high} after it was done")
    });
}

/// Finds the mutants of `by TEAM` of an action that is not an instruction: those of the team do an instruction.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    let StatementKind::Action(action) = &statement.kind else { return };
    let Some(team) = &action.by else { return };
    if is_instruction(action, looked) {
        return;
    }
    let what = looked.quoted(action.target.span());
    let before = looked.text(Span::new(0, team.span().start)).trim_end();
    if let Some(start) = before.strip_suffix("by") {
        let span = Span::between(start.trim_end().len(), team.span().range().end);
        let by = format!("a test in which nobody approves {what}, with `expect no action`");
        looked.add(MutantKind::Approval, vec![MutantEdit::drop(span)], by);
    }
    let named = match team {
        Team::Owner { .. } => "owner".to_owned(),
        Team::Named(expr) => looked.bare(expr.span),
    };
    let by = format!("a test with `answer action {} by {named} with yes`", looked.bare(action.target.span()));
    let other = another_than(team, looked);
    looked.add(MutantKind::Approval, vec![MutantEdit::replace(team.span(), format!("\"{other}\""))], by);
}

fn is_instruction(action: &Action, looked: &MutantCollector<'_>) -> bool {
    match &action.target {
        Target::Prose(_) => true,
        Target::Command(_) => false,
        Target::Call { name, .. } => looked.file.declarations().any(|it| {
            matches!(it, Declaration::Define(Define { name: defined, target: DefineTarget::Prose(_), .. }) if defined.text == name.text)
        }),
    }
}

/// Whether a run may do the action more than once: in a loop, or by several statements.
fn can_be_done_again(define: &Define, looked: &MutantCollector<'_>) -> bool {
    let is_it =
        |target: &Target| matches!(target, Target::Call { name, .. } if name.text == define.name.text);
    let mut places = 0;
    let mut repeated = false;
    walk::statements(looked.file, &mut |statement| match &statement.kind {
        StatementKind::Action(it) => places += usize::from(is_it(&it.target)),
        StatementKind::ForEach(_) | StatementKind::Repeat(_) => {
            walk::statement(statement, &mut |inner| {
                repeated |= matches!(&inner.kind, StatementKind::Action(it) if is_it(&it.target));
            });
        }
        StatementKind::Prose { .. }
        | StatementKind::Check(_)
        | StatementKind::If(_)
        | StatementKind::Match(_)
        | StatementKind::Escalate(_)
        | StatementKind::Wait(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Run(_)
        | StatementKind::Lock(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => {}
    });
    repeated || places > 1
}
