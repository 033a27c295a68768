//! Which path is answered by what.

use super::ask::{self, Desk};
use super::clients::Client;
use super::search::{self, Searches};
use super::{origin, reply};
use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tcpspec_explorer::page;

/// What the answers need.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) desk: Arc<Desk>,
    pub(super) searches: Arc<Searches>,
}

/// Where a client is connected to.
#[derive(Clone, Copy, Debug)]
pub(super) struct At(pub(super) SocketAddr);

/// All paths. A request carries its [`Client`] and [`At`] with it.
pub(super) fn router(service: Service, requests: u32) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/page/{*file}", get(file))
        .route("/ask", post(ask::ask))
        .route("/search", post(search::search))
        .fallback(nothing)
        .method_not_allowed_fallback(not_so)
        .layer(from_fn_with_state(requests, guard))
        .with_state(service)
}

/// Lets in whoever may ask, and protects every answer.
async fn guard(
    State(requests): State<u32>,
    Extension(client): Extension<Arc<Client>>,
    Extension(At(at)): Extension<At>,
    request: Request,
    next: Next,
) -> Response {
    let is_last = client.requests.fetch_add(1, Relaxed) + 1 >= requests;
    let mut response = match origin::refusal(request.uri(), request.headers(), at) {
        None => next.run(request).await,
        Some(words) if request.method() == Method::POST => reply::refused(StatusCode::FORBIDDEN, words),
        Some(words) => reply::page(StatusCode::FORBIDDEN, &words),
    };
    reply::protect(response.headers_mut());
    if is_last || response.status() == StatusCode::REQUEST_TIMEOUT {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn index() -> Response {
    served("index.html")
}

async fn file(Path(name): Path<String>) -> Response {
    served(&name)
}

fn served(name: &str) -> Response {
    match page::file(name) {
        Some(text) => reply::text(page::content_type(name), text),
        None => reply::page(StatusCode::NOT_FOUND, &format!("The explorer's page has no file {name:?}.")),
    }
}

async fn nothing(request: Request) -> Response {
    let words = format!("There is nothing at {:?}.", request.uri().path());
    match *request.method() {
        Method::POST => reply::refused(StatusCode::NOT_FOUND, words),
        _ => reply::page(StatusCode::NOT_FOUND, &words),
    }
}

async fn not_so(request: Request) -> Response {
    let words = format!("{} does not answer {}.", request.uri().path(), request.method());
    reply::page(StatusCode::METHOD_NOT_ALLOWED, &words)
}
