//! Checks comparisons with measured values: a counter only grows, and a measured value equals a number only by chance.

use super::super::checker::Checker;
use super::super::symbol::SymbolKind;
use super::super::symbol_table::SymbolTable;
use super::super::types::Type;
use super::comparison::TypedOperand;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Metric, UnaryOp};
use rbl_syntax::value::Dimension;

impl<'t> Checker<'t> {
    /// Reports a comparison that is allowed but hardly means what it says.
    pub(crate) fn measured(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: TypedOperand<'_, 't>,
        right: TypedOperand<'_, 't>,
    ) {
        for (reading, limit) in [(left, right), (right, left)] {
            if !self.symbols.is_fixed(limit.0) || is_number(limit.0, 0.0) {
                continue;
            }
            if self.counter(reading.0) {
                return;
            }
            if matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) && self.equal(op, op_span, reading, limit) {
                return;
            }
        }
    }

    /// Reports a counter compared with a number: it counts since its process began, and restarts at 0.
    fn counter(&mut self, reading: &'t Expr) -> bool {
        let Some(metric) = self.symbols.read_metric(reading) else { return false };
        let Some(name) = self.counts(metric).and_then(|counts| counts.counter.clone()) else { return false };
        let shown = metric.name.text.clone();
        let message = format!("`{shown}` counts since its process began");
        let finding = self.finding(Code::TYPE_COUNTER, message, reading.span, "a counter: it only grows");
        let finding = match self.symbols.metric_of(reading) {
            Some((_, place)) => finding.also(place, format!("`{name}`")),
            None => finding,
        };
        let here = if metric.by.is_empty() && metric.params.is_empty() {
            format!("; or compare `delta({shown} over 5m)` here")
        } else {
            String::new()
        };
        self.report(finding.help(format!(
            "take how fast it grows in the query: `rate({name}[5m])` or `increase({name}[5m])`{here}"
        )));
        true
    }

    /// Reports a measured value compared with `==`.
    fn equal(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        reading: TypedOperand<'_, 't>,
        limit: TypedOperand<'_, 't>,
    ) -> bool {
        let whole = is_number(limit.0, 1.0) || is_number(limit.0, 100.0);
        if !self.is_fractional(reading) || (whole && limit.1.dimension() == Some(Dimension::RATIO)) {
            return false;
        }
        let sign = op.spelling();
        let message = format!("{} is measured: `{sign}` fits it only by chance", self.shown(reading.0.span));
        let finding = self.finding(Code::TYPE_EQUAL, message, op_span, "equal to the last digit");
        let (shown, number) = (self.slice(reading.0.span), self.slice(limit.0.span));
        let help = if op == BinaryOp::Equal {
            format!("write a limit, `{shown} <= {number}`, or a range: `{shown} in LOW..HIGH`")
        } else {
            format!("write a limit, `{shown} > {number}`, or a range: `not {shown} in LOW..HIGH`")
        };
        self.report(finding.help(help));
        true
    }

    /// Whether the reading has decimals: a duration, a ratio, a rate, or a computed query.
    fn is_fractional(&mut self, (it, ty): TypedOperand<'_, 't>) -> bool {
        let computed = matches!(&it.bare().kind, ExprKind::Call { name, .. }
            if matches!(name.text.as_str(), "avg" | "rate" | "quantile") && !self.symbols.has(&name.text));
        if computed {
            return self.symbols.metric_of(it).is_some();
        }
        let Some(metric) = self.symbols.read_metric(it) else { return false };
        let dimension = match ty {
            Type::Samples(dimension, _) => Some(*dimension),
            ty => ty.dimension(),
        };
        match dimension {
            // Amounts of data are whole bytes, and mostly settings.
            Some(Dimension::DATA) | None => false,
            Some(Dimension::NUMBER) => self.counts(metric).is_some_and(|counts| counts.fractional),
            Some(_) => true,
        }
    }
}

impl<'t> SymbolTable<'t> {
    /// Returns the metric that this expression reads, unchanged.
    fn read_metric(&self, it: &Expr) -> Option<&'t Metric> {
        let (ExprKind::Name(name) | ExprKind::Call { name, .. }) = &it.bare().kind else { return None };
        self.metric(&name.text)
    }

    /// Whether it is known before anything is read: a number, a param, or something computed from them.
    fn is_fixed(&self, it: &Expr) -> bool {
        match &it.bare().kind {
            ExprKind::Number { .. } => true,
            ExprKind::Unary { op: UnaryOp::Negate, operand } => self.is_fixed(operand),
            ExprKind::Binary { op, left, right, .. } if !op.is_comparison() => {
                self.is_fixed(left) && self.is_fixed(right)
            }
            ExprKind::Name(name) => {
                let symbol = self.find(&name.text);
                symbol.is_some_and(|symbol| match symbol.kind {
                    SymbolKind::Param(_) => true,
                    SymbolKind::Constant(it, _) => matches!(it.value.bare().kind, ExprKind::Number { .. }),
                    _ => false,
                })
            }
            _ => false,
        }
    }
}

/// Whether it is this number, in any unit.
fn is_number(it: &Expr, number: f64) -> bool {
    matches!(&it.bare().kind, ExprKind::Number { value, .. } if (*value - number).abs() < f64::EPSILON)
}
