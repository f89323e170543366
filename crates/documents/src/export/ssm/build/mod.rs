//! Statements become steps. A step that leads to the same steps is written once: what was copied for want of jumps is one again.

mod act;
mod decide;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use rbl_syntax::source::Span;
use rbl_syntax::tree::{Arm, Expr, ExprKind, File, Let, Part, Statement, StatementKind, Target, Wait};

use super::output::OrderedJson;
use super::read;
use value::is_output_of;

/// Where a step leads: another one, or the end.
pub(super) type Lead = Option<usize>;

/// A step of the document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExportedStep {
    pub(super) action: &'static str,
    /// What it is called, if that is free.
    pub(super) name: String,
    pub(super) description: Vec<String>,
    pub(super) inputs: Vec<(String, OrderedJson)>,
    pub(super) timeout: Option<OrderedJson>,
    pub(super) attempts: Option<u64>,
    pub(super) next: Lead,
    /// Where it leads when it fails, and whether the automation has failed then.
    pub(super) failure: Option<(Lead, bool)>,
    /// Of a branch: a condition, and where it leads.
    pub(super) choices: Vec<(Vec<(String, OrderedJson)>, Lead)>,
    /// The name in the runbook, that in the document, its selector and its type.
    pub(super) outputs: Vec<(String, String, String, &'static str)>,
    /// Of a loop: where its steps begin.
    pub(super) body: Option<Lead>,
}

/// Reads a runbook.
pub(super) struct Builder<'a> {
    pub(super) file: &'a File,
    pub(super) text: &'a str,
    /// What a name of the runbook is in the document: `{{InstanceId}}`.
    pub(super) values: BTreeMap<String, String>,
    pub(super) nodes: Vec<ExportedStep>,
    /// Names that are an output, and of which step.
    pub(super) given: BTreeMap<String, (usize, String)>,
    /// Outputs that the document gives back.
    pub(super) recorded: BTreeSet<(u32, usize, String)>,
    /// Values that commands take as JSON.
    plain: BTreeSet<String>,
    /// Values that a condition takes as a bool.
    bools: BTreeSet<String>,
    /// Parameters that are numbers.
    pub(super) numbers: BTreeSet<String>,
    titles: BTreeMap<String, String>,
    pub(super) findings: Vec<(Span, String, &'static str, bool)>,
}

/// A statement that does something, and what belongs to it.
struct Group<'s> {
    said: Vec<String>,
    statement: &'s Statement,
    lets: Vec<&'s Let>,
    title: Option<String>,
}

