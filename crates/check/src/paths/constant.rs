//! Values that are known before a run: numbers, durations, and lengths of lists.

use smol_str::SmolStr;

use super::Bound;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Let, Part, Template, UnaryOp};

/// A known value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ConstantValue {
    /// A quantity in base units: the least and the greatest that it can be.
    Number(f64, f64),
    /// A list of this length.
    List(u32),
    /// A text.
    Text(SmolStr),
    /// `true` or `false`
    Bool(bool),
}

impl ConstantValue {
    /// The value that is one of the two.
    fn either(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Number(low, high), Self::Number(other_low, other_high)) => {
                Some(Self::Number(low.min(other_low), high.max(other_high)))
            }
            (one, other) => (one == other).then_some(one),
        }
    }
}

/// The names in scope at one place: an index into [`Bindings`], where every entry links to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct NameScope(Option<u32>);

/// All names ever bound, with their known values.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    all: Vec<BoundName>,
}

/// A name as it is bound at one place.
#[derive(Debug)]
struct BoundName {
    name: SmolStr,
    value: Option<ConstantValue>,
    /// Whether it can be unknown.
    unknown: bool,
    /// Whether the value is that of the run, and not only a default that the run may be given another value for.
    settled: bool,
    /// Whether it is a parameter that the run is given, or is made of one.
    given: bool,
    /// The element of a loop over a metric, which may be read anew: the name of that reading, and how long it takes.
    anew: Option<(SmolStr, Bound)>,
    before: NameScope,
}

impl Bindings {
    /// Returns the scope extended by one name, whose value is not known.
    pub(super) fn with(&mut self, before: NameScope, name: SmolStr, unknown: bool) -> NameScope {
        self.bind(BoundName { name, value: None, unknown, settled: false, given: false, anew: None, before })
    }

    /// Returns the scope extended by the element of a loop; `anew`: the reading that it is taken from, where it may be read
    /// anew, and how long that takes.
    pub(super) fn with_element(
        &mut self,
        before: NameScope,
        name: SmolStr,
        unknown: bool,
        anew: Option<(SmolStr, Bound)>,
    ) -> NameScope {
        self.bind(BoundName { name, value: None, unknown, settled: false, given: false, anew, before })
    }

    /// The reading that the element of a loop is taken from, and how long it takes.
    pub(super) fn read_anew(&self, names: NameScope, name: &str) -> Option<&(SmolStr, Bound)> {
        self.bound(names, name)?.anew.as_ref()
    }

    /// Returns the scope extended by a parameter; `given`: not by its default.
    pub(super) fn with_param(
        &mut self,
        before: NameScope,
        name: SmolStr,
        value: Option<ConstantValue>,
        unknown: bool,
        given: bool,
    ) -> NameScope {
        self.bind(BoundName { name, value, unknown, settled: given, given, anew: None, before })
    }

    /// Returns the scope extended by the name of an expression.
    pub(super) fn with_let(&mut self, before: NameScope, it: &Let, unknown: bool) -> NameScope {
        let value = self.value(&it.value, before);
        let settled = self.is_settled(&it.value, before);
        let given = self.is_given(&it.value, before);
        let name = it.name.text.clone();
        self.bind(BoundName { name, value, unknown, settled, given, anew: None, before })
    }

    fn bind(&mut self, name: BoundName) -> NameScope {
        let id = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(name);
        NameScope(Some(id))
    }

    /// Whether an expression is made of a parameter that the run is given.
    fn is_given(&self, expr: &Expr, names: NameScope) -> bool {
        let mut given = false;
        crate::walk::expressions(expr, &mut |it| {
            if let ExprKind::Name(name) = &it.kind {
                given |= self.bound(names, &name.text).is_some_and(|bound| bound.given);
            }
        });
        given
    }

    /// Whether the given parameters decide an expression: one is in it, and all else is known.
    pub(super) fn is_decided(&self, expr: &Expr, names: NameScope) -> bool {
        self.is_given(expr, names) && self.is_settled(expr, names)
    }

    /// Whether every name in an expression has the value of the run.
    pub(super) fn is_settled(&self, expr: &Expr, names: NameScope) -> bool {
        let mut settled = true;
        crate::walk::expressions(expr, &mut |it| {
            if let ExprKind::Name(name) | ExprKind::Call { name, .. } = &it.kind {
                settled &= self.bound(names, &name.text).is_some_and(|bound| bound.settled);
            }
        });
        settled
    }

