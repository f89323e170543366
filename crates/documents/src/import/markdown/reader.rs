//! Reads Markdown into blocks.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, MetadataBlockKind, OffsetIter, Options, Parser, Tag, TagEnd};

use super::block::{BlockKind, InlineText, MarkdownBlock, MarkdownDocument, MarkdownItem};
use crate::draft::SourceLines;
use crate::import::yaml::{self, YamlNode, YamlValue};

/// How deep blocks may stand in each other; what is deeper is one paragraph.
const DEEPEST: usize = 40;

/// Reads a document.
pub(crate) fn read(text: &str) -> MarkdownDocument {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let parser = Parser::new_ext(text, options);
    let mut definitions: Vec<(usize, String, String)> = parser
        .reference_definitions()
        .iter()
        .map(|(name, definition)| (definition.span.start, name.to_owned(), definition.dest.to_string()))
        .collect();
    definitions.sort();
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let mut reader = MarkdownReader {
        text,
        starts,
        events: parser.into_offset_iter(),
        depth: 0,
        document: MarkdownDocument::default(),
    };
    let blocks = reader.blocks();
    let mut document = reader.document;
    document.blocks = blocks;
    document.definitions = definitions.into_iter().map(|(_, name, address)| (name, address)).collect();
    document
}

/// How deep the lists and quotes of a document are nested.
pub(crate) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::List(_) | Tag::BlockQuote(_)) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_)) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

struct MarkdownReader<'a> {
    text: &'a str,
    /// The first byte of each line.
    starts: Vec<usize>,
    events: OffsetIter<'a>,
    /// How many blocks are open.
    depth: usize,
    document: MarkdownDocument,
}

impl<'a> MarkdownReader<'a> {
    fn lines(&self, range: &Range<usize>) -> SourceLines {
        let text = self.text.get(range.clone()).unwrap_or_default();
        let end = range.start + text.trim_end().len().max(1) - 1;
        let line = |byte: usize| self.starts.partition_point(|start| *start <= byte).max(1);
        SourceLines { first: line(range.start), last: line(end) }
    }

    /// The blocks up to the end of what contains them.
    fn blocks(&mut self) -> Vec<MarkdownBlock> {
        let mut blocks = Vec::new();
        // Text of a tight list stands in its item without a paragraph.
        let mut loose: Option<(InlineReader, Range<usize>)> = None;
        while let Some((event, range)) = self.events.next() {
            if is_inline(&event) {
                let (inline, whole) = loose.get_or_insert_with(|| (InlineReader::default(), range.clone()));
                whole.end = range.end;
                inline.event(event);
                continue;
            }
            if let Some((inline, whole)) = loose.take() {
                blocks.push(self.paragraph(inline, &whole));
            }
            match event {
                Event::End(_) => return blocks,
                Event::Start(tag) => {
                    if let Some(kind) = self.block(tag, &range) {
                        blocks.push(MarkdownBlock { lines: self.lines(&range), kind });
                    }
                }
                Event::Html(html) => {
                    blocks.push(MarkdownBlock {
                        lines: self.lines(&range),
                        kind: BlockKind::Html(html.to_string()),
                    });
                }
                Event::Rule => {
                    blocks.push(MarkdownBlock { lines: self.lines(&range), kind: BlockKind::Rule });
                }
                _ => {}
            }
        }
        if let Some((inline, whole)) = loose.take() {
            blocks.push(self.paragraph(inline, &whole));
        }
        blocks
    }

    fn paragraph(&self, inline: InlineReader, range: &Range<usize>) -> MarkdownBlock {
        MarkdownBlock { lines: self.lines(range), kind: BlockKind::Paragraph(inline.finished()) }
    }

    fn block(&mut self, tag: Tag<'a>, range: &Range<usize>) -> Option<BlockKind> {
        let contains = !matches!(
            tag,
            Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::CodeBlock(_)
                | Tag::HtmlBlock
                | Tag::Table(_)
                | Tag::MetadataBlock(_)
        );
        if contains && self.depth >= DEEPEST {
            return Some(BlockKind::Paragraph(self.flat()));
        }
        self.depth += 1;
        let block = self.block_within(tag, range);
        self.depth -= 1;
        block
    }

    /// The text of everything up to the end of a block.
    fn flat(&mut self) -> InlineText {
        let mut inline = InlineReader::default();
        let mut open = 1_usize;
        for (event, _) in self.events.by_ref() {
            match &event {
                Event::Start(_) => open += 1,
                Event::End(_) => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
            // Two blocks are not one word.
            if matches!(event, Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item)) {
                inline.event(Event::SoftBreak);
            }
            inline.event(event);
        }
        inline.finished()
    }

