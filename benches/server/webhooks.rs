//! How many alerts a second are made durable, against bare inserts of the same bytes that are committed in groups, in turn on the same
//! disk.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::sender::{Sender, alert, delivery};
use super::served::Served;

const RUNBOOK: &str = "runbook \"Other\"\ntrigger alert \"Other\"\nowner \"ops\"\nresolve \"done\"\n";

/// How many senders there are at once, each with one connection.
const SENDERS: usize = 64;

/// See the module.
pub fn measure(small: bool) {
    let (length, pairs) = if small { (Duration::from_secs(1), 1) } else { (Duration::from_secs(10), 5) };
    let mut served = Served::new("", "", &[("other.rb", RUNBOOK)]);
    served.start();
    for group in [1, 10] {
        for _ in 0..pairs {
            let bare = bare(served.path(), group, length);
            let taken = taken(&served, group, length);
            println!(
                "{group} in each delivery: {taken:.0} alerts a second, bare inserts {bare:.0}: {:.2} ×",
                taken / bare
            );
            // What becomes of them is another thing, and would go on during the next round.
            served.until("all of them are settled", || {
                served.count("SELECT count(*) FROM delivery WHERE settled IS NULL") == 0
            });
        }
    }
    let (now, most) = served.memory();
    println!("resident memory: {now} MB, at most {most} MB");
    assert!(most < 300, "{most} MB");
}

fn body(number: u64, group: u64) -> String {
    let alerts = (0..group).map(|it| {
        let id = format!("f{}", number * group + it);
        alert("Storm", &[("id", &id)], &id)
    });
    delivery(&alerts.collect::<Vec<_>>())
}

/// Alerts a second that the server answers with 202.
fn taken(served: &Served, group: u64, length: Duration) -> f64 {
    let (sent, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for sender in 0..SENDERS as u64 {
            let (sent, over) = (&sent, &over);
            scope.spawn(move || {
                let mut connection = Sender::to(served.port).unwrap();
                let mut number = sender * 1_000_000;
                while !over.load(Ordering::Relaxed) {
                    number += 1;
                    match connection.deliver(&body(number, group)) {
                        Some(202) => drop(sent.fetch_add(group, Ordering::Relaxed)),
                        // Too many wait: what a sender does then.
                        Some(503) => std::thread::sleep(Duration::from_millis(100)),
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
        std::thread::sleep(length);
        over.store(true, Ordering::Relaxed);
    });
    sent.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// Alerts a second that a bare table takes, in groups of as many as there are senders: the most that wait at once.
fn bare(folder: &std::path::Path, group: u64, length: Duration) -> f64 {
    let file = folder.join("bare.sqlite3");
    let _ = std::fs::remove_file(&file);
    let mut connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.execute_batch("CREATE TABLE delivery (id INTEGER PRIMARY KEY, body TEXT NOT NULL)").unwrap();
    let (begun, mut number) = (Instant::now(), 0);
    while begun.elapsed() < length {
        let transaction = connection.transaction().unwrap();
        for _ in 0..SENDERS {
            number += 1;
            let mut insert = transaction.prepare_cached("INSERT INTO delivery (body) VALUES (?1)").unwrap();
            insert.execute([body(number, group)]).unwrap();
        }
        transaction.commit().unwrap();
    }
    (number * group) as f64 / begun.elapsed().as_secs_f64()
}
