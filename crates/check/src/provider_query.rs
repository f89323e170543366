//! Queries that are a few words: their forms, for the check and for the providers that read them.

use super::checker::Checker;
use super::logql;
use super::promql::QueryRange;
use super::query::in_query;
use rbl_syntax::diagnostic::{Code, Safety, did_you_mean};
use rbl_syntax::one_line;
use rbl_syntax::tree::{Metric, MetricType, Part};

/// The types of record that the provider `dns` reads.
pub const DNS_TYPES: &[&str] = &["A", "AAAA", "CNAME", "TXT", "MX", "NS", "SRV"];

/// Stands for a value in a word: what it will be is not known.
pub(super) const VALUE: char = '\u{1}';

/// Why a query has not the form of its provider, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryMistake {
    /// The headline.
    pub message: String,
    /// What to write.
    pub help: String,
    /// Where it is in the query: first byte and length; `None`: all of it.
    pub at: Option<(usize, usize)>,
}

impl QueryMistake {
    /// All of the query is wrong.
    pub(super) fn whole(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), at: None }
    }

    /// A part of it is.
    pub(super) fn at(start: usize, len: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at: Some((start, len)), ..Self::whole(message, help) }
    }
}

fn mistake(message: impl Into<String>, help: impl Into<String>) -> Result<(), QueryMistake> {
    Err(QueryMistake::whole(message, help))
}

/// Whether the words before the `JSONPath` of the provider `kubernetes` only choose objects; says whether they name a namespace.
pub fn kubernetes_words(words: &[String]) -> Result<bool, QueryMistake> {
    const WITH_A_WORD: [&str; 5] = ["-n", "--namespace", "-l", "--selector", "--field-selector"];
    let (mut names, mut has_namespace) = (0, false);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            names += 1;
            continue;
        }
        let (option, joined) =
            word.split_once('=').map_or((word.as_str(), false), |(option, _)| (option, true));
        has_namespace |= matches!(option, "-n" | "--namespace" | "-A" | "--all-namespaces");
        if WITH_A_WORD.contains(&option) {
            if !joined && rest.next().is_none_or(|word| word.starts_with('-')) {
                let message = format!("`{option}` names nothing");
                return Err(QueryMistake::whole(message, format!("write a word behind `{option}`")));
            }
        } else if !matches!(word.as_str(), "-A" | "--all-namespaces") {
            return Err(QueryMistake::whole(
                format!("the option `{}` is not one of a query", one_line(word)),
                "there are `-n`, `-l`, `-A` and `--field-selector`",
            ));
        }
    }
    if names == 0 {
        return Err(QueryMistake::whole(
            "the query names no kind of object",
            "write `KIND [NAME] JSONPATH`, like `deployment api $.status.replicas`",
        ));
    }
    Ok(has_namespace)
}

/// Whether a query of this kind of provider has its form.
fn has_form(kind: &str, of: MetricType, text: &str) -> Result<(), QueryMistake> {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let is_known = |word: &str| !word.contains(VALUE);
    match (kind, words.as_slice()) {
        ("tcp", [word]) if is_known(word) && !word.contains(':') => mistake(
            format!("`{}` has no port", one_line(word)),
            "write `HOST:PORT`, like `db.example.com:5432`",
        ),
        ("tcp" | "tls" | "dns", [_]) | ("tls" | "systemd", [_, _]) => Ok(()),
        ("tcp", _) => mistake("the query is not `HOST:PORT`", "name one host and its port"),
        ("tls", _) => {
            mistake("the query is not `HOST[:PORT] [NAME]`", "name one host, like `shop.example.com`")
        }
        ("dns", [_, of]) if !is_known(of) || DNS_TYPES.iter().any(|known| known.eq_ignore_ascii_case(of)) => {
            Ok(())
        }
        ("dns", [_, of]) => {
            let near = did_you_mean(&of.to_uppercase(), DNS_TYPES.iter().copied());
            let help = near.map_or_else(
                || format!("there are {}", DNS_TYPES.join(", ")),
                |near| format!("write `{near}`"),
            );
            mistake(format!("there is no type of record `{}`", one_line(of)), help)
        }
        ("dns", _) => mistake("the query is not `NAME [TYPE]`", "name one name, like `shop.example.com MX`"),
        ("systemd", [_]) if of == MetricType::Text => Ok(()),
        ("systemd", [_]) => mistake(
            "a number is that of a property",
            "write `UNIT PROPERTY`, like `api.service NRestarts`, or read its state: `metric state: text from …`",
        ),
        ("systemd", _) => mistake("the query is not `UNIT [PROPERTY]`", "name one unit"),
        ("kubernetes", words) => {
            let Some(path) = words.iter().position(|word| word.starts_with('$')) else {
                return mistake(
                    "the query has no JSONPath",
                    "write one that begins with `$` behind the object, like `$.status.replicas`",
                );
            };
            kubernetes_words(words.get(..path).unwrap_or_default()).map(|_| ())
        }
        ("cloudwatch", words) => cloudwatch(text, words),
        ("loki", _) => logql::check(text, of),
        _ => Ok(()),
    }
}

