//! `rbl export FILE`: a runbook as a document.

use super::{CliContext, CommandResult, ast};
use crate::Exit;
use clap::{Args, ValueEnum};
use rbl_documents::export;
use rbl_documents::flow::FlowPicture;
use rbl_project::Refusal;
use rbl_project::files::NamedFile;
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_syntax::diagnostic::Diagnostic;
use rbl_syntax::source::{Source, SourceId, Sources};

/// `rbl export`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 done, 1 with --check the copy is out of date, or `ssm` cannot say it, 2 cannot be done, 3 the runbook cannot be read."
)]
pub(crate) struct ExportArguments {
    /// The runbook, or `-`
    pub file: String,
    /// What is printed
    #[arg(long, value_enum, default_value = "markdown")]
    pub format: ExportFormat,
    /// Print nothing; say whether this Markdown or HTML was made of the runbook as it is now
    #[arg(long, value_name = "COPY")]
    pub check: Option<String>,
}

/// What a runbook is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A checklist that a person can follow
    Markdown,
    /// A page with the picture, which needs nothing else
    Html,
    /// The picture in Mermaid's language
    Mermaid,
    /// The picture in Graphviz's language
    Dot,
    /// An Automation document of AWS Systems Manager, of a runbook that only uses what that has
    Ssm,
    /// The syntax tree
    Json,
}

/// Prints a runbook as a document, or compares a copy with it.
pub(super) fn export_command(asked: &ExportArguments, context: &mut CliContext) -> CommandResult {
    let named = NamedFile::read(&asked.file).map_err(|why| why.refusal(&asked.file))?;
    let text = rbl_syntax::normal(&named.text).into_owned();
    if let Some(copy) = &asked.check {
        return compare(copy, &named, &text, context);
    }
    let parsed = rbl_syntax::parse(SourceId(0), &text);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        let mut sources = Sources::new();
        sources.add(Source::new(named.shown.as_str(), text.as_str()));
        let form = FindingsFormat::Pretty(context.terminal.stderr);
        print::print(&parsed.diagnostics, &sources, form, &mut context.err, &mut FindingsSummary::default());
        return Ok(Exit::Errors);
    }
    if !parsed.file.is_runbook() {
        return Err(Refusal::new(format!("`{}` is no runbook", named.shown))
            .help("it has no line `runbook \"TITLE\"`"));
    }
    let name = named.shown.rsplit('/').next().unwrap_or(&named.shown);
    let printed = match asked.format {
        ExportFormat::Markdown => export::markdown(&parsed.file, &text, name),
        ExportFormat::Html => export::html(&parsed.file, &text, name),
        ExportFormat::Mermaid => FlowPicture::of(&parsed.file, &text).mermaid(),
        ExportFormat::Dot => FlowPicture::of(&parsed.file, &text).dot(),
        ExportFormat::Ssm => return Ok(automation(&parsed.file, &text, &named.shown, context)),
        ExportFormat::Json => {
            return ast::ast(&ast::AstArguments { file: Some(asked.file.clone()), schema: false }, context);
        }
    };
    context.out.text(&printed);
    Ok(Exit::Fine)
}

/// Prints an Automation document; what it cannot say is listed with its place, and keeps it from being printed if it does something.
fn automation(file: &rbl_syntax::tree::File, text: &str, name: &str, context: &mut CliContext) -> Exit {
    let (document, findings) = export::ssm::document(file, text);
    for it in &findings {
        let kind = if it.is_error { "error" } else { "left out" };
        context.err.line(&format!("{name}:{}:{}: {kind}: {}", it.line, it.column, it.what));
        if !it.help.is_empty() {
            context.err.line(&format!("  help: {}", it.help));
        }
    }
    match document {
        Some(document) => {
            context.out.text(&document);
            Exit::Fine
        }
        None => Exit::Findings,
    }
}

fn compare(copy: &str, named: &NamedFile, text: &str, context: &mut CliContext) -> CommandResult {
    let read = NamedFile::read(copy).map_err(|why| why.refusal(copy))?;
    match export::is_current(&read.text, text) {
        Some(true) => Ok(Exit::Fine),
        Some(false) => {
            context.out.line(&format!("{copy} is out of date: {} has changed since", named.shown));
            Ok(Exit::Findings)
        }
        None => Err(Refusal::new(format!("`{copy}` was not made by `rbl export`"))
            .help("make it with `rbl export FILE --format markdown` or `--format html`")),
    }
}
