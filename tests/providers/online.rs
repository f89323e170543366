//! `rbl check --online`: what a real Prometheus, a dead one, and providers of other kinds have now.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Exporter, Fake, Prometheus, Response, Setup, free_port};

/// The findings about the metrics, a line each; then standard error; and the exit code. That an answer came late is left out: on a
/// busy machine each may. That none came within the time-out is not.
fn online(folder: &Path, toml: &str, metrics: &str) -> (Vec<String>, String, Option<i32>) {
    let words = ["check", "--online", "--format", "short", "a.rb"];
    let (mut said, errors, exit) = check(folder, toml, metrics, &words);
    said.retain(|line| !(line.contains("[provider/slow]: ") && line.contains(" to read")));
    (said, errors, exit)
}

fn check(folder: &Path, toml: &str, metrics: &str, words: &[&str]) -> (Vec<String>, String, Option<i32>) {
    std::fs::write(folder.join("rbl.toml"), toml).unwrap();
    let names = metrics.lines().filter_map(|line| line.strip_prefix("metric ")?.split(['(', ' ']).next());
    let uses: String = names.map(|name| format!("record \"#{{{name}}}\"\n")).collect();
    let uses = uses.replace("#{lag}", "#{lag(\\\"a\\\")}").replace("\\\"", "\"");
    std::fs::write(folder.join("a.rb"), format!("runbook \"x\"\nowner \"o\"\n{metrics}\n{uses}")).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_rbl")).args(words).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).lines().map(str::to_owned).collect();
    (said, String::from_utf8_lossy(&ended.stderr).into_owned(), ended.status.code())
}

fn prometheus_at(url: &str) -> String {
    format!(
        "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{url}\"\ntimeout = \"30s\"\n[teams.o]\ntype = \"terminal\"\n"
    )
}

#[test]
fn a_real_prometheus_is_asked() {
    let exporter = Exporter::start();
    exporter.set("queue_depth{shard=\"a\"}", 3);
    exporter.set("queue_depth{shard=\"b\"}", 4);
    exporter.set("errors", 0);
    exporter.set("requests", 0);
    exporter.set("# TYPE jobs_total", "counter");
    exporter.set("jobs_total", 17);
    let Some(server) = Prometheus::start(&Setup { scrape: vec![exporter.address()], ..Setup::default() })
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let toml = prometheus_at(&server.url());
    let metrics = "param service = \"rbl\"
param later
metric depth from prometheus \"queue_depth\"
metric shards by shard from prometheus \"queue_depth\"
metric jobs by colour from prometheus \"queue_depth\"
metric total from prometheus \"sum(queue_depth{job='#{service}'})\"
metric jobs_done from prometheus \"jobs_total\"
metric job_rate from prometheus \"sum(rate(jobs_total[1m]))\"
metric gone from prometheus \"queue_dept\"
metric ratio in ratio from prometheus \"sum(errors) / sum(requests)\"
metric broken from prometheus \"errors + on (job) group_left queue_depth\"
metric unasked from prometheus \"up{job='#{later}'}\"
metric lag(node) from prometheus \"up{job='#{node}'}\"";
    let expected = [
        "error[provider/series]: `depth` would be unknown in every run",
        "error[provider/series]: `jobs` would be unknown in every run",
        "warning[provider/measure]: `jobs_done` is a counter: it only grows",
        "warning[provider/no-data]: no data for `gone` now",
        "warning[provider/value]: `ratio` has no value that can be compared now",
        "error[provider/answer]: `prometheus` does not answer for `broken`",
    ];
    // The first scrape comes within a second or two. One that takes longer than a second leaves a moment without data.
    let deadline = Instant::now() + Duration::from_mins(1);
    let (findings, said, errors, exit) = loop {
        let (said, errors, exit) = online(folder.path(), &toml, metrics);
        let findings: Vec<String> = said
            .iter()
            .filter(|line| line.contains("provider/"))
            .map(|line| line.split_once(": ").unwrap().1.to_owned())
            .collect();
        let as_expected = findings.len() == expected.len()
            && findings.iter().zip(expected).all(|(found, expected)| found.starts_with(expected));
        if as_expected || Instant::now() > deadline {
            break (findings, said, errors, exit);
        }
        std::thread::sleep(Duration::from_millis(300));
    };
    for (found, expected) in findings.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\n{said:#?}\n{errors}");
    }
    assert_eq!(findings.len(), expected.len(), "{said:#?}\n{errors}");
    assert_eq!(exit, Some(1), "{errors}");
    assert!(errors.contains("`unasked` was not queried: `later` has no value before the run"), "{errors}");
    assert!(errors.contains("`lag` was not queried: `node` has no value before the run"), "{errors}");
}

#[test]
fn a_dead_prometheus_is_told_at_the_metric() {
    let folder = tempfile::tempdir().unwrap();
    let toml = prometheus_at(&format!("http://127.0.0.1:{}", free_port()));
    let (said, errors, exit) = online(folder.path(), &toml, "metric up from prometheus \"up\"");
    let found = said
        .iter()
        .find(|line| line.contains("provider/answer"))
        .unwrap_or_else(|| panic!("{said:?} {errors}"));
    assert!(
        found.starts_with("a.rb:3:8: error[provider/answer]: `prometheus` does not answer for `up`"),
        "{found}"
    );
    assert_eq!(exit, Some(1));
}

