//! The secrets that a program names by plain text.

use std::path::PathBuf;
use std::sync::Arc;

use rbl_check::{Program, Runbook};
use rbl_runtime::Secrets;
use rbl_syntax::tree::SecretSource;
use rbl_syntax::value::{SecretCommand, SecretRef};
use smol_str::SmolStr;

/// The secrets that the program names by plain text, read now: their values are masked in the record from the start. A
/// secret that cannot be read is reported by the run.
pub fn named_secrets(program: &Program) -> Secrets {
    let secrets = Secrets::new();
    let mut waiting = vec![program.main()];
    let mut seen: Vec<*const Runbook> = Vec::new();
    while let Some(runbook) = waiting.pop().and_then(|id| program.runbook(id)) {
        if seen.contains(&Arc::as_ptr(runbook)) {
            continue;
        }
        seen.push(Arc::as_ptr(runbook));
        waiting.extend(runbook.runs.values().copied());
        for secret in runbook.secrets.values() {
            let from = match &secret.source {
                SecretSource::Env(name) => name.literal().map(|name| SecretRef::Env(name.into())),
                SecretSource::File(path) => path.literal().map(|path| {
                    let folder = runbook.folder.as_deref().map_or_else(PathBuf::new, PathBuf::from);
                    SecretRef::File(folder.join(path).to_string_lossy().into())
                }),
                SecretSource::Command(command) => command.literal().map(|command| {
                    let folder = runbook.folder.as_deref().map(SmolStr::from);
                    SecretRef::Command(SecretCommand { command: command.into(), folder })
                }),
            };
            let _ = from.map(|from| rbl_world::secrets::resolve(&secrets, &from));
        }
    }
    secrets
}
