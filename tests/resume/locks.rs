//! Locks, limits and aborts between processes.

use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::cli::shell::{Ended, Shell};

/// Longer than anything here takes on a busy machine.
const LONGEST: Duration = Duration::from_mins(1);

fn spawn(shell: &Shell, words: &str) -> Child {
    let mut command = shell.command(words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command.spawn().unwrap()
}

fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn wait_for(shell: &Shell, file: &str) {
    wait_until(|| shell.path().join(file).exists(), file);
}

fn wait_until(mut holds: impl FnMut() -> bool, what: &str) {
    let until = Instant::now() + LONGEST;
    while !holds() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn read(shell: &Shell, file: &str) -> String {
    std::fs::read_to_string(shell.path().join(file)).unwrap_or_default()
}

/// The ids of the runs, the oldest first.
fn runs(shell: &Shell) -> Vec<String> {
    let listed = shell.rbl("runs --format json").code(0).json();
    listed.iter().rev().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
}

fn holds(text: &str, part: &str) {
    assert!(text.contains(part), "{part}\nis not in\n{text}");
}

/// The run of the name `a` goes on until there is a file `go`.
const LOCKED: &str = r#"runbook "Locked"
owner "o"
param name = "a"
param takes = "0"
lock "db" within 5m else { stop "not free" }
action `echo #{name} begins >> log; touch #{name}; sleep #{takes}; until [ #{name} != a ] || [ -e go ]; do sleep 0.1; done; echo #{name} ends >> log`
"#;

#[test]
fn one_run_at_a_time_in_the_order_in_which_they_came() {
    let shell = Shell::new();
    shell.write("a.rb", LOCKED);
    let first = spawn(&shell, "run a.rb --no-input --param name=a");
    wait_for(&shell, "a");
    let mut others = Vec::new();
    for name in ["b", "c"] {
        // With `--no-input` it would be parked after a minute.
        others.push(spawn(&shell, &format!("run a.rb --format plain --param name={name}")));
        // It stands in the queue once it says what it waits for.
        let count = others.len() + 1;
        wait_until(|| runs(&shell).len() == count, "it has begun");
        let run = runs(&shell).pop().unwrap();
        wait_until(|| shell.rbl(&format!("show {run}")).out.contains("waiting for up to"), "it waits");
    }
    let holder = runs(&shell).remove(0);
    shell.write("go", "");
    ended(first).code(0);
    for other in others {
        let other = ended(other).code(0);
        holds(&other.out, "the lock \"db\": held by run");
        holds(&other.out, &format!("run {holder} (\"Locked\"), which is running (pid "));
        holds(&other.out, &format!("rbl abort {holder} --because TEXT"));
    }
    assert_eq!(read(&shell, "log"), "a begins\na ends\nb begins\nb ends\nc begins\nc ends\n");
}

#[test]
fn a_parked_run_keeps_its_locks_and_says_so() {
    let shell = Shell::new();
    let text = "runbook \"A\"\nowner \"o\"\nlock \"db\"\nlock \"disk\"\naction `touch a` finally `echo undone >> log`\ncheck \"Go on?\"\n";
    shell.write("a.rb", text);
    let parked = shell.rbl("run a.rb --no-input").code(5);
    holds(&parked.out, "the locks \"db\", \"disk\"");
    let run = runs(&shell).remove(0);
    holds(&shell.rbl("runs").code(0).out, "holds the locks \"db\", \"di");
    assert_eq!(shell.rbl("runs --format json").code(0).json()[0]["locks"], serde_json::json!(["db", "disk"]));
    holds(&shell.rbl(&format!("show {run}")).code(0).out, "the locks \"db\", \"disk\"");
    shell.write("b.rb", "runbook \"B\"\nowner \"o\"\nlock \"db\" within 1s else { resolve \"locked\" }\nstop \"not locked\"\n");
    let other = shell.rbl("run b.rb --no-input").code(0);
    holds(&other.out, &format!("run {run} (\"A\"), which waits for an answer: \"Go on?\""));
    let planned = shell.rbl("plan b.rb").code(0);
    holds(&planned.out, "the lock \"db\"");
    // An abort cleans up, and frees them.
    let aborted = shell.rbl(&format!("abort {run} --because nonsense --as ana")).code(0);
    holds(&aborted.out, "broken off by ana: nonsense");
    assert_eq!(read(&shell, "log"), "undone\n");
    assert!(!shell.rbl("runs").code(0).out.contains("holds the lock"));
    shell.rbl("run b.rb --no-input").code(4);
    let late = shell.rbl(&format!("abort {run} --because again")).code(2);
    holds(&late.err, "too late");
    let late = shell.rbl(&format!("answer {run} yes")).code(2);
    holds(&late.err, "has ended");
}

#[test]
fn a_killed_run_keeps_its_locks_until_it_is_resumed_or_aborted() {
    let shell = Shell::new();
    shell.write("a.rb", LOCKED);
    for end in ["abort last --because killed", "resume last --no-input"] {
        let _ = std::fs::remove_file(shell.path().join("k"));
        let killed = spawn(&shell, "run a.rb --no-input --param name=k --param takes=60");
        wait_for(&shell, "k");
        kill(killed);
        let run = runs(&shell).pop().unwrap();
        let short =
            "runbook \"B\"\nowner \"o\"\nlock \"db\" within 1s else { resolve \"locked\" }\nstop \"free\"\n";
        shell.write("b.rb", short);
        let told = shell.rbl("run b.rb --no-input").code(0);
        holds(&told.out, &format!("run {run} (\"Locked\"), whose process died"));
        holds(&told.out, &format!("rbl abort {run} --because TEXT"));
        let end = end.replace("last", &run);
        if end.starts_with("abort") {
            shell.rbl(&end).code(0);
        } else {
            holds(&shell.rbl(&end).code(5).out, "was it done?");
            shell.rbl("run b.rb --no-input").code(0);
            shell.rbl(&format!("answer {run} done --no-input")).code(0);
        }
        shell.rbl("run b.rb --no-input").code(4);
    }
}

#[test]
fn an_abort_reaches_a_running_action_and_its_clean_up_is_done() {
    let shell = Shell::new();
    let text = "runbook \"A\"\nowner \"o\"\naction `touch begun; sleep 300; touch late` finally `echo cleaned >> log`\naction `touch next`\n";
    shell.write("a.rb", text);
    let running = spawn(&shell, "run a.rb --no-input");
    wait_for(&shell, "begun");
    let begun = Instant::now();
    holds(&shell.rbl("abort last --because stop_it --as bo").code(0).err, "is being aborted");
    let running = ended(running).code(5);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    holds(&running.out, "broken off by bo: stop_it");
    assert_eq!(read(&shell, "log"), "cleaned\n");
    assert!(!shell.path().join("next").exists() && !shell.path().join("late").exists());
    holds(&shell.rbl("runs").code(0).out, "aborted");
    shell.rbl("show last --verify").code(0);
    holds(&shell.rbl("show last").code(0).out, "bo: stop_it");
    shell.rbl("replay last").code(5);
}

#[test]
fn an_abort_of_a_run_that_waits_for_a_time_or_cannot_be_resumed() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"A\"\nowner \"o\"\naction `touch a` undo `echo undone >> log`\nwait 1h\naction `touch b`\n",
    );
    shell.rbl("run a.rb --no-input").code(5);
    shell.rbl("abort last --because no").code(0);
    assert_eq!(read(&shell, "log"), "undone\n");
    shell.rbl("show last --verify").code(0);
    let empty = shell.command("abort last --because").arg("").output().unwrap();
    assert_eq!(empty.status.code(), Some(2));
    // A parameter that was a secret is never recorded: such a run cannot be resumed.
    let shell = Shell::new().env("TOKEN", "hunter-two-three");
    let text = "runbook \"A\"\nowner \"o\"\nparam p = \"x\"\nsecret t from env \"TOKEN\"\nlock \"db\"\naction `echo #{t}`\ncheck \"Go on?\"\n";
    shell.write("a.rb", text);
    shell.rbl("run a.rb --no-input --param p=hunter-two-three").code(5);
    holds(&shell.rbl("abort last --because no").code(0).err, "could not be resumed");
    holds(&shell.rbl("runs").code(0).out, "aborted");
    assert!(!shell.rbl("runs").code(0).out.contains("holds"));
    shell.rbl("show last --verify").code(0);
}

