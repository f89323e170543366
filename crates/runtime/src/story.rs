//! [`Story`]: what happened so far, one line per entry; a page to a person carries it.
//!
//! *Why notes:* a decision is recorded without building a string, and is formatted only when somebody is paged.

use std::fmt::Write as _;
use std::sync::Arc;

use smol_str::SmolStr;

use super::decision::brief;
use super::operand_trace::{Traced, all_words, one_line};
use rbl_syntax::source::{Place, Sources};
use rbl_syntax::value::{Quantity, Value, Verdict};

/// The number of first entries that are always kept.
const FIRST: usize = 40;
/// The number of last entries that are always kept.
const LAST: usize = 160;

/// The most characters of a note. A page is read by a person.
const LONGEST: usize = 16_000;

/// The notes of a run, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Story {
    notes: Vec<Note>,
    left_out: usize,
}

#[derive(Debug, Clone)]
enum Note {
    Line(String),
    /// A line in a session: each of its earlier states has it too.
    Settled(Arc<str>),
    At {
        place: Place,
        text: String,
    },
    Waited {
        place: Place,
        seconds: f64,
    },
    Value {
        name: SmolStr,
        value: Value,
    },
    Decided {
        condition: Place,
        written: Option<String>,
        verdict: Verdict,
        operands: Box<[Traced]>,
    },
    Matched {
        subject: Place,
        pattern: Place,
        is: bool,
        operands: Box<[Traced]>,
    },
}

impl Story {
    /// Adds a line.
    pub(super) fn line(&mut self, line: impl Into<String>) {
        self.push(Note::Line(shortened(line.into())));
    }

    /// Adds a line with its place.
    pub(super) fn at(&mut self, place: Place, text: impl Into<String>) {
        self.push(Note::At { place, text: shortened(text.into()) });
    }

    /// Adds a wait of this many seconds.
    pub(super) fn waited(&mut self, place: Place, seconds: f64) {
        self.push(Note::Waited { place, seconds });
    }

    /// Adds a named value.
    pub(super) fn value(&mut self, name: &SmolStr, value: &Value) {
        self.push(Note::Value { name: name.clone(), value: value.clone() });
    }

    /// Adds a judged condition. `written`: its text where that is not what stands in the runbook.
    pub(super) fn decided(
        &mut self,
        condition: Place,
        written: Option<String>,
        verdict: &Verdict,
        operands: &[Traced],
    ) {
        self.push(Note::Decided { condition, written, verdict: verdict.clone(), operands: operands.into() });
    }

    /// Adds the arm of a `match` that was taken; `is`: its pattern is a value.
    pub(super) fn matched(&mut self, subject: Place, pattern: Place, is: bool, operands: &[Traced]) {
        self.push(Note::Matched { subject, pattern, is, operands: operands.into() });
    }

    fn push(&mut self, note: Note) {
        self.notes.push(note);
        if self.notes.len() > FIRST + 2 * LAST {
            self.notes.drain(FIRST..FIRST + LAST);
            self.left_out += LAST;
        }
    }

    /// Formats every note now, for a story that outlives its source texts.
    pub(super) fn settle(&mut self, sources: &Sources) {
        for note in &mut self.notes {
            if !matches!(note, Note::Settled(_)) {
                *note = Note::Settled(note.words(sources).into());
            }
        }
    }

    /// Formats the story, one line per entry.
    pub(super) fn lines(&self, sources: &Sources) -> Vec<String> {
        let mut lines: Vec<String> = self.notes.iter().map(|note| note.words(sources)).collect();
        let mut left_out = self.left_out;
        if lines.len() > FIRST + LAST {
            let end = lines.len() - LAST;
            left_out += end - FIRST;
            lines.drain(FIRST..end);
        }
        if left_out > 0 {
            lines.insert(FIRST.min(lines.len()), format!("… {left_out} lines left out …"));
        }
        lines
    }
}

/// The beginning of a text that is too long for a note, and how much more there is.
fn shortened(text: String) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else { return text };
    let (kept, left_out) = text.split_at_checked(end).unwrap_or((&text, ""));
    // A new text: one that is cut short where it lies leaves a gap that the next long one does not fit in.
    format!("{kept}… (and {} more characters)", left_out.chars().count())
}

impl Note {
    fn words(&self, sources: &Sources) -> String {
        match self {
            Self::Line(line) => line.clone(),
            Self::Settled(line) => line.to_string(),
            Self::At { place, text } => at_line(*place, sources) + text,
            Self::Waited { place, seconds } => {
                format!("{}waited {}", at_line(*place, sources), Quantity::seconds(*seconds))
            }
            Self::Value { name, value } => format!("{name} = {}", brief(&value.to_string())),
            Self::Decided { condition, written, verdict, operands } => {
                let mut text = at_line(*condition, sources);
                let written = written.clone().unwrap_or_else(|| one_line(sources.slice(*condition)));
                let _ = write!(text, "{written} is {}", verdict_word(verdict));
                text + &in_brackets(operands, verdict, sources)
            }
            Self::Matched { subject, pattern, is, operands } => {
                let (what, fits) = (sources.slice(*subject), sources.slice(*pattern));
                let text = at_line(*subject, sources) + &fitted(what, fits, *is);
                text + &in_brackets(operands, &Verdict::Yes, sources)
            }
        }
    }
}

/// `log.text contains "oom"`, `version is "2"`.
pub(super) fn fitted(subject: &str, pattern: &str, is: bool) -> String {
    format!("{} {}{}", one_line(subject), if is { "is " } else { "" }, one_line(pattern))
}

/// ` (p99 = 812ms)`. Answers are left out: the story has them where they were given.
fn in_brackets(operands: &[Traced], verdict: &Verdict, sources: &Sources) -> String {
    let others = operands.iter().filter(|one| !one.is_answer());
    let words = all_words(others, verdict, sources);
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

/// `line 14: `; a place in another file than the first names it too.
fn at_line(place: Place, sources: &Sources) -> String {
    match sources.get(place.source) {
        Some(source) if place.source.0 == 0 => {
            format!("line {}: ", source.line_column(place.span.start).line)
        }
        Some(source) => format!("{}:{}: ", source.name(), source.line_column(place.span.start).line),
        None => String::new(),
    }
}

/// `yes`, `no`, `unknown: no data`.
pub(super) fn verdict_word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Yes => "yes".into(),
        Verdict::No => "no".into(),
        Verdict::Unknown(reason) => format!("unknown: {reason}"),
    }
}
