//! Finds values that fall between two branches.

use std::collections::BTreeSet;

use super::fact::Values;
use super::forward::Forward;
use super::interval::Intervals;
use super::reasoning::{ComparedType, OperandFacts};
use super::settled::{quantity, unit_in};
use super::texts::Texts;
use crate::allowed_value::{match_arm_for, quoted};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, If, Match, PatternKind};
use rbl_syntax::value::{Dimension, Unit};
use smol_str::SmolStr;

/// The number of branches that are compared with each other.
const MOST: usize = 100;

/// A value whose range is divided between the branches.
struct Divided {
    subject: OperandFacts,
    /// The part that each branch takes, and its place.
    taken: Vec<(Intervals, Span)>,
    unit: Option<Unit>,
}

/// Reports `if x < 40% {…} else if x > 40% {…}` without `else`: 40% itself is in neither. A gap at zero is intended:
/// what neither grows nor shrinks needs nothing.
pub(super) fn of_branches(forward: &mut Forward<'_, '_>, it: &If) {
    if it.otherwise.is_some() || !(2..=MOST).contains(&it.branches.len()) {
        return;
    }
    let mut divided: Option<Divided> = None;
    for branch in &it.branches {
        let Some((subject, set, unit)) = part_of(forward, &branch.condition) else { return };
        let span = branch.condition.span;
        match &mut divided {
            None => {
                divided = Some(Divided { subject, taken: vec![(set, span)], unit });
            }
            Some(all) if all.subject.print == subject.print => {
                all.taken.push((set, span));
                all.unit = all.unit.or(unit);
            }
            Some(_) => return,
        }
    }
    let Some(divided) = divided else { return };
    let left = left_over(forward, &divided);
    let points: Option<Vec<f64>> = left.pieces().map(|piece| piece.single()).collect();
    let Some(points) = points.filter(|points| !points.is_empty() && points.iter().all(|point| *point != 0.0))
    else {
        return;
    };
    let (Some(point), Some((_, first)), Some((_, last))) =
        (points.first(), divided.taken.first(), divided.taken.last())
    else {
        return;
    };
    let at = quantity(*point, &divided.subject, divided.unit);
    let shown = forward.report.shown(divided.subject.span);
    let finding = forward.report.finding(
        Code::FLOW_GAP,
        format!("{shown} of exactly {at} is in no branch"),
        *first,
        format!("does not take {at}"),
    );
    forward.report.add(
        finding
            .also(forward.report.at(*last), "does not take it either")
            .help("take it into one of them with `<=` or `>=`, or say what is done then: `else { … }`"),
    );
}

/// Reports arms of a `match` with a gap between them and no `else`: a value in the gap stops the run.
pub(super) fn of_match(forward: &mut Forward<'_, '_>, it: &Match) {
    if it.otherwise.is_some() || !(2..=MOST).contains(&it.arms.len()) || forward.reasoning.asks(&it.subject) {
        return;
    }
    let subject = forward.reasoning.operand(&it.subject);
    if let Values::Texts(texts) = &subject.values {
        missing_text(forward, it, texts);
        return;
    }
    let Some(dimension) = subject.dimension else { return };
    let (mut taken, mut unit) = (Vec::with_capacity(it.arms.len()), None);
    for arm in &it.arms {
        let set = match &arm.pattern.kind {
            PatternKind::Value { value } | PatternKind::Compare { op: BinaryOp::In, value } => {
                unit = unit.or(unit_in(value));
                match forward.reasoning.members(value) {
                    Some(Values::Quantities(set)) => set,
                    _ => return,
                }
            }
            PatternKind::Compare { op, value } => {
                unit = unit.or(unit_in(value));
                match compared(forward, *op, value) {
                    Some(set) => set,
                    None => return,
                }
            }
            PatternKind::Contains { .. } | PatternKind::Matches { .. } => return,
        };
        taken.push((set, arm.pattern.span));
    }
    let divided = Divided { subject, taken, unit };
    let left = left_over(forward, &divided);
    let wide = divided
        .taken
        .iter()
        .filter(|(set, _)| set.single().is_none())
        .fold(Intervals::none(), |all, (set, _)| all.union(set));
    let hole = left.pieces().find(|piece| {
        let (Some(low), Some(high)) = (piece.low(), piece.high()) else { return false };
        // 10 followed by 11 leaves out no whole number.
        let whole = dimension == Dimension::NUMBER && high.at.fract() == 0.0 && high.at - low.at <= 1.0;
        wide.is_around(piece) && (piece.single().is_some() || !whole)
    });
    let Some((low, high)) = hole.and_then(|hole| hole.low().zip(hole.high())) else { return };
    let say = |at: f64| quantity(at, &divided.subject, divided.unit);
    let shown = forward.report.shown(divided.subject.span);
    let message = if low.at.to_bits() == high.at.to_bits() {
        format!("{shown} of exactly {} fits no arm", say(low.at))
    } else {
        format!("{shown} between {} and {} fits no arm", say(low.at), say(high.at))
    };
    let mut finding =
        forward.report.finding(Code::FLOW_GAP, message, it.subject.span, "what fits no arm stops the run");
    let (ends, begins) = (low.at.to_bits(), high.at.to_bits());
    for (set, span) in &divided.taken {
        if set.high().is_some_and(|end| end.at.to_bits() == ends) {
            finding = finding.also(forward.report.at(*span), format!("ends at {}", say(low.at)));
        } else if set.low().is_some_and(|end| end.at.to_bits() == begins) {
            finding = finding.also(forward.report.at(*span), format!("begins at {}", say(high.at)));
        }
    }
    forward.report.add(finding.help("close the gap, or say what is done then: `else { … }`"));
}

