//! Mutants of times: half as long, and twice as long.
//!
//! *Not here:* the `within` of a probe, because a probe takes no time in a test; and the `every` of a wait and of a
//! retry, which only set how often it polls.

use super::collector::MutantCollector;
use super::deciding;
use super::kind::MutantKind;
use super::mutant::MutantEdit;
use super::number_literal::NumberLiteral;
use rbl_syntax::tree::{Declaration, Expr, ExprKind, Question, Statement, StatementKind, TriggerKind, Wait};

/// Finds the mutants of `trigger schedule … for D`, and of the times in `let NAME(PARAMS) = …`.
pub(super) fn declaration(declaration: &Declaration, looked: &mut MutantCollector<'_>) {
    match declaration {
        Declaration::Trigger(trigger) => {
            if let TriggerKind::Schedule { window: Some(window), .. } = &trigger.kind {
                changed(window, looked, |low, high| {
                    format!("a test in which a step begins between {low} and {high} after the start")
                });
            }
        }
        Declaration::Let(it) => inside(&it.value, looked),
        _ => {}
    }
}

/// Finds the mutants of a statement's times.
pub(super) fn statement(statement: &Statement, looked: &mut MutantCollector<'_>) {
    for expr in deciding::of(statement) {
        inside(expr, looked);
    }
    match &statement.kind {
        StatementKind::Action(it) => {
            let what = looked.quoted(it.target.span());
            if let Some(within) = &it.within {
                changed(within, looked, |low, high| {
                    format!("a test in which {what} takes between {low} and {high}")
                });
            }
        }
        StatementKind::Escalate(it) => {
            let team = looked.bare(it.team.span());
            if let Some(within) = &it.acknowledged {
                changed(within, looked, |low, high| {
                    format!("a test in which {team} acknowledges the page between {low} and {high} after it")
                });
            }
        }
        StatementKind::Wait(Wait::Duration { duration }) => {
            changed(duration, looked, |low, high| {
                format!("a test in which something changes between {low} and {high} after the wait began")
            });
        }
        StatementKind::Wait(Wait::Until { condition, held, within, .. }) => {
            let what = looked.condition(condition);
            if let Some(held) = held.as_ref().filter(|_| changes(condition, looked)) {
                changed(held, looked, |low, high| {
                    format!(
                        "a test in which {what} holds for a time between {low} and {high}, and then does not"
                    )
                });
            }
            match within {
                Some(within) if changes(condition, looked) => changed(within, looked, |low, high| {
                    format!(
                        "a test in which {what} comes to hold between {low} and {high} after the wait began"
                    )
                }),
                // If the condition does not change, a test can see only a longer wait.
                Some(within) => twice(within, looked, |low, high| {
                    format!(
                        "a test in which {what} does not come to hold, that says `within` a time between {low} and {high}"
                    )
                }),
                None => {}
            }
        }
        StatementKind::Repeat(it) => {
            if let Some(every) = &it.every {
                changed(every, looked, |low, high| {
                    format!("a test in which something changes between {low} and {high} after a pass")
                });
            }
        }
        StatementKind::Lock(it) => {
            let name = looked.bare(it.name.span);
            if let Some(within) = &it.within {
                changed(within, looked, |low, high| {
                    format!("a test in which the lock {name} is held for a time between {low} and {high}")
                });
            }
        }
        StatementKind::Prose { .. }
        | StatementKind::Check(_)
        | StatementKind::If(_)
        | StatementKind::Match(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::ForEach(_)
        | StatementKind::Run(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => {}
    }
}

/// Whether a test can let it change over time: a probe returns the same result until an action is done.
fn changes(condition: &Expr, looked: &MutantCollector<'_>) -> bool {
    let mut changes = false;
    deciding::each(condition, &mut |expr| {
        changes |= match &expr.kind {
            ExprKind::Name(name) | ExprKind::Call { name, .. } => !looked.is_probe(&name.text),
            ExprKind::Question(_) | ExprKind::Ask { .. } => true,
            _ => false,
        };
    });
    changes
}

/// Changes the times in an expression: of a question, of a window, of `ago`.
fn inside(expr: &Expr, looked: &mut MutantCollector<'_>) {
    deciding::each(expr, &mut |expr| match &expr.kind {
        ExprKind::Question(it) | ExprKind::Ask { question: it, .. } => question(it, looked),
        ExprKind::Held { condition, duration } => {
            let what = looked.condition(condition);
            changed(duration, looked, |low, high| {
                format!("a test in which {what} has held for a time between {low} and {high}")
            });
        }
        ExprKind::Over { of, duration } | ExprKind::Ago { of, duration } => {
            let what = looked.quoted(of.span);
            changed(duration, looked, |low, high| {
                format!("a test in which {what} changed between {low} and {high} ago")
            });
        }
        _ => {}
    });
}

fn question(it: &Question, looked: &mut MutantCollector<'_>) {
    let what = looked.quoted(it.prompt.span);
    if let Some(within) = &it.within {
        changed(within, looked, |low, high| {
            format!("a test in which {what} is answered after a time between {low} and {high}")
        });
    }
}

/// Half and twice a time; `by` gets the bounds of the values between the original and the changed time.
pub(super) fn changed(expr: &Expr, looked: &mut MutantCollector<'_>, by: impl Fn(&str, &str) -> String) {
    let Some(number) = NumberLiteral::of(expr, looked.source) else { return };
    let (half, written) = (number.half(), number.text());
    looked.add(MutantKind::Time, vec![MutantEdit::replace(expr.span, half.as_str())], by(&half, &written));
    twice(expr, looked, by);
}

/// Twice a time only.
fn twice(expr: &Expr, looked: &mut MutantCollector<'_>, by: impl Fn(&str, &str) -> String) {
    let Some(number) = NumberLiteral::of(expr, looked.source) else { return };
    let (written, twice) = (number.text(), number.twice());
    looked.add(MutantKind::Time, vec![MutantEdit::replace(expr.span, twice.as_str())], by(&written, &twice));
}
