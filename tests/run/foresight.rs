//! What the check says about a condition before the run holds in every run: never true, always true, covered.

use std::fmt::Write as _;

use proptest::prelude::*;
use rbl_check::{Catalogue, check};
use rbl_runtime::{EventKind, Then};
use rbl_syntax::source::{Source, Span};
use rbl_syntax::value::{ReasonKind, Verdict};

use super::{Files, ScriptedWorld, start, tell};

const HEAD: &str = "runbook \"R\"\nowner \"o\"\nmetric x in s from prometheus \"x\"\nmetric y in s from prometheus \"y\"\n\
                    let z = x\nlet b = x < 2s and y > 1s\n";

fn condition() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["x", "y", "z", "x + 1s", "2 * y"]);
    let op = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
    let atom = prop_oneof![
        6 => (name.clone(), op.clone(), 0..5u32).prop_map(|(name, op, at)| format!("{name} {op} {at}s")),
        2 => (name.clone(), op, name.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (name.clone(), 0..4u32, 0..3u32).prop_map(|(name, at, width)| format!("{name} in {at}s..{}s", at + width)),
        1 => (name, 0..4u32).prop_map(|(name, at)| format!("{name} in [{at}s, {}000ms]", at + 1)),
        1 => Just("b".to_owned()),
    ];
    atom.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| format!("not ({it})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
        ]
    })
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        (prop::sample::select(vec!["<", "<=", ">", ">="]), 0..5u32)
            .prop_map(|(op, at)| format!("{op} {at}s")),
        (0..4u32, 0..3u32).prop_map(|(at, width)| format!("{at}s..{}s", at + width)),
        (0..5u32).prop_map(|at| format!("{at}s")),
        (0..5u32).prop_map(|at| format!("[{at}s, 1s]")),
    ]
}

/// A block of statements, each on lines of its own.
fn block() -> impl Strategy<Value = String> {
    let small = prop_oneof![
        3 => Just("\"told\"\n".to_owned()),
        1 => Just("wait 1m\n".to_owned()),
        1 => Just("stop\n".to_owned()),
        2 => condition().prop_map(|it| format!("check {it} unknown {{ \"not known\" }}\n")),
    ];
    small.prop_recursive(3, 24, 4, |inner| {
        let block = prop::collection::vec(inner, 1..3).prop_map(|all| all.concat());
        let rest = prop_oneof![Just(""), Just("unknown { \"not known\" }\n")];
        prop_oneof![
            (condition(), block.clone(), rest.clone())
                .prop_map(|(it, no, rest)| format!("check {it} else {{\n{no}}} {rest}\n")),
            (condition(), block.clone(), condition(), block.clone(), block.clone(), rest.clone()).prop_map(
                |(a, one, b, two, three, rest)| {
                    format!("if {a} {{\n{one}}} else if {b} {{\n{two}}} else {{\n{three}}} {rest}\n")
                }
            ),
            (condition(), block.clone(), rest.clone())
                .prop_map(|(it, yes, rest)| format!("if {it} {{\n{yes}}} {rest}\n")),
            (pattern(), block.clone(), pattern(), block.clone(), block.clone(), rest.clone()).prop_map(
                |(a, one, b, two, three, rest)| {
                    format!("match x {{\n{a} {{\n{one}}}\n{b} {{\n{two}}}\nelse {{\n{three}}} {rest}}}\n")
                }
            ),
            (condition(), block.clone()).prop_map(|(it, no)| {
                format!("wait until {it} within 2m every 1m else {{\n{no}}} unknown {{ \"not known\" }}\n")
            }),
            (condition(), block.clone()).prop_map(|(it, body)| {
                format!("repeat up to 2 times every 1m until {it} {{\n{body}}} else {{ \"no\" }} unknown {{ \"?\" }}\n")
            }),
            block.prop_map(|body| format!("for each e in [1, 2] {{\n\"#{{e}}\"\n{body}}}\n")),
        ]
    })
}

/// The answer of a metric at first, and from the first minute on. Less than nothing is no data.
fn world(answers: &[i32; 4]) -> ScriptedWorld {
    let mut world = ScriptedWorld::new();
    for (metric, from, half) in
        [("x", 0.0, answers[0]), ("y", 0.0, answers[1]), ("x", 60.0, answers[2]), ("y", 60.0, answers[3])]
    {
        world = if half < 0 {
            let given = super::scripted_world::Given::Fault(ReasonKind::NoData, "no data");
            world.given(metric, from, given)
        } else {
            world.later(metric, from, f64::from(half) / 2.0)
        };
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_of_a_condition_holds_in_every_run(
        body in prop::collection::vec(block(), 1..4),
        worlds in prop::collection::vec(prop::array::uniform4(-1i32..=10), 40),
    ) {
        let text = format!("{HEAD}{}", body.concat());
        let checked = check(
            Source::new("main.rb", text.as_str()),
            "main.rb",
            &mut Files(std::collections::HashMap::new()),
            &Catalogue::default(),
        );
        // Two statements after an end do not check.
        let Some(program) = &checked.program else { return Ok(()) };
        let said: Vec<(Span, &str)> = checked
            .diagnostics
            .iter()
            .filter_map(|finding| Some((finding.place()?.span, finding.code.name())))
            .filter(|(_, code)| ["flow/never", "flow/always", "flow/covered"].contains(code))
            .collect();
        let line_of = |span: Span| 1 + text[..span.start as usize].matches('\n').count();
        let mut wrong = String::new();
        for answers in &worlds {
            for event in &tell(program, &start(), world(answers)).events {
                let Some(place) = &event.place else { continue };
                let (judged, verdict, then) = match &event.kind {
                    EventKind::Decided(it) => (place.span.start, &it.verdict, Some(&it.then)),
                    // The condition comes after `wait until `.
                    EventKind::Polled { decision, .. } => (place.span.start + 11, &decision.verdict, None),
                    _ => continue,
                };
                for (span, code) in &said {
                    let arm = matches!(then, Some(Then::Arm { line, .. }) if *line as usize == line_of(*span));
                    let taken = arm && text[..span.start as usize].ends_with('\n');
                    let yes = (span.start == judged && *verdict == Verdict::Yes) || taken;
                    let no = span.start == judged && *verdict == Verdict::No;
                    if (*code == "flow/always" && no) || (*code != "flow/always" && yes) {
                        writeln!(wrong, "{code} {:?} with {answers:?}", &text[span.range()]).unwrap();
                    }
                }
            }
        }
        prop_assert!(wrong.is_empty(), "{text}\n{wrong}");
    }
}
