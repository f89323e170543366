//! Lines of a test that never take effect: what they are about never happens in its runs.
//!
//! *Not here:* what is given of metrics, services, locks and limits. It may stand there to show what does not matter.

use std::collections::HashMap;

use super::scripted::{ActionName, GivenChange, GivenSubject, NameKey, ProbeName, TestReader};
use super::simulated_run::{Performed, begins};
use rbl_check::Program;
use rbl_runtime::{Act, ActTarget, Probe};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Test, TestStatement, TestStatementKind};

/// Returns the lines of a test, without those of its tables and of the background, that none of its runs needed.
pub(super) fn idle_lines(program: &Program, test: &Test, runs: &[Performed]) -> Vec<Span> {
    if runs.is_empty() {
        return Vec::new();
    }
    let own = |line: &&TestStatement| test.span.contains(line.span);
    let runs: Vec<Happened<'_>> = runs.iter().map(Happened::of).collect();
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
                    let after = |run: &Happened<'_>| script.after.iter().any(|it| run.did(&it.action));
                    let needed = |run: &Happened<'_>| {
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

/// What happened in a run, found by its names.
struct Happened<'r> {
    run: &'r Performed,
    acts: HashMap<NameKey, Vec<&'r Act>>,
    looks: HashMap<NameKey, Vec<&'r Probe>>,
}

impl<'r> Happened<'r> {
    fn of(run: &'r Performed) -> Self {
        let (mut acts, mut looks) = (HashMap::new(), HashMap::new());
        for act in &run.acts {
            for key in NameKey::of_act(act) {
                acts.entry(key).or_insert_with(Vec::new).push(act);
            }
        }
        for probe in &run.looks {
            for key in NameKey::of_probe(probe) {
                looks.entry(key).or_insert_with(Vec::new).push(probe);
            }
        }
        Self { run, acts, looks }
    }

    fn did(&self, name: &ActionName) -> bool {
        self.acts.get(&name.key()).is_some_and(|acts| acts.iter().any(|act| name.names(act)))
    }

    fn looked(&self, name: &ProbeName) -> bool {
        self.looks.get(&name.key()).is_some_and(|looks| looks.iter().any(|probe| name.names(probe)))
    }

    fn was_instructed(&self, text: &str) -> bool {
        let acts = self.acts.get(&NameKey::Instruction(text.to_owned()));
        acts.is_some_and(|acts| {
            acts.iter().any(|act| matches!(&act.target, ActTarget::Instruction(it) if it == text))
        })
    }
}

/// Whether something happened in a run that this is about.
fn needs(happened: &Happened<'_>, change: &GivenChange) -> bool {
    match &change.what {
        GivenSubject::Action(given) => happened.did(&given.name),
        GivenSubject::Approval(given) => happened.did(&given.action),
        GivenSubject::Probe(given) => happened.looked(&given.name),
        GivenSubject::Answer(given) => {
            happened.run.asked.contains(&given.question) || happened.was_instructed(&given.question)
        }
        GivenSubject::Metric(_)
        | GivenSubject::Firing(_)
        | GivenSubject::Outage(_)
        | GivenSubject::Lock(_)
        | GivenSubject::Limit(_)
        | GivenSubject::Acknowledgement(_) => true,
    }
}
