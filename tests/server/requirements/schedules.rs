//! S8: schedules over restarts and outages, as a server has them. Days with a change of the clock are tested in the engine, in
//! simulated time.

use crate::server::ServerBench;

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// The minutes of an hour, as cron has them, that are so many minutes ahead of now: what fires in none of the next minutes
/// fires in none of a test.
fn minutes(ahead: &[u32]) -> String {
    let minute: u32 = jiff::Timestamp::now().strftime("%M").to_string().parse().unwrap();
    let mut at: Vec<u32> = ahead.iter().map(|it| (minute + it) % 60).collect();
    at.sort_unstable();
    at.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A server with a runbook of this schedule that was last looked at so many minutes ago, as after an outage.
fn after_an_outage(minutes: i64, trigger: &str, body: &str) -> ServerBench {
    let bench = ServerBench::new("", "");
    bench.shell.write("a.rb", format!("runbook \"A\"\ntrigger schedule {trigger}\nowner \"ops\"\n{body}\n"));
    let server = bench.start();
    let known = "SELECT count(*) FROM schedule";
    let is_known = || bench.journal().query_row(known, [], |row| row.get::<_, i64>(0)).unwrap_or_default();
    bench.until("the schedule is known", || is_known() == 1);
    server.kill();
    let past = now() - minutes * 60_000;
    assert_eq!(bench.journal().execute("UPDATE schedule SET decided = ?1", [past]).unwrap(), 1);
    bench
}

/// An outage of two hours: of the eight times that were missed one run starts, for the last of them, and no later server starts
/// another one.
#[test]
fn s8_after_an_outage_one_run_starts_within_the_window() {
    let cron = format!("\"{} * * * *\" for 30m", minutes(&[8, 23, 38, 53]));
    // A kill may cut the action off: it may be repeated, and counts once for each run.
    let bench = after_an_outage(120, &cron, "action `touch done.$RBL_RUN` retry 1\nresolve \"done\"");
    for _ in 0..3 {
        let server = bench.start();
        bench.until("its run is there", || !bench.states().is_empty());
        server.kill();
    }
    let _server = bench.start();
    bench.until_states(&["resolved"]);
    let files = std::fs::read_dir(bench.shell.path()).unwrap();
    let is_done = |it: &std::fs::DirEntry| it.file_name().to_string_lossy().starts_with("done.");
    assert_eq!(files.filter(|it| it.as_ref().is_ok_and(is_done)).count(), 1);
    // It is said after the run was started.
    bench.until("it says what was missed", || bench.log().contains("a schedule was missed 7 times"));
    assert_eq!(bench.pages(), [""; 0], "the last time was not missed");
}

/// Too late for its window: what was to be done was not done, and the owner hears of it once.
#[test]
fn s8_what_is_missed_pages_the_owner_once() {
    // Once a day, two hours ago, and it may be five minutes late.
    let two_hours_ago = jiff::Timestamp::from_millisecond(now() - 2 * 3_600_000).unwrap();
    let cron = two_hours_ago.strftime("\"%M %H * * *\"").to_string();
    let bench = after_an_outage(180, &cron, "action `echo x >> done`\nresolve \"done\"");
    for _ in 0..3 {
        let server = bench.start();
        // A page that is not recorded yet would be sent again, with its key.
        bench.until_states(&["escalated"]);
        assert_eq!(bench.pages().len(), 1);
        server.kill();
    }
    let _server = bench.start();
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!((bench.states(), bench.read("done").as_str()), (vec!["escalated".to_owned()], ""));
    let page = bench.pages().remove(0);
    assert!(page.starts_with("its schedule fired 1 time, last at "), "{page}");
    assert!(page.ends_with("while no server was there to start it, and it is too late now"), "{page}");
}

/// A schedule that is changed fires from then on: at a time before it was written nobody missed it.
#[test]
fn s8_another_schedule_counts_from_when_it_is_written() {
    let daily = |hours: i64| {
        let at = jiff::Timestamp::from_millisecond(now() - hours * 3_600_000).unwrap();
        at.strftime("\"%M %H * * *\" for 12h").to_string()
    };
    let body = "action `echo x >> done`\nresolve \"done\"";
    let bench = after_an_outage(180, &daily(5), body);
    let decided =
        || bench.journal().query_row("SELECT decided FROM schedule", [], |row| row.get::<_, i64>(0));
    let before = decided().unwrap();
    let text = bench.read("a.rb").replace(&daily(5), &daily(1));
    assert_ne!(text, bench.read("a.rb"));
    let written = now();
    bench.shell.write("a.rb", &text);
    let server = bench.start();
    bench.until("it counts from now on", || decided().is_ok_and(|it| it >= written));
    assert!(before < written - 3_600_000);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!((bench.states().len(), bench.pages().len(), bench.read("done").as_str()), (0, 0, ""));
    // The same schedule with another window is the same: what it fired an hour ago was missed, and starts late.
    server.kill();
    bench.journal().execute("UPDATE schedule SET decided = ?1", [written - 2 * 3_600_000]).unwrap();
    bench.shell.write("a.rb", text.replace("for 12h", "for 11h"));
    let _server = bench.start();
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
}

/// Times that overlap: with `limit 1 at once` the next run waits until the one before has ended, and says what for.
#[test]
fn s8_what_overlaps_waits_its_turn() {
    let body = "limit 1 at once\naction `echo + >> done; until test -f go; do sleep 0.1; done; echo - >> done`\nresolve \"done\"";
    let bench = after_an_outage(120, &format!("\"{} * * * *\" for 2h", minutes(&[30])), body);
    let server = bench.start();
    bench.until("the first one acts", || bench.read("done") == "+\n");
    // As one that another time of the same schedule started.
    let second = bench.shell.command("run a.rb --no-input").spawn().unwrap();
    bench.until("the second one waits", || bench.shell.rbl("show last").out.contains("a place for"));
    bench.shell.write("go", "");
    let second = second.wait_with_output().unwrap();
    let said = String::from_utf8(second.stdout).unwrap();
    assert!(second.status.success() && said.contains("waiting for a place for \"A\": held by run"), "{said}");
    bench.until_states(&["resolved", "resolved"]);
    drop(server);
    assert_eq!(bench.read("done"), "+\n-\n+\n-\n");
}

/// Of two servers on one journal the second is refused, so that no time starts two runs.
#[test]
fn s8_a_second_server_starts_nothing() {
    let cron = format!("\"{} * * * *\" for 2h", minutes(&[30]));
    let bench = after_an_outage(120, &cron, "resolve \"done\"");
    let _server = bench.start();
    let second = bench.shell.rbl("serve --listen 127.0.0.1:0").code(2);
    assert!(second.err.contains("another server uses the journal"), "{}", second.err);
    bench.until_states(&["resolved"]);
}

/// The clock was a year ahead, and was set back: the schedule does not wait for that year, and what has run runs no second time.
#[test]
fn s8_a_clock_that_is_set_back_stops_no_schedule() {
    let year = 365 * 24 * 60;
    let bench = after_an_outage(-year, "\"* * * * *\" for 5m", "action `echo x >> done`\nresolve \"done\"");
    let server = bench.start();
    let decided =
        || bench.journal().query_row("SELECT decided FROM schedule", [], |row| row.get::<_, i64>(0));
    bench.until("it counts from now on", || decided().is_ok_and(|decided| decided <= now()));
    assert!(bench.log().contains("the clock was set back"), "{}", bench.log());
    server.kill();
    // A moment before the last minute began, twice: it starts one run.
    for _ in 0..2 {
        let before = (now() / 60_000 - 1) * 60_000 + 59_000;
        bench.journal().execute("UPDATE schedule SET decided = ?1", [before]).unwrap();
        let server = bench.start();
        bench.until("it has run", || bench.read("done").starts_with("x\n"));
        bench.until("it is decided", || decided().is_ok_and(|decided| decided > before));
        server.kill();
    }
    let runs: std::collections::BTreeSet<String> =
        bench.log().lines().filter(|it| it.contains("a schedule started a run")).map(str::to_owned).collect();
    assert_eq!(bench.runs().len(), runs.len(), "{runs:?}");
}
