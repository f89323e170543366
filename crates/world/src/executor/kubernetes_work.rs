//! What the executor `kubernetes` has begun, and how an object says that it is done.
//!
//! The rules are those of `kubectl rollout status`.

use std::fmt;

use rbl_check::reference::{KubernetesReference, KubernetesVerb, is_kubernetes_name};
use rbl_syntax::one_line;
use rbl_syntax::value::{Reason, ReasonKind};
use serde_json::{Value, json};

use super::follow::RemoteState;

/// The annotation of the pods that a restart leaves: a change of it makes new pods, and the same one twice none.
pub(super) const RESTART_MARK: &str = "rbl/restart";

/// Something that was begun. As a text it is what people read and what the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RemoteWork {
    pub(super) verb: KubernetesVerb,
    kind: String,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    /// The mark of a restart or a job, the number of replicas.
    mark: String,
}

impl RemoteWork {
    pub(super) fn of(reference: KubernetesReference<'_>, mark: &str) -> Self {
        let kind = if reference.verb == KubernetesVerb::Run { "job" } else { reference.kind };
        Self {
            verb: reference.verb,
            kind: kind.to_owned(),
            name: reference.name.to_owned(),
            namespace: reference.namespace.map(str::to_owned),
            mark: mark.to_owned(),
        }
    }

    /// As `kubectl` names it.
    pub(super) fn object(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    /// What a person can do about a change that goes on; `None`: a job, which can be ended.
    pub(super) fn way_back(&self) -> Option<String> {
        let space = self.namespace.as_ref().map_or_else(String::new, |space| format!(" --namespace={space}"));
        let object = self.object();
        match self.verb {
            KubernetesVerb::Run => None,
            KubernetesVerb::Restart => {
                Some(format!("`kubectl rollout undo {object}{space}` would replace the pods once more"))
            }
            KubernetesVerb::Scale => {
                Some(format!("`kubectl scale {object}{space} --replicas=N` asks for another number"))
            }
        }
    }

    /// What [`Display`](fmt::Display) wrote.
    pub(super) fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let (verb, object, namespace, mark) = match words.as_slice() {
            [verb, object, mark] => (*verb, *object, None, *mark),
            [verb, object, "in", namespace, mark] => (*verb, *object, Some(*namespace), *mark),
            _ => return None,
        };
        let verb = [KubernetesVerb::Restart, KubernetesVerb::Scale, KubernetesVerb::Run]
            .into_iter()
            .find(|known| known.word() == verb)?;
        let (kind, name) = object.split_once('/')?;
        let mark = mark.strip_prefix('(')?.strip_suffix(')')?;
        let known = kind == "job" || verb.kinds().contains(&kind);
        let sound = known && is_kubernetes_name(name) && namespace.is_none_or(is_kubernetes_name);
        sound.then(|| Self {
            verb,
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            mark: mark.to_owned(),
        })
    }

    /// How it stands, from the object; `None`: there is none.
    pub(super) fn state(&self, seen: Option<&Value>) -> RemoteState {
        let Some(seen) = seen else {
            return failed(&format!("{} is gone", self.object()));
        };
        match self.verb {
            KubernetesVerb::Run => self.job(seen),
            KubernetesVerb::Scale => self.scaled(seen),
            KubernetesVerb::Restart => self.restarted(seen),
        }
    }

    fn restarted(&self, seen: &Value) -> RemoteState {
        let marks = seen.pointer("/spec/template/metadata/annotations");
        if marks.and_then(|marks| marks.get(RESTART_MARK)).is_none() {
            return failed(&format!("{} was put back to pods from before the restart", self.object()));
        }
        if seen.pointer("/spec/paused").and_then(Value::as_bool) == Some(true) {
            return failed(&format!("{} is paused: no pod is replaced until it is resumed", self.object()));
        }
        if let Some(why) =
            condition(seen, "Progressing", "False").filter(|why| why.reason == "ProgressDeadlineExceeded")
        {
            return failed(&format!("{} does not get on: {}", self.object(), why.message));
        }
        let (new, wanted, ready) = match self.kind.as_str() {
            "daemonset" => (
                number(seen, "/status/updatedNumberScheduled"),
                number(seen, "/status/desiredNumberScheduled"),
                number(seen, "/status/numberAvailable"),
            ),
            "statefulset" => (
                number(seen, "/status/updatedReplicas"),
                replicas(seen),
                number(seen, "/status/readyReplicas"),
            ),
            _ => (
                number(seen, "/status/updatedReplicas"),
                replicas(seen),
                number(seen, "/status/availableReplicas"),
            ),
        };
        let old = match self.kind.as_str() {
            "deployment" => number(seen, "/status/replicas").saturating_sub(new),
            "statefulset" => {
                let revision = |name: &str| seen.pointer(&format!("/status/{name}")).and_then(Value::as_str);
                u64::from(revision("updateRevision") != revision("currentRevision"))
            }
            _ => 0,
        };
        if is_observed(seen) && new >= wanted && ready >= wanted && old == 0 {
            return RemoteState::Succeeded(format!(
                "{}: {ready} of {wanted} pods are new and ready",
                self.object()
            ));
        }
        RemoteState::GoesOn(format!("{new} of {wanted} pods are new, {ready} ready"))
    }

