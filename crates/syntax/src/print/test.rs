//! Prints tests.

use super::declaration::whole;
use super::document::Sentence;
use super::modifiers::Modifier;
use super::printer::{Docs, Printer};
use crate::tree::{
    Asked, Background, Expectation, Expr, Given, GivenCondition, LimitSubject, TeamName, Test, TestStatement,
    TestStatementKind,
};

impl<'a> Printer<'a> {
    pub(super) fn test(&mut self, test: &Test) -> Sentence<'a> {
        let mut head = Vec::new();
        self.up_to(test.title.span.start, &mut head);
        self.text(&test.title, &mut head);
        let block = self.block(&test.body, Self::test_line);
        Sentence { head: whole(head), blocks: vec![(Vec::new(), block)], ..Sentence::default() }
    }

    pub(super) fn background(&mut self, background: &Background) -> Sentence<'a> {
        let mut head = Vec::new();
        self.take(&mut head);
        let block = self.block(&background.body, Self::test_line);
        Sentence { head: whole(head), blocks: vec![(Vec::new(), block)], ..Sentence::default() }
    }

    fn test_line(&mut self, line: &TestStatement) -> Sentence<'a> {
        let mut head = Vec::new();
        let into = &mut head;
        match &line.kind {
            TestStatementKind::Param { value, .. } => {
                self.up_to(value.span.start, into);
                self.expr(value, into);
            }
            TestStatementKind::Given { given, after } => {
                self.given(given, into);
                self.words_up_to("after", after.as_ref(), into);
                self.modifiers(after.iter().map(Modifier::Value).collect(), into);
            }
            TestStatementKind::After { action, body } => {
                self.up_to(action.span().start, into);
                self.target(action, into);
                let block = self.block(body, Self::test_line);
                return Sentence {
                    head: whole(head),
                    blocks: vec![(Vec::new(), block)],
                    short: true,
                    ..Sentence::default()
                };
            }
            TestStatementKind::Each { body } => {
                self.take(into);
                let block = self.block(body, Self::test_line);
                return Sentence {
                    head: whole(head),
                    blocks: vec![(Vec::new(), block)],
                    ..Sentence::default()
                };
            }
            TestStatementKind::Answer { question, with, after } => {
                self.asked(question, into);
                let modifiers = std::iter::once(with).chain(after).map(Modifier::Value);
                self.modifiers(modifiers.collect(), into);
            }
            TestStatementKind::Expect(expectation) => self.expectation(expectation, line.span.end, into),
            TestStatementKind::Broken => {}
        }
        self.up_to(line.span.end, &mut head);
        Sentence { head: whole(head), ..Sentence::default() }
    }

    fn asked(&mut self, asked: &Asked, into: &mut Docs<'a>) {
        self.up_to(asked.span().start, into);
        match asked {
            Asked::Question { text } => self.text(text, into),
            Asked::Approval { target, team, .. } => {
                self.up_to(target.span().start, into);
                self.target(target, into);
                self.up_to(team.span().start, into);
                self.team_name(team, into);
            }
        }
    }

    fn team_name(&mut self, team: &TeamName, into: &mut Docs<'a>) {
        match team {
            TeamName::Owner { span } => self.word(*span, into),
            TeamName::Named { name } => self.text(name, into),
        }
    }

    fn given(&mut self, given: &Given, into: &mut Docs<'a>) {
        match given {
            Given::Metric { name, args, series, condition, from } => {
                self.up_to(name.span.end, into);
                self.args(args, into);
                if let Some(series) = series {
                    self.expr(series, into);
                }
                self.condition_of(condition, into);
                self.words_up_to("from", from.as_ref(), into);
                self.modifiers(from.iter().map(Modifier::Value).collect(), into);
            }
            Given::Provider { name, condition } => {
                self.up_to(name.span.end, into);
                self.condition_of(condition, into);
            }
            Given::Team { name, condition } | Given::Channel { name, condition } => {
                self.up_to(name.span.start, into);
                self.text(name, into);
                self.condition_of(condition, into);
            }
            Given::Lock { name, held } => {
                self.up_to(name.span.start, into);
                self.text(name, into);
                self.modifiers(held.iter().map(Modifier::Value).collect(), into);
            }
            Given::Limit { of: LimitSubject::Run { file } } => {
                self.up_to(file.span.start, into);
                self.text(file, into);
            }
            Given::Limit { of: LimitSubject::Action { .. } } => {}
            Given::Alert { name, labels } => {
                self.up_to(name.span.start, into);
                self.text(name, into);
                if let Some(labels) = labels {
                    self.expr(labels, into);
                }
            }
            Given::Firing { condition, from } => {
                self.condition_of(condition, into);
                self.words_up_to("from", from.as_ref(), into);
                self.modifiers(from.iter().map(Modifier::Value).collect(), into);
            }
            Given::Action { target, condition } | Given::Probe { target, condition } => {
                self.up_to(target.span().start, into);
                self.target(target, into);
                self.condition_of(condition, into);
            }
        }
    }

    /// Takes the words of a condition without a value, such as `fails`: no line may begin with one.
    fn words_up_to(&mut self, modifier: &str, value: Option<&Expr>, into: &mut Docs<'a>) {
        let Some(value) = value else { return };
        while self.at() < value.span.start && self.peek() != modifier {
            self.take(into);
        }
    }

    fn condition_of(&mut self, condition: &GivenCondition, into: &mut Docs<'a>) {
        match condition {
            GivenCondition::Value { value }
            | GivenCondition::Stale { age: value }
            | GivenCondition::Series { count: value }
            | GivenCondition::Slow { by: value }
            | GivenCondition::Takes { duration: value } => {
                self.up_to(value.span.start, into);
                self.expr(value, into);
                if self.peek() == "series" {
                    self.take(into);
                }
            }
            GivenCondition::Samples { runs, every } => self.samples(runs, every, into),
            GivenCondition::Error { text }
            | GivenCondition::Fails { text: Some(text) }
            | GivenCondition::Prints { text } => {
                self.up_to(text.span.start, into);
                self.text(text, into);
            }
            GivenCondition::Exits { code, prints } => {
                self.up_to(code.span.end, into);
                if let Some(text) = prints {
                    self.up_to(text.span.start, into);
                    self.text(text, into);
                }
            }
            GivenCondition::Acknowledges { after: Some(after) } => {
                self.up_to(after.span.start, into);
                self.expr(after, into);
            }
            GivenCondition::Acknowledges { after: None }
            | GivenCondition::NeverAcknowledges
            | GivenCondition::None
            | GivenCondition::Nan
            | GivenCondition::Down
            | GivenCondition::Hangs
            | GivenCondition::Fails { text: None } => {}
        }
    }

    /// `= [180ms x 10, 900ms] every 1m`
    fn samples(&mut self, runs: &[(Expr, u32)], every: &Expr, into: &mut Docs<'a>) {
        // The `=` sign.
        self.take(into);
        self.bracketed(runs, false, into, |printer, (value, _), docs| {
            printer.expr(value, docs);
            while !matches!(printer.peek(), "," | "]" | "") {
                printer.take(docs);
            }
        });
        self.modifiers(vec![Modifier::Value(every)], into);
    }

    fn expectation(&mut self, expectation: &Expectation, end: u32, into: &mut Docs<'a>) {
        match expectation {
            Expectation::Ends { within, .. } => {
                self.take(into);
                self.take(into);
                self.modifiers(within.iter().map(Modifier::Value).collect(), into);
            }
            Expectation::Action { target, before, .. } => {
                if let Some(target) = target {
                    self.up_to(target.span().start, into);
                    self.target(target, into);
                }
                self.modifiers(before.iter().map(Modifier::Target).collect(), into);
            }
            Expectation::Escalation { to, matching, .. } => {
                while self.at() < end && !matches!(self.peek(), "to" | "matching") {
                    self.take(into);
                }
                let to = to.iter().map(|to| match to {
                    TeamName::Owner { span } => Modifier::Name(*span),
                    TeamName::Named { name } => Modifier::Text(name),
                });
                self.modifiers(to.chain(matching.iter().map(Modifier::Text)).collect(), into);
            }
            Expectation::Record { matching, .. } => {
                if let Some(matching) = matching {
                    self.up_to(matching.span.start, into);
                    self.text(matching, into);
                }
            }
            Expectation::Step { title, .. } => {
                self.up_to(title.span.start, into);
                self.text(title, into);
            }
        }
    }
}
