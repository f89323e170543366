//! Measures what it costs to wake a run for the next poll of its wait, at its first polls and after ten thousand.
//!
//! `cargo bench --bench polls`
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it reads the clock, which is its purpose
#![allow(missing_docs)]

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, Journal, JournalEvent, NewRun, Options, RecordedSource, RunMode, RunNeeds,
    Store, Worker, sha256,
};
use rbl_runtime::{Effect, Interrupt, NoObserver, Outcome, RawSample, Reading, Reply, World, run};
use rbl_store::Sqlite;
use rbl_syntax::value::Time;

/// The number of polls.
const POLLS: u32 = 10_000;

/// The number of polls of which the median is taken.
const SOME: usize = 51;

/// A world whose metric changes its verdict at every poll, or never.
struct Polled {
    clock: Rc<Cell<f64>>,
    flaps: bool,
    reads: Rc<Cell<u32>>,
    awake: Rc<Cell<Option<Instant>>>,
}

impl World for Polled {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if self.awake.get().is_none() {
            self.awake.set(Some(Instant::now()));
        }
        Ok(match effect {
            Effect::Now => Reply::Now(at(self.clock.get())),
            Effect::Read(_) => {
                self.reads.set(self.reads.get() + 1);
                let value = if self.flaps && self.reads.get().is_multiple_of(2) { 1.0 } else { 9.0 };
                let sample = RawSample { labels: [].into(), value, at: None, digits: None };
                Reply::Reading(Ok(Reading { samples: vec![sample], ..Reading::default() }))
            }
            _ => Reply::Slept,
        })
    }
}

fn at(seconds: f64) -> Time {
    Time::parse("2026-05-01T10:00:00Z").unwrap().plus(seconds).unwrap()
}

fn begin(store: &Sqlite, id: &str) {
    let text = "runbook \"R\"\nowner \"a\"\nmetric load in s from prometheus \"load\"\n\
                wait until load < 5s for 20d within 30d every 1m else { \"late\" }\n";
    let begun = Begun {
        format: Begun::FORMAT,
        rbl: "0".into(),
        run: id.into(),
        by: "bench".into(),
        sources: vec![RecordedSource {
            name: "a.rb".into(),
            identity: "/a.rb".into(),
            text: text.into(),
            sha256: sha256(text),
        }],
        providers: [("prometheus".to_owned(), "prometheus".to_owned())].into(),
        masked: Vec::new(),
        params: [].into(),
        alert: None,
        scheduled: None,
        language: Begun::LANGUAGE,
        mode: RunMode::Act,
        modes: std::collections::BTreeMap::new(),
        mode_is_configured: false,
        teams: std::collections::BTreeMap::new(),
        time_zones: None,
        confirm: false,
    };
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), at(0.0)).unwrap();
    let needs = RunNeeds::default();
    let (run, dedupe) = (id.into(), id.into());
    store
        .start(&NewRun { run, dedupe, runbook: "R".into(), file: "a.rb".into(), at: first.at, first, needs })
        .unwrap();
}

/// Wakes the run: the time from its claim to its first effect, and to its release.
fn wake(store: &Arc<Sqlite>, id: &str, world: Polled) -> (Duration, Duration) {
    let from = Instant::now();
    let worker = Worker { name: "bench".into() };
    let lease = store.claim(&worker, &Claim::Run(id.into()), Duration::from_mins(1)).unwrap().remove(0);
    let loaded = store.load(&lease, 0).unwrap();
    let Ok(Entry::Own(JournalEvent::Begun(begun))) = loaded.0[0].entry() else { panic!("no beginning") };
    let program = begun.program().unwrap();
    let (clock, awake) = (Rc::clone(&world.clock), Rc::clone(&world.awake));
    awake.set(None);
    let options = Options { parks_sleeps: true, ..Options::new(move || at(clock.get())) };
    let resumed =
        (lease.epoch > 1).then(|| JournalEvent::Resumed { by: "b".into(), rbl: "0".into(), changed: false });
    let shared: Arc<dyn Store> = Arc::<Sqlite>::clone(store);
    let journal = Journal::new(shared, lease, loaded, resumed, options, Box::new(NoObserver));
    let mut world = journal.world(world);
    let ended = run(&program, &begun.start(), &mut world, &mut journal.observer());
    drop(world);
    assert_eq!(journal.end(&ended).unwrap(), None);
    assert_eq!(ended.outcome, Outcome::Waiting);
    (awake.get().unwrap_or_else(Instant::now) - from, from.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    // Not the disk is measured, but what has to be read and walked.
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let store = Arc::new(Sqlite::open(folder.path()).unwrap());
    for (id, flaps, what) in
        [("quiet", false, "the verdict never changes"), ("flaps", true, "it changes at every poll")]
    {
        begin(&store, id);
        let (clock, reads) = (Rc::new(Cell::new(0.0)), Rc::new(Cell::new(0)));
        let mut times = Vec::new();
        for poll in 0..POLLS {
            clock.set(f64::from(poll) * 60.0);
            let awake = Rc::new(Cell::new(None));
            let world = Polled { clock: Rc::clone(&clock), flaps, reads: Rc::clone(&reads), awake };
            times.push(wake(&store, id, world));
        }
        let (records, _) = rbl_store::SqliteReader::open(folder.path())
            .map(|look| rbl_runtime::journal::RunQuery::read(&look, id).unwrap())
            .unwrap();
        // The first one begins the run, and checks its program for the first time.
        let of = |part: &[(Duration, Duration)]| {
            (median(part.iter().map(|it| it.0).collect()), median(part.iter().map(|it| it.1).collect()))
        };
        let (first, last) = (of(&times[2..2 + SOME]), of(&times[times.len() - SOME..]));
        let ratio = last.0.as_secs_f64() / first.0.as_secs_f64();
        println!("{what}: {} records after {POLLS} polls", records.len());
        println!("  to the first effect: {:?} at first, {:?} at last, {ratio:.2} times", first.0, last.0);
        println!("  to its release:      {:?} at first, {:?} at last", first.1, last.1);
        assert!(ratio <= 1.5, "waking takes longer with every poll");
    }
}
