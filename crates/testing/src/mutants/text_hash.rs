//! [`TextHash`]: the hash of a text with edits, without building that text.

use super::mutant::MutantEdit;

/// A prime below 2⁶¹, so that a product fits into 128 bits and is reduced quickly.
const PRIME: u128 = (1 << 61) - 1;
/// The base of the polynomial: any large number below the prime.
const BASE: u64 = 0x1234_5678_9abc_def1;

/// The polynomial hashes of every beginning of a text.
#[derive(Debug)]
pub(super) struct TextHash {
    /// The hash of the first bytes, by their number.
    prefixes: Vec<u64>,
    /// The powers of the base.
    powers: Vec<u64>,
}

impl TextHash {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        let (mut prefixes, mut powers) = (vec![0], vec![1]);
        let (mut hash, mut power) = (0, 1);
        for byte in text.bytes() {
            hash = with(hash, byte);
            power = times(power, BASE);
            prefixes.push(hash);
            powers.push(power);
        }
        Self { prefixes, powers }
    }

    /// The hash of that text with these edits, which are in order of place. Equal texts have equal hashes.
    pub(super) fn changed(&self, text: &str, edits: &[MutantEdit]) -> u64 {
        let mut hash = 0;
        let mut at = 0;
        for edit in edits {
            let range = edit.span.range();
            hash = self.and(hash, at, range.start);
            hash = edit.text.bytes().fold(hash, with);
            at = range.end;
        }
        self.and(hash, at, text.len())
    }

    /// The hash of something followed by a part of the text.
    fn and(&self, hash: u64, start: usize, end: usize) -> u64 {
        let prefix = |at: usize| self.prefixes.get(at).copied().unwrap_or_default();
        let power = self.powers.get(end.saturating_sub(start)).copied().unwrap_or_default();
        // hash · Bⁿ + (prefix(end) − prefix(start) · Bⁿ)
        let part = (u128::from(prefix(end)) + PRIME - u128::from(times(prefix(start), power))) % PRIME;
        reduced(u128::from(times(hash, power)) + part)
    }
}

fn with(hash: u64, byte: u8) -> u64 {
    reduced(u128::from(hash) * u128::from(BASE) + u128::from(byte) + 1)
}

fn times(a: u64, b: u64) -> u64 {
    reduced(u128::from(a) * u128::from(b))
}

fn reduced(number: u128) -> u64 {
    u64::try_from(number % PRIME).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::source::Span;

    #[test]
    fn equal_texts_have_equal_hashes_however_they_were_changed() {
        let text = "check a < 5\ncheck a < 5\nwait 5s\n";
        let hash = TextHash::of(text);
        let edit = |start, end, text: &str| MutantEdit { span: Span::new(start, end), text: text.into() };
        // Either of two equal lines is dropped.
        let (first, second) =
            (hash.changed(text, &[edit(0, 12, "")]), hash.changed(text, &[edit(12, 24, "")]));
        assert_eq!(first, second);
        assert_eq!(first, hash.changed(text, &[edit(8, 9, "<"), edit(12, 24, "")]));
        assert_ne!(first, hash.changed(text, &[edit(8, 9, ">"), edit(12, 24, "")]));
        assert_eq!(hash.changed(text, &[]), TextHash::of("").changed("", &[edit(0, 0, text)]));
    }
}
