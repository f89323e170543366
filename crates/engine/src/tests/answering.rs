//! A run from its start to its end, with a question in between.

use std::time::Duration;

use rbl_runtime::Outcome;
use rbl_runtime::journal::{RunQuery, RunSummary};

use super::{Bench, Log, done, turn};
use crate::{AnswerInput, AnswerRefusal, AnswerTaken, AnswerWay, Engine, EngineError, OpenQuestion, TurnEnd};

const TTL: Duration = Duration::from_mins(1);
const BODY: &str = "action `first`\ncheck \"Is it well?\" else { stop \"no\" }\naction `second`";

fn given(text: &str) -> AnswerInput<'_> {
    AnswerInput { text, remark: None, name: "bo", way: AnswerWay::Here }
}

/// Answers what the run asks.
fn answer(
    engine: &Engine,
    look: &dyn RunQuery,
    run: &RunSummary,
    given: &AnswerInput<'_>,
) -> Result<AnswerTaken, AnswerRefusal> {
    engine.answer(look, &OpenQuestion::of(look, run, given.way)?, given)
}

#[test]
fn a_run_is_started_parked_answered_resumed_and_ends() {
    let (bench, log) = (Bench::new(), Log::default());
    let engine = bench.engine("w1", TTL);
    let look = &bench.store.memory;
    let claimed = bench.inputs("r1", BODY, |inputs| engine.begin(inputs)).unwrap();
    assert_eq!(bench.state("r1"), "running");
    let running = answer(&engine, look, &bench.summary("r1"), &given("yes")).unwrap_err();
    assert!(running.to_string().contains("is held by w1"), "{running}");

    let TurnEnd::Ended(ended) = turn(&engine, claimed, &log) else { panic!() };
    assert_eq!((ended.outcome, bench.state("r1")), (Outcome::Waiting, "waiting"));
    assert!(engine.claim_due(9).unwrap().is_empty(), "nothing is due before the answer");

    let misfit = answer(&engine, look, &bench.summary("r1"), &given("perhaps")).unwrap_err();
    assert!(matches!(&misfit, AnswerRefusal::Misfit { fits, .. } if fits.contains("yes")), "{misfit:?}");
    answer(&engine, look, &bench.summary("r1"), &given("yes")).unwrap();
    let second = answer(&engine, look, &bench.summary("r1"), &given("no")).unwrap_err();
    assert!(second.to_string().starts_with("run r1 is already answered by bo at "), "{second}");
    assert!(second.to_string().ends_with(": yes"), "the first one counts: {second}");

    // Another worker may resume it.
    let other = bench.engine("w2", TTL);
    let claimed = other.claim_due(9).unwrap().remove(0).unwrap();
    let TurnEnd::Ended(ended) = turn(&other, claimed, &log) else { panic!() };
    assert_eq!((ended.outcome, bench.state("r1")), (Outcome::Resolved, "resolved"));
    assert_eq!(done(&log), ["first", "second"]);

    assert_eq!(engine.claim("r1").unwrap_err(), EngineError::Ended { run: "r1".into() });
    let over = answer(&engine, look, &bench.summary("r1"), &given("yes")).unwrap_err();
    assert_eq!(over, AnswerRefusal::Ended { run: "r1".into(), outcome: Some(Outcome::Resolved) });
}

#[test]
fn of_many_answers_at_once_one_counts() {
    let (bench, log) = (Bench::new(), Log::default());
    let engine = bench.engine("w1", TTL);
    for round in 0..50 {
        let run = format!("r{round}");
        let claimed = bench.inputs(&run, BODY, |inputs| engine.begin(inputs)).unwrap();
        turn(&engine, claimed, &log);
        let summary = bench.summary(&run);
        let accepted = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for text in ["yes", "no", "not sure", "yes"] {
                let (engine, summary, accepted) = (&engine, &summary, &accepted);
                let look = &bench.store.memory;
                scope.spawn(move || match answer(engine, look, summary, &given(text)) {
                    Ok(_) => drop(accepted.fetch_add(1, std::sync::atomic::Ordering::SeqCst)),
                    Err(AnswerRefusal::Already { .. }) => {}
                    Err(other) => panic!("{other:?}"),
                });
            }
        });
        assert_eq!(accepted.into_inner(), 1);
    }
}

