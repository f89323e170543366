//! The executor `kubernetes`: the real `kubectl` against a fake of the API of Kubernetes.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::failures::{act, certificates, configured};
use super::following::System;
use super::services::body;
use super::{everything, flat, run};
use crate::cli::shell::{Ended, Shell};
use crate::support::{Fake, Response, free_port, has_kubectl};
use rbl_runtime::{Act, Acted, Argument, CommandLine, Datum, Piece, Secrets};
use rbl_syntax::value::SecretRef;
use rbl_world::executor::Job;

const TOKEN: &str = "planted-Token-kube-7788";

fn resources(version: &str, all: &[(&str, &str)]) -> Response {
    let verbs = ["create", "delete", "get", "list", "patch", "update"];
    let all: Vec<Value> = all
        .iter()
        .map(|(name, kind)| json!({ "name": name, "singularName": kind.to_lowercase(), "namespaced": true, "kind": kind, "verbs": verbs }))
        .collect();
    Response::json(
        &json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": all })
            .to_string(),
    )
}

fn status(code: &str, reason: &str, message: &str) -> Response {
    let number: u32 = code.split(' ').next().unwrap().parse().unwrap();
    let status = if number < 300 { "Success" } else { "Failure" };
    let body = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": status, "reason": reason, "message": message, "code": number });
    Response::of(code, "application/json", &body.to_string())
}

fn deployment(state: &str) -> Value {
    let ready = if state == "Success" { 3 } else { 1 };
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "api", "namespace": "shop", "generation": 2, "resourceVersion": "7" },
        "spec": {
            "replicas": 3,
            "selector": { "matchLabels": { "app": "api" } },
            "template": { "metadata": { "annotations": { "rbl/restart": "m" } } },
        },
        "status": { "observedGeneration": 2, "replicas": 3, "updatedReplicas": ready, "availableReplicas": ready, "readyReplicas": ready },
    })
}

fn job(name: &str, state: &str) -> Value {
    let conditions = match state {
        "Success" => json!([{ "type": "Complete", "status": "True" }]),
        "Failed" => {
            json!([{ "type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit" }])
        }
        _ => json!([]),
    };
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name, "namespace": "shop" },
        "spec": { "selector": { "matchLabels": { "job-name": name } }, "template": { "metadata": { "labels": { "job-name": name } }, "spec": { "containers": [] } } },
        "status": { "conditions": conditions, "active": 1 },
    })
}

