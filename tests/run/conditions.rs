//! Yes, no, unknown; each arm; what is asked and what is not.

use rbl_runtime::{Answer, Outcome};
use rbl_syntax::value::{Reason, ReasonKind};

use super::scripted_world::{output, said};
use super::{told, world};

const P99: &str = "metric p99 in ms from prometheus \"p99\"\nmetric pool in % from prometheus \"pool\"\n";

#[test]
fn check_takes_each_arm_and_goes_on_behind() {
    let body = format!(
        "{P99}check p99 < 500ms else {{ \"slow: #{{p99}}\" }} unknown {{ \"cannot tell: #{{p99}}\" }}\n\"behind\""
    );
    assert_eq!(told(&body, world().reading("p99", 120.0)).ends(Outcome::Resolved).prose(), ["behind"]);
    assert_eq!(told(&body, world().reading("p99", 812.0)).prose(), ["slow: 812ms", "behind"]);
    assert_eq!(told(&body, world()).prose(), ["cannot tell: no data", "behind"]);
}

#[test]
fn else_is_not_taken_on_unknown() {
    let told = told(&format!("{P99}check p99 < 500ms else {{ \"slow\" }}"), world()).ends(Outcome::Escalated);
    assert!(told.prose().is_empty());
    assert_eq!(told.unhandled(), ["`p99 < 500ms` is unknown: no data, and the check has no `unknown`"]);
    assert_eq!(told.ended.paged.len(), 1);
}

#[test]
fn a_no_that_nothing_handles_pages_the_owner_with_the_story() {
    let told = told(&format!("{P99}\"look here\"\ncheck p99 < 500ms"), world().reading("p99", 812.0))
        .ends(Outcome::Escalated);
    let what = "`p99 < 500ms` is no (p99 = 812ms), and the check has no `else`";
    assert_eq!(told.deeds(), [format!("page api-oncall: {what}")]);
    let Some(rbl_runtime::Effect::Page(page)) = told.world.effects.last() else { panic!() };
    assert_eq!(page.story[0], "line 5: look here");
    assert_eq!(page.story[1], "line 6: p99 < 500ms is no (p99 = 812ms)");
    assert_eq!(page.story.len(), 2, "the reason is said once: {:?}", page.story);
}

#[test]
fn if_goes_on_behind_a_no_without_else() {
    let body = format!("{P99}if p99 > 500ms {{ \"slow\" }}\n\"behind\"");
    assert_eq!(told(&body, world().reading("p99", 1.0)).ends(Outcome::Resolved).prose(), ["behind"]);
    assert_eq!(told(&body, world().reading("p99", 900.0)).prose(), ["slow", "behind"]);
    let unknown = told(&body, world()).ends(Outcome::Escalated);
    assert!(unknown.unhandled()[0].ends_with("and the if has no `unknown`"));
}

#[test]
fn the_first_unknown_of_an_else_if_takes_unknown() {
    let body = format!(
        "{P99}if p99 > 1s {{ \"a\" }} else if pool > 90% {{ \"b\" }} else {{ \"c\" }} unknown {{ \"d\" }}"
    );
    assert_eq!(told(&body, world().reading("p99", 2000.0)).prose(), ["a"]);
    assert_eq!(told(&body, world().reading("p99", 1.0).reading("pool", 95.0)).prose(), ["b"]);
    assert_eq!(told(&body, world().reading("p99", 1.0).reading("pool", 5.0)).prose(), ["c"]);
    assert_eq!(told(&body, world().reading("p99", 1.0)).prose(), ["d"]);
    assert_eq!(told(&body, world().reading("pool", 95.0)).prose(), ["d"]);
}

#[test]
fn kleene_with_metrics() {
    let body = |condition: &str| {
        format!("{P99}if {condition} {{ \"yes\" }} else {{ \"no\" }} unknown {{ \"unknown\" }}")
    };
    // `p99` is unknown, `pool` is 95%.
    let cases = [
        ("p99 > 1s and pool < 10%", "no"),
        ("pool < 10% and p99 > 1s", "no"),
        ("p99 > 1s and pool > 10%", "unknown"),
        ("p99 > 1s or pool > 10%", "yes"),
        ("pool < 10% or p99 > 1s", "unknown"),
        ("not p99 > 1s", "unknown"),
        ("not pool > 10%", "no"),
        ("not (p99 > 1s and pool < 10%)", "yes"),
        ("p99 + 1s > 2s", "unknown"),
        ("pool in 90%..95%", "yes"),
        ("pool in 96%..99%", "no"),
        ("pool in [95%, 96%]", "yes"),
        ("true", "yes"),
    ];
    for (condition, wanted) in cases {
        assert_eq!(told(&body(condition), world().reading("pool", 95.0)).prose(), [wanted], "{condition}");
    }
}

