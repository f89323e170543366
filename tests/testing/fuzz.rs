//! Random worlds: the same seed gives the same worlds, every example keeps the rules, and a broken rule is found and
//! shrunk.

use std::path::Path;
use std::time::Duration;

use rbl_check::paths::Paths;
use rbl_check::{Catalogue, Program, check};
use rbl_runtime::{ActionRole, Event, EventKind, Outcome, Then};
use rbl_syntax::source::Source;
use rbl_testing::fuzz::{
    Budget, FuzzResults, Hints, INVARIANTS, Oracle, broken, lines, random, shrink, trace, world,
};
use rbl_testing::{Premise, test_writer};

use super::rbl_test;
use crate::support::Disk;

pub(super) fn example(name: &str) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    program_at(&path.to_string_lossy(), &text)
}

fn program(text: &str) -> Program {
    program_at("/slow.rb", text)
}

#[track_caller]
fn program_at(identity: &str, text: &str) -> Program {
    let checked = check(Source::new(identity, text), identity, &mut Disk, &Catalogue::default());
    checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// `LIMIT` has as many digits as the limit, so that replacing it moves no place.
const SLOW: &str = r##"runbook "Checkout is slow"
owner "api-oncall"
metric p99 in ms from prometheus "job:latency:p99"
metric pool in % from prometheus "pool"
define restart() as `systemctl restart checkout`
check p99 < 500ms else {
  action restart() within 2m finally `after` undo `back`
  wait until p99 < 500ms within LIMIT else {
    escalate to "database-oncall" because "p99 is still #{p99}"
  }
}
if pool < 90% { "there is room" } else { escalate to owner }
let cause = ask "What was the cause?" within 5m
record "#{cause}" to "incidents"
"##;

fn slow(limit: &str) -> Program {
    program(&SLOW.replace("LIMIT", limit))
}

fn seen(program: &Program, paths: Option<&Program>, seed: u64, count: u64) -> FuzzResults {
    let paths = Paths::of(paths.unwrap_or(program), &Catalogue::default());
    random(&Oracle::with(program, paths), &Hints::of(program, || Duration::ZERO), seed, count, || {
        Duration::ZERO
    })
}

#[test]
fn the_same_seed_gives_the_same_world_and_the_next_seed_another() {
    let program = slow("10m");
    let hints = Hints::of(&program, || Duration::ZERO);
    let worlds: Vec<Premise> = (0..20).map(|seed| world(&program, &hints, seed)).collect();
    let again: Vec<Premise> =
        (0..20).map(|seed| world(&program, &Hints::of(&program, || Duration::ZERO), seed)).collect();
    assert_eq!(worlds, again);
    let mut different = worlds.clone();
    different.dedup();
    assert!(different.len() > 15, "{worlds:#?}");
    // The shares of the worlds add up to all of them.
    let mut parts = seen(&program, None, 7, 5);
    parts.and(seen(&program, None, 12, 15));
    let whole = seen(&program, None, 7, 20);
    assert_eq!((parts.worlds, &parts.arms, &parts.paths), (whole.worlds, &whole.arms, &whole.paths));
}

#[test]
fn every_example_keeps_to_everything_in_every_world() {
    for name in [
        "api-latency.rb",
        "credential-rotation.rb",
        "disk-full.rb",
        "maintenance-window.rb",
        "queue-backlog.rb",
        "replica-lag.rb",
    ] {
        let program = example(name);
        let seen = seen(&program, None, 1, 60);
        assert!(seen.violations.is_empty(), "{name}: {:#?}", seen.violations);
        assert!(seen.paths.len() > 5, "{name}: random worlds take {} paths only", seen.paths.len());
    }
}

/// A lock that another run holds, an action that was done as often as it may be, and a limit that is reached, in a run of its own and in
/// the same run with a journal.
#[test]
fn what_other_runs_hold_is_held_with_a_journal_too() {
    let head = "runbook \"A\"\nowner \"ops\"\ndefine go(a) as `true #{a}` at most 2 in 24h\n";
    for (body, wanted) in [
        ("lock \"db\" within 5m else { stop }\naction `x`", "held"),
        ("for each x in [\"a\", \"b\", \"c\"] {\n  action go(\"it\") else { \"not done\" }\n}", "limit"),
    ] {
        let program = program(&format!("{head}{body}\n"));
        let hints = Hints::of(&program, || Duration::ZERO);
        let refused = (0..60).filter(|seed| {
            let seen = trace(&program, &world(&program, &hints, *seed));
            seen.events.iter().any(|it| format!("{:?}", it.kind).contains(wanted))
        });
        assert!(refused.count() > 1, "{body}: it is refused in some worlds");
        let seen = seen(&program, None, 0, 60);
        assert!(seen.violations.is_empty(), "{body}: {:#?}", seen.violations);
    }
    let folder = place();
    std::fs::write(
        folder.path().join("limited.rb"),
        "runbook \"L\"\nowner \"ops\"\nlimit 1 runs in 1h\n\"x\"\n",
    )
    .unwrap();
    let outer = "runbook \"O\"\nowner \"ops\"\nrun \"limited.rb\" else { \"limited\" }\n";
    std::fs::write(folder.path().join("outer.rb"), outer).unwrap();
    let (out, err, code) = rbl_test(folder.path(), &["outer.rb", "--random", "60", "--seed", "3"]);
    assert_eq!(code, Some(0), "{out}{err}");
}

/// Generated worlds take nearly every arm: they cannot find a mistake in an arm that they never take.
/// A statement without a title is a step of its own, at the place of what it does.
#[test]
fn bare_statements_in_a_maintenance_window_take_listed_paths() {
    for body in [
        "wait until p99 < 5s within 10m",
        "action `systemctl restart api` within 2m",
        "escalate to owner",
        "match p99 {\n  < 5s { \"well\" }\n}",
        "for each one in each_p99 where one < 5s up to 2 {\n  action `a`\n}",
    ] {
        let text = format!(
            "runbook \"T\"\nowner \"a\"\ntrigger schedule \"0 3 * * 0\" for 2h\n\
             metric p99 in s from prometheus \"a\"\nmetric each_p99 by n in s from prometheus \"b\"\n{body}\n"
        );
        let program = program(&text);
        let seen = seen(&program, None, 1, 40);
        assert!(seen.violations.is_empty(), "{body}: {:#?}", seen.violations);
        assert!(seen.paths.len() > 1, "{body}");
    }
}

#[test]
fn random_worlds_take_nearly_every_arm() {
    let program = slow("10m");
    let arms = Paths::of(&program, &Catalogue::default()).arms().len();
    let seen = seen(&program, None, 1, 250);
    assert!(seen.arms.len() * 10 >= arms * 9, "{} of {arms}", seen.arms.len());
}

#[test]
fn every_random_world_can_be_written_as_a_test_that_passes() {
    for name in ["api-latency.rb", "queue-backlog.rb", "maintenance-window.rb", "credential-rotation.rb"] {
        let program = example(name);
        let hints = Hints::of(&program, || Duration::ZERO);
        for seed in 0..25 {
            let premise = world(&program, &hints, seed);
            // The written test is read again and run: see `written::test`.
            if let Err(why) = test_writer::test(&program, "random", &premise) {
                panic!("{name}, {seed}: {why}\n{premise:#?}");
            }
        }
    }
}

/// With the paths of a runbook that waits half as long, a run that waits to its end takes too long.
#[test]
fn a_run_that_takes_too_long_is_found_and_shown_in_the_fewest_lines() {
    let (program, other) = (slow("10m"), slow("05m"));
    let oracle = Oracle::with(&program, Paths::of(&other, &Catalogue::default()));
    let seen = random(&oracle, &Hints::of(&program, || Duration::ZERO), 1, 200, || Duration::ZERO);
    let violation = seen.violations.first().expect("a violation is found").clone();
    assert_eq!(violation.invariant, "keeps to its times", "{violation:#?}");
    // The seed finds it again.
    assert_eq!(
        random(&oracle, &Hints::of(&program, || Duration::ZERO), violation.seed, 1, || Duration::ZERO)
            .violations
            .len(),
        1
    );
    let before = lines(&violation.premise);
    let small = violation.smallest(&oracle, || Duration::ZERO);
    let witness = trace(&program, &small.premise);
    assert_eq!(broken(&oracle, &small.premise, &witness).map(|(it, _)| it.name), Some("keeps to its times"));
    assert!(lines(&small.premise) <= before && lines(&small.premise) <= 4, "{:#?}", small.premise);
    assert!(small.why.starts_with("it took ") && small.why.contains("at most is listed"), "{}", small.why);
}

/// With the paths of a runbook that has no arm there, a run takes none that is listed.
#[test]
fn a_run_on_a_path_that_is_not_listed_is_found() {
    let program = slow("10m");
    let other =
        program_at("/slow.rb", &SLOW.replace("LIMIT", "10m").replace("if pool < 90%", "if pool < 80% "));
    let seen = seen(&program, Some(&other), 1, 100);
    let names: Vec<&str> = seen.violations.iter().map(|it| it.invariant).collect();
    assert!(names.contains(&"takes a path that is listed"), "{names:?}");
}

#[test]
fn shrinking_keeps_what_it_is_about_whatever_that_is() {
    let program = slow("10m");
    let hints = Hints::of(&program, || Duration::ZERO);
    for seed in 0..30 {
        let premise = world(&program, &hints, seed);
        let outcome = |premise: &Premise| trace(&program, premise).ended.outcome;
        let wanted = outcome(&premise);
        let small = shrink(&premise, true, Budget::USUAL, &mut |it| (outcome(it) == wanted, 1));
        assert_eq!(outcome(&small), wanted, "{seed}");
        assert!(lines(&small) <= lines(&premise), "{seed}");
        // Nothing of it can be left out.
        let again = shrink(&small, true, Budget::USUAL, &mut |it| (outcome(it) == wanted, 1));
        assert_eq!(again, small, "{seed}");
    }
}

/// Takes a run and reports it as if it had broken a rule: each rule is checked against the observed run.
#[test]
fn every_promise_can_be_seen_to_be_broken() {
    let program = slow("10m");
    let oracle = Oracle::new(&program);
    let hints = Hints::of(&program, || Duration::ZERO);
    let first = |wanted: &dyn Fn(&rbl_testing::fuzz::RunTrace) -> bool| {
        (0..500)
            .map(|seed| world(&program, &hints, seed))
            .map(|premise| (trace(&program, &premise), premise))
            .find(|(seen, _)| wanted(seen))
            .expect("such a run is among them")
    };
    let acted = |kind: &EventKind, role: ActionRole| matches!(kind, EventKind::ActionStarted { role: it, .. } if *it == role);
    let position =
        |events: &[Event], wanted: &dyn Fn(&EventKind) -> bool| events.iter().position(|it| wanted(&it.kind));
    let (usual, premise) = first(&|seen| {
        seen.events.iter().any(|it| acted(&it.kind, ActionRole::Finally))
            && seen.ended.outcome == Outcome::Escalated
    });
    assert!(broken(&oracle, &premise, &usual).is_none());
    let begun = position(&usual.events, &|it| acted(it, ActionRole::Action)).unwrap();
    let mut found = Vec::new();
    let mut tell = |change: &dyn Fn(&mut rbl_testing::fuzz::RunTrace)| {
        let mut told = usual.clone();
        change(&mut told);
        found.push(broken(&oracle, &premise, &told).map(|(it, _)| it.name));
    };
    // Each of these is a run with one fault.
    tell(&|it| it.ran_away = true);
    tell(&|it| it.seconds += 86_400.0);
    tell(&|it| {
        for _ in 0..9 {
            it.events.insert(begun, it.events[begun].clone());
        }
    });
    tell(&|it| {
        let mut stopped = it.events[begun].clone();
        stopped.kind = EventKind::Stopped { text: None };
        it.events.insert(begun, stopped);
    });
    tell(&|it| it.ended.paged.clear());
    tell(&|it| {
        it.events.retain(|it| !acted(&it.kind, ActionRole::Finally));
    });
    tell(&|it| {
        let acts: Vec<_> = it
            .effects
            .iter()
            .filter(|(_, _, it)| matches!(it, rbl_runtime::Effect::Act(_)))
            .cloned()
            .collect();
        it.effects.extend(acts.first().cloned().map(|(_, at, act)| (1, at, act)));
    });
    tell(&|it| it.events[0].depth += 1);
    assert_eq!(
        found,
        [
            Some("ends"),
            Some("keeps to its times"),
            Some("does no more than is listed"),
            Some("does nothing after its end"),
            Some("makes its end known"),
            Some("does its `finally` and its `undo`"),
            Some("gives each effect a key of its own"),
            Some("is replayed as it happened"),
        ]
    );
    // An unknown that nothing handles, and an action after it all the same.
    let unknown = |kind: &EventKind| matches!(kind, EventKind::Decided(it) if it.then == Then::Stops);
    let (mut guess, premise) = first(&|seen| seen.events.iter().any(|it| unknown(&it.kind)));
    let at = position(&guess.events, &unknown).unwrap();
    guess.events.insert(at + 1, usual.events[begun].clone());
    guess.events.retain(|it| !matches!(it.kind, EventKind::Unhandled { .. }));
    let names: Vec<&str> = INVARIANTS.iter().map(|it| it.name).collect();
    assert_eq!(names.len(), 10);
    let found = broken(&oracle, &premise, &guess).map(|(it, _)| it.name);
    assert!(found.is_some(), "{guess:#?}");
}

fn place() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("slow.rb"), SLOW.replace("LIMIT", "10m")).unwrap();
    folder
}

