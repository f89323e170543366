//! Requirements of the server that a number names (S1 …) and that need a scene of their own. Others are held where their part is
//! tested: whatever holds one is a function whose name begins with its number.
//!
//! *Not here:* S12, that every question can be answered on a page.

mod audit;
mod cardinality;
mod limits;
mod look_only;
mod one_winner;
mod report;
mod roles;
mod schedules;
mod secrets;
mod storm;
mod streams;

use std::path::Path;

/// The numbers, and in one line what each asks for.
const REQUIREMENTS: [(u32, &str); 19] = [
    (1, "every alert of a delivery is judged by its own status"),
    (2, "only a firing alert starts a run"),
    (3, "an episode starts one run"),
    (4, "a resolved alert ends no run"),
    (5, "an alert that still fires after its run reaches the owner"),
    (6, "a storm is answered, bounded and kept; at the cap it is refused"),
    (7, "a limit of starts is counted in the store"),
    (8, "a time of a schedule starts one run, late within its window, or is recorded as missed"),
    (9, "what was acknowledged is durable"),
    (10, "who delivers proves it, and nobody keeps others out"),
    (11, "what starts nothing is listed with the nearest trigger"),
    (13, "one function accepts an answer, and every call needs its right"),
    (14, "nothing changes by GET or HEAD"),
    (15, "of answer, time-out and abort one wins"),
    (16, "who did what is in the record, which cannot be edited unnoticed"),
    (17, "no secret is shown or kept"),
    (18, "the metrics are complete, right and bounded"),
    (19, "a stop is short and loses no step; readiness says when the store is away"),
    (20, "the report counts what happened"),
];

/// A requirement without a test is found here.
#[test]
fn every_requirement_has_a_test_that_begins_with_its_number() {
    let mut sources = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["tests", "crates"] {
        for entry in ignore::Walk::new(root.join(folder)) {
            let entry = entry.unwrap();
            if entry.path().extension().is_some_and(|it| it == "rs") {
                sources += &std::fs::read_to_string(entry.path()).unwrap();
            }
        }
    }
    let missing: Vec<&str> = REQUIREMENTS
        .iter()
        .filter(|(number, _)| !sources.contains(&format!("#[test]\nfn s{number}_")))
        .map(|(_, asks)| *asks)
        .collect();
    assert_eq!(missing, [""; 0]);
}
