//! Tests: `test "TITLE" { … }`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Arg, ExitCode, Expr, Name, Target, Template};
use crate::source::Span;

/// `test "TITLE" { … }`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Test {
    /// All of it.
    pub span: Span,
    /// What it claims.
    pub title: Template,
    /// In order.
    pub body: Vec<TestStatement>,
}

/// `background { … }`: what every test of the file starts with.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Background {
    /// All of it.
    pub span: Span,
    /// In order: `param`, `given` and `answer` lines.
    pub body: Vec<TestStatement>,
}

/// A line of a test.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TestStatement {
    /// All of it.
    pub span: Span,
    /// Which one.
    #[serde(flatten)]
    pub kind: TestStatementKind,
}

/// The kinds of line in a test.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum TestStatementKind {
    /// `param NAME = EXPR`
    Param {
        /// Which.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// `given … [after D]`
    Given {
        /// What is given.
        #[serde(flatten)]
        given: Given,
        /// `after D` (`from D`): when it begins; of a metric it is part of what is given.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Expr>,
    },
    /// `after action TARGET { … }`
    After {
        /// Takes effect when this has succeeded.
        action: Target,
        /// What changes then.
        body: Vec<TestStatement>,
    },
    /// `each { … }`: the test once with each line.
    Each {
        /// The lines.
        body: Vec<TestStatement>,
    },
    /// `answer "QUESTION" with VALUE [after D]`, `answer action TARGET by "TEAM" with yes`
    Answer {
        /// What is asked.
        question: Asked,
        /// `yes`, `no`, `done`, … are names here.
        with: Expr,
        /// `after D`
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Expr>,
    },
    /// `expect …`
    Expect(Expectation),
    /// A line that could not be read. Already reported.
    Broken,
}

/// The question that an `answer` line answers.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "asked", rename_all = "snake_case")]
pub enum Asked {
    /// `"QUESTION"`: by its text.
    Question {
        /// The text.
        text: Template,
    },
    /// `action TARGET by "TEAM"`: whether the action may be done.
    Approval {
        /// All of it.
        span: Span,
        /// The action.
        target: Target,
        /// Who is asked.
        team: TeamName,
    },
}

impl Asked {
    /// Whether both are certainly the same question, as far as their texts show.
    pub fn is_same(&self, other: &Self) -> bool {
        let same = |a: &Template, b: &Template| a.literal().is_some() && a.literal() == b.literal();
        match (self, other) {
            (Self::Question { text }, Self::Question { text: other }) => same(text, other),
            (Self::Approval { target, team, .. }, Self::Approval { target: other, team: asked, .. }) => {
                let of_one_team = match (team, asked) {
                    (TeamName::Named { name }, TeamName::Named { name: other }) => same(name, other),
                    // Who the owner is, only the runbook says; one action has one team.
                    (TeamName::Owner { .. }, _) | (_, TeamName::Owner { .. }) => true,
                };
                of_one_team && target.is_same(other)
            }
            _ => false,
        }
    }

    /// Returns its span.
    pub fn span(&self) -> Span {
        match self {
            Self::Question { text } => text.span,
            Self::Approval { span, .. } => *span,
        }
    }
}

/// A team in a test.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "team", rename_all = "snake_case")]
pub enum TeamName {
    /// `owner`: the runbook's.
    Owner {
        /// The word.
        span: Span,
    },
    /// By its name.
    Named {
        /// The name.
        name: Template,
    },
}

impl TeamName {
    /// Returns its span.
    pub fn span(&self) -> Span {
        match self {
            Self::Owner { span } => *span,
            Self::Named { name } => name.span,
        }
    }
}

/// What a `given` line sets up.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "given", rename_all = "snake_case")]
pub enum Given {
    /// `given METRIC …`
    Metric {
        /// The metric.
        name: Name,
        /// Its arguments, for one with parameters.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        args: Vec<Arg>,
        /// `{label: "value"}`: one series of a `by` metric.
        #[serde(skip_serializing_if = "Option::is_none")]
        series: Option<Expr>,
        /// What is given.
        condition: GivenCondition,
        /// `from D` or `after D`
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<Expr>,
    },
    /// `given provider P is down | slow D | error "TEXT"`
    Provider {
        /// The provider.
        name: Name,
        /// What is wrong with it.
        condition: GivenCondition,
    },
    /// `given team "NAME" is down | slow D | error "TEXT"`, `… acknowledges [after D | never]`
    Team {
        /// Who is paged.
        name: Template,
        /// What is wrong with the way to them.
        condition: GivenCondition,
    },
    /// `given channel "NAME" is down | slow D | error "TEXT"`
    Channel {
        /// Where records go.
        name: Template,
        /// What is wrong with it.
        condition: GivenCondition,
    },
    /// `given alert "NAME" [{label: "value"}]`: the alert that starts the run.
    Alert {
        /// Its name.
        name: Template,
        /// Its labels.
        #[serde(skip_serializing_if = "Option::is_none")]
        labels: Option<Expr>,
    },
    /// `given alert.firing = yes | no | unknown [from D]`
    Firing {
        /// Whether it fires.
        condition: GivenCondition,
        /// `from D` or `after D`
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<Expr>,
    },
    /// `given action TARGET fails ["TEXT"] | hangs | takes D | prints "TEXT"`
    Action {
        /// The action, by name or by text.
        target: Target,
        /// How it goes.
        condition: GivenCondition,
    },
    /// ``given probe `COMMAND` = yes | no | unknown``, `… prints "TEXT"`, `… exits CODE`
    Probe {
        /// The command, or the call of a declared probe.
        target: Target,
        /// How it goes.
        condition: GivenCondition,
    },
    /// `given lock "NAME" is held [for D]`
    Lock {
        /// The name of the lock.
        name: Template,
        /// `for D`: then it is free; left out: all the time.
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        held: Option<Expr>,
    },
    /// `given limit NAME reached`, `given limit "FILE.rb" reached`
    Limit {
        /// What is limited.
        of: LimitSubject,
    },
}

