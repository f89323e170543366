//! The possible values of an expression at a place: from its literals, its names, and the facts learned on the way.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::certainty::{self, NameCertainty};
use super::super::functions::{self, Gives};
use super::super::walk;
use super::fact::{Fact, FactKey, Values};
use super::interval::{IntervalEnd, Intervals};
use super::knowledge::Knowledge;
use super::names::{FlowNames, Meaning};
use super::structure;
use super::texts::Texts;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Name, Param, UnaryOp};
use rbl_syntax::value::{Dimension, Unit};

/// Names and knowledge, which are used together throughout a runbook.
pub(super) struct Reasoning<'t> {
    pub(super) names: FlowNames<'t>,
    pub(super) knowledge: Knowledge,
}

/// One side of a comparison.
pub(super) struct OperandFacts {
    /// Its possible values, without known facts.
    pub(super) values: Values,
    /// Whether it can be unknown, without known facts.
    pub(super) unknown: bool,
    /// Its dimension, if known before the run.
    pub(super) dimension: Option<Dimension>,
    /// Its fingerprint; `None` for a literal, and for something that may differ at each use.
    pub(super) print: Option<u64>,
    /// Whether it depends on a reading.
    pub(super) read: bool,
    /// Its span.
    pub(super) span: Span,
}

/// The type as which two sides are compared: a fact about an answer as a number says nothing about it as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ComparedType {
    Quantity,
    /// A quantity of this dimension, if the side itself has none.
    QuantityOf(Dimension),
    Text,
    Condition,
    /// The order of two values.
    Order,
}

impl ComparedType {
    /// Returns the type as which a side is compared with the other; `None` if neither determines it.
    pub(super) fn of(side: &OperandFacts, other: &OperandFacts) -> Option<Self> {
        match (&side.values, &other.values) {
            (Values::Texts(_), _) | (Values::Anything, Values::Texts(_)) => Some(Self::Text),
            _ => match (side.dimension, other.dimension) {
                (Some(own), Some(theirs)) => own.agrees_with(theirs).then_some(Self::Quantity),
                (Some(_), None) => Some(Self::Quantity),
                (None, Some(theirs)) => Some(Self::QuantityOf(theirs)),
                (None, None) => None,
            },
        }
    }
}

impl<'t> Reasoning<'t> {
    /// Starts at the beginning of a body.
    pub(super) fn new(names: FlowNames<'t>) -> Self {
        Self { names, knowledge: Knowledge::new() }
    }

    /// Returns the possible values of an expression without known facts, and its fingerprint.
    pub(super) fn operand(&self, it: &Expr) -> OperandFacts {
        let bare = it.bare();
        let (values, dimension) = self.alone(bare, 0);
        let literal =
            matches!(bare.kind, ExprKind::Number { .. } | ExprKind::Text(_) | ExprKind::Bool { .. });
        let print = if literal { None } else { self.print(bare) };
        OperandFacts {
            values,
            unknown: self.can_be_unknown(bare) || certainty::holds_large(bare),
            dimension,
            print,
            read: print.is_some() && self.names.is_read(bare),
            span: it.span,
        }
    }

    /// Returns the fingerprint of the value of an expression.
    pub(super) fn print(&self, it: &Expr) -> Option<u64> {
        structure::of_value(it, &|name| self.names.print(name))
    }

    /// Returns the key of facts about an operand.
    pub(super) fn key(operand: &OperandFacts, sort: ComparedType) -> Option<FactKey> {
        let mut hasher = DefaultHasher::new();
        (operand.print?, sort).hash(&mut hasher);
        Some(FactKey { print: hasher.finish(), read: operand.read })
    }

    /// Returns the possible values of an operand at this place, and whether it can be unknown.
    pub(super) fn settled(&self, operand: &OperandFacts, sort: Option<ComparedType>) -> (Values, bool) {
        let fact = sort.and_then(|sort| Self::key(operand, sort)).and_then(|key| self.knowledge.get(key));
        match fact {
            Some(fact) => (operand.values.meet(&fact.values), operand.unknown && fact.unknown),
            None => (operand.values.clone(), operand.unknown),
        }
    }

    /// Returns the fact about an operand, if there is one.
    pub(super) fn fact(&self, operand: &OperandFacts, sort: Option<ComparedType>) -> Option<&Fact> {
        sort.and_then(|sort| Self::key(operand, sort)).and_then(|key| self.knowledge.get(key))
    }

