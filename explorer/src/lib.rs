//! What the explorer's page asks for, as plain functions. A request goes in and an answer comes out, both as JSON ([`api`] is the schema). There is no clock, no thread and no socket.
//!
//! The crate is used twice: `tcpspec explore` serves it, and the static page runs it as WebAssembly.
//!
//! Reading order: [`api`] (requests and answers), [`link`] and [`token`] (how a run is written down), [`run`] (how a run is played), `view` (what is shown of
//! a run), `search`, [`known`] (what explorations have found already).
//!
//! ```
//! let answer = tcpspec_explorer::answer(r#"{"ask": "run", "link": "scenario=simultaneous-open&path=ao.bo"}"#)?;
//! assert!(answer.contains("SYN-SENT"));
//! # Ok::<(), tcpspec_explorer::api::Refusal>(())
//! ```

pub mod api;
pub mod bounds;
pub mod capture;
pub mod catalogue;
pub mod files;
pub mod flights;
pub mod graph;
mod in_force;
pub mod known;
pub mod link;
pub mod mutant;
mod nearest;
pub mod page;
pub mod requirements;
pub mod run;
pub mod script;
pub mod search;
pub mod stamp;
pub mod start;
pub mod table_json;
pub mod token;
mod view;
mod what_if;

use api::{Refusal, Request};
use known::{Known, Mutants};
use link::Link;
pub use nearest::nearest;
use run::Run;
use serde::Serialize;
use std::sync::LazyLock;

/// The README's examples, for the tests of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

impl Refusal {
    /// A refusal for this reason.
    pub fn new(error: impl Into<String>) -> Self {
        Self { error: error.into() }
    }
}

/// What depends on no run is put together once.
static START: LazyLock<Result<String, Refusal>> = LazyLock::new(|| json(&start::start(Known::kept())));
static TABLE: LazyLock<Result<String, Refusal>> =
    LazyLock::new(|| json(&start::table(Known::kept(), Mutants::kept())));

/// Answers a request: the answer as JSON, or why there is none.
///
/// # Errors
///
/// The request is malformed, or asks for something that does not exist. The sentence says what to do.
pub fn answer(request: &str) -> Result<String, Refusal> {
    let known = Known::kept();
    let request: Request = serde_json::from_str(request)
        .map_err(|error| Refusal::new(format!("this is no request that the explorer knows: {error}")))?;
    match request {
        Request::Run { link, at } => json(&view::run(&Run::play(Link::parse(&link)?)?, at, known)),
        Request::Start => START.clone(),
        Request::WhatIf { link, other } => json(&what_if::what_if(&link, &other)?),
        Request::Table => TABLE.clone(),
        Request::Import { name, data } => json(&files::import(&name, &data)?),
        Request::Export { link, format, repeats_from, claim } => {
            json(&files::export(&link, format, repeats_from, claim.as_deref())?)
        }
    }
}

fn json(answer: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(answer)
        .map_err(|error| Refusal::new(format!("the answer cannot be written: {error}")))
}
