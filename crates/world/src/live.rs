//! [`Live`]: the real world, which passes each effect to the part that performs it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rbl_runtime::{
    Act, ActTarget, Acted, Answer, Argument, Ask, CommandLine, Delivery, Effect, Interrupt, LONGEST_CALL,
    Page, Purpose, Read, Reading, RecordEffect, Reply, Secrets, Sleep, World, timed_out,
};
use rbl_syntax::clean;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};
use smol_str::SmolStr;

use super::channel::{self, Channel};
use super::clock;
use super::connections::Connections;
use super::delivery_context::Outlet;
use super::executor::{self, Executor, Job, ShellScript, SshOptions};
use super::people::{Absent, Desk, NoScreen, People, Screen};
use super::provider::Provider;
use super::secrets;
use super::signals::Cancel;
use super::team::{self, Members, Pager};
use super::wait::{AttendedWait, Waiter};

/// How long an executor has to end what it began, before the run continues without it.
const TO_STOP: Duration = Duration::from_secs(3);

/// How much longer than its time limit an executor is waited for.
const SLACK: Duration = Duration::from_millis(250);

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
    members: Members,
    channels: BTreeMap<SmolStr, Arc<dyn Channel>>,
    default_channel: Option<SmolStr>,
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
            members: Members::default(),
            channels: BTreeMap::new(),
            default_channel: None,
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
        let mut wait = self.wait();
        wait.wait(&[], Some(std::time::Instant::now()))?;
        wait.settle()?;
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
            Effect::Secret { from, .. } => Reply::Secret(secrets::resolve(&self.secrets, from).map(drop)),
        };
        Ok(reply)
    }
}

impl Live {
    /// Another run begins: resets an earlier abort.
    pub fn begin(&mut self) {
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
        self.members = connections.members.clone();
        self.channels = its(&connections.channels);
        self.default_channel.clone_from(&connections.default_channel);
    }

    fn wait(&mut self) -> AttendedWait<'_> {
        AttendedWait::new(&mut self.waiter, &mut *self.people, &*self.screen)
    }

    fn outlet(&self) -> Outlet {
        Outlet { screen: Arc::clone(&self.screen), secrets: self.secrets.clone() }
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
                Purpose::Repeat => format!("next pass in {}", clock::countdown(left)),
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

    fn command(
        &mut self,
        command: &CommandLine,
        host: Option<&str>,
        within: f64,
        key: Option<&str>,
    ) -> Result<CommandOutput, Interrupt> {
        let mut script = match ShellScript::new(command, &self.secrets) {
            Ok(script) => script,
            Err(reason) => return Ok(executor::not_run(reason)),
        };
        if let Some(key) = key {
            script.names_itself(key);
        }
        let mut wait = AttendedWait::new(&mut self.waiter, &mut *self.people, &*self.screen);
        match host {
            None => executor::run_here(&script, within, &mut wait, &self.secrets),
            Some(host) => executor::run_there(&script, host, within, &self.ssh, &mut wait, &self.secrets),
        }
    }

    fn act(&mut self, act: &Act) -> Result<Acted, Interrupt> {
        if let ActTarget::Instruction(instruction) = &act.target {
            let mut desk = Desk {
                waiter: &mut self.waiter,
                secrets: &self.secrets,
                members: &self.members,
                name: &self.name,
            };
            return self.people.instruct(act, instruction, &mut desk);
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
        arguments: &[Argument],
    ) -> Result<Acted, Interrupt> {
        let Some(executor) = self.executors.get(name).cloned() else {
            return Ok(failed(ReasonKind::NotRun, &format!("no executor `{name}` is configured")));
        };
        let (job, stopper) =
            Job::new(act.clone(), reference.clone(), arguments.to_vec(), self.secrets.clone());
        let what = format!("running {} by {name}", clean(&act.title));
        // An executor with the same limit says more about what is still unclear.
        let limit = clock::duration(act.within).saturating_add(SLACK);
        let acted = self.wait().on_thread(&what, limit, move || executor.run(&job));
        stopper.stop(TO_STOP);
        let acted = acted?;
        Ok(acted.unwrap_or_else(|| {
            failed(ReasonKind::TimedOut, &format!("timed out after {}", rbl_syntax::value::span(act.within)))
        }))
    }

    fn ask(&mut self, ask: &Ask) -> Result<Answer, Interrupt> {
        let mut desk = Desk {
            waiter: &mut self.waiter,
            secrets: &self.secrets,
            members: &self.members,
            name: &self.name,
        };
        self.people.ask(ask, &mut desk)
    }

    fn page(&mut self, page: &Page) -> Result<Result<Delivery, Reason>, Interrupt> {
        let team = self.teams.get(page.team.as_str()).cloned();
        let team = team.unwrap_or_else(team::terminal);
        let outlet = self.outlet();
        let (sent, name) = (page.clone(), page.team.clone());
        let what = format!("paging {}", clean(&name));
        let delivered = self.wait().on_thread(&what, LONGEST_CALL, move || team.page(&sent, &outlet))?;
        Ok(delivered.unwrap_or_else(|| Err(timed_out(&name))))
    }

    fn record(&mut self, record: &RecordEffect) -> Result<Result<Delivery, Reason>, Interrupt> {
        let named = record.channel.as_ref().map(SmolStr::from).or_else(|| self.default_channel.clone());
        let configured = named.as_ref().and_then(|name| self.channels.get(name)).cloned();
        let mut sent = record.clone();
        if configured.is_some() {
            sent.channel = named.as_ref().map(SmolStr::to_string);
        }
        let channel = configured.unwrap_or_else(channel::terminal);
        let outlet = self.outlet();
        let name = named.unwrap_or_else(|| "the incident's channel".into());
        let what = format!("posting to {}", clean(&name));
        let delivered = self.wait().on_thread(&what, LONGEST_CALL, move || channel.post(&sent, &outlet))?;
        Ok(delivered.unwrap_or_else(|| Err(timed_out(&name))))
    }
}

fn failed(kind: ReasonKind, text: &str) -> Acted {
    Acted { result: Err(Reason::new(kind, text)), output: CommandOutput::default(), by: None, remark: None }
}
