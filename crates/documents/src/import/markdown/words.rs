//! The words by which sentences and headings of a runbook are classified.

use super::claim::is_claim;
use super::verbs::is_verb;

/// Words before the verb of an instruction that change nothing about it.
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "please", "then", "now", "next", "finally", "first", "second", "third", "lastly", "also", "and",
    "optionally", "alternatively", "afterwards", "afterward", "instead", "immediately", "manually",
    "temporarily", "carefully", "simply", "just", "additionally", "again", "always", "otherwise", "firstly",
    "secondly", "quickly", "so", "or", "you", "either", "closely", "periodically", "eventually", "directly",
    "do",
];

/// Words that begin a statement about how things are.
#[rustfmt::skip]
const SUBJECTS: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "it", "there", "they", "we", "some", "most", "many",
    "all", "any", "no", "each", "every", "our", "your", "its", "other", "others", "both", "note", "notice",
    "warning", "important", "because", "since", "as", "although", "while", "usually", "often", "sometimes",
    "i", "what", "how", "why", "which", "for", "such", "example", "examples", "possible", "another",
];

/// The first word in small letters, and what is behind it.
pub(crate) fn first_word(text: &str) -> (String, &str) {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "*_\"'(".contains(c));
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\'')).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (word.to_lowercase(), rest)
}

/// The text behind words such as *please* and *then*.
pub(crate) fn without_lead(text: &str) -> &str {
    let mut text = without_step(text.trim_start());
    loop {
        let (word, rest) = first_word(text);
        let rest = rest.trim_start().trim_start_matches(',').trim_start();
        let next = first_word(rest).0;
        let leads = LEADS.contains(&word.as_str())
            // `you` only as in `you can`, `do` only as in `do not`.
            && (word != "you" || ["can", "should", "must", "may", "might", "need", "have", "will", "could"].contains(&next.as_str()))
            && (word != "do" || next == "not")
            && (word != "now" || next != "that");
        if !leads || rest.is_empty() {
            return text;
        }
        text = rest;
    }
}

/// The text behind `Step 2:`.
fn without_step(text: &str) -> &str {
    let Some(behind) = text.strip_prefix("Step ").or_else(|| text.strip_prefix("STEP ")) else { return text };
    let number = behind.chars().take_while(char::is_ascii_digit).count();
    let rest = behind.get(number..).unwrap_or_default().trim_start();
    match rest.strip_prefix([':', '.', '-', '–']) {
        Some(rest) if number > 0 && !rest.trim_start().is_empty() => rest.trim_start(),
        _ => text,
    }
}

/// Whether a sentence says what to do.
pub(crate) fn is_instruction(text: &str) -> bool {
    let text = without_lead(text);
    let (word, rest) = first_word(text);
    let next = first_word(rest).0;
    match word.as_str() {
        // `Access to Grafana`, `Log entries`, `Name of the host`: nouns.
        "access" | "return" if next == "to" => false,
        // `See an example`: nothing is done.
        "see" | "look" | "take" if shows_example(rest) => false,
        "log" if !["in", "into", "on", "onto", "out", "to"].contains(&next.as_str()) => false,
        "name" | "type" | "label" | "work" | "issue" | "file" | "report" if next == "of" || next == "is" => {
            false
        }
        "" | "notice" => false,
        // `Note the label of the alert`, but not `Note: …`, `Note that …`, `Note the pod restarts`
        "note" => {
            ["down", "the", "its", "your", "which"].contains(&next.as_str())
                && !rest.starts_with(':')
                && !is_claim(rest)
        }
        // What is only said.
        "keep" | "bear" if rest.trim_start().starts_with("in mind") => false,
        "remember" if next == "that" => false,
        // `do not …`, `never …`
        "not" | "don't" | "never" => !next.is_empty(),
        "rate" => next == "limit",
        "can" | "should" | "must" | "may" | "might" | "could" | "need" | "have" | "will" | "want" => {
            is_advised(&word, rest)
        }
        "it" | "it's" => advises(text),
        "we" => {
            let (modal, behind) = first_word(rest);
            ["can", "should", "must", "need", "recommend"].contains(&modal.as_str())
                && is_advised(&modal, behind)
        }
        "the" | "another" | "one" | "somebody" | "someone" | "everybody" | "everyone" | "a" | "an" => {
            names_a_way(text) || is_asked_of_somebody(text)
        }
        // `Be honest`, `Be sure to …`
        "be" => !next.is_empty() && next != "aware",
        "to" | "in" | "on" | "from" | "via" | "with" | "using" | "at" | "as" | "after" | "before"
        | "under" | "within" | "by" | "inside" | "depending" | "based" | "for" | "starting" | "similarly"
        | "through" | "since" | "because" | "every" => behind_comma(text),
        _ if is_verb(&word) => !rest.trim_start().starts_with("):"),
        _ => false,
    }
}

/// `… a look at a sample change`
fn shows_example(rest: &str) -> bool {
    let rest = rest.trim_start().to_lowercase();
    let rest = rest.strip_prefix("a look ").unwrap_or(&rest);
    let rest = rest.strip_prefix("at ").unwrap_or(rest);
    ["an example", "a sample", "the example", "this example"].iter().any(|it| rest.starts_with(it))
}

