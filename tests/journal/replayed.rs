//! `rbl runs` and `rbl show`: what people see of recorded runs.

use std::sync::Arc;
use std::time::Duration;

use rbl_check::{Catalogue, LoadedFile, Loader, check};
use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, Journal, JournalEvent, Lease, NewRun, Options, ParkedState, RecordedSource,
    Release, Store, WaitsOn, read_exported, sha256, verify,
};
use rbl_runtime::{Effect, Interrupt, NoObserver, Parked, Reply, Start, World, run};
use rbl_store::Sqlite;
use rbl_syntax::source::Source;
use rbl_syntax::value::Time;

use super::runs::{at, new_run, worker};
use super::scripted_world::ScriptedWorld;
use crate::cli::shell::Shell;

const RUNBOOK: &str = r#"runbook "Disk is filling on db-1"
owner "db-oncall"
severity "high"
link "Dashboard" "https://grafana/d/1"
metric used by mount in % from prometheus "disk_used"
metric p99 in ms from prometheus "p99"
step "Look" {
  check p99 < 500ms else { "slow, going on" }
}
step "Make room" {
  action `journalctl --vacuum-size=1G` within 5m
  check "Is the database writing again?" within 2d else { escalate to owner because "still stuck" }
}
resolve "room was made"
"#;

struct Alone;

impl Loader for Alone {
    fn load(&mut self, _: &str, _: &str) -> Result<LoadedFile, String> {
        Err("there is no such file".into())
    }
}

/// Nobody is there to answer.
struct Absent(ScriptedWorld);

impl World for Absent {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        match effect {
            Effect::Ask(ask) => Err(Interrupt::Parked(Parked::person(ask.prompt.clone()))),
            _ => self.0.perform(effect),
        }
    }
}

fn world() -> ScriptedWorld {
    let many: Vec<String> = (1..=14).map(|it| format!("vacuumed file {it}")).collect();
    ScriptedWorld::new()
        .reading("p99", 812.0)
        .prints("journalctl --vacuum-size=1G", &many.join("\n"))
        .yes("Is the database writing again?")
}

/// The folder of this shell's journal.
fn shell() -> (Shell, Arc<Sqlite>) {
    let shell = Shell::new();
    let folder = shell.path().join("state/rbl");
    let state = shell.path().join("state").to_str().unwrap().to_owned();
    let store = Arc::new(Sqlite::open(&folder).unwrap());
    (shell.env("XDG_STATE_HOME", &state).env("NO_COLOR", "1"), store)
}

fn started(store: &Sqlite, id: &str) {
    let begun = Begun {
        sources: vec![RecordedSource {
            name: "disk.rb".into(),
            identity: "/disk.rb".into(),
            text: RUNBOOK.into(),
            sha256: sha256(RUNBOOK),
        }],
        ..super::runs::begun(id)
    };
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), at(0.0)).unwrap();
    let new =
        NewRun { runbook: "Disk is filling on db-1".into(), file: "disk.rb".into(), first, ..new_run(id) };
    store.start(&new).unwrap();
}

/// Runs it for a turn that begins this many seconds after the start; a second passes with each record.
fn turn(store: &Arc<Sqlite>, id: &str, after: f64, resumed: Option<JournalEvent>, world: impl World) {
    let checked = check(Source::new("disk.rb", RUNBOOK), "/disk.rb", &mut Alone, &Catalogue::default());
    let program = checked.program.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    let lease =
        store.claim(&worker("pid 7 on db-9"), &Claim::Run(id.into()), Duration::ZERO).unwrap().remove(0);
    let loaded = store.load(&lease, 0).unwrap();
    let clock = std::cell::Cell::new(after);
    let options = Options::new(move || {
        clock.set(clock.get() + 1.0);
        at(clock.get())
    });
    let kept = Arc::clone(store) as Arc<dyn Store>;
    let journal = Journal::new(kept, lease, loaded, resumed, options, Box::new(NoObserver));
    let start = Start { run_id: id.into(), ..Start::default() };
    let ended = run(&program, &start, &mut journal.world(world), &mut journal.observer());
    assert_eq!(journal.end(&ended).unwrap(), None);
}

