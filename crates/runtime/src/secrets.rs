//! Secrets: checks that declared ones can be read before anything runs; a secret's value never enters the run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::{Effect, Reply};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Secret, SecretSource};
use rbl_syntax::value::{SecretCommand, SecretRef, Value};

impl<'p> Interpreter<'p, '_> {
    /// Checks that every secret of every runbook of this run can be read, before anything runs.
    pub(super) fn secrets(&mut self, span: Span) -> WalkResult<()> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut waiting = vec![self.program.main()];
        let mut wanted: BTreeMap<SmolStr, Vec<SecretRef>> = BTreeMap::new();
        let mut places: BTreeMap<SmolStr, Span> = BTreeMap::new();
        while let Some(id) = waiting.pop() {
            let Some(runbook) = self.program.runbook(id) else { continue };
            if !seen.insert(Arc::as_ptr(runbook) as usize) {
                continue;
            }
            waiting.extend(runbook.runs.values().copied());
            for (name, secret) in &runbook.secrets {
                if self.is_declared_here(secret) {
                    places.insert(name.clone(), secret.span);
                }
                let from = match self.secret(secret, runbook.folder.as_deref())? {
                    Value::Secret(from) => from,
                    value => {
                        let why = value.gap().unwrap_or_else(other_kind);
                        return Err(
                            self.unhandled(span, format!("the secret `{name}` cannot be read: {why}"))
                        );
                    }
                };
                let all = wanted.entry(name.clone()).or_default();
                if !all.contains(&from) {
                    all.push(from);
                    all.sort_by_key(|from| format!("{from:?}"));
                }
            }
        }
        for (name, all) in wanted {
            for from in all {
                let reply = self.perform(&Effect::Secret { name: name.clone(), from })?;
                let readable = if let Reply::Secret(readable) = reply { readable } else { Err(other_kind()) };
                if let Err(why) = readable {
                    let at = places.get(&name).copied().unwrap_or(span);
                    return Err(self.unhandled(at, format!("the secret `{name}` cannot be read: {why}")));
                }
            }
        }
        Ok(())
    }

    /// Whether a secret is declared in the file of the runbook that runs: those of libraries have places in their own files.
    fn is_declared_here(&self, secret: &Secret) -> bool {
        let line = self.source_line(secret.span);
        let mut words = line.split_whitespace();
        words.next() == Some("secret") && words.next() == Some(secret.name.text.as_str())
    }

    /// A declared secret of a runbook in this folder: holds where it comes from, never its value. Unknown where that is.
    pub(super) fn secret(&mut self, secret: &'p Secret, folder: Option<&str>) -> WalkResult<Value> {
        Ok(Value::Secret(match &secret.source {
            SecretSource::Env(name) => match self.named_text(name)? {
                Ok(name) => SecretRef::Env(name.into()),
                Err(why) => return Ok(Value::unknown(why)),
            },
            SecretSource::File(path) => {
                let path = match self.named_text(path)? {
                    Ok(path) => path,
                    Err(why) => return Ok(Value::unknown(why)),
                };
                // Like the files that the runbook names: from wherever it is started.
                let folder = folder.map(Path::new);
                let path =
                    folder.and_then(|folder| Some(folder.join(&path).to_str()?.to_owned())).unwrap_or(path);
                SecretRef::File(path.into())
            }
            SecretSource::Command(command) => {
                let command = match self.named_text(command)? {
                    Ok(command) => command.into(),
                    Err(why) => return Ok(Value::unknown(why)),
                };
                SecretRef::Command(SecretCommand { command, folder: folder.map(SmolStr::from) })
            }
        }))
    }
}