#[test]
fn other_providers_are_asked_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = "{\"one\": 1, \"none\": null, \"several\": [{\"labels\": {\"a\": \"x\"}, \"value\": 1}, {\"labels\": {\"a\": \"y\"}, \"value\": 2}]}";
    std::fs::write(folder.path().join("data.json"), data).unwrap();
    std::fs::write(folder.path().join("slow.sh"), "#!/bin/sh\nsleep 300\n").unwrap();
    let toml = "[providers.plugin]\ntype = \"exec\"\ncommand = [\"sh\", \"slow.sh\"]\ntimeout = \"1s\"\n[teams.o]\ntype = \"terminal\"\n";
    let metrics = "metric processors from host \"cpu.count\"
metric one from file \"data.json one\"
metric none from file \"data.json none\"
metric several from file \"data.json several\"
metric missing from file \"nowhere.json x\"
metric slow from plugin \"x\"";
    let began = Instant::now();
    let (said, errors, exit) = online(folder.path(), toml, metrics);
    let codes: Vec<&str> =
        said.iter().filter_map(|line| Some(line.split_once("[provider/")?.1.split_once(']')?.0)).collect();
    assert_eq!(codes, ["no-data", "series", "answer", "slow"], "{said:#?}\n{errors}");
    assert_eq!(exit, Some(1));
    assert!(began.elapsed() < Duration::from_mins(1), "the time-out of the provider holds");
}

/// Prometheus gets its metadata of a metric from its targets: this one says `# UNIT`, as OpenMetrics writes it.
#[test]
fn a_unit_that_the_server_knows_is_compared() {
    let answer = "{\"status\":\"success\",\"data\":{\"latency\":[{\"type\":\"gauge\",\"help\":\"\",\"unit\":\"seconds\"}],\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1790000000,\"0.2\"]}]}}";
    let server = Fake::start(move |_| Response::json(answer));
    let folder = tempfile::tempdir().unwrap();
    let toml = prometheus_at(&server.url());
    let metrics = "metric wrong in ms from prometheus \"latency\"\nmetric right in s from prometheus \"latency\"\nmetric bare from prometheus \"latency\"";
    let (said, errors, exit) = online(folder.path(), &toml, metrics);
    let found: Vec<&String> = said.iter().filter(|line| line.contains("provider/")).collect();
    assert_eq!(found.len(), 2, "{said:#?} {errors}");
    assert!(
        found[0].contains("provider/measure]: `wrong` is in ms; `prometheus` counts seconds"),
        "{found:?}"
    );
    assert!(
        found[1].contains("provider/measure]: `bare` is a plain number; `prometheus` counts seconds"),
        "{found:?}"
    );
    assert_eq!(exit, Some(0), "warnings are no failure");
}

/// The findings about metrics: `NAME code`.
fn told(said: &[String]) -> Vec<&str> {
    said.iter().filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0)).collect()
}

#[test]
fn what_is_found_online_is_allowed_like_everything_else() {
    let server = Fake::start(|_| Response::json("{\"here\": 3, \"empty\": null}"));
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[providers.shop]\ntype = \"http\"\nurl = \"{}\"\n[teams.o]\ntype = \"terminal\"\n",
        server.url()
    );
    let metrics = "param later
# rbl: allow provider/no-data because it is there only while something is wrong
metric silenced from shop \"$.gone\"
metric told from shop \"$.gone\"
# rbl: allow provider/no-data because it was empty once
metric unused from shop \"$.here\"
# rbl: allow provider/no-data because nobody knows yet
metric unasked from shop \"$.#{later}\"
# rbl: allow provider/series because errors cannot be allowed
metric other from shop \"$.here\"";
    let (said, errors, exit) = online(folder.path(), &toml, metrics);
    let expected = ["provider/no-data", "upkeep/unused-allow", "upkeep/unreadable-allow"];
    assert_eq!(told(&said), expected, "{said:#?} {errors}");
    assert!(said[0].starts_with("a.rb:6:8: ") && said[1].starts_with("a.rb:7:1: "), "{said:#?}");
    assert!(errors.contains("`unasked` was not queried"), "{errors}");
    assert_eq!(exit, Some(0));

    // Nobody was asked: so it is unknown whether there is something to allow.
    let offline = ["check", "--format", "short", "a.rb"];
    let (said, errors, _) = check(folder.path(), &toml, metrics, &offline);
    assert_eq!(told(&said), ["upkeep/unreadable-allow"], "{said:#?} {errors}");
}

#[test]
fn nobody_who_did_not_answer_makes_an_allow_unused() {
    let folder = tempfile::tempdir().unwrap();
    let toml = prometheus_at(&format!("http://127.0.0.1:{}", free_port()));
    let metrics = "# rbl: allow provider/no-data because there is none yet\nmetric a from prometheus \"a\"";
    let (said, errors, _) = online(folder.path(), &toml, metrics);
    assert_eq!(told(&said), ["provider/answer"], "{said:#?} {errors}");
}

