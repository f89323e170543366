//! [`ChatAnswer`]: an answer that somebody gave in a channel, as the channel understood it.

use rbl_runtime::{OutsideJsonError, RepeatedKey};
use smol_str::SmolStr;

/// An answer in a channel. Whether it counts is decided by the one function that takes answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatAnswer {
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
    /// The thread that it belongs to, where the channel has such.
    pub thread: Option<String>,
}

/// What became of an answer, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerResult {
    /// It counts, and decides.
    Taken(String),
    /// It counts, and others have to approve too.
    Waits(String),
    /// It does not count.
    Refused(String),
}

impl std::fmt::Display for AnswerResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Taken(words) | Self::Waits(words) | Self::Refused(words) => f.write_str(words),
        }
    }
}

/// A request of a chat to the server, signed by the chat.
#[derive(Debug, Clone, Copy)]
pub struct SignedInteraction<'a> {
    /// When it was signed, as it says.
    pub timestamp: &'a str,
    /// Its signature.
    pub signature: &'a str,
    /// The bytes that are signed with the timestamp.
    pub body: &'a [u8],
}

/// Why such a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InteractionRefusal {
    /// The channel takes none.
    NotConfigured,
    /// It has no signature, or no time.
    Unsigned,
    /// It is signed by somebody else.
    WrongSignature,
    /// It was signed long ago.
    TooOld,
    /// What it holds cannot be read.
    Unreadable,
    /// An object in it has a key twice.
    Repeated(RepeatedKey),
    /// Too many of them wait.
    Full,
    /// The secret cannot be read: why.
    NoSecret(String),
}

impl InteractionRefusal {
    /// Why the JSON of a request is not taken.
    pub(crate) fn of_json(why: OutsideJsonError) -> Self {
        match why {
            OutsideJsonError::Repeated(key) => Self::Repeated(key),
            OutsideJsonError::Deep | OutsideJsonError::Reserved(_) | OutsideJsonError::Form(_) => {
                Self::Unreadable
            }
        }
    }
}

impl std::fmt::Display for InteractionRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotConfigured => "this channel takes no requests: it has no `signing_secret`",
            Self::Unsigned => "the request is not signed",
            Self::WrongSignature => "the signature of the request is not right",
            Self::TooOld => "the request was signed more than five minutes ago, or the clocks differ",
            Self::Unreadable => "the request holds no payload that can be read",
            Self::Repeated(key) => return write!(f, "the payload of the request cannot be read: {key}"),
            Self::Full => "too many answers wait",
            Self::NoSecret(why) => return write!(f, "the `signing_secret` cannot be read: {why}"),
        })
    }
}

/// What was heard since a place in the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatAnswers {
    /// The answers, oldest first.
    pub answers: Vec<ChatAnswer>,
    /// The place behind them.
    pub place: String,
    /// What whoever runs the server has to know.
    pub warnings: Vec<String>,
}
