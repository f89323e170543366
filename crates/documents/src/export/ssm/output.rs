//! JSON whose keys keep their order.

use std::collections::BTreeMap;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum OrderedJson {
    Map(Vec<(String, OrderedJson)>),
    List(Vec<OrderedJson>),
    Text(String),
    /// A number or a bool, as it is written.
    Plain(String),
    /// What is only known once all steps have their names: the value of a name of the runbook.
    Value(String),
}

impl OrderedJson {
    pub(super) fn text(it: impl Into<String>) -> Self {
        Self::Text(it.into())
    }

    pub(super) fn plain(it: impl std::fmt::Display + Copy) -> Self {
        Self::Plain(it.to_string())
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Every value that is a name of the runbook, also those in texts.
    pub(super) fn names(&self, found: &mut Vec<String>) {
        match self {
            Self::Map(pairs) => pairs.iter().for_each(|(_, it)| it.names(found)),
            Self::List(items) => items.iter().for_each(|it| it.names(found)),
            Self::Value(name) => found.push(name.clone()),
            Self::Text(text) => {
                let mut rest = text.as_str();
                while let Some((_, after)) = rest.split_once(OPEN) {
                    let Some((name, behind)) = after.split_once(CLOSE) else { return };
                    found.push(name.to_owned());
                    rest = behind;
                }
            }
            Self::Plain(_) => {}
        }
    }

    /// With what each name stands for in its place, also in texts. A name that stands for nothing, or in a text for more than
    /// a text, stays.
    pub(super) fn filled(&self, value: &dyn Fn(&str) -> Option<Self>) -> Self {
        match self {
            Self::Map(pairs) => {
                Self::Map(pairs.iter().map(|(key, it)| (key.clone(), it.filled(value))).collect())
            }
            Self::List(items) => Self::List(items.iter().map(|it| it.filled(value)).collect()),
            Self::Value(name) => value(name).unwrap_or_else(|| self.clone()),
            Self::Text(text) => {
                let mut out = String::new();
                let mut rest = text.as_str();
                while let Some((before, after)) = rest.split_once(OPEN) {
                    let (name, behind) = after.split_once(CLOSE).unwrap_or((after, ""));
                    out.push_str(before);
                    let named = |name: &str| format!("{OPEN}{name}{CLOSE}");
                    out.push_str(&match value(name) {
                        Some(Self::Text(it) | Self::Plain(it)) => it,
                        Some(Self::Value(other)) => named(&other),
                        Some(Self::Map(_) | Self::List(_)) | None => named(name),
                    });
                    rest = behind;
                }
                Self::Text(out + rest)
            }
            Self::Plain(_) => self.clone(),
        }
    }

    /// With the parameters of a call in their places.
    pub(super) fn placed(&self, given: &BTreeMap<String, Self>) -> Self {
        self.filled(&|name| given.get(name).cloned())
    }

    /// As text, with two blanks for each level.
    pub(super) fn printed(&self, depth: usize) -> String {
        let margin = "  ".repeat(depth + 1);
        let end = "  ".repeat(depth);
        match self {
            Self::Map(pairs) if pairs.is_empty() => "{}".into(),
            Self::List(items) if items.is_empty() => "[]".into(),
            Self::Map(pairs) => {
                let lines: Vec<String> = pairs
                    .iter()
                    .map(|(key, it)| format!("{margin}{}: {}", quoted(key), it.printed(depth + 1)))
                    .collect();
                format!("{{\n{}\n{end}}}", lines.join(",\n"))
            }
            Self::List(items) => {
                let lines: Vec<String> =
                    items.iter().map(|it| format!("{margin}{}", it.printed(depth + 1))).collect();
                format!("[\n{}\n{end}]", lines.join(",\n"))
            }
            Self::Text(text) => quoted(text),
            Self::Plain(text) => text.clone(),
            Self::Value(name) => quoted(&format!("{{{{{name}}}}}")),
        }
    }
}

/// Stand for the ends of the name of a value in a text.
pub(super) const OPEN: char = '\u{1}';
pub(super) const CLOSE: char = '\u{2}';

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
