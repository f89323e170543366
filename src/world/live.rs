//! [`Live`]: the real world, which passes each effect to the part that performs it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::attention::Attention;
use super::channel::{Channel, TerminalChannel};
use super::clock;
use super::console::{Console, Tone, clean};
use super::executor::{self, Executor, Job, Script, SshOptions};
use super::patience::{LONGEST_CALL, gave_up};
use super::person::{Absent, Person, Room};
use super::provider::Provider;
use super::secrets::Secrets;
use super::stop::Stop;
use super::team::{Members, Team, TerminalTeam};
use crate::run::{
    Act, ActTarget, Acted, Answer, Ask, CommandLine, Delivery, Effect, Interrupt, Page, Purpose, Read,
    Reading, Record, Reply, Sleep, World,
};
use crate::value::{CommandOutput, Reason, ReasonKind};

/// Builds the [`Room`] for a person; borrows only the fields it needs.
macro_rules! room {
    ($live:expr) => {
        Room {
            attention: &mut $live.attention,
            console: &$live.console,
            secrets: &$live.secrets,
            members: &$live.members,
            name: &$live.name,
        }
    };
}

/// The real world.
pub struct Live {
    attention: Attention,
    console: Console,
    person: Box<dyn Person>,
    name: String,
    secrets: Secrets,
    ssh: SshOptions,
    providers: BTreeMap<SmolStr, Arc<dyn Provider>>,
    executors: BTreeMap<SmolStr, Arc<dyn Executor>>,
    teams: BTreeMap<SmolStr, Arc<dyn Team>>,
    members: Members,
    channels: BTreeMap<SmolStr, Arc<dyn Channel>>,
}

/// Builds a [`Live`] world. By default everything stays on this machine: no provider, pages and records on the
/// terminal, nobody to ask.
pub struct LiveBuilder(Live);

impl LiveBuilder {
    /// A world with this console, these signals, and this name for its person. `keyboard`: where a Ctrl-C is confirmed
    /// and answers are typed; `None` where nobody is there.
    pub fn new(
        console: Console,
        stop: Stop,
        keyboard: Option<super::console::Keyboard>,
        name: impl Into<String>,
    ) -> Self {
        let name = name.into();
        Self(Live {
            attention: Attention::new(stop, console.clone(), keyboard, name.clone()),
            console,
            person: Box::new(Absent),
            name,
            secrets: Secrets::new(),
            ssh: SshOptions::default(),
            providers: BTreeMap::new(),
            executors: BTreeMap::new(),
            teams: BTreeMap::new(),
            members: Members::default(),
            channels: BTreeMap::new(),
        })
    }

    /// Makes Ctrl-C end the current wait without a question: there is no run to abort.
    #[must_use]
    pub fn ends_waits(mut self) -> Self {
        self.0.attention.end_waits();
        self
    }

    /// Sets the person to ask.
    #[must_use]
    pub fn person(mut self, person: impl Person + 'static) -> Self {
        self.0.person = Box::new(person);
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
    pub fn team(mut self, name: &str, team: Arc<dyn Team>, members: Vec<String>) -> Self {
        self.0.teams.insert(name.into(), team);
        self.0.members.add(name, members);
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
        self.attention.wait(&[], Some(std::time::Instant::now()))?;
        self.attention.settle()?;
        let reply = match effect {
            Effect::Now => Reply::Now(clock::now()),
            Effect::Sleep(sleep) => self.sleep(sleep).map(|()| Reply::Slept)?,
            Effect::Read(read) => Reply::Reading(self.read(read)?),
            Effect::Probe(probe) => {
                Reply::Output(self.command(&probe.command, probe.host.as_deref(), probe.within, None)?)
            }
            Effect::Act(act) => Reply::Acted(self.act(act)?),
            Effect::Ask(ask) => Reply::Answered(self.ask(ask)?),
            Effect::Page(page) => Reply::Delivered(self.page(page)?),
            Effect::Record(record) => Reply::Delivered(self.record(record)?),
            Effect::Secret { from, .. } => Reply::Secret(self.secrets.resolve(from).map(drop)),
        };
        Ok(reply)
    }
}

impl Live {
    /// Another run begins: resets an earlier abort.
    pub fn begin(&mut self) {
        self.attention.begin();
    }

    /// Does something slow that is no effect of a run, on a thread; shows `what` meanwhile. `None`: it timed out or
    /// panicked.
    pub fn listen<T: Send + 'static>(
        &mut self,
        what: &str,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Interrupt> {
        self.attention.on_thread(what, limit, work)
    }

    /// Replaces the configuration by that of another world; the person and the console stay.
    pub fn reaches(&mut self, other: Self) {
        let Self { ssh, providers, executors, teams, members, channels, .. } = other;
        (self.ssh, self.providers, self.executors) = (ssh, providers, executors);
        (self.teams, self.members, self.channels) = (teams, members, channels);
    }

