//! Matches arguments with parameters; reports missing, surplus, repeated or unknown ones.

use super::super::checker::Checker;
use super::super::types::{Type, listed};
use super::named;
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree::{Arg, Name};

impl<'t> Checker<'t> {
    /// Reports a metric or a named expression that is used without its arguments.
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

    /// Matches arguments with their parameters; returns the type of each argument.
    pub(crate) fn arguments(
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

    /// Reports the first surplus, unknown or repeated argument, and the missing ones. A parameter is its name and
    /// whether it is required.
    pub(crate) fn match_arguments(
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
            let position = if let Some(name) = &arg.name {
                let Some(position) = params.iter().position(|(param, _)| *param == name.text) else {
                    let message = format!("`{callee}` has no parameter `{}`", name.text);
                    let finding =
                        self.finding(Code::NAME_ARGUMENTS, message, name.span, "not one of its parameters");
                    let finding = match did_you_mean(&name.text, params.iter().map(|(param, _)| *param)) {
                        Some(near) => self.file.suggest(finding, name.span, near),
                        None => finding.help(takes()),
                    };
                    self.report_about(finding, place);
                    return;
                };
                position
            } else {
                next += 1;
                next - 1
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

    fn report_about(&mut self, finding: rbl_syntax::diagnostic::Diagnostic, place: Option<Place>) {
        self.report(match place {
            Some(place) => finding.also(place, "declared here"),
            None => finding,
        });
    }
}

fn texts(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.text.as_str()).collect()
}
