//! Runbooks that differ only in their number of steps.
#![allow(dead_code)] // each benchmark uses some of them

use std::fmt::Write as _;

const HEAD: &str = "runbook \"Growth\"\nowner   \"me\"\nparam size = 5\n\n";

/// Steps that check, record and act; the tests go through all of them.
pub(crate) fn steps(count: usize) -> String {
    let mut text = HEAD.to_owned();
    for step in 1..=count {
        let _ = writeln!(
            text,
            "step \"Number {step}\" {{\n  check size < {limit} else {{ record \"{step} is over\" }}\n  \
             check size != {other} else {{ record \"{step} is odd\" }}\n  action `true` within 1m\n}}\n",
            limit = step + 10,
            other = step + 20,
        );
    }
    text.push_str("check size > 0 else { stop \"nothing is left\" }\n\n");
    text.push_str("test \"all of it\" {\n  expect resolved\n  expect action `true`\n}\n\n");
    text.push_str("test \"too small\" {\n  param size = 0\n  expect escalated\n}\n");
    text
}

/// Steps of three checks, of which the tests go through the first ten: how long a run of a test takes does not depend on
/// the number of steps, so what is left is what each mutant costs besides its runs.
pub(crate) fn mostly_unreached(count: usize) -> String {
    checks(count, 10)
}

/// The same steps, and the tests go through all of them.
pub(crate) fn all_reached(count: usize) -> String {
    checks(count, count)
}

fn checks(count: usize, reached: usize) -> String {
    let mut text = HEAD.to_owned();
    for step in 1..=count {
        let _ = writeln!(
            text,
            "step \"Number {step}\" {{\n  check size < {limit} else {{ record \"{step} is over\" }}\n  \
             check size != {other} else {{ record \"{step} is odd\" }}\n  \
             check size > 1 else {{ record \"{step} is small\" }}\n}}\n",
            limit = step + 10,
            other = step + 20,
        );
        if step == reached {
            text.push_str("check size < 3 else { stop \"far enough\" }\n\n");
        }
    }
    text.push_str("test \"it stops\" {\n  expect escalated\n}\n\n");
    text.push_str(
        "test \"it stops as well\" {\n  param size = 15\n  expect record matching \"1 is over\"\n}\n",
    );
    text
}

/// A loop with this many passes, in which only a text is shown.
pub(crate) fn passes(count: usize) -> String {
    format!(
        "runbook \"Passes\"\nowner   \"me\"\n\nrepeat up to {count} times {{\n  \"x\"\n}}\n\n\
         test \"all passes\" {{\n  expect resolved\n}}\n"
    )
}
