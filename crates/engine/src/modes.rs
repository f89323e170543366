//! [`RunbookModes`]: which runbook is in which mode, as the configuration of a server says it.

use std::path::PathBuf;

use rbl_check::Program;
use rbl_project::Refusal;
use rbl_project::config::ConfiguredMode;
use rbl_runtime::journal::{Begun, ModeInForce, RecordedSource, RunMode};
use rbl_world::Connections;

use crate::RunbookScope;
use crate::runbook_scope::{RunbookPattern, no_pattern, with_real_names};

/// How a runbook begins that was not written for rbl: somebody has to read it before it may do anything.
const IMPORTED: &str = "# rbl: imported";

/// Where the mode of a runbook comes from that no pattern means.
const CONFIGURED: &str = "`mode` of `[serve]`";

/// The modes of the runbooks of a server.
#[derive(Debug, Clone)]
pub struct RunbookModes {
    default: RunMode,
    /// Where the default comes from.
    why: &'static str,
    patterns: Vec<ModePattern>,
    /// The folders to which a pattern is relative.
    folders: Vec<PathBuf>,
}

#[derive(Debug, Clone)]
struct ModePattern {
    pattern: RunbookPattern,
    mode: RunMode,
}

impl RunbookModes {
    /// Every runbook is in this mode.
    pub fn all(mode: RunMode) -> Self {
        Self { default: mode, why: CONFIGURED, patterns: Vec::new(), folders: Vec::new() }
    }

    /// The mode of each runbook that matches a pattern, and of the others. A pattern means the path below one of the folders.
    ///
    /// Errors: a pattern that is none, and why.
    pub fn new<'p>(
        default: RunMode,
        patterns: impl IntoIterator<Item = (&'p str, RunMode)>,
        folders: &[PathBuf],
    ) -> Result<Self, (String, String)> {
        let read =
            |(text, mode): (&str, RunMode)| Ok(ModePattern { pattern: RunbookPattern::new(text)?, mode });
        Ok(Self {
            default,
            why: CONFIGURED,
            patterns: patterns.into_iter().map(read).collect::<Result<Vec<_>, (String, String)>>()?,
            folders: with_real_names(folders),
        })
    }

    /// With this mode for the runbooks that no pattern means, as whoever starts the server says it.
    #[must_use]
    pub fn or(self, default: RunMode) -> Self {
        Self { default, why: "`--mode`", ..self }
    }

    /// What is configured. `folders`: those of the runbooks, to which patterns are relative, besides that of the configuration.
    ///
    /// Errors: a pattern that is none.
    pub fn configured(connections: &Connections, folders: &[PathBuf]) -> Result<Self, Refusal> {
        let serve = &connections.serve;
        let patterns = serve.modes.iter().map(|(pattern, mode)| (pattern.as_str(), mode_of(*mode)));
        let folders: Vec<PathBuf> = [&connections.base].into_iter().chain(folders).cloned().collect();
        Self::new(mode_of(serve.mode), patterns, &folders)
            .map_err(|(pattern, why)| no_pattern(&format!("`{pattern}` of `[serve.modes]`"), &why))
    }

    /// What is configured where the runbook of a run is: for whoever resumes it without a server.
    ///
    /// Errors: a pattern that is none.
    pub fn beside(connections: &Connections) -> Result<Self, Refusal> {
        let folders: Vec<PathBuf> =
            connections.serve.runbooks.iter().map(|it| connections.base.join(it)).collect();
        Self::configured(connections, &folders)
    }

    /// The runbooks that one of these patterns means, which are read as those of the modes are.
    ///
    /// Errors: a text that is no pattern.
    pub fn scope(&self, patterns: &[String]) -> Result<RunbookScope, Refusal> {
        RunbookScope::new(patterns, &self.folders)
    }

    /// The mode of a runbook with this text, by the permanent identity of its file: that of the strictest pattern that matches,
    /// else the default.
    pub fn of_runbook(&self, source: &RecordedSource) -> ModeInForce {
        imported(source, self.of(&source.identity))
    }

    /// The mode of a file, by its permanent identity, whatever its text is.
    pub fn of(&self, identity: &str) -> ModeInForce {
        let matching = self.patterns.iter().filter(|it| it.pattern.is_match(&self.folders, identity));
        match matching.max_by_key(|pattern| pattern.mode) {
            Some(pattern) => {
                ModeInForce::new(pattern.mode, format!("`{}` of `[serve.modes]`", pattern.pattern.text))
            }
            None => ModeInForce::new(self.default, self.why),
        }
    }