/// What a limit is for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "limited", rename_all = "snake_case")]
pub enum LimitSubject {
    /// A `define … at most`.
    Action {
        /// Its name.
        name: Name,
    },
    /// A runbook with `limit`, where another runs it.
    Run {
        /// The file, as the `run` names it.
        file: Template,
    },
}

/// What is given of a thing.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum GivenCondition {
    /// `= EXPR`
    Value {
        /// The value; `yes`, `no` and `unknown` are names here.
        value: Expr,
    },
    /// `= [180ms x 10, 900ms x 20] every 1m`
    Samples {
        /// Each value, and how many samples of it.
        runs: Vec<(Expr, u32)>,
        /// The distance of two samples.
        every: Expr,
    },
    /// `is none`
    None,
    /// `is nan`
    Nan,
    /// `is stale D`
    Stale {
        /// How old.
        age: Expr,
    },
    /// `has N series`
    Series {
        /// How many.
        count: Expr,
    },
    /// `is down`
    Down,
    /// `is slow D`
    Slow {
        /// How slow.
        by: Expr,
    },
    /// `is error "TEXT"`
    Error {
        /// What it says.
        text: Template,
    },
    /// `acknowledges [after D]`
    Acknowledges {
        /// `after D`: how long after the page; at once where left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Expr>,
    },
    /// `acknowledges never`
    NeverAcknowledges,
    /// `fails ["TEXT"]`
    Fails {
        /// What it says.
        text: Option<Template>,
    },
    /// `hangs`
    Hangs,
    /// `takes D`
    Takes {
        /// How long.
        duration: Expr,
    },
    /// `prints "TEXT"`
    Prints {
        /// What.
        text: Template,
    },
    /// `exits CODE [prints "TEXT"]`
    Exits {
        /// The exit code.
        code: ExitCode,
        /// `prints "TEXT"`
        #[serde(skip_serializing_if = "Option::is_none")]
        prints: Option<Template>,
    },
}

/// `expect …`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "expect", rename_all = "snake_case")]
pub enum Expectation {
    /// `expect resolved | escalated | failed [within D]`
    Ends {
        /// How.
        outcome: ExpectedOutcome,
        /// `within D`
        #[serde(skip_serializing_if = "Option::is_none")]
        within: Option<Expr>,
    },
    /// `expect [no] action [TARGET]`, `expect action TARGET before TARGET`
    Action {
        /// `no`
        no: bool,
        /// Which; any where left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<Target>,
        /// `before TARGET`
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Target>,
    },
    /// `expect [no] escalation [to "TEAM" | to owner] [matching "R"]`
    Escalation {
        /// `no`
        no: bool,
        /// `to "TEAM"`
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<TeamName>,
        /// `matching "R"`
        #[serde(skip_serializing_if = "Option::is_none")]
        matching: Option<Template>,
    },
    /// `expect [no] record [matching "R"]`
    Record {
        /// `no`
        no: bool,
        /// `matching "R"`
        #[serde(skip_serializing_if = "Option::is_none")]
        matching: Option<Template>,
    },
    /// `expect [no] step "TITLE"`
    Step {
        /// `no`
        no: bool,
        /// Which.
        title: Template,
    },
}

/// How a run is expected to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the words of the language
pub enum ExpectedOutcome {
    Resolved,
    Escalated,
    Failed,
}

impl Test {
    /// The test with these lines before its own. An answer that it gives itself replaces theirs.
    #[must_use]
    pub fn after(&self, shared: &[TestStatement]) -> Self {
        let answers = |asked: &Asked| {
            self.body.iter().any(|line| {
                matches!(&line.kind, TestStatementKind::Answer { question, .. } if question.is_same(asked))
            })
        };
        let shared = shared.iter().filter(|line| match &line.kind {
            TestStatementKind::Answer { question, .. } => !answers(question),
            TestStatementKind::Param { .. }
            | TestStatementKind::Given { .. }
            | TestStatementKind::After { .. }
            | TestStatementKind::Each { .. }
            | TestStatementKind::Expect(_)
            | TestStatementKind::Broken => true,
        });
        let body = shared.chain(&self.body).cloned().collect();
        Self { span: self.span, title: self.title.clone(), body }
    }
}

impl Given {
    /// Whether it sets the start of the run: `now` is parsed like a metric, and so is given like one.
    pub fn is_now(&self) -> bool {
        matches!(self, Self::Metric { name, .. } if name.text == "now")
    }
}