    fn scaled(&self, seen: &Value) -> RemoteState {
        let asked = replicas(seen);
        if asked.to_string() != self.mark {
            return failed(&format!("{} was scaled to {asked} meanwhile", self.object()));
        }
        let (there, ready) = (number(seen, "/status/replicas"), number(seen, "/status/readyReplicas"));
        if is_observed(seen) && there == asked && ready == asked {
            return RemoteState::Succeeded(format!("{}: {ready} of {asked} pods are ready", self.object()));
        }
        RemoteState::GoesOn(format!("{there} pods of {asked}, {ready} ready"))
    }

    fn job(&self, seen: &Value) -> RemoteState {
        if condition(seen, "Complete", "True").is_some() {
            return RemoteState::Succeeded(String::new());
        }
        if let Some(why) = condition(seen, "Failed", "True") {
            return failed(&format!("{} failed: {}: {}", self.object(), why.reason, why.message));
        }
        RemoteState::GoesOn(format!("{} pods run", number(seen, "/status/active")))
    }
}

impl fmt::Display for RemoteWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb.word(), self.object())?;
        if let Some(namespace) = &self.namespace {
            write!(f, " in {namespace}")?;
        }
        write!(f, " ({})", self.mark)
    }
}

/// A condition of an object.
struct ObjectCondition<'a> {
    reason: &'a str,
    message: &'a str,
}

fn condition<'a>(seen: &'a Value, kind: &str, status: &str) -> Option<ObjectCondition<'a>> {
    let all = seen.pointer("/status/conditions").and_then(Value::as_array)?;
    let field = |one: &'a Value, name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
    all.iter()
        .find(|one| field(one, "type") == kind && field(one, "status") == status)
        .map(|one| ObjectCondition { reason: field(one, "reason"), message: field(one, "message") })
}

fn number(seen: &Value, place: &str) -> u64 {
    seen.pointer(place).and_then(Value::as_u64).unwrap_or(0)
}

/// How many pods are wanted: one where nothing is written.
fn replicas(seen: &Value) -> u64 {
    seen.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1)
}

/// Whether the status is about the object as it is now.
fn is_observed(seen: &Value) -> bool {
    number(seen, "/status/observedGeneration") >= number(seen, "/metadata/generation")
}

fn failed(text: &str) -> RemoteState {
    RemoteState::Failed(Reason::new(ReasonKind::ProviderError, one_line(text)))
}

/// The name of the job of an action: that of its cron job, cut, and the beginning of the mark.
pub(super) fn job_name(cronjob: &str, mark: &str) -> String {
    let cut: String = cronjob.chars().take(40).collect();
    let mark: String = mark.chars().filter(|c| *c != '-').take(12).collect();
    format!("{}-{mark}", cut.trim_end_matches(['-', '.']))
}

