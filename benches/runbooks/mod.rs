//! Many different runbooks of one size and kind: the examples, with the names of each copy varied.
#![allow(dead_code, unreachable_pub)] // each benchmark uses only a part

/// A runbook to vary, and the words to change in each copy.
type Pattern = (&'static str, &'static [&'static str]);

/// A kind of runbook.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    /// Its name in a table.
    pub name: &'static str,
    patterns: &'static [Pattern],
}

const API_LATENCY: Pattern = (
    include_str!("../../examples/api-latency.rb"),
    &["service", "p99", "deploy_age", "pool", "rollback", "What was", "Confirm", "lines up", "Record the"],
);
const FIRST_DAY: Pattern =
    (include_str!("../../examples/api-latency-first-day.rb"), &["What was", "API latency", "deploy"]);
const CERTIFICATE: Pattern = (
    include_str!("../../examples/certificate-expiry.rb"),
    &["certificate", "soon", "service", "seconds", "ends", "Renew"],
);
const COMPACTOR: Pattern = (include_str!("../../examples/compactor-halted.rb"), &["log_file", "Compactor"]);
const CREDENTIAL: Pattern =
    (include_str!("../../examples/credential-rotation.rb"), &["new_password", "store", "restore", "Rotate"]);
const MAINTENANCE: Pattern =
    (include_str!("../../examples/maintenance-window.rb"), &["cordon", "Patch", "rbl-example-node"]);
const QUEUE: Pattern = (
    include_str!("../../examples/queue-backlog.rb"),
    &["backlog", "workers", "limit", "per_queue", "bulk job", "ordinary"],
);
const DENSE: Pattern = (include_str!("dense.rb"), &["ready", "nodes", "lag", "failover", "drain", "volume"]);

/// Runbooks whose metrics are PromQL queries.
pub const WITH_PROMQL: Mix = Mix { name: "with PromQL (api-latency)", patterns: &[API_LATENCY] };
/// Runbooks of commands, questions and readings from files.
pub const WITHOUT_PROMQL: Mix = Mix {
    name: "without PromQL (six examples)",
    patterns: &[FIRST_DAY, CERTIFICATE, COMPACTOR, CREDENTIAL, MAINTENANCE, QUEUE],
};
/// One statement on each line, short names, no comments, little text: the most tokens for each byte.
pub const DENSE_LINES: Mix = Mix { name: "dense one-liners", patterns: &[DENSE] };
/// All of them in turn.
pub const ALL: Mix = Mix {
    name: "all in turn",
    patterns: &[
        API_LATENCY,
        FIRST_DAY,
        API_LATENCY,
        CERTIFICATE,
        API_LATENCY,
        COMPACTOR,
        API_LATENCY,
        CREDENTIAL,
        API_LATENCY,
        MAINTENANCE,
        API_LATENCY,
        QUEUE,
    ],
};

impl Mix {
    /// Returns this many runbooks, each with its own names.
    pub fn runbooks(&self, count: usize) -> Vec<String> {
        self.patterns.iter().cycle().zip(0..count).map(|(pattern, number)| varied(*pattern, number)).collect()
    }
}

/// The pattern with its words changed for this copy.
fn varied((text, words): Pattern, number: usize) -> String {
    let own = ["a", "bc", "def", "gh", "i", "jkl"];
    let pick = |by: usize| own.get(number / by % own.len()).copied().unwrap_or_default();
    let tail = format!("{}_{}{number}", pick(1), pick(7));
    words.iter().fold(text.to_owned(), |text, word| {
        text.split(word).collect::<Vec<_>>().join(&format!("{word}_{tail}"))
    })
}
