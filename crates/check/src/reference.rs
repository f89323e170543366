//! References of executors (`define … as NAME "REFERENCE"`): what each kind reads in them.
//!
//! The check reads a reference with its values left open, an executor the same text with the values in it.

/// Stands in the place of a value that is only known during the run. No reference has it.
pub const OPEN: char = '\u{E000}';

/// Why a reference cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceFault {
    /// What is wrong.
    pub message: String,
    /// Why at this place.
    pub label: &'static str,
    /// What to write.
    pub help: String,
}

impl ReferenceFault {
    fn new(message: impl Into<String>, label: &'static str, help: impl Into<String>) -> Self {
        Self { message: message.into(), label, help: help.into() }
    }
}

/// What is wrong with a reference for an executor of this kind; `None`: nothing, or the kind has no rules.
pub fn fault(kind: &str, text: &str) -> Option<ReferenceFault> {
    match kind {
        "http" => http(text).err(),
        "ssm" => ssm(text).err(),
        "rundeck" => (!is_rundeck_job(text.trim())).then(|| {
            ReferenceFault::new(
                "this is not the id of a job of Rundeck",
                "one word without `/`, `?` and `#`",
                "write the id that Rundeck shows for the job: `0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9`",
            )
        }),
        "azure" => (!is_azure_runbook(text.trim())).then(|| {
            ReferenceFault::new(
                "this is not the name of a runbook of Azure Automation",
                "letters, digits, `-` and `_`, a letter first",
                "write its name alone: `Restart-Service`",
            )
        }),
        "kubernetes" => KubernetesReference::parse(text).err(),
        _ => None,
    }
}

/// The methods of a request.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// `METHOD /path`: the method.
pub fn http(text: &str) -> Result<&'static str, ReferenceFault> {
    const FORM: &str = "write it like `POST /services/api/restart`";
    let text = text.trim();
    let (method, path) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let path = path.trim_start();
    let Some(known) = METHODS.into_iter().find(|known| *known == method) else {
        if let Some(near) = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(method)) {
            return Err(ReferenceFault::new(
                format!("`{method}` is not a method"),
                "methods are in capitals",
                format!("write `{near}`"),
            ));
        }
        let message = match method {
            _ if method.starts_with('/') => "the reference has no method".to_owned(),
            _ if method.contains(OPEN) => "the method of the reference is a value".to_owned(),
            _ => "the reference is not a method and a path".to_owned(),
        };
        return Err(ReferenceFault::new(message, "GET, POST, PUT, PATCH or DELETE comes first", FORM));
    };
    if path.starts_with("http://") || path.starts_with("https://") {
        return Err(ReferenceFault::new(
            "the reference has the address of a server",
            "`url` in rbl.toml is the server",
            "write the path alone, and the server as `url` of the executor",
        ));
    }
    if !path.starts_with('/') {
        return Err(ReferenceFault::new("the reference has no path", "a path begins with `/`", FORM));
    }
    let refused = |c: char| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}#".contains(c);
    if let Some(c) = path.chars().find(|c| refused(*c)) {
        let shown = if c.is_whitespace() { "a blank".to_owned() } else { format!("`{c}`") };
        return Err(ReferenceFault::new(
            format!("{shown} cannot stand in the path of a request"),
            "is sent as it is written",
            "write it percent-encoded (a blank is `%20`), or put the value in: `#{name}`",
        ));
    }
    Ok(known)
}

