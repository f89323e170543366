//! What rbl sends compared with what other clients of the same services send: Alertmanager to PagerDuty, Opsgenie and Slack,
//! slack-sdk to Slack, botocore to AWS. So a misreading of ours is not shared by a fake of ours.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::failures::{act, configured, page, record};
use super::services::body;
use crate::support::{Alertmanager, Fake, Response, python_with};
use rbl_runtime::{Argument, CommandLine, Datum, Outcome, Piece, Secrets};
use rbl_world::Outlet;
use rbl_world::executor::Job;
use rbl_world::people::NoScreen;

/// Takes everything that these services are sent.
fn recorder() -> Fake {
    Fake::start(|request| {
        let slack = "{\"ok\": true, \"channel\": \"C1\", \"ts\": \"1.1\"}";
        if request.starts_with("POST /services/") {
            Response::of("200 OK", "text/plain", "ok")
        } else if request.starts_with("POST /api/") {
            Response::json(slack)
        } else {
            Response::of(
                "202 Accepted",
                "application/json",
                "{\"status\": \"success\", \"result\": \"taken\", \"requestId\": \"r\"}",
            )
        }
    })
}

/// What Alertmanager sends for one alert that fires and is resolved: one request for each service and state.
pub(super) fn sent_by_alertmanager() -> Option<Vec<String>> {
    let recorder = recorder();
    let url = recorder.url();
    let server = Alertmanager::start_with(&format!(
        "route: {{ receiver: all, group_wait: 1s, group_interval: 1s }}
receivers:
- name: all
  pagerduty_configs: [ {{ routing_key: e93facc04764012d7bfb002500d5d1a6, url: '{url}/v2/enqueue' }} ]
  opsgenie_configs: [ {{ api_key: genie-key, api_url: '{url}/', priority: P1, tags: 'a', responders: [ {{ name: ops, type: team }} ] }} ]
  slack_configs: [ {{ api_url: '{url}/services/T0/B0/X', channel: '#inc', send_resolved: true }} ]
"
    ))?;
    server.send("{\"alertname\": \"DiskFull\", \"severity\": \"critical\"}", None);
    let wait = |count: usize| {
        let until = Instant::now() + Duration::from_secs(30);
        while recorder.requests().len() < count && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(100));
        }
        assert!(recorder.requests().len() >= count, "{:?}", recorder.requests());
    };
    wait(3);
    server.send("{\"alertname\": \"DiskFull\", \"severity\": \"critical\"}", Some("2026-01-01T00:00:00Z"));
    wait(6);
    Some(recorder.requests())
}

/// What rbl sends for a page to a team and the end of its run.
fn sent_by_us(section: &str) -> Vec<String> {
    let recorder = recorder();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "e93facc04764012d7bfb002500d5d1a6").unwrap();
    std::fs::write(folder.path().join("hook"), format!("{}/services/T0/B0/X", recorder.url())).unwrap();
    let text = section.replace("URL", &recorder.url());
    let connections = configured(&format!("[teams.it]\n{text}\n"), folder.path());
    let outlet = Outlet {
        screen: std::sync::Arc::new(NoScreen),
        secrets: Secrets::new(),
        teams: connections.team_rules.clone(),
    };
    let team = &connections.teams["it"].it;
    let delivery = team.page(&page(), &outlet).unwrap();
    if let Some(ticket) = delivery.ticket {
        let end = rbl_runtime::Conclude {
            ticket,
            outcome: Outcome::Resolved,
            message: "well".into(),
            runbook: "Latency".into(),
            key: "r1/end-1".into(),
            question: None,
        };
        team.conclude(&end, &outlet).unwrap();
    }
    recorder.requests()
}

/// The keys of a JSON object with the types of their values, those of inner objects with dots.
fn shape(value: &Value, prefix: &str, shape_of: &mut BTreeMap<String, &'static str>) {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    if !prefix.is_empty() {
        shape_of.insert(prefix.to_owned(), name);
    }
    // What is in the details is the sender's own.
    if let (Value::Object(fields), false) = (value, prefix.ends_with("details")) {
        for (key, value) in fields {
            let inner = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            shape(value, &inner, shape_of);
        }
    }
}

pub(super) fn shapes(request: &str) -> BTreeMap<String, &'static str> {
    let mut shapes = BTreeMap::new();
    shape(&body(request), "", &mut shapes);
    shapes
}

pub(super) fn header(request: &str, name: &str) -> Option<String> {
    let head = request.split_once("\r\n\r\n").unwrap().0;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

pub(super) fn first<'r>(requests: &'r [String], line: &str, has: &str) -> &'r str {
    requests
        .iter()
        .find(|it| it.starts_with(line) && it.contains(has))
        .unwrap_or_else(|| panic!("{line} {has}: {requests:#?}"))
}

