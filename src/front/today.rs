//! The day it is.

/// Today, in UTC. *Why not here:* the local day needs the whole time zone database, which takes longer to look through
/// than a check; an `allow … until` may end some hours early or late.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
