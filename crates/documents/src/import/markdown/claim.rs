//! What a yes or no answers, and where no means that something is wrong.

use super::sentence::sentence_case;
use super::words::first_word;

/// `You should see X`, `… should contain X`
pub(super) fn expects(lower: &str) -> bool {
    ["you should see ", "you should now see ", "you should get ", "you should have "]
        .iter()
        .any(|it| lower.starts_with(it))
        || [
            " should contain ",
            " should show ",
            " should return ",
            " should say ",
            " should list ",
            " should report ",
            " should print ",
            " should output ",
            " should read ",
        ]
        .iter()
        .any(|it| lower.contains(it))
}

/// What is checked, if the sentence is answered by yes or no, and no means that something is wrong.
pub(super) fn question(text: &str, word: &str, rest: &str) -> Option<String> {
    if text.ends_with('?') {
        let asks =
            ["is", "are", "does", "do", "did", "has", "have", "was", "were", "can", "will"].contains(&word);
        return asks.then(|| text.to_owned());
    }
    let verifies = ["verify", "ensure", "confirm", "validate", "double-check", "make", "check", "test"];
    if !verifies.contains(&word) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = if word == "make" { rest.strip_prefix("sure")?.trim_start() } else { rest };
    let (next, behind) = first_word(rest);
    let stated = next == "that";
    let claim = if stated { behind.trim_start() } else { rest };
    if ["if", "whether", "how", "what", "which", "why", "to", "for", "out", "in", "with", "via"]
        .contains(&next.as_str())
    {
        return None;
    }
    if word == "test" && !stated {
        return None;
    }
    is_claim(claim).then(|| sentence_case(claim.trim_end_matches([':', '.', ','])))
}

/// Verbs that say that something is so.
#[rustfmt::skip]
const SAYING: &[&str] = &[
    "is", "are", "was", "were", "has", "have", "can", "cannot", "does", "do", "exists", "exist", "shows",
    "show", "matches", "match", "contains", "contain", "works", "work", "looks", "returns", "reports",
    "succeeds", "succeeded", "completes", "completed", "reaches", "needs", "runs", "equals", "appears",
    "responds", "comes", "remains", "stays", "you're", "isn't", "aren't", "haven't", "hasn't", "doesn't",
    "don't",
];

/// Whether a text says that something is so.
fn is_claim(text: &str) -> bool {
    let text = text.split('(').next().unwrap_or_default();
    if [" to ensure ", " to see ", " to make ", " to check ", " to verify ", " to determine "]
        .iter()
        .any(|it| text.contains(it))
    {
        return false;
    }
    for word in text.split_whitespace() {
        let word = word.to_lowercase();
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'');
        // What comes behind these asks instead.
        if ["if", "whether", "how", "what", "which", "why", "where", "who", "for", "such"].contains(&word) {
            return false;
        }
        if SAYING.contains(&word) {
            return true;
        }
    }
    false
}
