//! Checks probes: that their command only looks, which exit codes mean *no*, and that a failure is seen.

pub(crate) mod changing;
mod exit_code;
mod hidden_failure;
mod substitution;

use super::checker::Checker;
use super::flow::command::{Connector, SimpleCommand, simple_commands};
use super::symbol::SymbolKind;
use super::types::Type;
use super::walk;
use hidden_failure::{HiddenFailure, hidden_failure};
use rbl_syntax::diagnostic::{Code, Safety};
use rbl_syntax::source::{Place, Span};
use rbl_syntax::tree::{Arg, Command, Expr, ExprKind, Part, ProbeDeclaration};
use substitution::{HiddenInside, hidden_inside};

/// How a pipeline fails with any of its commands.
const PIPEFAIL: &str = "begin the command with `set -o pipefail;` where its shell has it: bash, ksh, busybox (dash has not in Debian 12, whose `/bin/sh` it is)";
/// The same without `pipefail`.
const IN_ANY_SHELL: &str = "in any shell: `out=$(FIRST) && printf '%s\\n' \"$out\" | SECOND`, or let rbl select: `.lines`, `.json`, `for each … where`";

/// How rbl sees the failure of a command whose output decides.
const IN_RBL: &str =
    "let rbl compare what it prints: `COMMAND`.text == \"…\", which is unknown where the command fails";
/// How the shell sees it.
const IN_A_VARIABLE: &str = "in the shell: `out=$(COMMAND) && test \"$out\" = …`";
/// The same where two outputs are compared.
const IN_TWO_VARIABLES: &str = "in the shell: `a=$(FIRST) && b=$(SECOND) && test \"$a\" = \"$b\"`";

/// The highest exit code of a command.
const HIGHEST: i32 = 255;

impl<'t> Checker<'t> {
    /// Checks a command in the place of a value or a condition, with its modifiers.
    pub(super) fn look(&mut self, it: &'t Expr) {
        let ExprKind::Command { command, host, within, no_on } = &it.kind else {
            self.value(it);
            return;
        };
        self.command(command);
        if let Some(host) = host {
            self.text(host, "`on`");
        }
        if let Some(within) = within {
            self.duration(within, "within");
        }
        for (index, code) in no_on.iter().enumerate() {
            self.exit_code(*code);
            if code.code == 0 {
                let finding = self.finding(
                    Code::TYPE_EXIT_CODE,
                    "exit code 0 is yes, and cannot be no",
                    code.span,
                    "success",
                );
                self.report(finding.help("to turn the answer round, write `not` before the command"));
            }
            if let Some(first) = no_on.iter().take(index).find(|other| other.code == code.code) {
                let message = format!("exit code {} is named twice", code.code);
                let finding = self
                    .finding(Code::TYPE_EXIT_CODE, message, code.span, "again here")
                    .also(self.at(first.span), "first here");
                self.report(finding.help("take one of them out"));
            }
        }
        let commands = simple_commands(&command.parts);
        if let Some(changes) = commands.iter().find_map(changing::what) {
            let finding = self.finding(
                Code::ACTION_IN_PROBE,
                format!("{changes} changes something, and a probe only looks"),
                command.span,
                "run whenever this is looked at",
            );
            let help = format!("do it as an action: `action {}`", self.slice(command.span));
            self.report(finding.help(help).help("and decide by a command that looks at the result"));
        }
    }

    /// Reports a number that no command can exit with.
    pub(super) fn exit_code(&mut self, code: rbl_syntax::tree::ExitCode) {
        if code.code > HIGHEST {
            let message = format!("no command exits with {}", self.slice(code.span));
            let finding = self.finding(Code::TYPE_EXIT_CODE, message, code.span, "above 255");
            self.report(finding.help("exit codes are 0 to 255"));
        }
    }

    /// Reports a command used as a condition whose tool says *no* with another exit code than 1. `used`: where a
    /// declared probe is used, and its declaration.
    pub(super) fn exit_codes(&mut self, look: &'t Expr, used: Option<(Span, Place)>) {
        let ExprKind::Command { command, no_on, .. } = &look.kind else { return };
        let commands = simple_commands(&command.parts);
        if self.hides_failure(command, &commands, used) || !no_on.is_empty() || negated(&command.parts) {
            return;
        }
        let Some(known) = exit_code::of_list(&commands) else { return };
        let (at, code) = (used.map_or(look.span, |(span, _)| span), Code::UNKNOWN_EXIT_CODE);
        let message = format!("{} has other exit codes for a no", known.tool);
        let finding = self.finding(code, message, at, known.label);
        let clause = format!("no on {}", known.codes);
        let finding = match used {
            Some((_, place)) => finding
                .also(place, "declared here")
                .help(format!("write `{clause}` behind the command of the probe")),
            None => finding.help(format!("write `{clause}` behind the command")).fix(
                format!("write `{clause}`"),
                Safety::Choice,
                self.at(Span::new(look.span.end, look.span.end)),
                format!(" {clause}"),
            ),
        };
        self.report(finding);
    }

