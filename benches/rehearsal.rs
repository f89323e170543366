//! Measures the simulated runs of a test.
//!
//! `cargo bench --bench rehearsal`. The processor time of one thread, with everything recorded that a failure would
//! show; the median of several passes, each of 10,000 runs. Then the mutants of a runbook of 200 steps, on all threads; a
//! loop whose passes only show a text; and a runbook with 30,000 metrics.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use

#[path = "runbooks/alone.rs"]
mod alone;
#[path = "growth/runbooks.rs"]
mod growth;

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use rbl_check::{Program, check};
use rbl_syntax::source::Source;
use rbl_syntax::tree::Test;
use rbl_testing::mutants::{Original, SelectedTests, TestRuns, trial};
use rbl_testing::{EventUse, SimulatedRun, cases};
use rustix::time::{ClockId, clock_gettime};

use alone::{Alone, catalogue};

const RUNBOOK: &str = include_str!("../examples/api-latency.rb");
const RUNS: usize = 10_000;
const PASSES: usize = 5;

/// The rollback helps, and p99 stays slow until the last wait is almost over: an hour of it, polled every 30 seconds.
const AN_HOUR: &str = r#"
test "an hour of waiting" {
  given p99 = 800ms
  given deploy_age = 3d
  given pool = 60%
  given p99 = 120ms from 54m
  answer "What was the cause?" with "a crawler"
  expect resolved within 1h
}
"#;

fn main() {
    let text = format!("{RUNBOOK}{AN_HOUR}");
    let checked = check(Source::new("api-latency.rb", text), "api-latency.rb", &mut Alone, &catalogue());
    let program = checked.program.unwrap();
    let runbook = program.runbook(program.main()).unwrap();
    println!("{RUNS} simulated runs of the API-latency runbook; median of {PASSES} passes");
    println!("{:<64} {:>9} {:>8} {:>14}", "test", "seconds", "µs a run", "simulated a run");
    for test in &runbook.tests {
        row(&program, test);
    }
    mutants();
    passes();
    metrics();
}

fn program(name: &str, text: &str) -> Program {
    let checked = check(Source::new(name, text), name, &mut Alone, &catalogue());
    assert!(checked.program.is_some(), "{:?}", checked.diagnostics);
    checked.program.unwrap()
}

/// The mutants of 200 steps of three checks, all of which are run by the tests.
fn mutants() {
    let program = program("growth.rb", &growth::all_reached(200));
    let runbook = program.runbook(program.main()).unwrap();
    let source = program.sources().get(runbook.source).unwrap();
    let before = seconds_of(ClockId::ProcessCPUTime);
    let original = Original::new(source, "growth.rb");
    let tests = runbook.tests.iter().collect();
    let selected =
        SelectedTests { program: &program, tests, id: runbook.source, identity: "growth.rb".into() };
    let runs = TestRuns::of(&[selected]).unwrap();
    let trials = trial(&[(&original, &runs)], || Duration::ZERO);
    let taken = seconds_of(ClockId::ProcessCPUTime) - before;
    let noticed = trials.iter().flat_map(|it| &it.trials).filter(|it| it.fate.noticed()).count();
    let count: usize = trials.iter().map(|it| it.trials.len()).sum();
    println!(
        "\n{count} mutants of 200 steps of three checks, {noticed} noticed: {taken:.2} s on all threads"
    );
}

/// A loop that only shows a text.
fn passes() {
    // Fewer than a run may have that does nothing else.
    const PASSES: usize = 60_000;
    let program = program("passes.rb", &growth::passes(PASSES));
    let runbook = program.runbook(program.main()).unwrap();
    let test = runbook.tests.first().unwrap();
    let case = cases(test).unwrap().remove(0);
    let run = SimulatedRun::new(&program, runbook.source, case.lines()).unwrap();
    for (name, used_for) in
        [("a test that passes", EventUse::Judging), ("a test that tells", EventUse::Telling)]
    {
        let taken = seconds(|| drop(black_box(run.perform_for(used_for))));
        println!("one pass of a loop in {name}: {:.0} ns", taken * 1e9 / PASSES as f64);
    }
}

/// Each of many metrics is read once, and compared.
fn metrics() {
    const METRICS: usize = 30_000;
    let mut text = String::from("runbook \"Many\"\nowner \"me\"\n");
    for number in 0..METRICS {
        let _ = writeln!(text, "metric m{number} from prometheus \"m{number}\"");
    }
    for number in 0..METRICS {
        let _ = writeln!(text, "check m{number} < 1");
    }
    text.push_str("test \"all are low\" {\n");
    for number in 0..METRICS {
        let _ = writeln!(text, "  given m{number} = 0");
    }
    text.push_str("  expect resolved\n}\n");
    let program = program("many.rb", &text);
    let runbook = program.runbook(program.main()).unwrap();
    let case = cases(runbook.tests.first().unwrap()).unwrap().remove(0);
    let run = SimulatedRun::new(&program, runbook.source, case.lines()).unwrap();
    let taken = seconds(|| drop(black_box(run.perform_for(EventUse::Judging))));
    println!("one reading of {METRICS} metrics: {:.0} ns", taken * 1e9 / METRICS as f64);
}

fn row(program: &Program, test: &Test) {
    let source = program.runbook(program.main()).unwrap().source;
    let cases = cases(test).unwrap();
    let rehearsals: Vec<SimulatedRun<'_>> =
        cases.iter().map(|case| SimulatedRun::new(program, source, case.lines()).unwrap()).collect();
    let simulated = rehearsals.iter().map(|it| it.perform().seconds).sum::<f64>() / rehearsals.len() as f64;
    let taken = seconds(|| {
        for rehearsal in rehearsals.iter().cycle().take(RUNS) {
            black_box(rehearsal.perform());
        }
    });
    println!(
        "{:<64} {taken:>9.2} {:>8.1} {simulated:>13.0}s",
        test.title.literal().unwrap_or_default(),
        taken * 1e6 / RUNS as f64
    );
}

/// The median processor time of the work, in seconds.
fn seconds(mut work: impl FnMut()) -> f64 {
    let now = || seconds_of(ClockId::ThreadCPUTime);
    let mut passes: Vec<f64> = (0..PASSES)
        .map(|_| {
            let before = now();
            work();
            now() - before
        })
        .collect();
    passes.sort_by(f64::total_cmp);
    passes.get(PASSES / 2).copied().unwrap_or_default()
}

fn seconds_of(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
