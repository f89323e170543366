//! Secrets: checks that declared ones can be read before anything runs; a secret's value never enters the run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::exit::WalkResult;
use super::interpreter::Interpreter;
use super::metric::other_kind;
use super::{Effect, Reply};
use rbl_syntax::source::Span;
use rbl_syntax::tree::{Secret, SecretSource};
use rbl_syntax::value::{SecretRef, Value};

impl<'p> Interpreter<'p, '_> {
    /// Checks that every secret of every runbook of this run can be read, before anything runs.
    pub(super) fn secrets(&mut self, span: Span) -> WalkResult<()> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut waiting = vec![self.program.main()];
        let mut wanted: BTreeMap<SmolStr, Vec<SecretRef>> = BTreeMap::new();
        while let Some(id) = waiting.pop() {
            let Some(runbook) = self.program.runbook(id) else { continue };
            if !seen.insert(Arc::as_ptr(runbook) as usize) {
                continue;
            }
            waiting.extend(runbook.runs.values().copied());
            for (name, secret) in &runbook.secrets {
                if let Value::Secret(from) = self.secret(secret)? {
                    let all = wanted.entry(name.clone()).or_default();
                    if !all.contains(&from) {
                        all.push(from);
                        all.sort_by_key(|from| format!("{from:?}"));
                    }
                }
            }
        }
        for (name, all) in wanted {
            for from in all {
                let reply = self.perform(&Effect::Secret { name: name.clone(), from })?;
                let readable = if let Reply::Secret(readable) = reply { readable } else { Err(other_kind()) };
                if let Err(why) = readable {
                    return Err(self.unhandled(span, format!("the secret `{name}` cannot be read: {why}")));
                }
            }
        }
        Ok(())
    }

    /// A declared secret: holds where it comes from, never its value.
    pub(super) fn secret(&mut self, secret: &'p Secret) -> WalkResult<Value> {
        Ok(Value::Secret(match &secret.source {
            SecretSource::Env(name) => SecretRef::Env(self.text(name)?.into()),
            SecretSource::File(path) => SecretRef::File(self.text(path)?.into()),
        }))
    }
}