/// The job that a cron job describes, with these variables in each of its containers.
pub(super) fn job_of(cronjob: &Value, name: &str, variables: &[(String, String)]) -> Option<Value> {
    let template = cronjob.pointer("/spec/jobTemplate")?;
    let mut spec = template.get("spec")?.clone();
    for containers in ["containers", "initContainers"] {
        let all = spec.pointer_mut(&format!("/template/spec/{containers}")).and_then(Value::as_array_mut);
        for container in all.into_iter().flatten().filter_map(Value::as_object_mut) {
            let environment = container.entry("env").or_insert_with(|| json!([]));
            let Some(environment) = environment.as_array_mut() else { continue };
            environment.retain(|one| {
                let own = one.get("name").and_then(Value::as_str);
                !variables.iter().any(|(name, _)| own == Some(name.as_str()))
            });
            environment.extend(variables.iter().map(|(name, value)| json!({ "name": name, "value": value })));
        }
    }
    let mut annotations = template.pointer("/metadata/annotations").cloned().unwrap_or_else(|| json!({}));
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.insert("cronjob.kubernetes.io/instantiate".into(), json!("manual"));
    }
    let labels = template.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
    Some(json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "name": name, "annotations": annotations, "labels": labels },
        "spec": spec,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(text: &str) -> RemoteWork {
        RemoteWork::read(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn what_was_begun_is_written_and_read_back() {
        for text in [
            "restart deployment/api (1a2b)",
            "scale statefulset/db in shop (3)",
            "run job/clean-up-0a1b2c in ops (0a1b2c)",
        ] {
            assert_eq!(work(text).to_string(), text);
        }
        for text in
            ["", "restart deployment/api", "restart pod/api (1)", "run job/A (1)", "undo deployment/a (1)"]
        {
            assert_eq!(RemoteWork::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_restart_is_over_when_every_pod_is_new_and_ready() {
        let restart = work("restart deployment/api (m)");
        let deployment = |observed: u64, replicas: u64, updated: u64, available: u64| {
            json!({
                "metadata": { "generation": 4 },
                "spec": { "replicas": 3, "template": { "metadata": { "annotations": { RESTART_MARK: "m" } } } },
                "status": { "observedGeneration": observed, "replicas": replicas, "updatedReplicas": updated, "availableReplicas": available },
            })
        };
        let goes_on = |seen: &Value| matches!(restart.state(Some(seen)), RemoteState::GoesOn(_));
        assert!(goes_on(&deployment(3, 3, 3, 3)), "the status is of before");
        assert!(goes_on(&deployment(4, 4, 3, 3)), "an old pod is left");
        assert!(goes_on(&deployment(4, 3, 3, 2)));
        assert!(matches!(restart.state(Some(&deployment(4, 3, 3, 3))), RemoteState::Succeeded(_)));

        let why = |seen: &Value| match restart.state(Some(seen)) {
            RemoteState::Failed(why) => why.text,
            other => panic!("{other:?}"),
        };
        let mut paused = deployment(4, 3, 1, 3);
        paused["spec"]["paused"] = json!(true);
        assert!(why(&paused).contains("is paused"));
        let mut stuck = deployment(4, 4, 1, 3);
        stuck["status"]["conditions"] = json!([{ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "no\nprogress" }]);
        assert!(why(&stuck).contains("does not get on: no"));
        let mut undone = deployment(4, 3, 3, 3);
        undone["spec"]["template"]["metadata"] = json!({});
        assert!(why(&undone).contains("from before the restart"));
        assert_eq!(restart.state(None), failed("deployment/api is gone"));
    }

    #[test]
    fn each_kind_has_its_own_numbers() {
        let marked = json!({ "metadata": { "annotations": { RESTART_MARK: "m" } } });
        let done =
            |text: &str, seen: &Value| matches!(work(text).state(Some(seen)), RemoteState::Succeeded(_));
        let mut daemons = json!({
            "spec": { "template": marked },
            "status": { "updatedNumberScheduled": 5, "desiredNumberScheduled": 5, "numberAvailable": 4 },
        });
        assert!(!done("restart daemonset/agent (m)", &daemons));
        daemons["status"]["numberAvailable"] = json!(5);
        assert!(done("restart daemonset/agent (m)", &daemons));

        let mut set = json!({
            "spec": { "replicas": 2, "template": marked },
            "status": { "updatedReplicas": 2, "readyReplicas": 2, "updateRevision": "b", "currentRevision": "a" },
        });
        assert!(!done("restart statefulset/db (m)", &set));
        set["status"]["currentRevision"] = json!("b");
        assert!(done("restart statefulset/db (m)", &set));

        let mut scaled = json!({ "spec": { "replicas": 0 }, "status": { "replicas": 1 } });
        assert!(!done("scale deployment/api (0)", &scaled));
        scaled["status"] = json!({});
        assert!(done("scale deployment/api (0)", &scaled));
        assert!(matches!(work("scale deployment/api (2)").state(Some(&scaled)), RemoteState::Failed(_)));

        let job = |kind: &str| json!({ "status": { "conditions": [{ "type": kind, "status": "True", "reason": "BackoffLimitExceeded", "message": "too often" }] } });
        assert!(done("run job/a (m)", &job("Complete")));
        let RemoteState::Failed(why) = work("run job/a (m)").state(Some(&job("Failed"))) else { panic!() };
        assert_eq!(why.text, "job/a failed: BackoffLimitExceeded: too often");
        assert!(matches!(
            work("run job/a (m)").state(Some(&job("SuccessCriteriaMet"))),
            RemoteState::GoesOn(_)
        ));
    }

    #[test]
    fn a_job_is_that_of_its_cron_job_with_the_variables() {
        let cronjob = json!({ "spec": { "jobTemplate": {
            "metadata": { "labels": { "app": "clean" } },
            "spec": { "template": { "spec": { "containers": [
                { "name": "a", "env": [{ "name": "SERVICE", "value": "all" }, { "name": "LEVEL", "value": "1" }] },
                { "name": "b" },
            ] } } },
        } } });
        let job = job_of(&cronjob, "clean-1", &[("SERVICE".to_owned(), "api".to_owned())]).unwrap();
        assert_eq!(job["metadata"]["labels"]["app"], "clean");
        assert_eq!(job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"], "manual");
        let containers = &job["spec"]["template"]["spec"]["containers"];
        assert_eq!(
            containers[0]["env"],
            json!([{ "name": "LEVEL", "value": "1" }, { "name": "SERVICE", "value": "api" }])
        );
        assert_eq!(containers[1]["env"], json!([{ "name": "SERVICE", "value": "api" }]));
        assert_eq!(job_name(&"x".repeat(60), "0a1b2c3d-4e5f-6071").len(), 53);
        assert_eq!(job_of(&json!({}), "a", &[]), None);
    }
}
