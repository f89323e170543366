//! Measures the server: a storm of alerts, ten thousand runs that poll, a hundred thousand that are parked, deliveries made durable
//! against bare inserts, and the time to the first effect while 64 commands run.
//!
//! `cargo bench --bench server`, with the name of a part (`storm`, `pollers`, `parked`, `webhooks`, `first-effect`) only that;
//! `-- --small` makes each of them short, to see that they work. What has to hold on any machine is asserted, with `--small` too:
//! one run for each episode, memory, threads. Times are printed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::panic)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it starts servers and reads the clock, which is its purpose
#![allow(unreachable_pub)] // what the parts share
#![allow(clippy::format_collect)] // reads better so

#[path = "server/bare.rs"]
mod bare;
#[path = "server/first_effect.rs"]
mod first_effect;
#[path = "server/parked.rs"]
mod parked;
#[path = "server/pollers.rs"]
mod pollers;
#[path = "server/receiver.rs"]
mod receiver;
#[path = "server/sender.rs"]
mod sender;
#[path = "server/served.rs"]
mod served;
#[path = "server/storm.rs"]
mod storm;
#[path = "server/webhooks.rs"]
mod webhooks;

use std::time::Duration;

/// A part, by its name; whether it is to be short.
type Part = (&'static str, fn(bool));

/// All of them, in their order.
const PARTS: [Part; 5] = [
    ("storm", storm::measure),
    ("pollers", pollers::measure),
    ("parked", parked::measure),
    ("webhooks", webhooks::measure),
    ("first-effect", first_effect::measure),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let small = words.iter().any(|it| it == "--small");
    let named: Vec<&String> = words.iter().filter(|it| !it.starts_with('-')).collect();
    for name in &named {
        assert!(PARTS.iter().any(|(part, _)| part == name), "there is no part `{name}`");
    }
    for (name, measure) in PARTS {
        if named.is_empty() || named.iter().any(|it| *it == name) {
            println!("== {name}");
            measure(small);
        }
    }
}

/// The middle, the one that 99 of 100 do not exceed, and the longest of some durations, in milliseconds.
pub fn spread(mut all: Vec<Duration>) -> String {
    all.sort();
    let at = |part: usize| all.get((all.len() * part / 100).min(all.len().saturating_sub(1)));
    let ms = |it: Option<&Duration>| it.map_or(f64::NAN, |it| it.as_secs_f64() * 1e3);
    format!("{:.1} ms, 99 of 100 within {:.1} ms, at most {:.1} ms", ms(at(50)), ms(at(99)), ms(all.last()))
}
