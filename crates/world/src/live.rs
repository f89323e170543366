//! [`Live`]: the real world, which passes each effect to the part that performs it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rbl_runtime::journal::WorkNote;
use rbl_runtime::teams::{TeamRule, TeamRules};
use rbl_runtime::{
    Acknowledge, Act, ActTarget, Acted, Answer, AnswerAuthor, Argument, Ask, AskKind, CommandLine, Conclude,
    Delivery, DeliveryTicket, Effect, FiringAnswer, FiringQuery, Interrupt, LONGEST_CALL, Page, Purpose,
    Read, Reading, RecordEffect, Reply, Secrets, Sleep, TicketHolder, World, not_acknowledged, timed_out,
};
use rbl_syntax::clean;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind, SecretRef};
use secrecy::{ExposeSecret, SecretString};
use smol_str::SmolStr;

use super::channel::{self, Channel};
use super::clock;
use super::connections::Connections;
use super::delivery::{Redelivery, not_sent_again};
use super::delivery_context::Outlet;
use super::executor::{self, Executor, Job, ShellScript, SshOptions};
use super::people::{self, Absent, Desk, NoScreen, People, Screen};
use super::process::ActionNote;
use super::provider::Provider;
use super::secrets;
use super::signals::Cancel;
use super::team::{self, Pager};
use super::wait::{AttendedWait, Waiter};

/// How long an executor has to end what it began, before the run continues without it.
const TO_STOP: Duration = Duration::from_secs(3);

/// How much longer than its time limit an executor is waited for.
const SLACK: Duration = Duration::from_millis(250);

/// How many lines of each stream of a probe are shown.
const PROBE_LINES: usize = 20;

/// The real world.
pub struct Live {
    waiter: Waiter,
    people: Box<dyn People>,
    screen: Arc<dyn Screen>,
    name: String,
    secrets: Secrets,
    ssh: SshOptions,
    providers: BTreeMap<SmolStr, Arc<dyn Provider>>,
    executors: BTreeMap<SmolStr, Arc<dyn Executor>>,
    teams: BTreeMap<SmolStr, Arc<dyn Pager>>,
    team_rules: Arc<TeamRules>,
    /// Who started the run.
    starter: Option<String>,
    channels: BTreeMap<SmolStr, Arc<dyn Channel>>,
    default_channel: Option<SmolStr>,
    /// Where it is noted what actions have begun.
    note: Option<WorkNote>,
}

/// Puts a [`Live`] world together. What is not given stays on this machine: no provider, nobody to ask, and nothing that
/// shows a page or a record.
pub struct LiveBuilder(Live);

impl LiveBuilder {
    /// A world that this token cancels, in which the person of this name answers.
    pub fn new(cancel: Cancel, name: impl Into<String>) -> Self {
        let name = name.into();
        Self(Live {
            waiter: Waiter::new(cancel, name.clone()),
            people: Box::new(Absent),
            screen: Arc::new(NoScreen),
            name,
            secrets: Secrets::new(),
            ssh: SshOptions::default(),
            providers: BTreeMap::new(),
            executors: BTreeMap::new(),
            teams: BTreeMap::new(),
            team_rules: Arc::default(),
            starter: None,
            channels: BTreeMap::new(),
            default_channel: None,
            note: None,
        })
    }

    /// Makes Ctrl-C end the current wait without a question: there is no run to abort.
    #[must_use]
    pub fn ends_waits(mut self) -> Self {
        self.0.waiter.end_waits();
        self
    }

    /// Sets the person to ask.
    #[must_use]
    pub fn people(mut self, people: impl People + 'static) -> Self {
        self.0.people = Box::new(people);
        self
    }

    /// What shows the run.
    #[must_use]
    pub fn screen(mut self, screen: Arc<dyn Screen>) -> Self {
        self.0.screen = screen;
        self
    }

