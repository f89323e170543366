//! Where the access key of `ssm` and `cloudwatch` comes from: each place that people who use AWS know, against services of ours on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::everything;
use crate::cli::shell::{Ended, Shell};
use crate::support::{Fake, Response, free_port};

pub(super) const KEY: &str = "plant3dAccessKeySecret0123456789";
pub(super) const TOKEN: &str = "plant3dSessionToken0123456789abc";
pub(super) const SERVICE_TOKEN: &str = "plant3dServiceToken0123456789abc";

/// A shell in whose environment nothing of AWS is but what is given.
pub(super) fn shell(variables: &[(&str, &str)]) -> Shell {
    let mut shell = Shell::new();
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CONFIG_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_ENDPOINT_URL_STS",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ] {
        shell = shell.env(name, "");
    }
    let home = shell.path().display().to_string();
    shell = shell.env("HOME", &home).env("AWS_EC2_METADATA_DISABLED", "true");
    for (name, value) in variables {
        shell = shell.env(name, value);
    }
    shell
}

/// Systems Manager: it knows no execution, which is what a test of the connection hopes to hear.
pub(super) fn systems_manager() -> Fake {
    Fake::always(Response::of(
        "400 Bad Request",
        "application/x-amz-json-1.1",
        "{\"__type\": \"AutomationExecutionNotFoundException\", \"Message\": \"no\"}",
    ))
}

pub(super) fn tested(shell: &Shell, aws: &Fake, section: &str) -> Ended {
    shell.write(
        "rbl.toml",
        format!(
            "[executors.aws]\ntype = \"ssm\"\nregion = \"eu-central-1\"\nurl = \"{}\"\n{section}\n",
            aws.url()
        ),
    );
    let ended = shell.rbl("connections test aws");
    for secret in [KEY, TOKEN, SERVICE_TOKEN] {
        assert!(!everything(shell, &ended).contains(secret), "{ended:?}");
    }
    ended
}

/// Whose key signed the last request, and its session token.
pub(super) fn signer(aws: &Fake) -> (String, Option<String>) {
    let request = aws.requests().pop().expect("a request");
    let header = |name: &str| {
        let line = request.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")))?;
        Some(line.split_once(':').unwrap().1.trim().to_owned())
    };
    let authorization = header("authorization").expect("it is signed");
    let id = authorization.split("Credential=").nth(1).unwrap().split('/').next().unwrap();
    (id.to_owned(), header("x-amz-security-token"))
}

