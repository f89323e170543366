//! Converts the lines of a test to a [`Script`](super::Script): values are filled in as the runbook would, before the
//! run.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::metric::base_of;
use super::script::{
    ActionBehaviour, ActionConsequences, ActionName, GivenAcknowledgement, GivenAction, GivenAnswer,
    GivenApproval, GivenChange, GivenLimit, GivenLock, GivenMetric, GivenProbe, Outage, ProbeName,
    ProbeOutcome, ReportedValue, Service, ServiceFault,
};
use super::script::{FiringState, GivenSubject, MetricState, Script};
use rbl_check::Program;
use rbl_runtime::{Alert, CommandLine, Effect, Interrupt, NoObserver, Reading, Reply, Session, Start, World};
use rbl_syntax::source::Span;
use rbl_syntax::tree;
use rbl_syntax::tree::{
    Arg, Asked, Expr, ExprKind, Given, GivenCondition, LimitSubject, Name, Target, TeamName, Template,
};
use rbl_syntax::tree::{TestStatement, TestStatementKind};
use rbl_syntax::value::{CommandOutput, Labels, Reason, ReasonKind, Time, Value};

/// Something in a test that has no value before the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// Where.
    pub span: Span,
    /// Why.
    pub why: String,
}

/// The meaning of a line, or what in it has no value.
type ReadResult<T> = Result<T, Unclear>;

/// Reads tests with the names of their runbook: its parameters, and the constants computed from them.
#[derive(Debug)]
pub struct TestReader<'p> {
    program: &'p Program,
    session: Session,
    nowhere: Nowhere,
    params: BTreeMap<SmolStr, Value>,
    begins: Option<Time>,
    alert: Option<Alert>,
}

