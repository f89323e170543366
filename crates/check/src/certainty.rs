//! Whether an expression can be unknown: the one rule, for everybody who follows the ways through a runbook.
//!
//! Only metrics, probes, answers of people, and what is computed from them can be unknown, and a computation whose result is
//! too large or has no value. An uncertain case counts as one of them.

use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Name, UnaryOp};
use rbl_syntax::value::{Dimension, LARGEST_EXACT, Scale};

/// What is known about the names in an expression.
pub(crate) trait NameCertainty {
    /// Whether the value of a name can be unknown.
    fn name_can_be_unknown(&self, name: &Name) -> bool;

    /// Whether a name that is called is a built-in function.
    fn is_function(&self, name: &Name) -> bool;

    /// The value of a name that no run can change, in base units with its dimension.
    fn fixed_number(&self, name: &Name) -> Option<(f64, Dimension)>;
}

/// The functions that have a value for every argument that has one.
const TOTAL: [&str; 8] = ["round", "abs", "length", "lower", "upper", "trim", "contains", "matches"];

/// Whether an expression can be unknown, however it comes about.
pub(crate) fn can_be_unknown(it: &Expr, names: &impl NameCertainty) -> bool {
    depends_on_the_world(it, names) || can_have_no_value(it, names)
}

/// Whether an expression can be unknown because of what it reads, runs or asks.
pub(crate) fn depends_on_the_world(it: &Expr, names: &impl NameCertainty) -> bool {
    let can = |it: &Expr| depends_on_the_world(it, names);
    match &it.kind {
        ExprKind::Number { .. } | ExprKind::LargeNumber { .. } | ExprKind::Bool { .. } | ExprKind::Now => {
            false
        }
        // A text with an unknown value in it cannot be compared or passed on.
        ExprKind::Text(text) => text.values().any(can),
        ExprKind::Parenthesized { inner } | ExprKind::Unary { operand: inner, .. } => can(inner),
        ExprKind::Name(name) => names.name_can_be_unknown(name),
        ExprKind::List { items } => items.iter().any(can),
        ExprKind::Range { low, high } => can(low) || can(high),
        ExprKind::Binary { left, right, .. } => can(left) || can(right),
        ExprKind::Call { name, args } => {
            let written = |arg: &rbl_syntax::tree::Arg| matches!(&arg.value.bare().kind, ExprKind::Text(it) if it.literal().is_some());
            // A pattern that is not written here may be no regular expression.
            let total = names.is_function(name)
                && TOTAL.contains(&name.text.as_str())
                && (name.text != "matches" || args.get(1).is_some_and(written));
            !total || args.iter().any(|arg| can(&arg.value))
        }
        ExprKind::Record { fields } => fields.iter().any(|field| can(&field.value)),
        ExprKind::Conditional { branches, otherwise } => {
            can(otherwise) || branches.iter().any(|branch| can(&branch.condition) || can(&branch.value))
        }
        ExprKind::Comprehension(made) => {
            can(&made.over) || made.filter.as_ref().is_some_and(can) || can(&made.value)
        }
        // `any` and `every` are unknown over nothing, which only a written list shows not to be the case.
        ExprKind::Quantified { over, value, .. } => match &over.bare().kind {
            ExprKind::List { items } if !items.is_empty() => can(over) || can(value),
            _ => true,
        },
        ExprKind::BadUnit
        | ExprKind::Broken
        | ExprKind::Command { .. }
        | ExprKind::Field { .. }
        | ExprKind::Index { .. }
        | ExprKind::Ago { .. }
        | ExprKind::Over { .. }
        | ExprKind::Question(_)
        | ExprKind::Ask { .. }
        | ExprKind::Held { .. } => true,
    }
}

