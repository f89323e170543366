//! Pages and records in a test: they arrive at once, unless the test gives a fault.

use super::Scripted;
use super::script::{Service, ServiceFault};
use rbl_runtime::Delivery;
use rbl_runtime::{LONGEST_CALL, timed_out};
use rbl_syntax::value::{Reason, ReasonKind};

impl Scripted {
    /// Delivers a page or a record, after the time it takes. `None`: the incident's own channel, which has no name that
    /// a test could refer to.
    pub(super) fn deliver(&self, to: Option<&Service>) -> Result<Delivery, Reason> {
        let fault = to.and_then(|to| Some((to, self.fault(to)?)));
        match fault {
            None => {}
            Some((_, ServiceFault::Down)) => {
                return Err(Reason::new(ReasonKind::Unreachable, "connection refused"));
            }
            Some((_, ServiceFault::Error(text))) => {
                return Err(Reason::new(ReasonKind::ProviderError, text.clone()));
            }
            Some((to, ServiceFault::Slow(seconds))) => {
                let longest = LONGEST_CALL.as_secs_f64();
                self.clock.pass(seconds.min(longest));
                if *seconds >= longest {
                    return Err(timed_out(to.name()));
                }
            }
        }
        Ok(Delivery::by("in the test", true))
    }
}
