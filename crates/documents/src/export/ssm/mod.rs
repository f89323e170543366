//! A runbook as an Automation document of AWS Systems Manager.
//!
//! *Invariant:* what Systems Manager has not is a finding with its place. What only describes a runbook (who owns it, what starts
//! it) is left out with a finding; everything else keeps the document from being written.

mod build;
mod command;
mod output;
mod params;
mod read;
mod write;

use rbl_syntax::source::{LineIndex, Span};
use rbl_syntax::tree::{Declaration, File, Item, Statement, StatementKind};

use build::Builder;
use output::OrderedJson;

/// Something of a runbook that an Automation document cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsmFinding {
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
    /// What it is.
    pub what: String,
    /// What may be done.
    pub help: &'static str,
    /// Whether the document would do something else without it.
    pub is_error: bool,
}

/// The document, unless a finding is an error; and the findings, in the order of the text.
pub fn document(file: &File, text: &str) -> (Option<String>, Vec<SsmFinding>) {
    let mut builder = Builder::new(file, text);
    let head = params::read(&mut builder);
    // What stands before the steps and every automation knows is no step.
    let mut constants: Vec<u32> = Vec::new();
    for item in &file.items {
        if let Item::Statement(it) = item
            && let StatementKind::Let(constant) = &it.kind
            && params::constant(&mut builder, &constant.name.text, &constant.value, it.span)
        {
            constants.push(it.span.start);
        }
    }
    let body: Vec<(&Statement, Option<String>)> = file
        .items
        .iter()
        .flat_map(|item| match item {
            Item::Step(step) if params::are_checks(step) => Vec::new(),
            Item::Step(step) => {
                let title = step.title.literal().map(str::to_owned);
                step.body.statements.iter().map(|it| (it, title.clone())).collect()
            }
            Item::Statement(it) if constants.contains(&it.span.start) => Vec::new(),
            Item::Statement(it) => vec![(it, None)],
            Item::Declaration(_) | Item::Test(_) | Item::Background(_) => Vec::new(),
        })
        .collect();
    let first = builder.list(&body, None, false);
    let written = write::document(&mut builder, head, first);
    let index = LineIndex::new(text);
    let mut findings: Vec<(Span, SsmFinding)> = builder
        .findings
        .into_iter()
        .map(|(span, what, help, is_error)| {
            let at = index.line_column(text, span.start);
            (span, SsmFinding { line: at.line, column: at.column, what, help, is_error })
        })
        .collect();
    findings.sort_by_key(|(span, _)| span.start);
    findings.dedup();
    let findings: Vec<SsmFinding> = findings.into_iter().map(|(_, it)| it).collect();
    let is_whole = !findings.iter().any(|it| it.is_error);
    (written.filter(|_| is_whole).map(|it: OrderedJson| it.printed(0) + "\n"), findings)
}

/// Whether something is declared that an Automation document has no place for: what, and whether it does something.
fn beyond(declaration: &Declaration) -> Option<(&'static str, bool)> {
    Some(match declaration {
        Declaration::Trigger(_) => {
            ("what starts it: Systems Manager starts an automation by hand, or by EventBridge", false)
        }
        Declaration::Owner(_) => ("who owns it: an automation pages nobody", false),
        Declaration::Severity(_) => ("how severe it is", false),
        Declaration::Link(_) => ("a link", false),
        Declaration::Timezone(_) => ("a time zone", false),
        Declaration::Secret(_) => ("a secret", true),
        Declaration::Metric(_) => ("a metric: Systems Manager asks nobody but the APIs of AWS", true),
        Declaration::Use(_) => ("another file", true),
        Declaration::Limit(_) => ("a limit on how often it runs", true),
        Declaration::Runbook(_)
        | Declaration::About(_)
        | Declaration::Tests(_)
        | Declaration::Param(_)
        | Declaration::Define(_)
        | Declaration::Probe(_)
        | Declaration::Let(_) => return None,
    })
}
