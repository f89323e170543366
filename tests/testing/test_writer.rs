//! Premises written as tests: whatever the world is, the text describes exactly that, checks clean, and passes.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use rbl_check::{Catalogue, Checked, Program, check};
use rbl_syntax::diagnostic::Code;
use rbl_syntax::source::{Source, SourceId};
use rbl_testing::scripted::{
    ActionBehaviour, GivenChange, GivenSubject, MetricState, ProbeOutcome, ReportedValue, Script,
    ServiceFault, TestReader, start_of,
};
use rbl_testing::test_writer::{UnwritableTest, test};
use rbl_testing::{EventUse, Premise, TestBudget, cases, run_test};

use crate::support::Disk;

pub(super) fn checked(path: &Path, text: &str) -> Checked {
    let name = path.to_string_lossy().into_owned();
    check(Source::new(name.as_str(), text), &name, &mut Disk, &Catalogue::default())
}

/// A runbook, and everything that its own tests say about the world.
pub(super) struct Example {
    pub(super) tests: PathBuf,
    pub(super) program: Program,
    pub(super) own: Vec<rbl_syntax::tree::Test>,
    params: Vec<Premise>,
    changes: Vec<GivenChange>,
    after: Vec<rbl_testing::scripted::ActionConsequences>,
}

pub(super) fn examples() -> Vec<Example> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with("_test.rb"))
        .collect();
    all.sort();
    all.iter().map(|path| example(path)).collect()
}

fn example(path: &Path) -> Example {
    let found = checked(path, &std::fs::read_to_string(path).unwrap());
    let program = found.program.unwrap();
    let runbook = program.runbook(program.main()).unwrap();
    let own = runbook.tests.clone();
    let mut example = Example {
        tests: path.into(),
        params: Vec::new(),
        changes: Vec::new(),
        after: Vec::new(),
        program: program.clone(),
        own: found.tests.iter().chain(&own).cloned().collect(),
    };
    for test in found.tests.iter().chain(&own) {
        for case in cases(test).unwrap() {
            let mut reader = TestReader::new(&program, start_of(&program).unwrap(), case.lines()).unwrap();
            let script = reader.script(case.lines()).unwrap();
            example.params.push(Premise { params: reader.params().clone(), script: Script::default() });
            example.changes.extend(script.changes);
            example.after.extend(script.after);
        }
    }
    example
}

/// How a number is changed: which one, by how much, and its replacement.
#[derive(Debug, Clone)]
struct Bend {
    of: Index,
    number: Option<f64>,
    text: Option<String>,
    from: Option<f64>,
}

fn bend() -> impl Strategy<Value = Bend> {
    let number = prop_oneof![
        (0.0..1e4_f64).prop_map(f64::round),
        0.0..1e4_f64,
        (0..100_000_u32).prop_map(|n| f64::from(n) / 100.0),
        any::<u64>().prop_map(|bits| f64::from_bits(bits & 0x7fff_ffff_ffff_ffff)),
    ];
    let seconds = prop_oneof![(0..400_u32).prop_map(|n| f64::from(n) * 15.0), -9_000.0..9_000.0_f64];
    // A literal of so many digits that a float would lose one is refused (`unit/digits`), so no test can give it.
    // One that a float prints with a power of ten is kept by a literal as it is written.
    let number = number.prop_filter("a number that a literal can say", |n| {
        n.is_finite() && n.abs() < 1e11 && (*n == 0.0 || n.abs() >= 1e-6)
    });
    (
        any::<Index>(),
        proptest::option::of(number),
        proptest::option::of(text()),
        proptest::option::of(seconds),
    )
        .prop_map(|(of, number, text, from)| Bend { of, number, text, from })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ -~]{1,30}",
        4 => "(yes|no|not sure): [a-z ]{1,10}",
        4 => "[a-z\"\\\\#{}`$\n\t]{1,20}",
        4 => "\\PC{1,10}",
        1 => "[a-z\r\n\u{0}\u{1b}\u{ad}\u{200b}\u{2028}\u{3164}\u{feff}]{1,10}",
    ]
}

fn reported(value: &mut ReportedValue, new: Option<&String>) {
    let Some(new) = new else { return };
    match value {
        ReportedValue::Text(text) => text.clone_from(new),
        ReportedValue::Lines(lines) => lines.iter_mut().for_each(|line| line.clone_from(new)),
    }
}

