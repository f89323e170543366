//! Builds the source lines around the labels of one finding, cropped, as a source that miette can read.
//!
//! *Why not the text itself:* miette never crops a long line, walks the whole text for each label, draws control
//! characters as they are and shows nothing for an empty span at the end of a file.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_width::UnicodeWidthStr;

use super::crop::{DrawnLine, Need};
use super::mask::SnippetMask;
use rbl_syntax::diagnostic::{Diagnostic, Label};
use rbl_syntax::harmless;
use rbl_syntax::source::{Source, SourceId, Sources};
use rbl_terminal::Style;

/// Labelled lines that are at most this far apart share one frame, with the lines between them.
const NEAR: usize = 3;

/// The columns that a frame takes on the left, besides the line number.
const FRAME: usize = 5;

/// Drawn lines of one file that form one frame.
#[derive(Debug)]
struct SnippetBlock {
    name: String,
    /// Bytes in the drawn text.
    start: usize,
    end: usize,
    lines: Vec<SnippetLine>,
}

#[derive(Debug)]
struct SnippetLine {
    /// From 0, in the file.
    number: usize,
    /// First byte in the drawn text.
    start: usize,
}

/// A label at a place of the drawn text, with its true position.
#[derive(Debug)]
struct DrawnLabel {
    span: SourceSpan,
    text: Option<String>,
    primary: bool,
    /// From 0, in characters.
    column: usize,
}

/// The text that miette draws.
#[derive(Debug)]
pub(super) struct Snippet {
    text: String,
    blocks: Vec<SnippetBlock>,
    labels: Vec<DrawnLabel>,
}

/// A label and the line it is drawn in.
struct PlacedLabel<'a> {
    label: &'a Label,
    line: usize,
    /// Bytes within the line; never empty unless the line is.
    start: usize,
    end: usize,
    text: String,
}

impl Snippet {
    /// Draws the lines around the labels; the file of the first label comes first.
    pub(super) fn new(diagnostic: &Diagnostic, sources: &Sources, mask: &SnippetMask, style: Style) -> Self {
        let mut snippet = Self { text: String::new(), blocks: Vec::new(), labels: Vec::new() };
        let mut files: Vec<SourceId> = Vec::new();
        for label in &diagnostic.labels {
            if !files.contains(&label.place.source) {
                files.push(label.place.source);
            }
        }
        for id in files {
            if let Some(source) = sources.get(id) {
                let labels = diagnostic.labels.iter().filter(|label| label.place.source == id);
                snippet.add_file(source, id, labels, mask, style);
            }
        }
        snippet
    }

    /// Whether there is nothing to draw.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The labels in the form that miette expects.
    pub(super) fn labels(&self) -> Vec<LabeledSpan> {
        let label = |it: &DrawnLabel| {
            if it.primary {
                LabeledSpan::new_primary_with_span(it.text.clone(), it.span)
            } else {
                LabeledSpan::new_with_span(it.text.clone(), it.span)
            }
        };
        self.labels.iter().map(label).collect()
    }

