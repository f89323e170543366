//! Checks calls: functions of the language, metrics with parameters, named expressions, actions; and their arguments.

use super::super::checker::Checker;
use super::super::functions;
use super::super::symbol::{Symbol, SymbolId, SymbolKind, TypeState};
use super::super::types::Type;
use super::named;
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::source::Place;
use rbl_syntax::tree::{Arg, Expr, LetDeclaration, Name};

impl<'t> Checker<'t> {
    /// `f(x, name: y)`
    pub(super) fn call(&mut self, it: &'t Expr, name: &'t Name, args: &'t [Arg]) -> Type {
        let known = self.symbols.find_id(&name.text);
        let kind = known.and_then(|id| self.symbols.get(id)).map(|symbol| (symbol.kind, symbol.place()));
        match (kind, functions::find(&name.text)) {
            (Some((SymbolKind::Metric(metric), place)), _) if !metric.params.is_empty() => {
                self.not_in_default(name.span, "a reading");
                self.not_itself(known, name, place);
                let id = self.use_value(name);
                self.arguments(name, &metric.params, args, Some(place), it.span);
                id.map_or(Type::Any, |id| self.type_of(id))
            }
            (Some((SymbolKind::Probe(probe), place)), _) => {
                self.not_in_default(name.span, "a command");
                self.not_itself(known, name, place);
                let id = self.use_value(name);
                let types = self.arguments(name, &probe.params, args, Some(place), it.span);
                for (arg, ty) in args.iter().zip(&types) {
                    self.argument_of_probe(arg, ty);
                }
                if let Some(id) = id {
                    self.type_of(id);
                }
                Type::Output
            }
            (Some((SymbolKind::Expression(expression), place)), _) => {
                self.not_itself(known, name, place);
                let id = self.use_value(name);
                let types = self.arguments(name, &expression.params, args, Some(place), it.span);
                for (arg, ty) in args.iter().zip(&types) {
                    if ty.holds_secret() {
                        self.secret_shown(arg.value.span, ty, "an expression");
                    }
                }
                let ty = id.map_or(Type::Any, |id| self.type_of(id));
                // An expression that is being checked uses itself, which has been reported.
                let own = known
                    .and_then(|id| self.symbols.get(id))
                    .is_some_and(|symbol| !symbol.imported && matches!(symbol.state, TypeState::Known(_)));
                match by_parameter(&expression.params, args, &types) {
                    Some(types) if own && !types.iter().all(Type::is_any) => {
                        self.with_arguments(expression, name, &types)
                    }
                    _ => ty,
                }
            }
            (_, Some(function)) => self.function(it, function, args),
            (kind, None) => {
                for arg in args {
                    self.value_or_window(&arg.value);
                }
                if let Some(id) = known {
                    self.symbols.touch(id);
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

    /// Returns the type of a named expression for arguments of these types; a mismatch is reported inside the
    /// expression, with a label on the call that causes it.
    fn with_arguments(&mut self, expression: &'t LetDeclaration, call: &'t Name, types: &[Type]) -> Type {
        // Recursion has been reported.
        let Some(outer) = self.inference.begin_expansion() else { return Type::Any };
        let (symbols, found) = (self.symbols.len(), self.findings.count());
        let ty = self.outside_blocks(|checker| {
            checker.in_block(|checker| {
                for (param, ty) in expression.params.iter().zip(types) {
                    checker.symbols.declare_argument_of(param, ty.clone());
                }
                checker.value(&expression.value)
            })
        });
        self.symbols.truncate(symbols);
        let place = self.at(call.span);
        self.findings.label_call(found, place, "by this call");
        self.inference.end_expansion(outer);
        ty
    }

    /// Reports a name that is used while its own declaration is being checked.
    pub(super) fn not_itself(&mut self, id: Option<SymbolId>, name: &'t Name, place: Place) {
        let state = id.and_then(|id| self.symbols.get(id)).map(|symbol| &symbol.state);
        if matches!(state, Some(TypeState::Busy)) {
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
        if self.symbols.may_be_unread(name) {
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
            SymbolKind::Expression(_) | SymbolKind::Probe(_) => true,
            _ => false,
        };
        let near = self.symbols.near(&name.text, callable).or_else(|| {
            did_you_mean(&name.text, functions::FUNCTIONS.iter().map(|function| function.name))
                .map(str::to_owned)
        });
        if let Some(near) = near {
            self.report(self.file.suggest(finding, name.span, &near));
        } else {
            let help = format!("declare it: `let {}(…) = …`, or see `rbl explain name/function`", name.text);
            self.findings.undeclared(&name.text, finding.help(help));
        }
    }
}

/// Returns the types of the arguments in parameter order, if each has one. A secret was reported already.
fn by_parameter(params: &[Name], args: &[Arg], types: &[Type]) -> Option<Vec<Type>> {
    let of = |(index, param): (usize, &Name)| {
        let named = args.iter().position(|arg| arg.name.as_ref().is_some_and(|name| name.text == param.text));
        let unnamed = || args.get(index).is_some_and(|arg| arg.name.is_none()).then_some(index);
        let ty = types.get(named.or_else(unnamed)?)?;
        Some(if ty.holds_secret() { Type::Any } else { ty.clone() })
    };
    if args.len() != params.len() || types.len() != args.len() {
        return None;
    }
    params.iter().enumerate().map(of).collect()
}
