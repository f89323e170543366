//! Prints statements.

use super::declaration::whole;
use super::document::{PrintedBlock as Printed, Sentence};
use super::modifiers::Modifier;
use super::printer::{Docs, Printer};
use crate::source::Span;
use crate::tree::{
    Action, Arm, Block, If, Match, Pattern, PatternKind, Statement, StatementKind, Step, Wait,
};

/// Arms as they were written.
type Arms<'t> = [&'t Option<Arm>; 2];

impl<'a> Printer<'a> {
    pub(super) fn statement(&mut self, statement: &Statement) -> Sentence<'a> {
        let mut head = Vec::new();
        let into = &mut head;
        match &statement.kind {
            StatementKind::Prose { text } => self.text(text, into),
            StatementKind::Check(it) => {
                self.up_to(it.condition.span.start, into);
                self.expr(&it.condition, into);
                return self.with_arms(head, statement.span, [&it.otherwise, &it.unknown]);
            }
            StatementKind::If(it) => return self.branches(it),
            StatementKind::Match(it) => return self.match_statement(it),
            StatementKind::Action(it) => {
                return self.action(it, head, statement.span);
            }
            StatementKind::Escalate(it) => {
                self.up_to(it.team.span().start, into);
                self.team(&it.team, into);
                let modifiers = [&it.because, &it.acknowledged].into_iter().flatten().map(Modifier::Value);
                self.modifiers(modifiers.collect(), into);
                return self.with_arms(head, statement.span, [&it.otherwise, &None]);
            }
            StatementKind::Wait(Wait::Duration { duration }) => {
                self.up_to(duration.span.start, into);
                self.expr(duration, into);
            }
            StatementKind::Wait(Wait::Until { condition, held, within, every, otherwise, unknown }) => {
                self.up_to(condition.span.start, into);
                self.expr(condition, into);
                let limits = [held, within, every].into_iter().flatten().map(|it| Modifier::Value(it));
                self.modifiers(limits.collect(), into);
                return self.with_arms(head, statement.span, [otherwise, unknown]);
            }
            StatementKind::Let(it) => {
                self.up_to(it.value.span.start, into);
                self.expr(&it.value, into);
            }
            StatementKind::Record(it) => {
                self.up_to(it.text.span.start, into);
                self.expr(&it.text, into);
                self.modifiers(it.channel.iter().map(Modifier::Value).collect(), into);
            }
            StatementKind::ForEach(it) => {
                self.up_to(it.over.span.start, into);
                self.expr(&it.over, into);
                let limits = [&it.filter, &it.up_to].into_iter().flatten().map(Modifier::Value);
                self.modifiers(limits.collect(), into);
                return self.with_body(head, &it.body, [&it.none, &it.unknown]);
            }
            StatementKind::Repeat(it) => {
                self.up_to(it.times.span.start, into);
                self.expr(&it.times, into);
                if self.peek() == "times" {
                    self.take(into);
                }
                let limits = [&it.every, &it.until].into_iter().flatten().map(Modifier::Value);
                self.modifiers(limits.collect(), into);
                return self.with_body(head, &it.body, [&it.otherwise, &it.unknown]);
            }
            StatementKind::Run(it) => {
                self.up_to(it.file.span.start, into);
                self.text(&it.file, into);
                if self.peek() == "with" {
                    let bracket = self.behind_next();
                    self.modifiers(vec![Modifier::Args(&it.with, Span::new(bracket, bracket))], into);
                }
                return self.with_arms(head, statement.span, [&it.otherwise, &None]);
            }
            StatementKind::Lock(it) => {
                self.up_to(it.name.span.start, into);
                self.expr(&it.name, into);
                self.modifiers(it.within.iter().map(Modifier::Value).collect(), into);
                return self.with_arms(head, statement.span, [&it.otherwise, &None]);
            }
            StatementKind::Resolve { text } | StatementKind::Stop { text } => {
                self.take(into);
                if let Some(text) = text {
                    self.expr(text, into);
                }
            }
            StatementKind::Broken { .. } => {}
        }
        self.up_to(statement.span.end, &mut head);
        Sentence { head: whole(head), ..Sentence::default() }
    }

    /// `step "TITLE" { … }`
    pub(super) fn step(&mut self, step: &Step) -> Sentence<'a> {
        let mut head = Vec::new();
        self.up_to(step.title.span.start, &mut head);
        self.text(&step.title, &mut head);
        let block = self.statements(&step.body);
        Sentence { head: whole(head), blocks: vec![(Vec::new(), block)], ..Sentence::default() }
    }

    /// `action TARGET …`: modifiers may come before the block and after it.
    fn action(&mut self, action: &Action, mut head: Docs<'a>, span: Span) -> Sentence<'a> {
        self.up_to(action.target.span().start, &mut head);
        self.target(&action.target, &mut head);
        let mut modifiers: Vec<Modifier<'_>> = Vec::new();
        modifiers.extend(action.host.as_ref().map(Modifier::Value));
        modifiers.extend(action.by.as_ref().map(Modifier::Team));
        modifiers.extend(action.within.as_ref().map(Modifier::Value));
        modifiers.extend(action.retry.as_ref().map(Modifier::Retry));
        modifiers.extend(action.name.as_ref().map(|name| Modifier::Name(name.span)));
        modifiers.extend(action.finally.iter().chain(&action.undo).map(Modifier::Target));
        modifiers.extend(action.showing.iter().map(Modifier::Value));
        let Some(block) = &action.block else {
            self.modifiers(modifiers, &mut head);
            return self.with_arms(head, span, [&action.otherwise, &None]);
        };
        let (before, behind) = modifiers.into_iter().partition(|it| it.start() < block.span.start);
        self.modifiers(before, &mut head);
        self.up_to(block.span.start, &mut head);
        let mut blocks = vec![(Vec::new(), self.statements(block))];
        let above = self.remarks_of_next();
        let mut lead = Vec::new();
        self.tight();
        self.modifiers_on_the_line(behind, &mut lead);
        if let Some(arm) = &action.otherwise {
            self.up_to(arm.block.span.start, &mut lead);
            blocks.push((lead, Printed { above, ..self.statements(&arm.block) }));
            return Sentence { head: whole(head), blocks, ..Sentence::default() };
        }
        self.up_to(span.end, &mut lead);
        Sentence { head: whole(head), blocks, tail: (above, lead), short: false }
    }

    /// Prints a statement whose blocks are arms: they may stay on its line.
    fn with_arms(&mut self, mut head: Docs<'a>, span: Span, arms: Arms<'_>) -> Sentence<'a> {
        let first = arms.into_iter().flatten().map(|arm| arm.keyword.start).min();
        self.up_to(first.unwrap_or(span.end), &mut head);
        let blocks = self.arms(arms);
        Sentence { head: whole(head), blocks, short: true, ..Sentence::default() }
    }

    fn with_body(&mut self, mut head: Docs<'a>, body: &Block, arms: Arms<'_>) -> Sentence<'a> {
        self.up_to(body.span.start, &mut head);
        let mut blocks = vec![(Vec::new(), self.statements(body))];
        blocks.extend(self.arms(arms));
        Sentence { head: whole(head), blocks, ..Sentence::default() }
    }

    fn statements(&mut self, block: &Block) -> Printed<'a> {
        self.block(&block.statements, Self::statement)
    }

    fn arms(&mut self, arms: Arms<'_>) -> Vec<(Docs<'a>, Printed<'a>)> {
        let mut arms: Vec<&Arm> = arms.into_iter().flatten().collect();
        arms.sort_by_key(|arm| arm.keyword.start);
        let arm = |arm: &&Arm| {
            let above = self.remarks_of_next();
            let mut lead = Vec::new();
            self.tight();
            self.up_to(arm.block.span.start, &mut lead);
            (lead, Printed { above, ..self.statements(&arm.block) })
        };
        arms.iter().map(arm).collect()
    }

    fn branches(&mut self, it: &If) -> Sentence<'a> {
        let mut blocks = Vec::new();
        let mut head = Vec::new();
        for (at, branch) in it.branches.iter().enumerate() {
            let above = self.remarks_of_next();
            let mut lead = Vec::new();
            self.tight();
            self.up_to(branch.condition.span.start, &mut lead);
            self.expr(&branch.condition, &mut lead);
            self.up_to(branch.block.span.start, &mut lead);
            let block = Printed { above, ..self.statements(&branch.block) };
            if at == 0 {
                head = whole(lead);
                blocks.push((Vec::new(), block));
            } else {
                blocks.push((whole(lead), block));
            }
        }
        blocks.extend(self.arms([&it.otherwise, &it.unknown]));
        Sentence { head, blocks, ..Sentence::default() }
    }

    fn match_statement(&mut self, it: &Match) -> Sentence<'a> {
        enum PrintedArm<'t> {
            Pattern(&'t Pattern, &'t Block),
            Arm(&'t Arm),
        }
        let mut head = Vec::new();
        self.up_to(it.subject.span.start, &mut head);
        self.expr(&it.subject, &mut head);
        let mut ones: Vec<(u32, PrintedArm<'_>)> = it
            .arms
            .iter()
            .map(|arm| (arm.pattern.span.start, PrintedArm::Pattern(&arm.pattern, &arm.block)))
            .collect();
        let arms = [&it.otherwise, &it.unknown].into_iter().flatten();
        ones.extend(arms.map(|arm| (arm.keyword.start, PrintedArm::Arm(arm))));
        ones.sort_by_key(|(start, _)| *start);
        let block = self.block(&ones, |printer, (_, one)| {
            let mut head = Vec::new();
            let block = match one {
                PrintedArm::Pattern(pattern, block) => {
                    printer.pattern(pattern, &mut head);
                    printer.up_to(block.span.start, &mut head);
                    block
                }
                PrintedArm::Arm(arm) => {
                    printer.up_to(arm.block.span.start, &mut head);
                    &arm.block
                }
            };
            let blocks = vec![(Vec::new(), printer.statements(block))];
            Sentence { head: whole(head), blocks, ..Sentence::default() }
        });
        Sentence { head: whole(head), blocks: vec![(Vec::new(), block)], ..Sentence::default() }
    }

    fn pattern(&mut self, pattern: &Pattern, into: &mut Docs<'a>) {
        use crate::tree::ExprKind;
        match &pattern.kind {
            PatternKind::Value { value } => match &value.kind {
                // Several values side by side form a list without brackets.
                ExprKind::List { items }
                    if items.first().is_some_and(|it| it.span.start == value.span.start) =>
                {
                    for (at, item) in items.iter().enumerate() {
                        if at > 0 {
                            self.take(into);
                            self.break_here(" ", into);
                        }
                        self.expr(item, into);
                    }
                }
                _ => self.expr(value, into),
            },
            PatternKind::Contains { text: value }
            | PatternKind::Matches { regex: value }
            | PatternKind::Compare { value, .. } => {
                self.up_to(value.span.start, into);
                self.expr(value, into);
            }
        }
    }
}