/// `you should VERB`, with `word` the word behind `you`.
fn is_advised(word: &str, rest: &str) -> bool {
    let mut rest = rest;
    let (mut next, mut behind) = first_word(rest);
    // `need to`, `may want to`, `should also`, `can then`
    while [
        "to", "want", "also", "now", "then", "just", "always", "either", "probably", "simply", "need",
        "have", "try", "first", "manually", "only", "directly",
    ]
    .contains(&next.as_str())
        && !behind.is_empty()
    {
        rest = behind;
        (next, behind) = first_word(rest);
    }
    let sees = ["see", "notice", "find", "be", "observe", "get"].contains(&next.as_str());
    if next == "see" && behind.trim_start().starts_with("an example") {
        return false;
    }
    is_verb(&next) && !(sees && ["should", "will", "may", "might"].contains(&word))
}

/// `The easiest way of doing this is to …`, `the next step is to …`
fn names_a_way(text: &str) -> bool {
    let lower = text.to_lowercase();
    let Some((way, act)) = lower.split_once(" is to ") else { return false };
    [" way", " step", " option"].iter().any(|it| way.contains(it)) && is_verb(&first_word(act).0)
}

/// `The on-call engineer should post an update`: what a person has to do.
fn is_asked_of_somebody(text: &str) -> bool {
    #[rustfmt::skip]
    const PEOPLE: &[&str] = &[
        "user", "users", "lead", "leads", "engineer", "engineers", "team", "owner", "owners", "commander", "on-call",
        "oncall", "person", "somebody", "someone", "everybody", "everyone", "responder", "responders", "manager",
        "administrator", "admin", "operator", "developer", "developers", "representative", "reviewer", "author",
    ];
    let lower = text.to_lowercase();
    let Some((subject, act)) = [" should ", " must ", " needs to ", " has to "]
        .iter()
        .filter_map(|it| lower.split_once(it))
        .min_by_key(|it| it.0.len())
    else {
        return false;
    };
    let is_person =
        subject.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(|it| PEOPLE.contains(&it));
    let act = first_word(act).0;
    is_person
        && subject.split_whitespace().count() <= 6
        && is_verb(&act)
        && !["see", "get", "observe"].contains(&act.as_str())
}

/// `it is advisable to …`
fn advises(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "it is advisable to",
        "it is recommended to",
        "it's recommended to",
        "it is best to",
        "it is necessary to",
        "it's best to",
        "it is safe to",
        "it's safe to",
    ]
    .iter()
    .any(|it| text.starts_with(it))
}

/// `To list them, run …`, `On the node run: …`
fn behind_comma(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = [", ", " - ", " – ", ": "]
        .iter()
        .filter_map(|mark| rest.split_once(mark))
        .min_by_key(|(before, _)| before.len())
    {
        let behind = without_lead(behind);
        if !["for", "in", "on", "to"].contains(&first_word(behind).0.as_str()) && is_instruction(behind) {
            return true;
        }
        rest = behind;
    }
    let text = text.to_lowercase();
    if [" run: `", " execute: `", " run `", " execute `"].iter().any(|it| text.contains(it)) {
        return true;
    }
    text.trim_end().ends_with(':')
        && [
            " run",
            " execute",
            " use",
            " do",
            " enter",
            " type",
            " issue",
            " call",
            " query",
            " run this",
            " run the following",
        ]
        .iter()
        .any(|verb| text.contains(&format!("{verb}:")) || text.contains(&format!("{verb} ")))
        && !first_word(&text).0.is_empty()
        && !["for", "as"].contains(&first_word(&text).0.as_str())
}

/// Whether a text begins as a statement about how things are.
pub(crate) fn begins_with_subject(text: &str) -> bool {
    let word = first_word(text).0;
    SUBJECTS.contains(&word.as_str())
}

/// Whether a heading belongs to what explains, not to what is done.
pub(crate) fn is_context(title: &str) -> bool {
    const WORDS: &[&str] = &[
        "meaning",
        "impact",
        "overview",
        "background",
        "summary",
        "symptom",
        "symptoms",
        "severity",
        "purpose",
        "scope",
        "context",
        "description",
        "introduction",
        "reference",
        "references",
        "prerequisite",
        "prerequisites",
        "pre-requisite",
        "pre-requisites",
        "requirements",
        "responsibilities",
        "glossary",
        "faq",
        "thoughts",
        "motivation",
        "about",
        "permissions",
        "assumptions",
        "appendix",
        "contents",
        "owner",
        "owners",
        "contacts",
        "prevention",
    ];
    const PHRASES: &[&str] = &[
        "mental model",
        "related alerts",
        "additional resources",
        "further reading",
        "external links",
        "useful links",
        "access required",
        "related links",
        "more information",
        "see also",
        "table of contents",
        "what is",
        "when to ",
        "types of ",
        "why ",
        "how it works",
        "known issues",
        "key takeaways",
        "additional reading",
        "further info",
        "related",
        "architecture",
        "related runbooks",
        "historical",
        "history",
        "old procedure",
        "before you begin",
        "before you start",
        "links",
        "resources",
        "notes",
    ];
    let title = title.to_lowercase();
    let words: Vec<&str> =
        title.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|it| !it.is_empty()).collect();
    let short = words.len() <= 4;
    words.first().is_some_and(|it| WORDS.contains(it))
        || short && words.last().is_some_and(|it| WORDS.contains(it))
        || PHRASES.iter().any(|it| title.starts_with(it) || short && title == *it)
}

