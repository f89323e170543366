//! What can happen to the file: each fault is reported in words, and what was written is never shown differently.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use rbl_runtime::Outcome;
use rbl_runtime::journal::{
    Claim, Filter, JournalRecord, Lease, Release, RunQuery, Store, StoreError, verify,
};
use rbl_store::{Sqlite, SqliteReader};

use super::disk::Disk;
use super::runs::{batch, new_run, worker, write};

fn taken(store: &Sqlite, run: &str) -> Lease {
    store.claim(&worker("w"), &Claim::Run(run.into()), Duration::ZERO).unwrap().remove(0)
}

/// A journal of a few runs, closed: everything is in the one file.
fn filled(folder: &Path) {
    let store = Sqlite::open(folder).unwrap();
    for name in ["a", "b", "c"] {
        store.start(&new_run(name)).unwrap();
        let mut lease = taken(&store, name);
        let long = "x".repeat(6_000);
        write(&store, &mut lease, &["one", &long, "two", "three"]);
        let end = Release::Ended { outcome: Outcome::Resolved, message: "over".into() };
        store.release(&mut lease, &[], &end).unwrap();
    }
}

type All = BTreeMap<String, Vec<JournalRecord>>;

fn everything(folder: &Path) -> Result<All, StoreError> {
    let look = SqliteReader::open(folder)?;
    let runs = look.list(&Filter::default())?;
    runs.iter().map(|run| Ok((run.run.to_string(), look.read(&run.run)?.0))).collect()
}

#[test]
fn a_flipped_byte_anywhere_is_never_taken_for_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let whole = everything(folder.path()).unwrap();
    assert_eq!(whole.len(), 3);
    let file = Sqlite::file(folder.path());
    let bytes = std::fs::read(&file).unwrap();
    let (mut told, mut seen, mut unharmed) = (0, 0, 0);
    // The whole header, then every 97th byte, each with one bit and with all bits turned.
    for at in (0..100).chain((100..bytes.len()).step_by(97)) {
        for flip in [1_u8, 0xff] {
            let other = tempfile::tempdir().unwrap();
            let mut flipped = bytes.clone();
            flipped[at] ^= flip;
            std::fs::write(Sqlite::file(other.path()), &flipped).unwrap();
            match everything(other.path()) {
                Err(StoreError::Corrupt(words) | StoreError::Unavailable(words)) => {
                    assert!(words.contains(other.path().to_str().unwrap()), "at {at}: {words}");
                    told += 1;
                }
                Err(StoreError::Newer { found, .. }) => {
                    assert!((60..64).contains(&at), "at {at}: {found}");
                    told += 1;
                }
                Err(other) => panic!("at {at}: {other:?}"),
                // Runs and records that are shown are those that were written, or their chain is broken; a run that is
                // missing leaves a gap in what SQLite itself counts.
                Ok(all) => {
                    let same = all == whole;
                    let broken = all.len() < whole.len()
                        || all.iter().any(|(run, records)| {
                            verify(records).is_err()
                                || whole.get(run).is_none_or(|it| it.len() != records.len())
                        });
                    assert!(same || broken, "at {at}: told otherwise than it was");
                    if same { unharmed += 1 } else { seen += 1 }
                }
            }
            // Running it changes nothing and reports the fault, or works as always.
            if let Ok(store) = Sqlite::open(other.path()) {
                match store.claim(&worker("w"), &Claim::Run("a".into()), Duration::ZERO) {
                    Ok(leases) => {
                        assert!(leases.is_empty() || store.load(&leases[0], 0).is_err() || flip == 1);
                    }
                    Err(StoreError::Corrupt(_) | StoreError::Unavailable(_) | StoreError::NoSuchRun(_)) => {}
                    Err(other) => panic!("at {at}: {other:?}"),
                }
            }
        }
    }
    println!("{told} told by the store, {seen} by the chain, {unharmed} in what nothing is read from");
    assert!(told > 50 && seen > 20, "{told} {seen}");
}

#[test]
fn a_log_that_was_cut_off_leaves_whole_runs() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    store.start(&new_run("a")).unwrap();
    let mut lease = taken(&store, "a");
    for text in ["b", "c", "d", "e", "f"] {
        write(&store, &mut lease, &[text]);
    }
    let log = folder.path().join("journal.sqlite3-wal");
    let (file, log) = (std::fs::read(Sqlite::file(folder.path())).unwrap(), std::fs::read(log).unwrap());
    let mut lengths = std::collections::BTreeSet::new();
    for end in (0..=log.len()).step_by(509).chain([log.len()]) {
        let other = tempfile::tempdir().unwrap();
        std::fs::write(Sqlite::file(other.path()), &file).unwrap();
        std::fs::write(other.path().join("journal.sqlite3-wal"), &log[..end]).unwrap();
        for records in everything(other.path()).unwrap().values() {
            verify(records).unwrap();
            lengths.insert(records.len());
        }
        // It can be resumed from there.
        let store = Sqlite::open(other.path()).unwrap();
        if let Ok(leases) = store.claim(&worker("w"), &Claim::Run("a".into()), Duration::ZERO) {
            store.load(&leases[0], 0).unwrap();
        }
    }
    assert_eq!(lengths, (1..=6).collect());
}