#[test]
fn pagerduty_opsgenie_and_slack_get_what_alertmanager_sends() {
    let Some(theirs) = sent_by_alertmanager() else { return };

    let ours = sent_by_us("type = \"pagerduty\"\nurl = \"URL\"\nrouting_key = { file = \"key\" }");
    for action in ["trigger", "resolve"] {
        let has = format!("\"event_action\":\"{action}\"");
        let (their, our) =
            (first(&theirs, "POST /v2/enqueue ", &has), first(&ours, "POST /v2/enqueue ", &has));
        assert_eq!(header(their, "content-type"), header(our, "content-type"));
        assert_eq!(body(their)["routing_key"], body(our)["routing_key"]);
        let (their, mut our) = (shapes(their), shapes(our));
        // Ours alone: the links of the runbook.
        our.remove("links");
        if action == "trigger" {
            assert_eq!(our, their);
        } else {
            // The payload of a resolve means nothing to PagerDuty, and we have none.
            assert!(our.iter().all(|(key, of)| their.get(key) == Some(of)), "{our:?} {their:?}");
            assert_eq!(our.keys().collect::<Vec<_>>(), ["dedup_key", "event_action", "routing_key"]);
        }
    }

    let ours = sent_by_us(
        "type = \"opsgenie\"\nurl = \"URL\"\napi_key = { file = \"key\" }\nresponders = [\"team:ops\"]\ntags = [\"a\"]",
    );
    let (their, our) = (first(&theirs, "POST /v2/alerts ", ""), first(&ours, "POST /v2/alerts ", ""));
    assert_eq!(header(their, "authorization").unwrap().split(' ').next(), Some("GenieKey"));
    assert_eq!(header(our, "authorization").unwrap().split(' ').next(), Some("GenieKey"));
    assert_eq!(shapes(our), shapes(their));
    assert_eq!(body(our)["responders"], body(their)["responders"]);
    let close = |request: &str| {
        let path = request.split(' ').nth(1).unwrap();
        let (before, behind) = path.rsplit_once("/close").unwrap();
        (before.rsplit_once('/').unwrap().0.to_owned(), behind.to_owned())
    };
    let (their, our) =
        (first(&theirs, "POST /v2/alerts/", "/close"), first(&ours, "POST /v2/alerts/", "/close"));
    assert_eq!(close(our), close(their));

    // An incoming webhook: ours is one text and no attachment, which every such webhook takes too.
    let ours = sent_by_us("type = \"slack\"\nwebhook = { file = \"hook\" }");
    let (their, our) = (first(&theirs, "POST /services/", ""), first(&ours, "POST /services/", ""));
    assert_eq!(header(their, "content-type"), header(our, "content-type"));
    assert_eq!(our.split(' ').nth(1), their.split(' ').nth(1));
    assert_eq!(shapes(our).keys().collect::<Vec<_>>(), ["text"]);
}

/// Runs a program in Python with the address of the fake.
fn python(module: &str, program: &str, url: &str) -> Option<()> {
    let python = python_with(module)?;
    let ended = Command::new(python).args(["-c", program, url]).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Some(())
}

#[test]
fn slack_gets_what_its_own_client_sends() {
    let theirs = recorder();
    let program = "import sys
from slack_sdk import WebClient
client = WebClient(token='xoxb-1', base_url=sys.argv[1] + '/api/')
said = client.chat_postMessage(channel='C1', text='it began', thread_ts='1.1', unfurl_links=False, unfurl_media=False,
    metadata={'event_type': 'rbl_message', 'event_payload': {'key': 'r1/0.20'}})
assert said['ok'] and said['ts'] == '1.1'
client.chat_update(channel='C1', ts='1.1', text='it ended')
";
    if python("slack_sdk", program, &theirs.url()).is_none() {
        return;
    }
    let ours = recorder();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "xoxb-1").unwrap();
    let text = format!(
        "[channels.it]\ntype = \"slack\"\napi_url = \"{}/api\"\ntoken = {{ file = \"key\" }}\nchannel = \"C1\"\n",
        ours.url()
    );
    let connections = configured(&text, folder.path());
    let outlet = Outlet {
        screen: std::sync::Arc::new(NoScreen),
        secrets: Secrets::new(),
        teams: connections.team_rules.clone(),
    };
    let in_thread = rbl_runtime::RecordEffect { thread: Some("C1:1.1".into()), ..record() };
    connections.channels["it"].it.post(&in_thread, &outlet).unwrap();
    let (theirs, ours) = (theirs.requests(), ours.requests());
    for method in ["POST /api/chat.postMessage ", "POST /api/chat.update "] {
        let (their, our) = (first(&theirs, method, ""), first(&ours, method, ""));
        assert_eq!(header(our, "authorization"), header(their, "authorization"));
        assert_eq!(
            shapes(our).keys().collect::<Vec<_>>(),
            shapes(their).keys().collect::<Vec<_>>(),
            "{method}"
        );
        assert!(header(their, "content-type").unwrap().starts_with("application/json"));
    }
    assert_eq!(
        body(first(&theirs, "POST /api/chat.postMessage ", "")),
        body(first(&ours, "POST /api/chat.postMessage ", ""))
    );
}

