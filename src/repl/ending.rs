//! [`SessionEnding`]: SIGTERM, and the SIGHUP of a terminal that was closed, end a session wherever it is.
//!
//! What is being done is broken off by the world, as Ctrl-C does it; then nothing more is begun. A session that only waits for
//! its next line ends at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rbl_project::Refusal;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::Exit;
use crate::cli::live;

/// Whether a session was asked to end.
#[derive(Debug, Clone, Default)]
pub(super) struct SessionEnding {
    came: Arc<AtomicBool>,
    /// Held while an input is processed: then the session ends by itself, right after it.
    busy: Arc<Mutex<()>>,
}

impl SessionEnding {
    /// Hears the signals from now on.
    pub(super) fn on_signals() -> Result<Self, Refusal> {
        let ending = Self::default();
        let mut signals = live::cancel()?;
        let heard = ending.clone();
        let terminal = tcgetattr(std::io::stdin()).ok();
        let listens = std::thread::Builder::new().name("ending".into()).spawn(move || {
            signals.wait_for_end();
            heard.end(terminal.as_ref());
        });
        listens.map_err(|why| Refusal::new(format!("cannot listen to SIGTERM: {why}")))?;
        Ok(ending)
    }

    /// Begins to process an input; `None`: the session is over.
    pub(super) fn begin(&self) -> Option<MutexGuard<'_, ()>> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        (!self.came()).then_some(busy)
    }

    /// Whether the session was asked to end.
    pub(super) fn came(&self) -> bool {
        self.came.load(Ordering::SeqCst)
    }

    /// Ends the session after the input that is being processed: the signal was seen there first.
    pub(super) fn comes(&self) {
        self.came.store(true, Ordering::SeqCst);
    }

    fn end(&self, terminal: Option<&Termios>) {
        self.comes();
        let _busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        // The editor of lines has changed it.
        if let Some(terminal) = terminal {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, terminal);
        }
        std::process::exit(i32::from(Exit::Waiting.code()));
    }
}
