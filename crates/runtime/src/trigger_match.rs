//! Whether the trigger of a runbook means an alert: the one place that decides it, for `rbl run --alert` and for whatever
//! starts runs by itself.

use smol_str::SmolStr;

use super::alert::Alert;
use super::kept_regex::KeptRegex;
use rbl_syntax::tree::{AlertNames, LabelMatch, LabelMatcher, TriggerKind};

/// Why a trigger does not mean an alert, in words: the name, or the first label that differs. `None`: it means it.
/// Labels are matched as Prometheus does: a missing label is empty, and a pattern matches the whole value.
pub fn trigger_mismatch(trigger: &TriggerKind, alert: &Alert) -> Option<String> {
    let (names, labels) = match trigger {
        TriggerKind::Alert { name, labels, .. } => (name, labels),
        TriggerKind::Schedule { .. } => return Some("the trigger is a schedule".to_owned()),
        TriggerKind::Manual => return Some("the trigger is `manual`".to_owned()),
    };
    if !means_name(names, &alert.name) {
        let wanted = match names {
            AlertNames::Listed(listed) => {
                let all: Vec<String> =
                    listed.iter().map(|name| format!("`{}`", name.literal().unwrap_or_default())).collect();
                match all.as_slice() {
                    [one] => format!("the alert {one}"),
                    all => format!("the alerts {}", all.join(", ")),
                }
            }
            AlertNames::Matching(regex) => {
                format!("alerts that match `{}`", regex.literal().unwrap_or_default())
            }
        };
        return Some(format!("the trigger is for {wanted}, and this one is `{}`", alert.name));
    }
    let label = labels.iter().find(|label| !has(alert, label))?;
    let (key, op, wanted) =
        (&label.name.text, label.op.spelling(), label.value.literal().unwrap_or_default());
    let has = alert.labels.get(key).map_or_else(|| "has none".to_owned(), |value| format!("has `{value}`"));
    Some(format!("the trigger wants `{key} {op} \"{wanted}\"`, and this alert {has}"))
}

/// Whether a trigger is for alerts of this name, whatever their labels.
pub fn alert_name_fits(trigger: &TriggerKind, name: &str) -> bool {
    match trigger {
        TriggerKind::Alert { name: names, .. } => means_name(names, name),
        TriggerKind::Schedule { .. } | TriggerKind::Manual => false,
    }
}

/// The labels that a trigger groups runs by, with their values; a label that the alert does not have is empty.
pub fn trigger_group(trigger: &TriggerKind, alert: &Alert) -> Vec<(SmolStr, SmolStr)> {
    let TriggerKind::Alert { by, .. } = trigger else { return Vec::new() };
    by.iter()
        .map(|label| (label.text.clone(), alert.labels.get(&label.text).cloned().unwrap_or_default()))
        .collect()
}

fn means_name(names: &AlertNames, name: &str) -> bool {
    match names {
        AlertNames::Listed(listed) => listed.iter().any(|wanted| wanted.literal() == Some(name)),
        AlertNames::Matching(regex) => regex.literal().is_some_and(|regex| whole(regex, name)),
    }
}

fn has(alert: &Alert, label: &LabelMatcher) -> bool {
    let value = alert.labels.get(&label.name.text).map_or("", SmolStr::as_str);
    let Some(wanted) = label.value.literal() else { return false };
    match label.op {
        LabelMatch::Equal => value == wanted,
        LabelMatch::NotEqual => value != wanted,
        LabelMatch::Matches => whole(wanted, value),
        LabelMatch::NotMatches => !whole(wanted, value),
    }
}

/// Whether a pattern matches the whole text.
fn whole(regex: &str, text: &str) -> bool {
    KeptRegex::of(&format!("^(?:{regex})$")).regex().is_some_and(|it| it.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_syntax::source::SourceId;

    #[test]
    fn a_pattern_matches_the_whole_value_each_time() {
        for _ in 0..2 {
            assert!(!whole("api-1|(", "api-1"), "it cannot be read");
            assert!(whole("api-1.*", "api-1-x") && whole("api-1.*", "api-1") && !whole("api-1.*", "web"));
        }
    }

    use rbl_syntax::tree::Declaration;

    fn trigger(text: &str) -> TriggerKind {
        let parsed = rbl_syntax::parse(SourceId(0), &format!("runbook \"x\"\ntrigger {text}\n"));
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let found = parsed.file.declarations().find_map(|it| match it {
            Declaration::Trigger(it) => Some(it.kind.clone()),
            _ => None,
        });
        found.unwrap()
    }

    fn alert(labels: &[(&str, &str)]) -> Alert {
        let labels =
            labels.iter().map(|(name, value)| (SmolStr::from(*name), SmolStr::from(*value))).collect();
        Alert::of_labels(labels)
    }

    #[test]
    fn names_and_labels_are_matched_as_prometheus_does() {
        let one = alert(&[("alertname", "DiskFull"), ("severity", "page"), ("service.name", "api")]);
        for means in [
            r#"alert "DiskFull""#,
            r#"alert "Other", "DiskFull""#,
            r#"alert =~ "Disk.*""#,
            r#"alert "DiskFull" where severity = "page", "service.name" =~ "a.i""#,
            r#"alert "DiskFull" where severity != "info", missing = "", severity !~ "p""#,
            r#"alert "DiskFull" where missing =~ "|x" by cluster"#,
        ] {
            assert_eq!(trigger_mismatch(&trigger(means), &one), None, "{means}");
        }
        for (not, why) in [
            (r#"alert "Disk""#, "the trigger is for the alert `Disk`, and this one is `DiskFull`"),
            (r#"alert "A", "B""#, "the trigger is for the alerts `A`, `B`, and this one is `DiskFull`"),
            (r#"alert =~ "Disk""#, "the trigger is for alerts that match `Disk`, and this one is `DiskFull`"),
            (
                r#"alert "DiskFull" where "service.name" = "db""#,
                "the trigger wants `service.name = \"db\"`, and this alert has `api`",
            ),
            (
                r#"alert "DiskFull" where severity =~ "pa""#,
                "the trigger wants `severity =~ \"pa\"`, and this alert has `page`",
            ),
            (
                r#"alert "DiskFull" where region !~ "|eu""#,
                "the trigger wants `region !~ \"|eu\"`, and this alert has none",
            ),
            ("manual", "the trigger is `manual`"),
            (r#"schedule "0 3 * * *""#, "the trigger is a schedule"),
        ] {
            assert_eq!(trigger_mismatch(&trigger(not), &one).as_deref(), Some(why), "{not}");
        }
    }

    #[test]
    fn runs_are_grouped_by_the_values_of_their_labels() {
        let one = alert(&[("alertname", "A"), ("k8s.cluster", "eu")]);
        let group = trigger_group(&trigger(r#"alert "A" by "k8s.cluster", node"#), &one);
        assert_eq!(group, [("k8s.cluster".into(), "eu".into()), ("node".into(), "".into())]);
        assert!(trigger_group(&trigger("manual"), &one).is_empty());
    }
}