    fn add_file<'a>(
        &mut self,
        source: &Source,
        id: SourceId,
        labels: impl Iterator<Item = &'a Label>,
        mask: &SnippetMask,
        style: Style,
    ) {
        let mut placed: Vec<PlacedLabel<'_>> = labels.map(|label| place(source, label)).collect();
        placed.sort_by_key(|it| (it.line, it.start));
        let numbers = placed.last().map_or(1, |it| (it.line + 1).to_string().len());
        let width = style.width.saturating_sub(numbers + FRAME);
        let mut rest = placed.as_slice();
        while let Some(first) = rest.first() {
            let mut last = first.line;
            let mut count = 0;
            for it in rest {
                if it.line > last + NEAR {
                    break;
                }
                last = it.line;
                count += 1;
            }
            let (block, behind) = rest.split_at(count);
            rest = behind;
            self.add_block(source, id, first.line..=last, block, mask, width, style.unicode);
        }
    }

    #[allow(clippy::too_many_arguments)] // one block is all of this
    fn add_block(
        &mut self,
        source: &Source,
        id: SourceId,
        lines: std::ops::RangeInclusive<usize>,
        placed: &[PlacedLabel<'_>],
        mask: &SnippetMask,
        width: usize,
        unicode: bool,
    ) {
        let start = self.text.len();
        let mut drawn_lines = Vec::new();
        for number in lines {
            let Some(range) = source.lines().line_range(source.text(), number) else { break };
            let text = source.text().get(range.clone()).unwrap_or("");
            let labels: Vec<&PlacedLabel<'_>> = placed.iter().filter(|it| it.line == number).collect();
            let needs: Vec<Need> = labels
                .iter()
                .map(|it| Need { start: it.start, end: it.end, text: widest(&it.text) })
                .collect();
            let hide = |byte: usize| mask.hides(id, range.start + byte);
            let drawn = DrawnLine::new(text, &needs, width, unicode, hide);
            let at = self.text.len();
            drawn_lines.push(SnippetLine { number, start: at });
            self.text.push_str(&drawn.text);
            let mut padded = false;
            for it in labels {
                let (from, mut to) = (drawn.at(it.start), drawn.at(it.end));
                if to <= from {
                    // An empty span is drawn under the character at its place, or under the end of the line.
                    to = drawn.text.get(from..).and_then(|rest| rest.chars().next()).map_or_else(
                        || {
                            padded = true;
                            from + 1
                        },
                        |character| from + character.len_utf8(),
                    );
                }
                let before = text.get(..it.start).unwrap_or("");
                self.labels.push(DrawnLabel {
                    span: (at + from, to - from).into(),
                    text: Some(it.text.clone()).filter(|text| !text.is_empty()),
                    primary: it.label.primary,
                    column: before.chars().count(),
                });
            }
            if padded {
                self.text.push(' ');
            }
            self.text.push('\n');
        }
        let name = harmless(source.name()).into_owned();
        self.blocks.push(SnippetBlock { name, start, end: self.text.len(), lines: drawn_lines });
    }
}

/// A label over several lines is drawn on its first line: the frame stays small, and the place is the same.
fn place<'a>(source: &Source, label: &'a Label) -> PlacedLabel<'a> {
    let span = label.place.span;
    let lines = source.lines();
    let line = lines.line_of(span.start.min(u32::try_from(source.text().len()).unwrap_or(u32::MAX)));
    let range = lines.line_range(source.text(), line).unwrap_or_default();
    let start = (span.start as usize).clamp(range.start, range.end) - range.start;
    let end = (span.end as usize).clamp(range.start + start, range.end) - range.start;
    PlacedLabel { label, line, start, end, text: fold(&harmless(&label.text)) }
}

/// Wraps a label's text at 44 columns, so that it fits beside its place.
fn fold(text: &str) -> String {
    let mut folded = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.width();
        if column > 0 && column + 1 + width > 44 {
            folded.push('\n');
            column = 0;
        } else if column > 0 {
            folded.push(' ');
            column += 1;
        }
        folded.push_str(word);
        column += width;
    }
    folded
}

fn widest(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// miette reads with lines of context to draw, and without to compute line and column; the first gets the whole block.
impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_before: usize,
        _context_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (from, to) = (span.offset(), span.offset() + span.len());
        let outside = || MietteError::OutOfBounds;
        let block = self.blocks.iter().find(|it| it.start <= from && to <= it.end).ok_or_else(outside)?;
        let bytes = |from: usize, to: usize| self.text.as_bytes().get(from..to).ok_or_else(outside);
        let (data, span, line, column) = if context_before == 0 {
            let at = block.lines.iter().rev().find(|line| line.start <= from).ok_or_else(outside)?;
            let column = self.labels.iter().find(|label| label.span.offset() == from);
            (bytes(from, to)?, *span, at.number, column.map_or(0, |label| label.column))
        } else {
            let first = block.lines.first().ok_or_else(outside)?;
            (bytes(block.start, block.end)?, (block.start, block.end - block.start).into(), first.number, 0)
        };
        let contents =
            MietteSpanContents::new_named(block.name.clone(), data, span, line, column, block.lines.len());
        Ok(Box::new(contents))
    }
}