/// A cluster with the deployment `api` and the cron job `clean`; `state`: how what was begun stands.
fn cluster(request: &str, state: &str) -> Response {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let path = target.split('?').next().unwrap();
    let group = |name: &str| json!({ "name": name, "versions": [{ "groupVersion": format!("{name}/v1"), "version": "v1" }], "preferredVersion": { "groupVersion": format!("{name}/v1"), "version": "v1" } });
    let missing = |what: &str| status("404 Not Found", "NotFound", &format!("{what} not found"));
    let space = "/namespaces/shop";
    match (method, path) {
        (_, "/api") => Response::json("{\"kind\": \"APIVersions\", \"versions\": [\"v1\"], \"serverAddressByClientCIDRs\": []}"),
        (_, "/apis") => Response::json(&json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [group("apps"), group("batch")] }).to_string()),
        (_, "/api/v1") => resources("v1", &[("pods", "Pod"), ("pods/log", "Pod")]),
        (_, "/apis/apps/v1") => resources("apps/v1", &[("deployments", "Deployment"), ("deployments/scale", "Scale"), ("statefulsets", "StatefulSet"), ("daemonsets", "DaemonSet"), ("replicasets", "ReplicaSet")]),
        (_, "/apis/batch/v1") => resources("batch/v1", &[("cronjobs", "CronJob"), ("jobs", "Job")]),
        (_, "/version") => Response::json("{\"major\": \"1\", \"minor\": \"32\", \"gitVersion\": \"v1.32.4\", \"gitCommit\": \"0\", \"gitTreeState\": \"clean\", \"buildDate\": \"2026-01-01T00:00:00Z\", \"goVersion\": \"go1.23\", \"compiler\": \"gc\", \"platform\": \"linux/amd64\"}"),
        (_, path) if path == format!("/apis/apps/v1{space}/deployments/api") => Response::json(&deployment(state).to_string()),
        (_, path) if path == format!("/apis/apps/v1{space}/deployments/api/scale") => Response::json(
            "{\"kind\": \"Scale\", \"apiVersion\": \"autoscaling/v1\", \"metadata\": {\"name\": \"api\", \"namespace\": \"shop\"}, \"spec\": {\"replicas\": 3}, \"status\": {\"replicas\": 3}}",
        ),
        (_, path) if path == format!("/apis/batch/v1{space}/cronjobs/clean") => Response::json(
            &json!({
                "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": "clean", "namespace": "shop" },
                "spec": { "schedule": "0 3 * * *", "jobTemplate": { "metadata": { "labels": { "app": "clean" } }, "spec": { "template": { "spec": {
                    "restartPolicy": "Never", "containers": [{ "name": "clean", "image": "clean:1", "env": [{ "name": "SERVICE", "value": "all" }] }] } } } } },
            })
            .to_string(),
        ),
        ("POST", path) if path == format!("/apis/batch/v1{space}/jobs") => {
            Response::of("201 Created", "application/json", &body(request).to_string())
        }
        (_, path) if path.starts_with(&format!("/apis/batch/v1{space}/jobs/")) => {
            let name = path.rsplit('/').next().unwrap();
            match (method, state) {
                ("DELETE", _) => status("200 OK", "", ""),
                (_, "Cancelled") => missing(&format!("jobs.batch \"{name}\"")),
                _ => Response::json(&job(name, state).to_string()),
            }
        }
        (_, path) if path == format!("/api/v1{space}/pods") => Response::json(
            "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": [{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"clean-pod\", \"namespace\": \"shop\"}, \
             \"spec\": {\"containers\": [{\"name\": \"clean\"}]}, \"status\": {\"phase\": \"Succeeded\"}}]}",
        ),
        (_, path) if path == format!("/api/v1{space}/pods/clean-pod/log") => {
            Response::of("200 OK", "text/plain", "cleaned 3 tables\n")
        }
        _ => missing(path),
    }
}

fn kubeconfig(url: &str) -> String {
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "ours",
        "clusters": [{ "name": "ours", "cluster": { "server": url } }],
        "users": [{ "name": "rbl", "user": { "token": TOKEN } }],
        "contexts": [{ "name": "ours", "context": { "cluster": "ours", "user": "rbl", "namespace": "shop" } }],
    });
    config.to_string()
}

const SECTION: &str = "[executors.k8s]\ntype = \"kubernetes\"\nkubeconfig = \"kube.json\"\ncommand = [\"kubectl\", \"--cache-dir=cache\"]\nevery = \"100ms\"\n";

const RESTART: &str = "define restart(name) as k8s \"restart deployment/#{name}\"\n\naction restart(\"api\") within 20s as done else { \"it was not done\" }\n\"said: #{done.text}\"";
const SCALE: &str = "define scale(replicas) as k8s \"scale deployment/api in shop\"\n\naction scale(3) within 20s as done else { \"it was not done\" }\n\"said: #{done.text}\"";
const CLEAN: &str = "define clean(service) as k8s \"run cronjob/clean\"\n\naction clean(\"a b\") within 20s as done else { \"it was not done\" }\n\"said: #{done.text}\"";

fn shell(system: &Fake) -> Shell {
    let shell = Shell::new();
    shell.write("kube.json", kubeconfig(&system.url()));
    shell
}

fn ends_well(shell: &Shell, system: &System, body: &str, words: &str) -> Ended {
    let ended = run(shell, SECTION, body).code(0);
    let story = flat(&ended);
    assert!(
        story.contains(words) && !story.contains("it was not done"),
        "{} {:?}",
        ended.out,
        system.server.requests()
    );
    assert!(!everything(shell, &ended).contains(TOKEN));
    ended
}

fn over_soon(system: &System) {
    let over = Arc::clone(&system.over);
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        over.store(true, Ordering::SeqCst);
    });
}

