//! Measures the simulated runs of a test.
//!
//! `cargo bench --bench rehearsal`. The processor time of one thread, with everything recorded that a failure would
//! show; the median of several passes, each of 10,000 runs.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use

#[path = "runbooks/alone.rs"]
mod alone;

use std::hint::black_box;

use rbl_check::{Program, check};
use rbl_syntax::source::Source;
use rbl_syntax::tree::Test;
use rbl_testing::{SimulatedRun, cases};
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
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
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
