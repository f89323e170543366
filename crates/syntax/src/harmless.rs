//! Makes foreign text harmless: it cannot move the cursor, change colours or reverse the reading direction.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The width of a tab, in columns.
const TAB: usize = 4;
/// The most characters of another program's text in a message.
const LONGEST_LINE: usize = 200;

/// Replaces every character that acts on a terminal or that hides by a visible one. Line ends and tabs are kept.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_plain(text) || text.chars().all(|it| it == '\n' || it == '\t' || visible(it)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|it| if it == '\n' || it == '\t' { it } else { shown(it, true) }).collect())
}

/// The same for JSON on one line: such characters are escaped, so that the content is unchanged.
pub fn harmless_json(json: String) -> String {
    if is_plain(&json) || json.chars().all(visible) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if visible(character) {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

/// Removes escape sequences and control characters from a text from outside; a tab becomes four spaces, line ends
/// stay.
pub fn clean(text: &str) -> String {
    if text.lines().all(is_plain) && !text.contains('\r') {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for (_, c) in printable(text) {
        if c == '\t' { clean.push_str("    ") } else { clean.push(c) }
    }
    clean
}

/// Removes escape sequences (colours, titles, cursor movements) and keeps everything else, tabs too.
pub fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains(['\x1b', '\u{9b}']) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        match c {
            '\x1b' => skip_sequence(&mut chars),
            '\u{9b}' => skip_parameters(&mut chars),
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// Shows what cannot be told apart on a screen: each character that is invisible, or that only looks like a space, by
/// its code.
pub fn with_codes(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' {
            shown.push(c);
        } else if c == '\t' {
            shown.push_str("\\t");
        } else if is_lookalike_space(c) || c == '\u{200c}' || c == '\u{200d}' || !visible(c) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// White space other than the plain space.
fn is_lookalike_space(c: char) -> bool {
    c != ' ' && c.is_whitespace()
}

/// Whether two different texts look the same on a screen.
pub fn look_the_same(a: &str, b: &str) -> bool {
    fn seen(text: &str) -> impl Iterator<Item = char> {
        text.trim()
            .chars()
            .filter(|c| visible(*c) && !matches!(c, '\u{200c}' | '\u{200d}') || c.is_whitespace())
            .map(|c| if c.is_whitespace() { ' ' } else { c })
    }
    a != b && seen(a).eq(seen(b))
}

/// The characters of a text that are seen on a terminal, each with its offset: no escape sequence, and no control
/// character but line ends and tabs.
pub fn printable(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (at, c) = chars.next()?;
            match c {
                '\x1b' => skip_sequence(&mut chars),
                '\u{9b}' => skip_parameters(&mut chars),
                '\n' | '\t' => return Some((at, c)),
                c if c.is_control() || hidden(c) => {}
                c => return Some((at, c)),
            }
        }
    })
}

/// Another program's text for a message: its first line that is not empty, without control characters, shortened.
pub fn one_line(text: &str) -> String {
    let line: String = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("")
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= LONGEST_LINE {
        line
    } else {
        line.chars().take(LONGEST_LINE - 1).chain(['…']).collect()
    }
}

/// The character as it is shown: itself, or a picture of it.
pub fn shown(character: char, unicode: bool) -> char {
    if visible(character) {
        return character;
    }
    match (unicode, u32::from(character)) {
        (false, _) => '?',
        (true, code @ 0..0x20) => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        (true, 0x7f) => '\u{2421}',
        (true, _) => '\u{fffd}',
    }
}

/// The number of columns that a tab at this column fills.
pub fn tab(column: usize) -> usize {
    TAB - column % TAB
}

/// Whether all of it is printable ASCII, as nearly every text is; scans many bytes at a time.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & (b' '..0x7f).contains(&byte))
}

/// Whether a character is visible and has no other effect.
fn visible(character: char) -> bool {
    !character.is_control() && !hidden(character)
}

