//! Any one line removed from a correct program: at most three findings, the first at the right place.

use super::place::Deletion;
use super::{check, programs, told};

/// The allowed average number of findings: the measured one, rounded up.
const AVERAGE: f64 = 1.5;

#[test]
fn any_line_taken_out_is_at_most_three_findings_the_first_at_the_right_place() {
    let (mut lines, mut findings, mut wrong) = (0u32, 0usize, String::new());
    let mut most = 0;
    for program in programs() {
        let written: Vec<&str> = program.text.lines().collect();
        for (missing, line) in written.iter().enumerate() {
            let bare = line.trim();
            if bare.is_empty() || bare.starts_with('#') {
                continue;
            }
            let deletion = Deletion { lines: written.clone(), missing };
            let text = deletion.text();
            let checked = check(&program, &text);
            let count = checked.diagnostics.len();
            lines += 1;
            findings += count;
            most = most.max(count);
            let misplaced = checked
                .diagnostics
                .first()
                .is_some_and(|first| deletion.why_right(&checked, first).is_none());
            if count > 3 || misplaced {
                let what = if misplaced { "misplaced" } else { "too many" };
                wrong += &format!("{}:{} {what}: {line}\n{}", program.name, missing + 1, told(&checked));
            }
        }
    }
    let average = findings as f64 / f64::from(lines);
    println!("{lines} lines taken out: {average:.2} findings on the average, {most} at most");
    assert!(wrong.is_empty(), "{wrong}\n{lines} lines, {average:.2} on the average, {most} at most");
    assert!(average < AVERAGE, "{average:.2}");
}
