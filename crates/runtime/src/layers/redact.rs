//! [`Redact`]: a layer that removes the values of secrets from every reply.

use crate::Secrets;
use crate::{Acted, Effect, Interrupt, Reply, World};
use rbl_syntax::value::{CommandOutput, Reason};

/// A world whose replies contain dots in place of the secrets that were used.
pub struct Redact<W> {
    inner: W,
    secrets: Secrets,
}

impl<W: World> Redact<W> {
    /// Wraps a world that shares these secrets.
    pub fn new(inner: W, secrets: Secrets) -> Self {
        Self { inner, secrets }
    }

    fn output(&self, mut output: CommandOutput) -> CommandOutput {
        output.stdout = self.secrets.redact(&output.stdout);
        output.stderr = self.secrets.redact(&output.stderr);
        output.trouble = output.trouble.map(|reason| self.reason(&reason));
        output
    }

    fn reason(&self, reason: &Reason) -> Reason {
        Reason::new(reason.kind, self.secrets.redact(&reason.text))
    }
}

impl<W: World> World for Redact<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        Ok(match self.inner.perform(effect)? {
            Reply::Output(output) => Reply::Output(self.output(output)),
            Reply::Acted(acted) => Reply::Acted(Acted {
                result: acted.result.map_err(|reason| self.reason(&reason)),
                output: self.output(acted.output),
                remark: acted.remark.map(|remark| self.secrets.redact(&remark)),
                ..acted
            }),
            Reply::Reading(Err(reason)) => Reply::Reading(Err(self.reason(&reason))),
            Reply::Reading(Ok(mut reading)) => {
                for warning in &mut reading.warnings {
                    *warning = self.secrets.redact(warning);
                }
                Reply::Reading(Ok(reading))
            }
            Reply::Delivered(delivered) => Reply::Delivered(delivered.map_err(|reason| self.reason(&reason))),
            Reply::Secret(found) => Reply::Secret(found.map_err(|reason| self.reason(&reason))),
            reply @ (Reply::Now(_) | Reply::Slept | Reply::Answered(_)) => reply,
        })
    }
}