#[test]
fn the_files_of_aws_and_the_environment() {
    let files = |shell: &Shell| {
        shell.write(
            ".aws/credentials",
            format!("[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = {KEY}\n\n[ops]\naws_access_key_id = AKIDOPS\naws_secret_access_key={KEY}\naws_session_token = {TOKEN}\n[half]\naws_access_key_id = AKIDHALF\n"),
        );
        shell.write(
            ".aws/config",
            format!("[profile printed]\ncredential_process = echo '{{\"Version\": 1, \"AccessKeyId\": \"AKIDPRINTED\", \"SecretAccessKey\": \"{KEY}\", \"SessionToken\": \"{TOKEN}\", \"Expiration\": \"2100-01-01T00:00:00Z\"}}'\n\n[profile wrong]\ncredential_process = echo {KEY}\n\n[profile signed-in]\nsso_session = ours\n"),
        );
    };
    let token = Some(TOKEN.to_owned());
    let own = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", KEY)];
    let with_token = [own[0], own[1], ("AWS_SESSION_TOKEN", TOKEN), ("AWS_PROFILE", "ops")];
    for (variables, section, id, session) in [
        (&[][..], "", "AKIDFILE", None),
        (&[("AWS_PROFILE", "ops")], "", "AKIDOPS", token.clone()),
        (&[("AWS_PROFILE", "printed")], "", "AKIDPRINTED", token.clone()),
        // As with the tools of AWS, keys of the environment come before AWS_PROFILE, and a profile that is asked for before them.
        (&own, "", "AKIDENV", None),
        (&with_token, "", "AKIDENV", token.clone()),
        (&own, "profile = \"ops\"", "AKIDOPS", token.clone()),
        (&own, "access_key_id = \"AKIDOWN\"\nsecret_access_key = { file = \"key\" }", "AKIDOWN", None),
    ] {
        let (aws, shell) = (systems_manager(), shell(variables));
        files(&shell);
        shell.write("key", KEY);
        let ended = tested(&shell, &aws, section).code(0);
        assert!(ended.out.contains("accepts the access key"), "{ended:?}");
        assert_eq!(signer(&aws), (id.to_owned(), session), "{variables:?} {section}");
    }
    for (variables, section, words) in [
        (&[("AWS_PROFILE", "nobody")][..], "", "`~/.aws` has no profile `nobody`"),
        (&[], "profile = \"nobody\"", "`~/.aws` has no profile `nobody`"),
        (
            &[("AWS_PROFILE", "half")],
            "",
            "the profile `half` has only one of `aws_access_key_id` and `aws_secret_access_key`",
        ),
        (
            &[("AWS_PROFILE", "wrong")],
            "",
            "the `credential_process` of the profile `wrong` printed no access key",
        ),
        (
            &[("AWS_PROFILE", "signed-in")],
            "",
            "the profile `signed-in` gets its access key by a sign-in in a browser (`sso_session`)",
        ),
        (&[("AWS_ACCESS_KEY_ID", "AKIDENV")], "", "the environment variable AWS_SECRET_ACCESS_KEY is"),
        (&[], "access_key_id = \"A\"", "`access_key_id` and `secret_access_key` go together"),
        (&[], "profile = \"a\"\naccess_key_id = \"A\"", "no other key of it goes with that"),
    ] {
        let (aws, shell) = (systems_manager(), shell(variables));
        files(&shell);
        let ended = tested(&shell, &aws, section);
        assert_ne!(ended.code, Some(0), "{ended:?}");
        let said = (ended.out + &ended.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{said}");
        assert!(aws.requests().is_empty(), "nothing is sent without a key");
    }
}

/// The keys of a service, which are good until then.
fn keys(id: &str, until: &str) -> String {
    format!(
        "{{\"Code\": \"Success\", \"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{KEY}\", \"Token\": \"{TOKEN}\", \"Expiration\": \"{until}\"}}"
    )
}

#[test]
fn the_identity_of_an_instance() {
    let instance = |role: &'static str| {
        Fake::start(move |request| {
            let signed_in = request
                .to_lowercase()
                .contains(&format!("x-aws-ec2-metadata-token: {}", SERVICE_TOKEN.to_lowercase()));
            let line = request.lines().next().unwrap_or_default();
            match line.trim_end_matches(" HTTP/1.1") {
                "PUT /latest/api/token"
                    if request.to_lowercase().contains("x-aws-ec2-metadata-token-ttl-seconds: ") =>
                {
                    Response::of("200 OK", "text/plain", SERVICE_TOKEN)
                }
                "GET /latest/meta-data/iam/security-credentials/" if signed_in && !role.is_empty() => {
                    Response::of("200 OK", "text/plain", role)
                }
                "GET /latest/meta-data/iam/security-credentials/runner" if signed_in => {
                    Response::json(&keys("AKIDROLE", "2100-01-01T00:00:00Z"))
                }
                _ if signed_in => Response::of("404 Not Found", "text/html", "<html>"),
                _ => Response::of("401 Unauthorized", "text/html", &format!("<html>{KEY}")),
            }
        })
    };
    let at =
        |url: &str| shell(&[("AWS_EC2_METADATA_DISABLED", ""), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)]);
    let (aws, service) = (systems_manager(), instance("runner"));
    tested(&at(&service.url()), &aws, "").code(0);
    assert_eq!(signer(&aws), ("AKIDROLE".into(), Some(TOKEN.to_owned())));

    let gone = format!("http://127.0.0.1:{}", free_port());
    for (url, words) in [
        (instance("").url(), "this instance has no role"),
        (gone, "connection refused"),
        (
            Fake::always(Response::of("200 OK", "text/html", "<html>Sign in")).url(),
            "something else than was asked for",
        ),
        (Fake::always(Response::of("403 Forbidden", "text/plain", KEY)).url(), "answered 403"),
    ] {
        let ended = tested(&at(&url), &aws, "").code(1);
        let said = (ended.out + &ended.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("no access key: ") && said.contains(words), "{said}");
    }
    let said = tested(&shell(&[]), &aws, "").code(1);
    assert!((said.out + &said.err).contains("AWS_EC2_METADATA_DISABLED"));
    // The role of the machine may do other things than that of the pod.
    let pod = shell(&[("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_EC2_METADATA_DISABLED", "")]);
    let said = tested(&pod, &aws, "").code(1);
    assert!((said.out + &said.err).contains("AWS_ROLE_ARN names no role"));
    assert_eq!(aws.requests().len(), 1);
}

