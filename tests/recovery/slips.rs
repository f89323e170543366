//! Typing mistakes in a correct program: a line twice, a word or a sign missing.
//!
//! There are a hundred thousand of them in the examples, and most are one mistake at many places. So those of each kind are
//! tried once or a few times: the same word in the same kind of statement, whatever the program. `just exhaustive` tries all.

use std::collections::{BTreeMap, BTreeSet};

use super::{Program, check, programs, told};

#[derive(Default)]
struct Tally {
    changes: usize,
    findings: usize,
    most: usize,
    many: String,
}

impl Tally {
    fn take(&mut self, program: &Program, text: &str, what: &str, limit: usize) {
        let checked = check(program, text);
        let count = checked.diagnostics.len();
        self.changes += 1;
        self.findings += count;
        self.most = self.most.max(count);
        if count > limit {
            self.many += &format!("{} {what}\n{}", program.name, told(&checked));
        }
    }

    fn end(&self, what: &str, average: f64) {
        let found = self.findings as f64 / self.changes as f64;
        let line = format!(
            "{what}, {} times: {found:.2} findings on the average, {} at most",
            self.changes, self.most
        );
        println!("{line}");
        assert!(self.many.is_empty(), "{}\n{line}", self.many);
        assert!(found < average, "{line}");
    }
}

/// Chooses the mistakes that are tried.
struct Chosen {
    /// How many of each kind are; `None`: all.
    each: Option<usize>,
    tried: BTreeMap<String, usize>,
    /// Words that several programs have: words of the language, most of them. All others are one kind.
    known: BTreeSet<String>,
}

impl Chosen {
    fn new(each: usize, programs: &[Program]) -> Self {
        let mut known = BTreeMap::<&str, usize>::new();
        for program in programs {
            let words: BTreeSet<&str> =
                tokens(&program.text).into_iter().map(|range| &program.text[range]).collect();
            for word in words {
                *known.entry(word).or_default() += 1;
            }
        }
        let several = |(word, count): (&str, usize)| (count >= 5).then(|| word.to_owned());
        Self {
            each: std::env::var_os("RBL_EXHAUSTIVE").is_none().then_some(each),
            tried: BTreeMap::new(),
            known: known.into_iter().filter_map(several).collect(),
        }
    }

    /// The kind of a word, number or sign.
    fn kind<'a>(&self, word: &'a str) -> &'a str {
        match word.chars().next() {
            Some(c) if c.is_ascii_digit() => "0",
            Some(c) if is_of_a_word(c) && !self.known.contains(word) => "name",
            _ => word,
        }
    }

    /// The kinds of the first words of a line.
    fn kinds(&self, line: &str, count: usize) -> String {
        let kinds: Vec<&str> =
            tokens(line).into_iter().take(count).map(|range| self.kind(&line[range])).collect();
        kinds.join(" ")
    }

    /// Whether a mistake of this kind is to be tried.
    fn takes(&mut self, kind: String) -> bool {
        let tried = self.tried.entry(kind).or_default();
        *tried += 1;
        self.each.is_none_or(|each| *tried <= each)
    }
}

#[test]
fn any_line_written_twice_is_few_findings() {
    let (programs, mut tally) = (programs(), Tally::default());
    let mut chosen = Chosen::new(3, &programs);
    for program in programs {
        let written: Vec<&str> = program.text.lines().collect();
        for twice in 0..written.len() {
            if !chosen.takes(chosen.kinds(written[twice], 3)) {
                continue;
            }
            let mut lines = written.clone();
            lines.insert(twice, written[twice]);
            tally.take(
                &program,
                &lines.join("\n"),
                &format!("line {} twice: {}", twice + 1, written[twice]),
                4,
            );
        }
    }
    tally.end("a line twice", 1.0);
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words, numbers and signs of a text, as byte ranges.
fn tokens(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let length = if is_of_a_word(c) {
            text[at..].find(|c| !is_of_a_word(c)).unwrap_or(text.len() - at)
        } else {
            c.len_utf8()
        };
        if !c.is_whitespace() {
            found.push(at..at + length);
        }
        at += length;
    }
    found
}

/// The line of a text that this byte is in, and its number.
fn line_of(text: &str, at: usize) -> (usize, &str) {
    let number = text[..at].matches('\n').count() + 1;
    (number, text.lines().nth(number - 1).unwrap())
}

fn without(program: &Program, range: std::ops::Range<usize>, tally: &mut Tally, limit: usize) {
    let text = &program.text;
    let (number, line) = line_of(text, range.start);
    let what = format!("line {number} without `{}`: {line}", &text[range.clone()]);
    tally.take(program, &[&text[..range.start], &text[range.end..]].concat(), &what, limit);
}

#[test]
fn any_word_or_sign_missing_is_few_findings() {
    let (programs, mut tally) = (programs(), Tally::default());
    let mut chosen = Chosen::new(1, &programs);
    for program in programs {
        for range in tokens(&program.text) {
            let line = line_of(&program.text, range.start).1;
            let kind = format!("{} {}", chosen.kinds(line, 1), chosen.kind(&program.text[range.clone()]));
            if chosen.takes(kind) {
                without(&program, range, &mut tally, 4);
            }
        }
    }
    tally.end("a word or sign missing", 1.2);
}

#[test]
fn any_character_missing_is_few_findings() {
    let (programs, mut tally) = (programs(), Tally::default());
    let mut chosen = Chosen::new(2, &programs);
    for program in programs {
        let mut end = 0;
        for range in tokens(&program.text) {
            let (text, line) = (&program.text, line_of(&program.text, range.start).1);
            // The blanks before it: the last of them, where one stands between two words.
            if let Some((at, c)) = text[end..range.start].char_indices().next_back()
                && chosen.takes(format!("{c:?} in {}", chosen.kinds(line, 1)))
            {
                without(&program, end + at..end + at + c.len_utf8(), &mut tally, 4);
            }
            // Its first character, one in the middle and its last: what is left is a word in another way each time.
            let places: Vec<(usize, char)> = text[range.clone()].char_indices().collect();
            for (index, (at, c)) in places.iter().enumerate() {
                let part = [index == 0, index + 1 == places.len()];
                let at = range.start + at;
                if chosen.takes(format!("{part:?} of {}", chosen.kind(&text[range.clone()]))) {
                    without(&program, at..at + c.len_utf8(), &mut tally, 4);
                }
            }
            end = range.end;
        }
    }
    tally.end("a character missing", 1.2);
}
