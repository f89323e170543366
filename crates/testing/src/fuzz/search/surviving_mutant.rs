//! Searches for worlds in which a mutant that no test notices behaves differently, and writes tests for them.

use std::collections::HashSet;

use super::super::params::others;
use super::super::shrink::shrink;
use super::super::trace::{pieces_of_act, work};
use super::super::{Hints, Oracle, Rng, trace};
use super::boundary::boundaries;
use super::corpus::CorpusEntry;
use super::limit::limits;
use super::title::Titles;
use super::unmentioned::unmentioned;
use super::{BUDGET, SearchResult, neighbour, output};
use crate::fuzz::generator::generate_from;
use crate::mutants::kind::MutantKind;
use crate::mutants::mutant::Mutant;
use crate::mutants::original::Original;
use crate::mutants::quotes::Quotes;

use crate::mutants::trial::notices;
use crate::test_writer;
use crate::test_writer::{UnwritableTest, WrittenTest};
use crate::{Premise, SimulatedRun, cases};
use rbl_check::Program;
use rbl_check::paths::{ArmId, Turn};
use rbl_runtime::{EventKind, Outcome};
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::value::Value;

/// The worlds tried for a mutant, near those that were found.
const TRIES: usize = 120;
/// The worlds tried with other parameters.
const SIMPLEST: usize = 12;
/// The worlds with a difference that are tried for a test that shows it.
const TESTS: usize = 6;

/// What a test can see of a run.
#[derive(Debug, Clone, PartialEq)]
struct Observable {
    ended: String,
    /// The actions that were done, the pages with their reasons, the records, and the steps that began.
    actions: Vec<String>,
    /// The duration, as a test limits it.
    within: Option<f64>,
}

/// A world, and what is seen in it.
struct ObservedWorld {
    premise: Premise,
    seen: Observable,
    /// The statements of the runbook that it reached.
    reached: HashSet<Span>,
}

/// A test that exists, or will be written.
struct KnownTest {
    test: tree::Test,
    reached: HashSet<Span>,
    /// How many statements its runs execute.
    executed: u64,
}

/// A changed runbook.
struct MutatedRunbook<'m> {
    mutant: &'m Mutant,
    program: Program,
    /// A quotation of its own changed text does not count as a difference.
    quotes: Quotes,
}

/// A mutant for which no test was found.
#[derive(Debug)]
pub struct UnnoticedMutant {
    /// The change.
    pub mutant: Mutant,
    /// Why no test was found, in one line.
    pub why: String,
}

/// The result of the search for tests against mutants.
#[derive(Debug, Default)]
pub struct WrittenAgainst {
    /// The tests that notice mutants which no other test notices.
    pub tests: Vec<WrittenTest>,
    /// The mutants for which none was found, by place.
    pub left: Vec<UnnoticedMutant>,
    /// How many were not tried, because all of them would take too long.
    pub untried: usize,
}

/// Why a world gives no test against a mutant.
enum NoTest {
    /// Its test cannot be written.
    Unwritable(UnwritableTest),
    /// Its test does not see the difference.
    Unseen,
}

/// The search for one runbook.
pub struct UnnoticedSearch<'a> {
    oracle: &'a Oracle<'a>,
    hints: &'a Hints,
    worlds: Vec<ObservedWorld>,
    entries: Vec<CorpusEntry>,
    tests: Vec<KnownTest>,
    /// Whether all tests that will be written are known: without them it cannot be said which changes nothing notices.
    knows_all: bool,
    titles: Titles,
}

