//! Turns blocks into statements. What it learns about the whole document on the way (links, metrics, parameters) is collected.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{BlockKind, InlineText, MarkdownBlock, MarkdownItem};
use super::code::{self, CodeClass};
use super::list::announced_moment;
use super::placeholder::{self, placeholders};
use super::sentence::{SentenceKind, classify, sentence_case, sentences};
use super::shown::{
    announces_table, gives_example, has_command, is_command_line, joined_text, shown_text, shows_output,
    without_mark,
};
use super::words::is_instruction;
use crate::draft::{DraftKind, DraftMetric, DraftPart, DraftStatement, SourceLines, unique};
use crate::import::report::{NeedsPerson, TakenLines};

/// What is collected while a document is translated.
#[derive(Debug, Default)]
pub(crate) struct Translator {
    /// Mutating commands become commands.
    pub(crate) commands: bool,
    /// Variables that the document sets itself.
    pub(crate) assigned: BTreeSet<String>,
    /// Names and addresses, in order.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) metrics: Vec<DraftMetric>,
    /// The names of parameters.
    pub(crate) params: Vec<String>,
    /// Spellings, and the expressions in their place.
    pub(crate) values: BTreeMap<String, String>,
    /// Names that `let` gives.
    pub(crate) lets: Vec<String>,
    pub(crate) needs: Vec<NeedsPerson>,
    /// What is only a comment.
    pub(crate) taken: Vec<TakenLines>,
    /// Comments that belong to the next statement.
    pub(crate) remarks: Vec<String>,
    /// The threshold of the sentence before a query.
    pub(crate) threshold: Option<(&'static str, String)>,
    /// The heading of what is translated.
    pub(crate) title: String,
    /// Whether it is inside a list of instructions.
    pub(crate) procedure: bool,
    /// How many instructions came before.
    pub(crate) acted: usize,
    /// Whether code follows the paragraph that is translated.
    pub(crate) leads_code: bool,
    /// How many sentences the one that is translated stands in.
    pub(crate) depth: usize,
}

impl Translator {
    /// Notes which variables the scripts of a document set.
    pub(crate) fn learn(&mut self, blocks: &[MarkdownBlock]) {
        for block in blocks {
            match &block.kind {
                BlockKind::Code { text, .. } => placeholder::assigned(text, &mut self.assigned),
                BlockKind::List { items, .. } => items.iter().for_each(|it| self.learn(&it.blocks)),
                BlockKind::Quote(blocks) => self.learn(blocks),
                BlockKind::Heading { .. }
                | BlockKind::Paragraph(_)
                | BlockKind::Table { .. }
                | BlockKind::Html(_)
                | BlockKind::Rule => {}
            }
        }
    }

