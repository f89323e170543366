//! `/-/healthy` and `/-/ready`: whether the process lives, and whether it can take deliveries.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use rbl_engine::Engine;
use rbl_store::Sqlite;

use super::HttpRefusal;
use crate::state::ServerState;

/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// That it takes deliveries.
const READY: &str = "rbl is ready\n";

/// What is said of a store that takes longer.
const SLOW: &str = "the store does not answer";

/// The looks at the store for `/-/ready`, one at a time: where the store hangs, further ones would only fill the threads.
#[derive(Debug, Default)]
pub(crate) struct ReadyLooks(Mutex<ReadyLook>);

/// The look that is made now, and what the one before it found.
#[derive(Debug, Default)]
struct ReadyLook {
    begun: Option<Instant>,
    /// What was wrong with the store; `None`: nothing, or no look was made yet.
    wrong: Option<String>,
}

impl ReadyLooks {
    /// Begins a look; `Err`: one is being made, and this is what is known meanwhile.
    fn begin(&self) -> Result<(), Option<String>> {
        let mut look = self.look();
        match look.begun {
            None => {
                look.begun = Some(Instant::now());
                Ok(())
            }
            Some(begun) if begun.elapsed() >= PATIENCE => Err(Some(SLOW.to_owned())),
            Some(_) => Err(look.wrong.clone()),
        }
    }

    /// Ends the look that is made now.
    fn end(&self, wrong: Option<String>) {
        *self.look() = ReadyLook { begun: None, wrong };
    }

    fn look(&self) -> MutexGuard<'_, ReadyLook> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The process lives.
pub(super) async fn healthy() -> &'static str {
    "rbl is healthy\n"
}

/// It takes deliveries: it does not stop, and its store can be written. Whether every run is frozen is said behind it.
pub(super) async fn ready(State(state): State<Arc<ServerState>>) -> Result<String, HttpRefusal> {
    if state.stopping.is_stopping() {
        return Err(HttpRefusal::unavailable("the server stops"));
    }
    if let Err(known) = state.looks.begin() {
        return known.map_or_else(|| Ok(READY.into()), |wrong| Err(HttpRefusal::unavailable(wrong)));
    }
    let (looks, store, engine) = (Arc::clone(&state.looks), Arc::clone(&state.store), state.engine.clone());
    let asked = tokio::task::spawn_blocking(move || {
        let found = look(&store, &engine);
        looks.end(found.as_ref().err().cloned());
        found
    });
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(found)) => found.map_err(HttpRefusal::unavailable),
        // It was cut off, and did not say so itself.
        Ok(Err(_)) => {
            state.looks.end(Some(SLOW.to_owned()));
            Err(HttpRefusal::unavailable(SLOW))
        }
        Err(_) => Err(HttpRefusal::unavailable(SLOW)),
    }
}

/// What `/-/ready` says of the store; an error: what is wrong with it.
fn look(store: &Sqlite, engine: &Engine) -> Result<String, String> {
    store.try_write().map_err(|why| why.to_string())?;
    let frozen = engine.frozen().map_err(|why| why.to_string())?;
    Ok(frozen.map_or_else(|| READY.to_owned(), |freeze| format!("{READY}every run only looks: {freeze}\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_hangs_is_not_ready_for_those_who_ask_meanwhile() {
        let looks = ReadyLooks::default();
        assert_eq!(looks.begin(), Ok(()));
        assert_eq!(looks.begin(), Err(None), "the one before found nothing wrong");
        looks.look().begun = Instant::now().checked_sub(PATIENCE);
        assert_eq!(looks.begin(), Err(Some(SLOW.to_owned())));
        looks.end(Some("the disk is full".into()));
        assert_eq!(looks.begin(), Ok(()));
        assert_eq!(looks.begin(), Err(Some("the disk is full".into())));
        looks.end(None);
        assert_eq!((looks.begin(), looks.begin()), (Ok(()), Err(None)));
    }
}
