//! Finds the first token after which no continuation makes a query parse.

use promql_parser::parser;

use super::token::{PromqlToken, PromqlTokenKind};

/// The result of a search.
pub(super) enum ContinuationSearch {
    /// Nothing that follows this token makes the query parse.
    At(PromqlToken),
    /// Every prefix can be continued; only the end is missing.
    End,
    /// Too long to search.
    GaveUp,
}

/// The maximum number of parses per search: in a long broken query the error covers the whole query instead of taking
/// long.
const PATIENCE: usize = 4000;

/// Finds the first token of a query after which it cannot be continued.
pub(super) fn first_that_cannot_go_on(query: &str, tokens: &[PromqlToken]) -> ContinuationSearch {
    let mut tries = 0;
    let mut open: Vec<OpenBracket<'_>> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        match token.kind {
            PromqlTokenKind::Open(bracket) => {
                let word = before.filter(|before| before.kind == PromqlTokenKind::Word);
                let function = word.and_then(|word| query.get(word.start..word.end)).unwrap_or("");
                open.push(OpenBracket { bracket, function, commas: 0 });
            }
            PromqlTokenKind::Close(_) => {
                open.pop();
            }
            PromqlTokenKind::Sign if query.get(token.start..token.end) == Some(",") => {
                if let Some(bracket) = open.last_mut() {
                    bracket.commas += 1;
                }
            }
            _ => {}
        }
        let Some(prefix) = query.get(..token.end) else { return ContinuationSearch::GaveUp };
        match can_go_on(prefix, &open, &mut tries) {
            Some(true) => {}
            Some(false) => return ContinuationSearch::At(*token),
            None => return ContinuationSearch::GaveUp,
        }
    }
    ContinuationSearch::End
}

/// Where a continuation adds a range of samples.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    Nowhere,
    /// To the open selector.
    Here,
    /// To the content of an outer bracket.
    Outside,
}

struct OpenBracket<'a> {
    bracket: char,
    function: &'a str,
    commas: usize,
}

/// Whether some continuation makes a prefix of a query parse; `None` if the limit is exceeded.
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
            ",x",
            "1,x",
            "\"x\",x",
        ],
    };
    // `sum by (a` continues with an operand, `sum(x) by (a` does not; `rate(sum(x)` needs a range around its inside.
    let operands = ["(x)", "", "(1,x)", "(\"x\",x)"];
    let ranges = [Range::Nowhere, Range::Here, Range::Outside];
    for (operand, range) in ranges.into_iter().flat_map(|range| operands.map(|one| (one, range))) {
        let closers: String =
            open.iter().rev().enumerate().map(|(depth, open)| open.closer(operand, depth, range)).collect();
        for filler in inside {
            *tries += 1;
            if *tries > PATIENCE {
                return None;
            }
            if parser::parse(&format!("{prefix}{filler}{closers}")).is_ok() {
                return Some(true);
            }
        }
    }
    Some(false)
}

impl OpenBracket<'_> {
    /// Returns the text that closes it, including the arguments that its function still needs.
    fn closer(&self, operand: &str, depth: usize, range: Range) -> String {
        if self.bracket != '(' {
            let behind = if self.bracket == '{' && range == Range::Here { "[5m]" } else { "" };
            return format!("{}{behind}", closing(self.bracket));
        }
        match self.function.to_lowercase().as_str() {
            "by" | "without" => return format!(") {operand}"),
            "on" | "ignoring" | "group_left" | "group_right" => return ") x".to_owned(),
            _ => {}
        }
        let rest = ARGUMENTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(self.function));
        let rest: String = rest
            .map(|(_, arguments)| {
                arguments.iter().skip(self.commas + 1).flat_map(|argument| [",", argument]).collect()
            })
            .unwrap_or_default();
        format!("{}{rest})", if depth > 0 && range == Range::Outside { "[5m:]" } else { "" })
    }
}

/// The functions with several arguments, with one of the right kind for each.
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

/// Returns the closing bracket.
pub(super) const fn closing(opened: char) -> char {
    match opened {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}
