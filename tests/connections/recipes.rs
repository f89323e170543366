//! The recipes of `docs/recipes`: each page as it stands, against a server that answers as the real one does, also on its bad days.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::services::body;
use super::{everything, flat};
use crate::cli::shell::{Ended, Shell};
use crate::support::{Fake, Response, python_with};

const SECRET: &str = "planted-Recipe-Secret-4455";

/// A page of the recipes in a folder of its own, its servers replaced by this one.
fn recipe(name: &str, url: &str) -> Shell {
    let mut shell = Shell::new();
    for variable in [
        "JENKINS_TOKEN",
        "AWX_TOKEN",
        "GITHUB_TOKEN",
        "DD_API_KEY",
        "DD_APP_KEY",
        "INFLUX_PASSWORD",
        "MYSQL_PASSWORD",
        "NTFY_TOKEN",
        "STATUSPAGE_AUTHORIZATION",
        "GRAFANA_TOKEN",
    ] {
        shell = shell.env(variable, SECRET);
    }
    shell = shell.env("DISCORD_WEBHOOK", &format!("{url}/api/webhooks/77/{SECRET}"));
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-python/bin");
    let path = format!("{own}:{}", std::env::var("PATH").unwrap());
    shell = shell
        .env("PATH", &path)
        .env("JENKINS_PAUSE", "0.1")
        .env("GITHUB_PAUSE", "0.1")
        .env("GITHUB_LISTED", "2");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/recipes/{name}.md"));
    let page = std::fs::read_to_string(file).unwrap();
    let mut written = 0;
    for block in page.split("\n```").skip(1).step_by(2) {
        let (info, text) = block.split_once('\n').unwrap();
        let Some((_, file)) = info.split_once(" file=") else { continue };
        let mut text = format!("{text}\n");
        for address in [
            "https://#{service}.example.com",
            "https://jenkins.example.com",
            "https://awx.example.com",
            "https://api.github.com",
            "https://api.datadoghq.eu",
            "https://graphite.example.com",
            "https://influx.example.com:8086",
            "https://ntfy.example.com",
            "https://api.statuspage.io",
            "https://grafana.example.com",
        ] {
            text = text.replace(address, url);
        }
        shell.write(file.trim(), text.replace("every = \"3s\"", "every = \"100ms\""));
        written += 1;
    }
    assert!(written >= 2, "{name}: {written} files");
    shell
}

#[track_caller]
fn ends(shell: &Shell, file: &str, code: i32, words: &str) -> Ended {
    let ended = shell.rbl(&format!("run {file} --no-input")).code(code);
    assert!(flat(&ended).contains(words), "{words}\n{}{}", ended.out, ended.err);
    assert!(!everything(shell, &ended).contains(SECRET), "{}", ended.out);
    ended
}

fn line(request: &str) -> &str {
    request.lines().next().unwrap_or_default()
}

fn count(server: &Fake, beginning: &str) -> usize {
    server.requests().iter().filter(|it| it.starts_with(beginning)).count()
}

