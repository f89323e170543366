//! How quantities print.

use super::*;

fn unit(text: &str) -> Unit {
    if text.is_empty() { Unit::ONE } else { Unit::parse(text).unwrap() }
}

fn written(value: f64, symbol: &str) -> String {
    Quantity::written(value, unit(symbol)).unwrap().to_string()
}

fn read(value: f64, symbol: &str) -> String {
    Quantity::of(value, unit(symbol)).unwrap().to_string()
}

fn computed(base: f64, dimension: Dimension) -> String {
    Quantity { base, dimension, unit: None, form: Form::Measured }.to_string()
}

const RATE: Dimension = Dimension { time: -1, data: 0, scale: Scale::Plain };

#[test]
fn a_literal_prints_as_it_was_written() {
    assert_eq!(written(1600.0, "ms"), "1600ms");
    assert_eq!(written(812.345, "ms"), "812.345ms");
    assert_eq!(written(1.1, "ms"), "1.1ms");
    assert_eq!(written(0.25, "%"), "0.25%");
    assert_eq!(written(99.999, "%"), "99.999%");
    assert_eq!(written(20.0, "MiB/s"), "20MiB/s");
    assert_eq!(written(123_456_789_012.0, "B"), "123456789012B");
    assert_eq!(written(2.0, "w"), "2w");
    for text in ["1h30m", "1d12h", "2w3d", "1m30s", "1s500ms", "-1h30m"] {
        assert_eq!(Quantity::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn a_reading_takes_the_largest_unit_that_keeps_it_at_one() {
    assert_eq!(read(13_500_000_000.0, "B"), "13.5GB");
    assert_eq!(read(0.015, "s"), "15ms");
    assert_eq!(read(0.812_345, "s"), "812ms");
    assert_eq!(read(760.0, "s"), "12m40s");
    assert_eq!(read(5_400_000.0, "ms"), "1h30m");
    assert_eq!(read(90.0, "d"), "90d");
    assert_eq!(read(14_495_514_624.0, "B"), "14.5GB");
    assert_eq!(read(13.5 * 1024.0, "MiB"), "13.5GiB");
    assert_eq!(read(0.000_012_34, "s"), "12.3us");
    assert_eq!(read(0.5, "B"), "0.5B");
    assert_eq!(read(0.0, "MiB"), "0MiB");
    assert_eq!(read(0.123, "ratio"), "12.3%");
    assert_eq!(read(20.0, "MiB/s"), "20MiB/s");
    assert_eq!(read(2_000_000.0, "B/s"), "2MB/s");
    assert_eq!(read(90.0, "/m"), "90/m");
}

#[test]
fn durations_from_a_minute_on_have_two_parts() {
    let shown = |seconds: f64| computed(seconds, Dimension::DURATION);
    assert_eq!(shown(1_000.0), "16m40s");
    assert_eq!(shown(604_800.0), "7d");
    assert_eq!(shown(694_800.0), "8d1h");
    assert_eq!(shown(0.000_5), "500us");
    assert_eq!(shown(0.0), "0s");
    assert_eq!(shown(-90.0), "-1m30s");
    assert_eq!(shown(59.96), "1m");
    assert_eq!(shown(59.4), "59.4s");
    assert_eq!(shown(3_599.7), "1h");
    assert_eq!(shown(86_399.0), "1d");
    assert_eq!(shown(0.999_9), "1s");
    assert_eq!(shown(3e-10), "0.3ns");
    assert!(!shown(1e300).contains('e'));
}

#[test]
fn rounding_never_changes_what_is_said() {
    assert_eq!(computed(999_700_000.0, Dimension::DATA), "1GB");
    assert_eq!(computed(2_500_000.0, Dimension::DATA), "2.5MB");
    let ratio = |base: f64| computed(base, Dimension::RATIO);
    assert_eq!(ratio(0.999_7), "99.97%");
    assert_eq!(ratio(0.999_996), "99.9996%");
    assert_eq!(ratio(0.431_2), "43.1%");
    assert_eq!(ratio(1.0), "100%");
    assert_eq!(ratio(1.000_4), "100%");
    assert_eq!(ratio(12.346), "1235%");
    assert_ne!(ratio(1.0 - f64::EPSILON), "100%");
}

#[test]
fn plain_numbers_are_never_rounded() {
    assert_eq!(read(1234.5678, ""), "1234.5678");
    assert_eq!(read(1e15, ""), "1000000000000000");
    assert_eq!(read(0.000_001_25, ""), "0.00000125");
    assert_eq!(computed(10.0 / 3.0, Dimension::NUMBER), "3.3333333333333335");
    assert_eq!(computed(0.1 + 0.2, Dimension::NUMBER), "0.3");
    assert_eq!(computed(-0.0, Dimension::NUMBER), "0");
}

#[test]
fn rates_are_shown_for_a_time_in_which_they_are_at_least_one() {
    assert_eq!(computed(0.5, RATE), "30/m");
    assert_eq!(computed(200.0, RATE), "200/s");
    let percent = Dimension { scale: Scale::Ratio, ..RATE };
    assert_eq!(computed(0.000_008_333, percent), "3%/h");
    assert_eq!(computed(4.0, Dimension { time: 2, data: 0, scale: Scale::Plain }), "4 s^2");
}

#[test]
fn sizes_stay_in_their_family() {
    let gib = Quantity::of(1.0, unit("GiB")).unwrap();
    assert_eq!(gib.add(gib).unwrap().to_string(), "2GiB");
    assert_eq!(gib.divide(Quantity::number(4.0)).unwrap().to_string(), "256MiB");
}

#[test]
fn what_is_sent_is_not_rounded() {
    let sent = |value: f64, symbol: &str| Quantity::of(value, unit(symbol)).unwrap().exact();
    assert_eq!(sent(812.345_678, "ms"), "812.345678ms");
    assert_eq!(sent(13_512_345_678.0, "B"), "13512345678B");
    assert_eq!(sent(99.999_7, "%"), "99.9997%");
    assert_eq!(Quantity::seconds(1_000.5).exact(), "1000.5s");
}
