//! Commands with `--server`: they say and do the same as on the journal, over the API alone.

use std::process::Stdio;
use std::time::Duration;

use super::api::token;
use super::{ServerBench, alert, delivery};
use crate::cli::shell::Shell;
use crate::support::{Fake, Response, free_port};

const T: &str = "2026-11-29T03:00:00Z";

/// A server, and somebody at another machine with a token: the folder of the client has nothing of the server in it.
fn client(bench: &ServerBench, token: &str) -> Shell {
    let _ = bench;
    Shell::new().env("RBL_TOKEN", token)
}

fn url(bench: &ServerBench) -> String {
    format!("--server http://127.0.0.1:{}", bench.port)
}

#[test]
fn runs_are_listed_and_shown_as_on_the_journal() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "action `echo hello`\nif \"Is it real?\" { record \"yes\" }\nresolve \"done\"",
    );
    bench.runbook("b.rb", "\"B\"", "resolve \"all is well\"");
    let ana = client(&bench, &token(&bench, "ana --may look --person ana"));
    let _server = bench.start();
    bench.delivered(&delivery(&[alert("A", "firing", "\"host\":\"db-1\"", "1", T)]));
    bench.delivered(&delivery(&[alert("B", "firing", "", "2", T)]));
    bench.until_states(&["waiting", "resolved"]);
    let there = url(&bench);
    for words in [
        "runs",
        "runs --state waiting",
        "runs --runbook a.rb --format json",
        "runs --since 1h",
        "runs --since 2090-01-01 --format json",
        "runs --limit 1",
        "runs --all",
        "show last",
        "show last --verify",
        "show last --format markdown",
        "show last --format json",
        "show 20",
        "show none",
    ] {
        let (here, remote) = (bench.shell.rbl(words), ana.rbl(&format!("{words} {there}")));
        assert_eq!((remote.code, &remote.out, &remote.err), (here.code, &here.out, &here.err), "{words}");
    }
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let (here, remote) = (bench.shell.rbl(&format!("show {run}")), ana.rbl(&format!("show {run} {there}")));
    assert_eq!(remote.out, here.out);
    assert!(remote.out.contains("host=db-1") && remote.out.contains("Is it real?"), "{}", remote.out);
    let beginning = &run[..run.len() - 2];
    ana.rbl(&format!("show {beginning} {there}")).code(0);
}

#[test]
fn a_question_is_answered_a_page_acknowledged_and_a_run_aborted_from_elsewhere() {
    let bench = ServerBench::new("", "");
    bench.runbook(
        "a.rb",
        "\"A\"",
        "if \"Is it real?\" by \"ops\" { action `echo x >> done` }\nresolve \"done\"",
    );
    let ana = client(&bench, &token(&bench, "ana --may look,answer,admin --person ana"));
    let look = client(&bench, &token(&bench, "look --may look"));
    let _server = bench.start();
    let there = url(&bench);
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_states(&["waiting"]);
    let refused = look.rbl(&format!("answer last yes {there}")).code(2);
    assert!(refused.err.contains("needs the right `answer`"), "{}", refused.err);
    let misfit = ana.rbl(&format!("answer last perhaps {there}")).code(2);
    assert!(misfit.err.contains("perhaps"), "{}", misfit.err);
    let answered = ana.rbl(&format!("answer last yes --remark seen {there}")).code(0);
    assert!(answered.out.contains("the server continues run"), "{}", answered.out);
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    let late = ana.rbl(&format!("answer last no {there}")).code(2);
    assert!(late.err.contains("has ended, resolved: there is nothing to answer"), "{}", late.err);
    let shown = bench.shell.rbl("show last").out;
    assert!(shown.contains("ana") && shown.contains("seen"), "{shown}");

    bench.delivered(&delivery(&[alert("A", "resolved", "", "1", T)]));
    bench.delivered(&delivery(&[alert("A", "firing", "", "9", "2026-11-29T05:00:00Z")]));
    bench.until_states(&["resolved", "waiting"]);
    let nothing = ana.rbl(&format!("acknowledge last {there}")).code(2);
    assert!(nothing.err.starts_with("rbl: "), "{}", nothing.err);
    let aborted = ana.rbl(&format!("abort last --because drill {there}")).code(0);
    assert!(aborted.out.contains("the server cleans up"), "{}", aborted.out);
    bench.until_states(&["resolved", "aborted"]);
    let again = ana.rbl(&format!("abort last --because drill {there}")).code(2);
    assert!(again.err.contains("already ended"), "{}", again.err);
    // What has no meaning there is said, not ignored.
    ana.rbl(&format!("abort last --because drill --as bo {there}")).code(2);
}

