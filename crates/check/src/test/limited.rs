//! Checks `given lock …` and `given limit …`: the runbook takes this lock and has this limit.

use super::super::expression::Slot;
use super::super::symbol::SymbolKind;
use super::TestChecker;
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::tree::{Expr, ExprKind, LimitSubject, Template};

impl<'t> TestChecker<'_, 't> {
    /// `given lock "NAME" is held [for D]`
    pub(super) fn given_lock(&mut self, name: &'t Template, held: Option<&'t Expr>) {
        self.checker.template(name, Slot::Text("the name of a lock"));
        for value in name.values() {
            self.known_before(value);
        }
        if let Some(held) = held {
            self.checker.duration(held, "for");
            self.known_before(held);
        }
        if self.subject.complete && !self.subject.locks(name) {
            let known = self.subject.locks.iter().filter_map(|it| match &it.bare().kind {
                ExprKind::Text(text) => text.literal(),
                _ => None,
            });
            let known: Vec<&'t str> = known.collect();
            self.not_there("the runbook never takes this lock", name.span, name.literal(), known);
        }
    }

    /// `given limit NAME reached`, `given limit "FILE.rb" reached`
    pub(super) fn given_limit(&mut self, of: &'t LimitSubject) {
        match of {
            LimitSubject::Action { name } => {
                let Some((SymbolKind::Define(define), place)) = self.tested(name) else {
                    self.unknown_in_test(name, "action", |symbol| !symbol.is_value());
                    return;
                };
                if define.at_most.is_none() {
                    let message = format!("`{}` has no limit", name.text);
                    let finding =
                        self.checker.finding(Code::NAME_UNKNOWN, message, name.span, "never reached");
                    let finding = finding.also(place, "has no `at most`");
                    self.checker.report(finding.help("add `at most 2 in 24h` to its `define`"));
                } else if self.subject.complete && !self.subject.does_call(&name.text) {
                    let message = format!("the runbook never does `{}`", name.text);
                    let finding =
                        self.checker.finding(Code::NAME_UNUSED, message, name.span, "nothing would notice");
                    self.checker.report(finding.help("take the line out"));
                }
            }
            LimitSubject::Run { file } => {
                let Some(written) = self.checker.fixed(file, "given limit") else { return };
                if !self.subject.complete {
                    return;
                }
                let of_file = || self.subject.runs.iter().filter(|(name, _)| *name == written);
                if of_file().any(|(_, limited)| *limited) {
                    return;
                }
                let (message, help) = if of_file().next().is_some() {
                    ("this runbook has no limit", "add `limit 1 at once` or `limit 3 runs in 1h` to it")
                } else {
                    ("the runbook never runs this one", "name the file as the `run` does")
                };
                let finding = self.checker.finding(Code::NAME_UNKNOWN, message, file.span, "never reached");
                let near = did_you_mean(written, self.subject.runs.iter().map(|(name, _)| *name));
                let near = near.filter(|_| of_file().next().is_none());
                self.checker.report(match near {
                    Some(near) => self.checker.file.suggest(finding, file.span, &format!("\"{near}\"")),
                    None => finding.help(help),
                });
            }
        }
    }
}
