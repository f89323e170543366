//! Checks texts against the values that a parameter allows: `param kind: text among ["rbd", "cephfs"]`.

use super::checker::Checker;
use super::symbol::SymbolKind;
use super::{Runbook, walk};
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::source::Place;
use rbl_syntax::tree::{BinaryOp, Expr, ExprKind, Match, Param, ParamType, PatternKind};

impl<'t> Checker<'t> {
    /// Checks the list after `among`, and the default.
    pub(super) fn allowed_values(&mut self, it: &'t Param, among: &'t Expr) {
        if it.of.is_some_and(|of| !matches!(of, ParamType::Text | ParamType::Unknown)) {
            let finding = self.finding(
                Code::TYPE_ARGUMENT,
                "`among` lists the values of a text",
                among.span,
                format!("`{}` is no text", it.name.text),
            );
            self.report(finding.help(format!("write `param {}: text among [\"a\", \"b\"]`", it.name.text)));
            return;
        }
        let items: &[Expr] = match &among.bare().kind {
            ExprKind::List { items } => items,
            ExprKind::Broken => return,
            _ => &[],
        };
        let unwritten = items.iter().find(|item| item.literal_text().is_none());
        if items.is_empty() || unwritten.is_some() {
            let place = unwritten.map_or(among.span, |item| item.span);
            let message = "the values after `among` are written out";
            let label = if items.is_empty() { "a list of texts belongs here" } else { "not a text" };
            let finding = self.finding(Code::TYPE_FIXED, message, place, label);
            self.report(finding.help("write the values in quotes: `among [\"rbd\", \"cephfs\"]`"));
            return;
        }
        for (index, item) in items.iter().enumerate() {
            let text = item.literal_text();
            if let Some(first) = items.iter().take(index).find(|other| other.literal_text() == text) {
                let message = format!("`{}` is listed twice", text.unwrap_or_default());
                let finding = self.finding(Code::NAME_DUPLICATE, message, item.span, "again here");
                self.report(finding.also(self.at(first.span), "first here").help("take one of them out"));
            }
        }
        if let Some(default) = &it.default {
            self.value_is_allowed(it, self.at(it.name.span), default);
        }
    }

    /// Reports a written text that the parameter does not allow.
    pub(super) fn value_is_allowed(&mut self, param: &Param, declared: Place, value: &'t Expr) {
        let Some(allowed) = param.allowed() else { return };
        let Some(text) = value.literal_text() else { return };
        if allowed.contains(&text) {
            return;
        }
        let message = format!("`{text}` is none of the values of `{}`", param.name.text);
        let finding = self.finding(Code::NAME_VALUE, message, value.span, "not one of them");
        let finding = finding.also(declared, "declared here");
        let near = did_you_mean(text, allowed.iter().copied());
        self.report(match near {
            Some(near) => self.file.suggest(finding, value.span, &format!("\"{near}\"")),
            None => finding.help(format!("it is one of {}", quoted(&allowed))),
        });
    }

    /// Checks the texts that an expression is compared with, if it names a parameter whose values are listed.
    pub(super) fn compared_with_allowed(&mut self, op: BinaryOp, left: &'t Expr, right: &'t Expr) {
        match op {
            BinaryOp::Equal | BinaryOp::NotEqual => {
                self.fits_param(left, right);
                self.fits_param(right, left);
            }
            BinaryOp::In => self.fits_param(left, right),
            _ => {}
        }
    }

    /// Checks a text, or each text of a list, against the values of the parameter that `subject` names.
    pub(super) fn fits_param(&mut self, subject: &'t Expr, value: &'t Expr) {
        let ExprKind::Name(name) = &subject.bare().kind else { return };
        let Some(symbol) = self.symbols.find(&name.text) else { return };
        let SymbolKind::Param(param) = symbol.kind else { return };
        let declared = symbol.place();
        match &value.bare().kind {
            ExprKind::List { items } => {
                for item in items {
                    self.value_is_allowed(param, declared, item);
                }
            }
            _ => self.value_is_allowed(param, declared, value),
        }
    }
}

/// Lists values in quotes: `"a"`, `"b"` or `"c"`.
pub(crate) fn quoted(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("`\"{value}\"`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Whether an arm of the `match` takes this text; `None` where an arm cannot be judged before the run.
pub(crate) fn match_arm_for(it: &Match, text: &str) -> Option<bool> {
    let mut judged = Some(false);
    for arm in &it.arms {
        match fits_pattern(&arm.pattern.kind, text) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => judged = None,
        }
    }
    judged
}

fn fits_pattern(pattern: &PatternKind, text: &str) -> Option<bool> {
    match pattern {
        PatternKind::Value { value } => match &value.bare().kind {
            ExprKind::List { items } => {
                let texts: Option<Vec<&str>> = items.iter().map(Expr::literal_text).collect();
                texts.map(|texts| texts.contains(&text))
            }
            _ => value.literal_text().map(|value| value == text),
        },
        PatternKind::Contains { text: part } => part.literal_text().map(|part| text.contains(part)),
        PatternKind::Matches { regex } => {
            let regex = regex::Regex::new(regex.literal_text()?).ok()?;
            Some(regex.is_match(text))
        }
        PatternKind::Compare { op: BinaryOp::Equal, value } => {
            value.literal_text().map(|value| value == text)
        }
        PatternKind::Compare { op: BinaryOp::NotEqual, value } => {
            value.literal_text().map(|value| value != text)
        }
        PatternKind::Compare { op: BinaryOp::In, value } => match &value.bare().kind {
            ExprKind::List { items } => {
                let texts: Option<Vec<&str>> = items.iter().map(Expr::literal_text).collect();
                texts.map(|texts| texts.contains(&text))
            }
            _ => None,
        },
        PatternKind::Compare { .. } => None,
    }
}

/// Whether a `match` over a parameter has an arm for every value that the parameter allows: then nothing else can come.
pub(crate) fn is_complete(it: &Match, runbook: &Runbook) -> bool {
    let ExprKind::Name(name) = &it.subject.bare().kind else { return false };
    let param = runbook.params.iter().find(|param| param.declaration.name.text == name.text);
    let Some(allowed) = param.and_then(|param| param.declaration.allowed()) else { return false };
    !is_hidden(runbook, &name.text) && allowed.iter().all(|text| match_arm_for(it, text) == Some(true))
}

/// Whether anything in the body has the same name.
fn is_hidden(runbook: &Runbook, name: &str) -> bool {
    let mut hidden = false;
    for statement in runbook.steps.iter().flat_map(|step| &step.statements) {
        walk::statement(statement, &mut |it| {
            hidden |= it.kind.bound_name().is_some_and(|own| own.text == name);
        });
    }
    hidden
}