/// Characters that change the reading direction, or that have no width and so hide text.
fn hidden(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

type Characters<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

fn skip_sequence(chars: &mut Characters<'_>) {
    let opening =
        |c: &(usize, char)| matches!(c.1, '[' | ']' | 'P' | 'X' | '^' | '_' | '(' | ')' | '#' | '%');
    match chars.next_if(opening).map(|(_, c)| c) {
        Some('[') => skip_parameters(chars),
        // An operating system command and similar sequences end with BEL or with ESC \.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some((_, c)) = chars.next_if(|(_, c)| *c != '\n') {
                if c == '\x07' || (c == '\x1b' && chars.next_if(|(_, c)| *c == '\\').is_some()) {
                    break;
                }
            }
        }
        Some(_) | None => {
            chars.next_if(|(_, c)| !c.is_control());
        }
    }
}

fn skip_parameters(chars: &mut Characters<'_>) {
    while chars.next_if(|(_, c)| matches!(c, '\x20'..='\x3f')).is_some() {}
    chars.next_if(|(_, c)| matches!(c, '\x40'..='\x7e'));
}

#[cfg(test)]
mod tests {
    use super::{
        clean, harmless, harmless_json, look_the_same, one_line, shown, with_codes, without_escapes,
    };

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in ["", "p99 < 500ms", "naïve 日本語 ✔", "two\nlines\tand a tab"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn what_acts_on_a_terminal_is_only_seen() {
        assert_eq!(harmless("\u{1b}[31mred\u{7}"), "␛[31mred␇");
        assert_eq!(harmless("a\r\nb"), "a␍\nb");
        assert_eq!(harmless("\u{202e}txt.exe"), "\u{fffd}txt.exe");
        assert_eq!(harmless("\u{9b}2J"), "\u{fffd}2J");
        assert_eq!(shown('\u{1b}', false), '?');
    }

    #[test]
    fn json_says_what_it_said_and_does_nothing() {
        let said = "a\u{7f}b\u{9b}2J\u{202e}\u{e0041}日本語\n";
        let json = harmless_json(serde_json::to_string(said).unwrap());
        assert_eq!(json, r#""a\u007fb\u009b2J\u202e\udb40\udc41日本語\n""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), said);
    }

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        assert_eq!(
            clean("a\x1b[2Jb\x1b]0;title\x07c\x1b]8;;u\x1b\\d\rx\x08y\x7f\u{9b}31mz\tq"),
            "abcdxyz    q"
        );
        assert_eq!(clean("\x1b[31mred\x1b[0m\nnext"), "red\nnext");
        assert_eq!(clean("end\x1b"), "end");
        assert_eq!(clean("\x1b]unfinished\nnext"), "\nnext");
        assert_eq!(clean("a\u{202e}b\u{61c}c\u{200b}d\u{feff}e\u{e0041}f"), "abcdef");
    }

    #[test]
    fn differences_that_nobody_sees_are_shown() {
        for text in ["ready\u{a0}", "rea\u{200b}dy", "ready\u{200d}", "\u{feff}ready", "ready\t"] {
            assert!(look_the_same(text, "ready"), "{text:?}");
        }
        assert!(!look_the_same("ready", "ready") && !look_the_same("ready", "Ready"));
        assert_eq!(with_codes("ready\u{a0}now\u{200b}\tb\nc"), "ready\\u{a0}now\\u{200b}\\tb\nc");
        assert_eq!(with_codes("naïve 日本語"), "naïve 日本語");
    }

    #[test]
    fn colours_are_removed_and_tabs_are_kept() {
        assert_eq!(without_escapes("\x1b[1;31ma\tb\x1b[0m\u{9b}2Kc\u{200b}"), "a\tbc\u{200b}");
    }

    #[test]
    fn other_peoples_words_are_one_line() {
        assert_eq!(one_line("\n  first \u{1b}[31m line\nsecond"), "first  [31m line");
        assert_eq!(one_line(&"x".repeat(500)).chars().count(), 200);
    }
}
