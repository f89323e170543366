//! `alert.firing`: whether an alert of the run still fires, asked of the world like a metric.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::operand_trace::{Traced, TracedFrom};
use super::{Alert, Effect, EventKind, ReadTime, Reply, Shown};
use rbl_syntax::tree::Expr;
use rbl_syntax::value::{Reason, ReasonKind, Time, Value};

/// The name under which events and messages show it.
pub const FIRING: &str = "alert.firing";

/// Whether one of these alerts fires.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct FiringQuery {
    /// The alerts of the run; none in a run that no alert started.
    pub alerts: Vec<AlertIdentity>,
}

/// What identifies an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertIdentity {
    /// All of its labels, with `alertname`.
    pub labels: BTreeMap<SmolStr, SmolStr>,
    /// The fingerprint, where its sender gave one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fingerprint: Option<String>,
    /// When it began to fire, where its sender said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub starts_at: Option<Time>,
}

/// Whether an alert of the run fires, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FiringAnswer {
    /// Whether one does.
    pub firing: bool,
    /// The name of the provider that was asked.
    pub source: SmolStr,
}

impl FiringQuery {
    /// The reason in a run that no alert started.
    pub fn no_alert() -> Reason {
        Reason::new(ReasonKind::NoField, "no alert started this run")
    }
}

impl Alert {
    fn identity(&self) -> AlertIdentity {
        let mut labels = self.labels.clone();
        if !self.name.is_empty() {
            labels.entry("alertname".into()).or_insert_with(|| self.name.clone());
        }
        AlertIdentity { labels, fingerprint: self.fingerprint.clone(), starts_at: self.starts_at }
    }
}

impl<'p> Interpreter<'p, '_> {
    /// `alert.firing`, kept until the run acts, waits or asks a person.
    pub(super) fn firing(&mut self, expr: &'p Expr) -> WalkResult<Value> {
        if self.sampling.is_some() || self.ago > 0.0 {
            return Ok(Value::unknown(Reason::new(ReasonKind::NoHistory, "Alertmanager keeps no history")));
        }
        let (value, source) = match self.readings.firing.clone() {
            Some(kept) => kept,
            None => self.ask_firing(expr)?,
        };
        if self.judging.tracing {
            let (place, value) = (self.place(expr.span), value.clone());
            let from = TracedFrom::Provider(source);
            self.judging.trace.push(Traced { place, value, from, compared: None });
        }
        Ok(value)
    }

    fn ask_firing(&mut self, expr: &'p Expr) -> WalkResult<(Value, SmolStr)> {
        let alerts = self.alert.map(Alert::identity).into_iter().collect();
        let effect = Effect::Firing(FiringQuery { alerts });
        let reply = self.perform(&effect)?;
        let answer = if let Reply::Firing(answer) = reply { answer } else { Err(other_kind()) };
        let (value, source) = match answer {
            Ok(answer) => (Value::Bool(answer.firing), answer.source),
            Err(reason) => (Value::unknown(reason), SmolStr::new_static(rbl_check::ALERTMANAGER)),
        };
        if self.wants_looks {
            self.report(expr.span, |_| EventKind::Read {
                metric: FIRING.into(),
                value: Shown::of(&value),
                provider: source.clone(),
                time: ReadTime::Now,
                measured: None,
            });
        }
        self.readings.firing = Some((value.clone(), source.clone()));
        Ok((value, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AlertBody;

    #[test]
    fn an_alert_is_identified_with_its_name() {
        let body = r#"{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A","x":"1"},
            "startsAt":"2026-11-22T06:35:00.021Z","fingerprint":"f"}]}"#;
        let identity = AlertBody::read(body).unwrap().meant(None).unwrap().identity();
        assert_eq!(identity.labels.get("alertname").unwrap(), "A");
        assert_eq!(identity.fingerprint.as_deref(), Some("f"));
        let nameless = Alert::of("B".into(), BTreeMap::new());
        assert_eq!(nameless.identity().labels.get("alertname").unwrap(), "B");
    }
}
