//! Yes, no, or unknown with a reason, and Kleene's logic over them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Reason;

/// The result of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Yes,
    /// It definitely does not hold.
    No,
    /// Unknown, with the reason.
    Unknown(Arc<Reason>),
}

impl Verdict {
    /// Unknown, for this reason.
    pub fn unknown(reason: Reason) -> Self {
        Self::Unknown(Arc::new(reason))
    }

    /// Kleene *and*: no wins, then unknown.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown(reason), _) | (_, Self::Unknown(reason)) => Self::Unknown(reason),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// Kleene *or*: yes wins, then unknown.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown(reason), _) | (_, Self::Unknown(reason)) => Self::Unknown(reason),
            (Self::No, Self::No) => Self::No,
        }
    }

    /// Kleene *not*: not unknown is unknown.
    #[must_use]
    #[allow(clippy::should_implement_trait)] // the word of the language
    pub fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}

impl From<bool> for Verdict {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Verdict};

    fn unknown() -> Verdict {
        Verdict::unknown(Reason::no_data())
    }

    #[test]
    fn kleene_tables() {
        let all = || [Verdict::Yes, Verdict::No, unknown()];
        let and: Vec<_> = all().into_iter().flat_map(|a| all().map(|b| a.clone().and(b))).collect();
        assert_eq!(
            and,
            [
                Verdict::Yes,
                Verdict::No,
                unknown(),
                Verdict::No,
                Verdict::No,
                Verdict::No,
                unknown(),
                Verdict::No,
                unknown(),
            ]
        );
        let or: Vec<_> = all().into_iter().flat_map(|a| all().map(|b| a.clone().or(b))).collect();
        assert_eq!(
            or,
            [
                Verdict::Yes,
                Verdict::Yes,
                Verdict::Yes,
                Verdict::Yes,
                Verdict::No,
                unknown(),
                Verdict::Yes,
                unknown(),
                unknown(),
            ]
        );
        assert_eq!(unknown().not(), unknown());
    }
}