#[test]
fn the_command_runs_every_runbook_and_says_the_seed() {
    let folder = place();
    let (out, err, code) = rbl_test(folder.path(), &["--random", "40", "--seed", "5"]);
    assert_eq!((err.as_str(), code), ("", Some(0)), "{out}");
    assert!(out.starts_with("✓ slow.rb · 40 worlds · "), "{out}");
    assert!(out.contains("\n1 runbook, 40 worlds from seed 5: every invariant holds, in "), "{out}");
    // Without a seed one is chosen, and said.
    let seed_of = |out: &str| {
        out.split(" from seed ").nth(1).and_then(|rest| rest.split(':').next().map(str::to_owned))
    };
    let chosen = seed_of(&rbl_test(folder.path(), &["--random", "1"]).0).unwrap();
    let other = seed_of(&rbl_test(folder.path(), &["--random", "1"]).0).unwrap();
    assert!(chosen.parse::<u64>().is_ok() && chosen != other, "{chosen} {other}");
}

/// A run that computes on and on takes no path that is listed, but that is not what is wrong with it.
#[test]
fn a_run_that_is_stopped_because_it_computes_on_and_on_does_not_end() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "runbook \"On and on\"\nowner \"o\"\nstep \"Look\" {\nrepeat up to 1000000000 times { \"x\" }\n}\n";
    std::fs::write(folder.path().join("a.rb"), text).unwrap();
    let (out, _, code) = rbl_test(folder.path(), &["--random", "1", "--seed", "5"]);
    assert_eq!(code, Some(1), "{out}");
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = "it was stopped at line 4 of a.rb after more than 4 million steps without an action, a probe, a wait or an answer";
    assert!(out.contains(why) && !out.contains("listed path"), "{out}");
}

