//! Correct texts, and their trees.

use rbl_syntax::tree::{Declaration, ExprKind, Item, Part, PatternKind, StatementKind, Target, Team, Wait};

use super::{bracketed, expression, read, statement};

#[test]
fn operators_bind_as_the_table_says() {
    for (text, expected) in [
        ("a or b and c", "(a or (b and c))"),
        ("not a and b", "((not a) and b)"),
        ("not a < b", "(not (a < b))"),
        ("a + b * c - d / e", "((a + (b * c)) - (d / e))"),
        ("a - b - c", "((a - b) - c)"),
        ("-a * b", "((-a) * b)"),
        ("a * -b", "(a * (-b))"),
        ("a < b + 5m", "(a < (b + 5m))"),
        ("a in 10%..20%", "(a in (10%..20%))"),
        ("a in 1 + 2..b * 2", "(a in ((1 + 2)..(b * 2)))"),
        ("\"x\" in text and b", "((\"x\" in text) and b)"),
        ("p99 1h ago + 5s", "((p99 1h ago) + 5s)"),
        ("max(p99 over 1h) > 2s", "(max((p99 over 1h)) > 2s)"),
        ("p99 < 500ms for 5m and b", "(((p99 < 500ms) for 5m) and b)"),
        ("not p99 < 500ms for 5m", "(not ((p99 < 500ms) for 5m))"),
        ("any disk > 90% and every pod == \"up\"", "((Any disk > 90%) and (Every pod == \"up\"))"),
        ("not any disk > 90%", "(not (Any disk > 90%))"),
        ("(a or b) and c", "((a or b) and c)"),
        ("a.b.c[0].d", "a.b.c[0].d"),
        ("f(x)[1].y 5m ago", "(f(x)[1].y 5m ago)"),
        ("200/s * 2", "(200/s * 2)"),
        ("200 / service", "(200 / service)"),
        ("200/service", "(200 / service)"),
        ("100/min(a, b)", "(100 / min(a, b))"),
        ("1e6 + 1_000 + 0.5", "((1000000 + 1000) + 0.5)"),
        ("1h30m", "1.5h"),
        ("20MiB/s", "20MiB/s"),
        ("3%/h", "3%/h"),
    ] {
        assert_eq!(bracketed(&expression(text)), expected, "{text}");
    }
}

#[test]
fn a_bare_text_is_a_question_only_where_a_condition_stands() {
    let StatementKind::Check(check) = statement("check \"real?\" and not (\"sure?\" or p99 < 1s)") else {
        panic!()
    };
    assert_eq!(bracketed(&check.condition), "(ask(\"real?\") and (not (ask(\"sure?\") or (p99 < 1s))))");
    let StatementKind::Check(check) = statement("check region == \"eu\"") else { panic!() };
    assert_eq!(bracketed(&check.condition), "(region == \"eu\")");
}

#[test]
fn a_statement_goes_on_where_it_plainly_does() {
    for text in [
        "check p99 < 500ms\n  else {\n stop }",
        "check a and\n  b",
        "check a\n  and b",
        "let x = f(a,\n  b\n)",
        "let x = [1,\n  2 # two\n  , 3]",
        "let x =\n  5m",
        "action \"x\"\n\n  # why\n  within 5m\n  retry 3 every 10s",
        "escalate to owner\n  because \"x\"",
        "wait until p99 < 1s\n  for 5m\n  within 1h\n  every 30s\nelse { stop }\nunknown { stop }",
        "if a\n{ stop }\nelse if b { stop }\nelse { stop }",
        "run \"x.rb\"\n  with (a: 1,\n        b: 2)",
        "let x = {name: \"a\",\n  other: 2}",
        "action `kubectl drain #{node} \\\n  --force`",
    ] {
        assert_eq!(read(text).items.len(), 1, "{text}");
    }
}

#[test]
fn a_statement_ends_with_its_line() {
    for (text, count) in [
        ("resolve\n\"told\"", 2),
        ("stop; \"told\"; wait 5m", 3),
        ("\"a\"\n\"b\"", 2),
        ("record cause\nfor each x in [1] up to 1 { \"x\" }", 2),
        ("let a = b\n(\"c\")", 1),
    ] {
        let parsed = rbl_syntax::parse(rbl_syntax::source::SourceId(0), text);
        assert!(parsed.file.items.len() >= count, "{text}: {:?}", parsed.file.items);
    }
}

#[test]
fn texts_keep_what_was_meant() {
    let text = |source: &str| match expression(source).kind {
        ExprKind::Text(text) => text
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal { text, .. } => text.to_string(),
                Part::Value(value) => format!("<{}>", bracketed(value)),
            })
            .collect::<String>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text(r#""a\n\t\"\\\#{b} #{c + 1} # d""#), "a\n\t\"\\#{b} <(c + 1)> # d");
    assert_eq!(text("\"\"\"\n  one\n    two #{x}\n\n  three\n  \"\"\""), "one\n  two <x>\n\nthree");
    assert_eq!(text("\"\"\"one line\"\"\""), "one line");
    assert_eq!(text("\"\"\"\r\n  one\r\n  two\r\n\"\"\""), "one\ntwo");
    assert_eq!(text("\"\"\"\n rate(x{path=~\"/a\\.b\"}[5m])\n\"\"\""), "rate(x{path=~\"/a\\.b\"}[5m])");
    assert_eq!(text("\"#{f(\"in } side\")}\""), "<f(\"in } side\")>");
    assert_eq!(text("\"ünïcödé 🚨\""), "ünïcödé 🚨");
}

