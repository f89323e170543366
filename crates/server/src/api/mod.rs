//! `/api/v1`: the runs of the server for programs, as JSON. Every call needs a token; no call with GET changes anything.

mod acting;
mod caller;
mod document;
mod events;
mod looking;
mod message;
mod questions;
mod reading;
mod report;
mod starting;
mod views;

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Router;

use crate::state::ServerState;

pub(crate) use caller::{ApiCaller, TOKEN_PREFIX};
pub use caller::{TokenRight, hash_of_token, new_token};
use document::{describe, documented};

/// The addresses below `/api/v1`, and their description at `/api/v1/openapi.json`.
pub(crate) fn routes() -> Router<Arc<ServerState>> {
    documented(|| {
        ApiRouter::new()
            .api_route(
                "/runs",
                get_with(
                    looking::runs,
                    describe("listRuns", TokenRight::Look, "The runs, the newest first"),
                )
                .post_with(
                    starting::start,
                    describe("startRun", TokenRight::Start, "Starts a runbook of the set"),
                ),
            )
            .api_route(
                "/runs/{run}",
                get_with(
                    looking::run,
                    describe("getRun", TokenRight::Look, "A run, with what it asks"),
                ),
            )
            .api_route(
                "/runs/{run}/events",
                get_with(
                    events::events,
                    describe(
                        "getEvents",
                        TokenRight::Look,
                        "The events of a run as JSON Lines; with `Accept: text/event-stream` also those that come",
                    ),
                ),
            )
            .api_route(
                "/runs/{run}/records",
                get_with(
                    events::records,
                    describe(
                        "getRecords",
                        TokenRight::Look,
                        "Every record of a run as JSON Lines, as `rbl show --format json` prints them",
                    ),
                ),
            )
            .api_route(
                "/runs/{run}/answer",
                post_with(
                    acting::answer,
                    describe("answer", TokenRight::Answer, "Answers what a run asks"),
                ),
            )
            .api_route(
                "/runs/{run}/abort",
                post_with(acting::abort, describe("abort", TokenRight::Admin, "Ends a run: it cleans up")),
            )
            .api_route(
                "/runs/{run}/acknowledge",
                post_with(
                    acting::acknowledge,
                    describe(
                        "acknowledge",
                        TokenRight::Answer,
                        "Acknowledges the page that a run waits for",
                    ),
                ),
            )
            .api_route(
                "/runbooks",
                get_with(
                    looking::runbooks,
                    describe(
                        "listRunbooks",
                        TokenRight::Look,
                        "The runbooks, with what is wrong with them and their last runs",
                    ),
                ),
            )
            .api_route(
                "/inbox",
                get_with(
                    looking::inbox,
                    describe("listInbox", TokenRight::Look, "What came in, and what became of it"),
                ),
            )
            .api_route(
                "/report",
                get_with(
                    report::report,
                    describe(
                        "getReport",
                        TokenRight::Look,
                        "Figures over the runs, as `rbl report --format json` prints them",
                    ),
                ),
            )
    })
}
