//! What a program needs of whoever executes it, recorded beside the run.

use rbl_check::Program;
use rbl_project::files;
use rbl_runtime::journal::{RecordedSource, RunNeeds};
use rbl_syntax::tree::{DefineTarget, SecretSource, Template};

/// The providers, executors and secrets that the runbooks of a program name, and the folder and the identity of the first.
pub(crate) fn needs(program: &Program, sources: &[RecordedSource]) -> RunNeeds {
    let mut needs = RunNeeds::default();
    for runbook in program.runbooks() {
        needs.providers.extend(runbook.metrics.values().map(|it| it.declaration.provider.text.clone()));
        needs.executors.extend(runbook.defines.values().filter_map(|it| match &it.declaration.target {
            DefineTarget::Executor { executor, .. } => Some(executor.text.clone()),
            DefineTarget::Prose(_) | DefineTarget::Command(_) => None,
        }));
        needs.secrets.extend(runbook.secrets.values().filter_map(|secret| match &secret.source {
            SecretSource::Env(name) => named("env", name),
            SecretSource::File(path) => named("file", path),
            SecretSource::Command(command) => named("command", command),
        }));
    }
    if let Some(main) = sources.first() {
        needs.folder = files::folder(&main.identity).display().to_string();
        needs.identity.clone_from(&main.identity);
    }
    needs
}

fn named(kind: &str, name: &Template) -> Option<smol_str::SmolStr> {
    Some(format!("{kind} {}", name.literal()?).into())
}
