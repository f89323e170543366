//! Did you mean: the one place that searches for a similar name.

/// Returns the candidate nearest to `written`, if it is near enough to be meant.
///
/// Damerau–Levenshtein over lower-case letters, at most a third of the length (one for short names), nothing under
/// three letters: silence beats a wild guess. Pass only names that are possible in that place.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = written.chars().count();
    // Nobody means a name of a hundred letters or more; searching would only cost time.
    if !(3..100).contains(&length) {
        return None;
    }
    let written = written.to_lowercase();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&written, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= limit && candidate.chars().count() >= 3)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn finds_what_was_meant() {
        assert_eq!(did_you_mean("eror_ratio", ["p99", "error_ratio"]), Some("error_ratio"));
        assert_eq!(did_you_mean("chekc", ["check", "action"]), Some("check"));
        assert_eq!(did_you_mean("Service", ["service"]), Some("service"));
    }

    #[test]
    fn is_silent_rather_than_wild() {
        assert_eq!(did_you_mean("p99", ["q50", "pool"]), None);
        assert_eq!(did_you_mean("ab", ["abc"]), None);
        assert_eq!(did_you_mean("latency", ["database"]), None);
        assert_eq!(did_you_mean(&"x".repeat(5_000_000), ["check"]), None);
    }
}
