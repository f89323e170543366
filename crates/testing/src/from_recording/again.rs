//! A run walked once more with what it heard then: its story, and what the program itself asked for.

use std::cell::RefCell;

use super::{Unrecalled, is_end};
use rbl_check::Program;
use rbl_runtime::journal::{Heard, effect_words};
use rbl_runtime::layers::asking;
use rbl_runtime::{Effect, Event, Interrupt, Observer, Parked, Reply, Start, World, run};
use rbl_syntax::value::Time;

/// A run as it was.
pub(super) struct Walked {
    /// What the program asked for, approvals behind it, and what came of it.
    pub(super) heard: Vec<Heard>,
    /// What happened.
    pub(super) events: Vec<Told>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) event: Event,
    /// How much of what was heard came before it.
    pub(super) heard: usize,
}

struct Shared<'h> {
    left: std::slice::Iter<'h, Heard>,
    /// When the last thing was asked, and when it was answered.
    asked: Option<Time>,
    answered: Option<Time>,
    walked: Walked,
    /// Why it went no further.
    stops: Option<Unrecalled>,
}

/// Walks it. Of a run that has no end: why not.
pub(super) fn walk(
    program: &Program,
    start: &Start,
    confirm: bool,
    heard: &[Heard],
) -> Result<Walked, Unrecalled> {
    let shared = RefCell::new(Shared {
        left: heard.iter(),
        asked: None,
        answered: None,
        walked: Walked { heard: Vec::new(), events: Vec::new() },
        stops: None,
    });
    let mut world = Asking { inner: asking(Recorded(&shared), confirm), shared: &shared };
    let ended = run(program, start, &mut world, &mut Telling(&shared));
    drop(world);
    let shared = shared.into_inner();
    match shared.stops {
        Some(why) => Err(why),
        None if !is_end(ended.outcome) => Err(Unrecalled::Unfinished(ended.message)),
        None => Ok(shared.walked),
    }
}

/// The world as it was: it answers what was answered.
struct Recorded<'s, 'h>(&'s RefCell<Shared<'h>>);

impl World for Recorded<'_, '_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        let mut shared = self.0.borrow_mut();
        // The clock is looked at by rbl, in one version here and in another there: it decides nothing by itself.
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
                    None => Unrecalled::Unfinished(format!("its record ends before {words}")),
                    Some(next) => {
                        let was = effect_words(&next.effect);
                        Unrecalled::Other(format!("it asks for {words}, and the run asked for {was}"))
                    }
                };
                shared.stops.get_or_insert(why);
                Err(Interrupt::Parked(Parked::SetAside))
            }
        }
    }
}

/// The same thing asked for; texts may have dots in the place of secrets.
pub(super) fn is_same(was: &Effect, now: &Effect) -> bool {
    match (was, now) {
        (Effect::Read(was), Effect::Read(now)) => was.metric == now.metric,
        (Effect::Act(was), Effect::Act(now)) => was.attempt == now.attempt,
        (Effect::Ask(was), Effect::Ask(now)) => {
            std::mem::discriminant(&was.kind) == std::mem::discriminant(&now.kind)
        }
        (was, now) => std::mem::discriminant(was) == std::mem::discriminant(now),
    }
}

/// What the program sees: approvals are part of an action.
struct Asking<'s, 'h> {
    inner: Box<dyn World + 's>,
    shared: &'s RefCell<Shared<'h>>,
}

impl World for Asking<'_, '_> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.shared.borrow_mut().asked = None;
        let reply = self.inner.perform(effect)?;
        let mut shared = self.shared.borrow_mut();
        if let (Some(at), Some(answered)) = (shared.asked, shared.answered) {
            let took = answered.since(at).base.max(0.0);
            if !matches!(effect, Effect::Now) {
                shared.walked.heard.push(Heard { effect: effect.clone(), reply: reply.clone(), at, took });
            }
        }
        Ok(reply)
    }
}

struct Telling<'s, 'h>(&'s RefCell<Shared<'h>>);

impl Observer for Telling<'_, '_> {
    fn event(&mut self, event: &Event) {
        let mut shared = self.0.borrow_mut();
        let heard = shared.walked.heard.len();
        shared.walked.events.push(Told { event: event.clone(), heard });
    }
}
