//! Sentences: where one ends, and what each is.

use super::calling::{team, wait};
use super::claim::{begins_expected, comes_later, expects, has_to_be, is_claim, question, run_to_check};
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
        let begins = || {
            let first = chars.clone().nth(1);
            let is_small = first.is_some_and(char::is_lowercase) && starts_small(text);
            begins_sentence(first)
                || is_small
                    && goes_on_in_small_letters(&current, &chars.clone().skip(1).take(40).collect::<String>())
        };
        if ends && !is_abbreviated(&current) && begins() {
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

fn starts_small(text: &str) -> bool {
    text.trim_start().starts_with(char::is_lowercase)
}

/// `it is below 70%. if it isn't, ask Tom`: somebody writes no capital letters.
fn goes_on_in_small_letters(before: &str, behind: &str) -> bool {
    let word = first_word(behind).0;
    before.split_whitespace().count() > 2
        && (["if", "otherwise", "then", "once", "this", "it", "when"].contains(&word.as_str())
            || is_verb(&word))
}

fn is_abbreviated(text: &str) -> bool {
    let word = text.rsplit([' ', '(']).next().unwrap_or_default().to_lowercase();
    ["e.g.", "i.e.", "etc.", "vs.", "cf.", "approx.", "no.", "nb.", "incl.", "resp."].contains(&word.as_str())
        // `1.` of a list that is written out, and an initial; `step 5.` ends a sentence
        || word.len() == 2 && (text.trim().len() == 2 || word.starts_with(char::is_alphabetic))
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
        "if" if is_aside(bare) => return SentenceKind::Instruction,
        "if" | "unless" | "when" | "in" | "where" => match conditional(bare) {
            Some(SentenceKind::If { condition, describes: true, .. }) if is_premise(&condition) => {
                return SentenceKind::Note;
            }
            Some(kind) => return kind,
            None => {}
        },
        "once" | "as" => {
            let behind = bare.get("as soon as ".len()..).filter(|_| begins(bare, "as soon as "));
            let behind = if word == "once" { Some(strip_words(bare, &["once"])) } else { behind };
            let split = behind.and_then(condition_and_rest);
            // `Once it is over, you will see X`
            if let Some((condition, rest)) = &split
                && ["you will see ", "you should see ", "you'll see ", "you will now see "]
                    .iter()
                    .any(|it| begins(rest, it))
            {
                let rest = rest.trim_end_matches(['.', ':']);
                return SentenceKind::Wait {
                    condition: format!("{condition}: {rest}"),
                    within: None,
                    held: None,
                };
            }
            if let Some((condition, rest)) = split
                && is_instruction(&rest)
                && !is_own_deed(&condition)
            {
                return SentenceKind::Once { condition, rest };
            }
        }
        "wait" | "monitor" | "watch" | "keep" => {
            if let Some(kind) = wait(bare) {
                return kind;
            }
        }
        "escalate" | "page" | "contact" | "reach" | "refer" | "notify" | "get" | "call" | "engage"
        | "open" => {
            if let Some(team) = team(bare) {
                return SentenceKind::Escalate { team };
            }
        }
        _ => {}
    }
    if let Some(claim) = run_to_check(text) {
        return SentenceKind::Check(claim);
    }
    if let Some(condition) = comes_later(text) {
        return SentenceKind::Wait { condition, within: None, held: None };
    }
    if let Some(question) = question(text, &word, rest) {
        return SentenceKind::Check(question);
    }
    if begins_expected(&whole) || (expects(&whole) || has_to_be(text)) && in_procedure {
        return SentenceKind::Check(text.to_owned());
    }
    if is_instruction(text) {
        return SentenceKind::Instruction;
    }
    let is_code = text.starts_with('`') && !is_about_code(text) || looks_like_command(text);
    if in_procedure && (is_code || !begins_with_subject(text) && !ends_as_label(text) && is_short_form(text))
    {
        return SentenceKind::Instruction;
    }
    SentenceKind::Note
}

/// Whether a text begins with words, in capital letters or not.
fn begins(text: &str, words: &str) -> bool {
    text.get(..words.len()).is_some_and(|it| it.eq_ignore_ascii_case(words))
}

