//! Where the steps of a document lead, and where their ways meet again.

use std::collections::BTreeSet;

use super::document::{Next, OnFailure, SsmDocument, SsmStep};

/// A set of steps, and the end.
type StepSet = BTreeSet<usize>;

/// The ways through one list of steps.
#[derive(Debug)]
pub(super) struct StepGraph {
    /// What every way from a step to the end goes through, the step itself too. The end is `usize::MAX`.
    through: Vec<StepSet>,
    /// What can be reached from a step.
    reached: Vec<StepSet>,
}

/// The end of a list of steps.
const END: usize = usize::MAX;

/// What happens after a step has failed: where it leads, and whether the whole automation has failed then.
pub(super) fn after_failure(step: &SsmStep) -> Option<(Next, bool)> {
    let next = match step.on_failure {
        OnFailure::Abort => return None,
        OnFailure::Continue => step.next,
        OnFailure::Step(it) => Some(it),
    };
    // An end is an end, whether the step has worked or not.
    Some((if step.is_end && step.on_failure == OnFailure::Continue { None } else { next }, step.is_critical))
}

impl StepGraph {
    /// The ways through all steps. With `failed`, a failure that makes the automation fail changes nothing more.
    pub(super) fn of(document: &SsmDocument, failed: bool) -> Self {
        let leads: Vec<Vec<usize>> = document
            .steps
            .iter()
            .map(|step| {
                let mut leads: Vec<usize> = vec![step.next.unwrap_or(END)];
                if let Some((next, is_critical)) = after_failure(step)
                    && (failed || !is_critical)
                {
                    leads.push(next.unwrap_or(END));
                }
                leads.extend(step.choices.iter().map(|it| it.next));
                leads
            })
            .collect();
        let mut graph =
            Self { through: vec![StepSet::new(); leads.len()], reached: vec![StepSet::new(); leads.len()] };
        let mut state = vec![0_u8; leads.len()];
        for start in 0..leads.len() {
            graph.visit(start, &leads, &mut state);
        }
        graph
    }

    /// Fills in a step after all that it leads to, without recursion.
    fn visit(&mut self, start: usize, leads: &[Vec<usize>], state: &mut [u8]) {
        let mut open = vec![(start, 0_usize)];
        while let Some((step, at)) = open.pop() {
            let (Some(is), Some(next)) = (state.get_mut(step), leads.get(step)) else { continue };
            if *is == 2 {
                continue;
            }
            *is = 1;
            if let Some(&to) = next.get(at) {
                open.push((step, at + 1));
                if to != END && state.get(to) == Some(&0) {
                    open.push((to, 0));
                }
                continue;
            }
            *is = 2;
            let mut reached: StepSet = StepSet::from([step]);
            let mut common: Option<StepSet> = None;
            for &to in next {
                // A way back is an end here: what goes on there is said where it is.
                let known = to != END && state.get(to) == Some(&2);
                let through = if known {
                    self.through.get(to).cloned().unwrap_or_default()
                } else {
                    StepSet::from([END])
                };
                if known {
                    reached.extend(self.reached.get(to).into_iter().flatten());
                }
                common = Some(match common {
                    None => through,
                    Some(it) => it.intersection(&through).copied().collect(),
                });
            }
            let mut through = common.unwrap_or_default();
            through.insert(step);
            if let Some(place) = self.through.get_mut(step) {
                *place = through;
            }
            if let Some(place) = self.reached.get_mut(step) {
                *place = reached;
            }
        }
    }

    /// Where all ways from a step meet again; `None`: only at the end.
    pub(super) fn meeting(&self, step: usize) -> Option<usize> {
        let candidates = self.through.get(step)?.iter().filter(|&&it| it != step && it != END);
        candidates.max_by_key(|&&it| self.through.get(it).map_or(0, StepSet::len)).copied()
    }

    /// The steps that can be reached from a step, and itself.
    pub(super) fn reached(&self, step: usize) -> impl Iterator<Item = usize> + '_ {
        self.reached.get(step).into_iter().flatten().copied()
    }
}
