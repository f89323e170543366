//! The executor `azure`: what its fake answers is read by Microsoft's own client, which sends what rbl sends.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::failures::{act, configured};
use super::following::System;
use super::services::body;
use super::{everything, flat, run};
use crate::cli::shell::Shell;
use crate::support::{Fake, Response, python_with};
use rbl_runtime::{Acted, Argument, CommandLine, Datum, Piece, Secrets};
use rbl_world::executor::Job;

const TOKEN: &str = "planted-Token-eyJ0eXAi0011";
const ACCOUNT: &str =
    "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/ops";

/// Azure: its sign-in, and the jobs of one automation account, in the words of its description (2024-10-23).
pub(super) fn azure_answers(request: &str, state: &str) -> Response {
    let line = request.lines().next().unwrap_or_default();
    if line.contains("/oauth2/") && line.starts_with("POST ") || line.contains("/metadata/identity/") {
        return Response::json(&format!(
            "{{\"token_type\": \"Bearer\", \"expires_in\": 3599, \"ext_expires_in\": 3599, \"expires_on\": \"1795333339\", \
             \"resource\": \"https://management.azure.com/\", \"access_token\": \"{TOKEN}\"}}"
        ));
    }
    if line.contains("/.well-known/openid-configuration") {
        let host = header(request, "host").unwrap_or_default();
        return Response::json(&format!(
            "{{\"token_endpoint\": \"https://{host}/t-1/oauth2/v2.0/token\", \"authorization_endpoint\": \"https://{host}/t-1/oauth2/v2.0/authorize\", \
             \"issuer\": \"https://{host}/t-1/v2.0\", \"device_authorization_endpoint\": \"https://{host}/t-1/oauth2/v2.0/devicecode\"}}"
        ));
    }
    if header(request, "authorization").as_deref() != Some(&format!("Bearer {TOKEN}")) {
        let error =
            "{\"error\": {\"code\": \"AuthenticationFailed\", \"message\": \"Authentication failed.\"}}";
        return Response::of("401 Unauthorized", "application/json", error);
    }
    let status = match state {
        "Success" => "Completed",
        "Cancelled" => "Stopped",
        "InProgress" => "Running",
        other => other,
    };
    let job = format!(
        "{{\"id\": \"/x\", \"name\": \"j\", \"type\": \"Microsoft.Automation/AutomationAccounts/Jobs\", \"properties\": \
         {{\"jobId\": \"5b8a3960-e8ab-45f6-bc25-9ba8b7f7d0a1\", \"status\": \"{status}\", \"statusDetails\": \"None\", \
         \"provisioningState\": \"Processing\", \"exception\": null, \"parameters\": {{}}, \"runbook\": {{\"name\": \"Restart-Service\"}}}}}}"
    );
    if line.contains("/output?") {
        Response::of("200 OK", "text/plain", "service restarted\nin 3s")
    } else if line.contains("/streams?") {
        Response::json(
            "{\"value\": [{\"id\": \"/s\", \"properties\": {\"jobStreamId\": \"1\", \"streamType\": \"Error\", \
             \"time\": \"2026-11-29T10:00:00+00:00\", \"summary\": \"Cannot find the service 'api'\"}}]}",
        )
    } else if line.contains("/stop?") {
        Response::of("200 OK", "application/json", "")
    } else if line.starts_with("PUT ") {
        Response::of("201 Created", "application/json", &job)
    } else if line.contains("/jobs/") {
        Response::json(&job)
    } else {
        Response::json("{\"name\": \"ops\", \"properties\": {\"state\": \"Ok\"}}")
    }
}

pub(super) fn azure_automation() -> System {
    System::start(azure_answers)
}

fn header(request: &str, name: &str) -> Option<String> {
    let head = request.split_once("\r\n\r\n")?.0;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn section(url: &str, more: &str) -> String {
    format!(
        "[executors.it]\ntype = \"azure\"\nurl = \"{url}\"\nsubscription = \"s-1\"\nresource_group = \"rg\"\naccount = \"ops\"\nevery = \"50ms\"\n{more}\n"
    )
}

fn application(url: &str) -> String {
    format!(
        "login_url = \"{url}\"\ntenant = \"t-1\"\nclient_id = \"c-1\"\nclient_secret = {{ file = \"secret\" }}"
    )
}

/// Runs one job of this executor.
fn acted(toml: &str, arguments: Vec<Argument>) -> Acted {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "planted~Secret/5+6").unwrap();
    let connections = configured(toml, folder.path());
    let reference = CommandLine(vec![Piece::Text("Restart-Service".into())]);
    let (job, stopper) = Job::new(act(), reference, arguments, Secrets::new());
    let acted = connections.executors["it"].it.run(&job);
    drop(stopper);
    acted
}

