//! The file that is being checked: its text, and findings placed in it.

use super::file_graph::{FileId, GatheredFile};
use super::inputs::CheckInputs;
use super::{FileKind, shown};
use rbl_syntax::diagnostic::{Code, Diagnostic, Safety};
use rbl_syntax::source::{Place, SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::tree::Part;

/// The file that is being checked. It is never modified, so every part of the check has its own copy of this
/// reference.
#[derive(Clone, Copy)]
pub(super) struct CurrentFile<'t> {
    pub(super) gathered: &'t GatheredFile,
    pub(super) text: &'t str,
}

impl<'t> CurrentFile<'t> {
    /// Looks the file up; `None` if there is no such file.
    pub(super) fn of(inputs: &CheckInputs<'t>, file: FileId) -> Option<Self> {
        let gathered = inputs.files.get(file)?;
        Some(Self { gathered, text: inputs.sources.get(gathered.source)?.text() })
    }

    /// Returns its source.
    pub(super) fn source(self) -> SourceId {
        self.gathered.source
    }

    /// Returns its tree.
    pub(super) fn tree(self) -> &'t tree::File {
        &self.gathered.tree
    }

    /// Whether all of it could be read.
    pub(super) fn is_clean(self) -> bool {
        self.gathered.clean
    }

    /// Whether it begins with `runbook`.
    pub(super) fn is_runbook(self) -> bool {
        self.gathered.kind == FileKind::Runbook
    }

    /// Converts a span of this file to a place.
    pub(super) fn at(self, span: Span) -> Place {
        span.in_source(self.source())
    }

    /// Creates a finding at a span of this file.
    pub(super) fn finding(
        self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, message, self.at(span), label)
    }

    /// Adds the text that was probably meant at a span, as a help and as a fix.
    pub(super) fn suggest(self, finding: Diagnostic, span: Span, near: &str) -> Diagnostic {
        let title = format!("write `{near}`");
        finding.help(title.clone()).fix(title, Safety::Choice, self.at(span), near)
    }

    /// Returns the author's text of a span.
    pub(super) fn slice(self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Returns an operand as a message names it: its own text if that is short, else `this`.
    pub(super) fn shown(self, span: Span) -> String {
        shown::shown(self.text, span)
    }

    /// Returns the source span of a byte of the author's text (values not counted).
    pub(super) fn source_span(self, parts: &[Part], offset: usize) -> Option<Span> {
        let mut left = offset;
        for part in parts {
            let Part::Literal { text, span } = part else { continue };
            if left < text.len() {
                let start = self.source_offset(text, *span, left);
                return Some(Span::new(start, (start + 1).min(span.end)));
            }
            left -= text.len();
        }
        None
    }

    /// Maps a byte of a text to the source, where the text was written with escapes or with an indent that was removed.
    pub(super) fn source_offset(self, text: &str, span: Span, byte: usize) -> u32 {
        let source = self.slice(span);
        let byte = byte.min(text.len());
        if source.len() == text.len() {
            return span.start + u32::try_from(byte).unwrap_or(0);
        }
        let wanted = text.as_bytes().get(..byte).unwrap_or_default();
        let mut at = 0;
        let written = source.as_bytes();
        for expected in wanted {
            while let Some(found) = written.get(at) {
                at += 1;
                if found == expected {
                    break;
                }
                // An escape: the backslash and the character it produces.
                if *found == b'\\'
                    && matches!((written.get(at), expected), (Some(b'n'), b'\n') | (Some(b't'), b'\t'))
                {
                    at += 1;
                    break;
                }
            }
        }
        // The removed indent of a line corresponds to no byte of the text.
        if let Some(next) = text.as_bytes().get(byte) {
            while written.get(at).is_some_and(|found| found != next && found.is_ascii_whitespace()) {
                at += 1;
            }
        }
        span.start + u32::try_from(at).unwrap_or(0)
    }
}
