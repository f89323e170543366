//! Declarations: they follow the header and precede the body.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Command, Expr, ExprKind, Name, Template};
use crate::source::Span;
use crate::value::Unit;

/// One declaration.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "declaration", rename_all = "snake_case")]
pub enum Declaration {
    /// `runbook "TITLE"`
    Runbook(RunbookHeader),
    /// `about """MARKDOWN"""`
    About(About),
    /// `tests for "FILE"`
    Tests(TestsHeader),
    /// `trigger …`
    Trigger(Trigger),
    /// `owner "TEAM"`
    Owner(Owner),
    /// `severity "…"`
    Severity(SeverityDeclaration),
    /// `timezone "…"`
    Timezone(TimezoneDeclaration),
    /// `link "NAME" "URL"`
    Link(Link),
    /// `param …`
    Param(Param),
    /// `secret …`
    Secret(Secret),
    /// `metric …`
    Metric(Box<Metric>),
    /// `define …`
    Define(Define),
    /// ``probe NAME(PARAMS) as `COMMAND` …``
    Probe(Box<ProbeDeclaration>),
    /// `let NAME (PARAMS) = EXPR` with parameters. A `let` without parameters is always a statement.
    Let(LetDeclaration),
    /// `use "FILE"`
    Use(Use),
    /// `limit …`
    Limit(Limit),
}

impl Declaration {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Self::Runbook(it) => it.span,
            Self::About(it) => it.span,
            Self::Tests(it) => it.span,
            Self::Trigger(it) => it.span,
            Self::Owner(it) => it.span,
            Self::Severity(it) => it.span,
            Self::Timezone(it) => it.span,
            Self::Link(it) => it.span,
            Self::Param(it) => it.span,
            Self::Secret(it) => it.span,
            Self::Metric(it) => it.span,
            Self::Define(it) => it.span,
            Self::Probe(it) => it.span,
            Self::Let(it) => it.span,
            Self::Use(it) => it.span,
            Self::Limit(it) => it.span,
        }
    }
}

/// `runbook "TITLE"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RunbookHeader {
    /// All of it.
    pub span: Span,
    /// The title.
    pub title: Template,
}

/// `about """MARKDOWN"""`: what the alert means, its impact, background.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct About {
    /// All of it.
    pub span: Span,
    /// Markdown for people; never executed.
    pub text: Template,
}

/// `tests for "FILE"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TestsHeader {
    /// All of it.
    pub span: Span,
    /// The runbook under test.
    pub file: Template,
}

/// `trigger …`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Trigger {
    /// All of it.
    pub span: Span,
    /// Which.
    pub kind: TriggerKind,
}

/// What starts a runbook.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "trigger", rename_all = "snake_case")]
pub enum TriggerKind {
    /// `alert "NAME", … [where LABEL OP "V", …] [by LABEL, …]`
    Alert {
        /// Which alerts, by their names.
        name: AlertNames,
        /// Labels it must have.
        #[serde(rename = "where")]
        labels: Vec<LabelMatcher>,
        /// One run for each value of these labels.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        by: Vec<Name>,
    },
    /// `schedule "CRON" [in "TIMEZONE"] [for D]`
    Schedule {
        /// When.
        cron: Template,
        /// In which time zone.
        #[serde(skip_serializing_if = "Option::is_none")]
        timezone: Option<Template>,
        /// A maintenance window: no step starts after it has closed.
        #[serde(skip_serializing_if = "Option::is_none")]
        window: Option<Expr>,
    },
    /// `manual`
    Manual,
}

/// The names of the alerts that start a runbook.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertNames {
    /// `"A", "B"`: one of these.
    Listed(Vec<Template>),
    /// `=~ "REGEX"`: the whole name matches it.
    Matching(Template),
}

/// `LABEL OP "V"`, as Prometheus matches labels.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LabelMatcher {
    /// The label.
    pub name: Name,
    /// How.
    pub op: LabelMatch,
    /// With what.
    pub value: Template,
}

/// How a label is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabelMatch {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    NotMatches,
}

impl LabelMatch {
    /// As written.
    pub const fn spelling(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Matches => "=~",
            Self::NotMatches => "!~",
        }
    }
}

/// `owner "TEAM"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Owner {
    /// All of it.
    pub span: Span,
    /// Who is paged when something is not handled.
    pub team: Template,
}

/// `severity "…"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeverityDeclaration {
    /// All of it.
    pub span: Span,
    /// Free text.
    pub text: Template,
}

/// `timezone "…"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TimezoneDeclaration {
    /// All of it.
    pub span: Span,
    /// The name in the list of time zones.
    pub name: Template,
}

