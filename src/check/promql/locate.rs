//! Reads a query, and finds the place of what is wrong with it.
//!
//! *Why:* the parser's errors have no position. So brackets and strings are looked at first, then function names; then the
//! fault lies at the first token behind which no continuation makes the query readable.

use promql_parser::parser::{self, Expr};

use super::place::Fault;
use super::token::{Token, TokenKind, tokens};
use crate::diagnostic::did_you_mean;

/// The query as a tree, or what is wrong with it and where.
pub(super) fn parse(query: &str) -> Result<Expr, Fault> {
    parser::parse(query).map_err(|error| locate(query, &error))
}

fn fault(token: Token, message: impl Into<String>, help: Option<String>) -> Fault {
    Fault { start: token.start, end: token.end, message: message.into(), help }
}

fn locate(query: &str, error: &str) -> Fault {
    let tokens = tokens(query);
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        let help = Some("write a query, like `up`".to_owned());
        return Fault { start: 0, end: 0, message: "the query is empty".into(), help };
    };
    let text = |token: &Token| query.get(token.start..token.end).unwrap_or_default();
    if let Some(found) = unbalanced(query, &tokens).or_else(|| unknown_function(query, &tokens)) {
        return found;
    }
    if let Some(found) = tokens.iter().find_map(|token| bad_text(query, &tokens, token)) {
        return found;
    }
    let meaning = in_words(error);
    match first_that_cannot_go_on(query, &tokens) {
        Search::At(token) => {
            let plain = || {
                let shown = crop(text(&token));
                (format!("PromQL cannot go on with `{shown}` here"), habit(text(&token)))
            };
            let (message, help) = meaning.unwrap_or_else(plain);
            fault(token, message, help)
        }
        Search::End if meaning.is_none() => {
            Fault { start: last.end, end: last.end, message: "the query ends too early".into(), help: None }
        }
        Search::End | Search::GaveUp => {
            let (message, help) = meaning.unwrap_or_else(|| ("this cannot be read as PromQL".into(), None));
            Fault { start: first.start, end: last.end, message, help }
        }
    }
}

/// A string or bracket that is never closed, or one that closes nothing.
fn unbalanced(query: &str, tokens: &[Token]) -> Option<Fault> {
    let mut open: Vec<(Token, char)> = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::OpenText => {
                let quote = query.get(token.start..=token.start).unwrap_or("\"");
                let help = Some(format!("close it with `{quote}`"));
                return Some(fault(*token, "a string is never closed", help));
            }
            TokenKind::Open(c) => open.push((*token, c)),
            TokenKind::Close(c) => match open.pop() {
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
            TokenKind::Word | TokenKind::Text | TokenKind::Sign => {}
        }
    }
    open.pop().map(|(at, opened)| {
        fault(at, format!("`{opened}` is never closed"), Some(format!("close it with `{}`", closing(opened))))
    })
}

