//! A command that outlives the rbl that began it: a second copy never runs beside it.

use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;

/// Runs it until the action has begun, and kills rbl before its commands are guarded. That takes half a second, which may pass on a
/// busy machine: so they are not guarded at all.
fn killed_in_the_action(shell: &Shell) {
    let mut command = shell.command("run a.rb --no-input");
    command.env("RBL_NO_GUARD", "1").stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while !shell.path().join("log").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn log(shell: &Shell) -> Vec<String> {
    std::fs::read_to_string(shell.path().join("log")).unwrap().lines().map(str::to_owned).collect()
}

const HEAD: &str = "runbook \"R\"\nowner \"api-oncall\"\n";

#[test]
fn it_is_ended_before_the_action_is_done_again() {
    let shell = Shell::new();
    // The first try lasts long; the second sees that it is not the first.
    shell.write(
        "a.rb",
        format!(
            "{HEAD}action `echo begins >> log; if mkdir once; then for n in $(seq 600); do test -f go && break; sleep 0.1; done; echo survived >> log; fi; echo over >> log` retry 1\n"
        ),
    );
    killed_in_the_action(&shell);
    let resumed = shell.rbl("resume last --no-input").code(0);
    let again: Vec<String> = log(&shell);
    assert_eq!(again.iter().filter(|line| *line == "over").count(), 1, "{again:?} {resumed:?}");
    shell.write("go", "");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(log(&shell), again, "the first one went on");
    assert!(words(&shell.rbl("show last").code(0).out).contains("outlived the rbl that was cut off"));
    shell.rbl("replay last").code(0);
}

#[test]
fn whoever_is_asked_whether_it_was_done_learns_that_it_lives() {
    let shell = Shell::new();
    shell.write("a.rb", format!("{HEAD}action `echo begins >> log; sleep 120; echo over >> log`\n"));
    killed_in_the_action(&shell);
    let asked = shell.rbl("resume last --no-input").code(5);
    assert!(asked.out.contains("it still runs: process"), "{asked:?}");
    // It is ended before it is done for the second time.
    shell.write("a.rb", "changed");
    let mut answer = shell.command("answer last --no-input");
    answer.arg("not done").stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut answer = answer.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while log(&shell).len() < 2 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(log(&shell), ["begins", "begins"]);
    let _ = rustix::process::kill_process(
        rustix::process::Pid::from_child(&answer),
        rustix::process::Signal::TERM,
    );
    answer.wait().unwrap();
    assert_eq!(log(&shell), ["begins", "begins"]);
}

/// A command that writes to `log`, and from then on to `beat` for as long as it lives. Neither its environment nor its
/// session says whose it is.
const HIDDEN: &str = "/usr/bin/env -i /usr/bin/setsid -w /bin/sh -c 'trap \"\" HUP; echo begins >> log; while :; do echo x >> beat; sleep 0.05; done'";

/// The words of a page, whatever its lines.
fn words(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the hidden command still runs: it is seen within this time.
fn beats_within(shell: &Shell, time: Duration) -> bool {
    let length = || std::fs::metadata(shell.path().join("beat")).map_or(0, |beat| beat.len());
    let (before, until) = (length(), Instant::now() + time);
    while length() == before && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    length() > before
}

/// Whether it still runs, however slow the machine is.
fn beats(shell: &Shell) -> bool {
    beats_within(shell, Duration::from_secs(10))
}

/// Whether it does not run any more.
fn is_silent(shell: &Shell) -> bool {
    !beats_within(shell, Duration::from_millis(500))
}

#[test]
fn one_that_hides_is_ended_before_the_action_is_done_again() {
    // Started by a shell that waits for it, in place of that shell, and by a program that does the action.
    let shell_waits = format!("action `if mkdir once; then {HIDDEN}; fi; echo over >> log` retry 1\n");
    let in_its_place = format!("action `if mkdir once; then exec {HIDDEN}; fi; echo over >> log` retry 1\n");
    let by_a_program = "define restart() as jobs \"restart\"\naction restart() retry 1\n".to_owned();
    for body in [shell_waits, in_its_place, by_a_program] {
        let shell = Shell::new();
        shell.write("rbl.toml", "[executors.jobs]\ntype = \"exec\"\ncommand = [\"/bin/sh\", \"it.sh\"]\n");
        shell.write(
            "it.sh",
            format!(
                "read -r asked; if mkdir once; then {HIDDEN}; fi; echo over >> log; echo '{{\"ok\": true}}'\n"
            ),
        );
        shell.write("a.rb", format!("{HEAD}{body}"));
        killed_in_the_action(&shell);
        assert!(beats(&shell), "it does not outlive rbl: {body}");
        shell.rbl("resume last --no-input").code(0);
        assert!(is_silent(&shell), "{body}");
        assert_eq!(log(&shell), ["begins", "over"]);
        let told = words(&shell.rbl("show last").code(0).out);
        assert!(told.contains("outlived the rbl that was cut off, and was ended"), "{told}");
        let left = std::fs::read_dir(shell.state().join("rbl/processes")).unwrap().count();
        assert_eq!(left, 0, "a run that is over leaves no note");
    }
}

/// The note outlives the process that asks the question, and the one that is killed while it asks.
#[test]
fn one_that_hides_is_known_while_the_run_is_parked() {
    let shell = Shell::new();
    shell.write("a.rb", format!("{HEAD}action `if mkdir once; then {HIDDEN}; fi; echo over >> log`\n"));
    killed_in_the_action(&shell);
    for _ in 0..2 {
        let asked = shell.rbl("resume last --no-input").code(5);
        assert!(asked.out.contains("it still runs: process"), "{asked:?}");
    }
    assert!(beats(&shell), "nobody has said yet that it is to be done again");
    let mut answer = shell.command("answer last --no-input");
    answer.arg("not done");
    assert!(answer.output().unwrap().status.success());
    assert!(is_silent(&shell));
    assert_eq!(log(&shell), ["begins", "over"]);
}

#[test]
fn one_that_hides_is_ended_when_its_run_is_aborted() {
    let shell = Shell::new();
    shell.write("a.rb", format!("{HEAD}action `{HIDDEN}` finally `echo cleaned >> log`\n"));
    killed_in_the_action(&shell);
    assert!(beats(&shell));
    shell.rbl("abort last --because enough");
    assert!(is_silent(&shell), "{}", shell.rbl("show last").out);
    assert_eq!(log(&shell), ["begins", "cleaned"]);
}

/// What runs on another host is ended there when the connection closes: that takes a moment, which is waited for.
#[test]
fn one_on_another_host_has_ended_before_the_action_is_done_again() {
    let shell = Shell::new();
    let ssh = shell.path().join("ssh");
    shell.write("ssh", "#!/bin/sh\nexec /usr/bin/setsid -w /bin/sh\n");
    std::fs::set_permissions(&ssh, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    shell.write("rbl.toml", format!("[ssh]\ncommand = {:?}\noptions = []\n", ssh.display().to_string()));
    // Nobody reads its stderr any more, and the shell would say there that a `sleep` was ended.
    let slow = "exec 2>/dev/null; trap 'sleep 1; echo ended >> log; exit 1' TERM; echo begins >> log; \
                while :; do sleep 0.05; done";
    shell.write(
        "a.rb",
        format!("{HEAD}action `if mkdir once; then {slow}; fi; echo over >> log` on \"db-1\" retry 1\n"),
    );
    killed_in_the_action(&shell);
    shell.rbl("resume last --no-input").code(0);
    assert_eq!(log(&shell), ["begins", "ended", "over"]);
    let told = words(&shell.rbl("show last").code(0).out);
    assert!(told.contains("whether the first try still runs on db-1 is unknown"), "{told}");
}
