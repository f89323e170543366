//! Conditions that are decided before a run, because everything in them is known.

use super::constant::{Bindings, ConstantValue, NameScope};
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Pattern, PatternKind, UnaryOp};

/// Whole numbers beyond this are not distinguished.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Bindings {
    /// Whether a condition holds; `None` if that is not known before the run.
    pub(super) fn holds(&self, condition: &Expr, names: NameScope) -> Option<bool> {
        match &condition.kind {
            ExprKind::Parenthesized { inner } => self.holds(inner, names),
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.holds(operand, names).map(|holds| !holds),
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } => {
                match (self.holds(left, names), self.holds(right, names)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            ExprKind::Binary { op: BinaryOp::Or, left, right, .. } => {
                match (self.holds(left, names), self.holds(right, names)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
            ExprKind::Binary { op, left, right, .. } if op.is_comparison() => {
                self.fits(&self.value(left, names)?, *op, right, names)
            }
            ExprKind::Name(_) | ExprKind::Bool { .. } => match self.value(condition, names)? {
                ConstantValue::Bool(value) => Some(value),
                ConstantValue::Number(..) | ConstantValue::List(_) | ConstantValue::Text(_) => None,
            },
            _ => None,
        }
    }

    /// Whether the subject of a `match` fits a pattern.
    pub(super) fn fits_pattern(
        &self,
        subject: &ConstantValue,
        pattern: &Pattern,
        names: NameScope,
    ) -> Option<bool> {
        match &pattern.kind {
            PatternKind::Value { value } => {
                let op = match value.bare().kind {
                    ExprKind::Range { .. } | ExprKind::List { .. } => BinaryOp::In,
                    _ => BinaryOp::Equal,
                };
                self.fits(subject, op, value, names)
            }
            PatternKind::Compare { op, value } => self.fits(subject, *op, value, names),
            PatternKind::Contains { .. } | PatternKind::Matches { .. } => None,
        }
    }

    fn fits(&self, left: &ConstantValue, op: BinaryOp, right: &Expr, names: NameScope) -> Option<bool> {
        match (op, &right.bare().kind) {
            (BinaryOp::In, ExprKind::Range { low, high }) => {
                let above = compared(left, BinaryOp::GreaterOrEqual, &self.value(low, names)?)?;
                let below = compared(left, BinaryOp::LessOrEqual, &self.value(high, names)?)?;
                Some(above && below)
            }
            (BinaryOp::In, ExprKind::List { items }) => {
                let mut all = Some(false);
                for item in items {
                    match self.value(item, names).and_then(|item| compared(left, BinaryOp::Equal, &item)) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => all = None,
                    }
                }
                all
            }
            (BinaryOp::In, _) => None,
            _ => compared(left, op, &self.value(right, names)?),
        }
    }
}

fn compared(left: &ConstantValue, op: BinaryOp, right: &ConstantValue) -> Option<bool> {
    match (left, right) {
        (ConstantValue::Number(a, b), ConstantValue::Number(c, d)) => {
            // Numbers that differ by no more than an error of computing are left to the run.
            let near =
                |x: f64, y: f64| x.to_bits() != y.to_bits() && (x - y).abs() <= 1e-9 * x.abs().max(y.abs());
            let large = [a, b, c, d].into_iter().any(|value| value.abs() >= EXACT);
            if large || near(*b, *c) || near(*a, *d) {
                return None;
            }
            let single = a.to_bits() == b.to_bits() && c.to_bits() == d.to_bits();
            let decided = |yes: bool, no: bool| if yes { Some(true) } else { no.then_some(false) };
            match op {
                BinaryOp::Less => decided(b < c, a >= d),
                BinaryOp::LessOrEqual => decided(b <= c, a > d),
                BinaryOp::Greater => decided(a > d, b <= c),
                BinaryOp::GreaterOrEqual => decided(a >= d, b < c),
                BinaryOp::Equal => decided(single && a >= d && b <= c, b < c || a > d),
                BinaryOp::NotEqual => decided(b < c || a > d, single && a >= d && b <= c),
                _ => None,
            }
        }
        (ConstantValue::Text(_), ConstantValue::Text(_))
        | (ConstantValue::Bool(_), ConstantValue::Bool(_)) => match op {
            BinaryOp::Equal => Some(left == right),
            BinaryOp::NotEqual => Some(left != right),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_where_every_value_gives_the_same() {
        let is = |a: (f64, f64), op, b: (f64, f64)| {
            compared(&ConstantValue::Number(a.0, a.1), op, &ConstantValue::Number(b.0, b.1))
        };
        assert_eq!(is((1.0, 2.0), BinaryOp::Less, (3.0, 3.0)), Some(true));
        assert_eq!(is((1.0, 3.0), BinaryOp::Less, (2.0, 2.0)), None);
        assert_eq!(is((3.0, 3.0), BinaryOp::Less, (3.0, 3.0)), Some(false));
        assert_eq!(is((3.0, 3.0), BinaryOp::Equal, (3.0, 3.0)), Some(true));
        assert_eq!(is((1.0, 4.0), BinaryOp::NotEqual, (5.0, 5.0)), Some(true));
        assert_eq!(is((0.1 + 0.2, 0.1 + 0.2), BinaryOp::Less, (0.3, 0.3)), None);
        assert_eq!(is((EXACT, EXACT), BinaryOp::Equal, (EXACT, EXACT)), None);
    }
}
