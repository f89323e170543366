//! Judges conditions at a place in Kleene's logic: the possible verdicts, and what is known after each of them.

use super::fact::{Cases, Fact, FactKey, Values};
use super::interval::{IntervalEnd, Intervals};
use super::knowledge::PathFacts;
use super::reasoning::{ComparedType, OperandFacts, Reasoning};
use super::texts::Texts;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, UnaryOp};

/// The states after a condition, per verdict; `None` for a verdict that is impossible here.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) yes: Option<PathFacts>,
    pub(super) no: Option<PathFacts>,
    pub(super) unknown: Option<PathFacts>,
}

impl Judged {
    fn turned(self, turn: bool) -> Self {
        if turn { Self { yes: self.no, no: self.yes, unknown: self.unknown } } else { self }
    }
}

impl Reasoning<'_> {
    /// Judges a condition.
    pub(super) fn judge(&mut self, it: &Expr) -> Judged {
        match &it.kind {
            ExprKind::Parenthesized { inner } => self.judge(inner),
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.judge(operand).turned(true),
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } => self.both(left, right, false),
            // *a or b* is *not (not a and not b)*.
            ExprKind::Binary { op: BinaryOp::Or, left, right, .. } => self.both(left, right, true),
            ExprKind::Binary { op, left, right, .. } if op.is_comparison() && !self.asks(it) => {
                self.fits(left, *op, right, it.span).unwrap_or_else(|| self.whole(it))
            }
            ExprKind::Bool { value } => {
                let here = Some(self.knowledge.here());
                Judged { yes: here, no: None, unknown: None }.turned(!value)
            }
            _ => self.whole(it),
        }
    }

    /// Judges `left OP right`; `None` for a comparison that must be judged as a whole.
    pub(super) fn fits(&mut self, left: &Expr, op: BinaryOp, right: &Expr, span: Span) -> Option<Judged> {
        let left = self.operand(left);
        if op == BinaryOp::In {
            let set = self.members(right)?;
            return self.member(&left, &set, span);
        }
        let right = self.operand(right);
        Some(self.compare(&left, op, &right, span))
    }

    /// Judges left, then right unless left decides; with `turn` both sides and the result are negated.
    fn both(&mut self, left: &Expr, right: &Expr, turn: bool) -> Judged {
        let a = self.judge(left).turned(turn);
        let Some(on) = self.knowledge.join_any([a.yes.clone(), a.unknown.clone()]) else {
            return Judged { yes: None, no: a.no, unknown: None }.turned(turn);
        };
        let fork = self.knowledge.fork();
        self.knowledge.go(on.clone());
        let b = self.judge(right).turned(turn);
        self.knowledge.back(&fork);
        let [yes, no, unknown] = [b.yes, b.no, b.unknown].map(|way| way.map(|way| on.then(way)));
        let left_unknown = match (&a.unknown, &yes) {
            (Some(left), Some(right)) => left.clone().and(right.clone()),
            _ => None,
        };
        let yes = match (a.yes, yes) {
            (Some(left), Some(right)) if a.unknown.is_some() => left.and(right),
            (Some(_), right) => right,
            (None, _) => None,
        };
        let no = self.knowledge.join_any([a.no, no]);
        let unknown = self.knowledge.join_any([unknown, left_unknown]);
        Judged { yes, no, unknown }.turned(turn)
    }

    /// Judges a condition as an opaque whole: it has the same verdict each time while readings are kept.
    pub(super) fn whole(&mut self, it: &Expr) -> Judged {
        if self.asks(it) {
            let fork = self.knowledge.fork();
            self.knowledge.forget_readings();
            let way = self.knowledge.back(&fork);
            return Judged { yes: Some(way.clone()), no: Some(way.clone()), unknown: Some(way) };
        }
        let operand = self.operand(it);
        let key = Self::key(&operand, ComparedType::Condition);
        let (values, unknown) = self.settled(&operand, Some(ComparedType::Condition));
        let can = |case| match &values {
            Values::Cases(cases) => cases.any(case),
            Values::Nothing => false,
            _ => true,
        };
        let mut way = |case: Option<Cases>, possible: bool| {
            let facts = key.map(|key| (key, verdict(case, it.span)));
            possible.then(|| self.way(facts)).flatten()
        };
        Judged {
            yes: way(Some(Cases::YES), can(Cases::YES)),
            no: way(Some(Cases::NO), can(Cases::NO)),
            unknown: way(None, unknown),
        }
    }

    /// Returns the state in which these facts hold too; `None` if that is impossible.
    fn way(&mut self, facts: impl IntoIterator<Item = (FactKey, Fact)>) -> Option<PathFacts> {
        let fork = self.knowledge.fork();
        let mut possible = true;
        for (key, fact) in facts {
            possible &= self.knowledge.learn(key, fact);
        }
        let way = self.knowledge.back(&fork);
        possible.then_some(way)
    }

    /// Returns the set that `in` searches, if all of it is known before the run.
    pub(super) fn members(&self, it: &Expr) -> Option<Values> {
        match &it.bare().kind {
            ExprKind::Range { low, high } => {
                let (low, high) = (self.operand(low), self.operand(high));
                let (Values::Quantities(from), Values::Quantities(to)) = (&low.values, &high.values) else {
                    return None;
                };
                let above = Intervals::above(IntervalEnd { at: from.single()?, closed: true });
                Some(Values::Quantities(
                    above.intersect(&Intervals::below(IntervalEnd { at: to.single()?, closed: true })),
                ))
            }
            ExprKind::List { items } => {
                let mut all: Option<Values> = None;
                for item in items {
                    let one = self.operand(item).values;
                    let single = match &one {
                        Values::Quantities(set) => set.single().is_some(),
                        Values::Texts(texts) => texts.single().is_some(),
                        _ => false,
                    };
                    all = Some(match all {
                        _ if !single => return None,
                        None => one,
                        Some(before) => match before.join(&one) {
                            Values::Anything => return None,
                            either => either,
                        },
                    });
                }
                all
            }
            _ => {
                let one = self.operand(it).values;
                matches!(&one, Values::Quantities(set) if set.single().is_some()).then_some(one)
            }
        }
    }

    /// Judges whether a value is in a set.
    pub(super) fn member(&mut self, side: &OperandFacts, set: &Values, span: Span) -> Option<Judged> {
        let outside = match set {
            Values::Quantities(set) => Values::Quantities(set.complement()),
            Values::Texts(texts) => Values::Texts(texts.complement()),
            _ => return None,
        };
        // A quantity whose dimension is only known at run time may not be comparable at all.
        let sort = match (set, side.dimension) {
            (Values::Quantities(_), Some(_)) => ComparedType::Quantity,
            (Values::Texts(_), None) => ComparedType::Text,
            _ => return None,
        };
        let key = Self::key(side, sort);
        let (values, unknown) = self.settled(side, Some(sort));
        let mut ways = [set, &outside].map(|set| {
            let values = values.meet(set);
            let fact = Fact { values, unknown: false, since: span };
            if fact.is_contradiction() { None } else { self.way(key.map(|key| (key, fact))) }
        });
        let [yes, no] = &mut ways;
        let unknown = if unknown { self.all_unknown(key, span) } else { None };
        Some(Judged { yes: yes.take(), no: no.take(), unknown })
    }

    fn all_unknown(&mut self, key: Option<FactKey>, span: Span) -> Option<PathFacts> {
        let fact = Fact { values: Values::Nothing, unknown: true, since: span };
        self.way(key.map(|key| (key, fact)))
    }

    fn compare(&mut self, left: &OperandFacts, op: BinaryOp, right: &OperandFacts, span: Span) -> Judged {
        let (ours, theirs) = (ComparedType::of(left, right), ComparedType::of(right, left));
        let (a, left_unknown) = self.settled(left, ours);
        let (b, right_unknown) = self.settled(right, theirs);
        let between = Self::between(left, right);
        let mut orders = if ours.is_some() && theirs.is_some() { orders_of(&a, &b) } else { Cases::ORDERS };
        if let Some((key, turned)) = between
            && let Some(Fact { values: Values::Cases(known), .. }) = self.knowledge.get(key)
        {
            orders = orders.and(if turned { known.turned() } else { *known });
        }
        if left.print.is_some() && left.print == right.print {
            orders = orders.and(Cases::EQUAL);
        }
        let wanted = orders_that(op);
        let mut way = |these: Cases| {
            let orders = orders.and(these);
            if !orders.any(Cases::ORDERS) {
                return None;
            }
            let mut facts = Vec::with_capacity(3);
            for (side, sort, own, other, orders) in
                [(left, ours, &a, &b, orders), (right, theirs, &b, &a, orders.turned())]
            {
                let Some(key) = sort.and_then(|sort| Self::key(side, sort)) else { continue };
                // A side whose dimension is only known at run time may have another one, which compares as unknown.
                let values = own.meet(&held_against(other, orders));
                facts.push((key, Fact { values, unknown: false, since: span }));
            }
            if let Some((key, turned)) = between {
                let values = Values::Cases(if turned { orders.turned() } else { orders });
                facts.push((key, Fact { values, unknown: false, since: span }));
            }
            self.way(facts)
        };
        let (yes, no) = (way(wanted), way(Cases::ORDERS.and(others(wanted))));
        let unknown = if left_unknown || right_unknown {
            // If only one side can be unknown, that side must be the unknown one.
            let only = match (left_unknown, right_unknown) {
                (true, false) if right.dimension.is_some() => Some((left, ours)),
                (false, true) if left.dimension.is_some() => Some((right, theirs)),
                _ => None,
            };
            let key = only
                .filter(|(side, _)| side.dimension.is_some())
                .and_then(|(side, sort)| Self::key(side, sort?));
            match key {
                Some(key) => self.all_unknown(Some(key), span),
                None => Some(self.knowledge.here()),
            }
        } else {
            None
        };
        Judged { yes, no, unknown }
    }

    /// Returns the key of the order of two values, and whether the order is stored with the sides swapped.
    pub(super) fn between(left: &OperandFacts, right: &OperandFacts) -> Option<(FactKey, bool)> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let (a, b) = (left.print?, right.print?);
        let mut hasher = DefaultHasher::new();
        (a.min(b), a.max(b), ComparedType::Order).hash(&mut hasher);
        Some((FactKey { print: hasher.finish(), read: left.read || right.read }, a > b))
    }
}

