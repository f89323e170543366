//! The selectors of outputs and properties: a part of `JSONPath`.

use std::fmt::Write as _;

/// A step of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SelectorStep {
    Field(String),
    Index(i64),
    /// `[*]`, `.*`
    All,
    /// `..NAME`
    Anywhere(String),
}

/// `$.A[0].B`, `$.A[*].B`, `$.A..B`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector(Vec<SelectorStep>);

impl Selector {
    /// Reads a selector. `None`: it holds something else, like a filter.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut rest = text.trim().strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("..") {
                let (name, after) = name(after)?;
                steps.push(SelectorStep::Anywhere(name));
                rest = after;
            } else if let Some(after) = rest.strip_prefix(".*") {
                steps.push(SelectorStep::All);
                rest = after;
            } else if let Some(after) = rest.strip_prefix('.') {
                let (name, after) = name(after)?;
                steps.push(SelectorStep::Field(name));
                rest = after;
            } else {
                let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
                let inside = inside.trim();
                let quoted = ['\'', '"']
                    .iter()
                    .find_map(|&it| inside.strip_prefix(it).and_then(|inner| inner.strip_suffix(it)));
                steps.push(match (inside, quoted) {
                    ("*", _) => SelectorStep::All,
                    (_, Some(name)) if !name.contains(['\'', '"', '\\']) => {
                        SelectorStep::Field(name.to_owned())
                    }
                    _ => SelectorStep::Index(inside.parse().ok()?),
                });
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// Whether it may find several values, which are a list then.
    pub(crate) fn is_list(&self) -> bool {
        self.0.iter().any(|it| matches!(it, SelectorStep::All | SelectorStep::Anywhere(_)))
    }

    /// As the fields of a value of the language; `None` for a list.
    pub(crate) fn fields(&self) -> Option<String> {
        let mut out = String::new();
        for step in &self.0 {
            let _ = match step {
                SelectorStep::Field(name) if is_name(name) => write!(out, ".{name}"),
                SelectorStep::Field(name) => write!(
                    out,
                    "[\"{}\"]",
                    name.replace('\\', "\\\\").replace('"', "\\\"").replace("#{", "\\#{")
                ),
                SelectorStep::Index(index) => write!(out, "[{index}]"),
                SelectorStep::All | SelectorStep::Anywhere(_) => return None,
            };
        }
        Some(out)
    }

    /// As a program of `jq`, of what `from` is. Of several values, those that lack a field are left out.
    pub(crate) fn jq(&self, from: &str) -> String {
        let mut out = from.to_owned();
        let mut is_list = false;
        for step in &self.0 {
            let maybe = if is_list { "?" } else { "" };
            let _ = match step {
                SelectorStep::Field(name) if is_name(name) && out != "." => write!(out, ".{name}{maybe}"),
                SelectorStep::Field(name) if is_name(name) => write!(out, "{name}{maybe}"),
                SelectorStep::Field(name) => {
                    write!(out, "[{}]{maybe}", serde_json::Value::from(name.as_str()))
                }
                SelectorStep::Index(index) => write!(out, "[{index}]{maybe}"),
                SelectorStep::All => write!(out, "[]{maybe}"),
                SelectorStep::Anywhere(name) => {
                    let name = serde_json::Value::from(name.as_str());
                    write!(out, " | .. | objects | select(has({name})) | .[{name}]")
                }
            };
            // What goes on behind a pipe goes on from there.
            if let SelectorStep::Anywhere(_) = step {
                out = format!("({out})");
            }
            is_list |= matches!(step, SelectorStep::All | SelectorStep::Anywhere(_));
        }
        if is_list { format!("[{out} | values]") } else { out }
    }
}

fn name(text: &str) -> Option<(String, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let name = text.get(..end)?.trim();
    (!name.is_empty() && !name.contains(['?', '(', '*', '@', ' ']))
        .then(|| (name.to_owned(), text.get(end..).unwrap_or_default()))
}

/// Whether a field can be written behind a dot.
fn is_name(name: &str) -> bool {
    name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_become_fields_or_programs() {
        let fields = |text: &str| Selector::read(text).and_then(|it| it.fields());
        assert_eq!(
            fields("$.Reservations[0].Instances[0].State.Name").as_deref(),
            Some(".Reservations[0].Instances[0].State.Name")
        );
        assert_eq!(fields("$.Tags['aws:x'].a-b").as_deref(), Some(".Tags[\"aws:x\"][\"a-b\"]"));
        assert_eq!(fields("$").as_deref(), Some(""));
        assert_eq!(fields("$.A[*].B"), None);
        let program = |text: &str| Selector::read(text).map(|it| it.jq("."));
        assert_eq!(program("$.A[*].B").as_deref(), Some("[.A[].B? | values]"));
        assert_eq!(
            program("$.A..B.C").as_deref(),
            Some(r#"[(.A | .. | objects | select(has("B")) | .["B"]).C? | values]"#)
        );
        assert_eq!(program("$.A[?(@.x=='1')].B"), None);
        assert_eq!(program("Payload"), None);
    }
}
