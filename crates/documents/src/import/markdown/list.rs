//! Translates a list, with the text that announces it.

use super::block::{BlockKind, InlineText, MarkdownItem};
use super::conditional::asked;
use super::sentence::{SentenceKind, classify, sentences};
use super::translator::{Translator, close, flattened, push, with_tail};
use super::words::is_instruction;
use crate::draft::{DraftCondition, DraftIf, DraftKind, DraftStatement, SourceLines};

impl Translator {
    /// Adds the statements of a list. `intro`: the text before it that ends in a colon.
    pub(crate) fn list(
        &mut self,
        intro: Option<(&InlineText, SourceLines)>,
        items: &[MarkdownItem],
        lines: SourceLines,
        out: &mut Vec<DraftStatement>,
    ) {
        let outer = self.procedure;
        let acts = is_procedure(items);
        let whole = SourceLines { first: intro.map_or(lines.first, |it| it.1.first), last: lines.last };
        // What announces the list is its last sentence.
        let announced = intro.map(|(text, at)| {
            let mut all = sentences(&text.text);
            let last = all.pop().unwrap_or_default();
            if !all.is_empty() {
                self.sentences(&all.join(" "), at, out);
            }
            last
        });
        if let Some(announced) = &announced {
            if is_of_causes(announced, items) {
                let statement = self.causes(announced, items, whole);
                push(out, statement);
                return;
            }
            match classify(announced, false) {
                SentenceKind::If { condition, rest, .. } => {
                    close(out);
                    let mut statement = self.finish(DraftStatement::new(whole, DraftKind::Nothing));
                    let mut body = Vec::new();
                    if acts {
                        if !rest.is_empty() {
                            self.sentences(&rest, whole, &mut body);
                        }
                        self.items(items, &mut body);
                    } else {
                        self.one_text(&rest, items, whole, &mut body);
                    }
                    close(&mut body);
                    let branches = vec![(DraftCondition::Question(asked(&condition)), body)];
                    statement.kind = DraftKind::If(DraftIf { branches, otherwise: None, is_open: false });
                    out.push(statement);
                    self.procedure = outer;
                    return;
                }
                SentenceKind::Otherwise(rest) if acts => {
                    let mut body = Vec::new();
                    if !rest.trim().is_empty() {
                        self.sentences(&rest, whole, &mut body);
                    }
                    self.items(items, &mut body);
                    close(&mut body);
                    self.procedure = outer;
                    if let Some(DraftStatement { kind: DraftKind::If(before), .. }) = out.last_mut()
                        && before.otherwise.is_none()
                    {
                        before.otherwise = Some(body);
                    } else {
                        out.extend(body);
                    }
                    return;
                }
                _ => {}
            }
        }
        if acts {
            if let Some(announced) = announced.filter(|it| !it.trim().is_empty()) {
                let statement = self.finish(DraftStatement::prose(whole, announced));
                push(out, statement);
            }
            let mut body = Vec::new();
            self.items(items, &mut body);
            with_tail(out, |tail| tail.extend(body));
        } else {
            self.one_text(&announced.unwrap_or_default(), items, whole, out);
        }
        self.procedure = outer;
    }

    /// The statements of the items of a procedure.
    fn items(&mut self, items: &[MarkdownItem], out: &mut Vec<DraftStatement>) {
        for item in items {
            self.procedure = true;
            let mut body = self.blocks(&item.blocks, true);
            // `Otherwise` of an item belongs to the `if` of the item before it.
            if is_otherwise(item)
                && let Some(DraftStatement { kind: DraftKind::If(before), .. }) = out.last_mut()
                && before.otherwise.is_none()
                && !body.is_empty()
            {
                let alone = body.len() == 1;
                match body.first_mut().map(|it| &mut it.kind) {
                    Some(DraftKind::If(inner)) if alone => before.branches.append(&mut inner.branches),
                    _ => {
                        if let Some(DraftKind::Instruct { text, .. }) =
                            body.first_mut().map(|it| &mut it.kind)
                        {
                            *text = text.replacen(&otherwise_lead(text), "", 1);
                        }
                        before.otherwise = Some(body);
                    }
                }
                close(out);
                continue;
            }
            close(&mut body);
            out.append(&mut body);
        }
    }

