//! What an event contains, whichever kind it is.
//!
//! *Why here:* several readers ask the same question of every event. Each question is answered once, for every kind by
//! name, so that a new kind does not compile before it is decided.

use super::{ActionRole, EventKind};
use crate::decision::{Decision, Then};

impl EventKind {
    /// The decision in it, if it has one.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Decided(decision) | Self::Polled { decision, .. } => Some(decision),
            Self::Started { .. }
            | Self::Noted { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Prose { .. }
            | Self::Read { .. }
            | Self::Probed { .. }
            | Self::Asked { .. }
            | Self::Answered { .. }
            | Self::ActionStarted { .. }
            | Self::ActionEnded { .. }
            | Self::ActionRetried { .. }
            | Self::Waiting { .. }
            | Self::WaitEnded { .. }
            | Self::Escalated { .. }
            | Self::Acknowledged { .. }
            | Self::Recorded { .. }
            | Self::Let { .. }
            | Self::LoopStarted { .. }
            | Self::Pass { .. }
            | Self::LoopEnded { .. }
            | Self::RunStarted { .. }
            | Self::RunEnded { .. }
            | Self::Locked { .. }
            | Self::RunLimited { .. }
            | Self::Resolved { .. }
            | Self::Stopped { .. }
            | Self::Unhandled { .. }
            | Self::CleanupStarted { .. }
            | Self::CleanupEnded { .. }
            | Self::Parked { .. }
            | Self::Aborted { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// The decision in it, to change it.
    pub fn decision_mut(&mut self) -> Option<&mut Decision> {
        match self {
            Self::Decided(decision) | Self::Polled { decision, .. } => Some(decision),
            Self::Started { .. }
            | Self::Noted { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Prose { .. }
            | Self::Read { .. }
            | Self::Probed { .. }
            | Self::Asked { .. }
            | Self::Answered { .. }
            | Self::ActionStarted { .. }
            | Self::ActionEnded { .. }
            | Self::ActionRetried { .. }
            | Self::Waiting { .. }
            | Self::WaitEnded { .. }
            | Self::Escalated { .. }
            | Self::Acknowledged { .. }
            | Self::Recorded { .. }
            | Self::Let { .. }
            | Self::LoopStarted { .. }
            | Self::Pass { .. }
            | Self::LoopEnded { .. }
            | Self::RunStarted { .. }
            | Self::RunEnded { .. }
            | Self::Locked { .. }
            | Self::RunLimited { .. }
            | Self::Resolved { .. }
            | Self::Stopped { .. }
            | Self::Unhandled { .. }
            | Self::CleanupStarted { .. }
            | Self::CleanupEnded { .. }
            | Self::Parked { .. }
            | Self::Aborted { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// Where the run continues after it, to change the line; `None` where it says nothing about that.
    pub fn then_mut(&mut self) -> Option<&mut Then> {
        match self {
            Self::Decided(decision) | Self::Polled { decision, .. } => Some(&mut decision.then),
            Self::ActionEnded { then, .. } => then.as_mut(),
            Self::WaitEnded { then, .. }
            | Self::Escalated { then, .. }
            | Self::Locked { then, .. }
            | Self::RunLimited { then, .. }
            | Self::Acknowledged { then, .. }
            | Self::RunEnded { then, .. } => Some(then),
            Self::Started { .. }
            | Self::Noted { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Prose { .. }
            | Self::Read { .. }
            | Self::Probed { .. }
            | Self::Asked { .. }
            | Self::Answered { .. }
            | Self::ActionStarted { .. }
            | Self::ActionRetried { .. }
            | Self::Waiting { .. }
            | Self::Recorded { .. }
            | Self::Let { .. }
            | Self::LoopStarted { .. }
            | Self::Pass { .. }
            | Self::LoopEnded { .. }
            | Self::RunStarted { .. }
            | Self::Resolved { .. }
            | Self::Stopped { .. }
            | Self::Unhandled { .. }
            | Self::CleanupStarted { .. }
            | Self::CleanupEnded { .. }
            | Self::Parked { .. }
            | Self::Aborted { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// What the action that it starts or ends is part of.
    pub fn role(&self) -> Option<ActionRole> {
        match self {
            Self::ActionStarted { role, .. } | Self::ActionEnded { role, .. } => Some(*role),
            Self::Started { .. }
            | Self::Noted { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Prose { .. }
            | Self::Read { .. }
            | Self::Probed { .. }
            | Self::Decided(_)
            | Self::Asked { .. }
            | Self::Answered { .. }
            | Self::ActionRetried { .. }
            | Self::Waiting { .. }
            | Self::Polled { .. }
            | Self::WaitEnded { .. }
            | Self::Escalated { .. }
            | Self::Acknowledged { .. }
            | Self::Recorded { .. }
            | Self::Let { .. }
            | Self::LoopStarted { .. }
            | Self::Pass { .. }
            | Self::LoopEnded { .. }
            | Self::RunStarted { .. }
            | Self::RunEnded { .. }
            | Self::Locked { .. }
            | Self::RunLimited { .. }
            | Self::Resolved { .. }
            | Self::Stopped { .. }
            | Self::Unhandled { .. }
            | Self::CleanupStarted { .. }
            | Self::CleanupEnded { .. }
            | Self::Parked { .. }
            | Self::Aborted { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// Whether it begins something that a run can be parked in: an action, a question, a wait.
    pub fn may_park(&self) -> bool {
        match self {
            Self::ActionStarted { .. } | Self::Asked { .. } | Self::Waiting { .. } => true,
            Self::Started { .. }
            | Self::Noted { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Prose { .. }
            | Self::Read { .. }
            | Self::Probed { .. }
            | Self::Decided(_)
            | Self::Answered { .. }
            | Self::ActionEnded { .. }
            | Self::ActionRetried { .. }
            | Self::Polled { .. }
            | Self::WaitEnded { .. }
            | Self::Escalated { .. }
            | Self::Acknowledged { .. }
            | Self::Recorded { .. }
            | Self::Let { .. }
            | Self::LoopStarted { .. }
            | Self::Pass { .. }
            | Self::LoopEnded { .. }
            | Self::RunStarted { .. }
            | Self::RunEnded { .. }
            | Self::Locked { .. }
            | Self::RunLimited { .. }
            | Self::Resolved { .. }
            | Self::Stopped { .. }
            | Self::Unhandled { .. }
            | Self::CleanupStarted { .. }
            | Self::CleanupEnded { .. }
            | Self::Parked { .. }
            | Self::Aborted { .. }
            | Self::Ended { .. } => false,
        }
    }

    /// The text that other people receive: the reason of a page, or a record.
    pub fn sent_text(&self) -> Option<&str> {
        match self {
            Self::Escalated { reason: text, .. } | Self::Recorded { text, .. } => Some(text),
            Self::Started { .. }
            | Self::Noted { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Prose { .. }
            | Self::Read { .. }
            | Self::Probed { .. }
            | Self::Decided(_)
            | Self::Asked { .. }
            | Self::Answered { .. }
            | Self::ActionStarted { .. }
            | Self::ActionEnded { .. }
            | Self::ActionRetried { .. }
            | Self::Waiting { .. }
            | Self::Polled { .. }
            | Self::WaitEnded { .. }
            | Self::Acknowledged { .. }
            | Self::Let { .. }
            | Self::LoopStarted { .. }
            | Self::Pass { .. }
            | Self::LoopEnded { .. }
            | Self::RunStarted { .. }
            | Self::RunEnded { .. }
            | Self::Locked { .. }
            | Self::RunLimited { .. }
            | Self::Resolved { .. }
            | Self::Stopped { .. }
            | Self::Unhandled { .. }
            | Self::CleanupStarted { .. }
            | Self::CleanupEnded { .. }
            | Self::Parked { .. }
            | Self::Aborted { .. }
            | Self::Ended { .. } => None,
        }
    }

    /// The text that other people receive, to change it.
    pub fn sent_text_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Escalated { reason: text, .. } | Self::Recorded { text, .. } => Some(text),
            Self::Started { .. }
            | Self::Noted { .. }
            | Self::StepStarted { .. }
            | Self::StepEnded { .. }
            | Self::Prose { .. }
            | Self::Read { .. }
            | Self::Probed { .. }
            | Self::Decided(_)
            | Self::Asked { .. }
            | Self::Answered { .. }
            | Self::ActionStarted { .. }
            | Self::ActionEnded { .. }
            | Self::ActionRetried { .. }
            | Self::Waiting { .. }
            | Self::Polled { .. }
            | Self::WaitEnded { .. }
            | Self::Acknowledged { .. }
            | Self::Let { .. }
            | Self::LoopStarted { .. }
            | Self::Pass { .. }
            | Self::LoopEnded { .. }
            | Self::RunStarted { .. }
            | Self::RunEnded { .. }
            | Self::Locked { .. }
            | Self::RunLimited { .. }
            | Self::Resolved { .. }
            | Self::Stopped { .. }
            | Self::Unhandled { .. }
            | Self::CleanupStarted { .. }
            | Self::CleanupEnded { .. }
            | Self::Parked { .. }
            | Self::Aborted { .. }
            | Self::Ended { .. } => None,
        }
    }
}
