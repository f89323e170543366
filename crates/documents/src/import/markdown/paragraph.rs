//! Translates a paragraph, sentence by sentence.

use super::block::InlineText;
use super::calling::split_escalation;
use super::code::is_known_program;
use super::conditional::asked;
use super::query::threshold;
use super::sentence::{SentenceKind, classify, sentence_case, sentences};
use super::translator::{Translator, close, push, with_tail};
use super::words::is_instruction;
use crate::draft::{DraftCondition, DraftEvidence, DraftIf, DraftKind, DraftStatement, SourceLines};
use crate::import::report::{NeedsPerson, TakenLines};

/// How long a person is given where the document says nothing.
const WAIT: &str = "30m";

impl Translator {
    /// Adds the statements of a paragraph. `leads_code`: code follows; `continues`: something follows in the same place.
    pub(crate) fn paragraph(
        &mut self,
        text: &InlineText,
        lines: SourceLines,
        leads_code: bool,
        continues: bool,
        out: &mut Vec<DraftStatement>,
    ) {
        let whole = text.text.trim();
        if ["todo", "tbd", "n/a"].contains(&whole.trim_end_matches([':', '.']).to_lowercase().as_str()) {
            let mut nothing = self.finish(DraftStatement::new(lines, DraftKind::Nothing));
            nothing.open.push(format!("the document says \"{whole}\" here"));
            self.needs.push(NeedsPerson::new(lines.first, "the document has nothing here yet"));
            push(out, nothing);
            return;
        }
        if text.is_link() && !self.procedure {
            let statement = self.finish(DraftStatement::prose(lines, whole));
            push(out, statement);
            return;
        }
        let lead = text.behind_lead();
        // A heading that somebody wrote in bold.
        if let Some((title, "")) = lead
            && continues
            && (!is_instruction(title) || whole.ends_with(':') && !leads_code)
        {
            self.taken.push(TakenLines::new(lines.first, lines.last, "comment", title));
            self.remarks.push(title.to_owned());
            return;
        }
        let (prefix, body) = match lead {
            Some((title, rest)) if !rest.is_empty() && whole.contains(&format!("{title}:")) => {
                (Some(title), rest)
            }
            _ => (None, whole),
        };
        if leads_code {
            self.threshold = sentences(body).iter().find_map(|it| threshold(it));
        }
        let start = out.len();
        self.sentences(body, lines, out);
        if let Some(prefix) = prefix
            && let Some(first) = out.get_mut(start)
        {
            prefixed(first, prefix);
        }
    }

    /// Adds the statements of a text.
    pub(crate) fn sentences(&mut self, text: &str, lines: SourceLines, out: &mut Vec<DraftStatement>) {
        let mut all: Vec<String> = Vec::new();
        for sentence in sentences(text) {
            match split_escalation(&sentence) {
                Some((before, after)) => all.extend([before, after]),
                None => all.push(sentence),
            }
        }
        // Whether the last statement was made of this text, so that an explanation can join it.
        let mut joins = false;
        for (n, sentence) in all.iter().enumerate() {
            let later = all.get(n + 1..).unwrap_or_default();
            let mut kind = classify(sentence, self.procedure);
            if let SentenceKind::If { describes: true, .. } = kind
                && !later
                    .iter()
                    .map(|it| classify(it, false))
                    .take_while(|it| !matches!(it, SentenceKind::If { .. }))
                    .any(|it| it == SentenceKind::Instruction)
            {
                kind = SentenceKind::Note;
            }
            if kind == SentenceKind::Note && joins && extend(out, sentence) {
                continue;
            }
            if joins && self.answers(&kind, lines, out) {
                continue;
            }
            self.statement(sentence, kind, lines, out);
            joins = true;
        }
    }

