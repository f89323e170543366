//! Another turn of an existing run: finds the run, checks its state, and resumes it.

use std::path::Path;

use super::execute::{RunInputs, RunJournal, RunSettings};
use super::run::RunFormat;
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::store::StoreArgument;
use crate::cli::{live, store};
use rbl_engine::{Beginning, ClaimedRun, ClockBehind, Engine, named_secrets};
use rbl_project::Refusal;
use rbl_runtime::journal::{Filter, ParkedState, RunQuery, RunState, RunSummary, StoreError, WaitsOn};
use rbl_store::SqliteReader;
use rbl_syntax::value::Time;
use rbl_syntax::value::Took;
use rbl_world::Configured;
use rbl_world::Connections;

/// The number of runs listed when several ids match.
pub(super) const CANDIDATES: usize = 10;

/// The settings for resuming a run.
pub(super) struct ResumeSettings {
    pub(super) name: String,
    pub(super) confirm: bool,
    pub(super) no_input: bool,
    pub(super) format: Option<RunFormat>,
}

/// The journal of the current folder.
pub(super) struct FolderJournal {
    pub(super) folder: std::path::PathBuf,
    pub(super) look: SqliteReader,
}

impl FolderJournal {
    /// Opens the journal for reading.
    pub(super) fn here(asked: &StoreArgument) -> Result<Self, Refusal> {
        let configured = Configured::find(Path::new("."))?;
        let config = connections(&configured)?;
        let folder = store::folder(config, asked)?;
        let look = store::open_reader(&folder)?;
        Ok(Self { folder, look })
    }

    /// Finds a run by its id, the start of its id, or `last`.
    pub(super) fn find(&self, meant: &str) -> Result<RunSummary, Refusal> {
        let refuse = |why: StoreError| store::refusal(&why);
        let found = if meant == "last" {
            self.look.list(&Filter { limit: Some(1), ..Filter::default() })
        } else {
            self.look.find(meant, CANDIDATES + 1)
        };
        chosen(meant, found.map_err(refuse)?)
    }
}

/// The run that is meant, of those whose id begins so: with `last`, of the newest one.
pub(super) fn chosen(meant: &str, mut found: Vec<RunSummary>) -> Result<RunSummary, Refusal> {
    if let Some(at) = found.iter().position(|it| it.run == meant) {
        return Ok(found.swap_remove(at));
    }
    match found.as_slice() {
        [] if meant == "last" => Err(Refusal::new("there is no run yet")),
        [] => Err(store::refusal(&StoreError::NoSuchRun(meant.into()))),
        [one] => Ok(one.clone()),
        [newest, ..] if meant == "last" => Ok(newest.clone()),
        several => {
            let line = |run: &RunSummary| format!("{}  {}  {}", run.run, run.state.word(), run.runbook);
            let lines: Vec<String> = several.iter().take(CANDIDATES).map(line).collect();
            let more = if several.len() > CANDIDATES { "\nand more" } else { "" };
            Err(Refusal::new(format!("several runs begin with `{meant}`: type more of the id"))
                .help(format!("{}{more}", lines.join("\n"))))
        }
    }
}

/// The configuration, if it has no mistakes.
pub(super) fn connections(configured: &Configured) -> Result<&Connections, Refusal> {
    configured
        .connections
        .as_ref()
        .ok_or_else(|| Refusal::new("the configuration has mistakes, so nothing was done").help("rbl check"))
}

/// Why a run cannot be resumed now, given its state; `None`: it can be.
pub(super) fn why_not_resumable(
    summary: &RunSummary,
    context: &mut CliContext,
) -> Result<Option<Exit>, Refusal> {
    let run = &summary.run;
    match &summary.state {
        RunState::Ended { outcome, message } => {
            context.err.line(&format!("run {run} has ended: {outcome}, {message}\n  see it: rbl show {run}"));
            Ok(Some((*outcome).into()))
        }
        RunState::Running { by } => {
            Err(Refusal::new(format!("run {run} is held by {by}")).help(format!("rbl show {run}")))
        }
        RunState::Parked(ParkedState { until: Some(until), on: WaitsOn::Time, .. }) => {
            let now = Time(jiff::Timestamp::now());
            let left = until.since(now).base;
            // If the clock was set back in the meantime, `until` is too far in the future: the wait is counted again
            // from now.
            if left <= 0.0 || summary.changed > now {
                return Ok(None);
            }
            let left = Took(left);
            context.err.line(&format!("run {run} waits until {until}, for another {left}: rbl resume {run}"));
            Ok(Some(Exit::Waiting))
        }
        RunState::Queued { .. }
        | RunState::Parked(_)
        | RunState::Answered(_)
        | RunState::CutOff
        | RunState::Stuck { .. } => Ok(None),
    }
}

/// Resumes the run in this process.
pub(super) fn go_on(
    engine: Engine,
    (look, run): (&SqliteReader, &str),
    turn: &ResumeSettings,
    context: &mut CliContext,
) -> CommandResult {
    // One that this rbl cannot walk is left as it is.
    let (records, _) = look.read(run).map_err(|why| store::refusal(&why))?;
    rbl_engine::walkable(&records)?;
    let claimed = engine.claim(run)?;
    go_on_claimed(engine, claimed, turn, context)
}

/// Resumes the run after something was recorded of it: where that is refused, what was `recorded` stays.
pub(super) fn go_on_after(
    recorded: &str,
    engine: Engine,
    run: (&SqliteReader, &str),
    turn: &ResumeSettings,
    context: &mut CliContext,
) -> CommandResult {
    go_on(engine, run, turn, context).map_err(|refusal| Refusal {
        message: format!("{recorded}, but the run is not resumed here: {}", refusal.message),
        help: refusal.help,
    })
}

/// Resumes a run that this process has claimed.
pub(super) fn go_on_claimed(
    engine: Engine,
    claimed: ClaimedRun,
    turn: &ResumeSettings,
    context: &mut CliContext,
) -> CommandResult {
    let run = claimed.run().clone();
    let beginning = claimed.beginning()?;
    let begun = &beginning.begun;
    for note in notes(&beginning) {
        context.err.line(&note);
    }
    let program = beginning.program()?;
    let config = rbl_engine::connections(begun)?;
    let terminal = context.terminal;
    let driver = RunSettings {
        config: &config,
        terminal,
        format: RunSettings::format(turn.format, &terminal),
        name: turn.name.clone(),
        starter: begun.by.clone(),
        no_input: turn.no_input,
        confirm: begun.confirm,
    };
    if turn.confirm && !begun.confirm {
        return Err(Refusal::new("the run did not begin with --confirm, and its questions are part of it")
            .help(format!("rbl resume {run}")));
    }
    let start = begun.start();
    let run_of = RunInputs { program: &program, start: &start, secrets: named_secrets(&program) };
    context.out.flush();
    let resumed = Some(beginning.resumed(&turn.name));
    driver.execute_recorded(&run_of, RunJournal { engine, claimed, resumed }, context)
}

/// What is different now from when the run was recorded.
pub(super) fn notes(beginning: &Beginning) -> Vec<String> {
    let changed = beginning
        .changed
        .iter()
        .map(|name| format!("{name} has changed since the run began: it continues with its original text"));
    let behind = beginning.behind.map(|ClockBehind { by, last }| {
        format!(
            "the clock is {by} behind the last record of the run ({last}): a wait is counted again from now"
        )
    });
    changed.chain(behind).collect()
}

/// The name of the person who answers: the given name, else the system's user.
pub(super) fn name(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(live::user)
}
