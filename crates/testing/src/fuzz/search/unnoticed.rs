//! Changes of the runbook that no test would notice: worlds are looked for in which the changed one does something else.

use std::collections::HashSet;

use super::super::params::others;
use super::super::shrink::shrink;
use super::super::{Chance, Hints, Oracle, witness};
use super::boundary::boundaries;
use super::corpus::Entry;
use super::limit::limits;
use super::said::unsaid;
use super::title::Titles;
use super::{BUDGET, Found, turned};
use crate::fuzz::generator::imagine_on;
use crate::mutants::kind::Kind;
use crate::mutants::mutant::Mutant;
use crate::mutants::original::Original;
use crate::mutants::quotes::Quotes;
use crate::mutants::trial::notices;
use crate::test_writer;
use crate::test_writer::Written;
use crate::{Premise, Rehearsal, cases};
use rbl_check::Program;
use rbl_check::paths::{ArmId, Turn};
use rbl_runtime::{EventKind, Outcome};
use rbl_syntax::source::{SourceId, Span};
use rbl_syntax::tree;
use rbl_syntax::value::Value;

/// So many worlds near those that were found are tried for a change.
const TRIES: usize = 120;
/// So many worlds are tried with other parameters.
const SIMPLEST: usize = 12;
/// So many of those that differ are tried for one whose test shows it.
const TESTS: usize = 6;

/// What can be seen of a run in a test.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    ended: String,
    /// What was done, who was paged and why, what was recorded, which steps were begun.
    deeds: Vec<String>,
    /// How long it took, as a test bounds it.
    within: Option<f64>,
}

/// A world, and what is seen in it.
struct World {
    premise: Premise,
    seen: Seen,
    /// The statements of the runbook that were come by.
    came_by: HashSet<Span>,
}

/// A test that is there, or is about to be.
struct Test {
    test: tree::Test,
    came_by: HashSet<Span>,
}

/// A changed runbook.
struct Changed<'m> {
    mutant: &'m Mutant,
    program: Program,
    /// What it quotes of its own text is no difference.
    quotes: Quotes,
}

/// The hunt for one runbook.
pub struct Hunt<'a> {
    oracle: &'a Oracle<'a>,
    hints: &'a Hints,
    worlds: Vec<World>,
    entries: Vec<Entry>,
    tests: Vec<Test>,
    titles: Titles,
}

impl<'a> Hunt<'a> {
    /// Begins with the worlds that were found; `written`: the tests that are about to be there.
    pub fn new(oracle: &'a Oracle<'a>, hints: &'a Hints, found: &Found, written: &[Written]) -> Self {
        let others = found.others.iter();
        let entries: Vec<Entry> = others.map(|premise| Entry::of(oracle, premise.clone())).collect();
        let edges = boundaries(oracle, &entries).into_iter().chain(limits(oracle, &entries));
        let at_edges: Vec<Premise> = edges.map(|edge| edge.entry.premise).collect();
        let tests = written.iter().filter_map(|test| read(oracle.program, &test.text)).collect();
        let worlds = at_edges.into_iter().chain(found.others.iter().cloned());
        let worlds = worlds.map(|premise| World::of(oracle.program, premise)).collect();
        let mut titles = Titles::default();
        for test in written {
            titles.take(&test.title);
        }
        Self { oracle, hints, worlds, entries, tests, titles }
    }

    /// Tests that notice what none does; `is_noticed`: whether a test that is there already does.
    pub fn tests(
        &mut self,
        original: &Original,
        is_noticed: &dyn Fn(&Program, &Quotes) -> bool,
    ) -> Vec<Written> {
        let mut written = Vec::new();
        for mutant in original.mutants() {
            let Some(program) = original.program(&mutant) else { continue };
            let quotes = Quotes::of(&mutant, original.text());
            let changed = Changed { mutant: &mutant, program, quotes };
            let noticed = self.tests.iter().any(|test| test.notices(&changed));
            if noticed || is_noticed(&changed.program, &changed.quotes) {
                continue;
            }
            if let Some(test) = self.against(&changed) {
                self.tests.extend(read(self.oracle.program, &test.text));
                written.push(test);
            }
        }
        written
    }

    /// A test that notices a change.
    fn against(&mut self, changed: &Changed<'_>) -> Option<Written> {
        let (mutant, program) = (changed.mutant, &changed.program);
        let comes_by =
            |world: &&World| mutant.statement.is_none_or(|statement| world.came_by.contains(&statement));
        let differs = |world: &&World| Seen::of(program, &world.premise) != world.seen;
        let known = self.worlds.iter().filter(comes_by).filter(differs).map(|world| world.premise.clone());
        let known: Vec<Premise> = known.take(TESTS).collect();
        let mut tried = 0;
        for premise in known {
            tried += 1;
            if let Some(test) = self.test(changed, &premise) {
                return Some(test);
            }
        }
        for premise in self.near(mutant) {
            let premise = imagine_on(self.oracle.program, self.hints, Chance::new(1), premise).0;
            let world = World::of(self.oracle.program, premise);
            if Seen::of(program, &world.premise) != world.seen && tried < 2 * TESTS {
                tried += 1;
                if let Some(test) = self.test(changed, &world.premise) {
                    return Some(test);
                }
            }
        }
        None
    }