/// A run that parked at its question, and was answered the next morning.
fn two_turns(store: &Arc<Sqlite>, id: &str) {
    started(store, id);
    turn(store, id, 0.0, None, Absent(world()));
    let resumed = JournalEvent::Resumed { by: "bo".into(), rbl: "0.1.0".into(), changed: true };
    turn(store, id, 18_000.0 * 5.0, Some(resumed), world());
}

#[test]
fn a_story_of_two_turns_as_a_person_reads_it() {
    let (shell, store) = shell();
    two_turns(&store, "20261122-031207-7f3a9c");
    let page = shell.rbl("show last").code(0).out;
    insta::assert_snapshot!("story_of_two_turns", page);
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert_eq!(shell.rbl("show 20261122").code(0).out, page);
}

#[test]
fn a_story_as_markdown() {
    let (shell, store) = shell();
    two_turns(&store, "20261122-031207-7f3a9c");
    insta::assert_snapshot!("story_as_markdown", shell.rbl("show last --format markdown").code(0).out);
}

#[test]
fn a_story_that_is_not_over_says_what_it_waits_for() {
    let (shell, store) = shell();
    started(&store, "a1");
    turn(&store, "a1", 0.0, None, Absent(world()));
    let page = shell.rbl("show a1").code(0).out;
    insta::assert_snapshot!("story_that_waits", page);
    store.signal("a1", &asked(&shell, "a1"), "\"yes\"").unwrap();
    assert!(
        shell.rbl("show a1").code(0).out.contains("an answer; the run has not been resumed yet"),
        "it came and was not taken"
    );

    // Held by a process right now: shown up to the current record, and not disturbed.
    started(&store, "b1");
    let lease = driven(&store, "b1");
    let page = shell.rbl("show b1").code(0).out;
    assert!(page.contains("RUNNING") && page.contains("w, since 20"), "{page}");
    super::runs::write(&*store, &mut lease.clone(), &["goes on"]);
    drop(store);
    let page = shell.rbl("show b1").code(0).out;
    assert!(page.contains("CUT OFF") && page.contains("rbl resume"), "{page}");
}

fn driven(store: &Sqlite, id: &str) -> Lease {
    store.claim(&worker("w"), &Claim::Run(id.into()), Duration::ZERO).unwrap().remove(0)
}

/// The place of the question at which it waits.
fn asked(shell: &Shell, id: &str) -> String {
    let records = read_exported(&shell.rbl(&format!("show {id} --format json")).code(0).out).unwrap();
    rbl_runtime::journal::open(&records).unwrap().unwrap().seq.to_string()
}

#[test]
fn a_run_is_told_as_a_test_that_passes() {
    let (shell, store) = shell();
    two_turns(&store, "20261122-031207-7f3a9c");
    let told = shell.rbl("replay last --as-test").code(0);
    insta::assert_snapshot!("run_as_a_test", told.out);
    assert_eq!(told.err, "it goes into disk_test.rb\n");
    std::fs::write(shell.path().join("disk.rb"), RUNBOOK).unwrap();
    let tests = format!("tests for \"disk.rb\"\n\n{}", told.out);
    std::fs::write(shell.path().join("disk_test.rb"), tests).unwrap();
    let tested = shell.rbl("test disk.rb").code(0).out;
    assert!(tested.contains("1 test, 1 run: passed"), "{tested}");
    assert_eq!(shell.rbl("fmt --check disk_test.rb").code(0).out, "");

    // A run that continued with the step after it would have been another run.
    let changed = RUNBOOK.replace("p99 < 500ms", "p99 < 900ms");
    std::fs::write(shell.path().join("disk.rb"), changed.replace("\"slow, going on\"", "stop")).unwrap();
    shell.rbl("test disk.rb").code(0);
    std::fs::write(shell.path().join("disk.rb"), RUNBOOK.replace("\"slow, going on\"", "stop")).unwrap();
    shell.rbl("test disk.rb").code(1);
}

