//! The steps of a runbook as a checklist. Every statement is in it, with its limits and who is called.

use std::fmt::Write as _;

use rbl_check::RunbookFacts;
use rbl_syntax::tree::{
    Action, Arm, Block, Escalate, Expr, ExprKind, File, ForEach, If, Item, Match, PatternKind, Repeat,
    Statement, StatementKind, Target, Wait,
};

use super::inline::{code, fence, inline};
use crate::flow::words::SpokenWords;

/// The steps as Markdown.
pub(super) fn markdown(file: &File, text: &str) -> String {
    let words = SpokenWords { text };
    let owner = RunbookFacts::of(file).owner.map(|it| words.template(it));
    let mut list =
        Checklist { words, owner: owner.unwrap_or_else(|| "the owner".into()), out: String::new() };
    let mut in_step = false;
    for item in &file.items {
        // A statement behind a step does not belong to it.
        if in_step && matches!(item, Item::Statement(_)) {
            list.out.push_str("\n---\n\n");
            in_step = false;
        }
        match item {
            Item::Step(step) => {
                let title = words.template(&step.title).replace('\n', " ");
                list.out.push_str(&format_heading(&title));
                in_step = true;
                list.block(&step.body, 0);
                list.out.push('\n');
            }
            Item::Statement(it) => list.statement(it, 0),
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => {}
        }
    }
    list.out
}

fn format_heading(title: &str) -> String {
    format!("\n## {}\n\n", inline(title))
}

struct Checklist<'a> {
    words: SpokenWords<'a>,
    owner: String,
    out: String,
}

