//! Readings: kept, taken again, and unknown with their own reasons.

use rbl_runtime::{Effect, Outcome, Piece};
use rbl_syntax::value::ReasonKind;

use super::scripted_world::{Given, labels};
use super::{printed, told, world};

const P99: &str = "metric p99 in ms from prometheus \"p99\"\n";

#[test]
fn a_reading_is_kept_until_the_run_acts_waits_or_asks() {
    let body = |between: &str| format!("{P99}\"#{{p99}}\"\n{between}\n\"#{{p99}}\"");
    let reads = |between: &str| {
        let told = told(&body(between), world().reading("p99", 5.0).yes("Q?"));
        told.log().iter().filter(|line| **line == "read p99").count()
    };
    assert_eq!(reads(""), 1);
    assert_eq!(reads("\"told\""), 1);
    assert_eq!(reads("record \"x\""), 1);
    assert_eq!(reads("let x = `probe`"), 1);
    assert_eq!(reads("escalate to \"db\""), 1);
    assert_eq!(reads("action `x`"), 2);
    assert_eq!(reads("wait 1s"), 2);
    assert_eq!(reads("check \"Q?\""), 2);
}

#[test]
fn each_fault_has_its_own_name() {
    assert_eq!(printed(P99, "p99", world()), "no data");
    assert_eq!(printed(P99, "p99", world().reading("p99", f64::NAN)), "not a number (NaN)");
    assert_eq!(printed(P99, "p99", world().reading("p99", f64::INFINITY)), "infinite");
    assert_eq!(
        printed(P99, "p99", world().fault("p99", ReasonKind::Unreachable, "connection refused")),
        "connection refused"
    );
    let three: Vec<_> =
        ["a", "b", "c"].iter().map(|it| (labels(&[("job", "j"), ("instance", it)]), 1.0)).collect();
    assert_eq!(
        printed(P99, "p99", world().given("p99", 0.0, Given::Many(three))),
        "3 series, which differ in `instance`"
    );
}

#[test]
fn a_series_without_its_label_or_twice_is_unknown() {
    let disk = "metric disk by instance in % from prometheus \"disk\"\n";
    let without = Given::Many(vec![(labels(&[("job", "j")]), 1.0)]);
    assert_eq!(
        printed(disk, "count(disk)", world().given("disk", 0.0, without)),
        "a series without the label `instance`"
    );
    let twice = Given::Many(vec![
        (labels(&[("instance", "a"), ("job", "x")]), 1.0),
        (labels(&[("instance", "a"), ("job", "y")]), 2.0),
    ]);
    assert_eq!(
        printed(disk, "count(disk)", world().given("disk", 0.0, twice)),
        "several series of one instance `a` of disk"
    );
}

#[test]
fn only_the_labels_of_by_are_kept() {
    let disk = "metric disk by mount in % from prometheus \"disk\"\n";
    let series = |mounts: &[&str]| {
        let one =
            |mount: &&str| (labels(&[("device", "/dev/vda"), ("fstype", "ext4"), ("mount", mount)]), 43.1);
        Given::Many(mounts.iter().map(one).collect())
    };
    let one = world().given("disk", 0.0, series(&["/"]));
    assert_eq!(printed(disk, "disk", one), "mount=/ 43.1%");
    let five = world().given("disk", 0.0, series(&["/a", "/b", "/c", "/d", "/e"]));
    assert_eq!(printed(disk, "disk", five), "mount=/a 43.1%, mount=/b 43.1%, mount=/c 43.1% and 2 more");
    let both = "metric disk by device, mount in % from prometheus \"disk\"\n";
    let one = world().given("disk", 0.0, series(&["/"]));
    assert_eq!(printed(both, "disk", one), "device=/dev/vda, mount=/ 43.1%");
}

#[test]
fn units_are_those_that_were_declared() {
    assert_eq!(printed("metric m in % from prometheus \"m\"\n", "m", world().reading("m", 12.5)), "12.5%");
    assert_eq!(
        printed("metric m in ratio from prometheus \"m\"\n", "m", world().reading("m", 0.125)),
        "12.5%"
    );
    assert_eq!(
        printed("metric m in MiB/s from prometheus \"m\"\n", "m", world().reading("m", 20.0)),
        "20MiB/s"
    );
    assert_eq!(printed("metric m from prometheus \"m\"\n", "m", world().reading("m", 20.0)), "20");
}

#[test]
fn parameters_go_into_the_query_as_values() {
    let told = told(
        "param service = \"api\"\nmetric lag(node) in s from prometheus \"lag{s='#{service}',n='#{node}'}\"\n\
         \"#{lag(\"db-1\")} #{lag(node: \"db-2\")} #{lag(\"db-1\")}\"",
        world().reading("lag{s='api',n='db-1'}", 1.0).reading("lag{s='api',n='db-2'}", 2.0),
    );
    assert_eq!(told.prose(), ["1s 2s 1s"]);
    assert_eq!(told.log().len(), 2, "the same reading is taken once");
    let Effect::Read(read) = &told.world.effects[0] else { panic!() };
    assert_eq!(read.query.0.len(), 5);
    assert!(matches!(&read.query.0[3], Piece::Value(rbl_runtime::Datum::Text(text)) if text == "db-1"));
}

#[test]
fn an_argument_that_is_unknown_is_not_asked_with() {
    let declarations = format!("{P99}metric lag(node) in s from prometheus \"lag{{n='#{{node}}'}}\"\n");
    assert_eq!(printed(&declarations, "lag(p99)", world()), "`node` is unknown: no data");
}

#[test]
fn arithmetic_carries_the_reason() {
    let declarations = format!("{P99}metric base in ms from prometheus \"base\"\n");
    let w = || world().fault("p99", ReasonKind::Stale, "12m old").reading("base", 5.0);
    assert_eq!(printed(&declarations, "p99 / base * 3", w()), "12m old");
    assert_eq!(printed(&declarations, "max(base, p99)", w()), "12m old");
    assert_eq!(printed(&declarations, "base / (base - base)", w()), "division by zero");
    told(&format!("{declarations}check base < p99 unknown {{ resolve }}"), w()).ends(Outcome::Resolved);
}