    fn block_within(&mut self, tag: Tag<'a>, range: &Range<usize>) -> Option<BlockKind> {
        match tag {
            Tag::Paragraph => Some(BlockKind::Paragraph(self.inline())),
            Tag::Heading { level, .. } => {
                Some(BlockKind::Heading { level: level_number(level), text: self.inline() })
            }
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    pulldown_cmark::CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '{']).next().unwrap_or_default().to_ascii_lowercase()
                    }
                    pulldown_cmark::CodeBlockKind::Indented => String::new(),
                };
                Some(BlockKind::Code { language, text: self.raw() })
            }
            Tag::HtmlBlock => Some(BlockKind::Html(self.raw())),
            Tag::List(first) => Some(BlockKind::List { ordered: first.is_some(), items: self.items() }),
            Tag::Table(_) => Some(self.table()),
            Tag::MetadataBlock(MetadataBlockKind::YamlStyle | MetadataBlockKind::PlusesStyle) => {
                let text = self.raw();
                self.document.front_lines = Some(self.lines(range));
                self.document.front = front_matter(&text);
                None
            }
            _ => Some(BlockKind::Quote(self.blocks())),
        }
    }

    /// The text up to the end of a block, as it is.
    fn raw(&mut self) -> String {
        let mut text = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::End(_) => break,
                Event::Text(it) | Event::Html(it) | Event::Code(it) => text.push_str(&it),
                Event::SoftBreak | Event::HardBreak => text.push('\n'),
                _ => {}
            }
        }
        text
    }

    /// The text up to the end of a block of text.
    fn inline(&mut self) -> InlineText {
        let mut inline = InlineReader::default();
        for (event, _) in self.events.by_ref() {
            if matches!(event, Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::TableCell)) {
                break;
            }
            inline.event(event);
        }
        inline.finished()
    }

    fn items(&mut self) -> Vec<MarkdownItem> {
        let mut items = Vec::new();
        while let Some((event, range)) = self.events.next() {
            match event {
                Event::End(TagEnd::List(_)) => break,
                Event::Start(Tag::Item) => {
                    let text = self.text.get(range.clone()).unwrap_or_default();
                    let marker = text
                        .trim_start()
                        .trim_start_matches(|c: char| c.is_ascii_digit() || "-*+.)".contains(c));
                    let is_task = ["[ ]", "[x]", "[X]"].iter().any(|it| marker.trim_start().starts_with(it));
                    items.push(MarkdownItem { is_task, blocks: self.blocks() });
                }
                _ => {}
            }
        }
        items
    }

    fn table(&mut self) -> BlockKind {
        let (mut header, mut rows, mut row) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((event, _)) = self.events.next() {
            match event {
                Event::End(TagEnd::Table) => break,
                Event::Start(Tag::TableCell) => row.push(self.inline()),
                Event::End(TagEnd::TableHead) => header = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                _ => {}
            }
        }
        BlockKind::Table { header, rows }
    }
}

fn level_number(level: HeadingLevel) -> u8 {
    level as u8
}

fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_)
        | Event::Code(_)
        | Event::InlineHtml(_)
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::FootnoteReference(_)
        | Event::SoftBreak
        | Event::HardBreak
        | Event::TaskListMarker(_) => true,
        Event::Start(tag) => {
            matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Image { .. })
        }
        Event::End(tag) => matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image),
        Event::Html(_) | Event::Rule => false,
    }
}

/// Puts the events of a text together.
#[derive(Default)]
struct InlineReader {
    text: InlineText,
    /// Where the text of each open link begins, and its address.
    open: Vec<(usize, String)>,
    strong: usize,
    /// Whether the bold beginning is over.
    plain: bool,
}

impl InlineReader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Text(it) | Event::InlineMath(it) | Event::DisplayMath(it) => {
                self.push(&it.replace('\t', " "));
            }
            Event::Code(it) => self.push(&format!("`{}`", it.replace('`', "'").replace('\n', " "))),
            Event::FootnoteReference(it) => self.push(&format!("[{it}]")),
            Event::InlineHtml(it) => {
                let is_break = it.starts_with("<br");
                // `<pod-name>` is meant to be filled in, and only looks like HTML.
                let shown = if is_break {
                    "\n"
                } else if is_element(&it) {
                    ""
                } else {
                    &*it
                };
                self.push(shown);
            }
            Event::SoftBreak => self.push(" "),
            Event::HardBreak => self.push("\n"),
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.open.push((self.text.text.len(), dest_url.to_string()));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some((start, address)) = self.open.pop() {
                    let name = self.text.text.get(start..).unwrap_or_default().trim().to_owned();
                    self.text.links.push((name, address));
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if self.strong > 0 && !self.plain {
            self.text.lead.get_or_insert_default().push_str(text);
        } else if !text.trim().is_empty() {
            self.plain = true;
        }
        self.text.text.push_str(text);
    }

    fn finished(mut self) -> InlineText {
        self.text.text = single_blanks(self.text.text.trim());
        self.text.lead = self.text.lead.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        self.text
    }
}

/// A text with one blank where there are several, except in code.
fn single_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    for c in text.chars() {
        in_code ^= c == '`';
        if !(c == ' ' && out.ends_with(' ') && !in_code) {
            out.push(c);
        }
    }
    out
}