impl<'p> TestReader<'p> {
    /// A reader for the lines of a test; it takes the parameters they give, and the time at which the run begins.
    pub fn new<'t>(
        program: &'p Program,
        start: Time,
        lines: impl Iterator<Item = &'t TestStatement>,
    ) -> ReadResult<Self> {
        let begun = |params: BTreeMap<SmolStr, Value>, begins: Option<Time>, alert: Option<Alert>| {
            let mut nowhere = Nowhere { now: begins.unwrap_or(start), probed: None };
            let mut session =
                Session::new(Start { params: params.clone(), alert: alert.clone(), ..Start::default() });
            session.begin(program, &mut nowhere, &mut NoObserver);
            Self { program, session, nowhere, params, begins, alert }
        };
        let mut reader = begun(BTreeMap::new(), None, None);
        let mut params = BTreeMap::new();
        let (mut begins, mut alert) = (None, None);
        for line in lines {
            match &line.kind {
                TestStatementKind::Param { name, value } => {
                    params.insert(name.text.clone(), reader.value(value)?);
                }
                TestStatementKind::Given { given, .. } if given.is_now() => {
                    begins = reader.beginning(given)?.or(begins);
                }
                TestStatementKind::Given { given: Given::Alert { name, labels }, .. } => {
                    alert = Some(reader.given_alert(name, labels.as_ref())?);
                }
                TestStatementKind::Given { .. }
                | TestStatementKind::After { .. }
                | TestStatementKind::Each { .. }
                | TestStatementKind::Answer { .. }
                | TestStatementKind::Expect(_)
                | TestStatementKind::Broken => {}
            }
        }
        let unchanged = params.is_empty() && begins.is_none() && alert.is_none();
        Ok(if unchanged { reader } else { begun(params, begins, alert) })
    }

    /// The parameters that the test gives.
    pub fn params(&self) -> &BTreeMap<SmolStr, Value> {
        &self.params
    }

    /// The script of these lines.
    pub fn script<'t>(&mut self, lines: impl Iterator<Item = &'t TestStatement>) -> ReadResult<Script> {
        let mut script = Script { begins: self.begins, alert: self.alert.clone(), ..Script::default() };
        for line in lines {
            match &line.kind {
                TestStatementKind::After { action, body } => {
                    let mut after = ActionConsequences { action: self.action(action)?, changes: Vec::new() };
                    for line in body {
                        after.changes.extend(self.change(line)?);
                    }
                    script.after.push(after);
                }
                TestStatementKind::Param { .. }
                | TestStatementKind::Given { .. }
                | TestStatementKind::Each { .. }
                | TestStatementKind::Answer { .. }
                | TestStatementKind::Expect(_)
                | TestStatementKind::Broken => script.changes.extend(self.change(line)?),
            }
        }
        Ok(script)
    }

    /// The start of the run, from `given now = TIME`.
    fn beginning(&mut self, given: &Given) -> ReadResult<Option<Time>> {
        let Given::Metric { condition: GivenCondition::Value { value }, .. } = given else { return Ok(None) };
        match self.value(value)? {
            Value::Time(time) => Ok(Some(time)),
            other => Err(Unclear { span: value.span, why: format!("`{other}` is no point in time") }),
        }
    }

    /// The change a line makes; `None` for a line about something else.
    pub fn change(&mut self, line: &TestStatement) -> ReadResult<Option<GivenChange>> {
        Ok(match &line.kind {
            // Both say how the run begins.
            TestStatementKind::Given { given, .. }
                if given.is_now() || matches!(given, Given::Alert { .. }) =>
            {
                None
            }
            TestStatementKind::Given { given, after } => {
                let from = match given {
                    Given::Metric { from, .. } | Given::Firing { from, .. } => {
                        from.as_ref().or(after.as_ref())
                    }
                    Given::Provider { .. }
                    | Given::Team { .. }
                    | Given::Channel { .. }
                    | Given::Alert { .. }
                    | Given::Action { .. }
                    | Given::Lock { .. }
                    | Given::Limit { .. }
                    | Given::Probe { .. } => after.as_ref(),
                };
                Some(GivenChange {
                    from: from.map(|from| self.seconds(from)).transpose()?,
                    what: self.given(given)?,
                })
            }
            TestStatementKind::Answer { question, with, after } => {
                let after = after.as_ref().map(|after| self.seconds(after)).transpose()?;
                let (with, after) = (self.answer_text(with)?, after.unwrap_or(0.0));
                let what = match question {
                    Asked::Question { text } => {
                        GivenSubject::Answer(GivenAnswer { question: self.text(text)?, with, after })
                    }
                    Asked::Approval { target, team, .. } => GivenSubject::Approval(GivenApproval {
                        action: self.action(target)?,
                        team: self.team_name(team)?,
                        with,
                        after,
                    }),
                };
                Some(GivenChange { from: None, what })
            }
            TestStatementKind::Param { .. }
            | TestStatementKind::After { .. }
            | TestStatementKind::Each { .. }
            | TestStatementKind::Expect(_)
            | TestStatementKind::Broken => None,
        })
    }

    fn given(&mut self, given: &Given) -> ReadResult<GivenSubject> {
        Ok(match given {
            Given::Metric { name, args, series, condition, .. } => GivenSubject::Metric(GivenMetric {
                name: name.text.clone(),
                arguments: self.metric_arguments(name, args)?,
                labels: series.as_ref().map(|series| self.labels(series)).transpose()?,
                state: self.state(condition)?,
            }),
            Given::Firing { condition, .. } => GivenSubject::Firing(self.firing(condition)?),
            // It starts the run, and so is no change.
            Given::Alert { name, .. } => {
                return Err(Unclear { span: name.span, why: "an alert starts the run".into() });
            }
            Given::Provider { name, condition } => {
                self.outage(Service::Provider(name.text.clone()), condition)?
            }
            Given::Team { name, condition: GivenCondition::Acknowledges { after } } => {
                let after = after.as_ref().map(|after| self.seconds(after)).transpose()?;
                let (team, after) = (self.text(name)?, Some(after.unwrap_or(0.0)));
                GivenSubject::Acknowledgement(GivenAcknowledgement { team, after })
            }
            Given::Team { name, condition: GivenCondition::NeverAcknowledges } => {
                let team = self.text(name)?;
                GivenSubject::Acknowledgement(GivenAcknowledgement { team, after: None })
            }
            Given::Team { name, condition } => {
                let team = Service::Team(self.text(name)?);
                self.outage(team, condition)?
            }
            Given::Channel { name, condition } => {
                let channel = Service::Channel(self.text(name)?);
                self.outage(channel, condition)?
            }
            Given::Action { target, condition } => {
                let how = match condition {
                    GivenCondition::Hangs => ActionBehaviour::Hangs,
                    GivenCondition::Takes { duration } => ActionBehaviour::Takes(self.seconds(duration)?),
                    GivenCondition::Prints { text } => ActionBehaviour::Prints(self.text(text)?),
                    GivenCondition::Fails { text: Some(text) } => {
                        ActionBehaviour::Fails(Some(self.text(text)?))
                    }
                    _ => ActionBehaviour::Fails(None),
                };
                GivenSubject::Action(GivenAction { name: self.action(target)?, how })
            }
            Given::Lock { name, held } => GivenSubject::Lock(GivenLock {
                name: self.text(name)?,
                held: held.as_ref().map(|held| self.seconds(held)).transpose()?,
            }),
            Given::Limit { of: LimitSubject::Action { name } } => {
                GivenSubject::Limit(GivenLimit::Action(name.text.clone()))
            }
            Given::Limit { of: LimitSubject::Run { file } } => {
                GivenSubject::Limit(GivenLimit::Run(self.text(file)?))
            }
            Given::Probe { target, condition } => {
                let ends = match condition {
                    GivenCondition::Prints { text } => ProbeOutcome::Prints(self.text(text)?),
                    GivenCondition::Exits { code, prints } => {
                        let prints = prints.as_ref().map(|text| self.text(text)).transpose()?;
                        ProbeOutcome::Exits { code: code.code, prints }
                    }
                    GivenCondition::Value { value } => match self.answer_text(value)?.as_str() {
                        "yes" => ProbeOutcome::Yes,
                        "no" => ProbeOutcome::No,
                        _ => ProbeOutcome::Unknown,
                    },
                    _ => ProbeOutcome::Unknown,
                };
                GivenSubject::Probe(GivenProbe { name: self.probe(target)?, ends })
            }
        })
    }

    /// The alert that starts the run.
    fn given_alert(&mut self, name: &Template, labels: Option<&Expr>) -> ReadResult<Alert> {
        let name: SmolStr = self.text(name)?.into();
        let labels = labels.map(|labels| self.labels(labels)).transpose()?.unwrap_or_default();
        Ok(Alert::named(name, labels))
    }

    fn firing(&mut self, condition: &GivenCondition) -> ReadResult<FiringState> {
        Ok(match condition {
            GivenCondition::Value { value } => match self.answer_text(value)?.as_str() {
                "yes" => FiringState::Yes,
                "no" => FiringState::No,
                _ => FiringState::Unknown,
            },
            _ => FiringState::Unknown,
        })
    }

    /// The fault of a provider, a team or a channel.
    fn outage(&mut self, of: Service, condition: &GivenCondition) -> ReadResult<GivenSubject> {
        let fault = match condition {
            GivenCondition::Slow { by } => ServiceFault::Slow(self.seconds(by)?),
            GivenCondition::Error { text } => ServiceFault::Error(self.text(text)?),
            _ => ServiceFault::Down,
        };
        Ok(GivenSubject::Outage(Outage { of, fault }))
    }

    fn state(&mut self, condition: &GivenCondition) -> ReadResult<MetricState> {
        Ok(match condition {
            GivenCondition::Value { value } => match word(value) {
                Some("none" | "unknown") => MetricState::None,
                _ => match self.reported(value)? {
                    Some(reported) => MetricState::Reported(reported),
                    None => match self.value(value)? {
                        Value::ExactNumber(digits) => MetricState::ExactNumber(digits),
                        _ => MetricState::Value(self.base(value)?),
                    },
                },
            },
            GivenCondition::Samples { runs, every } => {
                // A step of zero would put all samples at the same time.
                let every = self.seconds(every)?.max(1e-3);
                if let Some((first, _)) = runs.first()
                    && self.reported(first)?.is_some()
                {
                    let mut reports = Vec::with_capacity(runs.len());
                    for (value, count) in runs {
                        let unclear =
                            || Unclear { span: value.span, why: "the samples are not of one kind".into() };
                        reports.push((self.reported(value)?.ok_or_else(unclear)?, *count));
                    }
                    return Ok(MetricState::Reports { runs: reports, every });
                }
                let mut samples = Vec::with_capacity(runs.len());
                for (value, count) in runs {
                    samples.push((self.base(value)?, *count));
                }
                MetricState::Samples { runs: samples, every }
            }
            GivenCondition::Nan => MetricState::Nan,
            GivenCondition::Stale { age } => MetricState::Stale(self.seconds(age)?),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // held within the bounds
            GivenCondition::Series { count } => {
                MetricState::Series(self.base(count)?.round().clamp(0.0, 1_000.0) as u32)
            }
            _ => MetricState::None,
        })
    }

    /// A text or lines; `None` for a number.
    fn reported(&mut self, value: &Expr) -> ReadResult<Option<ReportedValue>> {
        Ok(match self.value(value)? {
            Value::Text(text) => Some(ReportedValue::Text(text.to_string())),
            Value::List(items) => Some(ReportedValue::Lines(items.iter().map(ToString::to_string).collect())),
            _ => None,
        })
    }

    /// The name of a team in a test; `owner` is that of the runbook.
    pub fn team_name(&mut self, team: &TeamName) -> ReadResult<String> {
        match team {
            TeamName::Named { name } => self.text(name),
            TeamName::Owner { span } => {
                let program = self.program;
                match program.runbook(program.main()).and_then(|runbook| runbook.owner.as_ref()) {
                    Some(owner) => self.text(owner),
                    None => Err(Unclear { span: *span, why: "the runbook names no owner".into() }),
                }
            }
        }
    }

    /// The name of an action in a test.
    pub fn action(&mut self, target: &Target) -> ReadResult<ActionName> {
        Ok(match target {
            Target::Prose(text) => ActionName::Instruction(self.text(text)?),
            Target::Command(command) => ActionName::Command(self.command(command)?),
            Target::Call { name, args, .. } => {
                let declared = self.program.runbooks().find_map(|it| it.defines.get(&name.text));
                let params: Vec<Name> = declared.map(|it| it.declaration.params.clone()).unwrap_or_default();
                ActionName::Call { name: name.text.clone(), arguments: self.arguments(args, &params)? }
            }
        })
    }

    /// The name of a probe in a test.
    fn probe(&mut self, target: &Target) -> ReadResult<ProbeName> {
        Ok(match target {
            // The check allows no prose here.
            Target::Prose(text) => ProbeName::Command(self.text(text)?),
            Target::Command(command) => ProbeName::Command(self.command(command)?),
            Target::Call { name, args, .. } => {
                let declared = self.program.runbooks().find_map(|it| it.probes.get(&name.text));
                let params: Vec<Name> = declared.map(|it| it.declaration.params.clone()).unwrap_or_default();
                ProbeName::Call { name: name.text.clone(), arguments: self.arguments(args, &params)? }
            }
        })
    }

    fn metric_arguments(&mut self, name: &Name, args: &[Arg]) -> ReadResult<Vec<(SmolStr, Value)>> {
        let declared = self.program.runbooks().find_map(|it| it.metrics.get(&name.text));
        let params = declared.map(|it| it.declaration.params.clone()).unwrap_or_default();
        self.arguments(args, &params)
    }

    fn arguments(&mut self, args: &[Arg], params: &[Name]) -> ReadResult<Vec<(SmolStr, Value)>> {
        let mut arguments = Vec::with_capacity(args.len());
        for (index, arg) in args.iter().enumerate() {
            let Some(name) = arg.name.as_ref().or(params.get(index)) else { continue };
            arguments.push((name.text.clone(), self.value(&arg.value)?));
        }
        Ok(arguments)
    }

    fn labels(&mut self, series: &Expr) -> ReadResult<Labels> {
        match self.value(series)? {
            Value::Record(record) => {
                Ok(record.0.iter().map(|(name, value)| (name.clone(), value.to_string().into())).collect())
            }
            _ => Err(Unclear { span: series.span, why: "no labels such as `{mount: \"/\"}`".into() }),
        }
    }

    /// A command with its values filled in, as people read it.
    fn command(&mut self, command: &tree::Command) -> ReadResult<String> {
        let kind =
            ExprKind::Command { command: command.clone(), host: None, within: None, no_on: Vec::new() };
        let probe = Expr { span: command.span, kind };
        let value = self.evaluate(&probe);
        match (self.nowhere.probed.take(), value) {
            (Some(command), _) => Ok(command.shown()),
            (None, Value::Unknown(why)) => Err(Unclear { span: command.span, why: why.to_string() }),
            (None, _) => Err(Unclear { span: command.span, why: "it has no value".into() }),
        }
    }

    /// A person's answer in words: a word of the language, or a value.
    fn answer_text(&mut self, with: &Expr) -> ReadResult<String> {
        if let Some(word) = word(with) {
            return Ok(word.to_owned());
        }
        Ok(match self.value(with)? {
            Value::Bool(true) => "yes".to_owned(),
            Value::Bool(false) => "no".to_owned(),
            value => value.to_string(),
        })
    }

    /// A text with its values filled in.
    pub fn text(&mut self, template: &Template) -> ReadResult<String> {
        if let Some(literal) = template.literal() {
            return Ok(literal.to_owned());
        }
        for value in template.values() {
            self.value(value)?;
        }
        let text = Expr { span: template.span, kind: ExprKind::Text(template.clone()) };
        Ok(self.value(&text)?.to_string())
    }

    /// A duration, or a moment, in seconds.
    pub fn seconds(&mut self, expr: &Expr) -> ReadResult<f64> {
        self.base(expr)
    }

    fn base(&mut self, expr: &Expr) -> ReadResult<f64> {
        let value = self.value(expr)?;
        base_of(&value).ok_or_else(|| Unclear { span: expr.span, why: format!("`{value}` is no number") })
    }

    /// Evaluates an expression of a test.
    pub fn value(&mut self, expr: &Expr) -> ReadResult<Value> {
        match self.evaluate(expr) {
            Value::Unknown(why) => Err(Unclear { span: expr.span, why: why.to_string() }),
            value => Ok(value),
        }
    }

    fn evaluate(&mut self, expr: &Expr) -> Value {
        self.nowhere.probed = None;
        let value = self.session.value(self.program, expr, &mut self.nowhere, &mut NoObserver);
        value.unwrap_or_else(|_| Value::unknown(nothing()))
    }
}

