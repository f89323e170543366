//! Whatever the world answers, a run takes one of the listed paths, within its longest and shortest time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rbl_check::paths::{ArmId, Bound, Paths, Turn};
use rbl_check::{Catalogue, Program, check};
use rbl_runtime::{Event, EventKind, Outcome, RunEnd, Start, followed, run, unfinished};
use rbl_syntax::source::Source;
use rbl_syntax::tree;
use rbl_testing::Premise;
use rbl_testing::fuzz::{INVARIANTS, InvariantCase, Oracle, RunTrace};

use super::no_silent_end::{Chances, EVERYTHING, OTHER};
use super::{ScriptedWorld, program_with};
use crate::support::Disk;

/// Runs a program in random worlds; returns the numbers of the paths that were taken.
#[track_caller]
fn holds(name: &str, program: &Program, seeds: u64) -> BTreeSet<u128> {
    let paths = Paths::of(program, &Catalogue::default());
    let oracle = Oracle::new(program);
    let total = paths.total();
    let mut taken = BTreeSet::new();
    for seed in 1..=seeds {
        let mut events: Vec<Event> = Vec::new();
        let mut world = Chances::slow(seed);
        let start =
            Start { run_id: "r1".into(), scheduled: Some(ScriptedWorld::start()), ..Start::default() };
        let ended = run(program, &start, &mut world, &mut events);
        let followed = followed(&paths, &events);
        keeps_to_it(&format!("{name}, {seed}"), &oracle, &events, &ended, world.clock);
        let Some(path) = followed.path else {
            panic!("{name}, {seed}: no listed path, after {:#?}\n{events:#?}", followed.arms)
        };
        let told = paths.describe(&path).unwrap();
        if let Some(number) = paths.number(&path) {
            assert!(number <= total.paths, "{name}, {seed}");
            assert_eq!(paths.path(number).as_ref(), Some(&path), "{name}, {seed}: path {number}");
            taken.insert(number);
            if seed <= 25 {
                begins_so(&format!("{name}, {seed}"), &paths, &events, number);
            }
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
                matches!(kind, EventKind::ActionStarted { role, attempt: 1, .. } if *role == rbl_runtime::ActionRole::Action)
            })
            .count() as f64;
        assert!(
            told.actions.0.is_none_or(|most| actions <= most),
            "{name}, {seed}: {actions} actions\n{told:#?}"
        );
        // The list assumes that the run's own pages arrive, and the clean-up succeeds.
        let arrived = !events.iter().any(|event| {
            let kind = &event.kind;
            matches!(kind, EventKind::Escalated { asked_for: false, delivered: Err(_), .. })
                || matches!(kind, EventKind::CleanupEnded { failed } if !failed.is_empty())
        });
        if arrived {
            let outcome = match told.end.outcome {
                tree::ExpectedOutcome::Resolved => Outcome::Resolved,
                tree::ExpectedOutcome::Escalated => Outcome::Escalated,
                tree::ExpectedOutcome::Failed => Outcome::Failed,
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
        let arms: BTreeSet<ArmId> = paths.arms().into_iter().map(|arm| arm.id).collect();
        for arm in &followed.arms {
            assert!(arms.contains(arm), "{name}, {seed}: {arm:?}");
        }
    }
    taken
}

/// The rules of the random worlds of `rbl test`, checked in these worlds, which answer worse than any test can
/// describe. Only those that need the same world once more are left out.
#[track_caller]
fn keeps_to_it(name: &str, oracle: &Oracle<'_>, events: &[Event], ended: &RunEnd, clock: f64) {
    let witness = RunTrace {
        steps: 0,
        events: events.to_vec(),
        at: Vec::new(),
        effects: Vec::new(),
        ended: ended.clone(),
        seconds: clock,
        ran_away: false,
    };
    let premise = Premise::default();
    let followed = followed(&oracle.paths, events);
    let told = followed.path.as_ref().and_then(|path| oracle.paths.describe(path));
    let case = InvariantCase {
        oracle,
        premise: &premise,
        trace: &witness,
        followed: &followed,
        path: told.as_ref(),
    };
    let again = "is replayed as it happened";
    assert!(INVARIANTS.iter().any(|it| it.name == again));
    for invariant in INVARIANTS.iter().filter(|it| it.name != again) {
        assert_eq!((invariant.broken)(&case), None, "{name}: not every run {}\n{events:#?}", invariant.name);
    }
}

/// However little was seen of a run, its path is among those that it may still take, and no path is listed twice.
#[track_caller]
fn begins_so(name: &str, paths: &Paths, events: &[Event], number: u128) {
    let mut before = paths.total().paths;
    for seen in 0..=events.len() {
        let going_on = unfinished(paths, &events[..seen]);
        let count = going_on.count();
        let stretches = &going_on.stretches;
        assert!(
            stretches.iter().any(|it| it.numbers.contains(&number)),
            "{name}: path {number} is not in {stretches:?} after {:#?}",
            &events[..seen]
        );
        assert!(stretches.windows(2).all(|it| it[0].numbers.end <= it[1].numbers.start), "{stretches:?}");
        assert!(count <= paths.total().paths, "{name}");
        let ends: u128 = paths.ends_of(&going_on).iter().map(|(_, all)| all.paths).sum();
        assert_eq!(ends, count, "{name}: the ends are those of as many paths");
        before = before.min(count);
        for stretch in stretches {
            if let Some(told) = paths.path(stretch.numbers.start).and_then(|path| paths.describe(&path)) {
                assert!(stretch.behind <= told.steps.len() + 1, "{name}: {stretch:?}");
            }
        }
    }
    assert_eq!(before, 1, "{name}: at its end one path is left");
}

pub(super) fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "rb"))
        .collect();
    found.sort();
    found
}

