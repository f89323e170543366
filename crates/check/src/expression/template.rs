//! Checks values in text, commands and queries: which types are allowed, and that no secret becomes readable.

use super::super::checker::Checker;
use super::super::types::Type;
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Command, Expr, Name, Part, Template};

/// Where a value is inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Into text that people read; holds its name, for messages.
    Text(&'static str),
    /// Into a command.
    Command,
    /// Into a query for a provider.
    Query,
    /// Into the reference that an executor runs.
    Reference,
}

impl<'t> Checker<'t> {
    /// Checks every value in a text.
    pub(crate) fn template(&mut self, text: &'t Template, slot: Slot) {
        self.uninserted(&text.parts, slot);
        for part in &text.parts {
            if let Part::Value(value) = part {
                self.put(value, slot);
            }
        }
    }

    /// Checks every value in a text, and collects its type.
    pub(crate) fn template_kinds(&mut self, text: &'t Template, slot: Slot, types: &mut Vec<Type>) {
        self.uninserted(&text.parts, slot);
        for part in &text.parts {
            if let Part::Value(value) = part {
                types.push(self.put(value, slot));
            }
        }
    }

    /// Checks every value in a command, and how the shell would read it.
    pub(crate) fn command(&mut self, command: &'t Command) {
        self.uninserted(&command.parts, Slot::Command);
        let mut types = Vec::new();
        for part in &command.parts {
            if let Part::Value(value) = part {
                types.push(self.put(value, Slot::Command));
            }
        }
        self.shell(&command.parts, command.span, &types);
    }

    /// Checks one inserted value; returns its type.
    fn put(&mut self, value: &'t Expr, slot: Slot) -> Type {
        let ty = self.value(value);
        if ty.holds_secret() {
            if let Slot::Text(what) = slot {
                self.secret_shown(value.span, &ty, what);
            }
            return ty;
        }
        let refused = match (&ty, slot) {
            (Type::Alert | Type::Labels, _) => Some("several things at once"),
            (
                Type::Samples(..) | Type::Texts(_) | Type::Record(_),
                Slot::Command | Slot::Query | Slot::Reference,
            ) => Some("not one value"),
            (Type::List(of), Slot::Command | Slot::Query | Slot::Reference)
                if matches!(**of, Type::Record(_)) =>
            {
                Some("its elements are records")
            }
            _ => None,
        };
        if let Some(label) = refused {
            let shown = self.slice(value.span);
            let place = match slot {
                Slot::Text(_) => "a text",
                Slot::Command => "a command",
                Slot::Query => "a query",
                Slot::Reference => "a reference",
            };
            let message = format!("{} cannot be put into {place}", self.shown(value.span));
            let finding = self.finding(Code::TYPE_INTERPOLATION, message, value.span, label);
            let help = match &ty {
                Type::Alert => "write `alert.name` or `alert.labels.NAME`".to_owned(),
                Type::Labels => format!("write `{shown}.NAME`"),
                Type::Samples(..) => {
                    format!(
                        "put in one value: `max({shown})`, or go through them with `for each x in {shown}`"
                    )
                }
                Type::List(_) => {
                    format!("take a field of each: `[for each x in {shown}: x.NAME]`")
                }
                Type::Texts(_) => format!("go through them with `for each x in {shown}`"),
                _ => format!("write the field that is meant: `{shown}.NAME`"),
            };
            self.report(finding.help(help));
        }
        ty
    }

    /// Reports a secret that people would read.
    pub(crate) fn secret_shown(&mut self, span: Span, ty: &Type, what: &str) {
        let message = match (ty, self.shown(span).as_str()) {
            (_, "this") => format!("a secret would be shown in {what}"),
            (Type::Secret, shown) => format!("{shown} is a secret and would be shown in {what}"),
            (_, shown) => format!("{shown} holds a secret, which would be shown in {what}"),
        };
        let finding = self.finding(Code::SECRET_FLOW, message, span, "a secret");
        self.report(
            finding.help("take it out: a secret can only go into a command, an action, a query or a header"),
        );
    }

    /// Reports a list or record that contains a secret: it would be shown when it is assigned.
    pub(crate) fn not_secret_text(&mut self, ty: &Type, span: Span, _name: &'t Name) {
        if matches!(ty, Type::Record(_)) && ty.holds_secret() {
            self.secret_shown(span, ty, "a record");
        }
    }
}
