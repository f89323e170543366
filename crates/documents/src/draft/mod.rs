//! A runbook that is being written: the statements that an importer found, before they are text.

mod literal;
mod name;
mod write;

pub(crate) use literal::{command_literal, text_literal};
pub(crate) use name::{identifier, unique};
pub(crate) use write::{about_literal, written};

/// A range of lines of a document, from 1, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceLines {
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// A runbook without its tests.
#[derive(Debug, Clone, Default)]
pub(crate) struct DraftRunbook {
    pub(crate) title: String,
    /// Markdown.
    pub(crate) about: String,
    /// Names of alerts.
    pub(crate) alerts: Vec<String>,
    /// Labels that the alert must have, with their values.
    pub(crate) matching: Vec<(String, String)>,
    pub(crate) owner: Option<String>,
    pub(crate) severity: Option<String>,
    /// Name and address.
    pub(crate) links: Vec<(String, String)>,
    /// Parameters, as they are declared.
    pub(crate) params: Vec<String>,
    pub(crate) metrics: Vec<DraftMetric>,
    /// Comments before the first step.
    pub(crate) notes: Vec<String>,
    pub(crate) parts: Vec<DraftPart>,
    /// How a value is spelled in the document, and the expression that takes its place.
    pub(crate) values: Vec<(String, String)>,
}

/// A metric, with what a person has to add.
#[derive(Debug, Clone)]
pub(crate) struct DraftMetric {
    pub(crate) name: String,
    pub(crate) by: Vec<String>,
    pub(crate) unit: Option<&'static str>,
    pub(crate) query: String,
    pub(crate) open: Vec<String>,
}

/// A step, or statements outside of one.
#[derive(Debug, Clone)]
pub(crate) enum DraftPart {
    /// `step "TITLE" { … }`
    Step { title: String, statements: Vec<DraftStatement> },
    /// A statement of its own.
    Bare(DraftStatement),
    /// Lines of comment between two steps.
    Remark(Vec<String>),
}

/// A statement and the lines it was made of.
#[derive(Debug, Clone)]
pub(crate) struct DraftStatement {
    pub(crate) lines: SourceLines,
    /// Comments before it.
    pub(crate) remarks: Vec<String>,
    /// What a person has to add, as comments before it.
    pub(crate) open: Vec<String>,
    pub(crate) kind: DraftKind,
}

/// What a statement does.
#[derive(Debug, Clone)]
pub(crate) enum DraftKind {
    Prose(String),
    Check {
        question: DraftCondition,
        showing: Vec<DraftEvidence>,
    },
    If(DraftIf),
    Match {
        question: String,
        arms: Vec<(String, Vec<DraftStatement>)>,
    },
    Instruct {
        text: String,
        showing: Vec<DraftEvidence>,
    },
    Command {
        command: String,
    },
    Escalate {
        team: String,
        because: String,
        acknowledged: Option<String>,
    },
    WaitUntil {
        condition: DraftCondition,
        held: Option<String>,
        within: String,
    },
    Pause {
        duration: String,
    },
    Let {
        name: String,
        command: String,
    },
    Resolve {
        text: String,
    },
    /// An instruction whose text is already a literal without its quotes.
    Look {
        text: String,
        showing: Vec<DraftEvidence>,
    },
    /// Only its remarks.
    Nothing,
}

/// `if … else if … else …`
#[derive(Debug, Clone, Default)]
pub(crate) struct DraftIf {
    pub(crate) branches: Vec<(DraftCondition, Vec<DraftStatement>)>,
    pub(crate) otherwise: Option<Vec<DraftStatement>>,
    /// Whether what follows directly in the document is part of its last block.
    pub(crate) is_open: bool,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum DraftCondition {
    /// A person.
    Question(String),
    /// An expression, as it is written.
    Expression(String),
}

/// What is shown to the person who decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DraftEvidence {
    /// The output of a command.
    Command(String),
    /// The reading of a metric.
    Metric(String),
}

impl DraftStatement {
    pub(crate) fn new(lines: SourceLines, kind: DraftKind) -> Self {
        Self { lines, remarks: Vec::new(), open: Vec::new(), kind }
    }

    pub(crate) fn prose(lines: SourceLines, text: impl Into<String>) -> Self {
        Self::new(lines, DraftKind::Prose(text.into()))
    }

    pub(crate) fn instruct(lines: SourceLines, text: impl Into<String>) -> Self {
        Self::new(lines, DraftKind::Instruct { text: text.into(), showing: Vec::new() })
    }

    /// Calls `visit` with it and with every statement inside it, in order, with the depth of each.
    pub(crate) fn walk(&self, depth: usize, visit: &mut dyn FnMut(&Self, usize)) {
        visit(self, depth);
        let mut all = |statements: &[Self]| statements.iter().for_each(|it| it.walk(depth + 1, visit));
        match &self.kind {
            DraftKind::If(it) => {
                it.branches.iter().for_each(|(_, body)| all(body));
                all(it.otherwise.as_deref().unwrap_or_default());
            }
            DraftKind::Match { arms, .. } => arms.iter().for_each(|(_, body)| all(body)),
            DraftKind::Prose(_)
            | DraftKind::Check { .. }
            | DraftKind::Instruct { .. }
            | DraftKind::Command { .. }
            | DraftKind::Escalate { .. }
            | DraftKind::WaitUntil { .. }
            | DraftKind::Pause { .. }
            | DraftKind::Let { .. }
            | DraftKind::Resolve { .. }
            | DraftKind::Look { .. }
            | DraftKind::Nothing => {}
        }
    }
}

impl DraftIf {
    /// A decision in which something is only done on no is a `check`: its question, and what is done.
    pub(crate) fn guard(&self) -> Option<(&DraftCondition, &[DraftStatement])> {
        match (self.branches.as_slice(), &self.otherwise) {
            ([(question, nothing)], Some(body)) if nothing.is_empty() => Some((question, body)),
            _ => None,
        }
    }

    /// The block that was written last.
    pub(crate) fn tail(&mut self) -> Option<&mut Vec<DraftStatement>> {
        match self.otherwise.as_mut() {
            Some(body) => Some(body),
            None => self.branches.last_mut().map(|(_, body)| body),
        }
    }
}