fn bent(change: &GivenChange, bend: &Bend) -> GivenChange {
    let mut change = change.clone();
    let say = |text: &mut String| {
        if let Some(new) = &bend.text {
            text.clone_from(new);
        }
    };
    let count = |seconds: &mut f64| *seconds = bend.number.unwrap_or(*seconds).min(1e5);
    match &mut change.what {
        GivenSubject::Metric(metric) => {
            change.from = bend.from.or(change.from);
            match &mut metric.state {
                MetricState::Value(value) => *value = bend.number.unwrap_or(*value),
                MetricState::Samples { runs, .. } => runs[0].0 = bend.number.unwrap_or(runs[0].0),
                MetricState::Stale(age) => count(age),
                MetricState::Reported(value) => reported(value, bend.text.as_ref()),
                MetricState::Reports { runs, .. } => reported(&mut runs[0].0, bend.text.as_ref()),
                MetricState::ExactNumber(_)
                | MetricState::None
                | MetricState::Nan
                | MetricState::Series(_) => {}
            }
        }
        GivenSubject::Firing(_) => change.from = bend.from.or(change.from),
        GivenSubject::Outage(outage) => match &mut outage.fault {
            ServiceFault::Slow(by) => count(by),
            ServiceFault::Error(text) => say(text),
            ServiceFault::Down => {}
        },
        GivenSubject::Action(action) => match &mut action.how {
            ActionBehaviour::Fails(Some(text)) | ActionBehaviour::Prints(text) => say(text),
            ActionBehaviour::Takes(seconds) => count(seconds),
            ActionBehaviour::Fails(None) | ActionBehaviour::Hangs => {}
        },
        GivenSubject::Probe(probe) => {
            if let ProbeOutcome::Prints(text) = &mut probe.ends {
                say(text);
            }
        }
        GivenSubject::Lock(lock) => {
            if let Some(held) = &mut lock.held {
                count(held);
            }
        }
        GivenSubject::Limit(_) => {}
        GivenSubject::Approval(approval) => {
            say(&mut approval.with);
            approval.after = bend.from.unwrap_or(approval.after).abs();
        }
        GivenSubject::Acknowledgement(it) => {
            it.after = it.after.map(|after| bend.from.unwrap_or(after).abs());
        }
        GivenSubject::Answer(answer) => {
            say(&mut answer.with);
            answer.after = bend.from.unwrap_or(answer.after).abs();
        }
    }
    change
}

#[derive(Debug, Clone)]
struct Pick {
    params: Index,
    changes: Vec<Bend>,
    after: Vec<Bend>,
    title: String,
}

fn pick() -> impl Strategy<Value = Pick> {
    (any::<Index>(), proptest::collection::vec(bend(), 0..7), proptest::collection::vec(bend(), 0..2), text())
        .prop_map(|(params, changes, after, title)| Pick { params, changes, after, title })
}

fn premise(example: &Example, pick: &Pick) -> Premise {
    let mut premise = pick.params.get(&example.params).clone();
    if !example.changes.is_empty() {
        premise.script.changes =
            pick.changes.iter().map(|bend| bent(bend.of.get(&example.changes), bend)).collect();
    }
    if !example.after.is_empty() {
        for bend in &pick.after {
            let mut after = bend.of.get(&example.after).clone();
            after.changes = after.changes.iter().map(|change| bent(change, bend)).collect();
            premise.script.after.push(after);
        }
    }
    premise
}

/// The text as a file of its own; the results of `rbl check --strict` and `rbl test` for it.
pub(super) fn holds(example: &Example, written: &str) -> Result<(), String> {
    let name = example.tests.file_name().unwrap().to_string_lossy().replace("_test.rb", ".rb");
    let text = format!("tests for \"{name}\"\n\n{written}");
    let found = checked(&example.tests, &text);
    let of_test =
        |it: &&rbl_syntax::diagnostic::Diagnostic| it.place().is_none_or(|place| place.source == SourceId(0));
    // A random answer may be one that nobody could give.
    let mut findings = found.diagnostics.iter().filter(|it| it.code != Code::UPKEEP_NO_ANSWER);
    if let Some(finding) = findings.find(of_test) {
        return Err(format!("{}: {}\n{text}", finding.code.name(), finding.message));
    }
    let printed = rbl_syntax::print(SourceId(0), &text, &rbl_syntax::AsWritten).unwrap();
    if printed != text {
        return Err(format!("another style:\n{text}\n{printed}"));
    }
    let program = found.program.unwrap();
    let result = run_test(&program, SourceId(0), &found.tests[0], EventUse::Judging, &TestBudget::default());
    if result.passed() { Ok(()) } else { Err(format!("fails: {:?}\n{text}", result.failures)) }
}

#[test]
fn whatever_the_world_is_like_the_test_says_just_that() {
    let examples = examples();
    let config = ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() };
    let written = std::cell::Cell::new(0);
    proptest!(config, |(of: Index, pick in pick())| {
        let example = of.get(&examples);
        let premise = premise(example, &pick);
        // Writing it includes reading it back and comparing the premise. What nobody would see is refused as such.
        match test(&example.program, &pick.title, &premise) {
            Ok(text) => {
                written.set(written.get() + 1);
                if let Err(why) = holds(example, &text) {
                    prop_assert!(false, "{}", why);
                }
            }
            Err(why @ UnwritableTest::Differs(_)) => prop_assert!(false, "{why} {premise:?}"),
            Err(_) => {}
        }
    });
    assert!(written.get() > 150, "only {} were written", written.get());
}
