//! How many alerts a second are made durable, against bare inserts of the same bytes that are committed in groups, in turn on the same
//! disk: once from the same senders over HTTP, which is what the server is compared with, and once in one loop without anybody who waits,
//! which is what SQLite can do.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::bare;
use super::bare::BareReceiver;
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
            let loops = looped(served.path(), group, length);
            let bare = BareReceiver::start(served.path());
            let inserted = taken(bare.port, group, length);
            drop(bare);
            let processor = served.processor();
            let taken = taken(served.port, group, length);
            let processor = served.processor().saturating_sub(processor);
            println!(
                "{group} in each delivery: {taken:.0} alerts a second; bare inserts of the same senders {inserted:.0}: {:.2} ×; in one loop {loops:.0}: {:.2} ×; {:.0} µs of processor time an alert in the server",
                taken / inserted,
                taken / loops,
                processor.as_secs_f64() * 1e6 / (taken * length.as_secs_f64())
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

/// Alerts a second that are answered with 202 at this port.
fn taken(port: u16, group: u64, length: Duration) -> f64 {
    let (sent, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for sender in 0..SENDERS as u64 {
            let (sent, over) = (&sent, &over);
            scope.spawn(move || {
                let mut connection = Sender::to(port).unwrap();
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

/// Alerts a second that a bare table takes in one loop, in groups of as many as there are senders: the most that wait at once.
fn looped(folder: &std::path::Path, group: u64, length: Duration) -> f64 {
    let mut connection = bare::table(folder);
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
