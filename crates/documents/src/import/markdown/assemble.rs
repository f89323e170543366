//! Puts a runbook together: what explains it, its steps, and what was learnt on the way.

use super::block::{BlockKind, MarkdownBlock, MarkdownDocument};
use super::code::{self, CodeClass};
use super::plan::{PlannedRunbook, is_alert_name, is_sequential};
use super::section::{MarkdownSection, alternatives, alternatives_below};
use super::sentence::{SentenceKind, begins_with_verb, classify, sentences};
use super::translator::{Translator, quote_decides as decides, walk};
use crate::draft::{DraftCondition, DraftKind, DraftPart, DraftRunbook, DraftStatement, SourceLines};
use crate::export::lowered;
use crate::import::report::{NeedsPerson, TakenLines};

/// A runbook with its part of the report.
pub(super) struct AssembledRunbook {
    pub(super) draft: DraftRunbook,
    pub(super) taken: Vec<TakenLines>,
    pub(super) needs: Vec<NeedsPerson>,
    /// Where it begins in the document.
    pub(super) line: usize,
}

struct Assembler<'a> {
    lines: Vec<&'a str>,
    translator: Translator,
    about: Vec<String>,
    parts: Vec<DraftPart>,
    taken: Vec<TakenLines>,
    /// The titles of all sections, in small letters: a list of them is an index.
    titles: Vec<String>,
}

/// Puts a planned runbook together. `text` is the document.
pub(super) fn assemble(
    planned: PlannedRunbook,
    document: &MarkdownDocument,
    text: &str,
    commands: bool,
) -> AssembledRunbook {
    let mut translator = Translator { commands, ..Translator::default() };
    translator.learn(&planned.before);
    planned.sections.iter().for_each(|it| translator.learn(&it.flattened()));
    let mut titles = Vec::new();
    collect_titles(&planned.sections, &mut titles);
    let mut assembler = Assembler {
        lines: text.lines().collect(),
        translator,
        about: Vec::new(),
        parts: Vec::new(),
        taken: Vec::new(),
        titles,
    };
    let line = planned.heading_lines.first().copied().unwrap_or(1);
    assembler.taken.extend(
        planned.heading_lines.iter().map(|line| TakenLines::new(*line, *line, "runbook", &planned.title)),
    );
    assembler.before(&planned.before, planned.sections.iter().all(MarkdownSection::is_context));
    assembler.sections(None, &planned.sections, 1);
    assembler.finished(planned, document, line)
}

fn collect_titles(sections: &[MarkdownSection], into: &mut Vec<String>) {
    for section in sections {
        into.push(plain_words(section.title()));
        collect_titles(&section.children, into);
    }
}

