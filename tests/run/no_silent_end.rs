//! Whatever the world answers: every run ends, and no run ends silently.

use rbl_runtime::{
    ActTarget, Acted, Answer, AnswerAuthor, Ask, AskKind, Delivery, Effect, EventKind, FiringAnswer,
    Interrupt, Outcome, Parked, RawPoint, RawSample, RawSeries, ReadTime, Reading, Reply, World, run,
};
use rbl_syntax::value::{CommandOutput, Labels, Reason, ReasonKind, Time};

use super::{program_with, start};

pub(super) const EVERYTHING: &str = r##"
runbook "Everything"
owner "o"
param service = "api"
secret token from env "TOKEN"
metric p99 in ms from prometheus "p99"
metric base in ms from prometheus "base"
metric disk by instance in % from prometheus "disk"
metric lag(node) in s from prometheus "lag{n='#{node}'}"
define rollback(service) as `kubectl rollout undo #{service}`
define job(share) as rundeck "job"
let slow(limit) = p99 > limit and p99 > base

step "Look" {
  check "Is it real?" showing p99, p99 over 30m else { resolve "no" }
  if slow(500ms) or `probe #{service}` { "slow: #{p99}" } else if any disk > 90% { "full" } unknown { "who knows" }
  if p99 < base for 10m { "steady" } unknown { }
}
action rollback(service) retry 2 every 5s as out finally `after #{service}` undo "Put it back" else { escalate to "db" else { } }
match p99 { < 100ms { "a" } 100ms..200ms { action job(90%) undo job(10%) else { } } else { "b" } unknown { "c" } }
match "What now?" { "stop" { stop "told so" } "go" { } unknown { } }
for each d in disk where d > 50% up to 2 { action `clean #{d.instance} #{token}` finally `unlock #{d.instance}` }
repeat up to 3 times every 10s until max(p99, base) < 300ms { action "Kick it" else { } } else { "no" } unknown { "hm" }
wait until p99 < 400ms and every disk < 95% for 1m within 5m every 20s else { escalate to owner because "still #{p99}" } unknown { }
run "other.rb" with (node: "n1") else { "other failed" }
action `pause` {
  wait until p99 < 300ms within 2m else or unknown { escalate to "db" because "paused" acknowledged within 90s else { } }
  check lag("n3") < 5s
} finally `resume`, "Tell the team" else { "not paused" }
let cause = ask "Cause?" within 5m
record "#{cause} #{lag("n2")} #{max(p99 over 1h)}" to "incidents"
check lag("n1") < 5s
"##;

pub(super) const OTHER: &str = "runbook \"Other\"\nparam node\nmetric lag(node) in s from prometheus \"lag\"\n\
    action `a #{node}` finally `fa` undo `ua`\ncheck lag(node) < 5s else { stop \"lags\" }";

/// A random world, the same for the same seed.
#[allow(clippy::struct_excessive_bools)] // each is a chance of its own
pub(super) struct Chances {
    state: u64,
    /// Seconds since the start.
    pub(super) clock: f64,
    /// Whether effects that may take time do, up to their limit.
    slow: bool,
    /// Whether every reading succeeds, with the same value.
    calm: bool,
    /// Whether that value is low.
    low: bool,
    effects: u32,
    interrupts: bool,
}

impl Chances {
    fn of(seed: u64, interrupts: bool) -> Self {
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self { state, clock: 0.0, slow: false, calm: false, low: false, effects: 0, interrupts }
    }

    /// Nobody interrupts, and effects that may take time do: often none, often all of it.
    pub(super) fn slow(seed: u64) -> Self {
        Self { slow: true, ..Self::of(seed, false) }
    }

    /// Whether values stay for a while: else no condition would ever hold for long.
    fn calm(&mut self) -> bool {
        if self.slow && self.below(60) == 0 {
            self.calm = !self.calm;
        }
        if self.slow && self.below(12) == 0 {
            self.low = !self.low;
        }
        self.slow && self.calm
    }

