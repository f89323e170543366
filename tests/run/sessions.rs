//! One statement at a time, as the repl does.

use rbl_runtime::{NoObserver, Outcome, Session, StatementResult};

use super::{program, start, world};

const TEXT: &str = "param service = \"api\"\nmetric p99 in ms from prometheus \"p99\"\nlet limit = 500ms\n\
    let twice = limit * 2\ncheck p99 < twice\naction `a #{service}` finally `fa`\nstop \"here\"";

#[test]
fn names_promises_and_readings_are_kept_in_between() {
    let program = program(TEXT);
    let runbook = program.runbook(program.main()).unwrap().clone();
    let mut world = world().reading("p99", 10.0);
    let mut session = Session::new(start());
    assert_eq!(session.begin(&program, &mut world, &mut NoObserver), StatementResult::Continues);
    let statements: Vec<_> = runbook.steps.iter().flat_map(|step| &step.statements).collect();
    let mut before_action = None;
    let mut walked = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        if index + 2 == statements.len() {
            before_action = Some(session.clone());
        }
        walked.push(session.statement(&program, statement, &mut world, &mut NoObserver));
    }
    assert_eq!(walked.last(), Some(&StatementResult::Stopped("here".into())));
    assert!(walked[..walked.len() - 1].iter().all(|one| *one == StatementResult::Continues), "{walked:?}");
    let names: Vec<String> = session.names().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(names, ["service=api", "limit=500ms", "twice=1s"]);
    let ended = session.end(&program, &mut world, &mut NoObserver);
    assert_eq!(ended.outcome, Outcome::Resolved);
    assert_eq!(world.log, ["read p99", "act a api", "act fa"]);
    assert!(
        session.story().iter().any(|line| line.contains("p99 < twice is yes (p99 = 10ms")),
        "{:?}",
        session.story()
    );
    let ended = before_action.unwrap().end(&program, &mut world, &mut NoObserver);
    assert_eq!(
        (ended.outcome, world.log.len()),
        (Outcome::Resolved, 3),
        "taken back: nothing was promised yet"
    );
}
