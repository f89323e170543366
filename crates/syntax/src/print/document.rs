//! What is to be printed, before it is known where its lines break.

use std::borrow::Cow;

use super::token::Remark;

/// A piece of a line, or several.
#[derive(Debug, Clone)]
pub(super) enum Doc<'a> {
    /// On one line.
    Text(Cow<'a, str>),
    /// A text over several lines, printed as it is.
    Raw(Cow<'a, str>),
    /// The lines between `"""` and `"""`, without their indent.
    Lines(Vec<String>),
    /// A line end where the group around it is broken; else this.
    Break(&'static str),
    /// A comma that stands only where the group around it is broken.
    LastComma,
    /// A comment on a line of its own.
    Remark(Remark<'a>),
    /// A comment behind what stands before it.
    Aside(&'a str),
    /// On one line if it fits there; else all its breaks are line ends.
    Group(Vec<Doc<'a>>),
    /// Lines that go on with a statement: indented further than its blocks.
    Further(Vec<Doc<'a>>),
    /// Indented a step further than what is around it.
    Nested(Vec<Doc<'a>>),
    /// Between brackets: a step further than the line that opens them.
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
    pub(super) blocks: Vec<(Vec<Doc<'a>>, Block<'a>)>,
    /// Whether blocks of one short statement may stay on its line.
    pub(super) short: bool,
}

/// A sentence on lines of its own.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) remarks: Vec<Remark<'a>>,
    /// A blank line stands right before it.
    pub(super) blank: bool,
    pub(super) sentence: Sentence<'a>,
}

/// `{ … }`
#[derive(Debug, Default)]
pub(super) struct Block<'a> {
    /// Comments above the word that leads to it.
    pub(super) above: Vec<Remark<'a>>,
    /// Comments before the brace.
    pub(super) before: Vec<Remark<'a>>,
    /// The comment behind the opening brace.
    pub(super) aside: Option<&'a str>,
    pub(super) lines: Vec<Line<'a>>,
    /// Comments behind the last line.
    pub(super) remarks: Vec<Remark<'a>>,
    /// The comment behind the closing brace.
    pub(super) behind: Option<&'a str>,
}
