//! Finds names that were meant to be put into a text or a command and are written as other languages do it: `{name}`,
//! `$name`, `${name}`, `<name>`.

use super::super::checker::Checker;
use super::super::symbol::Symbol;
use super::Slot;
use rbl_syntax::diagnostic::{Code, Safety, Severity};
use rbl_syntax::source::Span;
use rbl_syntax::tree::Part;

/// The signs around a name in other languages, each with what ends it; `None`: the name ends by itself.
const FORMS: [(&str, Option<&str>); 6] = [
    ("{{", Some("}}")),
    ("${", Some("}")),
    ("%{", Some("}")),
    ("{", Some("}")),
    ("<", Some(">")),
    ("$", None),
];

impl<'t> Checker<'t> {
    /// Reports each name of the runbook that a text or a command only seems to insert.
    pub(super) fn uninserted(&mut self, parts: &'t [Part], slot: Slot) {
        for part in parts {
            let Part::Literal { text, span } = part else { continue };
            if memchr::memchr3(b'{', b'$', b'<', text.as_bytes()).is_none() {
                continue;
            }
            for (start, end, name) in written_names(text) {
                self.uninserted_name(text, *span, (start, end), name, slot);
            }
        }
    }

    fn uninserted_name(
        &mut self,
        text: &str,
        span: Span,
        (start, end): (usize, usize),
        name: &str,
        slot: Slot,
    ) {
        let Some(id) = self.symbols.find_id(name) else { return };
        if !self.symbols.get(id).is_some_and(Symbol::is_value) {
            return;
        }
        let command = slot == Slot::Command;
        // `${x}` and `{{x}}` in a text are reported where the text is read, whatever `x` is.
        let written = text.get(start..end).unwrap_or_default();
        if !command && (written.starts_with("${") || written.starts_with("{{")) {
            return;
        }
        if command && (written.starts_with(['<', '{']) || sets(text, name)) {
            return;
        }
        self.symbols.touch(id);
        let from = self.file.source_offset(text, span, start);
        let to = self.file.source_offset(text, span, end);
        let place = self.at(Span::new(from, to.max(from)));
        let (what, label) = match slot {
            Slot::Command => ("a command", "a variable of the shell"),
            Slot::Query => ("a query", "sent as it is"),
            Slot::Reference => ("a reference", "handed over as it is"),
            Slot::Text(_) => ("a text", "shown as it is"),
        };
        let mut finding = self.finding(
            Code::SYNTAX_HABIT,
            format!("`{written}` puts no value into {what}"),
            place.span,
            label,
        );
        finding.severity = Severity::Warning;
        let right = format!("#{{{name}}}");
        let title = format!("write `{right}`");
        let safety = if matches!(slot, Slot::Text(_)) { Safety::Safe } else { Safety::Choice };
        self.report(finding.help(title.clone()).fix(title, safety, place, right));
    }
}

/// The names between signs, each with its range.
fn written_names(text: &str) -> Vec<(usize, usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(next) = rest.find(['{', '$', '%', '<']) else { break };
        at += next;
        let here = text.get(at..).unwrap_or_default();
        let form = FORMS.iter().find_map(|(open, close)| {
            let inside = here.strip_prefix(open)?;
            let length =
                inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
            let name = inside.get(..length)?;
            let closed =
                close.is_none_or(|close| inside.get(length..).is_some_and(|rest| rest.starts_with(close)));
            let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let end = open.len() + length + close.map_or(0, str::len);
            (closed && named).then_some((end, name))
        });
        match form {
            Some((length, name)) => {
                found.push((at, at + length, name));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether the command sets a variable of this name itself.
fn sets(command: &str, name: &str) -> bool {
    let words: Vec<&str> = command
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '='))
        .filter(|word| !word.is_empty())
        .collect();
    words.iter().enumerate().any(|(at, word)| {
        word.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
            || (*word == name
                && words.get(..at).unwrap_or_default().iter().rev().take(4).any(|before| {
                    matches!(*before, "for" | "read" | "export" | "local" | "declare" | "select" | "getopts")
                }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_between_the_signs_of_other_languages() {
        let names = |text| written_names(text).into_iter().map(|(_, _, name)| name).collect::<Vec<_>>();
        assert_eq!(names("a {x} b $y ${z} {{v}} <w> %{u}"), ["x", "y", "z", "v", "w", "u"]);
        assert!(names("up{job=\"a\"} 5% $1 ${#x} {a,b} <b c> {}").is_empty());
    }

    #[test]
    fn a_variable_that_the_command_sets_is_its_own() {
        assert!(sets("host=$(hostname); echo $host", "host"));
        assert!(sets("for pod in a b; do echo $pod; done", "pod"));
        assert!(sets("while read -r pod; do echo $pod; done", "pod"));
        assert!(!sets("echo $pod", "pod"));
    }
}
