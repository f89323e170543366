//! Signals to a run from other processes.

use rbl_runtime::journal::{
    Accepted, AppendGuard, Appended, Claim, GuardRefusal, Lease, ParkedState, Release, SignalName, Store,
};
use rbl_runtime::{Answer, AnswerAuthor, Outcome, Reply};

use super::super::runs::{at, batch, worker, write};
use super::{Bench, TTL, begun, taken};

fn park(store: &dyn Store, lease: &mut Lease) {
    // Not before the year 2100: only a signal can wake it.
    let until = at(3.2e9);
    store
        .release(
            lease,
            &[],
            &Release::Parked(ParkedState {
                until: Some(until),
                waits_for: "x".into(),
                ..ParkedState::default()
            }),
        )
        .unwrap();
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

/// The guard of a reply to a question that nobody answered.
fn timed_out(question: &str) -> [AppendGuard; 1] {
    [AppendGuard::UnlessSignaled { question: question.into(), quorum: 1, closed: "timed out".into() }]
}

pub(super) fn a_closed_question_takes_no_answer(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let mut lease = begun(&*store, "a");
    let records = batch(&lease, &["the time is up"]);
    assert_eq!(store.append_guarded(&mut lease, &records, &timed_out("7")).unwrap(), Appended::Written);
    assert_eq!(other.signal("a", "7", "\"yes\"").unwrap(), Accepted::TooLate("timed out".into()));
    assert_eq!(other.signal("a", "8", "\"yes\"").unwrap(), Accepted::Accepted, "another question");
    // The other way round: the answer came first.
    let before = lease.clone();
    let records = batch(&lease, &["the time is up again"]);
    let refused = store.append_guarded(&mut lease, &records, &timed_out("8")).unwrap();
    let Appended::Refused(GuardRefusal::Signaled(first)) = refused else { panic!("{refused:?}") };
    assert_eq!((first.question(), first.data.as_str()), ("8", "\"yes\""));
    assert_eq!(lease, before, "nothing was written");
    store.append(&mut lease, &records).unwrap();
}

pub(super) fn as_many_people_count_as_are_asked_for(bench: &dyn Bench) {
    let store = bench.open();
    let lease = begun(&*store, "a");
    let by = |person: &str| {
        store.signal_named("a", &SignalName::of("7").by(person), &said(person, Answer::Yes), 2).unwrap()
    };
    assert_eq!(by("ana"), Accepted::Accepted);
    assert_eq!(by("ana"), Accepted::Duplicate, "one of each person");
    // One of two does not decide it: the time may still be up.
    let closing = |question: &str| {
        [AppendGuard::UnlessSignaled { question: question.into(), quorum: 2, closed: "timed out".into() }]
    };
    assert_eq!(by("bo"), Accepted::Accepted);
    assert_eq!(by("cy"), Accepted::Duplicate, "two were asked for");
    let (_, signals) = store.load(&lease, 0).unwrap();
    let names: Vec<&str> = signals.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["7/ana", "7/bo"]);
    assert_eq!(signals[0].question(), "7");
    let mut lease = lease;
    let records = batch(&lease, &["the time is up"]);
    let refused = store.append_guarded(&mut lease, &records, &closing("7")).unwrap();
    assert!(matches!(refused, Appended::Refused(GuardRefusal::Signaled(_))), "{refused:?}");
    let of = |question: &str, person: &str, data: &str| {
        store.signal_named("a", &SignalName::of(question).by(person), data, 2).unwrap()
    };
    assert_eq!(of("8", "ana", &said("ana", Answer::Yes)), Accepted::Accepted);
    assert_eq!(store.append_guarded(&mut lease, &records, &closing("8")).unwrap(), Appended::Written);
    assert_eq!(of("8", "bo", &said("bo", Answer::Yes)), Accepted::TooLate("timed out".into()));
    // One refusal refuses, and nobody can approve after it.
    assert_eq!(of("9", "ana", &said("ana", Answer::No)), Accepted::Accepted);
    assert_eq!(of("9", "bo", &said("bo", Answer::Yes)), Accepted::Duplicate);
}

/// The answer of a person, as a signal holds it.
pub(super) fn said(person: &str, answer: impl FnOnce(AnswerAuthor) -> Answer) -> String {
    let author = AnswerAuthor { by: Some(person.into()), vouched: true, remark: None };
    serde_json::to_string(&Reply::Answered(answer(author))).unwrap()
}

/// What an alert of a run has to say is there when the run is executed again, and makes it due for nobody.
pub(super) fn a_signal_about_an_alert_wakes_nobody(bench: &dyn Bench) {
    let store = bench.open();
    park(&*store, &mut begun(&*store, "a"));
    let report = |key: &str| {
        store.signal_named("a", &SignalName::of(SignalName::ALERT).by(key), "{}", u32::MAX).unwrap()
    };
    assert_eq!(
        (report("1"), report("2"), report("1")),
        (Accepted::Accepted, Accepted::Accepted, Accepted::Duplicate)
    );
    assert_eq!(due(&*store), []);
    let (_, signals) = store.load(&taken(&*store, "a"), 0).unwrap();
    assert_eq!(signals.len(), 2);
}

pub(super) fn renewing_brings_new_signals(bench: &dyn Bench) {
    let (store, other) = (bench.open(), bench.open());
    let lease = begun(&*store, "a");
    let renewed = |seen| {
        let renewal = store.renew(&worker("w"), &[("a".into(), lease.epoch, seen)], TTL).unwrap();
        assert_eq!(renewal.lost, [""; 0]);
        renewal.signals.into_iter().map(|(run, it)| (run.to_string(), it.number)).collect::<Vec<_>>()
    };
    assert_eq!(renewed(0), []);
    other.signal("a", "7", "1").unwrap();
    other.signal("a", "8", "1").unwrap();
    assert_eq!(renewed(0), [("a".to_owned(), 1), ("a".to_owned(), 2)]);
    assert_eq!(renewed(1), [("a".to_owned(), 2)]);
    assert_eq!(renewed(2), []);
}
