//! `for each` and `repeat`, each with its bound.

use rbl_runtime::Outcome;

use super::scripted_world::{Given, ScriptedWorld, labels, output};
use super::{told, told_with, world};

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
    let body = body.replace("10m", "1m");
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

/// Disks that are others once `fix` is done.
fn fixed(before: &[(&str, f64)], after: &[(&str, f64)]) -> ScriptedWorld {
    let after = after.iter().map(|(name, value)| (labels(&[("instance", name)]), *value)).collect();
    world().series("disk", before).takes("fix", 10.0).given("disk", 10.0, Given::Many(after))
}

/// The element of a loop over a metric is a reading: of the same series, and as of now.
#[test]
fn an_element_is_read_anew_after_an_action() {
    let body = format!(
        "{DISK}for each d in disk up to 5 {{\n\"#{{d}}\"\naction `fix`\n\"#{{d}}\"\ncheck d < 50% else {{ \"bad\" }}\n\
         check max(disk) < 50% else {{ \"max\" }}\n}}"
    );
    let worse = told(&body, fixed(&[("a", 10.0)], &[("a", 60.0)])).ends(Outcome::Resolved);
    assert_eq!(worse.prose(), ["10%", "60%", "bad", "max"]);
    assert_eq!(worse.log(), ["read disk", "act fix", "read disk"], "kept between two actions");
    let better = told(&body, fixed(&[("a", 90.0)], &[("a", 20.0)])).ends(Outcome::Resolved);
    assert_eq!(better.prose(), ["90%", "20%"]);
}

#[test]
fn a_wait_for_an_element_polls_its_series() {
    let body = format!(
        "{DISK}for each d in disk where d > 50% up to 5 {{\naction `fix`\n\
         wait until d < 50% within 1m every 20s else {{ \"late #{{d.instance}} #{{d}}\" }}\n}}"
    );
    let good = told(&body, fixed(&[("a", 90.0), ("b", 1.0)], &[("a", 20.0)])).ends(Outcome::Resolved);
    assert!(good.prose().is_empty());
    assert_eq!(good.log(), ["read disk", "act fix", "read disk"]);
    let bad = told(&body, fixed(&[("a", 90.0)], &[("a", 80.0)])).ends(Outcome::Resolved);
    assert_eq!(bad.prose(), ["late a 80%"]);
    assert_eq!(bad.log().iter().filter(|line| **line == "read disk").count(), 5, "at each poll");
    let repeated = format!(
        "{DISK}for each d in disk up to 5 {{ repeat up to 3 times every 10s until d < 50% {{ \"again\" }} else {{ \"no\" }} }}"
    );
    let later = told(&repeated, fixed(&[("a", 90.0)], &[("a", 20.0)])).ends(Outcome::Resolved);
    assert_eq!(later.prose(), ["again"]);
}

#[test]
fn an_element_whose_series_is_gone_is_unknown() {
    let body = format!(
        "{DISK}for each d in disk up to 5 {{\naction `fix`\ncheck d < 50% else {{ \"no\" }} unknown {{ \"#{{d}}; #{{d.instance}}\" }}\n}}"
    );
    let gone = told(&body, fixed(&[("a", 10.0)], &[("b", 10.0)])).ends(Outcome::Resolved);
    assert_eq!(gone.prose(), ["a: no data; a"]);
}

/// Whatever the loop goes through, as long as it is a reading: not what was made of one.
#[test]
fn an_element_is_found_through_every_expression() {
    let head = "metric disk(of) by instance in % from prometheus \"disk\"\nlet all(of) = disk(of)\nlet full(x) = x > 50%\n\
                define fix(x) as `fix` \nparam other: bool = false\n";
    let mut bodies = Vec::new();
    for over in
        ["disk(\"x\")", "(disk(\"x\"))", "all(\"x\")", "(if other { disk(\"y\") } else { disk(\"x\") })"]
    {
        bodies.push((over, format!("{head}for each d in {over} up to 5 {{ action `fix`\nif full(d) {{ \"full\" }} else {{ \"fine\" }} }}")));
    }
    for (over, body) in bodies {
        let told = told(&body, fixed(&[("a", 90.0)], &[("a", 20.0)])).ends(Outcome::Resolved);
        assert_eq!(told.prose(), ["fine"], "{over}");
    }
    let values = format!(
        "{DISK}for each d in [for each one in disk: one] up to 5 {{ action `fix`\nif d > 50% {{ \"full\" }} else {{ \"fine\" }} }}"
    );
    let taken = told(&values, fixed(&[("a", 90.0)], &[("a", 20.0)])).ends(Outcome::Resolved);
    assert_eq!(taken.prose(), ["full"], "the elements of a list are values");
}

#[test]
fn an_element_of_texts_is_read_anew_too() {
    let body = "metric state: text by instance from prometheus \"state\"\n\
                for each s in state up to 5 { action `fix`\n\"#{s.instance} #{s}\" }";
    let texts = |text| Given::Texts(vec![(labels(&[("instance", "a")]), text)]);
    let world =
        world().given("state", 0.0, texts("down")).takes("fix", 10.0).given("state", 10.0, texts("up"));
    assert_eq!(told(body, world).ends(Outcome::Resolved).prose(), ["a up"]);
}

#[test]
fn the_label_of_an_element_without_a_value_is_known() {
    let holey = || world().series("disk", &[("a", 95.0), ("b", f64::NAN)]);
    let body = format!(
        "{DISK}let named(x) = \"<#{{x.instance}}>\"\nfor each d in disk {{ \"#{{d.instance}} #{{d[\"instance\"]}} #{{named(d)}}: #{{d}}\" }}"
    );
    let told_all = told(&body, holey()).ends(Outcome::Resolved);
    assert_eq!(told_all.prose(), ["a a <a>: 95%", "b b <b>: b: not a number (NaN)"]);
    let body = format!(
        "{DISK}define clean(x) as `clean #{{x.instance}}`\nfor each d in disk up to 5 {{ action `touch #{{d.instance}}` }}"
    );
    assert_eq!(told(&body, holey()).ends(Outcome::Resolved).deeds(), ["act touch a", "act touch b"]);
}

/// A nested runbook gets the value of the moment.
#[test]
fn what_is_handed_to_another_runbook_is_a_value() {
    let body = format!("{DISK}for each d in disk up to 5 {{ run \"inner.rb\" with (x: d.instance) }}");
    let inner = ("inner.rb", "runbook \"I\"\nowner \"o\"\nparam x: text\n\"#{x}\"");
    let told = told_with(&body, &[inner], world().series("disk", &[("a", 1.0)]));
    assert_eq!(told.prose(), ["a"]);
}

/// The window of an element, and a condition on it that looks back, are of that series.
#[test]
fn an_element_looks_back_at_its_series() {
    let windows = || {
        world().series("disk", &[("a", 95.0), ("b", 10.0)]).window_of(
            "disk",
            "instance",
            &[("a", &[90.0, 95.0]), ("b", &[40.0, 10.0])],
        )
    };
    let body = format!(
        "{DISK}for each d in disk {{ if d < 50% for 1m {{ \"low\" }} else {{ \"high #{{d.instance}}\" }} }}"
    );
    assert_eq!(told(&body, windows()).prose(), ["high a", "low"]);
}
