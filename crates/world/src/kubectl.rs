//! [`Kubectl`]: runs `kubectl` to read from a cluster or to change it, and reads why it did not work.
//!
//! `kubectl` has one exit code, and words: they are read here alone. *Invariant:* what may have reached the cluster is never called unsent; of
//! words that nobody here knows it is not known.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rbl_check::{Key, KeyKind};
use rbl_project::setting::Seconds;
use rbl_runtime::Secrets;
use rbl_syntax::io_error::starting;
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};
use serde::Deserialize;
use serde_json::Value;

use crate::http::{JsonFault, unique_json};
use crate::process::{
    Limited, NotEnded, Process, ProcessEnd, ProcessInput, ProcessResult, StreamCapture, Unattended,
};
use crate::tool::{Tool, last_line};
use crate::{config_keys, webhook};

pub(crate) const COMMAND: Key = Key::optional(
    "command",
    KeyKind::Words,
    "[\"kubectl\"]",
    "the program and what stands before its arguments; it runs in the directory of `rbl.toml`",
);
pub(crate) const KUBECONFIG: Key = Key::optional(
    "kubeconfig",
    KeyKind::Plain,
    "that of kubectl",
    "the file that names clusters and users, relative to the directory of `rbl.toml`",
);
pub(crate) const CONTEXT: Key =
    Key::optional("context", KeyKind::Plain, "the current one", "the context in that file");
pub(crate) const NAMESPACE: Key = Key::optional(
    "namespace",
    KeyKind::Plain,
    "that of the context",
    "the namespace of what is named without one of its own",
);

/// The keys of a section.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct KubectlConfig {
    #[serde(default = "kubectl")]
    command: Vec<String>,
    kubeconfig: Option<String>,
    context: Option<String>,
    namespace: Option<String>,
    #[serde(default = "config_keys::ten_seconds")]
    timeout: Seconds,
}

fn kubectl() -> Vec<String> {
    vec!["kubectl".to_owned()]
}

/// The `kubectl` of a cluster.
#[derive(Debug)]
pub(crate) struct Kubectl {
    tool: Tool,
    /// What is the same for every call.
    always: Vec<String>,
    namespace: Option<String>,
}

/// What `kubectl` is asked.
#[derive(Debug)]
pub(crate) struct KubectlCall<'a> {
    arguments: &'a [&'a str],
    namespace: KubectlNamespace<'a>,
    input: Option<Vec<u8>>,
    within: Duration,
    limit: usize,
}

/// Where a call looks or acts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KubectlNamespace<'a> {
    /// That of the section, else that of the context.
    Usual,
    /// In this one.
    In(&'a str),
    /// The arguments say it themselves.
    InArguments,
}

impl<'a> From<Option<&'a str>> for KubectlNamespace<'a> {
    fn from(namespace: Option<&'a str>) -> Self {
        namespace.map_or(Self::Usual, Self::In)
    }
}

impl<'a> KubectlCall<'a> {
    /// A call whose answer has this many bytes at most.
    pub(crate) const fn new(arguments: &'a [&'a str], limit: usize) -> Self {
        Self { arguments, namespace: KubectlNamespace::Usual, input: None, within: Duration::MAX, limit }
    }

    pub(crate) fn namespace(self, namespace: impl Into<KubectlNamespace<'a>>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    /// With this on its standard input.
    pub(crate) fn input(self, input: Option<Vec<u8>>) -> Self {
        Self { input, ..self }
    }

    /// In this time at most, if that is shorter than the time-out of the section.
    pub(crate) fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }
}

/// Why `kubectl` did not do it.
#[derive(Debug)]
pub(crate) struct KubectlFailure {
    /// The reason.
    pub(crate) reason: Reason,
    /// Whether the cluster may have done it all the same.
    pub(crate) may_have_happened: bool,
    /// The word of the cluster for it: `NotFound`.
    pub(crate) word: String,
}

impl KubectlFailure {
    /// Nothing was sent.
    fn unsent(kind: ReasonKind, text: impl Into<String>) -> Self {
        Self { reason: Reason::new(kind, text), may_have_happened: false, word: String::new() }
    }

    /// What came of it is not known.
    pub(crate) fn unclear(reason: Reason) -> Self {
        Self { reason, may_have_happened: true, word: String::new() }
    }

    /// For something that changes the cluster.
    pub(crate) fn perhaps(self) -> Reason {
        if self.may_have_happened { webhook::perhaps("done", &self.reason) } else { self.reason }
    }
}

/// For what only looks.
impl From<KubectlFailure> for Reason {
    fn from(failure: KubectlFailure) -> Self {
        failure.reason
    }
}

