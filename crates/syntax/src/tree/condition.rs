//! Parts that only conditions have: questions to people, and `any` and `every`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Expr, Team, Template};
use crate::source::Span;

/// A question to a person: `"Q" [by TEAM] [within D] [showing EXPR [, EXPR]]`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Question {
    /// With its modifiers.
    pub span: Span,
    /// What is asked.
    pub prompt: Template,
    /// `by TEAM`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Team>,
    /// `within D`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Expr>,
    /// `showing EXPR, EXPR`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub showing: Vec<Expr>,
}

/// How many of several must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quantifier {
    /// At least one.
    Any,
    /// All.
    Every,
}
