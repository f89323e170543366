//! Builds tests.

use super::{GrammarPair, TreeBuilder, first, misplaced, parts};
use crate::diagnostic::bug;
use crate::grammar::Rule;
use crate::tree::{
    Asked, Background, Expectation, ExpectedOutcome, Expr, Given, GivenCondition, LimitSubject, TeamName,
    Template, Test, TestStatement, TestStatementKind,
};

impl TreeBuilder<'_> {
    /// `test "TITLE" { … }`
    pub(super) fn test(&mut self, pair: GrammarPair<'_>) -> Test {
        let span = self.span(&pair);
        let mut inner = parts(pair);
        let title = self.title(first(&mut inner));
        self.in_test = true;
        let body = self.test_block(first(&mut inner));
        self.in_test = false;
        Test { span, title, body }
    }

    /// `background { … }`
    pub(super) fn background(&mut self, pair: GrammarPair<'_>) -> Background {
        let span = self.span(&pair);
        self.in_test = true;
        let body = self.test_block(first(&mut parts(pair)));
        self.in_test = false;
        Background { span, body }
    }

    fn test_block(&mut self, pair: GrammarPair<'_>) -> Vec<TestStatement> {
        let mut lines = Vec::new();
        let mut before: Option<GrammarPair<'_>> = None;
        for pair in parts(pair) {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::bad_tail => {
                    if let Some(before) = &before {
                        self.unreadable_tail(&pair, before);
                    }
                }
                Rule::bad_statement => {
                    self.unreadable(&pair, Rule::lone_test_line);
                    lines.push(TestStatement { span, kind: TestStatementKind::Broken });
                }
                _ => {
                    before = Some(pair.clone());
                    lines.push(TestStatement { span, kind: self.test_line(pair) });
                }
            }
        }
        lines
    }

    fn test_line(&mut self, pair: GrammarPair<'_>) -> TestStatementKind {
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        match rule {
            Rule::param_line => {
                let name = self.name(&first(&mut inner));
                TestStatementKind::Param { name, value: self.value(first(&mut inner)) }
            }
            Rule::given => {
                let given = self.given(first(&mut inner));
                let after = inner.next().map(|after| self.modifier_value(after));
                TestStatementKind::Given { given, after }
            }
            Rule::after => {
                let action = self.target(first(&mut inner));
                TestStatementKind::After { action, body: self.test_block(first(&mut inner)) }
            }
            Rule::each => TestStatementKind::Each { body: self.test_block(first(&mut inner)) },
            Rule::answer => {
                let question = self.asked(first(&mut inner));
                let with = self.value(first(&mut inner));
                TestStatementKind::Answer {
                    question,
                    with,
                    after: inner.next().map(|after| self.value(after)),
                }
            }
            Rule::expect => TestStatementKind::Expect(self.expectation(first(&mut inner))),
            _ => bug("a line of a test that the grammar has and the tree has not"),
        }
    }

    fn asked(&mut self, pair: GrammarPair<'_>) -> Asked {
        if pair.as_rule() != Rule::answer_approval {
            return Asked::Question { text: self.text(pair) };
        }
        let span = self.span(&pair);
        let mut inner = parts(pair);
        let target = self.target(first(&mut inner));
        Asked::Approval { span, target, team: self.team_name(first(&mut inner)) }
    }

    fn team_name(&mut self, pair: GrammarPair<'_>) -> TeamName {
        if pair.as_rule() == Rule::kw_owner {
            return TeamName::Owner { span: self.span(&pair) };
        }
        TeamName::Named { name: self.text(pair) }
    }

    fn given(&mut self, pair: GrammarPair<'_>) -> Given {
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        let subject = first(&mut inner);
        match rule {
            Rule::given_provider => {
                let name = self.name(&subject);
                Given::Provider { name, condition: self.given_condition(first(&mut inner)) }
            }
            Rule::given_team => {
                let name = self.text(subject);
                Given::Team { name, condition: self.given_condition(first(&mut inner)) }
            }
            Rule::given_channel => {
                let name = self.text(subject);
                Given::Channel { name, condition: self.given_condition(first(&mut inner)) }
            }
            Rule::given_action => {
                let target = self.given_target(subject);
                Given::Action { target, condition: self.given_condition(first(&mut inner)) }
            }
            Rule::given_probe => {
                let target = self.given_target(subject);
                Given::Probe { target, condition: self.given_condition(first(&mut inner)) }
            }
            Rule::given_lock => {
                let name = self.text(subject);
                let held = inner.find(|pair| pair.as_rule() == Rule::held_for);
                Given::Lock { name, held: held.map(|pair| self.modifier_value(pair)) }
            }
            Rule::given_limit => {
                let of = if subject.as_rule() == Rule::text {
                    LimitSubject::Run { file: self.text(subject) }
                } else {
                    LimitSubject::Action { name: self.name(&subject) }
                };
                Given::Limit { of }
            }
            Rule::given_alert => {
                let name = self.text(subject);
                Given::Alert { name, labels: inner.next().map(|labels| self.record_literal(labels)) }
            }
            Rule::given_firing => {
                let condition = self.given_condition(subject);
                let from = inner.next().map(|from| self.modifier_value(from));
                Given::Firing { condition, from }
            }
            _ => {
                let name = self.name(&subject);
                let (mut args, mut series, mut condition, mut from) = (Vec::new(), None, None, None);
                for pair in inner {
                    match pair.as_rule() {
                        Rule::args => args = self.args(pair),
                        Rule::record => series = Some(self.record_literal(pair)),
                        Rule::from_time => from = Some(self.modifier_value(pair)),
                        _ => condition = Some(self.given_condition(pair)),
                    }
                }
                let condition = condition.unwrap_or_else(|| bug("a given without a condition"));
                Given::Metric { name, args, series, condition, from }
            }
        }
    }

    fn given_condition(&mut self, pair: GrammarPair<'_>) -> GivenCondition {
        match pair.as_rule() {
            Rule::given_value => GivenCondition::Value { value: self.modifier_value(pair) },
            Rule::given_samples => self.samples(pair),
            Rule::is_none => GivenCondition::None,
            Rule::is_nan => GivenCondition::Nan,
            Rule::is_stale => GivenCondition::Stale { age: self.modifier_value(pair) },
            Rule::is_down => GivenCondition::Down,
            Rule::is_slow => GivenCondition::Slow { by: self.modifier_value(pair) },
            Rule::is_error => GivenCondition::Error { text: self.text(first(&mut parts(pair))) },
            Rule::has_series => GivenCondition::Series { count: self.modifier_value(pair) },
            Rule::acknowledges => match parts(pair).next() {
                Some(never) if never.as_rule() == Rule::kw_never => GivenCondition::NeverAcknowledges,
                after => GivenCondition::Acknowledges { after: after.map(|after| self.value(after)) },
            },
            Rule::fails => GivenCondition::Fails { text: self.optional_text(pair) },
            Rule::hangs => GivenCondition::Hangs,
            Rule::takes => GivenCondition::Takes { duration: self.modifier_value(pair) },
            Rule::prints => GivenCondition::Prints { text: self.text(first(&mut parts(pair))) },
            Rule::exits => {
                let mut inner = parts(pair);
                let code = self.exit_code(&first(&mut inner));
                let prints = inner.next().map(|prints| self.text(first(&mut parts(prints))));
                GivenCondition::Exits { code, prints }
            }
            Rule::expr => GivenCondition::Value { value: self.value(pair) },
            _ => misplaced(&pair),
        }
    }

    fn samples(&mut self, pair: GrammarPair<'_>) -> GivenCondition {
        let mut runs = Vec::new();
        let mut every: Option<Expr> = None;
        for pair in parts(pair) {
            if pair.as_rule() == Rule::every {
                every = Some(self.modifier_value(pair));
            } else {
                let mut inner = parts(pair);
                let value = self.value(first(&mut inner));
                let count = inner.next().map_or(1, |count| count.as_str().parse().unwrap_or(1));
                runs.push((value, count));
            }
        }
        let every = every.unwrap_or_else(|| bug("samples without their distance"));
        GivenCondition::Samples { runs, every }
    }

    fn optional_text(&mut self, pair: GrammarPair<'_>) -> Option<Template> {
        parts(pair).next().map(|text| self.text(text))
    }

    fn expectation(&mut self, pair: GrammarPair<'_>) -> Expectation {
        let rule = pair.as_rule();
        let mut no = false;
        let mut rest = Vec::new();
        for pair in parts(pair) {
            if pair.as_rule() == Rule::kw_no { no = true } else { rest.push(pair) }
        }
        let mut rest = rest.into_iter();
        match rule {
            Rule::expect_end => {
                let outcome = match first(&mut rest).as_str() {
                    "resolved" => ExpectedOutcome::Resolved,
                    "escalated" => ExpectedOutcome::Escalated,
                    _ => ExpectedOutcome::Failed,
                };
                Expectation::Ends { outcome, within: rest.next().map(|within| self.modifier_value(within)) }
            }
            Rule::expect_action => {
                let (mut target, mut before) = (None, None);
                for pair in rest {
                    if pair.as_rule() == Rule::before {
                        before = Some(self.target(first(&mut parts(pair))));
                    } else {
                        target = Some(self.target(pair));
                    }
                }
                Expectation::Action { no, target, before }
            }
            Rule::expect_escalation => {
                let (mut to, mut matching) = (None, None);
                for pair in rest {
                    if pair.as_rule() == Rule::matching {
                        matching = self.optional_text(pair);
                    } else {
                        to = Some(self.team_name(pair));
                    }
                }
                Expectation::Escalation { no, to, matching }
            }
            Rule::expect_record => Expectation::Record {
                no,
                matching: rest.next().and_then(|matching| self.optional_text(matching)),
            },
            _ => Expectation::Step { no, title: self.text(first(&mut rest)) },
        }
    }
}