    fn bound(&self, names: NameScope, name: &str) -> Option<&BoundName> {
        let mut at = names.0;
        while let Some(bound) = at.and_then(|id| self.all.get(id as usize)) {
            if bound.name == name {
                return Some(bound);
            }
            at = bound.before.0;
        }
        None
    }

    fn find(&self, names: NameScope, name: &str) -> Option<ConstantValue> {
        self.bound(names, name)?.value.clone()
    }

    /// Whether a name can be unknown; `None` where it is not bound.
    pub(super) fn can_be_unknown(&self, names: NameScope, name: &str) -> Option<bool> {
        self.bound(names, name).map(|bound| bound.unknown)
    }

    /// Evaluates an expression; `None` if it is not known before the run.
    pub(super) fn value(&self, expr: &Expr, names: NameScope) -> Option<ConstantValue> {
        let (low, high) = match &expr.kind {
            ExprKind::Number { value, unit, .. } => (value * unit.factor(), value * unit.factor()),
            ExprKind::Name(name) => return self.find(names, &name.text),
            ExprKind::Parenthesized { inner } => return self.value(inner, names),
            ExprKind::Bool { value } => return Some(ConstantValue::Bool(*value)),
            ExprKind::Text(text) => return literal(text).map(ConstantValue::Text),
            ExprKind::List { items } => return u32::try_from(items.len()).ok().map(ConstantValue::List),
            // A loop goes through its entries.
            ExprKind::Record { fields } => return u32::try_from(fields.len()).ok().map(ConstantValue::List),
            ExprKind::Unary { op: UnaryOp::Negate, operand } => {
                let ConstantValue::Number(low, high) = self.value(operand, names)? else { return None };
                (-high, -low)
            }
            ExprKind::Binary { op, left, right, .. } => {
                match (op, self.value(left, names)?, self.value(right, names)?) {
                    (BinaryOp::Add, ConstantValue::List(one), ConstantValue::List(other)) => {
                        return one.checked_add(other).map(ConstantValue::List);
                    }
                    (_, ConstantValue::Number(a, b), ConstantValue::Number(c, d)) => {
                        computed(*op, (a, b), (c, d))?
                    }
                    _ => return None,
                }
            }
            ExprKind::Conditional { branches, otherwise } => {
                let mut value: Option<ConstantValue> = None;
                let mut add = |one: ConstantValue| {
                    value = match value.take() {
                        None => Some(one),
                        Some(other) => Some(other.either(one)?),
                    };
                    Some(())
                };
                for branch in branches {
                    let holds = self.holds(&branch.condition, names);
                    if holds != Some(false) {
                        add(self.value(&branch.value, names)?)?;
                    }
                    if holds == Some(true) {
                        return value;
                    }
                }
                add(self.value(otherwise, names)?)?;
                return value;
            }
            _ => return None,
        };
        (low.is_finite() && high.is_finite()).then_some(ConstantValue::Number(low, high))
    }

    /// Evaluates a duration in seconds or a count, the greatest that it can be; clamped at zero as at run time.
    pub(super) fn amount(&self, expr: &Expr, names: NameScope) -> Option<f64> {
        self.amounts(expr, names).map(|(_, high)| high)
    }

    /// The least and the greatest that a duration in seconds can be.
    pub(super) fn amounts(&self, expr: &Expr, names: NameScope) -> Option<(f64, f64)> {
        match self.value(expr, names)? {
            ConstantValue::Number(low, high) => Some((low.max(0.0), high.max(0.0))),
            ConstantValue::List(_) | ConstantValue::Text(_) | ConstantValue::Bool(_) => None,
        }
    }
}

/// Computes with two numbers, of each of which the least and the greatest value are known.
fn computed(op: BinaryOp, (a, b): (f64, f64), (c, d): (f64, f64)) -> Option<(f64, f64)> {
    let hull = |values: [f64; 4]| {
        let [first, ..] = values;
        values.iter().fold((first, first), |(low, high), value| (low.min(*value), high.max(*value)))
    };
    Some(match op {
        BinaryOp::Add => (a + c, b + d),
        BinaryOp::Subtract => (a - d, b - c),
        BinaryOp::Multiply => hull([a * c, a * d, b * c, b * d]),
        BinaryOp::Divide if c > 0.0 || d < 0.0 => hull([a / c, a / d, b / c, b / d]),
        _ => return None,
    })
}

/// The text of a template without values.
fn literal(text: &Template) -> Option<SmolStr> {
    let mut whole = String::new();
    for part in &text.parts {
        match part {
            Part::Literal { text, .. } => whole.push_str(text),
            Part::Value(_) => return None,
        }
    }
    Some(whole.into())
}