    /// Translates the blocks of a section or an item, in order.
    pub(crate) fn blocks(&mut self, blocks: &[MarkdownBlock], in_item: bool) -> Vec<DraftStatement> {
        let mut out: Vec<DraftStatement> = Vec::new();
        let mut after_text = false;
        let mut all = blocks.iter().peekable();
        while let Some(block) = all.next() {
            let mut is_text = false;
            match &block.kind {
                BlockKind::Heading { text, .. } => {
                    close(&mut out);
                    self.note_links(text);
                    self.remarks.push(text.text.clone());
                }
                BlockKind::Paragraph(text) if code::is_bare_command(&text.text) => {
                    self.code("", &text.text, block.lines, after_text, &mut out);
                }
                // A command in back quotes, in a line of its own.
                BlockKind::Paragraph(text) if is_command_line(text, after_text) => {
                    let command = text.only_code().unwrap_or_default();
                    self.code("", command, block.lines, after_text, &mut out);
                }
                BlockKind::Paragraph(text) => {
                    self.note_links(text);
                    let next = all.peek().map(|it| &it.kind);
                    let leads_list = matches!(next, Some(BlockKind::List { .. }))
                        && (text.text.trim_end().ends_with([':', ','])
                            || announced_moment(&text.text).is_some());
                    let leads_code = matches!(next, Some(BlockKind::Code { .. }));
                    if let Some(shown) = next.and_then(shown_text)
                        && text.text.trim_end().ends_with(':')
                        && sentences(&text.text)
                            .iter()
                            .all(|it| classify(it, self.procedure) == SentenceKind::Note)
                        && let Some(behind) = all.next()
                    {
                        if !in_item {
                            close(&mut out);
                        }
                        self.note_links_below(std::slice::from_ref(behind));
                        let whole = SourceLines { first: block.lines.first, last: behind.lines.last };
                        let said =
                            self.finish(DraftStatement::prose(whole, format!("{}\n\n{shown}", text.text)));
                        push(&mut out, said);
                        after_text = false;
                        continue;
                    }
                    let continues = all.peek().is_some();
                    if !in_item {
                        close(&mut out);
                    }
                    if leads_code && shows_output(&text.text) && joined_text(&mut out, &text.text) {
                        after_text = true;
                        continue;
                    }
                    if leads_code
                        && gives_example(&text.text)
                        && has_command(&mut out)
                        && joined_text(&mut out, &text.text)
                        && let Some(MarkdownBlock { lines, kind: BlockKind::Code { text, .. } }) = all.next()
                    {
                        self.sample(text, *lines, true, false, &mut out);
                        stretch(&mut out, lines.last);
                        after_text = false;
                        continue;
                    }
                    if let Some(MarkdownBlock { lines, kind: BlockKind::Table { header, rows } }) =
                        all.peek().copied()
                        && announces_table(&text.text)
                    {
                        all.next();
                        let whole = SourceLines { first: block.lines.first, last: lines.last };
                        self.table(Some(&text.text), header, rows, whole, &mut out);
                        after_text = false;
                        continue;
                    }
                    if leads_list
                        && let Some(MarkdownBlock { lines, kind: BlockKind::List { items, .. } }) = all.next()
                    {
                        self.list(Some((text, block.lines)), items, *lines, &mut out);
                    } else {
                        self.paragraph(text, block.lines, leads_code, continues, &mut out);
                        is_text = true;
                    }
                }
                BlockKind::Code { language, text } => {
                    self.code(language, text, block.lines, after_text, &mut out);
                }
                BlockKind::List { items, .. } => {
                    if !in_item {
                        close(&mut out);
                    }
                    self.list(None, items, block.lines, &mut out);
                    // Code behind a list whose last item announces it.
                    is_text = items.last().is_some_and(announces_code);
                }
                BlockKind::Quote(inner) if decides(inner) => {
                    close(&mut out);
                    let mut body = self.blocks(&without_label(inner), false);
                    out.append(&mut body);
                }
                BlockKind::Quote(inner) => {
                    let text = without_mark(&flattened(inner));
                    self.note_links_below(inner);
                    push(&mut out, self.finish(DraftStatement::prose(block.lines, text)));
                }
                BlockKind::Table { header, rows } => self.table(None, header, rows, block.lines, &mut out),
                BlockKind::Html(html) => self.html(html, block.lines, &mut out),
                BlockKind::Rule => {}
            }
            after_text = is_text;
        }
        if !in_item {
            close(&mut out);
        }
        self.ways(&mut out);
        if !self.remarks.is_empty() && !in_item {
            let line = blocks.last().map_or(SourceLines { first: 1, last: 1 }, |it| it.lines);
            let nothing = self.finish(DraftStatement::new(line, DraftKind::Nothing));
            push(&mut out, nothing);
        }
        out
    }

    /// `Via the CLI: …` and `Or via the console: …` are two ways to do one thing.
    fn ways(&mut self, out: &mut Vec<DraftStatement>) {
        let Some(first) = out
            .windows(2)
            .position(|it| matches!(it, [a, b] if way(a).is_some() && way(b).is_some_and(|(_, or)| or)))
        else {
            return;
        };
        let count = out.iter().skip(first).take_while(|it| way(it).is_some()).count();
        let ways: Vec<DraftStatement> = out.drain(first..first + count).collect();
        let lines = SourceLines {
            first: ways.first().map_or(1, |it| it.lines.first),
            last: ways.last().map_or(1, |it| it.lines.last),
        };
        let mut arms = Vec::new();
        let mut remarks = Vec::new();
        for mut statement in ways {
            let name = way(&statement).map(|(name, _)| name).unwrap_or_default();
            if let DraftKind::Instruct { text, .. } = &mut statement.kind
                && let Some((_, rest)) = text.split_once(':')
            {
                *text = sentence_case(rest);
            }
            remarks.append(&mut statement.remarks);
            arms.push((name, vec![statement]));
        }
        self.needs.push(NeedsPerson::new(
            lines.first,
            "these are taken as ways to do one thing: is it one of them, or all of them in turn?",
        ));
        let mut choice = DraftStatement::new(lines, DraftKind::Match { question: "Which way?".into(), arms });
        choice.remarks = remarks;
        out.insert(first, choice);
    }

