//! [`families`]: every metric of the server. The table in `docs/server.md` lists them.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use rbl_runtime::Outcome;
use rbl_store::{JournalFigures, Rehearsal, RunStart};

use super::family::MetricFamilies;
use crate::counters::{CountedStart, DeliveryResult};
use crate::listener::CONNECTIONS;
use crate::state::ServerState;

/// From this many seconds before its deadline on, a question is near it.
pub(super) const NEAR: f64 = 600.0;

/// The metrics now; without figures of the journal where it does not answer.
pub(super) fn families(
    state: &ServerState,
    figures: Option<&JournalFigures>,
    known: (&BTreeMap<String, RunStart>, &BTreeMap<String, Rehearsal>),
) -> MetricFamilies {
    let mut families = MetricFamilies::default();
    process(state, figures.is_some(), &mut families);
    if let Some(figures) = figures {
        journal(figures, &mut families);
    }
    runs(state, &mut families);
    executed(state, &mut families);
    runbooks(state, known, &mut families);
    deliveries(state, &mut families);
    http(state, &mut families);
    families
}

fn process(state: &ServerState, journal_answers: bool, families: &mut MetricFamilies) {
    families.gauge("rbl_up", "1 while the server lives.", 1.0);
    let version = Some(("version", env!("CARGO_PKG_VERSION")));
    families.gauges("rbl_build_info", "1, with the version of rbl.", [(version, 1.0)]);
    let answers = f64::from(u8::from(journal_answers));
    families.gauge("rbl_journal_up", "1 where the journal answers.", answers);
    let stopping = f64::from(u8::from(state.stopping.is_stopping()));
    families.gauge("rbl_stopping", "1 while the server stops.", stopping);
    let times = state.store.commit_times();
    families.histogram(
        "rbl_journal_commit_seconds",
        "How long the transactions of the journal took, with the wait for each other.",
        &times,
    );
}

fn journal(figures: &JournalFigures, families: &mut MetricFamilies) {
    let now = rbl_world::clock::now();
    let states = [
        ("new", figures.new),
        ("running", figures.running),
        ("waiting", figures.waiting),
        ("answered", figures.answered),
        ("stuck", figures.stuck),
    ];
    let states = states.map(|(state, runs)| (Some(("state", state)), runs as f64));
    families.gauges("rbl_runs", "Runs in the journal that have not ended, by state.", states);
    let ended = figures.ended.iter().map(|(outcome, runs)| (Some(("outcome", outcome.word())), *runs as f64));
    families.gauges("rbl_runs_kept", "Ended runs in the journal, by outcome.", ended);
    families.gauge("rbl_questions_open", "Runs that wait for a person.", figures.questions as f64);
    families.gauge(
        "rbl_questions_near_deadline",
        "Runs that wait for a person and continue without an answer within 10 minutes.",
        figures.near as f64,
    );
    let left = figures.next_deadline.map(|at| at.since(now).base);
    families.gauges(
        "rbl_question_deadline_seconds",
        "How long the next deadline of a question is away. None: no question has one.",
        left.map(|left| (None, left)),
    );
    let lag = figures.due_since.map_or(0.0, |since| now.since(since).base.max(0.0));
    families.gauge(
        "rbl_claim_lag_seconds",
        "How long the run that has been due longest waits for a worker.",
        lag,
    );
    families.gauge(
        "rbl_deliveries_waiting",
        "Deliveries that are kept, and of which nothing became yet.",
        figures.deliveries as f64,
    );
}

fn runs(state: &ServerState, families: &mut MetricFamilies) {
    let started =
        CountedStart::ALL.map(|cause| (vec![("cause", cause.word())], state.counters.starts_of(cause)));
    families.counters("rbl_runs_started_total", "Runs that were started, by cause.", started);
    let ended =
        Outcome::ENDS.map(|outcome| (vec![("outcome", outcome.word())], state.counters.ends_of(outcome)));
    families.counters("rbl_runs_ended_total", "Runs that ended here, by outcome.", ended);
    let (turns, busy) = state.counters.turns();
    families.gauge("rbl_runs_executing", "Runs that are executed now.", turns as f64);
    families.gauge(
        "rbl_workers_busy",
        "Runs that are executed now, without those that are in a long effect.",
        busy as f64,
    );
    families.gauge("rbl_workers", "The most of them: `workers` of `[serve]`.", state.settings.workers as f64);
    families.gauge("rbl_actions_busy", "Machine actions that are done now.", state.actions.busy() as f64);
    families.gauge("rbl_actions", "The most of them: `actions` of `[serve]`.", state.settings.actions as f64);
}

