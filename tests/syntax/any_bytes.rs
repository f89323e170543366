//! Any text gives a tree and findings: never a crash, never a hang, every span on a character border inside the text.

use proptest::prelude::*;
use rbl_syntax::parse;
use rbl_syntax::source::SourceId;

const PROGRAM: &str = include_str!("../../examples/api-latency.rb");

fn survives(text: &str) {
    let parsed = parse(SourceId(0), text);
    for diagnostic in &parsed.diagnostics {
        for label in &diagnostic.labels {
            let range = label.place.span.range();
            assert!(
                text.get(range.clone()).is_some(),
                "{range:?} of {} bytes: {}",
                text.len(),
                diagnostic.message
            );
        }
    }
    // Serializing walks the whole tree.
    serde_json::to_string(&parsed.file).unwrap();
}

#[test]
fn every_beginning_of_a_program() {
    for (end, _) in PROGRAM.char_indices() {
        survives(&PROGRAM[..end]);
    }
}

#[test]
fn every_program_with_one_character_missing() {
    for (at, c) in PROGRAM.char_indices() {
        survives(&format!("{}{}", &PROGRAM[..at], &PROGRAM[at + c.len_utf8()..]));
    }
}

#[test]
fn deep_and_long_things() {
    for text in [
        "{".repeat(100_000),
        "(".repeat(100_000),
        "if a { ".repeat(10_000),
        format!("let x = {}1", "not ".repeat(100_000)),
        format!("let x = {}1", "-".repeat(100_000)),
        format!("let x = 1{}", " + 1".repeat(100_000)),
        format!("let x = a{}", ".b".repeat(100_000)),
        format!("let x = {}\"", "\"#{".repeat(100_000)),
        "\"#{`".repeat(10_000),
        "else ".repeat(100_000),
        "if a { stop } junk ".repeat(60),
        format!("{}{}", "if a { ".repeat(60), "} junk ".repeat(60)),
        "x ".repeat(5_000_000),
        format!("\"{}\"", "a".repeat(10_000_000)),
        "\u{0}\u{1}\u{2}".into(),
        "\r\r\r\n\r".into(),
        "\u{feff}\u{feff}".into(),
    ] {
        survives(&text);
    }
}

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,200}") {
        survives(&text);
    }

    #[test]
    fn any_words(words in prop::collection::vec(
        prop::sample::select(vec![
            "check", "if", "else", "unknown", "{", "}", "(", ")", "[", "]", "\"", "`", "#{", "#", "\n", ";", "p99", "<",
            "500ms", "5x", "and", "not", "action", "let", "x", "=", "match", "for", "each", "in", "wait", "until",
            "within", "step", "\"a\"", "`b`", "\"\"\"", "\\", ",", "..", "any", "every", "over", "ago", "test", "given",
            "escalate", "to", "owner", "repeat", "up", "times", "\t", "é", "{a: 1}",
        ]), 0..60)
    ) {
        survives(&words.join(" "));
        survives(&words.concat());
    }
}
