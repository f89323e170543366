//! Checks arithmetic: sums need equal dimensions, products combine them.

use super::super::checker::Checker;
use super::super::types::Type;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr};
use rbl_syntax::value::Dimension;

impl<'t> Checker<'t> {
    /// Checks `left + right` and so on.
    pub(super) fn arithmetic(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: &'t Expr,
        right: &'t Expr,
    ) -> Type {
        let left_type = self.value(left);
        let right_type = self.value(right);
        if self.not_single((left, &left_type), op, right) || self.not_single((right, &right_type), op, left) {
            return Type::Any;
        }
        match (&left_type, &right_type, op) {
            (Type::Time, Type::Time, BinaryOp::Subtract) => return Type::DURATION,
            (Type::Time, other, BinaryOp::Add | BinaryOp::Subtract) | (other, Type::Time, BinaryOp::Add)
                if other.dimension().is_some_and(|it| it.agrees_with(Dimension::DURATION)) =>
            {
                return Type::Time;
            }
            (Type::List(ours), Type::List(theirs), BinaryOp::Add) => {
                return Type::List(Box::new((**ours).clone().joined(theirs)));
            }
            (Type::List(_), Type::Any, BinaryOp::Add) | (Type::Any, Type::List(_), BinaryOp::Add) => {
                return Type::List(Box::new(Type::Any));
            }
            (Type::Time, Type::Any, _) | (Type::Any, Type::Time, _) => return Type::Any,
            _ => {}
        }
        for (operand, ty, other) in [(left, &left_type, &right_type), (right, &right_type, &left_type)] {
            if ty.dimension().is_none() && !ty.is_any() {
                self.no_quantity(op, operand, ty, other);
                return Type::Any;
            }
        }
        let (Some(ours), Some(theirs)) = (left_type.dimension(), right_type.dimension()) else {
            return Type::Any;
        };
        let result = match op {
            BinaryOp::Multiply => ours.product(theirs),
            BinaryOp::Divide => ours.quotient(theirs),
            _ => {
                if !ours.agrees_with(theirs) {
                    let finding = self.dimensions_differ(op_span, (left, ours), (right, theirs));
                    self.report(finding);
                    return Type::Any;
                }
                Some(ours.sum(theirs))
            }
        };
        result.map_or(Type::Any, Type::Quantity)
    }

    /// `-x`
    pub(super) fn negated(&mut self, it: &'t Expr) -> Type {
        let ty = self.value(it);
        if let Some(dimension) = ty.dimension() {
            return Type::Quantity(dimension);
        }
        if !ty.is_any() && !self.not_single((it, &ty), BinaryOp::Subtract, it) {
            self.no_quantity(BinaryOp::Subtract, it, &ty, &Type::NUMBER);
        }
        Type::Any
    }

    fn no_quantity(&mut self, op: BinaryOp, it: &'t Expr, ty: &Type, other: &Type) {
        if ty.holds_secret() {
            self.secret_shown(it.span, ty, "a sum");
            return;
        }
        let message = format!("`{}` computes with quantities, not with {}", op.spelling(), noun(ty));
        let finding = self.finding(Code::TYPE_ARITHMETIC, message, it.span, ty.in_words());
        let shown = self.slice(it.span);
        let help = match ty {
            Type::Text if op == BinaryOp::Add => "put texts together with values: `\"#{a} #{b}\"`".to_owned(),
            Type::Text => format!("read a number first: `number({shown})`"),
            Type::Output => format!("read the number it printed: `{shown}.number`"),
            Type::Time => "only a time less a time, and a time and a duration, can be computed".to_owned(),
            Type::List(_) if op == BinaryOp::Add && other.dimension().is_none() => {
                format!("put a single value into a list first: `{shown} + [VALUE]`")
            }
            Type::List(_) => format!("take one value of it: `sum({shown})` or `max({shown})`"),
            _ => "compute with numbers, durations, data, ratios and rates".to_owned(),
        };
        self.report(finding.help(help));
    }
}

fn noun(ty: &Type) -> String {
    match ty {
        Type::Bool => "yes and no".into(),
        other => other.in_words(),
    }
}
