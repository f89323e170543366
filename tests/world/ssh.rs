//! Commands on another host: a real sshd on loopback, with keys of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rbl_runtime::{CommandLine, Effect, Interrupt, Probe, Reply, World};
use rbl_syntax::value::{CommandOutput, ReasonKind};
use rbl_terminal::Look;
use rbl_world::executor::SshOptions;
use rbl_world::{CancelSender, Live, StopSignal};

use super::bench::{alive, builder, eventually, line};
use crate::support::{free_port, listens, start_server, tool};

const SSHD: &str = "/usr/sbin/sshd";

/// A server on a loopback port of its own; ended by its process id when dropped.
pub struct Sshd {
    process: Child,
    directory: tempfile::TempDir,
    port: u16,
}

impl Sshd {
    /// `None`, and a line that says so, on a machine without it.
    pub fn start() -> Option<Self> {
        tool(Some(PathBuf::from(SSHD)).filter(|it| it.exists()), "sshd (Debian: openssh-server)")?;
        // sshd insists on this directory, which an installation that never started it does not have.
        let _ = std::fs::create_dir_all("/run/sshd");
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for key in ["host", "client"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(path(key))
                .status()
                .unwrap();
            assert!(made.success());
        }
        std::fs::copy(path("client.pub"), path("authorized")).unwrap();
        let launch = |port: u16| {
            let config = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
                 StrictModes no\nPasswordAuthentication no\nUsePAM no\nPermitRootLogin yes\nSetEnv HOME={}\n",
                path("host").display(),
                path("authorized").display(),
                // The profile of the user who runs the tests may print what it likes: it is not read.
                directory.path().display(),
            );
            std::fs::write(path("config"), config).unwrap();
            Command::new(SSHD)
                .args(["-D", "-e", "-f"])
                .arg(path("config"))
                .stdin(Stdio::null())
                .stderr(std::fs::File::create(path("log")).unwrap())
                .spawn()
                .unwrap()
        };
        let started = start_server("sshd", launch, listens);
        let (process, port) = started.unwrap_or_else(|why| {
            panic!("{why}: {}", std::fs::read_to_string(path("log")).unwrap_or_default())
        });
        Some(Self { process, directory, port })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn options(&self) -> SshOptions {
        let mut ssh = SshOptions::default();
        ssh.command.extend(["-F".into(), "/dev/null".into()]);
        ssh.options.extend([
            format!("Port={}", self.port),
            format!("IdentityFile={}", self.path("client").display()),
            format!("UserKnownHostsFile={}", self.path("known").display()),
            "IdentitiesOnly=yes".into(),
            "StrictHostKeyChecking=accept-new".into(),
        ]);
        ssh
    }

    fn live(&self) -> (Live, CancelSender) {
        let (builder, _, stop) = builder(None, Look::default());
        (builder.ssh(self.options()).build(), stop)
    }

