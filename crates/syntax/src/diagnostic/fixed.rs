//! Applies fixes to a text: all fixes that do not conflict, in one pass.

use super::{Edit, Fix};
use crate::source::SourceId;

/// Returns the text with these fixes applied, and how many were. A fix that overlaps an earlier one is left for a later
/// pass, as is one that also changes another source.
pub fn fixed<'a>(text: &str, source: SourceId, fixes: impl IntoIterator<Item = &'a Fix>) -> (String, usize) {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut made = 0;
    for fix in fixes {
        let fits = |edit: &Edit| {
            edit.place.source == source
                && text.get(edit.place.span.range()).is_some()
                && edits.iter().all(|other| apart(other, edit))
        };
        if !fix.edits.is_empty() && fix.edits.iter().all(fits) {
            edits.extend(&fix.edits);
            made += 1;
        }
    }
    edits.sort_by_key(|edit| edit.place.span);
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.place.span.range();
        // The edits of one fix must not overlap either: an overlapping one is left out.
        let Some(before) = text.get(at..range.start) else { continue };
        fixed.push_str(before);
        fixed.push_str(&edit.text);
        at = range.end;
    }
    fixed.push_str(text.get(at..).unwrap_or_default());
    (fixed, made)
}

/// Whether two edits are disjoint. Two insertions at the same place are not; neither are adjacent edits.
fn apart(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.place.span, b.place.span);
    a.end < b.start || b.end < a.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Safety;
    use crate::source::Span;

    fn fix(edits: &[(u32, u32, &str)]) -> Fix {
        let edit = |(start, end, text): &(u32, u32, &str)| Edit {
            place: Span::new(*start, *end).in_source(SourceId(0)),
            text: (*text).to_owned(),
        };
        Fix { title: String::new(), safety: Safety::Safe, edits: edits.iter().map(edit).collect() }
    }

    fn made(text: &str, fixes: &[Fix]) -> (String, usize) {
        fixed(text, SourceId(0), fixes)
    }

    #[test]
    fn fixes_apart_are_made_together_whatever_their_order() {
        let fixes = [fix(&[(6, 8, "or")]), fix(&[(0, 1, "«"), (3, 4, "»")]), fix(&[(9, 9, "!")])];
        assert_eq!(made("“ab” || c", &[]), ("“ab” || c".into(), 0));
        assert_eq!(made("'ab' ||xc", &[fixes[1].clone(), fix(&[(5, 7, "or ")])]), ("«ab» or xc".into(), 2));
        assert_eq!(made("0123456789", &fixes), ("«12»45or8!9".into(), 3));
    }

    #[test]
    fn of_two_that_meet_the_first_is_made() {
        let (first, second) = (fix(&[(0, 4, "a")]), fix(&[(2, 6, "b"), (8, 9, "c")]));
        assert_eq!(made("0123456789", &[first.clone(), second]), ("a456789".into(), 1));
        assert_eq!(made("0123456789", &[first, fix(&[(4, 4, "x")])]), ("a456789".into(), 1));
        assert_eq!(made("01", &[fix(&[(1, 1, "x")]), fix(&[(1, 1, "y")])]), ("0x1".into(), 1));
    }

    #[test]
    fn what_does_not_lie_in_this_text_is_left() {
        assert_eq!(made("ä", &[fix(&[(1, 2, "x")]), fix(&[(5, 9, "x")]), fix(&[])]), ("ä".into(), 0));
        let mut elsewhere = fix(&[(0, 1, "x"), (2, 3, "y")]);
        elsewhere.edits[1].place.source = SourceId(1);
        assert_eq!(made("abc", &[elsewhere]), ("abc".into(), 0));
    }
}
