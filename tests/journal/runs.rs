//! Runs to record: records made of plain entries, chained as every run's are.

use std::time::{Duration, Instant};

use rbl_runtime::journal::{
    Begun, Chain, Entry, JournalEvent, JournalRecord, Lease, NewRun, RunMode, RunNeeds, Store, StoreError,
    Worker,
};
use rbl_runtime::{Event, EventKind};
use rbl_syntax::value::Time;

/// A moment, in seconds after a fixed one.
pub(crate) fn at(seconds: f64) -> Time {
    Time::parse("2026-11-22T03:12:07Z").unwrap().plus(seconds).unwrap()
}

pub(crate) fn worker(name: &str) -> Worker {
    Worker { name: name.into() }
}

pub(crate) fn noted(text: &str) -> Entry {
    Entry::Event(Event::of(EventKind::Noted { text: text.into() }))
}

/// The start of a run without a text.
pub(crate) fn begun(run: &str) -> Begun {
    Begun {
        format: Begun::FORMAT,
        rbl: "0.1.0".into(),
        run: run.into(),
        by: "ana".into(),
        sources: Vec::new(),
        providers: std::collections::BTreeMap::new(),
        masked: Vec::new(),
        params: std::collections::BTreeMap::new(),
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

/// A run that begins, whose cause is its own name.
pub(crate) fn new_run(run: &str) -> NewRun {
    let begun = begun(run);
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), at(0.0)).unwrap();
    NewRun {
        run: run.into(),
        dedupe: run.into(),
        runbook: "API latency is above its limit".into(),
        file: "api.rb".into(),
        at: at(0.0),
        first,
        needs: RunNeeds { identity: "/srv/api.rb".into(), ..RunNeeds::default() },
    }
}

/// The next records after a lease, one for each text.
pub(crate) fn batch(lease: &Lease, texts: &[&str]) -> Vec<JournalRecord> {
    let mut chain = Chain::at(lease);
    texts.iter().map(|text| chain.next(&noted(text), at(1.0)).unwrap()).collect()
}

/// Does this, again and again while another process writes for longer than the journal waits: on a busy machine one that is
/// stopped in the middle of a transaction keeps the others waiting. Nothing was written then.
pub(crate) fn patiently<T>(mut work: impl FnMut() -> Result<T, StoreError>) -> T {
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        match work() {
            Err(StoreError::Unavailable(words))
                if words.starts_with("another process has been writing to") && Instant::now() < end => {}
            done => return done.unwrap(),
        }
    }
}

/// Appends a record for each text.
pub(crate) fn write(store: &dyn Store, lease: &mut Lease, texts: &[&str]) {
    let records = batch(lease, texts);
    patiently(|| store.append(lease, &records));
}
