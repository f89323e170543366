//! Generates the results of probes: yes, no, unknown, and what they print.

use super::GeneratedWorld;
use crate::scripted::{GivenProbe, GivenSubject, ProbeName, ProbeOutcome};

pub(super) fn key(name: &ProbeName) -> String {
    format!("probe {name}")
}

impl GeneratedWorld<'_> {
    pub(super) fn probe(&mut self, probe: &rbl_runtime::Probe) {
        let name = ProbeName::of(probe);
        let by_command = key(&ProbeName::Command(probe.command.shown()));
        if self.known.contains(&by_command) || !self.first(key(&name)) {
            return;
        }
        self.probed.push((name.clone(), probe.no_on.clone()));
        let ends = self.ends(&probe.no_on);
        self.give(None, GivenSubject::Probe(GivenProbe { name, ends }));
    }

    /// Returns a new result of one of the probes, as the effect of an action.
    pub(super) fn found_otherwise(&mut self) -> Option<GivenSubject> {
        let (name, no_on) = self.rng.pick(&self.probed)?.clone();
        Some(GivenSubject::Probe(GivenProbe { name, ends: self.ends(&no_on) }))
    }

    /// A result: yes, no by any of its codes, a code that means nothing, unknown, or something printed.
    fn ends(&mut self, no_on: &[i32]) -> ProbeOutcome {
        match self.rng.below(11) {
            _ if self.trouble() => ProbeOutcome::Unknown,
            0..3 => ProbeOutcome::Yes,
            3..6 => ProbeOutcome::No,
            6 => ProbeOutcome::Unknown,
            7 => {
                let code = self.rng.pick(no_on).copied().unwrap_or(2);
                ProbeOutcome::Exits { code, prints: None }
            }
            _ => ProbeOutcome::Prints(self.hints.output(&mut self.rng)),
        }
    }
}
