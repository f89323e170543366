//! Counts with a noun: `1 test`, `3 tests`.

/// Formats a count with its noun: `1 test`, `3 tests`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
