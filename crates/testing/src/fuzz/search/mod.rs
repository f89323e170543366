//! Searches for worlds that take the arms and paths that no test takes yet.
//!
//! *How:* random worlds reach most arms. For an arm that is still missing, the search takes the world whose run came
//! nearest, and changes what the run read before it had to decide there. Each world that is kept is made smaller as
//! long as it takes the same path. Then the thresholds and the limits that the kept runs reached are tested from both
//! sides.

mod boundary;
mod corpus;
mod limit;
mod neighbour;
mod output;
mod phrase;
mod premise_edit;
mod surviving_mutant;
mod title;
mod unmentioned;

use std::collections::BTreeSet;

use super::shrink::{Budget, lines, shrink};
use super::{Hints, Oracle, Rng, trace};
use crate::Premise;
use crate::fuzz::generator::{dimension, generate, generate_from};
use crate::scripted::{GivenMetric, GivenSubject, MetricState};
use corpus::{Corpus, CorpusEntry};
use rbl_check::paths::{ArmDescription, ArmId};
pub use surviving_mutant::{UnnoticedMutant, UnnoticedSearch, WrittenAgainst};

/// The number of random worlds before the search for single arms begins.
const WORLDS: u64 = 240;
/// The most rounds of that search.
const ROUNDS: u64 = 4;
/// The worlds tried for an arm in each round, near one that reached its place.
const TRIES: usize = 120;
/// The most lines of all tests that a search writes, from which on the rest is left for the next one.
const MOST_LINES: usize = 20_000;
/// The most work to make one world smaller.
const BUDGET: Budget = Budget { tries: 400, effects: 400_000 };

/// A world for which a test is missing.
#[derive(Debug, Clone)]
pub struct MissingTest {
    /// What a test of it shows.
    pub title: String,
    /// The world.
    pub premise: Premise,
    /// The arms that it takes.
    pub arms: Vec<ArmId>,
}

/// The result of the search.
#[derive(Debug, Clone, Default)]
pub struct SearchResult {
    /// The worlds, in the order of importance: new arms first, then boundaries.
    pub missing: Vec<MissingTest>,
    /// The arms that no world was found to take.
    pub not_found: Vec<ArmDescription>,
    /// Every world with a path of its own, for other uses.
    pub others: Vec<Premise>,
    /// Whether the search was ended because it would take too long: there may be more.
    pub cut: bool,
}

/// Searches for worlds that take the arms which are not taken yet. The same program and arms give the same result.
pub fn missing(oracle: &Oracle<'_>, hints: &Hints, taken: &BTreeSet<ArmId>) -> SearchResult {
    let mut corpus = Corpus::default();
    for seed in 0..WORLDS {
        if oracle.has_spent(30) {
            break;
        }
        let (mut premise, _) = generate(oracle.program, hints, Rng::new(seed));
        without_needless_params(oracle, &mut premise);
        let entry = CorpusEntry::of(oracle, premise);
        // Making it up took a run as well.
        oracle.spend(entry.trace.work());
        corpus.add(entry);
    }
    let all: Vec<ArmDescription> = oracle.paths.arms();
    let wanted: Vec<ArmId> = all.iter().map(|arm| arm.id).filter(|arm| !taken.contains(arm)).collect();
    for round in 0..ROUNDS {
        let before = corpus.arms().len();
        for arm in &wanted {
            if !corpus.arms().contains(arm) && !oracle.has_spent(60) {
                go_after(oracle, hints, &mut corpus, *arm, round);
            }
        }
        if corpus.arms().len() == before {
            break;
        }
    }
    let chosen = chosen(oracle, hints, &corpus, &wanted);
    let mut found = SearchResult {
        not_found: all
            .into_iter()
            .filter(|arm| !taken.contains(&arm.id) && !corpus.arms().contains(&arm.id))
            .collect(),
        others: corpus.entries().map(|entry| entry.premise.clone()).collect(),
        missing: Vec::new(),
        cut: corpus.is_full(),
    };
    let mut titles = title::Titles::default();
    let mut known: BTreeSet<ArmId> = taken.clone();
    let mut premises: Vec<Premise> = Vec::new();
    for entry in &chosen {
        if oracle.has_spent(80) {
            break;
        }
        let new: Vec<ArmId> = entry.arms.iter().copied().filter(|arm| known.insert(*arm)).collect();
        let title = titles.of_path(oracle, entry, &new);
        premises.push(entry.premise.clone());
        found.missing.push(MissingTest { title, premise: entry.premise.clone(), arms: entry.arms.clone() });
    }
    let edges = boundary::boundaries(oracle, &chosen).into_iter().chain(limit::limits(oracle, &chosen));
    for edge in edges {
        if oracle.has_spent(84) {
            break;
        }
        if premises.contains(&edge.entry.premise) {
            continue;
        }
        premises.push(edge.entry.premise.clone());
        let title = titles.of_edge(oracle, &edge);
        found.missing.push(MissingTest { title, premise: edge.entry.premise, arms: edge.entry.arms });
    }
    found.cut |= oracle.was_cut();
    found
}

