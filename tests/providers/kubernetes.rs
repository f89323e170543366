//! The provider `kubernetes`: the real kubectl against an API of ours, and what a kubectl that fails says.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_runtime::ReadTime;
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;
use rbl_world::provider::Provider;

use super::{at, hostile, one, provider_in, read, read_pieces, text, typed, value};
use crate::support::{Fake, Response, free_port, has_kubectl, write_program};

/// The secret that the file of the cluster holds.
const TOKEN: &str = "planted-Secret-0123456789abcdefg";

const DEPLOYMENT: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api","namespace":"shop"},"spec":{"replicas":3},"status":{"availableReplicas":2,"conditions":[{"type":"Available","status":"True"},{"type":"Progressing","status":"False"}]}}"#;

/// An API with the resources of a cluster, as kubectl finds them out.
fn api() -> Fake {
    Fake::start(|request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let resource = |name: &str, kind: &str| {
            format!(
                r#"{{"name":"{name}","singularName":"{}","namespaced":true,"kind":"{kind}","verbs":["get","list"]}}"#,
                kind.to_lowercase()
            )
        };
        let status = |code: &str, number: u16, reason: &str, message: &str| {
            let body = format!(
                r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{reason}","message":"{message}","code":{number}}}"#
            );
            Response::of(code, "application/json", &body)
        };
        match path {
            "/version" => Response::json(r#"{"major":"1","minor":"32","gitVersion":"v1.32.4"}"#),
            "/api" => Response::json(r#"{"kind":"APIVersions","versions":["v1"]}"#),
            "/apis" => Response::json(
                r#"{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]}"#,
            ),
            "/api/v1" => Response::json(&format!(
                r#"{{"kind":"APIResourceList","groupVersion":"v1","resources":[{},{}]}}"#,
                resource("pods", "Pod"),
                resource("secrets", "Secret")
            )),
            "/apis/apps/v1" => Response::json(&format!(
                r#"{{"kind":"APIResourceList","groupVersion":"apps/v1","resources":[{}]}}"#,
                resource("deployments", "Deployment")
            )),
            "/apis/apps/v1/namespaces/shop/deployments/api" => Response::json(DEPLOYMENT),
            "/api/v1/namespaces/shop/pods" => Response::json(
                r#"{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[
                    {"kind":"Pod","apiVersion":"v1","metadata":{"name":"api-1","namespace":"shop"},"status":{"phase":"Running","containerStatuses":[{"restartCount":4}]}},
                    {"kind":"Pod","apiVersion":"v1","metadata":{"name":"api-2","namespace":"shop"},"status":{"phase":"Pending","containerStatuses":[{"restartCount":0}]}}]}"#,
            ),
            path if path.ends_with("/secrets/key") => {
                status("403 Forbidden", 403, "Forbidden", "secrets is forbidden")
            }
            path if path.ends_with("/deployments/slow") => {
                Response::json(DEPLOYMENT).after(Duration::from_mins(5))
            }
            path if path.ends_with("/deployments/broken") => {
                Response::of("500 Internal Server Error", "text/html", "<html>")
            }
            path if path.ends_with("/deployments/busy") => {
                status("429 Too Many Requests", 429, "TooManyRequests", "too many requests")
            }
            path if path.ends_with("/deployments/page") => {
                Response::of("200 OK", "text/html", "<html>sign in")
            }
            _ => status("404 Not Found", 404, "NotFound", "deployments.apps \\\"gone\\\" not found"),
        }
    })
}

/// The file with two clusters: ours, and one that is not there.
fn kubeconfig(folder: &Path, url: &str) {
    let text = format!(
        "apiVersion: v1
kind: Config
clusters:
- {{ name: ours, cluster: {{ server: '{url}' }} }}
- {{ name: gone, cluster: {{ server: 'http://127.0.0.1:{}' }} }}
users:
- {{ name: me, user: {{ token: {TOKEN} }} }}
contexts:
- {{ name: ours, context: {{ cluster: ours, user: me, namespace: shop }} }}
- {{ name: gone, context: {{ cluster: gone, user: me }} }}
current-context: ours
",
        free_port()
    );
    std::fs::write(folder.join("cluster"), text).unwrap();
}

fn it(folder: &Path, more: &str) -> Arc<dyn Provider> {
    let timeout = if more.contains("timeout") { "" } else { "timeout = \"30s\"" };
    let section = format!(
        "[providers.it]\ntype = \"kubernetes\"\nkubeconfig = \"cluster\"\ncommand = [\"kubectl\", \"--cache-dir={}\"]\n{timeout}\n{more}\n",
        folder.display()
    );
    provider_in(&section, "it", folder)
}

