//! Executions that go on elsewhere: followed to their end, ended with the action, and followed again after rbl was killed.

use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::azure::{azure_answers, azure_automation};
use super::reference_clients::ssm;
use super::{everything, flat, run};
use crate::cli::shell::Shell;
use crate::support::{Fake, Response};

/// Something that executes, whose executions end when they are told to.
pub(super) struct System {
    pub(super) server: Fake,
    pub(super) over: Arc<AtomicBool>,
    pub(super) cancelled: Arc<AtomicBool>,
}

impl System {
    pub(super) fn start(answers: impl Fn(&str, &str) -> Response + Send + Sync + 'static) -> Self {
        let (over, cancelled) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (is_over, is_cancelled) = (Arc::clone(&over), Arc::clone(&cancelled));
        let server = Fake::start(move |request| {
            let cancels = ["StopAutomationExecution", "/abort ", "DELETE /", "/stop?"]
                .iter()
                .any(|it| request.contains(it));
            if cancels {
                is_cancelled.store(true, Ordering::SeqCst);
            }
            let state = match (is_cancelled.load(Ordering::SeqCst), is_over.load(Ordering::SeqCst)) {
                (true, _) => "Cancelled",
                (false, true) => "Success",
                (false, false) => "InProgress",
            };
            answers(request, state)
        });
        Self { server, over, cancelled }
    }

    /// How many requests hold this.
    pub(super) fn count(&self, part: &str) -> usize {
        self.server.requests().iter().filter(|it| it.contains(part)).count()
    }

