//! `rbl run FILE`: checks the runbook, and runs it in the real world.

use std::path::{Path, PathBuf};

use super::check::{CheckFindings, unreadable};
use super::execute::{RunInputs, RunJournal, RunSettings};
use super::{CliContext, CommandResult, resuming};
use crate::Exit;
use crate::cli::{live, params, store};
use clap::{Args, ValueEnum};
use rbl_check as check;
use rbl_check::{FileKind, Loader, Program};
use rbl_engine::{Inputs, named_secrets, recorded_sources, run_id};
use rbl_project::Refusal;
use rbl_project::files;
use rbl_project::files::{Files, NamedFile, UnreadableFile};
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_runtime::{Alert, ParamError, ParamSources, Start, read_params};
use rbl_syntax::clean;
use rbl_syntax::diagnostic::{Code, Diagnostic, short};
use rbl_syntax::source::{Source, SourceId, Sources, Span};
use rbl_world::Configured;

/// `rbl run`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 resolved, 2 cannot be done, 3 the runbook has errors and nothing was run, 4 \
                        escalated,\n5 waiting or aborted, 6 failed and nobody could be paged, 70 a bug in rbl."
)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub begins: StartArguments,
    /// Ask before every action
    #[arg(long, conflicts_with = "no_input")]
    pub confirm: bool,
    /// Never ask: a question parks the run
    #[arg(long)]
    pub no_input: bool,
    /// Record nothing: the run cannot be resumed or shown later
    #[arg(long)]
    pub no_journal: bool,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME")]
    pub person: Option<String>,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
}

/// The runbook, its parameters and its alert: what a run starts with.
#[derive(Debug, Args)]
pub(crate) struct StartArguments {
    /// The runbook, or `-`
    pub file: String,
    /// Give a parameter its value (repeatable)
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Read parameters from a JSON or TOML file; `--param` overrides them
    #[arg(long = "params", value_name = "FILE")]
    pub params_file: Option<PathBuf>,
    /// The alert that triggered the run: an Alertmanager webhook body; its labels fill the parameters
    #[arg(long, value_name = "FILE")]
    pub alert: Option<PathBuf>,
}

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For a person at a terminal
    Pretty,
    /// One line for each event, with the time
    Plain,
    /// One JSON object for each event
    Json,
}

/// Runs the runbook. *Invariant:* no effect happens before the text, the configuration and the parameters are known
/// to be right, and the beginning of the run is recorded.
pub(super) fn run(asked: &RunArguments, context: &mut CliContext) -> CommandResult {
    let terminal = context.terminal;
    let format = RunSettings::format(asked.format, &terminal);
    let named = match NamedFile::read(&asked.begins.file) {
        Ok(named) => named,
        Err(why @ UnreadableFile::NotText { .. }) => {
            let CheckFindings { sources, diagnostics } = unreadable(&asked.begins.file, &why);
            print_diagnostics(&diagnostics, &sources, format, "nothing was run", context);
            return Ok(Exit::Errors);
        }
        Err(why) => return Err(why.refusal(&asked.begins.file)),
    };
    let configured = Configured::find(&named.folder())?;
    let mut files = Files::new(&named);
    let program = checked(&named, &mut files, &configured, (format, "nothing was run"), context)?;
    let Some(program) = program else { return Ok(Exit::Errors) };
    let Some(config) = &configured.connections else {
        return Err(Refusal::new("the configuration has mistakes, so nothing was run"));
    };
    let start = start(&asked.begins, &program)?;
    let driver = RunSettings {
        config,
        terminal,
        format,
        name: asked.person.clone().unwrap_or_else(live::user),
        no_input: asked.no_input,
        confirm: asked.confirm,
    };
    let run_of = RunInputs { program: &program, start: &start, secrets: named_secrets(&program) };
    if asked.no_journal {
        context
            .err
            .line("this run is not recorded: it cannot be resumed, replayed or shown later (--no-journal)");
        context.out.flush();
        return driver.execute_unrecorded(&run_of);
    }
    let kept = folder(&configured, context).and_then(|folder| begin(&folder, &driver, &run_of, &files));
    let kept = kept.map_err(|refusal| {
        let help = format!("or run it without: rbl run {} --no-journal", asked.begins.file);
        let first = refusal.help.as_ref().map(|help| format!("{help}\n")).unwrap_or_default();
        let message = format!("nothing was run, because it cannot be recorded: {}", refusal.message);
        Refusal::new(message).help(first + &help)
    })?;
    context.out.flush();
    driver.execute_recorded(&run_of, kept, context)
}

