//! A plan reads, and does nothing: no effect other than a reading reaches the world.

use rbl_check::Program;
use rbl_runtime::layers::Plan;
use rbl_runtime::{Effect, Event, EventKind, Interrupt, Outcome, Reply, Start, World, run};

use super::no_silent_end::{Chances, EVERYTHING, OTHER};
use super::paths::{example, examples};
use super::{ScriptedWorld, program_with};

/// A world in which any effect that is not a reading is a mistake.
struct OnlyLooks {
    chances: Chances,
    probes: bool,
}

impl World for OnlyLooks {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        match effect {
            Effect::Now | Effect::Read(_) | Effect::Firing(_) | Effect::Secret { .. } => {}
            Effect::Probe(_) if self.probes => {}
            other => panic!("this came through: {other:?}"),
        }
        self.chances.perform(effect)
    }
}

/// The number of walks that ended at something open, and the number of probes that were run.
fn plans(name: &str, program: &Program, probes: bool) -> (u32, usize) {
    let (mut open, mut looked) = (0, 0);
    for seed in 1..=60 {
        let mut world = Plan::new(OnlyLooks { chances: Chances::slow(seed), probes }, probes);
        let mut events: Vec<Event> = Vec::new();
        let start =
            Start { run_id: "plan".into(), scheduled: Some(ScriptedWorld::start()), ..Start::default() };
        let ended = run(program, &start, &mut world, &mut events);
        assert_eq!(
            ended.outcome == Outcome::Waiting,
            world.open().is_some(),
            "{name}, {seed}: {:?} at {:?}",
            ended.outcome,
            world.open()
        );
        if !probes {
            assert!(!events.iter().any(|it| matches!(it.kind, EventKind::Probed { .. })), "{name}, {seed}");
        }
        open += u32::from(world.open().is_some());
        looked += events.iter().filter(|it| matches!(it.kind, EventKind::Probed { .. })).count();
    }
    (open, looked)
}

#[test]
fn nothing_but_readings_comes_through() {
    let everything = program_with(EVERYTHING, &[("other.rb", OTHER)]);
    let (mut open, mut probed) = plans("everything", &everything, false);
    for path in examples() {
        let program = example(&path);
        let name = path.display().to_string();
        open += plans(&name, &program, false).0;
        probed += plans(&name, &program, true).1;
    }
    assert!(open > 0, "some of them act");
    assert!(probed > 0, "some of them look with a command");
}
