//! Completion in a `:given` line, word by word: the subject, what holds for it, and from when.

use super::complete::CompletionSlot;
use rbl_syntax::{Token, TokenKind};

/// The words that can begin a line, besides a metric.
pub(super) const ABOUT: &[(&str, &str)] = &[
    ("action", "how an action goes"),
    ("alert", "the alert that started the run"),
    ("alert.firing", "whether the alert still fires"),
    ("after", "what holds once an action has succeeded"),
    ("answer", "what a person says"),
    ("channel", "what is wrong with a channel"),
    ("limit", "what has been done as often as it may be"),
    ("lock", "what another run holds"),
    ("probe", "what a command says that looks"),
    ("provider", "what is wrong with a provider"),
    ("team", "what is wrong with a team"),
];
const METRIC: &[(&str, &str)] = &[
    ("=", "a value, or several `[… x 10] every 1m`"),
    ("has", "this many series"),
    ("is", "none, nan, stale"),
];
const METRIC_IS: &[(&str, &str)] =
    &[("nan", "not a number"), ("none", "no data"), ("stale", "too old: `stale 10m`")];
const PROVIDER: &[(&str, &str)] = &[("is", "down, slow, error")];
const PROVIDER_IS: &[(&str, &str)] =
    &[("down", "cannot be reached"), ("error", "says this"), ("slow", "answers late: `slow 60s`")];
const ACTION: &[(&str, &str)] = &[
    ("fails", "and what it says: `fails \"no such host\"`"),
    ("hangs", "does not end by itself"),
    ("prints", "what it prints"),
    ("takes", "how long: `takes 3m`"),
];
const PROBE: &[(&str, &str)] =
    &[("=", "yes, no or unknown"), ("exits", "its exit code: `exits 22`"), ("prints", "what it prints")];
const PROBE_IS: &[(&str, &str)] = &[
    ("no", "exit code 1, or the first of its `no on`"),
    ("unknown", "it is unknown"),
    ("yes", "exit code 0"),
];
const ALERT: &[(&str, &str)] = &[("firing", "whether the alert still fires")];
const FIRING: &[(&str, &str)] = &[("=", "yes, no or unknown")];
const FIRING_IS: &[(&str, &str)] =
    &[("no", "the alert is over"), ("unknown", "Alertmanager does not say"), ("yes", "it still fires")];
const ANSWER: &[(&str, &str)] = &[("with", "what is said")];
const SAYS: &[(&str, &str)] = &[
    ("\"not sure\"", ""),
    ("done", "an instruction"),
    ("failed", "an instruction"),
    ("no", ""),
    ("skipped", "an instruction"),
    ("yes", ""),
];
const LOCK: &[(&str, &str)] = &[("is held", "by another run: `is held for 5m`")];
const LIMIT: &[(&str, &str)] = &[("reached", "the next one is refused")];
const BY_THEN: &[(&str, &str)] = &[("from", "begins later: `from 5m`")];
const EVERY: &[(&str, &str)] = &[("every", "the distance of two values: `every 1m`")];
const SERIES: &[(&str, &str)] = &[("series", "")];
const LATER: &[(&str, &str)] = &[("after", "how long it takes to say so: `after 2m`")];
const AFTER: &[(&str, &str)] = &[("action", "which action")];

/// The slot of the next word, after these tokens of the line.
pub(super) fn next<'a>(before: &'a str, tokens: &[Token]) -> CompletionSlot<'a> {
    let text = |token: &Token| before.get(token.span.range()).unwrap_or_default();
    let Some((first, rest)) = tokens.split_first() else { return CompletionSlot::About };
    // Operators and brackets are not tokens, so they are searched for between tokens.
    let end = tokens.last().map_or(0, |token| token.span.range().end);
    let behind = before.get(end..).unwrap_or_default().trim();
    let last = tokens.last().map(text).unwrap_or_default();
    let kind = tokens.last().map(|token| token.kind);
    let equals = before.contains('=');
    match (text(first), rest) {
        ("provider", []) => CompletionSlot::Provider,
        ("provider" | "team" | "channel", [_]) => CompletionSlot::Words(PROVIDER),
        ("provider" | "team" | "channel", [_, _]) => CompletionSlot::Words(PROVIDER_IS),
        ("after", []) => CompletionSlot::Words(AFTER),
        ("action" | "limit", []) | ("after", [_]) => CompletionSlot::Action,
        ("action", _) if last != ")" && rest.len() > 1 && kind == Some(TokenKind::Keyword) => {
            CompletionSlot::Nothing
        }
        ("action", _) if behind.is_empty() || behind.ends_with(')') => CompletionSlot::Words(ACTION),
        ("probe", []) => CompletionSlot::Probe,
        ("probe", _) if behind.ends_with('=') => CompletionSlot::Words(PROBE_IS),
        ("probe", all) if behind.ends_with(')') || (all.len() == 1 && behind.is_empty()) => {
            CompletionSlot::Words(PROBE)
        }
        ("lock", [_]) => CompletionSlot::Words(LOCK),
        ("limit", [_]) => CompletionSlot::Words(LIMIT),
        ("alert", []) if behind == "." => CompletionSlot::Words(ALERT),
        ("alert", [firing]) if text(firing) == "firing" && behind.is_empty() => CompletionSlot::Words(FIRING),
        ("alert", [firing]) if text(firing) == "firing" => CompletionSlot::Words(FIRING_IS),
        ("alert", [firing, _]) if text(firing) == "firing" => CompletionSlot::Words(BY_THEN),
        ("answer", [_]) => CompletionSlot::Words(ANSWER),
        ("answer", [_, with]) if text(with) == "with" => CompletionSlot::Words(SAYS),
        ("answer", [_, _, _]) => CompletionSlot::Words(LATER),
        (
            "probe" | "answer" | "after" | "action" | "lock" | "limit" | "alert" | "provider" | "team"
            | "channel",
            _,
        ) => CompletionSlot::Nothing,
        (_, []) if behind.is_empty() || behind.ends_with(['}', ')']) => CompletionSlot::Words(METRIC),
        _ if last == "is" => CompletionSlot::Words(METRIC_IS),
        _ if kind == Some(TokenKind::Number) && behind == "]" => CompletionSlot::Words(EVERY),
        _ if kind == Some(TokenKind::Number) && behind.is_empty() && before.contains(" has ") => {
            CompletionSlot::Words(SERIES)
        }
        _ if kind == Some(TokenKind::Number) && behind.is_empty() && equals && !before.contains('[') => {
            CompletionSlot::Words(BY_THEN)
        }
        _ if behind.ends_with('=') => CompletionSlot::Value,
        _ => CompletionSlot::Nothing,
    }
}
