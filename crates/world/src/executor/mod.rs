//! Performs actions: commands here and on other hosts, and configured executors.

mod azure;
pub mod exact;
mod exec;
mod follow;
mod http;
mod http_job;
mod kubernetes;
mod kubernetes_work;
mod marked;
mod process;
mod remote_report;
mod rundeck;
mod script;
mod shell;
mod ssh;
mod ssm;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

pub use rbl_runtime::Exact;
pub use ssh::SshOptions;

pub(crate) use process::time_out;
pub(crate) use script::ShellScript;
pub(crate) use shell::run as run_here;
pub(crate) use ssh::run as run_there;

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use crate::process::ActionNote;
use crate::registry::ConnectionKind;
use rbl_runtime::Secrets;
use rbl_runtime::journal::RemoteOrder;
use rbl_runtime::{Act, Acted, Argument, CommandLine, Datum};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

/// Every kind of executor.
pub(crate) const KINDS: &[ConnectionKind<dyn Executor>] =
    &[http::KIND, exec::KIND, ssm::KIND, rundeck::KIND, azure::KIND, kubernetes::KIND];

/// A configured executor (`define … as NAME "REFERENCE"`). It is called on a thread of its own, and may take as long as
/// it needs: whoever waits for it ends the wait, and says so by [`Job::stopped`].
///
/// *Invariant:* nothing that comes back holds a secret.
pub trait Executor: Send + Sync {
    /// Does it, and reports the result. Where [`Job::order`] names an execution that was begun before, that one is followed or
    /// ended, and none is begun.
    fn run(&self, job: &Job) -> Acted;

    /// Whether the other side takes a second beginning with the same key for the first one.
    fn begins_once(&self) -> bool {
        false
    }

    /// What the other side says about a reference before anything is begun; `None` where its kind cannot say it.
    fn declared(&self, _reference: &str) -> Option<Result<DeclaredReference, Reason>> {
        None
    }

    /// What a parameter of the runbook is called on the other side.
    fn parameter_name(&self, name: &str) -> String {
        name.to_owned()
    }

    /// Whether it can be reached, without doing anything: what answers, or why nothing does.
    fn test(&self) -> Result<String, Reason>;
}

/// What the other side knows of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeclaredReference {
    /// There is no such thing there.
    Missing,
    /// It is there, and what it takes is not declared there.
    There,
    /// Its parameters.
    Parameters(Vec<DeclaredParameter>),
}

/// A parameter as the other side declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredParameter {
    /// Its name there.
    pub name: String,
    /// Whether it has to be given.
    pub needed: bool,
}

/// A job for an executor.
#[derive(Clone)]
pub struct Job {
    /// What is to run there.
    pub reference: CommandLine,
    /// The parameters, by name.
    pub arguments: Vec<Argument>,
    /// The action as a whole: its title, key, try, host and time limit.
    pub act: Act,
    /// Resolves the values of secrets.
    pub secrets: Secrets,
    /// The name of the executor in the configuration.
    pub name: SmolStr,
    stop: Arc<AtomicU8>,
    note: Option<ActionNote>,
}

/// Nobody has stopped the job.
const GOES_ON: u8 = 0;
/// It is to be ended, here and elsewhere.
const STOPPED: u8 = 1;
/// Nobody waits for it here any more, and what goes on elsewhere is to go on.
const LEFT: u8 = 2;

impl Job {
    /// A job, and the handle that stops it.
    pub fn new(
        act: Act,
        reference: CommandLine,
        arguments: Vec<Argument>,
        secrets: Secrets,
    ) -> (Self, JobStopper) {
        let stop = Arc::new(AtomicU8::new(GOES_ON));
        let name = SmolStr::default();
        let job = Self { act, reference, arguments, secrets, name, stop: Arc::clone(&stop), note: None };
        (job, JobStopper(stop))
    }

    /// For the executor of this name.
    pub(crate) fn named(self, name: &SmolStr) -> Self {
        Self { name: name.clone(), ..self }
    }

    /// The execution that was begun before, and what to do with it.
    pub(crate) fn order(&self) -> Option<&RemoteOrder> {
        self.act.remote.as_deref()
    }

    /// Notes what the other side calls the execution that it has begun, before anything waits for it.
    pub(crate) fn began(&self, remote: &str) {
        if let Some(note) = &self.note {
            note.began(self.act.attempt, &self.name, remote);
        }
    }

