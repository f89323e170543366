//! [`RunbookFacts`]: what a catalogue of runbooks says of each one. The site, the server and the exports read it here.

use rbl_syntax::tree::{AlertNames, Declaration, File, Template, TriggerKind};

use crate::program::Runbook;

/// What a runbook says of itself before its steps, as far as a catalogue needs it.
///
/// A title or a team may hold values: each reader decides how it shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RunbookFacts<'a> {
    /// Its title; `None` where its text has no header that can be read.
    pub title: Option<&'a Template>,
    /// The team that is paged for it.
    pub owner: Option<&'a Template>,
    /// What starts it; `None` is by hand.
    pub trigger: Option<&'a TriggerKind>,
    /// The name of its time zone; `None` is UTC.
    pub timezone: Option<&'a str>,
}

impl<'a> RunbookFacts<'a> {
    /// Reads them from a tree, also from one of a text with errors. Of two declarations of one kind, which the check
    /// reports, the first counts.
    pub fn of(file: &'a File) -> Self {
        let mut facts = Self::default();
        for declaration in file.declarations() {
            match declaration {
                Declaration::Runbook(it) => facts.title = facts.title.or(Some(&it.title)),
                Declaration::Owner(it) => facts.owner = facts.owner.or(Some(&it.team)),
                Declaration::Trigger(it) => facts.trigger = facts.trigger.or(Some(&it.kind)),
                Declaration::Timezone(it) => facts.timezone = facts.timezone.or_else(|| it.name.literal()),
                Declaration::About(_)
                | Declaration::Severity(_)
                | Declaration::Link(_)
                | Declaration::Tests(_)
                | Declaration::Param(_)
                | Declaration::Secret(_)
                | Declaration::Metric(_)
                | Declaration::Define(_)
                | Declaration::Probe(_)
                | Declaration::Let(_)
                | Declaration::Use(_)
                | Declaration::Limit(_) => {}
            }
        }
        facts
    }

    /// Reads them from a checked runbook: the same as from its tree.
    pub fn of_checked(runbook: &'a Runbook) -> Self {
        Self {
            title: Some(&runbook.title),
            owner: runbook.owner.as_ref(),
            trigger: runbook.trigger.as_ref(),
            timezone: runbook.timezone.as_deref(),
        }
    }

    /// The alerts that start it.
    pub fn alerts(&self) -> Option<&'a AlertNames> {
        match self.trigger? {
            TriggerKind::Alert { name, .. } => Some(name),
            TriggerKind::Schedule { .. } | TriggerKind::Manual => None,
        }
    }
}

/// What starts a runbook, in one word: `alert`, `schedule` or `manual`.
pub fn trigger_word(trigger: Option<&TriggerKind>) -> &'static str {
    match trigger {
        Some(TriggerKind::Alert { .. }) => "alert",
        Some(TriggerKind::Schedule { .. }) => "schedule",
        Some(TriggerKind::Manual) | None => "manual",
    }
}

#[cfg(test)]
mod tests {
    use rbl_syntax::source::{Source, SourceId};

    use super::*;
    use crate::{Catalogue, LoadedFile, Loader, check};

    struct NoFiles;

    impl Loader for NoFiles {
        fn load(&mut self, _from: &str, path: &str) -> Result<LoadedFile, String> {
            Err(format!("no `{path}` here"))
        }
    }

    #[test]
    fn a_tree_and_what_is_checked_say_the_same() {
        for (trigger, word) in [
            ("trigger alert \"DiskFull\", \"DiskSlow\"\n", "alert"),
            ("trigger schedule \"0 3 * * *\"\n", "schedule"),
            ("trigger manual\n", "manual"),
            ("", "manual"),
        ] {
            let text = format!(
                "runbook \"Disk\"\n{trigger}owner \"db\"\ntimezone \"Europe/Berlin\"\n\"Look at it\"\n"
            );
            let file = rbl_syntax::parse(SourceId(0), &text).file;
            let checked =
                check(Source::new("disk.rb", text.as_str()), "disk.rb", &mut NoFiles, &Catalogue::default());
            let program = checked.program.unwrap();
            let facts = RunbookFacts::of(&file);
            assert_eq!(facts, RunbookFacts::of_checked(program.runbook(program.main()).unwrap()), "{text}");
            assert_eq!(facts.title.and_then(Template::literal), Some("Disk"));
            assert_eq!(facts.owner.and_then(Template::literal), Some("db"));
            assert_eq!(facts.timezone, Some("Europe/Berlin"));
            assert_eq!(trigger_word(facts.trigger), word);
            assert_eq!(facts.alerts().is_some(), word == "alert");
        }
    }

    #[test]
    fn of_two_owners_the_first_counts() {
        let text = "runbook \"Disk\"\nowner \"db\"\nowner \"web\"\n\"Look at it\"\n";
        let file = rbl_syntax::parse(SourceId(0), text).file;
        assert_eq!(RunbookFacts::of(&file).owner.and_then(Template::literal), Some("db"));
    }
}