#[test]
fn each_verb_is_followed_to_its_end() {
    if !has_kubectl() {
        return;
    }
    let system = System::start(cluster);
    over_soon(&system);
    ends_well(
        &shell(&system.server),
        &system,
        RESTART,
        "said: deployment/api: 3 of 3 pods are new and ready",
    );
    let patches: Vec<Value> =
        system.server.requests().iter().filter(|it| it.starts_with("PATCH ")).map(|it| body(it)).collect();
    assert_eq!(patches.len(), 1);
    let mark = patches[0]["spec"]["template"]["metadata"]["annotations"]["rbl/restart"].as_str().unwrap();
    assert_eq!(mark.len(), 36);

    let system = System::start(cluster);
    over_soon(&system);
    ends_well(&shell(&system.server), &system, SCALE, "said: deployment/api: 3 of 3 pods are ready");
    assert!(system.count("/deployments/api/scale") >= 1, "{:?}", system.server.requests());

    let system = System::start(cluster);
    over_soon(&system);
    let ended = ends_well(&shell(&system.server), &system, CLEAN, "said: cleaned 3 tables");
    assert!(flat(&ended).contains("run job/clean-"), "{}", ended.out);
    let made: Vec<Value> = system
        .server
        .requests()
        .iter()
        .filter(|it| it.starts_with("POST /apis/batch/v1/namespaces/shop/jobs"))
        .map(|it| body(it))
        .collect();
    assert_eq!(made.len(), 1);
    assert_eq!(
        made[0]["spec"]["template"]["spec"]["containers"][0]["env"],
        json!([{ "name": "SERVICE", "value": "a b" }])
    );
    assert_eq!(made[0]["metadata"]["labels"]["app"], "clean");
}

/// Killed in the middle: whoever resumes the run looks at the same job, and makes no second.
#[test]
fn a_job_is_followed_again_after_rbl_was_killed() {
    if !has_kubectl() {
        return;
    }
    let system = System::start(cluster);
    let shell = shell(&system.server);
    shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{SECTION}"));
    shell.write("it.rb", format!("runbook \"It\"\nowner \"owners\"\n\n{CLEAN}\n"));
    let mut command = shell.command("run it.rb --no-input");
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().unwrap();
    system.wait_for("GET /apis/batch/v1/namespaces/shop/jobs/clean-", 2);
    child.kill().unwrap();
    child.wait().unwrap();
    over_soon(&system);
    let ended = shell.rbl("resume last --no-input").code(0);
    let story = flat(&ended);
    assert!(story.contains("is still followed in k8s, and not begun again"), "{}", ended.out);
    assert!(story.contains("said: cleaned 3 tables"), "{}", ended.out);
    assert_eq!(system.count("POST /apis/batch/v1/namespaces/shop/jobs"), 1);
    assert!(!everything(&shell, &ended).contains(TOKEN));
}

/// A job is ended; a change that Kubernetes has taken cannot be, which is said.
#[test]
fn when_the_time_is_up() {
    if !has_kubectl() {
        return;
    }
    // At the same time: each waits until its time is up, which is long enough for several starts of kubectl.
    std::thread::scope(|scope| {
        scope.spawn(a_job_is_ended);
        scope.spawn(a_change_is_not);
    });
}

/// What an execution comes to that goes on for longer than its action may take.
fn timed_out(system: &System, body: &str) -> Ended {
    let section = SECTION.replace("100ms", "500ms");
    run(&shell(&system.server), &section, &body.replace("within 20s", "within 10s")).code(0)
}

fn a_job_is_ended() {
    let system = System::start(cluster);
    let ended = timed_out(&system, CLEAN);
    assert!(system.cancelled.load(Ordering::SeqCst), "{:?}", system.server.requests());
    assert!(flat(&ended).contains("timed out after 10s, and run job/clean-"), "{}", ended.out);
    assert!(flat(&ended).contains("was ended") && flat(&ended).contains("it was not done"), "{}", ended.out);
}

