//! The document to print, before line breaks are chosen.

use std::borrow::Cow;

use super::token::Remark;

/// A piece of a line, or several.
#[derive(Debug, Clone)]
pub(super) enum Doc<'a> {
    /// On one line.
    Text(Cow<'a, str>),
    /// A multi-line text, printed as it is.
    Raw(Cow<'a, str>),
    /// The lines between `"""` and `"""`, without their indent.
    Lines(Vec<String>),
    /// A line end if the enclosing group is broken; else this text.
    Break(&'static str),
    /// A comma that is printed only if the enclosing group is broken.
    LastComma,
    /// A comment on a line of its own.
    Remark(Remark<'a>),
    /// A comment at the end of the line.
    Aside(&'a str),
    /// On one line if it fits; else all its breaks are line ends.
    Group(Vec<Doc<'a>>),
    /// Lines that continue a statement: indented further than its blocks.
    Further(Vec<Doc<'a>>),
    /// Indented one step further than its surroundings.
    Nested(Vec<Doc<'a>>),
    /// Between brackets: one step further than the line that opens them.
    Inside(Vec<Doc<'a>>),
}

impl Doc<'_> {
    pub(super) fn is_comment(&self) -> bool {
        matches!(self, Self::Remark(_) | Self::Aside(_))
    }
}

/// A statement, declaration, step or test: its head, and its blocks.
#[derive(Debug, Default)]
pub(super) struct Sentence<'a> {
    pub(super) head: Vec<Doc<'a>>,
    pub(super) blocks: Vec<(Vec<Doc<'a>>, PrintedBlock<'a>)>,
    /// What follows the last block, and the comments above it.
    pub(super) tail: (Vec<Remark<'a>>, Vec<Doc<'a>>),
    /// Whether the blocks of one short statement may stay on its line.
    pub(super) short: bool,
}

/// A sentence on lines of its own.
#[derive(Debug)]
pub(super) struct PrintedLine<'a> {
    pub(super) remarks: Vec<Remark<'a>>,
    /// Whether a blank line precedes it.
    pub(super) blank: bool,
    pub(super) sentence: Sentence<'a>,
}

/// `{ … }`
#[derive(Debug, Default)]
pub(super) struct PrintedBlock<'a> {
    /// Comments above the word that introduces it.
    pub(super) above: Vec<Remark<'a>>,
    /// Comments before the brace.
    pub(super) before: Vec<Remark<'a>>,
    /// The comment after the opening brace.
    pub(super) aside: Option<&'a str>,
    pub(super) lines: Vec<PrintedLine<'a>>,
    /// Comments after the last line.
    pub(super) remarks: Vec<Remark<'a>>,
    /// The comment after the closing brace.
    pub(super) behind: Option<&'a str>,
}