    fn sleep(&mut self, sleep: &Sleep) -> Result<(), Interrupt> {
        let until = clock::deadline(sleep.seconds);
        let started = std::time::Instant::now();
        let slept = self.attention.sleep(until, |console| {
            let left = clock::left(until);
            let look = console.look();
            let dot = look.pick("·", "-");
            let text = match &sleep.purpose {
                Purpose::Wait => format!("waiting {dot} {} left", clock::countdown(left)),
                Purpose::Retry => format!("trying again in {}", clock::countdown(left)),
                Purpose::Repeat => format!("next pass in {}", clock::countdown(left)),
                Purpose::Poll { condition, last, left: limit } => format!(
                    // What changes comes first: a narrow screen cuts off the end.
                    "{} left {dot} looking again in {} {dot} {} {dot} until {}",
                    clock::countdown(clock::duration(*limit).saturating_sub(started.elapsed())),
                    clock::countdown(left),
                    clean(last),
                    clean(condition),
                ),
            };
            let text = self.secrets.redact(&text);
            console.status(Some(&look.paint(Tone::Faint, &format!("    {text}"))));
        });
        self.console.status(None);
        slept
    }

    fn read(&mut self, read: &Read) -> Result<Result<Reading, Reason>, Interrupt> {
        let Some(provider) = self.providers.get(&read.provider).cloned() else {
            let text = format!("no provider `{}` is configured", read.provider);
            return Ok(Err(Reason::new(ReasonKind::Unreachable, text)));
        };
        let (asked, now) = (read.clone(), clock::now());
        let name = read.provider.clone();
        let what = format!("reading {} from {name}", read.metric);
        let answer = self.attention.on_thread(&what, LONGEST_CALL, move || provider.read(&asked, now))?;
        Ok(answer.unwrap_or_else(|| Err(gave_up(&name))))
    }

    fn command(
        &mut self,
        command: &CommandLine,
        host: Option<&str>,
        within: f64,
        key: Option<&str>,
    ) -> Result<CommandOutput, Interrupt> {
        let mut script = match Script::new(command, &self.secrets) {
            Ok(script) => script,
            Err(reason) => return Ok(executor::not_run(reason)),
        };
        if let Some(key) = key {
            script.names_itself(key);
        }
        let (attention, console, secrets) = (&mut self.attention, &self.console, &self.secrets);
        match host {
            None => executor::run_here(&script, within, attention, console, secrets),
            Some(host) => executor::run_there(&script, host, within, &self.ssh, attention, console, secrets),
        }
    }

    fn act(&mut self, act: &Act) -> Result<Acted, Interrupt> {
        if let ActTarget::Instruction(instruction) = &act.target {
            return self.person.instruct(act, instruction, &mut room!(self));
        }
        // A layer in front of this world asks for the approval; without that layer, the action is refused.
        if let Some(team) = &act.by {
            return Ok(failed(ReasonKind::NotRun, &format!("not approved: nobody of {team} was asked")));
        }
        Ok(match &act.target {
            ActTarget::Command(command) => {
                executor::acted(self.command(command, act.host.as_deref(), act.within, Some(&act.key))?)
            }
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
        arguments: &[crate::run::Argument],
    ) -> Result<Acted, Interrupt> {
        let Some(executor) = self.executors.get(name).cloned() else {
            return Ok(failed(ReasonKind::NotRun, &format!("no executor `{name}` is configured")));
        };
        let (job, stopper) =
            Job::new(act.clone(), reference.clone(), arguments.to_vec(), self.secrets.clone());
        let what = format!("running {} by {name}", clean(&act.title));
        let limit = clock::duration(act.within);
        let acted = self.attention.on_thread(&what, limit, move || executor.run(&job))?;
        drop(stopper);
        Ok(acted.unwrap_or_else(|| {
            failed(ReasonKind::TimedOut, &format!("timed out after {}", crate::value::span(act.within)))
        }))
    }

    fn ask(&mut self, ask: &Ask) -> Result<Answer, Interrupt> {
        self.person.ask(ask, &mut room!(self))
    }

    fn page(&mut self, page: &Page) -> Result<Result<Delivery, Reason>, Interrupt> {
        let team = self.teams.get(page.team.as_str()).cloned();
        let team = team.unwrap_or_else(|| Arc::new(TerminalTeam::new(self.console.clone())));
        let (sent, name) = (page.clone(), page.team.clone());
        let what = format!("paging {}", clean(&name));
        let delivered = self.attention.on_thread(&what, LONGEST_CALL, move || team.page(&sent))?;
        Ok(delivered.unwrap_or_else(|| Err(gave_up(&name))))
    }

    fn record(&mut self, record: &Record) -> Result<Result<Delivery, Reason>, Interrupt> {
        let channel = record.channel.as_ref().and_then(|name| self.channels.get(name.as_str())).cloned();
        let channel = channel.unwrap_or_else(|| Arc::new(TerminalChannel::new(self.console.clone())));
        let (sent, name) = (record.clone(), record.channel.clone().unwrap_or_default());
        let what = format!("posting to {}", clean(&name));
        let delivered = self.attention.on_thread(&what, LONGEST_CALL, move || channel.post(&sent))?;
        Ok(delivered.unwrap_or_else(|| Err(gave_up(&name))))
    }
}

fn failed(kind: ReasonKind, text: &str) -> Acted {
    Acted { result: Err(Reason::new(kind, text)), output: CommandOutput::default(), by: None, remark: None }
}
