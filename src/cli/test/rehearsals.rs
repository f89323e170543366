//! Records in the journal which runbooks were rehearsed: `rbl report` says how long ago that was. Where there is no journal, none is
//! made for that.

use std::collections::BTreeMap;
use std::path::Path;

use rbl_project::Refusal;
use rbl_report::tests::Tested;
use rbl_runtime::journal::sha256;
use rbl_store::{Rehearsal, Sqlite};
use rbl_world::Configured;

use super::super::CliContext;
use super::super::resuming::connections;
use super::Suite;
use crate::cli::store::{self, StoreArgument};

/// Records each runbook of which every test passed. That it could not be recorded is said, and fails nothing.
pub(super) fn keep<'s>(results: impl Iterator<Item = (&'s Suite, &'s Tested)>, context: &mut CliContext) {
    let mut runbooks: BTreeMap<&str, (bool, Rehearsal)> = BTreeMap::new();
    for (suite, result) in results {
        let main = suite.program.main_source();
        let Some(identity) = suite.identities.get(main.0 as usize) else { continue };
        let Some(source) = suite.program.sources().get(main) else { continue };
        let (passed, rehearsal) = runbooks.entry(identity).or_insert_with(|| {
            let (sha256, at) = (sha256(source.text()), rbl_world::clock::now());
            (true, Rehearsal { runbook: identity.clone(), sha256, at, tests: 0 })
        });
        *passed &= result.passed();
        rehearsal.tests += 1;
    }
    let passed: Vec<Rehearsal> =
        runbooks.into_values().filter(|(passed, _)| *passed).map(|(_, rehearsal)| rehearsal).collect();
    if let Err(why) = kept(&passed) {
        context.err.line(&format!("that these tests passed is not recorded: {why}"));
    }
}

fn kept(rehearsals: &[Rehearsal]) -> Result<(), Refusal> {
    let configured = Configured::find(Path::new("."))?;
    // Tests run without a configuration that is right, and without a place for a journal.
    let Ok(Ok(folder)) = connections(&configured).map(|it| store::folder(it, &StoreArgument::default()))
    else {
        return Ok(());
    };
    if rehearsals.is_empty() || !Sqlite::file(&folder).is_file() {
        return Ok(());
    }
    let journal = Sqlite::open(&folder).map_err(|why| store::refusal(&why))?;
    journal.keep_rehearsals(rehearsals).map_err(|why| store::refusal(&why))
}
