//! Text on a screen: measured in columns, fitted and wrapped.

use std::borrow::Cow;

use rbl_syntax::clean;
use textwrap::WordSeparator;
use textwrap::core::{Word, break_words};
use textwrap::wrap_algorithms::wrap_first_fit;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The sizes of the beginning and the end that are kept of a long text.
const SHOWN: (usize, usize) = (6_000, 1_500);

/// The same in lines: what is longer leaves nothing else on a screen.
const SHOWN_LINES: (usize, usize) = (40, 10);

/// Shortens a long text: the middle is left out, and the number of omitted lines or characters is shown. Errors are mostly at
/// the end.
pub fn shortened(text: &str) -> Cow<'_, str> {
    let lines = text.lines().count();
    let (head, tail) = SHOWN_LINES;
    if lines > head + tail + 5 {
        let first = text.split_inclusive('\n').take(head).map(str::len).sum();
        let before_last = text.split_inclusive('\n').take(lines - tail).map(str::len).sum();
        let (first, last) = (text.get(..first).unwrap_or(""), text.get(before_last..).unwrap_or(""));
        let left_out = lines - head - tail;
        let text = format!("{first}… ({left_out} lines left out) …\n{last}");
        return Cow::Owned(shortened_by_characters(&text).into_owned());
    }
    shortened_by_characters(text)
}

fn shortened_by_characters(text: &str) -> Cow<'_, str> {
    let (head, tail) = SHOWN;
    let count = text.chars().count();
    if count <= head + tail + 500 {
        return Cow::Borrowed(text);
    }
    let at = |number: usize| text.char_indices().nth(number).map_or(text.len(), |(at, _)| at);
    let (head, tail) = (text.get(..at(head)), text.get(at(count - tail)..));
    let left_out = count - SHOWN.0 - SHOWN.1;
    Cow::Owned(format!("{} … ({left_out} characters left out) … {}", head.unwrap_or(""), tail.unwrap_or("")))
}

/// Keeps only colours (`ESC [ … m`) of the control sequences in our own text.
pub(super) fn only_colors(text: &str) -> String {
    let mut parts = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        parts.push_str(&clean(before));
        let length = after.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
        let (codes, behind) = after.split_at_checked(length).unwrap_or(("", after));
        if let Some(behind) = behind.strip_prefix('m') {
            parts.extend(["\x1b[", codes, "m"]);
            rest = behind;
        } else {
            rest = after;
        }
    }
    parts.push_str(&clean(rest));
    parts
}

/// The width of a text in columns; colours have no width.
pub fn width_of(text: &str) -> usize {
    if text.contains('\x1b') { clean(text).width() } else { text.width() }
}

/// Cuts the text to this many columns, with an ellipsis where it is longer. Colour sequences are kept whole.
pub fn fitted(text: &str, columns: usize) -> String {
    if width_of(text) <= columns {
        return text.to_owned();
    }
    let (mut fitted, mut used) = (String::new(), 0);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\x1b' {
            fitted.push(c);
            for c in chars.by_ref() {
                fitted.push(c);
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
            continue;
        }
        used += c.width().unwrap_or(0);
        if used + 1 > columns {
            break;
        }
        fitted.push(c);
    }
    fitted.push(if text.is_ascii() { '~' } else { '…' });
    if text.contains('\x1b') {
        fitted.push_str("\x1b[0m");
    }
    fitted
}

/// Wraps the text to lines of at most this many columns, between words; a longer word is broken inside. Colours have no
/// width; spaces at the beginning of a line of the text are kept.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = break_words(words(line), columns);
        for words in wrap_first_fit(&words, &[columns as f64]) {
            let line: String = words.iter().flat_map(|word| [word.word, word.whitespace]).collect();
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

/// The words of a line. The first one takes the indentation with it, so that no line break can stand between the two.
fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (_, text) = line.split_at_checked(indent).unwrap_or_default();
    let end = text.find(' ').map_or(line.len(), |at| indent + at);
    let spaces = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let end = end + line.get(end..).map_or(0, spaces);
    let (first, rest) = line.split_at_checked(end).unwrap_or((line, ""));
    std::iter::once(Word::from(first)).chain(WordSeparator::AsciiSpace.find_words(rest))
}

/// Wraps the text to this many columns, with a lead on each line: `first` on the first line, `rest` on the others.
pub fn hung(first: &str, rest: &str, text: &str, columns: usize) -> Vec<String> {
    let room = columns.saturating_sub(width_of(first).max(width_of(rest))).max(12);
    let mut lead = first;
    let mut lines = Vec::new();
    for line in wrapped(text, room) {
        lines.push(format!("{lead}{line}"));
        lead = rest;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_colours_stay() {
        assert_eq!(only_colors("\x1b[1;31mx\x1b[0m\x1b[2Jy\x07"), "\x1b[1;31mx\x1b[0m2Jy");
        assert_eq!(only_colors("\x1b[1"), "1");
    }

    #[test]
    fn of_many_lines_the_first_and_the_last_are_shown() {
        let all: Vec<String> = (1..=3_000).map(|number| number.to_string()).collect();
        let shown = shortened(&all.join("\n")).into_owned();
        let shown: Vec<&str> = shown.lines().collect();
        assert_eq!(shown.len(), 51);
        assert_eq!(shown[39..42], ["40", "… (2950 lines left out) …", "2991"]);
        assert_eq!(shown[50], "3000");
        let few = all[..55].join("\n");
        assert_eq!(shortened(&few), few);
        let long = vec!["x".repeat(1_000); 100].join("\n");
        assert!(shortened(&long).len() < 8_000);
    }

    #[test]
    fn fits_by_columns() {
        assert_eq!(fitted("abc", 3), "abc");
        assert_eq!(fitted("abcd", 3), "ab~");
        assert_eq!(fitted("日本語", 5), "日本…");
        assert_eq!(width_of(&fitted("\x1b[1mabcdef\x1b[0m", 3)), 3);
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_harmless_and_fits(text in "[\\PC\\x00-\\x1f\\x7f\\u{80}-\\u{9f}]{0,80}", columns in 1..40usize) {
            let clean = clean(&text);
            proptest::prop_assert!(!clean.chars().any(|c| c.is_control() && c != '\n'));
            let plain = clean.replace('\n', " ");
            proptest::prop_assert!(width_of(&fitted(&plain, columns.max(2))) <= columns.max(2));
            for line in wrapped(&clean, columns.max(2)) {
                proptest::prop_assert!(width_of(&line) <= columns.max(2), "{line:?}");
            }
        }
    }

    #[test]
    fn what_goes_on_hangs_behind_its_lead() {
        assert_eq!(
            hung("  ? ", "    ", "Is the primary really down?", 20),
            ["  ? Is the primary", "    really down?"]
        );
        assert_eq!(hung("| ", "|   ", "日本語日本語日本語", 16), ["| 日本語日本語", "|   日本語"]);
    }

    #[test]
    fn wraps_between_words() {
        assert_eq!(wrapped("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrapped("abcdefgh ij", 5), ["abcde", "fgh", "ij"]);
        assert_eq!(wrapped("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(wrapped("日本語日本語", 6), ["日本語", "日本語"]);
        assert_eq!(wrapped("  abcdefgh ij", 5), ["  abc", "defgh", "ij"]);
        assert_eq!(wrapped("  ab cd", 5), ["  ab", "cd"]);
        assert_eq!(wrapped("\x1b[1mbold\x1b[0m word", 5), ["\x1b[1mbold\x1b[0m", "word"]);
        assert!(wrapped("", 5).is_empty());
    }
}