/// `link "NAME" "URL"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Link {
    /// All of it.
    pub span: Span,
    /// What it is called.
    pub name: Template,
    /// Where it leads.
    pub url: Template,
}

/// `param NAME [: TYPE] [among [VALUE, …]] [= EXPR]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Param {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// `: TYPE`
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub of: Option<ParamType>,
    /// `among ["a", "b"]`: the values that are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub among: Option<Expr>,
    /// `= EXPR`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Expr>,
}

impl Param {
    /// The values that are allowed, where the declaration says which; a list that is not written out has been reported.
    pub fn allowed(&self) -> Option<Vec<&str>> {
        let ExprKind::List { items } = &self.among.as_ref()?.bare().kind else { return None };
        items.iter().map(Expr::literal_text).collect()
    }
}

/// The declared type of a parameter. An unknown type name has already been reported and is `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the words of the language
pub enum ParamType {
    Text,
    Number,
    Bool,
    Duration,
    Data,
    Ratio,
    Unknown,
}

/// `secret NAME from env "VAR"`, `secret NAME from file "PATH"`, `secret NAME from command "COMMAND"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Secret {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// Where it comes from.
    pub source: SecretSource,
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// An environment variable.
    Env(Template),
    /// A file.
    File(Template),
    /// What a command prints.
    Command(Template),
}

impl SecretSource {
    /// The name of the variable, the path or the command.
    pub fn text(&self) -> &Template {
        match self {
            Self::Env(text) | Self::File(text) | Self::Command(text) => text,
        }
    }
}

/// `metric NAME [(PARAMS)] [: text | lines] [by LABEL, …] [in UNIT] from PROVIDER QUERY`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Metric {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// `(PARAMS)`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<Name>,
    /// `: text`, `: lines`
    #[serde(rename = "type", skip_serializing_if = "MetricType::is_number")]
    pub of: MetricType,
    /// `by LABEL, …`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Name>,
    /// `in UNIT`
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitSpec>,
    /// `from PROVIDER`
    pub provider: Name,
    /// The query, in the provider's own language.
    pub query: Template,
}

/// What a metric reads. An unknown type name has already been reported and is `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetricType {
    /// Numbers, in the declared unit: a metric without a type.
    #[default]
    Number,
    /// A text.
    Text,
    /// Lines of text.
    Lines,
    /// A name that is not a type.
    Unknown,
}

impl MetricType {
    /// Whether it reads numbers.
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number)
    }
}

/// `in UNIT`, and the unit it was read as.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct UnitSpec {
    /// The unit's own span.
    pub span: Span,
    /// `None` if it is not a unit, which has already been reported.
    #[schemars(with = "Option<String>")]
    pub unit: Option<Unit>,
}

/// `define NAME(PARAMS) as TARGET`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Define {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// `(PARAMS)`
    pub params: Vec<Name>,
    /// `as TARGET`
    pub target: DefineTarget,
    /// `at most N in D`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<AtMost>,
}

/// What a defined action is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "target", rename_all = "snake_case")]
pub enum DefineTarget {
    /// An instruction to a person.
    Prose(Template),
    /// A command.
    Command(Command),
    /// `EXECUTOR "REFERENCE"`
    Executor {
        /// Which executor.
        executor: Name,
        /// The reference that the executor runs.
        reference: Template,
    },
}

/// ``probe NAME(PARAMS) as `COMMAND` [on HOST] [within D] [no on CODE, …]``: a named look at the world.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ProbeDeclaration {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// `(PARAMS)`
    pub params: Vec<Name>,
    /// The command with its modifiers: always [`ExprKind::Command`](super::ExprKind::Command).
    pub look: Expr,
}

/// `let NAME(PARAMS) = EXPR`: a named expression, evaluated at each use.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LetDeclaration {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Name,
    /// `(PARAMS)`
    pub params: Vec<Name>,
    /// What it is.
    pub value: Expr,
}

/// `use "FILE"`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Use {
    /// All of it.
    pub span: Span,
    /// The library.
    pub file: Template,
}

/// `at most N in D`: how often an action may be done with the same arguments, over all runs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AtMost {
    /// From `at` on.
    pub span: Span,
    /// That often.
    pub times: Expr,
    /// In a time of this length.
    pub window: Expr,
}

/// `limit N runs in D [by PARAM]` or `limit N at once [by PARAM]`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Limit {
    /// All of it.
    pub span: Span,
    /// How many.
    pub count: Expr,
    /// `runs in D`; left out for `at once`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Expr>,
    /// `by PARAM`: for each of its values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Name>,
}
