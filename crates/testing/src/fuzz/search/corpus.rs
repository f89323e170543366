//! [`Corpus`]: the worlds that were found, the smallest for each path.

use std::collections::{BTreeSet, HashMap};

use super::super::RunTrace;
use crate::Premise;
use rbl_check::paths::{ArmId, Path};
use rbl_runtime::Effect;

/// How many worlds near a place are worth changing: this many of the simplest, and as many of the busiest.
const NEAR: usize = 3;

/// The most events, effects and arms that are kept: some hundred megabytes.
const MOST_KEPT: usize = 150_000;

/// A world, and the way that its run took.
#[derive(Debug, Clone)]
pub(super) struct CorpusEntry {
    pub(super) premise: Premise,
    pub(super) trace: RunTrace,
    /// The arms that were taken, in order.
    pub(super) arms: Vec<ArmId>,
    pub(super) path: Option<Path>,
    pub(super) lines: usize,
}

/// The worlds that were found, the smallest for each path.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    entries: Vec<CorpusEntry>,
    by_path: HashMap<Path, usize>,
    arms: BTreeSet<ArmId>,
    /// The events, effects and arms of all that are kept.
    size: usize,
}

impl Corpus {
    /// Keeps a world that takes a new path, or takes a known path with fewer lines. A world whose run does not end has
    /// no path, and is not kept.
    pub(super) fn add(&mut self, entry: CorpusEntry) {
        let Some(path) = entry.path.clone() else { return };
        self.size += entry.trace.events.len() + entry.trace.effects.len() + entry.arms.len();
        if self.is_full() {
            return;
        }
        self.arms.extend(entry.arms.iter().copied());
        match self.by_path.get(&path).and_then(|at| self.entries.get_mut(*at)) {
            Some(before) if before.lines <= entry.lines => {}
            // In a loop the same path may take other arms.
            Some(before) if before.arms.iter().all(|arm| entry.arms.contains(arm)) => *before = entry,
            Some(_) => self.entries.push(entry),
            None => {
                self.by_path.insert(path, self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    /// Whether no more can be kept.
    pub(super) fn is_full(&self) -> bool {
        self.size > MOST_KEPT
    }

    /// All arms that are taken.
    pub(super) fn arms(&self) -> &BTreeSet<ArmId> {
        &self.arms
    }

    /// The worlds, in the order in which they were found.
    pub(super) fn entries(&self) -> impl Iterator<Item = &CorpusEntry> {
        self.entries.iter()
    }

    /// The worlds that reached the place of an arm, the simplest first.
    pub(super) fn near(&self, arm: ArmId) -> Vec<&CorpusEntry> {
        let mut near: Vec<&CorpusEntry> =
            self.entries.iter().filter(|entry| entry.arms.iter().any(|it| it.place == arm.place)).collect();
        near.sort_by_key(|entry| (entry.arms.len(), entry.lines));
        // The simplest, and those with the most actions.
        let mut busy = near.split_off(near.len().min(NEAR));
        let acts = |entry: &CorpusEntry| {
            entry.trace.effects.iter().filter(|(_, _, effect)| matches!(effect, Effect::Act(_))).count()
        };
        busy.sort_by_key(|entry| std::cmp::Reverse(acts(entry)));
        near.extend(busy.into_iter().take(NEAR));
        near
    }
}
