//! `rbl import PATH…`: turns documents into runbooks.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{CliContext, CommandResult};
use crate::Exit;
use clap::{Args, ValueEnum};
use rbl_documents::import::{ImportOptions, ImportReport, ImportedDocument, import};
use rbl_project::Refusal;
use rbl_project::files::NamedFile;
use rbl_syntax::{counted, io_error};
use rbl_world::Configured;

/// `rbl import`
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is run, and nothing is overwritten. A runbook that was imported begins with `# rbl: imported`: \
                  it only looks\nuntil a person has removed that line. Exit codes: 0 imported, 1 something was refused, 2 \
                  cannot be read or written."
)]
pub(crate) struct ImportArguments {
    /// Markdown, alert rules of Prometheus (YAML), Automation documents of AWS Systems Manager (YAML, JSON), or folders: every
    /// Markdown file and every Automation document below them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
    /// The folder for the runbooks; without it, a single one is printed
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
    /// Make commands of those that may change something, instead of asking a person to run them
    #[arg(long)]
    pub commands: bool,
    /// Of files of alert rules, only this alert
    #[arg(long, value_name = "NAME")]
    pub alert: Option<String>,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "text")]
    pub report: ImportReportFormat,
}

/// How the report of an import is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportReportFormat {
    /// For people, on standard error
    Text,
    /// One JSON object for each document, on standard output
    Json,
}

/// A document to import, and the folder below the output in which its runbooks go.
struct ToImport {
    path: String,
    below: PathBuf,
    /// Whether it was found below a folder, where other files are too.
    is_found: bool,
}

/// The schema of a report.
pub(super) fn schema() -> schemars::Schema {
    rbl_report::json::schema::<ImportReport>()
}

/// Imports every document, and reports what was taken from which line.
pub(super) fn import_command(asked: &ImportArguments, context: &mut CliContext) -> CommandResult {
    let folder = asked.output.clone().unwrap_or_else(|| PathBuf::from("."));
    let configured = Configured::find(&existing(&folder))?;
    let catalogue = configured.catalogue();
    let options =
        ImportOptions { commands: asked.commands, catalogue: &catalogue, alert: asked.alert.as_deref() };
    let mut imported = Vec::new();
    for document in documents(&asked.paths)? {
        let named = NamedFile::read(&document.path).map_err(|why| why.refusal(&document.path))?;
        if document.is_found && !is_meant(&named) {
            continue;
        }
        imported.push((document.below, import(&named.shown, &named.text, &options)));
    }
    if imported.is_empty() {
        return Err(Refusal::new(format!("no document found in {}", asked.paths.join(", ")))
            .help("a folder is searched for Markdown (`.md`, `.markdown`) and for Automation documents (`.yaml`, `.yml`, `.json`)"));
    }
    let made: usize = imported.iter().map(|(_, it)| it.runbooks.len()).sum();
    match &asked.output {
        Some(output) => write(output, &mut imported)?,
        None if made <= 1 && asked.report == ImportReportFormat::Text => {
            for runbook in imported.iter().flat_map(|(_, it)| &it.runbooks) {
                context.out.text(&runbook.text);
            }
        }
        None if asked.report == ImportReportFormat::Json => {}
        None => {
            let what = counted(made as u128, "runbook", "runbooks");
            return Err(Refusal::new(format!("{what} to write, and no folder for them"))
                .help("say where they go: `-o FOLDER`"));
        }
    }
    context.out.flush();
    for (_, document) in &imported {
        match asked.report {
            ImportReportFormat::Text => context.err.text(&document.report.text()),
            ImportReportFormat::Json => context.out.line(&rbl_report::json::line(&document.report)),
        }
    }
    let refused = imported.iter().filter(|(_, it)| it.report.refused.is_some()).count();
    if imported.len() > 1 && asked.report == ImportReportFormat::Text {
        let open: usize = imported.iter().map(|(_, it)| it.report.needs.len()).sum();
        let documents = counted(imported.len() as u128, "document", "documents");
        let runbooks = counted(made as u128, "runbook", "runbooks");
        let open = counted(open as u128, "place", "places");
        context
            .err
            .line(&format!("{documents}: {runbooks}, {refused} refused, {open} for a person to decide"));
    }
    Ok(if refused > 0 { Exit::Findings } else { Exit::Fine })
}

