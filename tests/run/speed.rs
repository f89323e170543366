//! The processor time of a decision without input or output. Prints it, and fails only if something is badly wrong: a debug
//! build on a busy machine is no place to measure.

use std::time::Duration;

use rbl_runtime::{Effect, NoObserver, run};
use rustix::time::{ClockId, clock_gettime};

use super::{program, start, world};

#[test]
fn a_decision_is_cheap() {
    let program = program(
        "metric p99 in ms from prometheus \"p99\"\nlet limit = 500ms\n\
         repeat up to 40000 times { if p99 > limit { } }",
    );
    let mut world = world().reading("p99", 812.0);
    // Of this thread: what others do meanwhile does not count.
    let spent = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let begin = spent();
    run(&program, &start(), &mut world, &mut NoObserver);
    let each = spent().saturating_sub(begin).as_nanos() / 40_000;
    eprintln!("a decision takes {each} ns in this build");
    assert!(each < 1_000_000, "{each} ns");
    // A long computation looks at the clock, where it hears signals.
    let readings = world.effects.iter().filter(|effect| !matches!(effect, Effect::Now));
    assert_eq!(readings.count(), 1);
}
