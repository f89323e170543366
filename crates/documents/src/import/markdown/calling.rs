//! Waits and calls: what is waited for and how long, and which team is called.

use super::sentence::{SentenceKind, sentence_case};
use super::words::{first_word, is_instruction};

/// Whether an escalation stands behind an `and`: `Investigate, and contact the team`.
pub(crate) fn split_escalation(text: &str) -> Option<(String, String)> {
    for mark in
        [" and contact ", " and escalate ", " and page ", " and reach out ", ", contact ", " and notify "]
    {
        if let Some((before, after)) = text.split_once(mark) {
            let verb = mark.trim_start_matches([',', ' ']).trim_start_matches("and ");
            let after = format!("{}{after}", sentence_case(verb));
            if team(&after).is_some() && is_instruction(before) {
                return Some((before.to_owned(), after));
            }
        }
    }
    None
}

pub(super) fn wait(text: &str) -> Option<SentenceKind> {
    let lower = text.to_lowercase();
    let (word, _) = first_word(text);
    let limit = limit_in(&lower);
    if let Some(at) = lower.find(" until ") {
        let condition = text.get(at + " until ".len()..)?.trim_end_matches(['.', ':', ',']);
        if word == "wait"
            || word == "watch"
            || word == "monitor"
            || lower.starts_with("keep an eye")
            || lower.starts_with("keep watching")
        {
            let held = held_in(&lower);
            return Some(SentenceKind::Wait { condition: sentence_case(condition), within: limit, held });
        }
    }
    if word != "wait" {
        return None;
    }
    let rest = text.get("wait".len()..)?.trim_start();
    let rest = rest.strip_prefix("for ").unwrap_or(rest);
    if let Some((duration, behind)) = duration(rest)
        && behind.trim_start().trim_end_matches(['.', ':']).split_whitespace().count() <= 8
    {
        return Some(SentenceKind::Pause(duration));
    }
    let named = rest.split_whitespace().count() > 1 && lower.starts_with("wait for ");
    named.then(|| SentenceKind::Wait {
        condition: sentence_case(rest.trim_end_matches(['.', ':', ','])),
        within: limit,
        held: None,
    })
}

/// `within 10 minutes`, `for up to 2 hours`, `up to 5m`
fn limit_in(lower: &str) -> Option<String> {
    ["within ", "up to ", "at most "].iter().find_map(|lead| {
        let (_, rest) = lower.split_once(lead)?;
        duration(rest.strip_prefix("the next ").unwrap_or(rest)).map(|(it, _)| it)
    })
}

/// `for at least 5 minutes`, `for 5 minutes`
fn held_in(lower: &str) -> Option<String> {
    let (_, rest) = lower.split_once(" for ")?;
    duration(rest.strip_prefix("at least ").unwrap_or(rest)).map(|(it, _)| it)
}

/// A duration at the beginning of a text, as a literal, and what is behind it.
pub(crate) fn duration(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits).filter(|_| digits > 0)?;
    let rest = rest.trim_start_matches([' ', '-']);
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    let unit = match word.to_ascii_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "week" | "weeks" => "w",
        _ => return None,
    };
    Some((format!("{number}{unit}"), rest.get(word.len()..)?))
}

/// The team that a sentence calls.
pub(crate) fn team(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let leads = [
        "escalate to ",
        "escalate this to ",
        "escalate it to ",
        "page ",
        "contact ",
        "reach out to ",
        "notify ",
        "get in touch with ",
        "call ",
        "engage ",
        "refer to ",
        "open a support case with ",
    ];
    let lead = leads.iter().find(|it| lower.starts_with(*it))?;
    let rest = text.get(lead.len()..)?;
    let rest = ["the ", "your ", "an ", "a "].iter().find_map(|it| rest.strip_prefix(it)).unwrap_or(rest);
    // `Escalate to Payments`: whatever the name is, somebody is called.
    let is_called = lead.starts_with("escalate") && rest.starts_with(char::is_uppercase);
    let near = [
        " for ",
        " if ",
        " to ",
        " with ",
        " when ",
        ", ",
        "; ",
        ". ",
        " in ",
        " via ",
        " so ",
        " who ",
        " on the ",
        " on ",
        " about ",
        " (",
        " as soon as ",
        " once ",
        " after ",
        " immediately",
        " unless ",
    ];
    let cut = |marks: &[&str]| {
        let end = marks.iter().filter_map(|mark| rest.find(mark)).min().unwrap_or(rest.len());
        let name =
            rest.get(..end).unwrap_or_default().trim().trim_end_matches(['.', ':', ',']).replace('`', "");
        let is_name = is_called && !name.is_empty() && name.split_whitespace().count() <= 5;
        // `Refer to the documentation of the team` calls nobody.
        let is_whole = *lead != "refer to " || name.rsplit(' ').next().is_some_and(is_team);
        (is_team(&name) && is_whole || is_name).then_some(name)
    };
    // `the network or infrastructure team` is one name, `the owner and restart it` is not.
    cut(&[&near[..], &[" and ", " or "]].concat()).or_else(|| cut(&near))
}

fn is_team(name: &str) -> bool {
    const CALLED: &[&str] = &[
        "team",
        "support",
        "on-call",
        "oncall",
        "owner",
        "owners",
        "manager",
        "engineer",
        "engineers",
        "engineering",
        "sre",
        "commander",
        "lead",
        "dba",
    ];
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    let is_called =
        name.starts_with(['#', '@']) || lower.contains("on call") || words.any(|it| CALLED.contains(&it));
    is_called && name.split_whitespace().count() <= 7
}
