//! A run as a page: the screen, at 80 and at 200 columns, with and without colours.

use std::time::Instant;

use rbl_report::story::{Clock, PagePrinter, Plain, Sink};
use rbl_runtime::{
    ActionRole, Compared, Decision, Delivery, Event, EventKind, NamedValue, Observer, Operand, Origin,
    Outcome, Paged, Parked, Shown, Started, Then,
};
use rbl_syntax::value::{CommandOutput, Quantity, Reason, ReasonKind, Time, Unit, Value, Verdict};
use rbl_terminal::{Captured, Console, Look};

const LOOK: Look = Look { color: false, unicode: true, moves: false };

fn quantity(value: f64, unit: &str) -> Shown {
    Shown::of(&Value::Quantity(Quantity::of(value, Unit::parse(unit).unwrap()).unwrap()))
}

fn text(text: &str) -> Shown {
    Shown::of(&Value::text(text))
}

fn compared(name: &str, value: Shown, op: &str, limit: Shown, verdict: Verdict) -> Operand {
    Operand {
        text: name.into(),
        value,
        from: Origin::Provider("prometheus".into()),
        measured: None,
        compared: Some(Compared { op: op.into(), text: limit.text.clone(), value: limit, verdict }),
    }
}

fn decided(condition: &str, verdict: Verdict, operands: Vec<Operand>, then: Then) -> EventKind {
    EventKind::Decided(Decision { condition: condition.into(), verdict, operands, then, neutral: false })
}

fn step(number: u32, title: &str) -> EventKind {
    EventKind::StepStarted { number, of: 3, title: Some(title.into()) }
}

fn action(title: &str, role: ActionRole) -> EventKind {
    EventKind::ActionStarted {
        title: title.into(),
        key: title.into(),
        role,
        host: None,
        by: None,
        within: 300.0,
        attempt: 1,
        of: 1,
    }
}

fn done(title: &str, role: ActionRole, failure: Option<&str>, then: Option<Then>) -> EventKind {
    EventKind::ActionEnded {
        title: title.into(),
        key: title.into(),
        role,
        failure: failure.map(|why| Reason::new(ReasonKind::ProbeFailed, why)),
        output: CommandOutput::default(),
        by: None,
        remark: None,
        attempt: 1,
        then,
    }
}

fn arm(arm: &str, line: u32) -> Then {
    Then::Arm { arm: arm.into(), line }
}

fn pagerduty() -> Delivery {
    Delivery { by: "pagerduty".into(), reached_others: true, reference: Some("PD-17".into()), ticket: None }
}

