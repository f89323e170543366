//! Prints a tree as text: one style, no options.
//!
//! The author's tokens are printed in the author's order; the tree decides where lines begin, break and are indented.
//! The printer only decides about blanks, line ends, `;`, the last comma of a list and the layout of a query.
//!
//! *Invariant:* the printed text means the same as the input: [`print`] parses it again and compares, and prints a
//! second time to check that the result is stable. If either check fails, nothing is printed.

mod declaration;
mod document;
mod expression;
mod file;
mod modifiers;
mod printer;
mod render;
mod same;
mod statement;
mod test;
mod text;
mod token;
#[cfg(test)]
mod whitespace;

use std::borrow::Cow;

use super::layout::LaidOut;
use super::read;
use super::tree::{File, Part};
use crate::diagnostic::Diagnostic;
use crate::source::SourceId;

/// The query of a metric between three quotes, escapes resolved.
#[derive(Debug, Clone, Copy)]
pub struct MetricQuery<'a> {
    /// The provider it is for.
    pub provider: &'a str,
    /// Its text and values.
    pub parts: &'a [Part],
}

/// A part of a query that was laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryPart {
    /// Text; lines end in `\n`.
    Text(String),
    /// The next of the query's values.
    Value,
}

/// Formats queries in the style of their own language.
pub trait Queries {
    /// Returns the query in the style of its language; `None` if the style is unknown, or formatting would lose
    /// anything. Two queries that differ only in blanks give the same result.
    fn lay_out(&self, query: &MetricQuery<'_>) -> Option<Vec<QueryPart>>;
}

/// Leaves queries as written.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsWritten;

impl Queries for AsWritten {
    fn lay_out(&self, _: &MetricQuery<'_>) -> Option<Vec<QueryPart>> {
        None
    }
}

/// Why a text cannot be printed.
#[derive(Debug)]
pub enum Unprintable {
    /// It has findings.
    Findings(Vec<Diagnostic>),
    /// The printed text would not mean the same, which is a bug here. Says what differs.
    Differs(&'static str),
}

/// Returns a text with `\n` for line ends and without a byte order mark: the form in which texts are printed.
pub fn normal(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// Prints a [`normal`] text in the one style. Places in findings are places in that text.
pub fn print(source: SourceId, text: &str, queries: &dyn Queries) -> Result<String, Unprintable> {
    let (before, laid_out) = read(source, text);
    let laid_out = match laid_out {
        Some(laid_out) if !before.diagnostics.iter().any(Diagnostic::is_error) => laid_out,
        _ => return Err(Unprintable::Findings(before.diagnostics)),
    };
    let printed = once(&before.file, text, &laid_out, queries);
    if printed == text {
        return Ok(printed);
    }
    let (after, laid_out) = read(source, &printed);
    let Some(laid_out) = laid_out.filter(|_| !after.diagnostics.iter().any(Diagnostic::is_error)) else {
        return Err(Unprintable::Differs("it could not be read again"));
    };
    if !same::comments(&before.file, text, &after.file, &printed) {
        return Err(Unprintable::Differs("its comments differ"));
    }
    if once(&after.file, &printed, &laid_out, queries) != printed {
        return Err(Unprintable::Differs("printed once more it changes again"));
    }
    if !same::trees(before.file, after.file, queries) {
        return Err(Unprintable::Differs("its tree differs"));
    }
    Ok(printed)
}

fn once(file: &File, text: &str, laid_out: &LaidOut, queries: &dyn Queries) -> String {
    let shebang = text.starts_with("#!").then(|| text.lines().next().unwrap_or_default());
    let printer = printer::Printer::new(token::tokens(text, laid_out), queries);
    file::print(file, shebang, printer)
}