fn parts(request: &str) -> (String, Vec<(String, String)>) {
    let target = request.split(' ').nth(1).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    query.sort();
    (path.to_owned(), query)
}

/// Microsoft's own client against the same fake: the same requests, and it reads every answer.
#[test]
fn azure_gets_what_its_own_client_sends() {
    let theirs = Fake::start(|request| azure_answers(request, "Success"));
    let program = "import sys
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientSecretCredential
from azure.mgmt.automation import AutomationClient
class Plain(RequestsTransport):
    def send(self, request, **kwargs):
        request.url = request.url.replace('https://', 'http://')
        return super().send(request, **kwargs)
host = sys.argv[1].replace('http://', '')
credential = ClientSecretCredential('t-1', 'c-1', 'planted~Secret/5+6', authority=host, disable_instance_discovery=True, transport=Plain())
client = AutomationClient(credential, 's-1', base_url='https://' + host, credential_scopes=['https://management.azure.com/.default'], transport=Plain())
name = '5b8a3960-e8ab-45f6-bc25-9ba8b7f7d0a1'
made = client.job.create('rg', 'ops', name, {'properties': {'runbook': {'name': 'Restart-Service'}, 'parameters': {'VmName': 'web-1', 'Grace': '30'}, 'runOn': 'onprem'}})
assert made.properties.status == 'Completed', made
seen = client.job.get('rg', 'ops', name)
assert seen.properties.status == 'Completed' and seen.properties.exception is None
output = client.job.get_output('rg', 'ops', name)
output = output if isinstance(output, str) else b''.join(output).decode()
assert output == 'service restarted\\nin 3s', output
errors = list(client.job_stream.list_by_job('rg', 'ops', name, filter=\"properties/streamType eq 'Error'\"))
assert [error.properties.summary for error in errors] == [\"Cannot find the service 'api'\"]
client.job.stop('rg', 'ops', name)
assert client.automation_account.get('rg', 'ops').properties.state == 'Ok'
";
    let Some(python) = python_with("azure.mgmt.automation, azure.identity") else { return };
    let ended = Command::new(python).args(["-c", program, &theirs.url()]).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));

    let ours = Fake::start(|request| azure_answers(request, "Success"));
    let text = |name: &str, value: Datum| Argument { name: name.into(), value };
    let arguments = vec![text("vm_name", Datum::Text("web-1".into())), text("grace", Datum::Duration(30.0))];
    let toml = section(&ours.url(), &format!("{}\nrun_on = \"onprem\"", application(&ours.url())));
    let did = acted(&toml, arguments);
    assert_eq!(did.result, Ok(()), "{did:?}");
    assert_eq!(did.output.stdout, "service restarted\nin 3s");
    // The stream of errors, the stop and the account.
    let toml = section(&ours.url(), &format!("{}\nfail_on_errors = true", application(&ours.url())));
    let why = acted(&toml, Vec::new()).result.unwrap_err().text;
    assert!(why.contains("completed with errors: Cannot find the service 'api'"), "{why}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "planted~Secret/5+6").unwrap();
    let tested = configured(&toml, folder.path()).executors["it"].it.test();
    assert_eq!(tested.unwrap(), "the automation account ops (Ok)");

    let (theirs, ours) = (theirs.requests(), ours.requests());
    let first = |all: &[String], has: &str| {
        all.iter()
            .find(|it| it.lines().next().unwrap().contains(has))
            .unwrap_or_else(|| panic!("{has}: {all:#?}"))
            .clone()
    };
    let name = |request: &str| {
        parts(request).0.split("/jobs/").nth(1).unwrap().split('/').next().unwrap().to_owned()
    };
    let ours_name = name(&first(&ours, "PUT "));
    assert_eq!(ours_name.len(), 36);
    for line in [
        "PUT ",
        "GET /subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/ops/jobs/",
        "/output?",
        "/streams?",
        "automationAccounts/ops?",
    ] {
        let (their, our) = (first(&theirs, line), first(&ours, line));
        let (their_path, their_query) = parts(&their);
        let (our_path, our_query) = parts(&our);
        let our_path = if our_path.contains("/jobs/") {
            our_path.replace(&name(&our), "5b8a3960-e8ab-45f6-bc25-9ba8b7f7d0a1")
        } else {
            our_path
        };
        assert_eq!((our_path, our_query), (their_path, their_query), "{line}");
        for of in ["accept", "authorization"] {
            assert_eq!(header(&our, of), header(&their, of), "{line} {of}");
        }
    }
    let (their, our) = (first(&theirs, "PUT "), first(&ours, "PUT "));
    assert_eq!(header(&our, "content-type"), header(&their, "content-type"));
    assert_eq!(body(&our), body(&their));
    let form = |request: &str| -> Vec<(String, String)> {
        let form = request.split_once("\r\n\r\n").unwrap().1;
        let known = ["client_id", "client_secret", "grant_type", "scope"];
        let mut all: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .filter(|(name, _)| known.contains(&name.as_str()))
            .collect();
        all.sort();
        all
    };
    let (their, our) =
        (first(&theirs, "POST /t-1/oauth2/v2.0/token"), first(&ours, "POST /t-1/oauth2/v2.0/token"));
    assert_eq!(form(&our), form(&their));
}

/// The identity of the machine, asked as azure-identity asks for it.
#[test]
fn a_machine_signs_in_as_azure_identity_does() {
    let server = Fake::start(|request| azure_answers(request, "Success"));
    let more = format!("identity_url = \"{}\"\nclient_id = \"mi-7\"", server.url());
    assert_eq!(acted(&section(&server.url(), &more), Vec::new()).result, Ok(()));
    let requests = server.requests();
    let ours = requests.iter().find(|it| it.contains("/metadata/identity/")).unwrap();
    assert_eq!(
        requests.iter().filter(|it| it.contains("/metadata/identity/")).count(),
        1,
        "the token is kept"
    );
    assert_eq!(header(ours, "metadata").as_deref(), Some("true"));

    let program = "import sys
from azure.identity import ManagedIdentityCredential
token = ManagedIdentityCredential(client_id='mi-7').get_token('https://management.azure.com/.default')
assert token.token == sys.argv[2], token
";
    let Some(python) = python_with("azure.identity") else { return };
    let theirs = Fake::start(|request| azure_answers(request, "Success"));
    let ended = Command::new(python)
        .args(["-c", program, &theirs.url(), TOKEN])
        .env("AZURE_POD_IDENTITY_AUTHORITY_HOST", theirs.url())
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let all = theirs.requests();
    let their = all.iter().rev().find(|it| it.contains("/metadata/identity/")).unwrap();
    let (their_path, their_query) = parts(their);
    let (path, query) = parts(ours);
    assert_eq!(path, their_path);
    let slashless = |query: Vec<(String, String)>| -> Vec<(String, String)> {
        query.into_iter().map(|(name, value)| (name, value.trim_end_matches('/').to_owned())).collect()
    };
    assert_eq!(slashless(query), slashless(their_query));
    assert_eq!(header(their, "metadata").map(|it| it.to_lowercase()), header(ours, "metadata"));
}

#[test]
fn a_sign_in_that_fails_has_begun_nothing() {
    let server = Fake::start(|request| azure_answers(request, "Success"));
    let error = "{\"error\": \"invalid_client\", \"error_description\": \"AADSTS7000215: Invalid client secret provided: planted~Secret/5+6.\\r\\nTrace ID: 1\"}";
    for (response, words) in [
        (
            Response::of("401 Unauthorized", "application/json", error),
            "does not let us sign in: invalid_client: AADSTS7000215: Invalid client secret provided: •••.",
        ),
        (
            Response::json("{\"access\": \"planted-Token-eyJ0eXAi0011\"}"),
            "answered without an `access_token`",
        ),
        (Response::of("200 OK", "text/html", "<html>"), "a page for people"),
        (Response::of("500 Internal Server Error", "text/plain", "no"), "500 Internal Server Error"),
        (Response::with("429 Too Many Requests", "Retry-After: 3600\r\n", ""), "takes no more requests"),
        (Response::with("302 Found", "Location: http://127.0.0.1:1/x\r\n", ""), "elsewhere"),
        (Response::raw(b""), ""),
    ] {
        let login = Fake::always(response);
        let toml = section(&server.url(), &application(&login.url()));
        let why = acted(&toml, Vec::new()).result.unwrap_err().text;
        assert!(why.contains(words) && !why.contains("may have been"), "{words}: {why}");
        assert!(!why.contains("planted"), "{why}");
        assert_eq!(login.requests().len(), 1);
    }
    assert!(server.requests().is_empty(), "{:?}", server.requests());
}

/// A second start of the same job: where Azure refuses it because the job is there, that one is followed.
#[test]
fn a_job_that_was_begun_before_is_followed() {
    let conflict = "{\"error\": {\"code\": \"Conflict\", \"message\": \"The job already exists\"}}";
    let there = Fake::start(move |request| {
        if request.starts_with("PUT ") {
            return Response::of("409 Conflict", "application/json", conflict);
        }
        azure_answers(request, "Success")
    });
    let did = acted(&section(&there.url(), &application(&there.url())), Vec::new());
    assert_eq!(did.result, Ok(()), "{did:?}");

    // Another conflict is a no.
    let other = Fake::start(move |request| match request.lines().next().unwrap() {
        line if line.starts_with("PUT ") => Response::of("409 Conflict", "application/json", conflict),
        line if line.contains("/jobs/") => Response::of(
            "404 Not Found",
            "application/json",
            "{\"code\": \"NotFound\", \"message\": \"none\"}",
        ),
        _ => azure_answers(request, "Success"),
    });
    let why = acted(&section(&other.url(), &application(&other.url())), Vec::new()).result.unwrap_err().text;
    assert!(
        why.contains("refused it: Conflict: The job already exists") && !why.contains("may have"),
        "{why}"
    );
}

#[test]
fn a_job_that_does_not_work_says_why() {
    for (state, exception, words) in [
        (
            "Failed",
            "\"The VM 'web-1' is not there\\nat line 3\"",
            "ended as Failed: The VM 'web-1' is not there",
        ),
        ("Failed", "null", "ended as Failed: Cannot find the service 'api'"),
        ("Suspended", "null", "ended as Suspended and waits there for a person"),
        ("Stopped", "null", "ended as Stopped"),
    ] {
        let server = Fake::start(move |request| {
            let mut response = azure_answers(request, state);
            let text = String::from_utf8(response.bytes).unwrap();
            if text.contains("\"exception\": null") && request.starts_with("GET ") {
                let body = text.split_once("\r\n\r\n").unwrap().1;
                return Response::json(
                    &body.replace("\"exception\": null", &format!("\"exception\": {exception}")),
                );
            }
            response.bytes = text.into_bytes();
            response
        });
        let did = acted(&section(&server.url(), &application(&server.url())), Vec::new());
        let why = did.result.unwrap_err().text;
        assert!(why.contains(words), "{words}: {why}");
        assert_eq!(server.requests().iter().filter(|it| it.starts_with("PUT ")).count(), 1);
    }
}

/// A token that Azure takes no more is asked for again at the next look; and neither it nor the secret is anywhere.
#[test]
fn a_token_that_is_over_is_asked_for_again() {
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let server = Fake::start(move |request| {
        let is_look = request.starts_with(&format!("GET {ACCOUNT}/jobs/"));
        if is_look && counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let error = format!(
                "{{\"error\": {{\"code\": \"ExpiredAuthenticationToken\", \"message\": \"{TOKEN}\"}}}}"
            );
            return Response::of("401 Unauthorized", "application/json", &error);
        }
        azure_answers(request, "Success")
    });
    let shell = Shell::new().env("KEY", "planted~Secret/5+6");
    let toml = section(
        &server.url(),
        &application(&server.url()).replace("{ file = \"secret\" }", "{ env = \"KEY\" }"),
    );
    let ended = run(&shell, &toml, "define restart() as it \"Restart-Service\"\n\naction restart() within 20s as done\n\"said #{done.text}\"").code(0);
    assert!(flat(&ended).contains("said service restarted"), "{}", ended.out);
    assert_eq!(server.requests().iter().filter(|it| it.contains("/oauth2/")).count(), 2);
    let all = everything(&shell, &ended);
    assert!(!all.contains("planted"), "{all}");
}

#[test]
fn half_an_application_is_refused() {
    let text = section("http://127.0.0.1:1", "tenant = \"t-1\"");
    let refused = run(&Shell::new(), &text, "\"x\"").code(2);
    let said = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("`tenant`, `client_id` and `client_secret`"), "{said}");
}
