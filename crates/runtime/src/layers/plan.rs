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
}

impl<W: World> Plan<W> {
    /// Looks through this world; probes (commands that only look, according to their author) run only with `probes`.
    pub fn new(inner: W, probes: bool) -> Self {
        Self { inner, probes, open: None, announced: Vec::new() }
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
            Effect::Ask(ask) => Interrupt::Parked(Parked::Person(ask.prompt.clone())),
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Probe(_)
            | Effect::Act(_)
            | Effect::Page(_)
            | Effect::Record(_)
            | Effect::Secret { .. } => Interrupt::Parked(Parked::SetAside),
        }
    }
}

impl<W: World> World for Plan<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        match effect {
            Effect::Now | Effect::Read(_) | Effect::Secret { .. } => self.inner.perform(effect),
            Effect::Probe(_) if self.probes => self.inner.perform(effect),
            Effect::Page(_) | Effect::Record(_) => {
                self.announced.push(effect.clone());
                Ok(Reply::Delivered(Ok(Delivery {
                    by: "this plan".into(),
                    reached_others: false,
                    reference: None,
                })))
            }
            // A wait of no length waits for nothing.
            Effect::Sleep(sleep) if sleep.seconds <= 0.0 && matches!(sleep.purpose, Purpose::Wait) => {
                Ok(Reply::Slept)
            }
            Effect::Probe(_) | Effect::Act(_) | Effect::Ask(_) | Effect::Sleep(_) => {
                Err(self.stop_at(effect))
            }
        }
    }
}