    /// Reports a condition in which a failure reads as *yes* or *no*. Returns whether it did.
    fn hides_failure(
        &mut self,
        command: &'t Command,
        commands: &[SimpleCommand],
        used: Option<(Span, Place)>,
    ) -> bool {
        let pipefail = words(&command.parts).any(|text| text.contains("pipefail"));
        let Some(hidden) = hidden_failure(commands, pipefail) else { return false };
        let at = used.map_or(command.span, |(span, _)| span);
        let (code, message, label, help) = match &hidden {
            HiddenFailure::Piped { program, negated: true } => (
                Code::UNKNOWN_PIPELINE,
                format!("a failure of {} reads as yes behind `!`", shown_program(program)),
                "every failure in it is a yes",
                "write `not` before the command, instead of `!` in it, and begin it with `set -o pipefail;` where its shell has it",
            ),
            HiddenFailure::Piped { program, negated: false } => (
                Code::UNKNOWN_PIPELINE,
                format!("a failure of {} reads as no behind the `|`", shown_program(program)),
                "exits as its last command does",
                PIPEFAIL,
            ),
            HiddenFailure::Inside(HiddenInside { program, bracket }) => (
                Code::UNKNOWN_PIPELINE,
                format!("a failure of {} is not seen inside `{bracket}`", shown_program(program)),
                "decides on what is left: nothing",
                IN_RBL,
            ),
            HiddenFailure::Negated { program, .. } => (
                Code::UNKNOWN_EXIT_CODE,
                format!("a failure of {} reads as yes behind `!`", shown_program(program)),
                "every failure is a yes",
                "",
            ),
        };
        let finding = self.finding(code, message, at, label);
        let finding = match used {
            Some((_, place)) => finding.also(place, "declared here"),
            None => finding,
        };
        self.report(match &hidden {
            HiddenFailure::Negated { codes: Some(codes), .. } => finding.help(format!(
                "write `not` before the command, instead of `!` in it, and `no on {codes}` behind it"
            )),
            HiddenFailure::Negated { codes: None, .. } => finding.help(
                "write `not` before the command, instead of `!` in it: exit 1 without a message is a no then, and any other failure is unknown",
            ),
            HiddenFailure::Piped { .. } => finding.help(help).help(IN_ANY_SHELL),
            HiddenFailure::Inside(hidden) => finding.help(help).help(in_variables(hidden)),
        });
        true
    }

    /// Reports a pipeline whose output is used: its exit code is that of its last command.
    pub(super) fn output_used(&mut self, look: &'t Expr) {
        let ExprKind::Command { command, .. } = &look.kind else { return };
        if words(&command.parts).any(|text| text.contains("pipefail")) {
            return;
        }
        let commands = simple_commands(&command.parts);
        let hidden = commands.iter().find(|it| it.then == Connector::Pipe && can_fail(it));
        let Some(hidden) = hidden else {
            self.output_of_substitution(command, &commands);
            return;
        };
        let program = hidden.program();
        let message = if program.is_empty() || program.contains('\u{1}') {
            "a failure inside this pipeline is not seen".to_owned()
        } else {
            format!("a failure of `{program}` is not seen behind the `|`")
        };
        let finding =
            self.finding(Code::UNKNOWN_PIPELINE, message, command.span, "exits as its last command does");
        self.report(finding.help(PIPEFAIL).help(IN_ANY_SHELL));
    }

    /// Reports a command whose output is used, with a failure inside `$(…)` that it does not see.
    fn output_of_substitution(&mut self, command: &'t Command, commands: &[SimpleCommand]) {
        let inside = commands
            .iter()
            .enumerate()
            .find_map(|(at, it)| hidden_inside(it, commands.get(..at).unwrap_or_default()));
        let Some(hidden) = inside else { return };
        let HiddenInside { program, bracket } = &hidden;
        let message = format!("a failure of {} is not seen inside `{bracket}`", shown_program(program));
        let finding =
            self.finding(Code::UNKNOWN_PIPELINE, message, command.span, "prints what is left: nothing");
        self.report(finding.help(IN_RBL).help(in_variables(&hidden)));
    }

    /// The declared probe that an expression names, and where it is declared.
    pub(super) fn declared_probe(&self, it: &Expr) -> Option<(&'t ProbeDeclaration, Place)> {
        let symbol = self.symbols.find(&walk::name_of(it.bare())?.text)?;
        match symbol.kind {
            SymbolKind::Probe(probe) => Some((probe, symbol.place())),
            _ => None,
        }
    }

    /// Checks an argument of a declared probe, which goes into its command.
    pub(super) fn argument_of_probe(&mut self, arg: &'t Arg, ty: &Type) {
        if !matches!(ty, Type::Samples(..) | Type::Record(_) | Type::Alert | Type::Labels) {
            return;
        }
        let message = format!("{} cannot be passed to a probe", self.shown(arg.value.span));
        let finding = self.finding(Code::TYPE_INTERPOLATION, message, arg.value.span, ty.in_words());
        let shown = self.slice(arg.value.span);
        let help = match ty {
            Type::Samples(..) => format!("go through them: `for each x in {shown} {{ … }}`"),
            _ => format!("pass the field that is meant: `{shown}.NAME`"),
        };
        self.report(finding.help(help));
    }
}

/// How the shell sees a failure inside brackets.
fn in_variables(hidden: &HiddenInside) -> &'static str {
    if hidden.bracket == "<(…)" { IN_TWO_VARIABLES } else { IN_A_VARIABLE }
}

/// A program in a message; one that only the run knows has no name.
fn shown_program(program: &str) -> String {
    if program.is_empty() || program.contains('\u{1}') { "a command".into() } else { format!("`{program}`") }
}

/// Whether a command turns its exit code round: `! grep …`.
fn negated(parts: &[Part]) -> bool {
    words(parts).next().is_some_and(|text| text.trim_start().starts_with('!'))
}

fn words(parts: &[Part]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|part| match part {
        Part::Literal { text, .. } => Some(text.as_str()),
        Part::Value(_) => None,
    })
}

/// Whether a command before a `|` can fail in a way that matters.
fn can_fail(command: &SimpleCommand) -> bool {
    !matches!(command.program(), "echo" | "printf" | "seq" | "true" | ":" | "yes" | "date" | "set" | "env")
}
