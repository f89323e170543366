//! What an import took from a document, line by line, and what a person has to look at.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

/// The report of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportReport {
    /// The document, as it was named.
    pub source: String,
    /// The runbooks that were made of it.
    pub runbooks: Vec<ImportedName>,
    /// Why nothing was made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// How its lines were taken, in order.
    pub taken: Vec<TakenLines>,
    /// What a person has to look at, in the order of the lines.
    pub needs: Vec<NeedsPerson>,
}

/// A runbook that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedName {
    /// The name of its file.
    pub file: String,
    /// Its title.
    pub title: String,
}

/// Lines of a document, and what they became.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct TakenLines {
    /// The first line, from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// What they became: `about`, `step`, `check`, `instruction` …
    pub to: String,
    /// The beginning of their text.
    pub text: String,
}

/// Something that a person has to decide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct NeedsPerson {
    /// The line of the document, from 1.
    pub line: usize,
    /// What it is.
    pub what: String,
}

impl NeedsPerson {
    pub(crate) fn new(line: usize, what: &str) -> Self {
        Self { line, what: what.to_owned() }
    }
}

impl TakenLines {
    pub(crate) fn new(first: usize, last: usize, to: &str, text: &str) -> Self {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = text.chars().take(72).collect();
        let text = if short.len() < text.len() { format!("{}…", short.trim_end()) } else { short };
        Self { first, last, to: to.to_owned(), text }
    }
}

impl ImportReport {
    /// The empty report of a document.
    pub(crate) fn of(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            runbooks: Vec::new(),
            refused: None,
            taken: Vec::new(),
            needs: Vec::new(),
        }
    }

    /// The report as text for people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let source: String = self.source.chars().map(|c| if c.is_control() { '�' } else { c }).collect();
        let named: Vec<&str> = self.runbooks.iter().map(|it| it.file.as_str()).collect();
        match &self.refused {
            Some(why) => {
                let _ = writeln!(out, "{source}: nothing was made of it: {why}");
            }
            None => {
                let _ = writeln!(out, "{source} → {}", named.join(", "));
            }
        }
        for it in &self.taken {
            let lines = if it.first == it.last {
                it.first.to_string()
            } else {
                format!("{}–{}", it.first, it.last)
            };
            let _ = writeln!(out, "  {lines:>9}  {:<26} {}", it.to, it.text);
        }
        if !self.needs.is_empty() {
            let _ = writeln!(out, "  for a person to decide:");
        }
        for it in &self.needs {
            let _ = writeln!(out, "  {:>9}  {}", it.line, it.what);
        }
        out
    }
}
