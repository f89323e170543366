//! [`WorkPlace`]: the place of one turn among those that are executed at once, given up while an effect takes long.
//!
//! *Why:* a command of an hour is waited for and costs nothing. If it kept its place, a few of them would keep every other
//! run from its deadlines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rbl_runtime::{Effect, Interrupt, Reply, World};

/// From then on an effect no longer takes the place of another run.
const LONG: Duration = Duration::from_secs(1);

/// The place of a turn. Clones are the same place.
#[derive(Debug, Clone)]
pub struct WorkPlace(Arc<PlaceState>);

#[derive(Debug)]
struct PlaceState {
    made: Instant,
    /// Since when an effect is performed, in milliseconds after `made`, and one more; 0: none is.
    inside: AtomicU64,
    is_over: AtomicBool,
}

impl WorkPlace {
    /// A place that is taken.
    pub(crate) fn new() -> Self {
        let (inside, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
        Self(Arc::new(PlaceState { made: Instant::now(), inside, is_over }))
    }

    /// Whether it counts among those that are executed at once.
    pub fn counts(&self) -> bool {
        let inside = self.0.inside.load(Ordering::Relaxed);
        inside == 0 || self.elapsed().saturating_sub(inside - 1) < millis(LONG)
    }

    /// Whether its turn has ended.
    pub fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::Acquire)
    }

    /// The turn has ended.
    pub(crate) fn end(&self) {
        self.0.is_over.store(true, Ordering::Release);
    }

    fn elapsed(&self) -> u64 {
        millis(self.0.made.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX - 1)
}

/// A world whose effects give the place up when they take long.
pub struct Yielding<W> {
    inner: W,
    place: WorkPlace,
}

impl<W: World> Yielding<W> {
    /// The same world, for the turn of this place.
    pub fn new(inner: W, place: &WorkPlace) -> Self {
        Self { inner, place: place.clone() }
    }
}

impl<W: World> World for Yielding<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        self.place.0.inside.store(self.place.elapsed() + 1, Ordering::Relaxed);
        let came = self.inner.perform(effect);
        self.place.0.inside.store(0, Ordering::Relaxed);
        came
    }

    rbl_runtime::forward_to_inner!(self => self.inner);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    /// Its effect takes until it is told to end.
    struct Slow(Receiver<()>);

    impl World for Slow {
        fn perform(&mut self, _: &Effect) -> Result<Reply, Interrupt> {
            self.0.recv().unwrap();
            Ok(Reply::Slept)
        }

        fn hears_acknowledgements(&self) -> bool {
            false
        }
    }

    #[test]
    fn a_place_is_given_up_while_an_effect_takes_long_and_taken_again_after_it() {
        let place = WorkPlace::new();
        assert!(place.counts() && !place.is_over());
        let (end, told) = channel();
        let mut world = Yielding::new(Slow(told), &place);
        let begun = Instant::now();
        let thread = std::thread::spawn(move || world.perform(&Effect::Now));
        std::thread::sleep(Duration::from_millis(300));
        let counts = place.counts();
        // On a busy machine it may be long by now.
        assert!(counts || begun.elapsed() >= LONG, "a short effect keeps its place");
        while place.counts() {
            assert!(begun.elapsed() < Duration::from_secs(20), "a long one does not");
            std::thread::sleep(Duration::from_millis(10));
        }
        end.send(()).unwrap();
        thread.join().unwrap().unwrap();
        assert!(place.counts());
        place.end();
        assert!(place.is_over());
    }
}
