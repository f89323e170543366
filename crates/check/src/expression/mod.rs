//! Computes and checks the type of every expression, split by construct.

mod arguments;
mod arithmetic;
mod call;
mod chosen;
mod comparison;
mod condition;
mod field;
mod function;
mod history;
mod literal;
mod measured;
mod origin;
mod person;
mod template;
mod uninserted;
mod wanted;

pub(super) use literal::with_units;
pub(super) use template::Slot;
pub(super) use wanted::{literal_number, param_type};

use super::checker::Checker;
use super::symbol::SymbolKind;
use super::types::Type;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Name, UnaryOp};

impl<'t> Checker<'t> {
    /// Returns the type of an expression in the position of a value. A window is not a value.
    pub(super) fn value(&mut self, it: &'t Expr) -> Type {
        match self.value_or_window(it) {
            Type::Window(_) | Type::Windows(_) => {
                let shown = self.shown(it.span);
                let finding = self.finding(
                    Code::TYPE_WINDOW,
                    format!("{shown} is a window, not a value"),
                    it.span,
                    "many values over time",
                );
                let help = format!(
                    "say which value is meant: `max({0})`, `avg({0})` or `last({0})`",
                    self.slice(it.span)
                );
                self.report(finding.help(help));
                Type::Any
            }
            ty => ty,
        }
    }

