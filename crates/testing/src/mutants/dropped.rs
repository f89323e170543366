//! Mutants that drop something: a statement, a `finally` or `undo`, or an argument of `run`.

use super::collector::MutantCollector;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Action, Escalate, Run, Statement, StatementKind, Target, Team, Wait};

/// Finds the mutants of a statement.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    let (kind, by) = match &statement.kind {
        StatementKind::Check(it) => {
            let what = looked.condition(&it.condition);
            (
                MutantKind::Check,
                format!("a test in which {what} is not yes, and that expects what comes of it"),
            )
        }
        StatementKind::Action(it) => {
            promises(it, looked);
            (MutantKind::Action, format!("a test with `expect action {}`", named(&it.target, looked)))
        }
        StatementKind::Escalate(it) => {
            acknowledgement(it, looked);
            let team = match &it.team {
                Team::Owner { .. } => "the owner".to_owned(),
                Team::Named(team) => looked.text(team.span).to_owned(),
            };
            let by = format!("a test that expects this escalation to {team} by its reason (`matching`)");
            (MutantKind::Escalation, by)
        }
        StatementKind::Record(_) => {
            (MutantKind::Record, "a test with `expect record matching` a part of its text".to_owned())
        }
        StatementKind::Wait(Wait::Duration { .. }) => {
            (MutantKind::Wait, "a test in which something changes while it waits".to_owned())
        }
        StatementKind::Wait(Wait::Until { condition, .. }) => {
            let what = looked.condition(condition);
            (MutantKind::Wait, format!("a test in which {what} does not hold at first"))
        }
        StatementKind::Run(it) => {
            arguments(it, looked);
            let file = looked.quoted(it.file.span);
            (MutantKind::Run, format!("a test that expects what {file} does"))
        }
        StatementKind::Lock(it) => {
            let name = looked.bare(it.name.span);
            (MutantKind::Lock, format!("a test with `given lock {name} is held`"))
        }
        StatementKind::Resolve { .. } | StatementKind::Stop { .. } => {
            (MutantKind::End, "a test that expects that nothing after it is done".to_owned())
        }
        StatementKind::If(_)
        | StatementKind::Match(_)
        | StatementKind::ForEach(_)
        | StatementKind::Repeat(_)
        | StatementKind::Let(_)
        | StatementKind::Prose { .. }
        | StatementKind::Broken { .. } => return,
    };
    // Includes the blanks after it, so that `{ stop }` becomes `{ }`.
    let span = statement.span;
    let behind = looked.source.text().get(span.range().end..).unwrap_or("");
    let blanks = behind.len() - behind.trim_start_matches(' ').len();
    looked.add(
        kind,
        vec![MutantEdit::drop(Span::between(span.range().start, span.range().end + blanks))],
        by,
    );
}

/// `acknowledged within D`
fn acknowledgement(it: &Escalate, looked: &mut MutantCollector<'_>) {
    let Some(within) = &it.acknowledged else { return };
    let before = looked.text(Span::new(0, within.span.start)).trim_end();
    let start =
        before.strip_suffix("within").map(str::trim_end).and_then(|it| it.strip_suffix("acknowledged"));
    let Some(start) = start else { return };
    let span = Span::between(start.trim_end().len(), within.span.range().end);
    let team = looked.bare(it.team.span());
    let by =
        format!("a test in which {team} does not acknowledge the page, and that expects what comes of it");
    looked.add(MutantKind::Wait, vec![MutantEdit::drop(span)], by);
}

/// Each target of `finally` and of `undo`; the only one with its word.
fn promises(action: &Action, looked: &mut MutantCollector<'_>) {
    let finally = action.finally.iter().map(|target| ("finally", action.finally.len(), target));
    let undo = action.undo.iter().map(|target| ("undo", action.undo.len(), target));
    for (word, of, target) in finally.chain(undo) {
        let before = looked.text(Span::new(0, target.span().start)).trim_end();
        let end = target.span().range().end;
        let span = match (before.strip_suffix(word), before.strip_suffix(',')) {
            (Some(start), _) if of == 1 => Span::between(start.trim_end().len(), end),
            (Some(_), _) => {
                // The first of several, with the comma behind it.
                let behind = looked.source.text().get(end..).unwrap_or("");
                let Some(comma) = behind.find(',') else { continue };
                let rest = behind.get(comma + 1..).unwrap_or("");
                let blanks = rest.len() - rest.trim_start().len();
                Span::between(target.span().range().start, end + comma + 1 + blanks)
            }
            (None, Some(start)) => Span::between(start.trim_end().len(), end),
            (None, None) => continue,
        };
        let by = format!(
            "a test in which {} is begun, with `expect action {}`",
            looked.quoted(action.target.span()),
            named(target, looked)
        );
        looked.add(MutantKind::Cleanup, vec![MutantEdit::drop(span)], by);
    }
}

/// Drops each argument of `with (…)`; if there is only one, all of `with`.
fn arguments(run: &Run, looked: &mut MutantCollector<'_>) {
    for (index, arg) in run.with.iter().enumerate() {
        let Some(name) = &arg.name else { continue };
        let own = name.span.to(arg.value.span);
        let neighbour = |index: usize| {
            run.with.get(index).and_then(|arg| Some(arg.name.as_ref()?.span.to(arg.value.span)))
        };
        // Includes the comma between it and its neighbour.
        let span = match (neighbour(index + 1), index.checked_sub(1).and_then(neighbour)) {
            (Some(next), _) => Span::new(own.start, next.start),
            (None, Some(previous)) => Span::new(previous.end, own.end),
            (None, None) => {
                let behind = looked.source.text().get(own.range().end..).unwrap_or("");
                let Some(closing) = behind.find(')') else { continue };
                Span::between(run.file.span.range().end, own.range().end + closing + 1)
            }
        };
        let by = format!(
            "a test in which {} and the default of {} do not come to the same",
            looked.quoted(arg.value.span),
            looked.quoted(run.file.span)
        );
        looked.add(MutantKind::Argument, vec![MutantEdit::drop(span)], by);
    }
}

/// The name of an action as a test writes it.
fn named(target: &Target, looked: &MutantCollector<'_>) -> String {
    match target {
        Target::Call { name, .. } => name.text.to_string(),
        Target::Prose(_) | Target::Command(_) => looked.text(target.span()).to_owned(),
    }
}