/// A word of the language in the place of a value: `yes`, `no`, `unknown`, `none`, `done`, `failed`, `skipped`.
fn word(expr: &Expr) -> Option<&str> {
    let ExprKind::Name(name) = &expr.kind else { return None };
    let word = name.text.as_str();
    matches!(word, "yes" | "no" | "unknown" | "none" | "done" | "failed" | "skipped").then_some(word)
}

/// The world in which tests are read: their values must not depend on anything a run finds out.
#[derive(Debug)]
struct Nowhere {
    now: Time,
    probed: Option<CommandLine>,
}

fn nothing() -> Reason {
    Reason::new(ReasonKind::NoData, "it is known only during the run")
}

impl World for Nowhere {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        Ok(match effect {
            Effect::Now => Reply::Now(self.now),
            Effect::Read(_) => Reply::Reading(Err::<Reading, _>(nothing())),
            Effect::Mode(_) => Reply::Mode(rbl_runtime::journal::ModeInForce::act()),
            Effect::Firing(_) => Reply::Firing(Err(nothing())),
            Effect::Probe(probe) => {
                self.probed = Some(probe.command.clone());
                Reply::Output(CommandOutput { trouble: Some(nothing()), ..CommandOutput::default() })
            }
            Effect::Ask(_) => {
                Reply::Answered(rbl_runtime::Answer::Unknown(nothing(), rbl_runtime::AnswerAuthor::default()))
            }
            Effect::Acknowledge(_) => Reply::Acknowledged(Err(nothing())),
            Effect::Secret { .. } => Reply::Secret(Ok(())),
            Effect::Sleep(_) => Reply::Slept,
            Effect::Act(_) | Effect::Page(_) | Effect::Record(_) | Effect::Conclude(_) => {
                Reply::Delivered(Err(nothing()))
            }
            Effect::Lock(_) => Reply::Locked(Err(nothing())),
            Effect::Enter(_) => Reply::Entered(Err(nothing())),
            Effect::Leave(_) => Reply::Left,
        })
    }
}
