//! Finds conditions with only one possible verdict: never true, or always true.

use super::fact::Values;
use super::forward::Forward;
use super::interval::Intervals;
use super::judge::Judged;
use super::reasoning::{ComparedType, OperandFacts, Reasoning};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arm, Expr, ExprKind};
use rbl_syntax::value::{Form, Quantity, Unit};

/// The statement that a condition decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConditionRole {
    Check,
    If,
    /// `else if`; `last` if neither another branch nor an `else` follows.
    ElseIf {
        last: bool,
    },
    Wait {
        held: bool,
    },
    Until,
    Where,
}

impl ConditionRole {
    /// `handled`: it may be unknown, which an arm handles.
    fn never(self, handled: bool) -> &'static str {
        match self {
            Self::Check if handled => {
                "change it: as it is, a run gets past this `check` only where it is unknown"
            }
            Self::Check => "change it: as it is, no run gets past this `check`",
            Self::If | Self::ElseIf { .. } => "change it, or take its block out: no run gets there",
            Self::Wait { .. } => "change it: as it is, every run waits until the time is up",
            Self::Until => "change it: as it is, every pass is made and none is enough",
            Self::Where => "change it: as it is, the loop never does anything",
        }
    }

    fn always(self) -> &'static str {
        match self {
            Self::Check => "change it, or take the `check` out: it stops nothing",
            Self::If | Self::ElseIf { .. } => "change it, or write its block without the condition",
            Self::Wait { .. } => "change it, or take the wait out: it never waits",
            Self::Until => "change it, or write the body without `repeat`: one pass is always enough",
            Self::Where => "change it, or take the `where` out: it leaves nothing out",
        }
    }
}

/// Reports a condition that is never true, or always. One that may be unknown still decides whether it is known, if
/// there is an arm `for_unknown`.
pub(super) fn report(
    forward: &mut Forward<'_, '_>,
    condition: &Expr,
    judged: &Judged,
    role: ConditionRole,
    for_unknown: Option<&Arm>,
) {
    match (&judged.yes, &judged.no) {
        (None, Some(_)) => {
            let handled = judged.unknown.is_some() && for_unknown.is_some();
            report_settled(forward, condition, Code::FLOW_NEVER, role, handled);
        }
        (Some(_), None) if !matches!(role, ConditionRole::Wait { held: true }) => {
            let unknown = judged.unknown.is_some();
            if !unknown || for_unknown.is_none() {
                report_settled(forward, condition, Code::FLOW_ALWAYS, role, unknown);
            }
        }
        _ => {}
    }
}

/// Reports it, with the fact that decides it. `unknown`: it may be unknown too; of one that is never true, where an arm handles that.
pub(super) fn report_settled(
    forward: &mut Forward<'_, '_>,
    condition: &Expr,
    code: Code,
    role: ConditionRole,
    unknown: bool,
) {
    if !forward.reported.insert((code, condition.span)) {
        return;
    }
    let never = code == Code::FLOW_NEVER;
    let why = why(forward, condition);
    let shown = forward.report.shown(condition.span);
    let word = match (never, unknown) {
        (true, _) => "never true",
        (false, false) => "always true",
        (false, true) => "never false",
    };
    let label = why.as_ref().map_or_else(|| word.to_owned(), |why| why.label.clone());
    let mut finding = forward.report.finding(code, format!("{shown} is {word} here"), condition.span, label);
    if let Some(since) = why.as_ref().and_then(|why| why.since) {
        finding = finding.also(forward.report.at(since), "known since here");
    }
    finding = finding.help(if never { role.never(unknown) } else { role.always() });
    if why.is_some_and(|why| why.read) {
        finding = finding.help(
            "a reading is kept until the run acts, waits or asks: to measure anew first, use `wait until`",
        );
    }
    forward.report.add(finding);
}

/// Why a condition has its verdict.
struct VerdictCause {
    label: String,
    since: Option<Span>,
    read: bool,
}

