//! The default limits, which guarantee that every runbook ends.

/// Default times in seconds. Source: `docs/language.md`, *Limits*.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// A question or an instruction to a person (`within`).
    pub person: f64,
    /// A command or an executor in an action (`within`).
    pub action: f64,
    /// A command that only observes (`within`).
    pub probe: f64,
    /// Between two polls of `wait until` (`every`).
    pub poll: f64,
    /// Between two tries of an action (`retry N every`).
    pub retry: f64,
    /// `lock` (`within`).
    pub lock: f64,
}

impl Limits {
    /// Seconds between two polls of `wait until`, at least: `every` below it is a finding.
    pub const SHORTEST_POLL: f64 = 0.1;

    /// The defaults of the language.
    pub const DEFAULT: Self =
        Self { person: 1_800.0, action: 600.0, probe: 30.0, poll: 15.0, retry: 5.0, lock: 600.0 };
}
