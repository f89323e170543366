//! Maps places in the session's text to the inputs and files that a person has seen, also for findings.

use std::ops::Range;
use std::sync::Arc;

use rbl_syntax::diagnostic::{Code, Diagnostic};
use rbl_syntax::source::{Place, Source, SourceId, Sources, Span};

/// Findings with places in the inputs and files that a person has seen.
#[derive(Debug, Clone)]
pub(super) struct PlacedFindings {
    /// The inputs and the files.
    pub(super) sources: Arc<Sources>,
    /// The findings.
    pub(super) diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Clone)]
pub(super) struct Segment {
    /// The range in the session's text.
    range: Range<u32>,
    /// The source that a person has seen.
    source: Source,
    /// The position in that source.
    at: u32,
    /// The line in the session's text at which it begins, from 1.
    line: u32,
}

/// The origins of the parts of the session's text.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) segments: Vec<Segment>,
}

#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) segments: Vec<Segment>,
}

impl Text {
    /// Adds a part of a source, on lines of its own.
    pub(super) fn part(&mut self, source: &Source, span: Span, text: &str) {
        let start = Span::between(self.text.len(), self.text.len()).start;
        let line =
            u32::try_from(memchr::memchr_iter(b'\n', self.text.as_bytes()).count() + 1).unwrap_or(u32::MAX);
        self.text.push_str(text);
        let end = Span::between(self.text.len(), self.text.len()).end;
        self.segments.push(Segment { range: start..end, source: source.clone(), at: span.start, line });
        self.text.push('\n');
    }
}

impl Places {
    /// The source of a span, and the span in it; `None` for text that nobody typed.
    pub(super) fn seen(&self, span: Span) -> Option<(&Source, Span)> {
        let segment =
            self.segments.iter().find(|it| it.range.start <= span.start && span.start <= it.range.end)?;
        let there = |position: u32| {
            segment.at + position.clamp(segment.range.start, segment.range.end) - segment.range.start
        };
        Some((&segment.source, Span::new(there(span.start), there(span.end))))
    }

    /// Whether this maps typed text, not a loaded file.
    pub(super) fn is_typed(&self) -> bool {
        !self.segments.is_empty()
    }

    /// The line in the source, for a line of the session's text.
    pub(super) fn line(&self, line: u32) -> u32 {
        let Some(segment) = self.segments.iter().rev().find(|it| it.line <= line) else { return line };
        segment.source.line_column(segment.at).line + (line - segment.line)
    }

    /// The findings about the input, with places in the sources that a person has seen.
    pub(super) fn placed(
        &self,
        sources: &Sources,
        diagnostics: Vec<Diagnostic>,
        input: &Source,
    ) -> PlacedFindings {
        let mut all = Sources::new();
        for (_, source) in sources.iter() {
            all.add(source.clone());
        }
        let mut ids: Vec<(String, SourceId)> = Vec::new();
        let mut id_of = |source: &Source| {
            if let Some((_, id)) = ids.iter().find(|(name, _)| name == source.name()) {
                return *id;
            }
            let id = all.add(source.clone());
            ids.push((source.name().to_owned(), id));
            id
        };
        let mut kept = Vec::new();
        for diagnostic in diagnostics {
            let concerns = match diagnostic.place() {
                Some(place) if place.source == SourceId(0) => {
                    self.seen(place.span).map(|(source, _)| source.name() == input.name())
                }
                _ => Some(false),
            };
            // These are warnings about a whole runbook: a session uses names only later, and has no owner.
            let group = diagnostic.code.name().split('/').next().unwrap_or_default();
            let of_a_file = diagnostic.code == Code::NAME_UNUSED
                || matches!(group, "flow" | "upkeep" | "unknown" | "action");
            if !diagnostic.is_error() && (of_a_file || concerns != Some(true)) {
                continue;
            }
            kept.push(diagnostic.map_places(|place| {
                if place.source != SourceId(0) {
                    return Some(place);
                }
                let (source, span) = self.seen(place.span)?;
                Some(Place { source: id_of(source), span })
            }));
        }
        PlacedFindings { sources: Arc::new(all), diagnostics: kept }
    }
}