impl Kubectl {
    pub(crate) fn new(config: KubectlConfig, base: &Path) -> Self {
        let KubectlConfig { command, kubeconfig, context, namespace, timeout } = config;
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_owned());
        let file = kubeconfig.map(|file| format!("--kubeconfig={}", base.join(file).display()));
        let always = file.into_iter().chain(context.map(|context| format!("--context={context}"))).collect();
        Self { tool: Tool::new(command, timeout.duration(), &base), always, namespace }
    }

    /// The longest time of a call.
    pub(crate) fn timeout(&self) -> Duration {
        self.tool.timeout()
    }

    /// The directory of `rbl.toml`.
    pub(crate) fn base(&self) -> &Path {
        self.tool.base()
    }

    /// What it prints.
    pub(crate) fn run(&self, call: KubectlCall<'_>, secrets: &Secrets) -> Result<Vec<u8>, KubectlFailure> {
        let KubectlCall { arguments, namespace, input, within, limit } = call;
        let within = within.min(self.timeout());
        // It ends on its own just before it is ended: it knows better what it waits for.
        let mut all = self.always.clone();
        all.push(format!("--request-timeout={}ms", (within.as_millis() * 9 / 10).max(1)));
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let namespace = match namespace {
            KubectlNamespace::Usual => self.namespace.as_deref(),
            KubectlNamespace::In(namespace) => Some(namespace),
            KubectlNamespace::InArguments => None,
        };
        all.extend(namespace.map(|namespace| format!("--namespace={namespace}")));
        let process = Process {
            command: self.tool.prepared(&all).map_err(|why| KubectlFailure::unsent(why.kind, why.text))?,
            input: input.map_or(ProcessInput::None, ProcessInput::Whole),
            until: Instant::now() + within,
            ends_its_group: true,
            grace: Duration::ZERO,
            out: Limited::new(limit),
            err: StreamCapture::default(),
        };
        let (end, out, err) = match process.run(&mut Unattended::new(None)) {
            Ok(ProcessResult { end, out, err, .. }) => (end, out, err),
            Err(NotEnded::NotStarted(error)) => {
                let text = format!("{}: {}", self.tool.name(), starting(&error));
                return Err(KubectlFailure::unsent(ReasonKind::Unreachable, text));
            }
            Err(NotEnded::Halted { .. }) => {
                let reason = Reason::new(ReasonKind::NotRun, "kubectl was stopped");
                return Err(KubectlFailure::unclear(reason));
            }
        };
        let said = last_line(&secrets.redact(&err.text(secrets).0));
        let unclear = |kind, text: String| {
            let text = if said.is_empty() { text } else { format!("{text}: {said}") };
            KubectlFailure::unclear(Reason::new(kind, text))
        };
        match end {
            ProcessEnd::Exit(status) if status.success() => {}
            ProcessEnd::Exit(status) => {
                return Err(match (status.code(), status.signal()) {
                    (Some(_), _) if !said.is_empty() => refusal(&said),
                    (Some(code), _) => {
                        unclear(ReasonKind::ProviderError, format!("kubectl ended with exit code {code}"))
                    }
                    (None, signal) => unclear(
                        ReasonKind::ProviderError,
                        format!("kubectl was ended by signal {}", signal.unwrap_or(0)),
                    ),
                });
            }
            ProcessEnd::Unknown => {
                return Err(unclear(ReasonKind::ProviderError, "how kubectl ended is unknown".into()));
            }
            ProcessEnd::TimedOut => {
                let within = Quantity::seconds(within.as_secs_f64());
                return Err(unclear(ReasonKind::TimedOut, format!("no answer from kubectl within {within}")));
            }
            ProcessEnd::Full => {}
        }
        out.whole()
            .ok_or_else(|| unclear(ReasonKind::BadAnswer, format!("kubectl printed more than {limit} bytes")))
    }

    /// Asks for the version of the cluster, which everybody who is let in may.
    pub(crate) fn test(&self) -> Result<String, Reason> {
        let secrets = Secrets::of_connection();
        let asked = self.run(KubectlCall::new(&["version", "--output=json"], 1_000_000), &secrets);
        let printed = asked.map_err(|failure| secrets.redact_reason(&failure.reason))?;
        let version = unique_json(&printed).map_err(unreadable)?;
        let version = version.pointer("/serverVersion/gitVersion").and_then(Value::as_str);
        version.map(|version| secrets.one_line(&format!("Kubernetes {version}"))).ok_or_else(|| {
            Reason::new(ReasonKind::BadAnswer, "kubectl did not say the version of the cluster")
        })
    }
}

/// It printed something else than it was asked for.
pub(crate) fn unreadable(why: impl Into<JsonFault>) -> Reason {
    Reason::new(ReasonKind::BadAnswer, format!("kubectl printed {}", why.into()))
}

/// The cluster broke, or did not answer in time, while it worked on it.
const OPEN_WORDS: [&str; 5] =
    ["InternalError", "Timeout", "ServerTimeout", "GatewayTimeout", "ServiceUnavailable"];