    /// A statement with the comments that wait for one.
    pub(crate) fn finish(&mut self, mut statement: DraftStatement) -> DraftStatement {
        statement.remarks = std::mem::take(&mut self.remarks);
        statement
    }

    pub(crate) fn note_links(&mut self, text: &InlineText) {
        for (name, address) in &text.links {
            self.note_link(name, address);
        }
    }

    pub(crate) fn note_links_below(&mut self, blocks: &[MarkdownBlock]) {
        for block in blocks {
            match &block.kind {
                BlockKind::Heading { text, .. } | BlockKind::Paragraph(text) => self.note_links(text),
                BlockKind::List { items, .. } => {
                    for item in items {
                        self.note_links_below(&item.blocks);
                    }
                }
                BlockKind::Quote(blocks) => self.note_links_below(blocks),
                BlockKind::Table { header, rows } => {
                    rows.iter().flatten().chain(header).for_each(|it| self.note_links(it));
                }
                BlockKind::Code { .. } | BlockKind::Html(_) | BlockKind::Rule => {}
            }
        }
    }

    /// Keeps a link, once, unless it leads to another place of the same document or says its address itself.
    pub(crate) fn note_link(&mut self, name: &str, address: &str) {
        let bare = name.trim_matches('`').trim();
        if address.is_empty() || address.starts_with('#') || self.links.iter().any(|(_, it)| it == address) {
            return;
        }
        if bare == address || format!("mailto:{bare}") == address {
            return;
        }
        let file = address.rsplit('/').find(|it| !it.is_empty()).unwrap_or(address);
        let name = if bare.is_empty() { file } else { bare };
        let name = unique(name, |it| self.links.iter().any(|(name, _)| name == it));
        self.links.push((name, address.to_owned()));
    }

    /// The parameters for what a command leaves open.
    pub(crate) fn fill(&mut self, command: &str) {
        for it in placeholders(command, &self.assigned) {
            let name = if self.lets.contains(&it.name) {
                unique(&it.name, |name| self.lets.iter().any(|it| it == name))
            } else {
                it.name
            };
            if !self.params.contains(&name) {
                self.params.push(name.clone());
            }
            self.values.entry(it.spelled).or_insert(name);
        }
    }

    /// Whether a command only looks, with what is known about the document.
    pub(crate) fn reads(&self, command: &str) -> bool {
        let set: BTreeSet<String> =
            self.assigned.iter().filter(|it| !self.values.contains_key(&format!("${it}"))).cloned().collect();
        code::only_reads(command, &set)
    }

    fn table(
        &mut self,
        intro: Option<&str>,
        header: &[InlineText],
        rows: &[Vec<InlineText>],
        lines: SourceLines,
        out: &mut Vec<DraftStatement>,
    ) {
        rows.iter().flatten().chain(header).for_each(|it| self.note_links(it));
        let named = |at: usize, words: &[&str]| {
            header.get(at).is_some_and(|it| {
                let text = it.text.to_lowercase();
                words.iter().any(|word| text.contains(word))
            })
        };
        let is_of_causes = named(0, &["cause", "reason", "symptom", "diagnosis"])
            && named(1, &["fix", "action", "solution", "mitigation", "resolution", "remedy", "what to do"]);
        if is_of_causes && header.len() == 2 {
            let mut arms = Vec::new();
            for row in rows {
                let [cause, fix] = row.as_slice() else { continue };
                let mut body = Vec::new();
                self.procedure = true;
                self.paragraph(fix, lines, false, false, &mut body);
                close(&mut body);
                arms.push((cause.text.clone(), body));
            }
            let columns = header.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(", ");
            let question = match intro {
                Some(intro) => format!("{} ({columns})?", intro.trim_end_matches([':', '.'])),
                None => format!("Which of these ({columns})?"),
            };
            let statement = self.finish(DraftStatement::new(lines, DraftKind::Match { question, arms }));
            push(out, statement);
            return;
        }
        let row =
            |cells: &[InlineText]| cells.iter().map(|it| it.text.clone()).collect::<Vec<_>>().join(" | ");
        let all: Vec<String> = intro
            .map(str::to_owned)
            .into_iter()
            .chain(std::iter::once(row(header)))
            .chain(rows.iter().map(|it| row(it)))
            .collect();
        let statement = self.finish(DraftStatement::prose(lines, all.join("\n")));
        push(out, statement);
    }