    fn takes(&mut self, limit: f64) {
        if self.slow {
            self.clock += match self.below(4) {
                0 => 0.0,
                1 => limit * self.below(1000) as f64 / 1000.0,
                _ => limit,
            };
        }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % limit
    }

    fn now(&self) -> Time {
        super::ScriptedWorld::start().plus(self.clock).unwrap()
    }

    fn number(&mut self) -> f64 {
        if self.calm() {
            // Far below and far above the limits of the examples.
            return if self.low { 0.05 } else { 9_000.0 };
        }
        match self.below(12) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            _ => self.below(1000) as f64,
        }
    }

    fn reading(&mut self, by: bool, time: ReadTime) -> Result<Reading, Reason> {
        let calm = self.calm();
        if !calm && self.below(10) == 0 {
            return Err(Reason::new(ReasonKind::Unreachable, "connection refused"));
        }
        let count = if by {
            self.below(4)
        } else if calm {
            1
        } else {
            u64::from(self.below(8) != 0) + u64::from(self.below(12) == 0)
        };
        let labels = |index: u64| Labels::from([("instance".into(), format!("i{index}").into())]);
        let mut reading = Reading::default();
        for index in 0..count {
            if let ReadTime::Window { end, seconds } = time {
                let points: Vec<RawPoint> = (0..=10)
                    .filter_map(|step| {
                        let at = end.plus(-seconds + seconds / 10.0 * f64::from(step))?;
                        (self.below(20) != 0).then(|| RawPoint { at, value: self.number() })
                    })
                    .collect();
                reading.series.push(RawSeries { labels: labels(index), points, step: seconds / 10.0 });
            } else {
                let value = self.number();
                reading.samples.push(RawSample::new(labels(index), value, Some(self.now())));
            }
        }
        Ok(reading)
    }

    fn output(&mut self) -> CommandOutput {
        CommandOutput {
            status: [0, 1, 2, 127].into_iter().nth(usize::try_from(self.below(4)).unwrap()),
            stdout: "x".into(),
            ..Default::default()
        }
    }
}

