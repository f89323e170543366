//! The keywords that join lines: those that continue a statement, and those that need a next line.

/// Whether a line that begins with this word continues the statement before it: these words begin no statement.
pub(super) fn continues(word: &str, next_word: &str) -> bool {
    match word {
        "else" | "unknown" | "none" | "within" | "every" | "retry" | "finally" | "undo" | "because"
        | "to" | "with" | "where" | "until" | "and" | "or" | "by" | "on" | "as" | "in" | "from"
        | "showing" | "among" | "acknowledged" | "up" | "at" | "over" | "ago" | "times" | "matching"
        | "not" => true,
        // `no on 7`; `no` alone is an answer.
        "no" => next_word == "on",
        // `for each` begins a loop, `for 5m` continues a condition.
        "for" => next_word != "each",
        // `after action X { … }` is a line of a test, `after 2m` continues one.
        "after" => next_word != "action",
        _ => false,
    }
}

/// Whether a line that ends in this word continues on the next line.
pub(super) fn wants_more(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in")
}

/// Words that begin a statement or a declaration: a bracket that is still open before one was never closed.
pub(crate) fn begins_statement(word: &str) -> bool {
    matches!(
        word,
        "runbook"
            | "about"
            | "trigger"
            | "owner"
            | "severity"
            | "timezone"
            | "link"
            | "param"
            | "secret"
            | "metric"
            | "define"
            | "probe"
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
            | "lock"
            | "limit"
            | "resolve"
            | "stop"
            | "given"
            | "expect"
            | "answer"
    )
}

/// Whether a word can be in the place of a value, or ends one, and so cannot be a name. The list is kept short: `up` is
/// a metric.
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

/// Whether a word belongs to the language, in whatever position; used for colours.
pub(crate) fn is_word(word: &str) -> bool {
    let more = [
        "tests",
        "step",
        "test",
        "alert",
        "schedule",
        "manual",
        "owner",
        "each",
        "contains",
        "matches",
        "after",
        "most",
        "once",
        "runs",
        "background",
    ];
    begins_statement(word) || continues(word, "") || is_reserved(word) || more.contains(&word)
}
