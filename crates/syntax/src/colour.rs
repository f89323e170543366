//! Tokenizes a text that may be unfinished, for syntax colouring in an editor.

use pest::Parser;

use super::grammar::{Grammar, Rule};
use super::layout::{self, words};
use crate::source::{SourceId, Span};

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A word of the language.
    Keyword,
    /// Any other word.
    Name,
    /// A number with its unit.
    Number,
    /// Text.
    Text,
    /// A command.
    Command,
    /// From `#` to the end of the line.
    Comment,
}

/// A token and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: TokenKind,
}

/// Returns the tokens of a text, in order, before and after a mistake.
pub fn tokens(text: &str) -> Vec<Token> {
    let laid_out = layout::lay_out(SourceId::default(), text);
    let mut tokens: Vec<Token> =
        laid_out.comments.iter().map(|span| Token { span: *span, kind: TokenKind::Comment }).collect();
    if let Ok(pairs) = Grammar::parse(Rule::coloured, &laid_out.text) {
        for pair in pairs.flat_map(pest::iterators::Pair::into_inner) {
            let kind = match pair.as_rule() {
                Rule::command => TokenKind::Command,
                Rule::open_text if pair.as_str().starts_with('`') => TokenKind::Command,
                Rule::text | Rule::open_text => TokenKind::Text,
                Rule::number => TokenKind::Number,
                Rule::name if words::is_word(pair.as_str()) => TokenKind::Keyword,
                Rule::name => TokenKind::Name,
                _ => continue,
            };
            let at = pair.as_span();
            let span = laid_out.span(at.start(), at.end());
            if !span.is_empty() {
                tokens.push(Token { span, kind });
            }
        }
    }
    tokens.sort_by_key(|token| token.span.start);
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(&str, TokenKind)> {
        tokens(text).into_iter().map(|it| (text.get(it.span.range()).unwrap(), it.kind)).collect()
    }

    #[test]
    fn a_broken_line_is_coloured_up_to_and_behind_the_mistake() {
        use TokenKind as K;
        assert_eq!(
            seen("check p99 <<< 500ms and `ls` \"x\" # why"),
            [
                ("check", K::Keyword),
                ("p99", K::Name),
                ("500ms", K::Number),
                ("and", K::Keyword),
                ("`ls`", K::Command),
                ("\"x\"", K::Text),
                ("# why", K::Comment)
            ]
        );
        assert_eq!(seen("if x { action \"dr")[3], ("\"dr", K::Text));
        assert!(seen("").is_empty());
    }
}
