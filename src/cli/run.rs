//! `rbl run FILE`: checks the runbook, and runs it in the real world.

use std::path::{Path, PathBuf};

use super::check::{CheckFindings, unreadable};
use super::execute::{RunInputs, RunJournal, RunSettings};
use super::{CliContext, CommandResult, resuming};
use crate::Exit;
use crate::cli::params::ParamTable;
use crate::cli::remote::{ServerArgument, run_there};
use crate::cli::store::StoreArgument;
use crate::cli::{live, params, store};
use clap::{Args, ValueEnum};
use rbl_check as check;
use rbl_check::{FileKind, Loader, Program};
use rbl_engine::{EngineError, Inputs, LimitPolicy, StartMode, named_secrets, recorded_sources, run_id};
use rbl_project::Refusal;
use rbl_project::files;
use rbl_project::files::{Files, NamedFile, UnreadableFile};
use rbl_report::findings::FindingsSummary;
use rbl_report::findings::print;
use rbl_report::findings::print::FindingsFormat;
use rbl_runtime::journal::{RunMode, reached_words};
use rbl_runtime::{Alert, AlertBody, ParamError, ParamSources, Start, read_params};
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
    /// What it may do unasked: only look, ask the owner's team before each machine action, or act as written
    #[arg(long, value_name = "MODE", default_value = "act", hide_default_value = true)]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(RunMode::WORDS))]
    pub mode: String,
    /// Ask before every action
    #[arg(long, conflicts_with_all = ["no_input", "server"])]
    pub confirm: bool,
    /// Never ask: a question parks the run (with --no-journal it has no answer)
    #[arg(long)]
    pub no_input: bool,
    /// Record nothing: the run cannot be resumed or shown later
    #[arg(long, conflicts_with = "server")]
    pub no_journal: bool,
    /// Name of the person who answers; the default is the system's user
    #[arg(long = "as", value_name = "NAME", conflicts_with = "server")]
    pub person: Option<String>,
    /// How the run is shown: pretty on a terminal, else plain
    #[arg(long, value_enum)]
    pub format: Option<RunFormat>,
    #[command(flatten)]
    pub store: StoreArgument,
    #[command(flatten)]
    pub server: ServerArgument,
}

/// The runbook, its parameters and its alert: what a run starts with.
#[derive(Debug, Args)]
pub(crate) struct StartArguments {
    /// The runbook, or `-`
    pub file: String,
    #[command(flatten)]
    pub values: StartValues,
}

