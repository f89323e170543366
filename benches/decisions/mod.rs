//! Runbooks of many decisions, and a world that answers at once.

use rbl_check::{Program, check};
use rbl_runtime::{Acted, Delivery, Effect, Interrupt, RawSample, Reading, Reply, World};
use rbl_syntax::source::Source;
use rbl_syntax::value::{CommandOutput, Labels, Time};

use crate::alone::{Alone, catalogue};

/// Two comparisons and a branch that is not taken.
pub(crate) const TWO_COMPARISONS: &str = "if latency > 500ms or pool < 90% { stop }";
/// Two comparisons, a branch that is taken, and one call of the world in it.
pub(crate) const AND_A_CALL: &str = "if latency < 500ms and pool > 90% { wait 1s }";
/// The same with a reading: two calls of the world each, because a wait makes the next reading a new one.
pub(crate) const READING_AND_A_CALL: &str = "if p99 < 500ms and pool > 90% { wait 1s }";

/// A world that answers at once.
#[derive(Default)]
pub(crate) struct Ready {
    pub(crate) calls: usize,
}

impl World for Ready {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        // A look at the clock is no call to anything outside.
        if !matches!(effect, Effect::Now) {
            self.calls += 1;
        }
        Ok(match effect {
            Effect::Now => Reply::Now(Time::from_unix(1.8e9).unwrap()),
            Effect::Sleep(_) => Reply::Slept,
            Effect::Read(_) => Reply::Reading(Ok(Reading {
                samples: vec![RawSample::new(Labels::default(), 0.3, None)],
                ..Reading::default()
            })),
            Effect::Act(_) => Reply::Acted(Acted {
                result: Ok(()),
                output: CommandOutput::default(),
                by: None,
                remark: None,
            }),
            _ => Reply::Delivered(Ok(Delivery::by("", true))),
        })
    }
}

/// A runbook with one step that repeats this line.
pub(crate) fn program(line: &str, times: usize) -> Program {
    let body = format!("{line}\n").repeat(times);
    let text = format!(
        "runbook \"Decisions\"\nowner \"api-oncall\"\nparam latency = 300ms\nparam pool = 95%\nmetric p99 in s from host \"uptime\"\n\
         step \"all\" {{\n{body}}}\n"
    );
    let checked = check(Source::new("decisions.rb", text), "decisions.rb", &mut Alone, &catalogue());
    assert!(checked.program.is_some(), "{:?}", checked.diagnostics);
    checked.program.unwrap()
}
