//! [`LockEntry`]: who holds a lock and who waits for it, and the rule that says whose turn it is. Every store shares it.
//!
//! *Why waiting is respected for a limited time:* whoever waits asks again and again, or is parked and woken. A process that
//! was killed does neither: it keeps its place, but keeps nobody waiting behind it for longer than [`LOCK_GRACE`].

use smol_str::SmolStr;

use rbl_syntax::value::Time;

/// How long the place of a run that asked for a lock is respected, in seconds.
pub const LOCK_GRACE: f64 = 20.0;

/// How long the place of a parked run is respected once it was woken because it is its turn, in seconds.
pub const LOCK_WAKE: f64 = 60.0;

/// A run at a lock.
#[derive(Debug, Clone, PartialEq)]
pub struct LockEntry {
    /// Which run.
    pub run: SmolStr,
    /// As in [`super::TakeLock::key`].
    pub key: String,
    /// Whether it holds the lock; else it waits.
    pub held: bool,
    /// How many can hold the lock at once, as this run sees it.
    pub slots: u32,
    /// Since when it holds it, or waits.
    pub since: Time,
    /// Until when its place in the queue counts.
    pub respected: Time,
    /// Until when it waits; `None` for as long as it takes.
    pub until: Option<Time>,
}

impl LockEntry {
    /// Whether it still waits at this time.
    fn waits(&self, now: Time) -> bool {
        !self.held && self.until.is_none_or(|until| now < until)
    }

    fn is_of(&self, run: &str, key: &str) -> bool {
        self.run == run && self.key == key
    }
}

/// Whose turn it is, for one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockTurn {
    /// It holds the lock already.
    Own,
    /// It is its turn.
    Free,
    /// The lock is held, or others come before.
    Wait {
        /// How many wait before this run.
        ahead: u32,
    },
}

/// Whose turn it is. `entries` are those of one lock, in the order in which they came.
pub fn turn(entries: &[LockEntry], run: &str, key: &str, slots: u32, now: Time) -> LockTurn {
    if entries.iter().any(|entry| entry.held && entry.is_of(run, key)) {
        return LockTurn::Own;
    }
    let held = count(entries.iter().filter(|entry| entry.held));
    let ahead = entries.iter().take_while(|entry| !entry.is_of(run, key));
    let ahead = count(ahead.filter(|entry| entry.waits(now) && now < entry.respected));
    if ahead < slots.saturating_sub(held) { LockTurn::Free } else { LockTurn::Wait { ahead } }
}

/// The runs whose turn it is now, in their order: those that are parked have to be woken.
pub fn next(entries: &[LockEntry], now: Time) -> impl Iterator<Item = &LockEntry> {
    let held = count(entries.iter().filter(|entry| entry.held));
    let slots = entries.iter().map(|entry| entry.slots).min().unwrap_or(0);
    let free = slots.saturating_sub(held);
    entries.iter().filter(move |entry| entry.waits(now)).take(free as usize)
}

fn count<T>(entries: impl Iterator<Item = T>) -> u32 {
    u32::try_from(entries.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_unix(1.8e9 + seconds).unwrap()
    }

    fn entry(run: &str, held: bool, respected: f64, until: Option<f64>) -> LockEntry {
        LockEntry {
            run: run.into(),
            key: String::new(),
            held,
            slots: 1,
            since: at(0.0),
            respected: at(respected),
            until: until.map(at),
        }
    }

    #[test]
    fn first_come_first_served() {
        let all = [entry("a", true, 0.0, None), entry("b", false, 20.0, None), entry("c", false, 20.0, None)];
        assert_eq!(turn(&all, "a", "", 1, at(1.0)), LockTurn::Own);
        assert_eq!(turn(&all, "b", "", 1, at(1.0)), LockTurn::Wait { ahead: 0 });
        assert_eq!(turn(&all, "c", "", 1, at(1.0)), LockTurn::Wait { ahead: 1 });
        assert_eq!(turn(&all[1..], "b", "", 1, at(1.0)), LockTurn::Free);
        assert_eq!(turn(&all[1..], "c", "", 1, at(1.0)), LockTurn::Wait { ahead: 1 });
        // With two at once the second in the queue waits for nobody.
        assert_eq!(turn(&all[1..], "c", "", 2, at(1.0)), LockTurn::Free);
        assert_eq!(turn(&all, "b", "", 2, at(1.0)), LockTurn::Free);
        assert_eq!(turn(&all, "new", "", 2, at(1.0)), LockTurn::Wait { ahead: 2 });
    }

    #[test]
    fn who_asks_no_more_keeps_nobody_waiting() {
        let all = [entry("b", false, 20.0, None), entry("c", false, 40.0, None)];
        assert_eq!(turn(&all, "c", "", 1, at(19.0)), LockTurn::Wait { ahead: 1 });
        assert_eq!(turn(&all, "c", "", 1, at(21.0)), LockTurn::Free);
        assert_eq!(turn(&all, "b", "", 1, at(21.0)), LockTurn::Free, "it comes back to its place");
        let over = [entry("b", false, 20.0, Some(5.0)), entry("c", false, 40.0, None)];
        assert_eq!(turn(&over, "c", "", 1, at(6.0)), LockTurn::Free, "its time is over");
    }

    #[test]
    fn as_many_are_woken_as_can_hold_it() {
        let names = |entries: &[LockEntry]| -> Vec<String> {
            next(entries, at(1.0)).map(|entry| entry.run.to_string()).collect()
        };
        let all = [entry("a", true, 0.0, None), entry("b", false, 0.0, None), entry("c", false, 0.0, None)];
        assert_eq!(names(&all), [""; 0]);
        assert_eq!(names(&all[1..]), ["b"]);
        let late = [entry("b", false, 9.0, Some(0.5)), entry("c", false, 9.0, None)];
        assert_eq!(names(&late), ["c"]);
        let two: Vec<_> = all.iter().map(|it| LockEntry { slots: 2, ..it.clone() }).collect();
        assert_eq!(names(&two), ["b"]);
    }
}
