//! Worlds around a world, and calls on a thread of their own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::Secrets;
use rbl_runtime::layers::Confirm;
use rbl_runtime::layers::Redact;
use rbl_runtime::{
    ActTarget, Acted, Answer, AnswerAuthor, CommandLine, Datum, Effect, Interrupt, Read, ReadTime, Reading,
    Reply, World,
};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, SecretRef, Time};
use rbl_terminal::Look;
use rbl_world::StopSignal;
use rbl_world::executor::{Executor, Job};
use rbl_world::provider::Provider;

use super::bench::{Bench, act, acted, builder, command, line};

/// A world that only counts, and gives scripted answers to questions.
struct Answering(Answer, usize);

impl World for Answering {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if matches!(effect, Effect::Ask(_)) {
            return Ok(Reply::Answered(self.0.clone()));
        }
        self.1 += 1;
        let output = CommandOutput::default();
        Ok(Reply::Acted(Acted { result: Ok(()), output, by: None, remark: None }))
    }
}

#[test]
fn confirm_asks_before_every_action_and_does_nothing_on_anything_but_yes() {
    let said = || AnswerAuthor { by: Some("ana".into()), vouched: false, remark: Some("too early".into()) };
    let not_sure = Reason::new(ReasonKind::NotSure, "not sure");
    for (answer, failure) in [
        (Answer::Yes(said()), None),
        (Answer::No(said()), Some("not confirmed by ana")),
        (Answer::Unknown(not_sure, said()), Some("not confirmed: not sure")),
    ] {
        let mut world = Answering(answer, 0);
        let acted = acted(Confirm::new(&mut world).perform(&Effect::Act(command("x", 1.0))).unwrap());
        assert_eq!(acted.result.err().map(|reason| reason.text).as_deref(), failure);
        assert_eq!(world.1, usize::from(failure.is_none()));
    }
    let mut world = Answering(Answer::No(said()), 0);
    let instruction = Effect::Act(act(ActTarget::Instruction("Drain it".into()), 1.0));
    assert!(acted(Confirm::new(&mut world).perform(&instruction).unwrap()).result.is_ok());
}

#[test]
fn a_secret_does_not_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "s3cret-token\n").unwrap();
    let (builder, _, _stop) = builder(None, Look::default());
    let secrets = Secrets::new();
    let mut world = Redact::new(builder.secrets(secrets.clone()).build(), secrets);
    let mut command = line("echo @; printf @ | base64 >&2; exit 1", "");
    for piece in [1, 3] {
        let secret = SecretRef::File(file.to_str().unwrap().into());
        command.0[piece] = rbl_runtime::Piece::Value(Datum::Secret(secret));
    }
    let acted = acted(world.perform(&Effect::Act(act(ActTarget::Command(command), 5.0))).unwrap());
    assert_eq!(acted.output.stdout, "•••\n");
    assert_eq!(acted.output.stderr.trim_end_matches(['=', '\n']), "•••");
    assert!(acted.result.unwrap_err().text.starts_with("exit code 1: •••"));
}

#[derive(Debug)]
struct Slow;

impl Provider for Slow {
    fn test(&self) -> Result<String, Reason> {
        Ok("slow".into())
    }

    fn read(&self, _: &Read, _: Time) -> Result<Reading, Reason> {
        std::thread::sleep(Duration::from_mins(5));
        Ok(Reading::default())
    }
}

fn read() -> Effect {
    Effect::Read(Read {
        metric: "p99".into(),
        arguments: Vec::new(),
        provider: "slow".into(),
        query: CommandLine::default(),
        of: rbl_syntax::tree::MetricType::Number,
        by: Vec::new(),
        time: ReadTime::Now,
    })
}

#[test]
fn a_slow_provider_does_not_keep_ctrl_c_away() {
    let (builder, screen, stop) = builder(None, Look::default());
    let mut live = builder.provider("slow", Arc::new(Slow)).build();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        stop.send(StopSignal::Interrupt).unwrap();
    });
    let begun = Instant::now();
    assert!(matches!(live.perform(&read()), Err(Interrupt::Aborted { .. })));
    assert!(begun.elapsed() < Duration::from_mins(1));
    assert_eq!(screen.text(), "");
}

#[test]
fn what_is_not_configured_is_said() {
    let mut bench = Bench::alone();
    let Reply::Reading(Err(reason)) = bench.live.perform(&read()).unwrap() else { panic!() };
    assert_eq!(reason.text, "no provider `slow` is configured");
    let target = ActTarget::Executor {
        executor: "rundeck".into(),
        reference: CommandLine::default(),
        arguments: Vec::new(),
    };
    let acted = bench.act(act(target, 5.0)).unwrap();
    assert_eq!(acted.result.unwrap_err().text, "no executor `rundeck` is configured");
}

struct Patient;

impl Executor for Patient {
    fn run(&self, job: &Job) -> Acted {
        while !job.stopped() {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::fs::write(job.reference.shown(), "stopped").unwrap();
        Acted { result: Ok(()), output: CommandOutput::default(), by: None, remark: None }
    }

    fn test(&self) -> Result<String, Reason> {
        Ok("it waits".into())
    }
}

#[test]
fn an_executor_is_told_when_its_time_is_up() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("stopped");
    let (builder, _, _stop) = builder(None, Look::default());
    let mut live = builder.executor("patient", Arc::new(Patient)).build();
    let target = ActTarget::Executor {
        executor: "patient".into(),
        reference: line(file.to_str().unwrap(), ""),
        arguments: Vec::new(),
    };
    let acted = acted(live.perform(&Effect::Act(act(target, 0.3))).unwrap());
    assert_eq!(acted.result.unwrap_err().text, "timed out after 300ms");
    super::bench::eventually("it was told", || file.exists());
}
