//! Spells out what a command printed where its output decides: `= yes` alone would not say why the run went that way.

use super::super::hints::OTHER;
use super::super::{Hints, Oracle};
use super::corpus::CorpusEntry;
use crate::Premise;
use crate::scripted::{GivenChange, GivenProbe, GivenSubject, ProbeOutcome};

/// The most outputs that are tried for a command.
const MOST: usize = 48;

/// Replaces `= yes` and `= no` with what was printed, where another output would lead the run another way. `shows`:
/// whether the premise still shows what it is for.
pub(super) fn spelled_out(
    oracle: &Oracle<'_>,
    hints: &Hints,
    premise: &mut Premise,
    shows: &mut dyn FnMut(&Premise) -> bool,
) {
    let count: usize = premise.script.after.iter().map(|after| after.changes.len()).sum();
    for at in 0..premise.script.changes.len() + count {
        let Some(GivenSubject::Probe(probe)) = line(premise, at).map(|it| it.what.clone()) else { continue };
        if oracle.is_over() {
            return;
        }
        if !matches!(probe.ends, ProbeOutcome::Yes | ProbeOutcome::No) {
            continue;
        }
        let mut outputs = vec![OTHER.to_owned()];
        outputs.extend(hints.prints().into_iter().filter(|text| !text.is_empty()).take(MOST));
        let with = |ends: ProbeOutcome| {
            let mut candidate = premise.clone();
            if let Some(line) = line(&mut candidate, at) {
                line.what = GivenSubject::Probe(GivenProbe { ends, ..probe.clone() });
            }
            candidate
        };
        if !decides(oracle, &outputs, &with) {
            continue;
        }
        let printed = outputs.iter().map(|text| with(ProbeOutcome::Prints(text.clone())));
        // A command that says no may print something, too.
        let said_no = outputs.iter().filter(|_| probe.ends == ProbeOutcome::No);
        let said_no = said_no.map(|text| with(ProbeOutcome::Exits { code: 1, prints: Some(text.clone()) }));
        let found = printed.chain(said_no).find(|candidate| shows(candidate));
        if let Some(found) = found {
            *premise = found;
        }
    }
}

/// Whether the run goes another way with another of these outputs.
fn decides(oracle: &Oracle<'_>, outputs: &[String], with: &dyn Fn(ProbeOutcome) -> Premise) -> bool {
    let way = |text: &str| {
        let entry = CorpusEntry::of(oracle, with(ProbeOutcome::Prints(text.to_owned())));
        (entry.path, entry.arms)
    };
    let nothing = way("");
    outputs.iter().any(|text| way(text) != nothing)
}

/// A line of a premise: those that hold from the start, then those after actions.
fn line(premise: &mut Premise, at: usize) -> Option<&mut GivenChange> {
    let first = premise.script.changes.len();
    if at < first {
        return premise.script.changes.get_mut(at);
    }
    premise.script.after.iter_mut().flat_map(|after| &mut after.changes).nth(at - first)
}
