//! Random programs, of every construct, with comments and blank lines anywhere they are allowed.

use proptest::prelude::*;
use proptest::strategy::Union;

use super::holds;

fn one_of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(texts.to_vec()).prop_map(str::to_owned).boxed()
}

fn name() -> BoxedStrategy<String> {
    one_of(&["a", "p99", "deploy_age", "up", "disk", "x", "über", "a_rather_long_name_of_a_metric"])
}

fn number() -> BoxedStrategy<String> {
    one_of(&[
        "0", "3", "1_000", "1e6", "0.5", "500ms", "1h30m", "90%", "20MiB/s", "3%/h", "7d", "10GiB", "200/s",
    ])
}

fn text() -> BoxedStrategy<String> {
    one_of(&[
        "\"\"",
        "\"plain\"",
        "\"a \\\"b\\\" \\n \\#{x}\"",
        "\"#{x} and #{ a+1 } and #{f( 1,b : 2 )}\"",
        "\"# no comment\"",
        "\"a longer text that fills a good part of a line all by itself\"",
        "\"\"\"\n   one #{x}\n     two\n\n   three\n\"\"\"",
        "\"\"\"one line\"\"\"",
        "\"\"\"first\n  second\"\"\"",
    ])
}

fn command() -> BoxedStrategy<String> {
    one_of(&["`true`", "`echo #{x} | grep -q \\` \\#`", "`a \\\n   --b #{ x }`", "`# no comment`"])
}

/// A gap where a line may continue: blanks, and in brackets line ends and comments.
fn gap() -> BoxedStrategy<String> {
    one_of(&["", " ", "  ", "\n", " # why\n", "\n# own\n", "\n\n"])
}

fn expr() -> BoxedStrategy<String> {
    let leaf = Union::new([name(), number(), text(), command(), one_of(&["true", "now"])]);
    leaf.prop_recursive(3, 24, 4, |inner| {
        let operator = one_of(&[" + ", "-", " * ", "/ ", " ==", " < ", " in ", " and ", " or\n", "\n  and "]);
        Union::new([
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("({a}{op}{b})")).boxed(),
            (inner.clone(), gap(), gap()).prop_map(|(a, b, c)| format!("({b}{a}{c})")).boxed(),
            inner.clone().prop_map(|a| format!("not {a}")).boxed(),
            inner.clone().prop_map(|a| format!("- {a}")).boxed(),
            (name(), prop::collection::vec((inner.clone(), gap(), gap()), 0..4))
                .prop_map(|(name, args)| {
                    let args: Vec<String> = args.iter().map(|(a, b, c)| format!("{b}{a}{c}")).collect();
                    format!("{name}({})", args.join(","))
                })
                .boxed(),
            prop::collection::vec((inner.clone(), gap()), 1..4)
                .prop_map(|items| {
                    let items: String = items.iter().map(|(a, b)| format!("{b}{a},")).collect();
                    format!("[{items}]")
                })
                .boxed(),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{a: {a},other : {b}}}")).boxed(),
            (name(), inner.clone()).prop_map(|(a, b)| format!("{a}.field[ {b} ]")).boxed(),
            name().prop_map(|a| format!("{a} over 30m")).boxed(),
            name().prop_map(|a| format!("{a}  1h  ago")).boxed(),
        ])
    })
    .boxed()
}

fn condition() -> BoxedStrategy<String> {
    Union::new([
        expr(),
        (expr(), expr()).prop_map(|(a, b)| format!("{a} < {b}")).boxed(),
        (name(), number()).prop_map(|(a, b)| format!("every {a}>={b}")).boxed(),
        (name(), number()).prop_map(|(a, b)| format!("{a} > {b} for 5m")).boxed(),
        (name(), expr(), name()).prop_map(|(a, b, c)| format!("{a} and {b} or not {c}")).boxed(),
        (text(), expr()).prop_map(|(a, b)| format!("{a} by \"dba\" within 5m showing {b}")).boxed(),
        one_of(&["`test -e x` on \"db-1\" within 20s", "\"Is it real?\"", "(a or b) and c"]),
    ])
    .boxed()
}

/// What ends a statement: its line, `;`, a comment, blank lines.
fn end() -> BoxedStrategy<String> {
    one_of(&["\n", "\n\n", "\n\n\n", " ; ", " # behind\n", "\n# above\n", "\n\n  # apart\n\n# twice\n"])
}

fn block(statement: BoxedStrategy<String>) -> BoxedStrategy<String> {
    (prop::collection::vec((statement, end()), 0..3), one_of(&["{", "{\n", "{ # open\n", "{\n\n# first\n"]))
        .prop_map(|(statements, open)| {
            let body: String = statements.into_iter().map(|(a, b)| format!("{a}{b}")).collect();
            format!("{open} {body} }}")
        })
        .boxed()
}

fn target() -> BoxedStrategy<String> {
    Union::new([text(), command(), one_of(&["rollback", "rollback(1, to: \"a\")"])]).boxed()
}

fn simple() -> BoxedStrategy<String> {
    Union::new([
        text(),
        expr().prop_map(|a| format!("let x = {a}")).boxed(),
        (target(), target())
            .prop_map(|(a, b)| {
                format!("action {a} on \"h\" by owner within 5m retry 3 times every 1s as out undo {b} showing x, y")
            })
            .boxed(),
        (target(), target()).prop_map(|(a, b)| format!("action {a}\n  within 5m\n  finally {b}")).boxed(),
        expr().prop_map(|a| format!("escalate to \"team\" because {a}")).boxed(),
        expr().prop_map(|a| format!("record {a} to \"incidents\"")).boxed(),
        one_of(&[
            "wait 5m",
            "resolve",
            "stop \"why\"",
            "let y = ask secret \"Q\" within 5m",
            "let y = ask \"Q\"\n among [\"a\", \"b\"]",
            "run \"x.rb\" with (a: 1, b: \"two\")",
            "escalate to owner",
        ]),
    ])
    .boxed()
}

