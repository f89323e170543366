//! `rbl run FILE --server URL`: starts a runbook of the server there, and shows what it does.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rbl_project::Refusal;
use rbl_report::story::Clock;
use rbl_runtime::journal::{RunState, WaitsOn};
use rbl_runtime::{Event, EventKind, Observer, Outcome};
use rbl_syntax::value::Time;
use rbl_world::{Cancel, StopSignal};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::RemoteServer;
use crate::Exit;
use crate::cli::run::{RunArguments, RunFormat};
use crate::cli::{CliContext, CommandResult, execute, live};

/// How often it is looked for new events.
const LOOK: Duration = Duration::from_millis(500);

/// How soon Ctrl-C is noticed.
const SOON: Duration = Duration::from_millis(50);

/// How long a server that does not answer is asked again: it may start anew.
const PATIENCE: Duration = Duration::from_mins(1);

/// An event as the server gives it.
#[derive(Deserialize)]
struct RemoteEvent {
    #[serde(flatten)]
    event: Event,
    seq: u64,
    at: Time,
}

/// The run that is followed.
struct FollowedRun<'a> {
    server: &'a RemoteServer,
    run: String,
    now: Rc<Cell<Time>>,
    observer: Box<dyn Observer>,
    /// The last event that was shown.
    last: Option<u64>,
}

/// Starts a runbook on a server, and follows it to its end. Ctrl-C leaves the run alone.
pub(in crate::cli) fn run_there(
    server: &RemoteServer,
    asked: &RunArguments,
    format: RunFormat,
    context: &mut CliContext,
) -> CommandResult {
    if asked.begins.values.alert.is_some() {
        return Err(Refusal::new("`--alert` has no meaning with `--server`")
            .help("give the parameters with `--param`, or deliver the alert to a hook of the server"));
    }
    let given = asked.begins.values.read()?;
    let mut params: Map<String, Value> = given.table.unwrap_or_default();
    params.extend(given.texts.into_iter().map(|(name, text)| (name, Value::String(text))));
    let mut signals = live::cancel()?;
    let run = server.start(&asked.begins.file, &params, &asked.mode)?;
    context.err.line(&format!("run {run} was started at {}", server.url()));
    context.out.flush();
    let now = Rc::new(Cell::new(rbl_world::clock::now()));
    let time = Rc::clone(&now);
    let clock = Clock::recorded(move || time.get(), Instant::now());
    let observer = execute::printer(format, execute::stream(&context.terminal), clock, false);
    let mut followed = FollowedRun { server, run, now, observer, last: None };
    followed.follow(asked.no_input, &mut signals, context)
}

impl FollowedRun<'_> {
    fn follow(&mut self, no_input: bool, signals: &mut Cancel, context: &mut CliContext) -> CommandResult {
        let mut silent: Option<Instant> = None;
        loop {
            match self.show_new() {
                Ok(Some(outcome)) => return Ok(outcome.into()),
                Ok(None) => silent = None,
                Err(why) => {
                    let since = *silent.get_or_insert_with(|| {
                        context.err.line(&format!("{}; trying again", why.message));
                        Instant::now()
                    });
                    if since.elapsed() > PATIENCE {
                        return Err(Refusal::new(why.message).help(self.goes_on()));
                    }
                }
            }
            if silent.is_none()
                && no_input
                && let Some(waits_for) = self.waits_for_somebody()
            {
                self.observer.pauses();
                context.err.line(&format!("run {} waits for {waits_for}\n  {}", self.run, self.see()));
                return Ok(Exit::Waiting);
            }
            let look = Instant::now() + LOOK;
            while Instant::now() < look {
                match signals.take() {
                    None | Some(StopSignal::Suspend) => {}
                    Some(StopSignal::Interrupt | StopSignal::Terminate | StopSignal::HangUp) => {
                        self.observer.pauses();
                        context.err.line(&self.goes_on());
                        return Ok(Exit::Waiting);
                    }
                }
                std::thread::sleep(SOON);
            }
        }
    }

    /// Shows the events that have come; returns how the run ended, if it has.
    fn show_new(&mut self) -> Result<Option<Outcome>, Refusal> {
        let lines = self.server.events(&self.run, self.last)?;
        let mut outcome = None;
        for line in lines.lines().filter(|line| !line.is_empty()) {
            let read: RemoteEvent = self.server.parsed(line)?;
            self.last = Some(read.seq);
            self.now.set(read.at);
            self.observer.event(&read.event);
            if let EventKind::Ended { outcome: ended, .. } = &read.event.kind {
                outcome = Some(*ended);
            }
        }
        self.observer.pauses();
        Ok(outcome)
    }

    /// What the run waits for, if that is somebody.
    fn waits_for_somebody(&self) -> Option<String> {
        match self.server.run(&self.run).ok()?.0.state {
            RunState::Parked(parked) if matches!(parked.on, WaitsOn::Person | WaitsOn::Hand) => {
                Some(parked.waits_for)
            }
            RunState::Stuck { why } => Some(why),
            _ => None,
        }
    }

    fn goes_on(&self) -> String {
        format!("run {} goes on at the server; nothing was done to it\n  {}", self.run, self.see())
    }

    fn see(&self) -> String {
        format!("see it: rbl show {} --server {}", self.run, self.server.url())
    }
}