/// The program of a file, for a command that does not run it; `None`: it has errors, which have been reported.
pub(super) fn checked_file(
    file: &str,
    format: RunFormat,
    context: &mut CliContext,
) -> Result<Option<Program>, Refusal> {
    let named = NamedFile::read(file).map_err(|why| why.refusal(file))?;
    let configured = Configured::find(&named.folder())?;
    checked(&named, &mut Files::new(&named), &configured, (format, "nothing was run"), context)
}

/// The folder of the journal: the one that `runs`, `show`, `resume` and `answer` use in the current folder. If the
/// runbook's folder configures another, a note says so.
fn folder(of_runbook: &Configured, context: &mut CliContext) -> Result<PathBuf, Refusal> {
    let here = Configured::find(Path::new("."))?;
    let folder = store::folder(resuming::connections(&here)?)?;
    if let Some(file) = of_runbook.file.as_ref().filter(|_| of_runbook.file != here.file)
        && let Some(config) = &of_runbook.connections
        && let Ok(Some(named)) = config.store.folder()
        && named != folder
    {
        context.err.line(&clean(&format!(
            "the run is kept in {}, the journal of this folder: `[store]` of {file} applies to runs started there",
            folder.display()
        )));
    }
    Ok(folder)
}

/// Records the beginning of the run, and takes the lease on it.
fn begin(
    folder: &Path,
    driver: &RunSettings<'_>,
    run_of: &RunInputs<'_>,
    files: &Files,
) -> Result<RunJournal, Refusal> {
    let engine = store::engine(folder)?;
    let RunInputs { program, start, secrets } = run_of;
    let inputs = Inputs {
        program,
        start,
        sources: recorded_sources(program, |name| files.identity(name).to_owned()),
        providers: driver.config.catalogue().providers,
        by: driver.name.clone(),
        confirm: driver.confirm,
        secrets,
        dedupe: None,
    };
    let claimed = engine.begin(&inputs)?;
    Ok(RunJournal { engine, claimed, resumed: None })
}

/// The program, if it has no errors; `None`: it has errors, which have been reported.
pub(super) fn checked(
    named: &NamedFile,
    loader: &mut dyn Loader,
    configured: &Configured,
    (format, instead): (RunFormat, &str),
    context: &mut CliContext,
) -> Result<Option<Program>, Refusal> {
    if configured.connections.is_none() {
        print_diagnostics(&configured.diagnostics, &configured.sources, format, instead, context);
        return Err(Refusal::new(format!("the configuration has mistakes: {instead}")));
    }
    let source = Source::new(named.shown.as_str(), named.text.as_str());
    let catalogue = configured.catalogue();
    let today = || jiff::Zoned::now().date();
    let checked = check::check_on(source, &named.identity, loader, &catalogue, Some(today));
    if checked.diagnostics.iter().any(Diagnostic::is_error) {
        print_diagnostics(&checked.diagnostics, &checked.sources, format, instead, context);
        return Ok(None);
    }
    match (checked.kind, checked.program) {
        (FileKind::Runbook, Some(program)) => {
            warn(&checked.diagnostics, &checked.sources, context);
            Ok(Some(program))
        }
        (kind, _) => {
            print_diagnostics(&[no_runbook(kind)], &checked.sources, format, instead, context);
            Ok(None)
        }
    }
}

