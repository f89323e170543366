//! Adds code to the statement that speaks of it.

use super::code::{self, capture};
use super::query::metric;
use super::shell_lines::ShellCommand;
use super::translator::{Translator, push, with_tail};
use super::words::is_instruction;
use crate::draft::{
    DraftCondition, DraftEvidence, DraftKind, DraftStatement, SourceLines, identifier, unique,
};
use crate::import::report::NeedsPerson;

impl Translator {
    /// Commands: evidence where they only look, else what an instruction says to run.
    pub(crate) fn commands(
        &mut self,
        commands: Vec<ShellCommand>,
        lines: SourceLines,
        after_text: bool,
        out: &mut Vec<DraftStatement>,
    ) {
        let mut adjacent = after_text;
        let mut groups = groups(commands);
        let mut labelled = false;
        let captures = |it: &[ShellCommand]| it.iter().any(|it| capture(&it.text).is_some());
        let instructs = groups
            .iter()
            .flat_map(|it| it.iter().flat_map(|it| &it.comments))
            .any(|it| is_instruction(it) || it.trim_end().ends_with(':'));
        if adjacent && !groups.iter().any(|it| captures(it)) && speaks(out) {
            if let [group] = groups.as_mut_slice()
                && let Some(first) = group.first_mut()
                && !first.comments.is_empty()
            {
                // The only comment says more about what the sentence says.
                joined(out, &std::mem::take(&mut first.comments).join(" "));
            } else if groups.len() > 1 && !instructs {
                // Comments that only name what each command is for.
                groups = vec![groups.into_iter().flatten().collect()];
                labelled = true;
            } else if groups.len() > 1
                && groups.first().and_then(|it| it.first()).is_some_and(|it| !it.comments.is_empty())
            {
                announces(out);
            }
        }
        for mut group in groups {
            if let [only] = group.as_slice()
                && self.capture(only, lines, adjacent, out)
            {
                adjacent = false;
                continue;
            }
            let first = group.first_mut().filter(|_| !labelled);
            let comments = first.map(|it| std::mem::take(&mut it.comments)).unwrap_or_default();
            if !comments.is_empty() {
                let text = comments.join(" ");
                let statement = self.finish(DraftStatement::instruct(lines, text));
                push(out, statement);
                adjacent = true;
            }
            self.group(&group, lines, adjacent, out);
            adjacent = false;
        }
    }

    fn group(
        &mut self,
        group: &[ShellCommand],
        lines: SourceLines,
        adjacent: bool,
        out: &mut Vec<DraftStatement>,
    ) {
        let output: Vec<String> = group.iter().flat_map(|it| it.output.iter().cloned()).collect();
        let texts: Vec<String> = group.iter().map(|it| it.text.clone()).collect();
        // What the commands are for is quoted with them.
        let quotes: Vec<String> = group
            .iter()
            .flat_map(|it| {
                let comments = it.comments.iter().map(|it| format!("# {it}"));
                comments.chain([it.text.clone()]).collect::<Vec<_>>()
            })
            .collect();
        if texts.iter().all(|it| self.reads(it)) {
            self.remarks.extend(group.iter().flat_map(|it| it.comments.iter().cloned()));
            for it in &texts {
                self.fill(it);
            }
            let evidence: Vec<DraftEvidence> = texts.iter().cloned().map(DraftEvidence::Command).collect();
            let shown =
                adjacent && (show(out, evidence.clone()) || awaits(out) && quote(out, &quoted(&quotes)));
            if shown {
                remark(out, std::mem::take(&mut self.remarks));
            } else {
                let mut statement = self.finish(DraftStatement::instruct(lines, "Look at the output"));
                if let DraftKind::Instruct { showing, .. } = &mut statement.kind {
                    *showing = evidence;
                }
                push(out, statement);
            }
        } else {
            let acting: Vec<&String> = texts.iter().filter(|it| !self.reads(it)).collect();
            for text in acting {
                let what = if self.commands {
                    "will run this: is it right, and what undoes it?"
                } else {
                    "a person has to run this; `--commands` makes it a command"
                };
                self.needs.push(NeedsPerson::new(lines.first, &format!("{what} {}", shortened(text))));
            }
            let can_run = texts.iter().all(|it| code::can_run(it, &self.assigned));
            if self.commands && can_run {
                self.run(&texts, lines, adjacent, out);
            } else if !(adjacent && quote(out, &quoted(&quotes))) {
                let statement =
                    self.finish(DraftStatement::instruct(lines, format!("Run: {}", quoted(&quotes))));
                push(out, statement);
            }
        }
        printed(out, output);
    }

