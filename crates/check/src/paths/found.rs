//! What a decision has found out about the elements of a `by` metric: that one of them is so. As long as its reading counts, a
//! loop over those that are so has a pass.
//!
//! *Why only this:* whether two conditions can hold together is not asked else. But who looks whether every disk has room,
//! and then goes through those that have none, would be told of a way that no run can take.

use smol_str::SmolStr;

use crate::Runbook;
use rbl_syntax::tree::{BinaryOp, Block, Expr, ExprKind, If, Quantifier, Statement, StatementKind};
use rbl_syntax::value::Unit;

/// One element at least compares so.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The metric.
    of: SmolStr,
    op: BinaryOp,
    with: Fixed,
}

/// A value that stays the same in a run.
#[derive(Debug, Clone, PartialEq)]
enum Fixed {
    Number(f64, Unit),
    /// A parameter, or what is set before the body.
    Name(SmolStr),
}

impl Found {
    /// What is found out where a condition came to this: `any` that is yes, `every` that is no.
    pub(super) fn by(condition: &Expr, holds: bool, runbook: &Runbook) -> Option<Self> {
        let ExprKind::Quantified { quantifier, over, op, value, .. } = &condition.bare().kind else {
            return None;
        };
        let op = match (quantifier, holds) {
            (Quantifier::Any, true) => *op,
            (Quantifier::Every, false) => opposite(*op)?,
            (Quantifier::Any, false) | (Quantifier::Every, true) => return None,
        };
        let ExprKind::Name(of) = &over.bare().kind else { return None };
        let is_metric = runbook.metrics.contains_key(&of.text);
        is_metric.then_some(())?;
        Some(Self { of: of.text.clone(), op, with: fixed(value, runbook)? })
    }

    /// What is found out behind an `if` or a `check`, where only one answer of its condition leads on.
    pub(super) fn behind(it: &Statement, runbook: &Runbook) -> Option<Self> {
        let goes_on = |block: Option<&Block>, without: bool| block.map_or(without, |block| !ends(block));
        let (condition, [yes, no, unknown]) = match &it.kind {
            StatementKind::Check(it) => {
                let no = goes_on(it.otherwise.as_ref().map(|arm| &arm.block), false);
                let unknown = goes_on(it.unknown.as_ref().map(|arm| &arm.block), false);
                (&it.condition, [true, no, unknown])
            }
            StatementKind::If(If { branches, otherwise, unknown }) => {
                let [branch] = branches.as_slice() else { return None };
                let no = goes_on(otherwise.as_ref().map(|arm| &arm.block), true);
                let unknown = goes_on(unknown.as_ref().map(|arm| &arm.block), false);
                (&branch.condition, [!ends(&branch.block), no, unknown])
            }
            _ => return None,
        };
        match (yes, no, unknown) {
            (true, false, false) => Self::by(condition, true, runbook),
            (false, true, false) => Self::by(condition, false, runbook),
            _ => None,
        }
    }

    /// Whether a loop over this metric, of those for which this is so, has a pass.
    pub(super) fn is_among(&self, over: &Expr, element: &str, filter: &Expr, runbook: &Runbook) -> bool {
        let ExprKind::Binary { op, left, right, .. } = &filter.bare().kind else { return false };
        let named =
            |expr: &Expr, name: &str| matches!(&expr.bare().kind, ExprKind::Name(it) if it.text == name);
        named(over, &self.of)
            && named(left, element)
            && *op == self.op
            && fixed(right, runbook).as_ref() == Some(&self.with)
    }
}

/// Whether nothing goes on behind a block.
fn ends(block: &Block) -> bool {
    let last = block.statements.last().map(|it| &it.kind);
    matches!(last, Some(StatementKind::Resolve { .. } | StatementKind::Stop { .. }))
}

fn fixed(expr: &Expr, runbook: &Runbook) -> Option<Fixed> {
    match &expr.bare().kind {
        ExprKind::Number { value, unit, .. } => Some(Fixed::Number(*value, *unit)),
        ExprKind::Name(name) => {
            let is_param = runbook.params.iter().any(|it| it.declaration.name.text == name.text);
            let is_constant = runbook.constants.iter().any(|it| it.declaration.name.text == name.text);
            (is_param || is_constant).then(|| Fixed::Name(name.text.clone()))
        }
        _ => None,
    }
}

/// What holds of a value that is known where this does not.
fn opposite(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::GreaterOrEqual,
        BinaryOp::LessOrEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessOrEqual,
        BinaryOp::GreaterOrEqual => BinaryOp::Less,
        _ => return None,
    })
}