#[test]
fn commands_are_the_shells_but_for_values() {
    let StatementKind::Action(action) =
        statement(r"action `echo \`date\` \$HOME \#{x} ${y} #{z} | awk '{print $1}'`")
    else {
        panic!()
    };
    let Target::Command(command) = action.target else { panic!() };
    let shown: String = command
        .parts
        .iter()
        .map(|part| match part {
            Part::Literal { text, .. } => text.to_string(),
            Part::Value(value) => format!("<{}>", bracketed(value)),
        })
        .collect();
    assert_eq!(shown, r"echo `date` \$HOME #{x} ${y} <z> | awk '{print $1}'");
}

#[test]
fn the_limit_behind_a_question_of_a_wait_is_the_waits() {
    let StatementKind::Wait(Wait::Until { within, held, condition, .. }) =
        statement("wait until a and \"Recovered?\" within 2h for 5m")
    else {
        panic!()
    };
    assert_eq!(bracketed(&within.unwrap()), "2h");
    assert_eq!(bracketed(&held.unwrap()), "5m");
    assert_eq!(bracketed(&condition), "(a and ask(\"Recovered?\"))");
    let StatementKind::Wait(Wait::Until { within, held, condition, .. }) =
        statement("wait until a or b < 1s for 5m within 1h every 10s")
    else {
        panic!()
    };
    assert_eq!(bracketed(&condition), "(a or (b < 1s))");
    assert_eq!((bracketed(&held.unwrap()), bracketed(&within.unwrap())), ("5m".into(), "1h".into()));
}

#[test]
fn patterns_of_a_match() {
    let StatementKind::Match(it) = statement(
        "match x {\n 5m { \"a\" }\n [\"a\", \"b\"] { \"b\" }\n \"c\", \"d\" { \"c\" }\n contains \"e\" { \"e\" }\n matches \"^f\" { \"f\" }\n >= 90% { \"g\" }\n in 1..3 { \"h\" }\n 4..6 { \"i\" }\n else { \"z\" }\n unknown { stop }\n}",
    ) else {
        panic!()
    };
    let kinds: Vec<&str> = it
        .arms
        .iter()
        .map(|arm| match &arm.pattern.kind {
            PatternKind::Value { value } => match value.kind {
                ExprKind::List { .. } => "list",
                ExprKind::Range { .. } => "range",
                _ => "value",
            },
            PatternKind::Contains { .. } => "contains",
            PatternKind::Matches { .. } => "matches",
            PatternKind::Compare { .. } => "compare",
        })
        .collect();
    assert_eq!(kinds, ["value", "list", "list", "contains", "matches", "compare", "compare", "range"]);
    assert!(it.otherwise.is_some() && it.unknown.is_some());
}

#[test]
fn action_modifiers_stand_in_any_order() {
    let StatementKind::Action(action) = statement(
        "action restart(\"a\", host: b) undo `x` within 5m on \"h\" by owner finally \"put it back\" as done retry 3 times every 10s else { stop }",
    ) else {
        panic!()
    };
    assert!(matches!(action.target, Target::Call { .. }));
    assert!(matches!(action.by, Some(Team::Owner { .. })));
    assert!(
        !action.undo.is_empty()
            && !action.finally.is_empty()
            && action.host.is_some()
            && action.within.is_some()
    );
    assert_eq!(action.name.unwrap().text, "done");
    assert!(action.retry.unwrap().every.is_some() && action.otherwise.is_some());
}

#[test]
fn words_of_the_language_can_be_labels_and_arguments() {
    read("let x = alert.labels.severity == \"page\" and d.on == \"a\" and f(to: 1, within: 2)");
    read("let x = {record: 1, step: 2}");
    read("metric up from prometheus \"up{job='api'}\"\ncheck up == 1 and not up < 1");
    read("for each from in up where from < 1 up to 5 { \"#{from}\" }");
    assert_eq!(
        bracketed(&expression("up 5m ago + max(over over 1h)")),
        "((up 5m ago) + max((over over 1h)))"
    );
}

#[test]
fn first_line_byte_order_mark_and_line_ends_do_not_matter() {
    let file = read("#!/usr/bin/env rbl\nrunbook \"x\"\r\nowner \"y\"\r\n\tcheck \"z\"\r\n");
    assert_eq!(file.items.len(), 3);
    assert_eq!(read("\u{feff}runbook \"x\"\ncheck \"z\"").items.len(), 2);
    assert_eq!(read("runbook \"no line end\"").items.len(), 1);
    assert_eq!(read("").items.len(), 0);
    assert_eq!(read("# only a comment").comments.len(), 1);
}

#[test]
fn spans_point_at_what_was_written() {
    let text = "runbook \"ü\" # größer\nlet größe = 5m # é\ncheck größe < 3s\n";
    let file = read(text);
    let Some(Item::Declaration(Declaration::Runbook(header))) = file.items.first() else { panic!() };
    assert_eq!(&text[header.span.range()], "runbook \"ü\"");
    let Some(Item::Statement(last)) = file.items.last() else { panic!() };
    assert_eq!(&text[last.span.range()], "check größe < 3s");
    assert_eq!(&text[file.comments[1].span.range()], "# é");
}
