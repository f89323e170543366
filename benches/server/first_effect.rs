//! From the 202 of a delivery to the first effect of its run, and to its page, while 64 commands run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::receiver::Receiver;
use super::sender::{Sender, alert, delivery};
use super::served::Served;
use super::spread;

const LONG: &str = "runbook \"Long\"\ntrigger alert \"Long\"\nowner \"ops\"\naction `sleep 600` within 1h\nresolve \"done\"\n";

const QUICK: &str = "runbook \"Quick\"\ntrigger alert \"Quick\"\nowner \"ops\"\nparam id: text\n\
    metric load from prometheus \"load{id=\\\"#{id}\\\"}\"\ncheck load < 5 else { escalate to \"pager\" because \"id=page-#{id}\" }\n";

/// See the module.
pub fn measure(small: bool) {
    let (commands, alerts, pause) = if small { (8, 20, 50) } else { (64, 1_000, 40) };
    let outside = Receiver::start("9");
    let sections = format!(
        "[providers.prometheus]\ntype = \"prometheus\"\nurl = \"{}\"\n[teams.pager]\ntype = \"webhook\"\nurl = \"{}/page\"\n",
        outside.url(),
        outside.url()
    );
    let mut served = Served::new("", &sections, &[("long.rb", LONG), ("quick.rb", QUICK)]);
    served.start();
    let mut sender = Sender::to(served.port).unwrap();
    let long: Vec<String> = (0..commands).map(|it| alert("Long", &[], &format!("long{it}"))).collect();
    assert_eq!(sender.deliver(&delivery(&long)), Some(202));
    served.until("all commands run", || {
        let (_, text) = Sender::to(served.port).unwrap().get("/metrics", "").unwrap();
        text.contains(&format!("\nrbl_actions_busy {commands}\n"))
    });
    let mut acknowledged: BTreeMap<String, Instant> = BTreeMap::new();
    for number in 0..alerts {
        let id = format!("q{number}");
        assert_eq!(sender.deliver(&delivery(&[alert("Quick", &[("id", &id)], &id)])), Some(202));
        acknowledged.insert(id, Instant::now());
        std::thread::sleep(Duration::from_millis(pause));
    }
    served.until("all of them have paged", || {
        let arrivals = outside.arrivals();
        acknowledged.keys().all(|id| arrivals.contains_key(&format!("page-{id}")))
    });
    let arrivals = outside.arrivals();
    let after = |mark: &str| -> Vec<Duration> {
        acknowledged
            .iter()
            .map(|(id, at)| arrivals[&format!("{mark}{id}")][0].saturating_duration_since(*at))
            .collect()
    };
    println!("{alerts} alerts while {commands} commands run");
    println!("from the 202 to the first effect: {}", spread(after("")));
    println!("from the 202 to the page: {}", spread(after("page-")));
    let once = acknowledged.keys().all(|id| arrivals[&format!("page-{id}")].len() == 1);
    assert!(once, "each has paged once");
    let (now, most) = served.memory();
    println!("resident memory: {now} MB, at most {most} MB; {} threads", served.threads());
}