impl Checklist<'_> {
    /// An item: its first paragraph behind the bullet, and what has a layout of its own in a block below it.
    fn item(&mut self, depth: usize, text: &str) {
        let margin = "  ".repeat(depth);
        let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
        let flowing = lines.iter().skip(1).take_while(|it| flows(it)).count() + 1;
        let (first, rest) = lines.split_at_checked(flowing).unwrap_or((lines.as_slice(), &[]));
        let first = inline(&first.join("\n")).replace('\n', &format!("\n{margin}  "));
        let _ = writeln!(self.out, "{margin}- {first}");
        let laid_out: Vec<&str> = rest.iter().copied().skip_while(|it| it.is_empty()).collect();
        if !laid_out.is_empty() {
            if laid_out.len() < rest.len() {
                self.out.push('\n');
            }
            self.fenced(&margin, "text", &laid_out);
        }
    }

    fn code(&mut self, depth: usize, command: &str) {
        let lines: Vec<&str> = command.lines().collect();
        self.out.push('\n');
        self.fenced(&"  ".repeat(depth), "sh", &lines);
    }

    fn fenced(&mut self, margin: &str, language: &str, lines: &[&str]) {
        let fence = fence(lines.iter().copied());
        let _ = writeln!(self.out, "{margin}  {fence}{language}");
        for line in lines {
            self.out.push_str(format!("{margin}  {line}").trim_end());
            self.out.push('\n');
        }
        let _ = write!(self.out, "{margin}  {fence}\n\n");
    }

    fn block(&mut self, block: &Block, depth: usize) {
        for statement in &block.statements {
            self.statement(statement, depth);
        }
    }

    /// What is shown to whoever decides or acts.
    fn showing(&mut self, depth: usize, showing: &[Expr]) {
        for shown in showing {
            if let ExprKind::Command { command, .. } = &shown.kind {
                let command = self.words.command(command);
                self.item(depth, "Look at:");
                self.code(depth, &command);
            } else {
                let text = format!("Look at: {}", code(&self.words.source(shown.span)));
                self.item(depth, &text);
            }
        }
    }

    fn arm(&mut self, depth: usize, label: &str, arm: Option<&Arm>, default: Option<&str>) {
        match (arm, default) {
            (Some(arm), _) => {
                let label =
                    if arm.both { format!("{label}, or if that is unknown") } else { label.to_owned() };
                self.item(depth, &format!("**{label}:**"));
                self.block(&arm.block, depth + 1);
            }
            (None, Some(default)) => {
                let text = format!("*{label}: {default}*");
                self.item(depth, &text);
            }
            (None, None) => {}
        }
    }

    fn unknown(&mut self, depth: usize, arm: Option<&Arm>) {
        self.arm(depth, "If that is unknown", arm, None);
    }

    fn stops(&self) -> String {
        format!("stop here and call {}", self.owner)
    }

    fn statement(&mut self, statement: &Statement, depth: usize) {
        let words = self.words;
        let stops = self.stops();
        match &statement.kind {
            StatementKind::Prose { text } => self.item(depth, &words.template(text)),
            StatementKind::Check(it) => {
                let (question, showing) = asked(words, &it.condition);
                self.item(depth, &format!("[ ] **Check:** {question}"));
                self.showing(depth + 1, showing);
                self.arm(depth + 1, "If not", it.otherwise.as_ref(), Some(&stops));
                self.unknown(depth + 1, it.unknown.as_ref());
            }
            StatementKind::If(it) => self.decision(it, depth),
            StatementKind::Match(it) => self.choice(it, depth),
            StatementKind::Action(it) => self.action(it, depth),
            StatementKind::Escalate(it) => self.page(it, depth),
            StatementKind::Wait(it) => self.wait(it, depth),
            StatementKind::Let(it) => self.note(&it.name.text, &it.value, depth),
            StatementKind::Record(it) => {
                let to =
                    it.channel.as_ref().map_or_else(String::new, |it| format!(" (to {})", words.value(it)));
                self.item(depth, &format!("[ ] **Record**{to}: {}", words.value(&it.text)));
            }
            StatementKind::ForEach(it) => self.each(it, depth),
            StatementKind::Repeat(it) => self.repeat(it, depth),
            StatementKind::Run(it) => {
                let with: Vec<String> = it.with.iter().map(|it| words.source(it.value.span)).collect();
                let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
                self.item(depth, &format!("[ ] **Follow** {}{with}", words.template(&it.file)));
                self.arm(depth + 1, "If it does not end well", it.otherwise.as_ref(), Some(&stops));
            }
            StatementKind::Lock(it) => {
                let within = it.within.as_ref().map_or_else(|| "10m".into(), |it| words.source(it.span));
                self.item(
                    depth,
                    &format!(
                        "[ ] **Make sure** that nobody else works on {} (wait at most {within})",
                        words.value(&it.name)
                    ),
                );
                self.arm(depth + 1, "If somebody does", it.otherwise.as_ref(), Some(&stops));
            }
            StatementKind::Resolve { text } => self.end("Done", text.as_ref(), depth),
            StatementKind::Stop { text } => self.end("Stop", text.as_ref(), depth),
            StatementKind::Broken { blocks } => blocks.iter().for_each(|it| self.block(it, depth)),
        }
    }

    fn end(&mut self, word: &str, text: Option<&Expr>, depth: usize) {
        let text = text.map_or_else(String::new, |it| format!(": {}", self.words.value(it)));
        self.item(depth, &format!("**{word}**{text}"));
    }

    fn decision(&mut self, it: &If, depth: usize) {
        for (n, branch) in it.branches.iter().enumerate() {
            let (question, showing) = asked(self.words, &branch.condition);
            let lead = if n == 0 { "If" } else { "Otherwise, if" };
            self.item(depth, &format!("**{lead}:** {question}"));
            self.showing(depth + 1, showing);
            self.block(&branch.block, depth + 1);
        }
        self.arm(depth, "Otherwise", it.otherwise.as_ref(), None);
        self.unknown(depth, it.unknown.as_ref());
    }

    fn choice(&mut self, it: &Match, depth: usize) {
        let (question, showing) = asked(self.words, &it.subject);
        self.item(depth, &format!("**Which?** {question}"));
        self.showing(depth + 1, showing);
        for arm in &it.arms {
            let name = match &arm.pattern.kind {
                PatternKind::Value { value } => self.words.value(value),
                PatternKind::Contains { text } => format!("it contains {}", self.words.value(text)),
                PatternKind::Matches { regex } => format!("it matches {}", self.words.value(regex)),
                PatternKind::Compare { .. } => self.words.source(arm.pattern.span),
            };
            self.item(depth + 1, &format!("**{name}:**"));
            self.block(&arm.block, depth + 2);
        }
        self.arm(depth + 1, "Anything else", it.otherwise.as_ref(), None);
        self.unknown(depth + 1, it.unknown.as_ref());
    }

    fn action(&mut self, it: &Action, depth: usize) {
        let words = self.words;
        let mut limits = Vec::new();
        if let Some(by) = &it.by {
            limits.push(format!("only with the approval of {}", words.team(by, Some(&self.owner))));
        }
        if let Some(within) = &it.within {
            limits.push(format!("within {}", words.source(within.span)));
        }
        if let Some(retry) = &it.retry {
            limits.push(format!("up to {} more times", words.source(retry.times.span)));
        }
        if let Some(host) = &it.host {
            limits.push(format!("on {}", words.value(host)));
        }
        let limits = if limits.is_empty() { String::new() } else { format!(" ({})", limits.join(", ")) };
        match &it.target {
            Target::Command(command) => {
                self.item(depth, &format!("[ ] Run{limits}:"));
                self.code(depth, &words.command(command));
            }
            Target::Prose(_) | Target::Call { .. } => {
                let mut text = words.target(&it.target);
                match text.find('\n') {
                    Some(at) if !limits.is_empty() => text.insert_str(at, &limits),
                    _ => text.push_str(&limits),
                }
                self.item(depth, &format!("[ ] {text}"));
            }
        }
        self.showing(depth + 1, &it.showing);
        if let Some(name) = &it.name {
            self.item(depth + 1, &format!("Keep what it prints as `{}`.", name.text));
        }
        if let Some(block) = &it.block {
            self.item(depth + 1, "**Once that is done:**");
            self.block(block, depth + 2);
        }
        for (label, targets) in
            [("At the end, whatever happens", &it.finally), ("If the end is not reached", &it.undo)]
        {
            for target in targets {
                self.item(depth + 1, &format!("**{label}:** {}", words.target(target)));
            }
        }
        self.arm(depth + 1, "If it fails", it.otherwise.as_ref(), None);
    }

    fn page(&mut self, it: &Escalate, depth: usize) {
        let words = self.words;
        let team = words.team(&it.team, Some(&self.owner));
        let because = it.because.as_ref().map_or_else(String::new, |it| format!(": {}", words.value(it)));
        let waits = it.acknowledged.as_ref().map_or_else(String::new, |it| {
            format!(" (somebody has to answer within {})", words.source(it.span))
        });
        self.item(depth, &format!("[ ] **Page {team}**{waits}{because}"));
        let default = it.acknowledged.as_ref().map(|_| self.stops());
        self.arm(depth + 1, "If nobody can be reached", it.otherwise.as_ref(), default.as_deref());
    }

    fn wait(&mut self, it: &Wait, depth: usize) {
        let words = self.words;
        match it {
            Wait::Duration { duration } => {
                self.item(depth, &format!("[ ] **Wait** {}", words.source(duration.span)));
            }
            Wait::Until { condition, held, within, otherwise, unknown, .. } => {
                let (question, showing) = asked(words, condition);
                let held = held
                    .as_ref()
                    .map_or_else(String::new, |it| format!(" without a break for {}", words.source(it.span)));
                let within = within
                    .as_ref()
                    .map_or_else(String::new, |it| format!(" (at most {})", words.source(it.span)));
                self.item(depth, &format!("[ ] **Wait until**{within}: {question}{held}"));
                self.showing(depth + 1, showing);
                let stops = self.stops();
                self.arm(depth + 1, "If that takes longer", otherwise.as_ref(), Some(&stops));
                self.unknown(depth + 1, unknown.as_ref());
            }
        }
    }

    fn note(&mut self, name: &str, value: &Expr, depth: usize) {
        match &value.kind {
            ExprKind::Command { command, .. } => {
                let command = self.words.command(command);
                self.item(depth, &format!("[ ] Note as `{name}` what this prints:"));
                self.code(depth, &command);
            }
            ExprKind::Ask { question, .. } => {
                let question = self.words.template(&question.prompt);
                self.item(depth, &format!("[ ] Note as `{name}`: {question}"));
            }
            _ => {
                let value = self.words.value(value);
                self.item(depth, &format!("[ ] Note as `{name}`: {value}"));
            }
        }
    }

    fn each(&mut self, it: &ForEach, depth: usize) {
        let words = self.words;
        let filter =
            it.filter.as_ref().map_or_else(String::new, |it| format!(" where {}", words.condition(it)));
        let most =
            it.up_to.as_ref().map_or_else(String::new, |it| format!(" (at most {})", words.source(it.span)));
        self.item(
            depth,
            &format!("**For each** `{}` in {}{filter}{most}:", it.name.text, words.value(&it.over)),
        );
        self.block(&it.body, depth + 1);
        self.arm(depth, "If there is none", it.none.as_ref(), None);
        self.unknown(depth, it.unknown.as_ref());
    }

    fn repeat(&mut self, it: &Repeat, depth: usize) {
        let words = self.words;
        let every =
            it.every.as_ref().map_or_else(String::new, |it| format!(", every {}", words.source(it.span)));
        let until =
            it.until.as_ref().map_or_else(String::new, |it| format!(", until {}", words.condition(it)));
        self.item(depth, &format!("**Repeat** up to {} times{every}{until}:", words.source(it.times.span)));
        self.block(&it.body, depth + 1);
        let stops = it.until.as_ref().map(|_| self.stops());
        self.arm(depth, "If that is not reached", it.otherwise.as_ref(), stops.as_deref());
        self.unknown(depth, it.unknown.as_ref());
    }
}

/// What is asked, with who answers and how long that may take, and what is shown first.
fn asked<'e>(words: SpokenWords<'_>, condition: &'e Expr) -> (String, &'e [Expr]) {
    let ExprKind::Question(question) = &condition.kind else { return (words.condition(condition), &[]) };
    let mut text = words.template(&question.prompt);
    if let Some(by) = &question.by {
        let _ = write!(text, " (answered by {})", words.team(by, None));
    }
    if let Some(within) = &question.within {
        let _ = write!(text, " (within {})", words.source(within.span));
    }
    (text, &question.showing)
}

/// Whether a line continues the paragraph above it: it has no layout of its own.
fn flows(line: &str) -> bool {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let counts = digits > 0 && line.get(digits..).is_some_and(|it| it.starts_with(['.', ')']));
    !line.is_empty()
        && !counts
        && !line.starts_with([' ', '\t', '-', '*', '+', '#', '>', '|', '`', '~', '=', '<'])
}