#[test]
fn a_page_is_acknowledged_over_the_api() {
    let bench = ServerBench::new("", "");
    let body = "escalate to owner because \"look\" acknowledged within 30m else { record \"nobody\" }\nresolve \"seen\"";
    bench.runbook("a.rb", "\"A\"", body);
    let ana = client(&bench, &token(&bench, "ana --may look,answer --person ana"));
    let machine = client(&bench, &token(&bench, "ci --may look,answer"));
    let _server = bench.start();
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until("it is paged", || !bench.pages().is_empty());
    let there = url(&bench);
    let refused = machine.rbl(&format!("acknowledge last {there}")).code(2);
    assert!(refused.err.contains("by a person"), "{}", refused.err);
    bench.until_states(&["waiting"]);
    // One that was paged before, or will be later, is another one.
    for command in
        [format!("acknowledge last --question 99 {there}"), "acknowledge last --question 99 --as bo".into()]
    {
        let refused = ana_or_here(&bench, &ana, &command).code(2);
        assert!(refused.err.contains("does not ask the question `99` now"), "{}", refused.err);
    }
    let run = bench.runs()[0]["run"].as_str().unwrap().to_owned();
    let look = token(&bench, "look --may look");
    let page =
        super::api::call(&bench, &look, &format!("GET /runs/{run}"), None).1["questions"][0]["question"]
            .clone();
    let page = page.as_str().unwrap();
    ana.rbl(&format!("acknowledge last --question {page} {there}")).code(0);
    bench.until_states(&["resolved"]);
    assert!(bench.shell.rbl("show last").out.contains("ana"));
    // Somebody was first, and the run has ended: both are said, over the API and on the journal.
    for command in [format!("acknowledge last {there}"), "acknowledge last --as bo".into()] {
        let late = ana_or_here(&bench, &ana, &command).code(2);
        assert!(late.err.contains("has ended, resolved; ana had acknowledged its page"), "{}", late.err);
    }
}

/// Over the API where a command names a server, else on the journal.
fn ana_or_here(bench: &ServerBench, ana: &Shell, command: &str) -> crate::cli::shell::Ended {
    if command.contains("--server") { ana.rbl(command) } else { bench.shell.rbl(command) }
}

#[test]
fn a_page_of_a_run_that_has_ended_cannot_be_acknowledged() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "resolve \"nothing to do\"");
    let ana = client(&bench, &token(&bench, "ana --may look,answer --person ana"));
    let _server = bench.start();
    bench.delivered(&delivery(&[alert("A", "firing", "", "1", T)]));
    bench.until_states(&["resolved"]);
    for command in [format!("acknowledge last {}", url(&bench)), "acknowledge last --as ana".into()] {
        let late = ana_or_here(&bench, &ana, &command).code(2);
        let words = "has ended, resolved: no page of it waits to be acknowledged any more";
        assert!(late.err.contains(words), "{}", late.err);
        assert!(!late.err.contains("help: resume"), "{}", late.err);
    }
}

