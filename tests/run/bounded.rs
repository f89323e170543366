//! Everything that a run computes is bounded: what takes too much is unknown, and a run that goes on and on is stopped, or
//! interrupted by a signal.

use std::fmt::Write as _;

use rbl_runtime::layers::Plan;
use rbl_runtime::{Effect, Event, EventKind, Interrupt, Outcome, Parked, Reply, World, run};

use super::{ScriptedWorld, program, start, told};

const HEAD: &str = "runbook \"Bounded\"\nowner \"o\"\n";

/// `let a1 = …` out of `a0`, `a2` out of `a1`: `@` stands for the one before.
fn doubled(first: &str, again: &str, times: u32) -> String {
    let mut text = format!("let a0 = {first}\n");
    for number in 0..times {
        let _ = writeln!(text, "let a{} = {}", number + 1, again.replace('@', &format!("a{number}")));
    }
    text
}

/// Judges whether `a44` has any length, in a runbook that handles each verdict in its own way.
fn judged(lines: &str) -> Vec<String> {
    let text = format!(
        "{HEAD}{lines}check length(\"#{{a44}}\") > 0 else {{ \"no\" }} unknown {{ \"unknown\" }}\n\"#{{a44}}\""
    );
    let told = told(&text, ScriptedWorld::new());
    told.prose().into_iter().map(str::to_owned).collect()
}

#[test]
fn a_value_that_is_doubled_again_and_again_is_unknown() {
    for (first, again) in [
        ("\"xxxxxxxxxx\"", "\"#{@}#{@}\""),
        ("\"xxxxxxxxxx\"", "upper(\"#{@}#{@}\")"),
        ("[1, 2]", "@ + @"),
        ("[1, 2]", "[@, @]"),
    ] {
        let prose = judged(&doubled(first, again, 44));
        assert_eq!(prose.first().map(String::as_str), Some("unknown"), "{again}: {prose:?}");
        let reason = prose.last().map(String::as_str).unwrap_or_default();
        assert!(reason.starts_with("line ") && reason.ends_with(": larger than 4 MiB"), "{again}: {reason}");
    }
}

/// A record of unknown values is a record: it grows again, and becomes unknown again.
#[test]
fn a_record_that_is_doubled_again_and_again_holds_what_is_unknown() {
    let prose = judged(&doubled("{x: 1}", "{l: @, r: @}", 44));
    assert!(prose.last().is_some_and(|text| text.contains(": larger than 4 MiB")));
}

#[test]
fn a_join_of_large_texts_is_unknown() {
    let lines = format!(
        "{}let l = split(a15, \" \")\nlet a44 = join(l, a15)\n",
        doubled("\"x y \"", "\"#{@}#{@}\"", 15)
    );
    assert_eq!(judged(&lines).last().map(String::as_str), Some("line 20: larger than 4 MiB"));
}

#[test]
fn functions_that_use_each_other_twice_are_unknown() {
    let mut lines = "let f0(x) = x + x\n".to_owned();
    for number in 0..43 {
        let _ = writeln!(lines, "let f{}(x) = f{number}(x) + f{number}(x)", number + 1);
    }
    let prose = judged(&format!("{lines}let a44 = f43(1)\n"));
    assert_eq!(prose.first().map(String::as_str), Some("unknown"));
    let reason = prose.last().map(String::as_str).unwrap_or_default();
    assert!(reason.contains("more than 3 million steps to compute"), "{reason}");
}

#[test]
fn what_is_nested_too_deep_is_unknown() {
    let mut lines = "let f0(x) = x\n".to_owned();
    for number in 0..3_000 {
        let _ = writeln!(lines, "let f{}(x) = f{number}(x)", number + 1);
    }
    // Built without optimisation, the check and the walk need more than a test's thread has.
    let deep = std::thread::Builder::new().stack_size(16 << 20);
    let deep = deep.spawn(move || judged(&format!("{lines}let a44 = f3000(1)\n"))).unwrap();
    let prose = deep.join().unwrap();
    let reason = prose.last().map(String::as_str).unwrap_or_default();
    assert!(reason.ends_with("nested deeper than 400 levels"), "{reason}");
}

#[test]
fn the_names_in_scope_hold_no_more_than_fits_into_memory() {
    let mut lines = doubled("\"xxxxxxxxxx\"", "\"#{@}#{@}\"", 18);
    for number in 0..100 {
        let _ = writeln!(lines, "let b{number} = \"#{{a18}}{number}\"\naction `a`");
    }
    let prose = judged(&format!("{lines}let a44 = b99\n"));
    let reason = prose.last().map(String::as_str).unwrap_or_default();
    assert!(reason.ends_with("the names in scope would hold more than 64 MiB"), "{reason}");
}

