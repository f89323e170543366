//! Items of a list that answer a question, name a case, or say how something has to be.

use super::block::{BlockKind, MarkdownBlock, MarkdownItem};
use super::claim::states;
use super::conditional::affirms;
use super::list::acts;
use super::sentence::{SentenceKind, classify, sentence_case, sentences};
use super::translator::{Translator, close, push, with_tail};
use super::words::{first_word, is_instruction, without_number};
use crate::draft::{DraftCondition, DraftIf, DraftKind, DraftStatement, SourceLines};

impl Translator {
    /// `If yes, Y` behind an item that asks: it is what is done on yes.
    pub(super) fn affirmed(&mut self, rest: &str, item: &MarkdownItem, out: &mut [DraftStatement]) -> bool {
        let Some(DraftStatement { kind, lines, .. }) = out.last_mut() else { return false };
        let at = item_lines(item, *lines);
        let DraftKind::Check { question, showing } = &*kind else { return false };
        if !showing.is_empty() || !matches!(question, DraftCondition::Question(_)) {
            return false;
        }
        let mut body = Vec::new();
        if is_said_yes(item) {
            self.remarks.push("If yes".into());
        }
        self.sentences(rest, at, &mut body);
        lines.last = lines.last.max(at.last);
        if let [_, below @ ..] = item.blocks.as_slice()
            && !below.is_empty()
        {
            body.append(&mut self.blocks(below, true));
        }
        close(&mut body);
        let branches = vec![(question.clone(), body)];
        *kind = DraftKind::If(DraftIf { branches, otherwise: None, is_open: false });
        true
    }

    /// Whether a list below *Verification* says how everything has to be.
    pub(super) fn lists_claims(&self, items: &[MarkdownItem]) -> bool {
        let title = without_number(&self.title).to_lowercase();
        let of_claims = [
            "verif",
            "validat",
            "success criteria",
            "exit criteria",
            "done when",
            "acceptance",
            "health check",
        ];
        of_claims.iter().any(|it| title.starts_with(it))
            && claims(items).is_some_and(|it| it.iter().all(|it| states(it) && !is_instruction(it)))
    }

    /// Each item as a check.
    pub(super) fn claims(
        &mut self,
        items: &[MarkdownItem],
        whole: SourceLines,
        out: &mut Vec<DraftStatement>,
    ) {
        let mut first = whole.first;
        for (item, claim) in items.iter().zip(claims(items).unwrap_or_default()) {
            self.note_links_below(&item.blocks);
            let question = DraftCondition::Question(sentence_case(&claim));
            let kind = DraftKind::Check { question, showing: Vec::new() };
            let lines = SourceLines { first, last: item_lines(item, whole).last };
            first = lines.last + 1;
            let statement = self.finish(DraftStatement::new(lines, kind));
            push(out, statement);
        }
    }

    /// Whether the items are values that were just looked at, each with what is done then: `` `long: 1h`: fix it now ``.
    pub(super) fn lists_values(
        out: &mut Vec<DraftStatement>,
        announced: Option<&str>,
        items: &[MarkdownItem],
    ) -> bool {
        let speaks = |text: &str| {
            let lower = text.to_lowercase();
            ["label", "value", "status", "reason", "code", "depending", "which", "error", "state", "severity"]
                .iter()
                .any(|it| lower.contains(it))
        };
        let mut spoken = announced.is_some_and(speaks);
        if announced.is_none() {
            with_tail(out, |tail| {
                spoken = matches!(
                    tail.last().map(|it| &it.kind),
                    Some(DraftKind::Instruct { text, .. } | DraftKind::Prose(text)) if speaks(text)
                );
            });
        }
        spoken
            && items.len() > 1
            && items.iter().all(|it| value_label(it).is_some())
            && items.iter().any(|it| {
                value_label(it).is_some_and(|(_, rest)| {
                    rest.split([';', '–', '—']).flat_map(|it| it.split(" -- ")).flat_map(sentences).any(
                        |it| {
                            matches!(
                                classify(&it, false),
                                SentenceKind::Instruction | SentenceKind::Escalate { .. }
                            )
                        },
                    )
                })
            })
    }