/// Returns the first fact that decides a condition.
fn why(forward: &mut Forward<'_, '_>, it: &Expr) -> Option<VerdictCause> {
    let bare = it.bare();
    match &bare.kind {
        ExprKind::Binary { op, left, right, .. } if op.is_comparison() => {
            let (a, b) = (forward.reasoning.operand(left), forward.reasoning.operand(right));
            let unit = unit_in(right).or_else(|| unit_in(left));
            let sides = of_side(forward, &a, &b, unit).or_else(|| of_side(forward, &b, &a, unit));
            sides.or_else(|| {
                let (key, _) = Reasoning::between(&a, &b)?;
                let since = Some(forward.reasoning.knowledge.get(key)?.since);
                Some(VerdictCause { label: "compared already".into(), since, read: key.read })
            })
        }
        // Of several conditions, the one that is decided on its own; if only their combination decides, there is no
        // single reason.
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().find_map(|side| {
            let judged = forward.reasoning.judge(side);
            (judged.yes.is_some() != judged.no.is_some()).then(|| why(forward, side)).flatten()
        }),
        ExprKind::Unary { operand, .. } => why(forward, operand),
        _ => {
            let whole = forward.reasoning.operand(bare);
            let fact = forward.reasoning.fact(&whole, Some(ComparedType::Condition))?;
            Some(VerdictCause { label: "decided already".into(), since: Some(fact.since), read: whole.read })
        }
    }
}

fn of_side(
    forward: &Forward<'_, '_>,
    side: &OperandFacts,
    other: &OperandFacts,
    unit: Option<Unit>,
) -> Option<VerdictCause> {
    side.print?;
    let sort = ComparedType::of(side, other).or_else(|| side.dimension.map(|_| ComparedType::Quantity));
    let since = forward.reasoning.fact(side, sort).map(|fact| fact.since);
    let (values, _) = forward.reasoning.settled(side, sort);
    let words = match &values {
        Values::Quantities(set) => in_words(set, side, unit)?,
        Values::Texts(texts) => format!("\"{}\"", texts.single().filter(|text| text.len() <= 16)?),
        _ => return None,
    };
    let shown = forward.report.shown(side.span);
    Some(VerdictCause {
        label: format!("{shown} is {words} here"),
        since,
        read: side.read && since.is_some(),
    })
}

/// Returns the unit in which the author wrote a value.
pub(super) fn unit_in(it: &Expr) -> Option<Unit> {
    match &it.bare().kind {
        ExprKind::Number { unit, .. } => Some(*unit),
        ExprKind::Range { low, .. } => unit_in(low),
        ExprKind::List { items } => items.first().and_then(unit_in),
        ExprKind::Unary { operand, .. } => unit_in(operand),
        _ => None,
    }
}

/// The most digits of a number that is shown in the unit of the condition.
const FEW_DIGITS: usize = 6;

/// Formats a number in base units for a message.
pub(super) fn quantity(base: f64, side: &OperandFacts, unit: Option<Unit>) -> String {
    let dimension = side.dimension.unwrap_or(rbl_syntax::value::Dimension::NUMBER);
    // In the unit of the condition, unless that makes it a fraction: 500ms beside a condition in seconds.
    let fits =
        |unit: &Unit| unit.dimension().agrees_with(dimension) && (base == 0.0 || base.abs() >= unit.factor());
    let unit = unit.filter(fits);
    let exact = Quantity { base, dimension, unit, form: Form::Written };
    let short = |text: &str| text.chars().filter(char::is_ascii_digit).count() <= FEW_DIGITS;
    Some(exact.to_string())
        .filter(|text| unit.is_some() && short(text))
        .unwrap_or_else(|| Quantity { form: Form::Measured, ..exact }.to_string())
}

/// "below 500ms", "at least 1s", "1s to 2s".
pub(super) fn in_words(set: &Intervals, side: &OperandFacts, unit: Option<Unit>) -> Option<String> {
    let say = |base: f64| quantity(base, side, unit);
    if let Some(one) = set.single() {
        return Some(say(one));
    }
    let (low, high) = (set.low()?, set.high()?);
    if set.count() > 1 {
        return None;
    }
    Some(match (low.at.is_finite(), high.at.is_finite()) {
        (false, false) => return None,
        (false, true) if high.closed => format!("at most {}", say(high.at)),
        (false, true) => format!("below {}", say(high.at)),
        (true, false) if low.closed => format!("at least {}", say(low.at)),
        (true, false) => format!("above {}", say(low.at)),
        (true, true) => format!("{} to {}", say(low.at), say(high.at)),
    })
}
