//! `rbl site FOLDER -o OUT`: a static site of all runbooks.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::configurations::Configurations;
use super::input_files::{TargetFile, targets};
use super::test::tested_files;
use super::{CliContext, CommandResult};
use crate::Exit;
use clap::Args;
use rbl_check::FileKind;
use rbl_check::paths::Paths;
use rbl_documents::alerts::{AlertCoverage, NamedRunbook};
use rbl_documents::export::GENERATOR;
use rbl_documents::site::{SiteRunbook, SiteTests, build};
use rbl_project::files::{Files, NamedFile, tidy};
use rbl_project::source_cache::SourceCache;
use rbl_project::{Refusal, parallel};
use rbl_report::paths as shown;
use rbl_syntax::source::{Source, SourceId};
use rbl_syntax::{counted, io_error};

/// `rbl site`
#[derive(Debug, Args)]
#[command(
    after_help = "The address of a page is the path of its runbook: a `runbook_url` can lead there. Exit codes: 0 written, \
                        2 cannot be\nread or written."
)]
pub(crate) struct SiteArguments {
    /// The folder with the runbooks
    pub folder: PathBuf,
    /// The folder for the site; files there are replaced
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Rule files of Prometheus: the index shows which alerts have a runbook
    #[arg(long, value_name = "RULES")]
    pub alerts: Vec<String>,
}

/// What a file below the folder is.
enum SiteInput {
    Runbook(Box<SiteRunbook>),
    /// A file of tests: the runbook they are for, and how many they are.
    Tests(String, usize, TargetFile),
    Other,
}

/// Builds the site.
pub(super) fn site(asked: &SiteArguments, context: &mut CliContext) -> CommandResult {
    let folder = asked.folder.to_string_lossy().into_owned();
    if !asked.folder.is_dir() {
        return Err(Refusal::new(format!("`{folder}` is no folder")));
    }
    if asked.output.exists() && !asked.output.is_dir() {
        return Err(Refusal::new(format!("`{}` is no folder", asked.output.display())));
    }
    let (found, refusals) = targets(std::slice::from_ref(&folder));
    if let Some(refusal) = refusals.into_iter().next() {
        return Err(refusal);
    }
    let configurations = Configurations::default();
    let cache: Arc<SourceCache> = Arc::default();
    let inputs = parallel::each(&found, |target| input(target, &asked.folder, &configurations, &cache));
    let (mut runbooks, mut tests) = (Vec::new(), Vec::new());
    for input in inputs {
        match input? {
            SiteInput::Runbook(it) => runbooks.push(*it),
            SiteInput::Tests(of, count, target) => tests.push((of, count, target)),
            SiteInput::Other => {}
        }
    }
    let mut tested: Vec<TargetFile> = Vec::new();
    let places: HashMap<String, usize> =
        runbooks.iter().enumerate().map(|(at, it)| (it.path.clone(), at)).collect();
    for (of, count, target) in tests {
        if let Some(runbook) = places.get(&of).and_then(|at| runbooks.get_mut(*at)) {
            runbook.tests.count += count;
            tested.push(target);
        }
    }
    for runbook in runbooks.iter().filter(|it| it.tests.count > 0) {
        let path = tidy(&asked.folder.join(&runbook.path)).to_string_lossy().into_owned();
        tested.push(TargetFile { path, named: false });
    }
    for result in tested_files(&tested) {
        let path = below(&result.file, &asked.folder);
        if let Some(runbook) = places.get(&path).and_then(|at| runbooks.get_mut(*at)) {
            runbook.tests.failed = Some(result.failed);
            runbook.tests.coverage = Some(format!(
                "{} of {} covered ({})",
                result.arms.covered,
                counted(result.arms.of as u128, "arm", "arms"),
                result.arms
            ));
        }
    }
    if runbooks.is_empty() {
        return Err(Refusal::new(format!("no runbook found in {folder}")));
    }
    let named: Vec<NamedRunbook> =
        runbooks.iter().map(|it| NamedRunbook { path: it.path.clone(), file: it.file.clone() }).collect();
    let alerts = if asked.alerts.is_empty() { None } else { Some(coverage(&asked.alerts, &named)?) };
    let files = build(&runbooks, alerts.as_ref());
    // Nothing that somebody else has put there is written over.
    let foreign = |path: &PathBuf| match std::fs::read(path) {
        Ok(page) => !is_of_rbl(&page),
        // A folder, a link that leads nowhere, a page that cannot be read.
        Err(_) => path.symlink_metadata().is_ok(),
    };
    if let Some(path) = files.iter().map(|it| asked.output.join(&it.path)).find(foreign) {
        return Err(Refusal::new(format!("`{}` was not made by rbl", path.display()))
            .help("nothing was written: name another folder, or move that file away"));
    }
    for file in &files {
        let path = asked.output.join(&file.path);
        let refuse = |error: std::io::Error| {
            Refusal::new(format!("cannot write `{}`: {}", path.display(), io_error::creating(&error)))
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(refuse)?;
        }
        put(&path, &file.text).map_err(refuse)?;
    }
    let pages = counted(runbooks.len() as u128, "runbook", "runbooks");
    context.out.line(&format!("{}: {pages}", asked.output.join("index.html").display()));
    Ok(Exit::Fine)
}