#[test]
fn a_lock_is_taken_twice_in_one_run_and_in_the_runbooks_that_it_runs() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"A\"\nowner \"o\"\nlock \"db\" within 1s\nlock \"db\" within 1s\nrun \"b.rb\"\naction `touch done`\n");
    shell.write(
        "b.rb",
        "runbook \"B\"\nowner \"o\"\nlock \"db\" within 1s\nlock \"b\"\naction `echo b >> log`\n",
    );
    shell.rbl("run a.rb --no-input").code(0);
    assert_eq!(read(&shell, "log"), "b\n");
    let warned = shell.rbl("run a.rb --no-input --no-journal").code(0);
    holds(&warned.err, "its locks and limits hold for no other run");
    shell.write("c.rb", "runbook \"C\"\nowner \"o\"\ncheck `true`\n");
    assert!(!shell.rbl("run c.rb --no-journal").code(0).err.contains("locks"));
}

#[test]
fn a_run_that_nobody_watches_is_due_when_the_lock_is_free() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"A\"\nowner \"o\"\nlock \"db\"\ncheck \"Go on?\"\n");
    shell.rbl("run a.rb --no-input").code(5);
    shell.write("b.rb", "runbook \"B\"\nowner \"o\"\nlock \"db\" within 2s else { action `touch missed` }\n");
    shell.rbl("run b.rb --no-input").code(0);
    assert!(shell.path().join("missed").exists());
    shell.rbl(&format!("answer {} yes --no-input", runs(&shell)[0])).code(0);
    shell.rbl("run b.rb --no-input").code(0);
}

