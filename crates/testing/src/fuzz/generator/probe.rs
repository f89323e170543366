//! Generates the results of probes: yes, no, unknown, and what they print.

use super::GeneratedWorld;
use crate::scripted::{GivenProbe, GivenSubject, ProbeOutcome};

pub(super) fn key(command: &str) -> String {
    format!("probe {command}")
}

impl GeneratedWorld<'_> {
    pub(super) fn probe(&mut self, probe: &rbl_runtime::Probe) {
        let command = probe.command.shown();
        if !self.first(key(&command)) {
            return;
        }
        self.probed.push(command.clone());
        let ends = self.ends();
        self.give(None, GivenSubject::Probe(GivenProbe { command, ends }));
    }

    /// Returns a new result of one of the probes, as the effect of an action.
    pub(super) fn found_otherwise(&mut self) -> Option<GivenSubject> {
        let command = self.rng.pick(&self.probed)?.clone();
        Some(GivenSubject::Probe(GivenProbe { command, ends: self.ends() }))
    }

    fn ends(&mut self) -> ProbeOutcome {
        match self.rng.below(10) {
            _ if self.trouble() => ProbeOutcome::Unknown,
            0..3 => ProbeOutcome::Yes,
            3..6 => ProbeOutcome::No,
            6 => ProbeOutcome::Unknown,
            _ => ProbeOutcome::Prints(self.hints.text(&mut self.rng)),
        }
    }
}