const fn closing(opened: char) -> char {
    match opened {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// A word before `(` that is no function, aggregation or keyword.
fn unknown_function(query: &str, tokens: &[Token]) -> Option<Fault> {
    tokens.windows(2).find_map(|pair| {
        let [word, open] = pair else { return None };
        if word.kind != TokenKind::Word || open.kind != TokenKind::Open('(') {
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

/// A string with an escape that PromQL does not know, or a regular expression that does not compile.
fn bad_text(query: &str, tokens: &[Token], token: &Token) -> Option<Fault> {
    if token.kind != TokenKind::Text {
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

enum Search {
    /// Nothing that follows this token makes it readable.
    At(Token),
    /// Every beginning can go on; only the end is missing.
    End,
    /// Too long to be searched.
    GaveUp,
}

/// How many readings a search may cost: a long broken query is placed as a whole rather than slowly.
const PATIENCE: usize = 4000;

fn first_that_cannot_go_on(query: &str, tokens: &[Token]) -> Search {
    let mut tries = 0;
    let mut open: Vec<OpenBracket<'_>> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        match token.kind {
            TokenKind::Open(bracket) => {
                let word = before.filter(|before| before.kind == TokenKind::Word);
                let function = word.and_then(|word| query.get(word.start..word.end)).unwrap_or("");
                open.push(OpenBracket { bracket, function, commas: 0 });
            }
            TokenKind::Close(_) => {
                open.pop();
            }
            TokenKind::Sign if query.get(token.start..token.end) == Some(",") => {
                if let Some(bracket) = open.last_mut() {
                    bracket.commas += 1;
                }
            }
            _ => {}
        }
        let Some(prefix) = query.get(..token.end) else { return Search::GaveUp };
        match can_go_on(prefix, &open, &mut tries) {
            Some(true) => {}
            Some(false) => return Search::At(*token),
            None => return Search::GaveUp,
        }
    }
    Search::End
}

struct OpenBracket<'a> {
    bracket: char,
    function: &'a str,
    commas: usize,
}

/// Whether something that follows makes the beginning of a query readable; `None` when patience has run out.
fn can_go_on(prefix: &str, open: &[OpenBracket<'_>], tries: &mut usize) -> Option<bool> {
    let inside: &[&str] = match open.last().map(|open| open.bracket) {
        Some('{') => &["", "=\"x\"", "x=\"x\"", "\"x\"", ",x=\"x\""],
        Some('[') => &["", "5m", ":", "m", ":5m"],
        _ => &[
            "",
            " x",
            "[5m]",
            "(x)",
            "(x[5m])",
            " 1",
            "\"x\"",
            " 5m",
            "(1,x)",
            "{x=\"x\"}",
            "(1,x[5m])",
            "(a) x",
            "(a) (x)",
            "(a) (1,x)",
            "(x,1)",
            "(x,1,1)",
            "(x[5m],1)",
            "(x[5m],1,1)",
            "(\"x\",x)",
            "(x,\"x\",\"x\",\"x\",\"x\")",
            "(x,\"x\",\"x\")",
            "()",
            "(vector(1))",
            " > bool 1",
        ],
    };
    for range_outside in [false, true] {
        let closers: String = open
            .iter()
            .rev()
            .enumerate()
            .map(|(depth, open)| open.closer(range_outside && depth > 0))
            .collect();
        for filler in inside {
            for tail in ["", " (x)", "[5m]", "[5m:])"] {
                // A tail is only for what is behind the last closing bracket, as in `sum by (a`.
                if !tail.is_empty() && open.len() != 1 {
                    continue;
                }
                *tries += 1;
                if *tries > PATIENCE {
                    return None;
                }
                if parser::parse(&format!("{prefix}{filler}{closers}{tail}")).is_ok() {
                    return Some(true);
                }
            }
        }
    }
    Some(false)
}

impl OpenBracket<'_> {
    /// What closes it, the arguments that its function still needs before.
    fn closer(&self, range: bool) -> String {
        if self.bracket != '(' {
            return closing(self.bracket).to_string();
        }
        let rest = ARGUMENTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(self.function));
        let rest: String = rest
            .map(|(_, arguments)| {
                arguments.iter().skip(self.commas + 1).map(|argument| format!(",{argument}")).collect()
            })
            .unwrap_or_default();
        format!("{}{rest})", if range { "[5m:]" } else { "" })
    }
}

/// The functions of several arguments, with one of the right kind for each.
const ARGUMENTS: &[(&str, &[&str])] = &[
    ("histogram_quantile", &["1", "x"]),
    ("histogram_fraction", &["0", "1", "x"]),
    ("quantile_over_time", &["1", "x[5m]"]),
    ("label_replace", &["x", "\"x\"", "\"x\"", "\"x\"", "\"x\""]),
    ("label_join", &["x", "\"x\"", "\"x\""]),
    ("clamp", &["x", "1", "1"]),
    ("clamp_max", &["x", "1"]),
    ("clamp_min", &["x", "1"]),
    ("predict_linear", &["x[5m]", "1"]),
    ("holt_winters", &["x[5m]", "1", "1"]),
    ("double_exponential_smoothing", &["x[5m]", "1", "1"]),
    ("topk", &["1", "x"]),
    ("bottomk", &["1", "x"]),
    ("limitk", &["1", "x"]),
    ("limit_ratio", &["1", "x"]),
    ("quantile", &["1", "x"]),
    ("count_values", &["\"x\"", "x"]),
];

/// The words that may stand before `(` and are no functions.
const KEYWORDS: &[&str] = &[
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "start",
    "end",
    "atan2",
    "fill",
    "fill_left",
    "fill_right",
    "sum",
    "avg",
    "count",
    "min",
    "max",
    "group",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "count_values",
    "quantile",
    "limitk",
    "limit_ratio",
];

/// The functions that people use, for did-you-mean.
const FUNCTIONS: &[&str] = &[
    "abs",
    "absent",
    "absent_over_time",
    "avg",
    "avg_over_time",
    "bottomk",
    "ceil",
    "changes",
    "clamp",
    "clamp_max",
    "clamp_min",
    "count",
    "count_over_time",
    "count_values",
    "day_of_month",
    "day_of_week",
    "days_in_month",
    "delta",
    "deriv",
    "exp",
    "floor",
    "histogram_quantile",
    "hour",
    "idelta",
    "increase",
    "irate",
    "label_join",
    "label_replace",
    "last_over_time",
    "ln",
    "log10",
    "log2",
    "max",
    "max_over_time",
    "min",
    "min_over_time",
    "minute",
    "month",
    "predict_linear",
    "present_over_time",
    "quantile",
    "quantile_over_time",
    "rate",
    "resets",
    "round",
    "scalar",
    "sgn",
    "sort",
    "sort_desc",
    "sqrt",
    "stddev",
    "stddev_over_time",
    "sum",
    "sum_over_time",
    "time",
    "timestamp",
    "topk",
    "vector",
    "year",
];

/// What the parser says of kinds and counts, in words that help.
fn in_words(error: &str) -> Option<(String, Option<String>)> {
    let quoted = |text: &str| text.split('\'').nth(1).map(str::to_owned);
    if let Some(rest) = error.strip_prefix("expected type ") {
        let function = quoted(rest)?;
        return Some(if rest.starts_with("range vector") || rest.starts_with("matrix") {
            (format!("`{function}` needs a range of samples"), Some(format!("write `{function}(…[5m])`")))
        } else if rest.contains("got range vector") || rest.contains("got matrix") {
            let help = "take the `[…]` away, or put `rate(…)` or `max_over_time(…)` around it";
            (format!("`{function}` takes no range of samples"), Some(help.to_owned()))
        } else {
            let wanted = rest.split(" in ").next().unwrap_or("something else");
            (format!("`{function}` needs {} here", article(wanted)), None)
        });
    }
    if error.contains("argument(s) in call to") {
        let function = quoted(error)?;
        let wanted = error.strip_prefix("expected ")?.split(" argument").next()?;
        return Some((format!("`{function}` takes {wanted} values in its brackets"), None));
    }
    if error.contains("comparisons between scalars must use BOOL") {
        let help = Some("compare in the runbook instead, or write `bool` behind the sign".to_owned());
        return Some(("two plain numbers are compared without `bool`".to_owned(), help));
    }
    if error.contains("at least one non-empty matcher") {
        let help = Some("name the metric, or match one label exactly".to_owned());
        return Some(("the selector would take every series".to_owned(), help));
    }
    None
}

fn article(kind: &str) -> &'static str {
    match kind {
        "scalar" => "a plain number",
        "string" => "a string in quotes",
        "vector" | "instant vector" => "a metric or an expression over one",
        _ => "something else",
    }
}

/// What people write who come from other query languages.
fn habit(token: &str) -> Option<String> {
    match token.to_lowercase().as_str() {
        "&&" | "&" => Some("write `and`".into()),
        "||" | "|" => Some("write `or`".into()),
        "=" => Some("write `==` to compare".into()),
        "minutes" | "minute" | "min" => Some("write minutes as `5m`".into()),
        "seconds" | "second" | "sec" => Some("write seconds as `30s`".into()),
        "hours" | "hour" => Some("write hours as `1h`".into()),
        _ => None,
    }
}

fn crop(text: &str) -> String {
    if text.chars().count() <= 24 { text.to_owned() } else { text.chars().take(23).chain(['…']).collect() }
}