    /// With `--commands`: each command is one, behind the sentence that announces it.
    fn run(&mut self, texts: &[String], lines: SourceLines, adjacent: bool, out: &mut Vec<DraftStatement>) {
        if adjacent {
            with_tail(out, |tail| {
                if let Some(last) = tail.last_mut()
                    && let DraftKind::Instruct { text, showing } = &last.kind
                    && showing.is_empty()
                {
                    last.kind = DraftKind::Prose(text.clone());
                }
            });
        }
        for text in texts {
            self.fill(text);
            let kind = if self.reads(text) {
                DraftKind::Instruct {
                    text: "Look at the output".into(),
                    showing: vec![DraftEvidence::Command(text.clone())],
                }
            } else {
                DraftKind::Command { command: text.clone() }
            };
            let statement = self.finish(DraftStatement::new(lines, kind));
            push(out, statement);
        }
    }

    /// `NAME=$(COMMAND)` is a `let`, if the command only looks.
    fn capture(
        &mut self,
        it: &ShellCommand,
        lines: SourceLines,
        adjacent: bool,
        out: &mut Vec<DraftStatement>,
    ) -> bool {
        let Some((spelled, command)) = capture(&it.text) else { return false };
        let Some(name) = identifier(spelled) else { return false };
        if !self.reads(command) {
            return false;
        }
        self.fill(command);
        let taken =
            |it: &str| self.lets.iter().any(|name| name == it) || self.params.iter().any(|name| name == it);
        let name = unique(&name, taken);
        let mut statement = self.finish(DraftStatement::new(
            lines,
            DraftKind::Let { name: name.clone(), command: command.to_owned() },
        ));
        if adjacent {
            // The sentence says what the name is for.
            with_tail(out, |tail| {
                if let Some(DraftStatement { kind: DraftKind::Instruct { text, showing }, .. }) = tail.last()
                    && showing.is_empty()
                {
                    statement.remarks.push(text.clone());
                    statement.lines.first = tail.pop().map_or(lines.first, |it| it.lines.first);
                }
            });
        }
        statement.remarks.extend(it.comments.iter().cloned());
        push(out, statement);
        remark(out, it.output.clone());
        for spelled in [format!("${spelled}"), format!("${{{spelled}}}")] {
            self.values.insert(spelled, format!("{name}.text"));
        }
        self.lets.push(name);
        true
    }

    /// A query: a metric, shown with the sentence, or compared where the sentence has a threshold.
    pub(crate) fn query(
        &mut self,
        query: &str,
        lines: SourceLines,
        after_text: bool,
        out: &mut Vec<DraftStatement>,
    ) {
        let mut metric = metric(query);
        metric.name = unique(&metric.name, |it| {
            self.metrics.iter().any(|metric| metric.name == it)
                || self.params.iter().chain(&self.lets).any(|name| name == it)
        });
        for what in &metric.open {
            self.needs.push(NeedsPerson::new(lines.first, &format!("metric {}: {what}", metric.name)));
        }
        let threshold = self.threshold.take().filter(|(_, value)| after_text && fits(value, metric.unit));
        let name = metric.name.clone();
        let every = if metric.by.is_empty() { "" } else { "every " };
        self.metrics.push(metric);
        if let Some((op, value)) = threshold {
            let condition = DraftCondition::Expression(format!("{every}{name} {op} {value}"));
            let mut statement =
                DraftStatement::new(lines, DraftKind::Check { question: condition, showing: Vec::new() });
            with_tail(out, |tail| {
                if let Some(DraftStatement { kind: DraftKind::Instruct { text, showing }, remarks, .. }) =
                    tail.last()
                    && showing.is_empty()
                {
                    statement.remarks.extend(remarks.iter().cloned());
                    statement.remarks.push(text.clone());
                    tail.pop();
                }
            });
            push(out, statement);
            return;
        }
        if !(after_text && show(out, vec![DraftEvidence::Metric(name.clone())])) {
            let kind = DraftKind::Instruct {
                text: "Look at the reading".into(),
                showing: vec![DraftEvidence::Metric(name)],
            };
            let statement = self.finish(DraftStatement::new(lines, kind));
            push(out, statement);
        }
    }

