//! The calendar fields of a point in time, in the time zone of the runbook: `now.hour`, `now.weekday`.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::expression::unknown;
use rbl_syntax::value::{Quantity, ReasonKind, Time, Value};

/// `.hour .minute .weekday .day .month .year .date`; in UTC where the runbook names no zone.
pub(super) fn field(time: Time, zone: Option<&str>, name: &str) -> Value {
    let zone = match zone.map(TimeZone::get) {
        None => TimeZone::UTC,
        Some(Ok(zone)) => zone,
        Some(Err(_)) => {
            return unknown(ReasonKind::Unreadable, "the time zone of the runbook is not known here");
        }
    };
    let at = time.0.to_zoned(zone);
    let number = |value: f64| Value::Quantity(Quantity::number(value));
    match name {
        "hour" => number(f64::from(at.hour())),
        "minute" => number(f64::from(at.minute())),
        "day" => number(f64::from(at.day())),
        "month" => number(f64::from(at.month())),
        "year" => number(f64::from(at.year())),
        "weekday" => Value::text(match at.weekday() {
            Weekday::Monday => "Mon",
            Weekday::Tuesday => "Tue",
            Weekday::Wednesday => "Wed",
            Weekday::Thursday => "Thu",
            Weekday::Friday => "Fri",
            Weekday::Saturday => "Sat",
            Weekday::Sunday => "Sun",
        }),
        "date" => Value::text(at.strftime("%Y-%m-%d").to_string()),
        _ => unknown(ReasonKind::NoField, format!("no field `{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::field;
    use rbl_syntax::value::Time;

    #[test]
    fn a_day_begins_when_it_begins_there() {
        let time = Time::parse("2026-05-03T22:30:00Z").unwrap();
        let at = |zone, name| field(time, zone, name).to_string();
        assert_eq!((at(None, "date"), at(None, "weekday")), ("2026-05-03".into(), "Sun".into()));
        let berlin = Some("Europe/Berlin");
        assert_eq!((at(berlin, "date"), at(berlin, "weekday")), ("2026-05-04".into(), "Mon".into()));
        assert_eq!((at(berlin, "hour"), at(berlin, "minute")), ("0".into(), "30".into()));
        assert_eq!(
            (at(berlin, "day"), at(berlin, "month"), at(berlin, "year")),
            ("4".into(), "5".into(), "2026".into())
        );
        assert_eq!(at(berlin, "second"), "no field `second`");
        assert!(at(Some("Nowhere/Land"), "hour").contains("not known here"));
    }
}
