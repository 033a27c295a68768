//! Runs as files.

use serde::Serialize;

/// What a file holds.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Imported {
    /// A run of the model, to be opened by its link.
    Run {
        /// The link.
        link: String,
        /// The step from which on it repeats for ever.
        repeats_from: Option<usize>,
        /// The claim that it breaks or shows.
        claim: Option<String>,
        /// What the reader should know: that the file is of another table.
        note: Option<String>,
    },
    /// Segments that were captured, with the rows that they made fire.
    Capture {
        /// The segments, in order.
        segments: Vec<Captured>,
    },
}

/// A captured segment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Captured {
    /// When, in microseconds since the first.
    #[cfg_attr(test, ts(type = "number"))]
    pub at: u64,
    /// The socket that sent it, as `10.0.0.1:7777`.
    pub from: String,
    /// The socket that it goes to.
    pub to: String,
    /// As the RFC writes it.
    pub text: String,
    /// The packet's comments: rows and states.
    pub comments: Vec<String>,
}

/// A file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// A name for it.
    pub name: String,
    /// Its octets in base64.
    pub data: String,
}
