//! Tests: `test "TITLE" { … }`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Arg, Expr, Name, Target, Template};
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
    /// `given …`
    Given(Given),
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
    /// `answer "QUESTION" with VALUE [after D]`
    Answer {
        /// What is asked.
        question: Template,
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
    /// `given team "NAME" is down | slow D | error "TEXT"`
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
    /// `given action TARGET fails ["TEXT"] | hangs | takes D | prints "TEXT"`
    Action {
        /// The action, by name or by text.
        target: Target,
        /// How it goes.
        condition: GivenCondition,
    },
    /// ``given probe `COMMAND` = yes | no | unknown``, `… prints "TEXT"`
    Probe {
        /// The command.
        target: Target,
        /// How it goes.
        condition: GivenCondition,
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
    /// `expect [no] action [TARGET]`
    Action {
        /// `no`
        no: bool,
        /// Which; any where left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<Target>,
    },
    /// `expect [no] escalation [to "TEAM"] [matching "R"]`
    Escalation {
        /// `no`
        no: bool,
        /// `to "TEAM"`
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<Template>,
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

impl Given {
    /// Whether it sets the start of the run: `now` is parsed like a metric, and so is given like one.
    pub fn is_now(&self) -> bool {
        matches!(self, Self::Metric { name, .. } if name.text == "now")
    }
}
