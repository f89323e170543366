//! Parses a query, and locates what is wrong with it.
//!
//! *Why:* the parser's errors have no position. So brackets and strings are checked first, then function names;
//! otherwise the fault is at the first token after which no continuation makes the query parse.

use promql_parser::parser::{self, Expr};

use super::interpolate::QueryFault;
use super::syntax_error::{ContinuationSearch, closing, first_that_cannot_go_on};
use super::token::{PromqlToken, PromqlTokenKind, tokens};
use super::words::{FUNCTIONS, KEYWORDS, crop, habit, in_words};
use rbl_syntax::diagnostic::did_you_mean;

/// The maximum nesting of brackets.
const DEEPEST: usize = 64;

/// The maximum number of tokens of a query. *Why:* the parser's tree is dropped recursively, one level per operator.
const MOST_TOKENS: usize = 4000;

/// Parses the query; the error says what is wrong and where.
pub(super) fn parse(query: &str) -> Result<Expr, QueryFault> {
    let tokens = tokens(query);
    if let Some(found) = too_much(&tokens) {
        return Err(found);
    }
    parser::parse(query).map_err(|error| locate(query, &tokens, &error))
}

/// Parses a query that was not written for rbl, without a place for what is wrong. What is too long or too deep for the parser
/// is no query.
pub fn tree(query: &str) -> Result<Expr, String> {
    match too_much(&tokens(query)) {
        Some(found) => Err(found.message),
        None => parser::parse(query),
    }
}

/// Reports a query that could overflow the stack.
fn too_much(tokens: &[PromqlToken]) -> Option<QueryFault> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            PromqlTokenKind::Open(_) => depth += 1,
            PromqlTokenKind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            let help = Some("move a part of it into a recording rule".to_owned());
            return Some(fault(*token, format!("brackets are nested deeper than {DEEPEST}"), help));
        }
        if index >= MOST_TOKENS {
            let help = Some("move a part of it into a recording rule".to_owned());
            return Some(fault(
                *token,
                format!("the query is longer than {MOST_TOKENS} words and signs"),
                help,
            ));
        }
    }
    None
}

fn fault(token: PromqlToken, message: impl Into<String>, help: Option<String>) -> QueryFault {
    QueryFault { start: token.start, end: token.end, message: message.into(), help }
}

fn locate(query: &str, tokens: &[PromqlToken], error: &str) -> QueryFault {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        let help = Some("write a query, like `up`".to_owned());
        return QueryFault { start: 0, end: 0, message: "the query is empty".into(), help };
    };
    let text = |token: &PromqlToken| query.get(token.start..token.end).unwrap_or_default();
    if let Some(found) = unbalanced(query, tokens).or_else(|| unknown_function(query, tokens)) {
        return found;
    }
    if let Some(found) = tokens.iter().find_map(|token| bad_text(query, tokens, token)) {
        return found;
    }
    let meaning = in_words(error);
    match first_that_cannot_go_on(query, tokens) {
        ContinuationSearch::At(token) => {
            let plain = || {
                let shown = crop(text(&token));
                (format!("PromQL does not allow `{shown}` here"), habit(text(&token)))
            };
            let (message, help) = meaning.unwrap_or_else(plain);
            fault(token, message, help)
        }
        ContinuationSearch::End if meaning.is_none() => QueryFault {
            start: last.end,
            end: last.end,
            message: "the query ends too early".into(),
            help: None,
        },
        ContinuationSearch::End | ContinuationSearch::GaveUp => {
            let (message, help) = meaning.unwrap_or_else(|| ("this cannot be read as PromQL".into(), None));
            QueryFault { start: first.start, end: last.end, message, help }
        }
    }
}

/// Finds a string or bracket that is never closed, or a bracket that closes nothing.
fn unbalanced(query: &str, tokens: &[PromqlToken]) -> Option<QueryFault> {
    let mut open: Vec<(PromqlToken, char)> = Vec::new();
    for token in tokens {
        match token.kind {
            PromqlTokenKind::OpenText => {
                let quote = query.get(token.start..=token.start).unwrap_or("\"");
                let help = Some(format!("close it with `{quote}`"));
                return Some(fault(*token, "a string is never closed", help));
            }
            PromqlTokenKind::Open(c) => open.push((*token, c)),
            PromqlTokenKind::Close(c) => match open.pop() {
                Some((_, opened)) if closing(opened) == c => {}
                Some((at, opened)) => {
                    let help = Some(format!("close it with `{}` before the `{c}`", closing(opened)));
                    return Some(fault(at, format!("`{opened}` is never closed"), help));
                }
                None => {
                    return Some(fault(
                        *token,
                        format!("`{c}` closes nothing"),
                        Some(format!("take the `{c}` away")),
                    ));
                }
            },
            PromqlTokenKind::Word | PromqlTokenKind::Text | PromqlTokenKind::Sign => {}
        }
    }
    open.pop().map(|(at, opened)| {
        fault(at, format!("`{opened}` is never closed"), Some(format!("close it with `{}`", closing(opened))))
    })
}

/// Finds a word before `(` that is not a function, aggregation or keyword.
fn unknown_function(query: &str, tokens: &[PromqlToken]) -> Option<QueryFault> {
    tokens.windows(2).find_map(|pair| {
        let [word, open] = pair else { return None };
        if word.kind != PromqlTokenKind::Word || open.kind != PromqlTokenKind::Open('(') {
            return None;
        }
        let name = query.get(word.start..word.end)?;
        let known = KEYWORDS.contains(&name.to_lowercase().as_str())
            || !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || !parser::parse(&format!("{name}()")).is_err_and(|error| error.contains("unknown function"));
        if known {
            return None;
        }
        let near = did_you_mean(name, FUNCTIONS.iter().copied());
        let help = near.map(|near| format!("write `{near}`"));
        Some(fault(*word, format!("PromQL has no function `{}`", crop(name)), help))
    })
}

/// Finds a string with an escape that `PromQL` does not have, or a regular expression that does not compile.
fn bad_text(query: &str, tokens: &[PromqlToken], token: &PromqlToken) -> Option<QueryFault> {
    if token.kind != PromqlTokenKind::Text {
        return None;
    }
    let text = query.get(token.start..token.end)?;
    if parser::parse(text).is_err() {
        let help = Some("write `\\\\` for a backslash".to_owned());
        return Some(fault(*token, "PromQL does not know an escape in this string", help));
    }
    let before = tokens.iter().rev().find(|other| other.end <= token.start)?;
    let is_regex = matches!(query.get(before.start..before.end), Some("=~" | "!~"));
    (is_regex && parser::parse(&format!("x{{a=~{text}}}")).is_err())
        .then(|| fault(*token, "this regular expression cannot be read", None))
}
