//! Measures the cost of the journal: an action's two commits against a bare append-and-fdatasync of the same bytes, the
//! list of ten thousand runs, and loading a run of a thousand records.
//!
//! `cargo bench --bench journal`. The pairs run in turn on the same disk, A B A B …, and the ratio is computed for each
//! pair, so that a disk whose speed drifts does not affect it.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it writes files and reads the clock, which is its purpose

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, Filter, JournalEvent, JournalRecord, Lease, NewRun, Release, RunQuery, Store,
    Worker,
};
use rbl_runtime::{Event, EventKind, Outcome};
use rbl_store::{Sqlite, SqliteReader};
use rbl_syntax::value::Time;

/// The usual length of an entry before an action, and of one after an action that printed a few lines.
const ENTRY: usize = 600;

fn main() {
    // Beside the build, not in /tmp, which may be in memory, where `fdatasync` is free.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    action(folder.path());
    list(&folder.path().join("many"), 10_000);
    load(&folder.path().join("long"), 1_000);
}

fn time() -> Time {
    Time::from_unix(1.8e9).unwrap()
}

fn entry(length: usize) -> Entry {
    Entry::Event(Event::of(EventKind::Noted { text: "x".repeat(length) }))
}

fn new_run(run: &str) -> NewRun {
    let begun = Begun {
        format: Begun::FORMAT,
        rbl: "0".into(),
        run: run.into(),
        by: "bench".into(),
        sources: Vec::new(),
        providers: BTreeMap::new(),
        masked: Vec::new(),
        params: BTreeMap::new(),
        alert: None,
        scheduled: None,
        confirm: false,
    };
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), time()).unwrap();
    NewRun {
        run: run.into(),
        dedupe: run.into(),
        runbook: "API latency is above its limit".into(),
        file: "runbooks/api-latency.rb".into(),
        at: time(),
        first,
    }
}

fn begin(store: &Sqlite, run: &str) -> Lease {
    store.start(&new_run(run)).unwrap();
    let worker = Worker { name: "pid 1 on bench".into() };
    store.claim(&worker, &Claim::Run(run.into()), Duration::ZERO).unwrap().remove(0)
}

fn records(lease: &Lease, count: usize, length: usize) -> Vec<JournalRecord> {
    let mut chain = Chain::at(lease);
    (0..count).map(|_| chain.next(&entry(length), time()).unwrap()).collect()
}

/// Start and end of an action, each durable before what comes next.
fn action(folder: &Path) {
    let store = Sqlite::open(&folder.join("one")).unwrap();
    let mut lease = begin(&store, "a");
    let mut bare = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("bare")).unwrap();
    let (mut journaled, mut plain, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..330 {
        // The story is recorded, too: the events before the action with its start, its result with its end.
        let start = Instant::now();
        let mut bytes = 0;
        for _ in 0..2 {
            let batch = records(&lease, 2, ENTRY);
            bytes += batch.iter().map(|it| it.data.len() + it.hash.len()).sum::<usize>();
            store.append(&mut lease, &batch).unwrap();
        }
        let with = start.elapsed().as_secs_f64();
        let line = vec![b'x'; bytes];
        let start = Instant::now();
        bare.write_all(&line).unwrap();
        bare.sync_data().unwrap();
        let without = start.elapsed().as_secs_f64();
        // The first rounds have a cold cache and a growing file.
        if round >= 30 {
            journaled.push(with * 1e6);
            plain.push(without * 1e6);
            ratios.push(with / without);
        }
    }
    println!(
        "a journaled action (two commits of two records) against one append and fdatasync of the same bytes"
    );
    println!("journaled {:>30} µs", spread(journaled));
    println!("bare      {:>30} µs", spread(plain));
    println!("ratio     {:>30}", spread(ratios));
}

fn list(folder: &Path, runs: usize) {
    let store = Sqlite::open(folder).unwrap();
    for run in 0..runs {
        let mut lease = begin(&store, &format!("20261122-031207-{run:06}"));
        let batch = records(&lease, 10, 300);
        let how = if run % 10 == 0 {
            Release::Parked { until: None, waits_for: "an answer: \"Does it look right?\"".into() }
        } else {
            Release::Ended { outcome: Outcome::Resolved, message: "over".into() }
        };
        store.release(&mut lease, &batch, &how).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_rbl");
    let config = folder.join("rbl.toml");
    std::fs::write(config, "[store]\npath = \".\"\n").unwrap();
    let (mut inside, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..21 {
        let start = Instant::now();
        let found = SqliteReader::open(folder).unwrap().list(&Filter::default()).unwrap();
        inside.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(found.len(), runs);
        let start = Instant::now();
        let output = std::process::Command::new(program).arg("runs").current_dir(folder).output().unwrap();
        whole.push(start.elapsed().as_secs_f64() * 1e3);
        assert!(output.status.success() && output.stdout.len() > runs * 40);
    }
    println!("\n{runs} runs");
    println!("list      {:>30} ms", spread(inside));
    println!("rbl runs  {:>30} ms", spread(whole));
}

fn load(folder: &Path, count: usize) {
    let store = Sqlite::open(folder).unwrap();
    let mut lease = begin(&store, "long");
    let batch = records(&lease, count - 1, ENTRY);
    store.append(&mut lease, &batch).unwrap();
    let mut times = Vec::new();
    for _ in 0..51 {
        let start = Instant::now();
        let loaded = store.load(&lease, 0).unwrap().0;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(loaded.len(), count);
    }
    println!("\nloading {count} records, and checking that they are complete");
    println!("load      {:>30} ms", spread(times));
}

/// The median, the least and the greatest.
fn spread(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    let at = |index: usize| figures.get(index).copied().unwrap_or_default();
    format!("{:.2} ({:.2}–{:.2})", at(figures.len() / 2), at(0), at(figures.len().saturating_sub(1)))
}
