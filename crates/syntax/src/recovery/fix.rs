//! Fixes for habits of other languages that can have only one meaning.
//!
//! *Invariant:* only certain fixes are offered as safe: `--fix` asks nobody.

/// Returns the replacement for the first word of a statement, and how many bytes of `rest` are replaced too; `rest` is
/// the text after the word, without leading blanks.
pub(super) fn first_word(word: &str, rest: &str) -> Option<(usize, String)> {
    let replaced = |ours: &str| Some((0, ours.to_owned()));
    let plain = |rest: &str| is_text(rest.trim_end());
    match word {
        "elif" | "elsif" | "elseif" => replaced("else if"),
        "foreach" => replaced("for each"),
        "assert" | "verify" if !rest.is_empty() => replaced("check"),
        "var" | "const" | "val" if declares(rest) => replaced("let"),
        "import" | "include" | "require" if plain(rest) => replaced("use"),
        "exec" | "sh" | "bash" | "shell" | "system" | "command" | "cmd" | "do" if rest.starts_with('`') => {
            replaced("action")
        }
        // Paging somebody requires a recipient: a text alone could be just a message.
        "alert" | "page" | "notify" | "call" if rest.starts_with("to ") => replaced("escalate"),
        "alert" | "page" | "notify" | "call" if is_word(rest, "owner") => replaced("escalate to"),
        "sleep" | "pause" | "delay" => {
            let number = rest.trim_end();
            let digits = number.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(number.len());
            let unit = number.get(digits..)?;
            if digits > 0 && ["ms", "s", "m", "h", "d"].contains(&unit) {
                replaced("wait")
            } else if word == "sleep" && digits > 0 && unit.is_empty() {
                // `sleep` in every shell counts in seconds.
                Some((number.len(), format!("wait {number}s")))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Whether the word is a print statement of another language followed by a single text: the text alone is shown here.
pub(super) fn is_print(word: &str, rest: &str) -> bool {
    ["print", "puts", "echo", "say"].contains(&word) && is_text(rest.trim_end())
}

/// Whether `!` before this code (quoted text blanked) means the same as `not`. `!a == b` is `(!a) == b` in other
/// languages and `not (a == b)` here.
pub(super) fn is_whole_operand(behind: &str) -> bool {
    let behind = behind.trim_start();
    let name = behind.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(behind.len());
    let Some(rest) = behind.get(name..) else { return false };
    let rest = match rest.chars().next() {
        Some('(') => match closed(rest, '(', ')') {
            Some(rest) => rest,
            None => return false,
        },
        Some(quote @ ('`' | '"')) if name == 0 => match rest.get(1..).and_then(|rest| rest.split_once(quote))
        {
            Some((_, rest)) => rest,
            None => return false,
        },
        _ if name == 0 => return false,
        _ => rest,
    };
    let rest = rest.trim_start();
    let ends = ["{", ")", "&&", "||", ","];
    let words = ["and", "or", "else", "unknown", "within", "because"];
    rest.is_empty()
        || ends.iter().any(|end| rest.starts_with(end))
        || words.iter().any(|word| is_word(rest, word))
}

/// Returns the single-quoted text with double quotes; `None` if something in it would change its meaning.
pub(super) fn requoted(text: &str) -> Option<String> {
    let inside = text.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inside.contains(['"', '\\', '#', '\n'])).then(|| format!("\"{inside}\""))
}

/// Returns the positions of paired curly quotes in a statement that surround a text; `None` if they do not pair up or a
/// straight quote is between them.
pub(super) fn curly_pairs(text: &str) -> Option<Vec<(usize, usize)>> {
    let mut open = None;
    let mut pairs = Vec::new();
    for (at, character) in text.char_indices() {
        match (character, open) {
            ('“' | '„', None) => open = Some(at),
            // The closing quote of one language is the opening quote of another: „…“ and “…”.
            ('”' | '“', Some(start)) => {
                pairs.push((start, at));
                open = None;
            }
            ('"' | '`' | '\\' | '\n', Some(_)) | ('”' | '‘', None) => return None,
            _ => {}
        }
    }
    (open.is_none() && !pairs.is_empty()).then_some(pairs)
}

/// Whether the text after `=>` or `->` is the block itself.
pub(super) fn is_block(behind: &str) -> bool {
    behind.trim_start_matches(' ').starts_with('{')
}

/// Whether this is an escape of a regular expression, which in a text needs a second backslash.
pub(crate) fn is_regex_escape(escape: &str) -> bool {
    let mut characters = escape.chars();
    characters.next() == Some('\\')
        && characters.next().is_some_and(|c| "dDwWsSB.()[]{}*+?$^|/-".contains(c))
        && characters.next().is_none()
}

/// `NAME = …`
fn declares(rest: &str) -> bool {
    let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let behind = rest.get(name..).unwrap_or_default().trim_start();
    name > 0 && behind.strip_prefix('=').is_some_and(|value| !value.starts_with(['=', '~', '>']))
}

/// Whether this is one quoted text and nothing else.
fn is_text(text: &str) -> bool {
    let mut escaped = false;
    let Some(inside) = text.strip_prefix('"') else { return false };
    for (at, character) in inside.char_indices() {
        match character {
            '"' if !escaped => return at + 1 == inside.len(),
            '\n' => return false,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    false
}

/// Whether a text begins with this word.
fn is_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Returns the text after the bracket that closes the first one.
fn closed(text: &str, open: char, close: char) -> Option<&str> {
    let mut depth = 0u32;
    for (at, character) in text.char_indices() {
        if character == open {
            depth += 1;
        } else if character == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return text.get(at + close.len_utf8()..);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Option<String> {
        let (word, rest) = text.split_once(' ')?;
        let (more, ours) = first_word(word, rest)?;
        Some(format!("{ours} {}", rest.get(more..)?).trim_end().to_owned())
    }

    #[test]
    fn what_is_certain_is_written_in_our_words() {
        for (theirs, ours) in [
            ("elif p99 > 1s {", "else if p99 > 1s {"),
            ("foreach x in y {", "for each x in y {"),
            ("assert p99 < 1s", "check p99 < 1s"),
            ("var x = 5", "let x = 5"),
            ("import \"a.rb\"", "use \"a.rb\""),
            ("sh `ls`", "action `ls`"),
            ("page to \"a\" because \"b\"", "escalate to \"a\" because \"b\""),
            ("notify owner because \"b\"", "escalate to owner because \"b\""),
            ("sleep 30s", "wait 30s"),
            ("sleep 30", "wait 30s"),
            ("pause 1.5m", "wait 1.5m"),
        ] {
            assert_eq!(word(theirs).as_deref(), Some(ours));
        }
    }

    #[test]
    fn what_could_mean_two_things_is_left_to_a_person() {
        for theirs in [
            "page \"database-oncall\"",
            "page owners",
            "sh \"ls\"",
            "pause 30",
            "sleep x",
            "set x = 5",
            "var x == 5",
            "import x",
            "require \"a\", \"b\"",
            "while p99 > 1s {",
            "return 5",
            "log \"x\"",
        ] {
            assert_eq!(word(theirs), None, "{theirs}");
        }
        assert!(
            is_print("puts", "\"a \\\" b\"") && !is_print("puts", "\"a\" + b") && !is_print("log", "\"a\"")
        );
    }

    #[test]
    fn not_binds_weaker_than_the_sign_of_others() {
        for same in ["a", "a and b", "(a < 5) or b", "`    ` {", "f(x, (y)) else {", "a.ok && b", "a)"] {
            assert!(is_whole_operand(same), "{same}");
        }
        for other in ["a == b", "a < 5", "f(x) > 3", "(a", "a + b", "", "!a", "a in b"] {
            assert!(!is_whole_operand(other), "{other}");
        }
    }

    #[test]
    fn quotes_become_straight_where_they_pair() {
        assert_eq!(requoted("'is it real?'").as_deref(), Some("\"is it real?\""));
        assert_eq!(requoted("'a \"b\"'"), None);
        assert_eq!(requoted("'#{x}'"), None);
        assert_eq!(curly_pairs("check “a’s” or „b“"), Some(vec![(6, 14), (21, 25)]));
        for doubtful in ["check “a", "“a \"b\" c”", "check ‘a’", "a” b “"] {
            assert_eq!(curly_pairs(doubtful), None, "{doubtful}");
        }
    }
}
