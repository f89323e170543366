//! Checks calls of built-in functions: the type of each argument, and the type of the result.

use super::super::checker::Checker;
use super::super::functions::{Function, Gives, Wants};
use super::super::types::{Type, listed};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::tree::{Arg, Expr, ExprKind};
use rbl_syntax::value::{Dimension, Time};

impl<'t> Checker<'t> {
    /// Checks a call of a built-in function.
    pub(super) fn function(&mut self, it: &'t Expr, function: &'static Function, args: &'t [Arg]) -> Type {
        if let Some(named) = args.iter().find_map(|arg| arg.name.as_ref()) {
            let message = format!("`{}` takes its arguments in order", function.name);
            let finding = self.finding(Code::NAME_ARGUMENTS, message, named.span, "named");
            self.report(finding.help(format!("write them without names: `{}`", function.example)));
        }
        let several = matches!(function.parameters, [only] if only.wants == Wants::SeveralOrQuantities);
        if several && args.len() > 1 {
            return self.largest_of(function, args);
        }
        let mut last = Type::Any;
        for (index, arg) in args.iter().enumerate() {
            let ty = self.value_or_window(&arg.value);
            let Some(parameter) = function.parameters.get(index) else {
                let message = format!("one argument too many for `{}`", function.name);
                let finding =
                    self.finding(Code::NAME_ARGUMENTS, message, arg.value.span, "nothing takes this");
                self.report(finding.help(format!("write it as in `{}`", function.example)));
                return result(function, &last);
            };
            self.argument(function, parameter.wants, &arg.value, &ty);
            last = ty;
        }
        if args.len() < function.parameters.len() {
            let missing: Vec<&str> = function.parameters.iter().skip(args.len()).map(|it| it.name).collect();
            let message = format!("`{}` needs {}", function.name, listed(&missing));
            let label = if args.is_empty() { "without arguments" } else { "one argument too few" };
            let finding = self.finding(Code::NAME_ARGUMENTS, message, it.span, label);
            self.report(finding.help(format!("write it as in `{}`", function.example)));
            return result(function, &Type::Any);
        }
        result(function, &last)
    }

