//! Runs of the built program that are held twice, answered later, and written to a full disk.

use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::cli::shell::Shell;

fn spawn(shell: &Shell, words: &str) -> Child {
    let mut command = shell.command(words);
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().unwrap()
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn one_drives_and_the_other_says_who() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\naction `touch begun; until test -f go; do sleep 0.1; done`\naction `echo x >> done`\n",
    );
    let mut child = spawn(&shell, "run a.rb --no-input");
    let until = Instant::now() + Duration::from_secs(20);
    while !shell.path().join("begun").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    let other = shell.rbl("resume last").code(2);
    assert!(other.err.contains(&format!("is held by pid {}", child.id())), "{other:?}");
    let other = shell.rbl("answer last yes").code(2);
    assert!(other.err.contains("asks its questions there"), "{other:?}");
    shell.write("go", "");
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
    // When it is dead, another process takes over at once.
    shell.write(
        "b.rb",
        "runbook \"b\"\nowner \"a\"\naction `touch second; sleep 30`\naction `echo y >> done`\n",
    );
    let mut child = spawn(&shell, "run b.rb --no-input");
    let until = Instant::now() + Duration::from_secs(20);
    while !shell.path().join("second").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    kill(&mut child);
    let asked = shell.rbl("resume last --no-input").code(5);
    assert!(asked.out.contains("was it done? `touch second; sleep 30` was started at"), "{asked:?}");
    assert!(asked.out.contains("rbl answer") && asked.out.contains("\"done\""), "{asked:?}");
    let ended = shell.rbl("answer last done --no-input").code(0);
    assert!(ended.out.contains("it had been done when the run was cut off"), "{ended:?}");
}

#[test]
fn a_manual_runbook_is_answered_the_next_morning() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"Nightly\"\nowner \"a\"\ncheck \"Is it well?\" within 10m else { stop \"no\" }\naction \"Look at db-1\"\n",
    );
    let parked = shell.rbl("run a.rb --no-input").code(5);
    assert!(
        parked.out.contains("next       rbl answer 2") && parked.out.contains(" yes; or at a terminal"),
        "{parked:?}"
    );
    let misfit = shell.rbl("answer last perhaps").code(2);
    assert!(misfit.err.contains("it is answered by yes, no or \"not sure\""), "{misfit:?}");
    let told = shell.rbl("answer last yes --remark checked --as bo --no-input").code(5);
    assert!(told.out.contains("by bo; \"checked\""), "{told:?}");
    // The question is another one now; the file has changed since, and is not used.
    shell.write("a.rb", "runbook \"Other\"\nowner \"a\"\nresolve\n");
    let ended = shell.rbl("answer last done --as bo --no-input").code(0);
    assert!(ended.err.contains("a.rb has changed since the run began"), "{ended:?}");
    let over = shell.rbl("resume last").code(0);
    assert!(over.err.contains("has ended: resolved"), "{over:?}");
    let shown = shell.rbl("show last").code(0);
    assert!(shown.out.contains("Is it well?") && shown.out.contains("Look at db-1"), "{shown:?}");
    // The exported run replays identically; a changed text is compared with it.
    let exported = shell.rbl("show last --format json").code(0);
    shell.write("runs/one.rblrun", &exported.out);
    let again = shell.rbl("replay runs/one.rblrun --format plain").code(0);
    assert!(again.out.contains("Look at db-1"), "{again:?}");
    let folder = shell.rbl("replay runs").code(0);
    assert!(folder.out.contains("same     one.rblrun: resolved"), "{folder:?}");
    let with = shell.rbl("replay runs/one.rblrun --with a.rb").code(1);
    assert!(with.out.contains("was  a.rb:3") && with.out.contains("it ends resolved"), "{with:?}");
}

#[test]
fn an_approval_is_told_again_and_held_against_another_text() {
    let shell = Shell::new();
    let text =
        "runbook \"Nightly\"\nowner \"a\"\naction `touch done` by \"dba\" within 10m else { \"not done\" }\n";
    shell.write("a.rb", text);
    for (answer, done) in [("no", false), ("yes", true)] {
        shell.rbl("run a.rb --no-input").code(5);
        assert!(!shell.path().join("done").exists());
        let ended = shell.rbl(&format!("answer last {answer} --as bo --no-input")).code(0);
        assert_eq!(shell.path().join("done").exists(), done);
        let end = ended.out.lines().find(|line| line.contains("resolved ")).unwrap();
        let again = shell.rbl("replay last --format plain").code(0);
        assert!(again.err.is_empty() && again.out.contains(end), "{again:?}");
        let with = shell.rbl("replay last --with a.rb").code(0);
        assert!(with.out.contains("it ends resolved") && !with.out.contains("difference"), "{with:?}");
    }
    shell.write("b.rb", text.replace(" by \"dba\"", ""));
    let with = shell.rbl("replay last --with b.rb").code(1);
    assert!(with.out.contains("was  a.rb:3: the question \"dba: is this to be done?"), "{with:?}");
}

