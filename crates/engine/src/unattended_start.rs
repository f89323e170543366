//! Starts runs that no person starts: for an alert, for a schedule. Where that is impossible, a run pages the owner.

use std::collections::BTreeMap;

use rbl_check::{Catalogue, LoadedFile, Loader, check_on};
use rbl_runtime::journal::{RecordedSource, RunMode, reached_words, sha256};
use rbl_runtime::{Alert, ParamSources, Secrets, Start, read_params};
use rbl_syntax::source::Source;
use rbl_syntax::value::{Time, Value};
use smol_str::SmolStr;

use crate::{Engine, EngineError, Inputs, LimitPolicy, SetRunbook, StartMode, named_secrets, run_id};

/// A run that was to be started and that no person started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnattendedStart {
    /// The run: that of the runbook, else one that pages its owner.
    pub run: SmolStr,
    /// Whether there was a run of the same cause already: this one.
    pub is_new: bool,
    /// Why the runbook itself was not started; `None`: it was.
    pub refused: Option<String>,
}

/// Why a run starts.
struct StartCause<'a> {
    alert: Option<&'a Alert>,
    scheduled: Option<Time>,
    /// Who starts it, for its record.
    by: String,
    /// Two starts of the same cause are one run.
    key: &'a str,
    /// In words: `for the alert DiskFull`.
    words: String,
}

impl Engine {
    /// Starts the runbook for an alert that came through a hook. `key`: two starts of the same cause are one run.
    ///
    /// Where a parameter has no value, or not one that it allows, or a limit of the runbook is reached, a run that does
    /// nothing but page the owner is started instead: once for this cause, and of a limit once in its window.
    pub fn start_for_alert(
        &self,
        runbook: &SetRunbook,
        alert: &Alert,
        hook: &str,
        key: &str,
    ) -> Result<UnattendedStart, EngineError> {
        self.start_unattended(
            runbook,
            &StartCause {
                alert: Some(alert),
                scheduled: None,
                by: format!("hook {hook}"),
                key,
                words: format!("for the alert {}", alert.name),
            },
        )
    }

    /// Starts the runbook because its schedule fired at this time: once, whoever else does so. What cannot start pages the
    /// owner, as in [`Engine::start_for_alert`].
    pub fn start_for_schedule(
        &self,
        runbook: &SetRunbook,
        fired: Time,
    ) -> Result<UnattendedStart, EngineError> {
        let key = format!("schedule:{}@{fired}", runbook.identity);
        self.start_unattended(
            runbook,
            &StartCause {
                alert: None,
                scheduled: Some(fired),
                by: "schedule".to_owned(),
                key: &key,
                words: format!("for its schedule at {fired}"),
            },
        )
    }

