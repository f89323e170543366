//! What is shipped to run the server: the unit of systemd and the container file.

use std::process::Command;

use super::ServerBench;

const UNIT: &str = include_str!("../../packaging/systemd/rbl.service");
const CONTAINER: &str = include_str!("../../packaging/container/Containerfile");

fn analyze(arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("systemd-analyze").args(arguments).output();
    let Ok(output) = output else {
        let in_ci = std::env::var_os("CI").is_some();
        assert!(!in_ci, "this machine has no systemd-analyze: install it, as .ci/run does");
        eprintln!("skipped: this machine has no systemd-analyze");
        return None;
    };
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

#[test]
fn systemd_knows_every_line_of_the_unit_and_finds_it_hardened() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("rbl.service");
    std::fs::write(&unit, UNIT.replace("/usr/local/bin/rbl", env!("CARGO_BIN_EXE_rbl"))).unwrap();
    let unit = unit.to_str().unwrap();
    let Some((is_right, text)) = analyze(&["verify", "--man=no", unit]) else { return };
    assert!(is_right && text.trim().is_empty(), "{text}");
    let Some((is_hard, text)) = analyze(&["security", "--offline=yes", "--threshold=20", unit]) else {
        return;
    };
    // An older systemd cannot judge a file.
    if text.contains("Overall exposure level") {
        assert!(is_hard, "{text}");
    }
}

/// Starts what a shipped file starts, with another address and journal, and asks it as that file does.
fn starts(line: &str, bench: &ServerBench, health: &str) {
    let journal = bench.shell.state().join("shipped");
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for word in &mut words {
        if word.starts_with("sqlite:") {
            *word = format!("sqlite:{}", journal.display());
        }
        if word.ends_with(":7180") {
            *word = format!("0.0.0.0:{}", bench.port);
        }
    }
    let mut child = bench.shell.command(&words.join(" ")).spawn().unwrap();
    let asked = || bench.request(&format!("GET {health} HTTP/1.1\r\nHost: x"), b"");
    bench.until("it is healthy", || asked().is_some_and(|(code, _)| code == 200));
    assert!(journal.join("journal.sqlite3").is_file());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_command_of_the_unit_serves() {
    let bench = ServerBench::new("", "");
    let line = UNIT.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/rbl ")).unwrap();
    starts(line, &bench, "/-/ready");
}

#[test]
fn the_command_of_the_container_serves_for_a_user_without_rights() {
    let line = |name: &str| CONTAINER.lines().rfind(|line| line.starts_with(name)).unwrap();
    let list =
        |text: &str| -> Vec<String> { serde_json::from_str(&text[text.find('[').unwrap()..]).unwrap() };
    assert_eq!(line("USER "), "USER 7180:7180");
    assert!(CONTAINER.contains("useradd --system --uid 7180"));
    let check = list(line("HEALTHCHECK "));
    let health = check.last().unwrap().strip_prefix("http://127.0.0.1:7180").unwrap().to_owned();
    let hook = "[hooks.alertmanager]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("token", "s3cret");
    let command = list(line("CMD ")).join(" ");
    starts(&command, &bench, &health);
    // As the comment in the file says.
    let open = ServerBench::new("", "");
    let refused =
        open.shell.rbl(&command.replace("/var/lib/rbl", open.shell.state().to_str().unwrap())).code(2);
    assert!(refused.err.contains("anybody who reaches"), "{}", refused.err);
}

/// The image on which the shipped one is built.
const BASE: &str = "docker.io/library/debian:bookworm-slim";

fn buildah(arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("buildah").args(arguments).output().ok()?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

/// Removed when dropped, with the container that was made of it.
struct BuiltImage(String);

impl Drop for BuiltImage {
    fn drop(&mut self) {
        drop(buildah(&["rm", &self.0]));
        drop(buildah(&["rmi", "--force", &self.0]));
    }
}

/// The last stage is built and started as it says, with the program of this build: a compiler in a container would take too long here.
/// Needs buildah and the image of Debian, which few machines have, so it is not required of CI either.
#[test]
fn the_image_is_built_and_serves() {
    let Some((_, there)) = buildah(&["images", "--quiet", BASE]).filter(|(is_there, _)| *is_there) else {
        return eprintln!("skipped: there is no buildah, or no {BASE} for it (`buildah pull {BASE}`)");
    };
    assert!(!there.is_empty());
    let hook = "[hooks.alertmanager]\ntype = \"alertmanager\"\ntoken = { file = \"token\" }\n";
    let bench = ServerBench::new("", hook);
    bench.shell.write("token", "s3cret");
    bench.runbook("a.rb", "\"A\"", "action `id -u > /var/lib/rbl/who`\nresolve \"done\"");
    let (_, last) = CONTAINER.split_once("\n\n").unwrap();
    bench.shell.write("context/Containerfile", last.replace("--from=build /src/target/release/rbl", "rbl"));
    std::fs::copy(env!("CARGO_BIN_EXE_rbl"), bench.shell.path().join("context/rbl")).unwrap();
    let name = format!("rbl-test-{}", std::process::id());
    let context = bench.shell.path().join("context").display().to_string();
    let _image = BuiltImage(name.clone());
    let build =
        ["bud", "--isolation", "chroot", "--pull-never", "--format", "docker", "--tag", &name, &context];
    let (is_built, text) = buildah(&build).unwrap();
    assert!(is_built, "{text}");
    let (is_made, text) = buildah(&["from", "--pull-never", "--name", &name, &name]).unwrap();
    assert!(is_made, "{text}");
    let (_, about) = buildah(&["inspect", "--format", "{{.Docker.Config}}", &name]).unwrap();
    for word in ["7180:7180", "tini -- rbl", "/-/healthy", "SIGTERM", "/var/lib/rbl"] {
        assert!(about.contains(word), "{word}: {about}");
    }
    // What its entry point and its command say, at a port that is free: a network of its own is not to be had everywhere.
    let serve =
        format!("tini -- rbl serve --listen 0.0.0.0:{} --store sqlite:/var/lib/rbl --mode act", bench.port);
    let folder = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(bench.shell.path(), folder).unwrap();
    let volume = format!("{}:/runbooks:ro", bench.shell.path().display());
    let mut run = Command::new("buildah");
    run.args(["run", "--isolation", "chroot", "--volume", &volume, &name, "--"]).args(serve.split(' '));
    let mut child = run.spawn().unwrap();
    let get = || bench.request("GET /-/healthy HTTP/1.1\r\nHost: x", b"");
    bench.until("it is healthy", || get().is_some_and(|(code, _)| code == 200));
    let head = "POST /hooks/alertmanager HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cret";
    let body = super::delivery(&[super::alert("A", "firing", "", "1", "2026-11-29T03:00:00Z")]);
    assert_eq!(bench.request(head, body.as_bytes()).unwrap().0, 202);
    let inside = |command: &str| {
        let ran = buildah(&["run", "--isolation", "chroot", &name, "--", "sh", "-c", command]).unwrap();
        ran.1.trim().to_owned()
    };
    bench.until("the run has acted as nobody in particular", || inside("cat /var/lib/rbl/who") == "7180");
    // The signal that stops it reaches rbl through tini.
    let stop =
        format!("kill -TERM $(pgrep -f 'tini -- rbl serve --listen 0.0.0.0:{}' | tail -n 1)", bench.port);
    assert!(Command::new("sh").args(["-c", &stop]).status().unwrap().success());
    bench.until("it stops", || get().is_none());
    child.wait().unwrap();
}
