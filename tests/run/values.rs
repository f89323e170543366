//! The values of expressions, as they print.

use rbl_runtime::Start;

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
    assert_eq!(shown("1h30m"), "1h30m");
    assert_eq!(shown("1h30m + 40m"), "2h10m");
    assert_eq!(shown("90m"), "90m");
    assert_eq!(shown("1 / 3"), "0.3333333333333333");
    assert_eq!(shown("90% * 1000"), "900");
    assert_eq!(shown("\"a#{1 + 1}b\""), "a2b");
    assert_eq!(shown("[1, 2][0]"), "1");
    assert_eq!(shown("[1, 2][-1]"), "2");
    assert_eq!(shown("[1, 2][7]"), "no element 7");
    assert_eq!(shown("{a: 1, b: \"x\"}.b"), "x");
    assert_eq!(shown("1 < 2 and \"a\" in \"cab\""), "true");
}

#[test]
fn values_that_are_chosen() {
    assert_eq!(shown("if 1 < 2 { \"a\" } else { \"b\" }"), "a");
    assert_eq!(shown("if 1 > 2 { 1s } else if 2 > 1 { 2s } else { 3s }"), "2s");
    assert_eq!(shown("1 + (if 1 > 2 { 1 } else { 2 })"), "3");
    let p99 = "metric p99 in ms from prometheus \"p99\"";
    let gone = printed(p99, "if p99 < 1s { \"fast\" } else { \"slow\" }", world());
    assert_eq!(gone, "no data", "unknown where the condition is");
    // Only one side is evaluated.
    let one = printed(p99, "if true { 1ms } else { p99 }", world());
    assert_eq!(one, "1ms");
}