/// Whether a computation in an expression can be too large, or have no value, though everything in it is known.
fn can_have_no_value(it: &Expr, names: &impl NameCertainty) -> bool {
    let can = |it: &Expr| can_have_no_value(it, names);
    match &it.kind {
        ExprKind::Binary { op, left, right, .. } if is_arithmetic(*op) => {
            // A computation of fixed numbers has one result, every other one can be driven too far by a parameter.
            let constant = || constant(it, names).is_none();
            (!joins_text(left) && !joins_text(right)) && constant()
        }
        ExprKind::Binary { op, left, right, .. } => {
            let compares = op.is_comparison() && (holds_large(left) || holds_large(right));
            compares || can(left) || can(right)
        }
        ExprKind::Unary { op: UnaryOp::Negate, operand } if holds_large(operand) => false,
        ExprKind::Parenthesized { inner } | ExprKind::Unary { operand: inner, .. } => can(inner),
        ExprKind::Text(text) => text.values().any(can),
        ExprKind::List { items } => items.iter().any(can),
        ExprKind::Range { low, high } => can(low) || can(high) || holds_large(low) || holds_large(high),
        ExprKind::Call { args, .. } => args.iter().any(|arg| can(&arg.value) || holds_large(&arg.value)),
        ExprKind::Record { fields } => fields.iter().any(|field| can(&field.value)),
        ExprKind::Conditional { branches, otherwise } => {
            can(otherwise) || branches.iter().any(|branch| can(&branch.condition) || can(&branch.value))
        }
        ExprKind::Comprehension(made) => {
            can(&made.over) || made.filter.as_ref().is_some_and(can) || can(&made.value)
        }
        ExprKind::Quantified { over, value, .. } => can(over) || can(value) || holds_large(value),
        ExprKind::Number { .. }
        | ExprKind::LargeNumber { .. }
        | ExprKind::BadUnit
        | ExprKind::Command { .. }
        | ExprKind::Bool { .. }
        | ExprKind::Now
        | ExprKind::Name(_)
        | ExprKind::Field { .. }
        | ExprKind::Index { .. }
        | ExprKind::Ago { .. }
        | ExprKind::Over { .. }
        | ExprKind::Question(_)
        | ExprKind::Ask { .. }
        | ExprKind::Held { .. }
        | ExprKind::Broken => false,
    }
}

const fn is_arithmetic(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide)
}

/// Whether `+` joins texts or lists here.
fn joins_text(it: &Expr) -> bool {
    match &it.bare().kind {
        ExprKind::Text(_) | ExprKind::List { .. } => true,
        ExprKind::Binary { op: BinaryOp::Add, left, right, .. } => joins_text(left) || joins_text(right),
        _ => false,
    }
}

/// Whether a number in this value is too large to compute with: what compares it is unknown.
pub(crate) fn holds_large(it: &Expr) -> bool {
    match &it.bare().kind {
        ExprKind::LargeNumber { .. } => true,
        ExprKind::Unary { op: UnaryOp::Negate, operand } => holds_large(operand),
        ExprKind::List { items } => items.iter().any(holds_large),
        ExprKind::Record { fields } => fields.iter().any(|field| holds_large(&field.value)),
        ExprKind::Conditional { branches, otherwise } => {
            holds_large(otherwise) || branches.iter().any(|branch| holds_large(&branch.value))
        }
        _ => false,
    }
}

/// The value of a computation of fixed numbers; `None` where it can have no value, or is not fixed.
pub(crate) fn constant(it: &Expr, names: &impl NameCertainty) -> Option<(f64, Dimension)> {
    let (value, dimension) = match &it.bare().kind {
        ExprKind::Number { value, unit, .. } => (value * unit.factor(), unit.dimension()),
        ExprKind::Name(name) => return names.fixed_number(name),
        ExprKind::Unary { op: UnaryOp::Negate, operand } => {
            let (value, dimension) = constant(operand, names)?;
            (-value, dimension)
        }
        ExprKind::Binary { op, left, right, .. } => {
            let ((a, ours), (b, theirs)) = (constant(left, names)?, constant(right, names)?);
            match op {
                BinaryOp::Add => (a + b, ours.sum(theirs)),
                BinaryOp::Subtract => (a - b, ours.sum(theirs)),
                BinaryOp::Multiply => (a * b, ours.product(theirs)?),
                BinaryOp::Divide if b != 0.0 => (a / b, ours.quotient(theirs)?),
                _ => return None,
            }
        }
        _ => return None,
    };
    let plain = dimension.is_pure() && dimension.scale != Scale::Ratio;
    let exact = !plain || value.abs() < LARGEST_EXACT || matches!(it.bare().kind, ExprKind::Number { .. });
    (value.is_finite() && exact).then_some((value, dimension))
}
