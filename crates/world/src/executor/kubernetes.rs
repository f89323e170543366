//! The executor `kubernetes`: restarts, scalings and jobs, done by `kubectl` and followed to their end.
//!
//! REFERENCE is `restart KIND/NAME`, `scale KIND/NAME` (argument `replicas`) or `run cronjob/NAME` (the arguments are variables of
//! its containers). Success is what [`kubernetes_work`](super::kubernetes_work) reads in the object: `kubectl` that returns has only sent a wish. A restart carries the key of the
//! action as an annotation of the pods, a job has it in its name, and a number of replicas is the same twice: so a second beginning
//! is the first one.

use std::sync::Arc;
use std::time::Duration;

use rbl_check::reference::{KubernetesReference, KubernetesVerb, OPEN};
use rbl_check::{Contract, Family, Key, KeyKind, KindDescription};
use rbl_project::setting::{Bytes, Seconds};
use rbl_runtime::{Acted, Datum, Piece, Secrets};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::follow::{Remote, RemoteState, follow};
use super::kubernetes_work::{self as work, RESTART_MARK, RemoteWork};
use super::{DeclaredReference, Executor, Job, action_uuid};
use crate::http::unique_json;
use crate::kubectl::{self, Kubectl, KubectlCall, KubectlConfig, KubectlFailure, unreadable};
use crate::registry::ConnectionKind;
use crate::{clock, config_keys};

/// Its line in the registry.
pub(super) const KIND: ConnectionKind<dyn Executor> = ConnectionKind {
    description: KindDescription {
        family: Family::Executor,
        kind: "kubernetes",
        summary: "by kubectl, followed to its end: REFERENCE is `restart deployment/NAME`, `scale deployment/NAME` or `run cronjob/NAME`",
        metrics: &[],
        contract: Contract::Schema("kubectl, which talks to our fake of the API of Kubernetes"),
        keys: &[
            kubectl::COMMAND,
            kubectl::KUBECONFIG,
            kubectl::CONTEXT,
            kubectl::NAMESPACE,
            Key::optional("every", KeyKind::Duration, "2s", "the pause between two looks"),
            Key::optional("output", KeyKind::Data, "1MB", "how much of the log of a job is kept"),
            config_keys::TIMEOUT,
        ],
    },
    configure: |section, base| {
        let KubernetesConfig { kubectl, every, output } = KubernetesConfig::deserialize(section)?;
        Ok(Arc::new(Kubernetes { kubectl: Kubectl::new(kubectl, base), every, output }))
    },
};

/// The largest object that is read, in bytes.
const LARGEST_OBJECT: usize = 4_000_000;

/// Its section.
#[derive(Debug, Clone, Deserialize)]
struct KubernetesConfig {
    #[serde(flatten)]
    kubectl: KubectlConfig,
    #[serde(default = "two_seconds")]
    every: Seconds,
    #[serde(default = "one_megabyte")]
    output: Bytes,
}

const fn two_seconds() -> Seconds {
    Seconds(2.0)
}

const fn one_megabyte() -> Bytes {
    Bytes(1_000_000)
}

/// A cluster.
#[derive(Debug)]
struct Kubernetes {
    kubectl: Kubectl,
    every: Seconds,
    output: Bytes,
}

impl Kubernetes {
    /// An object, as JSON; `Ok(None)`: there is none.
    fn object(
        &self,
        object: &str,
        namespace: Option<&str>,
        secrets: &Secrets,
    ) -> Result<Option<Value>, Reason> {
        let arguments = ["get", object, "--output=json"];
        match self.kubectl.run(KubectlCall::new(&arguments, LARGEST_OBJECT).namespace(namespace), secrets) {
            Ok(bytes) => json_of(&bytes).map(Some),
            Err(failure) if failure.word == "NotFound" => Ok(None),
            Err(failure) => Err(failure.reason),
        }
    }

    /// Sends a wish; the answer is the object.
    fn wish(
        &self,
        arguments: &[&str],
        work: &RemoteWork,
        input: Option<Vec<u8>>,
        job: &Job,
    ) -> Result<(), KubectlFailure> {
        let call = KubectlCall::new(arguments, LARGEST_OBJECT)
            .namespace(work.namespace.as_deref())
            .input(input)
            .within(clock::duration(job.act.within));
        let printed = self.kubectl.run(call, &job.secrets)?;
        let answer = json_of(&printed).map_err(KubectlFailure::unclear)?;
        if answer.get("metadata").is_none() {
            let reason = Reason::new(ReasonKind::BadAnswer, "kubectl answered without an object");
            return Err(KubectlFailure::unclear(reason));
        }
        Ok(())
    }

