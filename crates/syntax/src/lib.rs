//! Parses text into a tree, and prints a tree as text. The only user of pest.
//!
//! [`parse`] returns a tree **and** a list of diagnostics, never either/or: what cannot be read is reported and left
//! out.

pub mod diagnostic;
pub mod source;
pub mod tree;
pub mod value;

mod build;
mod colour;
mod counted;
mod grammar;
pub mod harmless;
pub mod io_error;
mod layout;
mod print;
mod recovery;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::SourceId;
use layout::LaidOut;
use tree::File;

pub use colour::{Token, TokenKind, tokens};
pub use counted::{counted, grouped};
pub use harmless::{clean, harmless, harmless_json, one_line, printable, shown, tab};
pub use layout::is_reserved;
pub use print::{AsWritten, MetricQuery, Queries, QueryPart, Unprintable, normal, print};
pub use recovery::OTHERWISE;

/// The tree of a text, and findings about what could not be read.
#[derive(Debug)]
pub struct Parsed {
    /// The tree of everything that could be read.
    pub file: File,
    /// Findings about the unreadable parts, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether a text is unfinished: a bracket or a `"""` is open at its end, or it ends in an operator or a comma. For
/// callers that read line by line.
pub fn is_unfinished(text: &str) -> bool {
    let text = text.trim_end();
    let laid_out = layout::lay_out(SourceId::default(), text);
    let open_text = |it: &Diagnostic| {
        let start = it.place().map(|place| place.span.start as usize);
        it.code == Code::SYNTAX_UNCLOSED
            && start.and_then(|start| text.get(start..)).is_some_and(|rest| rest.starts_with("\"\"\""))
    };
    laid_out.unfinished || laid_out.diagnostics.iter().any(open_text)
}

/// Whether this word begins a statement or a declaration.
pub fn begins_statement(word: &str) -> bool {
    layout::begins_statement(word)
}

/// Parses a text. Never fails: see [`Parsed`].
pub fn parse(source: SourceId, text: &str) -> Parsed {
    read(source, text).0
}

/// Parses a text; returns its layout too, if the text is a runbook at all.
fn read(source: SourceId, text: &str) -> (Parsed, Option<LaidOut>) {
    if let Some(diagnostic) = recovery::not_a_text(source, text) {
        return (Parsed { file: File::default(), diagnostics: vec![diagnostic] }, None);
    }
    let mut laid_out = layout::lay_out(source, text);
    let mut diagnostics = std::mem::take(&mut laid_out.diagnostics);
    let file = if laid_out.too_deep {
        File::default()
    } else {
        let (file, mut found) = build::build(source, &laid_out);
        diagnostics.append(&mut found);
        file
    };
    if !diagnostics.is_empty() {
        recovery::tidy(source, text, &mut diagnostics);
    }
    (Parsed { file, diagnostics }, Some(laid_out))
}