/// `instance_id` → `InstanceId`
pub(super) fn camel(name: &str) -> String {
    name.split('_')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |it| it.to_uppercase().chain(letters).collect())
        })
        .collect()
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: &'a File, text: &'a str) -> Self {
        let mut builder = Self {
            file,
            text,
            values: BTreeMap::new(),
            nodes: Vec::new(),
            given: BTreeMap::new(),
            recorded: BTreeSet::new(),
            plain: BTreeSet::new(),
            bools: BTreeSet::new(),
            numbers: BTreeSet::new(),
            titles: BTreeMap::new(),
            findings: Vec::new(),
        };
        for item in &file.items {
            let rbl_syntax::tree::Item::Step(step) = item else { continue };
            let (Some(title), Some(first)) = (step.title.literal(), step.body.statements.first()) else {
                continue;
            };
            if let Some(name) = called(first).filter(|_| is_step_name(title)) {
                builder.titles.entry(name).or_insert_with(|| title.to_owned());
            }
        }
        builder
    }

    pub(super) fn finding(
        &mut self,
        span: Span,
        what: impl Into<String>,
        help: &'static str,
        is_error: bool,
    ) {
        self.findings.push((span, what.into(), help, is_error));
    }

    pub(super) fn source(&self, span: Span) -> String {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned()
    }

    /// The lines of comment directly above, without what a person has to add.
    pub(super) fn comment_before(&self, span: Span) -> Vec<String> {
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let mut lines: Vec<String> = before
            .lines()
            .rev()
            .take_while(|it| it.trim_start().starts_with('#'))
            .map(|it| it.trim_start().trim_start_matches('#').trim().to_owned())
            .collect();
        lines.reverse();
        lines.retain(|it| {
            !it.starts_with(concat!("TO", "DO"))
                && !it.starts_with("The parameter ")
                && !it.starts_with("rbl:")
        });
        lines
    }

    /// Statements, and what comes behind them.
    pub(super) fn list(
        &mut self,
        statements: &[(&Statement, Option<String>)],
        behind: Lead,
        failed: bool,
    ) -> Lead {
        let mut groups: Vec<Group<'_>> = Vec::new();
        let mut said = Vec::new();
        let mut end = None;
        for (statement, title) in statements {
            match &statement.kind {
                StatementKind::Prose { text } => said.extend(text.literal().map(str::to_owned)),
                StatementKind::Let(it) => match groups.last_mut() {
                    Some(group) if is_output_of(it, group.statement) => group.lets.push(it),
                    _ => self.finding(
                        statement.span,
                        format!("`{}` is computed, and an automation computes nothing", it.name.text),
                        "take it from what an action has printed: `as x`, `let y = x.json.A.B`",
                        true,
                    ),
                },
                StatementKind::Record(it) => self.record(&it.text, it.channel.is_some(), statement.span),
                StatementKind::Resolve { text } => {
                    if failed {
                        self.finding(
                            statement.span,
                            "after a failure that is critical an automation has failed",
                            "",
                            true,
                        );
                    }
                    said.extend(text.as_ref().and_then(Expr::literal_text).map(str::to_owned));
                    end = Some(());
                }
                StatementKind::Stop { text } => {
                    if !failed {
                        self.finding(
                            statement.span,
                            "an automation only fails where a step of it does",
                            "let an action or a `check` fail there",
                            true,
                        );
                    }
                    said.extend(text.as_ref().and_then(Expr::literal_text).map(str::to_owned));
                    end = Some(());
                }
                StatementKind::Check(_)
                | StatementKind::If(_)
                | StatementKind::Match(_)
                | StatementKind::Action(_)
                | StatementKind::Escalate(_)
                | StatementKind::Wait(_)
                | StatementKind::ForEach(_)
                | StatementKind::Repeat(_)
                | StatementKind::Run(_)
                | StatementKind::Lock(_)
                | StatementKind::Broken { .. } => groups.push(Group {
                    said: std::mem::take(&mut said),
                    statement,
                    lets: Vec::new(),
                    title: title.clone(),
                }),
            }
        }
        // What an import writes where nothing else stands says nothing more than the steps do.
        let is_made = |it: &String| {
            it.starts_with("On to ") || it.ends_with("it goes on") || it.ends_with("has failed")
        };
        if let (Some(left), Some((last, _))) = (said.iter().find(|it| !is_made(it)), statements.last()) {
            self.finding(
                last.span,
                format!("nothing is done behind a text, so no step says it: {left}"),
                "",
                false,
            );
        }
        let mut at = if end.is_some() { None } else { behind };
        for group in groups.into_iter().rev() {
            at = self.step(&group, at, failed);
        }
        at
    }

    fn block(&mut self, block: &rbl_syntax::tree::Block, behind: Lead, failed: bool) -> Lead {
        let statements: Vec<(&Statement, Option<String>)> =
            block.statements.iter().map(|it| (it, None)).collect();
        self.list(&statements, behind, failed)
    }

    /// `record "STEP.OUTPUT: #{value}"`, as an import writes it.
    fn record(&mut self, text: &Expr, has_channel: bool, span: Span) {
        let mut names = Vec::new();
        let mut is_list = !has_channel;
        if let ExprKind::Text(text) = &text.bare().kind {
            for part in &text.parts {
                match part {
                    Part::Literal { text, .. } => {
                        is_list &= text
                            .lines()
                            .filter(|it| !it.trim().is_empty())
                            .all(|it| it.trim_end().ends_with(':'));
                    }
                    Part::Value(value) => match &value.bare().kind {
                        ExprKind::Name(name) => names.push(name.text.to_string()),
                        _ => is_list = false,
                    },
                }
            }
        } else {
            is_list = false;
        }
        if is_list && !names.is_empty() {
            self.recorded.extend(names.into_iter().enumerate().map(|(at, it)| (span.start, at, it)));
        } else {
            self.finding(
                span,
                "an automation records nothing but its outputs",
                "write `record \"NAME: #{output}\"`",
                true,
            );
        }
    }

    fn step(&mut self, group: &Group<'_>, next: Lead, failed: bool) -> Lead {
        let span = group.statement.span;
        let mut node = ExportedStep {
            action: "",
            name: group.title.clone().filter(|it| is_step_name(it)).unwrap_or_default(),
            description: self.comment_before(span),
            inputs: Vec::new(),
            timeout: None,
            attempts: None,
            next,
            failure: None,
            choices: Vec::new(),
            outputs: Vec::new(),
            body: None,
        };
        let is_made = |it: &&String| {
            it.starts_with("On to ") || it.starts_with("Step ") && it.contains(" is left out: ")
        };
        node.description.extend(group.said.iter().filter(|it| !is_made(it)).cloned());
        let made = match &group.statement.kind {
            StatementKind::Action(it) => self.action(it, &mut node, next, failed, &group.lets),
            StatementKind::Check(it) => self.check(it, &mut node, next, failed, span),
            StatementKind::Wait(it) => self.wait(it, &mut node, next, failed, span),
            StatementKind::If(it) => self.branch(it, &mut node, next, failed),
            StatementKind::ForEach(it) => self.each(it, &mut node, span),
            StatementKind::Prose { .. }
            | StatementKind::Match(_)
            | StatementKind::Escalate(_)
            | StatementKind::Let(_)
            | StatementKind::Record(_)
            | StatementKind::Repeat(_)
            | StatementKind::Run(_)
            | StatementKind::Lock(_)
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. }
            | StatementKind::Broken { .. } => {
                let what = self.source(span).split_whitespace().next().unwrap_or_default().to_owned();
                self.finding(span, format!("an automation has no `{what}`"), "", true);
                false
            }
        };
        if !made {
            return next;
        }
        if node.name.is_empty() {
            node.name = camel(node.action);
        }
        let same = |it: &ExportedStep| {
            let plain = |it: &ExportedStep| ExportedStep {
                description: Vec::new(),
                name: String::new(),
                ..it.clone()
            };
            plain(it) == plain(&node) && (it.name == node.name || node.action == "sleep")
        };
        if let Some(found) = self.nodes.iter().position(same) {
            return Some(found);
        }
        let index = self.nodes.len();
        for (name, output, ..) in &node.outputs {
            if let Some((other, _)) = self.given.insert(name.clone(), (index, output.clone())) {
                let other = self.nodes.get(other).map_or("", |it| it.name.as_str()).to_owned();
                self.finding(
                    span,
                    format!("`{name}` comes from step {other} and from another one"),
                    "call them differently",
                    true,
                );
            }
        }
        self.nodes.push(node);
        Some(index)
    }

    fn failure(&mut self, arm: Option<&Arm>, next: Lead, failed: bool) -> Option<(Lead, bool)> {
        let arm = arm?;
        let ends = Ends::of(&arm.block);
        if ends.stops && (ends.resolves || ends.goes_on) {
            self.finding(
                arm.keyword,
                "this arm ends in failure on one way and not on another",
                "a step is critical or not",
                true,
            );
        }
        let critical = ends.stops;
        let lead = self.block(&arm.block, next, failed || critical);
        match (lead, next) {
            (None, _) if critical => None,
            // Elsewhere than on the way of success, an end that is well is a step.
            (None, Some(_)) => Some((Some(self.end()), critical)),
            _ => Some((lead, critical)),
        }
    }

    /// A step that does nothing, where only a step can stand.
    fn end(&mut self) -> usize {
        let found = self.nodes.iter().position(|it| it.action == "sleep" && it.name == "End");
        let index = found.unwrap_or(self.nodes.len());
        if found.is_none() {
            self.nodes.push(ExportedStep {
                action: "sleep",
                name: "End".into(),
                description: vec!["Here it ends: nothing more is done".into()],
                inputs: vec![("Duration".into(), OrderedJson::text("PT1S"))],
                timeout: None,
                attempts: None,
                next: None,
                failure: None,
                choices: Vec::new(),
                outputs: Vec::new(),
                body: None,
            });
        }
        index
    }
}

