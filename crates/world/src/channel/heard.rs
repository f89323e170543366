//! [`HeardAnswer`]: an answer that somebody gave in a channel, as the channel understood it.

use smol_str::SmolStr;

/// An answer in a channel. Whether it counts is decided by the one function that takes answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardAnswer {
    /// The run that asked.
    pub run: SmolStr,
    /// Which question: what names it in an answer.
    pub question: SmolStr,
    /// The answer, as for `rbl answer`.
    pub text: String,
    /// What was written behind it.
    pub remark: Option<String>,
    /// Who gave it, by the name that the channel has.
    pub who: String,
    /// The same person here; `None`: nobody of `[people]` has that name there.
    pub person: Option<String>,
    /// The message that it is, to reply to.
    pub message: String,
}

/// What was heard since a place in the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardAnswers {
    /// The answers, oldest first.
    pub answers: Vec<HeardAnswer>,
    /// The place behind them.
    pub place: String,
}