    /// Checks `min(a, b, …)`: quantities of one dimension.
    fn largest_of(&mut self, function: &'static Function, args: &'t [Arg]) -> Type {
        let mut first: Option<(&'t Expr, Type)> = None;
        for arg in args {
            let ty = self.value(&arg.value);
            if !ty.is_any() && ty.dimension().is_none() && !matches!(ty, Type::Time) {
                let message = format!("`{}` of several takes quantities", function.name);
                let finding = self.finding(Code::TYPE_ARGUMENT, message, arg.value.span, ty.in_words());
                self.report(finding.help(format!("take one value of it first: `{}(…)`", function.name)));
                return Type::Any;
            }
            match &first {
                Some((expr, known)) => self.agree(arg.value.span, (expr, known), (&arg.value, &ty)),
                None if !ty.is_any() => first = Some((&arg.value, ty)),
                None => {}
            }
        }
        first.map_or(Type::Any, |(_, ty)| ty.dimension().map_or(ty, Type::Quantity))
    }

    fn argument(&mut self, function: &'static Function, wants: Wants, it: &'t Expr, ty: &Type) {
        if ty.holds_secret() {
            self.secret_shown(it.span, ty, "a computed value");
            return;
        }
        if let Type::Windows(_) = ty {
            self.pooled(function, it);
            return;
        }
        let fits = match wants {
            Wants::Quantity => ty.dimension().is_some(),
            Wants::Fraction => ty.dimension().is_some_and(Dimension::is_pure),
            Wants::Window => matches!(ty, Type::Window(_)),
            Wants::Several | Wants::SeveralOrQuantities => match ty {
                Type::List(item) => {
                    item.is_any() || item.dimension().is_some() || matches!(**item, Type::Time)
                }
                other => matches!(other, Type::Window(_) | Type::Samples(..)),
            },
            Wants::Many => {
                matches!(ty, Type::Window(_) | Type::Samples(..) | Type::Texts(_) | Type::List(_))
            }
            Wants::Text | Wants::Regex | Wants::Point => ty.reads_as_text(),
            Wants::TextOrList => ty.reads_as_text() || matches!(ty, Type::List(_)),
            Wants::List => matches!(ty, Type::List(_) | Type::Texts(_)),
            Wants::Element => !matches!(
                ty,
                Type::Window(_) | Type::Samples(..) | Type::Texts(_) | Type::Alert | Type::Labels
            ),
        };
        if !fits && !ty.is_any() {
            let message = format!("`{}` takes {}", function.name, short(wants));
            let finding = self.finding(Code::TYPE_ARGUMENT, message, it.span, ty.in_words());
            let shown = self.slice(it.span);
            let help = match (wants, ty) {
                (Wants::Window, Type::Quantity(_) | Type::Samples(..)) => {
                    format!("say how far back: `{}({shown} over 30m)`", function.name)
                }
                (Wants::Text, _) if function.name == "number" => {
                    format!("take `number(…)` away: {shown} is one already")
                }
                (Wants::Text | Wants::TextOrList, Type::Quantity(_) | Type::Sample(..)) => {
                    format!("make a text of it: `\"#{{{shown}}}\"`")
                }
                _ => format!("write it as in `{}`", function.example),
            };
            self.report(finding.help(help));
            return;
        }
        let literal = if let ExprKind::Text(text) = &it.bare().kind { text.literal() } else { None };
        match (wants, literal) {
            (Wants::Regex, Some(regex)) => self.regex(regex, it.span),
            (Wants::Point, Some(text)) if Time::parse(text).is_none() => {
                let finding = self.finding(
                    Code::TIME_POINT,
                    "this point in time cannot be read",
                    it.span,
                    "not a date, a time and a zone",
                );
                self.report(finding.help("write it as `time(\"2026-05-01T10:00:00Z\")`"));
            }
            _ => {}
        }
    }
}

impl<'t> Checker<'t> {
    /// Reports a function of the windows of several series: it would mix them up without a word.
    fn pooled(&mut self, function: &'static Function, it: &'t Expr) {
        let name = function.name;
        let message = format!("`{name}` takes one series, this is a window of each");
        let finding = self.finding(Code::TYPE_SERIES, message, it.span, "the window of which one?");
        let (metric, length) = match &it.bare().kind {
            ExprKind::Over { of, duration } => (self.slice(of.span), self.slice(duration.span)),
            _ => ("METRIC", "10m"),
        };
        let each = format!("one after the other: `for each r in {metric} {{ … {name}(r over {length}) … }}`");
        let together =
            format!("all of them together: `max([for each r in {metric}: {name}(r over {length})])`");
        self.report(finding.help(each).help(together));
    }
}

fn result(function: &'static Function, last: &Type) -> Type {
    let dimension = match last {
        Type::Window(dimension) | Type::Samples(dimension, _) => Some(*dimension),
        Type::List(item) => item.dimension(),
        other => other.dimension(),
    };
    match function.gives {
        Gives::Same => match (dimension, last) {
            (Some(dimension), _) => Type::Quantity(dimension),
            (None, Type::List(item)) => (**item).clone(),
            _ => Type::Any,
        },
        Gives::SamePerTime => {
            dimension.and_then(|it| it.quotient(Dimension::DURATION)).map_or(Type::Any, Type::Quantity)
        }
        Gives::Number => Type::NUMBER,
        Gives::Text => Type::Text,
        Gives::Texts => Type::List(Box::new(Type::Text)),
        Gives::Bool => Type::Bool,
        Gives::Time => Type::Time,
        Gives::Anything => Type::Any,
    }
}

/// The wording for a headline.
fn short(wants: Wants) -> &'static str {
    match wants {
        Wants::Window => "a window",
        Wants::Several | Wants::SeveralOrQuantities => "several values",
        other => other.in_words(),
    }
}