/// Writes a page. What a full disk cuts off does not say that rbl made it, so it does not stay there.
fn put(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(path, text).inspect_err(|_| {
        if std::fs::read(path).is_ok_and(|it| !is_of_rbl(&it)) {
            let _ = std::fs::remove_file(path);
        }
    })
}

/// Whether a page says that rbl made it.
fn is_of_rbl(page: &[u8]) -> bool {
    let head = page.get(..page.len().min(400)).unwrap_or_default();
    String::from_utf8_lossy(head).contains(GENERATOR)
}

/// The path of a file below a folder, with `/`.
fn below(path: &str, folder: &Path) -> String {
    let (path, folder) = (tidy(Path::new(path)), tidy(folder));
    path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().replace('\\', "/")
}

/// Reads a file below the folder, and checks it if it is a runbook.
fn input(
    target: &TargetFile,
    folder: &Path,
    configurations: &Configurations,
    cache: &Arc<SourceCache>,
) -> Result<SiteInput, Refusal> {
    let Ok(named) = target.read() else { return Ok(SiteInput::Other) };
    let text = rbl_syntax::normal(&named.text).into_owned();
    let configured = configurations.of(named.folder())?;
    let catalogue = &configured.catalogue;
    let source = Source::new(named.shown.as_str(), text.as_str());
    let checked =
        rbl_check::check(source, &named.identity, &mut Files::sharing(Arc::clone(cache), &named), catalogue);
    let path = below(&target.path, folder);
    let file = rbl_syntax::parse(SourceId(0), &text).file;
    match checked.kind {
        FileKind::Library => return Ok(SiteInput::Other),
        FileKind::Tests => {
            let of = path.strip_suffix("_test.rb").map_or_else(String::new, |it| format!("{it}.rb"));
            return Ok(SiteInput::Tests(of, file.tests().count(), target.clone()));
        }
        FileKind::Runbook => {}
    }
    let findings = checked
        .diagnostics
        .iter()
        .map(|it| {
            let line = it.place().and_then(|place| {
                let source = checked.sources.get(place.source)?;
                Some(source.line_column(place.span.start).line)
            });
            format!("line {}: {} ({})", line.unwrap_or(1), it.message, it.code.name())
        })
        .collect();
    let paths = checked.program.as_ref().map(|program| {
        let total = Paths::of(program, catalogue).total();
        format!(
            "{}, {}",
            counted(total.paths, "path", "paths"),
            shown::between(total.shortest, total.longest)
        )
    });
    let tests = SiteTests { count: file.tests().count(), ..SiteTests::default() };
    Ok(SiteInput::Runbook(Box::new(SiteRunbook { path, text, file, findings, paths, tests })))
}

/// What rule files and runbooks say of each other.
pub(super) fn coverage(rules: &[String], runbooks: &[NamedRunbook]) -> Result<AlertCoverage, Refusal> {
    let mut texts = Vec::new();
    for path in rules {
        let named = NamedFile::read(path).map_err(|why| why.refusal(path))?;
        texts.push((path.clone(), named.text));
    }
    AlertCoverage::of(&texts, runbooks).map_err(Refusal::new)
}

/// The findings about the alerts of rule files, for `rbl check --alerts`.
pub(super) fn alert_lines(rules: &[String], paths: &[TargetFile]) -> Result<Vec<String>, Refusal> {
    let mut runbooks = Vec::new();
    for target in paths {
        let Ok(named) = target.read() else { continue };
        let file = rbl_syntax::parse(SourceId(0), &rbl_syntax::normal(&named.text)).file;
        if file.is_runbook() {
            runbooks.push(NamedRunbook { path: target.path.clone(), file });
        }
    }
    Ok(coverage(rules, &runbooks)?.lines())
}
