//! The values of expressions, as they print.

use rbl_runtime::{Alert, Start};

use super::scripted_world::output;
use super::{printed, program, start, tell, world};

fn shown(expression: &str) -> String {
    printed("", expression, world())
}

#[test]
fn arithmetic_and_texts() {
    assert_eq!(shown("2 * 3 + 1"), "7");
    assert_eq!(shown("100ms * 3"), "300ms");
    assert_eq!(shown("10GiB / 4"), "2.5GiB");
    assert_eq!(shown("-3"), "-3");
    assert_eq!(shown("1h30m"), "1.5h");
    assert_eq!(shown("90% * 1000"), "900");
    assert_eq!(shown("\"a#{1 + 1}b\""), "a2b");
    assert_eq!(shown("[1, 2][0]"), "1");
    assert_eq!(shown("[1, 2][-1]"), "2");
    assert_eq!(shown("[1, 2][7]"), "no element 7");
    assert_eq!(shown("{a: 1, b: \"x\"}.b"), "x");
    assert_eq!(shown("1 < 2 and \"a\" in \"cab\""), "true");
}

#[test]
fn times() {
    assert_eq!(shown("now"), "2026-05-01T10:00:00Z");
    assert_eq!(shown("now - time(\"2026-05-01T09:30:00Z\")"), "30m");
    assert_eq!(shown("time(\"2026-05-01T10:00:00Z\") + 1h"), "2026-05-01T11:00:00Z");
}

#[test]
fn what_a_command_printed() {
    let of =
        |field: &str, text: &str| printed("", &format!("`c`{field}"), world().probe("c", output(3, text)));
    assert_eq!(of("", " hi \n"), "hi");
    assert_eq!(of(".text", " hi \n"), "hi");
    assert_eq!(of(".status", ""), "3");
    assert_eq!(of(".number", "42\n"), "42");
    assert_eq!(of(".number", "a lot"), "`a lot` is no number");
    assert_eq!(of(".json.items[1].name", r#"{"items":[{},{"name":"x"}]}"#), "x");
    assert_eq!(of(".json.nothing", "{}"), "no field `nothing`");
    assert_eq!(of(".lines", "a\nb"), "a, b");
}

#[test]
fn a_command_that_was_not_found_printed_nothing_that_counts() {
    let gone = || {
        let mut gone = output(127, "");
        gone.stderr = "sh: 1: c: not found\n".into();
        world().probe("c", gone)
    };
    assert_eq!(printed("", "`c`.text", gone()), "exit code 127: sh: 1: c: not found");
    assert_eq!(printed("", "`c`.status", gone()), "127");
    assert_eq!(printed("", "`c`.stderr", gone()), "sh: 1: c: not found");
}

#[test]
fn the_alert_and_its_fields() {
    let body = include_str!("alert.json");
    let alert = Alert::from_webhook(body).unwrap();
    let text = "param service = \"none\"\n\"#{service} #{alert.name} #{alert.labels.service} #{alert.labels.nope} #{alert.annotations.summary} #{alert.starts_at}\"";
    let started = Start { alert: Some(alert), ..start() };
    let told = tell(&program(text), &started, world());
    assert_eq!(
        told.prose(),
        ["checkout HighErrorRate checkout no field `nope` error rate 0.02 on a 2026-11-22T06:35:00Z"]
    );
    let told = tell(&program("\"#{alert.labels.service}\""), &start(), world());
    assert_eq!(told.prose(), ["no alert started this run"]);
}

#[test]
fn a_named_expression_is_taken_anew_and_sees_no_locals() {
    let told = super::told(
        "param factor = 2\nmetric m from prometheus \"m\"\nlet twice(x) = x * factor + m\n\
         step \"S\" { let y = 5\n\"#{twice(y)}\"\nwait 1m\n\"#{twice(x: 1)}\" }",
        world().reading("m", 1.0).later("m", 60.0, 100.0),
    );
    assert_eq!(told.prose(), ["11", "102"]);
}

#[test]
fn functions_named_by_the_check_are_those_that_run() {
    for function in rbl_check::FUNCTIONS {
        let unknown = "no function";
        let told = super::told(
            &format!(
                "metric p99 in ms from prometheus \"p99\"\nmetric disk by instance in % from prometheus \"disk\"\n\
                 metric queue by instance from prometheus \"queue\"\nmetric requests from prometheus \"r\"\n\
                 metric pool in % from prometheus \"p\"\nmetric drift from prometheus \"d\"\n\
                 let hosts = [\"a\"]\nlet answer = \"5\"\nlet region = \"EU\"\n\"#{{{}}}\"",
                example(function.name, function.example)
            ),
            world(),
        );
        assert!(!told.prose()[0].contains(unknown), "{}", function.name);
    }
}

/// Two of the examples need a name of another kind than the others.
fn example<'a>(name: &str, example: &'a str) -> &'a str {
    match name {
        "split" => "split(answer, \",\")",
        "delta" => "delta(requests over 15m)",
        _ => example,
    }
}