#[test]
fn starts_are_counted_over_all_runs() {
    let shell = Shell::new();
    let text = "runbook \"Restart\"\nowner \"o\"\nlimit 2 runs in 1h by service\nparam service = \"api\"\naction `echo #{service} >> log`\n";
    shell.write("a.rb", text);
    shell.rbl("run a.rb --no-input").code(0);
    shell.rbl("run a.rb --no-input --param service=api").code(0);
    let refused = shell.rbl("run a.rb --no-input").code(2);
    holds(&refused.err, "\"Restart\" was not started: it ran 2 times within 1h, and the limit is 2");
    shell.rbl("run a.rb --no-input --param service=web").code(0);
    assert_eq!(read(&shell, "log"), "api\napi\nweb\n");
    // Nobody is at a terminal: that is the same. Without a journal nothing is counted.
    shell.rbl("run a.rb").code(2);
    shell.rbl("run a.rb --no-journal").code(0);
    // As part of another runbook it takes its `else`, and is counted too.
    shell.write("b.rb", "runbook \"B\"\nowner \"o\"\nrun \"a.rb\" with (service: \"web\") else { action `echo not web >> log` }\nrun \"a.rb\" with (service: \"web\") else { action `echo not web >> log` }\n");
    shell.rbl("run b.rb --no-input").code(0);
    assert_eq!(read(&shell, "log"), "api\napi\nweb\napi\nweb\nnot web\n");
    let told = shell.rbl("show last").code(0);
    holds(&told.out, "the limit is 2");
    shell.rbl("replay last").code(0);
    let missing = shell.write("c.rb", "runbook \"C\"\nowner \"o\"\nrun \"a.rb\"\n");
    holds(&missing.rbl("run c.rb --no-input").code(4).out, "and the run has no `else`");
    assert_eq!(runs(&shell).len(), 5, "what was refused is no run");
}

/// The same arguments are the same, however they are spelled and wherever they come from.
#[test]
fn another_spelling_is_counted_as_the_same() {
    let shell = Shell::new();
    shell.write("n.json", "{\"n\": 1e3, \"again\": 1000}");
    shell.write("rbl.toml", "[providers.file]\ntype = \"file\"\n");
    let text = "runbook \"Fail\"\nowner \"o\"\nlimit 1 runs in 1h by after\nparam after = 60s\n\
                define fail(after) as `echo #{after} >> log` at most 1 in 24h\n\
                metric n from file \"n.json n\"\nlet kept = 0.025h\n\
                action fail(after) else { }\naction fail(60s) else { }\naction fail(1m) else { }\n\
                action fail(1m30s) else { }\naction fail(kept) else { }\n\
                action fail(1000) else { }\naction fail(n) else { }\naction fail([1, 60s]) else { }\n\
                action fail([1.0, 1m]) else { }\n";
    shell.write("a.rb", text);
    shell.rbl("run a.rb --no-input").code(0);
    assert_eq!(read(&shell, "log"), "60\n90\n1000\n1 60\n");
    shell.rbl("run a.rb --no-input --param after=1m").code(2);
    shell.rbl("run a.rb --no-input --param after=61s").code(0);
    shell.rbl("replay last").code(0);
}

