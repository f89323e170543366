//! S8: schedules over restarts and outages, as a server has them. Days with a change of the clock are tested in the engine, in
//! simulated time.

use crate::server::ServerBench;

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
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
    let bench = after_an_outage(120, "\"*/15 * * * *\" for 30m", "action `echo x >> done`\nresolve \"done\"");
    for _ in 0..3 {
        let server = bench.start();
        bench.until("its run is there", || !bench.states().is_empty());
        server.kill();
    }
    let _server = bench.start();
    bench.until_states(&["resolved"]);
    assert_eq!(bench.read("done"), "x\n");
    assert!(bench.log().contains("a schedule was missed 7 times"), "{}", bench.log());
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
        bench.until("the owner is paged", || bench.pages().len() == 1);
        server.kill();
    }
    let _server = bench.start();
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!((bench.states(), bench.read("done").as_str()), (vec!["escalated".to_owned()], ""));
    let page = bench.pages().remove(0);
    assert!(page.starts_with("its schedule fired 1 time, last at "), "{page}");
    assert!(page.ends_with("while no server was there to start it, and it is too late now"), "{page}");
}

/// Times that overlap: with `limit 1 at once` the next run waits until the one before has ended, and says what for.
#[test]
fn s8_what_overlaps_waits_its_turn() {
    let body = "limit 1 at once\naction `echo + >> done; sleep 3; echo - >> done`\nresolve \"done\"";
    let bench = after_an_outage(120, "\"0 * * * *\" for 2h", body);
    let server = bench.start();
    bench.until("the first one acts", || bench.read("done") == "+\n");
    // As one that another time of the same schedule started.
    let second = bench.shell.rbl("run a.rb --no-input").code(0);
    assert!(second.out.contains("waiting for a place for \"A\": held by run"), "{second:?}");
    bench.until_states(&["resolved", "resolved"]);
    drop(server);
    assert_eq!(bench.read("done"), "+\n-\n+\n-\n");
}

/// Of two servers on one journal the second is refused, so that no time starts two runs.
#[test]
fn s8_a_second_server_starts_nothing() {
    let bench = after_an_outage(120, "\"0 * * * *\" for 2h", "resolve \"done\"");
    let _server = bench.start();
    let second = bench.shell.rbl("serve --listen 127.0.0.1:0").code(2);
    assert!(second.err.contains("another server uses the journal"), "{}", second.err);
    bench.until_states(&["resolved"]);
}
