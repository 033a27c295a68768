//! Answers as HTTP: their headers, and errors that say what is wrong and what to do.

use axum::body::Body;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use tcpspec_explorer::api::Refusal;

/// What every answer says to the browser: run and show nothing but what comes from here, be shown by nobody else, and keep nothing.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Adds them.
pub(super) fn protect(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Text of a type.
pub(super) fn text(content_type: &'static str, text: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, content_type)], text.into()).into_response()
}

/// JSON that is written already.
pub(super) fn json(status: StatusCode, text: String) -> Response {
    let mut response = self::text("application/json", text);
    *response.status_mut() = status;
    response
}

/// Why there is no answer, for the page.
pub(super) fn refused(status: StatusCode, error: impl Into<String>) -> Response {
    let refusal = Refusal { error: error.into() };
    json(status, serde_json::to_string(&refusal).unwrap_or_default())
}

/// The same for somebody who looks at it in a browser.
pub(super) fn page(status: StatusCode, sentence: &str) -> Response {
    let mut shown = String::new();
    for letter in sentence.chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            _ => shown.push(letter),
        }
    }
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>tcpspec: {status}</title>\n<h1>{status}</h1>\n<p>{shown}</p>\n<p><a href=\"/\">The explorer's start page</a></p>\n</html>\n"
    );
    (status, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_has_sent_is_shown_as_text() {
        let future = async {
            let body = page(StatusCode::NOT_FOUND, "no <script>").into_body();
            axum::body::to_bytes(body, 10_000).await.unwrap()
        };
        let text = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
        assert!(String::from_utf8_lossy(&text).contains("no &lt;script&gt;"));
    }
}
