//! Actions with a block: put back where the block is left, whichever way.

use rbl_runtime::{ActionRole, Effect, EventKind, Interrupt, Outcome, Parked};

use super::{Told, told, told_with, world};

/// A block around these lines.
fn block(lines: &str) -> String {
    format!(
        "metric lag in s from prometheus \"lag\"\naction `pause` {{\n{lines}\n}} finally `resume`, `notify` undo `undo it` else {{ \"not paused\" }}\n\"behind\""
    )
}

/// The commands that were run, in order.
fn acts(told: &Told) -> Vec<&str> {
    let acts = told.world.effects.iter();
    acts.filter_map(|effect| if let Effect::Act(act) = effect { Some(act.title.as_str()) } else { None })
        .collect()
}

#[test]
fn it_is_put_back_before_the_next_statement() {
    let told = told(&format!("{}\naction `next`", block("action `inside`")), world()).ends(Outcome::Resolved);
    assert_eq!(acts(&told), ["pause", "inside", "resume", "notify", "next"]);
    assert_eq!(told.prose(), ["behind"]);
}

#[test]
fn it_is_put_back_whichever_way_it_is_left() {
    let resolved = told(&block("resolve \"early\""), world()).ends(Outcome::Resolved);
    assert_eq!(acts(&resolved), ["pause", "resume", "notify"]);
    assert_eq!(resolved.ended.message, "early");
    let stopped = told(&block("stop \"early\""), world()).ends(Outcome::Escalated);
    assert_eq!(acts(&stopped), ["pause", "resume", "notify", "undo it"]);
    let unhandled = told(&block("check lag < 5s"), world()).ends(Outcome::Escalated);
    assert_eq!(acts(&unhandled), ["pause", "resume", "notify", "undo it"]);
    assert!(unhandled.prose().is_empty());
}

#[test]
fn where_the_action_fails_the_block_is_skipped_and_it_is_put_back() {
    let told = told(&block("action `inside`"), world().fails("pause", "no")).ends(Outcome::Resolved);
    assert_eq!(acts(&told), ["pause", "resume", "notify"]);
    assert_eq!(told.prose(), ["not paused", "behind"]);
}

#[test]
fn what_cannot_be_put_back_stops_the_run_and_pages_the_owner() {
    let broken = || world().fails("resume", "connection refused");
    let end = told(&block("\"inside\""), broken()).ends(Outcome::Escalated);
    assert_eq!(end.prose(), ["inside"]);
    assert_eq!(
        acts(&end),
        ["pause", "resume", "notify", "undo it"],
        "one that fails keeps no other from running"
    );
    assert!(end.ended.paged[0].reason.contains("`resume`: connection refused"), "{:?}", end.ended.paged);
    let resolved = told(&block("resolve \"early\""), broken()).ends(Outcome::Escalated);
    assert_eq!(resolved.ended.paged.len(), 1);
    let failed = told(&block("\"inside\""), broken().fails("pause", "no")).ends(Outcome::Escalated);
    assert!(failed.prose().is_empty(), "the else is not taken");
    // Also where the owner was paged before: that page said something else.
    let paged = told(&block("escalate to owner because \"fyi\""), broken()).ends(Outcome::Escalated);
    assert_eq!(paged.ended.paged.len(), 2);
}

#[test]
fn an_abort_puts_it_back() {
    for at in ["act inside", "act pause"] {
        let told = told(&block("action `inside`"), world().aborts(at)).ends(Outcome::Aborted);
        assert!(acts(&told).ends_with(&["resume", "notify", "undo it"]), "{at}: {:?}", acts(&told));
        let kinds = told.events.iter().map(|event| &event.kind);
        assert_eq!(kinds.filter(|kind| matches!(kind, EventKind::Aborted { .. })).count(), 1, "{at}");
    }
    let failed = told(&block("action `inside`"), world().aborts("act inside").fails("resume", "no"))
        .ends(Outcome::Aborted);
    assert!(failed.ended.message.contains("`resume`: no"), "{}", failed.ended.message);
    assert!(failed.ended.paged.is_empty(), "whoever aborted it sees it");
    // The first abort, while it is put back: the rest is still put back, and the run is aborted.
    let late = told(&block("\"inside\""), world().aborts("act resume")).ends(Outcome::Aborted);
    assert_eq!(acts(&late), ["pause", "resume", "notify", "undo it"]);
    assert_eq!(late.prose(), ["inside"]);
}