    /// Returns the type of an expression where a window is allowed too: in a function of windows, and in `showing`.
    pub(super) fn value_or_window(&mut self, it: &'t Expr) -> Type {
        match &it.kind {
            ExprKind::Number { unit, .. } => Type::Quantity(unit.dimension()),
            ExprKind::LargeNumber { .. } => Type::NUMBER,
            ExprKind::BadUnit | ExprKind::Broken => Type::Any,
            ExprKind::Text(text) => {
                self.template(text, Slot::Text("text"));
                Type::Text
            }
            ExprKind::Command { .. } => {
                self.not_in_default(it.span, "a command");
                self.look(it);
                self.output_used(it);
                Type::Output
            }
            ExprKind::Bool { .. } => Type::Bool,
            ExprKind::Now => Type::Time,
            ExprKind::Name(name) => self.name(name),
            ExprKind::List { items } => self.list(items),
            ExprKind::Record { fields } => self.record(fields),
            ExprKind::Unary { op: UnaryOp::Not, operand } => {
                self.condition(operand);
                Type::Bool
            }
            ExprKind::Unary { op: UnaryOp::Negate, operand } => self.negated(operand),
            ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right, .. } => {
                self.condition(left);
                self.condition(right);
                Type::Bool
            }
            ExprKind::Binary { op, op_span, left, right } if op.is_comparison() => {
                self.comparison(*op, *op_span, left, right);
                Type::Bool
            }
            ExprKind::Binary { op, op_span, left, right } => self.arithmetic(*op, *op_span, left, right),
            // A range is only allowed after `in` and in patterns, where it is checked; elsewhere it was reported.
            ExprKind::Range { low, high } => self.range(low, high),
            ExprKind::Call { name, args } => self.call(it, name, args),
            ExprKind::Field { of, name } => self.field(of, name),
            ExprKind::Index { of, index } => self.index(of, index),
            ExprKind::Ago { of, duration } => self.ago(it, of, duration),
            ExprKind::Over { of, duration } => self.over(it, of, duration),
            ExprKind::Question(question) => {
                self.not_in_default(it.span, "a question");
                self.question(question);
                Type::Bool
            }
            ExprKind::Ask { secret, question, among } => {
                self.not_in_default(it.span, "a question");
                self.ask(*secret, question, among.as_deref())
            }
            ExprKind::Quantified { over, op, op_span, value, .. } => {
                self.quantified(over, *op, *op_span, value);
                Type::Bool
            }
            ExprKind::Held { condition, duration } => {
                self.held(it, condition, duration);
                Type::Bool
            }
            ExprKind::Conditional { branches, otherwise } => self.conditional(branches, otherwise),
            ExprKind::Comprehension(made) => self.comprehension(it, made),
            ExprKind::Parenthesized { inner } => self.value_or_window(inner),
        }
    }

    /// Returns the type of a name.
    fn name(&mut self, name: &'t Name) -> Type {
        if !self.symbols.has(&name.text) {
            match name.text.as_str() {
                "alert" => return Type::Alert,
                "owner" => return Type::Text,
                _ => {}
            }
        }
        let Some(id) = self.use_value(name) else { return Type::Any };
        let Some(symbol) = self.symbols.get(id) else { return Type::Any };
        let (kind, place) = (symbol.kind, symbol.place());
        match kind {
            SymbolKind::Define(define) => {
                let finding = self
                    .finding(
                        Code::NAME_UNKNOWN,
                        format!("`{}` is an action, not a value", name.text),
                        name.span,
                        "a value is needed here",
                    )
                    .also(place, "names an action")
                    .help(format!("to do it, write `action {}({})`", name.text, named(&define.params)));
                self.report(finding);
                Type::Any
            }
            SymbolKind::Metric(metric) if !metric.params.is_empty() => {
                self.without_arguments(name, &metric.params, place);
                Type::Any
            }
            SymbolKind::Expression(expression) => {
                self.without_arguments(name, &expression.params, place);
                Type::Any
            }
            SymbolKind::Probe(probe) if !probe.params.is_empty() => {
                self.without_arguments(name, &probe.params, place);
                Type::Any
            }
            SymbolKind::Probe(_) => {
                self.not_in_default(name.span, "a command");
                self.not_itself(Some(id), name, place);
                self.type_of(id);
                Type::Output
            }
            SymbolKind::Metric(_) => {
                self.not_in_default(name.span, "a reading");
                self.not_itself(Some(id), name, place);
                self.type_of(id)
            }
            SymbolKind::Constant(..) => {
                self.not_in_default(name.span, "a `let`");
                self.type_of(id)
            }
            SymbolKind::Secret => {
                self.not_in_default(name.span, "a secret");
                Type::Secret
            }
            SymbolKind::Param(_) if self.inference.in_default() && place.span.start > name.span.start => {
                let message = format!("`{}` is filled in later", name.text);
                let finding = self
                    .finding(Code::NAME_EARLY, message, name.span, "needed here")
                    .also(place, "filled in here")
                    .help(format!("put `param {}` above: params are filled in in their order", name.text));
                self.report(finding);
                Type::Any
            }
            SymbolKind::Param(_)
            | SymbolKind::Local
            | SymbolKind::Element
            | SymbolKind::ActionResult
            | SymbolKind::Argument { .. } => self.type_of(id),
        }
    }

    /// Reports something in a default that needs a reading, a person or an evaluation: defaults are known before those.
    fn not_in_default(&mut self, span: Span, what: &str) {
        if self.inference.in_default() {
            let finding = self.finding(
                Code::NAME_EARLY,
                format!("{what} in the default of a param"),
                span,
                "not there when params are filled in",
            );
            self.report(finding.help("set it with `let` instead, or leave the default out"));
        }
    }

    fn list(&mut self, items: &'t [Expr]) -> Type {
        let mut all: Option<Type> = None;
        for item in items {
            let ty = self.value(item);
            all = Some(match all {
                None => ty,
                Some(before) => before.joined(&ty),
            });
        }
        Type::List(Box::new(all.unwrap_or(Type::Any)))
    }

    fn record(&mut self, fields: &'t [rbl_syntax::tree::Field]) -> Type {
        let mut types = Vec::with_capacity(fields.len());
        for (index, field) in fields.iter().enumerate() {
            let ty = self.value(&field.value);
            if let Some(first) = fields.iter().take(index).find(|other| other.name.text == field.name.text) {
                let finding = self
                    .finding(
                        Code::NAME_DUPLICATE,
                        format!("the field `{}` is given twice", field.name.text),
                        field.name.span,
                        "again here",
                    )
                    .also(self.at(first.name.span), "first here")
                    .help("give each field its own name");
                self.report(finding);
                continue;
            }
            types.push((field.name.text.clone(), ty));
        }
        Type::record(types)
    }

    /// Checks both ends of a range, which must agree; returns their type.
    pub(super) fn range(&mut self, low: &'t Expr, high: &'t Expr) -> Type {
        let low_type = self.value(low);
        let high_type = self.value(high);
        self.agree(low.span.to(high.span), (low, &low_type), (high, &high_type));
        // `0..5m`: a zero takes the unit of the other end.
        if wanted::is_bare_zero(low) { high_type } else { low_type.joined(&high_type) }
    }
}

/// Lists parameter names as in a call.
pub(super) fn named(params: &[Name]) -> String {
    params.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(", ")
}
