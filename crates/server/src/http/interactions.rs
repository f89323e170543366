//! `POST /slack/NAME`: what people press in Slack, where it is sent to this server. Slack signs it, and wants an answer within three
//! seconds: it is only kept here, and taken after that.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use rbl_world::channel::{InteractionRefusal, SignedInteraction};
use smol_str::SmolStr;

use super::HttpRefusal;
use crate::body_reader::BodyRefusal;
use crate::listener::PeerAddress;
use crate::state::ServerState;

/// Takes a press.
pub(super) async fn pressed(
    State(state): State<Arc<ServerState>>,
    Path(name): Path<SmolStr>,
    Extension(PeerAddress(peer)): Extension<PeerAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, HttpRefusal> {
    let channel = state.settings.chats.get(&name).filter(|channel| channel.kind == "slack").cloned();
    let Some(channel) = channel else {
        return Err(HttpRefusal::not_found(format!("there is no channel `{name}` that takes this")).help(
            format!("configure `[channels.{name}]` of type `slack` with a `signing_secret` in rbl.toml"),
        ));
    };
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let (timestamp, signature) = (text("x-slack-request-timestamp"), text("x-slack-signature"));
    let taken = state.bodies.read(&headers, body, async |bytes: Bytes| {
        // The secret may be in a file.
        let take = tokio::task::spawn_blocking(move || {
            let request = SignedInteraction { timestamp: &timestamp, signature: &signature, body: &bytes };
            channel.it.take_interaction(&request)
        });
        take.await.unwrap_or(Err(InteractionRefusal::Unreadable))
    });
    let refusal = match taken.await {
        Ok(Ok(())) => return Ok(StatusCode::OK),
        Ok(Err(why)) => refusal(&why),
        Err(why) => unread(why),
    };
    tracing::warn!(channel = %name, %peer, why = %refusal.error, "a request was refused");
    Err(refusal)
}

fn refusal(why: &InteractionRefusal) -> HttpRefusal {
    let status = match why {
        InteractionRefusal::NotConfigured => StatusCode::NOT_FOUND,
        InteractionRefusal::Unsigned | InteractionRefusal::WrongSignature | InteractionRefusal::TooOld => {
            StatusCode::UNAUTHORIZED
        }
        InteractionRefusal::Unreadable | InteractionRefusal::Repeated(_) => StatusCode::BAD_REQUEST,
        InteractionRefusal::Full | InteractionRefusal::NoSecret(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    // Where its secret is only this server's log may say.
    let error = if matches!(why, InteractionRefusal::NoSecret(_)) {
        tracing::error!(%why, "requests of a channel cannot be checked");
        "the `signing_secret` of this channel cannot be read".to_owned()
    } else {
        why.to_string()
    };
    HttpRefusal::new(status, error)
}

fn unread(why: BodyRefusal) -> HttpRefusal {
    match why {
        BodyRefusal::TooLarge => HttpRefusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"),
        BodyRefusal::Incomplete => {
            HttpRefusal::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in whole, or not in time")
        }
        BodyRefusal::Busy => HttpRefusal::unavailable("too many large requests at once: send it again"),
    }
}
