//! [`ModeGate`]: the world that knows in which mode a run is, and in which no machine action begins that the mode does not
//! permit. It is the innermost layer, behind the journal: what it refuses is recorded like any other result, also where an
//! action is done once more after a crash.

use std::collections::BTreeMap;

use rbl_check::Program;
use rbl_runtime::journal::{
    Begun, Entry, Freeze, JournalEvent, JournalRecord, ModeInForce, ModeQuery, RunMode, StoreError,
};
use rbl_runtime::{Act, Acted, ActionRole, Effect, Interrupt, Reply, World};
use rbl_syntax::value::{CommandOutput, Reason, ReasonKind};
use smol_str::SmolStr;

use crate::RunbookModes;
use crate::modes::imported;

/// Looks whether every run is to look only now.
pub(crate) type FindFreeze = Box<dyn Fn() -> Result<Option<Freeze>, StoreError>>;

/// How the record begins of a mode that was asked for.
const ASKED: &str = "{\"type\":\"look\",\"look\":{\"effect\":\"mode\"";

/// The modes of the runbooks of a run: each the stricter of what was recorded and what counts now.
#[derive(Debug, Clone)]
pub(crate) struct TurnModes {
    by_file: BTreeMap<SmolStr, ModeInForce>,
    main: ModeInForce,
    /// The mode under which the next action was permitted.
    permitted: RunMode,
    /// The runbooks that led to it, where the run asked for its mode.
    asked: ModeQuery,
}

/// See the module.
pub struct ModeGate<W> {
    inner: W,
    modes: TurnModes,
    freeze: FindFreeze,
}

impl TurnModes {
    /// Of a run that was begun. `now`: what the configuration says now.
    pub(crate) fn of(begun: Option<&Begun>, records: &[JournalRecord], now: &RunbookModes) -> Self {
        let Some(begun) = begun else { return Self::unknown() };
        let now = begun.mode_is_configured.then_some(now);
        let mode = |source: &rbl_runtime::journal::RecordedSource| {
            let why = if now.is_some() { "it was when the run began" } else { "" };
            let recorded = ModeInForce::new(begun.mode_of(&source.name), why);
            let stricter = match now {
                // Why the same mode counts now says more.
                Some(now) => now.of(&source.identity).or_stricter(recorded),
                None => recorded,
            };
            imported(source, stricter)
        };
        let by_file: BTreeMap<_, _> =
            begun.sources.iter().map(|source| (source.name.clone(), mode(source))).collect();
        let main = begun.sources.first().map_or_else(ModeInForce::act, mode);
        let asked = records.iter().rev().filter(|record| record.data.starts_with(ASKED));
        let last = asked.into_iter().find_map(|record| {
            let Ok(Entry::Own(JournalEvent::Look { look, answer, .. })) = record.entry() else { return None };
            let (Effect::Mode(asked), Reply::Mode(mode)) = (look, answer) else { return None };
            Some((mode.mode, asked))
        });
        let (permitted, asked) = last.unwrap_or((begun.mode, ModeQuery { files: Vec::new() }));
        Self { by_file, main, permitted, asked }
    }

    /// Of a run whose beginning cannot be read, which is never executed.
    fn unknown() -> Self {
        Self {
            by_file: BTreeMap::new(),
            main: ModeInForce::new(RunMode::Look, "how it began cannot be read"),
            permitted: RunMode::Act,
            asked: ModeQuery { files: Vec::new() },
        }
    }

    /// Of a run that is not recorded.
    fn given(program: &Program, mode: RunMode) -> Self {
        let source = |runbook: &rbl_check::Runbook| program.sources().get(runbook.source);
        let mut by_file = BTreeMap::new();
        for source in program.runbooks().filter_map(|it| source(it)) {
            let recorded = rbl_runtime::journal::RecordedSource {
                name: source.name().into(),
                identity: String::new(),
                text: source.text().to_owned(),
                sha256: String::new(),
            };
            let given = ModeInForce::new(mode, "");
            by_file.insert(recorded.name.clone(), imported(&recorded, given));
        }
        let main = program.sources().get(program.main_source()).and_then(|it| by_file.get(it.name()));
        let main = main.cloned().unwrap_or_else(|| ModeInForce::new(mode, ""));
        let permitted = main.mode;
        Self { by_file, main, permitted, asked: ModeQuery { files: Vec::new() } }
    }

    /// The strictest mode of these runbooks.
    fn of_files(&self, files: &[SmolStr]) -> ModeInForce {
        let modes = files.iter().filter_map(|file| self.by_file.get(file));
        modes.fold(self.main.clone(), |strictest, mode| strictest.or_stricter(mode.clone()))
    }
}

impl<W> ModeGate<W> {
    pub(crate) fn new(inner: W, modes: TurnModes, freeze: FindFreeze) -> Self {
        Self { inner, modes, freeze }
    }

    /// For a run that is not recorded, which a person starts in this mode. Returns whether it has to ask for its mode.
    pub fn unrecorded(
        inner: W,
        program: &Program,
        mode: RunMode,
        freeze: impl Fn() -> Result<Option<Freeze>, StoreError> + 'static,
    ) -> (Self, bool) {
        let modes = TurnModes::given(program, mode);
        let asks = modes.by_file.values().any(|it| it.mode != RunMode::Act);
        (Self::new(inner, modes, Box::new(freeze)), asks)
    }

    /// The mode in force now: that of these runbooks, or a stricter one that holds for every run.
    fn now(&self, asked: &ModeQuery) -> ModeInForce {
        let own = self.modes.of_files(&asked.files);
        match (self.freeze)() {
            Ok(None) => own,
            Ok(Some(freeze)) => ModeInForce::new(RunMode::Look, freeze.to_string()),
            Err(why) => {
                let why = format!("whether every run is frozen cannot be read: {why}");
                ModeInForce::new(RunMode::Look, why)
            }
        }
    }

    /// Why an action must not begin; `None`: it may. What cleans up belongs to an action that was permitted.
    fn refuses(&self, act: &Act) -> Option<Acted> {
        match act.role {
            ActionRole::Finally | ActionRole::Undo => return None,
            ActionRole::Action => {}
        }
        if !act.target.is_machine() || act.target.only_reads() {
            return None;
        }
        let now = self.now(&self.modes.asked);
        let reason =
            (now.mode > self.modes.permitted).then(|| Reason::new(ReasonKind::OnlyLooks, now.to_string()));
        reason.map(|reason| Acted {
            result: Err(reason),
            output: CommandOutput::default(),
            by: None,
            remark: None,
        })
    }
}

impl<W: World> World for ModeGate<W> {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        match effect {
            Effect::Mode(query) => {
                let mode = self.now(query);
                self.modes.permitted = mode.mode;
                self.modes.asked = query.clone();
                Ok(Reply::Mode(mode))
            }
            Effect::Act(act) => match self.refuses(act) {
                Some(acted) => Ok(Reply::Acted(acted)),
                None => self.inner.perform(effect),
            },
            Effect::Now
            | Effect::Sleep(_)
            | Effect::Read(_)
            | Effect::Firing(_)
            | Effect::Probe(_)
            | Effect::Ask(_)
            | Effect::Page(_)
            | Effect::Acknowledge(_)
            | Effect::Record(_)
            | Effect::Lock(_)
            | Effect::Enter(_)
            | Effect::Leave(_)
            | Effect::Conclude(_)
            | Effect::Secret { .. } => self.inner.perform(effect),
        }
    }

    rbl_runtime::forward_to_inner!(self => self.inner);
}
