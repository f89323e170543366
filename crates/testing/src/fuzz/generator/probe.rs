//! Generates the results of probes: yes, no, unknown, and what they print.

use super::Imagined;
use crate::scripted::{Ends, Probe, What};

pub(super) fn key(command: &str) -> String {
    format!("probe {command}")
}

impl Imagined<'_> {
    pub(super) fn probe(&mut self, probe: &rbl_runtime::Probe) {
        let command = probe.command.shown();
        if !self.first(key(&command)) {
            return;
        }
        self.probed.push(command.clone());
        let ends = self.ends();
        self.give(None, What::Probe(Probe { command, ends }));
    }

    /// Returns a new result of one of the probes, as the effect of an action.
    pub(super) fn found_otherwise(&mut self) -> Option<What> {
        let command = self.chance.pick(&self.probed)?.clone();
        Some(What::Probe(Probe { command, ends: self.ends() }))
    }

    fn ends(&mut self) -> Ends {
        match self.chance.below(10) {
            _ if self.trouble() => Ends::Unknown,
            0..3 => Ends::Yes,
            3..6 => Ends::No,
            6 => Ends::Unknown,
            _ => Ends::Prints(self.hints.text(&mut self.chance)),
        }
    }
}
