//! Episodes in a real file: what begins one, who joins it, what closes it.

use std::collections::BTreeMap;

use rbl_runtime::Alert;
use rbl_runtime::journal::{
    EpisodeCause, EpisodeChange, EpisodeKey, HookDelivery, Inbox, MemberReport, ReceivedAlert,
};
use rbl_syntax::value::Time;

use crate::Sqlite;

const START: &str = "2026-11-29T03:00:00Z";

fn at(minutes: f64) -> Time {
    Time::parse(START).unwrap().plus(minutes * 60.0).unwrap()
}

/// A report of an alert of the group `g`: when it came in, when the alert began, and whether it fires.
fn alert(fingerprint: &str, came: f64, began: f64, ended: Option<f64>) -> MemberReport {
    let mut alert = Alert::named("A".into(), BTreeMap::new());
    alert.fingerprint = Some(fingerprint.into());
    alert.starts_at = Some(at(began));
    let key = EpisodeKey { runbook: "/r.rb".into(), source: "am".into(), group: "g".into() };
    let alert = ReceivedAlert { alert, firing: ended.is_none(), ended_at: ended.map(at) };
    MemberReport { key, alert, at: at(came) }
}

struct Kept {
    store: Sqlite,
    _folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { store: Sqlite::open(folder.path()).unwrap(), _folder: folder }
    }

    fn report(&self, report: MemberReport) -> EpisodeChange {
        self.store.report(&[report]).unwrap().pop().unwrap()
    }
}

fn firing(episode: u64, run: Option<&str>, is_new: bool) -> EpisodeChange {
    EpisodeChange::Firing { episode, run: run.map(Into::into), is_new }
}

fn resolved(run: Option<&str>, is_new: bool, closes: bool) -> EpisodeChange {
    EpisodeChange::Resolved { run: run.map(Into::into), is_new, closes }
}

#[test]
fn s3_an_episode_lasts_from_the_first_firing_to_the_last_resolve() {
    let kept = Kept::new();
    assert_eq!(kept.report(alert("a", 0.0, 0.0, None)), firing(1, None, true));
    // Whoever crashed before it had started a run does so now.
    assert_eq!(kept.report(alert("a", 0.0, 0.0, None)), firing(1, None, false));
    kept.store.settle(&[(1, "r1".into())], &[], at(0.0)).unwrap();
    // Another replica, whose Prometheus saw it a little later.
    assert_eq!(kept.report(alert("a", 1.0, 0.5, None)), firing(1, Some("r1"), false));
    assert_eq!(kept.report(alert("b", 2.0, 1.5, None)), firing(1, Some("r1"), true));
    assert_eq!(kept.report(alert("a", 3.0, 0.0, Some(2.5))), resolved(Some("r1"), true, false));
    assert_eq!(kept.report(alert("a", 3.0, 0.0, Some(2.5))), resolved(Some("r1"), false, false));
    assert_eq!(kept.report(alert("b", 4.0, 1.5, Some(3.5))), resolved(Some("r1"), true, true));
    assert_eq!(kept.report(alert("b", 4.1, 1.5, Some(3.5))), resolved(Some("r1"), false, false));
    // The next firing is another episode, however soon.
    assert_eq!(kept.report(alert("a", 4.2, 4.0, None)), firing(2, None, true));
}

#[test]
fn s3_a_late_delivery_of_a_resolved_alert_begins_nothing() {
    let kept = Kept::new();
    kept.report(alert("a", 0.0, 0.0, None));
    kept.store.settle(&[(1, "r1".into())], &[], at(0.0)).unwrap();
    assert_eq!(kept.report(alert("a", 5.0, 0.0, Some(4.0))), resolved(Some("r1"), true, true));
    assert_eq!(kept.report(alert("a", 5.5, 0.2, None)), firing(1, Some("r1"), true));
    // So does one whose end somebody typed, or another clock made: an alert ends no earlier than it began.
    let typed = alert("a", 5.6, -9000.0, Some(-9000.0));
    assert_eq!(kept.report(typed), resolved(Some("r1"), true, true));
    assert_eq!(kept.report(alert("a", 5.7, 0.2, None)), firing(1, Some("r1"), true));
    // It counts as firing again, so that nobody overlooks it where it does; the other replica's resolve closes it.
    assert_eq!(kept.report(alert("a", 6.0, 0.2, Some(4.1))), resolved(Some("r1"), true, true));
}

#[test]
fn s3_an_episode_is_over_after_a_day_without_a_word() {
    let kept = Kept::new();
    kept.report(alert("a", 0.0, 0.0, None));
    kept.store.settle(&[(1, "r1".into())], &[], at(0.0)).unwrap();
    let day = 24.0 * 60.0;
    assert_eq!(kept.report(alert("a", day - 1.0, 0.0, None)), firing(1, Some("r1"), false));
    assert_eq!(kept.report(alert("a", 2.0 * day, 0.0, None)), firing(2, None, true));
}

#[test]
fn s2_a_resolved_alert_that_nothing_knows_is_no_episode() {
    let kept = Kept::new();
    assert_eq!(kept.report(alert("a", 0.0, 0.0, Some(0.0))), EpisodeChange::NoEpisode);
    assert_eq!(kept.report(alert("a", 1.0, 0.5, None)), firing(1, None, true));
}

