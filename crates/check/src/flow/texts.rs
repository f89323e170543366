//! Sets of texts: the possible values of a text.

use std::collections::BTreeSet;

use smol_str::SmolStr;

/// A finite set of texts, or the complement of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Texts {
    /// One of these.
    Among(BTreeSet<SmolStr>),
    /// Anything but these.
    Except(BTreeSet<SmolStr>),
}

impl Texts {
    /// One text.
    pub(super) fn one(text: SmolStr) -> Self {
        Self::Among(BTreeSet::from([text]))
    }

    /// One of these.
    pub(super) fn among(texts: impl IntoIterator<Item = impl Into<SmolStr>>) -> Self {
        Self::Among(texts.into_iter().map(Into::into).collect())
    }

    /// Whether no text is in it.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Among(texts) if texts.is_empty())
    }

    /// Its one text, if it has exactly one.
    pub(super) fn single(&self) -> Option<&SmolStr> {
        match self {
            Self::Among(texts) if texts.len() == 1 => texts.first(),
            Self::Among(_) | Self::Except(_) => None,
        }
    }

    /// Returns the number of texts stored for it.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Among(texts) | Self::Except(texts) => texts.len(),
        }
    }

    /// The texts of both.
    pub(super) fn intersect(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Among(a), Self::Among(b)) => Self::Among(a.intersection(b).cloned().collect()),
            (Self::Among(a), Self::Except(b)) | (Self::Except(b), Self::Among(a)) => {
                Self::Among(a.difference(b).cloned().collect())
            }
            (Self::Except(a), Self::Except(b)) => Self::Except(a.union(b).cloned().collect()),
        }
    }

    /// The texts that are not in it.
    pub(super) fn complement(&self) -> Self {
        match self {
            Self::Among(texts) => Self::Except(texts.clone()),
            Self::Except(texts) => Self::Among(texts.clone()),
        }
    }

    /// The texts of either.
    pub(super) fn union(&self, other: &Self) -> Self {
        self.complement().intersect(&other.complement()).complement()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(texts: &[&str]) -> Texts {
        Texts::Among(texts.iter().map(SmolStr::new).collect())
    }

    #[test]
    fn texts_are_in_both_or_either() {
        let (a, b) = (among(&["x", "y"]), among(&["y", "z"]));
        assert_eq!(a.intersect(&b), among(&["y"]));
        assert_eq!(a.union(&b), among(&["x", "y", "z"]));
        assert_eq!(a.intersect(&b.complement()), among(&["x"]));
        assert_eq!(a.union(&b.complement()), among(&["z"]).complement());
        assert!(a.intersect(&a.complement()).is_empty());
        assert!(!a.complement().is_empty());
    }
}
