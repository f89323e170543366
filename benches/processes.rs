//! Measures whole processes: a run of six steps against a plain Rust program that does the same, the check of one file
//! and of a folder, with and without the cache, and starting up. `peers` compares with other programs.
//!
//! `cargo bench --bench processes`. The pairs run in turn, A B A B …, and the ratio is computed for each pair, so that
//! a machine whose speed drifts does not affect it. The figures are what the system measures for each child (`wait4`):
//! the processor time of the process and its children, and its peak memory.
//!
//! This program is also the other side of each pair: with the argument `floor` or `nothing` it does only that.
#![allow(clippy::unwrap_used)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it starts programs and reads the clock, which is its purpose

#[path = "processes/floor.rs"]
mod floor;
#[path = "processes/metrics.rs"]
mod metrics;
#[path = "processes/pair.rs"]
mod pair;
mod runbooks;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use pair::{Program, alone, paired};

fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("floor"), Some(address)) => return floor::six_steps(&address),
        (Some("nothing"), _) => return,
        (Some("write"), Some(folder)) => return write(Path::new(&folder), 5_000),
        _ => {}
    }
    let rbl = Program::new(env!("CARGO_BIN_EXE_rbl"));
    let own = Program::new(std::env::current_exe().unwrap().to_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();

    let address = metrics::serve();
    std::fs::write(path("rbl.toml"), floor::configuration(&address)).unwrap();
    std::fs::write(path("six-steps.rb"), floor::RUNBOOK).unwrap();
    std::fs::write(path("one-line.rb"), "runbook \"One line\"\nowner \"me\"\n\"Look at it\"\n").unwrap();
    expect(rbl.with(&["run", &path("six-steps.rb"), "--no-input", "--no-journal"]).command(), 4);
    expect(own.with(&["floor", &address]).command(), 0);

    println!("a run of six steps: rbl against a plain program");
    paired(
        &rbl.with(&["run", &path("six-steps.rb"), "--no-input", "--no-journal"]),
        &own.with(&["floor", &address]),
        21,
    );
    // On the disk of the build: /tmp may be in memory, where a durable commit is free.
    let state = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    println!("\nthe same run with its journal: rbl against a plain program");
    paired(
        &rbl.with(&["run", &path("six-steps.rb"), "--no-input"])
            .env("XDG_STATE_HOME", state.path().to_str().unwrap()),
        &own.with(&["floor", &address]),
        21,
    );
    let nothing = own.with(&["nothing"]);
    println!("\nrbl check examples/api-latency.rb: rbl against a program that does nothing");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/api-latency.rb");
    paired(&rbl.with(&["check", example]), &nothing, 41);
    println!("\nrbl --version: rbl against a program that does nothing");
    paired(&rbl.with(&["--version"]), &nothing, 41);
    println!("\nrbl run of one line: rbl against a program that does nothing");
    paired(&rbl.with(&["run", &path("one-line.rb"), "--no-input", "--no-journal"]), &nothing, 41);

    let many = folder.path().join("many");
    write(&many, 5_000);
    let cached = rbl.env("XDG_CACHE_HOME", &path("cache"));
    println!("\nrbl check of a folder of 5,000 files ({:.1} MB)", size(&many) / 1e6);
    alone(&rbl.with(&["check", "--no-cache", many.to_str().unwrap()]), 5);
    println!("\nrbl check of the same folder, of which nothing has changed");
    alone(&cached.with(&["check", many.to_str().unwrap()]), 11);
    let shared = folder.path().join("shared");
    write_shared(&shared, 5_000);
    println!("\nrbl check of 5,000 files that use one library of 100 names");
    expect(rbl.with(&["check", "--no-cache", shared.to_str().unwrap()]).command(), 0);
    alone(&rbl.with(&["check", "--no-cache", shared.to_str().unwrap()]), 5);
    println!("\nrbl check of the same files, of which nothing has changed");
    alone(&cached.with(&["check", shared.to_str().unwrap()]), 11);
    let large = folder.path().join("large.rb");
    std::fs::write(&large, one_large(2_000)).unwrap();
    println!("\nrbl check of one file of {:.1} MB", std::fs::metadata(&large).unwrap().len() as f64 / 1e6);
    alone(&rbl.with(&["check", large.to_str().unwrap()]), 5);
    println!(
        "\nthe program itself: {:.1} MB",
        std::fs::metadata(env!("CARGO_BIN_EXE_rbl")).unwrap().len() as f64 / 1e6
    );
}

/// Writes runbooks that use the same library.
fn write_shared(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("rbl.toml"), include_str!("../examples/rbl.toml")).unwrap();
    let mut library = String::new();
    for name in 0..50 {
        let _ = write!(
            library,
            "metric p{name}(service) in s from prometheus \"latency{{service=\\\"#{{service}}\\\"}} * {}\"\n\
             define restart{name}(service) as `systemctl restart worker-{name}@#{{service}}`\n",
            name + 1
        );
    }
    std::fs::write(folder.join("common.rb"), library).unwrap();
    for number in 0..count {
        let name = number % 50;
        let text = format!(
            "runbook \"Worker {number} is slow\"\nowner \"api-oncall\"\nuse \"common.rb\"\n\
             check p{name}(\"w{number}\") < 500ms else {{\n  action restart{name}(\"w{number}\") within 2m\n}}\n\
             check \"Is worker {number} well?\" within 10m\n"
        );
        std::fs::write(folder.join(format!("{number}.rb")), text).unwrap();
    }
}

/// Checks that the command ends with this code; otherwise the benchmark would measure something else.
fn expect(mut command: Command, code: i32) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{output:?}");
}

fn write(folder: &Path, count: usize) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("rbl.toml"), include_str!("../examples/rbl.toml")).unwrap();
    for (number, text) in runbooks::ALL.runbooks(count).iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.rb")), text).unwrap();
    }
}

fn size(folder: &Path) -> f64 {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len() as f64).sum()
}

/// One runbook with this many steps.
fn one_large(steps: usize) -> String {
    let mut text = String::from("runbook \"Large\"\nowner \"me\"\nmetric load from host \"load.5\"\n");
    for step in 0..steps {
        let _ = write!(
            text,
            "step \"Step number {step} looks at the load\" {{\n  check load < {step} else {{\n    record \"load is \
             #{{load}} in step {step}\"\n    action `systemctl restart worker-{step}` within 2m\n  }}\n}}\n"
        );
    }
    text
}