/// The program of a file, for a command that does not run it; `None`: it has errors, which have been reported.
/// `instead` says what is not done in that case.
pub(super) fn program_of(
    named: &NamedFile,
    loader: &mut dyn Loader,
    configured: &Configured,
    instead: &str,
    context: &mut CliContext,
) -> Result<Option<Program>, Refusal> {
    checked(named, loader, configured, (RunFormat::Pretty, instead), context)
}

/// The diagnostic for a file without mistakes that is not a runbook.
fn no_runbook(kind: FileKind) -> Diagnostic {
    let (message, label, help) = match kind {
        FileKind::Tests => (
            "this file holds tests, and is no runbook",
            "tests begin here",
            "run the runbook that it is about",
        ),
        FileKind::Library | FileKind::Runbook => (
            "this file is a library: it has no `runbook` line",
            "a runbook begins here",
            "write `runbook \"TITLE\"` above it, or run a file that takes this one in with `use`",
        ),
    };
    let place = Span::default().in_source(SourceId::default());
    Diagnostic::new(Code::NAME_FILE_KIND, message, place, label).help(help)
}

/// Prints the diagnostics on standard output: they are the only result.
fn print_diagnostics(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: RunFormat,
    instead: &str,
    context: &mut CliContext,
) {
    let mut summary = FindingsSummary { files: sources.iter().count(), ..FindingsSummary::default() };
    if format == RunFormat::Json {
        print::print(diagnostics, sources, FindingsFormat::Json, &mut context.out, &mut summary);
        context.out.line(&summary.json());
        return;
    }
    let form = FindingsFormat::Pretty(context.terminal.stderr);
    print::print(diagnostics, sources, form, &mut context.err, &mut summary);
    context.err.line(&format!("{summary}: {instead}"));
}

/// Prints the warnings, one line each.
fn warn(diagnostics: &[Diagnostic], sources: &Sources, context: &mut CliContext) {
    for diagnostic in diagnostics {
        context.err.line(&short(diagnostic, sources));
    }
}

/// The name, the parameters and the alert that the run starts with.
pub(super) fn start(asked: &StartArguments, program: &Program) -> Result<Start, Refusal> {
    let alert = asked.alert.as_deref().map(alert).transpose()?;
    let table = asked.params_file.as_deref().map(params::table).transpose()?;
    let texts = params::pairs(&asked.params)?;
    let given = ParamSources { texts: &texts, table: table.as_ref(), alert: alert.as_ref() };
    let params = read_params(program, &given).map_err(|errors| refused(&errors, program))?;
    Ok(Start { run_id: run_id::new().into(), params, alert, scheduled: None })
}

/// All errors about parameters, in one refusal.
fn refused(errors: &[ParamError], program: &Program) -> Refusal {
    let say = |error: &ParamError| {
        let place = error.declared.and_then(|place| {
            let source = program.sources().get(place.source)?;
            Some(format!(" ({}:{})", source.name(), source.line_column(place.span.start).line))
        });
        format!("{}{}", error.message, place.unwrap_or_default())
    };
    let message = errors.iter().map(say).collect::<Vec<_>>().join("\nrbl: ");
    let help: Vec<String> =
        errors.iter().filter_map(|error| error.help.as_ref()).map(ToString::to_string).collect();
    Refusal { message, help: (!help.is_empty()).then(|| help.join("\n")) }
}

fn alert(path: &Path) -> Result<Alert, Refusal> {
    let refuse = |why: &dyn std::fmt::Display| {
        Refusal::new(format!("cannot take the alert from `{}`: {why}", path.display()))
    };
    let text = files::read(path).map_err(|why| refuse(&why))?;
    Alert::from_webhook(&text).map_err(|why| {
        refuse(&why).help("give the body that Alertmanager sends to a webhook, with one firing alert")
    })
}
