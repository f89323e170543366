//! Measures the cost of resuming a run: replays a thousand recorded effects from a store on this disk.
//!
//! `cargo bench --bench waking`
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it reads the clock, which is its purpose
#![allow(missing_docs)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_check::{Catalogue, LoadedFile, Loader, check};
use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, Journal, JournalEvent, NewRun, Options, RecordedSource, RunMode, Store,
    Worker, sha256,
};
use rbl_runtime::{
    Acted, Effect, Event, Interrupt, Observer, Outcome, Parked, RawSample, Reading, Reply, World, run,
};
use rbl_store::Sqlite;
use rbl_syntax::source::Source;
use rbl_syntax::value::{CommandOutput, Time};

struct Alone;

impl Loader for Alone {
    fn load(&mut self, _: &str, _: &str) -> Result<LoadedFile, String> {
        Err("there is no such file".into())
    }
}

/// Answers everything at once, and parks after this many effects.
struct Quick(u32);

impl World for Quick {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if self.0 == 0 {
            return Err(Interrupt::Parked(Parked::ByHand));
        }
        self.0 -= 1;
        let sample = || RawSample::new([].into(), 0.25, None);
        Ok(match effect {
            Effect::Now => Reply::Now(Time(jiff::Timestamp::now())),
            Effect::Read(_) => Reply::Reading(Ok(Reading { samples: vec![sample()], ..Reading::default() })),
            Effect::Act(_) => Reply::Acted(Acted {
                result: Ok(()),
                output: CommandOutput { status: Some(0), ..CommandOutput::default() },
                by: None,
                remark: None,
            }),
            _ => Reply::Slept,
        })
    }
}

struct Nobody;

impl Observer for Nobody {
    fn event(&mut self, event: &Event) {
        black_box(event);
    }
}

fn turn(store: &Arc<Sqlite>, run_id: &str, effects: u32) -> (Duration, Outcome) {
    let from = Instant::now();
    let worker = Worker { name: "bench".into() };
    let lease = store.claim(&worker, &Claim::Run(run_id.into()), Duration::from_mins(1)).unwrap().remove(0);
    let loaded = store.load(&lease, 0).unwrap();
    let Ok(Entry::Own(JournalEvent::Begun(begun))) = loaded.0[0].entry() else { panic!("no beginning") };
    let program = begun.program().unwrap();
    let shared: Arc<dyn Store> = Arc::<Sqlite>::clone(store);
    let journal =
        Journal::new(shared, lease, loaded, None, Options::new(rbl_world::clock::now), Box::new(Nobody));
    let mut awake = None;
    let mut world = journal.world(Waking { inner: Quick(effects), awake: &mut awake });
    let ended = run(&program, &begun.start(), &mut world, &mut journal.observer());
    drop(world);
    journal.end(&ended).unwrap();
    (awake.unwrap_or_else(Instant::now) - from, ended.outcome)
}

/// Notes the time of the first effect that is not in the journal.
struct Waking<'a> {
    inner: Quick,
    awake: &'a mut Option<Instant>,
}

impl World for Waking<'_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.awake.get_or_insert_with(Instant::now);
        self.inner.perform(effect)
    }
}

fn main() {
    let body = "repeat up to 1000 times {\ncheck load < 5s else { \"high\" } unknown { \"?\" }\naction `step` else { \"no\" }\n}\n";
    let text = format!("runbook \"R\"\nowner \"a\"\nmetric load in s from prometheus \"load\"\n{body}");
    let checked = check(Source::new("a.rb", text.as_str()), "/a.rb", &mut Alone, &Catalogue::default());
    assert!(checked.program.is_some());
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(folder.path()).unwrap());
    let mut all = Vec::new();
    for number in 0..21 {
        let id = format!("r{number}");
        let begun = Begun {
            format: Begun::FORMAT,
            rbl: "0".into(),
            run: id.as_str().into(),
            by: "bench".into(),
            sources: vec![RecordedSource {
                name: "a.rb".into(),
                identity: "/a.rb".into(),
                text: text.clone(),
                sha256: sha256(&text),
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
        };
        let at = Time(jiff::Timestamp::now());
        let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), at).unwrap();
        let (run, dedupe) = (id.as_str().into(), id.clone());
        store
            .start(&NewRun {
                run,
                dedupe,
                runbook: "R".into(),
                file: "a.rb".into(),
                at,
                first,
                needs: rbl_runtime::journal::RunNeeds::default(),
            })
            .unwrap();
        assert_eq!(turn(&store, &id, 1000).1, Outcome::Waiting);
        all.push(turn(&store, &id, 0).0);
    }
    all.sort_unstable();
    println!("waking a run of 1,000 recorded effects: median {:?} ({:?} to {:?})", all[10], all[0], all[20]);
}
