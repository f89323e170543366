//! Metrics of texts and lines, and `alert.firing`: kept, taken again, and unknown with their own reasons.

use rbl_runtime::{AlertBody, Effect, Outcome, Start};
use rbl_syntax::tree::MetricType;
use rbl_syntax::value::ReasonKind;

use super::scripted_world::{Given, labels};
use super::{printed, program, start, tell, told, world};

const LEADER: &str = "metric leader: text from file \"a.json leader\"\n";
const STATE: &str = "metric state: text by instance from file \"a.json state\"\n";
const LOG: &str = "metric log: lines from file \"a.log\"\n";

fn states(all: &[(&str, &'static str)]) -> Given {
    Given::Texts(
        all.iter().map(|(name, text)| (labels(&[("instance", name), ("job", "j")]), *text)).collect(),
    )
}

#[test]
fn the_world_is_asked_for_the_declared_type() {
    let told = told(&format!("{LEADER}{LOG}\"#{{leader}} #{{count(log)}}\""), world());
    let types: Vec<MetricType> = told
        .world
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Read(read) = effect { Some(read.of) } else { None })
        .collect();
    assert_eq!(types, [MetricType::Text, MetricType::Lines]);
}

#[test]
fn a_text_is_kept_until_the_run_acts_waits_or_asks() {
    let reads = |between: &str| {
        let body = format!("{LEADER}\"#{{leader}}\"\n{between}\n\"#{{leader}}\"");
        let world = world().given("leader", 0.0, Given::Text("db-1")).yes("Q?");
        told(&body, world).log().iter().filter(|line| **line == "read leader").count()
    };
    for (between, count) in
        [("", 1), ("record \"x\"", 1), ("action `x`", 2), ("wait 1s", 2), ("check \"Q?\"", 2)]
    {
        assert_eq!(reads(between), count, "{between}");
    }
}

#[test]
fn texts_are_unknown_by_the_rules_of_numbers() {
    assert_eq!(printed(LEADER, "leader", world()), "no data");
    assert_eq!(printed(LEADER, "leader == \"a\"", world()), "no data");
    let down = || world().fault("leader", ReasonKind::Unreachable, "connection refused");
    assert_eq!(printed(LEADER, "leader in [\"a\"]", down()), "connection refused");
    assert_eq!(printed(LEADER, "upper(leader)", down()), "connection refused");
    let two = || world().given("leader", 0.0, states(&[("a", "x"), ("b", "y")]));
    assert_eq!(printed(LEADER, "leader", two()), "2 series, which differ in `instance`");
    assert_eq!(printed(LOG, "count(log)", world()), "no data");
    assert_eq!(printed(LOG, "\"x\" in log", world()), "no data");
    let empty = || world().given("log", 0.0, Given::Lines(&[]));
    assert_eq!(printed(LOG, "count(log)", empty()), "0");
    assert_eq!(printed(LOG, "any log == \"x\"", empty()), "nothing to look at");
    let none = || world().given("state", 0.0, Given::Texts(vec![(labels(&[("job", "j")]), "x")]));
    assert_eq!(printed(STATE, "count(state)", none()), "a series without the label `instance`");
    let twice = || world().given("state", 0.0, states(&[("a", "x"), ("a", "y")]));
    assert_eq!(printed(STATE, "count(state)", twice()), "several series of one instance `a` of state");
}

#[test]
fn a_text_with_labels_is_its_text_everywhere() {
    let both = || world().given("state", 0.0, states(&[("db-1", "up"), ("db-2", "down")]));
    for (expression, result) in [
        ("any state == \"down\"", "true"),
        ("every state == \"up\"", "false"),
        ("every state in [\"up\", \"down\"]", "true"),
        ("count(state)", "2"),
        ("join(state, \"+\")", "up+down"),
        ("state", "instance=db-1 up, instance=db-2 down"),
    ] {
        assert_eq!(printed(STATE, expression, both()), result, "{expression}");
    }
    let body = format!(
        "{STATE}for each s in state where s != \"up\" up to 3 {{\n  action `fix #{{s}} #{{s.instance}}`\n  match s {{ contains \"ow\" {{ \"#{{s.instance}}: #{{length(s)}} #{{upper(s)}}\" }} else {{ }} }}\n}}"
    );
    let told = told(&body, both()).ends(Outcome::Resolved);
    assert!(told.log().contains(&"act fix down db-2"), "{:?}", told.log());
    assert_eq!(told.prose(), ["db-2: 4 DOWN"]);
}

/// What rbl removed something from can be compared, and names nothing: as what a command prints.
#[test]
fn colours_and_carriage_returns_are_removed_and_what_is_left_names_nothing() {
    let leader = |text| world().given("leader", 0.0, Given::Text(text));
    let red = "\u{1b}[31mdb-1\u{1b}[0m";
    for (altered, removed) in [(red, "colour codes"), ("db-1\r", "a carriage return")] {
        assert_eq!(printed(LEADER, "leader", leader(altered)), "db-1");
        assert_eq!(printed(LEADER, "leader == \"db-1\"", leader(altered)), "true");
        assert_eq!(printed(LEADER, "\"b-\" in leader", leader(altered)), "true");
        let body = format!(
            "{LEADER}action `restart #{{leader}}` else {{ \"not done\" }}\naction `restart #{{upper(leader)}}`"
        );
        let refused = told(&body, leader(altered)).ends(Outcome::Escalated);
        assert!(refused.deeds().iter().all(|deed| !deed.starts_with("act ")), "{:?}", refused.deeds());
        assert!(
            refused.log().iter().any(|line| line.contains(&format!("rbl removed {removed} from it"))),
            "{:?}",
            refused.log()
        );
    }
    assert_eq!(printed(LEADER, "leader == \"a\\nb\"", leader("a\nb")), "true");
    let both = || world().given("state", 0.0, states(&[("a", "up"), ("b", "\u{1b}[31mdown\u{1b}[0m")]));
    assert_eq!(printed(STATE, "any state == \"down\"", both()), "true");
    assert_eq!(printed(STATE, "state", both()), "instance=a up, instance=b down");
    let body = format!(
        "{STATE}for each s in state up to 3 {{\n  action `fix #{{s}}` else {{ \"#{{s.instance}} is left\" }}\n}}"
    );
    let fixed = told(&body, both());
    assert_eq!(fixed.deeds(), ["act fix up"]);
    assert_eq!(fixed.prose(), ["b is left"]);
    let log = || world().given("log", 0.0, Given::Lines(&["a\u{1b}[1mb", "c\r", "plain"]));
    assert_eq!(printed(LOG, "log[0] == \"ab\" and log[1] == \"c\" and log[2] == \"plain\"", log()), "true");
    let body =
        format!("{LOG}for each l in log up to 3 {{\n  action `rm #{{l}}` else {{ \"kept #{{l}}\" }}\n}}");
    let removed = told(&body, log());
    assert_eq!(removed.deeds(), ["act rm plain"]);
    assert_eq!(removed.prose(), ["kept ab", "kept c"]);
}

fn alert() -> Start {
    let alert = AlertBody::read(include_str!("alert.json")).unwrap().meant(None);
    Start { alert, ..start() }
}

#[test]
fn the_alert_is_asked_for_with_all_its_labels() {
    let told = tell(&program("if alert.firing { \"yes\" }"), &alert(), world().firing(0.0, Ok(true)));
    assert_eq!(told.prose(), ["yes"]);
    let query = told
        .world
        .effects
        .iter()
        .find_map(|effect| if let Effect::Firing(query) = effect { Some(query.clone()) } else { None });
    let query = query.unwrap();
    assert_eq!(query.alerts.len(), 1);
    assert_eq!(query.alerts[0].labels["shard"], "a");
    assert_eq!(query.alerts[0].fingerprint.as_deref(), Some("85f1adf1ddbda558"));
    assert!(query.alerts[0].starts_at.is_some());
}

#[test]
fn whether_it_fires_is_kept_until_the_run_acts_waits_or_asks() {
    let asked = |between: &str| {
        let body = format!("\"#{{alert.firing}}\"\n{between}\n\"#{{alert.firing}}\"");
        let told = tell(&program(&body), &alert(), world().firing(0.0, Ok(true)).yes("Q?"));
        told.log().iter().filter(|line| line.starts_with("firing")).count()
    };
    for (between, count) in
        [("", 1), ("record \"x\"", 1), ("action `x`", 2), ("wait 1s", 2), ("check \"Q?\"", 2)]
    {
        assert_eq!(asked(between), count, "{between}");
    }
}

#[test]
fn a_wait_ends_when_the_alert_does() {
    let body = "wait until not alert.firing within 1h\nrecord \"over\"";
    let ends = world().firing(0.0, Ok(true)).firing(600.0, Ok(false));
    let told = tell(&program(body), &alert(), ends).ends(Outcome::Resolved);
    assert!((600.0..660.0).contains(&told.world.clock), "{}", told.world.clock);
    let unknown = world().firing(0.0, Ok(true)).firing(60.0, Err("connection refused"));
    let told = tell(&program(body), &alert(), unknown).ends(Outcome::Escalated);
    assert!(told.unhandled()[0].contains("connection refused"), "{:?}", told.unhandled());
}

#[test]
fn without_an_alert_it_is_unknown_and_nothing_is_decided() {
    let told = told("check not alert.firing else { action `x` }", world()).ends(Outcome::Escalated);
    assert!(told.unhandled()[0].contains("no alert started this run"), "{:?}", told.unhandled());
    assert!(!told.log().contains(&"act x"));
}

#[test]
fn a_runbook_that_is_run_asks_for_the_same_alert() {
    let files = [("inner.rb", "runbook \"Inner\"\nif alert.firing { \"inner\" }\n")];
    let program = super::program_with("runbook \"R\"\nowner \"o\"\nrun \"inner.rb\" else { stop }\n", &files);
    let told = tell(&program, &alert(), world().firing(0.0, Ok(true)));
    assert_eq!(told.prose(), ["inner"]);
}
