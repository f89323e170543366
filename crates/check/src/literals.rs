//! Collects the values that a program's decisions compare with. Test generators use them to find inputs that make a
//! decision go either way.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::{Program, walk};
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, PatternKind, Statement, StatementKind};
use rbl_syntax::value::Quantity;

/// The literals of a program; each once, in the order of the text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Literals {
    /// Numbers with their units.
    pub quantities: Vec<Quantity>,
    /// Texts that something is compared with.
    pub texts: Vec<SmolStr>,
    /// Regular expressions that something is matched with.
    pub patterns: Vec<SmolStr>,
    /// Names of fields that are looked up.
    pub fields: Vec<SmolStr>,
    /// Labels of the alert that are looked up.
    pub alert_labels: Vec<SmolStr>,
    /// Whether anything of the alert is used, besides `alert.firing`.
    pub alert: bool,
}

impl Program {
    /// Returns the literals of its runbooks: in parameters, in the body, in named expressions.
    pub fn literals(&self) -> Literals {
        let mut literals = Collector::default();
        for runbook in self.runbooks() {
            let own = runbook.params.iter().filter_map(|it| it.declaration.default.as_ref());
            let constants = runbook.constants.iter().map(|it| &it.declaration.value);
            let mut named: Vec<_> = runbook.expressions.iter().collect();
            named.sort_by_key(|(name, _)| *name);
            let named = named.into_iter().map(|(_, it)| &it.declaration.value);
            let mut probes: Vec<_> = runbook.probes.iter().collect();
            probes.sort_by_key(|(name, _)| *name);
            let probes = probes.into_iter().map(|(_, it)| &it.declaration.look);
            for expr in own.chain(constants).chain(named).chain(probes) {
                walk::expressions(expr, &mut |it| literals.expression(it));
            }
            for outer in runbook.steps.iter().flat_map(|step| &step.statements) {
                walk::statement(outer, &mut |it| literals.statement(it));
            }
        }
        literals.found
    }
}

/// Collects the literals, and knows which of them it has.
#[derive(Default)]
struct Collector {
    found: Literals,
    known: HashSet<(Kind, SmolStr)>,
}

/// The kinds of literals that are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Quantity,
    Text,
    Pattern,
    Field,
    AlertLabel,
}

impl Collector {
    fn statement(&mut self, statement: &Statement) {
        walk::own_expressions(statement, &mut |it| self.expression(it));
        let StatementKind::Match(it) = &statement.kind else { return };
        for arm in &it.arms {
            match &arm.pattern.kind {
                PatternKind::Value { value } => self.texts_in(value),
                PatternKind::Contains { text } => self.texts_in(text),
                PatternKind::Matches { regex } => self.pattern(regex),
                PatternKind::Compare { .. } => {}
            }
        }
    }

    fn expression(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Number { value, unit, .. } => {
                if let Ok(quantity) = Quantity::of(*value, *unit)
                    && self.is_new(Kind::Quantity, &digits(quantity))
                {
                    self.found.quantities.push(quantity);
                }
            }
            ExprKind::Binary { op, left, right, .. } if op.is_comparison() || *op == BinaryOp::In => {
                self.texts_in(left);
                self.texts_in(right);
            }
            ExprKind::Quantified { value, .. } => self.texts_in(value),
            ExprKind::Call { name, args } => match name.text.as_str() {
                "contains" => args.iter().for_each(|it| self.texts_in(&it.value)),
                "matches" => args.iter().for_each(|it| self.pattern(&it.value)),
                _ => {}
            },
            ExprKind::Field { .. } if walk::is_firing(expr) => {}
            ExprKind::Field { of, name } => {
                if self.is_new(Kind::Field, &name.text) {
                    self.found.fields.push(name.text.clone());
                }
                self.found.alert |= is_alert(of);
                if let ExprKind::Field { of, name: labels } = &of.bare().kind
                    && labels.text == "labels"
                    && is_alert(of)
                    && self.is_new(Kind::AlertLabel, &name.text)
                {
                    self.found.alert_labels.push(name.text.clone());
                }
            }
            _ => {}
        }
    }

    fn texts_in(&mut self, expr: &Expr) {
        walk::expressions(expr, &mut |it| {
            if let ExprKind::Text(text) = &it.kind
                && let Some(text) = text.literal()
                && self.is_new(Kind::Text, text)
            {
                self.found.texts.push(text.into());
            }
        });
    }

    fn pattern(&mut self, expr: &Expr) {
        if let ExprKind::Text(text) = &expr.kind
            && let Some(text) = text.literal()
            && self.is_new(Kind::Pattern, text)
        {
            self.found.patterns.push(text.into());
        }
    }

    fn is_new(&mut self, kind: Kind, text: &str) -> bool {
        self.known.insert((kind, text.into()))
    }
}

/// The same text for quantities of one dimension that are equal, whatever their units.
fn digits(quantity: Quantity) -> String {
    // Equal is what agrees to 12 digits; 0 and -0 are one number.
    format!("{:.11e} {:?}", quantity.base + 0.0, quantity.dimension)
}

fn is_alert(of: &Expr) -> bool {
    matches!(&of.bare().kind, ExprKind::Name(name) if name.text == "alert")
}
