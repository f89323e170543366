//! Calls: functions of the language, metrics with parameters, named expressions, actions; and their arguments.

use super::super::checker::Checker;
use super::super::functions::{self, Function, Gives, Wants};
use super::super::symbol::{State, Symbol, SymbolId, SymbolKind};
use super::super::types::{Type, listed};
use super::named;
use crate::diagnostic::{Code, did_you_mean};
use crate::source::{Place, Span};
use crate::syntax::tree::{Arg, Expr, ExprKind, Name};
use crate::value::{Dimension, Time};

impl<'t> Checker<'t> {
    /// `f(x, name: y)`
    pub(super) fn call(&mut self, it: &'t Expr, name: &'t Name, args: &'t [Arg]) -> Type {
        let known = self.scope.find(&name.text);
        let kind = known.and_then(|id| self.symbols.get(id)).map(|symbol| (symbol.kind, symbol.place()));
        match (kind, functions::find(&name.text)) {
            (Some((SymbolKind::Metric(metric), place)), _) if !metric.params.is_empty() => {
                self.not_in_default(name.span, "a reading");
                self.not_itself(known, name, place);
                let id = self.use_value(name);
                self.arguments(name, &metric.params, args, Some(place), it.span);
                id.map_or(Type::Any, |id| self.type_of(id))
            }
            (Some((SymbolKind::Expression(expression), place)), _) => {
                self.not_itself(known, name, place);
                let id = self.use_value(name);
                let types = self.arguments(name, &expression.params, args, Some(place), it.span);
                for (arg, ty) in args.iter().zip(&types) {
                    if ty.holds_secret() {
                        self.secret_told(arg.value.span, ty, "an expression");
                    }
                }
                id.map_or(Type::Any, |id| self.type_of(id))
            }
            (_, Some(function)) => self.function(it, function, name, args),
            (kind, None) => {
                for arg in args {
                    self.value_or_window(&arg.value);
                }
                if let Some(id) = known {
                    self.touch(id);
                }
                match kind {
                    Some((SymbolKind::Define(define), place)) => {
                        let finding = self
                            .finding(
                                Code::NAME_FUNCTION,
                                format!("`{}` is an action, not a function", name.text),
                                name.span,
                                "a value is needed here",
                            )
                            .also(place, "names an action")
                            .help(format!(
                                "to do it, write `action {}({})`",
                                name.text,
                                named(&define.params)
                            ));
                        self.report(finding);
                    }
                    Some((_, place)) => {
                        let finding = self
                            .finding(
                                Code::NAME_FUNCTION,
                                format!("`{}` takes no arguments", name.text),
                                name.span,
                                "called like a function",
                            )
                            .also(place, "a value")
                            .help(format!("write `{}` alone", name.text));
                        self.report(finding);
                    }
                    None => self.unknown_function(name),
                }
                Type::Any
            }
        }
    }

    /// Reports a name that is needed while it is being looked at.
    pub(super) fn not_itself(&mut self, id: Option<SymbolId>, name: &'t Name, place: Place) {
        let state = id.and_then(|id| self.symbols.get(id)).map(|symbol| &symbol.state);
        if matches!(state, Some(State::Busy)) {
            let finding = self
                .finding(
                    Code::NAME_RECURSION,
                    format!("`{}` needs itself", name.text),
                    name.span,
                    "needed again here",
                )
                .also(place, "declared here")
                .help("write it without itself: every runbook ends");
            self.report(finding);
        }
    }

