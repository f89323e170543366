//! Several processes at one journal, and processes that are killed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rbl_runtime::Outcome;
use rbl_runtime::journal::{Claim, Filter, ParkedState, Release, RunQuery, Store, StoreError, verify};
use rbl_store::{Sqlite, SqliteReader};

use super::runs::{new_run, patiently, worker, write};

const TURNS: u64 = 3;
const TTL: Duration = Duration::from_secs(1);

/// The folder of the journal, for a process of [`a_worker`].
const FOLDER: &str = "RBL_TEST_JOURNAL";

/// Not a test of its own: what the processes of the others do. Runs what is due until every run has ended; if it is
/// asked to freeze, it claims one and holds it.
#[test]
#[ignore = "started by the tests of this file"]
fn a_worker() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = patiently(|| Sqlite::open(Path::new(&folder)));
    let me = worker(&format!("pid {}", std::process::id()));
    if std::env::var_os("RBL_TEST_HOLDS").is_some() {
        let lease = patiently(|| store.claim(&me, &Claim::Run("held".into()), TTL)).remove(0);
        write(&store, &mut lease.clone(), &["held"]);
        println!("holds");
        std::thread::sleep(Duration::from_mins(2));
        return;
    }
    let look = patiently(|| SqliteReader::open(Path::new(&folder)));
    let open =
        || patiently(|| look.list(&Filter::default())).iter().any(|run| run.state.word() != "resolved");
    while open() {
        for mut lease in patiently(|| store.claim(&me, &Claim::Due(2), TTL)) {
            write(&store, &mut lease, &[&me.name, "works"]);
            let how = if lease.length < 3 * TURNS {
                Release::Parked(ParkedState {
                    until: Some(super::runs::at(0.0)),
                    waits_for: "the next turn".into(),
                    ..ParkedState::default()
                })
            } else {
                Release::Ended { outcome: Outcome::Resolved, message: String::new() }
            };
            let records = super::runs::batch(&lease, &["the end of a turn"]);
            patiently(|| store.release(&mut lease, &records, &how));
        }
    }
}

fn process(folder: &Path, holds: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["journal::processes::a_worker", "--exact", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if holds {
        command.env("RBL_TEST_HOLDS", "1");
    }
    command.spawn().unwrap()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn many_processes_drive_many_runs_and_killing_them_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    for run in 0..12 {
        store.start(&new_run(&format!("r{run:02}"))).unwrap();
    }
    let mut workers: Vec<Child> = (0..4).map(|_| process(folder.path(), false)).collect();
    // Some die in the middle, each at another moment; others start.
    for round in 0..8_u64 {
        std::thread::sleep(Duration::from_millis(3 + 7 * round));
        let mut killed = workers.remove(0);
        killed.kill().unwrap();
        killed.wait().unwrap();
        workers.push(process(folder.path(), false));
    }
    for mut child in workers {
        assert!(child.wait().unwrap().success());
    }
    let look = SqliteReader::open(folder.path()).unwrap();
    let runs = look.list(&Filter::default()).unwrap();
    assert_eq!(runs.len(), 12);
    for run in runs {
        assert_eq!(run.state.word(), "resolved");
        let (records, _) = look.read(&run.run).unwrap();
        verify(&records).unwrap();
        assert_eq!(records.len() as u64, run.length);
        // One writer an epoch: the first writer in it wrote all of it.
        for epoch in records.chunk_by(|a, b| a.epoch == b.epoch).skip(1) {
            let names = epoch.iter().filter(|it| it.data.contains("pid ")).count();
            assert!(names <= 1, "{epoch:?}");
        }
    }
}

#[test]
fn a_run_that_lives_is_left_alone_and_one_whose_process_died_is_taken_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    store.start(&new_run("held")).unwrap();
    let mut holder = process(folder.path(), true);
    let look = SqliteReader::open(folder.path()).unwrap();
    let word = || look.list(&Filter::default()).unwrap()[0].state.word();
    wait_until("nobody ever held it", || word() == "running");
    wait_until("it never wrote", || look.read("held").unwrap().0.len() == 2);

    // Longer than any lease: a living process keeps what it has.
    std::thread::sleep(TTL + Duration::from_millis(200));
    let refused = store.claim(&worker("me"), &Claim::Run("held".into()), TTL).unwrap_err();
    let StoreError::Fenced { by: Some(by) } = refused else { panic!("{refused:?}") };
    assert!(by.starts_with(&format!("pid {}, since 20", holder.id())), "{by}");
    assert_eq!(store.claim(&worker("me"), &Claim::Due(9), TTL).unwrap(), []);

    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(word(), "cut-off");
    let lease = store.claim(&worker("me"), &Claim::Due(9), TTL).unwrap().remove(0);
    assert_eq!((lease.epoch, lease.length), (2, 2));
    verify(&store.load(&lease, 0).unwrap().0).unwrap();
}
