//! Another turn of an existing run: finds the run, checks its state, and resumes it.

use std::path::Path;

use super::drive::{Driven, Driver, Kept};
use super::run::RunFormat;
use super::{Context, Done};
use crate::Exit;
use crate::cli::{live, store};
use rbl_engine::{Beginning, ClockBehind, Engine, named_secrets};
use rbl_project::Refusal;
use rbl_runtime::journal::{Filter, RunQuery, State, StoreError, Summary};
use rbl_store::SqliteLook;
use rbl_syntax::value::Time;
use rbl_syntax::value::Took;
use rbl_world::Configured;
use rbl_world::Connections;

/// The number of runs listed when several ids match.
const CANDIDATES: usize = 10;

/// The settings for resuming a run.
pub(super) struct Turn {
    pub(super) name: String,
    pub(super) confirm: bool,
    pub(super) no_input: bool,
    pub(super) format: Option<RunFormat>,
}

/// The journal of the current folder.
pub(super) struct Runs {
    pub(super) folder: std::path::PathBuf,
    pub(super) look: SqliteLook,
}

impl Runs {
    /// Opens the journal for reading.
    pub(super) fn here() -> Result<Self, Refusal> {
        let configured = Configured::find(Path::new("."))?;
        let config = connections(&configured)?;
        let folder = store::folder(config)?;
        let look = store::look(&folder)?;
        Ok(Self { folder, look })
    }

    /// Finds a run by its id, the start of its id, or `last`.
    pub(super) fn find(&self, meant: &str) -> Result<Summary, Refusal> {
        let told = |why: StoreError| store::refusal(&why);
        let found = if meant == "last" {
            self.look.list(&Filter { limit: Some(1), ..Filter::default() })
        } else {
            self.look.find(meant, CANDIDATES + 1)
        };
        let mut found = found.map_err(told)?;
        if let Some(at) = found.iter().position(|it| it.run == meant) {
            return Ok(found.swap_remove(at));
        }
        match found.as_slice() {
            [] if meant == "last" => Err(Refusal::new("there is no run yet")),
            [] => Err(told(StoreError::NoSuchRun(meant.into()))),
            [one] => Ok(one.clone()),
            several => {
                let line = |run: &Summary| format!("{}  {}  {}", run.run, run.state.word(), run.runbook);
                let lines: Vec<String> = several.iter().take(CANDIDATES).map(line).collect();
                let more = if several.len() > CANDIDATES { "\nand more" } else { "" };
                Err(Refusal::new(format!("several runs begin with `{meant}`: type more of the id"))
                    .help(format!("{}{more}", lines.join("\n"))))
            }
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
pub(super) fn stands_in_the_way(summary: &Summary, context: &mut Context) -> Result<Option<Exit>, Refusal> {
    let run = &summary.run;
    match &summary.state {
        State::Ended { outcome, message } => {
            context.err.line(&format!("run {run} has ended: {outcome}, {message}\n  see it: rbl show {run}"));
            Ok(Some((*outcome).into()))
        }
        State::Running { by } => {
            Err(Refusal::new(format!("run {run} is held by {by}")).help(format!("rbl show {run}")))
        }
        State::Parked { until: Some(until), .. } => {
            let now = Time(jiff::Timestamp::now());
            let left = until.since(now).base;
            // If the clock was set back in the meantime, `until` is too far in the future: the wait is counted again
            // from now.
            if left <= 0.0 || summary.changed > now {
                return Ok(None);
            }
            let left = Took(left);
            context.err.line(&format!("run {run} waits until {until}, for another {left}: rbl resume {run}"));
            Ok(Some(Exit::SetAside))
        }
        State::Parked { until: None, .. } | State::CutOff | State::Stuck { .. } => Ok(None),
    }
}

/// Resumes the run in this process.
pub(super) fn go_on(engine: Engine, run: &str, turn: &Turn, context: &mut Context) -> Done {
    let claimed = engine.claim(run)?;
    let beginning = claimed.beginning()?;
    let begun = &beginning.begun;
    for note in notes(&beginning) {
        context.err.line(&note);
    }
    let program = beginning.program()?;
    let config = rbl_engine::connections(begun)?;
    let terminal = context.terminal;
    let driver = Driver {
        config: &config,
        terminal,
        format: Driver::format(turn.format, &terminal),
        name: turn.name.clone(),
        no_input: turn.no_input,
        confirm: begun.confirm,
    };
    if turn.confirm && !begun.confirm {
        return Err(Refusal::new("the run did not begin with --confirm, and its questions are part of it")
            .help(format!("rbl resume {run}")));
    }
    let start = begun.start();
    let run_of = Driven { program: &program, start: &start, secrets: named_secrets(&program) };
    context.out.flush();
    let resumed = Some(beginning.resumed(&turn.name));
    driver.kept(&run_of, Kept { engine, claimed, resumed }, context)
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