impl<'a> UnnoticedSearch<'a> {
    /// Starts with the worlds that were found; `written`: the tests that will be written.
    pub fn new(
        oracle: &'a Oracle<'a>,
        hints: &'a Hints,
        found: &SearchResult,
        written: &[WrittenTest],
    ) -> Self {
        let others = found.others.iter();
        let entries: Vec<CorpusEntry> = others
            .take_while(|_| !oracle.has_spent(85))
            .map(|premise| CorpusEntry::of(oracle, premise.clone()))
            .collect();
        let edges = boundaries(oracle, &entries).into_iter().chain(limits(oracle, &entries));
        let at_edges: Vec<Premise> = edges.map(|edge| edge.entry.premise).collect();
        let known = written.iter().take_while(|_| !oracle.has_spent(95));
        let known: Vec<Option<KnownTest>> = known.map(|test| read(oracle.program, &test.text)).collect();
        let knows_all = known.len() == written.len();
        let tests = known.into_iter().flatten().collect();
        let worlds = at_edges.into_iter().chain(found.others.iter().cloned());
        let worlds = worlds.take_while(|_| !oracle.has_spent(90));
        let worlds = worlds.map(|premise| ObservedWorld::of(oracle, premise)).collect();
        let mut titles = Titles::default();
        for test in written {
            titles.take(&test.title);
        }
        Self { oracle, hints, worlds, entries, tests, knows_all, titles }
    }

    /// Returns tests that notice mutants which no test notices yet; `is_noticed`: whether an existing test notices one;
    /// `executed`: how many statements these execute altogether.
    pub fn tests(
        &mut self,
        original: &Original,
        is_noticed: &dyn Fn(&Program, &Quotes) -> bool,
        executed: u64,
    ) -> WrittenAgainst {
        if !self.knows_all {
            return WrittenAgainst { untried: original.mutants().len(), ..WrittenAgainst::default() };
        }
        let (mutants, untried) = original.mutants_in_time(|mutant| {
            let written = self.tests.iter().filter(|test| test.comes_by(mutant));
            executed + written.map(|test| test.executed).sum::<u64>()
        });
        let mut found = WrittenAgainst { untried, ..WrittenAgainst::default() };
        for mutant in mutants {
            if self.oracle.has_spent(100) {
                found.untried += 1;
                continue;
            }
            let Some(program) = original.program(&mutant) else { continue };
            let quotes = Quotes::of(&mutant, original.text());
            let changed = MutatedRunbook { mutant: &mutant, program, quotes };
            let noticed = self.tests.iter().any(|test| !self.oracle.is_over() && test.notices(&changed));
            if noticed || is_noticed(&changed.program, &changed.quotes) {
                continue;
            }
            if self.oracle.is_over() {
                // It may be noticed by a test that was not run any more.
                found.untried += 1;
                continue;
            }
            match self.against(&changed) {
                Ok(test) => {
                    self.tests.extend(read(self.oracle.program, &test.text));
                    found.tests.push(test);
                }
                // What was found by then is no reason yet.
                Err(_) if self.oracle.is_over() => found.untried += 1,
                Err(why) => found.left.push(UnnoticedMutant { mutant, why }),
            }
        }
        found
    }

    /// Returns a test that notices a mutant; the error says why none was found.
    fn against(&mut self, changed: &MutatedRunbook<'_>) -> Result<WrittenTest, String> {
        let (mutant, program) = (changed.mutant, &changed.program);
        let comes_by = |world: &&ObservedWorld| {
            mutant.statement.is_none_or(|statement| world.reached.contains(&statement))
        };
        let mut reached = self.worlds.iter().any(|world| comes_by(&world));
        let oracle = self.oracle;
        let differs = |world: &&ObservedWorld| {
            !oracle.has_spent(100) && Observable::of(oracle, program, &world.premise) != world.seen
        };
        let known = self.worlds.iter().filter(comes_by).filter(differs).map(|world| world.premise.clone());
        let known: Vec<Premise> = known.take(TESTS).collect();
        let mut tried = 0;
        let mut failed: Option<NoTest> = None;
        for premise in known {
            tried += 1;
            match self.test(changed, &premise) {
                Ok(test) => return Ok(test),
                Err(why) => failed = Some(failed.unwrap_or(why)),
            }
        }
        for premise in self.near(mutant) {
            let premise = generate_from(self.oracle.program, self.hints, Rng::new(1), premise).0;
            if oracle.has_spent(100) {
                break;
            }
            let world = ObservedWorld::of(oracle, premise);
            reached |= comes_by(&&world);
            if Observable::of(oracle, program, &world.premise) != world.seen && tried < 2 * TESTS {
                tried += 1;
                match self.test(changed, &world.premise) {
                    Ok(test) => return Ok(test),
                    Err(why) => failed = Some(failed.unwrap_or(why)),
                }
            }
        }
        Err(match failed {
            Some(NoTest::Unwritable(why)) => format!("it makes a difference, but {why}"),
            Some(NoTest::Unseen) => "it makes a difference that no `expect` line sees".to_owned(),
            None if reached => "it made no difference in any world that was tried".to_owned(),
            None => "no world was found whose run gets there".to_owned(),
        })
    }

