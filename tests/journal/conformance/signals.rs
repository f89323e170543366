//! Signals to a run from other processes.

use rbl_runtime::Outcome;
use rbl_runtime::journal::{Accepted, Claim, Lease, Release, Store};

use super::super::runs::{at, worker, write};
use super::{Bench, TTL, begun, taken};

fn park(store: &dyn Store, lease: &mut Lease) {
    // Not before the year 2100: only a signal can wake it.
    let until = at(3.2e9);
    store.release(lease, &[], &Release::Parked { until: Some(until), waits_for: "x".into() }).unwrap();
}

fn due(store: &dyn Store) -> Vec<Lease> {
    store.claim(&worker("w"), &Claim::Due(9), TTL).unwrap()
}

pub(super) fn a_signal_wakes_a_parked_run(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    park(&*store, &mut begun(&*store, "a"));
    assert_eq!(due(&*store), []);
    assert_eq!(other.signal("a", "7", "\"yes\"").unwrap(), Accepted::Accepted);
    let leases = due(&*store);
    assert_eq!(leases.len(), 1);
    assert_eq!(leases[0].signals_seen, 1);
    let (_, signals) = store.load(&leases[0], 0).unwrap();
    assert_eq!(signals.len(), 1);
    assert_eq!((signals[0].number, signals[0].name.as_str(), signals[0].data.as_str()), (1, "7", "\"yes\""));
    // A signal that was seen does not wake it again.
    park(&*store, &mut leases[0].clone());
    assert_eq!(due(&*store), []);
}

pub(super) fn the_first_value_of_a_name_holds(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    park(&*store, &mut begun(&*store, "a"));
    assert_eq!(store.signal("a", "7", "\"yes\"").unwrap(), Accepted::Accepted);
    assert_eq!(other.signal("a", "7", "\"no\"").unwrap(), Accepted::Duplicate);
    assert_eq!(other.signal("a", "7", "\"yes\"").unwrap(), Accepted::Duplicate);
    let lease = taken(&*store, "a");
    assert_eq!(other.signal("a", "7", "\"no\"").unwrap(), Accepted::Duplicate);
    let (_, signals) = store.load(&lease, 0).unwrap();
    assert_eq!(signals.len(), 1);
    assert_eq!(signals[0].data, "\"yes\"");
    park(&*store, &mut lease.clone());
    assert_eq!(due(&*store), [], "a duplicate wakes nobody");
    // Signals of another run are separate.
    park(&*store, &mut begun(&*store, "b"));
    assert_eq!(store.signal("b", "7", "\"no\"").unwrap(), Accepted::Accepted);
}

pub(super) fn a_signal_breaks_no_lease_and_wakes_the_run_when_it_is_released(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let mut lease = begun(&*store, "a");
    assert_eq!(other.signal("a", "7", "\"yes\"").unwrap(), Accepted::Accepted);
    assert_eq!(due(&*other), []);
    write(&*store, &mut lease, &["b"]);
    park(&*store, &mut lease);
    assert_eq!(due(&*other).len(), 1, "it came before the run was parked");
}

pub(super) fn signals_come_in_their_order(bench: &dyn Bench) {
    let store = bench.open();
    let lease = begun(&*store, "a");
    let names: Vec<String> = (0..20).map(|it| format!("{}", (it * 7) % 20)).collect();
    for name in &names {
        store.signal("a", name, &format!("\"{name}\"")).unwrap();
    }
    let (_, signals) = store.load(&lease, 0).unwrap();
    let came: Vec<&str> = signals.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(came, names);
    assert_eq!(signals.iter().map(|it| it.number).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    assert_eq!(bench.look().read("a").unwrap().1, signals);
}

pub(super) fn a_run_that_is_over_takes_none(bench: &dyn Bench) {
    let store = bench.open();
    let mut lease = begun(&*store, "a");
    store.signal("a", "1", "\"yes\"").unwrap();
    let end = Release::Ended { outcome: Outcome::Aborted, message: String::new() };
    store.release(&mut lease, &[], &end).unwrap();
    assert_eq!(store.signal("a", "1", "\"yes\"").unwrap(), Accepted::Ended);
    assert_eq!(store.signal("a", "2", "\"yes\"").unwrap(), Accepted::Ended);
    assert_eq!(bench.look().read("a").unwrap().1.len(), 1);
    assert_eq!(due(&*store), []);
}
