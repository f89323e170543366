//! Calls: functions of the language, metrics with parameters, named expressions, actions; and their arguments.

use super::super::checker::Checker;
use super::super::functions;
use super::super::symbol::{State, Symbol, SymbolId, SymbolKind};
use super::super::types::Type;
use super::named;
use crate::diagnostic::{Code, did_you_mean};
use crate::source::Place;
use crate::syntax::tree::{Arg, Expr, Name};

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
            (_, Some(function)) => self.function(it, function, args),
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
        if self.may_be_unread(name) {
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
        if let Some(near) = near {
            let finding = self.suggest(finding, name.span, &near);
            self.report(finding);
        } else {
            let help = format!("declare it: `let {}(…) = …`, or see `rbl explain name/function`", name.text);
            self.findings.undeclared(&name.text, finding.help(help));
        }
    }
}