/// Removes parameters that have a default: the subject of a test is the world.
fn without_needless_params(oracle: &Oracle<'_>, premise: &mut Premise) {
    let Some(runbook) = oracle.program.runbook(oracle.program.main()) else { return };
    premise.params.retain(|name, _| {
        let declared = runbook.params.iter().find(|it| it.declaration.name.text == *name);
        declared.is_some_and(|it| it.declaration.default.is_none())
    });
}

/// Searches for a world that takes an arm, near those that reached its place.
fn go_after(oracle: &Oracle<'_>, hints: &Hints, corpus: &mut Corpus, arm: ArmId, round: u64) {
    let near: Vec<CorpusEntry> = corpus.near(arm).into_iter().cloned().collect();
    for entry in near {
        let turned = neighbour::turned(oracle.program, hints, &entry, arm).into_iter();
        for (number, premise) in turned.take(TRIES).enumerate() {
            if oracle.has_spent(60) {
                return;
            }
            let seed = round.wrapping_mul(1_000_003).wrapping_add(number as u64);
            let (premise, _) = generate_from(oracle.program, hints, Rng::new(seed), premise);
            let entry = CorpusEntry::of(oracle, premise);
            oracle.spend(entry.trace.work());
            let done = entry.arms.contains(&arm);
            corpus.add(entry);
            if done {
                return;
            }
        }
    }
}

/// Chooses few worlds that take all wanted arms, always the one with the most new arms first; each is made smaller.
fn chosen(oracle: &Oracle<'_>, hints: &Hints, corpus: &Corpus, wanted: &[ArmId]) -> Vec<CorpusEntry> {
    let mut left: BTreeSet<ArmId> = wanted.iter().copied().collect();
    let mut chosen: Vec<CorpusEntry> = Vec::new();
    loop {
        let best = corpus
            .entries()
            .map(|entry| {
                (entry.arms.iter().filter(|arm| left.contains(arm)).collect::<BTreeSet<_>>().len(), entry)
            })
            .filter(|(count, _)| *count > 0)
            .max_by_key(|(count, entry)| (*count, std::cmp::Reverse(entry.lines)));
        let Some((_, entry)) = best else { return chosen };
        // All of them were looked at.
        oracle.spend(corpus.entries().map(|entry| entry.arms.len()).sum::<usize>() / 4);
        // What is written is as long as all its worlds.
        if oracle.has_spent(75) || chosen.iter().map(|entry| entry.lines).sum::<usize>() > MOST_LINES {
            return chosen;
        }
        let new: BTreeSet<ArmId> = entry.arms.iter().copied().filter(|arm| left.contains(arm)).collect();
        let entry = smaller(oracle, hints, entry, &new);
        for arm in &entry.arms {
            left.remove(arm);
        }
        chosen.push(entry);
    }
}

/// The smallest world found that takes the same path and these arms; in a loop not every arm is part of the path.
/// Everything that it reads stays written, so that the reader need not know the defaults.
fn smaller(oracle: &Oracle<'_>, hints: &Hints, entry: &CorpusEntry, wanted: &BTreeSet<ArmId>) -> CorpusEntry {
    let unsaid = unmentioned::unmentioned(&entry.premise, &entry.trace);
    let mut shows = |premise: &Premise| {
        // As small as it is by then.
        if oracle.has_spent(70) {
            return (false, BUDGET.effects);
        }
        let seen = trace(oracle.program, premise);
        let effects = seen.effects.len() as u64;
        oracle.spend(seen.work());
        let followed = rbl_runtime::followed(&oracle.paths, &seen.events);
        let shows = followed.path == entry.path
            && wanted.iter().all(|arm| followed.arms.contains(arm))
            && unmentioned::unmentioned(premise, &seen) <= unsaid;
        (shows, effects)
    };
    let mut premise = shrink(&entry.premise, false, BUDGET, &mut shows);
    clearer(oracle, hints, &mut premise, &mut |it| shows(it).0);
    output::spelled_out(oracle, hints, &mut premise, &mut |it| shows(it).0);
    CorpusEntry::of(oracle, premise)
}

