//! The blocks of a Markdown document, each with its lines.

use crate::draft::SourceLines;

/// A document: its front matter and its blocks.
#[derive(Debug, Clone, Default)]
pub(crate) struct MarkdownDocument {
    /// Keys and values of the front matter, as far as they are plain.
    pub(crate) front: Vec<(String, String)>,
    /// The lines of the front matter, if there is one.
    pub(crate) front_lines: Option<SourceLines>,
    pub(crate) blocks: Vec<MarkdownBlock>,
    /// The definitions of links, with their names.
    pub(crate) definitions: Vec<(String, String)>,
}

/// A block and its lines.
#[derive(Debug, Clone)]
pub(crate) struct MarkdownBlock {
    pub(crate) lines: SourceLines,
    pub(crate) kind: BlockKind,
}

/// The kinds of block.
#[derive(Debug, Clone)]
pub(crate) enum BlockKind {
    Heading { level: u8, text: InlineText },
    Paragraph(InlineText),
    Code { language: String, text: String },
    List { ordered: bool, items: Vec<MarkdownItem> },
    Quote(Vec<MarkdownBlock>),
    Table { header: Vec<InlineText>, rows: Vec<Vec<InlineText>> },
    Html(String),
    Rule,
}

/// An item of a list.
#[derive(Debug, Clone)]
pub(crate) struct MarkdownItem {
    /// It has a box to tick.
    pub(crate) is_task: bool,
    pub(crate) blocks: Vec<MarkdownBlock>,
}

/// Text with its links; code stands between back quotes.
#[derive(Debug, Clone, Default)]
pub(crate) struct InlineText {
    pub(crate) text: String,
    /// What is in bold at its beginning.
    pub(crate) lead: Option<String>,
    /// Text and address of each link and image.
    pub(crate) links: Vec<(String, String)>,
}

impl InlineText {
    /// Whether it is nothing but a link.
    pub(crate) fn is_link(&self) -> bool {
        let bare = self.text.trim().trim_end_matches(['.', ',', ';']);
        !bare.is_empty() && self.links.iter().any(|(name, address)| name == bare || address == bare)
    }

    /// The command, if the text is nothing but code.
    pub(crate) fn only_code(&self) -> Option<&str> {
        let inner = self.text.trim().strip_prefix('`')?.strip_suffix('`')?;
        (!inner.contains('`')).then_some(inner)
    }

    /// What stands behind the bold beginning, without the colon between them.
    pub(crate) fn behind_lead(&self) -> Option<(&str, &str)> {
        let lead = self.lead.as_deref()?;
        let rest = self.text.trim_start().strip_prefix(lead)?;
        let rest = rest.trim_start();
        let rest = rest.strip_prefix([':', '-', '–', '—']).unwrap_or(rest).trim_start();
        Some((lead.trim().trim_end_matches(':').trim_end(), rest))
    }
}
