//! History: `ago`, `over`, and `COND for D`.

use super::{printed, told, world};

const P99: &str = "metric p99 in ms from prometheus \"p99\"\nmetric base in ms from prometheus \"base\"\n";

fn judged(condition: &str, world: super::ScriptedWorld) -> String {
    let body = format!("{P99}if {condition} {{ \"yes\" }} else {{ \"no\" }} unknown {{ \"unknown\" }}");
    told(&body, world).prose()[0].to_owned()
}

fn window(values: &[f64]) -> super::ScriptedWorld {
    let values: Vec<Option<f64>> = values.iter().map(|value| Some(*value)).collect();
    world().window("p99", &values)
}

#[test]
fn as_of_then() {
    let told = told(
        &format!("{P99}\"#{{p99}} #{{p99 1h ago}} #{{p99 / (p99 1h ago)}}\""),
        world().given("p99", -7200.0, super::scripted_world::Given::One(50.0)).reading("p99", 100.0),
    );
    assert_eq!(told.log(), ["read p99", "read p99 at 2026-05-01T09:00:00Z"]);
    assert_eq!(told.prose(), ["100ms 50ms 2"]);
}

#[test]
fn functions_over_a_window() {
    let w = || window(&[100.0, 300.0, 200.0]);
    assert_eq!(printed(P99, "max(p99 over 2m)", w()), "300ms");
    assert_eq!(printed(P99, "min(p99 over 2m)", w()), "100ms");
    assert_eq!(printed(P99, "avg(p99 over 2m)", w()), "200ms");
    assert_eq!(printed(P99, "last(p99 over 2m) - first(p99 over 2m)", w()), "100ms");
    assert_eq!(printed(P99, "delta(p99 over 2m)", w()), "100ms");
    assert_eq!(printed(P99, "quantile(0.5, p99 over 2m)", w()), "200ms");
    assert_eq!(printed(P99, "count(p99 over 2m)", w()), "3");
    assert_eq!(printed(P99, "max(p99 over 30m)", world()), "no history");
}

#[test]
fn it_held_at_every_sample() {
    let held = "p99 < 500ms for 5m";
    assert_eq!(judged(held, window(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])), "yes");
    assert_eq!(judged(held, window(&[1.0, 2.0, 900.0, 4.0, 5.0, 6.0])), "no");
    assert_eq!(judged(held, world()), "unknown");
}

#[test]
fn a_gap_is_unknown_but_a_no_is_a_no() {
    let one = Some(1.0);
    let held = |values: &[Option<f64>]| judged("p99 < 500ms for 5m", world().window("p99", values));
    assert_eq!(held(&[one, one, None, one, one, one]), "unknown", "a gap within");
    assert_eq!(held(&[None, None, one, one, one, one]), "unknown", "missing at the beginning");
    assert_eq!(held(&[one, one, one, one, None, None]), "unknown", "missing at the end");
    assert_eq!(held(&[one, None, Some(900.0), one, one, one]), "no");
    assert_eq!(held(&[one, one, Some(f64::NAN), one, one, one]), "unknown");
}

/// What is not covered by samples is unknown: it is no good news, for no function that needs it.
#[test]
fn a_window_that_is_not_covered_is_unknown() {
    let one = Some(1.0);
    let max = |values: &[Option<f64>]| judged("max(p99 over 5m) < 500ms", world().window("p99", values));
    assert_eq!(max(&[one, one, one, one, one, one]), "yes");
    assert_eq!(max(&[one]), "unknown", "a single sample");
    assert_eq!(max(&[one, one, one, None, None, None]), "unknown", "missing at the end");
    assert_eq!(max(&[one, None, None, one, one, one]), "unknown", "missing within");
    assert_eq!(max(&[one, one, one, one, one, Some(f64::NAN)]), "unknown");
    assert_eq!(max(&[one, one, one, one, one, Some(f64::INFINITY)]), "unknown");
    let nan = [Some(f64::NAN); 6];
    assert_eq!(judged("count(p99 over 5m) < 1", world().window("p99", &nan)), "no", "six samples");
    assert_eq!(judged("p99 < 500ms for 5m", world().window("p99", &[one])), "unknown", "a single sample");
    let no_step = |values: &[Option<f64>]| world().window_at("p99", values, 0.0);
    assert_eq!(
        judged("p99 < 500ms for 5m", no_step(&[one])),
        "unknown",
        "nobody knows how far apart they come"
    );
    let last = |values: &[Option<f64>]| judged("last(p99 over 5m) < 500ms", world().window("p99", values));
    assert_eq!(last(&[None, None, None, None, one, one]), "yes");
    assert_eq!(last(&[one, one, one, None, None, None]), "unknown");
}

#[test]
fn several_metrics_are_aligned_by_time() {
    let both = |base: &[f64]| {
        let base: Vec<Option<f64>> = base.iter().map(|value| Some(*value)).collect();
        judged("p99 < base for 2m", window(&[10.0, 20.0, 30.0]).window("base", &base))
    };
    assert_eq!(both(&[11.0, 21.0, 31.0]), "yes");
    assert_eq!(both(&[11.0, 19.0, 31.0]), "no");
    assert_eq!(judged("p99 < 1s and base < 1s for 2m", window(&[1.0, 1.0, 1.0])), "unknown");
}

#[test]
fn the_sample_that_decided_is_told() {
    let body = format!("{P99}check p99 < 500ms for 5m");
    let told = told(&body, window(&[1.0, 2.0, 900.0, 4.0, 5.0, 6.0]));
    assert_eq!(told.unhandled(), ["`p99 < 500ms for 5m` is no (p99 = 900ms), and the check has no `else`"]);
    assert_eq!(told.log()[0], "read p99 over 300");
}

#[test]
fn a_look_back_through_a_named_expression() {
    let told = told(
        "metric e from prometheus \"e\"\nmetric r from prometheus \"r\"\nlet share(x) = e / x\n\
         if share(r) < 5% for 2m { \"yes\" }",
        world()
            .window("e", &[Some(1.0), Some(2.0), Some(3.0)])
            .window("r", &[Some(100.0), Some(100.0), Some(100.0)]),
    );
    assert_eq!(told.prose(), ["yes"]);
}