/// A run with something of everything.
fn story() -> Vec<EventKind> {
    let p99 = |value: f64, verdict: Verdict| {
        vec![compared("p99", quantity(value, "ms"), "<", quantity(500.0, "ms"), verdict)]
    };
    let refused = Reason::new(ReasonKind::Unreachable, "connection refused");
    vec![
        EventKind::Started {
            run: "20261122-134512-7f3a9c".into(),
            runbook: "API latency alert (p99 over 500ms)".into(),
            file: "latency.rb".into(),
            trigger: Started::Alert { name: "ApiLatencyP99High".into(), since: None, others: 1, by: Vec::new() },
            params: vec![NamedValue { name: "service".into(), value: text("api") }],
            owner: Some("api-oncall".into()),
            severity: None,
            links: vec![("Latency dashboard".into(), "https://grafana.example.com/d/api-latency".into())],
            about: None,
        },
        step(1, "Confirm that the alert is real"),
        decided("p99 < 500ms", Verdict::No, p99(812.0, Verdict::No), Then::GoesOn),
        EventKind::StepEnded { number: 1 },
        step(2, "Roll back a deploy that lines up"),
        decided(
            "deploy_age < 30m and pool < 90%",
            Verdict::Yes,
            vec![
                compared("deploy_age", quantity(12.0, "m"), "<", quantity(30.0, "m"), Verdict::Yes),
                compared("pool", quantity(41.0, "%"), "<", quantity(90.0, "%"), Verdict::Yes),
            ],
            arm("then", 24),
        ),
        action("rollback(service: \"api\")", ActionRole::Action),
        done("rollback(service: \"api\")", ActionRole::Action, None, Some(Then::GoesOn)),
        EventKind::Waiting { condition: Some("p99 < 500ms".into()), within: 600.0, every: Some(15.0), held: None },
        EventKind::WaitEnded {
            condition: Some("p99 < 500ms".into()),
            verdict: Verdict::No,
            elapsed: 600.0,
            then: arm("else", 28),
        },
        EventKind::Escalated {
            team: Some("api-oncall".into()),
            reason: "p99 is still 798ms after the rollback, and a second reason that makes this line far longer than \
                     a terminal of eighty columns can show"
                .into(),
            delivered: Ok(pagerduty()),
            asked_for: true,
            then: Then::GoesOn,
        },
        step(3, "Record the cause"),
        decided(
            "errors < 1%",
            Verdict::unknown(refused.clone()),
            vec![compared(
                "errors",
                Shown::of(&Value::unknown(refused.clone())),
                "<",
                quantity(1.0, "%"),
                Verdict::unknown(refused),
            )],
            arm("unknown", 36),
        ),
        EventKind::Prose { text: "Write down what you saw.\nBoth lines count.".into() },
        EventKind::CleanupStarted { targets: vec!["uncordon(node: \"n1\")".into()] },
        action("uncordon(node: \"n1\")", ActionRole::Finally),
        done("uncordon(node: \"n1\")", ActionRole::Finally, None, None),
        EventKind::Ended {
            outcome: Outcome::Escalated,
            message: "p99 is still 798ms after the rollback".into(),
            paged: vec![Paged {
                team: "api-oncall".into(),
                reason: "p99 is still 798ms after the rollback".into(),
                delivery: pagerduty(),
            }],
            pending: Vec::new(),
        },
    ]
}

fn tell(observer: &mut dyn Observer, kinds: Vec<EventKind>) {
    for kind in kinds {
        observer.event(&Event::of(kind));
    }
}

fn drawn(look: Look, width: usize, kinds: Vec<EventKind>) -> String {
    let (console, captured): (Console, Captured) = Console::captured(look, width);
    // A clock of its own: a fifth of a second passes before each event.
    let mut now = Time::from_unix(1.8e9).unwrap();
    let clock = Clock::recorded(
        move || {
            now = now.plus(0.2).unwrap();
            now
        },
        Instant::now(),
    );
    tell(&mut PagePrinter::new(Sink::Screen(console), clock), kinds);
    captured.text()
}

#[test]
fn a_page_at_eighty_columns() {
    insta::assert_snapshot!(drawn(LOOK, 80, story()));
}

#[test]
fn a_page_at_two_hundred_columns() {
    insta::assert_snapshot!(drawn(LOOK, 200, story()));
}

