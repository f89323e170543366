//! Picks the words of a text for a test to match: words that stay the same when values change, and have no special
//! meaning in a regular expression.

/// The most words; this is enough to distinguish texts.
const MOST: usize = 6;
/// The fewest letters; shorter words match too much.
const FEWEST: usize = 4;

/// The longest run of plain words in a text; `None` if it has none.
pub(super) fn plain(text: &str) -> Option<String> {
    let mut best: Vec<&str> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    for word in text.split([' ', '\n', '\t']) {
        let bare = word.trim_end_matches([',', ':', ';', '.', '!', '?']);
        if !is_word(bare) {
            run.clear();
            continue;
        }
        if run.len() < MOST {
            run.push(bare);
        }
        // Of two equally long runs the first stays.
        if letters(&run) > letters(&best) {
            best.clone_from(&run);
        }
        if bare.len() < word.len() {
            run.clear();
        }
    }
    (letters(&best) >= FEWEST).then(|| best.join(" "))
}

fn letters(run: &[&str]) -> usize {
    run.iter().map(|word| word.chars().count()).sum()
}

fn is_word(word: &str) -> bool {
    word.starts_with(char::is_alphabetic)
        && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'' | '/' | ','))
}

/// The pattern for the reason of the run's own page: what was not handled, and whether it was unknown.
pub(super) fn of_unhandled(reason: &str) -> Option<String> {
    let (_, behind) = reason.split_once('`')?;
    let (thing, behind) = behind.split_once('`')?;
    let subject: String = thing
        .trim_start_matches('"')
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | ','))
        .collect();
    let subject = subject.trim();
    if subject.is_empty() {
        return plain(behind);
    }
    let how = if behind.trim_start().starts_with("is unknown") { ".*is unknown" } else { "" };
    Some(format!("{subject}{how}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_between_the_values_are_kept() {
        let piece = |text: &str| plain(text).unwrap_or_default();
        assert_eq!(piece("p99 is still 0.8s after the rollback"), "after the rollback");
        assert_eq!(piece("database pool at 97%, latency since 10:40"), "database pool at");
        assert_eq!(piece("The disk is full."), "The disk is full");
        assert_eq!(piece("97%"), "");
        assert_eq!(piece("a.b (c) [d]"), "");
    }

    #[test]
    fn what_was_not_handled_is_named() {
        let named = |text: &str| of_unhandled(text).unwrap_or_default();
        assert_eq!(
            named("`pool < 90%` is unknown (no data), and the check has no `unknown`"),
            "pool.*is unknown"
        );
        assert_eq!(named("`p99 < 500ms` is no, and the check has no `else`"), "p99");
        assert_eq!(
            named("`\"Is p99 back under 500ms?\"` is unknown (no answer), and the check has no `unknown`"),
            "Is p99 back under 500ms.*is unknown"
        );
        assert_eq!(named("the action `rollback(service: \"api\")` failed (exit code 1)"), "rollback");
        assert_eq!(named("nothing"), "");
    }
}