/// Many servers know no units: then the name of the metric decides.
#[test]
fn a_name_tells_the_unit_that_the_server_does_not_know() {
    let sample = "\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1790000000,\"0.2\"]}]";
    let known = format!(
        "{{\"status\":\"success\",\"data\":{{\"latency_seconds\":[{{\"type\":\"gauge\",\"help\":\"\",\"unit\":\"\"}}],{sample}}}}}"
    );
    let server = Fake::start(move |_| Response::json(&known));
    let folder = tempfile::tempdir().unwrap();
    let toml = prometheus_at(&server.url());
    let metrics = "param of = \"web\"
metric bare from prometheus \"latency_seconds\"
metric put_in from prometheus \"latency_seconds{job='#{of}'}\"
metric right in s from prometheus \"latency_seconds\"
metric size from prometheus \"heap_bytes\"
metric share from prometheus \"hit_ratio\"
metric wrong in ms from prometheus \"latency_seconds\"
metric rule from prometheus \"job:latency_seconds\"
metric sum from prometheus \"sum(latency_seconds)\"";
    let (said, errors, exit) = online(folder.path(), &toml, metrics);
    let measured: Vec<&str> =
        said.iter().filter_map(|line| line.split_once("provider/measure]: ")).map(|it| it.1).collect();
    let expected = [
        "`bare` is a plain number; `prometheus` counts seconds",
        "`put_in` is a plain number; `prometheus` counts seconds",
        "`size` is a plain number; `prometheus` counts bytes",
    ];
    assert_eq!(measured, expected, "{said:#?} {errors}");
    // What the check finds by itself is not reported again.
    assert_eq!(said.iter().filter(|line| line.contains("`wrong`")).count(), 1, "{said:#?}");
    assert_eq!(exit, Some(0));
}

#[test]
fn every_type_of_provider_answers_for_its_metrics() {
    let server = Fake::start(|request| {
        if request.contains("/queues/a") {
            Response::json("{\"messages\": 7, \"several\": [1, 2]}")
        } else {
            Response::of("404 Not Found", "text/plain", "no such queue")
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let plug_in = "#!/bin/sh\nread -r question\ncase $question in\n*'\"query\":\"three\"'*) echo '{\"samples\": [{\"value\": 3}]}' ;;\n*) echo '{\"error\": {\"kind\": \"unreachable\", \"text\": \"the broker is down\"}}' ;;\nesac\n";
    std::fs::write(folder.path().join("plugin.sh"), plug_in).unwrap();
    std::fs::write(folder.path().join("data.json"), "{\"one\": 1}").unwrap();
    let toml = format!(
        "[providers.broker]\ntype = \"http\"\nurl = \"{}\"\n[providers.plugin]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"plugin.sh\"]\n[teams.o]\ntype = \"terminal\"\n",
        server.url()
    );
    let metrics = "param queue = \"a\"
metric waiting from broker \"/queues/#{queue} $.messages\"
metric nobody from broker \"/queues/a $.nobody\"
metric several from broker \"/queues/a $.several[*]\"
metric no_queue from broker \"/queues/b $.messages\"
metric three from plugin \"three\"
metric down from plugin \"four\"
metric one from file \"data.json one\"
metric word from file \"data.json one.two\"";
    let (said, errors, exit) = online(folder.path(), &toml, metrics);
    let told: Vec<&str> =
        said.iter().filter_map(|line| line.split_once("[provider/")?.1.split(" now").next()).collect();
    let expected = [
        "no-data]: no data for `nobody`",
        "series]: `several` would be unknown in every run",
        "answer]: `broker` does not answer for `no_queue`",
        "answer]: `plugin` does not answer for `down`",
        "answer]: `file` does not answer for `word`",
    ];
    assert_eq!(told, expected, "{said:#?} {errors}");
    assert_eq!(exit, Some(1));
}

/// There is nothing to clean up: the program ends as the system ends one.
#[test]
fn an_interrupt_ends_a_check_at_once() {
    use std::os::unix::process::ExitStatusExt;
    let server = Fake::always(Response::json("{}").after(Duration::from_mins(5)));
    let folder = tempfile::tempdir().unwrap();
    let toml = prometheus_at(&server.url()).replace("30s", "5m");
    std::fs::write(folder.path().join("rbl.toml"), toml).unwrap();
    let text = "runbook \"x\"\nowner \"o\"\nmetric a from prometheus \"a\"\ncheck a < 1\n";
    std::fs::write(folder.path().join("a.rb"), text).unwrap();
    let mut running = Command::new(env!("CARGO_BIN_EXE_rbl"))
        .args(["check", "--online", "a.rb"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while server.requests().is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(running.try_wait().unwrap().is_none(), "it waits for the answer");
    let began = Instant::now();
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = running.wait().unwrap();
    assert_eq!(ended.signal(), Some(2), "{ended:?}");
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}