#[test]
fn lists_that_are_made() {
    assert_eq!(shown("[for each x in [1, 2, 3] where x > 1: \"#{x}!\"]"), "2!, 3!");
    assert_eq!(shown("[1] + [2, 3]"), "1, 2, 3");
    assert_eq!(shown("length([for each x in [] : x])"), "0");
    assert_eq!(shown("[for each e in {a: 1, b: 2}: \"#{e.key}=#{e.value}\"]"), "a=1, b=2");
    assert_eq!(shown("{a: 1, b: 2}[\"b\"]"), "2");
    let json = r"`c`.json";
    let of = |expression: &str, text: &str| {
        printed(&format!("let doc = {json}"), expression, world().probe("c", output(0, text)))
    };
    assert_eq!(of("doc[\"a.b\"]", r#"{"a.b": "x"}"#), "x");
    assert_eq!(of("doc[\"no\"]", "{}"), "no field `no`");
    let one_is_gone =
        of("[for each m in doc where m.up: m.name]", r#"[{"up": true, "name": "a"}, {"name": "b"}]"#);
    assert_eq!(one_is_gone, "no field `up`", "one unknown makes all of it unknown");
    let many = format!("[{}]", vec!["1"; 10_001].join(","));
    assert!(of("[for each x in doc: x]", &many).contains("at most 10000"));
}

#[test]
fn no_digit_is_lost() {
    let large = "563018673253974017";
    assert_eq!(shown(large), large);
    assert_eq!(shown(&format!("-{large}")), format!("-{large}"));
    assert_eq!(shown(&format!("[{large}][0]")), large);
    assert_eq!(shown(&format!("{{id: {large}}}.id")), large);
    for computed in
        ["LARGE + 1", "LARGE > 5", "LARGE == LARGE", "max(LARGE, 1)", "LARGE in [1]", "abs(LARGE)"]
    {
        let expression = computed.replace("LARGE", large);
        assert_eq!(shown(&expression), "too large to compute with exactly", "{computed}");
    }
    assert_eq!(shown("9007199254740992 + 1"), "too large to compute with exactly");
    let json = format!(r#"[{{"id": {large}}}, {{"id": 340282366920938463463374607431768211457}}]"#);
    let told = tell(
        &program("let d = `c`.json\naction `kill #{d[0].id} #{d[1].id}`"),
        &start(),
        world().probe("c", output(0, &json)),
    );
    let sent = format!("act kill {large} 340282366920938463463374607431768211457");
    assert!(told.deeds().iter().any(|deed| deed.starts_with(&sent)), "{:?}", told.deeds());
}

/// A number is passed on as it was read, and computed with as a number.
#[test]
fn the_digits_of_a_fraction_are_kept_where_it_is_passed_on() {
    for written in ["0.1234567890123456789012", "1.10", "-1.0", "1e6", "1e400", "0.30000000000000004"] {
        assert_eq!(shown(written), written);
        assert_eq!(shown(&format!("[{written}][0]")), written);
    }
    assert_eq!(shown("1.10 + 1"), "2.1");
    assert_eq!(shown("0.1 + 0.2"), "0.3");
    assert_eq!(shown("1.10 == 1.1"), "true");
    assert_eq!(shown("0.1234567890123456789012 < 0.2"), "true");
    assert_eq!(shown("round(1.50)"), "2");
    assert_eq!(shown("number(\"1.10\")"), "1.10");
    assert_eq!(shown("max(1.10, 1)"), "1.1");
    for computed in ["1e400 + 1", "1e400 > 5", "1e-400 == 0", "max(1e400, 1)", "1e30 + 1"] {
        assert_eq!(shown(computed), "too large to compute with exactly", "{computed}");
    }
    let json = r#"[{"v": 1.10, "at": [1e400, -0.0]}, 0.1234567890123456789012]"#;
    let told = tell(
        &program(
            "let d = `c`.json\naction `put #{d[0].v} #{d[0].at} #{d[1]} #{json(`c`.text)[0].v}`\ncheck d[0].v < 2 else { \"no\" }",
        ),
        &start(),
        world().probe("c", output(0, json)),
    );
    assert_eq!(told.deeds().last(), Some(&"act put 1.10 1e400 -0.0 0.1234567890123456789012 1.10"));
    assert!(told.prose().is_empty());
}

#[test]
fn what_is_sent_is_in_the_declared_unit_and_not_rounded() {
    let body = "metric p99 in ms from prometheus \"p99\"\nmetric free in GB from prometheus \"free\"\nmetric pool in % from prometheus \"pool\"\nparam limit = 1h30m\ndefine note(x) as `n #{x}`\naction `s #{p99} #{p99 * 2} #{free} #{pool} #{limit} #{10GB / 3}`\naction note(p99)";
    let world = world().reading("p99", 812.345_678).reading("free", 13.512_345).reading("pool", 99.9996);
    let told = tell(&program(body), &start(), world);
    assert_eq!(
        told.deeds(),
        [
            "act s 812.345678 1624.691356 13.512345 99.9996 5400 3333333333.3333335",
            "act note(x: 812.345678ms)"
        ]
    );
}

#[test]
fn times() {
    assert_eq!(shown("now.hour"), "10");
    assert_eq!(shown("now.weekday"), "Fri");
    let berlin = |expression: &str| printed("timezone \"Europe/Berlin\"", expression, world());
    assert_eq!(berlin("now.hour"), "12");
    assert_eq!(berlin("(now + 14h).date"), "2026-05-02");
    assert_eq!(shown("now"), "2026-05-01T10:00:00Z");
    assert_eq!(shown("now - time(\"2026-05-01T09:30:00Z\")"), "30m");
    assert_eq!(shown("time(\"2026-05-01T10:00:00Z\") + 1h"), "2026-05-01T11:00:00Z");
}

#[test]
fn what_a_command_printed() {
    let of = |field: &str, text: &str| {
        printed(
            "",
            &format!("`c`{field}"),
            world().probe("c", output(if field == ".status" { 3 } else { 0 }, text)),
        )
    };
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
    let alert = rbl_runtime::AlertBody::read(body).unwrap().meant(None).unwrap();
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