    /// A list that is no procedure stays one text, with what announces it.
    fn one_text(
        &mut self,
        intro: &str,
        items: &[MarkdownItem],
        lines: SourceLines,
        out: &mut Vec<DraftStatement>,
    ) {
        for item in items {
            self.note_links_below(&item.blocks);
        }
        let list: Vec<String> =
            items.iter().map(|it| format!("- {}", flattened(&it.blocks).replace('\n', "\n  "))).collect();
        let text =
            if intro.trim().is_empty() { list.join("\n") } else { format!("{intro}\n{}", list.join("\n")) };
        let kind = if is_instruction(intro) && !matches!(classify(intro, false), SentenceKind::Note) {
            DraftKind::Instruct { text, showing: Vec::new() }
        } else {
            DraftKind::Prose(text)
        };
        let statement = self.finish(DraftStatement::new(lines, kind));
        push(out, statement);
    }

    /// A catalogue of causes: a person chooses.
    fn causes(&mut self, intro: &str, items: &[MarkdownItem], lines: SourceLines) -> DraftStatement {
        let mut statement = self.finish(DraftStatement::new(lines, DraftKind::Nothing));
        let outer = self.procedure;
        let mut arms: Vec<(String, Vec<DraftStatement>)> = Vec::new();
        for item in items {
            let mut blocks = item.blocks.clone();
            let mut name = String::new();
            if let Some(BlockKind::Paragraph(text)) = blocks.first_mut().map(|it| &mut it.kind)
                && let Some((lead, rest)) = text.behind_lead()
            {
                lead.clone_into(&mut name);
                *text = InlineText { text: rest.to_owned(), lead: None, links: text.links.clone() };
            }
            blocks.retain(|it| !matches!(&it.kind, BlockKind::Paragraph(text) if text.text.is_empty()));
            self.procedure = false;
            let mut body = self.blocks(&blocks, true);
            close(&mut body);
            arms.push((name, body));
        }
        self.procedure = outer;
        statement.kind = DraftKind::Match { question: asked(intro), arms };
        statement
    }
}

/// Whether most items say what to do.
fn is_procedure(items: &[MarkdownItem]) -> bool {
    let acts = items.iter().filter(|it| acts(it)).count();
    acts * 2 >= items.len().max(1)
}

fn acts(item: &MarkdownItem) -> bool {
    let Some(first) = item.blocks.first() else { return false };
    let has_code = item.blocks.iter().any(|it| matches!(it.kind, BlockKind::Code { .. }));
    let BlockKind::Paragraph(text) = &first.kind else { return has_code };
    if text.is_link() && !item.is_task && !has_code {
        return false;
    }
    let sentence = text
        .behind_lead()
        .map_or(text.text.as_str(), |(lead, rest)| if rest.is_empty() { lead } else { rest });
    let said = |it: &String| match classify(it, false) {
        SentenceKind::Note => false,
        SentenceKind::If { describes, .. } => !describes,
        SentenceKind::Check(_)
        | SentenceKind::Otherwise(_)
        | SentenceKind::Wait { .. }
        | SentenceKind::Pause(_)
        | SentenceKind::Once { .. }
        | SentenceKind::Escalate { .. }
        | SentenceKind::Instruction => true,
    };
    item.is_task
        || has_code
        || sentences(sentence).iter().any(said)
        || text.only_code().is_some_and(super::code::is_known_program)
}

/// A text that speaks of causes, above items whose bold beginnings name them.
fn is_of_causes(intro: &str, items: &[MarkdownItem]) -> bool {
    let lower = intro.to_lowercase();
    let says = ["cause", "reason", "culprit", "one of the following", "scenario"]
        .iter()
        .any(|it| lower.contains(it));
    let named = items.iter().all(|item| {
        matches!(item.blocks.first().map(|it| &it.kind), Some(BlockKind::Paragraph(text)) if text.behind_lead().is_some_and(|(_, rest)| !rest.is_empty()))
    });
    says && named && items.len() > 1
}

/// Whether an item begins with `Otherwise`.
fn is_otherwise(item: &MarkdownItem) -> bool {
    let Some(BlockKind::Paragraph(text)) = item.blocks.first().map(|it| &it.kind) else { return false };
    sentences(&text.text).first().is_some_and(|it| matches!(classify(it, true), SentenceKind::Otherwise(_)))
}

fn otherwise_lead(text: &str) -> String {
    ["Otherwise, ", "Otherwise: ", "Otherwise "]
        .iter()
        .find(|it| text.starts_with(*it))
        .map_or_else(String::new, |it| (*it).to_owned())
}