fn verdict(case: Option<Cases>, since: Span) -> Fact {
    match case {
        Some(case) => Fact { values: Values::Cases(case), unknown: false, since },
        None => Fact { values: Values::Nothing, unknown: true, since },
    }
}

/// Returns the orders for which a comparison holds.
fn orders_that(op: BinaryOp) -> Cases {
    match op {
        BinaryOp::Less => Cases::LESS,
        BinaryOp::LessOrEqual => Cases::LESS.or(Cases::EQUAL),
        BinaryOp::Greater => Cases::GREATER,
        BinaryOp::GreaterOrEqual => Cases::GREATER.or(Cases::EQUAL),
        BinaryOp::NotEqual => Cases::LESS.or(Cases::GREATER),
        _ => Cases::EQUAL,
    }
}

fn others(orders: Cases) -> Cases {
    [Cases::LESS, Cases::EQUAL, Cases::GREATER]
        .into_iter()
        .filter(|case| !orders.any(*case))
        .fold(Cases::LESS.and(Cases::EQUAL), Cases::or)
}

/// Returns the possible orders of a value of one set and a value of the other. Different texts count as less and
/// greater.
fn orders_of(a: &Values, b: &Values) -> Cases {
    let differ = Cases::LESS.or(Cases::GREATER);
    match (a, b) {
        (Values::Quantities(a), Values::Quantities(b)) => {
            let (Some(a_low), Some(a_high), Some(b_low), Some(b_high)) =
                (a.low(), a.high(), b.low(), b.high())
            else {
                return Cases::LESS.and(Cases::EQUAL);
            };
            let mut orders = Cases::LESS.and(Cases::EQUAL);
            if a_low.is_below(b_high) {
                orders = orders.or(Cases::LESS);
            }
            if b_low.is_below(a_high) {
                orders = orders.or(Cases::GREATER);
            }
            if !a.intersect(b).is_empty() {
                orders = orders.or(Cases::EQUAL);
            }
            orders
        }
        (Values::Texts(a), Values::Texts(b)) => {
            let equal = if a.intersect(b).is_empty() { differ } else { Cases::ORDERS };
            if a.single().is_some() && a.single() == b.single() { Cases::EQUAL } else { equal }
        }
        (Values::Nothing, _) | (_, Values::Nothing) => Cases::LESS.and(Cases::EQUAL),
        _ => Cases::ORDERS,
    }
}

/// Returns the possible values of a side that has one of these orders to a value of the other set.
fn held_against(other: &Values, orders: Cases) -> Values {
    match other {
        Values::Quantities(set) => {
            let (Some(low), Some(high)) = (set.low(), set.high()) else { return Values::Nothing };
            let mut all = Intervals::none();
            if orders.any(Cases::LESS) {
                all = all.union(&Intervals::below(IntervalEnd { closed: false, ..high }));
            }
            if orders.any(Cases::EQUAL) {
                all = all.union(set);
            }
            if orders.any(Cases::GREATER) {
                all = all.union(&Intervals::above(IntervalEnd { closed: false, ..low }));
            }
            if all.is_all() { Values::Anything } else { Values::Quantities(all) }
        }
        Values::Texts(texts) if !orders.any(Cases::LESS.or(Cases::GREATER)) => Values::Texts(texts.clone()),
        Values::Texts(Texts::Among(texts)) if texts.len() == 1 && !orders.any(Cases::EQUAL) => {
            Values::Texts(Texts::Except(texts.clone()))
        }
        Values::Nothing => Values::Nothing,
        Values::Texts(_) | Values::Anything | Values::Cases(_) => Values::Anything,
    }
}
