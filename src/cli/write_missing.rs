//! `rbl test --write-missing [N]`: writes tests for the arms that no test takes yet, for a person to review.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::processor_time::processor_time;
use super::test::{Suite, Suites, TestArguments};
use super::{CliContext, CommandResult};
use crate::Exit;
use rbl_check::Program;
use rbl_check::paths::{ArmId, Turn};
use rbl_project::Refusal;
use rbl_project::parallel;
use rbl_syntax::counted;
use rbl_syntax::source::{Source, Span};
use rbl_testing::coverage::TakenPaths;
use rbl_testing::fuzz::{Hints, Oracle, UnnoticedMutant, UnnoticedSearch, missing};
use rbl_testing::mutants::{Original, Quotes, notices};
use rbl_testing::test_writer;
use rbl_testing::test_writer::WrittenTest;
use rbl_testing::{EventUse, TestBudget, executed_statements, run_test};

/// The most arms that are named because no world takes them.
const MOST_NOT_FOUND: usize = 50;

/// Arms of any program, by the identity of their file.
type ArmsByFile = BTreeSet<(String, Span, Turn)>;

/// The new tests of one runbook.
struct ForReview {
    file: String,
    tests: Vec<WrittenTest>,
    /// Tests that could not be found or written, with the reason.
    left: Vec<String>,
    /// The changes that no test notices, not even one that was written; each with its place and the reason.
    unnoticed: Vec<String>,
}

/// Writes the missing tests of each target runbook: at most `most` in all, or without a limit if `most` is 0.
pub(super) fn missing_tests(asked: &TestArguments, most: usize, context: &mut CliContext) -> CommandResult {
    let found = Suites::whole(&asked.paths, context);
    let exit = found.exit(context);
    let mut suites = found.all;
    if suites.is_empty() && exit.is_none() {
        return Err(Refusal::new(format!("no runbook found in {}", asked.paths.join(", "))));
    }
    let (taken, failing) = taken(&mut suites);
    if failing > 0 {
        let (tests, fail, they) =
            if failing == 1 { ("test", "fails", "it") } else { ("tests", "fail", "they") };
        context.err.line(&format!(
            "rbl: {failing} {tests} {fail}: what {they} would notice is not counted; `rbl test` says why"
        ));
    }
    let mut known = BTreeSet::new();
    let mains: Vec<&Suite> = suites.iter().filter(|suite| known.insert(suite.file().to_owned())).collect();
    let all = parallel::each(&mains, |suite| for_review(suite, &suites, &taken));
    let mut exit = exit.unwrap_or(Exit::Fine);
    let mut left = if most == 0 { usize::MAX } else { most };
    for mut one in all {
        one.tests.truncate(left);
        left = left.saturating_sub(one.tests.len());
        for what in &one.left {
            context.err.line(&format!("{}: {what}", one.file));
        }
        for what in &one.unnoticed {
            context.err.line(what);
        }
        if one.tests.is_empty() {
            let what =
                if one.left.is_empty() { "no test is missing" } else { "no further test was found to write" };
            context.out.line(&format!("{}: {what}", one.file));
            continue;
        }
        match test_writer::put(Path::new(&one.file), &one.tests) {
            Ok(put) => {
                let count = counted(put.titles.len(), "test", "tests");
                let new = if put.new { " (a new file)" } else { "" };
                context.out.line(&format!("{}{new}: {count} written, for you to review", put.path.display()));
                for title in &put.titles {
                    context.out.line(&format!("  + {title}"));
                }
            }
            Err(why) => {
                context.err.line(&Refusal::new(why).to_string());
                exit = Exit::Cannot;
            }
        }
    }
    context.out.flush();
    Ok(exit)
}

/// The arms that all tests of this call take, of any runbook, and the number of tests that fail. Failing tests are
/// left out from then on, as they would fail with every change.
fn taken(suites: &mut [Suite]) -> (ArmsByFile, usize) {
    let mut everywhere = ArmsByFile::new();
    let arms = parallel::each(&*suites, |suite| {
        let paths = Oracle::new(&suite.program).paths;
        let mut taken = TakenPaths::default();
        let (mut passed, budget) = (Vec::new(), TestBudget::default());
        for test in &suite.tests {
            let result = run_test(&suite.program, suite.source, test, EventUse::Telling, &budget);
            taken.add(TakenPaths::by(&result.runs, &paths));
            passed.push(result.passed());
        }
        (taken.arms.into_keys().collect::<Vec<ArmId>>(), passed)
    });
    let mut failing = 0;
    for (suite, (arms, passed)) in suites.iter_mut().zip(arms) {
        everywhere.extend(arms.into_iter().filter_map(|arm| everywhere_else(suite, arm)));
        failing += passed.iter().filter(|passed| !**passed).count();
        let mut passed = passed.into_iter();
        suite.tests.retain(|_| passed.next() == Some(true));
    }
    (everywhere, failing)
}

fn everywhere_else(suite: &Suite, arm: ArmId) -> Option<(String, Span, Turn)> {
    let identity = suite.identities.get(arm.place.source.0 as usize)?;
    Some((identity.clone(), arm.place.span, arm.turn))
}

