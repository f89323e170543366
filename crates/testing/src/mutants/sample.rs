//! Which mutants are tried where all of them would take too long: as many as there is time for, spread over the runbook.

/// The most statements that are executed to try the mutants of a runbook: some seconds.
const MOST_WORK: u64 = 5_000_000;

/// What a mutant costs besides its runs, in statements: the part of the runbook that its change can affect is checked again.
const CHECK: u64 = 200;

/// How many bytes of that part are checked in the time of one statement.
const BYTES_OF_A_STATEMENT: u64 = 4;

/// What the check of a text of this length in bytes costs, in statements.
pub(super) fn check_work(bytes: usize) -> u64 {
    bytes as u64 / BYTES_OF_A_STATEMENT
}

/// Leaves out as many of these as are too many, evenly; `work`: how many statements are executed to try one. Returns how
/// many were left out.
pub(super) fn thin_out<T>(mutants: &mut Vec<T>, work: impl Fn(&T) -> u64) -> usize {
    let before = mutants.len();
    let all: u64 = mutants.iter().map(|it| CHECK + work(it)).sum();
    if all <= MOST_WORK {
        return 0;
    }
    let (mut passed, mut spent) = (0_u64, 0_u64);
    mutants.retain(|it| {
        let cost = CHECK + work(it);
        passed += cost;
        // What is spent stays below its share of what was passed.
        let is_kept =
            u128::from(spent + cost) * u128::from(all) <= u128::from(MOST_WORK) * u128::from(passed);
        spent += if is_kept { cost } else { 0 };
        is_kept
    });
    before - mutants.len()
}

#[cfg(test)]
mod tests {
    use super::{CHECK, MOST_WORK, thin_out};

    #[test]
    fn few_are_all_tried() {
        let mut all: Vec<u64> = (0..3_000).collect();
        assert_eq!(thin_out(&mut all, |_| 1_000), 0);
        assert_eq!(all.len(), 3_000);
    }

    #[test]
    fn of_too_many_a_part_is_tried_from_all_over() {
        let mut all: Vec<u64> = (0..10_000).collect();
        let left = thin_out(&mut all, |_| 10_000);
        assert_eq!(left + all.len(), 10_000);
        let work = all.len() as u64 * (10_000 + CHECK);
        assert!((MOST_WORK * 9 / 10..=MOST_WORK).contains(&work), "{work}");
        for part in 0..10 {
            let of_part = all.iter().filter(|it| **it / 1_000 == part).count();
            assert!((40..60).contains(&of_part), "{part}: {of_part}");
        }
    }

    #[test]
    fn one_that_takes_everything_does_not_keep_the_others_away() {
        let mut all: Vec<u64> = vec![1_000_000_000];
        all.extend(std::iter::repeat_n(1, 100));
        thin_out(&mut all, |it| *it);
        assert_eq!(all, vec![1; 100]);
    }
}
