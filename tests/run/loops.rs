//! `for each` and `repeat`, each with its bound.

use rbl_runtime::Outcome;

use super::scripted_world::output;
use super::{told, world};

const DISK: &str = "metric disk by instance in % from prometheus \"disk\"\n";

#[test]
fn over_a_list_series_and_lines() {
    assert_eq!(told("for each x in [\"a\", \"b\"] { \"#{x}\" }", world()).prose(), ["a", "b"]);
    let disks = world().series("disk", &[("b", 95.0), ("a", 10.0)]);
    let told_disks = told(&format!("{DISK}for each d in disk {{ \"#{{d.instance}} #{{d}}\" }}"), disks);
    assert_eq!(told_disks.prose(), ["a 10%", "b 95%"], "in the order of their labels");
    let lines = told("for each l in `ls`.lines { \"#{l}\" }", world().probe("ls", output(0, "x\ny\n")));
    assert_eq!(lines.prose(), ["x", "y"]);
    assert!(told("for each x in [] { \"#{x}\" }", world()).ends(Outcome::Resolved).prose().is_empty());
}

#[test]
fn only_those_for_which_where_holds() {
    let body = format!("{DISK}for each d in disk where d > 90% up to 1 {{ action `clean #{{d.instance}}` }}");
    let told_some = told(&body, world().series("disk", &[("a", 95.0), ("b", 10.0)])).ends(Outcome::Resolved);
    assert_eq!(told_some.deeds(), ["act clean a"]);
    let too_many = told(&body, world().series("disk", &[("a", 95.0), ("b", 91.0)])).ends(Outcome::Escalated);
    assert_eq!(too_many.unhandled(), ["2 of `disk`, more than the limit of 1: none was touched"]);
    assert_eq!(too_many.deeds().len(), 1);
}

#[test]
fn what_is_unknown_is_not_passed_over() {
    let body = format!("{DISK}for each d in disk where d > 90% {{ \"#{{d.instance}}\" }}");
    let hole = told(&body, world().series("disk", &[("a", 95.0), ("b", f64::NAN)])).ends(Outcome::Escalated);
    assert!(hole.prose().is_empty());
    let nothing = told(&body, world().series("disk", &[])).ends(Outcome::Escalated);
    assert_eq!(nothing.unhandled(), ["`disk` is unknown: no data, and a for each has no `unknown`"]);
}

#[test]
fn nothing_and_unknown_have_arms_of_their_own() {
    let body = format!(
        "{DISK}for each d in disk where d > 90% {{ \"#{{d.instance}}\" }} none {{ \"none\" }} unknown {{ \"unknown\" }}\n\"behind\""
    );
    let told_with =
        |values: &[(&str, f64)]| told(&body, world().series("disk", values)).ends(Outcome::Resolved);
    assert_eq!(told_with(&[("a", 95.0)]).prose(), ["a", "behind"]);
    assert_eq!(told_with(&[("a", 5.0)]).prose(), ["none", "behind"]);
    assert_eq!(told_with(&[("a", 95.0), ("b", f64::NAN)]).prose(), ["unknown", "behind"]);
    assert_eq!(told_with(&[]).prose(), ["unknown", "behind"], "without a series it is unknown, not empty");
    let empty = "for each x in [] { \"#{x}\" } none { \"none\" }";
    assert_eq!(told(empty, world()).prose(), ["none"]);
    let record = "for each e in {a: 1} { \"#{e.key}: #{e.value}\" }";
    assert_eq!(told(record, world()).prose(), ["a: 1"]);
}

#[test]
fn the_window_of_one_series() {
    let body = format!("{DISK}for each d in disk {{ \"#{{d.instance}} #{{max(d over 10m)}}\" }}");
    let both = world().series("disk", &[("a", 95.0), ("b", 10.0)]).window_of(
        "disk",
        "instance",
        &[("a", &[90.0, 95.0]), ("b", &[40.0, 10.0])],
    );
    assert_eq!(told(&body, both).prose(), ["a 95%", "b 40%"]);
}

#[test]
fn names_of_a_pass_go_with_it() {
    let told =
        told("for each x in [1, 2] { let y = x * 2\n\"#{y}\" }\nfor each x in [3] { \"#{x}\" }", world());
    assert_eq!(told.prose(), ["2", "4", "3"]);
}

#[test]
fn repeat_is_body_then_wait_then_condition() {
    let p99 = "metric p99 in ms from prometheus \"p99\"\n";
    let body = format!(
        "{p99}repeat up to 3 times every 10s until p99 < 500ms {{ action `kick` }} else {{ \"else\" }} unknown {{ \"unknown\" }}\n\"behind\""
    );
    let told_good = told(&body, world().reading("p99", 800.0).later("p99", 20.0, 1.0));
    assert_eq!(told_good.log(), ["act kick", "sleep 10", "read p99", "act kick", "sleep 10", "read p99"]);
    assert_eq!(told_good.prose(), ["behind"]);
    let never = told(&body, world().reading("p99", 800.0));
    assert_eq!(never.log().len(), 9);
    assert_eq!(never.prose(), ["else", "behind"]);
    assert_eq!(told(&body, world()).prose(), ["unknown", "behind"]);
    let unhandled =
        told(&format!("{p99}repeat up to 1 times until p99 < 500ms {{ }}"), world().reading("p99", 800.0));
    assert!(unhandled.ends(Outcome::Escalated).unhandled()[0].ends_with("and the repeat has no `else`"));
}

#[test]
fn repeat_without_until_makes_all_its_passes() {
    let told = told("repeat up to 2 times every 5s { \"x\" }", world()).ends(Outcome::Resolved);
    assert_eq!(told.prose(), ["x", "x"]);
    assert_eq!(told.log(), ["sleep 5", "sleep 5"]);
}