fn executed(state: &ServerState, families: &mut MetricFamilies) {
    families.histogram(
        "rbl_first_action_seconds",
        "From the beginning of a run to its first action, of a machine or a person.",
        &state.executed.first_action(),
    );
    families.histogram("rbl_run_seconds", "From the beginning of a run to its end.", &state.executed.runs());
    families.counter(
        "rbl_questions_unanswered_total",
        "Questions that nobody answered in time.",
        state.executed.unanswered(),
    );
    let sent = state.executed.sent();
    let sent = sent.iter().map(|(kind, to, failed, count)| {
        let result = if *failed { "failed" } else { "delivered" };
        (vec![("kind", kind.word()), ("result", result), ("to", to.as_str())], *count)
    });
    families.counters("rbl_sent_total", "Pages to teams and records to channels, by result.", sent);
    families.counter(
        "rbl_schedules_missed_total",
        "Times of schedules that started no run, because no server was there in time.",
        state.counters.schedules_missed.load(Ordering::Relaxed),
    );
}

fn runbooks(
    state: &ServerState,
    (last, rehearsed): (&BTreeMap<String, RunStart>, &BTreeMap<String, Rehearsal>),
    families: &mut MetricFamilies,
) {
    let set = state.runbooks.current();
    families.gauge("rbl_runbooks", "Runbooks of the server.", set.runbooks.len() as f64);
    let broken = set.broken.iter().map(|it| (Some(("file", it.file.as_str())), 1.0));
    families.gauges(
        "rbl_runbook_broken",
        "1 for each runbook with errors; where it was right once, that version stays in force.",
        broken,
    );
    let last = set.runbooks.iter().filter_map(|it| Some((it, last.get(it.identity.as_str())?)));
    let last = last.map(|(it, start)| (Some(("file", it.file.as_str())), start.at.0.as_second() as f64));
    families.gauges(
        "rbl_runbook_last_run_timestamp_seconds",
        "When the last run of each runbook began. None: it never ran.",
        last,
    );
    let rehearsed = set.runbooks.iter().filter_map(|it| Some((it, rehearsed.get(it.identity.as_str())?)));
    let rehearsed =
        rehearsed.map(|(it, when)| (Some(("file", it.file.as_str())), when.at.0.as_second() as f64));
    families.gauges(
        "rbl_runbook_rehearsed_timestamp_seconds",
        "When all tests of each runbook last passed here. None: never.",
        rehearsed,
    );
}

fn deliveries(state: &ServerState, families: &mut MetricFamilies) {
    let counted = state.settings.hooks.keys().flat_map(|hook| {
        DeliveryResult::ALL.map(|result| {
            let labels = vec![("hook", hook.as_str()), ("result", result.word())];
            (labels, state.counters.deliveries_of(hook, result))
        })
    });
    families.counters("rbl_deliveries_total", "Deliveries, by hook and result.", counted);
}

fn http(state: &ServerState, families: &mut MetricFamilies) {
    let responses = state.counters.responses();
    let codes: Vec<(String, u64)> =
        responses.iter().map(|(code, count)| (code.to_string(), *count)).collect();
    families.counters(
        "rbl_http_responses_total",
        "Answers over HTTP, by status.",
        codes.iter().map(|(code, count)| (vec![("code", code.as_str())], *count)),
    );
    let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    families.gauge("rbl_connections", "Connections that are open.", load(&state.counters.connections) as f64);
    families.gauge("rbl_connections_limit", "The most of them.", CONNECTIONS as f64);
    families.counter(
        "rbl_connections_failed_total",
        "Connections that were not accepted.",
        load(&state.counters.connections_failed),
    );
    families.counter(
        "rbl_fallback_pages_total",
        "Pages to the fallback team, because the server could not do its work.",
        load(&state.counters.fallback_pages),
    );
}
