//! The texts of annotations: `{{ $labels.instance }}` becomes a parameter.

/// A text with its labels as values of the runbook, and which labels those are. `None`: it holds something else that is computed
/// when the alert fires.
pub(super) fn filled(text: &str, is_name: impl Fn(&str) -> bool) -> Option<(String, Vec<String>)> {
    let mut out = String::new();
    let mut labels: Vec<String> = Vec::new();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = text.as_str();
    while let Some((before, behind)) = rest.split_once("{{") {
        let (inside, after) = behind.split_once("}}")?;
        let label = inside.trim().trim_matches('-').trim().strip_prefix("$labels.")?;
        if !is_name(label) {
            return None;
        }
        out.push_str(&escaped(before));
        out.extend(["#{", label, "}"]);
        if !labels.iter().any(|it| it == label) {
            labels.push(label.to_owned());
        }
        rest = after;
    }
    out.push_str(&escaped(rest));
    Some((out, labels))
}

/// The labels that a text names anywhere.
pub(super) fn labels(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for rest in text.split("$labels.").skip(1) {
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// A text that is written between quotes as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace("#{", "\\#{")
}