    /// The question to which the items are the answers: `Decide on a severity:`, or the title of the section.
    pub(super) fn asked_by(&self, announced: Option<&str>, items: &[MarkdownItem]) -> Option<String> {
        let answers = items.len() > 1
            && items.iter().all(is_answer)
            && items.iter().any(|it| acts(it) || acts_behind_label(it));
        let question = match announced {
            Some(it) => {
                let lower = it.to_lowercase();
                ["decide ", "choose ", "pick ", "determine which", "depending on ", "classify "]
                    .iter()
                    .any(|lead| lower.starts_with(lead))
                    .then(|| it.trim_end_matches([':', '.']).to_owned())
            }
            None => self.title.ends_with('?').then(|| self.title.clone()),
        };
        question.filter(|_| answers)
    }
}

/// `You must check that:`
pub(super) fn announces_claims(intro: &str) -> bool {
    let lower = intro.to_lowercase();
    let lower = lower.trim_end_matches([':', ',', ' ']);
    ["check that", "verify that", "ensure that", "confirm that", "make sure that", "make sure", "ensure"]
        .iter()
        .any(|it| lower.ends_with(it))
}

/// The texts of items, if each is one sentence and nothing else.
pub(super) fn claims(items: &[MarkdownItem]) -> Option<Vec<String>> {
    items
        .iter()
        .map(|item| match item.blocks.as_slice() {
            [MarkdownBlock { kind: BlockKind::Paragraph(text), .. }] if sentences(&text.text).len() == 1 => {
                Some(text.text.trim().trim_end_matches([',', '.', ';']).to_owned())
            }
            _ => None,
        })
        .collect()
}

pub(super) fn item_lines(item: &MarkdownItem, whole: SourceLines) -> SourceLines {
    item.blocks.first().map_or(whole, |it| it.lines)
}

/// The text behind `If yes,` or `Yes:` of an item.
pub(super) fn answer(item: &MarkdownItem) -> Option<String> {
    let Some(BlockKind::Paragraph(text)) = item.blocks.first().map(|it| &it.kind) else { return None };
    let lower = text.text.to_lowercase();
    for lead in ["if yes", "if so", "if it is", "if it does", "if they are", "if true", "yes"] {
        if let Some(rest) = lower.strip_prefix(lead)
            && rest.starts_with([',', ':'])
        {
            let rest = text.text.get(lead.len()..)?.trim_start_matches([',', ':', ' ']);
            return Some(sentence_case(rest.strip_prefix("then ").unwrap_or(rest)));
        }
    }
    let first = sentences(&text.text).into_iter().next()?;
    match classify(&first, true) {
        SentenceKind::If { condition, rest, .. } if affirms(&condition) => {
            Some(text.text.replacen(&first, &rest, 1))
        }
        _ => None,
    }
}

pub(super) fn is_said_yes(item: &MarkdownItem) -> bool {
    let Some(BlockKind::Paragraph(text)) = item.blocks.first().map(|it| &it.kind) else { return false };
    first_word(&text.text).0 == "yes" || text.text.to_lowercase().starts_with("if yes")
}

/// Whether an item is a short name and what is so or done then: `**One node**: restart it`.
pub(super) fn is_answer(item: &MarkdownItem) -> bool {
    label(item).is_some_and(|(name, rest)| {
        name.split_whitespace().count() <= 8
            && !rest.is_empty()
            && !is_instruction(name)
            && !name.ends_with('?')
    })
}

pub(super) fn acts_behind_label(item: &MarkdownItem) -> bool {
    label(item).is_some_and(|(_, rest)| {
        sentences(rest).iter().any(|it| {
            matches!(classify(it, false), SentenceKind::Instruction | SentenceKind::Escalate { .. })
        })
    })
}

/// The bold words or those before a colon, and what stands behind them.
pub(super) fn label(item: &MarkdownItem) -> Option<(&str, &str)> {
    let Some(BlockKind::Paragraph(text)) = item.blocks.first().map(|it| &it.kind) else { return None };
    if let Some((lead, rest)) = text.behind_lead() {
        return text.text.contains(&format!("{lead}:")).then_some((lead, rest));
    }
    let (name, rest) = text.text.split_once(": ")?;
    (!name.contains(['`', '.', '(']) && name.split_whitespace().count() <= 4).then_some((name, rest.trim()))
}

