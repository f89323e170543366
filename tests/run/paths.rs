//! Whatever the world answers, a run is on one of the listed paths, and takes no longer and no shorter than that says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rbl::check::paths::Paths;
use rbl::check::{Catalogue, Loaded, Loader, Program, check};
use rbl::run::{Event, EventKind, Outcome, Start, followed, run};
use rbl::source::Source;
use rbl::syntax::tree;

use super::no_silent_end::{Chances, EVERYTHING, OTHER};
use super::{ScriptedWorld, program_with};

/// Runs a program in worlds of chances; the numbers of the paths that were taken.
#[track_caller]
fn holds(name: &str, program: &Program, seeds: u64) -> BTreeSet<u128> {
    let paths = Paths::of(program, &Catalogue::default());
    let total = paths.total();
    let mut taken = BTreeSet::new();
    for seed in 1..=seeds {
        let mut events: Vec<Event> = Vec::new();
        let mut world = Chances::slow(seed);
        let start =
            Start { run_id: "r1".into(), scheduled: Some(ScriptedWorld::start()), ..Start::default() };
        let ended = run(program, &start, &mut world, &mut events);
        let followed = followed(&paths, &events);
        let Some(path) = followed.path else {
            panic!("{name}, {seed}: no listed path, after {:#?}\n{events:#?}", followed.arms)
        };
        let told = paths.tell(&path).unwrap();
        if let Some(number) = paths.number(&path) {
            assert!(number <= total.paths, "{name}, {seed}");
            assert_eq!(paths.path(number).as_ref(), Some(&path), "{name}, {seed}: path {number}");
            taken.insert(number);
        }
        let took = world.clock;
        if let Some(longest) = told.longest.0 {
            assert!(
                took <= longest + 1e-6,
                "{name}, {seed}: {took}s, at most {longest}s\n{told:#?}\n{events:#?}"
            );
        }
        assert!(
            took >= told.shortest - 1e-6,
            "{name}, {seed}: {took}s, at least {}s\n{told:#?}",
            told.shortest
        );
        assert!(
            !told.longest.0.is_some_and(|it| total.longest.0.is_some_and(|all| it > all + 1e-6)),
            "{name}"
        );
        let actions = events
            .iter()
            .filter(|event| {
                let kind = &event.kind;
                matches!(kind, EventKind::ActionStarted { role, attempt: 1, .. } if *role == rbl::run::ActionRole::Action)
            })
            .count() as f64;
        assert!(
            told.actions.0.is_none_or(|most| actions <= most),
            "{name}, {seed}: {actions} actions\n{told:#?}"
        );
        // What the list takes for granted: that the run's own pages arrive, and the clean-up succeeds.
        let arrived = !events.iter().any(|event| {
            let kind = &event.kind;
            matches!(kind, EventKind::Escalated { asked_for: false, delivered: Err(_), .. })
                || matches!(kind, EventKind::CleanupEnded { failed } if !failed.is_empty())
        });
        if arrived {
            let outcome = match told.end.outcome {
                tree::Outcome::Resolved => Outcome::Resolved,
                tree::Outcome::Escalated => Outcome::Escalated,
                tree::Outcome::Failed => Outcome::Failed,
            };
            assert_eq!(ended.outcome, outcome, "{name}, {seed}\n{told:#?}\n{events:#?}");
            let pages = ended.paged.len() as f64;
            assert!(
                told.pages.0.is_none_or(|most| pages <= most),
                "{name}, {seed}: {pages} pages\n{told:#?}"
            );
            if pages > 0.0 {
                assert!(!told.end.paged.is_empty(), "{name}, {seed}\n{told:#?}");
            }
        }
        for arm in &followed.arms {
            assert!(paths.arms().contains(arm), "{name}, {seed}: {arm:?}");
        }
    }
    taken
}

struct Disk;

impl Loader for Disk {
    fn load(&mut self, from: &str, named: &str) -> Result<Loaded, String> {
        let path =
            Path::new(from).parent().unwrap().join(named).canonicalize().map_err(|it| it.to_string())?;
        let text = std::fs::read_to_string(&path).map_err(|it| it.to_string())?;
        Ok(Loaded { identity: path.to_string_lossy().into_owned(), shown: named.into(), text })
    }
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "rb"))
        .collect();
    found.sort();
    found
}

fn example(path: &Path) -> Program {
    let text = std::fs::read_to_string(path).unwrap();
    let identity = path.to_string_lossy().into_owned();
    let checked = check(Source::new(identity.as_str(), text), &identity, &mut Disk, &Catalogue::default());
    checked.program.unwrap_or_else(|| panic!("{identity}: {:#?}", checked.diagnostics))
}

#[test]
fn every_run_of_every_example_is_on_a_listed_path() {
    for path in examples() {
        holds(&path.file_name().unwrap().to_string_lossy(), &example(&path), 300);
    }
}

/// The list is not longer than what can happen, either: given enough worlds each path of it is taken.
#[test]
fn every_listed_path_of_the_latency_alert_is_taken() {
    let path = examples().into_iter().find(|it| it.ends_with("api-latency.rb")).unwrap();
    let program = example(&path);
    let all = Paths::of(&program, &Catalogue::default()).total().paths;
    let taken = holds("api-latency.rb", &program, 4_000);
    assert_eq!(taken, (1..=all).collect());
}

#[test]
fn every_run_of_every_construct_is_on_a_listed_path() {
    let program = program_with(EVERYTHING, &[("other.rb", OTHER)]);
    holds("everything", &program, 600);
}
