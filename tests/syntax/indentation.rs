//! Indentation never changes the meaning of a correct text: every line moved at random gives the same tree.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rbl_syntax::diagnostic::Severity;
use rbl_syntax::parse;
use rbl_syntax::source::SourceId;
use serde_json::Value;

use super::printed::all_texts;

/// The starts of the lines that may be moved: not within a text or a command, where blanks are the author's.
fn movable(text: &str, tree: &Value) -> Vec<usize> {
    let mut quoted = Vec::new();
    texts(tree, &mut quoted);
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    starts.filter(|at| quoted.iter().all(|(start, end)| !(start < at && at < end))).collect()
}

/// The spans of all texts and commands.
fn texts(tree: &Value, found: &mut Vec<(usize, usize)>) {
    match tree {
        Value::Array(items) => items.iter().for_each(|it| texts(it, found)),
        Value::Object(fields) => {
            if let (true, Some(span)) = (fields.contains_key("parts"), fields.get("span")) {
                let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
                found.push((at("start"), at("end")));
            }
            fields.values().for_each(|it| texts(it, found));
        }
        _ => {}
    }
}

/// The tree without its places.
fn without_spans(tree: &mut Value) {
    match tree {
        Value::Array(items) => items.iter_mut().for_each(without_spans),
        Value::Object(fields) => {
            let is_span = |value: &Value| {
                value
                    .as_object()
                    .is_some_and(|it| it.len() == 2 && it.contains_key("start") && it.contains_key("end"))
            };
            fields.retain(|key, value| !is_span(value) && key != "comments");
            fields.values_mut().for_each(without_spans);
        }
        _ => {}
    }
}

/// The tree of a correct text, with its spans.
fn tree(text: &str) -> Option<Value> {
    let parsed = parse(SourceId(0), text);
    let wrong = parsed.diagnostics.iter().any(|it| it.severity != Severity::Advice);
    (!wrong).then(|| serde_json::to_value(&parsed.file).unwrap())
}

/// The text with other blanks before each line that may be moved.
fn moved(text: &str, movable: &[usize], indents: &[String]) -> String {
    let mut out = String::new();
    for (at, start) in movable.iter().enumerate() {
        let end = movable.get(at + 1).copied().unwrap_or(text.len());
        let line = &text[*start..end];
        // A shebang is one only where the file begins.
        let indent = if line.starts_with("#!") { "" } else { indents[at % indents.len()].as_str() };
        out.push_str(indent);
        out.push_str(line.trim_start_matches([' ', '\t']));
    }
    out
}

#[test]
fn every_right_text_is_the_same_however_it_is_indented() {
    let mut right = 0;
    for (name, text) in all_texts() {
        let Some(mut before) = tree(&text) else { continue };
        right += 1;
        let movable = movable(&text, &before);
        without_spans(&mut before);
        let says_the_same = |indents: &[String]| {
            let other = moved(&text, &movable, indents);
            let parsed = parse(SourceId(0), &other);
            let wrong: Vec<&String> = parsed
                .diagnostics
                .iter()
                .filter(|it| it.severity != Severity::Advice)
                .map(|it| &it.message)
                .collect();
            prop_assert!(wrong.is_empty(), "{name}: {wrong:?} in\n{other}");
            let mut after = serde_json::to_value(&parsed.file).unwrap();
            without_spans(&mut after);
            prop_assert_eq!(&before, &after, "{}:\n{}", &name, &other);
            Ok(())
        };
        let count = movable.len();
        let further_left: Vec<String> = (0..count).rev().map(|blanks| " ".repeat(blanks % 40)).collect();
        for fixed in [vec![String::new()], further_left] {
            says_the_same(&fixed).unwrap_or_else(|why| panic!("{why}"));
        }
        let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
        let indents = prop::collection::vec("[ ]{0,9}|\t{1,2}|[ ]\t", count);
        runner.run(&indents, |indents| says_the_same(&indents)).unwrap_or_else(|why| panic!("{why}"));
    }
    assert!(right > 150, "{right}");
}
