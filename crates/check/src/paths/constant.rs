//! Values that are known before a run: numbers, durations, and how long a list is.

use smol_str::SmolStr;

use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, UnaryOp};

/// What is known of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Constant {
    /// A quantity, in base units.
    Number(f64),
    /// A list of so many elements.
    List(u32),
}

/// The names in scope at one place. A copy is a number: every name knows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Names(Option<u32>);

/// Every name that was ever given, with what is known of it.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    all: Vec<(SmolStr, Option<Constant>, Names)>,
}

impl Bindings {
    /// The names with one more.
    pub(super) fn with(&mut self, names: Names, name: SmolStr, value: Option<Constant>) -> Names {
        let id = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push((name, value, names));
        Names(Some(id))
    }

    fn find(&self, names: Names, name: &str) -> Option<Constant> {
        let mut at = names.0;
        while let Some((other, value, before)) = at.and_then(|id| self.all.get(id as usize)) {
            if other == name {
                return *value;
            }
            at = before.0;
        }
        None
    }

    /// What an expression comes to, if that is known before the run.
    pub(super) fn value(&self, expr: &Expr, names: Names) -> Option<Constant> {
        let number = |expr: &Expr| match self.value(expr, names)? {
            Constant::Number(value) => Some(value),
            Constant::List(_) => None,
        };
        let value = match &expr.kind {
            ExprKind::Number { value, unit, .. } => value * unit.factor(),
            ExprKind::Name(name) => return self.find(names, &name.text),
            ExprKind::Parenthesized { inner } => return self.value(inner, names),
            ExprKind::List { items } => return u32::try_from(items.len()).ok().map(Constant::List),
            ExprKind::Unary { op: UnaryOp::Negate, operand } => -number(operand)?,
            ExprKind::Binary { op, left, right, .. } => {
                let (left, right) = (number(left)?, number(right)?);
                match op {
                    BinaryOp::Add => left + right,
                    BinaryOp::Subtract => left - right,
                    BinaryOp::Multiply => left * right,
                    BinaryOp::Divide => left / right,
                    _ => return None,
                }
            }
            _ => return None,
        };
        value.is_finite().then_some(Constant::Number(value))
    }

    /// A duration in seconds or a count, never below zero, as the run takes it.
    pub(super) fn amount(&self, expr: &Expr, names: Names) -> Option<f64> {
        match self.value(expr, names)? {
            Constant::Number(value) => Some(value.max(0.0)),
            Constant::List(_) => None,
        }
    }
}