#[test]
fn what_cannot_be_written_down_is_not_begun() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\naction `touch done`\n");
    std::fs::write(shell.state().join("rbl"), "a file in its place").unwrap();
    let refused = shell.rbl("run a.rb --no-input").code(2);
    assert!(refused.err.contains("nothing was run, because it cannot be recorded"), "{refused:?}");
    assert!(refused.err.contains("rbl run a.rb --no-journal"), "{refused:?}");
    assert!(!shell.path().join("done").exists());
    let unkept = shell.rbl("run a.rb --no-input --no-journal").code(0);
    assert!(unkept.err.contains("this run is not recorded"), "{unkept:?}");
    assert!(shell.path().join("done").exists() && !unkept.out.contains("rbl show"), "{unkept:?}");
}

#[test]
fn no_secret_is_in_the_journal() {
    let shell = Shell::new().env("RBL_TEST_TOKEN", "s3cr3t-7f3a");
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\nparam word = \"x\"\nsecret token from env \"RBL_TEST_TOKEN\"\n\
         action `echo #{token} #{word}; echo again #{token} >&2` as out\n\"#{out} #{word}\"\nescalate to owner because \"#{word}\"\n",
    );
    let told = shell.rbl("run a.rb --no-input --param word=s3cr3t-7f3a --format json").code(4);
    assert!(!told.out.contains("s3cr3t") && told.out.contains("•••"), "{told:?}");
    for entry in std::fs::read_dir(shell.state().join("rbl")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(6).any(|part| part == b"s3cr3t"), "{}", path.display());
        }
    }
}

/// A file system of its own that is soon full; `None` where this process may not make one.
fn small_disk(shell: &Shell) -> Option<Mounted> {
    let path = shell.path().join("small");
    std::fs::create_dir(&path).unwrap();
    let made = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=600k", "tmpfs"])
        .arg(&path)
        .output();
    if made.is_ok_and(|it| it.status.success()) {
        return Some(Mounted(path));
    }
    eprintln!("skipped: this process may not mount a small disk");
    None
}

struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_a_run_before_its_next_action() {
    let shell = Shell::new();
    let Some(disk) = small_disk(&shell) else { return };
    let mut text = String::from("runbook \"Full\"\nowner \"a\"\n");
    for number in 1..=9 {
        text.push_str(&format!("action `echo {number} >> done; seq 1 20000`\n"));
    }
    shell.write("a.rb", text);
    shell.write("rbl.toml", format!("[store]\npath = \"{}/rbl\"\n", disk.0.display()));
    let full = shell.rbl("run a.rb --no-input").code(5);
    assert!(
        full.out.contains("the journal cannot be written") && full.out.contains("disk is full"),
        "{full:?}"
    );
    assert!(full.out.contains("paged"), "no silent end: {full:?}");
    let before = std::fs::read_to_string(shell.path().join("done")).unwrap();
    assert!(before.lines().count() < 9, "{before}");
    let options = ["-o", "remount,size=60m"];
    assert!(std::process::Command::new("mount").args(options).arg(&disk.0).status().unwrap().success());
    let mut ended = shell.rbl("resume last --no-input");
    for _ in 0..3 {
        if ended.code != Some(5) {
            break;
        }
        // What had been done when the disk was full could not be recorded: that is asked.
        ended = shell.rbl("answer last done --no-input");
    }
    let after = std::fs::read_to_string(shell.path().join("done")).unwrap();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(after, "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "{ended:?}");
    let _ = std::io::stderr().flush();
}

#[test]
fn runs_are_seen_where_they_were_started() {
    let shell = Shell::new();
    shell.write("infra/a.rb", "runbook \"Infra\"\nowner \"a\"\naction \"Look\"\n");
    shell.write("infra/rbl.toml", "[store]\npath = \"journal\"\n");
    let parked = shell.rbl("run infra/a.rb --no-input").code(5);
    let kept = format!("the run is kept in {}", shell.state().join("rbl").display());
    assert!(parked.err.contains(&kept) && parked.err.contains("`[store]` of infra/rbl.toml"), "{parked:?}");
    assert!(!shell.path().join("infra/journal").exists());
    assert!(shell.rbl("runs").code(0).out.contains("Infra"));
    shell.rbl("answer last done --no-input").code(0);
    // If it is the same file, nothing is printed.
    shell.write("rbl.toml", "[store]\npath = \"here\"\n");
    std::fs::remove_file(shell.path().join("infra/rbl.toml")).unwrap();
    let parked = shell.rbl("run infra/a.rb --no-input").code(5);
    assert!(!parked.err.contains("is kept in"), "{parked:?}");
    assert!(shell.path().join("here/journal.sqlite3").exists());
    shell.rbl("answer last done --no-input").code(0);
}
