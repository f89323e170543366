//! A runbook of twelve actions whose process is killed: at every write of the journal, on the first turn and on later
//! ones, and at any moment between. Nothing is done twice unasked, and nothing is left out.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rbl_runtime::journal::{Filter, ParkedState, RunQuery, RunState, verify};
use rbl_store::SqliteReader;

use crate::cli::shell::Shell;

/// More moments than a run of the twelve has.
const MORE_THAN_ALL: u32 = 120;

/// The number of runs at once: as many as the test machines have cores.
const AT_ONCE: u32 = 2;

/// No run takes more turns: each that is not killed at its start does something, and in the end nothing is killed.
const TURNS: usize = 60;

/// Twelve actions; the even ones may be done again. Each writes its key to a file when it is done.
fn twelve() -> String {
    let mut text = String::from("runbook \"Twelve\"\nowner \"a\"\n");
    for number in 1..=12 {
        let retry = if number % 2 == 0 { " retry 1" } else { "" };
        text.push_str(&format!("action `echo {number} $RBL_IDEMPOTENCY_KEY >> done`{retry}\n"));
    }
    text
}

/// One run, as it is seen from outside.
struct Killed {
    shell: Shell,
    asked: u32,
    /// The turn that was killed last was an answer, and it is unknown whether it was taken.
    answering: bool,
}

impl Killed {
    fn new() -> Self {
        let shell = Shell::new();
        shell.write("a.rb", twelve());
        Self { shell, asked: 0, answering: false }
    }

    fn done(&self) -> BTreeMap<u32, Vec<String>> {
        let mut done: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for line in std::fs::read_to_string(self.shell.path().join("done")).unwrap_or_default().lines() {
            let (number, key) = line.split_once(' ').unwrap();
            done.entry(number.parse().unwrap()).or_default().push(key.to_owned());
        }
        done
    }

    /// The state of the only run, whose chain is valid at every moment; `None` before it was recorded.
    fn state(&self) -> Option<RunState> {
        let folder = self.shell.state().join("rbl");
        std::fs::metadata(folder.join("journal.sqlite3")).ok()?;
        let look = SqliteReader::open(&folder).unwrap();
        let mut runs = look.list(&Filter::default()).unwrap();
        assert!(runs.len() < 2, "a second run was begun: {runs:?}");
        let summary = runs.pop()?;
        verify(&look.read(&summary.run).unwrap().0).unwrap();
        Some(summary.state)
    }

    /// The command with which a person would resume it; `None`: it is over.
    fn next(&mut self) -> Option<Vec<String>> {
        let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        match self.state() {
            None => {
                // Killed before anything was recorded: nothing was done either.
                assert!(self.done().is_empty());
                words("run a.rb --no-input")
            }
            Some(RunState::Ended { .. }) => None,
            // After an answer was killed, the person first checks whether the run took it.
            Some(_) if std::mem::take(&mut self.answering) => words("resume last --no-input"),
            Some(RunState::Parked(ParkedState { waits_for, .. })) => {
                // The question names the action; the file holds the truth, and the person answers with it.
                let number = waits_for.split("`echo ").nth(1).unwrap().split(' ').next().unwrap();
                let number: u32 = number.parse().unwrap();
                assert_eq!(number % 2, 1, "what may be done again is asked about: {waits_for}");
                self.asked += 1;
                let said = if self.done().contains_key(&number) { "done" } else { "not done" };
                Some(["answer", "last", said, "--no-input"].map(str::to_owned).into())
            }
            Some(_) => words("resume last --no-input"),
        }
    }

    /// One turn: whether it was killed. `at`: at this call of the fault hook; `after`: after this time.
    fn turn(&self, words: &[String], at: Option<u32>, after: Option<Duration>) -> bool {
        let mut command = self.shell.command("");
        command.args(words).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        if let Some(at) = at {
            command.env("RBL_FAULT_AT", at.to_string());
        }
        let mut child = command.spawn().unwrap();
        if let Some(after) = after {
            std::thread::sleep(after);
            let _ = child.kill();
        }
        let killed = was_killed(child.wait().unwrap());
        if after.is_some() {
            orphans_end(&self.shell);
        }
        killed
    }

    /// Resumes it until it is over. `kill`: where its turn of this number is killed. Returns the number of turns.
    fn until_it_is_over(
        &mut self,
        mut kill: impl FnMut(usize) -> (Option<u32>, Option<Duration>),
        how: &str,
    ) -> u32 {
        let mut kills = 0;
        for turn in 0..TURNS {
            let Some(words) = self.next() else {
                self.is_well(how);
                return kills;
            };
            let (at, after) = kill(turn);
            let killed = self.turn(&words, at, after);
            self.answering = killed && words[0] == "answer";
            kills += u32::from(killed);
        }
        panic!("{how}: not over after {TURNS} turns: {:?}", self.state());
    }

    /// Every action without `retry` was done once, and the story is complete.
    fn is_well(&self, how: &str) {
        let done = self.done();
        assert_eq!(done.len(), 12, "{how}: {done:?}");
        for (number, keys) in &done {
            assert!(keys.iter().all(|key| *key == keys[0]), "{how}: {number}: {keys:?}");
            if number % 2 == 1 {
                assert_eq!(keys.len(), 1, "{how}: {number} was done twice");
            }
        }
        let shown = self.shell.rbl("show last --verify").code(0);
        assert!(shown.out.contains("is intact"), "{how}: {shown:?}");
        let told = self.shell.rbl("replay last").code(0);
        for number in 1..=12 {
            assert!(told.out.contains(&format!("echo {number} ")), "{how}: {number} is not told: {told:?}");
        }
    }
}