#[test]
fn a_runbook_is_started_there_and_followed_to_its_end() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "param host: text\nparam n: number = 1\naction `echo #{host} #{n} >> done`\nwait 1s\nresolve \"over\"");
    let bo = client(&bench, &token(&bench, "bo --may look,start"));
    let _server = bench.start();
    let there = url(&bench);
    let run = bo.rbl(&format!("run a.rb --param host=db-1 --param n=3 {there}")).code(0);
    assert!(run.out.contains("over") && run.err.contains("was started at http"), "{run:?}");
    assert_eq!(bench.read("done"), "db-1 3\n");
    let events = bo.rbl(&format!("run a.rb --param host=db-2 --format json {there}")).code(0).json();
    assert_eq!(events.last().unwrap()["type"], "ended");
    let here = bench.shell.rbl("runs --format json").json();
    assert_eq!(here.len(), 2);
    let none = bo.rbl(&format!("run none.rb {there}")).code(2);
    assert!(
        none.err.contains("has no runbook `none.rb`") && none.err.contains("it has: a.rb"),
        "{}",
        none.err
    );
    let missing = bo.rbl(&format!("run a.rb {there}")).code(2);
    assert!(missing.err.contains("host"), "{}", missing.err);
    bo.rbl(&format!("run a.rb --no-journal {there}")).code(2);
    bo.rbl(&format!("run a.rb --alert x.json {there}")).code(2);
}

#[test]
fn ctrl_c_and_no_input_leave_the_run_alone() {
    let bench = ServerBench::new("", "");
    bench.runbook("a.rb", "\"A\"", "wait 1s\nif \"Is it real?\" { record \"x\" }\nresolve \"over\"");
    let bo = client(&bench, &token(&bench, "bo --may look,start"));
    let _server = bench.start();
    let there = url(&bench);
    let waits = bo.rbl(&format!("run a.rb --no-input {there}")).code(5);
    assert!(waits.err.contains("waits for"), "{}", waits.err);
    let mut command = bo.command(&format!("run a.rb {there}"));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bench.until("it has started", || bench.states().len() == 2);
    std::thread::sleep(Duration::from_millis(300));
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let ended = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(5), "{err}");
    assert!(err.contains("goes on at the server; nothing was done to it"), "{err}");
    bench.until_states(&["waiting", "waiting"]);
}

#[test]
fn what_is_in_the_way_is_said() {
    let shell = Shell::new();
    let gone = format!("http://127.0.0.1:{}", free_port());
    let err = shell.rbl(&format!("runs --server {gone}")).code(2).err;
    assert!(
        err.contains(&format!("the server at {gone} does not answer")) && err.contains("rbl serve"),
        "{err}"
    );
    let err = shell.rbl("runs --server 127.0.0.1:7180").code(2).err;
    assert!(err.contains("write `http://127.0.0.1:7180`"), "{err}");
    let err = shell.rbl("runs --server http://x --store sqlite:y").code(2).err;
    assert!(err.contains("cannot be used with"), "{err}");

    let bench = ServerBench::new("", "");
    let _server = bench.start();
    let there = url(&bench);
    let err = shell.rbl(&format!("runs {there}")).code(2).err;
    assert!(err.contains("wants a token") && err.contains("RBL_TOKEN"), "{err}");
    let stranger = Shell::new().env("RBL_TOKEN", "rbl_s3cret");
    let err = stranger.rbl(&format!("runs {there}")).code(2).err;
    assert!(err.contains("does not know this token") && !err.contains("s3cret"), "{err}");

    // The token of the configuration; a page of a proxy; the end of a server between two calls.
    let look = token(&bench, "look --may look");
    let configured = Shell::new();
    configured.write("rbl.toml", "[client]\ntoken = { file = \"token\" }\n").write("token", &look);
    configured.rbl(&format!("runs {there}")).code(0);
    let page = Fake::always(Response::of("200 OK", "text/html", "<html>sign in</html>"));
    let err = configured.rbl(&format!("runs --server {}", page.url())).code(2).err;
    assert!(err.contains("is no server that this rbl knows"), "{err}");
    let lost = Fake::always(Response::of("502 Bad Gateway", "text/plain", "nothing here"));
    let err = configured.rbl(&format!("runs --server {}", lost.url())).code(2).err;
    assert!(err.contains("has the status 502"), "{err}");
    let written = "[client]\ntoken = \"abc\"\n";
    let err = configured.write("rbl.toml", written).rbl(&format!("runs {there}")).code(2).err;
    assert!(err.contains("the configuration has mistakes"), "{err}");
}
