//! Schedules. Which times are due is tested in the engine, in simulated time; here, that they start runs.

use super::ServerBench;

/// A time that fires while the server is down starts late, and once however often the server is killed.
#[test]
fn s8_a_schedule_starts_one_run_for_each_time() {
    let bench = ServerBench::new("", "");
    let text = "runbook \"Nightly\"\ntrigger schedule \"* * * * *\" for 30m\nowner \"ops\"\naction `echo x >> done`\nresolve \"done\"\n";
    bench.shell.write("a.rb", text);
    // It is known from now on.
    let server = bench.start();
    let known = || {
        let count =
            bench.journal().query_row("SELECT count(*) FROM schedule", [], |row| row.get::<_, i64>(0));
        count.unwrap_or_default() == 1
    };
    bench.until("the schedule is known", known);
    server.kill();
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let left = 61 - now() % 60;
    std::thread::sleep(std::time::Duration::from_secs(left));
    let minute = now() / 60;
    bench.start().kill();
    let server = bench.start();
    bench.until("it ran", || bench.states().iter().any(|it| it == "resolved" || it == "waiting"));
    if now() / 60 == minute {
        assert_eq!(bench.states().len(), 1, "{}", bench.log());
    }
    drop(server);
}