#[test]
fn a_newer_journal_and_a_foreign_file_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let file = Sqlite::file(folder.path());
    let tables = rusqlite::Connection::open(&file).unwrap();
    tables.pragma_update(None, "user_version", 99).unwrap();
    // One that only has more in it is read and written.
    SqliteReader::open(folder.path()).unwrap().list(&Filter::default()).unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    tables.execute("UPDATE compatible SET min_reader = 98", []).unwrap();
    let newer = StoreError::Newer { found: 99, known: 9 };
    assert_eq!(Sqlite::open(folder.path()).unwrap_err(), newer);
    assert_eq!(SqliteReader::open(folder.path()).unwrap_err(), newer);
    assert!(newer.to_string().starts_with("the journal was written by a newer rbl"));

    for (what, bytes) in [("text", b"dear diary, today nothing happened".to_vec()), ("zeroes", vec![0; 8192])]
    {
        let other = tempfile::tempdir().unwrap();
        let file = Sqlite::file(other.path());
        std::fs::write(&file, &bytes).unwrap();
        let refused = Sqlite::open(other.path()).unwrap_err().to_string();
        assert!(refused.contains("is not a journal of rbl"), "{what}: {refused}");
        assert!(SqliteReader::open(other.path()).is_err(), "{what}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{what}: it was changed");
    }
    let other = tempfile::tempdir().unwrap();
    let bookmarks = rusqlite::Connection::open(Sqlite::file(other.path())).unwrap();
    bookmarks.execute_batch("CREATE TABLE moz_bookmarks (id)").unwrap();
    assert!(Sqlite::open(other.path()).unwrap_err().to_string().contains("is not a journal of rbl"));
}

#[test]
fn only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("deep/er/rbl");
    let store = Sqlite::open(&state).unwrap();
    store.start(&new_run("a")).unwrap();
    let _lease = taken(&store, "a");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for made in ["deep", "deep/er", "deep/er/rbl", "deep/er/rbl/locks"] {
        assert_eq!(mode(&folder.path().join(made)), 0o700, "{made}");
    }
    for made in ["journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "locks/1"] {
        assert_eq!(mode(&state.join(made)), 0o600, "{made}");
    }
}

#[test]
fn a_place_where_no_folder_can_be_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let refused = Sqlite::open(&folder.path().join("file/rbl")).unwrap_err().to_string();
    assert!(
        refused.starts_with("cannot make the folder") && refused.ends_with("there is a file in its place")
    );
    std::fs::create_dir(Sqlite::file(folder.path())).unwrap();
    let refused = Sqlite::open(folder.path()).unwrap_err().to_string();
    assert!(refused.ends_with("there is a folder in its place"), "{refused}");
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let Some(disk) = Disk::of("1m") else { return };
    let folder = disk.path();
    let store = Sqlite::open(folder).unwrap();
    store.start(&new_run("a")).unwrap();
    let mut lease = taken(&store, "a");
    let text = "x".repeat(20_000);
    let refused = loop {
        let records = batch(&lease, &[&text]);
        if let Err(refused) = store.append(&mut lease, &records) {
            break refused;
        }
        assert!(lease.length < 1_000, "it never is full");
    };
    let StoreError::Unavailable(words) = &refused else { panic!("{refused:?}") };
    assert!(words.contains("full") && words.contains("journal.sqlite3"), "{words}");
    let before = lease.length;
    let records = batch(&lease, &[&text]);
    assert!(store.append(&mut lease, &records).is_err());
    assert_eq!(lease.length, before);
    // What was written is there, and there is more space: the same lease continues.
    assert_eq!(store.load(&lease, 0).unwrap().0.len() as u64, before);
    disk.again("remount,size=8m");
    write(&store, &mut lease, &[&text]);
    drop(store);
    let records = everything(folder).unwrap().remove("a").unwrap();
    assert_eq!(records.len() as u64, before + 1);
    verify(&records).unwrap();
}

#[test]
fn a_disk_that_can_only_be_read_can_be_looked_at() {
    let Some(disk) = Disk::of("4m") else { return };
    let folder = disk.path();
    filled(folder);
    let whole = everything(folder).unwrap();
    disk.again("remount,ro");
    let refused = Sqlite::open(folder).unwrap_err();
    let StoreError::Unavailable(words) = &refused else { panic!("{refused:?}") };
    assert!(words.contains("its file system is read-only"), "{words}");
    assert_eq!(everything(folder).unwrap(), whole);
}

#[test]
fn who_waits_too_long_for_another_writer_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    store.start(&new_run("a")).unwrap();
    let other = rusqlite::Connection::open(Sqlite::file(folder.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.start(&new_run("b")).unwrap_err().to_string();
    assert!(refused.starts_with("another process has been writing to"), "{refused}");
    // Reading works all the while.
    assert_eq!(everything(folder.path()).unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    store.start(&new_run("b")).unwrap();
}

#[test]
fn a_clock_that_goes_back_changes_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    for (name, seconds) in [("first", 0.0), ("second", -7_200.0), ("third", -86_400.0)] {
        let mut new = new_run(name);
        new.at = super::runs::at(seconds);
        store.start(&new).unwrap();
    }
    let mut lease = taken(&store, "first");
    let mut chain = rbl_runtime::journal::Chain::at(&lease);
    let records: Vec<JournalRecord> = [5.0, -3_600.0, -7_200.0]
        .map(|seconds| chain.next(&super::runs::noted("x"), super::runs::at(seconds)).unwrap())
        .into();
    store.append(&mut lease, &records).unwrap();
    let look = SqliteReader::open(folder.path()).unwrap();
    let order: Vec<String> =
        look.list(&Filter::default()).unwrap().iter().map(|run| run.run.to_string()).collect();
    assert_eq!(order, ["third", "second", "first"]);
    assert_eq!(look.read("first").unwrap().0[1..], records);
    verify(&look.read("first").unwrap().0).unwrap();
}
