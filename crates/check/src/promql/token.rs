//! Tokenizes a query, as far as locating a fault needs it: strings, brackets, words, and single punctuation marks.

/// One token: its bytes and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PromqlToken {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: PromqlTokenKind,
}

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PromqlTokenKind {
    Word,
    Text,
    /// A string that is never closed.
    OpenText,
    Open(char),
    Close(char),
    Sign,
}

/// Returns the tokens of a query, in order; comments and white space are left out.
pub(super) fn tokens(query: &str) -> Vec<PromqlToken> {
    let mut found = Vec::new();
    let mut rest = query.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let mut end = start + c.len_utf8();
        let mut take_while = |test: &dyn Fn(char) -> bool| {
            while let Some((at, c)) = rest.next_if(|(_, c)| test(*c)) {
                end = at + c.len_utf8();
            }
        };
        let kind = match c {
            c if c.is_whitespace() => continue,
            '#' => {
                take_while(&|c| c != '\n');
                continue;
            }
            '"' | '\'' | '`' => {
                let mut kind = PromqlTokenKind::OpenText;
                while let Some((at, next)) = rest.next() {
                    end = at + next.len_utf8();
                    if next == c {
                        kind = PromqlTokenKind::Text;
                        break;
                    }
                    if next == '\\'
                        && c != '`'
                        && let Some((at, escaped)) = rest.next()
                    {
                        end = at + escaped.len_utf8();
                    }
                }
                kind
            }
            '(' | '[' | '{' => PromqlTokenKind::Open(c),
            ')' | ']' | '}' => PromqlTokenKind::Close(c),
            c if c.is_alphanumeric() || matches!(c, '_' | '.' | ':') => {
                take_while(&|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':'));
                PromqlTokenKind::Word
            }
            '=' | '!' | '<' | '>' => {
                take_while(&|c| matches!(c, '=' | '~'));
                PromqlTokenKind::Sign
            }
            _ => PromqlTokenKind::Sign,
        };
        found.push(PromqlToken { start, end, kind });
    }
    found
}
