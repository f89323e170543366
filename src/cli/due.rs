//! `rbl resume --due`: resumes every run whose time has come, was answered, or was left behind by a process that died.

use std::sync::{Arc, Mutex, PoisonError};

use super::execute::verdict;
use super::live::RunPeople;
use super::resume::ResumeArguments;
use super::resuming::{self, FolderJournal, notes};
use super::{CliContext, CommandResult};
use crate::Exit;
use crate::cli::{live, store};
use rbl_engine::{
    ClaimedRun, Engine, EngineError, PreparedTurn, RunbookModes, TurnEnd, TurnSettings, Turns, Until, Work,
    WorkPlace, Yielding, named_secrets, work,
};
use rbl_project::Refusal;
use rbl_runtime::NoObserver;
use rbl_runtime::journal::{Stamp, WORTH_PARKING};
use rbl_store::Sqlite;
use rbl_syntax::clean;
use rbl_terminal::Console;
use rbl_world::{StopSignal, clock};
use smol_str::SmolStr;

/// The number of runs resumed at once: most of them wait for the network or a command.
const AT_ONCE: usize = 8;

/// When a run that cannot be resumed now is due again, in seconds.
const AGAIN: f64 = 60.0;

/// The width of the longest word, `escalated`.
const WORD: usize = 9;

/// Resumes what is due, and prints a line for each run. Nobody is asked: several runs would ask at once.
pub(super) fn due(asked: &ResumeArguments, context: &mut CliContext) -> CommandResult {
    let runs = FolderJournal::here(&asked.store)?;
    if !Sqlite::file(&runs.folder).exists() {
        return Ok(Exit::Fine);
    }
    let engine = store::engine(&runs.folder)?;
    let console = live::console(&context.terminal, false);
    let people = RunPeople { name: resuming::name(asked.person.as_ref()), present: false, starter: None };
    let mut signals = live::cancel()?;
    let due = Due {
        engine: &engine,
        console,
        people,
        shown: Mutex::new(TurnOutput { context, worst: Exit::Fine }),
    };
    let settings = Work { at_once: AT_ONCE, until: Until::NothingIsDue };
    // The runs hear the signals themselves; here they end the claiming.
    let stop = || signals.take().is_some_and(|signal| signal != StopSignal::Suspend);
    let worked = work(&engine, settings, &due, stop);
    let worst = due.shown.into_inner().unwrap_or_else(PoisonError::into_inner).worst;
    // The refusal was printed when it came.
    Ok(if worked.is_err() { worse(worst, Exit::Cannot) } else { worst })
}

/// What is done with each run that is due.
struct Due<'a> {
    engine: &'a Engine,
    console: Console,
    people: RunPeople,
    shown: Mutex<TurnOutput<'a>>,
}

/// What was printed so far.
struct TurnOutput<'a> {
    context: &'a mut CliContext,
    worst: Exit,
}

impl Due<'_> {
    /// Resumes the run, or gives it back.
    fn resume(&self, claimed: ClaimedRun, place: &WorkPlace) {
        let run = claimed.run().clone();
        let prepared = claimed.prepared().and_then(|prepared| {
            let modes = RunbookModes::beside(&prepared.connections).map_err(EngineError::Unconfigured)?;
            Ok((prepared, modes, live::cancel().map_err(EngineError::Unconfigured)?))
        });
        let (PreparedTurn { beginning, program, connections }, modes, cancel) = match prepared {
            Ok(prepared) => prepared,
            Err(why) => return self.give_back(claimed, why),
        };
        for note in notes(&beginning) {
            self.err(&format!("run {run}: {note}"));
        }
        let start = beginning.begun.start();
        let secrets = named_secrets(&program);
        let settings = TurnSettings {
            program: &program,
            start: &start,
            secrets: secrets.clone(),
            confirm: beginning.begun.confirm,
            parks_sleeps: true,
            worth_parking: WORTH_PARKING,
            teams: Arc::clone(&connections.team_rules),
            alone: true,
            stamp: Stamp::default(),
            resumed: Some(beginning.resumed(&self.people.name)),
            cancel: cancel.sender(),
        };
        let world = live::world_of(cancel, &connections, &self.console, &self.people, &secrets);
        let world = Yielding::new(world, place);
        let engine = self.engine.clone().with_modes(Arc::new(modes));
        let end = engine.turn(claimed, settings, world, Box::new(NoObserver));
        let (exit, refusal) = verdict(&end, &run);
        if let TurnEnd::Ended(ended) | TurnEnd::NotRecorded { ended, .. } = &end {
            let file = beginning.begun.sources.first().map_or("", |source| source.name.as_str());
            let message = ended.message.replace('\n', " ");
            let outcome = ended.outcome.word();
            self.out(&clean(&format!("{run}  {outcome:<WORD$}  {file}: {message}")));
        }
        self.ended(exit, refusal);
    }

    /// Gives a run back that cannot be resumed now: until later, or for good.
    fn give_back(&self, claimed: ClaimedRun, why: EngineError) {
        let run = claimed.run().clone();
        let given = if why.is_lasting() {
            claimed.stuck(&why.to_string())
        } else {
            let now = clock::now();
            claimed.put_off(now.plus(AGAIN).unwrap_or(now), &why.to_string())
        };
        self.not_resumed(&run, why);
        if let Err(why) = given {
            self.not_resumed(&run, why);
        }
    }

    fn not_resumed(&self, run: &str, why: EngineError) {
        let Refusal { message, help } = why.into();
        self.ended(
            Exit::Cannot,
            Some(Refusal { message: format!("run {run} is not resumed: {message}"), help }),
        );
    }

    fn ended(&self, exit: Exit, refusal: Option<Refusal>) {
        if let Some(refusal) = refusal {
            self.err(&refusal.to_string());
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.worst = worse(shown.worst, exit);
    }

    fn out(&self, line: &str) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.context.out.line(line);
        shown.context.out.flush();
    }

    fn err(&self, line: &str) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).context.err.line(line);
    }
}

impl Turns for Due<'_> {
    fn turn(&self, claimed: ClaimedRun, place: &WorkPlace) {
        self.resume(claimed, place);
    }

    fn unreadable(&self, why: &EngineError) {
        self.ended(Exit::Cannot, Some(why.clone().into()));
    }

    fn refused(&self, why: &EngineError) {
        self.ended(Exit::Cannot, Some(why.clone().into()));
    }

    fn panicked(&self, run: &SmolStr) {
        // What happened was reported where it happened.
        self.err(&clean(&format!("run {run} was cut off by this bug: rbl show {run}")));
        self.ended(Exit::Bug, None);
    }
}

/// The exit code that says more: a bug, then what cannot be done, then the ends that somebody has to know of.
fn worse(one: Exit, other: Exit) -> Exit {
    const fn weight(exit: Exit) -> u8 {
        match exit {
            Exit::Fine => 0,
            Exit::Waiting => 1,
            Exit::Escalated => 2,
            Exit::Failed => 3,
            Exit::Findings | Exit::Errors | Exit::Cannot => 4,
            Exit::Bug => 5,
        }
    }
    if weight(other) > weight(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_end_decides() {
        let ends = [Exit::Fine, Exit::Waiting, Exit::Escalated, Exit::Failed, Exit::Cannot, Exit::Bug];
        for (place, one) in ends.iter().enumerate() {
            for other in &ends[..=place] {
                assert_eq!(worse(*one, *other), *one);
                assert_eq!(worse(*other, *one), *one);
            }
        }
    }
}
