//! A hundred thousand runs that wait for an answer: no thread, no connection, and lists that are still quick.

use std::time::{Duration, Instant};

use super::sender::{Sender, alert, delivery};
use super::served::Served;
use super::spread;

const RUNBOOK: &str = "runbook \"Waits\"\ntrigger alert \"Waits\"\nowner \"ops\"\n\
    if \"Is it real?\" by \"ops\" within 30d { record \"yes\" }\nresolve \"done\"\n";

/// See the module.
pub fn measure(small: bool) {
    let runs = if small { 2_000 } else { 100_000 };
    let mut served = Served::new("", "", &[("waits.rb", RUNBOOK)]);
    let token = served.rbl(&["serve", "token", "look", "--may", "look"]).trim().to_owned();
    served.start();
    let mut sender = Sender::to(served.port).unwrap();
    assert_eq!(sender.deliver(&delivery(&[alert("Waits", &[("id", "1")], "1")])), Some(202));
    served.until("it waits", || served.count("SELECT count(*) FROM run WHERE state = 'parked'") == 1);
    let alone = (served.threads(), served.files());
    drop(served.rbl(&["runs"]));
    // The others are copies of it.
    {
        let journal = served.journal();
        let columns: Vec<String> = {
            let mut names = journal.prepare("SELECT name FROM pragma_table_info('run')").unwrap();
            let names = names.query_map([], |row| row.get(0)).unwrap();
            names
                .map(Result::unwrap)
                .filter(|it: &String| !["id", "run", "dedupe"].contains(&it.as_str()))
                .collect()
        };
        let columns = columns.join(", ");
        journal
            .execute_batch(&format!(
                "PRAGMA synchronous = OFF;
                 BEGIN IMMEDIATE;
                 WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {runs})
                 INSERT INTO run (id, run, dedupe, {columns})
                   SELECT i, '20261129-030000-' || printf('%06d', i), 'copy' || i, {columns} FROM n JOIN run ON run.id = 1;
                 WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {runs})
                 INSERT INTO record (place, epoch, at, data, hash)
                   SELECT (i << 32) + (place & 4294967295), epoch, at, data, hash FROM n JOIN record ON place < (2 << 32);
                 COMMIT;"
            ))
            .unwrap();
    }
    std::thread::sleep(Duration::from_secs(3));
    println!("{} runs wait", served.count("SELECT count(*) FROM run WHERE state = 'parked'"));
    let (threads, files) = (served.threads(), served.files());
    println!("threads: {threads} ({} with one run); open files: {files} ({})", alone.0, alone.1);
    for path in ["/api/v1/runs", "/api/v1/runs?state=waiting", "/api/v1/runbooks", "/metrics", "/-/ready"] {
        let times: Vec<Duration> = (0..51)
            .map(|_| {
                let begun = Instant::now();
                let (code, _) = sender.get(path, &token).unwrap();
                assert_eq!(code, 200, "{path}");
                begun.elapsed()
            })
            .collect();
        println!("GET {path}: {}", spread(times));
    }
    let processor = served.processor();
    std::thread::sleep(Duration::from_secs(10));
    println!("idle: {:.1?} of processor time in 10 s", served.processor().saturating_sub(processor));
    let (now, most) = served.memory();
    println!("resident memory: {now} MB, at most {most} MB");
    assert!(threads <= alone.0 + 2 && files <= alone.1 + 4, "{threads} threads, {files} files");
    assert!(most < 300, "{most} MB");
}
