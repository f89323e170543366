//! The roles of AWS: those that a profile takes on and that of a pod, against moto, which has the API of STS, and against an STS of ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::aws_keys::{KEY, SERVICE_TOKEN, TOKEN, shell, signer, systems_manager, tested};
use super::{everything, run};
use crate::cli::shell::Shell;
use crate::support::{Fake, Moto, Response, free_port};

const ROLE: &str = "arn:aws:iam::123456789012:role/runner";

/// Profiles that take on roles: by the key of another profile, by that of a role of their own, and by a token.
fn files(shell: &Shell) {
    shell.write(
        ".aws/credentials",
        format!("[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = {KEY}\n[itself]\naws_access_key_id = AKIDITSELF\naws_secret_access_key = {KEY}\n"),
    );
    let token = shell.path().join("token");
    shell.write("token", format!("{SERVICE_TOKEN}\n"));
    shell.write(
        ".aws/config",
        format!(
            "[profile base]\nrole_arn = arn:aws:iam::1:role/not-this-one\nsource_profile = base\n\n\
             [profile ops]\nrole_arn = {ROLE}\nsource_profile = base\nexternal_id = x y\nrole_session_name = on-call\nduration_seconds = 900\n\n\
             [profile twice]\nrole_arn = {ROLE}2\nsource_profile = ops\n\n\
             [profile itself]\nrole_arn = {ROLE}\nsource_profile = itself\n\n\
             [profile of-environment]\nrole_arn = {ROLE}\ncredential_source = Environment\n\n\
             [profile by-token]\nrole_arn = {ROLE}\nweb_identity_token_file = {}\n\n\
             [profile code]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/x\n\n\
             [profile nothing]\nrole_arn = {ROLE}\n\n\
             [profile both]\nrole_arn = {ROLE}\nsource_profile = base\ncredential_source = Environment\n\n\
             [profile moon]\nrole_arn = {ROLE}\ncredential_source = Moon\n\n\
             [profile gone]\nrole_arn = {ROLE}\nsource_profile = nobody\n\n\
             [profile a]\nrole_arn = {ROLE}\nsource_profile = b\n\n[profile b]\nrole_arn = {ROLE}\nsource_profile = a\n",
            token.display()
        ),
    );
}

#[test]
fn roles_of_moto_sign_the_call() {
    let Some(moto) = Moto::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token").display().to_string();
    std::fs::write(&token, SERVICE_TOKEN).unwrap();
    let pod = [("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()), ("AWS_ROLE_ARN", ROLE)];
    let environment = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", KEY)];
    for (variables, section) in [
        (&[][..], "profile = \"ops\""),
        (&[], "profile = \"twice\""),
        (&[], "profile = \"itself\""),
        (&[], "profile = \"by-token\""),
        (&environment, "profile = \"of-environment\""),
        (&[("AWS_PROFILE", "ops")], ""),
        (&pod, ""),
    ] {
        let (aws, shell) = (systems_manager(), shell(variables).env("AWS_ENDPOINT_URL_STS", &moto.url));
        files(&shell);
        let ended = tested(&shell, &aws, section).code(0);
        let (id, session) = signer(&aws);
        // The key of a session, and not one of those that asked for it.
        assert!(
            id.starts_with("ASIA") && session.is_some_and(|it| it.len() > 100),
            "{section}: {id} {ended:?}"
        );
    }
}

/// What STS answers.
fn keys(id: &str, minutes: i64) -> Response {
    let end = jiff::Timestamp::now() + jiff::Span::new().minutes(minutes);
    Response::of(
        "200 OK",
        "text/xml",
        &format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleResult>\n    <Credentials>\n      \
             <AccessKeyId>{id}</AccessKeyId>\n      <SecretAccessKey>{KEY}</SecretAccessKey>\n      <SessionToken>{TOKEN}</SessionToken>\n      \
             <Expiration>{end}</Expiration>\n    </Credentials>\n  </AssumeRoleResult>\n</AssumeRoleResponse>"
        ),
    )
}

fn refused(status: &str, code: &str, why: &str) -> Response {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{why}</Message></Error></ErrorResponse>"
    );
    Response::of(status, "text/xml", &body)
}

#[test]
fn what_is_sent_says_who_asks_for_which_role() {
    let sts = Fake::start(|_| keys("ASIAONE", 60));
    let (aws, it) = (systems_manager(), shell(&[]).env("AWS_ENDPOINT_URL_STS", &sts.url()));
    files(&it);
    tested(&it, &aws, "profile = \"twice\"").code(0);
    assert_eq!(signer(&aws), ("ASIAONE".into(), Some(TOKEN.into())));
    let requests = sts.requests();
    let (heads, bodies): (Vec<String>, Vec<&str>) = requests
        .iter()
        .map(|request| request.split_once("\r\n\r\n").unwrap())
        .map(|(head, body)| (head.to_lowercase(), body))
        .unzip();
    let role = "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Frunner";
    assert_eq!(
        bodies,
        [
            format!(
                "Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName=on-call&DurationSeconds=900&ExternalId=x%20y"
            ),
            format!("Action=AssumeRole&Version=2011-06-15&RoleArn={role}2&RoleSessionName=rbl"),
        ]
    );
    assert!(
        heads[0].contains("credential=akidbase/") && heads[1].contains("credential=asiaone/"),
        "{heads:?}"
    );
    assert!(heads.iter().all(|head| head.contains("/eu-central-1/sts/aws4_request")), "{heads:?}");
    assert!(heads[1].contains(&format!("x-amz-security-token: {}", TOKEN.to_lowercase())), "{heads:?}");

    // A token is not signed by anybody's key, and is read again for each session, because it is renewed in its file.
    let sts = Fake::start(|_| keys("ASIAPOD", 60));
    let aws = systems_manager();
    let token = it.path().join("token").display().to_string();
    let pod = shell(&[
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
        ("AWS_ROLE_ARN", ROLE),
        ("AWS_ROLE_SESSION_NAME", "pod-7"),
        ("AWS_ENDPOINT_URL_STS", &sts.url()),
    ]);
    tested(&pod, &aws, "").code(0);
    assert_eq!(signer(&aws).0, "ASIAPOD");
    let request = sts.requests().pop().unwrap();
    assert!(!request.to_lowercase().contains("authorization"), "{request}");
    assert!(request.ends_with(&format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={role}&RoleSessionName=pod-7&WebIdentityToken={SERVICE_TOKEN}"
    )));
}

