//! A run of another edition of the language: it is shown, and neither resumed nor answered.

use std::sync::Arc;
use std::time::Duration;

use rbl_runtime::journal::{
    Begun, Chain, Claim, Entry, JournalEvent, NewRun, ParkedState, Release, RunNeeds, Store, WaitsOn, Worker,
};
use rbl_store::Sqlite;
use rbl_syntax::value::Time;

use super::bench::begun;
use crate::cli::shell::Shell;

const TEXT: &str = "runbook \"R\"\nowner \"api-oncall\"\nwait 10m\naction `echo x >> done`\n";

/// A run of this edition that waits, and is due.
fn parked(shell: &Shell, run: &str, language: u32) {
    let mut begun = Begun { language, rbl: "9.9.9".into(), ..begun(TEXT) };
    begun.run = run.into();
    let at = Time(jiff::Timestamp::now()).plus(-3_600.0).unwrap();
    let first = Chain::new().next(&Entry::Own(JournalEvent::Begun(Box::new(begun))), at).unwrap();
    let new = NewRun {
        run: run.into(),
        dedupe: run.into(),
        runbook: "R".into(),
        file: "main.rb".into(),
        at,
        first,
        needs: RunNeeds { language, ..RunNeeds::default() },
    };
    let store = Arc::new(Sqlite::open(&shell.state().join("rbl")).unwrap());
    store.start(&new).unwrap();
    let worker = Worker { name: "another rbl".into() };
    let mut lease = store.claim(&worker, &Claim::Run(run.into()), Duration::ZERO).unwrap().remove(0);
    let how = Release::Parked(ParkedState {
        until: at.plus(60.0),
        on: WaitsOn::Time,
        waits_for: "a while".into(),
        progress: None,
    });
    store.release(&mut lease, &[], &how).unwrap();
}

#[test]
fn a_run_of_another_edition_is_shown_and_left_alone() {
    let shell = Shell::new();
    parked(&shell, "r1", 1);
    parked(&shell, "r3", 3);
    let due = shell.rbl("resume --due").code(0);
    assert_eq!((due.out.as_str(), due.err.as_str()), ("", ""), "another rbl may be able to resume them");
    for (run, edition) in [("r1", 1), ("r3", 3)] {
        let why = format!(
            "run {run} cannot be resumed: it began under edition {edition} of the language (rbl 9.9.9), and this rbl knows \
             edition 2 only"
        );
        for words in
            [format!("resume {run}"), format!("resume {run} --no-input"), format!("answer {run} yes")]
        {
            let refused = shell.rbl(&words).code(2);
            assert!(refused.err.contains(&why), "{words}: {refused:?}");
            assert!(refused.err.contains("the version of rbl that began it"), "{words}: {refused:?}");
        }
        shell.rbl(&format!("show {run}")).code(0);
        shell.rbl(&format!("show {run} --verify")).code(0);
        let exported = shell.rbl(&format!("show {run} --format json")).code(0).out;
        assert!(exported.contains(&format!("\"language\":{edition}")), "{exported}");
        shell.write(&format!("{run}.rblrun"), &exported);
        // It is read, and this rbl cannot walk it.
        let replayed = shell.rbl(&format!("replay {run}.rblrun")).code(2);
        assert!(replayed.err.contains(&format!("edition {edition} of the language")), "{replayed:?}");
        shell.write("other.rb", "runbook \"Other\"\nresolve\n");
        let compared = shell.rbl(&format!("replay {run}.rblrun --with other.rb")).code(0);
        assert!(compared.out.contains("it ends resolved"), "{compared:?}");
    }
    let listed = shell.rbl("runs --format json").code(0).json();
    assert!(listed.iter().all(|run| run["state"] == "waiting"), "{listed:?}");
    assert!(!shell.path().join("done").exists());
}

#[test]
fn a_new_run_records_its_edition_its_mode_and_its_time_zones() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"R\"\nowner \"o\"\nresolve\n");
    shell.rbl("run a.rb").code(0);
    let records = shell.rbl("show last --format json").code(0).json();
    assert_eq!((records[0]["language"].as_u64(), records[0]["mode"].as_str()), (Some(2), Some("act")));
    assert_eq!(records[0]["time_zones"].as_str().map(str::to_owned), rbl_world::clock::time_zones());
}
