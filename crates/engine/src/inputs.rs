//! [`Inputs`]: what a new run starts with, and the first record made of it.

use std::collections::BTreeMap;

use rbl_check::Program;
use rbl_runtime::journal::{
    Begun, Chain, Entry, JournalEvent, NewRun, RecordedSource, RunMode, RunNeeds, sha256,
};
use rbl_runtime::{Secrets, Start};
use rbl_world::clock;
use smol_str::SmolStr;

use crate::{EngineError, StartMode};

/// What a new run starts with. Everything needed to walk it again is recorded, except the values of secrets.
pub struct Inputs<'a> {
    /// The checked program.
    pub program: &'a Program,
    /// The id of the run, its parameters and its alert.
    pub start: &'a Start,
    /// The texts of the program, the runbook's own first: see [`recorded_sources`].
    pub sources: Vec<RecordedSource>,
    /// The kinds of the configured providers by name.
    pub providers: BTreeMap<String, String>,
    /// Who starts it.
    pub by: String,
    /// Whether every action is confirmed before it starts.
    pub confirm: bool,
    /// What decides its mode.
    pub mode: StartMode<'a>,
    /// The secrets to mask in the record: see [`crate::named_secrets`].
    pub secrets: &'a Secrets,
    /// Two starts with the same key are one run. `None`: the run's own id, so that it is always a new run.
    pub dedupe: Option<String>,
}

impl Inputs<'_> {
    /// The new run, for a store.
    pub(crate) fn new_run(&self) -> Result<NewRun, EngineError> {
        let run = self.start.run_id.clone();
        let mut begun = Begun {
            format: Begun::FORMAT,
            rbl: env!("CARGO_PKG_VERSION").into(),
            run: run.clone(),
            by: self.by.clone(),
            sources: self.sources.clone(),
            providers: self.providers.clone(),
            masked: Vec::new(),
            params: self.start.params.clone(),
            alert: self.start.alert.clone(),
            scheduled: self.start.scheduled,
            confirm: self.confirm,
            language: Begun::LANGUAGE,
            mode: RunMode::Act,
            modes: BTreeMap::new(),
            mode_is_configured: false,
            teams: teams(self.sources.first()),
            time_zones: clock::time_zones().map(Into::into),
        };
        self.mode.write(self.program, &mut begun);
        let needs = RunNeeds { mode: begun.mode, ..crate::needs::needs(self.program, &begun.sources) };
        let file = begun.sources.first().map(|source| source.name.clone()).unwrap_or_default();
        let runbook = self.program.runbook(self.program.main());
        let runbook = runbook.and_then(|it| it.title.literal()).unwrap_or(&file).to_owned();
        let entry = Entry::Own(JournalEvent::Begun(Box::new(begun.without_secrets(self.secrets))));
        let at = clock::now();
        let first = Chain::new().next(&entry, at).map_err(|why| EngineError::NotJson(why.to_string()))?;
        let dedupe = self.dedupe.clone().unwrap_or_else(|| run.to_string());
        Ok(NewRun { run, dedupe, runbook, file, at, first, needs })
    }
}

/// The teams that have members where the runbook is. Where the configuration cannot be read no turn of the run begins before it
/// can.
fn teams(main: Option<&RecordedSource>) -> BTreeMap<SmolStr, u32> {
    crate::beginning::configured(main).map(|it| it.team_rules.with_members()).unwrap_or_default()
}

/// The texts of a program, to be recorded. `identity` gives the permanent identity of a file by the name under which it is
/// shown.
pub fn recorded_sources(program: &Program, identity: impl Fn(&str) -> String) -> Vec<RecordedSource> {
    let recorded = |source: &rbl_syntax::source::Source| RecordedSource {
        name: source.name().into(),
        identity: identity(source.name()),
        text: source.text().to_owned(),
        sha256: sha256(source.text()),
    };
    program.sources().iter().map(|(_, source)| recorded(source)).collect()
}
