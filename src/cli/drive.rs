//! Runs a runbook in the real world. A new run, a resumed run and a run without a journal pass through the same
//! layers: [`Driver`] holds the settings, [`Driven`] the run, [`Kept`] its place in the journal.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::Context;
use super::run::RunFormat;
use crate::Exit;
use crate::cli::live;
use crate::cli::live::Present;
use rbl_check::{Program, Runbook};
use rbl_project::Refusal;
use rbl_report::story::{Clock, Json, Page, Plain, Sink};
use rbl_runtime as run;
use rbl_runtime::Secrets;
use rbl_runtime::journal::{Entry, Journal, Lease, Options, Own, Record, Signal, Stamp, Stopped, Store};
use rbl_runtime::layers::asking;
use rbl_runtime::{Ended, Observer, Start};
use rbl_syntax::tree::SecretSource;
use rbl_syntax::value::SecretRef;
use rbl_terminal::Output;
use rbl_terminal::Terminal;
use rbl_terminal::{Console, Look};
use rbl_world::Connections;

/// How a run is executed and shown.
pub(super) struct Driver<'a> {
    pub(super) config: &'a Connections,
    pub(super) terminal: Terminal,
    pub(super) format: RunFormat,
    /// The name of the person who answers.
    pub(super) name: String,
    /// Ask nobody, and do not sit out a wait.
    pub(super) no_input: bool,
    /// Ask for confirmation before every action.
    pub(super) confirm: bool,
}

/// The run to execute.
pub(super) struct Driven<'a> {
    pub(super) program: &'a Program,
    pub(super) start: &'a Start,
    pub(super) secrets: Secrets,
}

/// The journal of the run, with the records so far.
pub(super) struct Kept {
    pub(super) store: Arc<dyn Store>,
    pub(super) lease: Lease,
    pub(super) loaded: (Vec<Record>, Vec<Signal>),
    /// Who resumes the run; `None` in its first turn.
    pub(super) resumed: Option<Own>,
}

impl Driver<'_> {
    /// The output format, unless the command line gives one.
    pub(super) fn format(asked: Option<RunFormat>, terminal: &Terminal) -> RunFormat {
        let pretty = terminal.stdout_is_terminal && !terminal.ci;
        asked.unwrap_or(if pretty { RunFormat::Pretty } else { RunFormat::Plain })
    }

    fn people(&self) -> Present {
        Present { name: self.name.clone(), present: self.terminal.person && !self.no_input }
    }

    fn console(&self) -> Console {
        let moves = self.format == RunFormat::Pretty && self.terminal.stdout_is_terminal;
        live::console(&self.terminal, moves)
    }

    /// Executes the run, and records nothing.
    pub(super) fn unkept(&self, driven: &Driven<'_>) -> Result<Exit, Refusal> {
        let console = self.console();
        let world = live::world(self.config, &console, &self.people(), &driven.secrets)?;
        let mut observer = self.observer(&console, live::story_clock(), false);
        let mut world = asking(world, self.confirm);
        let ended = run::run(driven.program, driven.start, &mut world, &mut observer);
        console.status(None);
        Ok(ended.outcome.into())
    }

    /// Executes the run from where it stopped, and records everything.
    pub(super) fn kept(
        &self,
        driven: &Driven<'_>,
        kept: Kept,
        context: &mut Context,
    ) -> Result<Exit, Refusal> {
        let console = self.console();
        let world = live::world(self.config, &console, &self.people(), &driven.secrets)?;
        let stamp = Stamp::default();
        let observer = self.observer(&console, clock(&stamp), true);
        let secrets = driven.secrets.clone();
        let options = Options {
            redact: Rc::new(move |entry: &Entry| secrets.redacted(entry)),
            parks_sleeps: self.no_input,
            stamp,
            ..Options::default()
        };
        let journal = Journal::new(kept.store, kept.lease, kept.loaded, kept.resumed, options, observer);
        let mut world = asking(journal.world(world), self.confirm);
        let ended = run::run(driven.program, driven.start, &mut world, &mut journal.observer());
        console.status(None);
        Ok(said(&journal, &ended, driven.start, context))
    }

    /// The observer that prints the run. `kept`: the closing panel says how to resume it.
    pub(super) fn observer(&self, console: &Console, clock: Clock, kept: bool) -> Box<dyn Observer> {
        let one_screen = self.terminal.stdout_is_terminal && self.terminal.stderr_is_terminal;
        let sink = if one_screen && self.format != RunFormat::Json {
            Sink::Screen(console.clone())
        } else {
            stream(&self.terminal)
        };
        teller(self.format, sink, clock, kept)
    }
}

