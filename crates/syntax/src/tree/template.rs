//! Text and commands with values in them.

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::Expr;
use crate::source::Span;

/// `"…"` or `"""…"""`: text with `#{…}` in it. Escapes are resolved, the common indent is removed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Template {
    /// With its quotes.
    pub span: Span,
    /// Literal text and values, in order. Two literals are never adjacent.
    pub parts: Vec<Part>,
    /// Whether it was written with three quotes.
    pub triple: bool,
}

/// `` `…` ``: a shell command with `#{…}` in it. Only `` \` `` and `\#` are escapes; all other bytes go to the shell.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Command {
    /// With its back quotes.
    pub span: Span,
    /// Literal text and values, in order.
    pub parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The author's text and its span (which is longer than the text if it contained escapes).
    Literal {
        /// Escapes resolved.
        text: SmolStr,
        /// Where it was written.
        span: Span,
    },
    /// `#{…}`
    Value(Expr),
}

impl Template {
    /// The text, if it contains no value.
    pub fn literal(&self) -> Option<&str> {
        literal(&self.parts)
    }

    /// The values in it.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        values(&self.parts)
    }
}

impl Command {
    /// The text, if it contains no value.
    pub fn literal(&self) -> Option<&str> {
        literal(&self.parts)
    }

    /// The values in it.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        values(&self.parts)
    }
}

fn literal(parts: &[Part]) -> Option<&str> {
    match parts {
        [] => Some(""),
        [Part::Literal { text, .. }] => Some(text),
        _ => None,
    }
}

fn values(parts: &[Part]) -> impl Iterator<Item = &Expr> {
    parts.iter().filter_map(|part| if let Part::Value(value) = part { Some(value) } else { None })
}