#[test]
fn what_is_usual_is_computed() {
    // A list of names, each looked for in the output of a command.
    let names = (0..500).map(|n| format!("\"node-{n}\"")).collect::<Vec<_>>().join(", ");
    let lines = format!(
        "{}let names = [{names}]\nlet a44 = [for each n in names where not contains(a14, n): n]\n",
        doubled("\"pod-1 pod-2\"", "\"#{@}#{@}\"", 14)
    );
    assert!(judged(&lines).last().is_some_and(|it| it.starts_with("node-0, node-1")));
}

#[test]
fn a_run_that_goes_on_without_an_end_is_stopped_and_pages() {
    for body in [
        "repeat up to 1000000000 times { \"x\" }",
        "repeat up to 1000000000 times { }",
        "repeat up to 100000 times { repeat up to 100000 times { check true } }",
        "repeat up to 1000000000 times { check \"is it so?\" else { } unknown { } }",
        "repeat up to 1000000000 times { escalate to \"p\" because \"x\" }",
    ] {
        let told = told(&format!("{HEAD}{body}\n"), ScriptedWorld::new());
        assert_eq!(told.ended.outcome, Outcome::Escalated, "{body}");
        let why = "more than 4 million steps without an action, a probe, a wait or an answer";
        assert!(told.ended.message.contains(why), "{body}: {}", told.ended.message);
        assert!(told.deeds().iter().any(|deed| deed.starts_with("page ")), "{body}");
    }
}

#[test]
fn a_run_that_acts_in_each_pass_is_not_stopped() {
    let text =
        format!("{HEAD}repeat up to 2000 times {{ repeat up to 300 times {{ check true }}\naction `a` }}\n");
    let told = told(&text, ScriptedWorld::new());
    assert_eq!(told.ended.outcome, Outcome::Resolved, "{}", told.ended.message);
}

/// A world that is interrupted at the clock's reading of this number.
struct Interrupted {
    inner: ScriptedWorld,
    left: u32,
}

impl World for Interrupted {
    fn perform(&mut self, effect: &Effect) -> Result<Reply, Interrupt> {
        if matches!(effect, Effect::Now) {
            self.left = self.left.saturating_sub(1);
        }
        if self.left == 0 { Err(Interrupt::Parked(Parked::ByHand)) } else { self.inner.perform(effect) }
    }
}

#[test]
fn a_signal_is_heard_in_a_loop_and_in_an_evaluation() {
    let mut chain = "let f0(x) = x + x\n".to_owned();
    for number in 0..43 {
        let _ = writeln!(chain, "let f{}(x) = f{number}(x) + f{number}(x)", number + 1);
    }
    for lines in ["repeat up to 1000000000 times { \"x\" }".to_owned(), format!("{chain}check f43(1) > 0")] {
        let program = program(&format!("{HEAD}{lines}\n"));
        let mut world = Interrupted { inner: ScriptedWorld::new(), left: 5 };
        let mut events: Vec<Event> = Vec::new();
        let ended = run(&program, &start(), &mut world, &mut events);
        assert_eq!(ended.parked, Some(Parked::ByHand), "{}", ended.message);
        assert!(events.len() < 10_000, "{}", events.len());
    }
}

#[test]
fn a_plan_makes_one_pass_of_a_repeat() {
    let mut text = HEAD.to_owned();
    for _ in 0..20 {
        text.push_str("repeat up to 10 times {\n");
    }
    text.push_str("\"x\"\n");
    text.push_str(&"}\n".repeat(20));
    let program = program(&text);
    let mut world = Plan::new(ScriptedWorld::new(), false);
    let mut events: Vec<Event> = Vec::new();
    let ended = run(&program, &start(), &mut world, &mut events);
    assert_eq!(ended.outcome, Outcome::Resolved);
    let prose = events.iter().filter(|event| matches!(event.kind, EventKind::Prose { .. })).count();
    assert_eq!(prose, 1);
    let alike = events
        .iter()
        .filter(|event| matches!(event.kind, EventKind::LoopEnded { passes: 1, alike: 9 }))
        .count();
    assert_eq!(alike, 20);
}

/// What is usual takes little; what would take minutes is not begun.
#[test]
fn looking_for_a_pattern_costs_what_it_takes() {
    let lines = doubled("[\"GET /a 200 12ms\", \"POST /b 503 4s\"]", "@ + @", 11);
    let found = |pattern: &str| {
        let asks =
            format!("{lines}let a44 = length([for each l in a11 where matches(l, \"{pattern}\"): l])\n");
        judged(&asks).last().cloned().unwrap_or_default()
    };
    assert_eq!(found("^(GET|POST) /\\\\S+ 50[0-9] "), "2048");
    let text = doubled("\"abcdefghij\"", "\"#{@}#{@}\"", 17);
    let found = |pattern: &str| {
        let asks = format!("{text}let a44 = matches(a17, \"{pattern}\")\n");
        judged(&asks).last().cloned().unwrap_or_default()
    };
    assert_eq!((found("jab+c").as_str(), found("x|y|ja{2}").as_str()), ("true", "false"));
    assert!(found("(\\\\w{100}){2}#").contains("more than 3 million steps"));
}