/// The first thing that a statement calls.
fn called(statement: &Statement) -> Option<String> {
    let of = |expr: &Expr| match &read::wanted(expr)?.call.kind {
        ExprKind::Call { name, .. } => Some(name.text.to_string()),
        _ => None,
    };
    match &statement.kind {
        StatementKind::Action(it) => match &it.target {
            Target::Call { name, .. } => Some(name.text.to_string()),
            Target::Prose(_) | Target::Command(_) => None,
        },
        StatementKind::Check(it) => of(&it.condition),
        StatementKind::Wait(Wait::Until { condition, .. }) => of(condition),
        StatementKind::Prose { .. }
        | StatementKind::If(_)
        | StatementKind::Match(_)
        | StatementKind::Escalate(_)
        | StatementKind::Wait(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::ForEach(_)
        | StatementKind::Repeat(_)
        | StatementKind::Run(_)
        | StatementKind::Lock(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => None,
    }
}

fn is_step_name(text: &str) -> bool {
    (3..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `describeInstance` → `describe_instance`
fn step_words(name: &str) -> String {
    crate::import::ssm::snake(name).unwrap_or_else(|| name.to_owned())
}

/// How a block ends.
#[derive(Debug, Default)]
struct Ends {
    stops: bool,
    resolves: bool,
    goes_on: bool,
}

impl Ends {
    fn of(block: &rbl_syntax::tree::Block) -> Self {
        let mut ends = Self::default();
        for statement in &block.statements {
            match &statement.kind {
                StatementKind::Stop { .. } => ends.stops = true,
                StatementKind::Resolve { .. } => ends.resolves = true,
                StatementKind::If(it) => {
                    let arms =
                        it.branches.iter().map(|it| &it.block).chain(it.otherwise.iter().map(|it| &it.block));
                    for inner in arms.map(Self::of) {
                        ends.stops |= inner.stops;
                        ends.resolves |= inner.resolves;
                    }
                }
                StatementKind::Prose { .. }
                | StatementKind::Check(_)
                | StatementKind::Match(_)
                | StatementKind::Action(_)
                | StatementKind::Escalate(_)
                | StatementKind::Wait(_)
                | StatementKind::Let(_)
                | StatementKind::Record(_)
                | StatementKind::ForEach(_)
                | StatementKind::Repeat(_)
                | StatementKind::Run(_)
                | StatementKind::Lock(_)
                | StatementKind::Broken { .. } => {}
            }
        }
        ends.goes_on = !block.statements.iter().any(|it| it.kind.ends_run()) && !ends.stops;
        ends
    }
}