fn form(request: &str) -> String {
    request.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Jenkins: a build leaves the queue at the second look, and ends at the second look at it.
fn jenkins(result: &'static str, ends_after: usize) -> Fake {
    jenkins_while(result, move |looked| looked < ends_after)
}

/// The same; the build goes on for as long as this says so of the number of looks at it.
fn jenkins_while(result: &'static str, goes_on: impl Fn(usize) -> bool + Send + Sync + 'static) -> Fake {
    let (queued, looked, begun) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(String::new()));
    Fake::start(move |request| {
        let line = line(request);
        let key = begun.lock().unwrap().clone();
        let actions = json!([{ "parameters": [{ "name": "RBL_KEY", "value": key }] }]);
        if line.starts_with("POST /job/shop/job/deploy/buildWithParameters ") {
            let sent = form(request);
            let sent = sent.split("RBL_KEY=").nth(1).unwrap().split('&').next().unwrap();
            *begun.lock().unwrap() = sent.replace("%2F", "/");
            Response::with("201 Created", "Location: http://jenkins.internal/queue/item/31/\r\n", "")
        } else if line.contains("/stop ") || line.contains("/health ") {
            Response::of("200 OK", "text/plain", "")
        } else if line.contains("tree=builds") {
            let builds =
                if key.is_empty() { json!([]) } else { json!([{ "number": 7, "actions": actions }]) };
            Response::json(&json!({ "_class": "x", "builds": builds }).to_string())
        } else if line.contains("/queue/api/json") {
            Response::json("{\"items\": []}")
        } else if line.contains("/queue/item/31/") {
            match queued.fetch_add(1, Ordering::SeqCst) {
                0 => Response::json("{\"why\": \"waiting for an executor\"}"),
                1 => Response::of("503 Service Unavailable", "text/html", "<html>Jenkins is restarting"),
                _ => Response::json("{\"executable\": {\"number\": 7, \"url\": \"x\"}}"),
            }
        } else if line.contains("/7/consoleText") {
            Response::of("200 OK", "text/plain", "Started by user rbl\nFinished: SUCCESS\n")
        } else if line.contains("/7/api/json") {
            if goes_on(looked.fetch_add(1, Ordering::SeqCst)) {
                Response::json("{\"building\": true, \"result\": null}")
            } else {
                Response::json(&format!("{{\"building\": false, \"result\": \"{result}\"}}"))
            }
        } else {
            Response::json("{\"mode\": \"NORMAL\"}")
        }
    })
}

#[test]
fn jenkins_is_followed_from_the_queue_to_the_result() {
    let server = jenkins("SUCCESS", 1);
    let shell = recipe("jenkins", &server.url());
    ends(&shell, "deploy.rb", 0, "build 7 deployed it");
    assert_eq!(count(&server, "POST /job/shop/job/deploy/buildWithParameters"), 1);
    let sent = server.requests().iter().find(|it| it.starts_with("POST ")).map(|it| form(it)).unwrap();
    assert!(sent.starts_with("service=api&version=1.8.2&RBL_KEY="), "{sent}");
    let tested = shell.rbl("connections test jenkins").code(0);
    assert!(flat(&tested).contains("Jenkins accepts the token"), "{}", tested.out);

    // A build that fails is not begun a second time: the second try finds the first one.
    let server = jenkins("UNSTABLE", 1);
    ends(&recipe("jenkins", &server.url()), "deploy.rb", 4, "build 7 ended as UNSTABLE");
    assert_eq!(count(&server, "POST /job/shop/job/deploy/buildWithParameters"), 1);
}

#[test]
fn jenkins_on_its_bad_days() {
    for (response, words, unclear) in [
        (Response::of("404 Not Found", "text/html", "<html>"), "Jenkins answered 404", false),
        (Response::with("302 Found", "Location: /login\r\n", ""), "Jenkins answered 302", false),
        (Response::of("200 OK", "text/html", "<html>Sign in"), "Jenkins could not be asked", false),
    ] {
        let server = Fake::always(response);
        let ended = ends(&recipe("jenkins", &server.url()), "deploy.rb", 4, words);
        assert_eq!(flat(&ended).contains("may have been done"), unclear, "{}", ended.out);
        assert_eq!(count(&server, "POST "), 0);
    }
    for (response, words, unclear) in [
        (Response::of("403 Forbidden", "text/plain", "no"), "Jenkins refused it: 403", false),
        (Response::of("500 Internal Server Error", "text/plain", "no"), "500", true),
        (Response::of("200 OK", "text/html", "<html>"), "answered with nothing", true),
    ] {
        let server = Fake::start(move |request| {
            if request.starts_with("POST ") {
                response.clone()
            } else {
                Response::json("{\"builds\": [], \"items\": []}")
            }
        });
        let shell = recipe("jenkins", &server.url());
        let text = std::fs::read_to_string(shell.path().join("deploy.rb")).unwrap();
        shell.write("deploy.rb", text.replace(" retry 1", ""));
        let ended = ends(&shell, "deploy.rb", 4, words);
        assert_eq!(flat(&ended).contains("may have been done"), unclear, "{}", ended.out);
        assert_eq!(count(&server, "POST "), 1);
    }
}