    fn html(&mut self, html: &str, lines: SourceLines, out: &mut Vec<DraftStatement>) {
        if let Some(comment) = html.trim().strip_prefix("<!--") {
            self.taken.push(TakenLines::new(lines.first, lines.last, "comment", comment));
            let comment = comment.replace("-->", "");
            self.remarks.extend(comment.lines().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()));
            return;
        }
        let text = without_tags(html);
        if !text.is_empty() {
            let statement = self.finish(DraftStatement::prose(lines, text));
            push(out, statement);
        }
    }

    /// Translates the code of a document.
    fn code(
        &mut self,
        language: &str,
        text: &str,
        lines: SourceLines,
        after_text: bool,
        out: &mut Vec<DraftStatement>,
    ) {
        match code::classify(language, text) {
            CodeClass::Commands(commands) => self.commands(commands, lines, after_text, out),
            CodeClass::Script(script) => self.sample(&script, lines, after_text, true, out),
            CodeClass::Query(query) => self.query(&query, lines, after_text, out),
            CodeClass::Sample(sample) => self.sample(&sample, lines, after_text, false, out),
        }
        stretch(out, lines.last);
    }
}

/// The name of a way to do something, and whether it is another than the one before it.
fn way(statement: &DraftStatement) -> Option<(String, bool)> {
    let DraftKind::Instruct { text, .. } = &statement.kind else { return None };
    let (name, rest) = text.split_once(':')?;
    let lower = name.to_lowercase();
    let other = ["or ", "alternatively, ", "alternatively "].iter().find_map(|it| lower.strip_prefix(it));
    let bare = other.unwrap_or(&lower);
    let is_way =
        ["via ", "using ", "with ", "in ", "from ", "through "].iter().any(|it| bare.starts_with(it));
    let name = name.get(name.len() - bare.len()..)?;
    (is_way && bare.split_whitespace().count() <= 6 && !rest.trim().is_empty())
        .then(|| (sentence_case(name), other.is_some()))
}

/// Whether an item ends in a text that announces what comes behind it.
fn announces_code(item: &MarkdownItem) -> bool {
    matches!(
        item.blocks.as_slice(),
        [MarkdownBlock { kind: BlockKind::Paragraph(text), .. }] if text.text.trim_end().ends_with(':')
    )
}

/// Words in front of a quote that say only that it is one.
const LABELS: &[&str] = &["note", "nb", "tip"];

/// The text behind `NOTE:`, if there is such a word.
fn behind_label(text: &str) -> Option<&str> {
    let (label, rest) = text.split_once(':')?;
    LABELS.contains(&label.trim().to_lowercase().as_str()).then(|| rest.trim_start())
}

/// Whether a block is a quote that decides something.
pub(super) fn quote_decides(block: &MarkdownBlock) -> bool {
    matches!(&block.kind, BlockKind::Quote(inner) if decides(inner))
}

/// Whether a quote decides something: `Note: if X, do Y`.
pub(super) fn decides(blocks: &[MarkdownBlock]) -> bool {
    let Some(MarkdownBlock { kind: BlockKind::Paragraph(text), .. }) = blocks.first() else { return false };
    let text = behind_label(&text.text).unwrap_or(&text.text);
    let all = sentences(text);
    let first = all.first().cloned().unwrap_or_default();
    match classify(&sentence_case(&first), false) {
        SentenceKind::If { describes, .. } => {
            !describes || matches!(blocks.get(1).map(|it| &it.kind), Some(BlockKind::List { .. }))
        }
        // `There is a bug. If this happens, do Y`
        _ => {
            blocks.len() == 1
                && all.iter().skip(1).any(|it| {
                    matches!(classify(it, false), SentenceKind::If { rest, describes: false, .. } if is_instruction(&rest))
                })
        }
    }
}

