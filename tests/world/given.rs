//! Given answers in front of a world: what they answer, what they pass on, and the clock of both.

use std::sync::Arc;
use std::time::Instant;

use rbl::repl::dry_run::Armed;
use rbl::repl::given_layer::{GivenLayer, Givens};
use rbl_check::{Catalogue, LoadedFile, Loader, Program, check};
use rbl_runtime::{Effect, Purpose, Read, ReadTime, Reading, Reply, Sleep, World};
use rbl_syntax::source::Source;
use rbl_syntax::value::Time;
use rbl_testing::scripted::{GivenChange, GivenMetric, GivenSubject, MetricState, Script};

use super::scripted_world::ScriptedWorld;

struct Nothing;

impl Loader for Nothing {
    fn load(&mut self, _: &str, _: &str) -> Result<LoadedFile, String> {
        Err("nothing here".into())
    }
}

fn program() -> Arc<Program> {
    let text = "runbook \"x\"\nowner \"a\"\nmetric p99 in ms from prometheus \"p\"\nmetric queue from prometheus \"q\"\ncheck \
                p99 < 1s\ncheck queue < 3\n";
    let mut catalogue = Catalogue { configured: true, ..Catalogue::default() };
    catalogue.providers.insert("prometheus".into(), "prometheus".into());
    let checked = check(Source::new("x.rb", text), "x.rb", &mut Nothing, &catalogue);
    Arc::new(checked.program.unwrap_or_else(|| panic!("{:?}", checked.diagnostics)))
}

fn value(metric: &str, from: Option<f64>, base: f64) -> GivenChange {
    let what = GivenMetric {
        name: metric.into(),
        arguments: Vec::new(),
        labels: None,
        state: MetricState::Value(base),
    };
    GivenChange { from, what: GivenSubject::Metric(what) }
}

fn script(changes: &[GivenChange]) -> Script {
    Script { changes: changes.to_vec(), ..Script::default() }
}

fn read(metric: &str, time: ReadTime) -> Effect {
    Effect::Read(Read {
        metric: metric.into(),
        arguments: Vec::new(),
        provider: "prometheus".into(),
        query: rbl_runtime::CommandLine::default(),
        of: rbl_syntax::tree::MetricType::Number,
        by: Vec::new(),
        time,
    })
}

fn reading(world: &mut impl World, metric: &str) -> Reading {
    match world.perform(&read(metric, ReadTime::Now)).unwrap() {
        Reply::Reading(reading) => reading.unwrap(),
        other => panic!("{other:?}"),
    }
}

fn number(world: &mut impl World, metric: &str) -> f64 {
    reading(world, metric).samples[0].value
}

fn sleep(seconds: f64, purpose: Purpose) -> Effect {
    Effect::Sleep(Sleep { seconds, purpose })
}

fn now(world: &mut impl World) -> Time {
    match world.perform(&Effect::Now).unwrap() {
        Reply::Now(time) => time,
        other => panic!("{other:?}"),
    }
}

/// The world behind it: its own log is checked at the end.
fn behind() -> ScriptedWorld {
    ScriptedWorld::new().reading("p99", 100.0).reading("queue", 7.0)
}

#[test]
fn what_is_given_is_answered_and_the_rest_is_asked_for() {
    let (mut inner, givens) = (behind(), Givens::default());
    let mut world = GivenLayer::new(&mut inner, givens.clone(), Armed::default());
    assert_eq!((number(&mut world, "p99"), number(&mut world, "queue")), (100.0, 7.0));
    givens.give(script(&[value("p99", None, 0.812)]), program());
    let given = reading(&mut world, "p99");
    assert_eq!(
        (given.samples[0].value, given.samples[0].at, given.source.as_deref()),
        (812.0, None, Some("given"))
    );
    assert_eq!((number(&mut world, "queue"), reading(&mut world, "queue").source), (7.0, None));
    givens.give(Script::default(), program());
    assert_eq!(number(&mut world, "p99"), 100.0);
}

#[test]
fn a_wait_passes_at_once_and_what_begins_later_begins_then() {
    let (mut inner, givens) = (behind(), Givens::default());
    let mut world = GivenLayer::new(&mut inner, givens.clone(), Armed::default());
    givens.give(script(&[value("p99", None, 0.8), value("p99", Some(300.0), 0.2)]), program());
    let (began, real) = (now(&mut world), Instant::now());
    assert_eq!(now(&mut world), began, "time stands still");
    world.perform(&sleep(299.0, Purpose::Wait)).unwrap();
    assert_eq!(number(&mut world, "p99"), 800.0);
    world.perform(&sleep(1.0, Purpose::Wait)).unwrap();
    assert_eq!(number(&mut world, "p99"), 200.0);
    assert!((now(&mut world).since(began).base - 300.0).abs() < 1e-6);
    assert!(real.elapsed().as_secs() < 60);
    drop(world);
    assert!(!inner.log.iter().any(|line| line.contains("sleep")), "{:?}", inner.log);
}

#[test]
fn what_is_watched_for_real_takes_its_time_and_so_does_everything_while_armed() {
    let poll = || Purpose::Poll { condition: "queue < 3".into(), last: "queue = 7".into(), left: 60.0 };
    let slept = |metric: &str, purpose: Purpose, armed: bool| {
        let (mut inner, givens, arm) = (behind(), Givens::default(), Armed::default());
        arm.set(armed);
        let mut world = GivenLayer::new(&mut inner, givens.clone(), arm);
        givens.give(script(&[value("p99", None, 0.8)]), program());
        number(&mut world, metric);
        world.perform(&sleep(15.0, purpose)).unwrap();
        drop(world);
        inner.effects.iter().any(|it| matches!(it, Effect::Sleep(_)))
    };
    assert!(slept("queue", poll(), false));
    assert!(!slept("p99", poll(), false));
    assert!(!slept("queue", Purpose::Wait, false), "nothing was done that could take time");
    assert!(slept("p99", Purpose::Wait, true));
}

#[test]
fn going_back_is_going_back_in_time() {
    let (mut inner, givens) = (behind(), Givens::default());
    let mut world = GivenLayer::new(&mut inner, givens.clone(), Armed::default());
    givens.give(script(&[value("p99", None, 0.8), value("p99", Some(60.0), 0.2)]), program());
    let mark = givens.mark();
    world.perform(&sleep(60.0, Purpose::Wait)).unwrap();
    assert_eq!(number(&mut world, "p99"), 200.0);
    givens.back(mark);
    assert_eq!(number(&mut world, "p99"), 800.0);
    assert_eq!(givens.mark(), mark);
}

#[test]
fn the_other_world_is_asked_for_its_own_times() {
    let (mut inner, givens) = (behind(), Givens::default());
    let mut world = GivenLayer::new(&mut inner, givens.clone(), Armed::default());
    givens.give(script(&[value("p99", None, 0.8)]), program());
    world.perform(&sleep(86_400.0, Purpose::Wait)).unwrap();
    let end = now(&mut world);
    world.perform(&read("queue", ReadTime::Window { end, seconds: 60.0 })).unwrap();
    let asked = inner.effects.iter().rev().find_map(|it| match it {
        Effect::Read(Read { time: ReadTime::Window { end, .. }, .. }) => Some(*end),
        _ => None,
    });
    let ahead = end.since(asked.unwrap()).base;
    assert!((86_390.0..=86_401.0).contains(&ahead), "{ahead}");
}