#[test]
fn nothing_is_asked_that_is_not_needed() {
    let no_and = told("if false and \"A?\" { } else { }", world());
    assert!(no_and.log().is_empty(), "{:?}", no_and.log());
    let yes_or = told("if true or \"A?\" { }", world());
    assert!(yes_or.log().is_empty());
    let unknown_and = told("if \"A?\" and \"B?\" { } else { } unknown { }", world().no("B?"));
    assert_eq!(unknown_and.log(), ["ask A?", "ask B?"]);
}

#[test]
fn a_question_and_a_probe_at_most_once_within_a_condition() {
    let told = told(
        "if (\"A?\" and `p`) or (\"A?\" and not `p`) { \"yes\" }",
        world().yes("A?").probe("p", output(1, "")),
    );
    assert_eq!(told.log(), ["ask A?", "probe p"]);
    assert_eq!(told.prose(), ["yes"]);
}

#[test]
fn people_say_yes_no_and_not_sure() {
    let body = "check \"Is it real?\" else { \"no\" } unknown { \"unknown\" }";
    assert!(told(body, world().yes("Is it real?")).prose().is_empty());
    assert_eq!(told(body, world().no("Is it real?")).prose(), ["no"]);
    let unsure = Answer::Unknown(Reason::new(ReasonKind::NotSure, "not sure"), said("bo"));
    assert_eq!(told(body, world().answer("Is it real?", unsure)).prose(), ["unknown"]);
    let silent = told(body, world());
    assert_eq!(silent.prose(), ["unknown"]);
    assert!((silent.world.clock - 1_800.0).abs() < 1e-9);
}

#[test]
fn probes_say_yes_no_and_unknown_by_their_exit() {
    let body = "if `pg_isready` { \"yes\" } else { \"no\" } unknown { \"unknown\" }";
    let said = |output| told(body, world().probe("pg_isready", output)).prose()[0].to_owned();
    assert_eq!(said(output(0, "")), "yes");
    assert_eq!(said(output(1, "")), "no");
    assert_eq!(said(output(2, "")), "unknown");
    assert_eq!(said(output(127, "")), "unknown");
    let timed_out = rbl_syntax::value::CommandOutput {
        trouble: Some(Reason::new(ReasonKind::TimedOut, "no answer within 30s")),
        ..Default::default()
    };
    assert_eq!(said(timed_out), "unknown");
}

#[test]
fn any_and_every_over_series_and_lists() {
    let disk = "metric disk by instance in % from prometheus \"disk\"\n";
    let body = |condition: &str| {
        format!("{disk}if {condition} {{ \"yes\" }} else {{ \"no\" }} unknown {{ \"unknown\" }}")
    };
    let said = |condition: &str, values: &[(&str, f64)]| {
        told(&body(condition), world().series("disk", values)).prose()[0].to_owned()
    };
    let two = [("a", 95.0), ("b", 10.0)];
    assert_eq!(said("any disk > 90%", &two), "yes");
    assert_eq!(said("every disk > 90%", &two), "no");
    assert_eq!(said("every disk > 5%", &two), "yes");
    assert_eq!(said("any disk > 99%", &two), "no");
    assert_eq!(said("any disk in 5%..15%", &two), "yes");
    let hole = [("a", 95.0), ("b", f64::NAN)];
    assert_eq!(said("any disk > 90%", &hole), "yes");
    assert_eq!(said("every disk > 90%", &hole), "unknown");
    assert_eq!(said("every disk > 99%", &hole), "no");
    assert_eq!(said("any disk > 90%", &[]), "unknown");
    assert_eq!(told(&body("any [1, 2] > 1"), world()).prose(), ["yes"]);
}