    /// The worlds near those that reached the change; if it is in a declaration, also those with other parameters.
    fn near(&self, mutant: &Mutant) -> Vec<Premise> {
        let program = self.oracle.program;
        let main = program.main_source();
        let mut near = Vec::new();
        for entry in &self.entries {
            let within = entry.arms.iter().rev().find(|arm| {
                let place = arm.place;
                place.source == main
                    && mutant.statement.is_none_or(|statement| statement.contains(place.span))
            });
            // A statement without arms directly follows another place that the run reached.
            let at = entry.trace.events.iter().rev().filter_map(|event| event.place.as_ref()).find(|place| {
                place.source == main
                    && mutant.statement.is_some_and(|statement| statement.contains(place.span))
            });
            let arm = within
                .copied()
                .or(at.map(|at| ArmId { place: at.span.in_source(at.source), turn: Turn::Continues }));
            let Some(arm) = arm else { continue };
            let turned = neighbour::turned(program, self.hints, entry, arm);
            near.extend(turned.into_iter().enumerate());
        }
        // Take a few of each world first.
        near.sort_by_key(|(rank, _)| *rank);
        let near = near.into_iter().map(|(_, premise)| premise).take(TRIES);
        if mutant.statement.is_none() || mutant.kind == MutantKind::Argument {
            return self.with_other_params().into_iter().chain(near).collect();
        }
        near.collect()
    }

    /// The simplest worlds with other parameters, first those that end resolved.
    fn with_other_params(&self) -> Vec<Premise> {
        let mut entries: Vec<&CorpusEntry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| (entry.trace.ended.outcome != Outcome::Resolved, entry.lines));
        let others = others(self.oracle.program);
        let with = |entry: &CorpusEntry, (name, value): &(smol_str::SmolStr, Value)| {
            let mut premise = entry.premise.clone();
            premise.params.insert(name.clone(), value.clone());
            premise
        };
        entries
            .iter()
            .take(SIMPLEST)
            .flat_map(|entry| others.iter().map(move |other| with(entry, other)))
            .collect()
    }

    /// The test of a world, made as small as possible while it still notices the change.
    fn test(&mut self, changed: &MutatedRunbook<'_>, premise: &Premise) -> Result<WrittenTest, NoTest> {
        let program = self.oracle.program;
        let left = unmentioned(premise, &trace(program, premise));
        let oracle = self.oracle;
        let mut shows = |premise: &Premise| {
            if oracle.has_spent(100) {
                return (false, BUDGET.effects);
            }
            let seen = trace(program, premise);
            let effects = seen.effects.len() as u64;
            let differs =
                Observable::of(oracle, program, premise) != Observable::of(oracle, &changed.program, premise);
            (differs && unmentioned(premise, &seen) <= left, effects)
        };
        let mut small = shrink(premise, false, BUDGET, &mut shows);
        output::spelled_out(self.oracle, self.hints, &mut small, &mut |it| shows(it).0);
        let mut failed = NoTest::Unseen;
        for premise in [&small, premise] {
            // The title is chosen once the test is known to be useful.
            let text = match test_writer::test(program, "what it shows", premise) {
                Ok(text) => text,
                Err(why) => {
                    failed = NoTest::Unwritable(why);
                    continue;
                }
            };
            let Some(found) = read(program, &text) else { continue };
            if !found.notices(changed) {
                continue;
            }
            let entry = CorpusEntry::of(self.oracle, premise.clone());
            let title = self.titles.of_change(self.oracle, &entry, changed.mutant.statement);
            let text = test_writer::test(program, &title, premise).map_err(NoTest::Unwritable)?;
            return Ok(WrittenTest { title, text });
        }
        Err(failed)
    }
}