    /// Worlds near those that came by the change; with other parameters, where it is in what holds everywhere.
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
            // What has no arms of its own stands right behind another place that a run came by.
            let at =
                entry.witness.events.iter().rev().filter_map(|event| event.place.as_ref()).find(|place| {
                    place.source == main
                        && mutant.statement.is_some_and(|statement| statement.contains(place.span))
                });
            let arm = within
                .copied()
                .or(at.map(|at| ArmId { place: at.span.in_source(at.source), turn: Turn::GoesOn }));
            let Some(arm) = arm else { continue };
            let turned = turned::turned(program, self.hints, entry, arm);
            near.extend(turned.into_iter().enumerate());
        }
        // A little of each of them before more of any.
        near.sort_by_key(|(rank, _)| *rank);
        let near = near.into_iter().map(|(_, premise)| premise).take(TRIES);
        if mutant.statement.is_none() || mutant.kind == Kind::Argument {
            return self.with_other_params().into_iter().chain(near).collect();
        }
        near.collect()
    }

    /// The simplest worlds with other parameters, those first in which all goes well.
    fn with_other_params(&self) -> Vec<Premise> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| (entry.witness.ended.outcome != Outcome::Resolved, entry.lines));
        let others = others(self.oracle.program);
        let with = |entry: &Entry, (name, value): &(smol_str::SmolStr, Value)| {
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

    /// The test of a world, as small as it still notices the change.
    fn test(&mut self, changed: &Changed<'_>, premise: &Premise) -> Option<Written> {
        let program = self.oracle.program;
        let left = unsaid(premise, &witness(program, premise));
        let mut shows = |premise: &Premise| {
            let seen = witness(program, premise);
            let effects = seen.effects.len() as u64;
            let differs = Seen::of(program, premise) != Seen::of(&changed.program, premise);
            (differs && unsaid(premise, &seen) <= left, effects)
        };
        let small = shrink(premise, false, BUDGET, &mut shows);
        for premise in [&small, premise] {
            // A title of its own once it is known to be of use.
            let Ok(text) = test_writer::test(program, "what it shows", premise) else { continue };
            let Some(found) = read(program, &text) else { continue };
            if !found.notices(changed) {
                continue;
            }
            let entry = Entry::of(self.oracle, premise.clone());
            let title = self.titles.of_change(self.oracle, &entry, changed.mutant.statement);
            let text = test_writer::test(program, &title, premise).ok()?;
            return Some(Written { title, text });
        }
        None
    }
}

impl Test {
    fn notices(&self, changed: &Changed<'_>) -> bool {
        let comes_by = changed.mutant.statement.is_none_or(|statement| self.came_by.contains(&statement));
        comes_by && notices(&changed.program, &changed.quotes, SourceId::default(), &self.test)
    }
}

impl World {
    fn of(program: &Program, premise: Premise) -> Self {
        let seen = Seen::of(program, &premise);
        let came_by = Rehearsal::of(program, premise.clone()).came_by();
        Self { premise, seen, came_by }
    }
}

impl Seen {
    fn of(program: &Program, premise: &Premise) -> Self {
        let run = Rehearsal::of(program, premise.clone()).perform();
        let mut deeds: Vec<String> = run.acts.iter().map(|act| act.title.clone()).collect();
        deeds.sort();
        deeds.dedup();
        for told in &run.told {
            match &told.event.kind {
                EventKind::Escalated { team: Some(team), reason, delivered: Ok(_), .. } => {
                    deeds.push(format!("{team}: {reason}"));
                }
                EventKind::Recorded { text, .. } => deeds.push(text.clone()),
                EventKind::StepStarted { title: Some(title), .. } => deeds.push(title.clone()),
                _ => {}
            }
        }
        Self { ended: run.ended.outcome.word().to_owned(), deeds, within: test_writer::bound(run.seconds) }
    }
}

/// The test of a text.
fn read(program: &Program, text: &str) -> Option<Test> {
    let read = test_writer::read(text).ok()?;
    let came_by = cases(&read)
        .ok()?
        .iter()
        .filter_map(|case| Rehearsal::new(program, SourceId::default(), case.lines()).ok())
        .flat_map(|rehearsal| rehearsal.came_by())
        .collect();
    Some(Test { test: read, came_by })
}
