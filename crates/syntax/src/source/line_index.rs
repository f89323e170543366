//! Converts byte offsets to lines and columns. [`LineIndex`] is built once per source, and only when something is
//! printed.

use serde::{Deserialize, Serialize};

/// A position as people count: line and column both start at 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The start of each line of a text.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// The number of characters that begin before every [`STEP`]th byte; empty if the text is ASCII. *Why:* a line may
    /// be as long as a file, and every position in it may be asked for.
    characters: Vec<u32>,
}

/// The number of bytes between two entries of the character count.
const STEP: usize = 1024;

impl LineIndex {
    /// Builds the index in one pass over the text.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| offset(at + 1)));
        let mut characters = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for block in text.as_bytes().chunks(STEP) {
                characters.push(offset(count));
                count += beginnings(block);
            }
        }
        Self { starts, characters }
    }

    /// Returns the line and column of a byte offset; an offset past the end counts as the end.
    pub fn line_column(&self, text: &str, byte: u32) -> LineColumn {
        let line = self.line_of(byte);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = (byte as usize).min(text.len());
        let column =
            self.characters_before(text, end).saturating_sub(self.characters_before(text, start as usize));
        LineColumn { line: offset(line + 1), column: offset(column + 1) }
    }

    fn characters_before(&self, text: &str, byte: usize) -> usize {
        let block = byte / STEP;
        let Some(before) = self.characters.get(block).or(self.characters.last()) else { return byte };
        let from = block.min(self.characters.len().saturating_sub(1)) * STEP;
        *before as usize + text.as_bytes().get(from..byte).map_or(0, beginnings)
    }

    /// Returns the line number of a byte, from 0.
    pub fn line_of(&self, byte: u32) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// Returns the byte range of a line (from 0) without its line end; `None` past the last line.
    pub fn line_range(&self, text: &str, line: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(line)? as usize;
        let end = self.starts.get(line + 1).map_or(text.len(), |next| *next as usize);
        let content = text.get(start..end)?;
        Some(start..start + content.trim_end_matches(['\n', '\r']).len())
    }
}

/// Counts the characters that begin in these bytes.
fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// Converts a length to the offset type. Texts over 4 GiB are rejected before a source is made.
pub(super) fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_not_bytes() {
        let text = "a\nüb\n";
        let index = LineIndex::new(text);
        assert_eq!(index.line_column(text, 0), LineColumn { line: 1, column: 1 });
        assert_eq!(index.line_column(text, 4), LineColumn { line: 2, column: 2 });
        assert_eq!(index.line_column(text, 99), LineColumn { line: 3, column: 1 });
    }

    #[test]
    fn a_long_line_is_counted_from_the_nearest_mark() {
        let text = format!("x\n{}\nyü", "aüç€".repeat(3_000));
        let index = LineIndex::new(&text);
        let mut expected = LineColumn { line: 1, column: 1 };
        for (byte, c) in text.char_indices() {
            assert_eq!(index.line_column(&text, offset(byte)), expected, "{byte}");
            expected = if c == '\n' {
                LineColumn { line: expected.line + 1, column: 1 }
            } else {
                LineColumn { column: expected.column + 1, ..expected }
            };
        }
        assert_eq!(index.line_column(&text, offset(text.len())), expected);
        let exact = "ü".repeat(STEP / 2);
        assert_eq!(LineIndex::new(&exact).line_column(&exact, offset(STEP)).column, offset(STEP / 2 + 1));
    }

    #[test]
    fn a_line_ends_before_its_line_end() {
        let text = "one\r\ntwo";
        let index = LineIndex::new(text);
        assert_eq!(index.line_range(text, 0), Some(0..3));
        assert_eq!(index.line_range(text, 1), Some(5..8));
        assert_eq!(index.line_range(text, 2), None);
    }
}