/// Whether it is a tag of HTML, or a comment.
fn is_element(tag: &str) -> bool {
    let name: String =
        tag.trim_start_matches(['<', '/']).chars().take_while(char::is_ascii_alphanumeric).collect();
    let rest = tag.trim_start_matches(['<', '/']).get(name.len()..).unwrap_or_default();
    tag.starts_with("<!--")
        || !rest.starts_with(['-', '_', ':', '.'])
            && [
                "a", "b", "br", "code", "details", "div", "em", "i", "img", "kbd", "li", "p", "pre", "span",
                "strong", "sub", "summary", "sup", "u", "ul",
            ]
            .contains(&name.to_ascii_lowercase().as_str())
}

/// The front matter: keys and plain values. A list of alerts is one entry each; other lists and maps are kept as lines
/// without a key.
fn front_matter(text: &str) -> Vec<(String, String)> {
    let document = yaml::read(text).ok().and_then(|it| it.into_iter().next());
    let pairs = document.as_ref().map(YamlNode::pairs).unwrap_or_default();
    if pairs.is_empty() {
        return plain_front_matter(text);
    }
    let lines: Vec<&str> = text.lines().collect();
    let begins: Vec<usize> = pairs.iter().map(|(key, _)| key.line.saturating_sub(1)).collect();
    let lines_of = |from: usize, to: usize| lines.iter().skip(from).take(to.saturating_sub(from));
    let mut found = Vec::new();
    let before = begins.first().copied().unwrap_or(0);
    found.extend(lines_of(0, before).filter(|it| !it.trim().is_empty()).map(|it| kept(it)));
    for (n, (key, value)) in pairs.iter().enumerate() {
        let from = begins.get(n).copied().unwrap_or(0);
        let to = begins.get(n + 1).copied().unwrap_or(lines.len());
        let source: Vec<&str> = lines_of(from, to).copied().filter(|it| !it.trim().is_empty()).collect();
        let name = key.text().unwrap_or_default().to_owned();
        let alerts: Option<Vec<&str>> = value.items().iter().map(YamlNode::text).collect();
        let is_of_alerts = ["alert", "alertname"].contains(&name.as_str()) && !value.items().is_empty();
        match (&value.value, alerts.filter(|_| is_of_alerts)) {
            (_, Some(alerts)) => found.extend(alerts.into_iter().map(|it| (name.clone(), it.to_owned()))),
            (YamlValue::Text(text), _) if !text.trim().is_empty() => {
                let text: Vec<&str> = text.split_whitespace().collect();
                found.push((name, text.join(" ")));
                let is_remark = |it: &&&str| it.trim_start().starts_with('#');
                found.extend(source.iter().skip(1).filter(is_remark).map(|it| kept(it)));
            }
            // A number is kept as it is written.
            (YamlValue::Number(_) | YamlValue::Bool(_), _) => found.extend(source.iter().map(|it| plain(it))),
            _ => found.extend(source.iter().map(|it| kept(it))),
        }
    }
    found
}

/// A line without a key.
fn kept(line: &str) -> (String, String) {
    (String::new(), line.trim_end().to_owned())
}

/// `key: value`, quotes removed.
fn plain(line: &str) -> (String, String) {
    let begins = !line.starts_with([' ', '\t', '-', '#']);
    match line.split_once(':').filter(|(_, value)| begins && !value.trim().is_empty()) {
        Some((key, value)) => {
            let value = value.trim();
            let bare = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let bare = bare.or_else(|| value.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')));
            (key.trim().to_owned(), bare.unwrap_or(value).to_owned())
        }
        None => kept(line),
    }
}

/// The lines of a front matter that is no YAML.
fn plain_front_matter(text: &str) -> Vec<(String, String)> {
    text.lines().filter(|it| !it.trim().is_empty()).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_is_one_paragraph() {
        fn depth(blocks: &[MarkdownBlock]) -> usize {
            let within = |block: &MarkdownBlock| match &block.kind {
                BlockKind::Quote(blocks) => depth(blocks),
                BlockKind::List { items, .. } => items.iter().map(|it| depth(&it.blocks)).max().unwrap_or(0),
                _ => 0,
            };
            1 + blocks.iter().map(within).max().unwrap_or(0)
        }
        let deep = read(&format!("{} here\n\nand *behind* it\n", ">".repeat(90_000)));
        assert!(depth(&deep.blocks) <= DEEPEST + 1);
        let last = deep.blocks.last().map(|it| &it.kind);
        assert!(matches!(last, Some(BlockKind::Paragraph(it)) if it.text == "and behind it"), "{last:?}");
        let levels: Vec<String> = (0..200).map(|it| format!("{}- level {it}\n", "  ".repeat(it))).collect();
        let lists = read(&levels.concat());
        assert!(depth(&lists.blocks) <= DEEPEST + 1);
        // Nothing of it is lost.
        assert!(format!("{lists:?}").contains("level 199"));
    }
}
