//! A fact that a decision establishes about a `by` metric: at least one of its elements satisfies a comparison. While
//! the reading counts, a loop over these elements has at least one pass.
//!
//! *Why only this:* whether two conditions are compatible is not analysed otherwise. But without it, a runbook that
//! checks whether every disk has space, and then loops over the disks that have none, would get a path that no run can
//! take.

use smol_str::SmolStr;

use crate::Runbook;
use rbl_syntax::tree::{
    BinaryOp, Block, Expr, ExprKind, If, Quantifier, Statement, StatementKind, unknown_arm,
};
use rbl_syntax::value::Unit;

/// At least one element satisfies this comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FoundElement {
    /// The metric.
    of: SmolStr,
    op: BinaryOp,
    with: Fixed,
}

/// A value that does not change during a run.
#[derive(Debug, Clone, PartialEq)]
enum Fixed {
    Number(f64, Unit),
    /// A parameter, or a constant before the body.
    Name(SmolStr),
}

impl FoundElement {
    /// Returns the fact established by a condition's verdict: `any` that is yes, `every` that is no.
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

    /// Returns the fact that holds after an `if` or a `check` from which only one verdict continues.
    pub(super) fn behind(it: &Statement, runbook: &Runbook) -> Option<Self> {
        let goes_on = |block: Option<&Block>, without: bool| block.map_or(without, |block| !ends(block));
        let (condition, [yes, no, unknown]) = match &it.kind {
            StatementKind::Check(it) => {
                let no = goes_on(it.otherwise.as_ref().map(|arm| &arm.block), false);
                let unknown = goes_on(it.on_unknown().map(|arm| &arm.block), false);
                (&it.condition, [true, no, unknown])
            }
            StatementKind::If(If { branches, otherwise, unknown }) => {
                let [branch] = branches.as_slice() else { return None };
                let no = goes_on(otherwise.as_ref().map(|arm| &arm.block), true);
                let unknown = goes_on(unknown_arm(otherwise, unknown).map(|arm| &arm.block), false);
                (&branch.condition, [!ends(&branch.block), no, unknown])
            }
            StatementKind::Prose { .. }
            | StatementKind::Match(_)
            | StatementKind::Action(_)
            | StatementKind::Escalate(_)
            | StatementKind::Wait(_)
            | StatementKind::Let(_)
            | StatementKind::Record(_)
            | StatementKind::ForEach(_)
            | StatementKind::Repeat(_)
            | StatementKind::Run(_)
            | StatementKind::Lock(_)
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. }
            | StatementKind::Broken { .. } => return None,
        };
        match (yes, no, unknown) {
            (true, false, false) => Self::by(condition, true, runbook),
            (false, true, false) => Self::by(condition, false, runbook),
            _ => None,
        }
    }

    /// Whether a loop over this metric, filtered by this comparison, has a pass.
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

/// Whether a block ends the run.
fn ends(block: &Block) -> bool {
    block.statements.last().is_some_and(|it| it.kind.ends_run())
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

/// Returns the comparison that holds for a known value exactly when this one does not.
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