impl World for Chances {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.effects += 1;
        assert!(self.effects < 10_000, "it does not end");
        if self.interrupts && self.below(40) == 0 {
            return Err(match self.below(3) {
                0 => Interrupt::Parked(Parked::ByHand),
                _ => Interrupt::Aborted { by: "ana".into() },
            });
        }
        match effect {
            Effect::Read(_) => self.takes(10.0),
            Effect::Probe(probe) => self.takes(probe.within),
            Effect::Ask(ask) => self.takes(ask.within),
            Effect::Acknowledge(it) => self.takes(it.within),
            Effect::Act(act) => {
                // The person who approves it may take as long as the action itself.
                if act.by.is_some() && !matches!(act.target, ActTarget::Instruction(_)) {
                    self.takes(act.within);
                }
                self.takes(act.within);
            }
            Effect::Lock(lock) => self.takes(lock.within),
            // No Alertmanager is configured here, so nobody is waited for.
            Effect::Now
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Sleep(_)
            | Effect::Page(_)
            | Effect::Record(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => {}
        }
        let said = AnswerAuthor { by: Some("ana".into()), ..AnswerAuthor::default() };
        Ok(match effect {
            Effect::Now => Reply::Now(self.now()),
            Effect::Sleep(sleep) => {
                self.clock += sleep.seconds;
                Reply::Slept
            }
            Effect::Read(read) => Reply::Reading(self.reading(!read.by.is_empty(), read.time)),
            Effect::Mode(_) => Reply::Mode(rbl_runtime::journal::ModeInForce::act()),
            Effect::Firing(_) => Reply::Firing(match self.below(3) {
                0 => Err(Reason::new(ReasonKind::Unreachable, "connection refused")),
                way => Ok(FiringAnswer { firing: way == 1, source: "am".into() }),
            }),
            Effect::Probe(_) => Reply::Output(self.output()),
            Effect::Act(_) => Reply::Acted(Acted {
                result: if self.below(3) == 0 {
                    Err(Reason::new(ReasonKind::NotRun, "failed"))
                } else {
                    Ok(())
                },
                output: self.output(),
                by: None,
                remark: None,
            }),
            Effect::Ask(Ask { kind: AskKind::Choice(among), .. }) if self.slow => {
                let chosen = usize::try_from(self.below(among.len() as u64)).unwrap();
                Reply::Answered(Answer::Text(among[chosen].clone(), said))
            }
            Effect::Ask(_) => Reply::Answered(match self.below(5) {
                0 => Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), said),
                1 => Answer::No(said),
                2 => Answer::Text("go".into(), said),
                _ => Answer::Yes(said),
            }),
            Effect::Page(_) | Effect::Record(_) | Effect::Conclude(_) => {
                Reply::Delivered(if self.below(3) == 0 {
                    Err(Reason::new(ReasonKind::Unreachable, "connection refused"))
                } else {
                    Ok(Delivery::by("pager", true))
                })
            }
            Effect::Lock(_) => Reply::Locked(if self.below(3) == 0 {
                Err(Reason::new(ReasonKind::TimedOut, "held by another run"))
            } else {
                Ok(())
            }),
            Effect::Enter(_) => Reply::Entered(if self.below(3) == 0 {
                Err(Reason::new(ReasonKind::LimitReached, "its limit is reached"))
            } else {
                Ok(())
            }),
            Effect::Leave(_) => Reply::Left,
            Effect::Acknowledge(it) => Reply::Acknowledged(if self.below(3) == 0 {
                Err(rbl_runtime::not_acknowledged(it.within))
            } else {
                Ok(said)
            }),
            Effect::Secret { .. } => Reply::Secret(Ok(())),
        })
    }
}

#[test]
fn every_run_ends_and_somebody_knows() {
    let program = program_with(EVERYTHING, &[("other.rb", OTHER)]);
    let mut seen = std::collections::BTreeSet::new();
    for seed in 1..600 {
        let mut events: Vec<rbl_runtime::Event> = Vec::new();
        let mut world = Chances::of(seed, seed % 2 == 0);
        let ended = run(&program, &start(), &mut world, &mut events);
        seen.insert(ended.outcome.word());
        let told_nobody = events.iter().any(|event| {
            matches!(&event.kind, EventKind::Escalated { delivered: Err(_), asked_for: false, .. })
        });
        match ended.outcome {
            Outcome::Resolved => {}
            Outcome::Escalated => assert!(!ended.paged.is_empty(), "{seed}"),
            Outcome::Failed => assert!(told_nobody, "{seed}"),
            Outcome::Aborted => {
                assert!(events.iter().any(|event| matches!(event.kind, EventKind::Aborted { .. })), "{seed}");
            }
            Outcome::Waiting => assert!(ended.parked.is_some(), "{seed}"),
        }
        // What was promised was done, or is reported as owed.
        let started = |role: rbl_runtime::ActionRole| {
            let is = |event: &&rbl_runtime::Event| matches!(&event.kind, EventKind::ActionStarted { role: it, attempt: 1, .. } if *it == role);
            events.iter().filter(is).count()
        };
        let cleaned = started(rbl_runtime::ActionRole::Finally) + started(rbl_runtime::ActionRole::Undo);
        let rolled_back = events.iter().any(|event| {
            matches!(&event.kind, EventKind::ActionStarted { title, .. } if title.starts_with("rollback"))
        });
        if rolled_back {
            assert!(cleaned + ended.pending.len() > 0, "{seed}: {ended:#?}");
        }
        let last = events.last().map(|event| &event.kind);
        assert!(matches!(last, Some(EventKind::Ended { .. })), "{seed}");
    }
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        ["aborted", "escalated", "failed", "resolved", "waiting"]
    );
}
