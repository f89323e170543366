//! Sentences: where one ends, and what each is.

use super::calling::{team, wait};
use super::claim::{expects, question};
use super::conditional::{condition_and_rest, conditional, otherwise, trailing_condition};
use super::verbs::is_verb;
use super::words::{begins_with_subject, first_word, is_instruction, without_lead};

/// What a sentence is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SentenceKind {
    /// A question that a yes or no answers, or what has to be so.
    Check(String),
    /// `If X, Y`; Y may be empty.
    If { condition: String, rest: String, describes: bool },
    /// `Otherwise, Y`
    Otherwise(String),
    /// `Wait until X`; a limit that stands in the sentence, and how long it has to hold.
    Wait { condition: String, within: Option<String>, held: Option<String> },
    /// `Wait 5 minutes`
    Pause(String),
    /// `Once X, Y`
    Once { condition: String, rest: String },
    /// `Escalate to TEAM`
    Escalate { team: String },
    /// What to do.
    Instruction,
    /// How things are.
    Note,
}

/// Splits a text into its sentences. A sentence in brackets belongs to the one before it.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    let (mut in_code, mut depth) = (false, 0_i32);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        current.push(c);
        match c {
            '`' => in_code = !in_code,
            '(' | '[' if !in_code => depth += 1,
            ')' | ']' if !in_code => depth = (depth - 1).max(0),
            _ => {}
        }
        if c == '\n' && !in_code {
            found.push(std::mem::take(&mut current));
            continue;
        }
        // `… it. (Validate it.) Then …`
        let closes = c == ')' && current.trim_end_matches(')').ends_with(['.', '!', '?']);
        let ends = (closes || matches!(c, '.' | '!' | '?'))
            && !in_code
            && depth == 0
            && chars.peek().is_some_and(|it| *it == ' ');
        if ends && !is_abbreviated(&current) && begins_sentence(chars.clone().nth(1)) {
            found.push(std::mem::take(&mut current));
        }
    }
    found.push(current);
    found.into_iter().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

/// A sentence in brackets belongs to the one before it.
fn begins_sentence(next: Option<char>) -> bool {
    next.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || "`\"'“*_-–".contains(c))
}