    /// Output, a configuration or a script: part of the text that speaks of it.
    pub(crate) fn sample(
        &mut self,
        sample: &str,
        lines: SourceLines,
        after_text: bool,
        is_script: bool,
        out: &mut Vec<DraftStatement>,
    ) {
        if is_script {
            self.needs.push(NeedsPerson::new(lines.first, "a script: a person has to run it"));
        }
        let mut placed = false;
        with_tail(out, |tail| {
            let Some(last) = tail.last_mut() else { return };
            match &mut last.kind {
                DraftKind::Prose(text) if !is_script || text.ends_with(':') => {
                    *text = format!("{text}\n\n{sample}");
                    if is_script {
                        last.kind = DraftKind::Instruct { text: text.clone(), showing: Vec::new() };
                    }
                    placed = true;
                }
                DraftKind::Instruct { text, .. } => {
                    *text = format!(
                        "{text}{}\n\n{sample}",
                        if after_text && !text.ends_with([':', '.', '!', '?', '`', ')']) { ":" } else { "" }
                    );
                    placed = true;
                }
                DraftKind::WaitUntil { condition: DraftCondition::Question(text), .. }
                    if sample.lines().count() < 3 =>
                {
                    *text = format!("{}:\n\n{sample}", text.trim_end_matches([':', '.']));
                    placed = true;
                }
                DraftKind::Check { .. } | DraftKind::WaitUntil { .. } => {
                    last.remarks.extend(sample.lines().map(str::to_owned));
                    placed = true;
                }
                _ => {}
            }
        });
        if !placed {
            let kind = if is_script {
                DraftKind::Instruct { text: sample.to_owned(), showing: Vec::new() }
            } else {
                DraftKind::Prose(sample.to_owned())
            };
            let statement = self.finish(DraftStatement::new(lines, kind));
            push(out, statement);
        }
    }
}

/// Commands that belong together: a comment begins the next group.
fn groups(commands: Vec<ShellCommand>) -> Vec<Vec<ShellCommand>> {
    let mut groups: Vec<Vec<ShellCommand>> = Vec::new();
    for command in commands {
        let begins = !command.comments.is_empty() || capture(&command.text).is_some();
        match groups.last_mut().filter(|it| !begins && it.iter().all(|it| capture(&it.text).is_none())) {
            Some(group) => group.push(command),
            None => groups.push(vec![command]),
        }
    }
    groups
}

/// Whether the last statement is an instruction that shows nothing yet, or announces something.
fn speaks(out: &mut Vec<DraftStatement>) -> bool {
    let mut speaks = false;
    with_tail(out, |tail| {
        speaks = match tail.last().map(|it| &it.kind) {
            Some(DraftKind::Instruct { showing, .. }) => showing.is_empty(),
            Some(DraftKind::Prose(text)) => text.ends_with(':'),
            _ => false,
        };
    });
    speaks
}

/// Whether the last statement waits for something.
fn awaits(out: &mut Vec<DraftStatement>) -> bool {
    let mut awaits = false;
    with_tail(out, |tail| {
        awaits = matches!(tail.last().map(|it| &it.kind), Some(DraftKind::WaitUntil { .. }));
    });
    awaits
}

/// Adds what a comment says to the instruction before it.
fn joined(out: &mut Vec<DraftStatement>, comment: &str) {
    with_tail(out, |tail| {
        if let Some(DraftKind::Instruct { text, .. } | DraftKind::Prose(text)) =
            tail.last_mut().map(|it| &mut it.kind)
        {
            let said = text.trim_end_matches([':', '.', ' ']);
            let colon = if text.ends_with(':') { ":" } else { "" };
            *text = format!("{said}. {}{colon}", comment.trim_end_matches(['.', ':']));
        }
    });
}

