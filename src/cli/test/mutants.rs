//! `rbl test --mutants`: changes the runbooks in small ways, and reports which changes no test notices.

use std::time::Instant;

use super::super::CliContext;
use super::super::processor_time::processor_time;
use super::{MutantsFormat, Suite, TestArguments, TestFormat, enough};
use rbl_report::mutants as report;
use rbl_report::tests::Tested;
use rbl_syntax::counted;
use rbl_syntax::tree;
use rbl_testing::mutants::Original;
use rbl_testing::mutants::trial;
use rbl_testing::mutants::{MutantTally, MutantTrials, Tried};
use rbl_testing::mutants::{SelectedTests, TestRuns};

/// A runbook and its selected tests.
struct MutantSubject<'a> {
    file: String,
    original: Original,
    files: Vec<SelectedTests<'a>>,
}

/// Runs the selected tests against the mutants of every target runbook, and prints the results. Returns whether the
/// share of noticed mutants reaches `--fail-under`.
pub(super) fn print(
    suites: &[Suite],
    wanted: &[(&Suite, &tree::Test)],
    results: &[Tested],
    broken: usize,
    asked: &TestArguments,
    context: &mut CliContext,
) -> bool {
    let failed = results.iter().filter(|result| !result.passed()).count();
    if failed > 0 {
        let of = counted(failed, "test fails", "tests fail");
        context.err.line(&format!("rbl: {of}: mutants are tried where every test passes"));
        return false;
    }
    let begun = Instant::now();
    let subjects = subjects(suites, wanted, asked.filter.is_some());
    let mut tried = Vec::new();
    for subject in &subjects {
        match TestRuns::of(&subject.files) {
            Ok(rehearsed) => tried.push((subject, rehearsed)),
            // It passed just before, in the same world.
            Err(_) => return false,
        }
    }
    let all: Vec<(&Original, &TestRuns<'_>)> =
        tried.iter().map(|(subject, rehearsed)| (&subject.original, rehearsed)).collect();
    let runbooks = tried.iter().zip(trial(&all, processor_time)).map(
        |((subject, _), MutantTrials { trials, untried })| Tried {
            file: subject.file.clone(),
            tests: subject.files.iter().map(|file| file.tests.len()).sum(),
            trials,
            untried,
        },
    );
    let tests: usize = suites.iter().map(|suite| suite.tests.len()).sum();
    let tally = MutantTally {
        runbooks: runbooks.collect(),
        left_out: tests - wanted.len(),
        broken,
        took: begun.elapsed(),
    };
    match asked.mutants {
        None => {}
        Some(MutantsFormat::Json) => report::json(&tally, &mut context.out),
        Some(MutantsFormat::Text) if asked.format == TestFormat::Pretty => {
            report::text(&tally, context.terminal.stdout, &mut context.out);
        }
        // A machine-readable report of the tests is not followed by text.
        Some(MutantsFormat::Text) => report::text(&tally, context.terminal.stderr, &mut context.err),
    }
    context.out.flush();
    enough(tally.noticed(), "mutants are noticed", asked, context)
}

/// Every target runbook, once, with its tests from all files. `filtered`: a runbook without a selected test is left
/// out.
fn subjects<'a>(
    suites: &'a [Suite],
    wanted: &[(&'a Suite, &'a tree::Test)],
    filtered: bool,
) -> Vec<MutantSubject<'a>> {
    let mut subjects: Vec<MutantSubject<'a>> = Vec::new();
    for suite in suites {
        let identity = |source: rbl_syntax::source::SourceId| suite.identities.get(source.0 as usize);
        let program = &suite.program;
        let Some(runbook) = program.runbook(program.main()) else { continue };
        let (Some(of), Some(source)) = (identity(runbook.source), program.sources().get(runbook.source))
        else {
            continue;
        };
        let of_suite = wanted.iter().filter(|(other, _)| std::ptr::eq(*other, suite));
        let tests: Vec<&tree::Test> = of_suite.map(|(_, test)| *test).collect();
        let original = Original::new(source, of);
        let at = subjects.iter().position(|subject| subject.original.is(of)).unwrap_or(subjects.len());
        if at == subjects.len() {
            subjects.push(MutantSubject { file: source.name().to_owned(), original, files: Vec::new() });
        }
        if let (Some(subject), Some(identity), false) =
            (subjects.get_mut(at), identity(suite.source), tests.is_empty())
        {
            subject.files.push(SelectedTests {
                program,
                tests,
                id: suite.source,
                identity: identity.clone(),
            });
        }
    }
    subjects.retain(|subject| !(filtered && subject.files.is_empty()));
    subjects
}