impl KnownTest {
    fn comes_by(&self, mutant: &Mutant) -> bool {
        mutant.statement.is_none_or(|statement| self.reached.contains(&statement))
    }

    fn notices(&self, changed: &MutatedRunbook<'_>) -> bool {
        self.comes_by(changed.mutant)
            && notices(&changed.program, &changed.quotes, SourceId::default(), &self.test)
    }
}

impl ObservedWorld {
    fn of(oracle: &Oracle<'_>, premise: Premise) -> Self {
        let seen = Observable::of(oracle, oracle.program, &premise);
        let (came_by, _) = SimulatedRun::of(oracle.program, premise.clone()).reached();
        Self { premise, seen, reached: came_by }
    }
}

impl Observable {
    /// `program`: that of the oracle, or a change of it.
    fn of(oracle: &Oracle<'_>, program: &Program, premise: &Premise) -> Self {
        let run = SimulatedRun::of(program, premise.clone()).perform();
        let pieces = run.acts.iter().map(pieces_of_act).sum();
        oracle.spend(work(run.events.len(), pieces, run.steps));
        let mut deeds: Vec<String> = run.acts.iter().map(|act| act.title.clone()).collect();
        deeds.sort();
        deeds.dedup();
        for timed in &run.events {
            match &timed.event.kind {
                EventKind::Escalated { team: Some(team), reason, delivered: Ok(_), .. } => {
                    deeds.push(format!("{team}: {reason}"));
                }
                EventKind::Recorded { text, .. } => deeds.push(text.clone()),
                EventKind::StepStarted { title: Some(title), .. } => deeds.push(title.clone()),
                EventKind::Started { .. }
                | EventKind::Noted { .. }
                | EventKind::StepStarted { .. }
                | EventKind::StepEnded { .. }
                | EventKind::Prose { .. }
                | EventKind::Read { .. }
                | EventKind::Probed { .. }
                | EventKind::Decided(_)
                | EventKind::Asked { .. }
                | EventKind::Answered { .. }
                | EventKind::ActionStarted { .. }
                | EventKind::ActionEnded { .. }
                | EventKind::ActionRetried { .. }
                | EventKind::Waiting { .. }
                | EventKind::Polled { .. }
                | EventKind::WaitEnded { .. }
                | EventKind::Escalated { .. }
                | EventKind::Acknowledged { .. }
                | EventKind::Let { .. }
                | EventKind::LoopStarted { .. }
                | EventKind::Pass { .. }
                | EventKind::LoopEnded { .. }
                | EventKind::RunStarted { .. }
                | EventKind::RunEnded { .. }
                | EventKind::Locked { .. }
                | EventKind::RunLimited { .. }
                | EventKind::Resolved { .. }
                | EventKind::Stopped { .. }
                | EventKind::Unhandled { .. }
                | EventKind::CleanupStarted { .. }
                | EventKind::CleanupEnded { .. }
                | EventKind::Parked { .. }
                | EventKind::Aborted { .. }
                | EventKind::Ended { .. } => {}
            }
        }
        Self {
            ended: run.ended.outcome.word().to_owned(),
            actions: deeds,
            within: test_writer::bound(run.seconds),
        }
    }
}

/// Parses a test.
fn read(program: &Program, text: &str) -> Option<KnownTest> {
    let read = test_writer::read(text).ok()?;
    let (mut reached, mut executed) = (HashSet::new(), 0);
    for case in cases(&read).ok()? {
        if let Ok(simulated) = SimulatedRun::new(program, SourceId::default(), case.lines()) {
            let (places, statements) = simulated.reached();
            reached.extend(places);
            executed += statements;
        }
    }
    Some(KnownTest { test: read, reached, executed })
}
