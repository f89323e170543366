//! Checks the `LogQL` query of a metric, as far as one can be sure of it without Loki.
//!
//! *Why not a parser:* there is none in Rust that is kept up to date and that this program may contain. So only what Loki refuses in
//! every version is reported: quotes and brackets that do not match, a selector that selects everything, a text without quotes, a range
//! that is no duration, a word that is nearly one of those that are known, and a query of lines in the place of one of numbers.
//! Everything else is left to Loki.

use rbl_syntax::diagnostic::did_you_mean;
use rbl_syntax::one_line;
use rbl_syntax::tree::MetricType;
use regex::Regex;

use super::provider_query::{QueryMistake, VALUE};

/// What stands behind a `|`, unless it is a comparison of a label.
const STAGES: &[&str] = &[
    "json",
    "logfmt",
    "regexp",
    "pattern",
    "unpack",
    "xml",
    "line_format",
    "label_format",
    "decolorize",
    "drop",
    "keep",
    "unwrap",
    "distinct",
];
/// What takes a query of lines and a range.
const OVER_RANGES: &[&str] = &[
    "rate",
    "rate_counter",
    "count_over_time",
    "bytes_rate",
    "bytes_over_time",
    "avg_over_time",
    "sum_over_time",
    "min_over_time",
    "max_over_time",
    "stdvar_over_time",
    "stddev_over_time",
    "quantile_over_time",
    "first_over_time",
    "last_over_time",
    "absent_over_time",
];
/// What takes numbers.
const OVER_NUMBERS: &[&str] = &[
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "approx_topk",
    "sort",
    "sort_desc",
];
/// What else stands before a parenthesis.
const OTHERS: &[&str] = &[
    "vector",
    "label_replace",
    "variants",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "ip",
    "bytes",
    "duration",
    "duration_seconds",
    "and",
    "or",
    "unless",
    "of",
    "bool",
];
/// The operators that compare, or that filter lines.
const OPERATORS: &[&str] = &[
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "|", "=", ">", "<", "+", "-", "*", "/", "%",
    "^", ",", ".",
];

/// Part of a query, with its bytes.
#[derive(Debug, Clone, Copy)]
struct LogqlToken<'q> {
    start: usize,
    text: &'q str,
    kind: LogqlTokenKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LogqlTokenKind {
    Word,
    /// A number, a duration, an amount of data, or a value that may be one.
    Number,
    /// A text with its quotes.
    Text,
    /// `[5m]`
    Range,
    Open,
    Close,
    Operator,
}

use LogqlTokenKind::{Close, Number, Open, Operator, Range, Text, Word};

impl LogqlToken<'_> {
    fn is(&self, text: &str) -> bool {
        self.text == text && self.kind != Text
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        self.kind == Word && words.iter().any(|word| word.eq_ignore_ascii_case(self.text))
    }

    fn wrong(&self, message: impl Into<String>, help: impl Into<String>) -> QueryMistake {
        QueryMistake::at(self.start, self.text.len(), message, help)
    }

    /// Whether a text may become anything: there is a value in it.
    fn is_open(&self) -> bool {
        self.text.contains(VALUE)
    }
}

/// Whether Loki takes this query for a metric of this type, as far as that is certain.
pub(super) fn check(query: &str, of: MetricType) -> Result<(), QueryMistake> {
    let tokens = tokens(query)?;
    brackets(&tokens)?;
    let Some(first) = tokens.iter().find(|token| !token.is("(")) else {
        return Err(QueryMistake::whole(
            "the query is empty",
            "write LogQL, like `{app=\"api\"} |= \"error\"`",
        ));
    };
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at..).unwrap_or_default();
        match token.kind {
            Open if token.is("{") => selector(rest)?,
            Range => range(*token)?,
            Operator => behind_operator(rest)?,
            Word => function(rest)?,
            Number | Text | Open | Close => {}
        }
    }
    let has_lines = first.is("{") && tokens.iter().all(|token| token.kind != Range);
    match of {
        MetricType::Lines if !has_lines => Err(first.wrong(
            "a query of numbers gives no lines",
            "write only the selector and what filters its lines, like `{app=\"api\"} |= \"error\"`",
        )),
        MetricType::Number if has_lines => Err(first.wrong(
            "a query of lines gives no number",
            "count them, like `sum(count_over_time({app=\"api\"} |= \"error\" [5m]))`, or read them: `metric NAME: lines from …`",
        )),
        MetricType::Lines | MetricType::Number | MetricType::Text | MetricType::Unknown => Ok(()),
    }
}

