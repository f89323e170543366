//! Measures the cost of one decision in the interpreter, without input and output, and its allocations.
//!
//! `cargo bench --bench decision`. Each line runs a runbook of a thousand statements against a world that answers at
//! once; divan divides by the number of statements. The allocations are those of the whole run; divide them by hand.
//! Counting them takes time: `cargo bench --bench throughput` measures the same decisions without it.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use

#[path = "runbooks/alone.rs"]
mod alone;
mod decisions;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use rbl_runtime::{NoObserver, Start, run};

use decisions::{AND_A_CALL, READING_AND_A_CALL, Ready, TWO_COMPARISONS, program};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const DECISIONS: usize = 1_000;

fn main() {
    divan::main();
}

fn decide(bencher: Bencher<'_, '_>, line: &str, calls: usize) {
    let program = program(line, DECISIONS);
    let start = Start::default();
    let mut world = Ready::default();
    run(&program, &start, &mut world, &mut NoObserver);
    assert_eq!(world.calls, calls, "{line}");
    bencher
        .counter(ItemsCount::new(DECISIONS))
        .bench_local(|| run(divan::black_box(&program), &start, &mut world, &mut NoObserver));
}

/// Two comparisons and a branch that is not taken.
#[divan::bench]
fn two_comparisons(bencher: Bencher<'_, '_>) {
    decide(bencher, TWO_COMPARISONS, 0);
}

/// Two comparisons, a branch that is taken, and one call of the world in it.
#[divan::bench]
fn two_comparisons_and_a_call(bencher: Bencher<'_, '_>) {
    decide(bencher, AND_A_CALL, DECISIONS);
}

/// The same with a reading: two calls of the world each, because a wait makes the next reading a new one.
#[divan::bench]
fn a_reading_and_a_call(bencher: Bencher<'_, '_>) {
    decide(bencher, READING_AND_A_CALL, 2 * DECISIONS);
}