    fn start_unattended(
        &self,
        runbook: &SetRunbook,
        cause: &StartCause<'_>,
    ) -> Result<UnattendedStart, EngineError> {
        let cannot = |why: &str| format!("it cannot start {}: {why}", cause.words);
        let runnable = match &runbook.runnable {
            Ok(runnable) => runnable,
            Err(finding) => {
                let why = cannot(&format!("its text has errors: {finding}"));
                return self.instead(runbook, cause, cause.key, why);
            }
        };
        let program = &runnable.program;
        let sources = ParamSources { alert: cause.alert, ..ParamSources::default() };
        let params = match read_params(program, &sources) {
            Ok(params) => params,
            Err(errors) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                return self.instead(runbook, cause, cause.key, cannot(&errors.join("; ")));
            }
        };
        let start = Start {
            run_id: run_id::new().into(),
            params,
            alert: cause.alert.cloned(),
            scheduled: cause.scheduled,
            ..Start::default()
        };
        let secrets = named_secrets(program);
        let inputs = Inputs {
            program,
            start: &start,
            sources: runnable.sources.clone(),
            providers: runnable.providers.clone(),
            by: cause.by.clone(),
            confirm: false,
            mode: StartMode::Configured { modes: &self.modes, at_least: RunMode::Act },
            secrets: &secrets,
            dedupe: Some(cause.key.to_owned()),
        };
        match self.start_within(&inputs, LimitPolicy::Refuse, false) {
            Ok(started) => Ok(UnattendedStart { run: started.run, is_new: started.is_new, refused: None }),
            Err(EngineError::LimitReached { reached, .. }) => {
                let why = format!("it was not started {}: it ran {}", cause.words, reached_words(&reached));
                let now = rbl_world::clock::now().0.as_second();
                #[allow(clippy::cast_possible_truncation)] // A window is at most centuries long.
                let window = now.checked_div(reached.window as i64).unwrap_or_default();
                let key = format!("limit:{}:{}:{window}", runbook.identity, reached.key);
                self.instead(runbook, cause, &key, why)
            }
            Err(why) => Err(why),
        }
    }

    /// Pages the owner of a runbook, by a run of its own: nothing that has to be said is lost with this process.
    pub fn page_owner(
        &self,
        runbook: &SetRunbook,
        by: &str,
        key: &str,
        why: &str,
    ) -> Result<SmolStr, EngineError> {
        let cause = StartCause { alert: None, scheduled: None, by: by.to_owned(), key, words: String::new() };
        self.instead(runbook, &cause, key, why.to_owned()).map(|start| start.run)
    }

    fn instead(
        &self,
        runbook: &SetRunbook,
        cause: &StartCause<'_>,
        key: &str,
        why: String,
    ) -> Result<UnattendedStart, EngineError> {
        let text = paging_text(runbook);
        let source = Source::new(runbook.file.as_str(), text.as_str());
        // The owner was checked with the runbook: whether there is such a team is said by the page itself.
        let checked = check_on(source, &runbook.identity, &mut NoFiles, &Catalogue::default(), None);
        let program = checked.runnable.ok_or_else(|| EngineError::NoProgram {
            run: SmolStr::default(),
            why: "the run that pages the owner cannot be made (this is a bug in rbl)".into(),
        })?;
        let params: BTreeMap<SmolStr, Value> = [("why".into(), Value::text(why.as_str()))].into();
        let start =
            Start { run_id: run_id::new().into(), params, alert: cause.alert.cloned(), ..Start::default() };
        let source = RecordedSource {
            name: runbook.file.clone(),
            identity: runbook.identity.clone(),
            sha256: sha256(&text),
            text,
        };
        let inputs = Inputs {
            program: &program,
            start: &start,
            sources: vec![source],
            providers: BTreeMap::new(),
            by: cause.by.clone(),
            confirm: false,
            mode: StartMode::Configured { modes: &self.modes, at_least: RunMode::Act },
            secrets: &Secrets::new(),
            dedupe: Some(key.to_owned()),
        };
        let started = self.start_within(&inputs, LimitPolicy::Exceed, false)?;
        Ok(UnattendedStart { run: started.run, is_new: started.is_new, refused: Some(why) })
    }
}

/// A runbook that does nothing but page the owner of another, under its title. The reason is a parameter: it may hold
/// anything.
fn paging_text(runbook: &SetRunbook) -> String {
    let owner = runbook.owner.as_deref().map(|owner| format!("owner {}\n", quoted(owner)));
    format!("runbook {}\n{}{ONLY_PAGES}", quoted(&runbook.title), owner.unwrap_or_default())
}

/// Whether a text is one of [`paging_text`].
pub(crate) fn only_pages(text: &str) -> bool {
    text.ends_with(ONLY_PAGES)
}

/// How each text of [`paging_text`] ends.
const ONLY_PAGES: &str = "param why: text\n\nstop \"#{why}\"\n";

/// A text in quotes that parses as the same text.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace("#{", "\\#{");
    format!("\"{escaped}\"")
}

/// A program that names no other file.
struct NoFiles;

impl Loader for NoFiles {
    fn load(&mut self, _: &str, named: &str) -> Result<LoadedFile, String> {
        Err(format!("`{named}` is not read here"))
    }
}
