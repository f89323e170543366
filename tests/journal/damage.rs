//! The files of the journal are damaged while a run goes on: nothing more is done that could not be recorded, and rbl is
//! never killed by it.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rbl_runtime::journal::{Claim, Filter, RunQuery, Store, StoreError, verify};
use rbl_store::{Sqlite, SqliteReader};

use super::runs::{batch, new_run, worker, write};
use crate::cli::shell::{Ended, Shell};

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";

/// A run of three actions, of which the second one does this.
fn damaged_by(shell: &Shell, command: &str) {
    shell.write("a.rb", format!("{HEAD}action `echo first`\naction `{command}`\naction `echo x >> done`\n"));
}

/// The journal of a few long runs, closed: most of it is in the database.
fn fill(shell: &Shell) {
    shell.write("before.rb", format!("{HEAD}action `seq 1 20000`\n"));
    for _ in 0..3 {
        shell.rbl("run before.rb --no-input").code(0);
    }
}

#[test]
fn the_next_action_is_not_begun_and_the_owner_is_paged() {
    let journal = "\"$XDG_STATE_HOME\"/rbl/journal.sqlite3";
    let replaced = "cp {} copy; mv copy {}";
    let whats = [
        (": > {}-wal", "-wal was cut short"),
        ("truncate -s 8192 {}-wal", "-wal was cut short"),
        ("rm {}-wal", "-wal was removed"),
        ("rm {}-shm", "-shm was removed"),
        (": > {}-shm", "-shm was cut short"),
        // The process looks at the journal twice a second, during an action too: between two looks.
        ("sleep 0.8; : > {}-shm; sleep 2", "-shm was cut short"),
        ("truncate -s 4096 {}-shm", "-shm was cut short"),
        (": > {}", "journal.sqlite3 was cut short"),
        ("truncate -s 20480 {}", "journal.sqlite3 was cut short"),
        ("cp {}-wal copy; mv copy {}-wal", "-wal was replaced by another file"),
        ("cp {}-shm copy; mv copy {}-shm", "-shm was replaced by another file"),
        (replaced, "journal.sqlite3 was replaced by another file"),
    ];
    for (command, what) in whats {
        let command = command.replace("{}", journal);
        let damage = || {
            let shell = Shell::new();
            fill(&shell);
            damaged_by(&shell, &command);
            let output = shell.command("run a.rb --no-input").output().unwrap();
            (shell, output)
        };
        let (mut shell, mut output) = damage();
        // What is cut short between the look at the files and their use, SQLite touches where nothing is mapped any more, and the
        // system kills the process. That takes a busy machine: it does not happen twice.
        if output.status.signal().is_some() && command.starts_with("sleep") {
            (shell, output) = damage();
        }
        let run = Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        let run = run.code(5);
        assert!(!shell.path().join("done").exists(), "{command}: {run:?}");
        assert!(run.out.contains(&format!("{what} while it was in use")), "{command}: {run:?}");
        assert!(run.out.contains("parked, because the journal cannot be written"), "{command}: {run:?}");
        assert!(run.out.contains("`echo x >> done` was not begun"), "{command}: {run:?}");
        assert!(run.err.contains("could not be recorded"), "{command}: {run:?}");
        // Whatever is left of it is never told otherwise than it was, and a run that is whole can be resumed.
        let left = shell.rbl("runs --all --format json");
        if left.code == Some(0) && shell.rbl("show last --verify").code == Some(0) {
            let next = shell.rbl("resume last --no-input");
            assert!(next.code.is_some_and(|code| [0, 2, 5].contains(&code)), "{command}: {next:?}");
        }
    }
}

#[test]
fn a_folder_that_was_away_for_a_moment_lost_nothing() {
    let shell = Shell::new();
    let state = "\"$XDG_STATE_HOME\"";
    damaged_by(&shell, &format!("mv {state}/rbl {state}/away; mv {state}/away {state}/rbl"));
    shell.rbl("run a.rb --no-input").code(0);
    shell.rbl("show last --verify").code(0);
    shell.rbl("replay last").code(0);
}

/// The index file that was removed alone costs nothing: the run goes on from its record.
#[test]
fn what_the_record_still_holds_is_resumed() {
    let shell = Shell::new();
    damaged_by(&shell, "rm \"$XDG_STATE_HOME\"/rbl/journal.sqlite3-shm");
    shell.rbl("run a.rb --no-input").code(5);
    // The end of the second action could not be recorded; the third did not begin.
    let asked = shell.rbl("resume last --no-input").code(5);
    assert!(asked.out.contains("was it done? `rm "), "{asked:?}");
    shell.rbl("answer last done --no-input").code(0);
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
    shell.rbl("show last --verify").code(0);
}

