//! What is meant to be filled in: `<pod-name>`, `$POD`, `{{ pod }}`.

use std::collections::BTreeSet;

use crate::draft::identifier;

/// A place to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placeholder {
    /// As it stands in the document.
    pub(crate) spelled: String,
    /// The name of the parameter for it.
    pub(crate) name: String,
}

/// What a command leaves open, in order. `assigned`: variables of the shell that the document sets itself. Text between single
/// quotes is the shell's own.
pub(crate) fn placeholders(command: &str, assigned: &BTreeSet<String>) -> Vec<Placeholder> {
    let mut found: Vec<Placeholder> = Vec::new();
    let mut in_single = false;
    let mut rest = command;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            in_single = !in_single;
        }
        let spelled = match c {
            '<' => angle(rest),
            '$' if !in_single => variable(rest).filter(|it| !assigned.contains(bare(it))),
            '{' => braces(rest),
            _ => None,
        };
        let step = match spelled {
            Some(spelled) => {
                if let Some(name) = identifier(bare(spelled))
                    && !found.iter().any(|it| it.spelled == spelled)
                {
                    found.push(Placeholder { spelled: spelled.to_owned(), name });
                }
                spelled.len()
            }
            None => c.len_utf8(),
        };
        rest = rest.get(step..).unwrap_or_default();
    }
    found
}

/// Whether a command uses a variable that the document sets somewhere else.
pub(crate) fn uses_assigned(command: &str, assigned: &BTreeSet<String>) -> bool {
    let mut rest = command;
    while let Some(at) = rest.find('$') {
        rest = rest.get(at..).unwrap_or_default();
        if variable(rest).is_some_and(|it| assigned.contains(bare(it))) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// The variables that a script sets.
pub(crate) fn assigned(script: &str, into: &mut BTreeSet<String>) {
    for line in script.lines() {
        let line = line.trim_start().trim_start_matches("$ ");
        let line = line.strip_prefix("export ").unwrap_or(line);
        if let Some((name, _)) = line.split_once('=')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            into.insert(name.to_owned());
        }
        for lead in ["for ", "read "] {
            if let Some(rest) = line.strip_prefix(lead) {
                into.extend(rest.split_whitespace().next().map(str::to_owned));
            }
        }
    }
}

/// The name inside a placeholder.
fn bare(spelled: &str) -> &str {
    spelled.trim_matches(|c: char| "<>${}".contains(c) || c.is_whitespace())
}

/// `<pod-name>`, but not `< file`, `<none>`, which kubectl prints, or a tag of HTML.
fn angle(text: &str) -> Option<&str> {
    let end = text.find('>')?;
    let inner = text.get(1..end)?;
    let first = inner.chars().next()?;
    let named = first.is_ascii_alphabetic()
        && !inner.ends_with(' ')
        && inner.len() <= 50
        && inner.chars().all(|c| c.is_alphanumeric() || " _-/.:'|".contains(c));
    let is_output = ["none", "nil", "unknown", "br", "p"].contains(&inner.to_lowercase().as_str());
    if named && !is_output { text.get(..=end) } else { None }
}

/// `$POD`, `${POD}`; not `$1`, `$?`, `$(…)`, `${x:-y}`.
fn variable(text: &str) -> Option<&str> {
    let name_len = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
    let behind = text.get(1..)?;
    if let Some(inner) = behind.strip_prefix('{') {
        let length = name_len(inner);
        let named =
            inner.starts_with(|c: char| c.is_ascii_alphabetic()) && inner.get(length..)?.starts_with('}');
        return if named { text.get(..length + 3) } else { None };
    }
    if !behind.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut length = name_len(behind);
    // `$MASTER-POD-NAME` is not what a shell reads, but what its author means.
    while behind.get(..length)?.chars().all(|c| !c.is_ascii_lowercase()) {
        let Some(more) = behind.get(length..)?.strip_prefix('-') else { break };
        let next = more.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').count();
        if next < 2 {
            break;
        }
        length += 1 + next;
    }
    text.get(..=length)
}

/// `{{ pod }}`; not what a template of Go does.
fn braces(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{{")?;
    let end = inner.find("}}")?;
    let name = inner.get(..end)?.trim();
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        && !["end", "else", "range", "with", "if", "println"].contains(&name);
    if named { text.get(..end + 4) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(command: &str) -> Vec<(String, String)> {
        placeholders(command, &BTreeSet::from(["SET".to_owned()]))
            .into_iter()
            .map(|it| (it.spelled, it.name))
            .collect()
    }

    #[test]
    fn what_is_to_be_filled_in_is_found() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(found("logs <pod-name> -n $NS"), [pair("<pod-name>", "pod_name"), pair("$NS", "ns")]);
        assert_eq!(found("logs ${POD} {{ ns }}"), [pair("${POD}", "pod"), pair("{{ ns }}", "ns")]);
        assert_eq!(found("logs $OVN-POD-NAME -x"), [pair("$OVN-POD-NAME", "ovn_pod_name")]);
        assert_eq!(found("x < in > out $1 $SET $(a) '{print $x}' <none> {{range .items}} ${a:-b}"), []);
    }
}
