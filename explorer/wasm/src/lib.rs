//! [`tcpspec_explorer`] for the workers of the static page: `explorer/page/static/worker.js` calls it.
//!
//! A refusal is thrown as its sentence, a JavaScript string. Anything else that is thrown is a fault of this program. Then [`last_words`] says where it
//! happened, and the worker cannot be used any more.

use std::sync::Mutex;
use tcpspec_explorer::{known::Known, search};
use wasm_bindgen::prelude::wasm_bindgen;

/// What the panic said, if there was one.
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

/// To be called once, before anything else. Panics are kept for [`last_words`] from then on.
#[wasm_bindgen(start)]
pub fn begin() {
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut words) = LAST_WORDS.lock() {
            *words = panic.to_string();
        }
    }));
}

/// What the panic said; nothing if there was none.
#[wasm_bindgen(js_name = lastWords)]
pub fn last_words() -> String {
    LAST_WORDS.lock().map(|words| words.clone()).unwrap_or_default()
}

/// Answers a request; both are JSON.
///
/// # Errors
///
/// The refusal's sentence.
#[wasm_bindgen]
pub fn answer(request: &str) -> Result<String, String> {
    tcpspec_explorer::answer(request).map_err(|refusal| refusal.error)
}

/// A search that goes on in slices.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Search(search::Search);

#[wasm_bindgen]
impl Search {
    /// Begins a search; the request is JSON.
    ///
    /// # Errors
    ///
    /// The refusal's sentence.
    #[wasm_bindgen(constructor)]
    pub fn new(request: &str) -> Result<Self, String> {
        search::Search::new(request).map(Self).map_err(|refusal| refusal.error)
    }

    /// Takes up so many more states at most. Says how far the search is, as JSON.
    ///
    /// # Errors
    ///
    /// The report cannot be written.
    pub fn advance(&mut self, states: u32) -> Result<String, String> {
        serde_json::to_string(&self.0.advance(states, Known::kept())).map_err(|error| error.to_string())
    }
}
