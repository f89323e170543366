//! Text of others made harmless: nothing in it can move the cursor, colour the screen or turn the reading direction.

use std::borrow::Cow;

/// The width of a tab, in columns.
const TAB: usize = 4;

/// The text with every character that acts on a terminal, or that hides, replaced by one that is only seen. Line ends
/// and tabs stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if text.chars().all(|it| it == '\n' || it == '\t' || visible(it)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|it| if it == '\n' || it == '\t' { it } else { shown(it, true) }).collect())
}

/// A character as it can be shown: itself, or a picture of it.
pub(super) fn shown(character: char, unicode: bool) -> char {
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

/// How many columns a tab at this column fills.
pub(super) fn tab(column: usize) -> usize {
    TAB - column % TAB
}

/// Whether a character is seen as itself and does nothing else.
fn visible(character: char) -> bool {
    !character.is_control() && !hidden(character)
}

/// Characters that turn the reading direction, or that take no room and so hide what is written.
fn hidden(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{harmless, shown};

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
}