/// The values that a runbook is given before it starts.
#[derive(Debug, Clone, Args)]
pub(crate) struct StartValues {
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
    if let Some(server) = asked.server.open()? {
        return run_there(&server, asked, format, context);
    }
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
        starter: asked.person.clone().unwrap_or_else(live::user),
        no_input: asked.no_input,
        confirm: asked.confirm,
    };
    let mode = RunMode::of(&asked.mode).unwrap_or(RunMode::Look);
    let run_of = RunInputs { program: &program, start: &start, secrets: named_secrets(&program) };
    if asked.no_journal {
        context
            .err
            .line("this run is not recorded: it cannot be resumed, replayed or shown later (--no-journal)");
        if program.shares_with_other_runs() {
            let line = "its locks and limits hold for no other run, and those of other runs not for it (--no-journal)";
            context.err.line(line);
        }
        context.out.flush();
        return driver.execute_unrecorded(&run_of, mode, &asked.store);
    }
    // A person who is there decides; where nobody is, the limit does.
    let policy = if terminal.person && !asked.no_input { LimitPolicy::Exceed } else { LimitPolicy::Refuse };
    let folder = folder(&configured, &asked.store, context);
    let kept = folder.and_then(|folder| begin(&folder, &driver, &run_of, (&files, policy, mode), context));
    let kept = match kept {
        Ok(Err(limited)) => return Err(limited.into()),
        Ok(Ok(kept)) => Ok(kept),
        Err(refusal) => Err(refusal),
    };
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
fn folder(
    of_runbook: &Configured,
    asked: &StoreArgument,
    context: &mut CliContext,
) -> Result<PathBuf, Refusal> {
    let here = Configured::find(Path::new("."))?;
    let folder = store::folder(resuming::connections(&here)?, asked)?;
    if asked.store.is_none()
        && let Some(file) = of_runbook.file.as_ref().filter(|_| of_runbook.file != here.file)
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

/// Records the beginning of the run, and takes the lease on it. The inner error: a limit of the runbook is reached.
fn begin(
    folder: &Path,
    driver: &RunSettings<'_>,
    run_of: &RunInputs<'_>,
    (files, policy, mode): (&Files, LimitPolicy, RunMode),
    context: &mut CliContext,
) -> Result<Result<RunJournal, EngineError>, Refusal> {
    let engine = store::engine(folder)?;
    if let Some(freeze) = engine.frozen().map_err(|why| store::refusal(&why))? {
        context.err.line(&clean(&format!("every run only looks: {freeze}")));
    }
    let RunInputs { program, start, secrets } = run_of;
    let inputs = Inputs {
        program,
        start,
        sources: recorded_sources(program, |name| files.identity(name).to_owned()),
        providers: driver.config.catalogue().providers,
        by: driver.name.clone(),
        confirm: driver.confirm,
        mode: StartMode::Given(mode),
        secrets,
        dedupe: None,
    };
    let started = match engine.start_within(&inputs, policy, true) {
        Ok(started) => started,
        Err(limited @ EngineError::LimitReached { .. }) => return Ok(Err(limited)),
        Err(why) => return Err(why.into()),
    };
    for over in &started.over {
        let words = reached_words(over);
        context.err.line(&format!("it ran {words}: going ahead, because a person starts it"));
    }
    let Some(claimed) = started.claimed else {
        return Err(EngineError::AlreadyStarted { run: started.run }.into());
    };
    Ok(Ok(RunJournal { engine, claimed, resumed: None }))
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
    let checked = check::check_on(source, &named.identity, loader, &catalogue, Some(&today));
    // A mistake in a test is reported by `rbl check` and `rbl test`, and keeps nothing from running.
    let found: Vec<Diagnostic> = checked.of_a_run().cloned().collect();
    if found.iter().any(Diagnostic::is_error) {
        print_diagnostics(&found, &checked.sources, format, instead, context);
        return Ok(None);
    }
    match (checked.kind, checked.runnable) {
        (FileKind::Runbook, Some(program)) => {
            warn(&found, &checked.sources, context);
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
    let values = asked.values.read()?;
    let alert = values.alert_for(program);
    let given = values.sources(alert.as_ref());
    let params = read_params(program, &given).map_err(|errors| refused(&errors, program))?;
    Ok(Start { run_id: run_id::new().into(), params, alert, ..Start::default() })
}

impl StartValues {
    /// Whether nothing is given.
    pub(crate) fn is_empty(&self) -> bool {
        self.params.is_empty() && self.params_file.is_none() && self.alert.is_none()
    }

    /// Reads the files that are named.
    pub(crate) fn read(&self) -> Result<GivenValues, Refusal> {
        Ok(GivenValues {
            alerts: self.alert.as_deref().map(alerts).transpose()?,
            table: self.params_file.as_deref().map(params::table).transpose()?,
            texts: params::pairs(&self.params)?,
        })
    }
}

/// [`StartValues`], read.
#[derive(Debug, Clone, Default)]
pub(crate) struct GivenValues {
    /// `--param NAME=VALUE`, in order.
    pub(crate) texts: Vec<(String, String)>,
    /// `--params FILE`.
    pub(crate) table: Option<ParamTable>,
    /// `--alert FILE`.
    pub(crate) alerts: Option<AlertBody>,
}

impl GivenValues {
    /// The alert that the run is about: the first firing one that the trigger of the runbook means.
    pub(crate) fn alert_for(&self, program: &Program) -> Option<Alert> {
        let trigger = program.runbook(program.main()).and_then(|runbook| runbook.trigger.as_ref());
        self.alerts.clone()?.meant(trigger)
    }

    /// The values, for the parameters of a program.
    pub(crate) fn sources<'a>(&'a self, alert: Option<&'a Alert>) -> ParamSources<'a> {
        ParamSources { texts: &self.texts, table: self.table.as_ref(), alert }
    }
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

/// Reads the firing alerts of a webhook body.
fn alerts(path: &Path) -> Result<AlertBody, Refusal> {
    let refuse = |why: &dyn std::fmt::Display| {
        Refusal::new(format!("cannot take the alert from `{}`: {why}", path.display()))
    };
    let text = files::read(path).map_err(|why| refuse(&why))?;
    AlertBody::read(&text).map_err(|why| {
        refuse(&why).help("give the body that Alertmanager sends to a webhook, with one firing alert")
    })
}
