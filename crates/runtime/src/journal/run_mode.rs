//! [`RunMode`]: what a run may do unasked, and [`Freeze`], which lets every run only look.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use rbl_syntax::value::Time;

/// What a run may do unasked. The later one in this order is the stricter one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunMode {
    /// Everything, as it is written.
    #[default]
    Act,
    /// Each machine action needs an approval of the owner's team.
    Ask,
    /// It only looks: at the first machine action the run stops, and the owner is paged.
    Look,
}

impl RunMode {
    /// All of them, the strictest first, as the command line and the configuration name them.
    pub const ALL: [Self; 3] = [Self::Look, Self::Ask, Self::Act];

    /// The words of [`Self::ALL`].
    pub const WORDS: [&str; 3] = [Self::Look.word(), Self::Ask.word(), Self::Act.word()];

    /// The mode in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Ask => "ask",
            Self::Look => "look",
        }
    }

    /// The mode of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

impl std::fmt::Display for RunMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// The mode in which runbooks are, asked before each machine action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModeQuery {
    /// The files of the runbooks that lead to the action, as they are shown: the one that was started first, then those that
    /// `run` statements name.
    pub files: Vec<SmolStr>,
}

/// The mode that counts, and why it is that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModeInForce {
    /// The mode.
    pub mode: RunMode,
    /// Why, in words that follow "because"; empty where there is nothing to say.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub because: String,
}

impl ModeInForce {
    /// Everything as it is written.
    pub const fn act() -> Self {
        Self { mode: RunMode::Act, because: String::new() }
    }

    /// A mode, and why it counts.
    pub fn new(mode: RunMode, because: impl Into<String>) -> Self {
        Self { mode, because: because.into() }
    }

    /// The stricter of the two; this one where they are the same.
    #[must_use]
    pub fn or_stricter(self, other: Self) -> Self {
        if other.mode > self.mode { other } else { self }
    }
}

/// `the mode is look: frozen by ana`
impl std::fmt::Display for ModeInForce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the mode is {}", self.mode)?;
        if self.because.is_empty() { Ok(()) } else { write!(f, ": {}", self.because) }
    }
}

/// Every run only looks, wherever it is executed, until somebody ends that or its time is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Who.
    pub by: String,
    /// Why.
    pub because: String,
    /// Since when.
    pub since: Time,
    /// When it ends by itself; `None`: not by itself.
    pub until: Option<Time>,
}

impl Freeze {
    /// Whether it still holds at this time.
    pub fn holds(&self, now: Time) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// `frozen by ana since 2026-11-29T03:00:00Z until 2026-11-29T05:00:00Z: the network is being rebuilt`
impl std::fmt::Display for Freeze {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "frozen by {} since {}", self.by, self.since)?;
        if let Some(until) = self.until {
            write!(f, " until {until}")?;
        }
        write!(f, ": {}", self.because)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_mode_is_the_greater_one() {
        assert!(RunMode::Look > RunMode::Ask && RunMode::Ask > RunMode::Act);
        for mode in RunMode::ALL {
            assert_eq!(RunMode::of(mode.word()), Some(mode));
        }
        assert_eq!(RunMode::of("Act"), None);
        let ask = ModeInForce::new(RunMode::Ask, "a");
        let kept = ask.clone().or_stricter(ModeInForce::new(RunMode::Ask, "b"));
        assert_eq!(kept, ask);
        assert_eq!(ask.or_stricter(ModeInForce::new(RunMode::Look, "b")).to_string(), "the mode is look: b");
        assert_eq!(ModeInForce::act().to_string(), "the mode is act");
    }

    #[test]
    fn a_freeze_ends_at_its_time() {
        let time = |text: &str| Time::parse(text).unwrap();
        let until = time("2026-11-29T05:00:00Z");
        let freeze = Freeze {
            by: "ana".into(),
            because: "the network is being rebuilt".into(),
            since: time("2026-11-29T03:00:00Z"),
            until: Some(until),
        };
        assert!(freeze.holds(time("2026-11-29T04:59:59Z")) && !freeze.holds(until));
        assert!(Freeze { until: None, ..freeze }.holds(time("2099-01-01T00:00:00Z")));
    }
}