    /// Returns the values of an expression from its form and the facts about its parts, and its dimension.
    fn alone(&self, it: &Expr, depth: u32) -> (Values, Option<Dimension>) {
        match &it.kind {
            ExprKind::Number { value, unit, .. } => {
                let point = Intervals::point(value * unit.factor());
                // A number 0 needs no unit: it is compared with whatever the other side is.
                let bare_zero = *value == 0.0 && *unit == Unit::ONE;
                (Values::Quantities(point), (!bare_zero).then(|| unit.dimension()))
            }
            ExprKind::Text(text) => match text.literal() {
                Some(literal) => (Values::Texts(Texts::one(literal.into())), None),
                None => (Values::Anything, None),
            },
            ExprKind::Parenthesized { inner } => self.alone(inner, depth),
            ExprKind::Name(name) => match self.names.meaning(name) {
                Meaning::Constant(value) if depth < 4 => self.alone(value.bare(), depth + 1),
                Meaning::Local(local) => (Values::Anything, local.dimension),
                Meaning::Fixed { dimension, param, .. } => match param.and_then(Param::allowed) {
                    Some(allowed) => (Values::Texts(Texts::among(allowed)), None),
                    None => (Values::Anything, dimension),
                },
                Meaning::Metric(dimension) => (Values::Anything, dimension),
                Meaning::Constant(_) | Meaning::Expression(_) | Meaning::Function | Meaning::Other => {
                    (Values::Anything, None)
                }
            },
            ExprKind::Unary { op: UnaryOp::Negate, operand } => {
                let (set, dimension) = self.part(operand, depth);
                (of_set(set.map(|set| set.negate())), dimension)
            }
            ExprKind::Binary { op, left, right, .. } => self.computed(*op, left, right, depth),
            ExprKind::Ago { of, .. } | ExprKind::Over { of, .. } => {
                (Values::Anything, self.alone(of.bare(), depth).1)
            }
            ExprKind::Call { name, args } => match self.names.meaning(name) {
                Meaning::Metric(dimension) => (Values::Anything, dimension),
                Meaning::Function => {
                    let from_zero = || Intervals::above(IntervalEnd { at: 0.0, closed: true });
                    let arg = || args.last().map(|arg| self.alone(arg.value.bare(), depth));
                    match functions::find(&name.text).map(|function| function.gives) {
                        Some(Gives::Number) if matches!(name.text.as_str(), "count" | "length") => {
                            (Values::Quantities(from_zero()), Some(Dimension::NUMBER))
                        }
                        Some(Gives::Same) => {
                            let dimension = arg().and_then(|(_, dimension)| dimension);
                            let set = (name.text == "abs" && dimension.is_some()).then(from_zero);
                            (of_set(set), dimension)
                        }
                        _ => (Values::Anything, None),
                    }
                }
                _ => (Values::Anything, None),
            },
            _ => (Values::Anything, None),
        }
    }

    /// Returns a part of a computation: a set if it is a quantity of a known dimension.
    fn part(&self, it: &Expr, depth: u32) -> (Option<Intervals>, Option<Dimension>) {
        let bare = it.bare();
        let (values, dimension) = self.alone(bare, depth);
        let Some(dimension) = dimension else { return (None, None) };
        // Facts about a sum are not used inside another sum: each part would be looked up many times.
        let computed = matches!(bare.kind, ExprKind::Binary { .. } | ExprKind::Number { .. });
        let values = if computed {
            values
        } else {
            let operand = OperandFacts {
                values,
                unknown: true,
                dimension: Some(dimension),
                print: self.print(bare),
                read: self.names.is_read(bare),
                span: it.span,
            };
            self.settled(&operand, Some(ComparedType::Quantity)).0
        };
        let set = match values {
            Values::Quantities(set) => set,
            Values::Nothing => Intervals::none(),
            _ => Intervals::all(),
        };
        (Some(set), Some(dimension))
    }

    fn computed(&self, op: BinaryOp, left: &Expr, right: &Expr, depth: u32) -> (Values, Option<Dimension>) {
        let sum = matches!(op, BinaryOp::Add | BinaryOp::Subtract);
        if !sum && !matches!(op, BinaryOp::Multiply | BinaryOp::Divide) {
            return (Values::Anything, None);
        }
        let ((Some(a), Some(ours)), (Some(b), Some(theirs))) =
            (self.part(left, depth), self.part(right, depth))
        else {
            return (Values::Anything, None);
        };
        let dimension = match op {
            BinaryOp::Add | BinaryOp::Subtract => ours.agrees_with(theirs).then(|| ours.sum(theirs)),
            BinaryOp::Multiply => ours.product(theirs),
            _ => ours.quotient(theirs),
        };
        let by = |set: &Intervals| set.single().filter(|by| *by != 0.0);
        let set = match op {
            BinaryOp::Add => Some(a.add(&b)),
            BinaryOp::Subtract => Some(a.add(&b.negate())),
            BinaryOp::Multiply => match (by(&a), by(&b)) {
                (_, Some(by)) => Some(a.scale(by)),
                (Some(by), None) => Some(b.scale(by)),
                (None, None) => None,
            },
            _ => by(&b).map(|by| a.scale(1.0 / by)),
        };
        if dimension.is_some() { (of_set(set), dimension) } else { (Values::Anything, None) }
    }

