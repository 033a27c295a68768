//! What the explorer's page asks for, as plain functions: a request in, an answer out, both JSON ([`api`] is the schema). No clock, no thread, no socket.
//!
//! It is used twice: `tcpspec explore` serves it, and the static page runs it as WebAssembly.

pub mod api;
pub mod page;

use api::{Refusal, Request};

/// Answers a request: the answer as JSON, or why there is none.
///
/// # Errors
///
/// The request is malformed, or asks for what there is not; the sentence says what to do.
pub fn answer(request: &str) -> Result<String, Refusal> {
    let request: Request = serde_json::from_str(request)
        .map_err(|error| Refusal { error: format!("this is no request that the explorer knows: {error}") })?;
    Err(Refusal { error: format!("not there yet: {request:?}") })
}
