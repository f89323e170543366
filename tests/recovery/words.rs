//! No message contains a name of a grammar rule or of Rust.

use std::collections::HashSet;

use super::{check, programs};

/// The names of all rules that are not English words.
fn rules() -> HashSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar");
    let mut names = HashSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines().filter(|line| !line.starts_with([' ', '/'])) {
            let name = line.split([' ', '=']).next().unwrap();
            if name.contains('_') {
                names.insert(name.to_owned());
            }
        }
    }
    assert!(names.len() > 80, "{}", names.len());
    names
}

#[test]
fn no_name_of_a_rule_or_of_rust_reaches_anybody() {
    const RUST: [&str; 10] =
        ["::", "Some(", "None", "Err(", "Ok(", "Rule", "unwrap", "panicked", "usize", "EOI"];
    let rules = rules();
    let mut looked_at = 0;
    for program in programs() {
        let text = &program.text;
        let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        let own: HashSet<&str> = words.iter().copied().collect();
        // At regular distances one character is removed, or one that does not belong there is inserted.
        for (nth, (at, c)) in text.char_indices().enumerate().step_by(7) {
            let put = ["", "(", "}", "else ", "5 ", "= ", "with ", ") {", "\"", ", "][nth / 7 % 10];
            let behind = if put.is_empty() { at + c.len_utf8() } else { at };
            let broken = format!("{}{put}{}", &text[..at], &text[behind..]);
            for finding in check(&program, &broken).diagnostics {
                let labels = finding.labels.iter().map(|label| &label.text);
                let fixes = finding.fixes.iter().map(|fix| &fix.title);
                for said in std::iter::once(&finding.message).chain(labels).chain(&finding.help).chain(fixes)
                {
                    looked_at += 1;
                    for word in said.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                        assert!(!rules.contains(word) || own.contains(word), "{word}: {said}\n{broken}");
                    }
                    for word in RUST {
                        assert!(!said.contains(word) || text.contains(word), "{word}: {said}\n{broken}");
                    }
                }
            }
        }
    }
    assert!(looked_at > 1_000, "{looked_at}");
}
