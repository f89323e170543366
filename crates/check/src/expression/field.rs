//! Checks fields and elements: those of a result, a reading, a record and the alert.

use super::super::checker::Checker;
use super::super::types::{Type, listed};
use rbl_syntax::diagnostic::{Code, did_you_mean};
use rbl_syntax::tree::{Expr, ExprKind, Name};
use rbl_syntax::value::Dimension;

const OUTPUT: &[(&str, FieldType)] = &[
    ("text", FieldType::Text),
    ("lines", FieldType::Texts),
    ("number", FieldType::Number),
    ("json", FieldType::Any),
    ("stderr", FieldType::Text),
    ("status", FieldType::Number),
];

const TIME: &[(&str, FieldType)] = &[
    ("hour", FieldType::Number),
    ("minute", FieldType::Number),
    ("weekday", FieldType::Text),
    ("day", FieldType::Number),
    ("month", FieldType::Number),
    ("year", FieldType::Number),
    ("date", FieldType::Text),
];

const ALERT: &[(&str, FieldType)] = &[
    ("name", FieldType::Text),
    ("labels", FieldType::Labels),
    ("annotations", FieldType::Labels),
    ("starts_at", FieldType::Time),
    ("firing", FieldType::Bool),
];

/// The types of built-in fields.
#[derive(Clone, Copy)]
enum FieldType {
    Any,
    Text,
    Texts,
    Number,
    Time,
    Bool,
    Labels,
}

impl FieldType {
    fn ty(self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Text => Type::Text,
            Self::Texts => Type::List(Box::new(Type::Text)),
            Self::Number => Type::Quantity(Dimension::NUMBER),
            Self::Time => Type::Time,
            Self::Bool => Type::Bool,
            Self::Labels => Type::Labels,
        }
    }
}

/// Whether an expression is the name `alert` itself.
fn is_alert(of: &Expr) -> bool {
    matches!(&of.bare().kind, ExprKind::Name(name) if name.text == "alert")
}

impl<'t> Checker<'t> {
    /// `x.name`
    pub(super) fn field(&mut self, of: &'t Expr, name: &'t Name) -> Type {
        // How a command ended is known whatever became of its output.
        let ty = match (&of.bare().kind, name.text.as_str()) {
            (ExprKind::Command { .. }, "status" | "stderr") => {
                self.look(of.bare());
                Type::Output
            }
            _ => self.value(of),
        };
        match &ty {
            Type::Any => Type::Any,
            Type::Labels => Type::Text,
            Type::Output => self.built_in(of, name, OUTPUT, "the result of a command"),
            Type::Time => self.built_in(of, name, TIME, "a point in time"),
            Type::Alert if name.text == "firing" && !is_alert(of) => {
                let finding = self.finding(
                    Code::NAME_FIELD,
                    format!("{} is the alert as it was, and cannot say", self.shown(of.span)),
                    name.span,
                    "asked anew at each use",
                );
                self.report(finding.help("write `alert.firing`"));
                Type::Any
            }
            Type::Alert => self.built_in(of, name, ALERT, "`alert`"),
            Type::Record(fields) => {
                if let Some((_, ty)) = fields.iter().find(|(field, _)| *field == name.text) {
                    return ty.clone();
                }
                let names: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
                self.no_field(of, name, "this record", &names);
                Type::Any
            }
            Type::Sample(_, labels) | Type::LabelledText(labels) => {
                if !labels.contains(&name.text) {
                    let names: Vec<&str> = labels.iter().map(smol_str::SmolStr::as_str).collect();
                    self.no_field(of, name, "the metric", &names);
                }
                Type::Text
            }
            Type::Samples(..) | Type::Texts(_) => {
                let shown = self.slice(of.span);
                let finding = self.finding(
                    Code::TYPE_SERIES,
                    format!("{} is many values, each with its own `{}`", self.shown(of.span), name.text),
                    name.span,
                    "the label of which one?",
                );
                let help = format!("go through them: `for each x in {shown} {{ … x.{} … }}`", name.text);
                self.report(finding.help(help));
                Type::Any
            }
            Type::Secret => {
                self.secret_shown(of.span, &ty, "a part of it");
                Type::Any
            }
            other => {
                let message = format!("{} is {} and has no fields", self.shown(of.span), other.in_words());
                let finding = self.finding(Code::NAME_FIELD, message, name.span, "no field of that name");
                let call = super::super::functions::find(&name.text).map(|function| function.name);
                self.report(match call {
                    Some(call) => finding.help(format!("write `{call}({})`", self.slice(of.span))),
                    None => finding.help(format!("take `.{}` out", name.text)),
                });
                Type::Any
            }
        }
    }

