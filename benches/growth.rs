//! Measures how the cost of each command grows with the size of a runbook, and fails where it grows faster than the
//! runbook does.
//!
//! `cargo bench --bench growth`. It compares the processor time in user mode of the whole process at one size with that at
//! a tenth of it, and not with a limit in seconds: a slow or busy machine does not affect the ratio. A cost that grows with the square of
//! the size has a ratio of 100. With the name of a command as an argument only that one is measured.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it starts programs, which is its purpose

#[path = "growth/runbooks.rs"]
mod runbooks;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use wait4::Wait4;

/// The greatest ratio of the costs at a size and at a tenth of it. More than ten, for what does not fit into caches.
const MOST: f64 = 14.0;
/// A shorter time, in seconds, says nothing: most of it is the start of the process.
const SHORTEST: f64 = 0.020;
/// A longer time is not measured again.
const LONG: f64 = 2.0;
/// How often a short time is measured; the mean counts.
const TIMES: u32 = 9;
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// A command, its arguments (`FILE`, `RUN` stand for those of a size), and what it reads.
struct Measured {
    name: &'static str,
    arguments: &'static [&'static str],
    reads: Reads,
    sizes: &'static [usize],
}

#[derive(Clone, Copy, PartialEq)]
enum Reads {
    Steps,
    MostlyUnreached,
    Passes,
}

const fn of_steps(name: &'static str, arguments: &'static [&'static str]) -> Measured {
    Measured { name, arguments, reads: Reads::Steps, sizes: &SIZES }
}

const ALL: [Measured; 13] = [
    of_steps("check", &["check", "FILE"]),
    of_steps("paths", &["paths", "FILE"]),
    of_steps("plan", &["plan", "FILE"]),
    of_steps("fmt", &["fmt", "--check", "FILE"]),
    of_steps("run", &["run", "--no-input", "FILE"]),
    of_steps("show", &["show", "RUN"]),
    of_steps("replay", &["replay", "RUN"]),
    of_steps("as-test", &["replay", "RUN", "--as-test"]),
    of_steps("test", &["test", "FILE"]),
    of_steps("coverage", &["test", "--coverage", "FILE"]),
    Measured {
        name: "mutants",
        arguments: &["test", "--mutants=json", "FILE"],
        reads: Reads::MostlyUnreached,
        sizes: &SIZES,
    },
    Measured {
        name: "test of passes",
        arguments: &["test", "FILE"],
        reads: Reads::Passes,
        sizes: &[400, 4_000, 40_000],
    },
    Measured {
        name: "run of passes",
        arguments: &["run", "--no-input", "--no-journal", "FILE"],
        reads: Reads::Passes,
        sizes: &[400, 4_000, 40_000],
    },
];

/// The cost of one process.
#[derive(Clone, Copy)]
struct Cost {
    /// Processor time in user mode, in seconds; of the process and the processes that it waited for.
    user: f64,
    /// The peak of its memory, in MiB.
    memory: f64,
}

fn main() -> ExitCode {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = tempfile::tempdir().unwrap();
    let mut too_steep = 0;
    println!("seconds of processor time in user mode, peak memory in MiB, and the ratio to the size before");
    for measured in &ALL {
        if wanted.as_ref().is_some_and(|wanted| wanted != measured.name) {
            continue;
        }
        let mut before: Option<Cost> = None;
        for size in measured.sizes {
            let cost = best(folder.path(), measured, *size);
            let ratio = before.filter(|before| before.user >= SHORTEST).map(|before| cost.user / before.user);
            let steep = ratio.is_some_and(|ratio| ratio > MOST);
            too_steep += usize::from(steep);
            println!(
                "{:<16} {size:>9} {:>9.3} {:>8.0} {:>7} {}",
                measured.name,
                cost.user,
                cost.memory,
                ratio.map_or_else(String::new, |ratio| format!("{ratio:.1}")),
                if steep { "TOO STEEP" } else { "" }
            );
            before = Some(cost);
        }
    }
    if too_steep > 0 {
        println!("\n{too_steep} times the cost grew more than {MOST} × for ten times the size");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The cost of a run: the mean of several short ones. The system counts time in ticks, of which the least of several has too few.
fn best(folder: &Path, measured: &Measured, size: usize) -> Cost {
    let place = folder.join(format!("{}-{size}", measured.name.replace(' ', "-")));
    std::fs::create_dir_all(&place).unwrap();
    let text = match measured.reads {
        Reads::Steps => runbooks::steps(size),
        Reads::MostlyUnreached => runbooks::mostly_unreached(size),
        Reads::Passes => runbooks::passes(size),
    };
    std::fs::write(place.join("growth.rb"), text).unwrap();
    if measured.arguments.contains(&"RUN") {
        cost(&place, &["run", "--no-input", "growth.rb"]);
    }
    let words: Vec<&str> = measured
        .arguments
        .iter()
        .map(|word| match *word {
            "FILE" => "growth.rb",
            "RUN" => "last",
            word => word,
        })
        .collect();
    let first = cost(&place, &words);
    let times = if first.user < LONG { TIMES } else { 1 };
    let all = (1..times)
        .map(|_| cost(&place, &words))
        .fold(first, |all, cost| Cost { user: all.user + cost.user, memory: all.memory.min(cost.memory) });
    Cost { user: all.user / f64::from(times), ..all }
}

/// Runs rbl in a folder that also holds its journal.
fn cost(place: &Path, words: &[&str]) -> Cost {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rbl"));
    command.args(words).current_dir(place).env("XDG_STATE_HOME", place).env("NO_COLOR", "1");
    // Into a file, as the output of a long run is kept.
    let output = std::fs::File::create(place.join("output")).unwrap();
    command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    let ended = command.spawn().unwrap().wait4().unwrap();
    let code = ended.status.code();
    // Mutants that no test notices are no failure.
    assert_eq!(code, Some(0), "rbl {}: {code:?} in {}", words.join(" "), place.display());
    Cost { user: ended.rusage.utime.as_secs_f64(), memory: ended.rusage.maxrss as f64 / f64::from(1 << 20) }
}
