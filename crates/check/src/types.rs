//! The types of the language, and their names in messages.

use std::rc::Rc;

use smol_str::SmolStr;

use rbl_syntax::value::Dimension;

/// The type of an expression.
///
/// *Invariant:* broken code has the type `Any`, which agrees with everything, so that one cause gives one finding.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    /// Not known before the run, or already reported.
    Any,
    /// A number, duration, data size, ratio or rate.
    Quantity(Dimension),
    /// True or false.
    Bool,
    /// Text.
    Text,
    /// A point in time.
    Time,
    /// A list of values of one type (`Any` where they differ).
    List(Box<Type>),
    /// Named values.
    Record(Rc<[(SmolStr, Type)]>),
    /// What a command printed and how it ended.
    Output,
    /// One value of a `by` metric: acts as its quantity in computations, and has these labels.
    Sample(Dimension, Rc<[SmolStr]>),
    /// A `by` metric: one value for each combination of these labels.
    Samples(Dimension, Rc<[SmolStr]>),
    /// One text of a `by` metric: acts as its text, and has these labels.
    LabelledText(Rc<[SmolStr]>),
    /// A `by` metric of texts: one for each combination of these labels.
    Texts(Rc<[SmolStr]>),
    /// Values over time.
    Window(Dimension),
    /// Values over time of a `by` metric, for each combination of its labels.
    Windows(Dimension),
    /// A secret.
    Secret,
    /// The alert that started the run.
    Alert,
    /// The labels or annotations of the alert.
    Labels,
}

impl Type {
    /// A plain number.
    pub(super) const NUMBER: Self = Self::Quantity(Dimension::NUMBER);
    /// A length of time.
    pub(super) const DURATION: Self = Self::Quantity(Dimension::DURATION);

    /// The type of a record with these fields. One of very many parts is not followed: records of records double with each
    /// line.
    pub(super) fn record(fields: Vec<(SmolStr, Self)>) -> Self {
        /// The most parts of a type that is followed.
        const MOST: usize = 1_000;
        let record = Self::Record(fields.into());
        match record.parts() {
            ..=MOST => record,
            _ if record.holds_secret() => Self::Secret,
            _ => Self::Any,
        }
    }

    /// How many types it is made of, itself included.
    fn parts(&self) -> usize {
        match self {
            Self::List(item) => 1 + item.parts(),
            Self::Record(fields) => 1 + fields.iter().map(|(_, value)| value.parts()).sum::<usize>(),
            _ => 1,
        }
    }

    /// Returns the dimension it has in computations, if it can be used in one.
    pub(super) fn dimension(&self) -> Option<Dimension> {
        match self {
            Self::Quantity(dimension) | Self::Sample(dimension, _) => Some(*dimension),
            _ => None,
        }
    }

    /// Whether it can be used as text. A command's output acts as what it printed.
    pub(super) fn reads_as_text(&self) -> bool {
        matches!(self, Self::Any | Self::Text | Self::LabelledText(_) | Self::Output)
    }

    /// Whether it is a text, with labels or without.
    fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::LabelledText(_))
    }

    /// The labels of a `by` metric, of numbers or of texts.
    pub(super) fn series_labels(&self) -> Option<&Rc<[SmolStr]>> {
        match self {
            Self::Samples(_, labels) | Self::Texts(labels) => Some(labels),
            _ => None,
        }
    }

    /// Whether nothing is known about it.
    pub(super) fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// Whether it contains a secret.
    pub(super) fn holds_secret(&self) -> bool {
        match self {
            Self::Secret => true,
            Self::List(item) => item.holds_secret(),
            Self::Record(fields) => fields.iter().any(|(_, value)| value.holds_secret()),
            _ => false,
        }
    }

    /// Whether a value of this type is allowed where the other is required.
    pub(super) fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Any, _)
            | (_, Self::Any)
            | (Self::Output | Self::LabelledText(_), Self::Text)
            | (Self::Text, Self::LabelledText(_))
            | (Self::Record(_), Self::Record(_)) => true,
            (Self::List(own), Self::List(other)) => own.fits(other),
            _ => match (self.dimension(), wanted.dimension()) {
                (Some(own), Some(other)) => own.agrees_with(other),
                _ => self == wanted,
            },
        }
    }

    /// Returns the common type where values of two types merge.
    pub(super) fn joined(self, other: &Self) -> Self {
        if self == *other {
            return self;
        }
        match (self.dimension(), other.dimension()) {
            (Some(own), Some(theirs)) if own.agrees_with(theirs) => Self::Quantity(own.sum(theirs)),
            (None, None) if self.is_text() && other.is_text() => Self::Text,
            _ if self.holds_secret() || other.holds_secret() => Self::Secret,
            _ => Self::Any,
        }
    }

    /// Describes the type with its article, for "`x` is …".
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Any => "of a kind that only the run knows".into(),
            Self::Quantity(dimension) | Self::Sample(dimension, _) => dimension.in_words(),
            Self::Bool => "true or false".into(),
            Self::Text | Self::LabelledText(_) => "text".into(),
            Self::Time => "a point in time".into(),
            Self::List(_) => "a list".into(),
            Self::Record(_) => "a record".into(),
            Self::Output => "the result of a command".into(),
            Self::Samples(_, labels) => format!("one value for each {}", listed(labels)),
            Self::Texts(labels) => format!("one text for each {}", listed(labels)),
            Self::Window(_) => "a window".into(),
            Self::Windows(_) => "a window of each series".into(),
            Self::Secret => "a secret".into(),
            Self::Alert => "the alert that started the run".into(),
            Self::Labels => "a set of labels".into(),
        }
    }
}

/// Formats `a`, `b` and `c`, each in back quotes.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == names.len() { " and " } else { ", " });
        }
        text.push('`');
        text.push_str(name.as_ref());
        text.push('`');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_fit_by_dimension() {
        let sample = Type::Sample(Dimension::DURATION, Rc::from([SmolStr::new("node")]));
        assert!(sample.fits(&Type::DURATION));
        assert!(!Type::NUMBER.fits(&Type::DURATION));
        assert!(Type::Any.fits(&Type::Secret));
    }

    #[test]
    fn a_list_of_secrets_is_secret() {
        assert!(Type::List(Box::new(Type::Text.joined(&Type::Secret))).holds_secret());
    }

    #[test]
    fn lists_read_as_english() {
        assert_eq!(listed(&["a"]), "`a`");
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