fn a_change_is_not() {
    let changes = [
        (
            RESTART,
            "Kubernetes continues it, 1 of 3 pods are new, 1 ready; `kubectl rollout undo deployment/api` would replace the pods once more",
        ),
        (
            SCALE,
            "Kubernetes continues it, 3 pods of 3, 1 ready; `kubectl scale deployment/api --namespace=shop --replicas=N` asks for another number",
        ),
    ];
    let each = |(body, words): (&str, &str)| {
        let system = System::start(cluster);
        let ended = timed_out(&system, body);
        let story = flat(&ended);
        assert!(
            story.contains("may still run: it could not be ended") && story.contains(words),
            "{}",
            ended.out
        );
        // Nothing but looks after the change.
        let changes = system.server.requests().iter().filter(|it| !it.starts_with("GET ")).count();
        assert_eq!(changes, 1, "{:?}", system.server.requests());
    };
    std::thread::scope(|scope| {
        for change in changes {
            scope.spawn(move || each(change));
        }
    });
}

/// Runs one job of this executor; `timeout`: how long one kubectl may take.
fn acted(folder: &Path, url: &str, timeout: &str, pieces: Vec<Piece>, arguments: Vec<Argument>) -> Acted {
    std::fs::write(folder.join("kube.json"), kubeconfig(url)).unwrap();
    // What kubectl keeps is kept in the folder of the test.
    let section =
        SECTION.replace("cache-dir=cache", &format!("cache-dir={}", folder.join("cache").display()));
    let connections = configured(&format!("{section}timeout = \"{timeout}\"\n"), folder);
    let act = Act { within: 20.0, ..act() };
    let (job, stopper) = Job::new(act, CommandLine(pieces), arguments, Secrets::new());
    let acted = connections.executors["k8s"].it.run(&job);
    drop(stopper);
    acted
}

fn refusal(url: &str, reference: &str) -> String {
    refusal_within(url, "20s", reference)
}

fn refusal_within(url: &str, timeout: &str, reference: &str) -> String {
    let (folder, pieces) = (tempfile::tempdir().unwrap(), vec![Piece::Text(reference.into())]);
    acted(folder.path(), url, timeout, pieces, Vec::new()).result.unwrap_err().text
}

#[test]
fn what_goes_wrong_says_what_is_known() {
    if !has_kubectl() {
        return;
    }
    let system = Fake::start(|request| cluster(request, "Failed"));
    let why = refusal(&system.url(), "run cronjob/clean");
    assert!(why.contains("failed: BackoffLimitExceeded"), "{why}");
    let why = refusal(&system.url(), "run cronjob/none");
    assert!(why.contains("there is no cron job `none`"), "{why}");
    let why = refusal(&system.url(), "restart deployment/none");
    assert!(why.contains("NotFound") && !why.contains("may have been"), "{why}");

    // The patch of a restart goes through each of the bad days.
    let changing = |response: Response| {
        Fake::start(move |request| {
            if request.starts_with("PATCH ") { response.clone() } else { cluster(request, "Success") }
        })
    };
    let page = format!("<html>Sign in {TOKEN}");
    for (day, response, unclear) in [
        ("hung after the request", Response::json("{}").after(Duration::from_mins(2)), true),
        ("500", status("500 Internal Server Error", "InternalError", TOKEN), true),
        ("HTML", Response::of("200 OK", "text/html", &page), true),
        ("200 that is not ok", Response::json("{}"), true),
        ("closed", Response::raw(b""), true),
        ("403", status("403 Forbidden", "Forbidden", "no"), false),
        ("422", status("422 Unprocessable Entity", "Invalid", "no"), false),
    ] {
        let server = changing(response);
        let begun = Instant::now();
        let timeout = if day.starts_with("hung") { "3s" } else { "20s" };
        let why = refusal_within(&server.url(), timeout, "restart deployment/api");
        assert_eq!(why.contains("may have been done"), unclear, "{day}: {why}");
        assert!(begun.elapsed() < Duration::from_mins(1), "{day}: {:?}", begun.elapsed());
        let sent = server.requests().iter().filter(|it| it.starts_with("PATCH ")).count();
        assert_eq!(sent, 1, "{day}");
        if day != "500" {
            assert!(!why.contains(TOKEN), "{day}: {why}");
        }
    }

    // Nothing was sent.
    let gone = format!("http://127.0.0.1:{}", free_port());
    let why = refusal(&gone, "restart deployment/api");
    assert!(why.contains("refused") && !why.contains("may have been"), "{why}");
    let elsewhere = Fake::always(Response::json("{}"));
    let to = format!("Location: {}/x\r\n", elsewhere.url());
    let server = changing(Response::with("307 Temporary Redirect", &to, ""));
    let why = refusal(&server.url(), "restart deployment/api");
    let told = elsewhere.requests();
    assert!(told.iter().all(|it| !it.contains(TOKEN)), "{why} {told:?}");
}