#[test]
fn runs_at_once_queue_and_a_nested_one_takes_its_else() {
    let shell = Shell::new();
    let text = "runbook \"A\"\nowner \"o\"\nlimit 1 at once\nparam name = \"a\"\naction `echo #{name} begins >> log; touch #{name}; until [ #{name} != a ] || [ -e go ]; do sleep 0.1; done; echo #{name} ends >> log`\n";
    shell.write("a.rb", text);
    let first = spawn(&shell, "run a.rb --no-input");
    wait_for(&shell, "a");
    shell.write(
        "n.rb",
        "runbook \"N\"\nowner \"o\"\nrun \"a.rb\" with (name: \"n\") else { action `touch nested` }\n",
    );
    shell.rbl("run n.rb --no-input").code(0);
    assert!(shell.path().join("nested").exists());
    let second = spawn(&shell, "run a.rb --format plain --param name=b");
    wait_until(|| runs(&shell).len() > 2 && shell.rbl("show last").out.contains("a place for"), "it queues");
    shell.write("go", "");
    ended(first).code(0);
    let second = ended(second).code(0);
    assert_eq!(read(&shell, "log"), "a begins\na ends\nb begins\nb ends\n");
    holds(&second.out, "a place for \"A\"");
    // A place is free as soon as the runbook has ended, though the run that ran it goes on.
    shell.write("m.rb", "runbook \"M\"\nowner \"o\"\nrun \"a.rb\" with (name: \"m\")\nrun \"a.rb\" with (name: \"m\")\ncheck \"Go on?\"\n");
    shell.rbl("run m.rb --no-input").code(5);
    shell.rbl("run a.rb --no-input --param name=c").code(0);
    // A parked one counts, and Ctrl-C leaves the queue.
    shell.write("a.rb", format!("{text}check \"Go on?\"\n"));
    shell.rbl("run a.rb --no-input --param name=p").code(5);
    let parked = runs(&shell).pop().unwrap();
    let queued = spawn(&shell, "run a.rb --param name=q --format plain");
    wait_until(|| runs(&shell).len() > 6 && shell.rbl("show last").out.contains("a place for"), "it queues");
    let pid = rustix::process::Pid::from_raw(i32::try_from(queued.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let left = ended(queued).code(5);
    holds(&left.out, "aborted");
    assert!(!shell.path().join("q").exists());
    shell.rbl(&format!("answer {parked} yes --no-input")).code(0);
}

#[test]
fn an_action_is_done_no_more_often_than_it_may_be() {
    let shell = Shell::new();
    shell.write(
        "lib.rb",
        "define restart(name) as `echo #{name} >> log; test ! -e fail-#{name}` at most 2 in 24h\n",
    );
    let text = |name: &str| {
        format!(
            "runbook \"{name}\"\nowner \"o\"\nuse \"lib.rb\"\nparam node = \"a\"\naction restart(node) retry 3 every 10ms else {{ action `echo other #{{node}} >> log` }}\n"
        )
    };
    shell.write("a.rb", text("A")).write("b.rb", text("B"));
    shell.rbl("run a.rb --no-input").code(0);
    shell.rbl("run b.rb --no-input").code(0);
    let refused = shell.rbl("run a.rb --no-input").code(0);
    holds(&refused.out, "done 2 times within 1d, and the limit is 2");
    shell.rbl("run a.rb --no-input --param node=b").code(0);
    assert_eq!(read(&shell, "log"), "a\na\nother a\nb\n");
    // A retry is the same one; one that fails counts.
    let shell = Shell::new();
    shell.write("fail-a", "").write(
        "lib.rb",
        "define restart(name) as `echo #{name} >> log; test ! -e fail-#{name}` at most 2 in 24h\n",
    );
    shell.write("a.rb", text("A"));
    for _ in 0..3 {
        shell.rbl("run a.rb --no-input").code(0);
    }
    assert_eq!(read(&shell, "log"), "a\na\na\na\nother a\na\na\na\na\nother a\nother a\n");
    // What cleans up is counted, and never kept from running.
    shell.write("c.rb", "runbook \"C\"\nowner \"o\"\ndefine resume(x) as `echo resumed >> cleanup` at most 1 in 1h\naction `true` finally resume(1)\n");
    shell.rbl("run c.rb --no-input").code(0);
    shell.rbl("run c.rb --no-input").code(0);
    assert_eq!(read(&shell, "cleanup"), "resumed\nresumed\n");
    shell.write("d.rb", "runbook \"D\"\nowner \"o\"\nlimit 1 runs in 1h\nrun \"c.rb\"\n");
    shell.rbl("run d.rb --no-input").code(0);
}