    /// `Is X? If so, Y`, and `Is X? If not, Y`: the question and what follows are one decision.
    fn answers(&mut self, kind: &SentenceKind, lines: SourceLines, out: &mut Vec<DraftStatement>) -> bool {
        let (rest, holds) = match kind {
            SentenceKind::If { condition, rest, .. }
                if ["so", "yes", "it is", "they are", "this is the case"]
                    .contains(&condition.to_lowercase().as_str()) =>
            {
                (rest, true)
            }
            SentenceKind::Otherwise(rest) => (rest, false),
            _ => return false,
        };
        let mut body = Vec::new();
        self.sentences(rest, lines, &mut body);
        let mut body = Some(body);
        with_tail(out, |tail| {
            let Some(last) = tail.last_mut() else { return };
            let DraftKind::Check { question, showing } = &last.kind else { return };
            if !showing.is_empty() {
                return;
            }
            let Some(body) = body.take() else { return };
            let (then, otherwise) = if holds { (body, None) } else { (Vec::new(), Some(body)) };
            let branches = vec![(question.clone(), then)];
            last.kind = DraftKind::If(DraftIf { branches, otherwise, is_open: true });
        });
        body.is_none()
    }

    fn statement(
        &mut self,
        sentence: &str,
        kind: SentenceKind,
        lines: SourceLines,
        out: &mut Vec<DraftStatement>,
    ) {
        match kind {
            SentenceKind::Note => {
                let statement = self.finish(DraftStatement::prose(lines, sentence));
                push(out, statement);
            }
            SentenceKind::Instruction => {
                let (text, showing) = self.evidence(sentence);
                let kind = DraftKind::Instruct { text: sentence_case(&text), showing };
                let statement = self.finish(DraftStatement::new(lines, kind));
                push(out, statement);
            }
            SentenceKind::Check(question) => {
                let (question, showing) = self.evidence(&question);
                let kind = DraftKind::Check { question: DraftCondition::Question(question), showing };
                let statement = self.finish(DraftStatement::new(lines, kind));
                push(out, statement);
            }
            SentenceKind::If { condition, rest, .. } => {
                close(out);
                let mut body = Vec::new();
                let mut statement = self.finish(DraftStatement::new(lines, DraftKind::Nothing));
                self.sentences(&rest, lines, &mut body);
                let branches = vec![(DraftCondition::Question(asked(&condition)), body)];
                statement.kind = DraftKind::If(DraftIf { branches, otherwise: None, is_open: true });
                out.push(statement);
            }
            SentenceKind::Otherwise(rest) => self.otherwise(sentence, &rest, lines, out),
            SentenceKind::Wait { condition, within, held } => {
                let statement = self.wait(&condition, within, held, lines);
                push(out, statement);
            }
            SentenceKind::Once { condition, rest } => {
                let statement = self.wait(&condition, None, None, lines);
                push(out, statement);
                let mut body = Vec::new();
                self.sentences(&rest, lines, &mut body);
                for it in body {
                    push(out, it);
                }
            }
            SentenceKind::Pause(duration) => {
                self.remarks.push(sentence.to_owned());
                let statement = self.finish(DraftStatement::new(lines, DraftKind::Pause { duration }));
                push(out, statement);
            }
            SentenceKind::Escalate { team } => {
                let because = sentence.trim_end_matches(':').to_owned();
                let kind = DraftKind::Escalate { team, because, acknowledged: None };
                let statement = self.finish(DraftStatement::new(lines, kind));
                push(out, statement);
            }
        }
    }

    fn otherwise(&mut self, sentence: &str, rest: &str, lines: SourceLines, out: &mut Vec<DraftStatement>) {
        let mut body = Vec::new();
        let kind = classify(rest, self.procedure);
        self.statement(rest, kind, lines, &mut body);
        let Some(DraftStatement { kind: DraftKind::If(before), .. }) = out.last_mut() else {
            let kind = if is_instruction(rest) {
                DraftKind::Instruct { text: sentence.to_owned(), showing: Vec::new() }
            } else {
                DraftKind::Prose(sentence.to_owned())
            };
            let statement = self.finish(DraftStatement::new(lines, kind));
            push(out, statement);
            return;
        };
        if before.otherwise.is_some() {
            close(out);
            out.extend(body);
            return;
        }
        before.is_open = true;
        match body.pop() {
            // `Otherwise, if …`
            Some(DraftStatement { kind: DraftKind::If(inner), remarks, .. }) if body.is_empty() => {
                self.remarks.extend(remarks);
                before.branches.extend(inner.branches);
            }
            last => {
                body.extend(last);
                before.otherwise = Some(body);
            }
        }
    }

