//! The start time of a simulated run.

use rbl_check::Program;
use rbl_runtime::next_firing;
use rbl_syntax::tree::TriggerKind;
use rbl_syntax::value::Time;

/// A working morning, for a runbook without a schedule.
const MORNING: f64 = 1_777_629_600.0; // 2026-05-01T10:00:00Z, a Friday

/// The start time of a test of the program: the first time its schedule fires, else a fixed one.
pub fn start_of(program: &Program) -> Option<Time> {
    let morning = Time::from_unix(MORNING)?;
    let runbook = program.runbook(program.main())?;
    let Some(TriggerKind::Schedule { cron, timezone, .. }) = &runbook.trigger else { return Some(morning) };
    let timezone = timezone.as_ref().and_then(|zone| zone.literal());
    let round = cron.literal().and_then(|cron| next_firing(cron, timezone, morning).ok());
    Some(round.unwrap_or(morning))
}
