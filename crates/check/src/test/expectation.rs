//! Checks that each expectation is possible for the runbook: else the test could never pass, or never fail.

use regex::Regex;

use super::TestChecker;
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expectation, Target, Template};

impl<'t> TestChecker<'_, 't> {
    /// `expect …`
    pub(super) fn expectation(&mut self, it: &'t Expectation) {
        match it {
            Expectation::Ends { within, .. } => {
                if let Some(within) = within {
                    self.checker.duration(within, "within");
                    self.known_before(within);
                }
            }
            Expectation::Action { no, target, before } => {
                self.expected_action(*no, target.as_ref());
                if let Some(before) = before {
                    self.expected_order(*no, target.as_ref(), before);
                }
            }
            Expectation::Escalation { to, matching, no: _ } => {
                if let Some(to) = to {
                    self.tested_team_name(to);
                }
                self.expected_words(matching.as_ref());
            }
            Expectation::Record { no, matching } => {
                self.expected_words(matching.as_ref());
                if !no && self.subject.complete {
                    self.expected_record(matching.as_ref());
                }
            }
            Expectation::Step { title, .. } => self.expected_step(title),
        }
    }

    fn expected_action(&mut self, no: bool, target: Option<&'t Target>) {
        if let Some(target) = target {
            self.tested_action(target);
        }
        if no || !self.subject.complete {
            return;
        }
        match target {
            // One that no `define` declares was already reported.
            Some(Target::Call { name, span, .. })
                if !self.subject.does_call(&name.text) && self.tested(name).is_some() =>
            {
                self.never(
                    format!("nothing in the runbook does `{}`", name.text),
                    *span,
                    "it cannot be started",
                    format!("write `action {}(…)` where it is to be done, or `expect no action`", name.text),
                );
            }
            Some(_) | None => {}
        }
    }

    /// `expect action A before B`
    fn expected_order(&mut self, no: bool, first: Option<&'t Target>, before: &'t Target) {
        self.expected_action(false, Some(before));
        if !no && first.is_some() {
            return;
        }
        let message = "`before` compares two actions";
        let finding =
            self.checker.finding(Code::SYNTAX_PLACE, message, before.span(), "of which action is it asked?");
        self.checker.report(finding.help("write `expect action A before B`"));
    }

    fn expected_record(&mut self, matching: Option<&'t Template>) {
        let Some(matching) = matching else { return };
        let regex = matching.literal().map(Regex::new);
        if let Some(Err(_)) = regex {
            return;
        }
        let regex = regex.and_then(Result::ok);
        let known: Option<Vec<&str>> = self.subject.records.iter().copied().collect();
        match (known, regex) {
            (Some(known), _) if known.is_empty() => {
                self.never(
                    "nothing in the runbook is recorded".into(),
                    matching.span,
                    "it cannot match",
                    "write `record TEXT` where it is to be kept, or take the line out".into(),
                );
            }
            (Some(known), Some(regex)) if !known.iter().any(|text| regex.is_match(text)) => self.never(
                "no `record` of the runbook can match".into(),
                matching.span,
                "fits none of their texts",
                format!("fit one of them: \"{}\"", known.join("\", \"")),
            ),
            _ => {}
        }
    }

    fn never(&mut self, message: String, span: Span, label: &str, help: String) {
        let finding = self.checker.finding(Code::FLOW_EXPECT_NEVER, message, span, label);
        self.checker.report(finding.help(help));
    }

    fn expected_words(&mut self, matching: Option<&'t Template>) {
        let Some(matching) = matching else { return };
        self.test_text(matching, "a text");
        if let Some(regex) = matching.literal() {
            self.checker.regex(regex, matching.span);
        }
    }

    /// Checks a step of the runbook, or of one that it runs.
    fn expected_step(&mut self, title: &'t Template) {
        self.test_text(title, "a title");
        let Some(wanted) = title.literal().filter(|_| self.subject.complete) else { return };
        let titles: Option<Vec<&str>> = self.subject.steps.iter().copied().collect();
        let Some(titles) = titles.filter(|titles| !titles.contains(&wanted)) else { return };
        let message = format!("no step is called `{wanted}`");
        let finding =
            self.checker.finding(Code::NAME_UNKNOWN, message, title.span, "not a step of the runbook");
        self.checker.report(match did_you_mean(wanted, titles) {
            Some(near) => self.checker.file.suggest(finding, title.span, &format!("\"{near}\"")),
            None => finding.help("write the title as it is after `step`"),
        });
    }
}