fn wait_for(path: &Path) {
    let until = Instant::now() + Duration::from_mins(1);
    while !path.exists() {
        assert!(Instant::now() < until, "{} never came", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Another program may make the files shorter in an orderly way: nothing is lost, and the run is recorded on.
#[test]
fn a_file_that_is_shorter_in_an_orderly_way_is_fine() {
    for statements in ["PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"] {
        let shell = Shell::new();
        fill(&shell);
        let file = Sqlite::file(&shell.state().join("rbl"));
        let waits = "action `touch begun; while ! test -e go; do sleep 0.05; done`";
        shell.write("a.rb", format!("{HEAD}action `seq 1 20000`\n{waits}\naction `echo x >> done`\n"));
        let mut command = shell.command("run a.rb --no-input");
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        wait_for(&shell.path().join("begun"));
        let lengths = || {
            let log = file.with_file_name("journal.sqlite3-wal");
            [&file, &log].map(|path| std::fs::metadata(path).map_or(0, |it| it.len()))
        };
        let other = rusqlite::Connection::open(&file).unwrap();
        // So that there is something to give back.
        other.execute_batch("CREATE TABLE waste (x); INSERT INTO waste VALUES (zeroblob(400000));").unwrap();
        other.execute_batch("DROP TABLE waste; PRAGMA wal_checkpoint(PASSIVE)").unwrap();
        let before = lengths();
        let mut statement = statements.split("; ");
        while statement.next().is_some_and(|it| other.execute_batch(it).is_ok()) {}
        let after = lengths();
        assert!(after[0] < before[0] || after[1] < before[1], "{statements}: {before:?} {after:?}");
        drop(other);
        shell.write("go", "");
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{statements}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
        shell.rbl("show last --verify").code(0);
    }
}

#[test]
fn a_store_whose_records_are_lost_records_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    store.start(&new_run("a")).unwrap();
    let mut lease = store.claim(&worker("w"), &Claim::Run("a".into()), Duration::ZERO).unwrap().remove(0);
    write(&store, &mut lease, &["one", "two"]);
    let log = folder.path().join("journal.sqlite3-wal");
    let bytes = std::fs::read(&log).unwrap();
    std::fs::write(&log, &bytes[..bytes.len() / 2]).unwrap();
    let records = batch(&lease, &["three"]);
    let refused = store.append(&mut lease, &records).unwrap_err();
    assert!(matches!(&refused, StoreError::Corrupt(words) if words.contains("is lost")), "{refused:?}");
    // It stays so, even where the file is as long as before.
    std::fs::write(&log, vec![0; bytes.len()]).unwrap();
    assert_eq!(store.append(&mut lease, &records).unwrap_err(), refused);
    assert_eq!(store.renew(&worker("w"), &[("a".into(), 1, 0)], Duration::ZERO).unwrap_err(), refused);
    assert_eq!(store.idle(Duration::from_millis(1)).unwrap_err(), refused);
    // What was damaged is not written over when it is closed.
    drop(store);
    assert_eq!(std::fs::read(&log).unwrap(), vec![0; bytes.len()]);
}

/// A turn whose end could not be recorded: this process leaves the run alone for a while, everybody else may resume it.
#[test]
fn a_run_that_is_given_up_is_not_tried_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).unwrap();
    store.start(&new_run("a")).unwrap();
    let claim = |store: &Sqlite, which: &Claim| store.claim(&worker("w"), which, Duration::ZERO);
    let lease = claim(&store, &Claim::Due(1)).unwrap().remove(0);
    store.give_up(&lease);
    assert_eq!(claim(&store, &Claim::Due(9)).unwrap(), []);
    let begun = Instant::now();
    store.idle(Duration::from_millis(150)).unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(150), "something is due");
    let other = Sqlite::open(folder.path()).unwrap();
    let again = claim(&other, &Claim::Due(9)).unwrap().remove(0);
    assert_eq!(again.epoch, 2);
    other.give_up(&again);
    assert_eq!(claim(&store, &Claim::Run("a".into())).unwrap()[0].epoch, 3);
}

#[test]
fn that_the_owner_was_paged_is_known_until_something_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let claimed = || {
        let store = Sqlite::open(folder.path()).unwrap();
        let lease = store.claim(&worker("w"), &Claim::Run("a".into()), Duration::ZERO).unwrap().remove(0);
        (store, lease)
    };
    Sqlite::open(folder.path()).unwrap().start(&new_run("a")).unwrap();
    let (store, lease) = claimed();
    assert_eq!(store.noted_page(&lease), None);
    store.note_page(&lease);
    assert!(store.noted_page(&lease).is_some());
    drop(store);
    let (store, mut lease) = claimed();
    assert!(store.noted_page(&lease).is_some(), "it was kept");
    write(&store, &mut lease, &["one"]);
    assert_eq!(store.noted_page(&lease), None);
    drop(store);
    let (store, lease) = claimed();
    assert_eq!(store.noted_page(&lease), None);
}

/// A process that opens the journal twice keeps what SQLite needs to know that it is in use: another process that
/// closes it as the last one would remove the log.
#[test]
fn a_process_that_ends_leaves_the_log_to_those_that_use_it() {
    let shell = Shell::new();
    let folder = shell.state().join("rbl");
    shell.write("a.rb", format!("{HEAD}action `echo x >> done`\n"));
    shell.rbl("run a.rb --no-input").code(0);
    let look = SqliteReader::open(&folder).unwrap();
    assert_eq!(look.list(&Filter::default()).unwrap().len(), 1);
    let store = Sqlite::open(&folder).unwrap();
    store.start(&new_run("a")).unwrap();
    let mut lease = store.claim(&worker("w"), &Claim::Run("a".into()), Duration::ZERO).unwrap().remove(0);
    let log = || std::fs::metadata(folder.join("journal.sqlite3-wal")).unwrap().ino();
    let before = log();
    shell.rbl("run a.rb --no-input").code(0);
    assert_eq!(log(), before, "it was removed");
    write(&store, &mut lease, &["one"]);
    drop((look, store));
    let records = SqliteReader::open(&folder).unwrap().read("a").unwrap().0;
    verify(&records).unwrap();
    assert_eq!(records.len() as u64, lease.length);
}