#[test]
fn the_identity_of_a_container_and_keys_that_end() {
    let container = Fake::start(|request| {
        let is_signed_in =
            request.to_lowercase().contains(&format!("authorization: {}", SERVICE_TOKEN.to_lowercase()));
        if request.starts_with("GET /v1/credentials?id=7 ") && is_signed_in {
            return Response::json(&keys("AKIDPOD", "2100-01-01T00:00:00Z"));
        }
        Response::of("401 Unauthorized", "application/json", "{}")
    });
    let url = format!("{}/v1/credentials?id=7", container.url());
    let aws = systems_manager();
    let by_variable = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", SERVICE_TOKEN),
    ];
    tested(&shell(&by_variable), &aws, "").code(0);
    assert_eq!(signer(&aws), ("AKIDPOD".into(), Some(TOKEN.to_owned())));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token").display().to_string();
    std::fs::write(&file, format!("{SERVICE_TOKEN}\n")).unwrap();
    let by_file = [by_variable[0], ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.as_str())];
    tested(&shell(&by_file), &aws, "").code(0);
    // A token goes to nobody else.
    let elsewhere = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://keys.example/x"), by_variable[1]];
    let said = tested(&shell(&elsewhere), &aws, "").code(1);
    assert!((said.out + &said.err).contains("neither an https:// address nor one of this machine"));

    // One key for a whole run, and a new one where AWS does not know it any more.
    let (given, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&given);
    let service = Fake::start(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        Response::json(&keys(&format!("AKID{number}"), "2100-01-01T00:00:00Z"))
    });
    let seen = Arc::clone(&refused);
    let aws = Fake::start(move |_| {
        let error = if seen.fetch_add(1, Ordering::SeqCst) == 1 {
            "ExpiredTokenException"
        } else {
            "AccessDeniedException"
        };
        Response::of(
            "400 Bad Request",
            "application/x-amz-json-1.1",
            &format!("{{\"__type\": \"{error}\", \"Message\": \"{TOKEN}\"}}"),
        )
    });
    let url = format!("{}/", service.url());
    let shell = shell(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)]);
    let section =
        format!("[executors.aws]\ntype = \"ssm\"\nregion = \"eu-central-1\"\nurl = \"{}\"\n", aws.url());
    let act = "action go() else { \"not done\" }\n";
    let ended =
        super::run(&shell, &section, &format!("define go() as aws \"Restart\"\n\n{}", act.repeat(3))).code(0);
    let ids: Vec<String> = aws
        .requests()
        .iter()
        .map(|it| it.split("Credential=").nth(1).unwrap().split('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["AKID0", "AKID0", "AKID1"], "{ended:?}");
    let all = everything(&shell, &ended);
    assert!(!all.contains(KEY) && !all.contains(TOKEN));
}