/// `You have failed over`: nobody waits for what they do themselves.
pub(super) fn is_own_deed(condition: &str) -> bool {
    ["you've ", "you have ", "you’ve "].iter().any(|it| begins(condition, it))
}

/// `If possible, restart it` says how, not when.
fn is_aside(bare: &str) -> bool {
    [
        "possible",
        "needed",
        "necessary",
        "required",
        "applicable",
        "appropriate",
        "desired",
        "available",
        "you want",
        "you like",
    ]
    .iter()
    .any(|it| {
        bare.get(3..).is_some_and(|rest| {
            begins(bare, "if ")
                && begins(rest, it)
                && rest.get(it.len()..).is_some_and(|it| it.starts_with(','))
        })
    })
}

/// What is so, and what is therefore done: `It is down, so restart it`.
pub(crate) fn split_reason(text: &str) -> Option<(String, String)> {
    let word = first_word(text).0;
    if ["if", "when", "unless", "once", "in", "otherwise"].contains(&word.as_str()) || is_instruction(text) {
        return None;
    }
    for mark in [", so ", " – so ", " - so ", " — so ", "; so "] {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|it| it.find(mark)).map(|at| at + from) {
            let (before, after) = (text.get(..at)?, text.get(at + mark.len()..)?);
            let whole = before.matches('`').count() % 2 == 0
                && before.matches('(').count() <= before.matches(')').count();
            if whole
                && !begins(after, "that ")
                && is_instruction(after)
                && before.split_whitespace().count() > 2
            {
                return Some((format!("{before}."), sentence_case(after)));
            }
            from = at + mark.len();
        }
    }
    None
}

/// `` `up` returns 1 ``: what is so, and nothing to do.
fn is_about_code(text: &str) -> bool {
    let behind = text.get(1..).and_then(|it| it.split_once('`')).map_or("", |(_, it)| it);
    let verb = first_word(behind).0;
    behind.starts_with(' ')
        && (is_claim(behind.split([',', ';', ':']).next().unwrap_or_default())
            || verb.len() > 3 && verb.ends_with('s') && !verb.ends_with("ss")
            || ["will", "can", "may", "should"].contains(&verb.as_str()))
}

/// `We see this alert`: that is why somebody reads the runbook.
fn is_premise(condition: &str) -> bool {
    let lower = condition.to_lowercase();
    let sees = [
        "we see ",
        "you see ",
        "you receive ",
        "you get ",
        "we get ",
        "this alert ",
        "you are paged",
        "you were paged",
    ]
    .iter()
    .any(|it| lower.starts_with(it));
    let others = [
        " other",
        " also",
        " still",
        " again",
        " not ",
        " no ",
        " another",
        " multiple",
        " several",
        " and ",
    ];
    sees && (lower.contains("alert") || lower.contains("paged"))
        && !others.iter().any(|it| lower.contains(it))
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

/// `Wait 10 minutes, then check it`: two sentences.
pub(crate) fn split_pause(text: &str) -> Option<(String, String)> {
    if first_word(text).0 != "wait" {
        return None;
    }
    let (before, after) =
        [", then ", ", and then ", " and then ", " then "].iter().find_map(|mark| text.split_once(mark))?;
    matches!(wait(before), Some(SentenceKind::Pause(_))).then(|| (before.to_owned(), sentence_case(after)))
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
        assert_eq!(
            sentences("Look at step 5. If it is well, stop."),
            ["Look at step 5.", "If it is well, stop."]
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
        assert_eq!(
            kind("`tf plan` to make sure the plan looks right"),
            SentenceKind::Check("The plan looks right: `tf plan`".into())
        );
        assert_eq!(kind("You should see a stream:"), SentenceKind::Check("You should see a stream:".into()));
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
            split_pause("wait 5 minutes, then try again."),
            Some(("wait 5 minutes".into(), "Try again.".into()))
        );
        assert_eq!(split_pause("Wait until it is empty, then stop it."), None);
        assert_eq!(
            kind("With it stopped, you should see the node vanish after a while."),
            wait("With it stopped, you should see the node vanish after a while", None, None)
        );
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
