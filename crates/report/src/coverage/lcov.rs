//! Coverage as an `lcov` tracefile, the format that most coverage viewers read; `geninfo(1)` defines it.
//!
//! A place with several arms becomes a line and a block of branches. Other lines are not instrumented: they always run
//! if the lines before them do.

use std::fmt::Write as _;

use rbl_terminal::Output;
use rbl_testing::coverage::{Coverage, Covered, CoveredSite};

/// Prints the coverage.
pub fn print(coverage: &Coverage, out: &mut Output) {
    for covered in &coverage.runbooks {
        out.text(&record(covered));
    }
}

/// The record of one file.
fn record(covered: &Covered) -> String {
    let mut text = format!("TN:\nSF:{}\n", covered.file.replace(['\n', '\r'], " "));
    let lines: Vec<&[CoveredSite]> = covered.sites.chunk_by(|one, other| one.line == other.line).collect();
    for sites in &lines {
        for (block, site) in sites.iter().enumerate() {
            for (branch, arm) in site.arms.iter().enumerate() {
                // `-` means that the place was never reached.
                let taken = if site.reached == 0 { "-".to_owned() } else { arm.taken.to_string() };
                let _ = writeln!(text, "BRDA:{},{block},{branch},{taken}", site.line);
            }
        }
    }
    let arms = covered.arms();
    let _ = writeln!(text, "BRF:{}\nBRH:{}", arms.of, arms.covered);
    let reached = |sites: &&[CoveredSite]| sites.iter().map(|site| site.reached).max().unwrap_or(0);
    for sites in &lines {
        if let Some(first) = sites.first() {
            let _ = writeln!(text, "DA:{},{}", first.line, reached(sites));
        }
    }
    let hit = lines.iter().filter(|sites| reached(sites) > 0).count();
    let _ = writeln!(text, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
    text
}