/// Letters and digits only, in small letters, without a number in front.
fn plain_words(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ');
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Assembler<'_> {
    /// What stands before the first section explains, unless nothing else says what to do.
    fn before(&mut self, blocks: &[MarkdownBlock], alone: bool) {
        if alone {
            let explains = blocks
                .iter()
                .enumerate()
                .take_while(|(n, it)| says_nothing_to_do(it, blocks.get(n + 1)))
                .count();
            let (first, blocks) = blocks.split_at(if explains < blocks.len() { explains } else { 0 });
            if let (Some(begin), Some(end)) = (first.first(), first.last()) {
                self.explain(SourceLines { first: begin.lines.first, last: end.lines.last });
                self.translator.note_links_below(first);
            }
            let statements = self.translator.blocks(blocks, false);
            self.parts.extend(statements.into_iter().map(DraftPart::Bare));
            return;
        }
        if let (Some(first), Some(last)) = (blocks.first(), blocks.last()) {
            self.explain(SourceLines { first: first.lines.first, last: last.lines.last });
            self.translator.note_links_below(blocks);
        }
    }

    /// Lines of the document go into `about` as they are.
    fn explain(&mut self, lines: SourceLines) {
        let text: Vec<&str> =
            self.lines.iter().skip(lines.first - 1).take(lines.last + 1 - lines.first).copied().collect();
        let about = lowered(text.join("\n").trim_end());
        self.taken.push(TakenLines::new(
            lines.first,
            lines.last,
            "about",
            text.first().copied().unwrap_or_default(),
        ));
        self.about.push(about);
    }

    fn sections(&mut self, above: Option<&str>, sections: &[MarkdownSection], depth: usize) {
        let choice = alternatives(above, sections);
        let mut n = 0;
        while let Some(section) = sections.get(n) {
            match choice {
                Some((first, count)) if first == n => {
                    let arms = sections.get(first..first + count).unwrap_or_default();
                    let statement = self.choice(arms);
                    self.parts.push(DraftPart::Bare(statement));
                    n += count;
                }
                _ => {
                    self.section(section, depth);
                    n += 1;
                }
            }
        }
    }

    fn section(&mut self, section: &MarkdownSection, depth: usize) {
        let title = section.title().to_owned();
        if section.is_context() {
            return self.context(section, depth);
        }
        let heading = SourceLines { first: section.lines.first, last: section.lines.first };
        self.translator.note_links(&section.heading);
        self.translator.procedure = false;
        self.translator.title.clone_from(&title);
        if depth == 1 && self.parts.is_empty() && section.children.is_empty() && !is_sequential(&title) {
            // What comes before everything that is done, and says nothing to do, explains.
            let statements = self.statements(&section.blocks);
            let prose = |it: &DraftStatement| matches!(it.kind, DraftKind::Prose(_));
            let explains = |it: &DraftStatement| match &it.kind {
                DraftKind::If(it) => {
                    it.otherwise.is_none() && it.branches.iter().all(|(_, body)| body.iter().all(prose))
                }
                _ => prose(it),
            };
            if !statements.is_empty() && statements.iter().all(explains) {
                self.explain(section.lines);
                return;
            }
            self.taken.push(TakenLines::new(heading.first, heading.last, "step", &title));
            return self.whole(&title, statements, section, depth);
        }
        self.taken.push(TakenLines::new(heading.first, heading.last, "step", &title));
        if depth > 1 && !section.children.is_empty() && alternatives_below(section).is_none() {
            let statements = self.statements(&section.flattened());
            self.step(title, statements);
            return;
        }
        let mut statements = self.statements(&section.blocks);
        if let Some((first, count)) = alternatives_below(section) {
            let (before, rest) = section.children.split_at(first.min(section.children.len()));
            let (arms, after) = rest.split_at(count.min(rest.len()));
            for child in before {
                self.section(child, depth + 1);
            }
            statements.push(self.choice(arms));
            self.step(title, statements);
            for child in after {
                self.section(child, depth + 1);
            }
            return;
        }
        self.whole(&title, statements, section, depth);
    }

    /// A section whose own statements are one step.
    fn whole(
        &mut self,
        title: &str,
        mut statements: Vec<DraftStatement>,
        section: &MarkdownSection,
        depth: usize,
    ) {
        let heading = SourceLines { first: section.lines.first, last: section.lines.first };
        if statements.is_empty() && !section.children.is_empty() {
            self.parts.push(DraftPart::Remark(vec![title.to_owned()]));
        } else {
            if statements.is_empty() {
                self.translator
                    .needs
                    .push(NeedsPerson::new(heading.first, "nothing is written below this heading"));
                let mut nothing = DraftStatement::new(heading, DraftKind::Nothing);
                nothing.open.push("nothing is written here yet".into());
                statements.push(nothing);
            }
            self.step(title.to_owned(), statements);
        }
        self.sections(Some(title), &section.children, depth + 1);
    }

    /// A section that explains; an instruction in it is a step all the same.
    fn context(&mut self, section: &MarkdownSection, depth: usize) {
        let acts = |it: &MarkdownSection| !it.is_context() && begins_with_verb(it.title()) && !it.is_empty();
        let first = section.children.iter().position(acts);
        let last = match first.and_then(|at| section.children.get(at)) {
            Some(child) => child.lines.first - 1,
            None => section.lines.last,
        };
        self.explain(SourceLines { first: section.lines.first, last: last.max(section.lines.first) });
        self.translator.note_links(&section.heading);
        self.translator.note_links_below(&section.blocks);
        let children = first.unwrap_or(section.children.len());
        for child in section.children.iter().take(children) {
            self.translator.note_links_below(&child.flattened());
        }
        for child in section.children.iter().skip(children) {
            if acts(child) {
                self.section(child, depth + 1);
            } else {
                self.explain(child.lines);
                self.translator.note_links_below(&child.flattened());
            }
        }
    }

    fn step(&mut self, title: String, statements: Vec<DraftStatement>) {
        self.parts.push(DraftPart::Step { title, statements });
    }

    /// The statements of a section. A list of what the sections say anyway is an index.
    fn statements(&mut self, blocks: &[MarkdownBlock]) -> Vec<DraftStatement> {
        let mut statements = Vec::new();
        let mut rest: Vec<MarkdownBlock> = Vec::new();
        let mut announced = false;
        for block in blocks {
            let is_list = matches!(block.kind, BlockKind::List { .. });
            if self.is_index(block) || announced && is_list {
                self.explain(block.lines);
            } else {
                rest.push(block.clone());
            }
            announced = announces_index(block);
        }
        statements.extend(self.translator.blocks(&rest, false));
        statements
    }

    fn is_index(&self, block: &MarkdownBlock) -> bool {
        let BlockKind::List { items, .. } = &block.kind else { return false };
        let repeats = items.iter().filter(|item| {
            let text = match item.blocks.first().map(|it| &it.kind) {
                Some(BlockKind::Paragraph(text)) => plain_words(&text.text),
                _ => String::new(),
            };
            text.len() > 8 && self.titles.contains(&text)
        });
        items.len() > 1 && repeats.count() * 3 >= items.len() * 2
    }

    fn choice(&mut self, sections: &[MarkdownSection]) -> DraftStatement {
        let first = sections.first().map_or(1, |it| it.lines.first);
        let last = sections.last().map_or(first, |it| it.lines.last);
        let mut arms = Vec::new();
        for section in sections {
            self.translator.procedure = false;
            self.translator.note_links(&section.heading);
            let heading = SourceLines { first: section.lines.first, last: section.lines.first };
            self.taken.push(TakenLines::new(
                heading.first,
                heading.last,
                "one of several ways",
                section.title(),
            ));
            section.title().clone_into(&mut self.translator.title);
            let mut statements = self.statements(&section.flattened());
            if statements.is_empty() {
                let mut nothing = DraftStatement::new(heading, DraftKind::Nothing);
                nothing.open.push("nothing is written here yet".into());
                statements.push(nothing);
            }
            arms.push((section.title().to_owned(), statements));
        }
        // Where each begins with its condition, the conditions are what is chosen from.
        if arms.iter().all(|(_, statements)| is_one_case(statements)) {
            for (name, statements) in &mut arms {
                unwrap_case(name, statements);
            }
        }
        self.translator.needs.push(NeedsPerson::new(
            first,
            "these sections are taken as alternatives: is it one of them, or all of them in turn?",
        ));
        DraftStatement::new(
            SourceLines { first, last },
            DraftKind::Match { question: "Which applies?".into(), arms },
        )
    }

    fn finished(
        mut self,
        planned: PlannedRunbook,
        document: &MarkdownDocument,
        line: usize,
    ) -> AssembledRunbook {
        let it = |keys: &[&str]| {
            document
                .front
                .iter()
                .find(|(key, _)| keys.contains(&key.as_str()))
                .map(|(_, value)| value.clone())
        };
        let mut alerts: Vec<String> = document
            .front
            .iter()
            .filter(|(key, _)| ["alert", "alertname"].contains(&key.as_str()))
            .map(|(_, value)| value.clone())
            .collect();
        let mut needs = std::mem::take(&mut self.translator.needs);
        self.taken.append(&mut self.translator.taken);
        if alerts.is_empty() && is_alert_name(&planned.title) {
            alerts.push(planned.title.clone());
            needs.push(NeedsPerson::new(
                line,
                &format!("the title is taken as the name of the alert: {}", planned.title),
            ));
        }
        let owner = it(&["owner", "team", "owner_slack"]);
        if owner.is_none() {
            needs.push(NeedsPerson::new(line, "nobody owns it: add `owner \"TEAM\"`"));
        }
        let mut notes = planned.headings;
        for (key, value) in &document.front {
            if !["owner", "team", "owner_slack", "severity", "alert", "alertname"].contains(&key.as_str())
                && *value != planned.title
            {
                notes.push(if key.is_empty() { value.clone() } else { format!("{key}: {value}") });
            }
        }
        if let Some(lines) = document.front_lines {
            self.taken.push(TakenLines::new(
                lines.first,
                lines.last,
                "front matter",
                "title, owner, severity, alert",
            ));
        }
        for (name, address) in &document.definitions {
            self.translator.note_link(name, address);
        }
        walk(&self.parts, &mut |it, _| {
            let (to, text) = named(it);
            self.taken.push(TakenLines::new(it.lines.first, it.lines.last, to, text));
        });
        if !self.parts.iter().any(|it| !matches!(it, DraftPart::Remark(_))) {
            needs.push(NeedsPerson::new(line, "nothing is written for this runbook yet"));
            let lines = SourceLines { first: line, last: line };
            let mut statement = DraftStatement::prose(lines, "Nothing is written here yet.");
            statement.open.push("write what to do".into());
            self.parts.push(DraftPart::Bare(statement));
        }
        let draft = DraftRunbook {
            title: planned.title,
            about: self.about.join("\n\n"),
            alerts,
            matching: Vec::new(),
            owner,
            severity: it(&["severity"]),
            links: self.translator.links,
            params: self.translator.params,
            metrics: self.translator.metrics,
            notes,
            parts: self.parts,
            values: self.translator.values.into_iter().collect(),
        };
        AssembledRunbook { draft, taken: self.taken, needs, line }
    }
}

