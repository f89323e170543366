//! A world with scripted answers and a clock of its own; it records the effects that are asked for.

use std::collections::{HashMap, HashSet, VecDeque};

use rbl_runtime::{
    Acted, Answer, AnswerAuthor, Delivery, Effect, FiringAnswer, Interrupt, RawPoint, RawSample, RawSeries,
    RawText, ReadTime, Reading, Reply, World,
};
use rbl_syntax::value::{CommandOutput, Labels, Reason, ReasonKind, Time};

/// The answer of a metric from a moment on (seconds since the start).
#[derive(Debug, Clone)]
pub(crate) enum Given {
    One(f64),
    Many(Vec<(Labels, f64)>),
    Text(&'static str),
    Texts(Vec<(Labels, &'static str)>),
    Lines(&'static [&'static str]),
    Fault(ReasonKind, &'static str),
}

/// See the file.
#[derive(Debug, Default)]
pub(crate) struct ScriptedWorld {
    /// Seconds since the start.
    pub(crate) clock: f64,
    readings: HashMap<String, Vec<(f64, Given)>>,
    firing: Vec<(f64, Result<bool, &'static str>)>,
    windows: HashMap<String, Vec<RawSeries>>,
    answers: HashMap<String, VecDeque<Answer>>,
    probes: HashMap<String, CommandOutput>,
    actions: HashMap<String, VecDeque<Acted>>,
    durations: HashMap<String, f64>,
    after: HashMap<String, Vec<(String, f64)>>,
    dead_teams: HashSet<String>,
    acknowledging: HashMap<String, f64>,
    dead_channels: bool,
    dead_secrets: HashSet<String>,
    only_terminal: bool,
    interrupts: HashMap<String, VecDeque<Interrupt>>,
    /// Every effect but `now`, in words.
    pub(crate) log: Vec<String>,
    /// Every effect.
    pub(crate) effects: Vec<Effect>,
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

pub(crate) fn said(by: &str) -> AnswerAuthor {
    AnswerAuthor { by: Some(by.into()), vouched: true, remark: None }
}

pub(crate) fn output(status: i32, stdout: &str) -> CommandOutput {
    CommandOutput { status: Some(status), stdout: stdout.into(), ..CommandOutput::default() }
}

fn done() -> Acted {
    Acted { result: Ok(()), output: output(0, ""), by: None, remark: None }
}

impl ScriptedWorld {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The start of its clock.
    pub(crate) fn start() -> Time {
        Time::parse("2026-05-01T10:00:00Z").unwrap()
    }

    pub(crate) fn reading(self, metric: &str, value: f64) -> Self {
        self.given(metric, 0.0, Given::One(value))
    }

    pub(crate) fn later(self, metric: &str, from: f64, value: f64) -> Self {
        self.given(metric, from, Given::One(value))
    }

    /// A `by` metric: one label `instance`.
    pub(crate) fn series(self, metric: &str, values: &[(&str, f64)]) -> Self {
        let many = values.iter().map(|(name, value)| (labels(&[("instance", name)]), *value)).collect();
        self.given(metric, 0.0, Given::Many(many))
    }

    pub(crate) fn fault(self, metric: &str, kind: ReasonKind, text: &'static str) -> Self {
        self.given(metric, 0.0, Given::Fault(kind, text))
    }

    /// Whether the alert fires from a moment on, or why that is unknown.
    pub(crate) fn firing(mut self, from: f64, firing: Result<bool, &'static str>) -> Self {
        self.firing.push((from, firing));
        self
    }

    pub(crate) fn given(mut self, metric: &str, from: f64, given: Given) -> Self {
        self.readings.entry(metric.into()).or_default().push((from, given));
        self
    }

    /// The window that a metric has, whatever its length: values a step of a minute apart that end now; `None` is a
    /// sample that is missing.
    pub(crate) fn window(self, metric: &str, values: &[Option<f64>]) -> Self {
        self.window_at(metric, values, 60.0)
    }

    /// A window of each series, a sample a minute.
    pub(crate) fn window_of(mut self, metric: &str, label: &str, windows: &[(&str, &[f64])]) -> Self {
        for (name, values) in windows {
            let first = 60.0 * (values.len() as f64 - 1.0);
            let point = |(value, number): (&f64, u32)| RawPoint {
                at: Self::start().plus(f64::from(number) * 60.0 - first).unwrap(),
                value: *value,
            };
            let points = values.iter().zip(0..).map(point).collect();
            let series = RawSeries { labels: labels(&[(label, name)]), points, step: 60.0 };
            self.windows.entry(metric.into()).or_default().push(series);
        }
        self
    }

    pub(crate) fn window_at(mut self, metric: &str, values: &[Option<f64>], step: f64) -> Self {
        let count = values.len() as f64;
        let points = values.iter().enumerate().filter_map(|(index, value)| {
            let at = Self::start().plus((index as f64 - count + 1.0) * step)?;
            Some(RawPoint { at, value: (*value)? })
        });
        let series = RawSeries { labels: Labels::new(), points: points.collect(), step };
        self.windows.entry(metric.into()).or_default().push(series);
        self
    }

    pub(crate) fn answer(mut self, question: &str, answer: Answer) -> Self {
        self.answers.entry(question.into()).or_default().push_back(answer);
        self
    }

    pub(crate) fn yes(self, question: &str) -> Self {
        self.answer(question, Answer::Yes(said("ana")))
    }

    pub(crate) fn no(self, question: &str) -> Self {
        self.answer(question, Answer::No(said("ana")))
    }

    pub(crate) fn text(self, question: &str, text: &str) -> Self {
        self.answer(question, Answer::Text(text.into(), said("ana")))
    }

    pub(crate) fn probe(mut self, command: &str, output: CommandOutput) -> Self {
        self.probes.insert(command.into(), output);
        self
    }

    pub(crate) fn fails(mut self, action: &str, why: &str) -> Self {
        let result = Err(Reason::new(ReasonKind::NotRun, why));
        self.actions.entry(action.into()).or_default().push_back(Acted { result, ..done() });
        self
    }

    pub(crate) fn acted(mut self, action: &str, output: CommandOutput) -> Self {
        self.actions.entry(action.into()).or_default().push_back(Acted { output, ..done() });
        self
    }

    pub(crate) fn still_runs(mut self, action: &str, why: &str) -> Self {
        let result = Err(Reason::new(ReasonKind::StillRuns, why));
        self.actions.entry(action.into()).or_default().push_back(Acted { result, ..done() });
        self
    }

    pub(crate) fn succeeds(mut self, action: &str) -> Self {
        self.actions.entry(action.into()).or_default().push_back(done());
        self
    }

    pub(crate) fn prints(mut self, action: &str, text: &str) -> Self {
        let acted = Acted { output: output(0, text), ..done() };
        self.actions.entry(action.into()).or_default().push_back(acted);
        self
    }

    pub(crate) fn remarks(mut self, action: &str, remark: &str) -> Self {
        let acted = Acted { by: Some("ana".into()), remark: Some(remark.into()), ..done() };
        self.actions.entry(action.into()).or_default().push_back(acted);
        self
    }

    pub(crate) fn takes(mut self, action: &str, seconds: f64) -> Self {
        self.durations.insert(action.into(), seconds);
        self
    }

    /// When an action has been done, a metric changes.
    pub(crate) fn after(mut self, action: &str, metric: &str, value: f64) -> Self {
        self.after.entry(action.into()).or_default().push((metric.into(), value));
        self
    }

    pub(crate) fn undeliverable(mut self, team: &str) -> Self {
        self.dead_teams.insert(team.into());
        self
    }

    /// The team acknowledges its pages after so many seconds.
    pub(crate) fn acknowledges(mut self, team: &str, after: f64) -> Self {
        self.acknowledging.insert(team.into(), after);
        self
    }

    pub(crate) fn no_channels(mut self) -> Self {
        self.dead_channels = true;
        self
    }

    pub(crate) fn only_terminal(mut self) -> Self {
        self.only_terminal = true;
        self
    }

    pub(crate) fn no_secret(mut self, name: &str) -> Self {
        self.dead_secrets.insert(name.into());
        self
    }

    /// Interrupts when an effect is asked for whose line in the log begins with this; each once.
    pub(crate) fn breaks_in(mut self, at: &str, interrupt: Interrupt) -> Self {
        self.interrupts.entry(at.into()).or_default().push_back(interrupt);
        self
    }

    pub(crate) fn aborts(self, at: &str) -> Self {
        self.breaks_in(at, Interrupt::Aborted { by: "ana".into() })
    }

    fn now(&self) -> Time {
        Self::start().plus(self.clock).unwrap()
    }

    fn words(effect: &Effect) -> Option<String> {
        Some(match effect {
            Effect::Now => return None,
            Effect::Sleep(sleep) => format!("sleep {}", sleep.seconds),
            Effect::Read(read) => {
                let time = match read.time {
                    ReadTime::Now => String::new(),
                    ReadTime::At(at) => format!(" at {at}"),
                    ReadTime::Window { seconds, .. } => format!(" over {seconds}"),
                };
                format!("read {}{time}", read.metric)
            }
            Effect::Mode(_) => "mode".to_owned(),
            Effect::Firing(query) => format!("firing {}", query.alerts.len()),
            Effect::Probe(probe) => match &probe.host {
                Some(host) => format!("probe {} on {host}", probe.command.shown()),
                None => format!("probe {}", probe.command.shown()),
            },
            Effect::Act(act) => match &act.host {
                Some(host) => format!("act {} on {host}", act.title),
                None => format!("act {}", act.title),
            },
            Effect::Ask(ask) => format!("ask {}", ask.prompt),
            Effect::Page(page) => format!("page {}: {}", page.team, page.reason),
            Effect::Acknowledge(it) => format!("acknowledge {} {}", it.team, it.within),
            Effect::Record(record) => match &record.channel {
                Some(channel) => format!("record {} to {channel}", record.text),
                None => format!("record {}", record.text),
            },
            Effect::Lock(lock) => format!("lock {}", lock.name),
            Effect::Enter(run) => format!("enter {}", run.runbook),
            Effect::Leave(run) => format!("leave {}", run.runbook),
            Effect::Conclude(it) => format!("conclude {} {}", it.ticket.through.name(), it.outcome),
            Effect::Secret { name, .. } => format!("secret {name}"),
        })
    }

    fn read(&self, name: &str, query: &str, time: ReadTime) -> Result<Reading, Reason> {
        let key =
            if self.readings.contains_key(query) || self.windows.contains_key(query) { query } else { name };
        let sample = |labels: &Labels, value: f64| RawSample::new(labels.clone(), value, Some(self.now()));
        let at = match time {
            ReadTime::Now => self.clock,
            ReadTime::At(at) => at.since(Self::start()).base,
            ReadTime::Window { .. } => {
                return match self.windows.get(key) {
                    Some(series) => Ok(Reading { series: series.clone(), ..Reading::default() }),
                    None => Err(Reason::new(ReasonKind::NoHistory, "no history")),
                };
            }
        };
        let given = self.readings.get(key).into_iter().flatten().rfind(|(from, _)| *from <= at);
        match given.map(|(_, given)| given) {
            None => Ok(Reading::default()),
            Some(Given::One(value)) => {
                Ok(Reading { samples: vec![sample(&Labels::new(), *value)], ..Reading::default() })
            }
            Some(Given::Many(many)) => {
                let samples = many.iter().map(|(labels, value)| sample(labels, *value)).collect();
                Ok(Reading { samples, ..Reading::default() })
            }
            Some(Given::Text(text)) => {
                let text = RawText { labels: Labels::new(), text: (*text).into() };
                Ok(Reading { texts: vec![text], ..Reading::default() })
            }
            Some(Given::Texts(many)) => {
                let texts = many
                    .iter()
                    .map(|(labels, text)| RawText { labels: labels.clone(), text: (*text).into() });
                Ok(Reading { texts: texts.collect(), ..Reading::default() })
            }
            Some(Given::Lines(lines)) => {
                let lines = lines.iter().map(|line| (*line).to_owned()).collect();
                Ok(Reading { lines: Some(lines), ..Reading::default() })
            }
            Some(Given::Fault(kind, text)) => Err(Reason::new(*kind, *text)),
        }
    }

    fn act(&mut self, title: &str) -> Acted {
        self.clock += self.durations.get(title).copied().unwrap_or(0.0);
        let acted = self.actions.get_mut(title).and_then(VecDeque::pop_front).unwrap_or_else(done);
        if acted.result.is_ok() {
            for (metric, value) in self.after.get(title).cloned().unwrap_or_default() {
                let from = self.clock;
                self.readings.entry(metric).or_default().push((from, Given::One(value)));
            }
        }
        acted
    }

    fn delivered(&self, dead: bool) -> Reply {
        Reply::Delivered(if dead {
            Err(Reason::new(ReasonKind::Unreachable, "connection refused"))
        } else {
            let reached_others = !self.only_terminal;
            let by = if reached_others { "pagerduty" } else { "on this terminal" };
            Ok(Delivery::by(by, reached_others))
        })
    }
}

impl World for ScriptedWorld {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.effects.push(effect.clone());
        if let Some(words) = Self::words(effect) {
            let breaking = self.interrupts.keys().find(|at| words.starts_with(at.as_str())).cloned();
            self.log.push(words);
            if let Some(interrupt) =
                breaking.and_then(|at| self.interrupts.get_mut(&at).and_then(VecDeque::pop_front))
            {
                return Err(interrupt);
            }
        }
        Ok(match effect {
            Effect::Now => Reply::Now(self.now()),
            Effect::Sleep(sleep) => {
                self.clock += sleep.seconds;
                Reply::Slept
            }
            Effect::Read(read) => Reply::Reading(self.read(&read.metric, &read.query.shown(), read.time)),
            Effect::Mode(_) => Reply::Mode(rbl_runtime::journal::ModeInForce::act()),
            Effect::Firing(_) => Reply::Firing(match self.firing.iter().rfind(|it| it.0 <= self.clock) {
                Some((_, Ok(firing))) => Ok(FiringAnswer { firing: *firing, source: "am".into() }),
                Some((_, Err(why))) => Err(Reason::new(ReasonKind::Unreachable, *why)),
                None => Err(Reason::new(ReasonKind::NoField, "no alert started this run")),
            }),
            Effect::Probe(probe) => Reply::Output(
                self.probes.get(&probe.command.shown()).cloned().unwrap_or_else(|| output(0, "")),
            ),
            Effect::Act(act) => Reply::Acted(self.act(&act.title)),
            Effect::Ask(ask) => {
                let answer = self.answers.get_mut(&ask.prompt).and_then(VecDeque::pop_front);
                Reply::Answered(answer.unwrap_or_else(|| {
                    self.clock += ask.within;
                    Answer::Unknown(Reason::new(ReasonKind::NoAnswer, "no answer"), AnswerAuthor::default())
                }))
            }
            Effect::Page(page) => self.delivered(self.dead_teams.contains(&page.team)),
            Effect::Acknowledge(it) => {
                let after = self.acknowledging.get(&it.team).copied().filter(|after| *after <= it.within);
                self.clock += after.unwrap_or(it.within);
                Reply::Acknowledged(match after {
                    Some(_) => Ok(said("bo")),
                    None => Err(rbl_runtime::not_acknowledged(it.within)),
                })
            }
            Effect::Record(_) => self.delivered(self.dead_channels),
            Effect::Lock(_) => Reply::Locked(Ok(())),
            Effect::Enter(_) => Reply::Entered(Ok(())),
            Effect::Leave(_) => Reply::Left,
            Effect::Conclude(_) => self.delivered(false),
            Effect::Secret { name, .. } => Reply::Secret(if self.dead_secrets.contains(name.as_str()) {
                Err(Reason::new(ReasonKind::NoField, "the environment has no `TOKEN`"))
            } else {
                Ok(())
            }),
        })
    }
}
