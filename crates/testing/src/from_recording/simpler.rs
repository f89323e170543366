//! Simplifies a premise: [`simpler`] leaves out the lines that do not affect its run.

use super::point::{StoryPoint, difference, of_performed, texts};
use crate::scripted::{GivenChange, Script};
use crate::{Performed, Premise, SimulatedRun};
use rbl_check::Program;

/// The limit of tries; more would not save a reader much.
const MOST: u32 = 4_000;

/// The most points of runs that all tries pass together: the tries of a long run cost as much as it is long.
const MOST_WORK: usize = 500_000;

/// The premise with as few lines as its run needs to take the same way and to show people the same texts.
pub(super) fn simpler(program: &Program, premise: &Premise, run: &Performed) -> Premise {
    let mut search = Simplifier { program, was: of_performed(run), texts: texts(run), tries: 0, work: 0 };
    let mut best = premise.clone();
    let mut size = lines(&best.script).max(1);
    while size >= 1 {
        // Start from the end, so that of equal values the first one stays.
        let mut end = lines(&best.script);
        while end > 0 && search.tries < MOST && search.work < MOST_WORK {
            let begin = end.saturating_sub(size);
            let without = Premise { script: without(&best.script, begin, end), ..best.clone() };
            if search.is_same(&without) {
                best = without;
            }
            end = begin;
        }
        size /= 2;
    }
    best
}

struct Simplifier<'a> {
    program: &'a Program,
    was: Vec<StoryPoint>,
    texts: Vec<&'a str>,
    tries: u32,
    work: usize,
}

impl Simplifier<'_> {
    fn is_same(&mut self, premise: &Premise) -> bool {
        self.tries += 1;
        self.work += self.was.len() + lines(&premise.script);
        let run = SimulatedRun::of(self.program, premise.clone()).perform();
        difference(&self.was, &of_performed(&run)).is_none() && texts(&run) == self.texts
    }
}

/// The number of lines that describe the world.
fn lines(script: &Script) -> usize {
    script.changes.len() + script.after.iter().map(|after| after.changes.len()).sum::<usize>()
}

/// The script without these lines; the lines of the test come first, then those of each action.
fn without(script: &Script, begin: usize, end: usize) -> Script {
    let mut number = 0;
    let mut keep = |changes: &[GivenChange]| -> Vec<GivenChange> {
        let kept = changes.iter().filter(|_| {
            number += 1;
            !(begin..end).contains(&(number - 1))
        });
        kept.cloned().collect()
    };
    let mut left = Script { changes: keep(&script.changes), ..script.clone() };
    for after in &mut left.after {
        after.changes = keep(&after.changes);
    }
    left.after.retain(|after| !after.changes.is_empty());
    left
}