fn cloudwatch(text: &str, words: &[String]) -> Result<(), QueryMistake> {
    let begins = text.trim_start().to_ascii_uppercase();
    if begins.starts_with("SELECT ") || begins.starts_with("SEARCH(") {
        return Ok(());
    }
    let form = "write `NAMESPACE METRIC STAT[/PERIOD] [DIMENSION=VALUE …]`, like `AWS/SQS NumberOfMessagesSent Sum QueueName=orders`";
    match words {
        [_, _, statistic, ..] if !statistic.contains('=') => Ok(()),
        [_, _, ..] => mistake("the query names no statistic", form),
        _ => mistake("the query names no metric", form),
    }
}

impl<'t> Checker<'t> {
    /// Checks the form of a query of this kind of provider, and the unit of what it measures.
    pub(super) fn query_form(&mut self, kind: &str, metric: &'t Metric) {
        let mut text = String::new();
        let mut starts = Vec::new();
        for part in &metric.query.parts {
            starts.push(text.len());
            match part {
                Part::Literal { text: written, .. } => text.push_str(written),
                Part::Value(_) => text.push(VALUE),
            }
        }
        if let Err(wrong) = has_form(kind, metric.of, &text) {
            let label = format!("asked of a provider of the kind `{kind}`");
            let spot = wrong.at.and_then(|(byte, len)| {
                let part = starts.iter().rposition(|start| *start <= byte)?;
                let start = starts.get(part)?;
                let end = starts.get(part + 1).copied().unwrap_or(text.len());
                Some(QueryRange { part, byte: byte - start, len: len.min(end.saturating_sub(byte)) })
            });
            let span = spot.map_or(metric.query.span, |spot| in_query(self.file, metric, spot));
            let finding = self.finding(Code::PROVIDER_QUERY, wrong.message, span, label);
            return self.report(finding.help(wrong.help));
        }
        let right = match kind {
            "tcp" => "ms",
            "tls" => "d",
            _ => return,
        };
        let Some(declared) = metric.unit.as_ref().filter(|_| metric.of.is_number()) else { return };
        let Some(unit) = declared.unit.map(String::from).filter(|unit| unit != right) else { return };
        let message =
            format!("`{}` is declared in `{unit}`, `{kind}` measures in `{right}`", metric.name.text);
        let help = format!("write `in {right}`; what it is compared with may have another unit");
        let place = self.at(declared.span);
        let finding = self.finding(Code::UNIT_NAME, message, declared.span, "declared here");
        self.report(finding.help(help.clone()).fix(help, Safety::Choice, place, right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_become_anything() {
        for (kind, text) in [
            ("tcp", "\u{1}"),
            ("tls", "\u{1} \u{1}"),
            ("dns", "a \u{1}"),
            ("kubernetes", "pod \u{1} $.a"),
            ("kubernetes", "pods -n shop -l app=\u{1} $.items[?@.a == 'b c']"),
            ("cloudwatch", "AWS/SQS Age Sum QueueName=\u{1}"),
            ("cloudwatch", "search('{A} B', 'Sum')"),
        ] {
            assert_eq!(has_form(kind, MetricType::Number, text), Ok(()), "{kind} {text}");
        }
        assert_eq!(has_form("systemd", MetricType::Text, "api"), Ok(()));
    }

    #[test]
    fn what_can_never_be_read_is_found() {
        for (kind, text, words) in [
            ("tcp", "db", "has no port"),
            ("tcp", "a:1 b:2", "is not `HOST:PORT`"),
            ("tls", "a b c", "is not `HOST"),
            ("dns", "", "is not `NAME [TYPE]`"),
            ("dns", "a MXX", "no type of record `MXX`"),
            ("systemd", "api", "a number is that of a property"),
            ("systemd", "", "is not `UNIT"),
            ("kubernetes", "pods", "no JSONPath"),
            ("kubernetes", "$.a", "names no kind"),
            ("kubernetes", "pods -w $.a", "the option `-w`"),
            ("kubernetes", "pods -n $.a", "`-n` names nothing"),
            ("cloudwatch", "AWS/SQS Age", "names no statistic"),
            ("cloudwatch", "AWS/SQS", "names no metric"),
        ] {
            let wrong = has_form(kind, MetricType::Number, text).unwrap_err();
            assert!(wrong.message.contains(words), "{kind} {text}: {}", wrong.message);
        }
    }
}
