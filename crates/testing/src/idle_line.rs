//! Lines of a test that never take effect: what they are about never happens in its runs.
//!
//! *Not here:* what is given of metrics, services, locks and limits. It may stand there to show what does not matter.

use super::scripted::{GivenChange, GivenSubject, TestReader};
use super::simulated_run::{Performed, begins};
use rbl_check::Program;
use rbl_runtime::ActTarget;
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Test, TestStatement, TestStatementKind};

/// Returns the lines of a test, without those of its tables and of the background, that none of its runs needed.
pub(super) fn idle_lines(program: &Program, test: &Test, runs: &[Performed]) -> Vec<Span> {
    if runs.is_empty() {
        return Vec::new();
    }
    let own = |line: &&TestStatement| test.span.contains(line.span);
    let mut reader = TestReader::new(program, begins(program), test.body.iter()).ok();
    test.body
        .iter()
        .filter(own)
        .filter(|line| match &line.kind {
            TestStatementKind::Given { .. }
            | TestStatementKind::After { .. }
            | TestStatementKind::Answer { .. } => {
                let script = reader.as_mut().and_then(|reader| reader.script(std::iter::once(*line)).ok());
                script.is_some_and(|script| {
                    let after = |run: &Performed| {
                        script.after.iter().any(|it| run.acts.iter().any(|act| it.action.names(act)))
                    };
                    let needed = |run: &Performed| {
                        after(run) || script.changes.iter().any(|change| needs(run, change))
                    };
                    let says = !script.after.is_empty() || !script.changes.is_empty();
                    says && !runs.iter().any(needed)
                })
            }
            TestStatementKind::Param { .. }
            | TestStatementKind::Each { .. }
            | TestStatementKind::Expect(_)
            | TestStatementKind::Broken => false,
        })
        .map(|line| line.span)
        .collect()
}

/// Whether something happened in a run that this is about.
fn needs(run: &Performed, change: &GivenChange) -> bool {
    match &change.what {
        GivenSubject::Action(given) => run.acts.iter().any(|act| given.name.names(act)),
        GivenSubject::Approval(given) => run.acts.iter().any(|act| given.action.names(act)),
        GivenSubject::Probe(given) => run.looks.iter().any(|probe| given.name.names(probe)),
        GivenSubject::Answer(given) => {
            let instructed = |text: &String| *text == given.question;
            run.asked.contains(&given.question)
                || run
                    .acts
                    .iter()
                    .any(|act| matches!(&act.target, ActTarget::Instruction(text) if instructed(text)))
        }
        GivenSubject::Metric(_)
        | GivenSubject::Firing(_)
        | GivenSubject::Outage(_)
        | GivenSubject::Lock(_)
        | GivenSubject::Limit(_)
        | GivenSubject::Acknowledgement(_) => true,
    }
}
