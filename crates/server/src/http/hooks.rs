//! `POST /hooks/NAME`: takes a delivery, and acknowledges it once it is durable.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use rbl_project::config::HookKind;
use rbl_runtime::journal::HookDelivery;
use rbl_syntax::counted;
use serde::Serialize;
use smol_str::SmolStr;

use super::{HarmlessJson, HttpRefusal, authentic};
use crate::body_reader::BodyRefusal;
use crate::counters::DeliveryResult;
use crate::fallback::ServerOutage;
use crate::hook::{
    HookDelivered, HookError, read_alertmanager, read_json, read_opsgenie, read_pagerduty, read_posted,
};
use crate::intake::IntakeRefusal;
use crate::listener::PeerAddress;
use crate::settings::ServerHook;
use crate::state::ServerState;

/// A body of more bytes is read on a thread of its own.
const LONG: usize = 256 << 10;

/// The answer to a sender.
#[derive(Debug, Serialize)]
pub(super) struct DeliveryAnswer {
    /// The number of the delivery: see `rbl hooks`. None: there was nothing in it to keep.
    delivery: Option<u64>,
    /// How many alerts it holds.
    alerts: usize,
    /// Whether the same delivery came in before.
    repeated: bool,
}

/// In which form a delivery comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeliveryForm {
    /// As the kind of the hook says.
    Own,
    /// As alerts are posted to Alertmanager itself.
    Posted,
}

/// Takes a delivery.
pub(super) async fn deliver(
    State(state): State<Arc<ServerState>>,
    Path(name): Path<SmolStr>,
    Extension(PeerAddress(peer)): Extension<PeerAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, HarmlessJson<DeliveryAnswer>), HttpRefusal> {
    take(state, (name, DeliveryForm::Own), peer, headers, body).await
}

/// Takes alerts as they are posted to an Alertmanager, by vmalert or Prometheus.
pub(super) async fn post_alerts(
    State(state): State<Arc<ServerState>>,
    Path(name): Path<SmolStr>,
    Extension(PeerAddress(peer)): Extension<PeerAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, HarmlessJson<DeliveryAnswer>), HttpRefusal> {
    take(state, (name, DeliveryForm::Posted), peer, headers, body).await
}

async fn take(
    state: Arc<ServerState>,
    (name, form): (SmolStr, DeliveryForm),
    peer: SocketAddr,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, HarmlessJson<DeliveryAnswer>), HttpRefusal> {
    let hook = state.settings.hooks.get(&name);
    let fits = |hook: &&ServerHook| form == DeliveryForm::Own || hook.config.kind == HookKind::Alertmanager;
    let Some(hook) = hook.filter(fits) else {
        return Err(HttpRefusal::not_found(format!("there is no hook `{name}` that takes this"))
            .help(format!("configure `[hooks.{name}]` in rbl.toml")));
    };
    let runbooks = authentic::sender(&state, hook, &headers, peer)
        .await
        .map_err(|refusal| not_proved(&state, &name, peer, refusal))?;
    let taken = state.bodies.read(&headers, body, async |bytes| {
        authentic::by_signature(hook, &headers, &bytes)?;
        Ok(read((hook, form), &headers, bytes).await)
    });
    let delivered = match taken.await {
        Ok(Ok(Ok(delivered))) => delivered,
        Ok(Err(refusal)) => return Err(unauthentic(&state, &name, peer, refusal)),
        Ok(Ok(Err(HookError(why)))) => {
            state.counters.delivery(&name, DeliveryResult::Unreadable);
            tracing::warn!(hook = %name, %peer, %why, "a delivery cannot be read");
            return Err(HttpRefusal::new(StatusCode::BAD_REQUEST, why));
        }
        Err(why) => return Err(not_taken(&state, (&name, hook), why)),
    };
    let alerts = delivered.alerts.len();
    if alerts == 0 {
        state.counters.delivery(&name, DeliveryResult::Empty);
        return Ok((
            StatusCode::OK,
            HarmlessJson(DeliveryAnswer { delivery: None, alerts, repeated: false }),
        ));
    }
    if delivered.left_out > 0 {
        left_out(&state, &name, delivered.left_out);
    }
    let at = rbl_world::clock::now();
    // What a sender for some runbooks delivers keeps nothing of others from coming in.
    let key = delivered.key.map(|key| match &runbooks {
        None => key,
        Some(patterns) => format!("{}:{key}", patterns.join(":")),
    });
    let delivery = HookDelivery { hook: name.clone(), key, at, alerts: delivered.alerts, runbooks };
    match state.intake.take_in(delivery).await {
        Ok((delivery, is_new)) => {
            let result = if is_new { DeliveryResult::Accepted } else { DeliveryResult::Repeated };
            state.counters.delivery(&name, result);
            let answer = DeliveryAnswer { delivery: Some(delivery), alerts, repeated: !is_new };
            Ok((StatusCode::ACCEPTED, HarmlessJson(answer)))
        }
        Err(refusal) => {
            state.counters.delivery(&name, DeliveryResult::Refused);
            tracing::error!(hook = %name, why = %refusal, "a delivery was not taken");
            if !matches!(refusal, IntakeRefusal::Stopping) {
                page_refused(&state, &name, &refusal.to_string());
            }
            Err(match refusal {
                IntakeRefusal::Full => HttpRefusal::unavailable("too many deliveries wait: send it again"),
                IntakeRefusal::Stopping => HttpRefusal::unavailable("the server stops: send it again"),
                IntakeRefusal::Store(why) => HttpRefusal::unavailable(why.to_string()),
            })
        }
    }
}

