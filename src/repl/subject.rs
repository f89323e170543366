//! The subject of a given line: names it for `:clear`, and determines which later line replaces it.

use rbl_runtime::{Alert, FIRING};
use rbl_syntax::value::{Labels, Value};
use rbl_testing::scripted::{
    ActionBehaviour, ActionConsequences, GivenChange, GivenLimit, GivenSubject, ProbeOutcome, Service,
};

/// The fact of one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum GivenFact {
    /// A fact about the world.
    Change(GivenChange),
    /// A fact that holds once an action has succeeded.
    After(ActionConsequences),
    /// The alert that started the session's run.
    Alert(Alert),
}

impl GivenFact {
    /// The name that `:clear` takes: `p99`, `disk {mount: "/"}`, `provider prometheus`.
    pub(super) fn subject(&self) -> String {
        let what = match self {
            Self::After(after) => return format!("after action {}", after.action),
            Self::Alert(alert) => return format!("alert \"{}\"", alert.name),
            Self::Change(change) => &change.what,
        };
        match what {
            GivenSubject::Metric(it) => {
                let labels = it.labels.as_ref().map(|it| format!(" {}", labelled(it))).unwrap_or_default();
                format!("{}{}{labels}", it.name, called(&it.arguments))
            }
            GivenSubject::Firing(_) => FIRING.to_owned(),
            GivenSubject::Outage(it) => match &it.of {
                Service::Provider(name) => format!("provider {name}"),
                Service::Team(name) => format!("team \"{name}\""),
                Service::Channel(name) => format!("channel \"{name}\""),
            },
            GivenSubject::Action(it) => format!("action {}", it.name),
            GivenSubject::Probe(it) => format!("probe {}", it.name),
            GivenSubject::Answer(it) => format!("answer \"{}\"", it.question),
            GivenSubject::Lock(it) => format!("lock \"{}\"", it.name),
            GivenSubject::Limit(GivenLimit::Action(name)) => format!("limit {name}"),
            GivenSubject::Limit(GivenLimit::Run(file)) => format!("limit \"{file}\""),
            GivenSubject::Approval(it) => format!("answer action {}", it.action),
            GivenSubject::Acknowledgement(it) => format!("acknowledgement of team \"{}\"", it.team),
        }
    }

    /// Whether it begins at its own time: until then, earlier facts hold.
    pub(super) fn is_timed(&self) -> bool {
        matches!(self, Self::Change(GivenChange { from: Some(_), .. }))
    }

    /// Whether it states the same kind of fact about the same subject, and so replaces the other.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        if let (Self::Alert(_), Self::Alert(_)) = (self, other) {
            return true;
        }
        let (Self::Change(new), Self::Change(old)) = (self, other) else {
            return self.subject() == other.subject()
                && matches!((self, other), (Self::After(_), Self::After(_)));
        };
        if self.is_timed() {
            return new.from == old.from && self.subject() == other.subject();
        }
        match (&new.what, &old.what) {
            (GivenSubject::Metric(new), GivenSubject::Metric(old)) => {
                let same_series = new.labels.is_none() || old.labels.is_none() || new.labels == old.labels;
                new.name == old.name && new.arguments == old.arguments && same_series
            }
            (GivenSubject::Action(new), GivenSubject::Action(old)) => {
                new.name == old.name && facet(&new.how) == facet(&old.how)
            }
            (GivenSubject::Probe(new), GivenSubject::Probe(old)) => {
                let prints = |ends: &ProbeOutcome| matches!(ends, ProbeOutcome::Prints(_));
                new.name == old.name && prints(&new.ends) == prints(&old.ends)
            }
            _ => self.subject() == other.subject(),
        }
    }

    /// Whether the typed words name it: they are its subject, or begin it.
    pub(super) fn is_meant_by(&self, words: &str) -> bool {
        let subject = self.subject();
        let Some(rest) = subject.strip_prefix(words) else { return false };
        !rest.starts_with(|it: char| it.is_alphanumeric() || it == '_')
    }
}

/// The kind of a fact: how an action ends, how long it takes, and what it prints can hold together.
fn facet(how: &ActionBehaviour) -> u8 {
    match how {
        ActionBehaviour::Fails(_) | ActionBehaviour::Hangs => 0,
        ActionBehaviour::Takes(_) => 1,
        ActionBehaviour::Prints(_) => 2,
    }
}

fn called(arguments: &[(smol_str::SmolStr, Value)]) -> String {
    let argument = |(name, value): &(smol_str::SmolStr, Value)| match value {
        Value::Text(text) => format!("{name}: {text:?}"),
        value => format!("{name}: {value}"),
    };
    match arguments.iter().map(argument).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        some => format!("({some})"),
    }
}

fn labelled(labels: &Labels) -> String {
    let all: Vec<String> = labels.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    format!("{{{}}}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rbl_testing::scripted::{ActionName, GivenAction, GivenMetric, MetricState};

    fn metric(labels: &[(&str, &str)], from: Option<f64>) -> GivenFact {
        let labels: Labels = labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let labels = (!labels.is_empty()).then_some(labels);
        let what = GivenMetric {
            name: "disk".into(),
            arguments: Vec::new(),
            labels,
            state: MetricState::Value(0.9),
        };
        GivenFact::Change(GivenChange { from, what: GivenSubject::Metric(what) })
    }

    fn action(how: ActionBehaviour) -> GivenFact {
        let name = ActionName::Command("reboot db-1".into());
        GivenFact::Change(GivenChange { from: None, what: GivenSubject::Action(GivenAction { name, how }) })
    }

    #[test]
    fn it_is_named_as_it_is_written() {
        assert_eq!(metric(&[("mount", "/")], None).subject(), "disk {mount: \"/\"}");
        assert_eq!(action(ActionBehaviour::Hangs).subject(), "action `reboot db-1`");
        assert!(metric(&[("mount", "/")], None).is_meant_by("disk"));
        assert!(!metric(&[], None).is_meant_by("dis"));
        assert!(action(ActionBehaviour::Hangs).is_meant_by("action"));
    }

    #[test]
    fn a_later_line_stands_in_the_place_of_what_it_says_anew() {
        let (root, var) = (metric(&[("mount", "/")], None), metric(&[("mount", "/var")], None));
        assert!(root.replaces(&root) && !root.replaces(&var));
        assert!(metric(&[], None).replaces(&root) && root.replaces(&metric(&[], None)));
        // A later fact adds to the current one; a fact that holds from now on replaces both.
        let later = metric(&[], Some(300.0));
        assert!(!later.replaces(&metric(&[], None)) && metric(&[], None).replaces(&later));
        let (fails, hangs, takes) = (
            action(ActionBehaviour::Fails(None)),
            action(ActionBehaviour::Hangs),
            action(ActionBehaviour::Takes(60.0)),
        );
        assert!(fails.replaces(&hangs) && !takes.replaces(&fails));
    }
}