#[test]
fn as_json_it_is_one_object_a_runbook_and_one_for_all() {
    let folder = place();
    let words = ["--random", "30", "--seed", "9", "--format", "json"];
    let (out, _, code) = rbl_test(folder.path(), &words);
    assert_eq!(code, Some(0), "{out}");
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines[0]["type"].as_str(), lines[1]["type"].as_str()), (Some("worlds"), Some("summary")));
    assert_eq!((lines[0]["worlds"].as_u64(), lines[1]["seed"].as_u64()), (Some(30), Some(9)));
    // The same seed gives the same output, except for the duration.
    let (again, ..) = rbl_test(folder.path(), &words);
    assert_eq!(out.lines().next(), again.lines().next());
}

#[test]
fn what_cannot_go_together_is_said() {
    let folder = place();
    let (_, err, code) = rbl_test(folder.path(), &["--random", "1", "--format", "tap"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("rbl: random worlds are printed as pretty or json\n"), "{err}");
    for words in [&["--seed", "1"][..], &["--random", "0"], &["--random", "3", "--coverage"]] {
        assert_eq!(rbl_test(folder.path(), words).2, Some(2), "{words:?}");
    }
    let empty = tempfile::tempdir().unwrap();
    let (_, err, code) = rbl_test(empty.path(), &["--random", "1"]);
    assert_eq!((err.as_str(), code), ("rbl: no runbook found in .\n", Some(2)));
}
