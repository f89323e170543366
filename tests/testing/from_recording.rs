//! Recorded runs as tests: every test of the examples is run in a world where reading takes time, and its effect log
//! has to give a test that takes the same path.

use rbl_check::Program;
use rbl_runtime::journal::LoggedEffect;
use rbl_runtime::layers::Approve;
use rbl_runtime::{
    Acted, Answer, AnswerAuthor, Effect, Interrupt, NoObserver, RawSample, Reading, Reply, Start, World, run,
};
use rbl_syntax::value::{CommandOutput, Labels, Reason, ReasonKind, Time};
use rbl_testing::from_recording::recorded_premise;
use rbl_testing::scripted::{Script, Scripted, SimulatedClock, TestReader, start_of};
use rbl_testing::test_writer::test_of;
use rbl_testing::{Premise, cases};

use super::test_writer::{Example, examples, holds};

/// A world in which everything takes a moment, and which keeps the effect log.
struct Truth {
    inner: Scripted,
    clock: SimulatedClock,
    late: f64,
    random: u64,
    heard: Vec<LoggedEffect>,
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
        self.heard.push(LoggedEffect { effect: effect.clone(), reply: reply.clone(), at, took });
        Ok(reply)
    }
}

fn truth(program: &Program, premise: &Premise, seed: u64) -> (Start, Vec<LoggedEffect>) {
    let begins = start_of(program).unwrap();
    let clock = SimulatedClock::at(begins);
    let inner = Scripted::new(&premise.script, program, clock.clone());
    let mut world = Truth { inner, clock, late: 0.0, random: seed, heard: Vec::new() };
    let start = Start { params: premise.params.clone(), ..Start::default() };
    run(program, &start, &mut world, &mut NoObserver);
    (start, world.heard)
}

/// Every world that the tests of an example describe.
fn worlds(example: &Example) -> Vec<(String, Premise)> {
    let program = &example.program;
    let mut worlds = Vec::new();
    for test in &example.own {
        for case in cases(test).unwrap() {
            let mut reader = TestReader::new(program, start_of(program).unwrap(), case.lines()).unwrap();
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
            let recalled = match recorded_premise(&example.program, &start, false, &heard) {
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

const RESTART: &str = r#"runbook "Slow"
owner "api-oncall"
metric p99 in ms from prometheus "p99"
define restart() as `systemctl restart api`
check p99 < 500ms else {
  action restart() by "api-oncall" within 2m retry 1 times every 10s
  wait until `curl --fail localhost` within 1m every 5s else { escalate to owner because "it does not come back" }
}
"#;

fn program(text: &str) -> Program {
    let found = super::test_writer::checked(std::path::Path::new("/slow.rb"), text);
    found.program.unwrap_or_else(|| panic!("{:?}", found.diagnostics))
}

/// A world in which the test decides some of the answers.
struct But<F>(Truth, F);

impl<F: FnMut(&Effect, Time) -> Option<Reply>> World for But<F> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let reply = self.0.perform(effect)?;
        let Some(other) = (self.1)(effect, self.0.now()) else { return Ok(reply) };
        self.0.heard.last_mut().unwrap().reply = other.clone();
        Ok(other)
    }
}

fn told(but: impl FnMut(&Effect, Time) -> Option<Reply>) -> (Program, Start, Vec<LoggedEffect>) {
    let program = program(RESTART);
    let clock = SimulatedClock::at(start_of(&program).unwrap());
    let inner = Scripted::new(&Script::default(), &program, clock.clone());
    let truth = Truth { inner, clock, late: 0.0, random: 3, heard: Vec::new() };
    let mut world = But(truth, but);
    let start = Start::default();
    run(&program, &start, &mut Approve::new(&mut world), &mut NoObserver);
    (program, start, world.0.heard)
}

/// The metric is slow, the approval is given, and the site is back after a while.
fn answer(effect: &Effect, now: Time, program: &Program) -> Option<Reply> {
    let back = now.since(start_of(program).unwrap()).base > 20.0;
    Some(match effect {
        Effect::Read(_) => {
            let sample = RawSample::new(Labels::new(), 812.345_678, None);
            Reply::Reading(Ok(Reading { samples: vec![sample], ..Reading::default() }))
        }
        Effect::Probe(_) => {
            Reply::Output(CommandOutput { status: Some(i32::from(!back)), ..CommandOutput::default() })
        }
        Effect::Ask(_) => Reply::Answered(Answer::Yes(AnswerAuthor::default())),
        _ => return None,
    })
}

#[test]
fn an_approval_is_part_of_its_action_and_a_probe_changes_behind_one() {
    let own = program(RESTART);
    let (program, start, heard) = told(|effect, now| answer(effect, now, &own));
    assert!(heard.iter().any(|heard| matches!(heard.effect, Effect::Ask(_))), "nobody approved");
    let recalled = recorded_premise(&program, &start, false, &heard).unwrap();
    assert_eq!(recalled.differs, None);
    let text = test_of(&program, "the site is back", &recalled.premise, &recalled.performed).unwrap();
    insta::assert_snapshot!("a_run_with_an_approval", text);
}

#[test]
fn what_a_test_cannot_say_is_said() {
    let own = program(RESTART);
    let (program, start, heard) = told(|effect, now| match effect {
        Effect::Act(act) if act.attempt == 1 => {
            let why = Reason::new(ReasonKind::ProbeFailed, "exit code 1: busy");
            Some(Reply::Acted(Acted {
                result: Err(why),
                output: CommandOutput::default(),
                by: None,
                remark: None,
            }))
        }
        effect => answer(effect, now, &own),
    });
    let recalled = recorded_premise(&program, &start, false, &heard).unwrap();
    assert_eq!(
        recalled.differs.as_deref(),
        Some("at /slow.rb:6 `restart()` failed; in the test at /slow.rb:6 `restart()` was done")
    );
}

#[test]
fn a_run_that_heard_less_is_not_over_and_another_one_is_another() {
    let own = program(RESTART);
    let (program, start, mut heard) = told(|effect, now| answer(effect, now, &own));
    heard.truncate(4);
    let why = recorded_premise(&program, &start, false, &heard).unwrap_err().to_string();
    assert!(why.starts_with("the run is not over: its record ends before "), "{why}");
    heard.retain(|heard| !matches!(heard.effect, Effect::Read(_)));
    let why = recorded_premise(&program, &start, false, &heard).unwrap_err().to_string();
    assert!(why.starts_with("the runbook is not what was run: it asks for reading p99"), "{why}");
}
