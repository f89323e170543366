//! Runs a runbook in the real world. A new run, a resumed run and a run without a journal pass through the same
//! layers: [`RunSettings`] holds the settings, [`RunInputs`] the run, [`RunJournal`] its place in the journal.

use std::sync::Arc;
use std::time::Instant;

use super::CliContext;
use super::run::RunFormat;
use crate::Exit;
use crate::cli::live;
use crate::cli::live::RunPeople;
use crate::cli::store;
use crate::cli::store::StoreArgument;
use rbl_check::Program;
use rbl_engine::{ClaimedRun, Engine, ModeGate, RunbookModes, TurnEnd, TurnSettings};
use rbl_project::Refusal;
use rbl_report::story::{Clock, Json, PagePrinter, Plain, Sink};
use rbl_runtime as run;
use rbl_runtime::Secrets;
use rbl_runtime::journal::{JournalEvent, RunMode, Stamp, StoreError, WORTH_PARKING};
use rbl_runtime::layers::{WithoutJournal, asking};
use rbl_runtime::{Observer, Start};
use rbl_store::SqliteReader;
use rbl_terminal::Output;
use rbl_terminal::Terminal;
use rbl_terminal::{Console, Look};
use rbl_world::Connections;

/// How a run is executed and shown.
pub(super) struct RunSettings<'a> {
    pub(super) config: &'a Connections,
    pub(super) terminal: Terminal,
    pub(super) format: RunFormat,
    /// The name of the person who answers.
    pub(super) name: String,
    /// Who started the run.
    pub(super) starter: String,
    /// Ask nobody, and do not sit out a wait.
    pub(super) no_input: bool,
    /// Ask for confirmation before every action.
    pub(super) confirm: bool,
}

/// The run to execute.
pub(super) struct RunInputs<'a> {
    pub(super) program: &'a Program,
    pub(super) start: &'a Start,
    pub(super) secrets: Secrets,
}

/// The run in the journal, claimed.
pub(super) struct RunJournal {
    pub(super) engine: Engine,
    pub(super) claimed: ClaimedRun,
    /// Who resumes the run; `None` in its first turn.
    pub(super) resumed: Option<JournalEvent>,
}

impl RunSettings<'_> {
    /// The output format, unless the command line gives one.
    pub(super) fn format(asked: Option<RunFormat>, terminal: &Terminal) -> RunFormat {
        let pretty = terminal.stdout_is_terminal && !terminal.ci;
        asked.unwrap_or(if pretty { RunFormat::Pretty } else { RunFormat::Plain })
    }

    fn people(&self) -> RunPeople {
        RunPeople {
            name: self.name.clone(),
            present: self.terminal.person && !self.no_input,
            starter: Some(self.starter.clone()),
        }
    }

    fn console(&self) -> Console {
        let moves = self.format == RunFormat::Pretty && self.terminal.stdout_is_terminal;
        live::console(&self.terminal, moves)
    }

    /// Executes the run in this mode, and records nothing. Whether every run is frozen still counts.
    pub(super) fn execute_unrecorded(
        &self,
        driven: &RunInputs<'_>,
        mode: RunMode,
        place: &StoreArgument,
    ) -> Result<Exit, Refusal> {
        let console = self.console();
        let world = live::world(self.config, &console, &self.people(), &driven.secrets)?;
        let world = WithoutJournal::new(world);
        let mut observer = self.observer(&console, live::story_clock(), false);
        // A journal that cannot be read keeps nothing from running: there may be none at all.
        let reader = store::folder(self.config, place).and_then(|folder| store::open_reader(&folder)).ok();
        let frozen = move || reader.as_ref().map_or(Ok(None), SqliteReader::frozen);
        let (world, asks_mode) = ModeGate::unrecorded(world, driven.program, mode, frozen);
        let start = Start { asks_mode, ..driven.start.clone() };
        let mut world = asking(world, self.confirm);
        let ended = run::run(driven.program, &start, &mut world, &mut observer);
        console.status(None);
        Ok(ended.outcome.into())
    }

    /// Executes the run from where it stopped, and records everything.
    pub(super) fn execute_recorded(
        &self,
        driven: &RunInputs<'_>,
        kept: RunJournal,
        context: &mut CliContext,
    ) -> Result<Exit, Refusal> {
        let console = self.console();
        let cancel = live::cancel()?;
        let sender = cancel.sender();
        let world = live::world_of(cancel, self.config, &console, &self.people(), &driven.secrets);
        let stamp = Stamp::default();
        let observer = self.observer(&console, clock(&stamp), true);
        let turn = TurnSettings {
            program: driven.program,
            start: driven.start,
            secrets: driven.secrets.clone(),
            confirm: self.confirm,
            parks_sleeps: self.no_input,
            worth_parking: WORTH_PARKING,
            teams: Arc::clone(&self.config.team_rules),
            alone: false,
            stamp,
            resumed: kept.resumed,
            cancel: sender,
        };
        let modes = Arc::new(RunbookModes::beside(self.config)?);
        let ended = kept.engine.with_modes(modes).turn(kept.claimed, turn, world, observer);
        console.status(None);
        let (exit, refusal) = verdict(&ended, &driven.start.run_id);
        if let Some(refusal) = refusal {
            context.err.line(&refusal.to_string());
        }
        Ok(exit)
    }

    /// The observer that prints the run. `kept`: the closing panel says how to resume it.
    pub(super) fn observer(&self, console: &Console, clock: Clock, kept: bool) -> Box<dyn Observer> {
        let one_screen = self.terminal.stdout_is_terminal && self.terminal.stderr_is_terminal;
        let sink = if one_screen && self.format != RunFormat::Json {
            Sink::Screen(console.clone())
        } else {
            stream(&self.terminal)
        };
        printer(self.format, sink, clock, kept)
    }
}

