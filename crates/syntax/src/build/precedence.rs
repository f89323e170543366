//! Operator precedence: the table, and the tree built from operands and operators in written order.

use super::TreeBuilder;
use crate::diagnostic::{Code, Diagnostic, bug};
use crate::source::Span;
use crate::tree::{BinaryOp, Expr, ExprKind, Quantifier, UnaryOp};

/// The precedence levels, loosest first; this order is the table of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Held,
    Comparison,
    Range,
    Sum,
    Product,
    Negation,
}

/// Returns the binary operator that the grammar matched.
pub(super) fn operator(text: &str) -> BinaryOp {
    BinaryOp::read(text).unwrap_or_else(|| bug("an operator that the grammar has and the table has not"))
}

/// A binary operator as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Infix {
    Binary(BinaryOp),
    Range,
}

impl Infix {
    pub(super) fn read(text: &str) -> Self {
        if text == ".." {
            return Self::Range;
        }
        Self::Binary(operator(text))
    }

    fn level(self) -> Level {
        match self {
            Self::Range => Level::Range,
            Self::Binary(op) => match op {
                BinaryOp::Or => Level::Or,
                BinaryOp::And => Level::And,
                BinaryOp::Add | BinaryOp::Subtract => Level::Sum,
                BinaryOp::Multiply | BinaryOp::Divide => Level::Product,
                _ => Level::Comparison,
            },
        }
    }
}

/// An operator that waits for its right operand.
enum Waiting {
    Prefix(UnaryOp, Span),
    Infix(Infix, Span),
}

impl Waiting {
    fn level(&self) -> Level {
        match self {
            Self::Prefix(UnaryOp::Not, _) => Level::Not,
            Self::Prefix(UnaryOp::Negate, _) => Level::Negation,
            Self::Infix(infix, _) => infix.level(),
        }
    }
}

/// An operand, with the `any` or `every` before it that waits for its comparison.
struct PendingOperand {
    expr: Expr,
    quantifier: Option<(Quantifier, Span)>,
}

/// Builds a tree from operands and operators, pushed in written order.
#[derive(Default)]
pub(super) struct Folding {
    operands: Vec<PendingOperand>,
    waiting: Vec<Waiting>,
    quantifier: Option<(Quantifier, Span)>,
}

impl Folding {
    pub(super) fn prefix(&mut self, op: UnaryOp, span: Span) {
        self.waiting.push(Waiting::Prefix(op, span));
    }

    pub(super) fn quantifier(&mut self, quantifier: Quantifier, span: Span) {
        self.quantifier = Some((quantifier, span));
    }

    pub(super) fn operand(&mut self, expr: Expr) {
        self.operands.push(PendingOperand { expr, quantifier: self.quantifier.take() });
    }

    /// Returns the last operand, for the operators after it.
    pub(super) fn last(&mut self) -> &mut Expr {
        match self.operands.last_mut() {
            Some(operand) => &mut operand.expr,
            None => bug("an operator behind nothing"),
        }
    }

    pub(super) fn infix(&mut self, builder: &mut TreeBuilder<'_>, infix: Infix, span: Span) {
        // Operators of the same level associate to the left.
        self.reduce(builder, |level| level >= infix.level());
        self.waiting.push(Waiting::Infix(infix, span));
    }

    /// Adds the `for D` after a condition.
    pub(super) fn held(&mut self, builder: &mut TreeBuilder<'_>, duration: Expr) {
        self.reduce(builder, |level| level > Level::Held);
        let condition = self.pop(builder);
        let span = condition.span.to(duration.span);
        let condition = super::expression::as_condition(condition);
        let kind = ExprKind::Held { condition: Box::new(condition), duration: Box::new(duration) };
        self.operands.push(PendingOperand { expr: Expr { span, kind }, quantifier: None });
    }

    pub(super) fn finish(mut self, builder: &mut TreeBuilder<'_>) -> Expr {
        self.reduce(builder, |_| true);
        self.pop(builder)
    }

    fn reduce(&mut self, builder: &mut TreeBuilder<'_>, closer: impl Fn(Level) -> bool) {
        while self.waiting.last().is_some_and(|waiting| closer(waiting.level())) {
            match self.waiting.pop() {
                Some(Waiting::Prefix(op, span)) => {
                    let operand = self.pop(builder);
                    let span = span.to(operand.span);
                    let kind = ExprKind::Unary { op, operand: Box::new(operand) };
                    self.operands.push(PendingOperand { expr: Expr { span, kind }, quantifier: None });
                }
                Some(Waiting::Infix(infix, op_span)) => {
                    let right = self.pop(builder);
                    let expr = self.join(builder, infix, op_span, right);
                    self.operands.push(PendingOperand { expr, quantifier: None });
                }
                None => return,
            }
        }
    }

    fn join(&mut self, builder: &mut TreeBuilder<'_>, infix: Infix, op_span: Span, right: Expr) -> Expr {
        let is_comparison = infix.level() == Level::Comparison;
        let left = self.operands.pop().unwrap_or_else(|| bug("an operator without its left operand"));
        if let (true, Some((quantifier, start)), Infix::Binary(op)) = (is_comparison, left.quantifier, infix)
        {
            let span = start.to(right.span);
            let (over, value) = (Box::new(left.expr), Box::new(right));
            return Expr { span, kind: ExprKind::Quantified { quantifier, over, op, op_span, value } };
        }
        let left = builder.without_quantifier(left.expr, left.quantifier);
        let span = left.span.to(right.span);
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = match infix {
            Infix::Range => ExprKind::Range { low: left, high: right },
            Infix::Binary(op) => ExprKind::Binary { op, op_span, left, right },
        };
        Expr { span, kind }
    }

    fn pop(&mut self, builder: &mut TreeBuilder<'_>) -> Expr {
        let operand = self.operands.pop().unwrap_or_else(|| bug("an operator without an operand"));
        builder.without_quantifier(operand.expr, operand.quantifier)
    }
}

impl TreeBuilder<'_> {
    /// Returns an operand that was not compared; an `any` or `every` before it has no meaning and is reported.
    fn without_quantifier(&mut self, expr: Expr, quantifier: Option<(Quantifier, Span)>) -> Expr {
        let Some((quantifier, span)) = quantifier else { return expr };
        let word = if quantifier == Quantifier::Any { "any" } else { "every" };
        let written = self.laid_out_slice(expr.span);
        self.report(
            Diagnostic::new(
                Code::SYNTAX_STATEMENT,
                format!("`{word}` needs a comparison after it"),
                self.place(span.to(expr.span)),
                "compared with nothing",
            )
            .help(format!("write for example `{word} {written} > 90%`")),
        );
        Expr { span: span.to(expr.span), kind: ExprKind::Broken }
    }
}