fn is_abbreviated(text: &str) -> bool {
    let word = text.rsplit([' ', '(']).next().unwrap_or_default().to_lowercase();
    ["e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "no.", "nb.", "incl.", "resp."].contains(&word.as_str())
        // `1.` of a list that is written out, an initial
        || word.len() == 2 && word.ends_with('.')
}

/// What a sentence is. `in_procedure`: it stands among instructions.
pub(crate) fn classify(sentence: &str, in_procedure: bool) -> SentenceKind {
    let text = sentence.trim();
    let bare = without_lead(text);
    let (word, rest) = first_word(bare);
    let whole = text.to_lowercase();
    if let Some(rest) = otherwise(text) {
        return SentenceKind::Otherwise(rest);
    }
    // `contact TEAM if X` is what to do in one case.
    if is_instruction(text)
        && let Some((act, condition)) = trailing_condition(text)
        && team(without_lead(act)).is_some()
    {
        return SentenceKind::If {
            condition: sentence_case(condition),
            rest: act.to_owned(),
            describes: false,
        };
    }
    match word.as_str() {
        "if" | "unless" | "when" | "in" | "where" => {
            if let Some(kind) = conditional(bare) {
                return kind;
            }
        }
        "once" | "after" => {
            if let Some((condition, rest)) = condition_and_rest(strip_words(bare, &["once", "after"]))
                && is_instruction(&rest)
                && word == "once"
            {
                return SentenceKind::Once { condition, rest };
            }
        }
        "wait" | "monitor" | "watch" | "keep" => {
            if let Some(kind) = wait(bare) {
                return kind;
            }
        }
        "escalate" | "page" | "contact" | "reach" | "notify" | "get" | "call" | "engage" | "open" => {
            if let Some(team) = team(bare) {
                return SentenceKind::Escalate { team };
            }
        }
        _ => {}
    }
    if let Some(question) = question(text, &word, rest) {
        return SentenceKind::Check(question);
    }
    if expects(&whole) && in_procedure {
        return SentenceKind::Check(text.to_owned());
    }
    if is_instruction(text) {
        return SentenceKind::Instruction;
    }
    let is_code = text.starts_with('`') || looks_like_command(text);
    if in_procedure && (is_code || !begins_with_subject(text) && !ends_as_label(text) && is_short_form(text))
    {
        return SentenceKind::Instruction;
    }
    SentenceKind::Note
}

/// A command that somebody wrote without quotes: `sudo systemctl reload patroni`.
fn looks_like_command(text: &str) -> bool {
    ["sudo ", "kubectl ", "oc ", "systemctl ", "docker ", "aws ", "gcloud "]
        .iter()
        .any(|it| text.starts_with(it))
}

fn ends_as_label(text: &str) -> bool {
    text.trim_end().ends_with(':')
}

/// `MR it, merge it`: words that no list of verbs has, but that are no sentence about how things are.
fn is_short_form(text: &str) -> bool {
    let lower = format!(" {} ", text.to_lowercase());
    ![
        " is ", " are ", " was ", " will ", " has ", " have ", " can ", " may ", " should ", " does ",
        " needs ", " shows ",
    ]
    .iter()
    .any(|it| lower.contains(it))
        && text.split_whitespace().count() > 2
        && text.contains(" it")
}

/// With a capital letter, unless it begins with code or a name.
pub(crate) fn sentence_case(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() => {
            let word = first_word(text).0;
            let original: String = text.chars().take(word.chars().count()).collect();
            // `kubeProxy`, `etcd` with a dot: a name stays as it is.
            if original.chars().any(char::is_uppercase) {
                return text.to_owned();
            }
            if super::code::is_known_program(text) {
                return text.to_owned();
            }
            first.to_uppercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

fn strip_words<'a>(text: &'a str, words: &[&str]) -> &'a str {
    let (word, rest) = first_word(text);
    if words.contains(&word.as_str()) { rest.trim_start() } else { text }
}

/// Whether the first word of a text is a verb of an instruction.
pub(crate) fn begins_with_verb(text: &str) -> bool {
    is_verb(&first_word(without_lead(text)).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> SentenceKind {
        classify(text, true)
    }

    #[test]
    fn a_text_is_split_into_sentences() {
        assert_eq!(
            sentences("Look at it, e.g. by `a. B`. Then stop. (Validate it.) You are done? Yes."),
            ["Look at it, e.g. by `a. B`.", "Then stop. (Validate it.)", "You are done?", "Yes."]
        );
    }

    #[test]
    fn only_what_yes_or_no_answers_is_a_check() {
        assert_eq!(kind("Verify the CNO is running:"), SentenceKind::Check("The CNO is running".into()));
        assert_eq!(
            kind("Make sure that no deploy is running."),
            SentenceKind::Check("No deploy is running".into())
        );
        assert_eq!(kind("Is the alert real?"), SentenceKind::Check("Is the alert real?".into()));
        for instruction in [
            "Check the usage of the disk.",
            "Verify the value of how slow the requests are",
            "Check if it's a mutating or validating webhook.",
            "Check health of master nodes if any of them is in `NotReady` state or not.",
        ] {
            assert_eq!(kind(instruction), SentenceKind::Instruction, "{instruction}");
        }
    }

    #[test]
    fn conditions_are_split_from_what_follows() {
        let split = |text: &str| match kind(text) {
            SentenceKind::If { condition, rest, describes } => (condition, rest, describes),
            other => panic!("{text}: {other:?}"),
        };
        let of = |a: &str, b: &str, c| (a.to_owned(), b.to_owned(), c);
        assert_eq!(
            split("If a pod cannot unmount storage, troubleshoot why it's failing."),
            of("A pod cannot unmount storage", "troubleshoot why it's failing.", false)
        );
        assert_eq!(
            split("If a PDB is causing the failure you can temporarily patch it to 0."),
            of("A PDB is causing the failure", "you can temporarily patch it to 0.", false)
        );
        assert_eq!(split("If a webhook is preventing it:"), of("A webhook is preventing it", "", false));
        assert_eq!(
            split("If the drain fails, the controller logs an error:"),
            of("The drain fails", "the controller logs an error:", true)
        );
        assert_eq!(
            split("Contact the incident response team if a fix is not apparent."),
            of("A fix is not apparent", "Contact the incident response team", false)
        );
        assert_eq!(kind("Otherwise, restart it."), SentenceKind::Otherwise("Restart it.".into()));
    }

    #[test]
    fn waits_have_their_limits() {
        let wait = |condition: &str, within: Option<&str>, held: Option<&str>| SentenceKind::Wait {
            condition: condition.into(),
            within: within.map(str::to_owned),
            held: held.map(str::to_owned),
        };
        assert_eq!(kind("Wait until the node is gone."), wait("The node is gone", None, None));
        assert_eq!(
            kind("Wait until the lag is below 5s within 10 minutes"),
            wait("The lag is below 5s within 10 minutes", Some("10m"), None)
        );
        assert_eq!(kind("Wait 5 minutes."), SentenceKind::Pause("5m".into()));
        assert_eq!(
            kind("Once it is created you can log in to it"),
            SentenceKind::Once { condition: "It is created".into(), rest: "you can log in to it".into() }
        );
    }

    #[test]
    fn teams_are_called() {
        assert_eq!(
            team("contact Red Hat Support for further assistance.").as_deref(),
            Some("Red Hat Support")
        );
        assert_eq!(
            team("escalate to the network or infrastructure team").as_deref(),
            Some("network or infrastructure team")
        );
        assert_eq!(team("Contact the server").as_deref(), None);
    }
}
