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

/// Reads all documents of a text.
pub(crate) fn read(text: &str) -> Result<Vec<YamlNode>, String> {
    let documents = MarkedYaml::load_from_str(text).map_err(|why| why.to_string())?;
    Ok(documents.iter().map(node).collect())
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
            YamlValue::Map(pairs.iter().map(|(key, value)| (node(key), node(value))).collect())
        }
        YamlData::Tagged(_, inner) => node(inner).value,
        YamlData::Alias(_) | YamlData::BadValue => YamlValue::Null,
    };
    YamlNode { line: marked.span.start.line(), value }
}

impl YamlNode {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The keys and values of a map, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let pairs = if let YamlValue::Map(pairs) = &self.value { pairs.as_slice() } else { &[] };
        pairs.iter().filter_map(|(key, value)| key.text().map(|key| (key, value)))
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
}
