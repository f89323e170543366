//! Writes a draft as the text of a runbook. The formatter lays it out.

use std::fmt::Write as _;

use super::{
    DraftCondition, DraftEvidence, DraftKind, DraftMetric, DraftPart, DraftRunbook, DraftStatement,
    command_literal, text_literal,
};

/// The word that marks what a person has to add.
const OPEN: &str = concat!("TO", "DO");

/// The text of a runbook, begun with the line that keeps it from acting until a person has read it.
pub(crate) fn written(draft: &DraftRunbook) -> String {
    let mut writer = DraftWriter { out: String::from("# rbl: imported\n"), values: &draft.values };
    writer.header(draft);
    for part in &draft.parts {
        match part {
            DraftPart::Step { title, statements } => {
                let title = writer.text(title, 0);
                writer.line(0, &format!("\nstep {title} {{"));
                writer.statements(statements, 1);
                writer.line(0, "}");
            }
            DraftPart::Bare(statement) => {
                writer.out.push('\n');
                writer.statement(statement, 0);
            }
            DraftPart::Remark(lines) => {
                writer.out.push('\n');
                writer.comments(0, lines);
            }
        }
    }
    writer.out
}

struct DraftWriter<'a> {
    out: String,
    values: &'a [(String, String)],
}

impl DraftWriter<'_> {
    fn header(&mut self, draft: &DraftRunbook) {
        let title = text_literal(&draft.title.replace('\n', " "), 0, &[]);
        self.line(0, &format!("runbook {title}"));
        if !draft.about.trim().is_empty() {
            let about = about_literal(&draft.about);
            self.line(0, &format!("about {about}\n"));
        }
        if !draft.alerts.is_empty() {
            let names: Vec<String> = draft.alerts.iter().map(|it| text_literal(it, 0, &[])).collect();
            let labels: Vec<String> =
                draft.matching.iter().map(|(name, value)| format!("{name} = {}", one_line(value))).collect();
            let matching =
                if labels.is_empty() { String::new() } else { format!(" where {}", labels.join(", ")) };
            self.line(0, &format!("trigger alert {}{matching}", names.join(", ")));
        }
        for (word, value) in [("owner", &draft.owner), ("severity", &draft.severity)] {
            if let Some(value) = value {
                self.line(0, &format!("{word} {}", text_literal(value, 0, &[])));
            }
        }
        for (name, address) in &draft.links {
            let (name, address) = (one_line(name), one_line(address));
            self.line(0, &format!("link {name} {address}"));
        }
        if !draft.params.is_empty() {
            self.out.push('\n');
        }
        for name in &draft.params {
            self.line(0, &format!("param {name}"));
        }
        for metric in &draft.metrics {
            self.metric(metric);
        }
        if !draft.notes.is_empty() {
            self.out.push('\n');
            self.comments(0, &draft.notes);
        }
    }

    fn metric(&mut self, metric: &DraftMetric) {
        self.out.push('\n');
        self.open(0, &metric.open);
        let by = if metric.by.is_empty() { String::new() } else { format!(" by {}", metric.by.join(", ")) };
        let unit = metric.unit.map_or_else(String::new, |it| format!(" in {it}"));
        let query = about_literal(&metric.query);
        self.line(0, &format!("metric {}{by}{unit} from prometheus {query}", metric.name));
    }

    fn statements(&mut self, statements: &[DraftStatement], depth: usize) {
        for statement in statements {
            self.statement(statement, depth);
        }
    }

    fn statement(&mut self, statement: &DraftStatement, depth: usize) {
        self.comments(depth, &statement.remarks);
        self.open(depth, &statement.open);
        let indent = 2 * depth;
        match &statement.kind {
            DraftKind::Nothing => {}
            DraftKind::Prose(text) => {
                let text = self.text(text, indent);
                self.line(depth, &text);
            }
            DraftKind::Check { question, showing } => {
                let question = self.condition(question, indent);
                let showing = self.showing(showing);
                self.line(depth, &format!("check {question}{showing}"));
            }
            DraftKind::If(it) if let Some((question, body)) = it.guard() => {
                let question = self.condition(question, indent);
                self.line(depth, &format!("check {question} else {{"));
                self.statements(body, depth + 1);
                self.line(depth, "}");
            }
            DraftKind::If(it) => {
                let mut open = String::new();
                for (condition, body) in &it.branches {
                    let condition = self.condition(condition, indent);
                    self.line(depth, &format!("{open}if {condition} {{"));
                    self.statements(body, depth + 1);
                    open = "} else ".into();
                }
                if let Some(body) = &it.otherwise {
                    self.line(depth, "} else {");
                    self.statements(body, depth + 1);
                }
                self.line(depth, "}");
            }
            DraftKind::Match { question, arms } => {
                let question = self.text(question, indent);
                self.line(depth, &format!("match {question} {{"));
                for (name, body) in arms {
                    let name = one_line(name);
                    self.line(depth + 1, &format!("{name} {{"));
                    self.statements(body, depth + 2);
                    self.line(depth + 1, "}");
                }
                self.line(depth, "}");
            }
            DraftKind::Instruct { text, showing } => {
                let text = self.text(text, indent);
                let showing = self.showing(showing);
                self.line(depth, &format!("action {text}{showing}"));
            }
            DraftKind::Command { command } => {
                let command = command_literal(command, self.values);
                self.line(depth, &format!("action {command}"));
            }
            DraftKind::Escalate { team, because, acknowledged } => {
                let (team, because) = (one_line(team), self.text(because, indent));
                let acknowledged =
                    acknowledged.as_ref().map_or_else(String::new, |it| format!(" acknowledged within {it}"));
                self.line(depth, &format!("escalate to {team} because {because}{acknowledged}"));
            }
            DraftKind::WaitUntil { condition, held, within } => {
                let condition = self.condition(condition, indent);
                let held = held.as_ref().map_or_else(String::new, |it| format!(" for {it}"));
                self.line(depth, &format!("wait until {condition}{held} within {within}"));
            }
            DraftKind::Pause { duration } => self.line(depth, &format!("wait {duration}")),
            DraftKind::Look { text, showing } => {
                let showing = self.showing(showing);
                self.line(depth, &format!("action \"{text}\"{showing}"));
            }
            DraftKind::Resolve { text } => {
                let text = self.text(text, indent);
                self.line(depth, &format!("resolve {text}"));
            }
            DraftKind::Let { name, command } => {
                let command = command_literal(command, self.values);
                self.line(depth, &format!("let {name} = {command}"));
            }
        }
    }

    fn condition(&self, condition: &DraftCondition, indent: usize) -> String {
        match condition {
            DraftCondition::Question(text) => self.text(text, indent),
            DraftCondition::Expression(text) => text.clone(),
        }
    }

    fn showing(&self, evidence: &[DraftEvidence]) -> String {
        if evidence.is_empty() {
            return String::new();
        }
        let evidence: Vec<String> = evidence
            .iter()
            .map(|it| match it {
                DraftEvidence::Command(command) => command_literal(command, self.values),
                DraftEvidence::Metric(name) => name.clone(),
            })
            .collect();
        format!(" showing {}", evidence.join(", "))
    }

    fn text(&self, text: &str, indent: usize) -> String {
        text_literal(text, indent, self.values)
    }

    fn open(&mut self, depth: usize, open: &[String]) {
        for what in open {
            let margin = "  ".repeat(depth);
            let _ = writeln!(self.out, "{margin}# {OPEN}: {what}");
        }
    }

    fn comments(&mut self, depth: usize, comments: &[String]) {
        let margin = "  ".repeat(depth);
        for line in comments.iter().flat_map(|it| it.lines()) {
            let line: String =
                line.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let _ = writeln!(self.out, "{margin}#{}{line}", if line.is_empty() { "" } else { " " });
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(depth));
    }
}

/// A text on one line, however long.
pub(super) fn one_line(text: &str) -> String {
    let text: Vec<&str> = text.split_whitespace().collect();
    let text = text.join(" ").replace('\\', "\\\\").replace('"', "\\\"").replace("#{", "\\#{");
    format!("\"{text}\"")
}

/// A text whose lines stay as they are.
pub(crate) fn about_literal(text: &str) -> String {
    let mut out = String::from("\"\"\"\n");
    for line in text.trim_end().lines() {
        let line =
            line.trim_end().replace('\\', "\\\\").replace("#{", "\\#{").replace("\"\"\"", "\\\"\\\"\\\"");
        let line = line.replace('\t', "    ");
        if line.is_empty() {
            out.push('\n');
        } else {
            let _ = writeln!(out, "  {line}");
        }
    }
    out + "\"\"\""
}
