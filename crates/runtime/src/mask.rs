//! Finds the forms of secrets in a text: as they are, escaped, with colour codes in between, and encodings broken into lines.
//!
//! *Invariant:* the time is linear in the text.

use std::ops::Range;

use memchr::memmem;
use rbl_syntax::printable;
use zeroize::{Zeroize, Zeroizing};

use crate::secret_forms::SecretForms;
use crate::spelled_secrets::SpelledSecrets;

/// How much of an encoding is enough to know it, in bytes: nine bytes of base64, six of hex.
const PART: usize = 12;
/// How much of a text behind a cut is looked at for a secret that is whole, in bytes.
const HEAD: usize = 64 * 1024;
/// How much of a value at the end or the beginning of a line is enough to know it, in bytes: the rest is in another line.
const PIECE: usize = 8;
/// The shortest value that is looked for where lines were broken, in bytes: two short lines are too often alike by chance.
const FOLDED: usize = 8;

/// Knows the forms of secrets. They are overwritten in memory when it is dropped.
#[derive(Default)]
pub(super) struct Mask {
    /// The values, found however their characters are escaped.
    spelled: SpelledSecrets,
    /// Every encoded form, longest first.
    encoded: Vec<Zeroizing<String>>,
    /// The values that are long enough to be looked for where programs broke them into lines.
    folded: Vec<Zeroizing<String>>,
    /// Every part of the encoded forms, in order.
    parts: Vec<[u8; PART]>,
    /// Whether a part begins with these two bytes.
    begins: Vec<bool>,
}

impl Drop for Mask {
    fn drop(&mut self) {
        self.parts.zeroize();
    }
}

impl Mask {
    /// Whether it knows none.
    pub(super) fn is_empty(&self) -> bool {
        self.spelled.is_empty()
    }

    /// From now on it knows this value.
    pub(super) fn add(&mut self, value: &str, shortest: usize) {
        let SecretForms { plain, encoded } = SecretForms::of(value, shortest);
        for form in &encoded {
            for part in form.as_bytes().windows(PART).filter_map(|part| part.try_into().ok()) {
                self.parts.push(part);
            }
        }
        self.parts.sort_unstable();
        self.parts.dedup();
        self.begins.resize(1 << 16, false);
        for part in &self.parts {
            if let Some(begins) = self.begins.get_mut(beginning(part)) {
                *begins = true;
            }
        }
        let lines = plain.iter().filter(|it| it.len() >= FOLDED && !it.contains('\n'));
        self.folded.extend(lines.cloned());
        for form in &plain {
            self.spelled.add(form);
        }
        for form in encoded {
            if !self.encoded.contains(&form) {
                let place = self.encoded.partition_point(|longer| longer.len() >= form.len());
                self.encoded.insert(place, form);
            }
        }
    }

    /// Where secrets are in the text: in order, none touching another one.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        self.find_forms(text, &mut found);
        let printed = PrintedBytes::of(text, |_| true);
        if printed.bytes.len() < text.len() {
            let mut in_printed = Vec::new();
            self.find_forms(std::str::from_utf8(&printed.bytes).unwrap_or_default(), &mut in_printed);
            found.extend(in_printed.into_iter().filter_map(|range| printed.range(range)));
        }
        self.find_parts(text, &mut found);
        self.find_folded(text, &mut found);
        joined(found)
    }

    fn find_forms(&self, text: &str, found: &mut Vec<Range<usize>>) {
        self.spelled.find(text, found);
        for form in &self.encoded {
            let all = memmem::find_iter(text.as_bytes(), form.as_bytes());
            found.extend(all.map(|at| at..at + form.len()));
        }
    }

    /// Encodings that are broken into lines or groups.
    fn find_parts(&self, text: &str, found: &mut Vec<Range<usize>>) {
        if self.parts.is_empty() || text.len() < PART {
            return;
        }
        let squeezed = PrintedBytes::of(text, |c| !c.is_whitespace());
        let mut run: Option<Range<usize>> = None;
        for (at, part) in squeezed.bytes.windows(PART).enumerate() {
            let begins = self.begins.get(beginning(part)).copied().unwrap_or(false);
            if !begins || self.parts.binary_search_by(|known| known.as_slice().cmp(part)).is_err() {
                continue;
            }
            match &mut run {
                Some(run) if run.end >= at => run.end = at + PART,
                _ => {
                    let done = run.replace(at..at + PART);
                    found.extend(done.into_iter().flat_map(|run| squeezed.lines(text, run)));
                }
            }
        }
        found.extend(run.into_iter().flat_map(|run| squeezed.lines(text, run)));
    }

    /// Values that were broken into lines, as `fold` does. A line may come alone, while a command still prints the next.
    fn find_folded(&self, text: &str, found: &mut Vec<Range<usize>>) {
        if self.folded.is_empty() {
            return;
        }
        if text.contains('\n') {
            let squeezed = PrintedBytes::of(text, |c| !matches!(c, '\n' | '\r'));
            for plain in &self.folded {
                for at in memmem::find_iter(&squeezed.bytes, plain.as_bytes()) {
                    found.extend(squeezed.lines(text, at..at + plain.len()));
                }
            }
        }
        let mut start = 0;
        for whole in text.split_inclusive('\n') {
            let line = whole.trim_end_matches(['\n', '\r']).as_bytes();
            for plain in self.folded.iter().filter(|it| it.len() > PIECE) {
                if let Some((from, to)) = piece(plain.as_bytes(), line) {
                    found.push(start + from..start + to);
                }
            }
            start += whole.len();
        }
    }

    /// How many bytes at the end of the text are held back where the text goes on: they are the beginning of a secret whose
    /// rest is missing. No secret that is whole is cut in two.
    pub(super) fn half_at_end(&self, text: &[u8]) -> usize {
        let (known, rest) = last_known(text);
        let encoded = |form: &str| {
            let longest = form.len().saturating_sub(1).min(known.len());
            (1..=longest)
                .rev()
                .find(|length| form.get(..*length).is_some_and(|beginning| known.ends_with(beginning)))
        };
        let half = self.encoded.iter().filter_map(|form| encoded(form)).max().unwrap_or(0);
        let mut start = known.len() - half.max(self.spelled.half_at_end(known));
        for range in self.find(known).iter().rev() {
            if range.start < start && start < range.end {
                start = range.start;
            }
        }
        known.len() - start + rest
    }

    /// How many bytes at the beginning of the text are the end of a secret. No secret that is whole is cut in two.
    pub(super) fn half_at_start(&self, text: &[u8]) -> usize {
        let (before, known) = first_known(text);
        let encoded = |form: &str| {
            let longest = form.len().saturating_sub(1).min(known.len());
            (1..=longest)
                .rev()
                .find(|length| form.get(form.len() - *length..).is_some_and(|end| known.starts_with(end)))
        };
        let half = self.encoded.iter().filter_map(|form| encoded(form)).max().unwrap_or(0);
        let mut end = half.max(self.spelled.half_at_start(known));
        if end == 0 {
            return 0;
        }
        for range in self.find(known.get(..known.len().min(HEAD)).unwrap_or(known)) {
            if range.start < end && end < range.end {
                end = range.end;
            }
        }
        before + end
    }
}

