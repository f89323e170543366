//! Characters in a text that nobody sees, or that change how the rest is read.
//!
//! *Why:* a command that reads `rm -rf /srv/old` may say something else, and a question is answered by what is seen.

use super::TreeBuilder;
use crate::diagnostic::{Code, Diagnostic, Severity};

impl TreeBuilder<'_> {
    /// Reports the first such character of a literal that begins at this offset.
    pub(super) fn hidden_characters(&mut self, text: &str, start: usize, in_command: bool) {
        if text.bytes().all(|byte| matches!(byte, b' '..0x7f | b'\n' | b'\t')) {
            return;
        }
        let mut before = ' ';
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let next = characters.peek().map_or(' ', |(_, next)| *next);
            if let Some(name) = hidden(before, character, next, in_command) {
                let place = self.place(self.laid_out.span(start + at, start + at + character.len_utf8()));
                let code = format!("U+{:04X}", u32::from(character));
                let headline = format!("a hidden character: {name}");
                let mut finding = Diagnostic::new(Code::SYNTAX_HIDDEN, headline, place, code).help(
                    "delete it, or type the text again: it may have come with something that was pasted",
                );
                finding.severity = Severity::Warning;
                self.report(finding);
                return;
            }
            before = character;
        }
    }
}

/// The name of a character, if it is hidden where it stands between these two.
fn hidden(before: char, character: char, next: char, in_command: bool) -> Option<&'static str> {
    let ascii = before.is_ascii() && next.is_ascii();
    Some(match character {
        '\r' if next == '\n' => return None,
        '\r' => "carriage return",
        '\u{1b}' => "escape",
        '\u{8}' => "backspace",
        '\0' => "null",
        '\n' | '\t' => return None,
        '\u{85}' => "next line",
        c if c.is_control() => "control character",
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "pop directional formatting",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "pop directional isolate",
        '\u{200b}' => "zero width space",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{206a}'..='\u{206f}' => "deprecated format character",
        '\u{feff}' => "zero width no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{180e}' => "mongolian vowel separator",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{fff9}'..='\u{fffb}' => "interlinear annotation",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "hangul filler",
        '\u{2800}' if in_command => "braille pattern blank",
        // Scripts and pictures need them between their own letters.
        '\u{200c}' if in_command || ascii => "zero width non-joiner",
        '\u{200d}' if in_command || ascii => "zero width joiner",
        '\u{200e}' if in_command || ascii => "left-to-right mark",
        '\u{200f}' if in_command || ascii => "right-to-left mark",
        '\u{61c}' if in_command || ascii => "arabic letter mark",
        // In prose they are good typography; a shell takes them for letters.
        '\u{a0}' if in_command => "no-break space",
        '\u{202f}' if in_command => "narrow no-break space",
        '\u{2007}' if in_command => "figure space",
        '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' if in_command => "wide or narrow space",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_or_a_picture_needs_is_not_hidden() {
        assert_eq!(hidden('\u{1f469}', '\u{200d}', '\u{1f4bb}', false), None);
        assert_eq!(hidden('م', '\u{200c}', 'خ', false), None);
        assert_eq!(hidden('e', '\u{a0}', '?', false), None);
        assert_eq!(hidden('t', '\u{a0}', 'p', true), Some("no-break space"));
        assert_eq!(hidden('a', '\u{200d}', 'b', false), Some("zero width joiner"));
        assert_eq!(hidden('a', '\u{202e}', 'b', false), Some("right-to-left override"));
        assert_eq!(hidden('a', '\r', '\n', true), None);
        assert_eq!(hidden('a', '\r', 'b', true), Some("carriage return"));
    }
}