/// Two people press *yes* at once: the second answer does not approve what the run asks next.
#[test]
fn an_answer_counts_for_the_question_that_was_read_and_for_no_other() {
    let (bench, log) = (Bench::new(), Log::default());
    let engine = bench.engine("w1", TTL);
    let look = &bench.store.memory;
    let body = "check \"Is it real?\" else { stop \"no\" }\ncheck \"May it be deleted?\" else { stop \"no\" }\naction `delete`";
    let claimed = bench.inputs("r1", body, |inputs| engine.begin(inputs)).unwrap();
    turn(&engine, claimed, &log);
    let first = OpenQuestion::of(look, &bench.summary("r1"), AnswerWay::Here).unwrap();
    let late = OpenQuestion::of(look, &bench.summary("r1"), AnswerWay::Here).unwrap();
    engine.answer(look, &first, &given("yes")).unwrap();
    let claimed = engine.claim_due(9).unwrap().remove(0).unwrap();
    turn(&engine, claimed, &log);
    assert_eq!(bench.state("r1"), "waiting", "it asks the next question");
    let cy = AnswerInput { name: "cy", ..given("yes") };
    let refused = engine.answer(look, &late, &cy).unwrap_err();
    assert!(matches!(refused, AnswerRefusal::TooLate { .. } | AnswerRefusal::Already { .. }), "{refused:?}");
    assert!(engine.claim_due(9).unwrap().is_empty(), "nobody has answered it");
    assert_eq!(done(&log), Vec::<String>::new());
}

#[test]
fn only_members_of_the_team_answer() {
    let (bench, log) = (Bench::new(), Log::default());
    let engine = bench.engine("w1", TTL);
    let body = "check \"Is it well?\" by \"dba\" else { stop \"no\" }";
    let claimed = bench.inputs("r1", body, |inputs| engine.begin(inputs)).unwrap();
    turn(&engine, claimed, &log);
    let config = "[teams.dba]\ntype = \"terminal\"\nmembers = [\"cy\"]\n";
    std::fs::write(bench.folder.path().join("rbl.toml"), config).unwrap();
    let look = &bench.store.memory;
    let refused = answer(&engine, look, &bench.summary("r1"), &given("yes")).unwrap_err();
    let name = "bo".into();
    assert_eq!(refused, AnswerRefusal::MayNot { members: vec!["cy".into()], name });
    let cy = AnswerInput { name: "cy", ..given("yes") };
    answer(&engine, look, &bench.summary("r1"), &cy).unwrap();
    // A configuration with mistakes is reported, and says nothing about who may answer.
    std::fs::write(bench.folder.path().join("rbl.toml"), "[teams.dba]\ntype = \"telepathy\"\n").unwrap();
    let broken = answer(&engine, look, &bench.summary("r1"), &cy).unwrap_err();
    assert_eq!(broken, AnswerRefusal::Engine(EngineError::Misconfigured));
}

#[test]
fn two_starts_of_one_cause_are_one_run() {
    let bench = Bench::new();
    let engine = bench.engine("w1", TTL);
    let start = |run: &str| {
        bench.inputs(run, BODY, |inputs| {
            let inputs = crate::Inputs {
                dedupe: Some("alert".into()),
                sources: inputs.sources.clone(),
                providers: [].into(),
                by: "ana".into(),
                ..*inputs
            };
            (engine.start(&inputs), engine.begin(&inputs).err())
        })
    };
    let again = Some(EngineError::AlreadyStarted { run: "r1".into() });
    assert_eq!(start("r1"), (Ok(("r1".into(), true)), again.clone()));
    assert_eq!(start("r2"), (Ok(("r1".into(), false)), again));
    assert_eq!(bench.runs().len(), 1);
}
