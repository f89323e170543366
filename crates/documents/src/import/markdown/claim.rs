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

/// `That should go down to 0`: the end of a text that says how something has to be. What people should do is none.
pub(super) fn has_to_be(text: &str) -> bool {
    let lower = text.to_lowercase();
    let Some((subject, state)) = lower.split_once(" should ") else { return false };
    let state = state.strip_prefix("now ").or_else(|| state.strip_prefix("again ")).unwrap_or(state);
    let (verb, behind) = first_word(state);
    let behind = first_word(behind).0;
    let is_thing = ["that", "this", "it", "they", "these", "the", "all", "no", "each", "every"]
        .contains(&first_word(subject).0.as_str())
        && subject.split_whitespace().count() <= 8;
    let becomes = [
        "go",
        "become",
        "decrease",
        "increase",
        "drop",
        "fall",
        "rise",
        "recover",
        "disappear",
        "match",
        "equal",
        "stay",
        "return",
    ];
    let so = [
        "equal",
        "empty",
        "zero",
        "0",
        "gone",
        "green",
        "healthy",
        "ready",
        "running",
        "up",
        "down",
        "available",
        "below",
        "above",
        "less",
        "at",
        "within",
        "the",
        "true",
        "false",
        "similar",
        "ok",
        "active",
        "identical",
    ];
    is_thing
        && !lower.ends_with('?')
        && (becomes.contains(&verb.as_str()) || verb == "be" && so.contains(&behind.as_str()))
}

/// Whether a text by itself says that something is so: `The alarm is off`.
pub(super) fn states(text: &str) -> bool {
    let lower = text.to_lowercase();
    let word = first_word(text).0;
    !text.trim_end().ends_with(['?', ':'])
        && !["if", "when", "once", "unless", "for", "note", "you", "we"].contains(&word.as_str())
        && ![" should ", " may ", " might ", " can ", " could ", " will ", " must "]
            .iter()
            .any(|it| lower.contains(it))
        && is_claim(text)
}

/// `You should see X`: what follows is expected, wherever it stands.
pub(super) fn begins_expected(lower: &str) -> bool {
    ([
        "you should see ",
        "you should now see ",
        "the output should ",
        "the result should ",
        "the results should ",
        "the response should ",
        "the command should ",
        "the query should ",
        "the value should ",
    ]
    .iter()
    .any(|it| lower.starts_with(it))
        || lower.contains(" should look like ") && lower.starts_with("the "))
        && ![" an example", " see that ", " the following example"].iter().any(|it| lower.contains(it))
        && !takes_time(lower)
}

/// `You should see it vanish after a while`: something to wait for.
pub(super) fn comes_later(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let sees =
        ["you should see ", "you should now see ", "you will see "].iter().any(|it| lower.contains(it));
    (sees && takes_time(&lower)).then(|| sentence_case(text.trim_end_matches(['.', ':'])))
}

fn takes_time(lower: &str) -> bool {
    ["after a while", "after some time", "after a few minutes", "in a few minutes", "eventually"]
        .iter()
        .any(|it| lower.contains(it))
}

/// `COMMAND to make sure that X`: X is checked with the command.
pub(super) fn run_to_check(text: &str) -> Option<String> {
    let (command, rest) = text.strip_prefix('`')?.split_once('`')?;
    let rest = rest.trim_start();
    let claim = ["to make sure ", "to ensure ", "to verify ", "to confirm ", "to check that "]
        .iter()
        .find_map(|it| rest.strip_prefix(it))?;
    let claim = claim.strip_prefix("that ").unwrap_or(claim).trim_end_matches(['.', ':']);
    is_claim(claim).then(|| format!("{}: `{command}`", sentence_case(claim)))
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
    // `Check the dashboard: it contains …`: what is behind the colon says nothing about it.
    let before = claim.split(": ").next().unwrap_or(claim);
    let says = if stated { says_so(claim) } else { is_claim(before) };
    says.then(|| sentence_case(claim.trim_end_matches([':', '.', ','])))
}

/// Verbs that say that something is so.
#[rustfmt::skip]
const SAYING: &[&str] = &[
    "is", "are", "was", "were", "has", "have", "can", "cannot", "does", "do", "exists", "exist", "shows",
    "show", "matches", "match", "contains", "contain", "works", "work", "looks", "returns", "reports",
    "succeeds", "succeeded", "completes", "completed", "reaches", "needs", "runs", "equals", "appears",
    "responds", "comes", "remains", "stays", "you're", "isn't", "aren't", "haven't", "hasn't", "doesn't",
    "don't", "becomes", "decreases", "increases", "goes", "drops", "falls", "rises", "recovers", "allow",
    "allows", "permit", "permits", "accepts", "receives", "serves", "passes", "belongs", "points",
];

/// Whether a text behind `that` says something: what it is *for* asks nothing then.
fn says_so(text: &str) -> bool {
    is_claim(&without_brackets(text).replace(" for ", " "))
}

/// A text without what stands in brackets.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' if depth > 0 => {
                depth -= 1;
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// Whether a text says that something is so.
pub(super) fn is_claim(text: &str) -> bool {
    let text = &without_brackets(text);
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
