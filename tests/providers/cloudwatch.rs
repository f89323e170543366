//! The provider `cloudwatch` against moto, which has the API of `CloudWatch`, against botocore's reading of it, and against answers that are wrong.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rbl_runtime::ReadTime;
use rbl_syntax::value::ReasonKind;
use rbl_world::provider::Provider;
use serde_json::{Value, json};

use super::{now, one, provider_in, read, read_pieces, text, value};
use crate::support::{Fake, Moto, Response, python_with};

/// The secret of every section.
const SECRET: &str = "planted-Secret-0123456789abcdefg";

fn at_url(url: &str, folder: &Path, more: &str) -> Arc<dyn Provider> {
    std::fs::write(folder.join("key"), SECRET).unwrap();
    let section = format!(
        "[providers.it]\ntype = \"cloudwatch\"\nregion = \"eu-central-1\"\nurl = \"{url}\"\naccess_key_id = \"AKIDEXAMPLE\"\nsecret_access_key = {{ file = \"key\" }}\n{more}\n"
    );
    let section = if more.contains("timeout") { section } else { format!("{section}timeout = \"30s\"\n") };
    provider_in(&section, "it", folder)
}

/// Puts values with the client of AWS: name, value of the dimension `QueueName`, minutes ago, value.
fn put(server: &Moto, values: &[(&str, &str, i64, f64)]) {
    let data: Vec<Value> = values
        .iter()
        .map(|(name, queue, minutes, value)| {
            let at = now().unix() - 60.0 * *minutes as f64;
            json!([name, queue, at, value])
        })
        .collect();
    let script = "
import sys, json, datetime, boto3
url, data = sys.argv[1], json.loads(sys.argv[2])
client = boto3.client('cloudwatch', region_name='eu-central-1', endpoint_url=url, aws_access_key_id='a', aws_secret_access_key='b')
client.put_metric_data(Namespace='Shop/Queues', MetricData=[
    dict(MetricName=n, Dimensions=[dict(Name='QueueName', Value=q)], Timestamp=datetime.datetime.fromtimestamp(t, datetime.timezone.utc), Value=v)
    for n, q, t, v in data])
";
    let run = Command::new(python_with("boto3").unwrap())
        .args(["-c", script, &server.url, &json!(data).to_string()])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn the_newest_whole_period_and_windows() {
    let Some(server) = Moto::start() else { return };
    put(
        &server,
        &[
            ("Age", "orders", 9, 5.0),
            ("Age", "orders", 4, 7.0),
            ("Age", "orders", 4, 9.0),
            ("Age", "a b", 4, 3.0),
            ("Age", "old", 300, 1.0),
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let it = at_url(&server.url, folder.path(), "");
    assert_eq!(one(&it, "Shop/Queues Age Sum QueueName=orders"), 16.0);
    assert_eq!(one(&it, "Shop/Queues Age Maximum QueueName=orders"), 9.0);
    assert_eq!(one(&it, "Shop/Queues Age Average QueueName=orders"), 8.0);
    let reading = read(&it, "Shop/Queues Age Sum QueueName=\"a b\"").unwrap();
    assert_eq!((reading.samples[0].value, reading.samples[0].labels["QueueName"].as_str()), (3.0, "a b"));
    let pieces = vec![text("Shop/Queues Age Sum QueueName="), value("a b")];
    assert_eq!(read_pieces(&it, pieces, ReadTime::Now).unwrap().samples[0].value, 3.0);
    for query in
        ["Shop/Queues Age Sum QueueName=old", "Shop/Queues Age Sum QueueName=none", "Shop/Queues Gone Sum"]
    {
        assert!(read(&it, query).unwrap().samples.is_empty(), "{query}: no value is no data");
    }
    let back = at_url(&server.url, folder.path(), "back = \"6h\"");
    assert_eq!(one(&back, "Shop/Queues Age Sum QueueName=old"), 1.0);
    let window = ReadTime::Window { end: now(), seconds: 900.0 };
    let reading = read_pieces(&it, vec![text("Shop/Queues Age Sum QueueName=orders")], window).unwrap();
    let values: Vec<f64> = reading.series[0].points.iter().map(|point| point.value).collect();
    assert_eq!((values, reading.series[0].step), (vec![5.0, 16.0], 60.0));
    let then = ReadTime::At(now().plus(-300.0).unwrap());
    let before = read_pieces(&it, vec![text("Shop/Queues Age Sum QueueName=orders")], then).unwrap();
    assert_eq!(before.samples[0].value, 5.0);
    assert_eq!(it.test().unwrap(), "CloudWatch accepts the access key");
}

const WHOLE: &str = r#"{"MetricDataResults":[{"Id":"m1","Label":"Errors","Timestamps":[1795329300,1795329360],"Values":[8.0,9.5],"StatusCode":"Complete"}]}"#;

#[test]
fn pages_and_patience() {
    let folder = tempfile::tempdir().unwrap();
    // Three pages: a series that goes on, and one that comes later.
    let page = |label: &str, at: u64, status: &str, token: &str| {
        format!(
            r#"{{"MetricDataResults":[{{"Id":"m1","Label":"{label}","Timestamps":[{at}],"Values":[{}.0],"StatusCode":"{status}"}}]{token}}}"#,
            at % 1000
        )
    };
    let server = Fake::start(move |request| {
        Response::json(&if request.contains("\"second\"") {
            page("a", 1_795_329_360, "Complete", ",\"NextToken\":\"third\"")
        } else if request.contains("\"third\"") {
            page("b", 1_795_329_305, "Complete", "")
        } else {
            page("a", 1_795_329_300, "PartialData", ",\"NextToken\":\"second\"")
        })
    });
    let it = at_url(&server.url(), folder.path(), "");
    let reading = read(&it, "SELECT SUM(Errors) FROM Shop GROUP BY Name").unwrap();
    let found: Vec<(&str, f64)> =
        reading.samples.iter().map(|it| (it.labels["label"].as_str(), it.value)).collect();
    assert_eq!(found, [("a", 360.0), ("b", 305.0)]);
    assert_eq!(server.requests().len(), 3);
    // Too soon twice, as AWS says it.
    let asked = AtomicUsize::new(0);
    let throttling = Fake::start(move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) < 2 {
            let body = r#"{"__type":"com.amazon.coral#ThrottlingException","message":"Rate exceeded"}"#;
            return Response::of("400 Bad Request", "application/x-amz-json-1.0", body);
        }
        Response::json(WHOLE)
    });
    let it = at_url(&throttling.url(), folder.path(), "");
    assert_eq!(one(&it, "Shop Errors Sum"), 9.5);
    assert_eq!(throttling.requests().len(), 3);
    let always = Fake::always(Response::of(
        "400 Bad Request",
        "application/x-amz-json-1.0",
        r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
    ));
    let began = Instant::now();
    let reason =
        read(&at_url(&always.url(), folder.path(), "timeout = \"3s\""), "Shop Errors Sum").unwrap_err();
    assert!(reason.text.contains("ThrottlingException: Rate exceeded"), "{reason}");
    assert!(began.elapsed() < Duration::from_mins(1) && always.requests().len() > 1);
    let endless = Fake::start(|_| Response::json(r#"{"MetricDataResults":[],"NextToken":"again"}"#));
    let reason =
        read(&at_url(&endless.url(), folder.path(), "timeout = \"20s\""), "Shop Errors Sum").unwrap_err();
    assert!(reason.text.contains("more than 100 pages"), "{reason}");
}

#[test]
fn every_fault_has_its_own_reason() {
    let folder = tempfile::tempdir().unwrap();
    let result = |more: &str| format!(r#"{{"MetricDataResults":[{{"Id":"m1","Label":"Errors",{more}}}]}}"#);
    let values = r#""Timestamps":[1795329300],"Values":[1.0]"#;
    for (body, kind, words) in [
        (
            result(&format!(r#"{values},"StatusCode":"PartialData""#)),
            ReasonKind::Partial,
            "Errors: a part of the values is missing",
        ),
        (
            result(&format!(
                r#"{values},"StatusCode":"InternalError","Messages":[{{"Code":"X","Value":"why"}}]"#
            )),
            ReasonKind::ProviderError,
            "answered InternalError for Errors: X: why",
        ),
        (
            result(&format!(r#"{values},"StatusCode":"Forbidden""#)),
            ReasonKind::ProviderError,
            "answered Forbidden",
        ),
        (result(values), ReasonKind::ProviderError, "answered no status"),
        (
            result(r#""Timestamps":[1],"Values":[],"StatusCode":"Complete""#),
            ReasonKind::BadAnswer,
            "1 times and 0 values",
        ),
        (
            result(r#""Timestamps":["x"],"Values":[1],"StatusCode":"Complete""#),
            ReasonKind::BadAnswer,
            "a value that is none",
        ),
        (result(r#""StatusCode":"Complete""#), ReasonKind::BadAnswer, "without `Timestamps`"),
        ("{}".to_owned(), ReasonKind::BadAnswer, "without `MetricDataResults`"),
        (
            WHOLE
                .replace("]}]", "]}],\"Messages\":[{\"Code\":\"MaxQueryResultsExceeded\",\"Value\":\"500\"}]")
                .replace(
                    "\"Complete\"}]}",
                    "\"Complete\"}],\"Messages\":[{\"Code\":\"Max\",\"Value\":\"500 only\"}]}",
                ),
            ReasonKind::Partial,
            "Max: 500 only",
        ),
    ] {
        let server = Fake::always(Response::json(&body));
        let reason = read(&at_url(&server.url(), folder.path(), ""), "Shop Errors Sum").unwrap_err();
        assert_eq!(reason.kind, kind, "{words}: {reason}");
        assert!(reason.text.contains(words), "{words}: {reason}");
    }
    let partial = Fake::always(Response::json(&result(&format!(r#"{values},"StatusCode":"PartialData""#))));
    let accepted =
        read(&at_url(&partial.url(), folder.path(), "partial = \"accept\""), "Shop Errors Sum").unwrap();
    assert_eq!((accepted.samples[0].value, accepted.warnings.len()), (1.0, 1));
    let denied = Fake::always(Response::of(
        "400 Bad Request",
        "application/x-amz-json-1.0",
        &format!(r#"{{"__type":"AccessDeniedException","Message":"no {SECRET}"}}"#),
    ));
    let it = at_url(&denied.url(), folder.path(), "");
    let reason = read(&it, "Shop Errors Sum").unwrap_err();
    assert!(reason.text.contains("AccessDeniedException: no •••"), "{reason}");
    assert!(!it.test().unwrap_err().text.contains(SECRET));
}

/// What rbl asks is what botocore asks, headers of its own aside; and the signature is the one that botocore gives to the request of rbl.
#[test]
fn the_question_is_that_of_botocore() {
    let Some(python) = python_with("boto3") else { return };
    let folder = tempfile::tempdir().unwrap();
    let ours = Fake::always(Response::json(WHOLE));
    one(&at_url(&ours.url(), folder.path(), ""), "Shop/Queues Age p99/5m QueueName=orders");
    let request = ours.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let script = r#"
import sys, json, datetime
from unittest import mock
import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator
given = json.loads(sys.stdin.readline())
service = botocore.session.get_session().get_service_model("cloudwatch")
shape = service.operation_model("GetMetricData").input_shape
report = ParamValidator().validate(given["body"], shape)
request = AWSRequest(method="POST", url=given["url"], headers={"content-type": given["type"], "x-amz-target": given["target"]}, data=given["raw"].encode())
when = datetime.datetime.strptime(given["date"], "%Y%m%dT%H%M%SZ")
with mock.patch("botocore.auth.get_current_datetime", return_value=when, create=True):
    SigV4Auth(Credentials("AKIDEXAMPLE", given["secret"]), "monitoring", "eu-central-1").add_auth(request)
print(json.dumps({"errors": report.generate_report(), "signature": request.headers["Authorization"], "target": service.metadata["targetPrefix"], "json": service.metadata["jsonVersion"]}))
"#;
    let header = |name: &str| {
        let found = head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        found.unwrap_or_else(|| panic!("{name}: {head}"))
    };
    let raw = request.split_once("\r\n\r\n").unwrap().1;
    let given = json!({
        "body": body, "raw": raw, "url": format!("{}/", ours.url()), "type": header("content-type"),
        "target": header("x-amz-target"), "date": header("x-amz-date"), "secret": SECRET,
    });
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{given}\n").as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(child.wait().unwrap().success());
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(said["errors"], "", "botocore's model of the operation takes it");
    assert_eq!(said["signature"].as_str().unwrap(), header("authorization"));
    assert_eq!(header("x-amz-target"), format!("{}.GetMetricData", said["target"].as_str().unwrap()));
    assert_eq!(header("content-type"), format!("application/x-amz-json-{}", said["json"].as_str().unwrap()));
}
