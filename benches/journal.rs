//! Measures the cost of the journal: an action's two commits against two commits of the same bytes to a bare SQLite table and
//! against a bare append-and-fdatasync, the list of a hundred thousand runs, and loading a run of a thousand records.
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
    Begun, Chain, Claim, Entry, JournalEvent, JournalRecord, Lease, NewRun, ParkedState, Release, RunMode,
    RunNeeds, Store, Worker,
};
use rbl_runtime::{Event, EventKind, Outcome};
use rbl_store::Sqlite;
use rbl_syntax::value::Time;

/// The usual length of an entry before an action, and of one after an action that printed a few lines.
const ENTRY: usize = 600;

fn main() {
    // Beside the build, not in /tmp, which may be in memory, where `fdatasync` is free.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    action(folder.path());
    // Not the disk is measured there, but what has to be read.
    let memory = Path::new("/dev/shm");
    let many = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    list(many.path(), 100_000);
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
        language: Begun::LANGUAGE,
        mode: RunMode::Act,
        modes: std::collections::BTreeMap::new(),
        mode_is_configured: false,
        teams: std::collections::BTreeMap::new(),
        time_zones: None,
    };
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), time()).unwrap();
    NewRun {
        run: run.into(),
        dedupe: run.into(),
        runbook: "API latency is above its limit".into(),
        file: "runbooks/api-latency.rb".into(),
        at: time(),
        first,
        needs: RunNeeds::default(),
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

/// A table of a number and a text, with the same care for every commit as the journal takes.
fn bare_table(file: &Path) -> rusqlite::Connection {
    let table = rusqlite::Connection::open(file).unwrap();
    let mode: String = table.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    table.pragma_update(None, "synchronous", "FULL").unwrap();
    table.execute_batch("CREATE TABLE line (place INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT").unwrap();
    table
}

/// Two commits of a row each to a bare table.
fn two_commits(table: &mut rusqlite::Connection, texts: &[String]) -> f64 {
    let start = Instant::now();
    for text in texts {
        let transaction = table.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        transaction.prepare_cached("INSERT INTO line (text) VALUES (?1)").unwrap().execute([text]).unwrap();
        transaction.commit().unwrap();
    }
    start.elapsed().as_secs_f64()
}

/// Start and end of an action, each durable before what comes next.
fn action(folder: &Path) {
    let store = Sqlite::open(&folder.join("one")).unwrap();
    let mut lease = begin(&store, "a");
    let mut bare = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("bare")).unwrap();
    let mut table = bare_table(&folder.join("table"));
    let mut small = bare_table(&folder.join("small"));
    let [mut journaled, mut raw, mut tiny, mut plain] = [const { Vec::new() }; 4];
    let [mut to_raw, mut to_tiny, mut to_plain] = [const { Vec::new() }; 3];
    for round in 0..530 {
        // The story is recorded, too: the events before the action with its start, its result with its end.
        let start = Instant::now();
        let mut texts = Vec::new();
        for _ in 0..2 {
            let batch = records(&lease, 2, ENTRY);
            store.append(&mut lease, &batch).unwrap();
            texts.push(
                batch
                    .iter()
                    .map(|it| it.data.as_str())
                    .chain(batch.iter().map(|it| it.hash.as_str()))
                    .collect(),
            );
        }
        let with = start.elapsed().as_secs_f64();
        let same = two_commits(&mut table, &texts);
        let bytes = two_commits(&mut small, &["x".to_owned(), "y".to_owned()]);
        let start = Instant::now();
        bare.write_all(texts.concat().as_bytes()).unwrap();
        bare.sync_data().unwrap();
        let without = start.elapsed().as_secs_f64();
        // The first rounds have a cold cache and growing files.
        if round >= 30 {
            journaled.push(with * 1e6);
            raw.push(same * 1e6);
            tiny.push(bytes * 1e6);
            plain.push(without * 1e6);
            to_raw.push(with / same);
            to_tiny.push(with / bytes);
            to_plain.push(with / without);
        }
    }
    println!("a journaled action: two commits of two records each");
    println!("journaled                               {:>24} µs", spread(journaled));
    println!("two commits of the same bytes           {:>24} µs", spread(raw));
    println!("two commits of one letter each          {:>24} µs", spread(tiny));
    println!("one append and fdatasync                {:>24} µs", spread(plain));
    println!("to two commits of the same bytes        {:>24}", spread(to_raw));
    println!("to two commits of one letter each       {:>24}", spread(to_tiny));
    println!("to one append and fdatasync             {:>24}", spread(to_plain));
}

fn list(folder: &Path, runs: usize) {
    let store = Sqlite::open(folder).unwrap();
    for run in 0..runs {
        let mut lease = begin(&store, &format!("20261122-031207-{run:06}"));
        let batch = records(&lease, 10, 300);
        let how = if run % 10 == 0 {
            Release::Parked(ParkedState {
                waits_for: "an answer: \"Does it look right?\"".into(),
                ..ParkedState::default()
            })
        } else {
            Release::Ended { outcome: Outcome::Resolved, message: "over".into() }
        };
        store.release(&mut lease, &batch, &how).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_rbl");
    let config = folder.join("rbl.toml");
    std::fs::write(config, "[store]\npath = \".\"\n").unwrap();
    println!("\n{runs} runs");
    for (words, shown) in [("runs", 50), ("runs --state waiting", 50), ("runs --all", runs)] {
        let mut whole = Vec::new();
        for _ in 0..21 {
            let start = Instant::now();
            let output = std::process::Command::new(program)
                .args(words.split(' '))
                .current_dir(folder)
                .output()
                .unwrap();
            whole.push(start.elapsed().as_secs_f64() * 1e3);
            assert!(output.status.success() && output.stdout.len() > shown * 40);
        }
        println!("rbl {words:<22} {:>24} ms", spread(whole));
    }
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
