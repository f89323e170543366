//! The output of a check: each finding as it comes, or one document at the end.

use std::path::{Path, PathBuf};

use crate::diagnostic_docs;
use crate::findings::print;
use crate::findings::print::FindingsFormat;
use crate::findings::{FindingsSummary, Github, Junit, RulePage, Sarif};
use rbl_project::Refusal;
use rbl_project::replace::append;
use rbl_project::repository::Repository;
use rbl_syntax::diagnostic::{Code, Diagnostic, short};
use rbl_syntax::source::Sources;
use rbl_terminal::Output;

/// The report of one check.
#[derive(Debug)]
pub struct FindingsReport {
    shape: ReportFormat,
    /// Annotations for a GitHub workflow, in addition to the report itself.
    besides: Option<Github>,
    /// The file of the workflow's step summary, if there is one.
    step_summary: Option<PathBuf>,
    repository: Repository,
    /// The findings that neither an annotation nor a step summary shows.
    untold: Vec<String>,
}

/// The format of the report.
#[derive(Debug)]
pub enum ReportFormat {
    /// Findings, one after the other.
    Findings(FindingsFormat),
    /// Annotations of a GitHub workflow.
    Github(Github),
    /// One SARIF document.
    Sarif(Sarif),
    /// One XML document.
    Junit(Junit),
}

impl FindingsReport {
    /// Returns an empty report. `in_workflow`: in a GitHub workflow, annotations are added to any format, and the summary goes
    /// to the file of its step summary.
    pub fn new(shape: ReportFormat, in_workflow: bool, step_summary: Option<PathBuf>) -> Self {
        let besides = (in_workflow && !matches!(shape, ReportFormat::Github(_))).then(Github::default);
        Self { shape, besides, step_summary, repository: Repository::find(), untold: Vec::new() }
    }

    /// Whether the closing line is part of the results; for a document or `short` it is not.
    pub fn closes_in_results(&self) -> bool {
        match &self.shape {
            ReportFormat::Findings(form) => matches!(form, FindingsFormat::Pretty(_)),
            ReportFormat::Github(_) => true,
            ReportFormat::Sarif(_) | ReportFormat::Junit(_) => false,
        }
    }

    /// Whether the closing line is a JSON object.
    pub fn closes_in_json(&self) -> bool {
        matches!(self.shape, ReportFormat::Findings(FindingsFormat::Json))
    }

    /// Reports the findings of one file, and counts them. Additional annotations go to `err`, so that standard output
    /// holds only what was asked for.
    pub fn file(
        &mut self,
        name: &str,
        diagnostics: &[Diagnostic],
        sources: &Sources,
        out: &mut Output,
        err: &mut Output,
        summary: &mut FindingsSummary,
    ) {
        let Self { shape, besides, repository, untold, step_summary: _ } = self;
        let path = |name: &str| repository.path(name);
        if !matches!(shape, ReportFormat::Findings(_)) {
            for diagnostic in diagnostics {
                summary.count(diagnostic);
            }
        }
        match shape {
            ReportFormat::Findings(form) => print::print(diagnostics, sources, *form, out, summary),
            ReportFormat::Sarif(sarif) => {
                for diagnostic in diagnostics {
                    sarif.add(diagnostic, sources, &path);
                }
            }
            ReportFormat::Junit(junit) => junit.file(name, diagnostics, sources),
            ReportFormat::Github(github) => {
                for diagnostic in diagnostics {
                    match github.annotate(diagnostic, sources, &path) {
                        Some(command) => out.line(&command),
                        None => untold.push(short(diagnostic, sources)),
                    }
                }
            }
        }
        if let Some(github) = besides {
            for diagnostic in diagnostics {
                if let Some(command) = github.annotate(diagnostic, sources, &path) {
                    err.line(&command);
                }
            }
        }
    }

    /// Ends the report: prints the document, and writes the step summary of a GitHub workflow.
    pub fn end(
        &mut self,
        summary: &FindingsSummary,
        refusals: &[Refusal],
        out: &mut Output,
        err: &mut Output,
    ) {
        match &mut self.shape {
            ReportFormat::Findings(_) => {}
            ReportFormat::Sarif(sarif) => {
                for refusal in refusals {
                    sarif.refused(&refusal.message);
                }
                out.line(&sarif.document(&rule_page));
            }
            ReportFormat::Junit(junit) => {
                for refusal in refusals {
                    junit.refused(&refusal.message);
                }
                out.line(&junit.document());
            }
            ReportFormat::Github(github) => {
                if !append_summary(self.step_summary.as_deref(), github, summary, err) {
                    for line in &self.untold {
                        out.line(line);
                    }
                }
            }
        }
        if let Some(github) = &self.besides {
            append_summary(self.step_summary.as_deref(), github, summary, err);
        }
    }
}

fn rule_page(code: Code) -> RulePage {
    RulePage {
        title: diagnostic_docs::title(code.name()),
        page: diagnostic_docs::page(code.name()).unwrap_or_default(),
    }
}

/// Appends to the step summary of a workflow. Returns whether that was possible.
fn append_summary(path: Option<&Path>, github: &Github, summary: &FindingsSummary, err: &mut Output) -> bool {
    let Some(path) = path else { return false };
    let written = append(path, &github.step_summary(summary));
    if let Err(why) = &written {
        let path = path.display();
        err.line(&Refusal::new(format!("cannot write the step summary `{path}`: {why}")).to_string());
    }
    written.is_ok()
}
