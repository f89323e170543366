//! [`Plan`]: a layer that lets readings through and does nothing, for `rbl plan`.
//!
//! *Invariant:* the wrapped world only gets effects that look: the clock, readings, whether a secret can be read, and
//! probes if they were asked for. A test checks this.

use crate::{Delivery, Effect, Interrupt, Parked, Purpose, Reply, World};

/// A world that only looks. The walk ends at the first effect whose reply cannot be known beforehand: see
/// [`Self::open`]. Pages and records count as delivered, because nothing else depends on their reply.
pub struct Plan<W> {
    inner: W,
    probes: bool,
    open: Option<Effect>,
    announced: Vec<Effect>,
    holders: FindHolder,
}

/// Who holds the lock of this name now, in words.
type FindHolder = Box<dyn Fn(&str) -> Option<String>>;

impl<W: World> Plan<W> {
    /// Looks through this world; probes (commands that only look, according to their author) run only with `probes`.
    pub fn new(inner: W, probes: bool) -> Self {
        Self { inner, probes, open: None, announced: Vec::new(), holders: Box::new(|_| None) }
    }

    /// Looks who holds a lock now, in words. A lock that is held ends the walk, because a run would wait there.
    #[must_use]
    pub fn holders(self, holders: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { holders: Box::new(holders), ..self }
    }

    /// Where the walk ended: an action, a question, a wait, or a probe that was not run; `None` where it reached an end
    /// of the runbook.
    pub fn open(&self) -> Option<&Effect> {
        self.open.as_ref()
    }

    /// The pages and records that would have been sent, in order.
    pub fn announced(&self) -> &[Effect] {
        &self.announced
    }

    fn stop_at(&mut self, effect: &Effect) -> Interrupt {
        self.open = Some(effect.clone());
        match effect {
            Effect::Ask(ask) => Interrupt::Parked(Parked::person(ask.prompt.as_str())),
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Mode(_)
            | Effect::Probe(_)
            | Effect::Act(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => Interrupt::Parked(Parked::ByHand),
        }
    }
}

impl<W: World> World for Plan<W> {
    // A pass that acts, waits or asks ends the walk, and no pass leaves anything to the next.
    fn passes_are_alike(&self) -> bool {
        true
    }

    fn computed(&mut self, steps: u64) -> Result<(), Interrupt> {
        self.inner.computed(steps)
    }

    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        match effect {
            Effect::Now | Effect::Read(_) | Effect::Firing(_) | Effect::Mode(_) | Effect::Secret { .. } => {
                self.inner.perform(effect)
            }
            Effect::Probe(_) if self.probes => self.inner.perform(effect),
            // A plan pages nobody, so there is nothing to take back.
            Effect::Conclude(_) => Ok(Reply::Delivered(Ok(Delivery::by("this plan", false)))),
            Effect::Page(_) | Effect::Record(_) => {
                self.announced.push(effect.clone());
                Ok(Reply::Delivered(Ok(Delivery::by("this plan", false))))
            }
            Effect::Lock(lock) => match (self.holders)(&lock.name) {
                None => Ok(Reply::Locked(Ok(()))),
                Some(_) => Err(self.stop_at(effect)),
            },
            // Whether there is a place under its limits only shows when it begins.
            Effect::Enter(_) => Ok(Reply::Entered(Ok(()))),
            Effect::Leave(_) => Ok(Reply::Left),
            // A wait of no length waits for nothing.
            Effect::Sleep(sleep) if sleep.seconds <= 0.0 && matches!(sleep.purpose, Purpose::Wait) => {
                Ok(Reply::Slept)
            }
            Effect::Probe(_)
            | Effect::Act(_)
            | Effect::Ask(_)
            | Effect::Acknowledge(_)
            | Effect::Sleep(_) => Err(self.stop_at(effect)),
        }
    }
}
