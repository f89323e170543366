//! Pages and records as a test gives them: they arrive at once, unless something is wrong with who is told.

use super::Scripted;
use super::script::{Fault, Party};
use rbl_runtime::Delivery;
use rbl_runtime::{LONGEST_CALL, gave_up};
use rbl_syntax::value::{Reason, ReasonKind};

impl Scripted {
    /// What comes of a page or a record, after the time it takes. `None`: to the incident's own channel, which has no
    /// name to say anything of.
    pub(super) fn deliver(&self, to: Option<&Party>) -> Result<Delivery, Reason> {
        let fault = to.and_then(|to| Some((to, self.fault(to)?)));
        match fault {
            None => {}
            Some((_, Fault::Down)) => {
                return Err(Reason::new(ReasonKind::Unreachable, "connection refused"));
            }
            Some((_, Fault::Error(text))) => {
                return Err(Reason::new(ReasonKind::ProviderError, text.clone()));
            }
            Some((to, Fault::Slow(seconds))) => {
                let longest = LONGEST_CALL.as_secs_f64();
                self.clock.pass(seconds.min(longest));
                if *seconds >= longest {
                    return Err(gave_up(to.name()));
                }
            }
        }
        Ok(Delivery { by: "in the test".into(), reached_others: true, reference: None })
    }
}