/// The blocks of a quote without the word in front of it.
fn without_label(blocks: &[MarkdownBlock]) -> Vec<MarkdownBlock> {
    let mut blocks = blocks.to_vec();
    if let Some(MarkdownBlock { kind: BlockKind::Paragraph(text), .. }) = blocks.first_mut()
        && let Some(rest) = behind_label(&text.text)
    {
        *text = InlineText { text: sentence_case(rest), lead: None, links: text.links.clone() };
    }
    blocks
}

/// The statements that took the code reach to its last line.
pub(crate) fn stretch(out: &mut [DraftStatement], last: usize) {
    let Some(statement) = out.last_mut() else { return };
    statement.lines.last = statement.lines.last.max(last);
    if let DraftKind::If(it) = &mut statement.kind
        && it.is_open
        && let Some(tail) = it.tail()
    {
        stretch(tail, last);
    }
}

/// Adds a statement where the document is: inside the condition that is open, or behind it.
pub(crate) fn push(out: &mut Vec<DraftStatement>, statement: DraftStatement) {
    with_tail(out, |tail| tail.push(statement));
}

/// Calls `change` with the block that is open.
pub(crate) fn with_tail(out: &mut Vec<DraftStatement>, change: impl FnOnce(&mut Vec<DraftStatement>)) {
    if let Some(DraftStatement { kind: DraftKind::If(it), .. }) = out.last_mut()
        && it.is_open
        && let Some(tail) = it.tail()
    {
        return with_tail(tail, change);
    }
    change(out);
}

/// Closes the conditions that are open.
pub(crate) fn close(out: &mut [DraftStatement]) {
    if let Some(DraftStatement { kind: DraftKind::If(it), .. }) = out.last_mut() {
        it.is_open = false;
        if let Some(tail) = it.tail() {
            close(tail);
        }
    }
}

/// The text of blocks, for where they are one text.
pub(crate) fn flattened(blocks: &[MarkdownBlock]) -> String {
    let mut out: Vec<String> = Vec::new();
    for block in blocks {
        match &block.kind {
            BlockKind::Heading { text, .. } | BlockKind::Paragraph(text) => out.push(text.text.clone()),
            BlockKind::Code { text, .. } => out.push(text.trim_end().to_owned()),
            BlockKind::List { items, .. } => {
                let items: Vec<String> = items
                    .iter()
                    .map(|it| format!("- {}", flattened(&it.blocks).replace('\n', "\n  ")))
                    .collect();
                out.push(items.join("\n"));
            }
            BlockKind::Quote(inner) => out.push(flattened(inner)),
            BlockKind::Table { header, rows } => {
                let row = |cells: &[InlineText]| {
                    cells.iter().map(|it| it.text.clone()).collect::<Vec<_>>().join(" | ")
                };
                out.extend(std::iter::once(row(header)).chain(rows.iter().map(|it| row(it))));
            }
            BlockKind::Html(html) => out.push(without_tags(html)),
            BlockKind::Rule => {}
        }
    }
    out.retain(|it| !it.is_empty());
    // A list follows the text that announces it.
    let mut text = String::new();
    for piece in out {
        if !text.is_empty() {
            text.push_str(if piece.starts_with("- ") { "\n" } else { "\n\n" });
        }
        text.push_str(&piece);
    }
    text
}

/// What is between the tags of HTML, and what its comments say.
pub(crate) fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_u32;
    for c in html.replace("<!--", " ").replace("-->", " ").chars() {
        match c {
            '<' => depth += 1,
            '>' if depth > 0 => depth -= 1,
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    lines.join("\n")
}

/// All statements of the parts of a runbook, with the depth of each.
pub(crate) fn walk(parts: &[DraftPart], visit: &mut dyn FnMut(&DraftStatement, usize)) {
    for part in parts {
        match part {
            DraftPart::Step { statements, .. } => statements.iter().for_each(|it| it.walk(1, visit)),
            DraftPart::Bare(it) => it.walk(0, visit),
            DraftPart::Remark(_) => {}
        }
    }
}