/// `DOCUMENT [VERSION]`
fn ssm(text: &str) -> Result<(), ReferenceFault> {
    let mut words = text.split_whitespace();
    let (document, version) = (words.next().unwrap_or_default(), words.next());
    if words.next().is_some() {
        return Err(ReferenceFault::new(
            "the reference has more than a document and a version",
            "two words at most",
            "parameters are those of the `define`: `define restart(instance_id) as … \"AWS-RestartEC2Instance\"`",
        ));
    }
    let open = document.contains(OPEN);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c) || c == OPEN;
    if !document.chars().all(is_name) || (!open && !(3..=128).contains(&document.len())) {
        return Err(ReferenceFault::new(
            "this is not the name of a document of Systems Manager",
            "3 to 128 letters, digits, `_`, `-`, `.`",
            "write its name or its ARN: `AWS-RestartEC2Instance`",
        ));
    }
    let is_version = |version: &str| {
        matches!(version, "$DEFAULT" | "$LATEST")
            || version.contains(OPEN)
            || (version.bytes().all(|byte| byte.is_ascii_digit()) && !version.starts_with('0'))
    };
    match version {
        Some(version) if !is_version(version) => Err(ReferenceFault::new(
            format!("`{version}` is not the version of a document"),
            "a whole number, `$DEFAULT` or `$LATEST`",
            "take it out, or write a version: `AWS-RestartEC2Instance 2`",
        )),
        _ => Ok(()),
    }
}

/// Whether a text is the id of a job of Rundeck: one segment of a path.
pub fn is_rundeck_job(text: &str) -> bool {
    let refused = |c: char| c.is_whitespace() || c.is_control() || "/?#".contains(c);
    !text.is_empty() && !text.contains(refused) && !matches!(text, "." | "..")
}

/// Whether a text is the name of a runbook of Azure Automation.
pub fn is_azure_runbook(text: &str) -> bool {
    let open = |c: char| c == OPEN;
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || open(c))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c) || open(c))
}

/// `restart KIND/NAME [in NAMESPACE]`, `scale KIND/NAME [in NAMESPACE]`, `run cronjob/NAME [in NAMESPACE]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KubernetesReference<'a> {
    /// What is done.
    pub verb: KubernetesVerb,
    /// To what kind of object: `deployment`.
    pub kind: &'static str,
    /// Its name.
    pub name: &'a str,
    /// Its namespace; `None`: the one that is configured.
    pub namespace: Option<&'a str>,
}

/// What can be done in Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KubernetesVerb {
    /// Replaces every pod by a new one.
    Restart,
    /// Sets the number of replicas.
    Scale,
    /// Runs a job like those of a cron job.
    Run,
}

/// The names that `kubectl` knows for a kind.
const KUBERNETES_KINDS: [(&str, &[&str]); 5] = [
    ("deployment", &["deployment", "deployments", "deploy", "deployment.apps"]),
    ("statefulset", &["statefulset", "statefulsets", "sts", "statefulset.apps"]),
    ("daemonset", &["daemonset", "daemonsets", "ds", "daemonset.apps"]),
    ("replicaset", &["replicaset", "replicasets", "rs", "replicaset.apps"]),
    ("cronjob", &["cronjob", "cronjobs", "cj", "cronjob.batch"]),
];

impl KubernetesVerb {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Scale => "scale",
            Self::Run => "run",
        }
    }

    /// The kinds to which it can be done.
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Restart => &["deployment", "statefulset", "daemonset"],
            Self::Scale => &["deployment", "statefulset", "replicaset"],
            Self::Run => &["cronjob"],
        }
    }
}

impl<'a> KubernetesReference<'a> {
    /// Reads a reference.
    pub fn parse(text: &'a str) -> Result<Self, ReferenceFault> {
        const FORMS: &str = "write `restart deployment/NAME`, `scale deployment/NAME` or `run cronjob/NAME`, and `in NAMESPACE` behind it where it has another one";
        let words: Vec<&str> = text.split_whitespace().collect();
        let (verb, object, namespace) = match words.as_slice() {
            [verb, object] => (*verb, *object, None),
            [verb, object, "in", namespace] => (*verb, *object, Some(*namespace)),
            _ => {
                let message = "the reference is not one of those of Kubernetes";
                return Err(ReferenceFault::new(message, "what to do, and to what", FORMS));
            }
        };
        let verbs = [KubernetesVerb::Restart, KubernetesVerb::Scale, KubernetesVerb::Run];
        let Some(verb) = verbs.into_iter().find(|known| known.word() == verb) else {
            let message = format!("`{}` is nothing that is done here", shown(verb));
            return Err(ReferenceFault::new(message, "`restart`, `scale` or `run` comes first", FORMS));
        };
        let Some((kind, name)) = object.split_once('/') else {
            let message = format!("`{}` is not a kind and a name", shown(object));
            return Err(ReferenceFault::new(message, "a `/` is between the two", FORMS));
        };
        let known = KUBERNETES_KINDS.into_iter().find(|(_, names)| names.contains(&kind));
        let Some((kind, _)) = known.filter(|(kind, _)| verb.kinds().contains(kind)) else {
            let kinds: Vec<String> = verb.kinds().iter().map(|kind| format!("`{kind}`")).collect();
            return Err(ReferenceFault::new(
                format!("`{}` cannot be done to a `{}`", verb.word(), shown(kind)),
                "not one of its kinds",
                format!("{} takes {}", verb.word(), kinds.join(", ")),
            ));
        };
        for name in std::iter::once(name).chain(namespace) {
            if !is_kubernetes_name(name) {
                return Err(ReferenceFault::new(
                    format!("`{}` is not a name in Kubernetes", shown(name)),
                    "small letters, digits, `-` and `.`",
                    "write it as `kubectl get` shows it",
                ));
            }
        }
        Ok(Self { verb, kind, name, namespace })
    }
}

