//! Decides whether two texts with values in them may be equal, as far as they are known before the run.

use rbl_syntax::tree::Part;

/// What is written between the values of a text: one more than there are values.
fn pieces(parts: &[Part]) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for part in parts {
        match (part, pieces.last_mut()) {
            (Part::Literal { text, .. }, Some(last)) => last.push_str(text),
            (Part::Literal { .. } | Part::Value(_), _) => pieces.push(String::new()),
        }
    }
    pieces
}

fn begin_alike(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

fn end_alike(a: &str, b: &str) -> bool {
    a.ends_with(b) || b.ends_with(a)
}

/// Whether two texts differ in how they begin or end, which most do: then they need not be looked at further.
fn ends_differ(a: &[Part], b: &[Part]) -> bool {
    let differ = |a: Option<&Part>, b: Option<&Part>, alike: fn(&str, &str) -> bool| match (a, b) {
        (Some(Part::Literal { text: a, .. }), Some(Part::Literal { text: b, .. })) => !alike(a, b),
        _ => false,
    };
    differ(a.first(), b.first(), begin_alike) || differ(a.last(), b.last(), end_alike)
}

/// Whether two texts may be equal during a run. A value may be any text at all.
pub(super) fn may_be_same(a: &[Part], b: &[Part]) -> bool {
    if ends_differ(a, b) {
        return false;
    }
    let (a, b) = (pieces(a), pieces(b));
    match (a.as_slice(), b.as_slice()) {
        ([a], [b]) => a == b,
        ([text], pieces) | (pieces, [text]) => fits(pieces, text),
        // What is in the middle of one fits into a value of the other.
        ([a_first, .., a_last], [b_first, .., b_last]) => {
            begin_alike(a_first, b_first) && end_alike(a_last, b_last)
        }
        ([], _) | (_, []) => false,
    }
}

/// Whether these pieces, with any text between them, may be this text.
fn fits(pieces: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = pieces else { return false };
    let rest = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()));
    let rest = rest.and_then(|rest| {
        // Where each is found first, most is left for those after it.
        middle.iter().try_fold(rest, |rest, piece| rest.split_once(piece.as_str()).map(|(_, rest)| rest))
    });
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::source::Span;
    use rbl_syntax::tree::{Expr, ExprKind};

    /// `*` is a value.
    fn parts(text: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        for (at, literal) in text.split('*').enumerate() {
            if at > 0 {
                parts.push(Part::Value(Expr { span: Span::default(), kind: ExprKind::Now }));
            }
            if !literal.is_empty() {
                parts.push(Part::Literal { text: literal.into(), span: Span::default() });
            }
        }
        parts
    }

    #[test]
    fn a_value_may_be_any_text() {
        let same = |a: &str, b: &str| {
            let (a, b) = (parts(a), parts(b));
            assert_eq!(may_be_same(&a, &b), may_be_same(&b, &a));
            may_be_same(&a, &b)
        };
        assert!(same("reboot db-1", "reboot db-1") && !same("reboot db-1", "reboot db-2"));
        assert!(same("reboot *", "reboot db-1") && !same("reboot *", "start db-1"));
        assert!(same("*", "") && same("a*", "*b") && same("*x*", "axb"));
        assert!(!same("a*", "b*") && !same("*a", "*b"));
        assert!(same("", "") && !same("", "a"));
        assert!(same("a*b*c", "a1b2c") && same("a*b*c", "abbc") && !same("a*b*c", "acb"));
        assert!(!same("ab*ba", "aba") && same("ab*ba", "abba") && !same("*aa*aa*", "aaa"));
        assert!(same("a*b*c", "*") && same("a*x*c", "a*y*c") && !same("a*x*c", "a*y*d"));
        // As many characters in both: in proportion to their lengths, not to the product of these.
        let long = "<<E ".repeat(100_000);
        assert!(same(&format!("{long}*{long}"), &long.repeat(3)) && !same(&format!("{long}*x"), &long));
    }
}
