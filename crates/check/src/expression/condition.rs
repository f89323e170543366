//! Checks conditions: expressions that can be yes, no or unknown.

use super::super::checker::Checker;
use super::super::types::Type;
use super::Slot;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, UnaryOp};

impl<'t> Checker<'t> {
    /// Checks an expression in the position of a condition: a question, a probe, or anything of type bool.
    pub(crate) fn condition(&mut self, it: &'t Expr) {
        match &it.kind {
            ExprKind::Parenthesized { inner } => self.condition(inner),
            ExprKind::Command { .. } => {
                self.look(it);
                self.exit_codes(it, None);
            }
            ExprKind::Text(text) => self.template(text, Slot::Text("a question")),
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.condition(operand),
            ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right, .. } => {
                self.condition(left);
                self.condition(right);
            }
            _ => {
                let ty = self.value(it);
                if let Some((probe, place)) = self.declared_probe(it) {
                    self.exit_codes(&probe.look, Some((it.span, place)));
                    return;
                }
                self.must_be_bool(it, &ty);
            }
        }
    }

    fn must_be_bool(&mut self, it: &'t Expr, ty: &Type) {
        let shown = self.slice(it.span);
        let help = match ty {
            Type::Any | Type::Bool => return,
            Type::Quantity(_) | Type::Sample(..) => format!("compare it: `{shown} < …`"),
            Type::Samples(..) => format!("compare it: `any {shown} > …`, or `every {shown} < …`"),
            Type::Texts(_) => format!("compare it: `any {shown} == \"…\"`, or `every {shown} == \"…\"`"),
            Type::Output => format!("look at what it printed or how it ended: `{shown}.status == 0`"),
            Type::Text | Type::LabelledText(_) => {
                format!("to ask a person, write the question in quotes; else compare it: `{shown} == \"…\"`")
            }
            Type::List(_) => format!("ask what is in it: `\"…\" in {shown}`, or `count({shown}) > 0`"),
            Type::Secret => {
                let finding = self.finding(
                    Code::SECRET_FLOW,
                    format!("{} is a secret and would decide", self.shown(it.span)),
                    it.span,
                    "a secret",
                );
                self.report(finding.help("decide by something else: what decides is kept in the story"));
                return;
            }
            _ => "write a comparison, a question in quotes or a command".to_owned(),
        };
        let message = format!("{} is {}, not a yes or no", self.shown(it.span), ty.in_words());
        let finding = self.finding(Code::TYPE_CONDITION, message, it.span, "a condition is needed here");
        self.report(finding.help(help));
    }

    /// `any X OP V`, `every X OP V`
    pub(super) fn quantified(&mut self, over: &'t Expr, op: BinaryOp, op_span: Span, value: &'t Expr) {
        let over_type = self.value(over);
        let item = match &over_type {
            Type::Samples(dimension, _) => Type::Quantity(*dimension),
            Type::Texts(_) => Type::Text,
            Type::List(item) => (**item).clone(),
            Type::Any => Type::Any,
            other => {
                self.one_value(over, other, "`any` and `every` need several values");
                Type::Any
            }
        };
        if op == BinaryOp::In
            && let ExprKind::Range { low, high } = &value.bare().kind
        {
            let ends = self.range(low, high);
            self.compared(BinaryOp::GreaterOrEqual, op_span, (over, &item), (low, &ends));
            return;
        }
        let value_type = self.value(value);
        match (op, &value_type) {
            (BinaryOp::In, Type::List(of)) => self.agree(op_span, (over, &item), (value, of)),
            (BinaryOp::In, _) => self.agree(op_span, (over, &item), (value, &value_type)),
            _ => self.compared(op, op_span, (over, &item), (value, &value_type)),
        }
    }

    /// Reports one value where several are needed.
    pub(crate) fn one_value(&mut self, it: &'t Expr, ty: &Type, message: &str) {
        let finding = self.finding(Code::TYPE_SINGLE, message, it.span, ty.in_words());
        let shown = self.slice(it.span);
        let finding = match self.symbols.metric_of(it) {
            Some((metric, place)) => finding.also(place, "declared without `by`").help(format!(
                "name the label that distinguishes them: `metric {} by LABEL …`",
                metric.name.text
            )),
            None => match ty {
                Type::Text => finding.help(format!("make a list of it: `split({shown}, \",\")`")),
                Type::Output => finding.help(format!("go through its lines: `{shown}.lines`")),
                _ => finding.help("write a list, `[a, b]`, or a metric that is declared `by` a label"),
            },
        };
        self.report(finding);
    }
}