    /// Sets the secrets, which are shared with other layers.
    #[must_use]
    pub fn secrets(mut self, secrets: Secrets) -> Self {
        self.0.secrets = secrets;
        self
    }

    /// Sets how hosts are reached.
    #[must_use]
    pub fn ssh(mut self, ssh: SshOptions) -> Self {
        self.0.ssh = ssh;
        self
    }

    /// Everything that is configured.
    #[must_use]
    pub fn connections(mut self, connections: &Connections) -> Self {
        self.0.reach(connections);
        self
    }

    /// Who started the run: what they started they do not approve.
    #[must_use]
    pub fn started_by(mut self, name: &str) -> Self {
        self.0.starter = Some(name.to_owned());
        self
    }

    /// Adds a provider.
    #[must_use]
    pub fn provider(mut self, name: &str, provider: Arc<dyn Provider>) -> Self {
        self.0.providers.insert(name.into(), provider);
        self
    }

    /// Adds an executor.
    #[must_use]
    pub fn executor(mut self, name: &str, executor: Arc<dyn Executor>) -> Self {
        self.0.executors.insert(name.into(), executor);
        self
    }

    /// Adds a team, how it is paged, and who may answer for it (an empty list: anybody).
    #[must_use]
    pub fn team(mut self, name: &str, team: Arc<dyn Pager>, members: Vec<String>) -> Self {
        self.0.teams.insert(name.into(), team);
        let rule = TeamRule { members, reaches: true, ..TeamRule::default() };
        Arc::make_mut(&mut self.0.team_rules).teams.insert(name.into(), rule);
        self
    }

    /// Adds a channel.
    #[must_use]
    pub fn channel(mut self, name: &str, channel: Arc<dyn Channel>) -> Self {
        self.0.channels.insert(name.into(), channel);
        self
    }

    /// Builds the world.
    pub fn build(self) -> Live {
        self.0
    }
}

impl World for Live {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        // A signal that came since the last effect is handled now, before anything new is started.
        let mut wait = self.wait();
        wait.wait(&[], Some(std::time::Instant::now()))?;
        wait.settle()?;
        let reply = match effect {
            Effect::Now => Reply::Now(clock::now()),
            Effect::Sleep(sleep) => self.sleep(sleep).map(|()| Reply::Slept)?,
            Effect::Read(read) => Reply::Reading(self.read(read)?),
            // Only a run whose mode somebody configured asks for it: a layer around this world knows it.
            Effect::Mode(_) => Reply::Mode(rbl_runtime::journal::ModeInForce::act()),
            Effect::Firing(query) => Reply::Firing(self.firing(query)?),
            Effect::Probe(probe) => Reply::Output(self.command(
                &probe.command,
                CommandPlace::of(probe.host.as_ref(), probe.folder.as_ref()),
                probe.within,
                None,
            )?),
            Effect::Act(act) => Reply::Acted(self.act(act)?),
            Effect::Ask(ask) => Reply::Answered(self.ask(ask)?),
            Effect::Page(page) => Reply::Delivered(self.page(page)?),
            Effect::Acknowledge(it) => Reply::Acknowledged(self.acknowledged(it)?),
            Effect::Record(record) => Reply::Delivered(self.record(record)?),
            // Only a run with a journal shares locks and limits with others: there, the journal answers.
            Effect::Lock(_) => Reply::Locked(Ok(())),
            Effect::Enter(_) => Reply::Entered(Ok(())),
            Effect::Leave(_) => Reply::Left,
            Effect::Conclude(it) => Reply::Delivered(self.conclude(it)?),
            Effect::Secret { name, from } => Reply::Secret(self.secret(name, from)?),
        };
        Ok(reply)
    }

    fn hears_acknowledgements(&self) -> bool {
        false
    }

    fn looks_for_acknowledgement(
        &mut self,
        of: &Acknowledge,
    ) -> Result<Result<Option<AnswerAuthor>, Reason>, Interrupt> {
        self.look_for_acknowledgement(of)
    }

    fn begins_once(&self, act: &Act) -> bool {
        let ActTarget::Executor { executor, .. } = &act.target else { return false };
        self.executors.get(executor).is_some_and(|executor| executor.begins_once())
    }

    fn delivers_once(&self, effect: &Effect) -> bool {
        match effect {
            // One of those after it may be what reaches somebody twice.
            Effect::Page(page) => {
                let next = self.team_rules.next(&page.team);
                let mut all = std::iter::once(page.team.as_str()).chain(next.iter().map(SmolStr::as_str));
                all.all(|team| self.pager(team).redelivery() == Redelivery::Once)
            }
            Effect::Record(record) => self.channel_of(record).1.redelivery() == Redelivery::Once,
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Acknowledge(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => false,
        }
    }

    fn notes_work(&mut self, note: WorkNote) {
        self.note = Some(note);
    }
}

