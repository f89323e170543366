//! Conditions: `If X, Y`, and where X ends.

use super::sentence::{SentenceKind, sentence_case};
use super::words::{begins_with_subject, first_word, is_instruction, without_lead};

pub(super) fn otherwise(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    for lead in ["otherwise", "if not", "if no", "if this is not the case", "if that is not the case", "else"]
    {
        let Some(rest) = lower.strip_prefix(lead) else { continue };
        if !rest.starts_with([',', ':', ' ']) || lead.starts_with("if no") && !rest.starts_with([',', ':']) {
            continue;
        }
        let rest = text.get(lead.len()..)?.trim_start_matches([',', ':', ' ']);
        let rest = if rest.starts_with("you ") { rest.to_owned() } else { sentence_case(rest) };
        return Some(rest);
    }
    None
}

/// `If X, Y` and its like. `None`: it is none, or cannot be split.
pub(super) fn conditional(text: &str) -> Option<SentenceKind> {
    let lower = text.to_lowercase();
    let leads = [
        "if ",
        "when ",
        "in case of ",
        "in the case of ",
        "in the case when ",
        "in the case that ",
        "in the case ",
        "in case that ",
        "in case when ",
        "in case ",
        "unless ",
        "where ",
    ];
    let lead = leads.iter().find(|it| lower.starts_with(*it))?;
    if *lead == "where " {
        return None;
    }
    let body = text.get(lead.len()..)?;
    let negated = *lead == "unless ";
    let named = |condition: String| if negated { format!("Not: {condition}") } else { condition };
    let Some((condition, rest)) = condition_and_rest(body) else {
        let condition = body.trim_end();
        let condition = condition.strip_suffix(':')?;
        return Some(SentenceKind::If {
            condition: named(sentence_case(condition)),
            rest: String::new(),
            describes: false,
        });
    };
    let instructs = is_instruction(&rest);
    let padded = format!(" {} ", rest.to_lowercase());
    let decides = instructs
        || [" may ", " might ", " must ", " should ", " need ", " needs ", " you "]
            .iter()
            .any(|it| padded.contains(it))
        || format!(" {} ", condition.to_lowercase()).contains(" you ");
    // `when` says how things are more often than what to do.
    if !decides && !lower.starts_with("if ") {
        return None;
    }
    Some(SentenceKind::If { condition: named(condition), rest, describes: !decides })
}

/// Splits `X, Y` of a conditional, without the word that begins it.
pub(super) fn condition_and_rest(body: &str) -> Option<(String, String)> {
    let at = split_point(body)?;
    let (condition, rest) = body.split_at_checked(at)?;
    let rest = rest.trim_start_matches([',', ':', ' ', ';']);
    let rest = rest.strip_prefix("then ").unwrap_or(rest).trim();
    let condition = condition.trim().trim_end_matches([',', ':']);
    (!condition.is_empty() && !rest.is_empty()).then(|| (sentence_case(condition), rest.to_owned()))
}

/// Words behind a comma after which no consequence begins.
const NO_CONSEQUENCE: &[&str] = &["because", "which", "as", "so", "and", "or", "e", "i", "since", "but"];

/// `If so`, `If yes`: the condition says only that it is so.
pub(super) fn affirms(condition: &str) -> bool {
    let lower = condition.to_lowercase();
    let lower = lower.trim().trim_end_matches(['.', ':', ',', '?']);
    [
        "so",
        "yes",
        "true",
        "it is",
        "it does",
        "they are",
        "they do",
        "there are",
        "there is",
        "this is the case",
        "that is the case",
    ]
    .contains(&lower)
}

/// `If you don't see it`, behind what should be seen: the condition says only that it is not so.
pub(super) fn negates(condition: &str) -> bool {
    let lower = condition.to_lowercase().replace('’', "'");
    let lower = lower.trim().trim_end_matches(['.', ':', ',', '?']);
    [
        "not",
        "you don't",
        "you do not",
        "you don't see it",
        "you do not see it",
        "you don't see this",
        "you do not see this",
        "you don't see them",
        "it does not",
        "it doesn't",
        "it is not",
        "it isn't",
        "it's not",
        "this is not the case",
        "that is not the case",
        "this isn't the case",
        "that isn't the case",
        "they are not",
        "they aren't",
        "they do not",
        "they don't",
        "that is not so",
    ]
    .contains(&lower)
}

/// The byte where the consequence of a condition begins: behind the comma after which something can stand alone.
fn split_point(body: &str) -> Option<usize> {
    let (mut in_code, mut depth) = (false, 0_i32);
    let mut comma = None;
    for (at, c) in body.char_indices() {
        match c {
            '`' => in_code = !in_code,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' | ':' if !in_code && depth <= 0 => {
                let rest = body.get(at + 1..)?;
                if !rest.starts_with(' ') {
                    continue;
                }
                let after = rest.trim_start();
                let (word, _) = first_word(without_lead(after));
                if NO_CONSEQUENCE.contains(&word.as_str()) {
                    continue;
                }
                let stands = is_instruction(after)
                    || begins_with_subject(after)
                    || after.starts_with('`')
                    || ["then", "you", "we", "please", "consider"].contains(&word.as_str());
                if stands && !after.starts_with("or ") && !after.starts_with("and ") {
                    return Some(at);
                }
                comma.get_or_insert(at);
            }
            _ => {}
        }
    }
    // A comma before a reason is none before a consequence.
    for mark in [
        " then ",
        " it may ",
        " it does ",
        " it means ",
        " it can mean ",
        " it could mean ",
        " it indicates ",
        " it is possible ",
        " you can ",
        " you should ",
        " you must ",
        " you need to ",
        " you may ",
        " you have to ",
        " try ",
        " please ",
    ] {
        if let Some(at) = body.find(mark) {
            return Some(at);
        }
    }
    // `If it's not the disk it's the network`
    comma.or_else(|| [" it's ", " it is "].iter().find_map(|mark| body.find(mark)))
}

/// `contact TEAM if X`
pub(super) fn trailing_condition(text: &str) -> Option<(&str, &str)> {
    let (act, condition) = text.split_once(" if ")?;
    let condition = condition.trim_end_matches('.').trim();
    let bare = ["not", "possible", "need", "needed", "necessary", "required", "so"]
        .contains(&first_word(condition).0.as_str());
    (!condition.is_empty() && !bare).then_some((act, condition))
}

/// A condition as a question.
pub(crate) fn asked(condition: &str) -> String {
    let condition = condition.trim().trim_end_matches(['.', ':', ',', ';']);
    if condition.ends_with('?') { condition.to_owned() } else { format!("{condition}?") }
}
