//! [`ReceivedAlerts`]: answers `alert.firing` from what came in through hooks, where no Alertmanager can be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use rbl_runtime::journal::{EpisodeMember, Inbox};
use rbl_runtime::{FiringQuery, Read, Reading};
use rbl_syntax::value::{Quantity, Reason, ReasonKind, Time};
use rbl_world::provider::Provider;
use smol_str::SmolStr;

/// The alerts of one run, as they came in.
pub struct ReceivedAlerts {
    inbox: Arc<dyn Inbox>,
    run: SmolStr,
    /// How long an alert of each hook counts as firing without another delivery, in seconds.
    repeat: BTreeMap<SmolStr, f64>,
}

impl ReceivedAlerts {
    /// The name under which events show it.
    pub const NAME: &'static str = "deliveries";

    /// Those of this run. `repeat`: how long an alert of each hook counts as firing, in seconds.
    pub fn of(inbox: Arc<dyn Inbox>, run: &str, repeat: BTreeMap<SmolStr, f64>) -> Self {
        Self { inbox, run: run.into(), repeat }
    }

    fn judge(&self, members: &[EpisodeMember], now: Time) -> Result<bool, Reason> {
        let mut silent = None;
        for member in members.iter().filter(|member| member.alert.firing) {
            let repeat = self.repeat.get(&member.source).copied().unwrap_or(f64::MAX);
            if now.since(member.heard).base < repeat {
                return Ok(true);
            }
            silent = Some((member, repeat));
        }
        match silent {
            None => Ok(false),
            Some((member, repeat)) => Err(Reason::new(
                ReasonKind::Stale,
                format!(
                    "nothing was heard of the alert {} for more than {}",
                    member.alert.alert.name,
                    Quantity::seconds(repeat)
                ),
            )),
        }
    }
}

impl Provider for ReceivedAlerts {
    fn read(&self, _: &Read, _: Time) -> Result<Reading, Reason> {
        Err(Reason::new(ReasonKind::NoField, "the deliveries of alerts hold no metrics"))
    }

    fn firing(&self, _: &FiringQuery, now: Time) -> Option<Result<bool, Reason>> {
        let members = match self.inbox.members(&self.run) {
            Ok(members) => members,
            Err(why) => return Some(Err(Reason::new(ReasonKind::Unreachable, why.to_string()))),
        };
        if members.is_empty() {
            return Some(Err(Reason::new(
                ReasonKind::NoField,
                "no delivery of an alert belongs to this run",
            )));
        }
        Some(self.judge(&members, now))
    }

    fn knows_alerts(&self) -> bool {
        true
    }

    fn test(&self) -> Result<String, Reason> {
        Ok("the alerts that came in".into())
    }
}

impl std::fmt::Debug for ReceivedAlerts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceivedAlerts").field("run", &self.run).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_runtime::Alert;
    use rbl_runtime::journal::ReceivedAlert;

    fn at(minutes: f64) -> Time {
        Time::parse("2026-11-29T03:00:00Z").unwrap().plus(minutes * 60.0).unwrap()
    }

    fn member(firing: bool, heard: f64) -> EpisodeMember {
        let alert = Alert::named("DiskFull".into(), BTreeMap::new());
        let alert = ReceivedAlert { alert, firing, ended_at: None };
        EpisodeMember { source: "am".into(), alert, heard: at(heard), joined: at(0.0) }
    }

    #[test]
    fn an_alert_fires_until_it_is_resolved_and_is_unknown_after_a_long_silence() {
        let store = tempfile::tempdir().unwrap();
        let inbox: Arc<dyn Inbox> = Arc::new(rbl_store::Sqlite::open(store.path()).unwrap());
        let alerts = ReceivedAlerts::of(inbox, "r1", [("am".into(), 3600.0)].into());
        assert_eq!(alerts.judge(&[member(true, 0.0)], at(59.0)), Ok(true));
        assert_eq!(alerts.judge(&[member(false, 1.0), member(true, 0.0)], at(59.0)), Ok(true));
        assert_eq!(alerts.judge(&[member(false, 1.0), member(false, 2.0)], at(500.0)), Ok(false));
        let unknown = alerts.judge(&[member(true, 0.0)], at(61.0)).unwrap_err();
        assert_eq!(unknown.text, "nothing was heard of the alert DiskFull for more than 1h");
        let query = FiringQuery { alerts: Vec::new() };
        assert!(alerts.firing(&query, at(0.0)).unwrap().is_err(), "a run without an episode");
    }
}
