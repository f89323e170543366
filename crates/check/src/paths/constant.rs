//! Values that are known before a run: numbers, durations, and lengths of lists.

use smol_str::SmolStr;

use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, UnaryOp};

/// A known value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ConstantValue {
    /// A quantity, in base units.
    Number(f64),
    /// A list of this length.
    List(u32),
}

/// The names in scope at one place: an index into [`Bindings`], where every entry links to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NameScope(Option<u32>);

/// All names ever bound, with their known values.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    all: Vec<(SmolStr, Option<ConstantValue>, NameScope)>,
}

impl Bindings {
    /// Returns the scope extended by one name.
    pub(super) fn with(
        &mut self,
        names: NameScope,
        name: SmolStr,
        value: Option<ConstantValue>,
    ) -> NameScope {
        let id = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push((name, value, names));
        NameScope(Some(id))
    }

    fn find(&self, names: NameScope, name: &str) -> Option<ConstantValue> {
        let mut at = names.0;
        while let Some((other, value, before)) = at.and_then(|id| self.all.get(id as usize)) {
            if other == name {
                return *value;
            }
            at = before.0;
        }
        None
    }

    /// Evaluates an expression; `None` if it is not known before the run.
    pub(super) fn value(&self, expr: &Expr, names: NameScope) -> Option<ConstantValue> {
        let number = |expr: &Expr| match self.value(expr, names)? {
            ConstantValue::Number(value) => Some(value),
            ConstantValue::List(_) => None,
        };
        let value = match &expr.kind {
            ExprKind::Number { value, unit, .. } => value * unit.factor(),
            ExprKind::Name(name) => return self.find(names, &name.text),
            ExprKind::Parenthesized { inner } => return self.value(inner, names),
            ExprKind::List { items } => return u32::try_from(items.len()).ok().map(ConstantValue::List),
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
        value.is_finite().then_some(ConstantValue::Number(value))
    }

    /// Evaluates a duration in seconds or a count, clamped at zero as at run time.
    pub(super) fn amount(&self, expr: &Expr, names: NameScope) -> Option<f64> {
        match self.value(expr, names)? {
            ConstantValue::Number(value) => Some(value.max(0.0)),
            ConstantValue::List(_) => None,
        }
    }
}
