//! Runs that happened, as tests: every test of the examples is run in a world where looking takes time, and what was heard
//! there has to give a test that goes the same way.

use rbl::check::Program;
use rbl::front::rehearsal::recalled::recall;
use rbl::front::rehearsal::written::test_of;
use rbl::front::rehearsal::{Premise, cases};
use rbl::journal::Heard;
use rbl::run::{Effect, Interrupt, NoObserver, Reply, Start, World, run};
use rbl::value::Time;
use rbl::world::scripted::{Reader, Scripted, SimulatedClock, start_of};

use super::written::{Example, examples, holds};

/// A world in which everything takes a moment, as in truth, and which keeps what was heard.
struct Truth {
    inner: Scripted,
    clock: SimulatedClock,
    late: f64,
    random: u64,
    heard: Vec<Heard>,
}

impl Truth {
    fn now(&self) -> Time {
        self.clock.now().plus(self.late).unwrap()
    }

    /// A moment of up to a third of a second.
    fn moment(&mut self) -> f64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.random >> 40).unwrap()) / f64::from(1 << 24) / 3.0
    }
}

impl World for Truth {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let at = self.now();
        if !matches!(effect, Effect::Now) {
            self.late += self.moment();
        }
        let reply = match effect {
            Effect::Now => Reply::Now(self.now()),
            effect => self.inner.perform(effect)?,
        };
        let took = self.now().since(at).base;
        self.heard.push(Heard { effect: effect.clone(), reply: reply.clone(), at, took });
        Ok(reply)
    }
}

fn truth(program: &Program, premise: &Premise, seed: u64) -> (Start, Vec<Heard>) {
    let begins = start_of(program).unwrap();
    let clock = SimulatedClock::at(begins);
    let inner = Scripted::new(&premise.script, program, clock.clone());
    let mut world = Truth { inner, clock, late: 0.0, random: seed, heard: Vec::new() };
    let start = Start { params: premise.params.clone(), ..Start::default() };
    run(program, &start, &mut world, &mut NoObserver);
    (start, world.heard)
}

/// Every world that the tests of an example speak of.
fn worlds(example: &Example) -> Vec<(String, Premise)> {
    let program = &example.program;
    let mut worlds = Vec::new();
    for test in &example.own {
        for case in cases(test).unwrap() {
            let mut reader = Reader::new(program, start_of(program).unwrap(), case.lines()).unwrap();
            let script = reader.script(case.lines()).unwrap();
            let premise = Premise { params: reader.params().clone(), script };
            worlds.push((test.title.literal().unwrap().to_owned(), premise));
        }
    }
    worlds
}

#[test]
fn what_happened_happens_again_in_the_test_that_is_made_of_it() {
    let (mut all, mut wrong) = (0, String::new());
    for example in examples() {
        for (seed, (title, premise)) in (7..).zip(worlds(&example)) {
            let (start, heard) = truth(&example.program, &premise, seed);
            let name = format!("{}: {title}", example.tests.file_stem().unwrap().to_string_lossy());
            all += 1;
            let recalled = match recall(&example.program, &start, false, &heard) {
                Ok(recalled) => recalled,
                Err(why) => {
                    wrong.push_str(&format!("{name}: {why}\n"));
                    continue;
                }
            };
            let text = test_of(&example.program, &title, &recalled.premise, &recalled.performed);
            let outcome = match (&recalled.differs, text) {
                (Some(difference), _) => Err(difference.clone()),
                (None, Err(why)) => Err(why.to_string()),
                (None, Ok(text)) => holds(&example, &text),
            };
            if let Err(why) = outcome {
                wrong.push_str(&format!("{name}: {why}\n"));
            }
        }
    }
    assert!(all > 100, "only {all} runs");
    assert!(wrong.is_empty(), "{all} runs:\n{wrong}");
}
