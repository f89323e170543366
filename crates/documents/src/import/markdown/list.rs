//! Translates a list, with the text that announces it.

use super::answers::{
    absorb, absorbs, announces_claims, answer, claims, close_described, is_answer, is_checked, is_only_link,
    label, stay_with, value_label,
};
use super::block::{BlockKind, InlineText, MarkdownBlock, MarkdownItem};
use super::conditional::{asked, negates, otherwise};
use super::sentence::{SentenceKind, classify, is_own_deed, sentence_case, sentences};
use super::translator::{Translator, close, flattened, push, with_tail};
use super::words::{first_word, is_instruction};
use crate::draft::{DraftCondition, DraftIf, DraftKind, DraftStatement, SourceLines};
use crate::import::report::TakenLines;

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
        let mut in_case = false;
        let announced = intro.map(|(text, at)| {
            let mut all = sentences(&text.text);
            let last = all.pop().unwrap_or_default();
            // `If X, it is Y. Do the following:`: the list is what is done in that case.
            if let [.., before] = all.as_slice()
                && acts
                && refers(&last)
                && let SentenceKind::If { condition, rest, .. } = classify(before, false)
            {
                all.pop();
                in_case = true;
                if !all.is_empty() {
                    self.sentences(&all.join(" "), at, out);
                }
                return format!("If {condition}, {rest}");
            }
            if !all.is_empty() {
                self.sentences(&all.join(" "), at, out);
                if !outer {
                    close_described(out);
                }
            }
            last
        });
        if announced.is_none() && self.lists_claims(items) {
            self.claims(items, whole, out);
            return;
        }
        if Self::lists_values(out, announced.as_deref(), items) {
            let question = announced.clone().unwrap_or_else(|| "Which of these is it?".into());
            let statement = self.causes(question.trim_end_matches([':', '.']), items, whole);
            push(out, statement);
            return;
        }
        if let Some(question) = self.asked_by(announced.as_deref(), items) {
            let statement = self.causes(&question, items, whole);
            push(out, statement);
            return;
        }
        if let Some(announced) = &announced {
            if is_of_causes(announced, items) {
                let statement = self.causes(announced, items, whole);
                push(out, statement);
                return;
            }
            if announces_claims(announced) && claims(items).is_some() {
                match classify(announced, false) {
                    SentenceKind::Once { condition, .. } => {
                        let statement = self.wait(&condition, None, None, whole);
                        push(out, statement);
                    }
                    // What it says besides is kept.
                    _ if announced.split_whitespace().count() > 4 => self.remarks.push(announced.clone()),
                    _ => {}
                }
                self.claims(items, whole, out);
                return;
            }
            if let Some(act) = condition_follows(announced) {
                close(out);
                let mut statement = self.finish(DraftStatement::new(whole, DraftKind::Nothing));
                let mut question = Vec::new();
                self.one_text("One of these is so", items, whole, &mut question);
                let text = question.pop().map(|it| match it.kind {
                    DraftKind::Prose(text) | DraftKind::Instruct { text, .. } => text,
                    _ => String::new(),
                });
                let mut body = Vec::new();
                self.sentences(&format!("{act}."), whole, &mut body);
                close(&mut body);
                let branches = vec![(DraftCondition::Question(text.unwrap_or_default()), body)];
                statement.kind = DraftKind::If(DraftIf { branches, otherwise: None, is_open: false });
                out.push(statement);
                return;
            }
            match classify(announced, false) {
                SentenceKind::Note if acts && announced_moment(announced).is_some() => {
                    let condition = announced_moment(announced).unwrap_or_default();
                    let statement = self.wait(&sentence_case(condition), None, None, whole);
                    push(out, statement);
                    let mut body = Vec::new();
                    self.items(items, &mut body);
                    with_tail(out, |tail| tail.extend(body));
                    self.procedure = outer;
                    return;
                }
                SentenceKind::If { condition, rest, .. } => {
                    close(out);
                    let mut statement = self.finish(DraftStatement::new(whole, DraftKind::Nothing));
                    let mut body = Vec::new();
                    if acts || in_case {
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
                // `To find it:` says what the items are for.
                if is_purpose(&announced) {
                    let at = intro.map_or(whole, |it| it.1);
                    self.taken.push(TakenLines::new(at.first, at.last, "comment", &announced));
                    self.remarks.push(announced.trim_end_matches([':', ',']).to_owned());
                    let mut body = Vec::new();
                    self.items(items, &mut body);
                    with_tail(out, |tail| tail.extend(body));
                    self.procedure = outer;
                    return;
                }
                // `Do the following:` is said by what follows.
                let acts = classify(&announced, false) == SentenceKind::Instruction && !refers(&announced);
                let statement = if acts {
                    DraftStatement::instruct(whole, announced.trim_end_matches([':', ',']))
                } else {
                    DraftStatement::prose(whole, announced)
                };
                let statement = self.finish(statement);
                push(out, statement);
            }
            // `If yes` and `If no` below a question belong to it.
            let mut body = Vec::new();
            with_tail(out, |tail| {
                let asks = matches!(
                    tail.last().map(|it| &it.kind),
                    Some(DraftKind::Check { showing, .. }) if showing.is_empty()
                );
                if asks && items.first().is_some_and(|it| answer(it).is_some() || is_otherwise(it)) {
                    body.extend(tail.pop());
                }
            });
            self.items(items, &mut body);
            absorb(out, &mut body);
            with_tail(out, |tail| tail.extend(body));
        } else if announced.is_none() && items.iter().all(is_only_link) && absorbs(out) {
            for item in items {
                self.note_links_below(&item.blocks);
                stay_with(out, &flattened(&item.blocks), whole.last);
            }
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
            if matches!(
                item.blocks.as_slice(),
                [
                    MarkdownBlock { kind: BlockKind::Paragraph(_), .. },
                    MarkdownBlock { kind: BlockKind::List { .. }, .. }
                ]
            ) {
                guarded(&mut body);
            }
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
                            let says_no = text.to_lowercase().starts_with("if no,");
                            if let Some(rest) = otherwise(text) {
                                *text = rest;
                            }
                            if says_no && let Some(first) = body.first_mut() {
                                first.remarks.insert(0, "If no".into());
                            }
                        }
                        before.otherwise = Some(body);
                    }
                }
                close(out);
                continue;
            }
            close(&mut body);
            if denies(item, out, &mut body) {
                continue;
            }
            if let Some(rest) = answer(item)
                && self.affirmed(&rest, item, out)
            {
                continue;
            }
            is_checked(item, &mut body);
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
        let list: Vec<String> = match items {
            [only] if intro.trim().is_empty() => vec![flattened(&only.blocks)],
            _ => {
                items.iter().map(|it| format!("- {}", flattened(&it.blocks).replace('\n', "\n  "))).collect()
            }
        };
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
            } else if let Some((label, rest)) =
                value_label(item).or_else(|| label(item).filter(|_| is_answer(item)))
                && let Some(BlockKind::Paragraph(text)) = blocks.first_mut().map(|it| &mut it.kind)
            {
                label.clone_into(&mut name);
                *text = InlineText { text: rest.to_owned(), lead: None, links: text.links.clone() };
            } else if let Some(BlockKind::Paragraph(text)) = blocks.first_mut().map(|it| &mut it.kind) {
                // Its first sentence is the cause.
                let mut all = sentences(&text.text);
                if !all.is_empty() {
                    all.remove(0).trim_end_matches(['.', ':', ',', ';']).clone_into(&mut name);
                }
                *text = InlineText { text: all.join(" "), lead: None, links: text.links.clone() };
            }
            blocks.retain(|it| !matches!(&it.kind, BlockKind::Paragraph(text) if text.text.is_empty()));
            // `less than two days -- fix it now`
            if let Some(BlockKind::Paragraph(text)) = blocks.first_mut().map(|it| &mut it.kind)
                && value_label(item).is_some()
                && let Some((before, after)) = text.text.split_once(" -- ")
                && !before.contains(['.', '`'])
            {
                name = format!("{name}: {before}");
                text.text = after.to_owned();
            }
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

