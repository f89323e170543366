//! Prints expressions and conditions.

use super::document::Doc;
use super::modifiers::Modifier;
use super::printer::{Docs, Printer};
use crate::tree::{Arg, BinaryOp, Expr, ExprKind, Question, UnaryOp};

impl<'a> Printer<'a> {
    pub(super) fn expr(&mut self, expr: &Expr, into: &mut Docs<'a>) {
        match &expr.kind {
            ExprKind::Text(text) => self.text(text, into),
            ExprKind::Command { command, host, within, no_on } => {
                self.up_to(command.span.start, into);
                self.command(command, into);
                let modifiers = [host, within].into_iter().flatten().map(|value| Modifier::Value(value));
                let codes = (!no_on.is_empty()).then_some(Modifier::Codes(no_on));
                let modifiers = modifiers.chain(codes);
                self.group_of_modifiers(modifiers.collect(), into);
            }
            ExprKind::List { items } => self.bracketed(items, true, into, Self::expr),
            ExprKind::Record { fields } => self.bracketed(fields, true, into, |printer, field, docs| {
                printer.up_to(field.value.span.start, docs);
                printer.expr(&field.value, docs);
            }),
            ExprKind::Unary { op, operand } => {
                self.take(into);
                if *op == UnaryOp::Negate {
                    self.tight();
                }
                self.expr(operand, into);
            }
            ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), .. } => {
                let mut chain = Vec::new();
                self.chain(*op, expr, &mut chain);
                into.push(Doc::Group(chain));
            }
            ExprKind::Binary { op_span, left, right, .. } => {
                self.expr(left, into);
                self.word(*op_span, into);
                self.expr(right, into);
            }
            ExprKind::Range { low, high } => {
                self.expr(low, into);
                self.up_to(high.span.start, into);
                self.expr(high, into);
            }
            ExprKind::Call { name, args } => {
                self.word(name.span, into);
                self.args(args, into);
            }
            ExprKind::Field { of, .. } => {
                self.expr(of, into);
                self.up_to(expr.span.end, into);
            }
            ExprKind::Index { of, index } => {
                self.expr(of, into);
                self.tight();
                self.up_to(index.span.start, into);
                self.expr(index, into);
                self.up_to(expr.span.end, into);
            }
            ExprKind::Ago { of, duration } | ExprKind::Over { of, duration } => {
                self.expr(of, into);
                self.up_to(duration.span.start, into);
                self.expr(duration, into);
                self.up_to(expr.span.end, into);
            }
            ExprKind::Question(question) => self.question(question, None, into),
            ExprKind::Ask { question, among, .. } => self.question(question, among.as_deref(), into),
            ExprKind::Quantified { over, op_span, value, .. } => {
                self.up_to(over.span.start, into);
                self.expr(over, into);
                self.word(*op_span, into);
                self.expr(value, into);
            }
            ExprKind::Held { condition, duration } => {
                self.expr(condition, into);
                self.up_to(duration.span.start, into);
                self.expr(duration, into);
            }
            ExprKind::Conditional { branches, otherwise } => {
                for branch in branches {
                    self.up_to(branch.condition.span.start, into);
                    self.expr(&branch.condition, into);
                    self.in_braces(&branch.value, into);
                }
                self.in_braces(otherwise, into);
            }
            ExprKind::Comprehension(it) => {
                self.up_to(it.over.span.start, into);
                self.expr(&it.over, into);
                for part in it.filter.iter().chain([&it.value]) {
                    self.up_to(part.span.start, into);
                    self.expr(part, into);
                }
                self.up_to(expr.span.end, into);
            }
            ExprKind::Parenthesized { inner } => {
                self.bracketed(std::slice::from_ref(&**inner), false, into, |printer, inner, docs| {
                    printer.expr(inner, docs);
                });
            }
            ExprKind::Number { .. }
            | ExprKind::LargeNumber { .. }
            | ExprKind::Bool { .. }
            | ExprKind::Now
            | ExprKind::Name(_)
            | ExprKind::BadUnit
            | ExprKind::Broken => self.word(expr.span, into),
        }
    }

    /// Prints `{ X }`, and what stands before it.
    fn in_braces(&mut self, value: &Expr, into: &mut Docs<'a>) {
        self.up_to(value.span.start, into);
        into.push(Doc::Text(" ".into()));
        self.tight();
        self.expr(value, into);
        into.push(Doc::Text(" ".into()));
        self.take(into);
    }

    /// Prints `a and b and c`: broken before each word, or nowhere.
    fn chain(&mut self, op: BinaryOp, expr: &Expr, into: &mut Docs<'a>) {
        let ExprKind::Binary { op: this, op_span, left, right } = &expr.kind else {
            return self.expr(expr, into);
        };
        if *this != op {
            if matches!(this, BinaryOp::And | BinaryOp::Or) {
                let mut inner = Vec::new();
                self.expr(expr, &mut inner);
                into.push(Doc::Nested(inner));
                return;
            }
            return self.expr(expr, into);
        }
        self.chain(op, left, into);
        self.up_to(op_span.start, into);
        self.break_here(" ", into);
        self.word(*op_span, into);
        self.chain_operand(op, right, into);
    }

    fn chain_operand(&mut self, op: BinaryOp, expr: &Expr, into: &mut Docs<'a>) {
        // `a and (…)` groups by itself; `a or b and c` is indented one step further.
        match &expr.kind {
            ExprKind::Binary { op: inner, .. } if *inner != op => self.chain(op, expr, into),
            _ => self.expr(expr, into),
        }
    }

    fn question(&mut self, question: &Question, among: Option<&Expr>, into: &mut Docs<'a>) {
        self.up_to(question.prompt.span.start, into);
        self.text(&question.prompt, into);
        let mut modifiers: Vec<Modifier<'_>> = Vec::new();
        modifiers.extend(question.by.as_ref().map(Modifier::Team));
        modifiers.extend(question.within.as_ref().map(Modifier::Value));
        modifiers.extend(question.showing.iter().map(Modifier::Value));
        modifiers.extend(among.map(Modifier::Value));
        self.group_of_modifiers(modifiers, into);
    }

    /// Prints `(x, name: y)`, directly after the name.
    pub(super) fn args(&mut self, args: &[Arg], into: &mut Docs<'a>) {
        if self.peek() != "(" {
            return;
        }
        self.tight();
        self.bracketed(args, true, into, |printer, arg, docs| {
            printer.up_to(arg.value.span.start, docs);
            printer.expr(&arg.value, docs);
        });
    }
}