    /// A process that does it is noted here when it has started.
    pub(crate) fn noting(self, note: Option<ActionNote>) -> Self {
        Self { note, ..self }
    }

    /// Whether nobody waits for it any more (a time-out, an abort): end what can be ended on the other side, and
    /// return.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) != GOES_ON
    }

    /// Whether nobody waits for it here any more because the run is parked: what goes on elsewhere is to go on.
    pub(crate) fn is_left(&self) -> bool {
        self.stop.load(Ordering::Relaxed) == LEFT
    }

    /// The value with its secrets read. From now on they are removed from everything that comes back.
    pub(crate) fn reveal(&self, datum: &Datum) -> Result<Datum, Reason> {
        Ok(match datum {
            Datum::Secret(secret) => {
                let text = crate::secrets::resolve(&self.secrets, secret)?;
                Datum::Text(text.expose_secret().to_owned())
            }
            Datum::List(items) => {
                Datum::List(items.iter().map(|item| self.reveal(item)).collect::<Result<_, _>>()?)
            }
            plain @ (Datum::Text(_)
            | Datum::Number(_)
            | Datum::ExactNumber(_)
            | Datum::Reading { .. }
            | Datum::Duration(_)
            | Datum::Data(_)
            | Datum::Bool(_)) => plain.clone(),
        })
    }

    /// The result of the action: what was printed, or why it failed, without the secrets that were read.
    pub(crate) fn acted(&self, done: Result<String, Reason>) -> Acted {
        let (result, stdout) = match done {
            Ok(output) => (Ok(()), self.secrets.redact(&output)),
            Err(reason) => (Err(self.secrets.redact_reason(&reason)), String::new()),
        };
        let status = result.is_ok().then_some(0);
        let trouble = result.clone().err();
        let output = CommandOutput { status, trouble, stdout, ..CommandOutput::default() };
        Acted { result, output, by: None, remark: None }
    }
}

/// Stops a [`Job`] when it is dropped.
pub struct JobStopper(Arc<AtomicU8>);

impl JobStopper {
    /// Stops the job, and waits until it has ended what it began; not longer than this.
    pub fn stop(self, longest: Duration) {
        self.end(STOPPED, longest);
    }

    /// The same, but what goes on elsewhere is left to go on.
    pub fn leave(self, longest: Duration) {
        self.end(LEFT, longest);
    }

    fn end(&self, how: u8, longest: Duration) {
        self.0.store(how, Ordering::Relaxed);
        let until = Instant::now() + longest;
        // The job holds the other one.
        while Arc::strong_count(&self.0) > 1 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for JobStopper {
    fn drop(&mut self) {
        let _ = self.0.compare_exchange(GOES_ON, STOPPED, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The result of an action that is a command.
pub(crate) fn acted(output: CommandOutput) -> Acted {
    let result = match (&output.trouble, output.status) {
        (Some(reason), _) => Err(reason.clone()),
        (None, Some(0)) => Ok(()),
        (None, status) => {
            let code = status.map_or_else(|| "no exit code".into(), |code| format!("exit code {code}"));
            let text = output.last_error().map_or_else(|| code.clone(), |last| format!("{code}: {last}"));
            Err(Reason::new(ReasonKind::ProbeFailed, text))
        }
    };
    Acted { result, output, by: None, remark: None }
}

/// The output of a command that did not run.
pub(crate) fn not_run(reason: Reason) -> CommandOutput {
    CommandOutput { trouble: Some(reason), ..CommandOutput::default() }
}

/// `instance_id` → `InstanceId`
fn upper_camel(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(part).collect()
}

/// A UUID that is the same wherever the same try of an action is begun by an executor of this kind.
fn action_uuid(kind: &str, key: &str, attempt: u32) -> String {
    let digest = Sha256::digest(format!("rbl {kind} {key} {attempt}").as_bytes());
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(digest.iter()) {
        *byte = *from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_that_of_the_try() {
        let token = action_uuid("ssm", "r1/0.12", 1);
        assert_eq!(token.len(), 36);
        assert_eq!(token, action_uuid("ssm", "r1/0.12", 1));
        assert_ne!(token, action_uuid("ssm", "r1/0.12", 2));
        assert_ne!(token, action_uuid("azure", "r1/0.12", 1));
        assert_eq!(upper_camel("instance_id"), "InstanceId");
    }
}
