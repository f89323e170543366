//! Texts with values in them: `{{ parameter }}`, `{{ step.output }}`, `{{ global:REGION }}`.

use std::fmt::Write as _;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SsmPiece {
    Text(String),
    /// What stands between the braces.
    Value(String),
}

/// Splits a text at its values.
pub(crate) fn pieces(text: &str) -> Vec<SsmPiece> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, behind)) = after.split_once("}}").filter(|(inside, _)| is_reference(inside)) else {
            // Two braces that hold something else are text.
            found.push(SsmPiece::Text(format!("{before}{{{{")));
            rest = after;
            continue;
        };
        if !before.is_empty() {
            found.push(SsmPiece::Text(before.to_owned()));
        }
        found.push(SsmPiece::Value(inside.trim().to_owned()));
        rest = behind;
    }
    if !rest.is_empty() || found.is_empty() {
        found.push(SsmPiece::Text(rest.to_owned()));
    }
    found
}

fn is_reference(inside: &str) -> bool {
    let inside = inside.trim();
    !inside.is_empty() && inside.chars().all(|c| c.is_ascii_alphanumeric() || "._-:/".contains(c))
}

/// The value of a text that is nothing else.
pub(crate) fn only_value(text: &str) -> Option<String> {
    match pieces(text.trim()).as_slice() {
        [SsmPiece::Value(it)] => Some(it.clone()),
        _ => None,
    }
}

/// `PT1H30M` in seconds; `None` for what is no such duration, or has months.
pub(crate) fn iso_seconds(text: &str) -> Option<u64> {
    let rest = text.trim().strip_prefix('P')?;
    let (days, times) = rest.split_once('T').unwrap_or((rest, ""));
    let mut total: u64 = 0;
    for (part, units) in
        [(days, &[('W', 604_800), ('D', 86_400)][..]), (times, &[('H', 3_600), ('M', 60), ('S', 1)])]
    {
        let mut digits = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let seconds = units.iter().find(|(unit, _)| *unit == c).map(|(_, it)| *it)?;
            total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(seconds)?)?;
            digits.clear();
        }
        if !digits.is_empty() {
            return None;
        }
    }
    (rest.chars().any(|c| c.is_ascii_digit())).then_some(total)
}

/// Seconds as a literal of the language.
pub(crate) fn duration(seconds: u64) -> String {
    let mut rest = seconds;
    let mut out = String::new();
    for (unit, size) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if rest >= size {
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    if out.is_empty() { "0s".into() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_at_their_values() {
        assert_eq!(
            pieces("a {{ b }}c{{d.e}}"),
            [
                SsmPiece::Text("a ".into()),
                SsmPiece::Value("b".into()),
                SsmPiece::Text("c".into()),
                SsmPiece::Value("d.e".into())
            ]
        );
        assert!(pieces("{{ x + 1 }} {{").iter().all(|it| matches!(it, SsmPiece::Text(_))));
        assert_eq!(only_value(" {{ global:REGION }} ").as_deref(), Some("global:REGION"));
        assert_eq!(only_value("{{a}}b"), None);
    }

    #[test]
    fn durations_are_carried_over() {
        assert_eq!(iso_seconds("PT5M"), Some(300));
        assert_eq!(iso_seconds("P1DT2H"), Some(93_600));
        assert_eq!(iso_seconds("P1M"), None);
        assert_eq!(iso_seconds("5"), None);
        assert_eq!(iso_seconds("PT5"), None);
        assert_eq!(duration(1800), "30m");
        assert_eq!(duration(5430), "1h30m30s");
        assert_eq!(duration(0), "0s");
    }
}