#[test]
fn fields_of_objects_by_the_real_kubectl() {
    if !has_kubectl() {
        return;
    }
    let (server, folder) = (api(), tempfile::tempdir().unwrap());
    kubeconfig(folder.path(), &server.url());
    let ours = it(folder.path(), "");
    let quick = it(folder.path(), "timeout = \"3s\"");
    assert_eq!(one(&ours, "deployment api $.status.availableReplicas"), 2.0);
    assert_eq!(one(&ours, "deployment/api -n shop $.spec.replicas"), 3.0);
    let state =
        typed(&ours, MetricType::Text, "deployment api $.status.conditions[?@.type=='Available'].status");
    assert_eq!(state.unwrap().texts[0].text, "True");
    let restarts =
        read(&ours, "pods -l app=api $.items[*].status.containerStatuses[*].restartCount").unwrap();
    assert_eq!(restarts.samples.iter().map(|it| it.value).collect::<Vec<f64>>(), [4.0, 0.0]);
    let names =
        typed(&ours, MetricType::Lines, "pods $.items[?@.status.phase!='Running'].metadata.name").unwrap();
    assert_eq!(names.lines.unwrap(), ["api-2"]);
    assert!(
        read(&ours, "deployment api $.status.unavailableReplicas").unwrap().samples.is_empty(),
        "no field"
    );
    let pieces = vec![text("deployment "), value("api"), text(" $.spec['"), value("replicas"), text("']")];
    assert_eq!(read_pieces(&ours, pieces, ReadTime::Now).unwrap().samples[0].value, 3.0);
    assert!(server.requests().iter().any(|request| request.contains("labelSelector=app%3Dapi")));
    assert_eq!(ours.test().unwrap(), "Kubernetes v1.32.4");
    for (query, kind, words) in [
        ("deployment gone $.a", ReasonKind::NoData, "\"gone\" not found"),
        ("secret key $.data.a", ReasonKind::ProviderError, "kubectl is not let in"),
        ("deployment slow $.a", ReasonKind::TimedOut, "kubectl"),
        ("deployment broken $.a", ReasonKind::ProviderError, "kubectl: "),
        ("deployment busy $.a", ReasonKind::ProviderError, "kubectl: "),
        ("nonsense api $.a", ReasonKind::ProviderError, "doesn't have a resource type \"nonsense\""),
        ("deployment api $.metadata.name", ReasonKind::Unreadable, "the text \"api\", not a number"),
        ("deployment api", ReasonKind::NotRun, "has no JSONPath"),
    ] {
        let began = Instant::now();
        let asked = if kind == ReasonKind::TimedOut { &quick } else { &ours };
        let reason = read(asked, query).unwrap_err();
        assert_eq!(reason.kind, kind, "{query}: {reason}");
        assert!(reason.text.contains(words) && !reason.text.contains(TOKEN), "{query}: {reason}");
        assert!(began.elapsed() < Duration::from_mins(1), "{query}: {:?}", began.elapsed());
    }
    assert!(read(&quick, "deployment page $.a").is_err(), "a page for people");
    let window = ReadTime::Window { end: at(100.0), seconds: 10.0 };
    let reason = read_pieces(&ours, vec![text("pods $.a")], window).unwrap_err();
    assert_eq!(reason.kind, ReasonKind::NoHistory);
    for hostile in hostile() {
        let pieces = vec![text("deployment "), value(&hostile), text(" $.spec.replicas")];
        let reason = read_pieces(&ours, pieces, ReadTime::Now).unwrap_err();
        assert!(reason.text.contains("is no name") || reason.kind == ReasonKind::NoData, "{reason}");
    }
    let reason = read(&it(folder.path(), "context = \"gone\""), "pods $.a").unwrap_err();
    assert_eq!(reason.kind, ReasonKind::Unreachable, "{reason}");
    let reason = read(&it(folder.path(), "context = \"nowhere\""), "pods $.a").unwrap_err();
    assert!(reason.text.contains("nowhere"), "{reason}");
    let elsewhere = it(folder.path(), "namespace = \"elsewhere\"");
    assert_eq!(read(&elsewhere, "deployment api $.a").unwrap_err().kind, ReasonKind::NoData);
    assert_eq!(one(&elsewhere, "deployment api -n shop $.spec.replicas"), 3.0, "the query says where");
}

#[test]
fn a_kubectl_that_fails_is_unknown() {
    for (script, kind, words) in [
        ("sleep 60", ReasonKind::TimedOut, "no answer from kubectl within 1s"),
        ("echo '<html>'", ReasonKind::BadAnswer, "not JSON"),
        ("echo '[1]'", ReasonKind::BadAnswer, "one JSON object"),
        (
            "echo '{\"spec\": {\"a\": 1, \"a\": 2}}'",
            ReasonKind::BadAnswer,
            "kubectl printed JSON in which the key `a` is there twice",
        ),
        ("true", ReasonKind::BadAnswer, "not JSON"),
        ("kill -9 $$", ReasonKind::ProviderError, "ended by signal 9"),
        ("exit 5", ReasonKind::ProviderError, "ended with exit code 5"),
        ("echo '{\"items\": [], \"metadata\": {\"continue\": \"abc\"}}'", ReasonKind::Partial, "first page"),
        (
            "echo 'error: You must be logged in to the server (Unauthorized)' >&2; exit 1",
            ReasonKind::ProviderError,
            "is not let in",
        ),
        (
            "echo 'Unable to connect to the server: x509: certificate signed by unknown authority' >&2; exit 1",
            ReasonKind::Unreachable,
            "unknown authority",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_program(&folder.path().join("kubectl"), &format!("#!/bin/sh\n{script}\n"));
        let timeout = if kind == ReasonKind::TimedOut { "1s" } else { "30s" };
        let section = format!(
            "[providers.it]\ntype = \"kubernetes\"\ncommand = [\"./kubectl\"]\ntimeout = \"{timeout}\"\n"
        );
        let fake = provider_in(&section, "it", folder.path());
        let reason = read(&fake, "pods $.a").unwrap_err();
        assert_eq!(reason.kind, kind, "{script}: {reason}");
        assert!(reason.text.contains(words), "{script}: {reason}");
    }
    let none = provider_in(
        "[providers.it]\ntype = \"kubernetes\"\ncommand = [\"no-such-kubectl\"]\n",
        "it",
        Path::new("."),
    );
    assert_eq!(read(&none, "pods $.a").unwrap_err().kind, ReasonKind::Unreachable);
}