fn statement() -> BoxedStrategy<String> {
    simple()
        .prop_recursive(3, 20, 3, |inner| {
            let inner = inner.boxed();
            let block = || block(inner.clone());
            let before_else = || one_of(&[" ", "\n", "\n# before\n", "  # behind\n"]);
            Union::new([
                (condition(), before_else(), block()).prop_map(|(a, b, c)| format!("check {a}{b}else {c}")).boxed(),
                (condition(), before_else(), block(), block())
                    .prop_map(|(a, b, c, d)| format!("check {a} unknown {c}{b}else {d}"))
                    .boxed(),
                (condition(), block(), condition(), block(), before_else(), block())
                    .prop_map(|(a, b, c, d, e, f)| format!("if {a} {b} else  if {c} {d}{e}else {f}"))
                    .boxed(),
                (expr(), block())
                    .prop_map(|(a, b)| format!("wait until {a} for 1m within 5m every 10s else {b}"))
                    .boxed(),
                (expr(), block(), block(), block())
                    .prop_map(|(a, b, c, d)| {
                        format!("match {a} {{ \"one\", 2 {b}\n contains \"t\" {c} < 5m {d} else {{ }} unknown {{stop}} }}")
                    })
                    .boxed(),
                (name(), condition(), block())
                    .prop_map(|(a, b, c)| format!("for each one in {a} where {b} up to 3 {c}"))
                    .boxed(),
                (condition(), block(), block())
                    .prop_map(|(a, b, c)| format!("repeat up to 3 times every 1m until {a} {b} else {c}"))
                    .boxed(),
                (target(), block()).prop_map(|(a, b)| format!("action {a} within 1m\nelse {b}")).boxed(),
                block().prop_map(|a| format!("run \"x.rb\" else {a}")).boxed(),
            ])
        })
        .boxed()
}

fn declaration() -> BoxedStrategy<String> {
    Union::new([
        one_of(&[
            "trigger alert \"A\" where a = \"b\" , severity=~\"c|d\"",
            "trigger schedule \"0 3 * * *\" in \"Europe/Berlin\" for 2h",
            "trigger manual",
            "owner \"team\"",
            "severity   \"sev2\"",
            "link \"a\" \"https://example.com/a#b\"",
            "param p",
            "param p :duration= 5m",
            "secret s from env \"VAR\"",
            "secret s from   file \"/a/b\"",
            "metric m (a , b) by x,y in MiB/s from prometheus \"up\"",
            "metric m in % from prometheus \"\"\"\n sum( rate(a{b=\"#{ p }\"}[5m]) )\n   by (le)\n\"\"\"",
            "metric m from host \"\"\"\n   any  thing\n     else\n\"\"\"",
            "define d(a, b) as `do #{a} #{b}`",
            "define d as rundeck \"job\"",
            "use \"lib.rb\"",
        ]),
        expr().prop_map(|a| format!("let f(a, b) = {a}")).boxed(),
    ])
    .boxed()
}

fn test_block() -> BoxedStrategy<String> {
    let line = Union::new([
        one_of(&[
            "param p = 3",
            "given p99 = [180ms x10, 900ms x 20] every 1m",
            "given disk { instance : \"a\" } = 95%",
            "given lag(\"a\") = 3 from 5m",
            "given p99 is none",
            "given p99 is stale 5m",
            "given p99 has 3 series",
            "given provider prometheus is slow 60s",
            "given provider prometheus is error \"x\"",
            "given team \"a\" is down",
            "given team \"a #{x}\" is slow 10m",
            "given channel \"#b\"  is error \"x\"",
            "given action rollback(1) fails \"x\"",
            "given action `a #{x}` hangs",
            "given probe `pg_isready` = unknown",
            "given probe `a` prints \"x\"",
            "after action rollback { given p99 = 1ms after 2m }",
            "after action rollback {\n  # why\n given p99 = 1ms; given x = 2 }",
            "each { given p99 is nan ; given p99 is none }",
            "answer \"Q\" with \"not sure\" after 5m",
            "expect resolved within 5m",
            "expect no action",
            "expect action rollback( service:\"api\" )",
            "expect escalation to \"team\" matching \"why\"",
            "expect no escalation",
            "expect record matching \"x\"",
            "expect no step \"a\"",
        ]),
        (name(), expr()).prop_map(|(a, b)| format!("given {a} = {b}")).boxed(),
    ]);
    block(line.boxed()).prop_map(|body| format!("test \"it works\" {body}")).boxed()
}

fn program() -> BoxedStrategy<String> {
    let lines = |line: BoxedStrategy<String>, most| {
        prop::collection::vec((line, end()), 0..most)
            .prop_map(|all| all.into_iter().map(|(a, b)| format!("{a}{b}")).collect::<String>())
    };
    let step = block(statement()).prop_map(|body| format!("step \"a step\" {body}")).boxed();
    let body = Union::new([step, statement()]).boxed();
    (
        one_of(&["", "#!/usr/bin/env rbl\n", "# first\n", "\u{feff}", "\n\n"]),
        lines(declaration(), 5),
        lines(body, 4),
        lines(test_block(), 2),
    )
        .prop_map(|(first, a, b, c)| format!("{first}runbook  \"R\"\n{a}{b}{c}"))
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn any_program(text in program()) {
        let printed = holds(&text);
        // Rarely the indent, which is random too, makes it unclear to the reader which brace closes what.
        prop_assume!(printed.is_some());
        // The same with the other line ends is the same.
        prop_assert_eq!(holds(&text.replace('\n', "\r\n")), printed);
    }
}
