//! Reporting of bugs in rbl itself: a message that says how to report the bug, and exit code 70. No Rust backtrace
//! unless `RUST_BACKTRACE` asks for one.

use std::panic::{PanicHookInfo, UnwindSafe};

use super::Exit;

/// Runs `work`. A panic in it is reported on standard error and ends in [`Exit::Bug`].
pub(super) fn guarded(work: impl FnOnce() -> Exit + UnwindSafe) -> Exit {
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
        let backtrace = backtrace.then(|| std::backtrace::Backtrace::force_capture().to_string());
        rbl_terminal::Output::stderr().text(&report(&what(panic), backtrace.as_deref()));
    }));
    ended(work)
}

fn ended(work: impl FnOnce() -> Exit + UnwindSafe) -> Exit {
    std::panic::catch_unwind(work).unwrap_or(Exit::Bug)
}

fn what(panic: &PanicHookInfo<'_>) -> String {
    let payload = panic.payload();
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("nothing was said");
    let at = panic.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
    format!("{said}{at}")
}

/// The report of a panic, for a person to read and pass on.
fn report(what: &str, backtrace: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let mut text = format!(
        "\nrbl: this is a bug in rbl, not in your runbook\n  what: {}\n  version: {version} on {system}\n  help: please report \
         it with the lines above, the command you ran and the runbook.\n        What the runbook had done so far stays \
         done: look at what was printed before.\n",
        rbl_syntax::harmless(what)
    );
    match backtrace {
        Some(backtrace) => text.push_str(backtrace),
        None => text.push_str("        RUST_BACKTRACE=1 adds where in rbl it happened.\n"),
    }
    text
}

/// The report of a bug that was noticed before it could do harm.
pub(super) fn left_as_it_is(what: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    format!(
        "rbl: this is a bug in rbl, not in your runbook\n  what: {}\n  version: {version} on {system}\n  help: the file was left \
         as it is; please report this with the lines above and the file.\n",
        rbl_syntax::harmless(what)
    )
}

#[cfg(test)]
mod tests {
    use super::{Exit, ended, report};

    #[test]
    fn a_panic_is_a_bug_with_its_own_code() {
        assert_eq!(ended(|| panic!("a test of what a bug ends in")), Exit::Bug);
        assert_eq!(ended(|| Exit::Fine), Exit::Fine);
    }

    #[test]
    fn the_report_says_whose_fault_it_is_and_what_to_send() {
        let text = report("index out of bounds (src/run/walk.rs:3)", None);
        assert!(text.contains("not in your runbook") && text.contains("please report"), "{text}");
        assert!(text.contains("src/run/walk.rs:3") && !text.contains("stack backtrace"), "{text}");
        assert!(report("x", Some("0: main")).ends_with("0: main"));
    }
}
