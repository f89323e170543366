//! Checks `match`: every pattern must be able to match the subject.

use super::super::checker::Checker;
use super::super::types::Type;
use rbl_syntax::OTHERWISE;
use rbl_syntax::diagnostic::{Code, Safety};
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Match, MatchArm, PatternKind};

impl<'t> Checker<'t> {
    /// Checks the subject and the patterns.
    pub(super) fn matching(&mut self, it: &'t Match) {
        if let Some(question) = it.menu() {
            self.question(question);
            for arm in &it.arms {
                self.findings.next_statement();
                self.menu_entry(arm);
            }
            return;
        }
        let subject = self.value(&it.subject);
        if subject.series_labels().is_some() {
            let shown = self.slice(it.subject.span);
            let message = format!("{} is {}", self.shown(it.subject.span), subject.in_words());
            let finding =
                self.finding(Code::TYPE_SERIES, message, it.subject.span, "many values, looked at as one");
            self.report(finding.help(if matches!(subject, Type::Texts(_)) {
                format!("go through them: `for each x in {shown} {{ match x {{ … }} }}`")
            } else {
                format!("take one value: `match max({shown})`, or go through them with `for each`")
            }));
            return;
        }
        if subject.holds_secret() {
            let message = format!("{} is a secret and would decide", self.shown(it.subject.span));
            let finding = self.finding(Code::SECRET_FLOW, message, it.subject.span, "a secret");
            self.report(finding.help("decide by something else: what decides is kept in the story"));
            return;
        }
        for arm in &it.arms {
            self.findings.next_statement();
            self.pattern(&it.subject, &subject, arm);
        }
    }

    fn menu_entry(&mut self, arm: &'t MatchArm) {
        let entry = match &arm.pattern.kind {
            PatternKind::Value { value } if self.means_else(value) => return,
            PatternKind::Value { value } => value,
            PatternKind::Contains { .. } | PatternKind::Matches { .. } | PatternKind::Compare { .. } => {
                self.no_entry(arm, "not one of the answers");
                return;
            }
        };
        let ty = self.value(entry);
        let fits = match (&entry.bare().kind, &ty) {
            (ExprKind::Range { .. }, _) => false,
            (_, Type::List(item)) => item.reads_as_text(),
            (_, ty) => ty.reads_as_text(),
        };
        if ty.holds_secret() {
            self.no_entry(arm, "a secret");
        } else if !fits {
            self.no_entry(arm, &ty.in_words());
        }
    }

    fn no_entry(&mut self, arm: &'t MatchArm, label: &str) {
        let finding = self.finding(
            Code::TYPE_PATTERN,
            "an arm of a question is an answer in words",
            arm.pattern.span,
            label,
        );
        self.report(finding.help("write the answer in quotes: `\"restart it\" { … }`"));
    }

    fn pattern(&mut self, subject: &'t Expr, ty: &Type, arm: &'t MatchArm) {
        match &arm.pattern.kind {
            PatternKind::Value { value } => {
                if self.means_else(value) {
                    return;
                }
                if let ExprKind::Range { low, high } = &value.bare().kind {
                    let ends = self.range(low, high);
                    self.fitting((subject, ty), (low, &ends));
                    return;
                }
                let value_type = self.value(value);
                self.fits_param(subject, value);
                match (&value.bare().kind, &value_type) {
                    (ExprKind::List { items }, Type::List(item)) if !matches!(ty, Type::List(_)) => {
                        self.fitting((subject, ty), (items.first().unwrap_or(value), item));
                    }
                    _ => {
                        self.fitting((subject, ty), (value, &value_type));
                        self.measured(BinaryOp::Equal, value.span, (subject, ty), (value, &value_type));
                    }
                }
            }
            PatternKind::Contains { text } => {
                let text_type = self.value(text);
                if !ty.reads_as_text() && !matches!(ty, Type::List(_)) {
                    self.only_text(subject, ty, arm, "contains");
                } else if !text_type.reads_as_text() && !matches!(ty, Type::List(_)) {
                    let finding = self.finding(
                        Code::TYPE_TEXT,
                        "`contains` looks for text",
                        text.span,
                        text_type.in_words(),
                    );
                    self.report(finding.help("write what it looks for in quotes"));
                }
            }
            PatternKind::Matches { regex } => {
                let regex_type = self.value(regex);
                if !ty.reads_as_text() {
                    self.only_text(subject, ty, arm, "matches");
                } else if !regex_type.reads_as_text() {
                    let finding = self.finding(
                        Code::TYPE_TEXT,
                        "`matches` takes a regular expression",
                        regex.span,
                        regex_type.in_words(),
                    );
                    self.report(finding.help("write it in quotes: `matches \"^5..$\"`"));
                } else if let ExprKind::Text(text) = &regex.bare().kind
                    && let Some(literal) = text.literal()
                {
                    self.regex(literal, regex.span);
                }
            }
            PatternKind::Compare { op: BinaryOp::In, value } => {
                if let ExprKind::Range { low, high } = &value.bare().kind {
                    let ends = self.range(low, high);
                    self.fitting((subject, ty), (low, &ends));
                } else {
                    self.value(value);
                }
            }
            PatternKind::Compare { op, value } => {
                let value_type = self.value(value);
                self.compared(*op, arm.pattern.span, (subject, ty), (value, &value_type));
            }
        }
    }

    /// Reports `_ {…}` and `default {…}`: the arm for everything else is `else`.
    fn means_else(&mut self, value: &'t Expr) -> bool {
        let ExprKind::Name(name) = &value.kind else { return false };
        let written = name.text.as_str();
        if !OTHERWISE.contains(&written) || self.symbols.has(written) {
            return false;
        }
        let message = format!("`{written}` is `else` here");
        let finding = self.finding(Code::SYNTAX_HABIT, message, value.span, "written differently here");
        let place = self.at(value.span);
        self.report(finding.help("write `else {…}`").fix("write `else`", Safety::Safe, place, "else"));
        true
    }

    /// Checks a value that the subject is compared with.
    fn fitting(&mut self, subject: (&'t Expr, &Type), value: (&'t Expr, &Type)) {
        if subject.1.dimension().is_some() && value.1.dimension().is_some() {
            self.agree(value.0.span, subject, value);
            return;
        }
        if subject.1.fits(value.1) || value.1.fits(subject.1) {
            return;
        }
        let message = format!(
            "{} is {}, this pattern is {}",
            self.shown(subject.0.span),
            subject.1.in_words(),
            value.1.in_words()
        );
        let finding = self
            .finding(Code::TYPE_PATTERN, message, value.0.span, "can never fit")
            .also(self.at(subject.0.span), subject.1.in_words());
        self.report(finding.help("write a pattern of the same kind"));
    }

    fn only_text(&mut self, subject: &'t Expr, ty: &Type, arm: &'t MatchArm, word: &str) {
        let message = format!("`{word}` looks into text, {} is {}", self.shown(subject.span), ty.in_words());
        let finding = self.finding(Code::TYPE_PATTERN, message, arm.pattern.span, "can never fit");
        let help = if ty.dimension().is_some() {
            "compare instead: `< 5m { … }`"
        } else {
            "write a value to compare with"
        };
        self.report(finding.help(help));
    }
}