/// A sink on standard output, with nothing else on it.
pub(super) fn stream(terminal: &Terminal) -> Sink {
    let style = terminal.stdout;
    let look = Look { color: style.color, unicode: style.unicode, moves: false };
    Sink::Stream { output: Output::stdout(), look, width: style.width }
}

/// The observer that prints a run in this format.
pub(super) fn teller(format: RunFormat, sink: Sink, clock: Clock, kept: bool) -> Box<dyn Observer> {
    match format {
        RunFormat::Pretty => {
            let page = Page::new(sink, clock);
            Box::new(if kept { page.kept() } else { page })
        }
        RunFormat::Plain => {
            let plain = Plain::new(sink, clock);
            Box::new(if kept { plain.kept() } else { plain })
        }
        RunFormat::Json => Box::new(Json::new(sink, clock)),
    }
}

/// A clock that reads the time of the last record; without one, the current time.
pub(super) fn clock(stamp: &Stamp) -> Clock {
    let stamp = stamp.clone();
    Clock::recorded(move || stamp.time().unwrap_or_else(rbl_world::clock::now), Instant::now())
}

/// Ends the turn, and reports what the story does not say.
fn said(journal: &Journal, ended: &Ended, start: &Start, context: &mut Context) -> Exit {
    let run = &start.run_id;
    match journal.end(ended) {
        Ok(None) => ended.outcome.into(),
        Ok(Some(Stopped::Fenced { by })) => {
            let by = by.unwrap_or_else(|| "another process".to_owned());
            let refusal = Refusal::new(format!("{by} now holds run {run}: nothing more is done here"));
            context.err.line(&refusal.help(format!("rbl show {run}")).to_string());
            Exit::Cannot
        }
        Ok(Some(Stopped::Stuck(difference))) => {
            let why = format!("run {run} cannot be resumed: {difference}");
            let help = format!("`rbl show {run}` shows what was done; nothing was done now");
            context.err.line(&Refusal::new(why).help(help).to_string());
            Exit::Cannot
        }
        Err(why) => {
            let why = format!("the end of run {run} could not be recorded: {why}");
            let help = format!("make the journal writable, then: rbl resume {run}");
            context.err.line(&Refusal::new(why).help(help).to_string());
            ended.outcome.into()
        }
    }
}

/// The secrets that the program names by plain text. Their values are masked in the record from the start. A secret
/// that cannot be read is reported by the run.
pub(super) fn secrets(program: &Program) -> Secrets {
    let secrets = Secrets::new();
    let mut waiting = vec![program.main()];
    let mut seen: Vec<*const Runbook> = Vec::new();
    while let Some(runbook) = waiting.pop().and_then(|id| program.runbook(id)) {
        if seen.contains(&Arc::as_ptr(runbook)) {
            continue;
        }
        seen.push(Arc::as_ptr(runbook));
        waiting.extend(runbook.runs.values().copied());
        for secret in runbook.secrets.values() {
            let from = match &secret.source {
                SecretSource::Env(name) => name.literal().map(|name| SecretRef::Env(name.into())),
                SecretSource::File(path) => path.literal().map(|path| SecretRef::File(path.into())),
            };
            let _ = from.map(|from| rbl_world::secrets::resolve(&secrets, &from));
        }
    }
    secrets
}