    pub(super) fn wait_for(&self, part: &str, count: usize) {
        let until = Instant::now() + Duration::from_secs(20);
        while self.count(part) < count {
            assert!(Instant::now() < until, "{part}: {:?}", self.server.requests());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn automation() -> System {
    System::start(ssm)
}

fn jobs() -> System {
    System::start(|request, state| {
        if request.starts_with("POST ") {
            Response::of("202 Accepted", "application/json", "{\"job\": {\"id\": \"a/b\"}}")
        } else {
            Response::json(&format!("{{\"state\": \"{state}\", \"log\": \"line\"}}"))
        }
    })
}

fn rundeck() -> System {
    System::start(|request, state| {
        let status = match state {
            "Success" => "succeeded",
            "Cancelled" => "aborted",
            _ => "running",
        };
        if request.contains("/run ") {
            Response::json("{\"id\": 17, \"status\": \"running\"}")
        } else if request.contains("/output?") {
            Response::json("{\"entries\": [{\"log\": \"first\"}, {\"log\": \"second\"}]}")
        } else if request.contains("/abort ") {
            Response::json("{\"abort\": {\"status\": \"pending\"}, \"execution\": {\"id\": \"17\"}}")
        } else {
            Response::json(&format!("{{\"id\": 17, \"status\": \"{status}\", \"failedNodes\": [\"web-1\"]}}"))
        }
    })
}

/// A system, its section, the reference of an action in it, and what begins, looks at and ends an execution there.
struct Kind {
    system: fn() -> System,
    section: &'static str,
    reference: &'static str,
    begins: &'static str,
    looks: &'static str,
    remote: &'static str,
}

impl Kind {
    /// What the execution that was begun is called: where rbl chooses the name, as it was sent.
    fn remote(&self, system: &System) -> String {
        if !self.remote.is_empty() {
            return self.remote.to_owned();
        }
        let requests = system.server.requests();
        let begun = requests.iter().find_map(|it| it.strip_prefix(self.begins)).unwrap();
        begun.split('?').next().unwrap().to_owned()
    }
}

const KINDS: [Kind; 4] = [
    Kind {
        system: automation,
        section: "type = \"ssm\"\nregion = \"eu-central-1\"\naccess_key_id = \"AKID\"\nsecret_access_key = { env = \"KEY\" }\nevery = \"100ms\"",
        reference: "AWS-RestartEC2Instance",
        begins: "AmazonSSM.StartAutomationExecution",
        looks: "AmazonSSM.GetAutomationExecution",
        remote: "9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f",
    },
    Kind {
        system: jobs,
        section: "type = \"http\"\nbearer_token = { env = \"KEY\" }\nfollow = \"/jobs/#{id}\"\nid = \"$.job.id\"\nstate = \"$.state\"\nsucceeded = [\"Success\"]\ngoes_on = [\"InProgress\"]\ncancel = \"DELETE /jobs/#{id}\"\nevery = \"100ms\"",
        reference: "POST /restart",
        begins: "POST /restart",
        looks: "GET /jobs/a%2Fb",
        remote: "a/b",
    },
    Kind {
        system: rundeck,
        section: "type = \"rundeck\"\ntoken = { env = \"KEY\" }\nevery = \"100ms\"",
        reference: "0a1b2c3d-job",
        begins: "POST /api/41/job/0a1b2c3d-job/run",
        looks: "GET /api/41/execution/17 ",
        remote: "17",
    },
    Kind {
        system: azure_automation,
        section: "type = \"azure\"\nlogin_url = \"URL\"\nsubscription = \"s-1\"\nresource_group = \"rg\"\naccount = \"ops\"\ntenant = \"t-1\"\nclient_id = \"c-1\"\nclient_secret = { env = \"KEY\" }\nevery = \"100ms\"",
        reference: "Restart-Service",
        begins: "PUT /subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/ops/jobs/",
        looks: "GET /subscriptions/s-1/resourceGroups/rg/providers/Microsoft.Automation/automationAccounts/ops/jobs/",
        remote: "",
    },
];

fn section(kind: &Kind, system: &System) -> String {
    let url = system.server.url();
    format!("[executors.it]\nurl = \"{url}\"\n{}\n", kind.section.replace("URL", &url))
}

fn body(kind: &Kind, within: &str) -> String {
    format!(
        "define restart(service) as it \"{}\"\n\naction restart(\"api\") within {within} as done else {{ \"it was not restarted\" }}\n\"said: #{{done.text}}\"",
        kind.reference
    )
}

fn shell() -> Shell {
    Shell::new().env("KEY", "planted-Key-5566")
}

#[test]
fn an_execution_is_followed_to_its_end() {
    for kind in &KINDS {
        let (system, shell) = ((kind.system)(), shell());
        let ended = std::thread::scope(|scope| {
            scope.spawn(|| {
                system.wait_for(kind.looks, 3);
                system.over.store(true, Ordering::SeqCst);
            });
            run(&shell, &section(kind, &system), &body(kind, "20s"))
        });
        let ended = ended.code(0);
        let story = flat(&ended);
        assert!(!story.contains("it was not restarted"), "{}", ended.out);
        assert!(story.contains(&kind.remote(&system)), "{}", ended.out);
        assert_eq!(system.count(kind.begins), 1);
        assert!(system.count(kind.looks) >= 3, "{:?}", system.server.requests());
        assert!(!system.cancelled.load(Ordering::SeqCst));
        assert!(!everything(&shell, &ended).contains("planted-Key-5566"));
    }
}

/// The same execution, although the process that began it was killed: none is begun a second time, and nobody is asked.
#[test]
fn an_execution_is_followed_again_after_rbl_was_killed() {
    for kind in &KINDS {
        let system = (kind.system)();
        let shell = shell();
        shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{}", section(kind, &system)));
        shell.write("it.rb", format!("runbook \"It\"\nowner \"owners\"\n\n{}\n", body(kind, "30s")));
        let mut command = shell.command("run it.rb --no-input");
        command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().unwrap();
        system.wait_for(kind.looks, 2);
        child.kill().unwrap();
        child.wait().unwrap();
        let over = Arc::clone(&system.over);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(1500));
            over.store(true, Ordering::SeqCst);
        });
        let looked = system.count(kind.looks);
        let ended = shell.rbl("resume last --no-input").code(0);
        let story = flat(&ended);
        assert!(
            story.contains(&format!("{} is still followed in it, and not begun again", kind.remote(&system))),
            "{}",
            ended.out
        );
        assert!(!story.contains("it was not restarted") && !story.contains("was it done"), "{}", ended.out);
        assert_eq!(system.count(kind.begins), 1, "{:?}", system.server.requests());
        assert!(system.count(kind.looks) > looked);
        assert!(!everything(&shell, &ended).contains("planted-Key-5566"));
    }
}

#[test]
fn an_execution_is_ended_when_the_time_of_the_action_is_up() {
    let kinds = KINDS;
    std::thread::scope(|scope| {
        for kind in &kinds {
            scope.spawn(move || is_ended_in_time(kind));
        }
    });
}