/// Killed in the middle: the resumed run finds the build that it began.
#[test]
fn a_build_of_jenkins_is_found_again_after_rbl_was_killed() {
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let server = jenkins_while("SUCCESS", move |_| !is_over.load(Ordering::SeqCst));
    let shell = recipe("jenkins", &server.url());
    let mut command = shell.command("run deploy.rb --no-input");
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while count(&server, "GET /job/shop/job/deploy/7/api/json") < 2 {
        assert!(Instant::now() < until, "{:?}", server.requests());
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    over.store(true, Ordering::SeqCst);
    let ended = shell.rbl("resume last --no-input").code(0);
    assert!(flat(&ended).contains("build 7 deployed it"), "{}", ended.out);
    assert_eq!(count(&server, "POST /job/shop/job/deploy/buildWithParameters"), 1);
}

#[test]
fn a_build_of_jenkins_is_ended_when_the_time_is_up() {
    let server = jenkins("SUCCESS", 100_000);
    let shell = recipe("jenkins", &server.url());
    let text = std::fs::read_to_string(shell.path().join("deploy.rb")).unwrap();
    shell.write("deploy.rb", text.replace("within 15m retry 1", "within 5s"));
    ends(&shell, "deploy.rb", 4, "the deploy did not work");
    assert_eq!(count(&server, "POST /job/shop/job/deploy/7/stop"), 1, "{:?}", server.requests());
}

/// GitHub: a dispatch is 204 without an id, and the run is listed a moment later.
fn github(conclusion: &'static str, listed: bool) -> Fake {
    let (key, lists, looks) = (Mutex::new(String::new()), AtomicUsize::new(0), AtomicUsize::new(0));
    Fake::start(move |request| {
        let line = line(request);
        if line.starts_with("POST /repos/example/operations/actions/workflows/restart.yml/dispatches ") {
            let sent = body(request);
            assert_eq!(sent["ref"], "main");
            assert_eq!(sent["inputs"]["service"], "api");
            sent["inputs"]["rbl_key"].as_str().unwrap().clone_into(&mut key.lock().unwrap());
            return Response::with("204 No Content", "", "");
        }
        if line.contains("/runs?event=workflow_dispatch") {
            let key = key.lock().unwrap().clone();
            let other = json!({ "id": 1, "display_title": "restart r0/other", "status": "completed", "conclusion": "failure" });
            let own = json!({ "id": 99, "display_title": format!("restart {key}"), "status": "queued", "conclusion": null });
            let seen = !key.is_empty() && listed && lists.fetch_add(1, Ordering::SeqCst) > 0;
            let runs = if seen { json!([own, other]) } else { json!([other]) };
            return Response::json(&json!({ "total_count": 2, "workflow_runs": runs }).to_string());
        }
        if line.contains("/actions/runs/99 ") {
            let (status, conclusion) = match looks.fetch_add(1, Ordering::SeqCst) {
                0 => ("in_progress", Value::Null),
                _ => ("completed", json!(conclusion)),
            };
            return Response::json(&json!({ "id": 99, "status": status, "conclusion": conclusion, "html_url": "https://github.example/runs/99" }).to_string());
        }
        Response::json("{}")
    })
}

#[test]
fn a_workflow_of_github_is_found_by_its_key_and_followed() {
    let server = github("success", true);
    ends(&recipe("github", &server.url()), "restart.rb", 0, "https://github.example/runs/99 restarted it");
    assert_eq!(count(&server, "POST "), 1);

    let server = github("cancelled", true);
    ends(&recipe("github", &server.url()), "restart.rb", 4, "run 99 concluded as cancelled");
    assert_eq!(count(&server, "POST "), 1, "the second try found the first");

    // Taken, and nobody sees what became of it.
    let server = github("success", false);
    let shell = recipe("github", &server.url());
    let text = std::fs::read_to_string(shell.path().join("restart.rb")).unwrap();
    shell.write("restart.rb", text.replace(" retry 1", ""));
    ends(
        &shell,
        "restart.rb",
        4,
        "may have been done: python3 answered with nothing: the dispatch was taken",
    );

    let server = Fake::start(|request| {
        if request.starts_with("POST ") {
            Response::of(
                "422 Unprocessable Entity",
                "application/json",
                "{\"message\": \"Unexpected inputs provided\"}",
            )
        } else {
            Response::json("{\"workflow_runs\": []}")
        }
    });
    let ended = ends(&recipe("github", &server.url()), "restart.rb", 4, "GitHub refused it: 422");
    assert!(!flat(&ended).contains("may have been"), "{}", ended.out);
}

#[test]
fn a_job_of_awx_is_followed() {
    let answers = |state: &'static str| {
        let looks = AtomicUsize::new(0);
        Fake::start(move |request| {
            let line = line(request);
            if line.starts_with("POST /api/v2/job_templates/12/launch/ ") {
                let launched = "{\"job\": 42, \"ignored_fields\": {}, \"id\": 42, \"type\": \"job\", \"status\": \"pending\"}";
                Response::of("201 Created", "application/json", launched)
            } else if line.starts_with("GET /api/v2/jobs/42/ ") {
                let status = ["pending", "running"]
                    .get(looks.fetch_add(1, Ordering::SeqCst))
                    .copied()
                    .unwrap_or(state);
                let failed = state != "successful" && status == state;
                Response::json(&format!("{{\"id\": 42, \"status\": \"{status}\", \"failed\": {failed}}}"))
            } else {
                Response::of("202 Accepted", "application/json", "{}")
            }
        })
    };
    let server = answers("successful");
    ends(&recipe("awx", &server.url()), "restart.rb", 0, "every step is done");
    let sent = server.requests().iter().find(|it| it.starts_with("POST ")).map(|it| body(it)).unwrap();
    assert_eq!(sent, json!({ "extra_vars": { "service": "api" }, "limit": "web" }));

    let server = answers("failed");
    ends(&recipe("awx", &server.url()), "restart.rb", 4, "the job did not work");
    assert_eq!(count(&server, "POST "), 1);

    let server = answers("running");
    let shell = recipe("awx", &server.url());
    let text = std::fs::read_to_string(shell.path().join("restart.rb")).unwrap();
    shell.write("restart.rb", text.replace("within 10m", "within 3s"));
    ends(&shell, "restart.rb", 4, "the job did not work");
    assert_eq!(count(&server, "POST /api/v2/jobs/42/cancel/"), 1, "{:?}", server.requests());
}

