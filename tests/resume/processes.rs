//! Runs of the built program that are killed, driven twice, and written to a disk that is full.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rbl::journal::{RunQuery, SqliteLook, verify};

use crate::front::shell::Shell;

/// Twelve actions; the even ones may be done again. Each writes its key down when it is done.
fn twelve() -> String {
    let mut text = String::from("runbook \"Twelve\"\nowner \"a\"\n");
    for number in 1..=12 {
        let retry = if number % 2 == 0 { " retry 1" } else { "" };
        text.push_str(&format!("action `echo {number} $RBL_IDEMPOTENCY_KEY >> done`{retry}\n"));
    }
    text
}

fn done(shell: &Shell) -> BTreeMap<u32, Vec<String>> {
    let mut done: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for line in std::fs::read_to_string(shell.path().join("done")).unwrap_or_default().lines() {
        let (number, key) = line.split_once(' ').unwrap();
        done.entry(number.parse().unwrap()).or_default().push(key.to_owned());
    }
    done
}

fn spawn(shell: &Shell, words: &str) -> Child {
    let mut command = shell.command(words);
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().unwrap()
}

fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn look(shell: &Shell) -> SqliteLook {
    SqliteLook::open(&shell.state().join("rbl")).unwrap()
}

/// The state of the only run, and what it waits for; `None` before it was written down.
fn state(shell: &Shell) -> Option<(String, rbl::journal::State)> {
    std::fs::metadata(shell.state().join("rbl/journal.sqlite3")).ok()?;
    let summary = look(shell).list(&rbl::journal::Filter::default()).ok()?.pop()?;
    let (records, _) = look(shell).read(&summary.run).unwrap();
    verify(&records).unwrap();
    Some((summary.run.to_string(), summary.state))
}

/// What goes on with the run, as somebody would who looks at it; `None`: it is over.
fn next(shell: &Shell) -> Option<Vec<String>> {
    let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let Some((_, state)) = state(shell) else {
        // Killed before anything was written down: nothing was done either.
        assert!(done(shell).is_empty());
        return words("run a.rb --no-input");
    };
    match &state {
        rbl::journal::State::Ended { .. } => None,
        rbl::journal::State::Parked { waits_for, .. } => {
            // The question names the action; what is in the file is the truth, and the person says it.
            let number = waits_for.split("`echo ").nth(1).unwrap().split(' ').next().unwrap();
            let number: u32 = number.parse().unwrap();
            assert_eq!(number % 2, 1, "what may be done again is asked about: {waits_for}");
            let said = if done(shell).contains_key(&number) { "done" } else { "not done" };
            Some(["answer", "last", said, "--no-input"].map(str::to_owned).into())
        }
        _ => words("resume last --no-input"),
    }
}

fn spawned(shell: &Shell, words: &[String], environment: &[(&str, String)]) -> Child {
    let mut command = shell.command("");
    command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.envs(environment.iter().map(|(name, value)| (*name, value.as_str())));
    command.spawn().unwrap()
}

/// Every action without `retry` was done once, and the story is whole.
fn is_well(shell: &Shell, how: &str) {
    let done = done(shell);
    assert_eq!(done.len(), 12, "{how}: {done:?}");
    for (number, keys) in &done {
        assert!(keys.iter().all(|key| *key == keys[0]), "{how}: {number}: {keys:?}");
        if number % 2 == 1 {
            assert_eq!(keys.len(), 1, "{how}: {number} was done twice");
        }
    }
    let shown = shell.rbl("show last --verify").code(0);
    assert!(shown.out.contains("whole"), "{how}: {shown:?}");
    shell.rbl("replay last").code(0);
}

#[test]
fn killed_at_each_write_nothing_is_done_twice_unasked() {
    let mut kills = 0;
    for at in 0..200 {
        let shell = Shell::new();
        shell.write("a.rb", twelve());
        let words = ["run", "a.rb", "--no-input"].map(str::to_owned);
        let ended = spawned(&shell, &words, &[("RBL_FAULT_AT", at.to_string())]).wait().unwrap();
        if ended.success() && at > 20 {
            // That many writes there are not.
            break;
        }
        kills += 1;
        while let Some(words) = next(&shell) {
            spawned(&shell, &words, &[]).wait().unwrap();
        }
        is_well(&shell, &format!("killed at {at}"));
    }
    assert!(kills >= 48, "two writes an action, and before and after each: {kills}");
    eprintln!("killed at each of {kills} moments");
}