/// The tokens of a query; comments are left out.
fn tokens(query: &str) -> Result<Vec<LogqlToken<'_>>, QueryMistake> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = query.get(start..)
        && let Some(first) = rest.chars().next()
    {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let (kind, length) = match first {
            c if c.is_whitespace() => {
                start += c.len_utf8();
                continue;
            }
            '#' => {
                start += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '"' | '`' => (Text, text_length(start, rest, first)?),
            '\'' => {
                let message = "LogQL has no texts in single quotes";
                return Err(QueryMistake::at(start, 1, message, "write \"…\" or `…`"));
            }
            '[' => match rest.find(']') {
                Some(end) => (Range, end + 1),
                None => return Err(never_closed(start, "[")),
            },
            '(' | '{' => (Open, 1),
            ')' | '}' | ']' => (Close, 1),
            c if c.is_ascii_digit() || c == VALUE => {
                let more = |c: char| word(c) || c == '.' || c == VALUE || c == 'µ';
                (Number, rest.find(|c| !more(c)).unwrap_or(rest.len()))
            }
            c if word(c) => (Word, rest.find(|c| !word(c) && c != VALUE).unwrap_or(rest.len())),
            c => {
                let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
                (Operator, operator.map_or(c.len_utf8(), |operator| operator.len()))
            }
        };
        found.push(LogqlToken { start, text: rest.get(..length).unwrap_or_default(), kind });
        start += length;
    }
    Ok(found)
}

fn never_closed(start: usize, open: &str) -> QueryMistake {
    QueryMistake::at(start, open.len(), format!("`{open}` is never closed"), "close it, or take it out")
}

/// The length of the text that begins here, with its quotes.
fn text_length(start: usize, text: &str, quote: char) -> Result<usize, QueryMistake> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok(at + 1),
            '\n' if quote == '"' => break,
            '\\' if quote == '"' => match chars.next() {
                Some((_, c)) if !(c == VALUE || "abfnrtv\\\"xuU".contains(c) || c.is_digit(8)) => {
                    let message = format!("`\\{c}` is no escape sequence in a text in double quotes");
                    let help = format!("write `\\\\{c}`, or put the text into back quotes");
                    return Err(QueryMistake::at(start + at, 1 + c.len_utf8(), message, help));
                }
                Some(_) | None => {}
            },
            _ => {}
        }
    }
    Err(never_closed(start, if quote == '"' { "\"" } else { "`" }))
}

