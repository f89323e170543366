//! Decides whether two texts with values in them may be equal, as far as they are known before the run.

use rbl_syntax::tree::Part;

/// A character, or a value: any text at all.
type TextToken = Option<char>;

fn tokens(parts: &[Part]) -> Vec<TextToken> {
    let mut tokens = Vec::new();
    for part in parts {
        match part {
            Part::Literal { text, .. } => tokens.extend(text.chars().map(Some)),
            Part::Value(_) => tokens.push(None),
        }
    }
    tokens
}

/// Whether two texts may be equal during a run.
pub(super) fn may_be_same(a: &[Part], b: &[Part]) -> bool {
    if let ([] | [Part::Literal { .. }], [] | [Part::Literal { .. }]) = (a, b) {
        return tokens(a) == tokens(b);
    }
    let (a, b) = (tokens(a), tokens(b));
    // Row by row: whether the rest of `a` from one position may match the rest of `b` from each position.
    let mut below: Vec<bool> = Vec::new();
    for (row, left) in (0..=a.len()).rev().map(|row| (row, a.get(row))) {
        let mut here = vec![false; b.len() + 1];
        for column in (0..=b.len()).rev() {
            let right = b.get(column);
            let at = |row: &[bool], column: usize| row.get(column).copied().unwrap_or(false);
            let fits = match (left, right) {
                (None, None) => true,
                (Some(None), _) => at(&below, column) || (right.is_some() && at(&here, column + 1)),
                (_, Some(None)) => at(&here, column + 1) || (left.is_some() && at(&below, column)),
                (Some(Some(left)), Some(Some(right))) => left == right && at(&below, column + 1),
                (None, Some(Some(_))) | (Some(Some(_)), None) => false,
            };
            if let Some(slot) = here.get_mut(column) {
                *slot = fits;
            }
        }
        if row == 0 {
            return here.first().copied().unwrap_or(false);
        }
        below = here;
    }
    false
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
    }
}