/// Whether the sections below a heading are alternatives.
pub(crate) fn holds_alternatives(title: &str) -> bool {
    let title = title.to_lowercase();
    // `Diagnosis and mitigation` is all that is done.
    if title.starts_with("diagnos") || title.starts_with("investigat") {
        return false;
    }
    names_causes(&title)
        || ["mitigation", "remediation", "solutions", "workarounds", "fixes", "options", "methods"]
            .iter()
            .any(|it| title.starts_with(it) || title.ends_with(it))
}

/// `Possible causes`, `Potential issues and resolutions`, `Common reasons`
pub(crate) fn names_causes(title: &str) -> bool {
    let title = title.to_lowercase();
    let mut words = title.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_cause =
        |it: &str| ["causes", "cause", "reasons", "issues", "problems", "scenarios", "errors"].contains(&it);
    ["possible", "potential", "common", "likely", "typical", "known", "root"].contains(&first)
        && is_cause(second)
        || ["causes", "reasons", "scenarios"].contains(&first) && title.split_whitespace().count() <= 4
}

/// A title without the number in front of it: `2. Restart it`, `Step 2 - Restart it`.
pub(crate) fn without_number(title: &str) -> &str {
    let rest = title.trim_start();
    let rest = rest.strip_prefix("Step ").unwrap_or(rest);
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == title.trim_start().len() || !rest.starts_with(['.', ')', ':', ' ', '-', '–', '—']) {
        return title;
    }
    rest.trim_start_matches(|c: char| " .):-–—".contains(c))
}

/// Where something runs: sections with these names are the same procedure, each for one of them.
#[rustfmt::skip]
const PLACES: &[&str] = &[
    "production", "prod", "staging", "integration", "development", "dev", "test", "testing", "qa", "uat",
    "preprod", "pre-production", "sandbox", "linux", "windows", "macos", "aws", "azure", "gcp", "kubernetes",
    "openshift", "docker",
];

/// Whether a heading only names where something runs.
pub(crate) fn is_place(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    let bare = ["on ", "in ", "for "].iter().find_map(|it| lower.strip_prefix(it)).unwrap_or(&lower);
    PLACES.contains(&bare)
}

/// Whether a heading names one way of several.
pub(crate) fn is_alternative(title: &str) -> bool {
    let lower = title.to_lowercase();
    let (word, _) = first_word(&lower);
    is_place(title)
        || ["other", "another", "everything"].contains(&word.as_str())
            && ["situation", "case", "cause", "issue", "problem", "else", "error", "way"]
                .iter()
                .any(|it| lower.contains(it))
        || ["via", "option", "alternative", "alternatively", "using", "if", "method", "scenario"]
            .contains(&word.as_str())
        || lower.contains(" method")
        || lower.contains("via the ")
}

/// Whether a heading carries a number: `Step 2 - …`, `3. …`.
pub(crate) fn is_numbered(title: &str) -> bool {
    let lower = title.to_lowercase();
    let rest = lower.strip_prefix("step ").unwrap_or(&lower);
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    digits > 0
        && (lower.starts_with("step ")
            || rest.get(digits..).is_some_and(|it| it.starts_with(['.', ')', ':'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_told_from_statements() {
        for yes in [
            "Check the logs.",
            "Please restart it",
            "Then, open the console",
            "You should do this in a change request",
            "We can defragment existing etcd DB",
            "To resize the volume run:",
            "In the console under Observe, select the dashboard.",
            "As validation, check the endpoint status",
            "On the replica node run: `x`",
            "it is advisable to wait until the next run",
            "Try to identify the root cause",
        ] {
            assert!(is_instruction(yes), "{yes}");
        }
        for no in [
            "The pod is down.",
            "Access to Grafana.",
            "You should see this node vanish",
            "It can take a few minutes",
            "Service degradation or unavailability.",
            "Log entries show it",
            "Note that it restarts",
            "To confirm this is the cause of the slow requests either:",
        ] {
            assert!(!is_instruction(no), "{no}");
        }
    }

    #[test]
    fn headings_are_classified() {
        assert!(is_context("Meaning") && is_context("Problem Description") && is_context("Prerequisites:"));
        assert!(!is_context("Diagnosis") && !is_context("Fix alerts before continuing"));
        assert!(
            is_numbered("Step 2 - Take it out") && is_numbered("3. Rerun") && !is_numbered("24h of silence")
        );
        assert!(is_alternative("Via the AWS CLI") && is_alternative("Command-line method"));
    }
}
