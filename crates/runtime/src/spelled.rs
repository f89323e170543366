//! What the characters of a text may stand for: each for itself, or escaped as shells, JSON, HTML, URLs and SQL do. Programs
//! differ in what they escape and mix these, so every character is read by itself.

/// The most bytes of the escape of one character that are looked at.
const LONGEST_ESCAPE: usize = 24;
/// The most bytes of the name of an entity.
const LONGEST_ENTITY: usize = 12;
/// The most backslashes before one character.
const MOST_BACKSLASHES: usize = 16;

/// Whether an escape may begin with this byte.
pub(super) fn begins_escape(byte: u8) -> bool {
    matches!(byte, b'\\' | b'%' | b'=' | b'&' | b'+' | b'\'' | b'"' | b'$')
}

/// Whether an escape may begin at this place whose end is missing.
pub(super) fn is_cut_off(text: &str, at: usize) -> bool {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.len() < LONGEST_ESCAPE && rest.first().is_some_and(|first| begins_escape(*first))
}

/// Hands over each character that the text at this place may stand for, and where what comes after it begins.
pub(super) fn each_reading(text: &str, at: usize, mut take: impl FnMut(char, usize)) {
    let Some(rest) = text.get(at..) else { return };
    let Some(first) = rest.chars().next() else { return };
    take(first, at + first.len_utf8());
    let mut take = |c: char, length: usize| take(c, at + length);
    let mut quoted = |spellings: &[&str]| {
        for spelling in spellings {
            if rest.starts_with(spelling) {
                take(first, spelling.len());
            }
        }
    };
    match first {
        '\'' => quoted(&["''", r"'\''", r"'\\''", "'\"'\"'"]),
        '"' => quoted(&["\"\"", "\"'\"'\""]),
        '$' => quoted(&["$$"]),
        '+' => take(' ', 1),
        '=' => {
            if let Some((c, length)) = encoded(rest, |rest| hex_byte(rest, "=")) {
                take(c, length);
            }
        }
        '%' => {
            quoted(&["%%"]);
            for prefix in ["%", "%25"] {
                if let Some((c, length)) = encoded(rest, |rest| hex_byte(rest, prefix)) {
                    take(c, length);
                }
            }
        }
        '&' => entities(rest, take),
        '\\' => backslashes(rest, take),
        _ => {}
    }
}

/// A character whose UTF-8 bytes are each escaped, and its length in the text.
fn encoded(text: &str, read: impl Fn(&str) -> Option<(u8, usize)>) -> Option<(char, usize)> {
    let mut bytes = Vec::with_capacity(4);
    let mut length = 0;
    while bytes.len() < 4 {
        let (byte, of_byte) = read(text.get(length..)?)?;
        bytes.push(byte);
        length += of_byte;
        if let Ok(whole) = std::str::from_utf8(&bytes) {
            return whole.chars().next().map(|c| (c, length));
        }
    }
    None
}

/// `%2F` with the prefix `%`.
fn hex_byte(text: &str, prefix: &str) -> Option<(u8, usize)> {
    let digits = text.strip_prefix(prefix)?.get(..2)?;
    u8::try_from(number(digits, 16)?).ok().map(|byte| (byte, prefix.len() + 2))
}

/// Digits only: no sign.
fn number(digits: &str, radix: u32) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if is_number { u32::from_str_radix(digits, radix).ok() } else { None }
}

/// `&lt;` `&#43;` `&#x2b;`, and each escaped again: `&amp;lt;`.
fn entities(text: &str, mut take: impl FnMut(char, usize)) {
    let mut before = 1;
    while let Some(body) = text.get(before..) {
        let end = body.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';');
        if let Some(name) = end.and_then(|end| body.get(..end))
            && let Some(c) = entity(name)
        {
            take(c, before + name.len() + 1);
        }
        if !body.starts_with("amp;") || before > LONGEST_ESCAPE {
            return;
        }
        before += "amp;".len();
    }
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => number(hex, 16)?,
                None => number(digits, 10)?,
            };
            char::from_u32(code)?
        }
    })
}