/// Counts and logs a delivery of which the headers prove nothing, or of which nothing can be known because the journal does not
/// answer.
fn not_proved(state: &ServerState, hook: &str, peer: SocketAddr, refusal: HttpRefusal) -> HttpRefusal {
    if !refusal.status.is_server_error() {
        return unauthentic(state, hook, peer, refusal);
    }
    state.counters.delivery(hook, DeliveryResult::Refused);
    page_refused(state, hook, &refusal.error);
    refusal
}

/// Counts and logs a delivery that is not authentic.
fn unauthentic(state: &ServerState, hook: &str, peer: SocketAddr, refusal: HttpRefusal) -> HttpRefusal {
    state.counters.delivery(hook, DeliveryResult::Unauthentic);
    tracing::warn!(hook, %peer, why = %refusal.error, "a delivery was refused");
    refusal
}

/// Reads a body as the kind of the hook says.
async fn read(
    (hook, form): (&ServerHook, DeliveryForm),
    headers: &HeaderMap,
    body: Bytes,
) -> Result<HookDelivered, HookError> {
    let id = headers.get("x-webhook-id").and_then(|it| it.to_str().ok()).map(str::to_owned);
    let (kind, paths) = (hook.config.kind, hook.config.paths.clone());
    let parse = move |body: &[u8]| match kind {
        HookKind::Alertmanager if form == DeliveryForm::Posted => read_posted(body, rbl_world::clock::now()),
        HookKind::Alertmanager => read_alertmanager(body),
        HookKind::PagerDuty => read_pagerduty(body, id),
        HookKind::Opsgenie => read_opsgenie(body),
        HookKind::Json => read_json(body, &paths),
    };
    if body.len() <= LONG {
        return parse(&body);
    }
    let read = tokio::task::spawn_blocking(move || parse(&body));
    read.await.unwrap_or_else(|_| Err(HookError("the body could not be read".into())))
}

/// Somebody has to know that alerts start nothing.
fn page_refused(state: &ServerState, hook: &str, why: &str) {
    let reason =
        format!("deliveries to the hook `{hook}` are not taken (503), and alerts start nothing: {why}");
    state.fallback.page(ServerOutage::Refused, reason);
}

/// Alerts that never came in start nothing, whatever becomes of the others.
fn left_out(state: &ServerState, hook: &str, count: u64) {
    tracing::error!(hook, count, "the sender left out alerts of a delivery");
    let alerts = counted(usize::try_from(count).unwrap_or(usize::MAX), "alert", "alerts");
    let reason = format!(
        "the sender left {alerts} out of a delivery to the hook `{hook}`, which can start nothing: raise `max_alerts` of its receiver, or group its alerts by more labels"
    );
    state.fallback.page(ServerOutage::LeftOut, reason);
}

fn not_taken(state: &ServerState, (hook, of): (&str, &ServerHook), why: BodyRefusal) -> HttpRefusal {
    match why {
        BodyRefusal::TooLarge => {
            state.counters.delivery(hook, DeliveryResult::TooLarge);
            let most = state.settings.body;
            tracing::error!(hook, most, "a delivery was larger than allowed, and is lost");
            let reason = format!(
                "a delivery to the hook `{hook}` was larger than {most} bytes and is lost (413): raise `body` of `[serve]`, or let its sender put fewer alerts in one delivery"
            );
            // Who signs the body is known once it is read: until then anybody could have people paged.
            if of.secrets.is_empty() {
                state.fallback.page(ServerOutage::TooLarge, reason);
            }
            HttpRefusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a delivery has {most} bytes at most"))
                .help("raise `body` of `[serve]`, or let the sender put fewer alerts in one delivery")
        }
        BodyRefusal::Incomplete => {
            state.counters.delivery(hook, DeliveryResult::Incomplete);
            HttpRefusal::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in whole, or not in time")
        }
        BodyRefusal::Busy => {
            state.counters.delivery(hook, DeliveryResult::Refused);
            page_refused(state, hook, "too many large deliveries at once");
            HttpRefusal::unavailable("too many large deliveries at once: send it again")
        }
    }
}
