//! Counts with a noun: `1 test`, `3 tests`, `1,000 worlds`.

/// Formats a count with its noun: `1 test`, `3 tests`, `1,000 worlds`.
pub fn counted(count: impl TryInto<u128>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or_default();
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// Formats a count in groups of three digits: `1,234`. A count that has reached the largest number may be larger:
/// `more than 10^38`.
pub fn grouped(count: u128) -> String {
    if count == u128::MAX {
        return "more than 10^38".into();
    }
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_written_in_thousands() {
        let paths = |count: u128| counted(count, "path", "paths");
        assert_eq!(paths(0), "0 paths");
        assert_eq!(paths(1), "1 path");
        assert_eq!(paths(999), "999 paths");
        assert_eq!(paths(1_073_741_824), "1,073,741,824 paths");
        assert_eq!(paths(u128::MAX), "more than 10^38 paths");
        assert_eq!(counted(1000_usize, "world", "worlds"), "1,000 worlds");
    }
}