#[test]
fn nothing_runs_over_the_edge() {
    for width in [40, 60, 80, 120, 200] {
        for line in drawn(LOOK, width, story()).lines() {
            assert!(rbl_terminal::width_of(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn marks_and_words_say_it_without_colours_or_unicode() {
    let plain = drawn(Look { color: false, unicode: false, moves: false }, 80, story());
    assert!(plain.is_ascii() && !plain.contains('\u{1b}'), "{plain}");
    for words in ["- no", "+ yes", "? unknown", "+ done", "! paged", "! too late", "ESCALATED"] {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    let coloured = drawn(Look { color: true, unicode: true, moves: false }, 80, story());
    assert_eq!(rbl_syntax::clean(&coloured), drawn(LOOK, 80, story()));
}

#[test]
fn what_others_printed_cannot_steer_the_screen() {
    let kinds = vec![
        EventKind::Prose { text: "\u{1b}[2J\u{7}bell \u{202e}turned".into() },
        done("a\u{1b}]0;title\u{7}b", ActionRole::Action, Some("exit code 1: \u{9b}31mred"), None),
    ];
    let page = drawn(LOOK, 80, kinds);
    assert!(page.chars().all(|it| it == '\n' || !it.is_control()), "{page:?}");
    assert!(!page.contains('\u{202e}'), "{page:?}");
}

#[test]
fn a_log_is_one_line_an_event_with_time_and_word() {
    let (console, captured) = Console::captured(LOOK, 200);
    tell(&mut Plain::new(Sink::Screen(console), Clock::live(rbl_world::clock::now, Instant::now)), story());
    let text = captured.text();
    for line in text.lines() {
        let (time, rest) = line.split_once("  ").unwrap();
        assert!(time.len() == 20 && time.ends_with('Z') && time.starts_with("20"), "{line}");
        assert!(rest.starts_with(|it: char| it.is_ascii_lowercase()), "{line}");
    }
    for words in
        ["  no         p99 < 500ms; p99 = 812ms, not < 500ms", "  unknown    errors < 1%", "  escalated  p99"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

fn ended(outcome: Outcome, paged: Vec<Paged>, pending: Vec<String>) -> EventKind {
    EventKind::Ended { outcome, message: String::new(), paged, pending }
}

#[test]
fn the_end_says_what_is_left_to_do() {
    let here = Delivery::by("on this terminal", false);
    let paged = vec![Paged { team: "db".into(), reason: "pool at 97%".into(), delivery: here }];
    let page = drawn(LOOK, 80, vec![ended(Outcome::Escalated, paged, Vec::new())]);
    assert!(page.contains("tell db yourself"), "{page}");

    let parked = EventKind::Parked {
        parked: Parked::person("Is the alert real?"),
        pending: vec!["uncordon(node: \"n1\")".into()],
    };
    let pending = vec!["uncordon(node: \"n1\")".into()];
    let page = drawn(LOOK, 80, vec![parked, ended(Outcome::Waiting, Vec::new(), pending)]);
    for words in ["WAITING", "for an answer: \"Is the alert real?\"", "still to do", "uncordon(node: \"n1\")"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }

    let nobody = EventKind::Escalated {
        team: None,
        reason: "not handled".into(),
        delivered: Err(Reason::new(ReasonKind::NotRun, "the runbook names no owner")),
        asked_for: false,
        then: Then::Stops,
    };
    let page = drawn(LOOK, 80, vec![nobody, ended(Outcome::Failed, Vec::new(), Vec::new())]);
    assert!(page.contains("✘ FAILED") && page.contains("yourself: nobody could be paged"), "{page}");
}

/// A *no* of an `if` chooses a way: it is neither red nor marked as a failure. A `check` that says no is.
#[test]
fn a_no_that_only_chooses_a_way_is_neutral() {
    let no = |neutral: bool, then: Then| {
        let decision = Decision {
            condition: "uptime < 2m".into(),
            verdict: Verdict::No,
            operands: Vec::new(),
            then,
            neutral,
        };
        let look = Look { color: true, ..LOOK };
        let (console, captured) = Console::captured(look, 80);
        let mut printer =
            PagePrinter::new(Sink::Screen(console), Clock::live(rbl_world::clock::now, Instant::now));
        printer.event(&Event { kind: EventKind::Decided(decision), place: None, depth: 0 });
        captured.text()
    };
    let red = "\x1b[1;31";
    for shown in [no(false, Then::GoesOn), no(false, Then::Again), no(true, arm("else", 4))] {
        assert!(shown.contains('–') && !shown.contains('✘') && !shown.contains(red), "{shown:?}");
    }
    for shown in [no(false, arm("else", 4)), no(false, Then::Stops)] {
        assert!(shown.contains('✘') && shown.contains(red), "{shown:?}");
    }
}

/// Among steps with titles, a statement that is a step of its own shows its number too.
#[test]
fn a_bare_statement_among_steps_shows_its_number() {
    let (console, captured) = Console::captured(LOOK, 80);
    let mut printer =
        PagePrinter::new(Sink::Screen(console), Clock::live(rbl_world::clock::now, Instant::now));
    let bare = |number| EventKind::StepStarted { number, of: 3, title: None };
    for kind in [bare(1), step(2, "Look"), bare(3), EventKind::Prose { text: "done".into() }] {
        printer.event(&Event { kind, place: None, depth: 0 });
    }
    assert_eq!(captured.text(), "\n2/3 Look\n\n3/3\n  • note      done\n");
}