/// One backslash or several, and what they make of what comes after them. Each level of quoting doubles them.
fn backslashes(text: &str, mut take: impl FnMut(char, usize)) {
    let count = text.bytes().take(MOST_BACKSLASHES).take_while(|byte| *byte == b'\\').count();
    for some in 2..=count {
        take('\\', some);
    }
    let (slashes, escaped) = text.split_at(count);
    let Some(first) = escaped.chars().next() else { return };
    let named = match first {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'v' => Some('\u{b}'),
        'e' | 'E' => Some('\u{1b}'),
        other => (!other.is_ascii_alphanumeric()).then_some(other),
    };
    if let Some(c) = named {
        take(c, count + first.len_utf8());
    }
    let unit = |text: &str, prefix: &str, digits: usize| {
        text.strip_prefix(slashes)?.strip_prefix(prefix)?.get(..digits).and_then(|it| number(it, 16))
    };
    if first == 'u' {
        let length = count + 5;
        if let Some(high) = unit(text, "u", 4) {
            let low = || unit(text.get(length..)?, "u", 4);
            match (char::from_u32(high), low()) {
                (Some(c), _) => take(c, length),
                (None, Some(low)) => {
                    let pair = [high, low].map(|unit| u16::try_from(unit).unwrap_or_default());
                    if let Some(Ok(c)) = char::decode_utf16(pair).next() {
                        take(c, 2 * length);
                    }
                }
                (None, None) => {}
            }
        }
    }
    let octal = |text: &str| {
        let digits = text.strip_prefix(slashes)?.get(..3)?;
        u8::try_from(number(digits, 8)?).ok().map(|byte| (byte, count + 3))
    };
    let hex = |text: &str| {
        let digits = text.strip_prefix(slashes)?.strip_prefix('x')?.get(..2)?;
        u8::try_from(number(digits, 16)?).ok().map(|byte| (byte, count + 3))
    };
    let read = match first {
        'x' => encoded(text, hex),
        '0'..='3' => encoded(text, octal),
        _ => None,
    };
    if let Some((c, length)) = read {
        take(c, length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, wanted: char) {
        let mut all = Vec::new();
        each_reading(text, 0, |c, end| all.push((c, end)));
        assert!(all.contains(&(wanted, text.len())), "{text}: {all:?}");
    }

    #[test]
    fn an_escape_is_read_as_what_it_stands_for() {
        for text in [
            "+",
            "%2B",
            "%2b",
            "%252B",
            "&#43;",
            "&#043;",
            "&#x2b;",
            "&amp;#43;",
            "\\+",
            "\\u002b",
            "\\x2b",
            "\\053",
            "=2B",
        ] {
            reads(text, '+');
        }
        for text in ["'", "''", "\\'", "'\\''", "'\"'\"'", "\\\\'", "&apos;", "\\u0027", "&#39;"] {
            reads(text, '\'');
        }
        for text in ["ä", "%C3%A4", "\\u00e4", "\\xc3\\xa4", "\\303\\244", "&#228;", "=C3=A4"] {
            reads(text, 'ä');
        }
        for text in ["\\n", "\\\\n", "%0A", "\n"] {
            reads(text, '\n');
        }
        reads("\\ud83d\\ude00", '😀');
        reads("\\\\\\\\", '\\');
        reads("\\\\\\\"", '"');
        reads("\\/", '/');
        reads("+", ' ');
    }

    /// Whatever follows it, also where that is no ASCII.
    #[test]
    fn an_entity_ends_at_its_semicolon() {
        for behind in ["", "a", "^aa€", "€€€€", "äöü;"] {
            let mut all = Vec::new();
            each_reading(&format!("&#x5e;{behind}"), 0, |c, end| all.push((c, end)));
            assert!(all.contains(&('^', 6)), "{behind}: {all:?}");
        }
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        for text in ["%zz", "&#;", "&nope;", "\\u12", "\\x1", "%C3", "=", "\\"] {
            let mut all = Vec::new();
            each_reading(text, 0, |c, _| all.push(c));
            assert_eq!(all, [text.chars().next().unwrap()], "{text}");
        }
    }
}
