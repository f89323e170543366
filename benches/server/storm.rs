//! A thousand alerts a second for a minute, each delivered by two Alertmanagers: one run for each episode, and bounded memory.

use std::time::{Duration, Instant};

use super::sender::{Sender, alert, delivery};
use super::served::Served;
use super::spread;

const RUNBOOK: &str = "runbook \"Storm\"\ntrigger alert \"Storm\" by host\nowner \"ops\"\nresolve \"done\"\n";

/// How many alerts are in one delivery.
const GROUP: usize = 10;

/// See the module.
pub fn measure(small: bool) {
    let (seconds, hosts) = if small { (5, 100) } else { (60, 1000) };
    let mut served = Served::new("", "", &[("storm.rb", RUNBOOK)]);
    served.start();
    let begun = Instant::now();
    let answers: Vec<Vec<Duration>> = std::thread::scope(|scope| {
        let alertmanagers = [0, 1].map(|alertmanager| {
            let port = served.port;
            scope.spawn(move || {
                let mut sender = Sender::to(port).unwrap();
                let mut answers = Vec::new();
                // Each sends 500 alerts a second, and both send the same.
                for number in 0..seconds * 500 / GROUP {
                    let due = Duration::from_millis((number * GROUP * 2) as u64 + alertmanager * 7);
                    std::thread::sleep(due.saturating_sub(begun.elapsed()));
                    let alerts: Vec<String> = (0..GROUP)
                        .map(|it| {
                            let number = number * GROUP + it;
                            let host = format!("host-{}", number % hosts);
                            // Later ones of a host are other alerts of it.
                            alert(
                                "Storm",
                                &[("host", &host), ("device", &format!("d{}", number / hosts))],
                                &format!("f{number}"),
                            )
                        })
                        .collect();
                    let sent = Instant::now();
                    assert_eq!(sender.deliver(&delivery(&alerts)), Some(202));
                    answers.push(sent.elapsed());
                }
                answers
            })
        });
        alertmanagers.map(|it| it.join().unwrap()).into_iter().collect()
    });
    let sent = begun.elapsed();
    let answers: Vec<Duration> = answers.into_iter().flatten().collect();
    served.until("everything has its run", || {
        served.count("SELECT count(*) FROM delivery WHERE settled IS NULL") == 0
            && served.count("SELECT count(*) FROM run WHERE state <> 'ended'") == 0
    });
    let over = begun.elapsed();
    let runs = served.count("SELECT count(*) FROM run");
    let (now, most) = served.memory();
    println!(
        "{} alerts in {sent:.1?}, all of them over after {over:.1?}: {runs} runs of {hosts} episodes",
        answers.len() * GROUP
    );
    println!("an answer: {}", spread(answers));
    println!("resident memory: {now} MB, at most {most} MB; {:.1?} of processor time", served.processor());
    assert_eq!(runs, hosts as u64, "one run for each episode");
    assert!(most < 300, "{most} MB");
}
