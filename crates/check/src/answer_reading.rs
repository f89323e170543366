//! Interprets what a person typed. Nothing is guessed: an unclear answer is asked again.

/// The answer to a yes/no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YesNoAnswer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Not sure.
    NotSure,
}

/// The result of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionAnswer {
    /// It was done.
    Done,
    /// It was tried, and failed.
    Failed,
    /// It was not tried.
    Skipped,
}

impl InstructionAnswer {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::Done, Self::Failed, Self::Skipped];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// Answers that begin with another answer's word, or consist of several words.
const NOT_SURE: [&str; 12] = [
    "not sure",
    "no idea",
    "no clue",
    "don't know",
    "dont know",
    "do not know",
    "i don't know",
    "can't tell",
    "cannot tell",
    "unknown",
    "unsure",
    "dunno",
];

/// Reads a yes/no answer: `y`, `yes`, `n`, `no`, `?`, `u`, `not sure`, each with a remark behind it.
pub fn yes_no(text: &str) -> Option<(YesNoAnswer, Option<String>)> {
    let text = text.trim();
    if let Some(rest) = NOT_SURE.iter().find_map(|words| behind(text, words)) {
        return Some((YesNoAnswer::NotSure, remark(rest)));
    }
    let (word, remark) = first_word(text)?;
    let verdict = match word.as_str() {
        "y" | "yes" | "yep" | "yeah" => YesNoAnswer::Yes,
        "n" | "no" | "nope" => YesNoAnswer::No,
        "?" | "u" => YesNoAnswer::NotSure,
        _ => return None,
    };
    Some((verdict, remark))
}

/// Reads the result of an instruction: `d`, `done`, `f`, `failed`, `s`, `skipped`, each with a remark behind it.
pub fn did(text: &str) -> Option<(InstructionAnswer, Option<String>)> {
    let (word, remark) = first_word(text.trim())?;
    let did = match word.as_str() {
        "d" | "done" => InstructionAnswer::Done,
        "f" | "fail" | "failed" => InstructionAnswer::Failed,
        "s" | "skip" | "skipped" => InstructionAnswer::Skipped,
        _ => return None,
    };
    Some((did, remark))
}

/// Reads a choice: its text, its number from 1, or a prefix that only one of them has.
pub fn choice<'a>(text: &str, choices: &'a [String]) -> Option<&'a str> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let same = |choice: &&String| choice.trim().to_lowercase() == text.to_lowercase();
    if let Some(choice) = choices.iter().find(|choice| choice.as_str() == text).or(choices.iter().find(same))
    {
        return Some(choice);
    }
    if let Ok(number) = text.parse::<usize>() {
        return choices.get(number.checked_sub(1)?).map(String::as_str);
    }
    let mut begun =
        choices.iter().filter(|choice| choice.trim().to_lowercase().starts_with(&text.to_lowercase()));
    match (begun.next(), begun.next()) {
        (Some(choice), None) => Some(choice),
        _ => None,
    }
}

/// The first word in lower case, without punctuation at its end; and the rest, if there is one.
fn first_word(text: &str) -> Option<(String, Option<String>)> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let bare = word.trim_end_matches([',', '.', ':', ';', '!']);
    (!bare.is_empty()).then(|| (bare.to_lowercase(), remark(rest)))
}

/// What follows these words, if the text begins with them.
fn behind<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let beginning = text.get(..words.len()).filter(|beginning| beginning.eq_ignore_ascii_case(words))?;
    let rest = text.get(beginning.len()..)?;
    (!rest.starts_with(char::is_alphanumeric)).then_some(rest)
}

fn remark(rest: &str) -> Option<String> {
    let rest = rest.trim().trim_start_matches([',', ':', ';', '-', '–', '—', '.', '!']).trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_no_and_not_sure_with_a_remark() {
        let verdict = |text| yes_no(text).map(|(verdict, _)| verdict);
        for text in ["y", "Yes", "YES!", " y, sure", "yes - it is"] {
            assert_eq!(verdict(text), Some(YesNoAnswer::Yes), "{text}");
        }
        for text in ["n", "no", "No.", "no way", "nope"] {
            assert_eq!(verdict(text), Some(YesNoAnswer::No), "{text}");
        }
        for text in ["?", "u", "not sure", "No idea", "don't know", "unknown: dashboard is down"] {
            assert_eq!(verdict(text), Some(YesNoAnswer::NotSure), "{text}");
        }
        for text in ["", "maybe", "y?", "n/a", "yn", "nothing", "not", "10"] {
            assert_eq!(verdict(text), None, "{text}");
        }
        assert_eq!(yes_no("y looks like a deploy").unwrap().1.as_deref(), Some("looks like a deploy"));
        assert_eq!(yes_no("no, - it is not").unwrap().1.as_deref(), Some("it is not"));
        assert_eq!(yes_no("not sure: no data").unwrap().1.as_deref(), Some("no data"));
        assert_eq!(yes_no("y").unwrap().1, None);
    }

    #[test]
    fn done_failed_skipped() {
        assert_eq!(did("d"), Some((InstructionAnswer::Done, None)));
        assert_eq!(did("failed: no rights"), Some((InstructionAnswer::Failed, Some("no rights".into()))));
        assert_eq!(did("s not needed"), Some((InstructionAnswer::Skipped, Some("not needed".into()))));
        assert_eq!(did("ok"), None);
        assert_eq!(did("y"), None);
    }

    #[test]
    fn a_choice_by_text_number_or_beginning() {
        let choices = ["bad deploy", "bad config", "10", "Hardware"].map(String::from);
        let choice = |text| choice(text, &choices);
        assert_eq!(choice("2"), Some("bad config"));
        assert_eq!(choice("10"), Some("10"));
        assert_eq!(choice("hard"), Some("Hardware"));
        assert_eq!(choice("BAD DEPLOY"), Some("bad deploy"));
        for unclear in ["bad", "0", "5", "", "x"] {
            assert_eq!(choice(unclear), None, "{unclear}");
        }
    }
}
