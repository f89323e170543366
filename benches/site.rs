//! Measures a site of 500 different runbooks: how long `rbl site` takes from the folder to the pages, and how large they are.
//!
//! `cargo bench --bench site`. The folder is in memory where there is one, so that not the disk is measured. The first pass is
//! not counted; of five others the median and the slowest are printed. The aim is less than 2 s on two cores.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a measurement that cannot be made is of no use
#![allow(clippy::disallowed_methods)] // it writes files, starts a program and reads the clock, which is its purpose

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// How many runbooks the site has.
const RUNBOOKS: usize = 500;

fn main() {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let books = folder.path().join("books");
    let (mut lines, mut bytes) = (0_usize, 0_usize);
    for number in 0..RUNBOOKS {
        let text = runbook(number);
        lines += text.lines().count();
        bytes += text.len();
        let path = books.join(format!("team-{}/runbook-{number}.rb", number % 12));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::write(folder.path().join("rules.yml"), rules()).unwrap();
    let mut times: Vec<f64> = (0..6).map(|pass| build(folder.path(), pass)).skip(1).collect();
    times.sort_by(f64::total_cmp);
    let pages = size(&folder.path().join("site-1"));
    println!("{RUNBOOKS} runbooks, {lines} lines, {} kB", bytes / 1024);
    println!("{:8.3} s   the median of {}", times[times.len() / 2], times.len());
    println!("{:8.3} s   the slowest", times[times.len() - 1]);
    println!("{:8} kB  of pages", pages / 1024);
}

/// Builds the site into a new folder, and returns the seconds.
fn build(folder: &Path, pass: usize) -> f64 {
    let started = Instant::now();
    let ended = Command::new(env!("CARGO_BIN_EXE_rbl"))
        .args(["site", "books", "-o", &format!("site-{pass}"), "--alerts", "rules.yml"])
        .current_dir(folder)
        .output()
        .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(said.contains("500 runbooks"), "{said}");
    seconds
}

/// A runbook of 20 to 100 lines, like no other: metrics, decisions, commands for people, waits, pages, and a test.
fn runbook(number: usize) -> String {
    let service = ["checkout", "search", "billing", "media", "login", "mail", "queue"][number % 7];
    let mut text = format!("runbook \"{service} {number} is slow\"\nowner \"team-{}\"\n", number % 12);
    let _ = writeln!(text, "trigger alert \"Slow{number}\"\nseverity \"page\"\n");
    let _ = writeln!(
        text,
        "about \"\"\"\n  Requests to {service} {number} take longer than {} ms.\n\n  - Customers wait.\n\"\"\"\n",
        100 + number
    );
    let _ = writeln!(
        text,
        "metric p99 in ms from prometheus \"latency_p99_ms{{service=\\\"{service}-{number}\\\"}}\"\n"
    );
    for step in 0..2 + number % 9 {
        let _ = writeln!(text, "step \"Part {step} of {number}\" {{");
        let _ = writeln!(text, "  \"What part {step} looks at, and why: {service} {}.\"", number * 31 + step);
        let _ = writeln!(text, "  if p99 > {}ms {{", 200 + (number * 7 + step * 13) % 800);
        let _ = writeln!(text, "    action \"Restart instance {step} of {service} {number}\" within 10m");
        let _ = writeln!(text, "    wait until p99 < {}ms within 15m else {{", 150 + number % 100);
        let _ =
            writeln!(text, "      escalate to owner because \"part {step}: still #{{p99}}\"\n    }}\n  }}");
        let _ = writeln!(text, "  check \"Is part {step} of {service} {number} well?\" else {{");
        let _ = writeln!(text, "    action \"Look at the logs of {service}-{number}-{step}\"\n  }}\n}}\n");
    }
    text
}

/// A rule for each second runbook.
fn rules() -> String {
    let mut text = String::from("groups:\n- name: slow\n  rules:\n");
    for number in (0..RUNBOOKS).step_by(2) {
        let _ = writeln!(text, "  - alert: Slow{number}\n    expr: latency_p99_ms > {}", 200 + number);
    }
    text
}

/// The bytes of all files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap());
    entries.map(|it| if it.path().is_dir() { size(&it.path()) } else { it.metadata().unwrap().len() }).sum()
}
