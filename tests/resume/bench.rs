//! A run in a scripted world that is kept in memory, and can be cut off after any record.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Catalogue, LoadedFile, Loader, Program, check};
use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, Journal, JournalEvent, JournalRecord, Memory, NewRun, Options,
    RecordedSource, Replay, Replayed, RunMode, RunNeeds, RunQuery, Stamp, Stopped, Store, Worker,
    is_undecided_poll, sha256,
};
use rbl_runtime::layers::asking;
use rbl_runtime::{
    Act, ActTarget, Answer, AnswerAuthor, Effect, Event, EventKind, Interrupt, Observer, Parked, Reply,
    RunEnd, World, run,
};
use rbl_syntax::source::Source;
use rbl_syntax::value::Time;

use super::scripted_world::ScriptedWorld;

/// No other files.
struct Alone;

impl Loader for Alone {
    fn load(&mut self, _: &str, _: &str) -> Result<LoadedFile, String> {
        Err("there is no such file".into())
    }
}

/// Whether a text checks without an error.
pub fn is_sound(text: &str) -> bool {
    let checked = check(Source::new("main.rb", text), "/main.rb", &mut Alone, &Catalogue::default());
    checked.program.is_some()
}

/// The start of a run of this text.
#[track_caller]
pub fn begun(text: &str) -> Begun {
    let checked = check(Source::new("main.rb", text), "/main.rb", &mut Alone, &Catalogue::default());
    let errors: Vec<_> = checked.diagnostics.iter().filter(|it| it.is_error()).collect();
    assert!(errors.is_empty(), "{text}\n{errors:?}");
    Begun {
        format: Begun::FORMAT,
        rbl: "0".into(),
        run: "r1".into(),
        by: "ana".into(),
        sources: vec![RecordedSource {
            name: "main.rb".into(),
            identity: "/main.rb".into(),
            text: text.into(),
            sha256: sha256(text),
        }],
        providers: [("prometheus".to_owned(), "prometheus".to_owned())].into(),
        masked: Vec::new(),
        params: [].into(),
        alert: None,
        scheduled: None,
        confirm: false,
        language: Begun::LANGUAGE,
        mode: RunMode::Act,
        modes: std::collections::BTreeMap::new(),
        mode_is_configured: false,
        teams: std::collections::BTreeMap::new(),
        time_zones: None,
    }
}

/// A scripted world that several turns share, and whose clock is that of the journal.
#[derive(Clone)]
pub struct Shared {
    pub world: Rc<RefCell<ScriptedWorld>>,
    /// The answer of a person who is asked whether an action was done.
    pub says: &'static str,
    /// Whether nobody is there: every question parks.
    pub absent: bool,
}

impl Shared {
    pub fn new(world: ScriptedWorld) -> Self {
        Self { world: Rc::new(RefCell::new(world)), says: "not done", absent: false }
    }

    pub fn log(&self) -> Vec<String> {
        self.world.borrow().log.clone()
    }

    pub fn later(&self, seconds: f64) {
        self.world.borrow_mut().clock += seconds;
    }
}

impl World for Shared {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if let (Effect::Act(Act { target: ActTarget::Instruction(text), .. }), true) = (effect, self.absent) {
            return Err(Interrupt::Parked(Parked::person(text.as_str())));
        }
        if let Effect::Ask(ask) = effect {
            if self.absent {
                return Err(Interrupt::Parked(Parked::person(ask.prompt.clone())));
            }
            if ask.prompt.starts_with("was it done?") {
                self.world.borrow_mut().log.push(format!("ask {}", ask.prompt));
                let said = AnswerAuthor { by: Some("ana".into()), vouched: false, remark: None };
                return Ok(Reply::Answered(Answer::Text(self.says.into(), said)));
            }
        }
        self.world.borrow_mut().perform(effect)
    }
}

/// Events that outlive the observer.
#[derive(Clone, Default)]
pub struct Seen(pub Rc<RefCell<Vec<Event>>>);

impl Observer for Seen {
    fn event(&mut self, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }
}

/// The result of a turn.
#[derive(Debug)]
pub struct Turn {
    pub ended: RunEnd,
    pub events: Vec<Event>,
    pub stopped: Option<Stopped>,
    pub records: Vec<JournalRecord>,
}

/// Begins a run in this store.
pub fn start(store: &Arc<Memory>, begun: &Begun) {
    start_at(&**store, begun, ScriptedWorld::start());
}

/// Begins a run in this store at this time.
pub fn start_at(store: &dyn Store, begun: &Begun, at: Time) {
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun.clone()))), at).unwrap();
    start_with(store, begun, first);
}

fn start_with(store: &dyn Store, begun: &Begun, first: JournalRecord) {
    let new = NewRun {
        run: begun.run.clone(),
        dedupe: begun.run.to_string(),
        runbook: "R".into(),
        file: "main.rb".into(),
        at: first.at,
        first,
        needs: RunNeeds::default(),
    };
    store.start(&new).unwrap();
}

