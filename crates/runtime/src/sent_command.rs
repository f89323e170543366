//! What is said of a condition in which commands were run: each as it was sent, with its values, and the exit codes that may mean *no*.

use super::Probe;
use super::interpreter::Interpreter;
use super::judging::ProbedLook;
use super::operand_trace::{TracedFrom, all_words, one_line};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Expr, ExprKind};
use rbl_syntax::value::{CommandOutput, Verdict};

impl Interpreter<'_, '_> {
    /// "`p99 < 500ms` is unknown: no data"
    pub(super) fn judged(&self, condition: &Expr, verdict: &Verdict) -> String {
        let word = super::story::verdict_word(verdict);
        if let Some((probe, output)) = self.lone_probe(condition) {
            let ended = match (verdict, output.status) {
                (Verdict::No, Some(code)) => format!(" (exit code {code})"),
                (Verdict::Yes | Verdict::No | Verdict::Unknown(_), _) => String::new(),
            };
            return format!("{} is {word}{ended}", probe.shown());
        }
        let values = all_words(&self.judging.trace, verdict, self.program.sources());
        let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
        format!("{} is {word}{values}", self.quoted_code(condition))
    }

    /// A condition in back quotes, its commands as they were sent. What has commands has back quotes of its own.
    pub(super) fn quoted_code(&self, condition: &Expr) -> String {
        let shown = if self.answer_of(condition).is_some() { None } else { self.filled_in(condition.span) };
        let shown = shown.unwrap_or_else(|| self.shown(condition));
        if shown.contains('`') { shown } else { format!("`{shown}`") }
    }

    /// The text of an expression, its commands as they were sent; `None` where none was.
    pub(super) fn filled_in(&self, span: Span) -> Option<String> {
        let mut sent: Vec<(Span, String)> = self
            .looks_in(span)
            .filter(|(_, look)| look.probe.call.is_none())
            .map(|(at, look)| (at, format!("`{}`", look.probe.command.shown())))
            .collect();
        if sent.is_empty() {
            return None;
        }
        sent.sort_by_key(|(at, _)| at.start);
        let mut filled = String::new();
        let mut from = span.start;
        for (at, command) in sent {
            // A command inside the value of another one is part of that.
            if at.start >= from {
                filled.push_str(self.source_text(Span::new(from, at.start)));
                filled.push_str(&command);
                from = at.end;
            }
        }
        filled.push_str(self.source_text(Span::new(from, span.end)));
        Some(one_line(&filled))
    }

    /// The commands that were run for an expression, with their places.
    fn looks_in(&self, span: Span) -> impl Iterator<Item = (Span, &ProbedLook)> {
        let source = self.place(span).source;
        self.judging.probed.iter().flat_map(move |look| {
            let inside = look.places.iter().filter(move |at| at.source == source && span.contains(at.span));
            inside.map(move |at| (at.span, look))
        })
    }

    /// The probe that is the whole condition, and how it ended.
    fn lone_probe(&self, condition: &Expr) -> Option<(&Probe, &CommandOutput)> {
        let is_probe = match &condition.bare().kind {
            ExprKind::Command { .. } => true,
            ExprKind::Name(name) | ExprKind::Call { name, .. } => {
                self.frame.runbook.probes.contains_key(&name.text)
            }
            _ => false,
        };
        // One that was not run, because a value in it is unknown, has left no operand.
        let place = self.place(condition.bare().span);
        let last = self.judging.trace.last()?;
        let has_run = last.place == place && matches!(last.from, TracedFrom::Command(_));
        let look = self.judging.probed.last().filter(|_| is_probe && has_run)?;
        Some((&look.probe, &look.output))
    }

    /// What to write where the exit code of a command in this expression should have been a no.
    pub(super) fn offered_codes(&self, condition: &Expr) -> Option<String> {
        let code_of = |look: &ProbedLook| {
            let unknown = matches!(look.output.verdict(), Verdict::Unknown(_));
            look.output.status.filter(|code| unknown && *code != 0 && look.output.trouble.is_none())
        };
        let mut looks = self.looks_in(condition.span);
        let (look, code) = looks.find_map(|(_, look)| Some((look, code_of(look)?)))?;
        // Where another command is in it that ended in another way, this one is named.
        let another = self
            .looks_in(condition.span)
            .any(|(_, other)| code_of(other) != Some(code) || other.probe.no_on != look.probe.no_on);
        let codes: Vec<String> = look.probe.no_on.iter().chain([&code]).map(ToString::to_string).collect();
        let codes = codes.join(", ");
        Some(if another {
            format!("if exit code {code} of {} means no, write `no on {codes}` behind it", look.probe.shown())
        } else {
            format!("if that means no, write `no on {codes}`")
        })
    }

    /// "`wc -l` is unknown: exit code 3; if that means no, write `no on 3`", or that the statement has no arm for it.
    pub(super) fn unhandled_unknown(&self, condition: &Expr, verdict: &Verdict, statement: &str) -> String {
        let judged = self.judged(condition, verdict);
        match self.offered_codes(condition) {
            Some(offered) => format!("{judged}; {offered}"),
            None => format!("{judged}, and {statement} has no `unknown`"),
        }
    }
}
