//! Ten thousand runs, each of which asks Prometheus every 15 seconds: how late they are.

use std::time::{Duration, Instant};

use super::receiver::Receiver;
use super::sender::{Sender, alert, delivery};
use super::served::Served;
use super::spread;

const RUNBOOK: &str = "runbook \"Polls\"\ntrigger alert \"Polls\"\nowner \"ops\"\nparam id: text\n\
    metric load from prometheus \"load{id=\\\"#{id}\\\"}\"\nwait until load < 5 within 2h every 15s\nresolve \"done\"\n";

/// How often each run asks, in seconds.
const EVERY: f64 = 15.0;

/// See the module.
pub fn measure(small: bool) {
    let (runs, rounds): (u32, u32) = if small { (200, 2) } else { (10_000, 8) };
    let prometheus = Receiver::start("9");
    let provider = format!("[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n", prometheus.url());
    let mut served = Served::new("", &provider, &[("polls.rb", RUNBOOK)]);
    served.start();
    let mut sender = Sender::to(served.port).unwrap();
    let begun = Instant::now();
    for group in 0..runs / 100 {
        let alerts: Vec<String> = (0..100)
            .map(|it| {
                let id = format!("r{}", group * 100 + it);
                alert("Polls", &[("id", &id)], &id)
            })
            .collect();
        assert_eq!(sender.deliver(&delivery(&alerts)), Some(202));
        // Spread over 15 seconds, as those of real alerts are.
        let due = Duration::from_secs_f64(EVERY * f64::from(group + 1) * 100.0 / f64::from(runs));
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    served.until("all of them poll", || prometheus.arrivals().len() as u64 == u64::from(runs));
    println!("{runs} runs poll after {:.1?}", begun.elapsed());
    // One round to settle.
    std::thread::sleep(Duration::from_secs_f64(EVERY));
    let (from, processor) = (Instant::now(), served.processor());
    std::thread::sleep(Duration::from_secs_f64(EVERY * f64::from(rounds)));
    let (until, processor) = (Instant::now(), served.processor().saturating_sub(processor));
    let mut late = Vec::new();
    for times in prometheus.arrivals().values() {
        for pair in times.windows(2) {
            // A poll reads the value and when it was measured: two requests.
            if pair[1] > from && pair[1] < until && pair[1] - pair[0] > Duration::from_secs(5) {
                let after = (pair[1] - pair[0]).as_secs_f64() - EVERY;
                late.push(Duration::from_secs_f64(after.max(0.0)));
            }
        }
    }
    let expected = f64::from(runs) * f64::from(rounds);
    println!("{} polls in {:.0?}, {expected} were due", late.len(), until - from);
    println!("late: {}", spread(late));
    let (now, most) = served.memory();
    println!(
        "resident memory: {now} MB, at most {most} MB; {} threads; {:.2} processors",
        served.threads(),
        processor.as_secs_f64() / (until - from).as_secs_f64()
    );
    assert!(most < 300, "{most} MB");
}