/// A command may outlive the process that began it. A person who is asked whether it was done looks at its result, and only
/// when it no longer runs.
pub(super) fn orphans_end(shell: &Shell) {
    let mark = format!("XDG_STATE_HOME={}\0", shell.state().display());
    let until = Instant::now() + Duration::from_secs(20);
    while lives(mark.as_bytes()) {
        assert!(Instant::now() < until, "a command of the run does not end");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn was_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(9)
}

/// Whether a process exists that has this in its environment.
fn lives(mark: &[u8]) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        std::thread::sleep(Duration::from_millis(100));
        return false;
    };
    processes.flatten().any(|process| {
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        environment.windows(mark.len()).any(|part| part == mark)
    })
}

/// Calls it for each number, on all cores; returns the sum of the results.
fn each(numbers: u32, work: impl Fn(u32) -> u32 + Sync) -> u32 {
    let (next, sum) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..AT_ONCE {
            threads.push(scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers {
                        return;
                    }
                    sum.fetch_add(work(number), Ordering::Relaxed);
                }
            }));
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
    sum.into_inner()
}

/// The number of moments of an undisturbed run: right before each write, and right after.
fn moments() -> u32 {
    let (mut killed, mut whole) = (0, MORE_THAN_ALL);
    while killed + 1 < whole {
        let at = u32::midpoint(killed, whole);
        let run = Killed::new();
        if run.turn(&["run", "a.rb", "--no-input"].map(str::to_owned), Some(at), None) {
            killed = at;
        } else {
            whole = at;
        }
    }
    whole
}

/// The first moment at which the start of the first action is recorded, which is asked about; of the second, which
/// may be done again.
const FIRST_BEGUN: u32 = 5;
const SECOND_BEGUN: u32 = 9;

#[test]
fn killed_at_each_write_and_at_those_of_later_turns_nothing_is_done_twice_unasked() {
    let begun = Instant::now();
    let moments = moments();
    // It begins and is claimed at once, is read, is written to twice an action, and ends; before and after each.
    assert_eq!(moments, 2 * (1 + 1 + 2 * 12 + 1));
    // The first turn at each of its writes, and the turns after it at one of their first.
    let first = each(moments, |at| {
        let mut run = Killed::new();
        let later = [at % 9, (at + 4) % 9, (at + 7) % 9];
        let kill = |turn: usize| match turn {
            0 => (Some(at), None),
            turn => (later.get(turn - 1).copied(), None),
        };
        let kills = run.until_it_is_over(kill, &format!("killed at {at}, then at {later:?}"));
        assert!(kills >= 1, "nothing was killed at {at}");
        kills
    });
    // The second turn at each of its writes: one that does the second action again and everything after it.
    let second = each(moments, |at| {
        let kill = |turn: usize| ([Some(SECOND_BEGUN), Some(at)].get(turn).copied().flatten(), None);
        Killed::new().until_it_is_over(kill, &format!("killed at {SECOND_BEGUN}, then at {at}"))
    });
    // The turn of an answer at each of its writes: the second turn asks whether the first action was done.
    let third = each(moments, |at| {
        let mut run = Killed::new();
        let kill = |turn: usize| ([Some(FIRST_BEGUN), None, Some(at)].get(turn).copied().flatten(), None);
        let kills =
            run.until_it_is_over(kill, &format!("killed at {FIRST_BEGUN}, answered and killed at {at}"));
        assert!(run.asked >= 1, "nobody was asked");
        kills
    });
    eprintln!("{first} + {second} + {third} kills at {moments} moments of a turn, {:?}", begun.elapsed());
    assert!(second >= 40 && third >= 40, "{second} {third}");
    assert!(first + second + third >= 200, "only {first} + {second} + {third} kills");
}

#[test]
fn killed_at_any_moment_nothing_is_done_twice_unasked() {
    let begun = Instant::now();
    // `RBL_KILLS=1000` tests more of them.
    let wanted: u32 = std::env::var("RBL_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(40);
    // The duration of an undisturbed turn on this machine: the shortest of a few, because something else may delay one.
    let undisturbed = || {
        let begun = Instant::now();
        Killed::new().until_it_is_over(|_| (None, None), "not killed");
        begun.elapsed() / 2
    };
    let whole = (0..3).map(|_| undisturbed()).min().unwrap();
    let (kills, asked) = (AtomicU32::new(0), AtomicU32::new(0));
    let runs = wanted * 4;
    each(runs, |number| {
        if kills.load(Ordering::Relaxed) >= wanted {
            return 0;
        }
        let mut run = Killed::new();
        // Moments all over a turn, other ones for each run. After some turns it may reach its end.
        let moment = |turn: usize| {
            let part = (number.wrapping_mul(37) + u32::try_from(turn).unwrap().wrapping_mul(61)) % 100;
            (None, (turn < 8).then(|| whole * (5 + part) / 100))
        };
        kills.fetch_add(run.until_it_is_over(moment, &format!("run {number}")), Ordering::Relaxed);
        asked.fetch_add(run.asked, Ordering::Relaxed);
        0
    });
    let (kills, asked) = (kills.into_inner(), asked.into_inner());
    eprintln!("{kills} kills at any moment, {asked} questions, {:?}", begun.elapsed());
    assert!(kills >= wanted, "only {kills} of {wanted} kills in {runs} runs");
}