    fn restart(&self, reference: KubernetesReference<'_>, job: &Job) -> Result<RemoteWork, Reason> {
        let mark = action_uuid("kubernetes", &job.act.key, job.act.attempt);
        let work = RemoteWork::of(reference, &mark);
        let annotation = json!({ RESTART_MARK: mark });
        let patch =
            json!({ "spec": { "template": { "metadata": { "annotations": annotation } } } }).to_string();
        let object = work.object();
        let arguments = ["patch", &object, "--type=merge", "--patch", &patch, "--output=json"];
        self.wish(&arguments, &work, None, job).map_err(KubectlFailure::perhaps)?;
        Ok(work)
    }

    fn scale(&self, reference: KubernetesReference<'_>, job: &Job) -> Result<RemoteWork, Reason> {
        let argument = job.arguments.iter().find(|argument| argument.name == "replicas");
        let given = argument.map(|argument| job.reveal(&argument.value)).transpose()?;
        let replicas = match &given {
            Some(Datum::Number(number)) if number.fract() == 0.0 && (0.0..=100_000.0).contains(number) => {
                number.to_string()
            }
            Some(Datum::Text(text)) if text.parse::<u32>().is_ok() => text.clone(),
            Some(_) => return Err(refused("`replicas` is not a whole number")),
            None => return Err(refused("the action has no argument `replicas`")),
        };
        let work = RemoteWork::of(reference, &replicas);
        let (object, wanted) = (work.object(), format!("--replicas={replicas}"));
        let arguments = ["scale", &object, &wanted, "--output=json"];
        self.wish(&arguments, &work, None, job).map_err(KubectlFailure::perhaps)?;
        Ok(work)
    }

    fn run_job(&self, reference: KubernetesReference<'_>, job: &Job) -> Result<RemoteWork, Reason> {
        let template =
            self.object(&format!("cronjob/{}", reference.name), reference.namespace, &job.secrets)?;
        let Some(template) = template else {
            return Err(refused(&format!("there is no cron job `{}`", reference.name)));
        };
        let mut variables = Vec::new();
        for argument in &job.arguments {
            if matches!(argument.value, Datum::Secret(_)) {
                let text =
                    format!("the argument `{}` is a secret, and would stand in the job", argument.name);
                return Err(refused(&text));
            }
            variables.push((argument.name.to_uppercase(), argument.value.shown()));
        }
        let mark = action_uuid("kubernetes", &job.act.key, job.act.attempt);
        let mut work = RemoteWork::of(reference, &mark);
        work.name = work::job_name(reference.name, &mark);
        let Some(manifest) = work::job_of(&template, &work.name, &variables) else {
            return Err(Reason::new(ReasonKind::BadAnswer, "kubectl answered a cron job without a template"));
        };
        let input = Some(manifest.to_string().into_bytes());
        match self.wish(&["create", "--filename=-", "--validate=false", "--output=json"], &work, input, job) {
            // This action made it before: nobody else makes this name.
            Err(failure) if failure.word == "AlreadyExists" => Ok(work),
            Err(failure) => Err(failure.perhaps()),
            Ok(()) => Ok(work),
        }
    }

    /// The log of a job, or why there is none: that a job worked does not depend on its log.
    fn log(&self, work: &RemoteWork, secrets: &Secrets) -> String {
        let (object, bytes) = (work.object(), format!("--limit-bytes={}", self.output.0));
        let arguments = ["logs", &object, "--all-containers=true", "--tail=-1", &bytes];
        let limit = usize::try_from(self.output.0).unwrap_or(usize::MAX).saturating_add(LARGEST_OBJECT);
        let call = KubectlCall::new(&arguments, limit).namespace(work.namespace.as_deref());
        match self.kubectl.run(call, secrets) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(failure) => format!("(its log could not be read: {})", failure.reason),
        }
    }
}

fn json_of(bytes: &[u8]) -> Result<Value, Reason> {
    unique_json(bytes).map_err(unreadable)
}

fn refused(text: &str) -> Reason {
    Reason::new(ReasonKind::NotRun, one_line(text))
}

/// The reference with its values put back where it was read with a mark for each: no value becomes a word of it.
struct FilledReference {
    text: String,
    values: Vec<String>,
}

