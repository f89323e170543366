//! Probes in a test: commands that only look. One that is not given is unknown.

use super::Scripted;
use super::by_name::NameKey;
use super::script::{GivenProbe, ProbeOutcome};
use rbl_runtime::Probe;
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};

impl Scripted {
    /// Whether anything is given of a command.
    pub(super) fn is_probe_given(&self, probe: &Probe) -> bool {
        let now = self.clock.seconds();
        self.given_of(probe).any(|(from, _)| *from <= now)
    }

    fn given_of(&self, probe: &Probe) -> impl Iterator<Item = &(f64, GivenProbe)> {
        self.probes.found(|| NameKey::of_probe(probe)).filter(|(_, given)| given.name.names(probe))
    }

    /// The result of the command.
    pub(super) fn probe(&self, probe: &Probe) -> CommandOutput {
        let now = self.clock.seconds();
        let mut output = unknown("nothing is given for this command");
        for (_, given) in self.given_of(probe).filter(|(from, _)| *from <= now) {
            let status = match &given.ends {
                ProbeOutcome::Yes => 0,
                ProbeOutcome::No => probe.no_on.first().copied().unwrap_or(1),
                ProbeOutcome::Exits { code, prints } => {
                    if let Some(text) = prints {
                        output.stdout.clone_from(text);
                    }
                    *code
                }
                ProbeOutcome::Unknown => {
                    output = unknown("its result is unknown");
                    continue;
                }
                ProbeOutcome::Prints(text) => {
                    output.stdout.clone_from(text);
                    output.status.unwrap_or(0)
                }
            };
            output = CommandOutput { status: Some(status), trouble: None, ..output };
        }
        output
    }
}

fn unknown(why: &str) -> CommandOutput {
    CommandOutput { trouble: Some(Reason::new(ReasonKind::ProbeFailed, why)), ..CommandOutput::default() }
}
