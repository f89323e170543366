//! The words of the language that completion offers, each with what it means.

/// The words that begin a statement, and what the statement does.
pub(super) const STATEMENTS: &[(&str, &str)] = &[
    ("check", "the healthy condition"),
    ("if", "one way or another"),
    ("match", "the first arm that fits"),
    ("action", "do something"),
    ("escalate", "page a team"),
    ("wait", "let time pass"),
    ("let", "give a value a name"),
    ("record", "post to a channel"),
    ("for each", "over a list"),
    ("repeat", "again and again"),
    ("run", "another runbook"),
    ("lock", "one run at a time"),
    ("resolve", "end: all is well"),
    ("stop", "end, page the owner"),
    ("metric", "declare a metric"),
    ("define", "declare an action"),
    ("probe", "declare a look"),
    ("secret", "declare a secret"),
    ("param", "declare a parameter"),
    ("use", "take in a library"),
];

/// Words that can begin a value.
pub(super) const VALUES: &[(&str, &str)] = &[
    ("any", "at least one of them"),
    ("every", "all of them"),
    ("not", "the other way round"),
    ("now", "what time it is"),
    ("alert.firing", "whether the alert still fires"),
    ("ask", "a person"),
    ("true", ""),
    ("false", ""),
];

/// The words that continue a statement, by the word that it begins with.
pub(super) const CONTINUED: &[(&str, &[(&str, &str)])] = &[
    ("check", IN_CONDITIONS),
    ("if", IN_CONDITIONS),
    ("match", &[("else", "nothing fits"), ("unknown", "it is unknown"), ("within", "how long")]),
    (
        "wait",
        &[
            ("else", "not in time"),
            ("else or unknown", "either"),
            ("every", "how often it looks"),
            ("for", "how long it must hold"),
            ("unknown", "unknown when the time is up"),
            ("within", "how long"),
        ],
    ),
    (
        "action",
        &[
            ("as", "names its output"),
            ("by", "which team approves it"),
            ("else", "it failed"),
            ("finally", "done when the run or the block ends"),
            ("on", "which host"),
            ("retry", "how often again"),
            ("showing", "the evidence"),
            ("undo", "done if it does not end well"),
            ("within", "how long"),
        ],
    ),
    (
        "escalate",
        &[("acknowledged within", "waits for somebody"), ("because", "why"), ("else", "nobody was reached")],
    ),
    ("lock", &[("else", "not obtained"), ("within", "how long it waits")]),
    (
        "for",
        &[
            ("none", "there was nothing"),
            ("unknown", "it is unknown"),
            ("up to", "how many"),
            ("where", "which of them"),
        ],
    ),
    (
        "repeat",
        &[
            ("else", "not reached"),
            ("else or unknown", "either"),
            ("every", "how long between passes"),
            ("unknown", "it is unknown"),
            ("until", "what ends it"),
            ("up to", "how often"),
        ],
    ),
    ("run", &[("else", "it did not end resolved"), ("with", "its parameters")]),
    ("define", &[("at most", "how often, over all runs")]),
    ("param", &[("among", "the values that it allows")]),
    ("probe", &[("no on", "the exit codes that mean no"), ("on", "which host"), ("within", "how long")]),
];

/// The words behind a condition.
const IN_CONDITIONS: &[(&str, &str)] = &[
    ("by", "which team answers"),
    ("else", "it does not hold"),
    ("else or unknown", "either"),
    ("for", "how long it has held"),
    ("no on", "the exit codes that mean no"),
    ("showing", "the evidence"),
    ("unknown", "it is unknown"),
    ("within", "how long"),
];

/// What a metric can be, behind its colon.
pub(super) const METRIC_TYPES: &[(&str, &str)] = &[("lines", "lines of text"), ("text", "a text")];
