//! Requests: they are read within bounds, and answered on a thread of their own, a few at a time.

use super::bounds::Bounds;
use super::clients::Client;
use super::routes::Service;
use super::{quiet, reply};
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tcpspec_explorer::api::Refusal;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// What answers.
pub(super) type Answer = fn(&str) -> Result<String, Refusal>;

/// What all requests share.
#[derive(Debug)]
pub(super) struct Desk {
    answer: Answer,
    bounds: Bounds,
    /// Answers that may be worked out.
    threads: Arc<Semaphore>,
    /// Octets that large requests may take.
    large: Semaphore,
}

impl Desk {
    pub(super) fn new(answer: Answer, bounds: Bounds) -> Self {
        let (threads, large) = (Arc::new(Semaphore::new(bounds.answers)), Semaphore::new(bounds.large));
        Self { answer, bounds, threads, large }
    }

    /// Has something worked out on a thread, when one is free.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Response> {
        let ends = || reply::refused(StatusCode::SERVICE_UNAVAILABLE, "The explorer ends.");
        let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| ends())?;
        let work = tokio::task::spawn_blocking(move || {
            // If the client goes, the thread is taken until the work is done.
            let _thread = thread;
            quiet::caught(work)
        });
        match work.await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(Refusal { error }))) => Err(reply::refused(StatusCode::BAD_REQUEST, error)),
            Ok(Err(fault)) => Err(reply::refused(StatusCode::INTERNAL_SERVER_ERROR, fault)),
            Err(_) => Err(ends()),
        }
    }
}

/// `POST /ask`: a request in, an answer out.
pub(super) async fn ask(
    State(Service { desk, .. }): State<Service>,
    Extension(client): Extension<Arc<Client>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (request, _room) = match read(&desk, &headers, body, desk.bounds.import).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    if request.len() > desk.bounds.body && !is_import(&request) {
        return too_large(desk.bounds.body);
    }
    let _turn = client.turn();
    let answer = desk.answer;
    match desk.work(move || answer(&request)).await {
        Ok(answer) => reply::json(StatusCode::OK, answer),
        Err(refusal) => refusal,
    }
}

/// Whether a request imports a file: only these may be as large as a file.
fn is_import(request: &str) -> bool {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        ask: std::borrow::Cow<'a, str>,
    }
    serde_json::from_str::<Kind<'_>>(request).is_ok_and(|kind| kind.ask == "import")
}

fn too_large(most: usize) -> Response {
    let most = if most >= 1 << 20 { format!("{} MiB", most >> 20) } else { format!("{} KiB", most >> 10) };
    reply::refused(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "The request has more than {most}. A file that is imported may have 8 MiB; all else is smaller."
        ),
    )
}

/// The request's text, and the room that it takes as long as it is there.
pub(super) async fn read<'a>(
    desk: &'a Desk,
    headers: &HeaderMap,
    body: Body,
    most: usize,
) -> Result<(String, Vec<SemaphorePermit<'a>>), Response> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(reply::refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "A request is JSON and says so: `content-type: application/json`.",
        ));
    }
    let Ok(read) = timeout(desk.bounds.body_time, octets(desk, body, most)).await else {
        return Err(reply::refused(StatusCode::REQUEST_TIMEOUT, late(desk.bounds.body_time)));
    };
    let (octets, room) = read?;
    match String::from_utf8(octets) {
        Ok(text) => Ok((text, room)),
        Err(_) => Err(reply::refused(StatusCode::BAD_REQUEST, "A request is JSON in UTF-8.")),
    }
}

fn late(time: Duration) -> String {
    format!("The request did not come within {} seconds. Ask again.", time.as_secs())
}

async fn octets<'a>(
    desk: &'a Desk,
    mut body: Body,
    most: usize,
) -> Result<(Vec<u8>, Vec<SemaphorePermit<'a>>), Response> {
    let (mut octets, mut room, mut all) = (Vec::new(), Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let cut = |_| reply::refused(StatusCode::BAD_REQUEST, "The request was cut off. Ask again.");
        let Ok(data) = frame.map_err(cut)?.into_data() else { continue };
        all += data.len();
        if all > desk.bounds.passed_over {
            break;
        }
        if all > most {
            // Only read on, so that the refusal is heard.
            octets = Vec::new();
            room.clear();
            continue;
        }
        if all > desk.bounds.small {
            let Ok(permit) = desk.large.try_acquire_many(data.len() as u32) else {
                return Err(reply::refused(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Too many large requests come at once. Ask again in a moment.",
                ));
            };
            room.push(permit);
        }
        octets.extend_from_slice(&data);
    }
    if all > most { Err(too_large(most)) } else { Ok((octets, room)) }
}
