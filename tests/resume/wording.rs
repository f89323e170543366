//! A run that was parked by an rbl with other words: what it does counts, not how that is worded.

use std::sync::Arc;
use std::time::Duration;

use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, JournalEvent, JournalRecord, Memory, Stopped, Store, Worker,
};
use rbl_runtime::{
    Act, ActTarget, Ask, Effect, Event, EventKind, Outcome, Page, Purpose, RecordEffect, Sleep,
};

use super::bench::{Shared, begun, drive_in, start};
use super::scripted_world::ScriptedWorld;

const TEXT: &str = r#"runbook "R"
owner "api-oncall"
metric p99 in s from prometheus "p99"
define restart(service) as `systemctl restart #{service}`
check p99 < 5s else { "slow: #{p99}" }
action restart("api") undo `stop api`
action "Look at #{p99}" within 5m
escalate to "dba" because "p99 is #{p99}" else { "nobody" }
record "p99 is #{p99}" to "incidents"
wait until p99 < 5s within 10m every 1m else { "late" }
repeat up to 2 times every 10s { if `probe` { action `a` } }
action `b` by "dba" within 1h
check "Is p99 well at #{p99}?" within 12h else { stop "no" }
action `done`
"#;

fn world() -> ScriptedWorld {
    ScriptedWorld::new()
        .reading("p99", 9.0)
        .later("p99", 100.0, 1.0)
        .yes("dba: is this to be done? b")
        .yes("Is p99 well at 1s?")
}

/// What an rbl with other words would have recorded: every title, reason, prompt, text and story differs, and of the
/// events some are missing and others are new.
fn reworded(number: usize, entry: Entry) -> Vec<Entry> {
    let other = |text: String| format!("«{text}»");
    match entry {
        Entry::Own(JournalEvent::Intent { intent, site, lane, behind }) => {
            let intent = match intent {
                Effect::Act(act) => Effect::Act(Act {
                    title: other(act.title),
                    within: act.within + 1.0,
                    target: match act.target {
                        ActTarget::Instruction(text) => ActTarget::Instruction(other(text)),
                        target => target,
                    },
                    ..act
                }),
                Effect::Ask(ask) => Effect::Ask(Ask { prompt: other(ask.prompt), ..ask }),
                Effect::Page(page) => {
                    Effect::Page(Page { reason: other(page.reason), story: vec!["another".into()], ..page })
                }
                Effect::Record(record) => Effect::Record(RecordEffect { text: other(record.text), ..record }),
                Effect::Sleep(Sleep { seconds, purpose: Purpose::Poll { condition, last, left } }) => {
                    let purpose = Purpose::Poll { condition: other(condition), last: other(last), left };
                    Effect::Sleep(Sleep { seconds, purpose })
                }
                intent => intent,
            };
            vec![Entry::Own(JournalEvent::Intent { intent, site, lane, behind })]
        }
        Entry::Event(event) if matches!(event.kind, EventKind::Parked { .. }) => vec![Entry::Event(event)],
        Entry::Event(_) if number.is_multiple_of(3) => Vec::new(),
        Entry::Event(event) if number % 3 == 1 => {
            let more =
                Event { kind: EventKind::Noted { text: "another rbl says more".into() }, ..event.clone() };
            vec![Entry::Event(event), Entry::Event(more)]
        }
        own_or_event => vec![own_or_event],
    }
}

/// A store that holds the run as that rbl recorded it.
fn store_of(
    begun: &Begun,
    records: &[JournalRecord],
    with: impl Fn(usize, Entry) -> Vec<Entry>,
) -> Arc<Memory> {
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, begun);
    let worker = Worker { name: "other".into() };
    let mut lease = store.claim(&worker, &Claim::Run(begun.run.clone()), Duration::ZERO).unwrap().remove(0);
    let mut chain = Chain::at(&lease);
    let mut batch = Vec::new();
    for (number, record) in records.iter().enumerate().skip(1) {
        for entry in with(number, record.entry().unwrap()) {
            batch.push(chain.next(&entry, record.at).unwrap());
        }
    }
    store.append(&mut lease, &batch).unwrap();
    store
}

/// The records of the run up to the first that holds this.
fn records_until(begun: &Begun, mark: &str) -> Vec<JournalRecord> {
    let store = Arc::new(Memory::new(rbl_world::clock::now));
    start(&store, begun);
    let whole = super::bench::drive(&store, begun, &Shared::new(world())).records;
    let at = whole.iter().position(|it| it.data.contains(mark)).unwrap();
    whole[..=at].to_vec()
}

#[test]
fn an_rbl_with_other_words_resumes_the_run() {
    let begun = begun(TEXT);
    for mark in
        ["\"prompt\":\"Is p99 well", "systemctl restart", "\"effect\":\"record\"", "\"title\":\"b\",\"host\""]
    {
        let records = records_until(&begun, mark);
        let store: Arc<dyn Store> = store_of(&begun, &records, reworded);
        let shared = Shared::new(world());
        super::bench::catch_up(&shared, &records);
        let before = shared.log().len();
        let (ended, _, stopped) = drive_in(&store, &begun, &shared, |options| options);
        assert_eq!(stopped, None, "{mark}");
        assert_eq!(ended.outcome, Outcome::Escalated, "{mark}");
        let again = shared.log()[before..].iter().filter(|line| line.starts_with("page dba")).count();
        let paged = records
            .iter()
            .any(|it| it.data.starts_with("{\"type\":\"reply\",\"answer\":{\"reply\":\"delivered\""));
        assert_eq!(again, usize::from(!paged), "{mark}: {:?}", shared.log());
        let log = shared.log();
        assert_eq!(log[log.len() - 2..], ["act done", "act stop api"], "{mark}");
    }
}

/// Another action, another host, another place: that is another run.
#[test]
fn what_it_does_is_compared() {
    let begun = begun(TEXT);
    let records = records_until(&begun, "\"prompt\":\"Is p99 well");
    let changed: [fn(Entry) -> Entry; 3] = [
        |entry| match entry {
            Entry::Own(JournalEvent::Intent { intent: Effect::Act(act), site, lane, behind }) => {
                let intent = Effect::Act(Act { host: Some("db-9".into()), ..act });
                Entry::Own(JournalEvent::Intent { intent, site, lane, behind })
            }
            entry => entry,
        },
        |entry| match entry {
            Entry::Own(JournalEvent::Intent { intent: intent @ Effect::Page(_), mut site, lane, behind }) => {
                site.offset += 1;
                Entry::Own(JournalEvent::Intent { intent, site, lane, behind })
            }
            entry => entry,
        },
        |entry| match entry {
            Entry::Own(JournalEvent::Look {
                look: look @ Effect::Probe(_),
                answer,
                mut site,
                lane,
                took,
                behind,
            }) => {
                site.path = vec![7];
                Entry::Own(JournalEvent::Look { look, answer, site, lane, took, behind })
            }
            entry => entry,
        },
    ];
    for (number, change) in changed.into_iter().enumerate() {
        let store: Arc<dyn Store> = store_of(&begun, &records, |_, entry| vec![change(entry)]);
        let shared = Shared::new(world());
        let (_, _, stopped) = drive_in(&store, &begun, &shared, |options| options);
        assert!(matches!(stopped, Some(Stopped::Stuck(_))), "{number}: {stopped:?}");
        assert!(shared.log().is_empty(), "{number}: {:?}", shared.log());
    }
}