/// The text behind the last byte that is not UTF-8, and the number of bytes of a character that is cut off at its end.
fn last_known(text: &[u8]) -> (&str, usize) {
    match text.utf8_chunks().last() {
        Some(chunk) => (chunk.valid(), chunk.invalid().len()),
        None => ("", 0),
    }
}

/// The number of bytes of a character whose beginning is cut off, and the text behind it, as far as it is UTF-8.
fn first_known(text: &[u8]) -> (usize, &str) {
    let before = text.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let known = text.get(before..).unwrap_or_default();
    (before, known.utf8_chunks().next().map_or("", |chunk| chunk.valid()))
}

/// What is meant by a text, and where each byte of it begins and ends in the text.
#[derive(Default)]
struct PrintedBytes {
    bytes: Vec<u8>,
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl PrintedBytes {
    /// What is seen of it on a terminal, without the characters that are not kept.
    fn of(text: &str, kept: impl Fn(char) -> bool) -> Self {
        let mut printed = Self::default();
        for (at, c) in printable(text).filter(|(_, c)| kept(*c)) {
            for (behind, byte) in c.encode_utf8(&mut [0; 4]).bytes().enumerate() {
                printed.push(byte, at + behind..at + behind + 1);
            }
        }
        printed
    }

    fn push(&mut self, byte: u8, place: Range<usize>) {
        self.bytes.push(byte);
        self.starts.push(place.start);
        self.ends.push(place.end);
    }

    /// The place of these bytes in the text.
    fn range(&self, bytes: Range<usize>) -> Option<Range<usize>> {
        Some(*self.starts.get(bytes.start)?..*self.ends.get(bytes.end.checked_sub(1)?)?)
    }

    /// The same, line by line.
    fn lines(&self, text: &str, bytes: Range<usize>) -> Vec<Range<usize>> {
        let Some(whole) = self.range(bytes) else { return Vec::new() };
        let mut lines = Vec::new();
        let mut start = whole.start;
        for line in text.get(whole.clone()).unwrap_or_default().split_inclusive('\n') {
            let end = start + line.len();
            let kept = line.trim_end().len();
            if kept > 0 {
                lines.push(start..start + kept);
            }
            start = end;
        }
        lines
    }
}

/// Where a line holds a piece of a value that goes on in another line: at its end, at its beginning, or all of it.
fn piece(plain: &[u8], line: &[u8]) -> Option<(usize, usize)> {
    let longest = plain.len().saturating_sub(1).min(line.len());
    if longest < PIECE {
        return None;
    }
    if line.len() < plain.len() && memmem::find(plain, line).is_some() {
        return Some((0, line.len()));
    }
    let at_end = (PIECE..=longest).rev().find(|it| plain.get(..*it).is_some_and(|it| line.ends_with(it)));
    if let Some(length) = at_end {
        return Some((line.len() - length, line.len()));
    }
    let at_start = (PIECE..=longest)
        .rev()
        .find(|it| plain.get(plain.len() - it..).is_some_and(|it| line.starts_with(it)));
    at_start.map(|length| (0, length))
}

fn beginning(part: &[u8]) -> usize {
    match part {
        [first, second, ..] => usize::from(*first) << 8 | usize::from(*second),
        _ => 0,
    }
}

/// Overlapping ranges as one.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}