/// Whether a block only says how things are, also with an example behind it.
fn says_nothing_to_do(block: &MarkdownBlock, next: Option<&MarkdownBlock>) -> bool {
    let is_example = |it: &MarkdownBlock| match &it.kind {
        BlockKind::Code { language, text } => matches!(code::classify(language, text), CodeClass::Sample(_)),
        BlockKind::Quote(_) => !decides(it),
        _ => false,
    };
    let BlockKind::Paragraph(text) = &block.kind else { return is_example(block) };
    let announces = text.text.trim_end().ends_with([':', ',']);
    (!announces || next.is_some_and(is_example))
        && sentences(&text.text).iter().all(|it| match classify(it, false) {
            SentenceKind::Note => true,
            SentenceKind::If { rest, .. } => !rest.is_empty() && classify(&rest, false) == SentenceKind::Note,
            _ => false,
        })
}

/// Whether statements begin with a condition, and decide nothing else.
fn is_one_case(statements: &[DraftStatement]) -> bool {
    let Some((DraftStatement { kind: DraftKind::If(it), .. }, rest)) = statements.split_first() else {
        return false;
    };
    let says = |it: &DraftStatement| matches!(it.kind, DraftKind::Prose(_) | DraftKind::Nothing);
    let is_question = matches!(
        it.branches.as_slice(),
        [(DraftCondition::Question(_), body)] if !body.is_empty()
    );
    is_question && it.otherwise.is_none() && rest.iter().all(says)
}