/// Replaces values near a threshold with values far from every threshold, if that changes nothing: a value that happens
/// to be at the edge would suggest that the edge matters.
fn clearer(
    oracle: &Oracle<'_>,
    hints: &Hints,
    premise: &mut Premise,
    shows: &mut dyn FnMut(&Premise) -> bool,
) {
    for at in 0..premise.script.changes.len() {
        let Some(GivenSubject::Metric(GivenMetric { name, state: MetricState::Value(_), .. })) =
            premise.script.changes.get(at).map(|change| &change.what)
        else {
            continue;
        };
        for value in hints.far(name, dimension(oracle.program, name)) {
            let mut candidate = premise.clone();
            if let Some(GivenSubject::Metric(metric)) =
                candidate.script.changes.get_mut(at).map(|change| &mut change.what)
            {
                metric.state = MetricState::Value(value);
            }
            if candidate == *premise || shows(&candidate) {
                *premise = candidate;
                break;
            }
        }
    }
}

/// A world at a threshold or limit, and what that is.
#[derive(Debug, Clone)]
struct Edge {
    entry: CorpusEntry,
    /// `p99 is just under 500ms`
    what: String,
}

impl CorpusEntry {
    fn of(oracle: &Oracle<'_>, premise: Premise) -> Self {
        let trace = trace(oracle.program, &premise);
        oracle.spend(trace.work());
        let followed = rbl_runtime::followed(&oracle.paths, &trace.events);
        Self { lines: lines(&premise), premise, trace, arms: followed.arms, path: followed.path }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use rbl_check::{Catalogue, ParsedFile, Program, check_read};
    use rbl_project::files::{Files, NamedFile};
    use rbl_syntax::source::Source;
    use rbl_syntax::value::Dimension;

    use super::*;

    const TEXT: &str = "runbook \"x\"\nowner \"o\"\nmetric p99 in s from prometheus \"p99\"\n\
                        check p99 < 1s else { action \"restart it\" }\n";

    fn program(text: &str) -> Program {
        let named = NamedFile { shown: "x.rb".into(), identity: "x.rb".into(), text: String::new() };
        let read = ParsedFile::new("x.rb", Source::new("x.rb", text));
        let mut files = Files::sharing(Arc::default(), &named);
        check_read(&read, &mut files, &Catalogue::default(), None).program.unwrap()
    }

    /// The processor time of a machine on which each look at it is an hour later.
    fn slow() -> Duration {
        static LOOKS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        Duration::from_secs(3_600 * LOOKS.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    #[test]
    fn runs_that_only_find_out_what_is_compared_end_when_their_time_is_over() {
        // Three seconds are written nowhere.
        let program = program(&TEXT.replace("1s", "1s + 2s"));
        let is_known = |clock: fn() -> Duration| {
            Hints::of(&program, clock).values("p99", Dimension::DURATION).contains(&3.0)
        };
        assert!(is_known(|| Duration::ZERO) && !is_known(slow));
    }

    #[test]
    fn a_search_ends_when_its_time_is_over_and_says_so() {
        let program = program(TEXT);
        let hints = Hints::of(&program, || Duration::ZERO);
        let usual = Oracle::new(&program).within_time_of(|| Duration::ZERO);
        let found = missing(&usual, &hints, &BTreeSet::new());
        assert!(!found.cut && !found.missing.is_empty() && found.not_found.is_empty(), "{found:?}");
        assert!(!usual.is_over());
        let late = Oracle::new(&program).within_time_of(slow);
        let found = missing(&late, &hints, &BTreeSet::new());
        assert!(found.cut && found.missing.is_empty(), "{found:?}");
        // What was not looked for is not said to be found nowhere without the word that the search was cut.
        assert!(late.is_over() && !found.not_found.is_empty());
    }
}