/// Whether each bracket has its other half.
fn brackets(tokens: &[LogqlToken<'_>]) -> Result<(), QueryMistake> {
    let mut open: Vec<&LogqlToken<'_>> = Vec::new();
    for token in tokens {
        match token.kind {
            Open => open.push(token),
            Close => {
                let right =
                    open.pop().filter(|open| matches!((open.text, token.text), ("(", ")") | ("{", "}")));
                if right.is_none() {
                    let message = format!("`{}` closes nothing that is open there", token.text);
                    return Err(token.wrong(message, "take it out, or open it before"));
                }
            }
            Word | Number | Text | Range | Operator => {}
        }
    }
    open.pop().map_or(Ok(()), |open| Err(never_closed(open.start, open.text)))
}

/// Checks the selector that begins here: what its texts are compared with, and that it does not select every stream.
fn selector(rest: &[LogqlToken<'_>]) -> Result<(), QueryMistake> {
    let end = rest.iter().position(|token| token.is("}")).unwrap_or(rest.len());
    let (Some(brace), inside) = (rest.first(), rest.get(1..end).unwrap_or_default()) else { return Ok(()) };
    let mut selects = false;
    for matcher in inside.split(|token| token.is(",")) {
        // What is written otherwise is left to Loki.
        let [name, operator, value, ..] = matcher else { continue };
        if operator.is("==") {
            return Err(operator.wrong("a selector compares with one `=`", "write `=`"));
        }
        let is_comparison = ["=", "!=", "=~", "!~"].iter().any(|known| operator.is(known));
        if is_comparison && value.kind != Text {
            let message = format!("the value of `{}` has no quotes", one_line(name.text));
            return Err(value.wrong(message, "write \"…\" around it"));
        }
        selects |= !matches_nothing(operator.text, value);
    }
    if selects {
        return Ok(());
    }
    Err(brace.wrong(
        "the selector selects every stream, which Loki refuses",
        "name one label by a text that is not empty, like `{app=\"api\"}`, or by `=~\".+\"`",
    ))
}

/// Whether a stream without this label matches too. Where that is not certain it does not.
fn matches_nothing(operator: &str, value: &LogqlToken<'_>) -> bool {
    if value.is_open() {
        return false;
    }
    let inside = value.text.get(1..value.text.len().saturating_sub(1)).unwrap_or_default();
    // An escape sequence is at least one character.
    let is_empty = inside.is_empty();
    let pattern = || {
        let written =
            if value.text.starts_with('"') { inside.replace("\\\\", "\\") } else { inside.to_owned() };
        Regex::new(&format!("^(?s:{written})$")).ok().map(|pattern| pattern.is_match(""))
    };
    match operator {
        "=" => is_empty,
        "!=" => !is_empty,
        "=~" => pattern().unwrap_or(false),
        "!~" => pattern().is_some_and(|matches| !matches),
        _ => false,
    }
}

/// Checks that what is in brackets is a duration, as Loki writes one.
fn range(token: LogqlToken<'_>) -> Result<(), QueryMistake> {
    let inside = token.text.get(1..token.text.len().saturating_sub(1)).unwrap_or_default();
    let mut rest = inside;
    let mut last = 0;
    while let Some(digits) = rest.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0) {
        let (_, behind) = rest.split_at(digits);
        let units = ["y", "w", "d", "h", "m", "s", "ms"];
        let unit = units
            .iter()
            .rposition(|unit| behind.starts_with(unit))
            .filter(|unit| *unit != 4 || !behind.starts_with("ms"));
        let Some(unit) = unit.filter(|unit| *unit + 1 > last) else { break };
        last = unit + 1;
        rest = behind.get(units.get(unit).map_or(0, |unit| unit.len())..).unwrap_or_default();
    }
    let is_duration = rest.is_empty() && !inside.is_empty();
    if is_duration || token.is_open() || inside == "0" {
        return Ok(());
    }
    let message = format!("the range `{}` is no duration", one_line(inside));
    Err(token.wrong(message, "write whole numbers with units, like `[5m]` or `[1h30m]`"))
}

/// Checks what stands behind an operator that begins a filter or a stage.
fn behind_operator(rest: &[LogqlToken<'_>]) -> Result<(), QueryMistake> {
    let [operator, next, more @ ..] = rest else { return Ok(()) };
    match operator.text {
        "|=" | "|~" | "|>" if next.kind != Text && !next.is_one_of(&["ip"]) => {
            let message = format!("the text behind `{}` has no quotes", operator.text);
            Err(next.wrong(message, "write \"…\" around it"))
        }
        "|" if next.kind == Text => Err(operator
            .wrong("`|` is no filter", "write `|=` for lines that contain the text, or `|~` for a pattern")),
        "|" if next.kind == Word && !next.is_one_of(STAGES) => {
            let compares = ["=", "!=", "=~", "!~", "==", ">", ">=", "<", "<="]
                .iter()
                .any(|known| more.first().is_some_and(|it| it.is(known)));
            match did_you_mean(next.text, STAGES.iter().copied()).filter(|_| !compares && !next.is_open()) {
                Some(near) => {
                    let message = format!("there is no stage `{}`", one_line(next.text));
                    Err(next.wrong(message, format!("write `{near}`")))
                }
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Checks the function that begins here: its name, and what it takes.
fn function(rest: &[LogqlToken<'_>]) -> Result<(), QueryMistake> {
    let [name, behind @ ..] = rest else { return Ok(()) };
    let grouped = behind.first().is_some_and(|it| it.is_one_of(&["by", "without"]));
    let behind = if grouped {
        behind.get(inside(behind.get(1..).unwrap_or_default()).len() + 3..).unwrap_or_default()
    } else {
        behind
    };
    if !behind.first().is_some_and(|it| it.is("(")) {
        return Ok(());
    }
    let arguments = inside(behind);
    if name.is_one_of(OVER_RANGES) {
        if arguments.iter().any(|token| token.kind == Range) {
            return Ok(());
        }
        return Err(name.wrong(
            format!("`{}` has no range", name.text),
            "write how far back it looks behind what filters the lines, like `[5m]`",
        ));
    }
    if name.is_one_of(OVER_NUMBERS) {
        let first = match arguments {
            [number, comma, first, ..] if number.kind == Number && comma.is(",") => Some(first),
            arguments => arguments.first(),
        };
        if let Some(brace) = first.filter(|token| token.is("{")) {
            let message = format!("`{}` takes numbers, and these are lines", name.text);
            return Err(
                brace.wrong(message, format!("count them, like `{}(count_over_time({{…}}[5m]))`", name.text))
            );
        }
        return Ok(());
    }
    if name.is_one_of(OTHERS) || name.is_open() {
        return Ok(());
    }
    let known = OVER_RANGES.iter().chain(OVER_NUMBERS).copied();
    did_you_mean(name.text, known).map_or(Ok(()), |near| {
        let message = format!("there is no function `{}`", one_line(name.text));
        Err(name.wrong(message, format!("write `{near}`")))
    })
}

/// The tokens in the brackets that begin here.
fn inside<'t, 'q>(tokens: &'t [LogqlToken<'q>]) -> &'t [LogqlToken<'q>] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Open => depth += 1,
            Close => depth = depth.saturating_sub(1),
            Word | Number | Text | Range | Operator => {}
        }
        if depth == 0 {
            return tokens.get(1..at).unwrap_or_default();
        }
    }
    &[]
}

#[cfg(test)]
mod tests;
