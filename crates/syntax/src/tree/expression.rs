//! Expressions, including conditions: everything in the position of a value or a yes/no.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Command, Name, Quantifier, Question, Template};
use crate::source::Span;
use crate::value::{ExactNumber, Unit};

/// An expression and its span.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Expr {
    /// All of it.
    pub span: Span,
    /// What it is.
    #[serde(flatten)]
    pub kind: ExprKind,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "expression", rename_all = "snake_case")]
pub enum ExprKind {
    /// `3`, `500ms`, `90%`, `20MiB/s`; `1h30m` is in its largest unit. The number is in that unit.
    Number {
        /// In the unit.
        value: f64,
        /// The unit written after it; a plain number has `UnitSymbol::One`.
        #[schemars(with = "String")]
        unit: Unit,
        /// Whether several units were written (`1h30m`).
        compound: bool,
        /// What was written, where the number would print with other digits (`1.10`).
        #[serde(skip_serializing_if = "Option::is_none")]
        written: Option<ExactNumber>,
    },
    /// `563018673253974017`: a number that is too large to compute with, which is passed on as it was written.
    LargeNumber {
        /// Its digits.
        digits: ExactNumber,
    },
    /// A number with something after it that is not a unit. Already reported.
    BadUnit,
    /// `"…"`
    Text(Template),
    /// `` `…` ``: a probe, with the host of `on HOST` where one is given.
    Command {
        /// The command.
        command: Command,
        /// `on HOST`
        #[serde(skip_serializing_if = "Option::is_none")]
        host: Option<Box<Expr>>,
        /// `within D`
        #[serde(skip_serializing_if = "Option::is_none")]
        within: Option<Box<Expr>>,
        /// `no on CODE, …`
        #[serde(skip_serializing_if = "Vec::is_empty")]
        no_on: Vec<ExitCode>,
    },
    /// `true`, `false`
    Bool {
        /// Which.
        value: bool,
    },
    /// `now`
    Now,
    /// A name in scope. `alert` and `owner` are names.
    Name(Name),
    /// `[a, b]`
    List {
        /// The elements.
        items: Vec<Expr>,
    },
    /// `{name: a, other: b}`
    Record {
        /// The fields, in order.
        fields: Vec<Field>,
    },
    /// `not X`, `-X`
    Unary {
        /// Which.
        op: UnaryOp,
        /// The operand.
        operand: Box<Expr>,
    },
    /// `a < b`, `a and b`, …
    Binary {
        /// Which.
        op: BinaryOp,
        /// The operator itself.
        op_span: Span,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `10%..20%`: a closed range, only allowed after `in`.
    Range {
        /// The lower end.
        low: Box<Expr>,
        /// The upper end.
        high: Box<Expr>,
    },
    /// `f(x, name: y)`: a function, a metric with parameters, a named expression; `time("…")` too.
    Call {
        /// What is called.
        name: Name,
        /// With what.
        args: Vec<Arg>,
    },
    /// `x.name`
    Field {
        /// Of what.
        of: Box<Expr>,
        /// Which.
        name: Name,
    },
    /// `x[i]`
    Index {
        /// Of what.
        of: Box<Expr>,
        /// Which.
        index: Box<Expr>,
    },
    /// `X D ago`
    Ago {
        /// The metric.
        of: Box<Expr>,
        /// How long ago.
        duration: Box<Expr>,
    },
    /// `X over D`: a window.
    Over {
        /// The metric.
        of: Box<Expr>,
        /// How long.
        duration: Box<Expr>,
    },
    /// A question to a person: a bare text in the position of a condition.
    Question(Box<Question>),
    /// `ask "Q" [among LIST]`, `ask secret "Q"`
    Ask {
        /// `ask secret`
        secret: bool,
        /// The question and its modifiers.
        question: Box<Question>,
        /// `among LIST`
        #[serde(skip_serializing_if = "Option::is_none")]
        among: Option<Box<Expr>>,
    },
    /// `any X OP V`, `every X OP V`
    Quantified {
        /// `any` or `every`.
        quantifier: Quantifier,
        /// A `by` metric or a list.
        over: Box<Expr>,
        /// The comparison.
        op: BinaryOp,
        /// The operator itself.
        op_span: Span,
        /// Compared with.
        value: Box<Expr>,
    },
    /// `COND for D`: it held at every sample of the last D.
    Held {
        /// The condition.
        condition: Box<Expr>,
        /// For how long.
        duration: Box<Expr>,
    },
    /// `if COND { X } else { Y }`: one side is evaluated; unknown where the condition is.
    Conditional {
        /// The conditions and their values, in order.
        branches: Vec<ConditionalBranch>,
        /// The value where no condition holds.
        otherwise: Box<Expr>,
    },
    /// `[for each NAME in LIST where COND: VALUE]`: one unknown makes all of it unknown.
    Comprehension(Box<Comprehension>),
    /// `(X)`, kept so that the printer can reproduce it.
    Parenthesized {
        /// What is inside.
        inner: Box<Expr>,
    },
    /// Something that could not be read. Already reported.
    Broken,
}

/// A condition and the value it gives.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConditionalBranch {
    /// When.
    pub condition: Expr,
    /// The value then.
    pub value: Expr,
}

/// A list made of another.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comprehension {
    /// The element.
    pub name: Name,
    /// What is gone through.
    pub over: Expr,
    /// `where COND`
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Expr>,
    /// The element of the new list.
    pub value: Expr,
}

/// An exit code, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExitCode {
    /// The number itself.
    pub span: Span,
    /// The code; the check refuses one that no command can have.
    pub code: i32,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// An argument, by position or by name.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Arg {
    /// `name:`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Its value.
    pub value: Expr,
}

/// Operators of one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// Operators of two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl BinaryOp {
    /// As written.
    pub const fn spelling(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }

    /// The operator written so.
    pub fn read(spelling: &str) -> Option<Self> {
        Some(match spelling {
            "or" => Self::Or,
            "and" => Self::And,
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "in" => Self::In,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            _ => return None,
        })
    }

    /// Whether it compares: `== != < <= > >= in`.
    pub const fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
                | Self::In
        )
    }
}

impl Expr {
    /// Without the parentheses around it.
    pub fn bare(&self) -> &Self {
        let mut expr = self;
        while let ExprKind::Parenthesized { inner } = &expr.kind {
            expr = inner;
        }
        expr
    }

    /// The text, if it is a written text without values.
    pub fn literal_text(&self) -> Option<&str> {
        match &self.bare().kind {
            ExprKind::Text(text) => text.literal(),
            _ => None,
        }
    }
}