    /// Whether an expression can be unknown, regardless of known facts.
    pub(super) fn can_be_unknown(&self, it: &Expr) -> bool {
        certainty::can_be_unknown(it, &FlowCertainty { names: &self.names, depth: 0, run_by_another: false })
    }

    /// The same for a runbook that another one runs, whose `with (…)` may fill a parameter with an unknown value.
    pub(super) fn can_be_unknown_from_outside(&self, it: &Expr) -> bool {
        certainty::can_be_unknown(it, &FlowCertainty { names: &self.names, depth: 0, run_by_another: true })
    }

    /// Whether an expression depends on a reading, a probe or a person.
    pub(super) fn depends_on_the_world(&self, it: &Expr) -> bool {
        let names = FlowCertainty { names: &self.names, depth: 0, run_by_another: false };
        certainty::depends_on_the_world(it, &names)
    }

    /// Whether an expression itself contains a metric, a probe or `alert.firing`.
    pub(super) fn reads_the_world(&self, it: &Expr) -> bool {
        let mut looks = false;
        walk::expressions(it, &mut |inner| {
            looks |= match &inner.kind {
                ExprKind::Command { .. } => true,
                ExprKind::Field { .. } => walk::is_firing(inner),
                ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                    matches!(self.names.meaning(name), Meaning::Metric(..) | Meaning::Expression(_))
                }
                _ => false,
            };
        });
        looks
    }

    /// Whether a person may be asked while an expression is evaluated: readings are taken again then.
    pub(super) fn asks(&self, it: &Expr) -> bool {
        let mut asks = false;
        walk::expressions(it, &mut |inner| {
            asks |= match &inner.kind {
                ExprKind::Question(_) | ExprKind::Ask { .. } => true,
                ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                    matches!(self.names.meaning(name), Meaning::Expression(_))
                        && self.names.print(name).is_none()
                }
                _ => false,
            };
        });
        asks
    }
}

/// What the names of a runbook are known to be.
struct FlowCertainty<'a, 't> {
    names: &'a FlowNames<'t>,
    /// The number of constants around this place, each in the value of the one before it.
    depth: u32,
    /// Whether every parameter may be unknown.
    run_by_another: bool,
}

impl FlowCertainty<'_, '_> {
    /// The number of constants that are followed: in a chain of them that each use the next twice, their number is
    /// exponential.
    const DEEPEST: u32 = 4;

    fn inside(&self) -> Self {
        Self { names: self.names, depth: self.depth + 1, run_by_another: self.run_by_another }
    }
}

impl NameCertainty for FlowCertainty<'_, '_> {
    fn name_can_be_unknown(&self, name: &Name) -> bool {
        match self.names.meaning(name) {
            Meaning::Local(local) if self.run_by_another => local.unknown_from_outside,
            Meaning::Local(local) => local.unknown,
            Meaning::Fixed { unknown, param, .. } => unknown || self.run_by_another && param.is_some(),
            Meaning::Constant(value) => {
                self.depth >= Self::DEEPEST
                    || certainty::can_be_unknown(value, &self.inside())
                    || certainty::holds_large(value)
            }
            Meaning::Metric(..) | Meaning::Expression(_) | Meaning::Function | Meaning::Other => true,
        }
    }

    fn is_function(&self, name: &Name) -> bool {
        matches!(self.names.meaning(name), Meaning::Function)
    }

    fn fixed_number(&self, name: &Name) -> Option<(f64, Dimension)> {
        match self.names.meaning(name) {
            Meaning::Constant(value) if self.depth < Self::DEEPEST => {
                certainty::constant(value, &self.inside())
            }
            _ => None,
        }
    }
}

fn of_set(set: Option<Intervals>) -> Values {
    match set {
        Some(set) if !set.is_all() => Values::Quantities(set),
        _ => Values::Anything,
    }
}
