//! Actions: how they are done, tried again, undone, and what is known of them afterwards.

use rbl_runtime::{ActTarget, Datum, Effect, EventKind, Interrupt, Outcome, Parked, Piece};
use rbl_syntax::value::SecretRef;

use super::{Told, told, world};

const ROLLBACK: &str = "param service = \"api\"\ndefine rollback(service) as `kubectl rollout undo deployment/#{service}`\n\
    define restart(what) as rundeck \"job-#{what}\"\ndefine drain(node) as \"Drain #{node}\"\n";

fn acts(told: &Told) -> Vec<&rbl_runtime::Act> {
    told.world
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Act(act) = effect { Some(act) } else { None })
        .collect()
}

#[test]
fn the_three_kinds_of_target() {
    let told = told(
        &format!(
            "{ROLLBACK}action \"Look at #{{service}}\"\naction `true #{{service}}` on \"db-1\" within 5m\n\
            action rollback(service)\naction restart(what: \"it\") by \"sre\"\naction drain(\"n1\")"
        ),
        world(),
    )
    .ends(Outcome::Resolved);
    let acts = acts(&told);
    assert_eq!(acts[0].target, ActTarget::Instruction("Look at api".into()));
    assert!((acts[0].within - 1_800.0).abs() < 1e-9);
    let ActTarget::Command(command) = &acts[1].target else { panic!() };
    assert_eq!(command.0, [Piece::Text("true ".into()), Piece::Value(Datum::Text("api".into()))]);
    assert_eq!((acts[1].title.as_str(), acts[1].host.as_deref()), ("true api", Some("db-1")));
    assert!((acts[1].within - 300.0).abs() < 1e-9);
    assert_eq!(acts[2].title, "rollback(service: \"api\")");
    assert_eq!(acts[2].call.as_ref().unwrap().name, "rollback");
    assert!((acts[2].within - 600.0).abs() < 1e-9);
    let ActTarget::Executor { executor, reference, arguments } = &acts[3].target else { panic!() };
    assert_eq!((executor.as_str(), reference.shown().as_str()), ("rundeck", "job-it"));
    assert_eq!((arguments[0].name.as_str(), &arguments[0].value), ("what", &Datum::Text("it".into())));
    assert_eq!(acts[3].by.as_deref(), Some("sre"));
    assert_eq!(acts[4].target, ActTarget::Instruction("Drain n1".into()));
}

#[test]
fn a_failure_takes_else_and_without_one_stops() {
    let handled = told("action `x` else { \"plan b\" }\n\"behind\"", world().fails("x", "exit code 1"));
    assert_eq!(handled.prose(), ["plan b", "behind"]);
    let unhandled =
        told("action `x`\n\"behind\"", world().fails("x", "exit code 1")).ends(Outcome::Escalated);
    assert_eq!(
        unhandled.deeds(),
        ["act x", "page api-oncall: the action `x` failed (exit code 1), and it has no `else`"]
    );
}

#[test]
fn retries_keep_their_key_and_wait_in_between() {
    let world = world().fails("x", "one").fails("x", "two").succeeds("x");
    let told = told("action `x` retry 2 every 10s", world).ends(Outcome::Resolved);
    assert_eq!(told.log(), ["act x", "sleep 10", "act x", "sleep 10", "act x"]);
    let keys: Vec<_> = acts(&told).iter().map(|act| (act.key.as_str(), act.attempt)).collect();
    assert_eq!(keys[0].0, keys[2].0);
    assert!(keys[0].0.starts_with("r1/"));
    assert!(acts(&told).iter().all(|act| act.tries == 3));
    assert_eq!(keys.iter().map(|key| key.1).collect::<Vec<_>>(), [1, 2, 3]);
    let retried = told.events.iter().filter(|event| matches!(event.kind, EventKind::ActionRetried { .. }));
    assert_eq!(retried.count(), 2);
}

