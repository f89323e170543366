//! The arms and paths that the runs of a test took.

use std::collections::{HashMap, HashSet};

use crate::simulated_run::Performed;
use rbl_check::paths::{ArmId, Path, Paths};
use rbl_runtime::{Event, followed};

/// The arms and the paths that some runs of a program took.
#[derive(Debug, Clone, Default)]
pub struct TakenPaths {
    /// How often each arm was taken; each pass of a loop counts.
    pub arms: HashMap<ArmId, u64>,
    /// The paths. A run that was aborted has none.
    pub paths: HashSet<Path>,
}

impl TakenPaths {
    /// Collects what these runs took.
    pub fn by(runs: &[Performed], paths: &Paths) -> Self {
        let mut taken = Self::default();
        for run in runs {
            let events: Vec<Event> = run.events.iter().map(|timed| timed.event.clone()).collect();
            let followed = followed(paths, &events);
            for arm in followed.arms {
                let times = taken.arms.entry(arm).or_default();
                *times = times.saturating_add(1);
            }
            taken.paths.extend(followed.path);
        }
        taken
    }

    /// Adds what other runs took.
    pub fn add(&mut self, other: Self) {
        for (arm, more) in other.arms {
            let times = self.arms.entry(arm).or_default();
            *times = times.saturating_add(more);
        }
        self.paths.extend(other.paths);
    }
}