pub(super) fn example(path: &Path) -> Program {
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

/// The list contains only what can happen: given enough worlds each path of it is taken.
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

/// All listed paths by how serious they are: each once, and none is more serious than the one before it.
#[test]
fn the_most_serious_path_is_found_among_those_that_no_test_takes() {
    let head = "runbook \"r\"\nowner \"o\"\nmetric m from host \"load.1\"\nmetric ds by mount in % from host \"disk.used\"\n";
    for (name, body) in [
        (
            "decisions",
            "if m < 3 { \"low\" } unknown { \"?\" }\ncheck m < 5 else { action `x` else { stop } }\n",
        ),
        (
            "a loop",
            "for each d in ds where d > 5% up to 3 {\n  action `x` else { escalate to \"t\" else { stop } }\n}\n",
        ),
        (
            "repeats",
            "repeat up to 3 times until m < 5 { action `x` else { resolve } }\nwait until m < 3 within 5m\n",
        ),
        ("pages", "escalate to owner else { action `z`\n stop }\nif m < 2 { escalate to \"t\" }\n"),
        ("another", "run \"inner.rb\" else { action `y` }\n"),
    ] {
        let inner = format!("{head}check m < 2 else {{ action `z` finally `w` }}\nif m > 3 {{ resolve }}\n");
        let program = program_with(&format!("{head}{body}"), &[("inner.rb", &inner)]);
        let paths = Paths::of(&program, &Catalogue::default());
        let arms: Vec<ArmId> = paths.arms().into_iter().map(|arm| arm.id).collect();
        // Every second arm is taken.
        let is_taken = |arm: ArmId| arms.iter().position(|it| *it == arm).unwrap() % 2 == 0;
        let mut taken = std::collections::HashSet::new();
        let mut before: Option<rbl_check::paths::Seriousness> = None;
        while let Some(found) = paths.most_serious(&taken, &is_taken) {
            let told = paths.describe(&found.path).unwrap();
            let it = found.seriousness;
            assert!(before.is_none_or(|before| before >= it), "{name}: {before:?}, then {it:?}");
            assert_eq!(it.calls, told.end.outcome != tree::ExpectedOutcome::Resolved, "{name}: {told:#?}");
            assert_eq!(it.acts, told.actions != rbl_check::paths::Bound::ZERO, "{name}: {told:#?}");
            let turns = || told.steps.iter().filter_map(|step| step.arm);
            assert_eq!(it.unheard, turns().any(|arm| arm.turn == Turn::Undelivered), "{name}: {told:#?}");
            assert_eq!(
                it.unknown,
                turns().any(|arm| matches!(arm.turn, Turn::Unknown | Turn::Stops)),
                "{name}: {told:#?}"
            );
            assert_eq!(it.untaken, turns().any(|arm| !is_taken(arm)), "{name}: {told:#?}");
            assert!(taken.insert(found.path), "{name}: the same path twice");
            before = Some(it);
        }
        assert_eq!(taken.len() as u128, paths.total().paths, "{name}");
        assert!(taken.len() > 3, "{name}");
    }
}

/// There are more paths than anybody lists, and it is found at once.
#[test]
fn the_most_serious_of_very_many_paths_is_found() {
    let many = "check m < 5 else { action `x` else { \"so\" } } unknown { \"?\" }\n".repeat(60);
    let text = format!("runbook \"r\"\nowner \"o\"\nmetric m from host \"load.1\"\n{many}stop\n");
    let program = program_with(&text, &[]);
    let paths = Paths::of(&program, &Catalogue::default());
    let mut taken = std::collections::HashSet::new();
    for _ in 0..100 {
        let found = paths.most_serious(&taken, &|_| true).unwrap();
        assert!(found.seriousness.acts && found.seriousness.unknown && found.seriousness.calls);
        assert!(taken.insert(found.path));
    }
}

/// If a check finds that not every disk has space, a loop over those without space has a pass: as long as the reading
/// is valid, and only then.
#[test]
fn a_loop_over_what_a_decision_found_has_a_pass() {
    let head = "runbook \"r\"\nowner \"o\"\nparam top = 90%\nparam other = 90%\nlet peak = 95%\n\
                metric ds by mount in % from host \"disk.used\"\nmetric fs by mount in % from host \"disk.free\"\n";
    let over = |filter: &str| format!("for each d in ds where d {filter} up to 3 {{ record \"x\" }}\n");
    let full = over(">= top");
    let sure = [
        format!("check every ds < top else {{ {full} }}\n"),
        format!("if every ds < top {{ resolve }}\n{full}"),
        format!(
            "if every ds < top {{ resolve }} unknown {{ escalate to owner\n stop }}\nlet x = `df`\nrecord \"y\"\n{full}"
        ),
        format!("step \"a\" {{ if every ds < top {{ resolve }} }}\nstep \"b\" {{ {full} }}\n"),
        format!("if any ds >= top {{ {full} }}\n"),
        format!("check any ds >= top\n{full}"),
        format!("if every ds != 5% {{ \"fine\" }} else {{ {} }}\n", over("== 5%")),
        format!("if every ds <= peak {{ \"fine\" }} else {{ {} }}\n", over("> peak")),
    ];
    let open = [
        full.clone(),
        format!("if every ds < top {{ \"fine\" }}\n{full}"),
        format!("if every ds < top {{ resolve }} unknown {{ \"?\" }}\n{full}"),
        format!("if every ds < top {{ resolve }}\nwait 1m\n{full}"),
        format!("if every ds < top {{ resolve }}\naction `true`\n{full}"),
        format!("if every ds < top {{ resolve }}\ncheck \"Well?\"\n{full}"),
        format!("if every ds < top {{ resolve }}\nif \"Well?\" {{ {full} }}\n"),
        format!("if every ds < other {{ resolve }}\n{full}"),
        format!("if every fs < top {{ resolve }}\n{full}"),
        format!("if every ds <= top {{ resolve }}\n{full}"),
        format!("if any ds < top {{ resolve }}\n{full}"),
        format!("check every ds < top\n{full}"),
        format!("if every ds < top {{ resolve }}\n{}", over("> top")),
    ];
    let has_none = |text: &str| {
        let program = program_with(&format!("{head}{text}"), &[]);
        holds(text, &program, 300);
        let paths = Paths::of(&program, &Catalogue::default());
        paths.arms().iter().any(|arm| arm.id.turn == Turn::NoPass)
    };
    for text in sure {
        assert!(!has_none(&text), "{text}");
    }
    for text in open {
        assert!(has_none(&text), "{text}");
    }
}

/// A page of a runbook that is run is not reported as if the whole run stopped.
#[test]
fn the_run_is_said_to_page_where_it_stops_and_not_where_it_went_on() {
    let inner = "runbook \"i\"\nowner \"i\"\nmetric m from host \"load.1\"\ncheck m < 5\n";
    let program = program_with(
        "runbook \"r\"\nowner \"o\"\nrun \"inner.rb\" else { record \"so\" }\n",
        &[("inner.rb", inner)],
    );
    let paths = Paths::of(&program, &Catalogue::default());
    let ends: Vec<(bool, bool)> = (1..=paths.total().paths)
        .map(|number| paths.describe(&paths.path(number).unwrap()).unwrap().end)
        .map(|end| (end.by_the_run, end.pages_here))
        .collect();
    assert_eq!(ends, [(false, false), (true, false), (true, false)]);
    let program = program_with("runbook \"r\"\nowner \"o\"\nrun \"inner.rb\"\n", &[("inner.rb", inner)]);
    let paths = Paths::of(&program, &Catalogue::default());
    let told = paths.describe(&paths.path(2).unwrap()).unwrap();
    assert_eq!(told.end.paged, ["i", "o"], "the owner of each: {told:#?}");
    let program = program_with("runbook \"r\"\nowner \"i\"\nrun \"inner.rb\"\n", &[("inner.rb", inner)]);
    let paths = Paths::of(&program, &Catalogue::default());
    let told = paths.describe(&paths.path(2).unwrap()).unwrap();
    assert_eq!((told.end.paged.len(), told.pages), (1, Bound::of(1.0)), "nobody is paged twice: {told:#?}");
}

/// The turns of all arms of a body.
fn turns(body: &str) -> Vec<String> {
    let program = program_with(&format!("runbook \"R\"\nowner \"o\"\n{body}"), &[]);
    let arms = Paths::of(&program, &Catalogue::default()).arms();
    arms.into_iter().map(|arm| format!("{}: {}", arm.text, arm.turn)).collect()
}

#[test]
fn nothing_is_listed_as_unknown_that_cannot_be() {
    for sure in [
        "param on = true\nif on { \"a\" } else { \"b\" }",
        "param kind = \"x\"\nif matches(kind, \"^a\") { \"a\" }",
        "param kind = \"x\"\nmatch kind { \"a\" { \"a\" } matches \"^b\" { \"b\" } else { \"c\" } }",
        "param n = 3\nmatch n { < 3 { \"a\" } else { \"b\" } }",
        "for each h in [\"a\", \"b\"] { \"#{h}\" }",
        "param hosts = [\"a\"]\nfor each h in hosts where h != \"b\" { \"#{h}\" }",
        "let x = 3\nif x * 2 > 5 { \"a\" }",
        "if any [1, 2] > 1 { \"a\" }",
        "let size = {a: 1}\nfor each s in size { \"#{s.key}\" }",
    ] {
        let turns = turns(sure);
        assert!(
            turns.iter().all(|turn| !turn.ends_with("unknown") && !turn.ends_with("not known")),
            "{sure}\n{turns:?}"
        );
    }
    for unsure in [
        "param big = 1e308\nif big * 10 > 5 { \"a\" } unknown { \"b\" }",
        "param n = 3\nlet half = 6 / n\nif half > 5 { \"a\" }",
        "param p = \"x\"\nif matches(\"a\", p) { \"a\" }",
        "if 563018673253974017 > 5 { \"a\" }",
        "let l = `ls`.lines\nfor each x in l { \"#{x}\" }",
        "check `true` else { \"no\" }",
    ] {
        let turns = turns(unsure);
        assert!(
            turns.iter().any(|turn| turn.ends_with("unknown") || turn.ends_with("not known")),
            "{unsure}\n{turns:?}"
        );
    }
}

#[test]
fn an_overflow_takes_the_unknown_arm() {
    let program = program_with(
        "runbook \"R\"\nowner \"o\"\nparam big = 1e308\nif big * 10 > 5 { \"yes\" } unknown { \"unknown\" }",
        &[],
    );
    let told = super::tell(&program, &super::start(), super::world());
    assert_eq!(told.prose(), ["unknown"]);
}