/// Names an arm by the condition that it begins with.
fn unwrap_case(name: &mut String, statements: &mut Vec<DraftStatement>) {
    let first = statements.remove(0);
    let DraftKind::If(it) = first.kind else { return };
    for (condition, mut body) in it.branches {
        if let DraftCondition::Question(condition) = condition {
            *name = format!("{name}: {}", condition.trim_end_matches('?'));
        }
        if let Some(begins) = body.first_mut() {
            begins.remarks.splice(0..0, first.remarks.iter().cloned());
        }
        statements.splice(0..0, body);
    }
}

/// `Details for each of these items are in the next section.`
fn announces_index(block: &MarkdownBlock) -> bool {
    let BlockKind::Paragraph(text) = &block.kind else { return false };
    let lower = text.text.to_lowercase();
    ["each of these", "each item", "each step", "these items", "details"].iter().any(|it| lower.contains(it))
        && [
            "next section",
            "following section",
            "sections below",
            "described below",
            "explained below",
            "detailed below",
        ]
        .iter()
        .any(|it| lower.contains(it))
}

/// What a statement is called in the report, and its text.
pub(super) fn named(statement: &DraftStatement) -> (&'static str, &str) {
    let condition = |it: &DraftCondition| match it {
        DraftCondition::Question(_) => "check by a person",
        DraftCondition::Expression(_) => "check",
    };
    match &statement.kind {
        DraftKind::Prose(text) => ("note", text),
        DraftKind::Check { question, showing } => {
            let (DraftCondition::Question(text) | DraftCondition::Expression(text)) = question;
            (if showing.is_empty() { condition(question) } else { "check with evidence" }, text)
        }
        DraftKind::If(it) => (
            "decision",
            it.branches.first().map_or("", |(condition, _)| match condition {
                DraftCondition::Question(text) | DraftCondition::Expression(text) => text,
            }),
        ),
        DraftKind::Match { question, .. } => ("choice", question),
        DraftKind::Instruct { text, showing } => {
            (if showing.is_empty() { "instruction" } else { "instruction with evidence" }, text)
        }
        DraftKind::Command { command } => ("command", command),
        DraftKind::Escalate { because, .. } => ("page", because),
        DraftKind::WaitUntil {
            condition: DraftCondition::Question(text) | DraftCondition::Expression(text),
            ..
        } => ("wait", text),
        DraftKind::Pause { duration } => ("wait", duration),
        DraftKind::Let { command, .. } => ("value", command),
        DraftKind::Resolve { text } => ("end", text),
        DraftKind::Look { text, .. } => ("instruction with evidence", text),
        DraftKind::Nothing => ("comment", statement.open.first().map_or("", String::as_str)),
    }
}
