//! A whole file: its top-level items, in order.

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::{Background, Block, Declaration, Statement, Template, Test, TestStatement};
use crate::source::Span;

/// The parsed content of a file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct File {
    /// Everything at the top level, in the order it was written.
    pub items: Vec<Item>,
    /// The comments, kept separately.
    pub comments: Vec<Comment>,
}

/// One thing at the top level of a file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "item", rename_all = "snake_case")]
pub enum Item {
    /// A declaration.
    Declaration(Declaration),
    /// A titled step.
    Step(Step),
    /// A bare statement: a step of its own.
    Statement(Statement),
    /// A test.
    Test(Test),
    /// `background { … }`
    Background(Background),
}

/// `step "TITLE" { … }`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// All of it.
    pub span: Span,
    /// What it is called.
    pub title: Template,
    /// What it does.
    pub body: Block,
}

/// A name, at its declaration or at a use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Name {
    /// As written.
    pub text: SmolStr,
    /// Where.
    pub span: Span,
}

/// A comment, from `#` to the end of its line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
}

impl File {
    /// The declarations, in order.
    pub fn declarations(&self) -> impl Iterator<Item = &Declaration> {
        self.items.iter().filter_map(|item| if let Item::Declaration(it) = item { Some(it) } else { None })
    }

    /// The tests, in order.
    pub fn tests(&self) -> impl Iterator<Item = &Test> {
        self.items.iter().filter_map(|item| if let Item::Test(it) = item { Some(it) } else { None })
    }

    /// The tests with the lines of `background { … }` before their own, where a later line about the same thing wins.
    pub fn whole_tests(&self) -> Vec<Test> {
        let shared: Vec<TestStatement> = self.backgrounds().flat_map(|it| it.body.iter().cloned()).collect();
        self.tests().map(|test| test.after(&shared)).collect()
    }

    /// What every test starts with; more than one block is reported by the check.
    pub fn backgrounds(&self) -> impl Iterator<Item = &Background> {
        self.items.iter().filter_map(|item| if let Item::Background(it) = item { Some(it) } else { None })
    }

    /// Whether it begins with a `runbook` header.
    pub fn is_runbook(&self) -> bool {
        self.declarations().any(|it| matches!(it, Declaration::Runbook(_)))
    }
}
