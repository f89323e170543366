//! `rbl diff OLD NEW`: shows the paths whose end, actions or longest time differ.

use std::path::PathBuf;

use super::run::program_of;
use super::{CliContext, CommandResult};
use crate::Exit;
use clap::{Args, ValueEnum};
use rbl_check::Loader;
use rbl_check::paths::{Paths, PathsComparison, compare};
use rbl_project::Refusal;
use rbl_project::files::{Files, NamedFile};
use rbl_project::revision;
use rbl_project::revision::Revision;
use rbl_report::paths;
use rbl_report::paths::{LINES, Versions};
use rbl_world::Configured;

/// `rbl diff`
#[derive(Debug, Args)]
#[command(
    after_help = "A file is a path, `-`, or `REVISION:PATH` in the git repository you are in: `rbl diff main:docs/rb/x.rb docs/rb/x.rb`.\nExit codes: 0 the same, 1 they differ, 2 cannot be done, 3 one of them has errors."
)]
pub(crate) struct DiffArguments {
    /// The old version
    pub old: String,
    /// The new version
    pub new: String,
    /// How the differences are printed; `markdown` is a comment for a pull request
    #[arg(long, value_enum, default_value = "text")]
    pub format: DiffFormat,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Text,
    /// A comment for a pull request
    Markdown,
    /// One JSON object for each path
    Json,
}

/// Compares the two versions, and prints the differences.
pub(super) fn diff(asked: &DiffArguments, context: &mut CliContext) -> CommandResult {
    if asked.old == "-" && asked.new == "-" {
        return Err(Refusal::new("standard input can be read once").help("give one of the two as a file"));
    }
    let Some((old_name, old)) = version(&asked.old, context)? else { return Ok(Exit::Errors) };
    let Some((new_name, new)) = version(&asked.new, context)? else { return Ok(Exit::Errors) };
    let comparison = compare(&old, &new, LINES);
    let versions = Versions { old_name, new_name, old: old.total(), new: new.total(), comparison };
    let text = match asked.format {
        DiffFormat::Text => {
            let style = context.terminal.stdout;
            paths::diff_text(&versions, paths::PathsLayout { unicode: style.unicode, width: style.width })
        }
        DiffFormat::Markdown => paths::markdown(&versions),
        DiffFormat::Json => paths::diff_json(&versions),
    };
    context.out.text(&text);
    let same = match &versions.comparison {
        PathsComparison::Each(differences) => differences.is_empty(),
        PathsComparison::Together => old.total() == new.total(),
    };
    Ok(if same { Exit::Fine } else { Exit::Findings })
}

/// The name and the paths of one version; `None`: it has errors, which have been reported.
fn version(file: &str, context: &mut CliContext) -> Result<Option<(String, Paths)>, Refusal> {
    let (named, mut loader, folder): (NamedFile, Box<dyn Loader>, PathBuf) =
        if let Some((revision, path)) = revision::split(file) {
            let (named, revision) = Revision::read(revision, path)?;
            // Only the runbooks are compared, so both versions use the configuration as it is now.
            (named, Box::new(revision), PathBuf::from("."))
        } else {
            let named = NamedFile::read(file).map_err(|why| why.refusal(file))?;
            let files = Files::new(&named);
            let folder = named.folder();
            (named, Box::new(files), folder)
        };
    let configured = Configured::find(&folder)?;
    let program = program_of(&named, loader.as_mut(), &configured, "nothing was compared", context)?;
    Ok(program.map(|program| (named.shown, Paths::of(&program, &configured.catalogue()))))
}