    fn run(&self, command: CommandLine, within: f64) -> CommandOutput {
        probe(&mut self.live().0, command, "127.0.0.1", within)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn probe(live: &mut Live, command: CommandLine, host: &str, within: f64) -> CommandOutput {
    let probe =
        Probe { command, host: Some(host.into()), folder: None, within, no_on: Vec::new(), call: None };
    match live.perform(&Effect::Probe(probe)).unwrap() {
        Reply::Output(output) => output,
        other => panic!("{other:?}"),
    }
}

#[test]
fn hostile_values_arrive_unchanged() {
    let Some(sshd) = Sshd::start() else { return };
    let all = [
        "'; rm -rf /",
        "$(id)",
        "`id`",
        "\"",
        "a\nb\n",
        "\\",
        "\\n",
        "*",
        "",
        "-n",
        "\nEOF\n",
        "rbl_run",
        "é😀Á",
        "}",
        "#",
    ];
    let long = "x'\"$(id)\n".repeat(12_000);
    for value in all.into_iter().chain([long.as_str()]) {
        let output = sshd.run(line("printf '[%s][%s][%s]' @ '@' \"@\"", value), 20.0);
        assert_eq!(output.stdout, format!("[{value}][{value}][{value}]"));
        assert_eq!((output.stderr.as_str(), output.status), ("", Some(0)), "{:?}", output.trouble);
    }
}

#[test]
fn exit_codes_come_back() {
    let Some(sshd) = Sshd::start() else { return };
    for code in [0, 1, 3, 126, 254, 255] {
        let output = sshd.run(line(&format!("echo out; echo err >&2; exit {code}"), ""), 20.0);
        assert_eq!(output.status, Some(code), "{output:?}");
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("out\n", "err\n"));
    }
    let (builder, screen, _stop) = builder(None, Look::default());
    let own = probe(
        &mut builder.ssh(sshd.options()).build(),
        line("printf e >&2; exit 255", ""),
        "127.0.0.1",
        20.0,
    );
    assert_eq!((own.status, own.stderr.as_str(), screen.text().as_str()), (Some(255), "e", "    | e\n"));
    let broken = sshd.run(line("echo 'a", ""), 20.0);
    assert_eq!(broken.stdout, "");
    assert_ne!(broken.status, Some(0));
    let nested = sshd.run(line("cat; } ; echo x; exit 4", ""), 20.0);
    assert_ne!(nested.status, Some(0), "the frame holds: {nested:?}");
}

#[test]
fn a_time_out_ends_the_remote_group() {
    let Some(sshd) = Sshd::start() else { return };
    let pids = sshd.path("pids");
    let text =
        format!("trap '' TERM; sleep 300 & echo $! >{0}; sh -c 'echo $$ >>{0}; sleep 300'", pids.display());
    let begun = Instant::now();
    let output = sshd.run(line(&text, ""), 5.0);
    assert_eq!(output.trouble.unwrap().kind, ReasonKind::TimedOut);
    // The limit, and what the other side may take to end all of it.
    assert!(begun.elapsed() < Duration::from_mins(1), "{:?}", begun.elapsed());
    let pids = std::fs::read_to_string(pids).unwrap();
    assert_eq!(pids.lines().count(), 2);
    eventually("the remote group is gone", || pids.lines().all(|pid| !alive(pid)));
}

#[test]
fn a_time_out_ends_what_left_the_session_there() {
    let Some(sshd) = Sshd::start() else { return };
    let escapes = [
        "timeout 100 sh -c 'echo $$ >>$F; exec sleep 300'",
        "setsid sh -c 'trap \"\" TERM; echo $$ >>$F; while :; do sleep 1; done' & sleep 300",
        "(setsid sh -c '(echo $$ >>$F; exec sleep 300) &' &) ; sleep 300",
        "nohup sh -c 'echo $$ >>$F; exec sleep 300' >/dev/null 2>&1 & wait",
        "setsid -f env -i F=$F sh -c 'trap \"\" TERM; echo $$ >>$F; while :; do sleep 1; done'; sleep 300",
        "env -i F=$F setsid sh -c 'sh -c \"echo \\$\\$ >>\\$F; exec sleep 300\" &'; sleep 300",
    ];
    let check = &|number: usize, escape: &str| {
        let file = sshd.path(&number.to_string());
        let text = format!("F={}; export F; {escape}", file.display());
        let output = sshd.run(line(&text, ""), 5.0);
        let trouble = output.trouble.unwrap();
        assert_eq!(
            (trouble.kind, trouble.text.as_str()),
            (ReasonKind::TimedOut, "timed out after 5s"),
            "{escape}"
        );
        let pid = std::fs::read_to_string(&file).unwrap();
        assert!(!alive(&pid), "{escape} lives on: {pid}");
    };
    // Three at once: a login takes a while on a busy machine, and each of these has all of its time.
    let numbered: Vec<(usize, &str)> = escapes.into_iter().enumerate().collect();
    for some in numbered.chunks(3) {
        std::thread::scope(|scope| {
            for (number, escape) in some.iter().copied() {
                scope.spawn(move || check(number, escape));
            }
        });
    }
}

/// As on this machine: what an action leaves over there when it ends by itself is meant to stay.
#[test]
fn a_daemon_over_there_survives_the_action_that_started_it() {
    let Some(sshd) = Sshd::start() else { return };
    let file = sshd.path("pid");
    let text = format!("setsid sleep 300 >/dev/null 2>&1 & echo $! >{}", file.display());
    assert_eq!(sshd.run(line(&text, ""), 20.0).status, Some(0));
    let pid = std::fs::read_to_string(file).unwrap();
    assert!(alive(&pid));
    assert!(Command::new("kill").arg(pid.trim()).status().unwrap().success());
}

/// A shell there that the lifeline does not end: a second copy beside it is worse than a failure.
#[test]
fn an_action_that_may_still_run_there_is_not_retried() {
    let directory = tempfile::tempdir().unwrap();
    let script = directory.path().join("script");
    // It takes the whole program, runs it without the lifeline, and outlives it.
    let program = format!("timeout 1 cat >{0}; sleep 9 | setsid sh {0}", script.display());
    let ssh =
        SshOptions { command: ["sh", "-c", &program, "ssh"].map(String::from).into(), options: Vec::new() };
    let (builder, _, _stop) = builder(None, Look::default());
    let mut live = builder.ssh(ssh).build();
    let output = probe(&mut live, line("exec sleep 1", ""), "h", 4.0);
    let reason = output.trouble.unwrap();
    assert_eq!(reason.kind, ReasonKind::StillRuns, "{reason}");
    assert_eq!(reason.text, "timed out after 4s, and whether the command still runs on h is unknown");
}

#[test]
fn an_abort_ends_the_remote_group() {
    let Some(sshd) = Sshd::start() else { return };
    let pids = sshd.path("pids");
    let (mut live, stop) = sshd.live();
    let text = format!("echo $$ >{0}; sleep 300 & echo $! >>{0}; wait", pids.display());
    let seen = pids.clone();
    std::thread::spawn(move || {
        eventually("it has begun", || {
            std::fs::read_to_string(&seen).is_ok_and(|text| text.lines().count() == 2)
        });
        stop.send(StopSignal::Terminate).unwrap();
    });
    let probe = Probe {
        command: line(&text, ""),
        host: Some("127.0.0.1".into()),
        folder: None,
        within: 60.0,
        no_on: Vec::new(),
        call: None,
    };
    assert!(matches!(live.perform(&Effect::Probe(probe)), Err(Interrupt::Aborted { .. })));
    let pids = std::fs::read_to_string(pids).unwrap();
    eventually("the remote group is gone", || pids.lines().all(|pid| !alive(pid)));
}

#[test]
fn a_lost_connection_ends_the_remote_group() {
    let Some(sshd) = Sshd::start() else { return };
    let (pids, client) = (sshd.path("pids"), sshd.path("client-pid"));
    let mut ssh = sshd.options();
    let program = format!("echo $$ >{}; exec \"$0\" \"$@\"", client.display());
    ssh.command.splice(0..0, ["sh".into(), "-c".into(), program]);
    let (builder, _, _stop) = builder(None, Look::default());
    let mut live = builder.ssh(ssh).build();
    let seen = pids.clone();
    std::thread::spawn(move || {
        eventually("it has begun", || {
            std::fs::read_to_string(&seen).is_ok_and(|text| text.lines().count() == 2)
        });
        let client = std::fs::read_to_string(client).unwrap();
        assert!(Command::new("kill").args(["-KILL", client.trim()]).status().unwrap().success());
    });
    let text = format!("echo $$ >{0}; sleep 300 & echo $! >>{0}; wait", pids.display());
    let output = probe(&mut live, line(&text, ""), "127.0.0.1", 60.0);
    assert_eq!(
        output.trouble.unwrap().text,
        "ssh to 127.0.0.1 was ended by signal 9 (SIGKILL), and whether the command still runs on 127.0.0.1 is unknown"
    );
    let pids = std::fs::read_to_string(pids).unwrap();
    eventually("the remote group is gone", || pids.lines().all(|pid| !alive(pid)));
}

/// `/bin/sh` on the other host may be another shell than on this machine, and not every ssh server begins a session
/// for a command.
#[test]
fn any_shell_over_there_will_do() {
    let directory = tempfile::tempdir().unwrap();
    let check = &|number: usize, shell: &str| {
        let there =
            |name: &str| Command::new("which").arg(name).output().is_ok_and(|found| found.status.success());
        if !shell.split(' ').all(|name| name == "sh" || name == "-w" || there(name)) {
            eprintln!("skipped: no {shell}");
            return;
        }
        let ssh = SshOptions {
            command: ["sh", "-c", &format!("exec {shell}"), "ssh"].map(String::from).into(),
            options: Vec::new(),
        };
        let (builder, _, _stop) = builder(None, Look::default());
        let mut live = builder.ssh(ssh).build();
        let value = "a'\n$(id) \"\\ ";
        let output = probe(&mut live, line("printf '[%s]' '@'; exit 255", value), "h", 60.0);
        assert_eq!((output.stdout, output.status), (format!("[{value}]"), Some(255)), "{shell}");
        let pid = directory.path().join(number.to_string());
        let begun = Instant::now();
        let text = format!("sh -c 'echo $$ >{}; exec sleep 300'", pid.display());
        let output = probe(&mut live, line(&text, ""), "h", 3.0);
        assert_eq!(output.trouble.unwrap().kind, ReasonKind::TimedOut, "{shell}");
        assert!(begun.elapsed() < Duration::from_mins(1), "{shell}: {:?}", begun.elapsed());
        let pid = std::fs::read_to_string(pid).unwrap();
        eventually("it is gone", || !alive(&pid));
    };
    let shells =
        ["setsid -w dash", "setsid -w bash", "setsid -w busybox sh", "setsid -w mksh", "dash", "bash"];
    // All at once: each waits for its time-out most of the time.
    std::thread::scope(|scope| {
        for (number, shell) in shells.into_iter().enumerate() {
            scope.spawn(move || check(number, shell));
        }
    });
}

/// What a login runs around a command (`ForceCommand`) ends with a code of its own, and prints what it likes.
#[test]
fn a_wrapper_over_there_hides_no_failure() {
    let known = [
        "echo hi; sh -c \"$last\"; echo BYE",
        "sh -c \"$last\" || true",
        "sh -c \"$last\"; exit 7",
        "echo hi >&2; sh -c \"$last\"; echo BYE >&2",
        "sh -c \"$last\" | cat",
    ];
    let swallowed = ["sh -c \"$last\" 2>/dev/null", "sh -c \"$last\" 2>/dev/null; true"];
    for wrapper in known.into_iter().chain(swallowed) {
        let wrapped = format!("for last; do :; done; {wrapper}");
        let ssh = SshOptions {
            command: ["sh", "-c", &wrapped, "ssh"].map(String::from).into(),
            options: Vec::new(),
        };
        let (builder, _, _stop) = builder(None, Look::default());
        let mut live = builder.ssh(ssh).build();
        for (text, code) in [("echo out; exit 3", 3), ("echo out; exit 0", 0), ("echo out; exit 255", 255)] {
            let output = probe(&mut live, line(text, ""), "h", 20.0);
            if known.contains(&wrapper) {
                assert_eq!(
                    (output.status, output.stdout.as_str()),
                    (Some(code), "out\n"),
                    "{wrapper}: {text}"
                );
            } else {
                assert_eq!(output.status, None, "{wrapper}: {text}");
                let reason = output.trouble.unwrap().text;
                let words = if code == 255 && !wrapper.ends_with("true") {
                    "the connection to h was lost"
                } else {
                    "how the command ended is unknown: h ended the session without its exit code"
                };
                assert!(reason.starts_with(words), "{wrapper}: {text}: {reason}");
            }
        }
        let gone = probe(&mut live, line("kill -KILL $PPID; sleep 1", ""), "h", 20.0);
        assert_eq!(gone.status, None, "{wrapper}: {gone:?}");
        assert!(gone.trouble.is_some());
    }
}

#[test]
fn an_unreachable_host_says_why() {
    let Some(sshd) = Sshd::start() else { return };
    let free = free_port();
    let mut ssh = sshd.options();
    ssh.options.insert(0, format!("Port={free}"));
    let (builder, _, _stop) = builder(None, Look::default());
    let reason = probe(&mut builder.ssh(ssh).build(), line("true", ""), "127.0.0.1", 20.0).trouble.unwrap();
    assert_eq!(reason.kind, ReasonKind::Unreachable);
    assert!(reason.text.starts_with("could not reach 127.0.0.1: ssh: connect to host"), "{reason}");
    assert!(reason.text.contains("refused"), "{reason}");
}

#[test]
fn a_host_that_is_an_option_is_refused() {
    let (builder, _, _stop) = builder(None, Look::default());
    let mut live = builder.build();
    for host in ["-oProxyCommand=touch /tmp/x", "a b", "", "a\nb"] {
        let reason = probe(&mut live, line("true", ""), host, 5.0).trouble.unwrap();
        assert_eq!(reason.kind, ReasonKind::NotRun, "{reason}");
    }
    let (builder, _, _stop) = super::bench::builder(None, Look::default());
    let ssh = SshOptions { command: vec!["/no/such/ssh".into()], options: Vec::new() };
    let reason = probe(&mut builder.ssh(ssh).build(), line("true", ""), "h", 5.0).trouble.unwrap();
    assert_eq!(reason.text, "cannot start /no/such/ssh: no such program");
}
