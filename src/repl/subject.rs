//! The subject of a given line: names it for `:clear`, and determines which later line replaces it.

use rbl_syntax::value::{Labels, Value};
use rbl_testing::scripted::{After, Change, Ends, How, Party, What};

/// The fact of one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    /// A fact about the world.
    Change(Change),
    /// A fact that holds once an action has succeeded.
    After(After),
}

impl Given {
    /// The name that `:clear` takes: `p99`, `disk {mount: "/"}`, `provider prometheus`.
    pub(super) fn subject(&self) -> String {
        let what = match self {
            Self::After(after) => return format!("after action {}", after.action),
            Self::Change(change) => &change.what,
        };
        match what {
            What::Metric(it) => {
                let labels = it.labels.as_ref().map(|it| format!(" {}", labelled(it))).unwrap_or_default();
                format!("{}{}{labels}", it.name, called(&it.arguments))
            }
            What::Outage(it) => match &it.of {
                Party::Provider(name) => format!("provider {name}"),
                Party::Team(name) => format!("team \"{name}\""),
                Party::Channel(name) => format!("channel \"{name}\""),
            },
            What::Action(it) => format!("action {}", it.name),
            What::Probe(it) => format!("probe `{}`", it.command),
            What::Answer(it) => format!("answer \"{}\"", it.question),
        }
    }

    /// Whether it begins at its own time: until then, earlier facts hold.
    pub(super) fn is_timed(&self) -> bool {
        matches!(self, Self::Change(Change { from: Some(_), .. }))
    }

    /// Whether it states the same kind of fact about the same subject, and so replaces the other.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        let (Self::Change(new), Self::Change(old)) = (self, other) else {
            return self.subject() == other.subject()
                && matches!((self, other), (Self::After(_), Self::After(_)));
        };
        if self.is_timed() {
            return new.from == old.from && self.subject() == other.subject();
        }
        match (&new.what, &old.what) {
            (What::Metric(new), What::Metric(old)) => {
                let same_series = new.labels.is_none() || old.labels.is_none() || new.labels == old.labels;
                new.name == old.name && new.arguments == old.arguments && same_series
            }
            (What::Action(new), What::Action(old)) => {
                new.name == old.name && facet(&new.how) == facet(&old.how)
            }
            (What::Probe(new), What::Probe(old)) => {
                let prints = |ends: &Ends| matches!(ends, Ends::Prints(_));
                new.command == old.command && prints(&new.ends) == prints(&old.ends)
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
fn facet(how: &How) -> u8 {
    match how {
        How::Fails(_) | How::Hangs => 0,
        How::Takes(_) => 1,
        How::Prints(_) => 2,
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
    use rbl_testing::scripted::{Action, ActionName, Metric, State};

    fn metric(labels: &[(&str, &str)], from: Option<f64>) -> Given {
        let labels: Labels = labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let labels = (!labels.is_empty()).then_some(labels);
        let what = Metric { name: "disk".into(), arguments: Vec::new(), labels, state: State::Value(0.9) };
        Given::Change(Change { from, what: What::Metric(what) })
    }

    fn action(how: How) -> Given {
        let name = ActionName::Command("reboot db-1".into());
        Given::Change(Change { from: None, what: What::Action(Action { name, how }) })
    }

    #[test]
    fn it_is_named_as_it_is_written() {
        assert_eq!(metric(&[("mount", "/")], None).subject(), "disk {mount: \"/\"}");
        assert_eq!(action(How::Hangs).subject(), "action `reboot db-1`");
        assert!(metric(&[("mount", "/")], None).is_meant_by("disk"));
        assert!(!metric(&[], None).is_meant_by("dis"));
        assert!(action(How::Hangs).is_meant_by("action"));
    }

    #[test]
    fn a_later_line_stands_in_the_place_of_what_it_says_anew() {
        let (root, var) = (metric(&[("mount", "/")], None), metric(&[("mount", "/var")], None));
        assert!(root.replaces(&root) && !root.replaces(&var));
        assert!(metric(&[], None).replaces(&root) && root.replaces(&metric(&[], None)));
        // A later fact adds to the current one; a fact that holds from now on replaces both.
        let later = metric(&[], Some(300.0));
        assert!(!later.replaces(&metric(&[], None)) && metric(&[], None).replaces(&later));
        let (fails, hangs, takes) = (action(How::Fails(None)), action(How::Hangs), action(How::Takes(60.0)));
        assert!(fails.replaces(&hangs) && !takes.replaces(&fails));
    }
}
