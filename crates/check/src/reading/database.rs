//! Queries of databases that only read: one statement, with known functions.

/// Words that follow a bracket without being a function.
const BEFORE_BRACKETS: &[&str] = &[
    "all", "and", "any", "as", "between", "by", "case", "else", "exists", "filter", "from", "having", "in",
    "is", "join", "like", "not", "on", "or", "over", "select", "then", "union", "values", "when", "where",
];

/// Functions that change nothing.
const FUNCTIONS: &[&str] = &[
    "abs",
    "age",
    "avg",
    "ceil",
    "coalesce",
    "concat",
    "count",
    "current_database",
    "current_setting",
    "date_trunc",
    "extract",
    "floor",
    "format_type",
    "greatest",
    "least",
    "length",
    "lower",
    "max",
    "min",
    "now",
    "nullif",
    "percentile_cont",
    "pg_backend_pid",
    "pg_blocking_pids",
    "pg_current_wal_lsn",
    "pg_database_size",
    "pg_is_in_recovery",
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_postmaster_start_time",
    "pg_relation_size",
    "pg_size_pretty",
    "pg_stat_get_activity",
    "pg_total_relation_size",
    "pg_wal_lsn_diff",
    "replace",
    "round",
    "row_number",
    "substr",
    "sum",
    "timestampdiff",
    "to_char",
    "trim",
    "upper",
    "version",
];

/// Words with which a statement changes or locks something.
const CHANGING: &[&str] = &[
    "alter",
    "analyze",
    "call",
    "checkpoint",
    "cluster",
    "commit",
    "copy",
    "create",
    "delete",
    "do",
    "drop",
    "execute",
    "explain",
    "for",
    "grant",
    "handler",
    "import",
    "insert",
    "into",
    "load",
    "lock",
    "merge",
    "nextval",
    "notify",
    "outfile",
    "refresh",
    "reindex",
    "reset",
    "revoke",
    "rollback",
    "set",
    "share",
    "truncate",
    "unlisten",
    "update",
    "use",
    "vacuum",
];

/// Whether a statement only reads. A view or an operator of the database is trusted.
pub(super) fn is_query(sql: &str) -> bool {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let allowed = |c: char| c.is_ascii_alphanumeric() || " \n\t_.,()*=<>'%:+-/|".contains(c);
    if !sql.chars().all(allowed) || sql.contains("--") || sql.contains("/*") || sql.contains("*/") {
        return false;
    }
    let Some(bare) = without_texts(sql) else { return false };
    let mut words =
        bare.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    if !words.next().is_some_and(|first| first == "select" || first == "show") {
        return false;
    }
    if words.any(|word| CHANGING.contains(&word)) {
        return false;
    }
    bare.match_indices('(').all(|(at, _)| {
        let before = bare.get(..at).unwrap_or_default().trim_end();
        let word =
            before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
        // A function of another schema may be any function.
        let is_plain = !before.strip_suffix(word).unwrap_or_default().ends_with('.');
        word.is_empty() || is_plain && (BEFORE_BRACKETS.contains(&word) || FUNCTIONS.contains(&word))
    })
}

/// The statement in small letters, each text in it replaced by an empty one; `None` where one is not closed.
fn without_texts(sql: &str) -> Option<String> {
    let mut bare = String::new();
    for (index, part) in sql.split('\'').enumerate() {
        if index % 2 == 0 {
            bare.push_str(&part.to_ascii_lowercase());
        } else {
            bare.push_str("''");
        }
    }
    sql.matches('\'').count().is_multiple_of(2).then_some(bare)
}
