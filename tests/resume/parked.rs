//! Runs that an earlier rbl parked, as files: each has to be resumed by every rbl that follows.
//!
//! A folder below `tests/parked/edition-2/` is the journal of one run. It is never written again once it is released: a
//! change of this rbl that cannot resume one of them would strand somebody's run. To add a situation, add it to
//! [`SITUATIONS`], run `RBL_MAKE_PARKED=1 cargo test --test rbl parked`, and commit the new folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rbl_runtime::Outcome;
use rbl_runtime::Reply;
use rbl_runtime::journal::{
    Begun, Claim, Options, RecordedSource, RunQuery, RunState, Store, Worker, sha256, verify,
};
use rbl_store::{Sqlite, SqliteReader};

use super::bench::{Shared, begun, drive_in, start_at, told_again};
use super::scripted_world::ScriptedWorld;

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\nmetric p99 in s from prometheus \"p99\"\n";

/// How a run comes to be where it is.
enum Left {
    /// It is parked by itself.
    Parks,
    /// Parked, and woken this many seconds after its start, several times.
    Wakes(&'static [f64]),
    /// Its process dies when it writes the record after one that holds this.
    DiesBehind(&'static str),
    /// Cut off there, and then asked about and parked.
    AskedBehind(&'static str),
}

struct Situation {
    /// The folder.
    name: &'static str,
    text: &'static str,
    left: Left,
    /// Its state in a list.
    state: &'static str,
    /// Seconds from its start until it is resumed.
    after: f64,
    /// The effects of the turn that resumes it, apart from the clock.
    log: &'static [&'static str],
    outcome: Outcome,
}

const SITUATIONS: [Situation; 8] = [
    Situation {
        name: "question",
        text: "action `a`\ncheck \"Is it well?\" within 12h else { stop \"no\" }\naction `b`\n",
        left: Left::Parks,
        state: "waiting",
        after: 600.0,
        log: &["ask Is it well?", "act b"],
        outcome: Outcome::Resolved,
    },
    Situation {
        name: "question-without-an-answer",
        text: "check \"Is it well?\" within 30m else { stop \"no\" } unknown { action `u` }\n",
        left: Left::Parks,
        state: "waiting",
        after: 1_801.0,
        log: &["act u"],
        outcome: Outcome::Resolved,
    },
    Situation {
        name: "approval",
        text: "action `a` by \"dba\" within 12h else { stop \"no\" }\naction `b`\n",
        left: Left::Parks,
        state: "waiting",
        after: 600.0,
        log: &["ask dba: is this to be done? a", "act a", "act b"],
        outcome: Outcome::Resolved,
    },
    Situation {
        name: "wait",
        text: "action `a` finally `f`\nwait 10m\naction `b`\n",
        left: Left::Parks,
        state: "waiting",
        after: 601.0,
        log: &["act b", "act f"],
        outcome: Outcome::Resolved,
    },
    Situation {
        name: "poll-with-a-mark",
        text: "wait until p99 < 5s for 2m within 2h every 1m else { \"late\" }\naction `b`\n",
        left: Left::Wakes(&[60.0, 120.0, 180.0, 240.0, 300.0]),
        state: "waiting",
        after: 3_000.0,
        log: &["read p99", "sleep 60", "read p99", "sleep 60", "read p99", "act b"],
        outcome: Outcome::Resolved,
    },
    Situation {
        name: "cut-off-in-an-action",
        text: "action `a`\naction `b`\n",
        left: Left::DiesBehind("{\"type\":\"intent\",\"intent\":{\"effect\":\"act\""),
        state: "cut-off",
        after: 60.0,
        log: &["ask was it done?", "act b"],
        outcome: Outcome::Resolved,
    },
    Situation {
        name: "uncertain-action",
        text: "action `a`\naction `b`\n",
        left: Left::AskedBehind("{\"type\":\"intent\",\"intent\":{\"effect\":\"act\""),
        state: "waiting",
        after: 120.0,
        log: &["ask was it done?", "act b"],
        outcome: Outcome::Resolved,
    },
    Situation {
        name: "nested",
        text: "for each x in [\"a\", \"b\"] up to 2 { run \"inner.rb\" with (x: x) }\nescalate to owner because \"over\"\n",
        left: Left::Parks,
        state: "waiting",
        after: 600.0,
        log: &["ask Is a well?", "act do a", "act do b", "page api-oncall: over"],
        outcome: Outcome::Escalated,
    },
];

const INNER: &str = "runbook \"Inner\"\nparam x: text\n\
                     if x == \"a\" { check \"Is #{x} well?\" within 12h else { stop \"no\" } }\naction `do #{x}`\n";

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parked/edition-2")
}

fn world() -> ScriptedWorld {
    let world = ScriptedWorld::new().yes("Is it well?").yes("Is a well?").yes("dba: is this to be done? a");
    let world = world.reading("p99", 9.0).later("p99", 100.0, 1.0).later("p99", 170.0, 9.0);
    world.later("p99", 2_000.0, 1.0)
}

fn beginning(text: &str) -> Begun {
    let text = format!("{HEAD}{text}");
    if !text.contains("inner.rb") {
        return begun(&text);
    }
    let source = |name: &str, text: &str| RecordedSource {
        name: name.into(),
        identity: format!("/{name}"),
        text: text.into(),
        sha256: sha256(text),
    };
    let sources = vec![source("main.rb", &text), source("inner.rb", INNER)];
    Begun { sources, ..begun(&format!("{HEAD}resolve\n")) }
}

/// Brings a run into its situation, in this folder.
fn make(folder: &Path, situation: &Situation) {
    let open = || -> Arc<dyn Store> { Arc::new(Sqlite::open(folder).unwrap()) };
    let begun = beginning(situation.text);
    start_at(&*open(), &begun, ScriptedWorld::start());
    let mut shared = Shared::new(world());
    shared.absent = true;
    let turn = || {
        drop(drive_in(&open(), &begun, &shared, |options| Options { parks_sleeps: true, ..options }));
    };
    match situation.left {
        Left::Parks => turn(),
        Left::Wakes(times) => {
            turn();
            for time in times {
                shared.world.borrow_mut().clock = *time;
                turn();
            }
        }
        Left::DiesBehind(mark) => die_behind(&open(), &begun, &shared, mark),
        Left::AskedBehind(mark) => {
            die_behind(&open(), &begun, &shared, mark);
            shared.later(60.0);
            turn();
        }
    }
}

/// Runs it elsewhere to its end, and keeps what was recorded up to there.
fn die_behind(store: &Arc<dyn Store>, begun: &Begun, shared: &Shared, mark: &str) {
    let elsewhere = Arc::new(rbl_runtime::journal::Memory::new(rbl_world::clock::now));
    super::bench::start(&elsewhere, begun);
    let whole = super::bench::drive(&elsewhere, begun, &Shared::new(world())).records;
    let at = whole.iter().position(|it| it.data.starts_with(mark)).unwrap();
    let worker = Worker { name: "pid 7 on db-9".into() };
    let mut lease = store.claim(&worker, &Claim::Run(begun.run.clone()), Duration::ZERO).unwrap().remove(0);
    store.append(&mut lease, &whole[1..=at]).unwrap();
    shared.world.borrow_mut().clock = 1.0;
}

fn copied(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("locks")).unwrap();
    let journal = "journal.sqlite3";
    std::fs::copy(corpus().join(name).join(journal), folder.path().join(journal)).unwrap();
    folder
}