impl Live {
    /// Another run begins: resets an earlier abort.
    pub fn begin(&mut self) {
        self.note = None;
        self.waiter.begin();
    }

    /// Does something slow that is no effect of a run, on a thread; shows `what` meanwhile. `None`: it timed out or
    /// panicked.
    pub fn listen<T: Send + 'static>(
        &mut self,
        what: &str,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Interrupt> {
        self.wait().on_thread(what, limit, work)
    }

    /// From now on these connections are used, in place of those that were configured before.
    pub fn reach(&mut self, connections: &Connections) {
        fn its<T: ?Sized>(all: &BTreeMap<SmolStr, super::Connected<T>>) -> BTreeMap<SmolStr, Arc<T>> {
            all.iter().map(|(name, one)| (name.clone(), Arc::clone(&one.it))).collect()
        }
        self.ssh = connections.ssh_options();
        self.providers = its(&connections.providers);
        self.executors = its(&connections.executors);
        self.teams = its(&connections.teams);
        self.team_rules = Arc::clone(&connections.team_rules);
        self.channels = its(&connections.channels);
        self.default_channel.clone_from(&connections.default_channel);
    }

    fn wait(&mut self) -> AttendedWait<'_> {
        AttendedWait::new(&mut self.waiter, &mut *self.people, &*self.screen)
    }

    /// Where the processes of the action with this key are noted.
    fn noting(&self, key: &str) -> Option<ActionNote> {
        self.note.as_ref().map(|note| ActionNote::new(key, Arc::clone(note)))
    }

    fn outlet(&self) -> Outlet {
        Outlet {
            screen: Arc::clone(&self.screen),
            secrets: self.secrets.clone(),
            teams: Arc::clone(&self.team_rules),
        }
    }

    fn sleep(&mut self, sleep: &Sleep) -> Result<(), Interrupt> {
        let until = clock::deadline(sleep.seconds);
        let started = std::time::Instant::now();
        let (screen, secrets) = (Arc::clone(&self.screen), self.secrets.clone());
        let slept = self.wait().sleep(until, || {
            let left = clock::left(until);
            let text = match &sleep.purpose {
                Purpose::Wait => format!("waiting · {} left", clock::countdown(left)),
                Purpose::Retry => format!("trying again in {}", clock::countdown(left)),
                Purpose::Queue { what, held, left: limit } => {
                    let left = limit.map(|limit| {
                        let left = clock::duration(limit).saturating_sub(started.elapsed());
                        format!("{} left · ", clock::countdown(left))
                    });
                    format!("{}waiting for {} · {}", left.unwrap_or_default(), clean(what), clean(held))
                }
                Purpose::Repeat => format!("next pass in {}", clock::countdown(left)),
                Purpose::Acknowledgement { team, left: limit } => format!(
                    "{} left · until {} has acknowledged the page",
                    clock::countdown(clock::duration(*limit).saturating_sub(started.elapsed())),
                    clean(team),
                ),
                Purpose::Poll { condition, last, left: limit } => format!(
                    // What changes comes first: a narrow screen cuts off the end.
                    "{} left · looking again in {} · {} · until {}",
                    clock::countdown(clock::duration(*limit).saturating_sub(started.elapsed())),
                    clock::countdown(left),
                    clean(last),
                    clean(condition),
                ),
            };
            secrets.redact(&text)
        });
        screen.status(None);
        slept
    }

    /// Whether a secret can be read; says so if it is too short to be masked.
    fn secret(&mut self, name: &str, from: &SecretRef) -> Result<Result<(), Reason>, Interrupt> {
        let value = match self.secret_value(name, from)? {
            Ok(value) => value,
            Err(why) => return Ok(Err(why)),
        };
        if Secrets::is_too_short(value.expose_secret()) {
            let text = format!("warning: the secret `{name}` is too short to be masked: it may be shown");
            self.screen.output(people::Stream::Err, &text);
        }
        Ok(Ok(()))
    }

    /// Its value. A command takes its time, and a signal ends the wait for it.
    fn secret_value(
        &mut self,
        name: &str,
        from: &SecretRef,
    ) -> Result<Result<SecretString, Reason>, Interrupt> {
        if !matches!(from, SecretRef::Command(_)) {
            return Ok(secrets::resolve(&self.secrets, from));
        }
        let (known, wanted, what) =
            (self.secrets.clone(), from.clone(), format!("reading the secret {name}"));
        let value = self.wait().on_thread(&what, LONGEST_CALL, move || secrets::resolve(&known, &wanted))?;
        Ok(value.unwrap_or_else(|| Err(timed_out(name))))
    }

    fn read(&mut self, read: &Read) -> Result<Result<Reading, Reason>, Interrupt> {
        let Some(provider) = self.providers.get(&read.provider).cloned() else {
            let text = format!("no provider `{}` is configured", read.provider);
            return Ok(Err(Reason::new(ReasonKind::Unreachable, text)));
        };
        let (asked, now) = (read.clone(), clock::now());
        let name = read.provider.clone();
        let what = format!("reading {} from {name}", read.metric);
        let answer = self.wait().on_thread(&what, LONGEST_CALL, move || provider.read(&asked, now))?;
        Ok(answer.unwrap_or_else(|| Err(timed_out(&name))))
    }

    /// Asks every Alertmanager: yes where one of them knows the alert, no where all of them answer and none does.
    fn firing(&mut self, query: &FiringQuery) -> Result<Result<FiringAnswer, Reason>, Interrupt> {
        if query.alerts.is_empty() {
            return Ok(Err(FiringQuery::no_alert()));
        }
        let sources: Vec<(SmolStr, Arc<dyn Provider>)> = self
            .providers
            .iter()
            .filter(|(_, provider)| provider.knows_alerts())
            .map(|(name, provider)| (name.clone(), Arc::clone(provider)))
            .collect();
        let mut not_firing = None;
        let mut unknown = None;
        for (source, provider) in sources {
            let (asked, now) = (query.clone(), clock::now());
            let what = format!("asking {source} whether the alert still fires");
            let answer = self.wait().on_thread(&what, LONGEST_CALL, move || provider.firing(&asked, now))?;
            match answer.flatten().unwrap_or_else(|| Err(timed_out(&source))) {
                Ok(true) => return Ok(Ok(FiringAnswer { firing: true, source })),
                Ok(false) => not_firing = not_firing.or(Some(source)),
                Err(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        Ok(match (unknown, not_firing) {
            (Some(reason), _) => Err(reason),
            (None, Some(source)) => Ok(FiringAnswer { firing: false, source }),
            (None, None) => Err(Reason::new(ReasonKind::Unreachable, "no Alertmanager is configured")),
        })
    }

    fn command(
        &mut self,
        command: &CommandLine,
        place: CommandPlace<'_>,
        within: f64,
        key: Option<&str>,
    ) -> Result<CommandOutput, Interrupt> {
        // What an action prints is watched; what a probe prints is data.
        let shown = if key.is_some() { usize::MAX } else { PROBE_LINES };
        let mut script = match ShellScript::new(command, &self.secrets) {
            Ok(script) => script,
            Err(reason) => return Ok(executor::not_run(reason)),
        };
        if let Some(key) = key {
            script.names_itself(key);
        }
        let note = key.and_then(|key| self.noting(key));
        let mut wait = AttendedWait::new(&mut self.waiter, &mut *self.people, &*self.screen).noting(note);
        match place {
            CommandPlace::Folder(folder) => {
                executor::run_here(&script, folder, within, shown, &mut wait, &self.secrets)
            }
            CommandPlace::Host(host) => {
                executor::run_there(&script, host, within, shown, &self.ssh, &mut wait, &self.secrets)
            }
        }
    }

    fn act(&mut self, act: &Act) -> Result<Acted, Interrupt> {
        if let ActTarget::Instruction(instruction) = &act.target {
            let mut desk = Desk {
                waiter: &mut self.waiter,
                secrets: &self.secrets,
                teams: &self.team_rules,
                starter: self.starter.as_deref(),
                name: &self.name,
            };
            return self.people.instruct(act, instruction, &mut desk);
        }
        // A layer in front of this world asks for the approval; without that layer, the action is refused.
        if let Some(team) = &act.by {
            return Ok(failed(ReasonKind::NotRun, &format!("not approved: nobody of {team} was asked")));
        }
        Ok(match &act.target {
            ActTarget::Command(command) => executor::acted(self.command(
                command,
                CommandPlace::of(act.host.as_ref(), act.folder.as_ref()),
                act.within,
                Some(&act.key),
            )?),
            ActTarget::Executor { executor, reference, arguments } => {
                self.execute(act, executor, reference, arguments)?
            }
            ActTarget::Instruction(_) => failed(ReasonKind::NotRun, "nobody was asked"),
        })
    }

    fn execute(
        &mut self,
        act: &Act,
        name: &SmolStr,
        reference: &CommandLine,
        arguments: &[Argument],
    ) -> Result<Acted, Interrupt> {
        let Some(executor) = self.executors.get(name).cloned() else {
            return Ok(failed(ReasonKind::NotRun, &format!("no executor `{name}` is configured")));
        };
        let (job, stopper) =
            Job::new(act.clone(), reference.clone(), arguments.to_vec(), self.secrets.clone());
        let job = job.noting(self.noting(&act.key)).named(name);
        let what = format!("running {} by {name}", clean(&act.title));
        // An executor with the same limit says more about what is still unclear.
        let limit = clock::duration(act.within).saturating_add(SLACK);
        // Where its result is found that came too late to be waited for: it says what is still unclear.
        let (ended, late) = (Arc::new(OnceLock::new()), std::time::Instant::now() + limit);
        let result = Arc::clone(&ended);
        let done = self.wait().on_thread(&what, limit, move || {
            let _ = result.set(executor.run(&job));
        });
        // A run that is parked leaves what goes on elsewhere: whoever resumes it follows that.
        if matches!(done, Err(Interrupt::Parked(_))) {
            stopper.leave(TO_STOP);
        } else {
            stopper.stop(TO_STOP);
        }
        let in_time = done?.is_some() || std::time::Instant::now() < late;
        if in_time {
            let broke = || failed(ReasonKind::BadAnswer, &format!("may have been done: {name} broke"));
            return Ok(ended.get().cloned().unwrap_or_else(broke));
        }
        let text = format!("timed out after {}", rbl_syntax::value::span(act.within));
        let reason = match ended.get().map(|acted| &acted.result) {
            Some(Err(reason)) => Reason::new(reason.kind, format!("{text}, {}", reason.text)),
            // Nothing is unclear, but it comes too late.
            Some(Ok(())) => Reason::new(ReasonKind::TimedOut, text),
            None => Reason::new(ReasonKind::StillRuns, format!("{text}, and {name} still works on it")),
        };
        Ok(Acted { result: Err(reason), output: CommandOutput::default(), by: None, remark: None })
    }

    fn ask(&mut self, ask: &Ask) -> Result<Answer, Interrupt> {
        let mut desk = Desk {
            waiter: &mut self.waiter,
            secrets: &self.secrets,
            teams: &self.team_rules,
            starter: self.starter.as_deref(),
            name: &self.name,
        };
        self.people.ask(ask, &mut desk)
    }

    /// Without a journal there is no other way to say so than to the person who is there.
    fn acknowledged(&mut self, it: &Acknowledge) -> Result<Result<AnswerAuthor, Reason>, Interrupt> {
        let ask = Ask {
            kind: AskKind::YesNo,
            prompt: format!("has somebody of {} acknowledged the page?", it.team),
            by: Some(it.team.clone()),
            within: it.within,
            showing: Vec::new(),
            links: Vec::new(),
            permits: None,
        };
        Ok(match self.ask(&ask)? {
            Answer::Yes(author) => Ok(author),
            Answer::Unknown(reason, _) if reason.kind == ReasonKind::NoAnswer => {
                Err(not_acknowledged(it.within))
            }
            Answer::No(_) | Answer::Unknown(..) | Answer::Text(..) | Answer::SecretKept(_) => {
                Err(Reason::new(ReasonKind::NoAnswer, "not acknowledged"))
            }
        })
    }

    /// Pages a team; where it cannot be reached, those that come after it, until one is.
    fn page(&mut self, page: &Page) -> Result<Result<Delivery, Reason>, Interrupt> {
        let first = match self.page_one(page)? {
            Err(why) => why,
            delivered => return Ok(delivered),
        };
        let mut failed = format!("{} could not be paged: {first}", page.team);
        let fallback = self.team_rules.fallback(&page.team).cloned();
        let mut why = first.clone();
        for (next, number) in self.team_rules.next(&page.team).into_iter().zip(1..) {
            let part = if Some(&next) == fallback.as_ref() {
                "fallback".to_owned()
            } else {
                format!("then-{number}")
            };
            let instead = Page {
                team: next.to_string(),
                reason: format!("{} could not be paged ({first}): {}", page.team, page.reason),
                key: format!("{}/{part}", page.key),
                ..page.clone()
            };
            match self.page_one(&instead)? {
                Ok(delivery) => {
                    let by = format!("{next}: {}; {failed}", delivery.by);
                    return Ok(Ok(Delivery { by, ..delivery }));
                }
                Err(other) => {
                    failed = format!("{failed}; {next} could not be paged: {other}");
                    why = Reason::new(why.kind, format!("{why}; and {next} could not be paged: {other}"));
                }
            }
        }
        Ok(Err(why))
    }

    /// Whether the service that has the page knows an acknowledgement.
    fn look_for_acknowledgement(
        &mut self,
        of: &Acknowledge,
    ) -> Result<Result<Option<AnswerAuthor>, Reason>, Interrupt> {
        let Some(DeliveryTicket { through: TicketHolder::Team(name), id, .. }) = of.ticket.clone() else {
            return Ok(Ok(None));
        };
        let Some(team) = self.teams.get(&name).cloned() else {
            let text = format!("no team `{name}` is configured any more");
            return Ok(Err(Reason::new(ReasonKind::Unreachable, text)));
        };
        let outlet = self.outlet();
        let what = format!("asking whether {} has acknowledged the page", clean(&name));
        let found = self.wait().on_thread(&what, LONGEST_CALL, move || team.acknowledged(&id, &outlet))?;
        Ok(found.unwrap_or_else(|| Err(timed_out(&name))))
    }

    /// Reports to a team or a channel how the run ended.
    fn conclude(&mut self, it: &Conclude) -> Result<Result<Delivery, Reason>, Interrupt> {
        let gone = |name: &SmolStr| {
            let text = format!("`{name}` is not configured any more");
            Ok(Err(Reason::new(ReasonKind::Unreachable, text)))
        };
        let (report, outlet) = (it.clone(), self.outlet());
        let what = format!("reporting to {} how the run ended", clean(it.ticket.through.name()));
        let delivered = match &it.ticket.through {
            TicketHolder::Team(name) => {
                let Some(team) = self.teams.get(name).cloned() else { return gone(name) };
                self.wait().on_thread(&what, LONGEST_CALL, move || team.conclude(&report, &outlet))?
            }
            TicketHolder::Channel(name) => {
                let Some(channel) = self.channels.get(name).cloned() else { return gone(name) };
                self.wait().on_thread(&what, LONGEST_CALL, move || channel.conclude(&report, &outlet))?
            }
        };
        Ok(delivered.unwrap_or_else(|| Err(timed_out(it.ticket.through.name()))))
    }

    fn pager(&self, team: &str) -> Arc<dyn Pager> {
        self.teams.get(team).cloned().unwrap_or_else(team::terminal)
    }

    /// The channel of a record, and its name; without one that is configured, the terminal.
    fn channel_of(&self, record: &RecordEffect) -> (Option<SmolStr>, Arc<dyn Channel>) {
        let named = record.channel.as_ref().map(SmolStr::from).or_else(|| self.default_channel.clone());
        let configured = named.as_ref().and_then(|name| self.channels.get(name)).cloned();
        (named, configured.unwrap_or_else(channel::terminal))
    }

    fn page_one(&mut self, page: &Page) -> Result<Result<Delivery, Reason>, Interrupt> {
        let team = self.pager(&page.team);
        if page.again && team.redelivery() == Redelivery::Twice {
            return Ok(Err(not_sent_again()));
        }
        let outlet = self.outlet();
        let (sent, name) = (page.clone(), page.team.clone());
        let what = format!("paging {}", clean(&name));
        let delivered = self.wait().on_thread(&what, LONGEST_CALL, move || team.page(&sent, &outlet))?;
        Ok(delivered.unwrap_or_else(|| Err(timed_out(&name))))
    }

    fn record(&mut self, record: &RecordEffect) -> Result<Result<Delivery, Reason>, Interrupt> {
        let (named, channel) = self.channel_of(record);
        if record.again && channel.redelivery() == Redelivery::Twice {
            return Ok(Err(not_sent_again()));
        }
        let mut sent = record.clone();
        if let Some(named) = named.as_ref().filter(|name| self.channels.contains_key(*name)) {
            sent.channel = Some(named.to_string());
        }
        let outlet = self.outlet();
        let name = named.unwrap_or_else(|| "the incident's channel".into());
        let what = format!("posting to {}", clean(&name));
        let delivered = self.wait().on_thread(&what, LONGEST_CALL, move || match &sent.question {
            Some(question) => channel.ask(question, &sent, &outlet),
            None => channel.post(&sent, &outlet),
        })?;
        Ok(delivered.unwrap_or_else(|| Err(timed_out(&name))))
    }
}

/// Where a command runs.
#[derive(Clone, Copy)]
enum CommandPlace<'a> {
    /// On this host.
    Host(&'a str),
    /// In this folder of this machine; `None` is the current one.
    Folder(Option<&'a str>),
}

impl<'a> CommandPlace<'a> {
    fn of(host: Option<&'a String>, folder: Option<&'a SmolStr>) -> Self {
        host.map_or(Self::Folder(folder.map(SmolStr::as_str)), |host| Self::Host(host))
    }
}

fn failed(kind: ReasonKind, text: &str) -> Acted {
    Acted { result: Err(Reason::new(kind, text)), output: CommandOutput::default(), by: None, remark: None }
}