/// The nearest folder that exists, for the configuration that applies there.
fn existing(folder: &Path) -> PathBuf {
    let found = folder.ancestors().find(|it| it.is_dir());
    found.filter(|it| !it.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The documents that are named, and those below the folders that are named, sorted by path.
fn documents(paths: &[String]) -> Result<Vec<ToImport>, Refusal> {
    let mut found = Vec::new();
    for path in paths {
        if path == "-" || !Path::new(path).is_dir() {
            found.push(ToImport { path: path.clone(), below: PathBuf::new(), is_found: false });
            continue;
        }
        let mut below = Vec::new();
        for entry in ignore::WalkBuilder::new(path).require_git(false).build() {
            let entry = entry.map_err(|why| Refusal::new(format!("cannot look into `{path}`: {why}")))?;
            if entry.file_type().is_some_and(|it| it.is_file()) && is_document(entry.path()) {
                let inside = entry.path().strip_prefix(path).ok().and_then(Path::parent);
                below.push(ToImport {
                    path: entry.path().to_string_lossy().into_owned(),
                    below: inside.map(Path::to_path_buf).unwrap_or_default(),
                    is_found: true,
                });
            }
        }
        below.sort_by(|a, b| a.path.cmp(&b.path));
        found.append(&mut below);
    }
    Ok(found)
}

/// Whether a file below a folder is read: by its name.
fn is_document(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".md", ".markdown", ".md.erb", ".yml", ".yaml", ".json"].iter().any(|end| name.ends_with(end))
}

/// Whether a file that was found is a document: of YAML and JSON only those of Automation.
fn is_meant(named: &NamedFile) -> bool {
    let is_text = [".yml", ".yaml", ".json"].iter().all(|end| !named.shown.ends_with(end));
    is_text || ["schemaVersion", "mainSteps"].iter().all(|it| named.text.contains(it))
}

/// Writes the runbooks; nothing if one of the files exists already.
fn write(output: &Path, imported: &mut [(PathBuf, ImportedDocument)]) -> Result<(), Refusal> {
    let mut taken: Vec<PathBuf> = Vec::new();
    for (below, document) in &mut *imported {
        for (runbook, named) in document.runbooks.iter_mut().zip(&mut document.report.runbooks) {
            let mut path = output.join(&*below).join(&runbook.file);
            let stem = runbook.file.trim_end_matches(".rb").to_owned();
            let mut n = 2;
            while taken.contains(&path) {
                path = output.join(&*below).join(format!("{stem}-{n}.rb"));
                n += 1;
            }
            taken.push(path.clone());
            named.file = path.display().to_string();
            runbook.file.clone_from(&named.file);
        }
    }
    let there: Vec<String> =
        taken.iter().filter(|it| it.exists()).map(|it| it.display().to_string()).collect();
    if let Some(first) = there.first() {
        let what = match there.len() {
            1 => format!("`{first}` exists already"),
            many => format!("`{first}` and {} more exist already", many - 1),
        };
        return Err(Refusal::new(what)
            .help("nothing was written: name another folder, or remove what is to be imported again"));
    }
    if output.exists() && !output.is_dir() {
        return Err(Refusal::new(format!("`{}` is no folder", output.display())));
    }
    for runbook in imported.iter().flat_map(|(_, it)| &it.runbooks) {
        let path = Path::new(&runbook.file);
        let refuse = |error: std::io::Error| {
            Refusal::new(format!("cannot write `{}`: {}", runbook.file, io_error::creating(&error)))
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(refuse)?;
        }
        // Never over a file that somebody has written in the meantime.
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(refuse)?;
        file.write_all(runbook.text.as_bytes()).map_err(refuse)?;
    }
    Ok(())
}