/// The code that an item begins with, and what stands behind it, if the code is a value and no command.
pub(super) fn value_label(item: &MarkdownItem) -> Option<(&str, &str)> {
    let Some(BlockKind::Paragraph(text)) = item.blocks.first().map(|it| &it.kind) else { return None };
    let text = text.text.as_str();
    let inner = text.strip_prefix('`')?.split('`').next()?;
    let marks = [": ", " -- ", " - ", " – ", " — ", " → ", " -> "];
    let (name, rest) = marks
        .iter()
        .filter_map(|mark| {
            let at = text
                .match_indices(mark)
                .map(|(at, _)| at)
                .find(|at| text.get(..*at).is_some_and(|it| it.matches('`').count() % 2 == 0))?;
            Some((text.get(..at)?, text.get(at + mark.len()..)?))
        })
        .min_by_key(|(name, _)| name.len())?;
    (!super::code::is_known_program(inner) && name.split_whitespace().count() <= 8 && !rest.trim().is_empty())
        .then_some((name, rest.trim()))
}

/// A box to tick beside what has to be so is a check.
pub(super) fn is_checked(item: &MarkdownItem, body: &mut [DraftStatement]) {
    if let [DraftStatement { kind, .. }] = body
        && item.is_task
        && item.blocks.len() == 1
        && let DraftKind::Prose(text) = &*kind
        && sentences(text).len() == 1
        && states(text)
    {
        let question = DraftCondition::Question(text.trim_end_matches('.').to_owned());
        *kind = DraftKind::Check { question, showing: Vec::new() };
    }
}

pub(super) fn is_only_link(item: &MarkdownItem) -> bool {
    matches!(
        item.blocks.as_slice(),
        [MarkdownBlock { kind: BlockKind::Paragraph(text), .. }] if !item.is_task && text.is_link()
    )
}

/// Whether the last statement can take a link as a comment.
pub(super) fn absorbs(out: &mut Vec<DraftStatement>) -> bool {
    let mut absorbs = false;
    with_tail(out, |tail| {
        absorbs = matches!(
            tail.last().map(|it| &it.kind),
            Some(DraftKind::Check { question: DraftCondition::Question(_), .. } | DraftKind::Instruct { .. })
        );
    });
    absorbs
}

/// A link that begins the list below a statement says where to look: it stays with the statement.
pub(super) fn absorb(out: &mut Vec<DraftStatement>, body: &mut Vec<DraftStatement>) {
    let is_link = matches!(
        body.first().map(|it| &it.kind),
        Some(DraftKind::Prose(text)) if text.starts_with("http") && !text.contains(char::is_whitespace)
    );
    if is_link && absorbs(out) {
        let DraftStatement { kind: DraftKind::Prose(text), remarks, lines, .. } = body.remove(0) else {
            return;
        };
        stay_with(out, &text, lines.last);
        with_tail(out, |tail| {
            if let Some(last) = tail.last_mut() {
                last.remarks.extend(remarks);
            }
        });
    }
}

/// Adds an address to the text of the last statement.
pub(super) fn stay_with(out: &mut Vec<DraftStatement>, address: &str, line: usize) {
    with_tail(out, |tail| {
        let Some(last) = tail.last_mut() else { return };
        last.lines.last = last.lines.last.max(line);
        if let DraftKind::Instruct { text, .. }
        | DraftKind::Check { question: DraftCondition::Question(text), .. } = &mut last.kind
        {
            *text = format!("{}: {address}", text.trim_end_matches([':', '.']));
        }
    });
}

/// `If X, it may be Y. To do Z:`: a case in which nothing is done does not hold the list that follows.
pub(super) fn close_described(out: &mut [DraftStatement]) {
    let described = match out.last().map(|it| &it.kind) {
        Some(DraftKind::If(it)) => it
            .branches
            .iter()
            .flat_map(|(_, body)| body)
            .chain(it.otherwise.iter().flatten())
            .all(|it| matches!(it.kind, DraftKind::Prose(_))),
        _ => false,
    };
    if described {
        close(out);
    }
}
