//! `rbl check --online` asks executors what they know of a reference, and begins nothing.

use crate::cli::shell::{Ended, Shell};
use crate::support::{Fake, Response, free_port};

fn checked(shell: &Shell, toml: &str, defines: &str) -> Ended {
    let calls: String = defines
        .lines()
        .filter_map(|line| line.strip_prefix("define ")?.split_once('('))
        .map(|(name, rest)| {
            let params = rest.split(')').next().unwrap_or_default();
            let values: Vec<&str> =
                params.split(',').filter(|it| !it.trim().is_empty()).map(|_| "\"a\"").collect();
            format!("action {name}({}) within 1m\n", values.join(", "))
        })
        .collect();
    shell.write("rbl.toml", format!("[teams.o]\ntype = \"terminal\"\n{toml}"));
    shell.write(
        "a.rb",
        format!(
            "runbook \"x\"\nowner \"o\"\n{defines}\ncheck \"Is it wrong?\"\n{calls}check \"Is it well?\"\n"
        ),
    );
    shell.rbl("check --online --format short a.rb")
}

/// The findings of the check, without their places.
fn remote(ended: &Ended) -> Vec<&str> {
    ended
        .out
        .lines()
        .filter_map(|line| line.split_once("[action/remote]: "))
        .map(|(_, message)| message)
        .collect()
}

#[test]
fn a_document_of_systems_manager_is_compared() {
    let server = Fake::start(|request| {
        if request.contains("AWS-Gone") {
            return Response::of(
                "400 Bad Request",
                "application/x-amz-json-1.1",
                "{\"__type\": \"InvalidDocument\", \"Message\": \"no\"}",
            );
        }
        Response::json(
            "{\"Document\": {\"Name\": \"AWS-RestartEC2Instance\", \"Parameters\": [{\"Name\": \"InstanceId\", \"Type\": \"StringList\"}, \
             {\"Name\": \"AutomationAssumeRole\", \"Type\": \"String\", \"DefaultValue\": \"\"}]}}",
        )
    });
    let shell = Shell::new().env("KEY", "planted-Key-1122");
    let toml = format!(
        "[executors.aws]\ntype = \"ssm\"\nregion = \"eu-central-1\"\nurl = \"{}\"\naccess_key_id = \"AKID\"\nsecret_access_key = {{ env = \"KEY\" }}\n",
        server.url()
    );
    let defines = "define right(instance_id) as aws \"AWS-RestartEC2Instance\"
define wrong(instance) as aws \"AWS-RestartEC2Instance\"
define gone() as aws \"AWS-Gone 3\"
define later(name) as aws \"AWS-#{name}\"";
    let ended = checked(&shell, &toml, defines).code(1);
    assert_eq!(
        remote(&ended),
        [
            "`AWS-RestartEC2Instance` needs the parameter `InstanceId`",
            "`AWS-RestartEC2Instance` takes no parameter `Instance`",
            "`aws` has no `AWS-Gone 3`",
        ],
        "{}{}",
        ended.out,
        ended.err
    );
    assert!(ended.err.contains("`later` was not compared: its reference has a value"), "{}", ended.err);
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "each once: {requests:?}");
    assert!(requests.iter().all(|it| it.contains("AmazonSSM.DescribeDocument")), "{requests:?}");
}

#[test]
fn a_job_of_rundeck_and_a_runbook_of_azure_are_compared() {
    let server = Fake::start(|request| {
        let line = request.lines().next().unwrap();
        if line.contains("/oauth2/") {
            Response::json("{\"access_token\": \"planted-Token-3344\", \"expires_in\": 3599}")
        } else if line.contains("/api/44/job/job-1?") {
            Response::json(
                "[{\"id\": \"job-1\", \"options\": [{\"name\": \"service\", \"required\": true}, {\"name\": \"level\", \"required\": true, \"value\": \"1\"}]}]",
            )
        } else if line.contains("/runbooks/Restart-Vm?") {
            Response::json(
                "{\"name\": \"Restart-Vm\", \"properties\": {\"parameters\": {\"VMName\": {\"type\": \"string\", \"isMandatory\": true}}}}",
            )
        } else {
            Response::of("404 Not Found", "application/json", "{\"error\": true, \"message\": \"none\"}")
        }
    });
    let shell = Shell::new().env("KEY", "planted-Key-1122");
    let (url, key) = (server.url(), "{ env = \"KEY\" }");
    let toml = format!(
        "[executors.jobs]\ntype = \"rundeck\"\nurl = \"{url}\"\napi_version = 44\ntoken = {key}\n[executors.old]\ntype = \"rundeck\"\nurl = \"{url}\"\ntoken = {key}\n\
         [executors.azure]\ntype = \"azure\"\nurl = \"{url}\"\nlogin_url = \"{url}\"\nsubscription = \"s\"\nresource_group = \"r\"\naccount = \"a\"\ntenant = \"t\"\nclient_id = \"c\"\nclient_secret = {key}\n"
    );
    let defines = "define one(service) as jobs \"job-1\"
define two(servce) as jobs \"job-1\"
define three() as jobs \"job-2\"
define four() as old \"job-1\"
define five(vm_name) as azure \"Restart-Vm\"
define six() as azure \"Restart-Vm\"
define seven() as azure \"Gone\"";
    let ended = checked(&shell, &toml, defines).code(1);
    let mut found = remote(&ended);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "`Restart-Vm` needs the parameter `VMName`",
            "`azure` has no `Gone`",
            "`job-1` needs the parameter `service`",
            "`job-1` takes no parameter `servce`",
            "`jobs` has no `job-2`",
        ],
        "{}{}",
        ended.out,
        ended.err
    );
    assert!(ended.err.contains("`four` was not compared: `old` could not be asked: it gives the options of a job since `api_version = 44`"), "{}", ended.err);
    assert!(!format!("{}{}", ended.out, ended.err).contains("planted"));
    assert!(server.requests().iter().all(|it| it.starts_with("GET ") || it.contains("/oauth2/")));
}

