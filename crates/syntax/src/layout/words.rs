//! The words that tell how lines belong together.

/// A line that begins with one of these goes on with the statement before it: they begin no statement.
pub(super) fn continues(word: &str, next_word: &str) -> bool {
    match word {
        "else" | "unknown" | "within" | "every" | "retry" | "finally" | "undo" | "because" | "to"
        | "with" | "where" | "until" | "and" | "or" | "by" | "on" | "as" | "in" | "from" | "showing"
        | "among" | "up" | "over" | "ago" | "times" | "matching" | "not" => true,
        // `for each` begins a loop, `for 5m` goes on with a condition.
        "for" => next_word != "each",
        // `after action X { … }` is a line of a test, `after 2m` goes on with one.
        "after" => next_word != "action",
        _ => false,
    }
}

/// A line that ends in one of these goes on with the next.
pub(super) fn wants_more(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in")
}

/// Words with which a statement or a declaration begins: a bracket that is still open before one was never closed.
pub(crate) fn begins_statement(word: &str) -> bool {
    matches!(
        word,
        "runbook"
            | "trigger"
            | "owner"
            | "severity"
            | "link"
            | "param"
            | "secret"
            | "metric"
            | "define"
            | "let"
            | "use"
            | "step"
            | "test"
            | "check"
            | "if"
            | "match"
            | "action"
            | "escalate"
            | "wait"
            | "record"
            | "for"
            | "repeat"
            | "run"
            | "resolve"
            | "stop"
            | "given"
            | "expect"
            | "answer"
    )
}

/// Whether a word stands where a value could, or ends one, and so can name nothing. As few as can be: `up` is a metric.
pub fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "not"
            | "in"
            | "any"
            | "every"
            | "ask"
            | "true"
            | "false"
            | "now"
            | "else"
            | "unknown"
            | "within"
            | "finally"
            | "undo"
            | "because"
            | "where"
            | "until"
            | "for"
            | "ago"
    )
}

/// Whether a word is one of the language's, wherever it may stand: for colours.
pub(crate) fn is_word(word: &str) -> bool {
    let more = [
        "tests", "step", "test", "alert", "schedule", "manual", "owner", "each", "contains", "matches",
        "after",
    ];
    begins_statement(word) || continues(word, "") || is_reserved(word) || more.contains(&word)
}