    pub(crate) fn wait(
        &mut self,
        condition: &str,
        within: Option<String>,
        held: Option<String>,
        lines: SourceLines,
    ) -> DraftStatement {
        let condition = DraftCondition::Question(condition.trim_end_matches(['.', ':']).to_owned());
        let mut statement = self.finish(DraftStatement::new(lines, DraftKind::Nothing));
        if within.is_none() {
            statement.open.push(format!("the document does not say how long to wait: {WAIT} is a guess"));
            self.needs.push(NeedsPerson::new(lines.first, "no limit is given for a wait: 30m is a guess"));
        }
        statement.kind =
            DraftKind::WaitUntil { condition, held, within: within.unwrap_or_else(|| WAIT.into()) };
        statement
    }

    /// Takes the commands that only look out of a sentence, if they end it; they are evidence.
    pub(crate) fn evidence(&mut self, sentence: &str) -> (String, Vec<DraftEvidence>) {
        let commands: Vec<String> = sentence
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|it| it.split_whitespace().count() > 1 && is_known_program(it) && self.reads(it))
            .map(str::to_owned)
            .collect();
        for command in &commands {
            self.fill(command);
        }
        let mut text = sentence.trim().trim_end_matches(':').to_owned();
        if let [command] = commands.as_slice() {
            let bare = text.trim_end_matches(['.', ':']);
            if let Some(before) = bare.strip_suffix(&format!("`{command}`")) {
                let before = before.trim_end();
                let cut =
                    [" via", " by running", " using", " with", " by", ":", " by using", " by executing"]
                        .iter()
                        .filter_map(|it| before.strip_suffix(it))
                        .min_by_key(|it| it.len());
                if let Some(cut) = cut.filter(|it| it.split_whitespace().count() > 1) {
                    let kept = cut.trim_end_matches([',', ':']).len();
                    text.truncate(kept);
                }
            }
        }
        (text, commands.into_iter().map(DraftEvidence::Command).collect())
    }
}

/// Adds a sentence to the statement that was made of the same text, where it explains it.
fn extend(out: &mut Vec<DraftStatement>, sentence: &str) -> bool {
    let mut extended = false;
    with_tail(out, |tail| {
        let text = match tail.last_mut().map(|it| &mut it.kind) {
            Some(DraftKind::Instruct { text, .. } | DraftKind::Prose(text)) => text,
            Some(DraftKind::Escalate { because, .. }) => because,
            _ => return,
        };
        let ends = text.ends_with(['.', '!', '?', ':', ')', '`', '"']) || text.is_empty();
        text.push_str(if ends { " " } else { ". " });
        text.push_str(sentence);
        extended = true;
    });
    extended
}

/// Puts the bold beginning of a paragraph in front of its first statement.
fn prefixed(statement: &mut DraftStatement, prefix: &str) {
    match &mut statement.kind {
        DraftKind::Prose(text) | DraftKind::Instruct { text, .. } => *text = format!("{prefix}: {text}"),
        DraftKind::Check { .. }
        | DraftKind::If(_)
        | DraftKind::Match { .. }
        | DraftKind::Command { .. }
        | DraftKind::Escalate { .. }
        | DraftKind::WaitUntil { .. }
        | DraftKind::Pause { .. }
        | DraftKind::Let { .. }
        | DraftKind::Resolve { .. }
        | DraftKind::Look { .. }
        | DraftKind::Nothing => statement.remarks.push(prefix.to_owned()),
    }
}