    fn unknown_function(&mut self, name: &'t Name) {
        if self.may_be_unread(&name.text) {
            return;
        }
        let finding = self.finding(
            Code::NAME_FUNCTION,
            format!("no function is called `{}`", name.text),
            name.span,
            "not a function",
        );
        let callable = |symbol: &Symbol<'t>| match symbol.kind {
            SymbolKind::Metric(metric) => !metric.params.is_empty(),
            SymbolKind::Expression(_) => true,
            _ => false,
        };
        let near = self.near(&name.text, callable).or_else(|| {
            did_you_mean(&name.text, functions::FUNCTIONS.iter().map(|function| function.name))
                .map(str::to_owned)
        });
        let finding = match near {
            Some(near) => self.suggest(finding, name.span, &near),
            None => finding.help("the functions are in the reference: `rbl repl`, then `:help functions`"),
        };
        self.report(finding);
    }

    /// A metric or a named expression that is named without its arguments.
    pub(super) fn without_arguments(&mut self, name: &'t Name, params: &'t [Name], place: Place) {
        let finding = self
            .finding(
                Code::NAME_ARGUMENTS,
                format!("`{}` needs {}", name.text, listed(&texts(params))),
                name.span,
                "named without its arguments",
            )
            .also(place, "declared here")
            .help(format!("write `{}({})`", name.text, named(params)));
        self.report(finding);
    }

    /// Matches arguments with the parameters they are for; the type of each argument.
    pub(in super::super) fn arguments(
        &mut self,
        name: &Name,
        params: &[Name],
        args: &'t [Arg],
        place: Option<Place>,
        span: Span,
    ) -> Vec<Type> {
        let mut types = Vec::with_capacity(args.len());
        for arg in args {
            types.push(self.value(&arg.value));
        }
        let params: Vec<(&str, bool)> = params.iter().map(|param| (param.text.as_str(), true)).collect();
        self.match_arguments(&name.text, &params, args, place, span);
        types
    }

    /// Reports the first argument that is too many, unknown or repeated, and those that are missing. A parameter is its
    /// name and whether it must be given.
    pub(in super::super) fn match_arguments(
        &mut self,
        callee: &str,
        params: &[(&str, bool)],
        args: &'t [Arg],
        place: Option<Place>,
        span: Span,
    ) {
        let takes = || {
            let names: Vec<&str> = params.iter().map(|(name, _)| *name).collect();
            if names.is_empty() {
                format!("`{callee}` takes no arguments")
            } else {
                format!("`{callee}` takes {}", listed(&names))
            }
        };
        let mut given: Vec<Option<Span>> = vec![None; params.len()];
        let mut next = 0;
        for arg in args {
            let position = match &arg.name {
                Some(name) => {
                    let Some(position) = params.iter().position(|(param, _)| *param == name.text) else {
                        let message = format!("`{callee}` has no parameter `{}`", name.text);
                        let finding = self.finding(
                            Code::NAME_ARGUMENTS,
                            message,
                            name.span,
                            "not one of its parameters",
                        );
                        let finding = match did_you_mean(&name.text, params.iter().map(|(param, _)| *param)) {
                            Some(near) => self.suggest(finding, name.span, near),
                            None => finding.help(takes()),
                        };
                        self.report_about(finding, place);
                        return;
                    };
                    position
                }
                None => {
                    next += 1;
                    next - 1
                }
            };
            let Some(slot) = given.get_mut(position) else {
                let message = format!("one argument too many for `{callee}`");
                let finding =
                    self.finding(Code::NAME_ARGUMENTS, message, arg.value.span, "nothing takes this");
                self.report_about(finding.help(takes()), place);
                return;
            };
            if let Some(first) = slot.replace(arg.value.span) {
                let param = params.get(position).map_or("", |(name, _)| name);
                let finding = self
                    .finding(
                        Code::NAME_ARGUMENTS,
                        format!("`{param}` is given twice"),
                        arg.value.span,
                        "again here",
                    )
                    .also(self.at(first), "first here")
                    .help("take one of them out");
                self.report(finding);
                return;
            }
        }
        let missing: Vec<&str> = params
            .iter()
            .zip(&given)
            .filter(|((_, needed), given)| *needed && given.is_none())
            .map(|((name, _), _)| *name)
            .collect();
        if !missing.is_empty() {
            let message = format!("`{callee}` needs {}", listed(&missing));
            let finding =
                self.finding(Code::NAME_ARGUMENTS, message, span, format!("without {}", listed(&missing)));
            let added: Vec<String> = missing.iter().map(|name| format!("{name}: …")).collect();
            self.report_about(finding.help(format!("add `{}`", added.join(", "))), place);
        }
    }

    fn report_about(&mut self, finding: crate::diagnostic::Diagnostic, place: Option<Place>) {
        self.report(match place {
            Some(place) => finding.also(place, "declared here"),
            None => finding,
        });
    }

    /// A call of a function of the language.
    fn function(
        &mut self,
        it: &'t Expr,
        function: &'static Function,
        name: &'t Name,
        args: &'t [Arg],
    ) -> Type {
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
            match function.parameters.get(index) {
                Some(parameter) => {
                    self.argument(function, parameter.wants, &arg.value, &ty);
                    last = ty;
                }
                None => {
                    let message = format!("one argument too many for `{}`", function.name);
                    let finding =
                        self.finding(Code::NAME_ARGUMENTS, message, arg.value.span, "nothing takes this");
                    self.report(finding.help(format!("write it as in `{}`", function.example)));
                    return self.result(function, &last);
                }
            }
        }
        if args.len() < function.parameters.len() {
            let missing: Vec<&str> = function.parameters.iter().skip(args.len()).map(|it| it.name).collect();
            let message = format!("`{}` needs {}", function.name, listed(&missing));
            let label = if args.is_empty() { "without arguments" } else { "one argument too few" };
            let finding = self.finding(Code::NAME_ARGUMENTS, message, it.span, label);
            self.report(finding.help(format!("write it as in `{}`", function.example)));
            return self.result(function, &Type::Any);
        }
        let _ = name;
        self.result(function, &last)
    }

    /// `min(a, b, …)`: quantities of one kind.
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
            self.secret_told(it.span, ty, "a computed value");
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
            Wants::Many => matches!(ty, Type::Window(_) | Type::Samples(..) | Type::List(_)),
            Wants::Text | Wants::Regex | Wants::Point => ty.reads_as_text(),
            Wants::TextOrList => ty.reads_as_text() || matches!(ty, Type::List(_)),
            Wants::List => matches!(ty, Type::List(_)),
            Wants::Element => !matches!(ty, Type::Window(_) | Type::Samples(..) | Type::Alert | Type::Labels),
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

    fn result(&self, function: &'static Function, last: &Type) -> Type {
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
}

/// As a headline says it.
fn short(wants: Wants) -> &'static str {
    match wants {
        Wants::Window => "a window",
        Wants::Several | Wants::SeveralOrQuantities => "several values",
        other => other.in_words(),
    }
}

fn texts(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}
