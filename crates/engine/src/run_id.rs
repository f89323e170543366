//! Run ids: unique, and sorted by time.

use std::hash::{BuildHasher, RandomState};

/// Creates an id such as `20261122-134512-7f3a9c`: the time in UTC to the second, and six random digits.
pub fn new() -> String {
    let now = jiff::Timestamp::now();
    format!("{}-{:06x}", now.strftime("%Y%m%d-%H%M%S"), random() & 0xff_ffff)
}

/// A random number that nobody can predict.
pub fn random() -> u64 {
    let now = jiff::Timestamp::now();
    // The keys of a hasher are random for each process and each hasher.
    RandomState::new().hash_one((std::process::id(), now.as_nanosecond()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_are_alike_and_they_sort_by_time() {
        let all: std::collections::BTreeSet<String> = (0..100).map(|_| super::new()).collect();
        assert_eq!(all.len(), 100);
        let one = super::new();
        assert_eq!(one.len(), "20261122-134512-7f3a9c".len());
        assert!(one.as_str() > "20260101-000000-000000", "{one}");
    }
}