/// Cases below what should be so are for when it is not: a `check` without them would stop before they are asked.
fn guarded(body: &mut Vec<DraftStatement>) {
    let Some(DraftStatement { kind: DraftKind::Check { showing, .. }, .. }) = body.first() else { return };
    if !showing.is_empty() {
        return;
    }
    let is_case = |it: &DraftStatement| match &it.kind {
        DraftKind::If(it) => it.branches.iter().all(|(condition, _)| match condition {
            DraftCondition::Question(text) => {
                !["it", "so", "yes", "they", "this", "not"].contains(&first_word(text).0.as_str())
            }
            DraftCondition::Expression(_) => false,
        }),
        _ => false,
    };
    let Some(first) = body.iter().position(is_case) else { return };
    let how = body.get(1..first).unwrap_or_default();
    let only_says = how.iter().all(|it| matches!(it.kind, DraftKind::Instruct { .. } | DraftKind::Prose(_)));
    if !only_says || !body.iter().skip(first).all(is_case) {
        return;
    }
    let otherwise = body.split_off(first);
    let mut check = body.remove(0);
    if let DraftKind::Check { question, .. } = &check.kind {
        let branches = vec![(question.clone(), Vec::new())];
        check.kind = DraftKind::If(DraftIf { branches, otherwise: Some(otherwise), is_open: false });
    }
    // How it is checked comes before the answer.
    body.push(check);
}

/// `Once the deployment completes:`
pub(super) fn announced_moment(intro: &str) -> Option<&str> {
    let rest = ["Once ", "As soon as "].iter().find_map(|it| intro.trim().strip_prefix(it))?;
    let rest = rest.trim_end_matches([':', '.']).trim_end_matches(',');
    (!rest.contains(',') && !is_own_deed(rest)).then_some(rest)
}