impl FilledReference {
    fn read(job: &Job) -> Result<Self, Reason> {
        let (mut text, mut values) = (String::new(), Vec::new());
        for piece in &job.reference.0 {
            match piece {
                Piece::Text(own) => text.push_str(own),
                Piece::Value(datum) => {
                    text.push(OPEN);
                    values.push(job.reveal(datum)?.shown());
                }
            }
        }
        Ok(Self { text, values })
    }

    /// Calls this with the reference that has the values in it.
    fn with<T>(
        &self,
        use_it: impl FnOnce(KubernetesReference<'_>) -> Result<T, Reason>,
    ) -> Result<T, Reason> {
        let fault = |fault: rbl_check::reference::ReferenceFault| refused(&fault.message);
        let open = KubernetesReference::parse(&self.text).map_err(fault)?;
        let mut values = self.values.iter();
        let mut fill = |text: &str| -> String {
            text.chars().fold(String::new(), |mut filled, c| {
                match (c == OPEN).then(|| values.next()).flatten() {
                    Some(value) => filled.push_str(value),
                    None => filled.push(c),
                }
                filled
            })
        };
        let (name, namespace) = (fill(open.name), open.namespace.map(fill));
        for filled in std::iter::once(&name).chain(&namespace) {
            if filled.contains(OPEN) || !rbl_check::reference::is_kubernetes_name(filled) {
                return Err(refused(&format!("`{filled}` is not a name in Kubernetes")));
            }
        }
        use_it(KubernetesReference { name: &name, namespace: namespace.as_deref(), ..open })
    }
}

impl Remote for Kubernetes {
    fn begin(&self, job: &Job) -> Result<String, Reason> {
        let work = FilledReference::read(job)?.with(|reference| match reference.verb {
            KubernetesVerb::Restart => self.restart(reference, job),
            KubernetesVerb::Scale => self.scale(reference, job),
            KubernetesVerb::Run => self.run_job(reference, job),
        })?;
        Ok(work.to_string())
    }

    fn look(&self, remote: &str, job: &Job) -> Result<RemoteState, Reason> {
        let Some(work) = RemoteWork::read(remote) else {
            return Err(Reason::new(ReasonKind::BadAnswer, "what was begun is not known any more"));
        };
        let seen = self.object(&work.object(), work.namespace.as_deref(), &job.secrets)?;
        let state = work.state(seen.as_ref());
        Ok(match state {
            RemoteState::Succeeded(_) if work.verb == KubernetesVerb::Run => {
                RemoteState::Succeeded(self.log(&work, &job.secrets))
            }
            RemoteState::Failed(reason) => RemoteState::Failed(job.secrets.redact_reason(&reason)),
            other => other,
        })
    }

    fn cancel(&self, remote: &str, within: Duration, job: &Job) -> Result<(), Reason> {
        let Some(work) = RemoteWork::read(remote) else {
            return Err(Reason::new(ReasonKind::BadAnswer, "what was begun is not known any more"));
        };
        // Nobody can end a change of an object, and another change in its place is for people to decide.
        if let Some(way) = work.way_back() {
            return match self.look(remote, job)? {
                RemoteState::GoesOn(how_far) => {
                    Err(refused(&format!("Kubernetes continues it, {how_far}; {way}")))
                }
                RemoteState::Succeeded(_) | RemoteState::Failed(_) => Ok(()),
            };
        }
        let object = work.object();
        let arguments =
            ["delete", &object, "--wait=false", "--cascade=background", "--ignore-not-found=true"];
        let call =
            KubectlCall::new(&arguments, LARGEST_OBJECT).namespace(work.namespace.as_deref()).within(within);
        Ok(self.kubectl.run(call, &job.secrets).map(drop)?)
    }

    fn every(&self) -> Duration {
        self.every.duration()
    }
}

impl Executor for Kubernetes {
    fn run(&self, job: &Job) -> Acted {
        follow(self, job)
    }

    fn begins_once(&self) -> bool {
        true
    }

    fn declared(&self, reference: &str) -> Option<Result<DeclaredReference, Reason>> {
        let secrets = Secrets::of_connection();
        let reference = KubernetesReference::parse(reference).ok()?;
        let object = format!("{}/{}", reference.kind, reference.name);
        let seen = self.object(&object, reference.namespace, &secrets);
        Some(seen.map(|seen| match seen {
            Some(_) => DeclaredReference::There,
            None => DeclaredReference::Missing,
        }))
    }

    /// Asks for the version of the cluster.
    fn test(&self) -> Result<String, Reason> {
        self.kubectl.test()
    }
}
