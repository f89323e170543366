//! [`TurnSettings`]: executes a claimed run until it ends, is parked, or its lease is lost.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rbl_check::Program;
use rbl_runtime::journal::{
    Entry, Journal, JournalEvent, Options, ReplayDifference, Stamp, Stopped, StoreError,
};
use rbl_runtime::layers::asking;
use rbl_runtime::teams::TeamRules;
use rbl_runtime::{Effect, Interrupt, Observer, Parked, Reply, RunEnd, Secrets, Start, World, run};
use rbl_world::{CancelSender, ProcessesHere, clock};

use crate::actions::Bounded;
use crate::heartbeat::Lost;
use crate::mode_gate::{ModeGate, TurnModes};
use crate::{ClaimedRun, Engine};

/// The settings of one turn at a run.
pub struct TurnSettings<'a> {
    /// The program of the run.
    pub program: &'a Program,
    /// Its inputs.
    pub start: &'a Start,
    /// The secrets of the run: their values are masked in everything that is recorded and reported.
    pub secrets: Secrets,
    /// Whether every action is confirmed before it starts. Part of the run: see [`rbl_runtime::journal::Begun::confirm`].
    pub confirm: bool,
    /// Whether a wait parks the run, because nobody is watching.
    pub parks_sleeps: bool,
    /// From how many seconds on it does: [`rbl_runtime::journal::WORTH_PARKING`] where another process has to be started for it.
    pub worth_parking: f64,
    /// Set to the time of what is replayed, for an observer that shows times.
    pub stamp: Stamp,
    /// How questions reach teams, and who has to answer them.
    pub teams: Arc<TeamRules>,
    /// Whether no person started the run or watches it: then its story says where a question that waits reached nobody.
    pub alone: bool,
    /// Who resumes the run; `None` in its first turn.
    pub resumed: Option<JournalEvent>,
    /// Cancels this run: the sender of the token that its world waits with. Used where the lease is lost.
    pub cancel: CancelSender,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnEnd {
    /// The run ended, or was parked.
    Ended(RunEnd),
    /// The lease was lost: nothing more was done or recorded here.
    Fenced {
        /// Who holds the run now, where known.
        by: Option<String>,
    },
    /// The run cannot be resumed: what it does differs from its records. Nothing was done.
    Stuck(ReplayDifference),
    /// The run ended, and its end could not be recorded: it looks as if its process had died.
    NotRecorded {
        /// How it ended.
        ended: RunEnd,
        /// Why the store refused.
        why: StoreError,
    },
}

impl Engine {
    /// Executes a claimed run in this world, from where it stopped, and records everything.
    ///
    /// The recorded part is walked again first, and answered from the records. Where the lease is lost, the current effect
    /// is cancelled and nothing new begins: no cleanup either, because another worker executes the run now.
    pub fn turn(
        &self,
        claimed: ClaimedRun,
        turn: TurnSettings<'_>,
        world: impl World,
        observer: Box<dyn Observer>,
    ) -> TurnEnd {
        let begun = crate::beginning::beginning(claimed.records()).ok();
        let ClaimedRun { lease, records, signals, renewed, .. } = claimed;
        let modes = TurnModes::of(begun.as_ref(), &records, &self.modes);
        let store = Arc::clone(&self.store);
        renewed.lost.cancels(turn.cancel);
        let stops = Arc::clone(&self.stops);
        let (secrets, watched, cleaning) = (turn.secrets, renewed.lost.clone(), renewed.lost.clone());
        let options = Options {
            redact: Rc::new(move |entry: &Entry| secrets.redacted_record(entry)),
            parks_sleeps: turn.parks_sleeps,
            worth_parking: turn.worth_parking,
            teams: turn.teams,
            alone: turn.alone,
            stamp: turn.stamp,
            abort: Rc::new(move || watched.abort()),
            cleaning: Rc::new(move |is_cleaning| cleaning.cleans(is_cleaning)),
            processes: Rc::new(ProcessesHere),
            stops: Rc::new(move || stops.load(Ordering::Relaxed)),
            ..Options::new(clock::now)
        };
        let journal = Journal::new(store, lease, (records, signals), turn.resumed, options, observer);
        let frozen = Arc::clone(&self.store);
        let start = Start {
            asks_mode: begun.as_ref().is_some_and(rbl_runtime::journal::Begun::asks_mode),
            ..turn.start.clone()
        };
        let leased = Leased { inner: world, lost: renewed.lost.clone() };
        let mut world = Bounded {
            inner: asking(
                journal.world(ModeGate::new(leased, modes, Box::new(move || frozen.frozen()))),
                turn.confirm,
            ),
            actions: self.actions.clone(),
            lost: renewed.lost.clone(),
        };
        let ended = run(turn.program, &start, &mut world, &mut journal.observer());
        let end = journal.end(&ended);
        drop(renewed);
        match end {
            Ok(None) => TurnEnd::Ended(ended),
            Ok(Some(Stopped::Fenced { by })) | Err(StoreError::Fenced { by }) => TurnEnd::Fenced { by },
            Ok(Some(Stopped::Stuck(difference))) => TurnEnd::Stuck(difference),
            Err(why) => TurnEnd::NotRecorded { ended, why },
        }
    }
}

/// A world in which nothing more happens once the lease is lost.
struct Leased<W> {
    inner: W,
    lost: Lost,
}

impl<W: World> World for Leased<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if self.lost.is_lost() {
            return Err(due_at_once());
        }
        match self.inner.perform(effect) {
            // Cancelled because of that: not aborted by a person, so that no cleanup runs.
            Err(_) if self.lost.is_lost() => Err(due_at_once()),
            came => came,
        }
    }

    rbl_runtime::forward_to_inner!(self => self.inner);
}

/// Where the lease could not be renewed and nobody took the run meanwhile, it can be resumed at once.
fn due_at_once() -> Interrupt {
    Interrupt::Parked(Parked::Until(clock::now()))
}