#[test]
fn a_function_of_lambda_that_fails_with_200_has_failed() {
    if python_with("botocore").is_none() {
        return;
    }
    for (response, code, words) in [
        (Response::json("{\"left\": 3}"), 0, "every step is done"),
        (Response::json("{\"left\": 300}"), 4, "{\"left\":300}"),
        (
            Response::with(
                "200 OK",
                "X-Amz-Function-Error: Unhandled\r\nContent-Type: application/json\r\n",
                "{\"errorMessage\": \"no such queue\"}",
            ),
            4,
            "the function failed (Unhandled): {\"errorMessage\": \"no such queue\"}",
        ),
        (
            Response::with(
                "404 Not Found",
                "x-amzn-ErrorType: ResourceNotFoundException\r\nContent-Type: application/json\r\n",
                "{\"Message\": \"Function not found\"}",
            ),
            4,
            "Lambda refused it: ResourceNotFoundException: Function not found",
        ),
        (
            Response::with(
                "429 Too Many Requests",
                "x-amzn-ErrorType: TooManyRequestsException\r\n",
                "{\"Message\": \"Rate exceeded\"}",
            ),
            4,
            "Lambda refused it: TooManyRequestsException",
        ),
        (
            Response::with("500 Internal Server Error", "x-amzn-ErrorType: ServiceException\r\n", "{}"),
            4,
            "may have been done",
        ),
        (Response::raw(b""), 4, "may have been done"),
    ] {
        let server = Fake::always(response);
        let shell = recipe("lambda", &server.url())
            .env("AWS_ENDPOINT_URL_LAMBDA", &server.url())
            .env("AWS_ACCESS_KEY_ID", "AKID")
            .env("AWS_SECRET_ACCESS_KEY", SECRET);
        let ended = ends(&shell, "drain.rb", code, words);
        assert_eq!(
            flat(&ended).contains("may have been done"),
            words == "may have been done",
            "{}",
            ended.out
        );
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        assert!(
            requests[0].starts_with("POST /2015-03-31/functions/drain-queue/invocations "),
            "{requests:?}"
        );
        let sent = body(&requests[0]);
        assert_eq!((&sent["queue"], &sent["most"]), (&json!("orders"), &json!(500)));
    }
}

