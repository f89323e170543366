//! Completion inside a `PromQL` query: the names of metrics, of labels, and the values of a label.

/// What can stand at the end of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuerySlot<'a> {
    /// The name of a metric; also the beginning of another provider's query.
    Metric,
    /// The name of a label of this metric; empty where the metric is not known.
    Label(&'a str),
    /// A value of a label.
    Value {
        /// The metric; empty where it is not known.
        metric: &'a str,
        /// The label.
        label: &'a str,
    },
    /// Nothing that is known: a number, the text of a function.
    Nothing,
}

/// A bracket that is open at the end of a query.
#[derive(Debug, Clone, Copy)]
struct OpenQueryBracket {
    bracket: char,
    at: usize,
}

/// The slot at the end of a query, and where the word in it begins. The query is in the source text of a runbook: its
/// own quotes may be written `\"`.
pub(super) fn slot(query: &str) -> (usize, QuerySlot<'_>) {
    let mut open: Vec<OpenQueryBracket> = Vec::new();
    let mut quoted: Option<(char, usize)> = None;
    for (at, it) in query.char_indices() {
        match (it, quoted) {
            ('"' | '\'', None) => quoted = Some((it, at + 1)),
            (_, Some((quote, _))) if it == quote => quoted = None,
            ('{' | '(' | '[', None) => open.push(OpenQueryBracket { bracket: it, at }),
            ('}' | ')' | ']', None) => drop(open.pop()),
            _ => {}
        }
    }
    let before = |at: usize| query.get(..at).unwrap_or_default();
    let start = word_start(query);
    match (open.last(), quoted) {
        (Some(OpenQueryBracket { bracket: '{', at }), Some((_, inner))) => {
            let inside = query.get(*at + 1..inner).unwrap_or_default();
            let label =
                inside.trim_end_matches(['"', '\'', '\\', ' ']).trim_end_matches(['=', '~', '!', ' ']);
            let label = label.get(word_start(label)..).unwrap_or_default();
            let metric = last_word(before(*at));
            (inner, if label.is_empty() { QuerySlot::Nothing } else { QuerySlot::Value { metric, label } })
        }
        (Some(OpenQueryBracket { bracket: '{', at }), None) => {
            let opens = before(start).trim_end().ends_with(['{', ',']);
            let metric = last_word(before(*at));
            (start, if opens { QuerySlot::Label(metric) } else { QuerySlot::Nothing })
        }
        (Some(OpenQueryBracket { bracket: '(', at }), None) if groups(before(*at)) => {
            (start, QuerySlot::Label(grouped_metric(query)))
        }
        (Some(OpenQueryBracket { bracket: '[', .. }), _) | (_, Some(_)) => (query.len(), QuerySlot::Nothing),
        _ => (start, QuerySlot::Metric),
    }
}

/// Whether labels stand in the brackets behind this text.
fn groups(before: &str) -> bool {
    matches!(
        last_word(before.trim_end()),
        "by" | "without" | "on" | "ignoring" | "group_left" | "group_right"
    )
}

/// The metric whose labels group a query: the first name that is followed by a selector or a range.
fn grouped_metric(query: &str) -> &str {
    let end = query.find(['{', '[']).unwrap_or(0);
    last_word(query.get(..end).unwrap_or_default())
}

fn last_word(text: &str) -> &str {
    text.get(word_start(text)..).unwrap_or_default()
}

fn word_start(text: &str) -> usize {
    text.trim_end_matches(|it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | ':' | '.')).len()
}

#[cfg(test)]
mod tests {
    use super::{QuerySlot, slot};

    #[test]
    fn each_place_of_a_query_has_its_own_names() {
        let at_end = |query: &'static str| {
            let (start, slot) = slot(query);
            (query.get(start..).unwrap(), slot)
        };
        let value = |metric, label| QuerySlot::Value { metric, label };
        assert_eq!(at_end("http_r"), ("http_r", QuerySlot::Metric));
        assert_eq!(at_end("sum(rate(http_r"), ("http_r", QuerySlot::Metric));
        assert_eq!(at_end("disk.u"), ("disk.u", QuerySlot::Metric));
        assert_eq!(at_end("up{"), ("", QuerySlot::Label("up")));
        assert_eq!(at_end("rate(up{job='a', ins"), ("ins", QuerySlot::Label("up")));
        assert_eq!(at_end("up{job='ap"), ("ap", value("up", "job")));
        assert_eq!(at_end("up{job=~\\\"ap"), ("ap", value("up", "job")));
        assert_eq!(at_end("up{job!= \"ap"), ("ap", value("up", "job")));
        assert_eq!(at_end("{ins"), ("ins", QuerySlot::Label("")));
        assert_eq!(at_end("up{job"), ("job", QuerySlot::Label("up")));
        assert_eq!(at_end("up{job='a'} + down"), ("down", QuerySlot::Metric));
        assert_eq!(at_end("sum by (in"), ("in", QuerySlot::Label("")));
        assert_eq!(at_end("sum(rate(up{a='b'}[5m])) by (in"), ("in", QuerySlot::Label("up")));
        assert_eq!(at_end("rate(up[5"), ("", QuerySlot::Nothing));
    }
}