/// A sink on standard output, with nothing else on it.
pub(super) fn stream(terminal: &Terminal) -> Sink {
    let style = terminal.stdout;
    let look = Look { color: style.color, unicode: style.unicode, moves: false };
    Sink::Stream { output: Output::stdout(), look, width: style.width }
}

/// The observer that prints a run in this format.
pub(super) fn printer(format: RunFormat, sink: Sink, clock: Clock, kept: bool) -> Box<dyn Observer> {
    match format {
        RunFormat::Pretty => {
            let page = PagePrinter::new(sink, clock);
            Box::new(if kept { page.resumable() } else { page })
        }
        RunFormat::Plain => {
            let plain = Plain::new(sink, clock);
            Box::new(if kept { plain.resumable() } else { plain })
        }
        RunFormat::Json => Box::new(Json::new(sink, clock)),
    }
}

/// A clock that reads the time of the last record; without one, the current time.
pub(super) fn clock(stamp: &Stamp) -> Clock {
    let stamp = stamp.clone();
    Clock::recorded(move || stamp.time().unwrap_or_else(rbl_world::clock::now), Instant::now())
}

/// The exit code of a turn, and what its story does not say.
pub(super) fn verdict(end: &TurnEnd, run: &str) -> (Exit, Option<Refusal>) {
    match end {
        TurnEnd::Ended(ended) => (ended.outcome.into(), None),
        TurnEnd::Fenced { by } => {
            let by = by.as_deref().unwrap_or("another process");
            let refusal = Refusal::new(format!("{by} now holds run {run}: nothing more is done here"));
            (Exit::Cannot, Some(refusal.help(format!("rbl show {run}"))))
        }
        TurnEnd::Stuck(difference) => {
            let why = format!("run {run} cannot be resumed: {difference}");
            let help = format!("`rbl show {run}` shows what was done; nothing was done now");
            (Exit::Cannot, Some(Refusal::new(why).help(help)))
        }
        TurnEnd::NotRecorded { ended, why } => {
            let first = if matches!(why, StoreError::Corrupt(_)) {
                "bring its records back"
            } else {
                "make the journal writable"
            };
            let why = format!("the end of run {run} could not be recorded: {why}");
            let help = format!("{first}, then: rbl resume {run}");
            (ended.outcome.into(), Some(Refusal::new(why).help(help)))
        }
    }
}