/// Whether an object of Kubernetes may have this name.
pub fn is_kubernetes_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == OPEN;
    !text.is_empty()
        && text.len() <= 253
        && text.starts_with(plain)
        && text.ends_with(plain)
        && text.chars().all(|c| plain(c) || "-.".contains(c))
}

/// A text with its values as the author wrote that there is one.
fn shown(text: &str) -> String {
    text.replace(OPEN, "#{…}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_kind_takes() {
        let open = |text: &str| text.replace('@', &OPEN.to_string());
        for (kind, good) in [
            ("http", "POST /services/@/restart?x=@"),
            ("http", "DELETE  /a"),
            ("ssm", "AWS-RestartEC2Instance"),
            ("ssm", "AWS-RestartEC2Instance $LATEST"),
            ("ssm", "arn:aws:ssm:eu-central-1:123456789012:document/Restart 3"),
            ("ssm", "@ @"),
            ("rundeck", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
            ("rundeck", "@"),
            ("azure", "Restart-Service_2"),
            ("azure", "@"),
            ("kubernetes", "restart deployment/api"),
            ("kubernetes", "restart sts/@ in @"),
            ("kubernetes", "scale deploy/api.v2 in shop"),
            ("kubernetes", "run cronjob/clean-up"),
            ("exec", "anything / at all"),
        ] {
            assert_eq!(fault(kind, &open(good)), None, "{kind} {good}");
        }
        for (kind, bad, words) in [
            ("http", "", "not a method and a path"),
            ("http", "/restart", "no method"),
            ("http", "post /restart", "not a method"),
            ("http", "@ /restart", "is a value"),
            ("http", "POST restart", "no path"),
            ("http", "POST", "no path"),
            ("http", "POST https://a.example/restart", "address of a server"),
            ("http", "POST /a b", "a blank"),
            ("http", "POST /a#b", "`#`"),
            ("ssm", "", "name of a document"),
            ("ssm", "AWS RestartEC2Instance now", "more than"),
            ("ssm", "AWS-Restart! 1", "name of a document"),
            ("ssm", "AWS-RestartEC2Instance latest", "not the version"),
            ("rundeck", "restart the api", "not the id"),
            ("rundeck", "..", "not the id"),
            ("azure", "2restart", "not the name"),
            ("azure", "restart vm", "not the name"),
            ("kubernetes", "deployment/api", "not one of those"),
            ("kubernetes", "delete pod/api", "nothing that is done here"),
            ("kubernetes", "restart api", "not a kind and a name"),
            ("kubernetes", "restart cronjob/api", "cannot be done to"),
            ("kubernetes", "restart deployment/API", "not a name"),
            ("kubernetes", "restart deployment/api in -n", "not a name"),
        ] {
            let found = fault(kind, &open(bad)).unwrap_or_else(|| panic!("{kind} {bad} is taken"));
            assert!(found.message.contains(words), "{kind} {bad}: {found:?}");
        }
    }
}
