//! Finds the simplest text that a regular expression matches.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Returns matching texts, one for each outermost alternative; none if the expression does not parse.
pub(super) fn fitting(pattern: &str) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(pattern) else { return Vec::new() };
    let alternatives = match hir.kind() {
        HirKind::Alternation(all) => all.iter().collect(),
        _ => vec![&hir],
    };
    let Ok(regex) = regex::Regex::new(pattern) else { return Vec::new() };
    let texts = alternatives.into_iter().map(|one| {
        let mut bytes = Vec::new();
        write(one, &mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    texts.filter(|text| regex.is_match(text)).collect()
}

/// Writes the simplest text: the first alternative, the fewest repetitions, a readable character.
fn write(hir: &Hir, text: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.extend_from_slice(&literal.0),
        HirKind::Class(class) => {
            let readable = ['a', '1', ' ', 'A', '-'].into_iter().find(|it| has(class, *it));
            if let Some(character) = readable.or_else(|| first(class)) {
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min.min(100) {
                write(&repetition.sub, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, text),
        HirKind::Concat(all) => all.iter().for_each(|one| write(one, text)),
        HirKind::Alternation(all) => all.iter().take(1).for_each(|one| write(one, text)),
    }
}

fn has(class: &Class, character: char) -> bool {
    match class {
        Class::Unicode(class) => class.iter().any(|it| (it.start()..=it.end()).contains(&character)),
        Class::Bytes(class) => u8::try_from(character)
            .is_ok_and(|byte| class.iter().any(|it| (it.start()..=it.end()).contains(&byte))),
    }
}

fn first(class: &Class) -> Option<char> {
    match class {
        Class::Unicode(class) => class.iter().next().map(regex_syntax::hir::ClassUnicodeRange::start),
        Class::Bytes(class) => class.iter().next().map(|it| char::from(it.start())),
    }
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn what_comes_fits() {
        for (pattern, wanted) in [
            (r"meta\.json.*(EOF|no such file)", vec!["meta.jsonEOF"]),
            ("^disk [0-9]{3}$|full", vec!["disk 111", "full"]),
            (r"\w+@\w+", vec!["a@a"]),
            (r"[^\x00-\x7f]", vec!["\u{80}"]),
            ("(", vec![]),
        ] {
            assert_eq!(fitting(pattern), wanted, "{pattern}");
        }
    }
}