/// Reports a `match` without an arm for one of the texts that are possible: of a parameter whose values are listed.
fn missing_text(forward: &mut Forward<'_, '_>, it: &Match, possible: &Texts) {
    let Texts::Among(possible) = possible else { return };
    let missing: Vec<&str> =
        possible.iter().map(SmolStr::as_str).filter(|text| match_arm_for(it, text) == Some(false)).collect();
    // An arm for a value that is not allowed has a finding of its own: it is probably meant for the missing one.
    let misspelt = it.arms.iter().any(|arm| match &arm.pattern.kind {
        PatternKind::Value { value } => match &value.bare().kind {
            ExprKind::List { items } => items.iter().any(|item| is_none_of(item, possible)),
            _ => is_none_of(value, possible),
        },
        PatternKind::Contains { .. } | PatternKind::Matches { .. } | PatternKind::Compare { .. } => false,
    });
    if misspelt || missing.is_empty() || missing.len() == possible.len() {
        return;
    }
    let shown = forward.report.shown(it.subject.span);
    let finding = forward.report.finding(
        Code::FLOW_GAP,
        format!("{shown} can be {}, which no arm takes", quoted(&missing)),
        it.subject.span,
        "what fits no arm stops the run",
    );
    forward.report.add(finding.help("write an arm for it, or say what is done then: `else { … }`"));
}

fn is_none_of(value: &Expr, possible: &BTreeSet<SmolStr>) -> bool {
    value.literal_text().is_some_and(|text| !possible.contains(text))
}

fn left_over(forward: &Forward<'_, '_>, divided: &Divided) -> Intervals {
    let all = match forward.reasoning.settled(&divided.subject, Some(ComparedType::Quantity)).0 {
        Values::Quantities(set) => set,
        Values::Nothing => Intervals::none(),
        _ => Intervals::all(),
    };
    divided.taken.iter().fold(all, |left, (taken, _)| left.intersect(&taken.complement()))
}

/// Returns the interval that a condition takes of one value, if that is all it tests.
fn part_of(forward: &Forward<'_, '_>, it: &Expr) -> Option<(OperandFacts, Intervals, Option<Unit>)> {
    match &it.bare().kind {
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right, .. } => {
            let (subject, a, unit) = part_of(forward, left)?;
            let (other, b, _) = part_of(forward, right)?;
            let set = if *op == BinaryOp::And { a.intersect(&b) } else { a.union(&b) };
            (subject.print == other.print).then_some((subject, set, unit))
        }
        ExprKind::Binary { op, left, right, .. } if op.is_comparison() => {
            let subject = forward.reasoning.operand(left);
            subject.print?;
            subject.dimension?;
            let set = if *op == BinaryOp::In {
                match forward.reasoning.members(right)? {
                    Values::Quantities(set) => set,
                    _ => return None,
                }
            } else {
                compared(forward, *op, right)?
            };
            Some((subject, set, unit_in(right)))
        }
        _ => None,
    }
}

/// Returns the numbers for which a comparison with a number known before the run holds.
fn compared(forward: &Forward<'_, '_>, op: BinaryOp, value: &Expr) -> Option<Intervals> {
    use super::interval::IntervalEnd;
    let Values::Quantities(set) = forward.reasoning.operand(value).values else { return None };
    let at = set.single()?;
    Some(match op {
        BinaryOp::Less => Intervals::below(IntervalEnd { at, closed: false }),
        BinaryOp::LessOrEqual => Intervals::below(IntervalEnd { at, closed: true }),
        BinaryOp::Greater => Intervals::above(IntervalEnd { at, closed: false }),
        BinaryOp::GreaterOrEqual => Intervals::above(IntervalEnd { at, closed: true }),
        BinaryOp::NotEqual => Intervals::point(at).complement(),
        BinaryOp::Equal => Intervals::point(at),
        _ => return None,
    })
}