#[test]
fn a_cluster_that_takes_no_more_for_now_is_asked_when_it_says() {
    if !has_kubectl() {
        return;
    }
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = Fake::start(move |request| {
        if request.starts_with("PATCH ") && first.swap(false, Ordering::SeqCst) {
            let body = "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\", \"reason\": \"TooManyRequests\", \"message\": \"later\", \"code\": 429}";
            return Response::with(
                "429 Too Many Requests",
                "Retry-After: 1\r\nContent-Type: application/json\r\n",
                body,
            );
        }
        cluster(request, "Success")
    });
    let folder = tempfile::tempdir().unwrap();
    let pieces = vec![Piece::Text("restart deployment/api".into())];
    let did = acted(folder.path(), &server.url(), "20s", pieces, Vec::new());
    assert_eq!(did.result, Ok(()), "{did:?}");
    assert_eq!(server.requests().iter().filter(|it| it.starts_with("PATCH ")).count(), 2);
}

#[test]
fn a_certificate_that_nobody_vouches_for_and_a_proxy_that_is_down() {
    if !has_kubectl() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(()) = certificates(folder.path()) else { return };
    let port = free_port();
    let mut server = Command::new("openssl")
        .args(["s_server", "-quiet", "-www", "-cert", "cert.pem", "-key", "key.pem", "-accept"])
        .arg(format!("127.0.0.1:{port}"))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "openssl s_server does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    let why = refusal(&format!("https://localhost:{port}"), "restart deployment/api");
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(why.contains("x509") && !why.contains("may have been"), "{why}");

    let proxy = format!("http://127.0.0.1:{}", free_port());
    let shell = Shell::new().env("HTTP_PROXY", &proxy);
    shell.write("kube.json", kubeconfig("http://cluster.example")).write("rbl.toml", SECTION);
    let tested = shell.rbl("connections test k8s").code(1);
    assert!(flat(&tested).contains("was refused"), "{}", tested.out);
}

/// A value is a name, and never a word of the reference.
#[test]
fn a_value_stays_a_value() {
    let folder = tempfile::tempdir().unwrap();
    let gone = format!("http://127.0.0.1:{}", free_port());
    for value in ["api in kube-system", "--all", "a/b", "", "API"] {
        let pieces = vec![Piece::Text("restart deployment/".into()), Piece::Value(Datum::Text(value.into()))];
        let why = acted(folder.path(), &gone, "20s", pieces, Vec::new()).result.unwrap_err().text;
        assert!(why.contains("is not a name in Kubernetes"), "{value}: {why}");
    }
    if !has_kubectl() {
        return;
    }
    let server = Fake::start(|request| cluster(request, "Success"));
    std::fs::write(folder.path().join("key"), "planted-Key").unwrap();
    let secret = Datum::Secret(SecretRef::File(folder.path().join("key").to_str().unwrap().into()));
    let arguments = vec![Argument { name: "token".into(), value: secret }];
    let pieces = vec![Piece::Text("run cronjob/clean".into())];
    let why = acted(folder.path(), &server.url(), "20s", pieces, arguments);
    let why = why.result.unwrap_err().text;
    assert!(why.contains("`token` is a secret, and would stand in the job"), "{why}");
    assert!(server.requests().iter().all(|it| !it.starts_with("POST ")));
}

#[test]
fn a_test_of_the_connection_only_asks_for_the_version() {
    if !has_kubectl() {
        return;
    }
    let server = Fake::start(|request| cluster(request, "Success"));
    let shell = shell(&server);
    shell.write("rbl.toml", SECTION);
    let tested = shell.rbl("connections test k8s").code(0);
    assert!(flat(&tested).contains("Kubernetes v1.32.4"), "{}", tested.out);
    assert!(server.requests().iter().all(|it| it.starts_with("GET /version")), "{:?}", server.requests());
}
