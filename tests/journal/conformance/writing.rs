//! Compare and append.

use rbl_runtime::Outcome;
use rbl_runtime::journal::{Chain, Claim, ParkedState, Release, Store, StoreError, verify};

use super::super::runs::{at, batch, noted, worker, write};
use super::{Bench, TTL, begun, is_fenced, seqs, taken};

fn length(store: &dyn Store, run: &str) -> u64 {
    taken(store, run).length
}

pub(super) fn the_same_append_again_is_fine(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    // The answer was lost: the writer still has the lease as it was.
    let mut before = lease.clone();
    let records = batch(&lease, &["b", "c"]);
    store.append(&mut lease, &records).unwrap();
    store.append(&mut before, &records).unwrap();
    assert_eq!(before, lease);
    assert_eq!(seqs(&store.load(&lease, 0).unwrap().0), [0, 1, 2]);
    // Something else at the same place is not the same call.
    let mut before = lease.clone();
    before.length = 1;
    before.last_hash.clone_from(&store.load(&lease, 0).unwrap().0[0].hash);
    assert!(is_fenced(store.append(&mut before.clone(), &batch(&before, &["b", "other"]))));
    assert!(is_fenced(store.append(&mut before.clone(), &batch(&before, &["b"]))));
}

pub(super) fn an_append_at_another_place_is_fenced(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    let first = batch(&lease, &["b"]);
    let mut ahead = lease.clone();
    ahead.length = 2;
    ahead.last_hash.clone_from(&first[0].hash);
    assert!(is_fenced(store.append(&mut ahead.clone(), &batch(&ahead, &["c"]))), "a gap");
    let mut other = lease.clone();
    other.last_hash = "another".into();
    assert!(is_fenced(store.append(&mut other.clone(), &batch(&other, &["b"]))), "behind another record");
    store.append(&mut lease, &first).unwrap();
    assert_eq!(seqs(&store.load(&lease, 0).unwrap().0), [0, 1]);
}

pub(super) fn what_does_not_follow_is_refused(bench: &dyn Bench) {
    let store = bench.open();
    let lease = begun(&*store, "a");
    let mut gap = batch(&lease, &["b", "c", "d"]);
    gap.remove(1);
    let mut altered = batch(&lease, &["b", "c"]);
    altered[1].data.push(' ');
    let mut chain = Chain::at(&lease);
    let mut other_epoch = vec![chain.next(&noted("b"), at(0.0)).unwrap()];
    other_epoch[0].epoch = 7;
    for records in [gap, altered, other_epoch] {
        let refused = store.append(&mut lease.clone(), &records).unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt(_)), "{refused:?}");
    }
    assert_eq!(seqs(&store.load(&lease, 0).unwrap().0), [0]);
}

pub(super) fn whoever_lost_its_lease_writes_nothing(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let mut old = begun(&*store, "a");
    write(&*store, &mut old, &["b"]);
    bench.die(store);
    let mut new = taken(&*other, "a");
    assert_eq!((new.epoch, new.length), (old.epoch + 1, 2));

    let thawed = bench.open();
    let records = batch(&old, &["c"]);
    assert!(is_fenced(thawed.append(&mut old.clone(), &records)));
    assert!(is_fenced(thawed.append(&mut old.clone(), &[])));
    assert!(is_fenced(thawed.load(&old, 0)));
    let end = Release::Ended { outcome: Outcome::Resolved, message: String::new() };
    assert!(is_fenced(thawed.release(&mut old.clone(), &records, &end)));
    assert!(is_fenced(thawed.release(&mut old.clone(), &[], &end)));
    assert_eq!(thawed.renew(&worker("w"), &[("a".into(), old.epoch, 0)], TTL).unwrap().lost, ["a"]);
    let Err(StoreError::Fenced { by: Some(by) }) = thawed.append(&mut old.clone(), &records) else {
        panic!()
    };
    assert!(by.starts_with("w, since"), "{by}");

    write(&*other, &mut new, &["d"]);
    let written = other.load(&new, 0).unwrap().0;
    assert_eq!(written.iter().map(|it| it.epoch).collect::<Vec<_>>(), [0, 1, 2]);
    verify(&written).unwrap();
}

pub(super) fn a_takeover_keeps_the_journal(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let mut lease = begun(&*store, "a");
    write(&*store, &mut lease, &["b", "c"]);
    let before = store.load(&lease, 0).unwrap().0;
    bench.die(store);
    let leases = other.claim(&worker("w"), &Claim::Due(1), TTL).unwrap();
    assert_eq!(other.load(&leases[0], 0).unwrap().0, before);
}

pub(super) fn a_release_again_is_fine(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    let parked = Release::Parked(ParkedState {
        until: Some(at(1.0)),
        waits_for: "an answer".into(),
        ..ParkedState::default()
    });
    let (mut before, records) = (lease.clone(), batch(&lease, &["b"]));
    store.release(&mut lease, &records, &parked).unwrap();
    store.release(&mut before.clone(), &records, &parked).unwrap();
    store.signal("a", "1", "\"yes\"").unwrap();
    store.release(&mut before, &records, &parked).unwrap();
    assert_eq!(before, lease);
    assert_eq!(store.claim(&worker("w"), &Claim::Due(9), TTL).unwrap().len(), 1, "the signal still counts");
    assert!(is_fenced(store.release(&mut before, &records[..0], &parked)), "the next turn has begun");

    let mut lease = begun(&*store, "b");
    let end = Release::Ended { outcome: Outcome::Failed, message: "m".into() };
    let (mut before, records) = (lease.clone(), batch(&lease, &["b"]));
    store.release(&mut lease, &records, &end).unwrap();
    store.release(&mut before.clone(), &records, &end).unwrap();
    assert!(is_fenced(store.release(&mut before, &[], &end)), "without its last record it is another call");
}

pub(super) fn all_or_nothing(bench: &dyn Bench) {
    let store = bench.open();
    let lease = begun(&*store, "a");
    let mut records = batch(&lease, &["b", "c", "d"]);
    records[2].hash = "altered".into();
    let end = Release::Ended { outcome: Outcome::Resolved, message: String::new() };
    store.append(&mut lease.clone(), &records).unwrap_err();
    store.release(&mut lease.clone(), &records, &end).unwrap_err();
    assert_eq!(seqs(&store.load(&lease, 0).unwrap().0), [0]);
    let parked =
        Release::Parked(ParkedState { until: None, waits_for: "x".into(), ..ParkedState::default() });
    store.release(&mut lease.clone(), &[], &parked).unwrap();
    assert_eq!(length(&*store, "a"), 1);
}
