//! The words of PromQL, and clearer wording for the errors of its parser.

/// Words that may precede `(` but are not functions.
pub(super) const KEYWORDS: &[&str] = &[
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

/// Common functions, for did-you-mean.
pub(super) const FUNCTIONS: &[&str] = &[
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

/// Rewords the parser's errors about types and argument counts.
pub(super) fn in_words(error: &str) -> Option<(String, Option<String>)> {
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
        let help = Some("compare in the runbook instead, or write `bool` after the sign".to_owned());
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

/// Recognises tokens of other query languages.
pub(super) fn habit(token: &str) -> Option<String> {
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

/// Crops a text to what fits in a headline.
pub(super) fn crop(text: &str) -> String {
    if text.chars().count() <= 24 { text.to_owned() } else { text.chars().take(23).chain(['…']).collect() }
}
