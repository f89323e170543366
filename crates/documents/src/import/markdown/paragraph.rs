//! Translates a paragraph, sentence by sentence.

use super::attach::{quote, quoted, show};
use super::block::InlineText;
use super::calling::split_escalation;
use super::code::is_known_program;
use super::conditional::{affirms, asked, negates};
use super::query::threshold;
use super::sentence::{SentenceKind, classify, sentence_case, sentences, split_pause, split_reason};
use super::translator::{Translator, close, push, stretch, with_tail};
use super::verbs::is_verb;
use super::words::{first_word, is_instruction, without_lead};
use crate::draft::{DraftCondition, DraftEvidence, DraftIf, DraftKind, DraftStatement, SourceLines};
use crate::import::report::{NeedsPerson, TakenLines};

/// How long a person is given where the document says nothing.
const WAIT: &str = "30m";

/// How many sentences may stand in each other: `If X, if Y, …`. What is deeper is text.
const DEEPEST: usize = 8;

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
        let is_condition = |title: &str| matches!(first_word(title).0.as_str(), "if" | "when" | "unless");
        let (prefix, body) = match lead {
            Some((title, _)) if is_condition(title) => (None, whole),
            Some((title, rest)) if !rest.is_empty() && whole.contains(&format!("{title}:")) => {
                (Some(title), rest)
            }
            _ => (None, whole),
        };
        if leads_code {
            self.threshold = sentences(body).iter().find_map(|it| threshold(it));
        }
        let start = out.len();
        self.leads_code = leads_code;
        self.sentences(body, lines, out);
        self.leads_code = false;
        if let Some(prefix) = prefix
            && let Some(first) = out.get_mut(start)
        {
            prefixed(first, prefix);
        }
    }

    /// Adds the statements of a text.
    pub(crate) fn sentences(&mut self, text: &str, lines: SourceLines, out: &mut Vec<DraftStatement>) {
        if self.depth >= DEEPEST {
            let statement = self.finish(DraftStatement::prose(lines, text));
            push(out, statement);
            return;
        }
        self.depth += 1;
        self.each_sentence(text, lines, out);
        self.depth -= 1;
    }

    fn each_sentence(&mut self, text: &str, lines: SourceLines, out: &mut Vec<DraftStatement>) {
        let mut all: Vec<String> = Vec::new();
        for sentence in sentences(text) {
            let split = split_escalation(&sentence).or_else(|| split_pause(&sentence));
            match split.or_else(|| split_reason(&sentence)) {
                Some((before, after)) => all.extend([before, after]),
                None => all.push(sentence),
            }
        }
        // Whether the last statement was made of this text, so that an explanation can join it.
        let mut joins = false;
        for (n, sentence) in all.iter().enumerate() {
            let later = all.get(n + 1..).unwrap_or_default();
            let mut kind = classify(sentence, self.procedure);
            if self.leads_code && later.is_empty() && kind == SentenceKind::Note && does(sentence) {
                kind = SentenceKind::Instruction;
            }
            // An item that begins with `if` is one case of several.
            let is_case = n == 0 && self.procedure && out.is_empty();
            if let SentenceKind::If { describes: true, .. } = kind
                && !is_case
                && !later.first().is_some_and(|it| refers_to_case(it))
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
            if joins && self.is_how(sentence, out) {
                continue;
            }
            if self.procedure && looks_for(sentence) && shows(out) && extend(out, sentence) {
                stretch(out, lines.last);
                joins = true;
                continue;
            }
            if n == 0 && kind == SentenceKind::Note && asks_briefly(sentence, later) {
                let rest = later.join(" ");
                let kind = SentenceKind::If { condition: sentence.clone(), rest, describes: false };
                self.statement(sentence, kind, lines, out);
                close(out);
                return;
            }
            if self.answers((sentence, &kind), joins, lines, out) {
                continue;
            }
            if refers_to_case(sentence) {
                self.in_that_case(sentence, kind, lines, out);
                joins = true;
                continue;
            }
            self.statement(sentence, kind, lines, out);
            joins = true;
        }
    }

    /// `Apply it to the servers.`, and then only a command: it is how the sentence before it is done.
    fn is_how(&mut self, sentence: &str, out: &mut Vec<DraftStatement>) -> bool {
        let bare = InlineText { text: sentence.trim_end_matches('.').to_owned(), ..InlineText::default() };
        let Some(command) = bare.only_code().filter(|it| is_known_program(it) || it.contains(' ')) else {
            return false;
        };
        let mut instructs = false;
        with_tail(out, |tail| {
            instructs = matches!(tail.last().map(|it| &it.kind), Some(DraftKind::Instruct { .. }));
        });
        if instructs && is_known_program(command) && self.reads(command) {
            self.fill(command);
            return show(out, vec![DraftEvidence::Command(command.to_owned())]);
        }
        instructs && quote(out, &quoted(&[command.to_owned()]))
    }

    /// `Is X? If so, Y`, and `Is X? If not, Y`: the question and what follows are one decision.
    /// `joins`: the question stands in the same text, so that `if so` can mean nothing else.
    fn answers(
        &mut self,
        (sentence, kind): (&str, &SentenceKind),
        joins: bool,
        lines: SourceLines,
        out: &mut Vec<DraftStatement>,
    ) -> bool {
        let (rest, holds) = match kind {
            SentenceKind::If { condition, rest, .. } if negates(condition) => (rest, false),
            SentenceKind::If { condition, rest, .. } if joins && affirms(condition) => (rest, true),
            SentenceKind::Otherwise(rest) => (rest, false),
            _ => return false,
        };
        let mut asks = false;
        let is_answer = joins && first_word(sentence).0 == "if";
        with_tail(out, |tail| {
            // `Check whether it is up. If not, start it`: with its answer it is a question.
            if is_answer
                && let Some(last) = tail.last_mut()
                && let DraftKind::Instruct { text, showing } = &last.kind
                && showing.is_empty()
                && let Some(question) = asked_whether(text)
            {
                last.kind =
                    DraftKind::Check { question: DraftCondition::Question(question), showing: Vec::new() };
            }
            asks = matches!(
                tail.last().map(|it| &it.kind),
                Some(DraftKind::Check { showing, .. }) if showing.is_empty()
            );
        });
        if !asks {
            return false;
        }
        // What says more than *not* is kept.
        if let SentenceKind::If { condition, .. } = kind
            && !holds
            && condition.split_whitespace().count() > 1
        {
            let mut condition = condition.chars();
            let first = condition.next().into_iter().flat_map(char::to_lowercase);
            self.remarks.push(format!("If {}", first.chain(condition).collect::<String>()));
        }
        let mut body = Vec::new();
        self.sentences(rest, lines, &mut body);
        let mut body = Some(body);
        with_tail(out, |tail| {
            let Some(last) = tail.last_mut() else { return };
            let DraftKind::Check { question, .. } = &last.kind else { return };
            let Some(body) = body.take() else { return };
            let (then, otherwise) = if holds { (body, None) } else { (Vec::new(), Some(body)) };
            let branches = vec![(question.clone(), then)];
            last.kind = DraftKind::If(DraftIf { branches, otherwise, is_open: true });
        });
        body.is_none()
    }

    /// `If so, Y`, behind a case that is open, or behind what is no question.
    fn in_that_case(
        &mut self,
        sentence: &str,
        kind: SentenceKind,
        lines: SourceLines,
        out: &mut Vec<DraftStatement>,
    ) {
        let is_open = matches!(out.last().map(|it| &it.kind), Some(DraftKind::If(it)) if it.is_open);
        match kind {
            SentenceKind::If { rest, .. } if is_open => {
                let mut body = Vec::new();
                self.sentences(&rest, lines, &mut body);
                for it in body {
                    push(out, it);
                }
            }
            SentenceKind::If { rest, .. } => {
                let kind = if is_instruction(&rest) { SentenceKind::Instruction } else { SentenceKind::Note };
                self.statement(sentence, kind, lines, out);
            }
            kind => self.statement(sentence, kind, lines, out),
        }
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
                let is_undone = self.acted > 0 && takes_back(&text);
                self.acted += usize::from(showing.is_empty());
                let kind = DraftKind::Instruct { text: sentence_case(&text), showing };
                let mut statement = self.finish(DraftStatement::new(lines, kind));
                if is_undone {
                    let what = "it takes back what was done before: is it the `undo` of that action, or a `finally`?";
                    statement.open.push(what.into());
                    self.needs.push(NeedsPerson::new(lines.first, what));
                }
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
        // `Otherwise, otherwise, …`
        let kind = match classify(rest, self.procedure) {
            SentenceKind::Otherwise(_) => SentenceKind::Note,
            kind => kind,
        };
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
            // `cd` shows nothing.
            .filter(|it| it.split_whitespace().count() > 1 && !it.starts_with("cd "))
            .filter(|it| is_known_program(it) && self.reads(it))
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

/// What `Check whether X` and `Check the output to ensure X` ask.
fn asked_whether(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let verbs = ["check ", "see ", "determine ", "find out ", "verify ", "confirm ", "validate ", "look "];
    let verb = verbs.iter().find(|it| lower.starts_with(*it))?;
    let rest = text.get(verb.len()..)?;
    for lead in ["if ", "whether "] {
        if let Some(claim) = rest.strip_prefix(lead) {
            return Some(sentence_case(claim.trim_end_matches(['.', ':'])));
        }
    }
    let says =
        [" to ensure ", " to make sure ", " to verify ", " to confirm ", " whether ", " to check that "];
    says.iter().any(|it| lower.contains(it)).then(|| text.trim_end_matches(['.', ':']).to_owned())
}

/// `Look for errors`: what is read in what was just shown.
fn looks_for(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    ["look for ", "search for ", "watch out for ", "look out for "].iter().any(|it| lower.starts_with(it))
}

/// Whether the last statement is an instruction that shows something.
fn shows(out: &mut Vec<DraftStatement>) -> bool {
    let mut shows = false;
    with_tail(out, |tail| {
        shows = matches!(
            tail.last().map(|it| &it.kind),
            Some(DraftKind::Instruct { showing, .. }) if !showing.is_empty()
        );
    });
    shows
}

/// `No owner reachable? Escalate to …`: a case, and what is done in it.
fn asks_briefly(sentence: &str, later: &[String]) -> bool {
    let asks = ["what", "why", "how", "who", "which", "where", "when", "whose", "whom"];
    sentence.ends_with('?')
        && sentence.split_whitespace().count() <= 12
        && !asks.contains(&first_word(sentence).0.as_str())
        && later.first().is_some_and(|it| {
            matches!(classify(it, true), SentenceKind::Instruction | SentenceKind::Escalate { .. })
        })
}

/// `Revert it`, `Roll back`, `Put the pool back`
fn takes_back(text: &str) -> bool {
    let lower = without_lead(text).to_lowercase();
    let begins = |all: &[&str]| all.iter().any(|it| lower.starts_with(it));
    begins(&["revert", "roll back", "rollback", "undo ", "fail back"])
        || begins(&["restore the previous", "restore the original", "restore the old"])
        || begins(&["put ", "set ", "switch ", "move ", "change ", "patch ", "scale "])
            && lower.split(|c: char| !c.is_alphanumeric()).any(|it| it == "back")
}

/// `Now we extract the certificate`, above the command that does it.
fn does(sentence: &str) -> bool {
    let (word, rest) = first_word(without_lead(sentence));
    word == "we" && is_verb(&first_word(without_lead(rest)).0)
}

/// Whether a sentence speaks of the case before it: `If so, …`, `In that case, …`
fn refers_to_case(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    [
        "if so,",
        "if so ",
        "if yes,",
        "if it is,",
        "in that case",
        "in this case,",
        "in such a case",
        "in such case",
    ]
    .iter()
    .any(|it| lower.starts_with(it))
}

/// Adds a sentence to the statement that was made of the same text, where it explains it.
fn extend(out: &mut Vec<DraftStatement>, sentence: &str) -> bool {
    let mut extended = false;
    let lower = sentence.to_lowercase();
    let is_of_time = [" minute", " hour", " second", " while", " day"].iter().any(|it| lower.contains(it));
    with_tail(out, |tail| {
        if let Some(last) = tail.last_mut()
            && let DraftKind::WaitUntil { .. } = &last.kind
            && is_of_time
        {
            last.remarks.push(sentence.to_owned());
            extended = true;
            return;
        }
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
