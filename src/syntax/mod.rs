//! Text → tree, and tree → text. The only user of pest.
//!
//! [`parse`] gives a tree **and** a list of diagnostics, never either/or: what cannot be read is reported and left out.

mod build;
mod grammar;
mod layout;
mod print;
mod recovery;
pub mod tree;

use crate::diagnostic::Diagnostic;
use crate::source::SourceId;
use layout::LaidOut;
use tree::File;

pub use layout::is_reserved;
pub use print::{AsWritten, Queries, Query, QueryPart, Unprintable, normal, print};

/// What a text says, and what in it cannot be read.
#[derive(Debug)]
pub struct Parsed {
    /// The tree of everything that could be read.
    pub file: File,
    /// What could not, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a text. Never fails: see [`Parsed`].
pub fn parse(source: SourceId, text: &str) -> Parsed {
    read(source, text).0
}

/// What a text says, and how it was laid out, if it is one of ours.
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
