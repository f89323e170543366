//! Runbooks, run in a scripted world: what they do, in which order, and how they end.

use std::collections::HashMap;

use rbl_check::{Catalogue, LoadedFile, Loader, Program, check};
use rbl_runtime::{Event, EventKind, Outcome, RunEnd, Start, run};
use rbl_syntax::source::Source;

#[path = "../support/scripted_world.rs"]
mod scripted_world;

use scripted_world::ScriptedWorld;

mod acknowledging;
mod actions;
mod blocks;
mod bounded;
mod conditions;
mod endings;
mod events;
mod foresight;
mod includes;
mod looking_back;
mod loops;
mod matches;
mod metrics;
mod no_silent_end;
mod output;
mod params;
mod paths;
mod people;
mod planned;
mod reading;
mod reported;
mod sessions;
mod speed;
mod values;
mod waits;

/// The result of a run.
struct Told {
    ended: RunEnd,
    events: Vec<Event>,
    world: ScriptedWorld,
}

impl Told {
    /// The effects that the run asked for, in words, without the clock.
    fn log(&self) -> Vec<&str> {
        self.world.log.iter().map(String::as_str).collect()
    }

    /// The same, only the effects on the world and on people.
    fn deeds(&self) -> Vec<&str> {
        self.log()
            .into_iter()
            .filter(|line| !line.starts_with("read ") && !line.starts_with("sleep "))
            .collect()
    }

    /// The prose that was shown.
    fn prose(&self) -> Vec<&str> {
        self.events
            .iter()
            .filter_map(
                |event| if let EventKind::Prose { text } = &event.kind { Some(text.as_str()) } else { None },
            )
            .collect()
    }

    fn unhandled(&self) -> Vec<&str> {
        self.events
            .iter()
            .filter_map(|event| {
                if let EventKind::Unhandled { what } = &event.kind { Some(what.as_str()) } else { None }
            })
            .collect()
    }

    #[track_caller]
    fn ends(self, outcome: Outcome) -> Self {
        assert_eq!(self.ended.outcome, outcome, "{:#?}\n{:#?}", self.ended, self.world.log);
        self
    }
}

/// Files beside the one that is run.
struct Files(HashMap<String, String>);

impl Loader for Files {
    fn load(&mut self, _: &str, named: &str) -> Result<LoadedFile, String> {
        let text = self.0.get(named).ok_or("there is no such file")?;
        Ok(LoadedFile { identity: named.into(), shown: named.into(), text: text.clone() })
    }
}

#[track_caller]
fn program_with(text: &str, files: &[(&str, &str)]) -> Program {
    let mut files = Files(files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect());
    let checked = check(Source::new("main.rb", text), "main.rb", &mut files, &Catalogue::default());
    let errors: Vec<String> = checked
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .map(|diagnostic| format!("{} {} {:?}", diagnostic.code, diagnostic.message, diagnostic.help))
        .collect();
    assert!(errors.is_empty(), "{text}\n{}", errors.join("\n"));
    checked.program.unwrap()
}

/// A program of a body after a short head.
#[track_caller]
fn program(text: &str) -> Program {
    program_with(&headed(text), &[])
}

fn headed(text: &str) -> String {
    if text.contains("runbook \"") {
        text.to_owned()
    } else {
        format!("runbook \"R\"\nowner \"api-oncall\"\n{text}")
    }
}

#[track_caller]
fn tell(program: &Program, start: &Start, mut world: ScriptedWorld) -> Told {
    let mut events = Vec::new();
    let ended = run(program, start, &mut world, &mut events);
    let last = events.last().map(|event| &event.kind);
    assert!(matches!(last, Some(EventKind::Ended { outcome, .. }) if *outcome == ended.outcome), "{last:?}");
    Told { ended, events, world }
}

fn start() -> Start {
    Start { run_id: "r1".into(), ..Start::default() }
}

/// Runs a body in a world.
#[track_caller]
fn told(text: &str, world: ScriptedWorld) -> Told {
    tell(&program(text), &start(), world)
}

#[track_caller]
fn told_with(text: &str, files: &[(&str, &str)], world: ScriptedWorld) -> Told {
    tell(&program_with(&headed(text), files), &start(), world)
}

/// The text that `#{…}` of an expression prints.
#[track_caller]
fn printed(declarations: &str, expression: &str, world: ScriptedWorld) -> String {
    let text = format!("{declarations}\nlet result = {expression}\n\"\"\"#{{result}}\"\"\"");
    let told = told(&text, world);
    told.prose().first().map_or_else(|| panic!("{:#?}", told.ended), ToString::to_string)
}

fn world() -> ScriptedWorld {
    ScriptedWorld::new()
}
