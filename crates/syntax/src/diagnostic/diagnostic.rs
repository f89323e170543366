//! [`Diagnostic`]: one finding about a text. It says what is wrong, where, why there, and what to type instead.

use schemars::JsonSchema;
use serde::Serialize;

use super::Code;
use crate::source::{Place, SourceId};

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never fails a check.
    Advice,
    /// Will surprise somebody in an incident; an error under `--strict`.
    Warning,
    /// The runbook cannot be run.
    Error,
}

/// A place and why it matters, in at most eight words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// Why there. May be empty for the one label of a plain finding.
    pub text: String,
    /// Whether the finding is listed under this place. Exactly one label is primary.
    pub primary: bool,
}

/// Whether a fix may be applied without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// The fix keeps the only meaning the author can have had.
    Safe,
    /// The fix is one of several meanings: a person chooses.
    Choice,
}

/// A replacement of the text at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub place: Place,
    /// The new text.
    pub text: String,
}

/// A change that fixes the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction: "write `500ms`".
    pub title: String,
    /// Whether `--fix` applies it.
    pub safety: Safety,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// One finding.
///
/// *Invariant:* the first label is the primary one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The headline: lower case, no full stop, at most 70 characters, makes sense alone.
    pub message: String,
    /// Where, the primary place first.
    pub labels: Vec<Label>,
    /// Instructions that can be followed.
    pub help: Vec<String>,
    /// Edits that fix it.
    pub fixes: Vec<Fix>,
    /// How many other findings with the same text were folded into this one; a help says where they are, and the fixes
    /// cover them too.
    pub folded: usize,
}

impl Diagnostic {
    /// Creates a finding with the code's default severity at a place; `why` labels the place.
    pub fn new(code: Code, message: impl Into<String>, place: Place, label: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: cropped(message.into()),
            labels: vec![Label { place, text: cropped(label.into()), primary: true }],
            help: Vec::new(),
            fixes: Vec::new(),
            folded: 0,
        }
    }

    /// Adds a secondary label.
    #[must_use]
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.labels.push(Label { place, text: label.into(), primary: false });
        self
    }

    /// Adds an instruction.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a fix of one edit.
    #[must_use]
    pub fn fix(
        mut self,
        title: impl Into<String>,
        safety: Safety,
        place: Place,
        text: impl Into<String>,
    ) -> Self {
        let edits = vec![Edit { place, text: text.into() }];
        self.fixes.push(Fix { title: title.into(), safety, edits });
        self
    }

    /// Removes secrets from its texts; of each at least its first eight characters, since messages crop what they
    /// quote.
    pub fn hide(&mut self, secrets: &[&str]) {
        let labels = self.labels.iter_mut().map(|label| &mut label.text);
        let fixes = self.fixes.iter_mut().flat_map(|fix| {
            std::iter::once(&mut fix.title).chain(fix.edits.iter_mut().map(|edit| &mut edit.text))
        });
        for text in std::iter::once(&mut self.message).chain(labels).chain(&mut self.help).chain(fixes) {
            // Each line of a key with several lines counts as one secret.
            for secret in secrets.iter().flat_map(|secret| secret.lines()) {
                hide(text, secret);
            }
        }
    }

    /// Moves it to another source: the same text, read once and shown in several checks.
    pub fn move_to(&mut self, source: SourceId) {
        let labels = self.labels.iter_mut().map(|label| &mut label.place);
        let edits = self.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.place);
        labels.chain(edits).for_each(|place| place.source = source);
    }

    /// The primary place.
    pub fn place(&self) -> Option<Place> {
        self.labels.first().map(|label| label.place)
    }

    /// Returns the same finding with its places mapped: into another source, or to where a text was extracted from. A
    /// place that maps to `None` is dropped, except the first, which is kept.
    #[must_use]
    pub fn map_places(mut self, mut to: impl FnMut(Place) -> Option<Place>) -> Self {
        let mut first = true;
        self.labels.retain_mut(|label| {
            let moved = to(label.place);
            label.place = moved.unwrap_or(label.place);
            std::mem::take(&mut first) || moved.is_some()
        });
        self.fixes.retain_mut(|fix| {
            fix.edits.iter_mut().all(|edit| to(edit.place).map(|place| edit.place = place).is_some())
        });
        self
    }

    /// Whether it prevents a run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Replaces a secret, and a cropped rest of it, with dots.
fn hide(text: &mut String, secret: &str) {
    const SHORTEST: usize = 6;
    const SEEN: usize = 8;
    let beginning: String = secret.chars().take(SEEN).collect();
    // A secret this short protects nothing and would match in every word.
    if beginning.chars().count() < SHORTEST {
        return;
    }
    while let Some(at) = text.find(&beginning) {
        let alike = |(left, right): &(char, char)| left == right;
        let rest = text.get(at..).unwrap_or_default();
        let length =
            rest.chars().zip(secret.chars()).take_while(alike).map(|(c, _)| c.len_utf8()).sum::<usize>();
        text.replace_range(at..at + length, "•••");
    }
}

/// Names appear in messages as written; of a very long one only the beginning and the end.
fn cropped(text: String) -> String {
    const LONGEST: usize = 400;
    const END: usize = 100;
    let count = text.chars().count();
    if count <= LONGEST {
        return text;
    }
    let beginning = text.chars().take(LONGEST - END);
    beginning.chain(['…']).chain(text.chars().skip(count - END)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Sources, Span};

    #[test]
    fn what_is_secret_is_taken_out_of_the_words_even_where_they_are_cropped() {
        let place = Span::new(0, 1).in_source(Sources::new().add(Source::new("a.rb", "x")));
        let mut found = Diagnostic::new(Code::NAME_UNKNOWN, "no `hunter2-hunter2`", place, "`hunter2-hu…`")
            .help("write `hunter2-hunter2` or hunter3");
        found.hide(&["hunter2-hunter2"]);
        assert_eq!((found.message.as_str(), found.labels[0].text.as_str()), ("no `•••`", "`•••…`"));
        assert_eq!(found.help, ["write `•••` or hunter3"]);
    }

    #[test]
    fn a_name_over_pages_is_cut_in_the_middle() {
        let place = Span::new(0, 1).in_source(Sources::new().add(Source::new("a.rb", "x")));
        let long = format!("nothing is called `{}`", "ä".repeat(10_000));
        let found = Diagnostic::new(Code::NAME_UNKNOWN, long, place, "here");
        assert!(found.message.starts_with("nothing is called `ää") && found.message.ends_with("ää`"));
        assert_eq!(found.message.chars().count(), 401);
    }
}
