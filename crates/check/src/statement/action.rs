//! Checks `action`: what is done, where, by whom, and what is done at the end of the run.

use super::super::checker::Checker;
use super::super::expression::Slot;
use super::super::symbol::{Symbol, SymbolKind};
use super::super::types::Type;
use super::super::walk;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Action, Arg, DefineTarget, ExprKind, Name, Target};

impl<'t> Checker<'t> {
    /// Checks `action TARGET …`, without its arm.
    pub(super) fn action(&mut self, it: &'t Action) {
        for target in walk::targets(it) {
            self.target(target);
        }
        if let Some(host) = &it.host {
            self.name_text(host, "`on`");
        }
        if let Some(team) = &it.by {
            self.team(team, "`by`");
        }
        if let Some(within) = &it.within {
            self.duration(within, "within");
        }
        if let Some(retry) = &it.retry {
            self.count(&retry.times, "retry");
            if let Some(every) = &retry.every {
                self.duration(every, "every");
            }
            self.repeated_executor(it, retry.span);
        }
        for shown in &it.showing {
            self.shown_to_people(shown);
        }
        if let Some(name) = &it.name {
            let kind = SymbolKind::ActionResult;
            self.findings.report_all(self.symbols.declare_local(name, kind, Type::Output));
        }
    }

    /// Checks the target of an action.
    pub(crate) fn target(&mut self, it: &'t Target) {
        match it {
            Target::Prose(text) => self.template(text, Slot::Text("an instruction")),
            Target::Command(command) => self.command(command),
            Target::Call { span, name, args } => self.defined(*span, name, args),
        }
    }

    /// Checks a defined action with its arguments.
    fn defined(&mut self, span: Span, name: &'t Name, args: &'t [Arg]) {
        let id = self.symbols.global_id(&name.text);
        let symbol = id.and_then(|id| self.symbols.get(id));
        let Some((SymbolKind::Define(define), place)) = symbol.map(|it| (it.kind, it.place())) else {
            for arg in args {
                self.value(&arg.value);
            }
            self.unknown_action(name);
            return;
        };
        if let Some(id) = id {
            self.mark(id, name);
        }
        let types = self.arguments(name, &define.params, args, Some(place), span);
        for (index, (arg, ty)) in args.iter().zip(&types).enumerate() {
            self.argument_of_action(define, index, arg, ty);
        }
    }

    /// Checks an argument of an action: its type must be allowed, and no secret may end up in an instruction.
    fn argument_of_action(
        &mut self,
        define: &'t rbl_syntax::tree::Define,
        index: usize,
        arg: &'t Arg,
        ty: &Type,
    ) {
        if matches!(ty, Type::Samples(..) | Type::Texts(_) | Type::Record(_) | Type::Alert | Type::Labels) {
            let shown = self.slice(arg.value.span);
            let message = format!("{} cannot be passed to an action", self.shown(arg.value.span));
            let finding = self.finding(Code::TYPE_INTERPOLATION, message, arg.value.span, ty.in_words());
            let help = match ty {
                Type::Samples(..) | Type::Texts(_) => {
                    format!("go through them: `for each x in {shown} up to 10 {{ … }}`")
                }
                _ => format!("pass the field that is meant: `{shown}.NAME`"),
            };
            self.report(finding.help(help));
            return;
        }
        let DefineTarget::Prose(text) = &define.target else { return };
        if !ty.holds_secret() {
            return;
        }
        let name = arg.name.as_ref().or_else(|| define.params.get(index)).map(|name| &name.text);
        let mut used_later = false;
        for value in text.values() {
            walk::expressions(value, &mut |inner| {
                used_later |= matches!(&inner.kind, ExprKind::Name(used) if Some(&used.text) == name);
            });
        }
        if used_later {
            let message =
                format!("{} is a secret and would be shown in an instruction", self.shown(arg.value.span));
            let finding = self
                .finding(Code::SECRET_FLOW, message, arg.value.span, "a secret")
                .help("take it out: a secret can only go into a command, an action, a query or a header");
            self.report(finding);
        }
    }

    fn unknown_action(&mut self, name: &'t Name) {
        if name.text.is_empty() || self.symbols.may_be_unread(name) {
            return;
        }
        let finding = match self.symbols.find(&name.text) {
            Some(symbol) => self
                .finding(
                    Code::NAME_ACTION,
                    format!("`{}` is {}, not an action", name.text, symbol.noun()),
                    name.span,
                    "an action is needed here",
                )
                .also(symbol.place(), "named here"),
            None => self.finding(
                Code::NAME_ACTION,
                format!("no action is called `{}`", name.text),
                name.span,
                "not defined",
            ),
        };
        if let Some(id) = self.symbols.find_id(&name.text) {
            self.symbols.touch(id);
        }
        if let Some(Symbol { kind: SymbolKind::Probe(_), .. }) = self.symbols.find(&name.text) {
            let help = format!("it only looks: write `check {0}(…)` or `if {0}(…) {{ … }}`", name.text);
            self.report(finding.help(help));
            return;
        }
        let near = self.symbols.near(&name.text, |symbol: &Symbol<'t>| !symbol.is_value());
        self.report(match near {
            Some(near) => self.file.suggest(finding, name.span, &near),
            None => finding.help(format!("define it: `define {}() as \"what a person does\"`", name.text)),
        });
    }
}
