//! What calls take and give, apart from their content: the body of a call as JSON, answers without a body, JSON Lines.
//! Each describes itself for OpenAPI.

use std::marker::PhantomData;
use std::sync::Arc;

use aide::generate::GenContext;
use aide::openapi::{
    MediaType, Operation, RequestBody, Response as DocumentedResponse, SchemaObject, StatusCode as Code,
};
use aide::operation::{OperationInput, OperationOutput, set_body};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rbl_runtime::outside_json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::looking::wrong;
use crate::body_reader::BodyRefusal;
use crate::http::{HarmlessJson, HttpRefusal, RefusalBody};
use crate::state::ServerState;

/// The largest body of a call, in bytes.
const LARGEST: usize = 1 << 20;

/// The run of an address.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RunPath {
    /// Its id.
    pub(super) run: String,
}

/// The body of a call, not read yet: whether the caller may do this is asked first.
pub(super) struct CallBody<T> {
    headers: HeaderMap,
    body: Body,
    content: PhantomData<T>,
}

impl<T: DeserializeOwned> CallBody<T> {
    /// Reads it. It has to say that it is JSON: no web page can send that to another host unasked.
    pub(super) async fn read(self, state: &ServerState) -> Result<T, HttpRefusal> {
        let kind = self.headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            let error = "the body has to be `Content-Type: application/json`";
            return Err(HttpRefusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error));
        }
        let read = state.bodies.read(&self.headers, self.body, async |bytes: Bytes| bytes).await;
        let bytes = read.map_err(|why| match why {
            BodyRefusal::TooLarge => HttpRefusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
            BodyRefusal::Incomplete => {
                HttpRefusal::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in whole")
            }
            BodyRefusal::Busy => HttpRefusal::unavailable("too many large bodies at once: send it again"),
        })?;
        if bytes.len() > LARGEST {
            return Err(HttpRefusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body of a call has 1 MiB at most",
            ));
        }
        // A list would be read as the values of an object in some order.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(wrong("the body is not an object of JSON"));
        }
        outside_json(&bytes).map_err(|why| wrong(format!("the body cannot be read: {why}")))
    }
}

impl<T> FromRequest<Arc<ServerState>> for CallBody<T> {
    type Rejection = HttpRefusal;

    async fn from_request(request: Request, _: &Arc<ServerState>) -> Result<Self, HttpRefusal> {
        let (parts, body) = request.into_parts();
        Ok(Self { headers: parts.headers, body, content: PhantomData })
    }
}

impl<T: JsonSchema> OperationInput for CallBody<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let body = RequestBody {
            content: [("application/json".into(), media::<T>(context))].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        };
        set_body(context, operation, body);
    }
}

/// 202 without a body: it will be done.
pub(super) struct AcceptedCall;

/// 201, with what was created.
pub(super) struct Created<T>(pub(super) T);

/// One JSON object a line.
pub(super) struct JsonLines(pub(super) Response);

impl JsonLines {
    /// These lines, each with its line end.
    pub(super) fn of(lines: String) -> Self {
        Self(([(header::CONTENT_TYPE, "application/jsonl")], lines).into_response())
    }
}

impl IntoResponse for AcceptedCall {
    fn into_response(self) -> Response {
        StatusCode::ACCEPTED.into_response()
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, HarmlessJson(self.0)).into_response()
    }
}

impl IntoResponse for JsonLines {
    fn into_response(self) -> Response {
        self.0
    }
}

impl OperationOutput for AcceptedCall {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<Code>, DocumentedResponse)> {
        vec![(Some(Code::Code(202)), plain("The run is told, and a worker does it."))]
    }
}

impl<T: JsonSchema> OperationOutput for HarmlessJson<T> {
    type Inner = T;

    fn inferred_responses(
        context: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<Code>, DocumentedResponse)> {
        vec![(Some(Code::Code(200)), with_content("application/json", media::<T>(context), "The answer."))]
    }
}

impl<T: JsonSchema> OperationOutput for Created<T> {
    type Inner = T;

    fn inferred_responses(
        context: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<Code>, DocumentedResponse)> {
        vec![(
            Some(Code::Code(201)),
            with_content("application/json", media::<T>(context), "It was created."),
        )]
    }
}

impl OperationOutput for JsonLines {
    type Inner = String;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<Code>, DocumentedResponse)> {
        let lines = with_content("application/jsonl", MediaType::default(), "One JSON object a line.");
        vec![(Some(Code::Code(200)), lines)]
    }
}

impl OperationOutput for HttpRefusal {
    type Inner = RefusalBody;

    fn inferred_responses(
        context: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<Code>, DocumentedResponse)> {
        let refused = "Why it was refused, and what to do.";
        vec![(None, with_content("application/json", media::<RefusalBody>(context), refused))]
    }
}

fn media<T: JsonSchema>(context: &mut GenContext) -> MediaType {
    let json_schema = context.schema.subschema_for::<T>();
    let schema = Some(SchemaObject { json_schema, example: None, external_docs: None });
    MediaType { schema, ..MediaType::default() }
}

fn plain(description: &str) -> DocumentedResponse {
    DocumentedResponse { description: description.to_owned(), ..DocumentedResponse::default() }
}

fn with_content(kind: &str, media: MediaType, description: &str) -> DocumentedResponse {
    let content = [(kind.to_owned(), media)].into_iter().collect();
    DocumentedResponse { content, ..plain(description) }
}
