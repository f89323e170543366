//! Finds values in a text whose characters may each be escaped.

use std::collections::BTreeMap;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::spelled::{begins_escape, each_reading, is_cut_off};

/// How many bytes of a text one character of a secret may take there.
const LONGEST_SPELLING: usize = 16;
/// The most bytes of the rest of an escape at the beginning of a text.
const REST_OF_ESCAPE: usize = 8;
/// From this many characters on the end of a secret is recognised behind the rest of an escape.
const WORTH_HIDING: usize = 4;

/// The values, character by character.
#[derive(Default)]
pub(super) struct SpelledSecrets {
    secrets: Vec<Zeroizing<Vec<char>>>,
    /// Which of them begin with a character.
    by_first: BTreeMap<char, Vec<usize>>,
    /// Whether one may begin with a byte, as it is or escaped.
    begins: Vec<bool>,
    /// The most characters of one.
    longest: usize,
}

/// How far a value was found at a place.
#[derive(Default)]
struct SpellingEnd {
    /// The end of the longest spelling of all of it.
    end: Option<usize>,
    /// Whether the text ends before the value does.
    is_open: bool,
}

impl SpelledSecrets {
    pub(super) fn add(&mut self, value: &str) {
        let chars: Zeroizing<Vec<char>> = Zeroizing::new(value.chars().collect());
        let Some(first) = chars.first().copied() else { return };
        if self.secrets.contains(&chars) {
            return;
        }
        if self.begins.is_empty() {
            self.begins = (0..=u8::MAX).map(begins_escape).collect();
        }
        let byte = first.encode_utf8(&mut [0; 4]).bytes().next().unwrap_or_default();
        if let Some(begins) = self.begins.get_mut(usize::from(byte)) {
            *begins = true;
        }
        self.longest = self.longest.max(chars.len());
        self.by_first.entry(first).or_default().push(self.secrets.len());
        self.secrets.push(chars);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Adds where the values are.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        for (at, byte) in text.bytes().enumerate() {
            if self.may_begin(byte)
                && text.is_char_boundary(at)
                && let Some(end) = self.at(text, at).end
            {
                found.push(at..end);
            }
        }
    }

    fn may_begin(&self, byte: u8) -> bool {
        self.begins.get(usize::from(byte)).copied().unwrap_or(false)
    }

    fn at(&self, text: &str, at: usize) -> SpellingEnd {
        let mut longest = SpellingEnd { end: None, is_open: is_cut_off(text, at) };
        each_reading(text, at, |c, behind| {
            for index in self.by_first.get(&c).into_iter().flatten() {
                let rest = self.secrets.get(*index).and_then(|secret| secret.get(1..)).unwrap_or_default();
                let followed = follow(text, rest, behind);
                longest.end = longest.end.max(followed.end);
                longest.is_open |= followed.is_open;
            }
        });
        longest
    }

    /// How many bytes at the end of the text are the beginning of a value.
    pub(super) fn half_at_end(&self, text: &str) -> usize {
        let from = text.len().saturating_sub(self.longest.saturating_mul(LONGEST_SPELLING));
        let bytes = text.bytes().enumerate().skip(from);
        let mut starts = bytes.filter(|(at, byte)| self.may_begin(*byte) && text.is_char_boundary(*at));
        let first = starts.find(|(at, _)| self.at(text, *at).is_open);
        first.map_or(0, |(at, _)| text.len() - at)
    }

    /// How many bytes at the beginning of the text are the end of a value.
    pub(super) fn half_at_start(&self, text: &str) -> usize {
        let mut longest = 0;
        for secret in &self.secrets {
            for from in 1..secret.len() {
                let rest = secret.get(from..).unwrap_or_default();
                // Behind the rest of an escape only what is worth hiding: ordinary text ends like a secret, too.
                let skipped = if rest.len() < WORTH_HIDING { 0 } else { REST_OF_ESCAPE };
                for start in (0..=skipped).filter(|start| text.is_char_boundary(*start)) {
                    longest = longest.max(follow(text, rest, start).end.unwrap_or(0));
                }
            }
        }
        longest
    }
}

/// Follows these characters from a place of the text.
fn follow(text: &str, chars: &[char], at: usize) -> SpellingEnd {
    let Some(first) = chars.first() else { return SpellingEnd { end: Some(at), is_open: false } };
    // Most candidates end here.
    match text.as_bytes().get(at) {
        Some(byte) if begins_escape(*byte) => {}
        Some(_) if text.get(at..).is_some_and(|rest| rest.starts_with(*first)) => {}
        Some(_) => return SpellingEnd::default(),
        None => return SpellingEnd { end: None, is_open: true },
    }
    let mut is_open = false;
    let mut places = vec![at];
    let mut next = Vec::new();
    for wanted in chars {
        for place in &places {
            is_open |= *place >= text.len() || is_cut_off(text, *place);
            each_reading(text, *place, |c, end| {
                if c == *wanted && !next.contains(&end) {
                    next.push(end);
                }
            });
        }
        std::mem::swap(&mut places, &mut next);
        next.clear();
        if places.is_empty() {
            return SpellingEnd { end: None, is_open };
        }
    }
    SpellingEnd { end: places.into_iter().max(), is_open }
}