#[test]
fn killed_again_and_again_nothing_is_done_twice_unasked() {
    let begun = Instant::now();
    // More of them where somebody has the time: `RBL_KILLS=1000`.
    let wanted: u32 = std::env::var("RBL_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(40);
    let (mut kills, mut runs) = (0, 0);
    while kills < wanted {
        let shell = Shell::new();
        shell.write("a.rb", twelve());
        let (mut patience, mut before) = (40_000 + runs * 9_000, usize::MAX);
        while let Some(words) = next(&shell) {
            let mut child = spawned(&shell, &words, &[]);
            std::thread::sleep(Duration::from_micros(patience));
            if kills >= wanted {
                child.wait().unwrap();
            } else if child.try_wait().unwrap().is_none() {
                kill(&mut child);
                kills += 1;
            }
            // Where nothing was done in between it is given more time: it has to come to its end.
            let length = std::fs::read(shell.path().join("done")).map_or(0, |text| text.len());
            patience = if length == before { patience * 3 / 2 } else { patience };
            before = length;
        }
        is_well(&shell, &format!("run {runs}"));
        runs += 1;
    }
    eprintln!("{kills} kills in {runs} runs, {:?}", begun.elapsed());
}

#[test]
fn one_drives_and_the_other_says_who() {
    let shell = Shell::new();
    shell.write(
        "a.rb",
        "runbook \"a\"\nowner \"a\"\naction `touch begun; sleep 3`\naction `echo x >> done`\n",
    );
    let mut child = spawn(&shell, "run a.rb --no-input");
    let until = Instant::now() + Duration::from_secs(20);
    while !shell.path().join("begun").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    let other = shell.rbl("resume last").code(2);
    assert!(other.err.contains(&format!("is driven by pid {}", child.id())), "{other:?}");
    let other = shell.rbl("answer last yes").code(2);
    assert!(other.err.contains("asks its questions there"), "{other:?}");
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(shell.path().join("done")).unwrap(), "x\n");
    // Dead, it is taken over at once.
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
    // What is asked now is another question; the file has changed since, and is not used.
    shell.write("a.rb", "runbook \"Other\"\nowner \"a\"\nresolve\n");
    let ended = shell.rbl("answer last done --as bo --no-input").code(0);
    assert!(ended.err.contains("a.rb has changed since the run began"), "{ended:?}");
    let over = shell.rbl("resume last").code(0);
    assert!(over.err.contains("has ended: resolved"), "{over:?}");
    let shown = shell.rbl("show last").code(0);
    assert!(shown.out.contains("Is it well?") && shown.out.contains("Look at db-1"), "{shown:?}");
    // Exported, it is told again as it was; a changed text is held against it.
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
fn what_cannot_be_written_down_is_not_begun() {
    let shell = Shell::new();
    shell.write("a.rb", "runbook \"a\"\nowner \"a\"\naction `touch done`\n");
    std::fs::write(shell.state().join("rbl"), "a file in its place").unwrap();
    let refused = shell.rbl("run a.rb --no-input").code(2);
    assert!(refused.err.contains("nothing was run, for it cannot be written down"), "{refused:?}");
    assert!(refused.err.contains("rbl run a.rb --no-journal"), "{refused:?}");
    assert!(!shell.path().join("done").exists());
    let unkept = shell.rbl("run a.rb --no-input --no-journal").code(0);
    assert!(unkept.err.contains("this run is not written down"), "{unkept:?}");
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
        // What had been done when the disk was full could not be written down: that is asked.
        ended = shell.rbl("answer last done --no-input");
    }
    let after = std::fs::read_to_string(shell.path().join("done")).unwrap();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(after, "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "{ended:?}");
    let _ = std::io::stderr().flush();
}