#[test]
fn the_same_delivery_of_a_sender_counts_once() {
    let kept = Kept::new();
    let delivery = |key: Option<&str>| HookDelivery {
        hook: "pd".into(),
        key: key.map(str::to_owned),
        at: at(0.0),
        alerts: vec![alert("a", 0.0, 0.0, None).alert],
        runbooks: key.map(|_| vec!["database/*".to_owned()]),
    };
    let taken = kept.store.take_in(&[delivery(Some("x")), delivery(Some("x")), delivery(None)]).unwrap();
    assert_eq!(taken, [(1, true), (1, false), (2, true)]);
    assert_eq!(kept.store.backlog().unwrap(), 2);
    let waiting = kept.store.waiting(10).unwrap();
    assert_eq!(waiting.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(waiting[0].delivery, delivery(Some("x")));
    kept.store.settle(&[], &[(1, Vec::new())], at(1.0)).unwrap();
    assert_eq!(kept.store.backlog().unwrap(), 1);
    assert_eq!(kept.store.take_in(&[delivery(Some("x"))]).unwrap(), [(1, false)]);
}

/// A worker may be quicker than the thread that has started the run, and notes it at its episode afterwards.
#[test]
fn a_run_knows_its_alerts_before_its_episode_knows_the_run() {
    let kept = Kept::new();
    kept.report(alert("a", 0.0, 0.0, None));
    let begin = |run: &str, cause: EpisodeCause| {
        let sql = "INSERT INTO run (run, dedupe, runbook, file, started, changed, epoch, length, last_hash, signals, state) \
                   VALUES (?1, ?2, '', '', '', '', 0, 1, '', 0, 'new')";
        kept.store.transact(|it| Ok(it.execute(sql, [run, &cause.to_string()]).unwrap())).unwrap();
    };
    let alerts = |run: &str| kept.store.members(run).unwrap().len();
    begin("r1", EpisodeCause::Fired(1));
    assert_eq!(alerts("r1"), 1);
    kept.store.settle(&[(1, "r1".into())], &[], at(0.0)).unwrap();
    kept.report(alert("b", 1.0, 1.0, None));
    assert_eq!(alerts("r1"), 2);
    // Another run in its place takes nothing away from the record of the first one.
    begin("r2", EpisodeCause::StillFires(1));
    assert_eq!(alerts("r2"), 2);
    kept.store.notified(1, "r2", true).unwrap();
    assert_eq!((alerts("r1"), alerts("r2"), alerts("r3")), (2, 2, 0));
}

/// A runbook that is renamed while an alert fires is not started again for it.
#[test]
fn a_renamed_runbook_keeps_its_episodes() {
    let kept = Kept::new();
    let begin = |run: &str, title: &str| {
        let sql = "INSERT INTO run (run, dedupe, runbook, file, started, changed, epoch, length, last_hash, signals, state) \
                   VALUES (?1, ?1, ?2, '', '', '', 0, 1, '', 0, 'new')";
        kept.store.transact(|it| Ok(it.execute(sql, [run, title]).unwrap())).unwrap();
    };
    let of = |runbook: &str, fingerprint: &str| {
        let mut report = alert(fingerprint, 1.0, 0.0, None);
        report.key.runbook = runbook.into();
        report
    };
    let rename_if = |there: &[(&str, &str)], is_meant: bool| {
        let there = there.iter().map(|(it, title)| ((*it).to_owned(), (*title).to_owned())).collect();
        let means = |_: &str, group: &str, alert: &Alert| {
            assert_eq!((group, alert.name.as_str()), ("g", "A"));
            is_meant
        };
        kept.store.rename(&there, &means).unwrap()
    };
    let rename = |there: &[(&str, &str)]| rename_if(there, true);
    let moved = |from: &str, to: &str| vec![(from.to_owned(), to.to_owned())];
    kept.report(of("/a.rb", "a"));
    kept.store.settle(&[(1, "r1".into())], &[], at(0.0)).unwrap();
    begin("r1", "Disk full");
    // It is there; or nothing has its title; or two have it.
    assert_eq!(rename(&[("/a.rb", "Disk full"), ("/b.rb", "Disk full")]), []);
    assert_eq!(rename(&[("/b.rb", "Another")]), []);
    assert_eq!(rename(&[("/b.rb", "Disk full"), ("/c.rb", "Disk full")]), []);
    assert_eq!(rename_if(&[("/b.rb", "Disk full")], false), [], "another trigger");
    assert_eq!(rename(&[("/b.rb", "Disk full"), ("/c.rb", "Another")]), moved("/a.rb", "/b.rb"));
    assert_eq!(kept.report(of("/b.rb", "a")), firing(1, Some("r1"), false));
    assert_eq!(rename(&[("/b.rb", "Disk full")]), [], "once");
    // Another one that has begun an episode of its own keeps that.
    kept.report(of("/d.rb", "b"));
    kept.store.settle(&[(2, "r2".into())], &[], at(0.0)).unwrap();
    begin("r2", "Disk full");
    assert_eq!(rename(&[("/d.rb", "Disk full")]), []);
    assert_eq!(kept.report(of("/d.rb", "b")), firing(2, Some("r2"), false));
}
