//! Half-open byte ranges in a source text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SourceId;

/// A half-open range of bytes, `start..end`, in one source text.
///
/// *Invariant:* `start <= end`, and both lie on character boundaries of the text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The range `start..end` of in-memory positions. Texts of 4 GiB and more are rejected before a source is made.
    pub fn between(start: usize, end: usize) -> Self {
        Self::new(super::offset(start), super::offset(end))
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The empty span at this span's end.
    #[must_use]
    pub const fn after(self) -> Self {
        Self::new(self.end, self.end)
    }

    /// How many bytes it covers.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it covers no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies within it.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// As a range that can index a string.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Attaches the file it belongs to.
    pub const fn in_source(self, source: SourceId) -> Place {
        Place { source, span: self }
    }
}

/// A span and the source it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Which source.
    pub source: SourceId,
    /// Where in it.
    pub span: Span,
}
