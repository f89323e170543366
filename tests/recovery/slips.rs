//! Typing mistakes in a correct program: a line twice, a word or a sign missing.

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

#[test]
fn any_line_written_twice_is_few_findings() {
    let mut tally = Tally::default();
    for program in programs() {
        let written: Vec<&str> = program.text.lines().collect();
        for twice in 0..written.len() {
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

/// The words, numbers and signs of a text, as byte ranges.
fn tokens(text: &str) -> Vec<std::ops::Range<usize>> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let length =
            if word(c) { text[at..].find(|c| !word(c)).unwrap_or(text.len() - at) } else { c.len_utf8() };
        if !c.is_whitespace() {
            found.push(at..at + length);
        }
        at += length;
    }
    found
}

fn without(program: &Program, range: std::ops::Range<usize>, tally: &mut Tally, limit: usize) {
    let text = &program.text;
    let line = text[..range.start].matches('\n').count() + 1;
    let what =
        format!("line {line} without `{}`: {}", &text[range.clone()], text.lines().nth(line - 1).unwrap());
    tally.take(program, &[&text[..range.start], &text[range.end..]].concat(), &what, limit);
}

#[test]
fn any_word_or_sign_missing_is_few_findings() {
    let mut tally = Tally::default();
    for program in programs() {
        for range in tokens(&program.text) {
            without(&program, range, &mut tally, 4);
        }
    }
    tally.end("a word or sign missing", 1.2);
}

#[test]
fn any_character_missing_is_few_findings() {
    let mut tally = Tally::default();
    for program in programs() {
        let step = if cfg!(debug_assertions) { 3 } else { 1 };
        for (at, c) in program.text.char_indices().step_by(step) {
            without(&program, at..at + c.len_utf8(), &mut tally, 4);
        }
    }
    tally.end("a character missing", 1.2);
}