#[test]
fn a_run_without_an_end_is_no_test() {
    let (shell, store) = shell();
    started(&store, "a1");
    turn(&store, "a1", 0.0, None, Absent(world()));
    let refused = shell.rbl("replay a1 --as-test").code(2);
    assert_eq!(refused.out, "");
    assert!(refused.err.starts_with("rbl: run a1 is no test yet: the run is not over: "), "{}", refused.err);
    assert!(refused.err.contains("rbl show a1"), "{}", refused.err);
}

#[test]
fn an_exported_run_is_whole() {
    let (shell, store) = shell();
    two_turns(&store, "20261122-031207-7f3a9c");
    let exported = shell.rbl("show last --format json").code(0);
    let records = read_exported(&exported.out).unwrap();
    verify(&records).unwrap();
    assert!(records.len() > 20, "{}", records.len());
    assert_eq!(exported.json()[0]["type"], "begun");
    assert_eq!(exported.json()[0]["sources"][0]["text"], RUNBOOK);
    crate::cli::schema::fits("record", &exported.json());
    let verified = shell.rbl("show last --verify").code(0).out;
    let last = &records.last().unwrap().hash;
    let id = "20261122-031207-7f3a9c";
    assert_eq!(verified, format!("{id} is intact: {} records, the last hash is {last}\n", records.len()));
}

#[test]
fn what_was_altered_is_told_with_its_place() {
    let (shell, store) = shell();
    two_turns(&store, "a");
    drop(store);
    let connection = rusqlite::Connection::open(shell.path().join("state/rbl/journal.sqlite3")).unwrap();
    let decided = "SELECT seq FROM record WHERE data LIKE '%decided%812ms%'";
    let seq: u32 = connection.query_row(decided, [], |row| row.get(0)).unwrap();
    let swap = |from: &str, to: &str| {
        let swap = format!("UPDATE record SET data = replace(data, '{from}', '{to}') WHERE seq = {seq}");
        assert_eq!(connection.execute(&swap, []).unwrap(), 1);
    };
    swap("812ms", "112ms");
    let altered = format!("record {seq} was altered: what it says does not fit its hash");
    assert_eq!(shell.rbl("show a --verify").code(1).out, format!("a is not intact: {altered}\n"));
    let page = shell.rbl("show a").code(1);
    assert!(page.err.starts_with(&format!("rbl: the record is not intact: {altered}")), "{}", page.err);
    assert!(page.out.contains("112ms"), "what is there is told all the same");
    let exported = read_exported(&shell.rbl("show a --format json").code(1).out).unwrap();
    assert_eq!(verify(&exported).unwrap_err().to_string(), altered);

    swap("112ms", "812ms");
    shell.rbl("show a --verify").code(0);
    connection.execute("DELETE FROM record WHERE seq > 12", []).unwrap();
    let verified = shell.rbl("show a --verify").code(1).out;
    assert!(verified.contains(" records are missing"), "{verified}");
}