#[test]
fn parking_is_not_leaving() {
    let parked = Interrupt::Parked(Parked::ByHand);
    let told =
        told(&block("action `inside`"), world().breaks_in("act inside", parked)).ends(Outcome::Waiting);
    assert_eq!(acts(&told), ["pause", "inside"]);
    assert_eq!(told.ended.pending, ["resume", "notify", "undo it"]);
}

#[test]
fn the_innermost_block_is_put_back_first() {
    let text = "for each q in [\"a\", \"b\"] up to 2 {\n\
        action `pause #{q}` {\naction `deep #{q}` { \"in #{q}\" } finally `undeep #{q}`\n} finally `resume #{q}`\n}";
    let told = told(text, world()).ends(Outcome::Resolved);
    let one =
        |q: &str| [format!("pause {q}"), format!("deep {q}"), format!("undeep {q}"), format!("resume {q}")];
    assert_eq!(acts(&told), [one("a"), one("b")].concat());
    let keys: std::collections::HashSet<&str> = told
        .world
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Act(act) = effect { Some(act.key.as_str()) } else { None })
        .collect();
    assert_eq!(keys.len(), 8, "no two share an idempotency key");
    let early =
        super::told(&text.replace("\"in #{q}\"", "stop \"enough\""), world()).ends(Outcome::Escalated);
    assert_eq!(acts(&early), one("a"));
}

#[test]
fn a_runbook_that_is_run_inside_ends_itself_only() {
    let other =
        [("o.rb", "runbook \"O\"\nowner \"o\"\naction `other` finally `other done`\nresolve \"well\"\n")];
    let told = told_with(&block("run \"o.rb\"\naction `inside`"), &other, world()).ends(Outcome::Resolved);
    assert_eq!(acts(&told), ["pause", "other", "other done", "inside", "resume", "notify"]);
    let other =
        [("o.rb", "runbook \"O\"\nowner \"o\"\naction `other` { stop \"no\" } finally `other done`\n")];
    let told = told_with(&block("run \"o.rb\" else { resolve \"other failed\" }"), &other, world())
        .ends(Outcome::Resolved);
    assert_eq!(acts(&told), ["pause", "other", "other done", "resume", "notify"]);
}

#[test]
fn the_value_of_the_action_is_known_inside_and_behind() {
    let text = "action `pause` as out { \"in #{out.text}\" } finally `resume`\n\"behind #{out.text}\"";
    assert_eq!(told(text, world().prints("pause", "ok")).prose(), ["in ok", "behind ok"]);
}

#[test]
fn several_targets_are_done_in_the_order_written_and_the_last_action_first() {
    let text = "action `a` undo `ua1`, `ua2` finally `fa1`, `fa2`\naction `b` finally `fb1`, `fb2`\nstop";
    let told = told(text, world()).ends(Outcome::Escalated);
    assert_eq!(acts(&told), ["a", "b", "fb1", "fb2", "ua1", "ua2", "fa1", "fa2"]);
    let roles = told.events.iter().filter_map(|event| event.kind.role());
    assert_eq!(roles.filter(|role| *role == ActionRole::Finally).count(), 8, "begun and ended");
}

#[test]
fn a_value_of_a_block_is_gone_behind_it_and_one_of_a_step_is_not() {
    let text = "step \"A\" { let x = \"a\" }\nstep \"B\" { \"#{x}\"\nlet x = \"b\"\nif true { let x = \"c\" } }\n\"#{x}\"";
    assert_eq!(told(text, world()).prose(), ["a", "b"]);
}
