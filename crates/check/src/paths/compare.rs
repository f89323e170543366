//! Compares two versions of a runbook path by path, for reviewers of a change.

use std::collections::BTreeMap;

use super::{Bound, Paths};
use crate::paths::description::PathDescription;
use rbl_syntax::tree::ExpectedOutcome;

/// The decisions of a path: each decision and its outcome.
pub type Decisions = Vec<(String, String)>;

/// The compared properties of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedPath {
    /// Its number among the paths of its version, from 1.
    pub number: u128,
    /// Its outcome.
    pub outcome: ExpectedOutcome,
    /// What ends it.
    pub end: String,
    /// Who is paged.
    pub paged: Vec<String>,
    /// Its actions, in order; a failed one is marked.
    pub actions: Vec<String>,
    /// The maximum duration in seconds.
    pub longest: Bound,
}

/// How a path differs.
#[derive(Debug, Clone, PartialEq)]
pub enum PathDifference {
    /// Only the new version has it.
    Added(ComparedPath),
    /// Only the old version has it.
    Removed(ComparedPath),
    /// Both have it: before and after.
    Changed(ComparedPath, ComparedPath),
}

/// The result of comparing two versions.
#[derive(Debug, Clone, PartialEq)]
pub enum PathsComparison {
    /// Path by path, in the order of the new version; removed paths are at the end.
    Each(Vec<(Decisions, PathDifference)>),
    /// There are too many paths: only the totals are compared.
    Together,
}

/// A path with its decisions as known in both versions, and as written in its own.
type AlignedPath = (Decisions, Decisions, ComparedPath);

/// Compares two versions. `most`: the maximum number of nodes per version for a comparison path by path.
pub fn compare(old: &Paths, new: &Paths, most: u128) -> PathsComparison {
    let (Some(before), Some(after)) = (all(old, most), all(new, most)) else {
        return PathsComparison::Together;
    };
    let mut by_decisions: BTreeMap<&Decisions, Vec<&ComparedPath>> = BTreeMap::new();
    for (known_by, _, path) in before.iter().rev() {
        by_decisions.entry(known_by).or_default().push(path);
    }
    let mut differences = Vec::new();
    for (known_by, decisions, path) in &after {
        match by_decisions.get_mut(known_by).and_then(Vec::pop) {
            None => differences.push((decisions.clone(), PathDifference::Added(path.clone()))),
            Some(old) if same(old, path) => {}
            Some(old) => {
                differences.push((decisions.clone(), PathDifference::Changed(old.clone(), path.clone())));
            }
        }
    }
    let left = before.iter().filter(|(known_by, _, path)| {
        by_decisions.get(known_by).is_some_and(|left| left.iter().any(|it| it.number == path.number))
    });
    differences
        .extend(left.map(|(_, decisions, path)| (decisions.clone(), PathDifference::Removed(path.clone()))));
    PathsComparison::Each(differences)
}

/// Equality, ignoring position and number.
fn same(a: &ComparedPath, b: &ComparedPath) -> bool {
    a.outcome == b.outcome
        && a.end == b.end
        && a.paged == b.paged
        && a.actions == b.actions
        && a.longest == b.longest
}

fn all(paths: &Paths, most: u128) -> Option<Vec<AlignedPath>> {
    let total = paths.total();
    if total.paths.saturating_mul(total.nodes) > most {
        return None;
    }
    (1..=total.paths).map(|number| Some(compared(number, paths.describe(&paths.path(number)?)?))).collect()
}

fn compared(number: u128, description: PathDescription) -> AlignedPath {
    let actions = description.steps.iter().filter(|step| step.kind == super::SiteKind::Action);
    let actions = actions.map(|step| {
        let fails = step.turn.as_deref().is_some_and(|turn| turn != "done");
        format!("{}{}", step.text, if fails { " (fails)" } else { "" })
    });
    let actions = actions.collect();
    let decides = description.steps.into_iter().filter(|step| step.decides);
    let (known_by, decisions) = decides
        .map(|step| {
            let turn = step.turn.unwrap_or_default();
            ((step.known_by, turn.clone()), (step.text, turn))
        })
        .unzip();
    let path = ComparedPath {
        number,
        outcome: description.end.outcome,
        end: description.end.text,
        paged: description.end.paged,
        actions,
        longest: description.longest,
    };
    (known_by, decisions, path)
}
