//! Collects what the runbook under test contains, with its libraries and the runbooks it runs: what a test can refer
//! to.

use std::collections::HashSet;

use super::super::file_graph::{FileId, GatheredFile};
use super::super::walk;
use super::texts::may_be_same;
use rbl_syntax::tree;
use rbl_syntax::tree::{
    Declaration, DefineTarget, Expr, ExprKind, Item, Part, Statement, StatementKind, Target, Team, Template,
};

/// The questions, actions, pages and texts of a runbook; values in texts are left open.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // Facts that do not depend on each other.
pub(super) struct TestSubject<'t> {
    /// Whether all of it could be read; if not, unknown names are not reported.
    pub(super) complete: bool,
    /// The other files that belong to it.
    pub(super) others: Vec<FileId>,
    pub(super) questions: Vec<&'t [Part]>,
    /// Those that are answered by a text, or by one of several.
    pub(super) open_questions: Vec<&'t [Part]>,
    pub(super) instructions: Vec<&'t [Part]>,
    pub(super) commands: Vec<&'t [Part]>,
    pub(super) probes: Vec<&'t [Part]>,
    /// The defined actions that are called.
    pub(super) called: HashSet<&'t str>,
    /// The names of the locks that are taken.
    pub(super) locks: Vec<&'t Expr>,
    /// The runbooks that are run, as they are named; whether each has a limit.
    pub(super) runs: Vec<(&'t str, bool)>,
    /// Every name that is used.
    pub(super) used: HashSet<&'t str>,
    /// The teams that may be paged; `None` for a team that is only known during the run.
    pub(super) teams: Vec<Option<&'t str>>,
    /// The teams that are asked before an action is done.
    pub(super) approvers: Vec<Approver<'t>>,
    /// The channels of records; `None` for a channel that is only known during the run.
    pub(super) channels: Vec<Option<&'t str>>,
    /// The texts of records; `None` for a text with values.
    pub(super) records: Vec<Option<&'t str>>,
    /// The titles of the steps; `None` for one with values.
    pub(super) steps: Vec<Option<&'t str>>,
    /// Whether it asks whether the alert still fires.
    pub(super) firing: bool,
    /// Whether it, or a runbook that it runs, names an owner.
    pub(super) has_owner: bool,
    /// Whether it contains any action.
    pub(super) acts: bool,
}

/// A team that is asked before an action is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Approver<'t> {
    /// `by owner`
    Owner,
    /// By its name.
    Named(&'t str),
    /// Known only during the run.
    Open,
}

/// The answers that a question or an instruction takes; several where different ones have the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PossibleAnswers {
    /// A yes, a no, or that it is not sure.
    pub(super) yes_or_no: bool,
    /// Any text.
    pub(super) any_text: bool,
    /// Done, failed or skipped.
    pub(super) done_or_not: bool,
}

impl<'t> TestSubject<'t> {
    /// Collects the contents of a runbook among the files that were read. `complete`: whether all names that the test
    /// can see are known.
    pub(super) fn of(runbook: &'t GatheredFile, files: &'t [GatheredFile], complete: bool) -> Self {
        let mut subject = Self { complete, ..Self::default() };
        let mut waiting: Vec<&'t GatheredFile> = vec![runbook];
        while let Some(file) = waiting.pop() {
            subject.complete &= file.clean && !file.incomplete && !file.goes_on;
            subject.file(&file.tree);
            walk::statements(&file.tree, &mut |statement| {
                let StatementKind::Run(run) = &statement.kind else { return };
                let other = file.runs.get(&statement.span).and_then(|id| files.get(*id));
                let limited = other
                    .is_some_and(|it| it.tree.declarations().any(|it| matches!(it, Declaration::Limit(_))));
                subject.runs.extend(run.file.literal().map(|name| (name, limited)));
            });
            for id in file.uses.iter().chain(file.runs.values()) {
                if !subject.others.contains(id) {
                    subject.others.push(*id);
                    waiting.extend(files.get(*id));
                }
            }
        }
        subject.others.sort_unstable();
        subject
    }

    /// Whether a question or an instruction may have this text.
    pub(super) fn asks(&self, text: &Template) -> bool {
        any(&self.questions, &text.parts) || any(&self.instructions, &text.parts)
    }

    /// Which answers a question or an instruction of this text takes.
    pub(super) fn answers_of(&self, text: &Template) -> PossibleAnswers {
        PossibleAnswers {
            yes_or_no: any(&self.questions, &text.parts),
            any_text: any(&self.open_questions, &text.parts),
            done_or_not: any(&self.instructions, &text.parts),
        }
    }

    /// Whether an action may match this target.
    pub(super) fn does(&self, target: &Target) -> bool {
        match target {
            Target::Prose(text) => any(&self.instructions, &text.parts),
            Target::Command(command) => any(&self.commands, &command.parts),
            Target::Call { name, .. } => self.does_call(&name.text),
        }
    }

    /// Whether this defined action is called.
    pub(super) fn does_call(&self, name: &str) -> bool {
        self.called.contains(name)
    }

    /// Whether a probe may match this target.
    pub(super) fn probes(&self, target: &Target) -> bool {
        matches!(target, Target::Command(command) if any(&self.probes, &command.parts))
    }

    /// Whether a lock of this name may be taken.
    pub(super) fn locks(&self, name: &Template) -> bool {
        self.locks.iter().any(|it| match &it.bare().kind {
            ExprKind::Text(text) => may_be_same(&text.parts, &name.parts),
            _ => true,
        })
    }