#[test]
fn what_still_runs_is_not_retried() {
    let world = world().still_runs("x", "timed out after 1s, and sleep (pid 7) still runs").succeeds("x");
    let told = told("action `x` retry 2 every 10s else { \"given up\" }", world).ends(Outcome::Resolved);
    assert_eq!(told.log(), ["act x"]);
    assert_eq!(told.prose(), ["given up"]);
    let failures = told.events.iter().filter_map(|event| match &event.kind {
        EventKind::ActionEnded { failure: Some(reason), .. } => Some(reason.text.as_str()),
        _ => None,
    });
    let said = "timed out after 1s, and sleep (pid 7) still runs (so it is not retried)";
    assert_eq!(failures.collect::<Vec<_>>(), [said]);
}

#[test]
fn retries_end_where_they_are_written_to_end() {
    let world = world().fails("x", "1").fails("x", "2").fails("x", "3").fails("x", "4");
    let told = told("action `x` retry 2 else { \"given up\" }", world).ends(Outcome::Resolved);
    assert_eq!(acts(&told).len(), 3);
    assert_eq!(told.prose(), ["given up"]);
}

#[test]
fn keys_differ_from_pass_to_pass() {
    let told = told("for each n in [\"a\", \"b\"] up to 2 { action `x #{n}` }", world());
    let keys: Vec<&str> = acts(&told).iter().map(|act| act.key.as_str()).collect();
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn the_result_has_a_name() {
    let told = told(
        "action `deploy` as out\n\"#{out.text} #{out.status} #{length(out.lines)}\"\naction \"Look\" as remark\n\"#{remark}\"",
        world().prints("deploy", "v1\nv2\n").remarks("Look", "all green"),
    );
    assert_eq!(told.prose(), ["v1\nv2 0 2", "all green"]);
}

#[test]
fn an_unknown_never_gets_into_a_command() {
    let told = told(
        "metric age in s from prometheus \"age\"\naction `wait-for #{age}` as out else { \"not done\" }\n\"#{out}\"",
        world(),
    );
    assert!(acts(&told).is_empty());
    assert_eq!(told.prose(), ["not done", "not done: `age` is unknown: no data"]);
}

#[test]
fn secrets_are_handed_over_by_reference_only() {
    let told =
        told("secret token from env \"TOKEN\"\naction `login #{token}`", world()).ends(Outcome::Resolved);
    assert_eq!(told.log()[0], "secret token");
    let ActTarget::Command(command) = &acts(&told)[0].target else { panic!() };
    assert_eq!(command.0[1], Piece::Value(Datum::Secret(SecretRef::Env("TOKEN".into()))));
    assert_eq!(acts(&told)[0].title, "login •••");
}

#[test]
fn a_secret_that_cannot_be_read_stops_before_anything_is_done() {
    let told = told("secret token from env \"TOKEN\"\naction `login #{token}`", world().no_secret("token"))
        .ends(Outcome::Escalated);
    assert!(acts(&told).is_empty());
    assert!(told.unhandled()[0].starts_with("the secret `token` cannot be read"));
}

#[test]
fn values_go_out_as_what_they_are() {
    let told = told("action `x #{5m} #{10kB} #{90%} #{3} #{[\"a\", \"b\"]} #{true} #{20MB/s}`", world());
    let ActTarget::Command(command) = &acts(&told)[0].target else { panic!() };
    let data: Vec<_> =
        command.0.iter().filter_map(|p| if let Piece::Value(d) = p { Some(d) } else { None }).collect();
    assert_eq!(*data[0], Datum::Duration(300.0));
    assert_eq!(*data[1], Datum::Data(10_000.0));
    assert_eq!(*data[2], Datum::Number(0.9));
    assert_eq!(*data[3], Datum::Number(3.0));
    assert_eq!(*data[4], Datum::List(vec![Datum::Text("a".into()), Datum::Text("b".into())]));
    assert_eq!(*data[5], Datum::Bool(true));
    assert_eq!(*data[6], Datum::Text("20MB/s".into()));
}

#[test]
fn finally_and_undo_last_started_first_undone() {
    let body = "action `a` finally `fa` undo `ua`\naction `b` on \"h\" finally `fb`\naction `c` undo `uc`\n";
    let good = told(body, world()).ends(Outcome::Resolved);
    assert_eq!(good.deeds(), ["act a", "act b on h", "act c", "act fb on h", "act fa"]);
    let bad = told(&format!("{body}stop \"no\""), world()).ends(Outcome::Escalated);
    assert_eq!(
        bad.deeds(),
        ["act a", "act b on h", "act c", "page api-oncall: no", "act uc", "act fb on h", "act ua", "act fa"]
    );
}

#[test]
fn what_was_started_and_failed_is_cleaned_up_too() {
    let told = told("action `a` finally `fa` else { }", world().fails("a", "x")).ends(Outcome::Resolved);
    assert_eq!(told.deeds(), ["act a", "act fa"]);
}

#[test]
fn what_was_never_started_is_not_cleaned_up() {
    let told = told(
        "metric m from prometheus \"m\"\naction `a #{m}` finally `fa` else { }\nif false { action `b` finally `fb` }",
        world(),
    )
    .ends(Outcome::Resolved);
    assert!(told.deeds().is_empty());
}

#[test]
fn an_action_whose_undo_is_not_known_is_not_started() {
    let told = told("metric m from prometheus \"m\"\naction `a` undo `ua #{m}` else { \"no\" }", world());
    assert_eq!(told.deeds(), Vec::<&str>::new());
    assert_eq!(told.prose(), ["no"]);
}

#[test]
fn an_undo_keeps_the_values_of_its_action() {
    let told = told(
        "for each n in [\"a\", \"b\"] up to 2 { action `drain #{n}` undo `undrain #{n}` }\nstop",
        world(),
    );
    assert_eq!(told.deeds()[3..], ["act undrain b", "act undrain a"]);
}

#[test]
fn a_failed_finally_of_a_resolved_run_calls_the_owner() {
    let told = told("action `a` finally `fa`", world().fails("fa", "exit code 1")).ends(Outcome::Escalated);
    assert_eq!(told.deeds()[2], "page api-oncall: cleanup failed: `fa`: exit code 1");
}

#[test]
fn one_failed_cleanup_keeps_no_other_from_being_tried() {
    let told = told("action `a` finally `fa`\naction `b` finally `fb`\nstop", world().fails("fb", "x"))
        .ends(Outcome::Escalated);
    assert_eq!(told.deeds()[3..5], ["act fb", "act fa"]);
    assert!(told.deeds()[5].starts_with("page api-oncall: cleanup"));
}

#[test]
fn an_aborted_run_is_cleaned_up() {
    let body = "action `a` finally `fa` undo `ua`\nwait 10m\n\"behind\"";
    let told = told(body, world().aborts("sleep")).ends(Outcome::Aborted);
    assert_eq!(told.deeds(), ["act a", "act ua", "act fa"]);
    assert!(told.prose().is_empty());
    assert_eq!(told.ended.message, "broken off by ana");
}

#[test]
fn a_second_abort_sets_the_run_aside() {
    let told = told(
        "action `a` finally `fa`\naction `b` undo `ub`\nwait 1m",
        world().aborts("sleep").aborts("act ub"),
    )
    .ends(Outcome::Waiting);
    assert_eq!(told.ended.pending, ["ub", "fa"]);
    assert_eq!(told.ended.parked, Some(Parked::ByHand));
}

#[test]
fn an_abort_while_a_good_run_cleans_up_breaks_off_only_that_one() {
    let told = told("action `a` finally `fa`\naction `b` finally `fb`", world().aborts("act fb"))
        .ends(Outcome::Aborted);
    assert_eq!(told.deeds(), ["act a", "act b", "act fb", "act fa"]);
}

#[test]
fn a_parked_run_is_not_cleaned_up() {
    let parked = Interrupt::Parked(Parked::person("Is it?"));
    let told = told("action `a` finally `fa`\ncheck \"Is it?\"", world().breaks_in("ask", parked.clone()))
        .ends(Outcome::Waiting);
    assert_eq!(told.deeds(), ["act a", "ask Is it?"]);
    assert_eq!(told.ended.pending, ["fa"]);
    assert_eq!(told.ended.parked.map(Interrupt::Parked), Some(parked));
}