/// A store that holds a run up to these records.
pub fn cut(begun: &Begun, records: &[JournalRecord]) -> Arc<Memory> {
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start_with(&*store, begun, records[0].clone());
    let worker = Worker { name: "dead".into() };
    let mut lease = store.claim(&worker, &Claim::Run(begun.run.clone()), Duration::ZERO).unwrap().remove(0);
    assert_eq!(lease.epoch, records.get(1).map_or(lease.epoch, |it| it.epoch));
    if records.len() > 1 {
        store.append(&mut lease, &records[1..]).unwrap();
    }
    store
}

/// Runs a run: from its start, or from where it was cut off.
pub fn drive(store: &Arc<Memory>, begun: &Begun, world: &Shared) -> Turn {
    drive_with(store, begun, world, |options| options)
}

pub fn drive_with(
    store: &Arc<Memory>,
    begun: &Begun,
    world: &Shared,
    with: impl FnOnce(Options) -> Options,
) -> Turn {
    let shared: Arc<dyn Store> = Arc::<Memory>::clone(store);
    let (ended, events, stopped) = drive_in(&shared, begun, world, with);
    let (records, _) = store.read(&begun.run).unwrap();
    rbl_runtime::journal::verify(&records).unwrap();
    if stopped.is_none() {
        let (told, events_told) = told_again(begun, &records);
        assert_eq!(told.difference, None);
        assert!(!told.cut_off);
        let (mut events_told, mut events_seen) = (without_looks(&events_told), without_looks(&events));
        // A poll that decides nothing moves the run's next one, and no record says so.
        if let (Some(Parked::Until(_)), Some(Parked::Until(_))) = (&told.ended.parked, &ended.parked) {
            let ends = |event: &Event| {
                matches!(
                    event.kind,
                    EventKind::Parked { .. } | EventKind::Ended { .. } | EventKind::RunEnded { .. }
                )
            };
            events_told.retain(|event| !ends(event));
            events_seen.retain(|event| !ends(event));
        } else {
            assert_eq!(told.ended, ended);
        }
        assert!(
            events_told.ends_with(&events_seen),
            "{events_told:#?}\nis not, in the end,\n{events_seen:#?}"
        );
    }
    Turn { ended, events, stopped, records }
}

/// Replays a run from its records, as `rbl replay` does it.
pub fn told_again(begun: &Begun, records: &[JournalRecord]) -> (Replayed, Vec<Event>) {
    let mut events = Vec::new();
    let replayed = Replay::new(Stamp::default()).replay(
        &begun.program().unwrap(),
        &begun.start(),
        &|world| asking(world, begun.confirm),
        records.to_vec(),
        &mut events,
    );
    (replayed, events)
}

/// Runs a run of any store, through the layers of `rbl run`.
pub fn drive_in(
    store: &Arc<dyn Store>,
    begun: &Begun,
    world: &Shared,
    with: impl FnOnce(Options) -> Options,
) -> (RunEnd, Vec<Event>, Option<Stopped>) {
    let program: Program = begun.program().unwrap();
    let worker = Worker { name: "test".into() };
    let claim = Claim::Run(begun.run.clone());
    let lease = store.claim(&worker, &claim, Duration::from_mins(1)).unwrap().remove(0);
    let loaded = store.load(&lease, 0).unwrap();
    let resumed = (lease.epoch > 1).then(|| JournalEvent::Resumed {
        by: "ana".into(),
        rbl: "0".into(),
        changed: false,
    });
    let of_clock = Rc::clone(&world.world);
    let clock = move || -> Time { ScriptedWorld::start().plus(of_clock.borrow().clock).unwrap() };
    let seen = Seen::default();
    let options = with(Options::new(clock));
    let journal = Journal::new(Arc::clone(store), lease, loaded, resumed, options, Box::new(seen.clone()));
    let mut layered = asking(journal.world(world.clone()), begun.confirm);
    let ended = run(&program, &begun.start(), &mut layered, &mut journal.observer());
    let stopped = journal.end(&ended).unwrap();
    let events = seen.0.borrow().clone();
    (ended, events, stopped)
}

/// Brings a world to its state after these records: does again what was answered, and lets the time pass.
pub fn catch_up(world: &Shared, records: &[JournalRecord]) {
    let mut intent: Option<Effect> = None;
    let clock = |at: Time| world.world.borrow_mut().clock = at.since(ScriptedWorld::start()).base;
    for record in records {
        match record.entry().unwrap() {
            Entry::Own(JournalEvent::Look { look, took, .. }) => {
                clock(record.at.plus(-took).unwrap());
                let _ = world.world.borrow_mut().perform(&look);
            }
            Entry::Own(JournalEvent::Intent { intent: effect, .. }) => intent = Some(effect),
            Entry::Own(JournalEvent::Reply { .. }) => {
                let _ = world.world.borrow_mut().perform(&intent.take().unwrap());
            }
            _ => {}
        }
        clock(record.at);
    }
}

/// The events without what only looked: polls that decided nothing new are not recorded, nor what they read.
pub fn without_looks(events: &[Event]) -> Vec<Event> {
    let looks = |event: &Event| {
        is_undecided_poll(event) || matches!(event.kind, EventKind::Read { .. } | EventKind::Probed { .. })
    };
    events.iter().filter(|event| !looks(event)).cloned().collect()
}