    /// The patterns that match none of these runbooks.
    pub fn unused<'m>(&'m self, identities: &'m [&str]) -> impl Iterator<Item = &'m str> {
        let is_used =
            |it: &ModePattern| identities.iter().any(|identity| it.pattern.is_match(&self.folders, identity));
        self.patterns.iter().filter(move |it| !is_used(it)).map(|it| it.pattern.text.as_str())
    }
}

fn mode_of(mode: ConfiguredMode) -> RunMode {
    match mode {
        ConfiguredMode::Look => RunMode::Look,
        ConfiguredMode::Ask => RunMode::Ask,
        ConfiguredMode::Act => RunMode::Act,
    }
}

/// What decides the mode of a run that starts.
#[derive(Debug, Clone, Copy)]
pub enum StartMode<'a> {
    /// Whoever starts it says it, for all runbooks of it.
    Given(RunMode),
    /// The configuration does; a stricter one may be asked for.
    Configured {
        /// The configuration.
        modes: &'a RunbookModes,
        /// The least strict mode that the run may have.
        at_least: RunMode,
    },
}

impl StartMode<'_> {
    fn of(&self, identity: &str) -> ModeInForce {
        match self {
            Self::Given(mode) => ModeInForce::new(*mode, ""),
            Self::Configured { modes, at_least } => {
                modes.of(identity).or_stricter(ModeInForce::new(*at_least, "it was started in it"))
            }
        }
    }

    /// Writes the modes of its runbooks into the beginning of a run.
    pub(crate) fn write(&self, program: &Program, begun: &mut Begun) {
        begun.mode_is_configured = matches!(self, Self::Configured { .. });
        let mut main = true;
        for source in runbooks(program, &begun.sources) {
            let mode = imported(source, self.of(&source.identity)).mode;
            if std::mem::take(&mut main) {
                begun.mode = mode;
            } else if mode != begun.mode {
                begun.modes.insert(source.name.clone(), mode);
            }
        }
    }
}

/// The texts of the runbooks of a program, that of the one that is started first.
fn runbooks<'s>(program: &Program, sources: &'s [RecordedSource]) -> Vec<&'s RecordedSource> {
    let number = |source: rbl_syntax::source::SourceId| sources.get(source.0 as usize);
    program.runbooks().filter_map(|runbook| number(runbook.source)).collect()
}

/// The mode of a runbook with this text.
pub(crate) fn imported(source: &RecordedSource, mode: ModeInForce) -> ModeInForce {
    if source.text.starts_with(IMPORTED) {
        let why = format!("{} begins with `{IMPORTED}`", source.name);
        return ModeInForce::new(RunMode::Look, why);
    }
    mode
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modes(patterns: &[(&str, RunMode)]) -> RunbookModes {
        let folders = ["/srv".into(), "/srv/runbooks".into()];
        RunbookModes::new(RunMode::Ask, patterns.iter().copied(), &folders).unwrap()
    }

    #[test]
    fn the_strictest_pattern_that_matches_counts() {
        let all = modes(&[("**", RunMode::Act), ("new/*", RunMode::Look), ("runbooks/db/**", RunMode::Ask)]);
        let of = |path: &str| all.of(path).mode;
        assert_eq!(of("/srv/runbooks/a.rb"), RunMode::Act);
        assert_eq!(of("/srv/runbooks/new/a.rb"), RunMode::Look, "below the folder of the runbooks");
        assert_eq!(of("/srv/new/a.rb"), RunMode::Look, "below the folder of the configuration");
        assert_eq!(of("/srv/runbooks/new/x/a.rb"), RunMode::Act, "`*` stays in its folder");
        assert_eq!(of("/srv/runbooks/db/x/a.rb"), RunMode::Ask);
        assert_eq!(of("/elsewhere/a.rb"), RunMode::Ask, "the default");
        assert_eq!(of("-"), RunMode::Ask);
        assert_eq!(all.of("/srv/new/a.rb").because, "`new/*` of `[serve.modes]`");
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_found() {
        let all = modes(&[("a.rb", RunMode::Act), ("b*.rb", RunMode::Look)]);
        assert_eq!(all.unused(&["/srv/a.rb"]).collect::<Vec<_>>(), ["b*.rb"]);
        assert_eq!(all.unused(&["/srv/a.rb", "/srv/runbooks/b1.rb"]).count(), 0);
        let (text, why) = RunbookModes::new(RunMode::Ask, [("a{", RunMode::Act)], &[]).unwrap_err();
        assert_eq!(text, "a{");
        assert!(!why.is_empty());
    }
}