/// The sentence above commands that each have an instruction of their own only announces them.
fn announces(out: &mut Vec<DraftStatement>) {
    with_tail(out, |tail| {
        if let Some(last) = tail.last_mut()
            && let DraftKind::Instruct { text, showing } = &last.kind
            && showing.is_empty()
        {
            last.kind = DraftKind::Prose(format!("{}:", text.trim_end_matches([':', '.'])));
        }
    });
}

/// Shows evidence with the statement before it, if that can show something.
pub(super) fn show(out: &mut Vec<DraftStatement>, evidence: Vec<DraftEvidence>) -> bool {
    let mut shown = false;
    with_tail(out, |tail| {
        let Some(last) = tail.last_mut() else { return };
        match &mut last.kind {
            DraftKind::Instruct { text, showing } => {
                *text = text.trim_end_matches(':').to_owned();
                showing.extend(evidence.into_iter().filter(|it| !showing.contains(it)).collect::<Vec<_>>());
                shown = true;
            }
            DraftKind::Check { showing, question: DraftCondition::Question(_) } => {
                showing.extend(evidence);
                shown = true;
            }
            DraftKind::Prose(text) if text.ends_with(':') => {
                let text = text.trim_end_matches(':').to_owned();
                last.kind = DraftKind::Instruct { text, showing: evidence };
                shown = true;
            }
            _ => {}
        }
    });
    shown
}

/// Quotes commands in the statement before them.
pub(super) fn quote(out: &mut Vec<DraftStatement>, commands: &str) -> bool {
    let mut done = false;
    with_tail(out, |tail| {
        let Some(last) = tail.last_mut() else { return };
        let add = |text: &str| format!("{}: {commands}", text.trim_end_matches([':', '.', ' ']));
        match &mut last.kind {
            DraftKind::Instruct { text, .. }
            | DraftKind::Check { question: DraftCondition::Question(text), .. }
            | DraftKind::WaitUntil { condition: DraftCondition::Question(text), .. } => *text = add(text),
            DraftKind::Prose(text) if text.ends_with(':') => {
                last.kind = DraftKind::Instruct { text: add(text), showing: Vec::new() };
            }
            _ => return,
        }
        done = true;
    });
    done
}

/// Commands inside a text: one in back quotes, several on lines of their own.
pub(super) fn quoted(commands: &[String]) -> String {
    match commands {
        [command] if !command.contains('`') => format!("`{command}`"),
        _ => format!("\n\n{}", commands.join("\n")),
    }
}

/// The most lines of output that stay a comment.
const REMARKED: usize = 3;

/// Keeps what a command printed: a few lines as a comment, more with the text of the instruction, to compare with.
fn printed(out: &mut Vec<DraftStatement>, output: Vec<String>) {
    if output.len() <= REMARKED {
        return remark(out, output);
    }
    let mut rest = Some(output);
    with_tail(out, |tail| {
        if let Some(DraftStatement { kind: DraftKind::Instruct { text, .. }, .. }) = tail.last_mut()
            && let Some(output) = rest.take()
        {
            *text = format!("{text}\n\n{}", output.join("\n"));
        }
    });
    if let Some(output) = rest {
        remark(out, output);
    }
}

/// Keeps what a command printed as a comment.
fn remark(out: &mut Vec<DraftStatement>, output: Vec<String>) {
    if output.is_empty() {
        return;
    }
    with_tail(out, |tail| {
        if let Some(last) = tail.last_mut() {
            last.remarks.extend(output);
        }
    });
}

fn fits(value: &str, unit: Option<&str>) -> bool {
    let is_time = |it: &str| ["ns", "us", "ms", "s", "m", "h", "d"].contains(&it);
    let of_value = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    match unit {
        Some(unit) => {
            is_time(unit) == is_time(of_value) && (of_value == "%") == ["%", "ratio"].contains(&unit)
        }
        None => of_value.is_empty(),
    }
}

/// The beginning of a command, for a list.
fn shortened(command: &str) -> String {
    let short: String = command.chars().take(60).collect();
    if short.len() < command.len() { format!("`{short}…`") } else { format!("`{short}`") }
}
