//! Chooses the time limit of a test, so that the test notices a limit in the runbook that has grown.

/// Returns a round duration a little above what a run took, in seconds; `None` for a run that took no time.
///
/// This is close enough: a limit that doubles takes the run over it, unless all limits together are a small part of the
/// run.
pub fn bound(seconds: f64) -> Option<f64> {
    // Sums may be slightly above a whole number; a test has the same tolerance.
    let hair = 5e-10;
    if seconds <= hair {
        return None;
    }
    let up_to = |step: f64| ((seconds - hair) / step).ceil().max(1.0) * step;
    Some(match seconds {
        ..=1.0 => ((seconds - hair) * 10.0).ceil().max(1.0) / 10.0,
        ..=20.0 => up_to(1.0),
        ..=120.0 => up_to(5.0),
        ..=600.0 => up_to(30.0),
        ..=21_600.0 => up_to(60.0),
        ..=172_800.0 => up_to(600.0),
        _ => up_to(3_600.0),
    })
}

#[cfg(test)]
mod tests {
    use super::bound;

    #[test]
    fn a_bound_is_round_and_near() {
        assert_eq!(bound(0.0), None);
        assert_eq!(bound(0.25), Some(0.3));
        assert_eq!(bound(90.0), Some(90.0));
        assert_eq!(bound(91.0), Some(95.0));
        assert_eq!(bound(600.0), Some(600.0));
        assert_eq!(bound(600.000_000_000_4), Some(600.0));
        assert_eq!(bound(2_715.0), Some(2_760.0));
        for exponent in -6..30_i32 {
            let seconds = 1.7_f64.powi(exponent);
            if seconds > 0.05 {
                assert!(bound(seconds).is_some_and(|bound| bound < 2.0 * seconds + 0.1), "{seconds}");
            }
        }
    }
}
