//! Invariant: a journaled run, and its replay, equal the same run without a journal.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::InvariantCase;
use crate::SimulatedRun;
use crate::scripted::{Scripted, SimulatedClock};
use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, Journal, JournalEvent, JournalRecord, Memory, NewRun, Options, Replay,
    RunMode, RunNeeds, RunQuery, Stamp, Store, Worker, is_undecided_poll,
};
use rbl_runtime::{Event, EventKind, Observer, run};

/// Long enough that nobody takes over the lease meanwhile.
const LEASE: Duration = Duration::from_mins(10);

/// How the journal or the replay of a run differs from the run; `None` if they are the same.
pub(super) fn broken(case: &InvariantCase<'_>) -> Option<String> {
    let simulated = SimulatedRun::of(case.oracle.program, case.premise.clone());
    let written = match journaled_run(&simulated) {
        Ok(written) => written,
        Err(why) => return Some(format!("it could not be journaled: {why}")),
    };
    let trace = case.trace;
    if written.events != trace.events {
        return Some(format!(
            "with a journal it went otherwise: {}",
            first_difference(&written.events, &trace.events)
        ));
    }
    let mut events: Vec<Event> = Vec::new();
    // A test needs no approvals, so the world is not wrapped.
    let replayed = Replay::new(Stamp::default()).replay(
        simulated.program,
        &simulated.start,
        &|world| world,
        written.records,
        &mut events,
    );
    if let Some(difference) = replayed.difference {
        return Some(format!("its replay departs from its journal: {difference}"));
    }
    if replayed.ended != trace.ended {
        return Some(format!("its replay ended {}: {}", replayed.ended.outcome, replayed.ended.message));
    }
    // Polls that decided nothing new are not recorded, and neither is what they read.
    let (replayed, lived) = (without_looks(&events), without_looks(&trace.events));
    (replayed != lived)
        .then(|| format!("its replay is another story: {}", first_difference(&replayed, &lived)))
}

/// The events without what only looked.
fn without_looks(events: &[Event]) -> Vec<Event> {
    let looks = |event: &Event| {
        is_undecided_poll(event)
            || matches!(event.kind, EventKind::Read { .. })
            || matches!(event.kind, EventKind::Probed { .. })
    };
    events.iter().filter(|event| !looks(event)).cloned().collect()
}

fn first_difference(ours: &[Event], theirs: &[Event]) -> String {
    let at = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    format!(
        "event {at} is {:?}, and was {:?}",
        ours.get(at).map(|it| &it.kind),
        theirs.get(at).map(|it| &it.kind)
    )
}

/// What the journal holds of a run.
struct JournaledRun {
    records: Vec<JournalRecord>,
    events: Vec<Event>,
}

/// An observer whose events outlive the journal.
#[derive(Clone, Default)]
struct EventCollector(Rc<RefCell<Vec<Event>>>);

impl Observer for EventCollector {
    fn event(&mut self, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }
}

/// Runs it once more, with a journal.
fn journaled_run(simulated: &SimulatedRun<'_>) -> Result<JournaledRun, String> {
    let begins = simulated.begins;
    let clock = SimulatedClock::at(begins);
    let begun = Begun {
        format: Begun::FORMAT,
        rbl: env!("CARGO_PKG_VERSION").into(),
        run: simulated.start.run_id.clone(),
        by: "rbl test".into(),
        sources: Vec::new(),
        providers: [].into(),
        masked: Vec::new(),
        params: simulated.start.params.clone(),
        alert: None,
        scheduled: simulated.start.scheduled,
        confirm: false,
        language: Begun::LANGUAGE,
        mode: RunMode::Act,
        modes: std::collections::BTreeMap::new(),
        mode_is_configured: false,
        teams: std::collections::BTreeMap::new(),
        time_zones: None,
    };
    let run_id = begun.run.clone();
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), simulated.begins);
    let first = first.map_err(|why| why.to_string())?;
    let store = Arc::new(Memory::new(move || begins));
    let new = NewRun {
        run: run_id.clone(),
        dedupe: run_id.to_string(),
        runbook: String::new(),
        file: "".into(),
        at: first.at,
        first,
        needs: RunNeeds::default(),
    };
    store.start(&new).map_err(|why| why.to_string())?;
    let worker = Worker { name: "rbl test".into() };
    let mut leases =
        store.claim(&worker, &Claim::Run(run_id.clone()), LEASE).map_err(|why| why.to_string())?;
    let lease = leases.pop().ok_or("nobody may run it")?;
    let loaded = store.load(&lease, 0).map_err(|why| why.to_string())?;
    let kept = EventCollector::default();
    let stamps = clock.clone();
    // The premise says which locks other runs hold, and which limits are reached: the store knows of no other run.
    let options = Options { world_holds: true, ..Options::new(move || stamps.now()) };
    let shared: Arc<dyn Store> = Arc::<Memory>::clone(&store);
    let journal = Journal::new(shared, lease, loaded, None, options, Box::new(kept.clone()));
    let scripted = Scripted::new(&simulated.script, simulated.program, clock);
    let mut world = journal.world(scripted);
    let ended = run(simulated.program, &simulated.start, &mut world, &mut journal.observer());
    if let Some(stopped) = journal.end(&ended).map_err(|why| why.to_string())? {
        return Err(format!("{stopped:?}"));
    }
    let (records, _) = store.read(&run_id).map_err(|why| why.to_string())?;
    rbl_runtime::journal::verify(&records).map_err(|why| format!("{why:?}"))?;
    let events = kept.0.take();
    Ok(JournaledRun { records, events })
}
