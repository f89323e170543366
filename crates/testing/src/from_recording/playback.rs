//! Replays a recorded run: [`walk`] returns its events, and the effects that the program itself asked for.

use std::cell::RefCell;

use super::{RecordingError, is_end};
use rbl_check::Program;
use rbl_runtime::journal::{LoggedEffect, effect_words};
use rbl_runtime::layers::asking;
use rbl_runtime::{Effect, Event, Interrupt, Observer, Parked, Reply, Start, World, run};
use rbl_syntax::value::Time;

/// A replayed run.
pub(super) struct PlaybackRun {
    /// The effects that the program asked for, after any approval, with their results.
    pub(super) effects: Vec<LoggedEffect>,
    /// The events.
    pub(super) events: Vec<PlaybackEvent>,
}

/// An event.
#[derive(Debug, Clone)]
pub(super) struct PlaybackEvent {
    pub(super) event: Event,
    /// The number of effects that were answered before it.
    pub(super) effects_before: usize,
}

struct PlaybackState<'h> {
    left: std::slice::Iter<'h, LoggedEffect>,
    /// When the last effect was requested, and when it was answered.
    asked: Option<Time>,
    answered: Option<Time>,
    walked: PlaybackRun,
    /// Why the replay stopped.
    stops: Option<RecordingError>,
}

/// Replays a recorded run. Fails if the run has not ended, or if the program asks for something else.
pub(super) fn walk(
    program: &Program,
    start: &Start,
    confirm: bool,
    heard: &[LoggedEffect],
) -> Result<PlaybackRun, RecordingError> {
    let shared = RefCell::new(PlaybackState {
        left: heard.iter(),
        asked: None,
        answered: None,
        walked: PlaybackRun { effects: Vec::new(), events: Vec::new() },
        stops: None,
    });
    let mut world = PlaybackApprovals { inner: asking(RecordedWorld(&shared), confirm), shared: &shared };
    let ended = run(program, start, &mut world, &mut PlaybackObserver(&shared));
    drop(world);
    let shared = shared.into_inner();
    match shared.stops {
        Some(why) => Err(why),
        None if !is_end(ended.outcome) => Err(RecordingError::Unfinished(ended.message)),
        None => Ok(shared.walked),
    }
}

/// The world as recorded: answers each effect with its recorded result.
struct RecordedWorld<'s, 'h>(&'s RefCell<PlaybackState<'h>>);

impl World for RecordedWorld<'_, '_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let mut shared = self.0.borrow_mut();
        // rbl reads the clock at different points in different versions, and no decision depends on it alone.
        while !matches!(effect, Effect::Now)
            && shared.left.as_slice().first().is_some_and(|it| matches!(it.effect, Effect::Now))
        {
            shared.left.next();
        }
        let next = shared.left.as_slice().first();
        match next.filter(|next| is_same(&next.effect, effect)) {
            Some(next) => {
                shared.left.next();
                shared.asked = shared.asked.or(Some(next.at));
                shared.answered = next.at.plus(next.took);
                Ok(next.reply.clone())
            }
            None if matches!(effect, Effect::Now) => {
                let now = next.map(|next| next.at).or(shared.answered);
                Ok(Reply::Now(now.unwrap_or(Time(jiff::Timestamp::UNIX_EPOCH))))
            }
            None => {
                let words = effect_words(effect);
                let why = match next {
                    None => RecordingError::Unfinished(format!("its record ends before {words}")),
                    Some(next) => {
                        let was = effect_words(&next.effect);
                        RecordingError::Other(format!("it asks for {words}, and the run asked for {was}"))
                    }
                };
                shared.stops.get_or_insert(why);
                Err(Interrupt::Parked(Parked::ByHand))
            }
        }
    }
}

/// Whether the same effect is requested; texts may have dots in place of secrets.
pub(super) fn is_same(was: &Effect, now: &Effect) -> bool {
    match was {
        Effect::Read(was) => matches!(now, Effect::Read(now) if was.metric == now.metric),
        Effect::Act(was) => matches!(now, Effect::Act(now) if was.attempt == now.attempt),
        Effect::Ask(was) => {
            let Effect::Ask(now) = now else { return false };
            std::mem::discriminant(&was.kind) == std::mem::discriminant(&now.kind)
        }
        Effect::Now
        | Effect::Sleep(_)
        | Effect::Firing(_)
        | Effect::Mode(_)
        | Effect::Probe(_)
        | Effect::Page(_)
        | Effect::Acknowledge(_)
        | Effect::Record(_)
        | Effect::Lock(_)
        | Effect::Enter(_)
        | Effect::Leave(_)
        | Effect::Conclude(_)
        | Effect::Secret { .. } => std::mem::discriminant(was) == std::mem::discriminant(now),
    }
}

/// The program's side: approvals are part of an action.
struct PlaybackApprovals<'s, 'h> {
    inner: Box<dyn World + 's>,
    shared: &'s RefCell<PlaybackState<'h>>,
}

impl World for PlaybackApprovals<'_, '_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.shared.borrow_mut().asked = None;
        let reply = self.inner.perform(effect)?;
        let mut shared = self.shared.borrow_mut();
        if let (Some(at), Some(answered)) = (shared.asked, shared.answered) {
            let took = answered.since(at).base.max(0.0);
            if !matches!(effect, Effect::Now) {
                shared.walked.effects.push(LoggedEffect {
                    effect: effect.clone(),
                    reply: reply.clone(),
                    at,
                    took,
                });
            }
        }
        Ok(reply)
    }
}

struct PlaybackObserver<'s, 'h>(&'s RefCell<PlaybackState<'h>>);

impl Observer for PlaybackObserver<'_, '_> {
    fn event(&mut self, event: &Event) {
        let mut shared = self.0.borrow_mut();
        let heard = shared.walked.effects.len();
        shared.walked.events.push(PlaybackEvent { event: event.clone(), effects_before: heard });
    }
}
