//! YAML and JSON with the line of each value.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

/// A value and its line, from 1.
#[derive(Debug, Clone)]
pub(crate) struct YamlNode {
    pub(crate) line: usize,
    pub(crate) value: YamlValue,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum YamlValue {
    Null,
    Bool(bool),
    /// A number, as it is printed.
    Number(String),
    Text(String),
    List(Vec<YamlNode>),
    /// In the order of the document.
    Map(Vec<(YamlNode, YamlNode)>),
}

/// How many lists and maps may begin in one line, each in the one before: the reader goes one level deeper for each.
const DEEPEST: usize = 100;

/// Reads all documents of a text.
pub(crate) fn read(text: &str) -> Result<Vec<YamlNode>, String> {
    if let Some(line) = text.lines().position(is_too_deep) {
        return Err(format!("line {} begins more than {DEEPEST} lists and maps in each other", line + 1));
    }
    let documents = MarkedYaml::load_from_str(text).map_err(|why| why.to_string())?;
    Ok(documents.iter().map(node).collect())
}

/// `- - - -`, `? ? ?`: each begins another list or map. The reader itself refuses too many brackets.
fn is_too_deep(line: &str) -> bool {
    let is_sign = |word: &&str| matches!(*word, "-" | "?" | ":");
    line.split_ascii_whitespace().take_while(is_sign).nth(DEEPEST).is_some()
}

fn node(marked: &MarkedYaml<'_>) -> YamlNode {
    let value = match &marked.data {
        YamlData::Value(scalar) => match scalar {
            Scalar::Null => YamlValue::Null,
            Scalar::Boolean(it) => YamlValue::Bool(*it),
            Scalar::Integer(it) => YamlValue::Number(it.to_string()),
            Scalar::FloatingPoint(it) => YamlValue::Number(it.to_string()),
            Scalar::String(it) => YamlValue::Text(it.to_string()),
        },
        YamlData::Representation(it, ..) => YamlValue::Text(it.to_string()),
        YamlData::Sequence(items) => YamlValue::List(items.iter().map(node).collect()),
        YamlData::Mapping(pairs) => {
            YamlValue::Map(merged(pairs.iter().map(|(key, value)| (node(key), node(value))).collect()))
        }
        YamlData::Tagged(_, inner) => node(inner).value,
        YamlData::Alias(_) | YamlData::BadValue => YamlValue::Null,
    };
    YamlNode { line: marked.span.start.line(), value }
}

/// The pairs of a map with those of its `<<`, which are there where the map itself does not have their keys.
fn merged(pairs: Vec<(YamlNode, YamlNode)>) -> Vec<(YamlNode, YamlNode)> {
    let (merges, mut own): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, value)| {
        key.text() == Some("<<") && matches!(value.value, YamlValue::Map(_) | YamlValue::List(_))
    });
    for (_, value) in merges {
        let maps = if let YamlValue::List(maps) = value.value { maps } else { vec![value] };
        for (key, value) in maps.into_iter().flat_map(|it| it.pairs().to_vec()) {
            if !own.iter().any(|(other, _)| other.text() == key.text()) {
                own.push((key, value));
            }
        }
    }
    own
}

impl YamlNode {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The keys and values of a map, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.pairs().iter().filter_map(|(key, value)| key.text().map(|key| (key, value)))
    }

    /// The keys and values of a map, each with its line.
    pub(crate) fn pairs(&self) -> &[(Self, Self)] {
        if let YamlValue::Map(pairs) = &self.value { pairs } else { &[] }
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> &[Self] {
        if let YamlValue::List(items) = &self.value { items } else { &[] }
    }

    /// A text as it is.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            YamlValue::Text(it) | YamlValue::Number(it) => Some(it),
            YamlValue::Bool(it) => Some(if *it { "true" } else { "false" }),
            YamlValue::Null | YamlValue::List(_) | YamlValue::Map(_) => None,
        }
    }

    /// The last line on which something of it begins, or a text of it goes on.
    pub(crate) fn last(&self) -> usize {
        match &self.value {
            YamlValue::List(items) => items.iter().map(Self::last).max().unwrap_or(self.line),
            YamlValue::Map(pairs) => {
                pairs.iter().map(|(key, value)| value.last().max(key.line)).max().unwrap_or(self.line)
            }
            YamlValue::Text(text) => self.line + text.trim_end().matches('\n').count(),
            YamlValue::Null | YamlValue::Bool(_) | YamlValue::Number(_) => self.line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_has_the_keys_that_it_merges() {
        let read =
            read("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {z: 4}]}\nd: {<<: 5}\n").unwrap();
        let text = |map: &str, key: &str| {
            read[0].get(map).and_then(|it| it.get(key)).and_then(YamlNode::text).map(str::to_owned)
        };
        assert_eq!(text("b", "x").as_deref(), Some("1"));
        assert_eq!(text("b", "y").as_deref(), Some("3"));
        assert_eq!(text("c", "z").as_deref(), Some("4"));
        assert_eq!(text("d", "<<").as_deref(), Some("5"), "what is no map is a key like any other");
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        for sign in ["- ", "? "] {
            let why = read(&format!("a: 1\n---\n{}b\n", sign.repeat(50_000))).unwrap_err();
            assert_eq!(why, "line 3 begins more than 100 lists and maps in each other");
        }
        assert!(read(&format!("{}b\n", "- ".repeat(50))).is_ok());
        assert!(read(&format!("a: {}\n", "[".repeat(50_000))).is_err());
        assert!(read(&format!("a: '{}'\n", "{{".repeat(50_000))).is_ok());
    }
}