    fn built_in(&mut self, of: &'t Expr, name: &'t Name, table: &[(&str, FieldType)], what: &str) -> Type {
        if let Some((_, shape)) = table.iter().find(|(field, _)| *field == name.text) {
            return shape.ty();
        }
        let names: Vec<&str> = table.iter().map(|(field, _)| *field).collect();
        self.no_field(of, name, what, &names);
        Type::Any
    }

    fn no_field(&mut self, of: &'t Expr, name: &'t Name, what: &str, names: &[&str]) {
        let message = format!("{what} has no field `{}`", name.text);
        let label = format!("not in {}", self.shown(of.span));
        let finding = self.finding(Code::NAME_FIELD, message, name.span, label);
        let finding = match did_you_mean(&name.text, names.iter().copied()) {
            Some(near) => self.file.suggest(finding, name.span, near),
            None if names.is_empty() => finding,
            None => finding.help(format!("it has {}", listed(names))),
        };
        self.report(finding);
    }

    /// `x[i]`
    pub(super) fn index(&mut self, of: &'t Expr, index: &'t Expr) -> Type {
        let ty = self.value(of);
        let index_type = self.value(index);
        match &ty {
            Type::Any => Type::Any,
            Type::List(item) => {
                if !index_type.fits(&Type::NUMBER) {
                    let finding = self.finding(
                        Code::TYPE_ARGUMENT,
                        "an element is picked by its number",
                        index.span,
                        index_type.in_words(),
                    );
                    self.report(finding.help("write its number: `[0]` is the first"));
                }
                (**item).clone()
            }
            Type::Labels => Type::Text,
            Type::Sample(_, labels) if index_type.reads_as_text() => {
                if let Some(label) = index.literal_text().filter(|label| !labels.iter().any(|it| it == label))
                {
                    let message = format!("the metric has no label `{label}`");
                    let finding =
                        self.finding(Code::NAME_FIELD, message, index.span, "not one of its labels");
                    let finding = match did_you_mean(label, labels.iter().map(smol_str::SmolStr::as_str)) {
                        Some(near) => self.file.suggest(finding, index.span, &format!("\"{near}\"")),
                        None => finding.help(format!("it has {}", listed(labels))),
                    };
                    self.report(finding);
                }
                Type::Text
            }
            Type::Record(fields) if index_type.reads_as_text() => {
                let written =
                    if let ExprKind::Text(text) = &index.bare().kind { text.literal() } else { None };
                let Some(name) = written else { return Type::Any };
                if let Some((_, ty)) = fields.iter().find(|(field, _)| field == name) {
                    return ty.clone();
                }
                let names: Vec<&str> = fields.iter().map(|(field, _)| field.as_str()).collect();
                let message = format!("this record has no field `{name}`");
                let finding = self.finding(Code::NAME_FIELD, message, index.span, "not in it");
                self.report(finding.help(format!("it has {}", listed(&names))));
                Type::Any
            }
            Type::Secret => {
                self.secret_shown(of.span, &ty, "a part of it");
                Type::Any
            }
            other => {
                let message = format!("{} is {} and has no elements", self.shown(of.span), other.in_words());
                let finding = self.finding(Code::TYPE_SINGLE, message, index.span, "an element of what?");
                self.report(match other {
                    Type::Output => finding.help(format!("write `{}.lines[0]`", self.slice(of.span))),
                    Type::Record(_) => finding.help("name the field: `.NAME`"),
                    Type::Samples(_, labels) | Type::Texts(labels) => {
                        let (metric, label) = (self.slice(of.span), labels.first());
                        let label = label.map_or("LABEL", |label| label.as_str());
                        let wanted = self.slice(index.span);
                        finding
                            .help(format!("go to the one that is meant: `for each x in {metric} where x.{label} == {wanted} {{ … }}`"))
                            .help(format!("or declare it with a parameter, `metric {metric}({label}) …`, and write `{metric}({wanted})`"))
                    }
                    _ => finding.help("write a list before `[`"),
                });
                Type::Any
            }
        }
    }
}