/// Who does not answer is no finding, and no failure of the check.
#[test]
fn who_cannot_be_asked_is_said() {
    let shell = Shell::new().env("KEY", "planted-Key-1122");
    let gone = format!("http://127.0.0.1:{}", free_port());
    let aws = |url: &str| {
        format!(
            "[executors.aws]\ntype = \"ssm\"\nregion = \"eu-central-1\"\nurl = \"{url}\"\naccess_key_id = \"AKID\"\nsecret_access_key = {{ env = \"KEY\" }}\ntimeout = \"1s\"\n"
        )
    };
    let define = "define restart(instance_id) as aws \"AWS-RestartEC2Instance\"";
    let ended = checked(&shell, &aws(&gone), define).code(0);
    assert!(
        ended.err.contains("`restart` was not compared: `aws` could not be asked: connection refused"),
        "{}",
        ended.err
    );
    for response in [
        Response::of("200 OK", "text/html", "<html>"),
        Response::of(
            "400 Bad Request",
            "application/json",
            "{\"__type\": \"AccessDeniedException\", \"Message\": \"planted-Key-1122\"}",
        ),
        Response::json("{}").after(std::time::Duration::from_secs(4)),
        Response::json("{}"),
    ] {
        let server = Fake::always(response);
        let ended = checked(&shell, &aws(&server.url()), define).code(0);
        assert!(
            ended.err.contains("`restart` was not compared: `aws` could not be asked: "),
            "{}",
            ended.err
        );
        assert!(!ended.err.contains("planted"), "{}", ended.err);
    }
}

#[test]
fn what_cannot_be_read_is_found_without_asking() {
    let shell = Shell::new();
    let toml = "[executors.api]\ntype = \"http\"\nurl = \"http://127.0.0.1:1\"\n[executors.safe]\ntype = \"http\"\nurl = \"http://127.0.0.1:1\"\nidempotent = true\n\
                [executors.jobs]\ntype = \"rundeck\"\nurl = \"http://127.0.0.1:1\"\ntoken = { env = \"KEY\" }\n[executors.k8s]\ntype = \"kubernetes\"\n";
    shell.write("rbl.toml", format!("[teams.o]\ntype = \"terminal\"\n{toml}"));
    let book = "runbook \"x\"\nowner \"o\"
define a() as api \"post /x\"
define b() as api \"POST /x\"
define c() as api \"PUT /x\"
define d() as safe \"POST /x\"
define e() as jobs \"job-1\"
define f(count) as k8s \"scale deployment/api\"
define g(service) as k8s \"restart deployment/api\"
check \"Is it wrong?\"
action a()
action b() retry 2
action c() retry 2
action d() retry 2
action e() retry 2
action f(3)
action g(\"a\")
check \"Is it well?\"
";
    shell.write("a.rb", book);
    let ended = shell.rbl("check --format short a.rb").code(1);
    let found: Vec<&str> =
        ended.out.lines().filter_map(|line| line.split_once(": ")).map(|(_, rest)| rest).collect();
    assert_eq!(
        found,
        [
            "error[action/reference]: `post` is not a method",
            "error[action/parameter]: `scale` needs the parameter `replicas`",
            "error[action/parameter]: `restart` takes no parameter `service`",
            "warning[action/retry]: a POST is not safe to repeat",
            "warning[action/retry]: a job of Rundeck is not safe to repeat",
        ],
        "{}",
        ended.out
    );
}