/// No connection was made.
const UNSENT: [&str; 10] = [
    "was refused - did you specify the right host or port",
    "connection refused",
    "no such host",
    "x509:",
    "tls: failed to verify certificate",
    "tls: first record does not look like a TLS handshake",
    "remote error: tls: handshake failure",
    "TLS handshake timeout",
    "proxyconnect",
    "dial tcp",
];
/// What kubectl finds out before it wishes for anything. Of any other error of its own nobody knows: an answer may have come that it
/// could not read.
const OWN: [&str; 9] = [
    "doesn't have a resource type",
    "unknown flag",
    "unknown shorthand flag",
    "unknown command",
    "context \"",
    "no such file or directory",
    "error loading config file",
    "You must be logged in to the server",
    "must be specified",
];
/// It waited in vain.
const SLOW: [&str; 5] = [
    "Client.Timeout exceeded",
    "deadline exceeded",
    "i/o timeout",
    "TLS handshake timeout",
    "request did not complete within",
];
/// The cluster does not know us, or does not let us.
const LOCKED: [&str; 4] =
    ["(Forbidden)", "(Unauthorized)", "You must be logged in to the server", "must be logged in"];

/// What the last line of `kubectl` says about a call that did not work.
fn refusal(said: &str) -> KubectlFailure {
    let has = |all: &[&str]| all.iter().any(|words| said.contains(words));
    let word = said.strip_prefix("Error from server (").and_then(|rest| rest.split(')').next());
    let word = word.unwrap_or_default().to_owned();
    let own = said.starts_with("error: ") && has(&OWN);
    let unsent = has(&UNSENT);
    // The one refusal of a cluster that kubectl prints without its name.
    let invalid = said.starts_with("The ") && said.contains(" is invalid");
    let may_have_happened =
        if word.is_empty() { !(unsent || own || invalid) } else { OPEN_WORDS.contains(&word.as_str()) };
    let kind = if has(&SLOW) || word.ends_with("Timeout") {
        ReasonKind::TimedOut
    } else if word.is_empty() && (unsent || said.starts_with("Unable to connect to the server")) {
        ReasonKind::Unreachable
    } else {
        ReasonKind::ProviderError
    };
    let text =
        if has(&LOCKED) { format!("kubectl is not let in: {said}") } else { format!("kubectl: {said}") };
    KubectlFailure { reason: Reason::new(kind, one_line(&text)), may_have_happened, word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubectl_says_shows_whether_it_may_have_been_done() {
        use ReasonKind::{ProviderError, TimedOut, Unreachable};
        for (said, may, word, kind) in [
            (
                "Error from server (NotFound): deployments.apps \"api\" not found",
                false,
                "NotFound",
                ProviderError,
            ),
            (
                "Error from server (AlreadyExists): jobs.batch \"a\" already exists",
                false,
                "AlreadyExists",
                ProviderError,
            ),
            (
                "Error from server (Forbidden): deployments.apps \"api\" is forbidden",
                false,
                "Forbidden",
                ProviderError,
            ),
            ("Error from server (TooManyRequests): later", false, "TooManyRequests", ProviderError),
            (
                "Error from server (InternalError): an error on the server",
                true,
                "InternalError",
                ProviderError,
            ),
            (
                "Error from server (ServiceUnavailable): apiserver is shutting down",
                true,
                "ServiceUnavailable",
                ProviderError,
            ),
            ("Error from server (Timeout): request did not complete within 34s", true, "Timeout", TimedOut),
            (
                "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
                false,
                "",
                Unreachable,
            ),
            (
                "Unable to connect to the server: dial tcp: lookup a.example: no such host",
                false,
                "",
                Unreachable,
            ),
            ("Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout", false, "", TimedOut),
            (
                "Unable to connect to the server: tls: failed to verify certificate: x509: unknown authority",
                false,
                "",
                Unreachable,
            ),
            // In the middle of an answer.
            ("Unable to connect to the server: local error: tls: bad record MAC", true, "", Unreachable),
            (
                "Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
                true,
                "",
                TimedOut,
            ),
            ("Unable to connect to the server: EOF", true, "", Unreachable),
            ("error: context \"x\" does not exist", false, "", ProviderError),
            ("error: unknown flag: --nonsense", false, "", ProviderError),
            (
                "The Deployment \"api\" is invalid: spec.replicas: must not be negative",
                false,
                "",
                ProviderError,
            ),
            ("error: serializer for text/html doesn't exist", true, "", ProviderError),
            ("error: Object 'Kind' is missing in '{}'", true, "", ProviderError),
            ("error: something that a later kubectl says", true, "", ProviderError),
        ] {
            let failure = refusal(said);
            assert_eq!(
                (failure.may_have_happened, failure.word.as_str(), failure.reason.kind),
                (may, word, kind),
                "{said}"
            );
        }
    }
}