    fn file(&mut self, tree: &'t tree::File) {
        tree.items.iter().for_each(|item| self.item(item));
    }

    /// Collects the contents of one item of a runbook.
    pub(super) fn item(&mut self, item: &'t Item) {
        match item {
            Item::Declaration(it) => self.declaration(it),
            Item::Step(step) => {
                self.steps.push(step.title.literal());
                self.parts(&step.title.parts);
                walk::block(&step.body, &mut |it| self.statement(it));
            }
            Item::Statement(it) => walk::statement(it, &mut |it| self.statement(it)),
            Item::Test(_) | Item::Background(_) => {}
        }
    }

    fn declaration(&mut self, it: &'t Declaration) {
        match it {
            Declaration::Owner(it) => {
                self.has_owner = true;
                self.teams.push(it.team.literal());
            }
            Declaration::Metric(it) => self.parts(&it.query.parts),
            Declaration::Let(it) => self.expression(&it.value),
            Declaration::Probe(it) => self.expression(&it.look),
            Declaration::Param(it) => it.default.iter().for_each(|it| self.expression(it)),
            Declaration::Link(it) => {
                self.parts(&it.name.parts);
                self.parts(&it.url.parts);
            }
            Declaration::Runbook(it) => self.parts(&it.title.parts),
            Declaration::Define(it) => match &it.target {
                DefineTarget::Prose(text) => {
                    self.instructions.push(&text.parts);
                    self.parts(&text.parts);
                }
                DefineTarget::Command(command) => {
                    self.commands.push(&command.parts);
                    self.parts(&command.parts);
                }
                DefineTarget::Executor { reference, .. } => self.parts(&reference.parts),
            },
            Declaration::Trigger(_)
            | Declaration::About(_)
            | Declaration::Severity(_)
            | Declaration::Timezone(_)
            | Declaration::Secret(_)
            | Declaration::Limit(_)
            | Declaration::Tests(_)
            | Declaration::Use(_) => {}
        }
    }

    /// Collects the contents of one statement, without its blocks.
    pub(super) fn statement(&mut self, it: &'t Statement) {
        walk::own_expressions(it, &mut |it| self.seen(it));
        match &it.kind {
            StatementKind::Action(action) => {
                self.acts = true;
                if let Some(team) = &action.by {
                    self.approvers.push(match team {
                        Team::Owner { .. } => Approver::Owner,
                        Team::Named(team) => literal(team).map_or(Approver::Open, Approver::Named),
                    });
                }
                for target in walk::targets(action) {
                    match target {
                        Target::Prose(text) => self.instructions.push(&text.parts),
                        Target::Command(command) => self.commands.push(&command.parts),
                        Target::Call { name, .. } => {
                            self.called.insert(&name.text);
                        }
                    }
                }
            }
            // The owner's name has already been added.
            StatementKind::Escalate(it) => match &it.team {
                Team::Named(team) => self.teams.push(literal(team)),
                Team::Owner { .. } => {}
            },
            StatementKind::Record(it) => {
                self.records.push(literal(&it.text));
                self.channels.extend(it.channel.as_ref().map(literal));
            }
            StatementKind::Lock(it) => self.locks.push(&it.name),
            // The arms are the answers.
            StatementKind::Match(it) => {
                if let ExprKind::Question(question) = &it.subject.bare().kind {
                    self.open_questions.push(&question.prompt.parts);
                }
            }
            StatementKind::Prose { .. }
            | StatementKind::Check(_)
            | StatementKind::If(_)
            | StatementKind::Wait(_)
            | StatementKind::Let(_)
            | StatementKind::ForEach(_)
            | StatementKind::Repeat(_)
            | StatementKind::Run(_)
            | StatementKind::Resolve { .. }
            | StatementKind::Stop { .. }
            | StatementKind::Broken { .. } => {}
        }
    }

    fn parts(&mut self, parts: &'t [Part]) {
        walk::parts(parts, &mut |it| self.seen(it));
    }

    fn expression(&mut self, it: &'t Expr) {
        walk::expressions(it, &mut |it| self.seen(it));
    }

    /// Collects one expression, without its subexpressions.
    fn seen(&mut self, it: &'t Expr) {
        if let Some(name) = walk::name_of(it) {
            self.used.insert(&name.text);
        }
        self.firing |= walk::is_firing(it);
        match &it.kind {
            ExprKind::Question(question) => self.questions.push(&question.prompt.parts),
            ExprKind::Ask { question, .. } => {
                self.questions.push(&question.prompt.parts);
                self.open_questions.push(&question.prompt.parts);
            }
            ExprKind::Command { command, .. } => self.probes.push(&command.parts),
            _ => {}
        }
    }
}

fn any(known: &[&[Part]], parts: &[Part]) -> bool {
    known.iter().any(|it| may_be_same(it, parts))
}

/// Returns the text of a text literal.
fn literal(it: &Expr) -> Option<&str> {
    if let ExprKind::Text(text) = &it.bare().kind { text.literal() } else { None }
}

/// Returns the texts that contain no value.
pub(super) fn literals<'t>(all: &[&'t [Part]]) -> Vec<&'t str> {
    let literal = |parts: &&'t [Part]| match parts {
        [Part::Literal { text, .. }] => Some(text.as_str()),
        _ => None,
    };
    all.iter().filter_map(literal).collect()
}