fn is_ended_in_time(kind: &Kind) {
    let system = (kind.system)();
    let shell = shell();
    let begun = Instant::now();
    // Long enough for the execution to be begun on a busy machine.
    let ended = run(&shell, &section(kind, &system), &body(kind, "3s")).code(0);
    let story = flat(&ended);
    assert!(system.cancelled.load(Ordering::SeqCst), "{:?}", system.server.requests());
    assert!(
        story.contains(&format!("timed out after 3s, and {} was ended", kind.remote(&system))),
        "{}",
        ended.out
    );
    assert!(story.contains("it was not restarted"), "{}", ended.out);
    assert!(begun.elapsed() < Duration::from_secs(40));
}

/// Aborted while nobody held the run: whoever resumes it ends the execution.
#[test]
fn an_execution_of_an_aborted_run_is_ended() {
    for kind in &KINDS {
        let system = (kind.system)();
        let shell = shell();
        shell.write("rbl.toml", format!("[teams.owners]\ntype = \"terminal\"\n{}", section(kind, &system)));
        shell.write("it.rb", format!("runbook \"It\"\nowner \"owners\"\n\n{}\n", body(kind, "30s")));
        let mut command = shell.command("run it.rb --no-input");
        command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().unwrap();
        system.wait_for(kind.looks, 2);
        child.kill().unwrap();
        child.wait().unwrap();
        let ended = shell.rbl("abort last --because enough --as bo --no-input");
        assert!(system.cancelled.load(Ordering::SeqCst), "{ended:?} {:?}", system.server.requests());
        assert!(flat(&ended).contains(&format!("{} of `restart", kind.remote(&system))), "{}", ended.out);
        assert_eq!(system.count(kind.begins), 1);
    }
}

/// A look that fails says nothing: the execution goes on, and nothing is begun again.
#[test]
fn a_look_that_fails_is_made_again() {
    for kind in &KINDS {
        let looks = AtomicUsize::new(0);
        let (begins, looked_at) = (kind.begins, kind.looks);
        let inner = (kind.system)();
        inner.over.store(true, Ordering::SeqCst);
        let answers: fn(&str, &str) -> Response = match kind.remote {
            "9d32a4fc-f944-11e6-4105-0a1b2c3d4e5f" => ssm,
            "" => azure_answers,
            "a/b" => |request, _| {
                if request.starts_with("POST ") {
                    Response::json("{\"job\": {\"id\": \"a/b\"}}")
                } else {
                    Response::json("{\"state\": \"Success\"}")
                }
            },
            _ => |request, _| {
                if request.contains("/output?") {
                    Response::json("{\"entries\": []}")
                } else {
                    Response::json("{\"id\": 17, \"status\": \"succeeded\"}")
                }
            },
        };
        let system = System::start(move |request, _| {
            if request.contains(looked_at) && looks.fetch_add(1, Ordering::SeqCst) < 3 {
                return match looks.load(Ordering::SeqCst) {
                    1 => Response::of("500 Internal Server Error", "text/plain", "no"),
                    2 => Response::of("200 OK", "text/html", "<html>Sign in"),
                    _ => Response::raw(b""),
                };
            }
            answers(request, "Success")
        });
        let ended = run(&shell(), &section(kind, &system), &body(kind, "20s")).code(0);
        assert!(!flat(&ended).contains("it was not restarted"), "{}", ended.out);
        assert_eq!(system.count(begins), 1);
        assert!(system.count(looked_at) >= 4, "{:?}", system.server.requests());
    }
}

#[test]
fn what_follows_a_job_has_to_say_how() {
    for (keys, words) in [
        ("follow = \"/jobs\"\nsucceeded = [\"a\"]\ngoes_on = [\"b\"]", "with the id in it"),
        ("follow = \"/jobs/#{id}\"", "needs the states"),
        ("cancel = \"DELETE /x\"", "need `follow`"),
        (
            "follow = \"/jobs/#{id}\"\nsucceeded = [\"a\"]\ngoes_on = [\"b\"]\ncancel = \"x\"",
            "`cancel` is `METHOD /path`",
        ),
        (
            "follow = \"/jobs/#{id}\"\nsucceeded = [\"a\"]\ngoes_on = [\"b\"]\nid = \"id\"",
            "is not a JSONPath",
        ),
    ] {
        let text = format!("[executors.it]\ntype = \"http\"\nurl = \"http://127.0.0.1:1\"\n{keys}\n");
        let refused = run(&Shell::new(), &text, "\"x\"").code(2);
        let said = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{words}: {said}");
    }
}