#[test]
fn every_run_that_was_parked_is_resumed() {
    for situation in &SITUATIONS {
        let Situation { name, state, after, log, outcome, .. } = situation;
        let there = corpus().join(name);
        if std::env::var_os("RBL_MAKE_PARKED").is_some() && !there.exists() {
            let made = tempfile::tempdir().unwrap();
            make(made.path(), situation);
            std::fs::create_dir_all(&there).unwrap();
            std::fs::copy(made.path().join("journal.sqlite3"), there.join("journal.sqlite3")).unwrap();
        }
        let folder = copied(name);
        let look = SqliteReader::open(folder.path()).unwrap();
        let summary = look.list(&rbl_runtime::journal::Filter::default()).unwrap().remove(0);
        assert_eq!(summary.state.word(), *state, "{name}: {:?}", summary.state);
        verify(&look.read("r1").unwrap().0).unwrap();

        let store: Arc<dyn Store> = Arc::new(Sqlite::open(folder.path()).unwrap());
        let begun = rbl_engine::walkable(&look.read("r1").unwrap().0).unwrap();
        let mut shared = Shared::new(world());
        shared.says = "done";
        shared.later(*after);
        let (ended, _, stopped) = drive_in(&store, &begun, &shared, |options| options);
        assert_eq!(stopped, None, "{name}");
        let done: Vec<String> = shared
            .log()
            .into_iter()
            .map(|line| if line.starts_with("ask was it done?") { "ask was it done?".into() } else { line })
            .collect();
        assert_eq!(
            (done, ended.outcome),
            (log.iter().map(ToString::to_string).collect(), *outcome),
            "{name}"
        );
        let (records, _) = look.read("r1").unwrap();
        verify(&records).unwrap();
        let (told, _) = told_again(&begun, &records);
        assert_eq!((told.difference, told.ended.outcome), (None, *outcome), "{name}");
    }
    let folders = std::fs::read_dir(corpus()).unwrap().count();
    assert_eq!(folders, SITUATIONS.len(), "a folder without a situation, or the other way round");
}

/// An answer that comes from outside reaches a run that another rbl parked.
#[test]
fn a_run_that_was_parked_takes_an_answer() {
    assert_eq!(answered_no(60.0), Outcome::Escalated);
}

/// Also where it is found only when the run is about to record what somebody else said: whoever gave it was told that it was late.
#[test]
fn an_answer_that_came_too_late_does_not_count_for_a_run_that_was_parked() {
    assert_eq!(answered_no(100.0 * 86_400.0), Outcome::Resolved);
}

/// How a run ends that was parked by an older rbl, if bo said *no* this many seconds after it had asked; the world says *yes*.
fn answered_no(after: f64) -> Outcome {
    let folder = copied("question");
    let look = SqliteReader::open(folder.path()).unwrap();
    let (records, _) = look.read("r1").unwrap();
    let open = rbl_runtime::journal::open(&records).unwrap().unwrap();
    let said = rbl_runtime::Answer::No(super::scripted_world::said("bo"));
    let data = serde_json::to_string(&Reply::Answered(said)).unwrap();
    Sqlite::open(folder.path()).unwrap().signal("r1", &open.seq.to_string(), &data).unwrap();
    let state = look.list(&rbl_runtime::journal::Filter::default()).unwrap().remove(0).state;
    assert!(matches!(state, RunState::Answered(_)), "{state:?}");
    let came = open.at.plus(after).unwrap().to_string();
    let tables = rusqlite::Connection::open(Sqlite::file(folder.path())).unwrap();
    assert_eq!(tables.execute("UPDATE signal SET at = ?1", [came]).unwrap(), 1);
    drop(tables);
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(folder.path()).unwrap());
    let begun = rbl_engine::walkable(&records).unwrap();
    let (ended, _, stopped) = drive_in(&store, &begun, &Shared::new(world()), |options| options);
    assert_eq!(stopped, None);
    ended.outcome
}
