//! Turns documents into runbooks. Deterministic: nothing is run, and no `else`, threshold or team is invented.

pub(crate) mod markdown;
mod report;
mod rules;
pub(crate) mod ssm;
mod yaml;

use rbl_check::Catalogue;
use rbl_check::promql::QueryStyle;
use rbl_syntax::Unprintable;
use rbl_syntax::source::SourceId;

pub(crate) use rules::rules_of;

pub use report::{ImportReport, ImportedName, NeedsPerson, TakenLines};

use crate::draft::{DraftRunbook, written};

/// How a document is imported.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions<'a> {
    /// Commands that may change something become commands of the runbook; otherwise a person is asked to run them.
    pub commands: bool,
    /// The configuration for which the runbook is formatted.
    pub catalogue: &'a Catalogue,
    /// Of a file of rules, only this alert.
    pub alert: Option<&'a str>,
}

/// A runbook that was made of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedRunbook {
    /// A name for its file.
    pub file: String,
    /// Its text, as `rbl fmt` prints it.
    pub text: String,
}

/// What became of a document.
#[derive(Debug, Clone)]
pub struct ImportedDocument {
    /// The runbooks; none if it was refused.
    pub runbooks: Vec<ImportedRunbook>,
    /// What was taken from which line.
    pub report: ImportReport,
}

/// Imports a document. `name`: how it is shown, which also says what it is and names the files.
pub fn import(name: &str, text: &str, options: &ImportOptions<'_>) -> ImportedDocument {
    let is_yaml = [".yml", ".yaml", ".json"].iter().any(|end| name.ends_with(end));
    if is_yaml { import_yaml(name, text, options) } else { import_markdown(name, text, options) }
}

/// Imports a Markdown document.
pub fn import_markdown(name: &str, text: &str, options: &ImportOptions<'_>) -> ImportedDocument {
    markdown::import(name, text, options)
}

/// Imports alert rules of Prometheus, also inside a `PrometheusRule` of Kubernetes, or an Automation document of AWS Systems
/// Manager.
pub fn import_yaml(name: &str, text: &str, options: &ImportOptions<'_>) -> ImportedDocument {
    match yaml::read(text) {
        Err(why) => refused(name, format!("it is no YAML: {why}")),
        Ok(documents) => rules::import(name, &documents, options)
            .or_else(|| ssm::import(name, &documents, options))
            .unwrap_or_else(|| {
                refused(name, "neither alert rules nor an Automation document are in it".into())
            }),
    }
}

fn refused(name: &str, why: String) -> ImportedDocument {
    let report = ImportReport { refused: Some(why), ..ImportReport::of(name) };
    ImportedDocument { runbooks: Vec::new(), report }
}

/// The text of a draft, formatted; or how it cannot be read, which is a bug here.
pub(crate) fn formatted(draft: &DraftRunbook, catalogue: &Catalogue) -> Result<String, String> {
    let text = written(draft);
    format(&text, catalogue).map_err(|why| format!("{why}\n{text}"))
}

/// The text of a runbook, formatted.
pub(crate) fn format(text: &str, catalogue: &Catalogue) -> Result<String, String> {
    rbl_syntax::print(SourceId(0), text, &QueryStyle { catalogue }).map_err(|why| match why {
        Unprintable::Findings(found) => {
            let first = found.into_iter().find(rbl_syntax::diagnostic::Diagnostic::is_error);
            first.map_or_else(String::new, |it| it.message)
        }
        Unprintable::Differs(how) => how.to_owned(),
    })
}

/// The file name of a runbook by its title: `disk-full.rb`.
pub(crate) fn file_name(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name: String = name.chars().take(80).collect();
    let name = name.trim_matches('-');
    format!("{}.rb", if name.is_empty() { "runbook" } else { name })
}