/// A fake of Systems Manager that both clients use.
pub(super) fn ssm(request: &str, status: &str) -> Response {
    let target = header(request, "x-amz-target").unwrap_or_default();
    match target.as_str() {
        "AmazonSSM.StartAutomationExecution" => {
            Response::json("{\"AutomationExecutionId\": \"9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f\"}")
        }
        "AmazonSSM.StopAutomationExecution" => Response::json("{}"),
        _ => Response::json(&format!(
            "{{\"AutomationExecution\": {{\"AutomationExecutionId\": \"9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f\", \"AutomationExecutionStatus\": \"{status}\", \
             \"Outputs\": {{\"restart.State\": [\"running\"]}}}}}}"
        )),
    }
}

#[test]
fn systems_manager_gets_what_botocore_sends() {
    let theirs = Fake::start(|request| ssm(request, "Success"));
    let program = "import sys
import botocore.session
client = botocore.session.get_session().create_client(
    'ssm', region_name='eu-central-1', endpoint_url=sys.argv[1], aws_access_key_id='AKID', aws_secret_access_key='secret')
started = client.start_automation_execution(
    DocumentName='AWS-RestartEC2Instance', DocumentVersion='2', Parameters={'InstanceId': ['i-1', 'i-2'], 'Wait': ['30']},
    ClientToken='00000000-0000-4000-8000-000000000000')
assert started['AutomationExecutionId'] == '9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f'
seen = client.get_automation_execution(AutomationExecutionId='9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f')['AutomationExecution']
assert seen['AutomationExecutionStatus'] == 'Success' and seen['Outputs'] == {'restart.State': ['running']}
";
    if python("botocore", program, &theirs.url()).is_none() {
        return;
    }
    let ours = Fake::start(|request| ssm(request, "Success"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "secret").unwrap();
    let text = format!(
        "[executors.it]\ntype = \"ssm\"\nurl = \"{}\"\nregion = \"eu-central-1\"\naccess_key_id = \"AKID\"\nsecret_access_key = {{ file = \"key\" }}\n",
        ours.url()
    );
    let connections = configured(&text, folder.path());
    let reference = CommandLine(vec![Piece::Text("AWS-RestartEC2Instance 2".into())]);
    let texts = |items: &[&str]| Datum::List(items.iter().map(|it| Datum::Text((*it).into())).collect());
    let arguments = vec![
        Argument { name: "instance_id".into(), value: texts(&["i-1", "i-2"]) },
        Argument { name: "wait".into(), value: Datum::Duration(30.0) },
    ];
    let (job, stopper) = Job::new(act(), reference, arguments, Secrets::new());
    let acted = connections.executors["it"].it.run(&job);
    drop(stopper);
    assert_eq!(acted.result, Ok(()), "{acted:?}");
    assert!(acted.output.stdout.contains("\"restart.State\":[\"running\"]"), "{acted:?}");
    assert_eq!(acted.remark.as_deref(), Some("9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f"));
    let (theirs, ours) = (theirs.requests(), ours.requests());
    for operation in ["StartAutomationExecution", "GetAutomationExecution"] {
        let (their, our) = (first(&theirs, "POST / ", operation), first(&ours, "POST / ", operation));
        for name in ["x-amz-target", "content-type"] {
            assert_eq!(header(our, name), header(their, name), "{operation}");
        }
        let scope = |request: &str| {
            let authorization = header(request, "authorization").unwrap();
            let scope = authorization.split(',').next().unwrap().to_owned();
            scope.split('/').skip(2).collect::<Vec<_>>().join("/")
        };
        assert_eq!(scope(our), scope(their));
        let (mut their, mut our) = (body(their), body(our));
        for one in [&mut their, &mut our] {
            if let Some(token) = one.get("ClientToken") {
                assert_eq!(token.as_str().unwrap().len(), 36);
                one["ClientToken"] = "".into();
            }
        }
        assert_eq!(our, their, "{operation}");
    }
}
