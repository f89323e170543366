//! Sends what must not be done twice: once, and again only where the server says itself that it did not take it and when to
//! come back (429).
//!
//! *Invariant:* a request that may have arrived is never sent again.

use std::time::{Duration, Instant};

use rbl_runtime::Secrets;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};

use super::{Client, Request, Response, server};
use crate::webhook::perhaps;

/// The pause before the second try where the server names none; it doubles.
const PAUSE: Duration = Duration::from_secs(1);

/// The shortest pause, which doubles too: a server that says `Retry-After: 0` is not overrun.
const SHORTEST: Duration = Duration::from_millis(200);

/// A time beyond which nobody cares when exactly.
const DAY: Duration = Duration::from_hours(24);

/// Sends the request, within the time-out of the client altogether. `done`: what may have happened if that is unclear.
///
/// Errors: no response came, or the server is still busy when the time is over.
pub(crate) fn send(
    client: &Client,
    request: &Request,
    secrets: &Secrets,
    done: &str,
) -> Result<Response, Reason> {
    let within = request.within.map_or(client.timeout(), |within| within.min(client.timeout()));
    let (started, mut pause, mut shortest) = (Instant::now(), PAUSE, SHORTEST);
    let mut request = request.clone();
    loop {
        let response = client.send(&request, secrets).map_err(|error| {
            let may_have_arrived = error.may_have_arrived;
            let reason = Reason::from(error);
            if may_have_arrived { perhaps(done, &reason) } else { reason }
        })?;
        if response.status != 429 {
            return Ok(response);
        }
        let asked = retry_after(&response);
        let wait = asked.unwrap_or(pause).max(shortest);
        let left = within.saturating_sub(started.elapsed());
        if wait >= left {
            return Err(busy(&response, asked));
        }
        std::thread::sleep(wait);
        pause = pause.saturating_mul(2);
        shortest = shortest.saturating_mul(2);
        request = request.within(left.saturating_sub(wait));
    }
}

/// The reason of a 429 that lasts.
fn busy(response: &Response, asked: Option<Duration>) -> Reason {
    let to = server(&response.address);
    let when = match asked.map(|wait| (wait, wait.as_secs_f64().round())) {
        None | Some((_, 0.0)) => String::new(),
        Some((wait, _)) if wait > DAY => ": it takes the next one in more than a day".to_owned(),
        Some((_, seconds)) => format!(": it takes the next one in {}", Quantity::seconds(seconds)),
    };
    Reason::new(ReasonKind::ProviderError, format!("{to} takes no more requests for now (429){when}"))
}

/// What `Retry-After` says: seconds, or a time; else the body, in milliseconds.
fn retry_after(response: &Response) -> Option<Duration> {
    let Some(text) = response.header("retry-after").map(str::trim) else {
        // Matrix says it in the body.
        let body = response.json().ok()?;
        return body.get("retry_after_ms")?.as_u64().map(Duration::from_millis);
    };
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(text).ok()?.timestamp();
    Duration::try_from(at.duration_since(jiff::Timestamp::now())).ok().or(Some(Duration::ZERO))
}