#[test]
fn the_list_says_what_waits_and_is_whole_in_a_pipe() {
    let (shell, store) = shell();
    let nothing = shell.rbl("runs").code(0);
    assert!(nothing.out.starts_with("no runs yet (the journal is "), "{}", nothing.out);
    for id in ["20261122-031207-000001", "20261122-031207-000002", "20261122-031207-000003"] {
        started(&store, id);
    }
    let park = |id: &str, how: &Release| store.release(&mut driven(&store, id), &[], how).unwrap();
    let until = Time::parse("2026-11-23T08:00:00Z");
    park(
        "20261122-031207-000001",
        &Release::Parked(ParkedState { until, on: WaitsOn::Time, waits_for: "x".into(), progress: None }),
    );
    let waits_for = "an answer: \"Is the database writing again, and are all of its replicas there?\"";
    park(
        "20261122-031207-000002",
        &Release::Parked(ParkedState { until: None, waits_for: waits_for.into(), ..ParkedState::default() }),
    );
    let list = shell.rbl("runs").code(0).out;
    insta::assert_snapshot!("list_of_runs", list);
    assert!(list.contains("are all of its replicas there?"), "what goes into a pipe is whole: {list}");
    assert_eq!(shell.rbl("runs --state waiting").code(0).out.lines().count(), 5);
    assert_eq!(shell.rbl("runs --runbook DISK.rb --since 2026-11-01").code(0).out.lines().count(), 7);
    let none = shell.rbl("runs --since 2026-11-23").code(0).out;
    assert!(none.starts_with("no run matches"), "{none}");
    let wrong = shell.rbl("runs --state wating").code(2).err;
    assert!(wrong.contains("waiting"), "{wrong}");
    assert!(shell.rbl("runs --since yesterday").code(2).err.contains("`2d`"));

    let json = shell.rbl("runs --format json").code(0).json();
    crate::cli::schema::fits("run", &json);
    assert_eq!((json.len(), &json[2]["until"]), (3, &serde_json::json!("2026-11-23T08:00:00Z")));

    let several = shell.rbl("show 20261122-03").code(2).err;
    assert!(several.contains("several runs begin with") && several.contains("000003  queued"), "{several}");
    let none = shell.rbl("show 2027").code(2).err;
    assert_eq!(none, "rbl: there is no run 2027\n  help: `rbl runs` lists them\n");
}

#[test]
fn the_journal_is_where_the_configuration_says_and_looking_makes_none() {
    let (shell, store) = shell();
    started(&store, "a");
    shell.write("rbl.toml", "[store]\npath = \"elsewhere\"\n");
    assert!(shell.rbl("runs").code(0).out.starts_with("no runs yet"));
    assert!(!shell.path().join("elsewhere").exists(), "looking makes nothing");
    assert_eq!(shell.rbl("show last").code(2).err, "rbl: there is no run yet\n");
    shell.write("rbl.toml", "[store]\npath = \"state/rbl\"\n");
    assert_eq!(shell.rbl("runs").code(0).out.lines().count(), 3);
    shell.write("rbl.toml", "[store]\npaht = \"state/rbl\"\n");
    assert!(shell.rbl("runs").code(2).err.contains("the configuration has mistakes"));
}

#[test]
fn the_newest_are_listed_and_it_is_said_that_there_are_more() {
    let (shell, store) = shell();
    for number in 1..=52 {
        store.start(&new_run(&format!("r{number:02}"))).unwrap();
    }
    let listed = |words: &str| {
        let out = shell.rbl(words).code(0).out;
        let runs: Vec<String> = out
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|word| word.starts_with('r') && *word != "run" && *word != "rbl")
            .map(str::to_owned)
            .collect();
        (runs, out.lines().last().unwrap_or_default().to_owned())
    };
    let (runs, last) = listed("runs");
    assert_eq!((runs.len(), runs[0].as_str(), runs[49].as_str()), (50, "r52", "r03"));
    assert_eq!(last, "the newest 50; `--all` or `--limit N` shows more");
    let (runs, last) = listed("runs --limit 1");
    assert_eq!(
        (runs.as_slice(), last.as_str()),
        (&["r52".to_owned()][..], "the newest one; `--all` or `--limit N` shows more")
    );
    for all in ["runs --all", "runs --limit 52", "runs --state queued --all"] {
        let (runs, last) = listed(all);
        assert_eq!((runs.len(), last.contains("more")), (52, false), "{all}");
    }
    let mut lines = shell.rbl("runs --format json --limit 2 --state queued").code(0).json();
    assert_eq!(lines.pop().unwrap(), serde_json::json!({ "type": "more", "limit": 2 }));
    let runs: Vec<&str> = lines.iter().filter_map(|line| line["run"].as_str()).collect();
    assert_eq!(runs, ["r52", "r51"]);
    assert_eq!(shell.rbl("runs --format json --limit 52").code(0).json().len(), 52);
    assert!(shell.rbl("runs --all --limit 3").code(2).err.contains("--all"));
    assert!(shell.rbl("runs --limit 0").code(2).err.contains("--limit"));
}
