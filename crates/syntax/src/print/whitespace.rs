//! Checks that a text prints the same however its insignificant blanks and line ends are distributed.
#![allow(clippy::string_slice)] // token boundaries are character boundaries

use proptest::prelude::*;

use super::token::{PrintToken, PrintTokenKind, tokens};
use super::{AsWritten, print, read};
use crate::layout::begins_statement;
use crate::source::SourceId;

const TEXTS: [&str; 8] = [
    include_str!("../../../../examples/api-latency.rb"),
    include_str!("../../../../examples/compactor-halted.rb"),
    include_str!("../../../../examples/credential-rotation.rb"),
    include_str!("../../../../examples/disk-full.rb"),
    include_str!("../../../../examples/playbook.rb"),
    include_str!("../../../../examples/queue-backlog.rb"),
    include_str!("../../../../examples/library/machine.rb"),
    include_str!("../../../../benches/runbooks/dense.rb"),
];

/// Words that a line may begin with wherever a statement continues.
const GO_ON: [&str; 16] = [
    "unknown", "within", "every", "retry", "finally", "undo", "because", "with", "where", "until", "and",
    "or", "by", "on", "as", "showing",
];

/// Picks one of several, by a sequence of pseudo-random numbers.
struct Dice(u64);

impl Dice {
    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(self.0 >> 33).unwrap() % from.len();
        from[at]
    }
}

fn spread(text: &str, dice: &mut Dice) -> String {
    let (_, laid_out) = read(SourceId(0), text);
    let laid_out = laid_out.unwrap();
    let tokens = tokens(text, &laid_out);
    let mut out = String::new();
    let (mut behind, mut values, mut brackets) = (0, 0_usize, 0_usize);
    let mut before: Option<&PrintToken<'_>> = None;
    for token in &tokens {
        let start = token.start as usize;
        let gap = &text[behind..start];
        let one =
            before.is_none() || !token.remarks.is_empty() || before.is_some_and(|it| it.aside.is_some());
        let ends = laid_out.text[behind..start].contains('\n');
        let lines = gap.matches('\n').count();
        let block = |token: &PrintToken<'_>| matches!(token.text, "{" | "}") && brackets == 0 && values == 0;
        out.push_str(match before {
            _ if one || token.kind == PrintTokenKind::End => gap,
            Some(_) if ends && lines > 1 => dice.pick(&["\n\n", "\n \n\t\n", "  \n\n\n\n  "]),
            Some(_) if ends => dice.pick(&["\n", " ; ", "\t\n      ", " ;\n"]),
            Some(it) if gap.is_empty() => {
                let inside = matches!(it.kind, PrintTokenKind::Open)
                    || matches!(token.kind, PrintTokenKind::Close | PrintTokenKind::Separator);
                let value = it.text.ends_with("#{") || token.kind == PrintTokenKind::More;
                if inside || value { dice.pick(&["", " ", "  "]) } else { "" }
            }
            Some(it) => {
                let bracket =
                    brackets > 0 && matches!(it.text, "(" | "[" | ",") && !begins_statement(token.text);
                let goes_on = GO_ON.contains(&token.text) || block(token) || block(it);
                if values == 0 && matches!(token.text, "else" | "unknown") {
                    // Blank lines between the arms of a `match` are kept as the author wrote them.
                    dice.pick(&[" ", "   ", "\n", " \t\n  "])
                } else if values == 0 && (bracket || goes_on) {
                    dice.pick(&[" ", "   ", "\n", "\n\n      ", " \t\n"])
                } else {
                    dice.pick(&[" ", "    ", "\t"])
                }
            }
            None => gap,
        });
        match token.text {
            "(" | "[" => brackets += 1,
            ")" | "]" => brackets -= 1,
            _ if token.kind == PrintTokenKind::Text && token.text.ends_with("#{") => values += 1,
            _ if token.kind == PrintTokenKind::More && !token.text.ends_with("#{") => values -= 1,
            _ => {}
        }
        behind = start + token.text.len();
        out.push_str(&text[start..behind]);
        before = Some(token);
    }
    out
}

proptest! {
    #[test]
    fn blanks_and_line_ends_are_the_printers(seed in any::<u64>(), which in 0..TEXTS.len()) {
        let printed = print(SourceId(0), TEXTS[which], &AsWritten).unwrap();
        let spread = spread(&printed, &mut Dice(seed));
        match print(SourceId(0), &spread, &AsWritten) {
            Ok(again) => {
                let differs = again.lines().zip(printed.lines()).find(|(a, b)| a != b);
                prop_assert!(again == printed, "{:?}\n{}", differs, spread);
            }
            Err(why) => prop_assert!(false, "{:?}\n{}", why, spread),
        }
    }
}