#[test]
fn datadog_says_no_data_and_errors_as_what_they_are() {
    let ok = |series: &str| {
        format!("{{\"status\": \"ok\", \"res_type\": \"time_series\", \"series\": [{series}]}}")
    };
    let one = "{\"metric\": \"p99\", \"scope\": \"service:api\", \"pointlist\": [[1795330000000.0, 0.3], [1795330060000.0, 0.2], [1795330120000.0, null]]}";
    for (response, code, words) in [
        (Response::json(&ok(one)), 0, "every step is done"),
        (Response::json(&ok(&one.replace("0.2]", "0.9]"))), 4, "p99 is 900ms"),
        (Response::json(&ok("")), 4, "no data"),
        (
            Response::json("{\"status\": \"error\", \"error\": \"Error parsing query: unable to parse\"}"),
            4,
            "Datadog did not answer the query: Error parsing query",
        ),
        (
            Response::of("403 Forbidden", "application/json", "{\"errors\": [\"Forbidden\"]}"),
            4,
            "Datadog answered 403: Forbidden",
        ),
        (
            Response::with(
                "429 Too Many Requests",
                "X-RateLimit-Reset: 30\r\n",
                "{\"errors\": [\"Rate limit\"]}",
            ),
            4,
            "Datadog answered 429: Rate limit",
        ),
        (Response::of("200 OK", "text/html", "<html>"), 4, "Datadog could not be asked"),
        (Response::with("302 Found", "Location: http://127.0.0.1:1/\r\n", ""), 4, "Datadog answered 302"),
    ] {
        let server = Fake::always(response);
        ends(&recipe("datadog", &server.url()), "latency.rb", code, words);
        let request = &server.requests()[0];
        let query = line(request);
        let number = |name: &str| -> u64 {
            query
                .split(&format!("{name}="))
                .nth(1)
                .unwrap()
                .split(['&', ' '])
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        assert_eq!(number("to") - number("from"), 300, "{query}");
        assert!(number("to") < 10_000_000_000, "seconds: {query}");
        assert!(query.contains("service%3Aapi"), "{query}");
    }
}

#[test]
fn graphite_has_the_value_first_and_no_data_as_an_empty_list() {
    for (response, code, words) in [
        (
            Response::json("[{\"target\": \"a\", \"datapoints\": [[5.0, 1795331030], [11.0, 1795331100]]}]"),
            0,
            "every step is done",
        ),
        (
            Response::json("[{\"target\": \"a\", \"datapoints\": [[5.0, 1795331030], [25.0, 1795331100]]}]"),
            4,
            "25.0 errors in a minute",
        ),
        (Response::json("[]"), 4, "no data"),
        (Response::json("[{\"target\": \"a\", \"datapoints\": []}]"), 4, "no data"),
        (Response::of("400 Bad Request", "text/html", "<html>Invalid value for from"), 4, "400 Bad Request"),
    ] {
        let server = Fake::always(response);
        ends(&recipe("graphite", &server.url()), "errors.rb", code, words);
        let requests = server.requests();
        assert!(
            requests[0].starts_with("GET /render?target=sumSeries(shop.main.checkout.errors)&from=-5min&"),
            "{requests:?}"
        );
    }
}

#[test]
fn an_error_of_influxdb_with_200_is_no_value() {
    let series = |value: &str| {
        format!(
            "{{\"results\": [{{\"statement_id\": 0, \"series\": [{{\"name\": \"air\", \"columns\": [\"time\", \"last\"], \"values\": [[1795330849, {value}]]}}]}}]}}"
        )
    };
    for (response, code, words) in [
        (Response::json(&series("21.5")), 0, "every step is done"),
        (Response::json(&series("38")), 4, "it is 38 degrees"),
        (Response::json("{\"results\": [{\"statement_id\": 0}]}"), 4, "the temperature is unknown"),
        (
            Response::json(
                "{\"results\": [{\"statement_id\": 0, \"error\": \"database not found: rooms\"}]}",
            ),
            4,
            "InfluxDB says: database not found: rooms",
        ),
        (
            Response::of("400 Bad Request", "application/json", "{\"error\": \"error parsing query\"}"),
            4,
            "the temperature is unknown",
        ),
        (
            Response::of("401 Unauthorized", "application/json", "{\"error\": \"authorization failed\"}"),
            4,
            "the temperature is unknown",
        ),
    ] {
        let server = Fake::always(response);
        ends(&recipe("influxdb", &server.url()), "temperature.rb", code, words);
        assert!(
            server.requests()[0].starts_with("GET /query?db=rooms&epoch=s&q=SELECT%20last"),
            "{:?}",
            server.requests()
        );
    }
}

/// The client `mysql` is played by a program that notes what it is asked.
#[test]
fn a_value_in_a_query_of_mysql_stays_a_value() {
    for (printed, code, words) in [
        ("printf '17\\n'", 0, "every step is done"),
        ("printf '900\\n'", 4, "900 orders are waiting"),
        ("printf 'NULL\\n'", 4, "no data"),
        ("true", 4, "no data"),
        ("printf 'many\\n'", 4, "the first column is \"many\", not a number"),
        (
            "echo \"ERROR 1045 (28000): Access denied for user 'rbl'\" >&2; exit 1",
            4,
            "mysql: ERROR 1045 (28000): Access denied",
        ),
    ] {
        let shell = recipe("mysql", "http://127.0.0.1:1");
        let program = format!(
            "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done > asked\ntest \"$MYSQL_PWD\" = {SECRET} || exit 9\n{printed}\n"
        );
        shell.write("bin/mysql", program);
        let made = std::process::Command::new("chmod")
            .arg("+x")
            .arg(shell.path().join("bin/mysql"))
            .status()
            .unwrap();
        assert!(made.success());
        let path = format!("{}:{}", shell.path().join("bin").display(), std::env::var("PATH").unwrap());
        let shell = shell.env("PATH", &path);
        let hostile = "x' OR 1=1; DROP TABLE orders; -- ";
        let text = std::fs::read_to_string(shell.path().join("orders.rb")).unwrap();
        shell.write("orders.rb", text.replace("shop = \"main\"", &format!("shop = \"{hostile}\"")));
        ends(&shell, "orders.rb", code, words);
        let asked = std::fs::read_to_string(shell.path().join("asked")).unwrap();
        let hex = hostile.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert!(asked.contains(&format!("shop = CONVERT(0x{hex} USING utf8mb4)")), "{asked}");
        assert!(asked.contains("START TRANSACTION READ ONLY") && !asked.contains("DROP"), "{asked}");
        assert!(!asked.contains(SECRET), "not on the command line: {asked}");
    }
}

#[test]
fn ntfy_takes_a_page() {
    let server =
        Fake::always(Response::json("{\"id\": \"a1\", \"event\": \"message\", \"topic\": \"night-oncall\"}"));
    ends(&recipe("ntfy", &server.url()), "night.rb", 4, "somebody was paged");
    let requests = server.requests();
    assert!(requests[0].starts_with("POST / ") || requests[0].starts_with("POST  "), "{requests:?}");
    let sent = body(&requests[0]);
    assert_eq!(
        (&sent["topic"], &sent["title"], &sent["priority"]),
        (&json!("night-oncall"), &json!("Nightly export"), &json!(5))
    );
    assert!(sent["message"].as_str().unwrap().starts_with("the export did not run"), "{sent}");
    for (response, words) in [
        (
            Response::of(
                "403 Forbidden",
                "application/json",
                "{\"code\": 40301, \"http\": 403, \"error\": \"forbidden\"}",
            ),
            "403",
        ),
        (
            Response::of(
                "429 Too Many Requests",
                "application/json",
                "{\"code\": 42901, \"http\": 429, \"error\": \"limit reached\"}",
            ),
            "429",
        ),
        (Response::of("200 OK", "text/html", "<html>"), "may have been sent"),
    ] {
        let server = Fake::always(response);
        let shell = recipe("ntfy", &server.url());
        let text = std::fs::read_to_string(shell.path().join("rbl.toml")).unwrap();
        let timeout = if words == "429" { "3s" } else { "20s" };
        shell.write("rbl.toml", format!("{text}timeout = \"{timeout}\"\n"));
        let ended = shell.rbl("run night.rb --no-input");
        let story = flat(&ended);
        assert!(story.contains(words) && story.contains("Call them"), "{words}: {}", ended.out);
    }
}

#[test]
fn discord_takes_what_fits_and_mentions_nobody() {
    let discord = || {
        Fake::start(|request| {
            let content = body(request)["content"].as_str().unwrap_or_default().to_owned();
            if content.chars().count() > 2_000 {
                let why = "{\"content\": [\"Must be 2000 or fewer in length.\"]}";
                return Response::of("400 Bad Request", "application/json", why);
            }
            Response::with("204 No Content", "", "")
        })
    };
    let server = discord();
    ends(&recipe("discord", &server.url()), "night.rb", 4, "somebody was paged");
    let requests = server.requests();
    assert!(requests.iter().all(|it| it.starts_with("POST /api/webhooks/77/planted")), "{requests:?}");
    let (record, page) = (body(&requests[0]), body(&requests[1]));
    assert_eq!(record["content"], "**Nightly export**: the export began");
    assert_eq!(record["allowed_mentions"], json!({ "parse": [] }));
    assert!(page["content"].as_str().unwrap().contains("the export did not run\n"), "{page}");

    // Whatever is too long is cut: a record, a reason, and a story of many lines, of which the newest stays.
    let server = discord();
    let shell = recipe("discord", &server.url());
    let long = "@everyone ü ".repeat(1_000);
    let many = "record \"a line of the story that is as long as many are\" to \"incidents\"\n".repeat(60);
    shell.write(
        "long.rb",
        format!(
            "runbook \"Nightly export\"\nowner \"night\"\n\nrecord \"{long}\" to \"incidents\"\n{many}record \"the newest\" to \"incidents\"\n\
             escalate to owner because \"{long}\"\n"
        ),
    );
    ends(&shell, "long.rb", 4, "somebody was paged");
    let sent: Vec<String> =
        server.requests().iter().map(|it| body(it)["content"].as_str().unwrap().to_owned()).collect();
    assert!(
        sent[0].ends_with("more characters are left out") && sent[0].chars().count() > 1_000,
        "{}",
        sent[0]
    );
    let page = sent.last().unwrap();
    assert!(page.starts_with("<@&165511591545143296> **Nightly export**: @everyone"), "{page}");
    assert!(page.contains("more characters are left out\n(") && page.contains("the newest"), "{page}");

    for (response, words) in [
        (
            Response::of(
                "404 Not Found",
                "application/json",
                "{\"message\": \"Unknown Webhook\", \"code\": 10015}",
            ),
            "Unknown Webhook",
        ),
        (
            Response::of(
                "429 Too Many Requests",
                "application/json",
                "{\"message\": \"slow down\", \"retry_after\": 64.57}",
            ),
            "429",
        ),
        (Response::of("200 OK", "text/html", "<html>"), "may have been sent"),
    ] {
        let server = Fake::always(response);
        let shell = recipe("discord", &server.url());
        let text = std::fs::read_to_string(shell.path().join("rbl.toml")).unwrap();
        let timeout = if words == "429" { "3s" } else { "20s" };
        let with_timeout = format!("longest = 2000\ntimeout = \"{timeout}\"");
        shell.write("rbl.toml", text.replace("longest = 2000", &with_timeout));
        let ended = shell.rbl("run night.rb --no-input");
        let story = flat(&ended);
        assert!(story.contains(words) && story.contains("Call them"), "{words}: {}", ended.out);
    }
}

#[test]
fn statuspage_is_opened_and_resolved_by_its_id() {
    let server = Fake::start(|request| {
        let status = if request.starts_with("POST ") { "investigating" } else { "resolved" };
        let incident =
            format!("{{\"id\": \"p31zjtct2jer\", \"status\": \"{status}\", \"name\": \"Checkout is slow\"}}");
        Response::of(
            if status == "resolved" { "200 OK" } else { "201 Created" },
            "application/json",
            &incident,
        )
    });
    let shell = recipe("statuspage", &server.url());
    shell.rbl("run outage.rb --no-input").code(5);
    let ended = shell.rbl("answer last yes --no-input").code(0);
    assert!(!everything(&shell, &ended).contains(SECRET));
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(requests[0].starts_with("POST /v1/pages/kctbh9vrtdwd/incidents "), "{requests:?}");
    assert!(requests[1].starts_with("PATCH /v1/pages/kctbh9vrtdwd/incidents/p31zjtct2jer "), "{requests:?}");
    assert_eq!(body(&requests[0])["incident"]["component_ids"], json!(["8kbf7d35c070"]));
    assert_eq!(
        body(&requests[1]),
        json!({ "incident": { "status": "resolved", "body": "The checkout is well again." } })
    );

    for (response, words, unclear) in [
        (
            Response::of("401 Unauthorized", "application/json", "{\"error\": \"Could not authenticate\"}"),
            "nothing was said",
            false,
        ),
        (
            Response::of(
                "422 Unprocessable Entity",
                "application/json",
                "{\"error\": [\"Name can't be blank\"]}",
            ),
            "422",
            false,
        ),
        (Response::of("500 Internal Server Error", "text/html", "<html>"), "500", true),
    ] {
        let server = Fake::always(response);
        let ended = ends(&recipe("statuspage", &server.url()), "outage.rb", 4, words);
        assert_eq!(flat(&ended).contains("may have been done"), unclear, "{}", ended.out);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn grafana_gets_an_annotation() {
    let server = Fake::always(Response::json("{\"message\": \"Annotation added\", \"id\": 1}"));
    ends(&recipe("grafana", &server.url()), "cache.rb", 0, "every step is done");
    let requests = server.requests();
    assert!(requests[0].starts_with("POST /api/annotations "), "{requests:?}");
    assert_eq!(
        body(&requests[0]),
        json!({ "text": "Empty the cache: the cache was emptied by hand", "tags": ["rbl"] })
    );

    // A record that is not there stops nothing, and is not said to be there.
    let server =
        Fake::always(Response::of("403 Forbidden", "application/json", "{\"message\": \"Access denied\"}"));
    ends(&recipe("grafana", &server.url()), "cache.rb", 0, "403");
}

/// Each page of the folder has a test here, and is listed.
#[test]
fn every_recipe_is_tested_and_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes");
    let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let own = include_str!("recipes.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        if name != "README" {
            assert!(index.contains(&format!("({name}.md)")), "{name} is not in the index");
            assert!(own.contains(&format!("recipe(\"{name}\", ")), "{name} has no test");
        }
    }
}
