//! What one decision costs in the interpreter, without input and output; and what it allocates.
//!
//! `cargo bench --bench decision`. Each line runs a runbook of a thousand statements against a world that answers at
//! once; divan divides by the statements. The allocations are those of the whole run, divided by hand.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use

#[path = "runbooks/alone.rs"]
mod alone;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use rbl::check::{Program, check};
use rbl::run::{
    Acted, Delivery, Effect, Interrupt, NoObserver, RawSample, Reading, Reply, Start, World, run,
};
use rbl::source::Source;
use rbl::value::{CommandOutput, Labels, Time};

use alone::{Alone, catalogue};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const DECISIONS: usize = 1_000;

fn main() {
    divan::main();
}

/// Answers at once.
struct Ready {
    calls: usize,
}

impl World for Ready {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.calls += 1;
        Ok(match effect {
            Effect::Now => Reply::Now(Time::from_unix(1.8e9).unwrap()),
            Effect::Sleep(_) => Reply::Slept,
            Effect::Read(_) => Reply::Reading(Ok(Reading {
                samples: vec![RawSample { labels: Labels::default(), value: 0.3, at: None }],
                ..Reading::default()
            })),
            Effect::Act(_) => Reply::Acted(Acted {
                result: Ok(()),
                output: CommandOutput::default(),
                by: None,
                remark: None,
            }),
            _ => Reply::Delivered(Ok(Delivery { by: String::new(), reached_others: true, reference: None })),
        })
    }
}

fn program(line: &str, times: usize) -> Program {
    let body = format!("{line}\n").repeat(times);
    let text = format!(
        "runbook \"Decisions\"\nowner \"api-oncall\"\nparam latency = 300ms\nparam pool = 95%\nmetric p99 in s from host \"uptime\"\n\
         step \"all\" {{\n{body}}}\n"
    );
    let checked = check(Source::new("decisions.rb", text), "decisions.rb", &mut Alone, &catalogue());
    checked.program.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn decide(bencher: Bencher<'_, '_>, line: &str, calls: usize) {
    let program = program(line, DECISIONS);
    let start = Start::default();
    let mut world = Ready { calls: 0 };
    run(&program, &start, &mut world, &mut NoObserver);
    assert_eq!(world.calls, calls, "{line}");
    bencher
        .counter(ItemsCount::new(DECISIONS))
        .bench_local(|| run(divan::black_box(&program), &start, &mut world, &mut NoObserver));
}

/// Two comparisons and a branch that is not taken.
#[divan::bench]
fn two_comparisons(bencher: Bencher<'_, '_>) {
    decide(bencher, "if latency > 500ms or pool < 90% { stop }", 0);
}

/// Two comparisons, a branch that is taken, and one call of the world in it.
#[divan::bench]
fn two_comparisons_and_a_call(bencher: Bencher<'_, '_>) {
    decide(bencher, "if latency < 500ms and pool > 90% { wait 1s }", DECISIONS);
}

/// The same of a reading: two calls of the world each, since a wait makes the next reading a new one.
#[divan::bench]
fn a_reading_and_a_call(bencher: Bencher<'_, '_>) {
    decide(bencher, "if p99 < 500ms and pool > 90% { wait 1s }", 2 * DECISIONS);
}