/// `Escalate to the team if:`, above the cases in which that is done.
fn condition_follows(intro: &str) -> Option<&str> {
    let text = intro.trim().trim_end_matches(':');
    let act = [
        " if",
        " when",
        " if any of the following is true",
        " if one of the following is true",
        " if any of these is true",
    ]
    .iter()
    .find_map(|it| text.strip_suffix(it))?;
    (intro.trim_end().ends_with(':') && is_instruction(act)).then_some(act)
}

/// `To query the table:`
fn is_purpose(intro: &str) -> bool {
    let text = intro.trim();
    text.starts_with("To ") && text.ends_with(':') && !text.contains(',') && sentences(text).len() == 1
}

/// Whether a text only says that a list follows.
fn refers(intro: &str) -> bool {
    let lower = intro.to_lowercase();
    let words = lower.trim_end_matches([':', ',', '.']);
    ["following", "these steps", "steps below", "the steps", "below", "as follows", "this", "either"]
        .iter()
        .any(|it| words.contains(it))
}

/// Whether most items say what to do, or name several cases.
pub(super) fn is_procedure(items: &[MarkdownItem]) -> bool {
    let is_case = |item: &&MarkdownItem| match item.blocks.first().map(|it| &it.kind) {
        Some(BlockKind::Paragraph(text)) => {
            matches!(classify(&text.text, false), SentenceKind::If { .. })
        }
        _ => false,
    };
    let cases = items.iter().filter(is_case).count();
    if cases > 1 && cases * 2 >= items.len() {
        return true;
    }
    let acts = items.iter().filter(|it| acts(it)).count();
    acts * 2 >= items.len().max(1)
}

pub(super) fn acts(item: &MarkdownItem) -> bool {
    let Some(first) = item.blocks.first() else { return false };
    let has_code = item.blocks.iter().any(|it| matches!(it.kind, BlockKind::Code { .. }));
    let BlockKind::Paragraph(text) = &first.kind else { return has_code };
    if text.is_link() && !item.is_task && !has_code {
        return false;
    }
    // Bold words that no colon ends belong to the sentence.
    let is_label = |lead: &str| text.text.contains(&format!("{lead}:"));
    let sentence = match text.behind_lead() {
        Some((lead, "")) => lead,
        Some((lead, rest)) if is_label(lead) => rest,
        _ => text.text.as_str(),
    };
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
    if items.len() < 2 || !says {
        return false;
    }
    // Without bold names, the first sentence of each names it, and most say more than that.
    let says_more = |item: &&MarkdownItem| match item.blocks.first().map(|it| &it.kind) {
        Some(BlockKind::Paragraph(text)) => item.blocks.len() > 1 || sentences(&text.text).len() > 1,
        _ => false,
    };
    let is_name = |item: &MarkdownItem| match item.blocks.first().map(|it| &it.kind) {
        Some(BlockKind::Paragraph(text)) => sentences(&text.text).first().is_some_and(|it| {
            classify(it, false) == SentenceKind::Note && it.split_whitespace().count() <= 15
        }),
        _ => false,
    };
    named
        || items.iter().all(is_name)
            && items.iter().filter(says_more).count() * 2 > items.len()
            && (lower.contains("by one of") || lower.trim_end().ends_with(':'))
}

/// Whether an item begins with `Otherwise` or `If not`.
fn is_otherwise(item: &MarkdownItem) -> bool {
    let Some(BlockKind::Paragraph(text)) = item.blocks.first().map(|it| &it.kind) else { return false };
    sentences(&text.text).first().is_some_and(|it| matches!(classify(it, true), SentenceKind::Otherwise(_)))
}

/// `If not, Y` behind an item that asks: it is what is done on no.
fn denies(item: &MarkdownItem, out: &mut [DraftStatement], body: &mut Vec<DraftStatement>) -> bool {
    let Some(DraftStatement { kind, .. }) = out.last_mut() else { return false };
    let DraftKind::Check { question, showing } = &*kind else { return false };
    if !showing.is_empty() || body.is_empty() {
        return false;
    }
    let negated = |it: &DraftIf| {
        it.otherwise.is_none()
            && matches!(it.branches.as_slice(), [(DraftCondition::Question(text), _)] if negates(text))
    };
    let alone = body.len() == 1;
    let otherwise = match body.first_mut().map(|it| &mut it.kind) {
        Some(DraftKind::If(it)) if alone && negated(it) => {
            let Some(DraftStatement { kind: DraftKind::If(it), .. }) = body.pop() else { return false };
            let mut otherwise = Vec::new();
            for (condition, body) in it.branches {
                otherwise.extend(body);
                if let (DraftCondition::Question(text), Some(first)) = (condition, otherwise.first_mut()) {
                    first.remarks.insert(0, format!("If {}", text.trim_end_matches('?')));
                }
            }
            otherwise
        }
        Some(DraftKind::Instruct { text, .. } | DraftKind::Prose(text)) if is_otherwise(item) => {
            if let Some(rest) = otherwise(text) {
                *text = rest;
            }
            std::mem::take(body)
        }
        _ => return false,
    };
    let branches = vec![(question.clone(), Vec::new())];
    *kind = DraftKind::If(DraftIf { branches, otherwise: Some(otherwise), is_open: false });
    true
}
