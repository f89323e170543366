//! `rbl ast FILE`: prints the syntax tree as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CliContext, CommandResult};
use crate::Exit;
use clap::Args;
use rbl_project::Refusal;
use rbl_project::files::NamedFile;
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_report::json;
use rbl_syntax as syntax;
use rbl_syntax::diagnostic::sort;
use rbl_syntax::harmless_json;
use rbl_syntax::source::{Source, SourceId, Sources};
use rbl_syntax::tree;

/// `rbl ast`
#[derive(Debug, Args)]
pub(crate) struct AstArguments {
    /// The file, or `-`
    #[arg(required_unless_present = "schema")]
    pub file: Option<String>,
    /// Print the JSON schema of the tree
    #[arg(long, conflicts_with = "file")]
    pub schema: bool,
}

/// The object that `rbl ast` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "rbl ast")]
struct Printed<'a> {
    /// Always `ast`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The file, as it was named on the command line.
    file: &'a str,
    /// The syntax tree. Spans are half-open ranges of bytes.
    tree: &'a tree::File,
}

/// The JSON schema of the output.
pub(super) fn schema() -> schemars::Schema {
    json::schema::<Printed<'_>>()
}

/// Prints the tree, also of a file with mistakes. The mistakes are reported on standard error.
pub(super) fn ast(asked: &AstArguments, context: &mut CliContext) -> CommandResult {
    let Some(path) = asked.file.as_ref().filter(|_| !asked.schema) else {
        let text =
            serde_json::to_string_pretty(&schema()).map_err(|error| Refusal::new(error.to_string()))?;
        context.out.line(&text);
        return Ok(Exit::Fine);
    };
    let file = NamedFile::read(path).map_err(|why| why.refusal(path))?;
    let parsed = syntax::parse(SourceId(0), &file.text);
    let printed = Printed { kind: "ast", file: &file.shown, tree: &parsed.file };
    let text = serde_json::to_string(&printed).map_err(|error| Refusal::new(error.to_string()))?;
    context.out.line(&harmless_json(text));
    let mut diagnostics = parsed.diagnostics;
    sort(&mut diagnostics);
    let mut sources = Sources::new();
    sources.add(Source::new(file.shown.as_str(), file.text.as_str()));
    context.out.flush();
    let form = FindingsFormat::Pretty(context.terminal.stderr);
    print::print(&diagnostics, &sources, form, &mut context.err, &mut FindingsSummary::default());
    Ok(if diagnostics.iter().any(rbl_syntax::diagnostic::Diagnostic::is_error) {
        Exit::Findings
    } else {
        Exit::Fine
    })
}
