//! Tracks the position within a regular expression: a value stays a single value only where a literal is allowed.

/// The state of a regular expression (RE2's syntax) after some of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum RegexContext {
    /// A literal is allowed here.
    #[default]
    Plain,
    /// After a backslash.
    Escape,
    /// In `[…]`; `first` while a `]` would be a member.
    Class { first: bool, escape: bool },
    /// In `{…}`: a repetition or the name of a class.
    Braces,
    /// After `(`: a `?` would begin flags or a name.
    Open,
    /// In `(?…`: flags or a name.
    Flags,
    /// In `\Q…\E`.
    Quoted { escape: bool },
}

impl RegexContext {
    /// Returns the state after one more character.
    pub(super) fn after(self, c: char) -> Self {
        match self {
            Self::Plain => Self::begin(c),
            Self::Escape => match c {
                'Q' => Self::Quoted { escape: false },
                _ => Self::Plain,
            },
            Self::Class { escape: true, .. } => Self::Class { first: false, escape: false },
            Self::Class { first, .. } => match c {
                '\\' => Self::Class { first: false, escape: true },
                '^' if first => Self::Class { first: true, escape: false },
                ']' if !first => Self::Plain,
                _ => Self::Class { first: false, escape: false },
            },
            Self::Braces => {
                if c == '}' {
                    Self::Plain
                } else {
                    self
                }
            }
            Self::Open => {
                if c == '?' {
                    Self::Flags
                } else {
                    Self::begin(c)
                }
            }
            Self::Flags => {
                if matches!(c, ':' | ')' | '>') {
                    Self::Plain
                } else {
                    self
                }
            }
            Self::Quoted { escape } => match c {
                'E' if escape => Self::Plain,
                _ => Self::Quoted { escape: c == '\\' },
            },
        }
    }

    fn begin(c: char) -> Self {
        match c {
            '\\' => Self::Escape,
            '[' => Self::Class { first: true, escape: false },
            '{' => Self::Braces,
            '(' => Self::Open,
            _ => Self::Plain,
        }
    }

    /// Returns why a value is not allowed here; `None` if it is.
    pub(super) fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::Open => None,
            Self::Escape => Some("a value cannot follow a backslash"),
            Self::Class { .. } => Some("a value is not allowed inside `[…]` of a regular expression"),
            Self::Braces => Some("a value is not allowed inside `{…}` of a regular expression"),
            Self::Flags => Some("a value is not allowed inside `(?…` of a regular expression"),
            Self::Quoted { .. } => Some("a value is not allowed inside `\\Q…\\E`"),
        }
    }
}

/// Returns a regular expression that matches exactly this text, as one group.
pub(super) fn literal(text: &str) -> String {
    format!("(?:{})", quoted(text))
}

/// Escapes every special character with a backslash.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '-'
        ) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_only_where_a_literal_may() {
        let after = |text: &str| text.chars().fold(RegexContext::default(), RegexContext::after);
        for open in ["", "web-", "(", "(a|", "[a]", "[]a]", "a{3}", "(?:", "(?i)", r"\Qa.\E", r"\\", r"\d"] {
            assert_eq!(after(open).refusal(), None, "{open}");
        }
        for shut in [r"\", "[", "[^", "[a-", "a{", "(?", "(?P<", r"\Q", r"\\\", r"\p{", "[]"] {
            assert!(after(shut).refusal().is_some(), "{shut}");
        }
    }

    #[test]
    fn a_literal_matches_itself_only() {
        for text in ["a.b", "a|b", "[x]", "^$", r"\d", "(?i)x", "1,5", "a-z", "üß", "", "a{2}"] {
            let pattern = regex::Regex::new(&format!("^(?:{})$", literal(text))).unwrap();
            assert!(pattern.is_match(text), "{text}");
            assert!(!pattern.is_match("axb") && !pattern.is_match("aa"), "{text}");
        }
    }
}
