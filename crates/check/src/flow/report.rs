//! Collects the flow findings of one file.

use super::super::findings::Findings;
use super::super::shown::shown;
use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, SourceId, Span};

/// The findings of a file, with its text.
pub(super) struct FlowReport<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    pub(super) findings: &'a mut Findings,
}

impl FlowReport<'_> {
    /// Creates a finding at a span of the file.
    pub(super) fn finding(
        &self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, message, self.at(span), label)
    }

    /// Converts a span of the file to a place.
    pub(super) fn at(&self, span: Span) -> Place {
        span.in_source(self.source)
    }

    /// Returns a part of the text as a message names it.
    pub(super) fn shown(&self, span: Span) -> String {
        shown(self.text, span)
    }

    /// Returns the first line of a part of the text, without its blocks.
    pub(super) fn head(&self, span: Span) -> Span {
        let piece = self.text.get(span.range()).unwrap_or("");
        let line = piece.lines().next().unwrap_or("").trim_end().trim_end_matches('{').trim_end();
        Span::new(span.start, span.start + u32::try_from(line.len()).unwrap_or(0))
    }

    /// Adds a finding; each of these has a cause of its own, unless an error was already reported at its place.
    pub(super) fn add(&mut self, finding: Diagnostic) {
        if finding.place().is_some_and(|place| self.findings.has_error_in(place)) {
            return;
        }
        self.findings.next_statement();
        self.findings.report(finding);
    }
}
