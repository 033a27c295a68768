//! The same path under two settings.

use super::StepView;
use serde::Serialize;

/// The same path under two settings.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct WhatIf {
    /// How many steps come out the same in both.
    pub same: usize,
    /// The first step that does not, under the first settings and under the others. Nothing where it cannot happen at all.
    pub differs: Option<[Option<StepView>; 2]>,
    /// What is different after it: `A SND.NXT: 15 → 0`, the first settings first.
    pub differences: Vec<String>,
    /// The other settings with the path as far as it can go, as a link.
    pub other: String,
}