fn for_review(suite: &Suite, all: &[Suite], taken: &ArmsByFile) -> ForReview {
    let program = &suite.program;
    let file = suite.file().to_owned();
    let oracle = Oracle::new(program).within_time_of(processor_time);
    let own = program.main_source();
    // Arms of a runbook that this one runs are missing in that runbook, not here.
    let is_taken = |arm: &ArmId| {
        arm.place.source != own || everywhere_else(suite, *arm).is_some_and(|it| taken.contains(&it))
    };
    let taken: BTreeSet<ArmId> = oracle.paths.arms().iter().map(|arm| arm.id).filter(is_taken).collect();
    let hints = Hints::of(program, processor_time);
    let found = missing(&oracle, &hints, &taken);
    let mut one = ForReview { file, tests: Vec::new(), left: Vec::new(), unnoticed: Vec::new() };
    let mut lost: HashMap<ArmId, String> = HashMap::new();
    for world in found.missing.clone() {
        match test_writer::test(program, &world.title, &world.premise) {
            Ok(text) => one.tests.push(WrittenTest { title: world.title, text }),
            Err(why) => {
                for arm in world.arms {
                    lost.entry(arm).or_insert_with(|| format!("\"{}\" was not written: {why}", world.title));
                }
            }
        }
    }
    if let Some(original) = original(suite) {
        let own: Vec<&Suite> = all.iter().filter(|other| other.file() == one.file).collect();
        let own_tests = || own.iter().flat_map(|other| other.tests.iter().map(move |test| (other, test)));
        let is_noticed = |changed: &Program, quotes: &Quotes| {
            own_tests().any(|(other, test)| !oracle.is_over() && notices(changed, quotes, other.source, test))
        };
        let executed = own_tests()
            .take_while(|_| !oracle.is_over())
            .map(|(other, test)| executed_statements(&other.program, other.source, test))
            .sum();
        let found =
            UnnoticedSearch::new(&oracle, &hints, &found, &one.tests).tests(&original, &is_noticed, executed);
        one.tests.extend(found.tests);
        let mut untried = found.untried;
        let texts = test_texts(&one, suite, &own);
        let is_misfit = |it: &UnnoticedMutant| {
            texts.iter().any(|(tests, identity)| !original.whole_fits(&it.mutant, tests, identity))
        };
        // A test that names something that no longer exists notices it, too.
        for (at, it) in found.left.iter().enumerate() {
            if oracle.is_over() {
                untried += found.left.len() - at;
                break;
            }
            if !is_misfit(it) {
                one.unnoticed.push(unnoticed(&one.file, it));
            }
        }
        if untried > 0 {
            let more = counted(untried, "more change was", "more changes were");
            one.left.push(format!("{more} not tried: all of them would take too long"));
        }
    }
    if found.cut {
        one.left.push(
            "the search was ended because it would take too long: look at these tests, then let it go on from them"
                .to_owned(),
        );
    }
    let mut whys: Vec<String> = lost.into_values().collect();
    whys.sort();
    whys.dedup();
    one.left.extend(whys);
    let more = found.not_found.len().saturating_sub(MOST_NOT_FOUND);
    for arm in found.not_found.into_iter().take(MOST_NOT_FOUND) {
        let line =
            program.sources().get(arm.shown.source).map_or(0, |it| it.line_column(arm.shown.span.start).line);
        let text = arm.text.split_whitespace().collect::<Vec<_>>().join(" ");
        one.left
            .push(format!("no world was found in which line {line} goes this way: {text} → {}", arm.turn));
    }
    if more > 0 {
        let arms = counted(more, "arm", "arms");
        one.left.push(format!("{arms} that no test takes {} left", if more == 1 { "is" } else { "are" }));
    }
    one
}

/// A change that no test notices, in one line: `spool.rb:5: no test notices "load < 50" → "load < 55": …`.
fn unnoticed(file: &str, it: &UnnoticedMutant) -> String {
    let in_one_line = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join(" / ");
    let (before, after) = (in_one_line(&it.mutant.before), in_one_line(&it.mutant.after));
    let after = if after.is_empty() { "(dropped)" } else { &after };
    format!("{file}:{}: no test notices {before} → {after}: {}", it.mutant.line, it.why)
}

/// The files with tests of a runbook, and one with the new tests; each with its identity.
fn test_texts(one: &ForReview, suite: &Suite, own: &[&Suite]) -> Vec<(Source, String)> {
    let mut texts: Vec<(Source, String)> = own
        .iter()
        .filter_map(|other| {
            let source = other.program.sources().get(other.source)?;
            Some((source.clone(), other.identities.get(other.source.0 as usize)?.clone()))
        })
        .collect();
    let path = Path::new(&one.file);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!("tests for \"{name}\"\n");
    for test in &one.tests {
        text.push('\n');
        text.push_str(&test.text);
    }
    let identity = suite.identities.get(suite.program.main_source().0 as usize).cloned().unwrap_or_default();
    let beside = |path: &str| test_writer::beside(Path::new(path)).map(|it| it.display().to_string());
    if let (Some(shown), Some(identity)) = (beside(&one.file), beside(&identity)) {
        texts.push((Source::new(shown, text), identity));
    }
    texts
}

/// The runbook of a suite, as parsed from its file.
fn original(suite: &Suite) -> Option<Original> {
    let source = suite.program.main_source();
    let identity = suite.identities.get(source.0 as usize)?;
    Some(Original::new(suite.program.sources().get(source)?, identity))
}