#[test]
fn a_session_that_ends_is_renewed_in_time() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let sts = Fake::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        // It is good for two minutes: the next call asks for a new one, and takes this one where there is none.
        0 => keys("ASIA0", 2),
        1 => refused("503 Service Unavailable", "ServiceUnavailable", "later"),
        number => keys(&format!("ASIA{number}"), 60),
    });
    let aws = systems_manager();
    let shell = shell(&[("AWS_PROFILE", "ops")]).env("AWS_ENDPOINT_URL_STS", &sts.url());
    files(&shell);
    let section =
        format!("[executors.aws]\ntype = \"ssm\"\nregion = \"eu-central-1\"\nurl = \"{}\"\n", aws.url());
    let act = "action go() else { \"not done\" }\n";
    let ended =
        run(&shell, &section, &format!("define go() as aws \"Restart\"\n\n{}", act.repeat(4))).code(0);
    let ids: Vec<String> = aws
        .requests()
        .iter()
        .map(|it| it.split("Credential=").nth(1).unwrap().split('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["ASIA0", "ASIA0", "ASIA2", "ASIA2"], "{ended:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    let all = everything(&shell, &ended);
    assert!(!all.contains(KEY) && !all.contains(TOKEN));
}

#[test]
fn without_a_role_nothing_is_sent() {
    let said_no = || {
        Fake::always(refused(
            "403 Forbidden",
            "AccessDenied",
            "User: arn:x is not authorized to perform: sts:AssumeRole",
        ))
    };
    let page = || Fake::always(Response::of("200 OK", "text/html", &format!("<html>{TOKEN}")));
    let two = || {
        let body = "<Credentials><AccessKeyId>A</AccessKeyId><AccessKeyId>B</AccessKeyId></Credentials>";
        Fake::always(Response::of("200 OK", "text/xml", body))
    };
    let fine = || Fake::always(keys("ASIAONE", 60));
    let never = || Fake::always(keys("ASIAONE", 60).after(Duration::from_secs(30)));
    let token = format!("the role {ROLE}");
    for (sts, profile, words) in [
        (
            said_no(),
            "ops",
            "does not give the role arn:aws:iam::123456789012:role/runner: AccessDenied: User: arn:x is not authorized",
        ),
        (said_no(), "by-token", token.as_str()),
        (page(), "ops", "answered without the access key of a role"),
        (two(), "ops", "answered without the access key of a role"),
        (
            Fake::always(Response::of("502 Bad Gateway", "text/html", "<html>")),
            "ops",
            "it answered 502 Bad Gateway",
        ),
        (never(), "ops", "within 5s"),
        (fine(), "code", "asks for a code of a device (`mfa_serial`)"),
        (fine(), "nothing", "has to say who takes it on"),
        (fine(), "both", "has to say who takes it on"),
        (fine(), "moon", "none of `Environment`, `EcsContainer` and `Ec2InstanceMetadata`"),
        (fine(), "of-environment", "takes its access key from Environment, which has none"),
        (fine(), "gone", "`~/.aws` has no profile `nobody`"),
        (fine(), "a", "the profiles `a`, `b` lead to no access key"),
    ] {
        let (aws, shell) = (systems_manager(), shell(&[]).env("AWS_ENDPOINT_URL_STS", &sts.url()));
        files(&shell);
        let ended = tested(&shell, &aws, &format!("profile = \"{profile}\"")).code(1);
        let said = (ended.out + &ended.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{profile}: {said}");
        assert!(aws.requests().is_empty(), "{profile}");
    }
    for (url, words) in [
        ("http://sts.example.com".to_owned(), "neither an https:// address nor one of this machine"),
        (format!("http://127.0.0.1:{}", free_port()), "connection refused"),
    ] {
        let (aws, shell) = (systems_manager(), shell(&[]).env("AWS_ENDPOINT_URL_STS", &url));
        files(&shell);
        let ended = tested(&shell, &aws, "profile = \"by-token\"").code(1);
        assert!((ended.out + &ended.err).split_whitespace().collect::<Vec<_>>().join(" ").contains(words));
    }
    let aws = systems_manager();
    let gone = shell(&[("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/token"), ("AWS_ROLE_ARN", ROLE)]);
    let ended = tested(&gone, &aws, "").code(1);
    assert!((ended.out + &ended.err).contains("/no/such/token"));
    assert!(aws.requests().is_empty());
}
