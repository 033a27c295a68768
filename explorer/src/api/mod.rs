//! The schema of requests and answers. `page/api.d.ts` is generated from these types.
//!
//! Every request and every answer is one JSON value. Field names are in camelCase. Numbers of segments and of the TCB are the model's, 0 to 15.

mod files;
mod run;
mod search;
mod start;
mod table;
mod what_if;

pub use files::{Captured, Exported, Imported};
pub use run::{
    ChoiceView, ClaimNow, EndView, FateView, FieldView, FlightView, Happening, PacketView, RunView, StepView,
    SubjectView, WorldView,
};
pub use search::{Progress, Search};
pub use start::{
    Arrow, BoundView, ClaimView, Explored, Figure, HazardView, OptionView, ScenarioView, Start, StateView,
    Verdict,
};
pub use table::{MutantView, QuotationView, RequirementView, RowView, TableView};
pub use what_if::WhatIf;

use serde::{Deserialize, Serialize};

/// The version of requests, answers and trace files. It rises when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// What the page asks.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(tag = "ask", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Request {
    /// Everything that does not depend on a run: answered by [`Start`].
    Start,
    /// A run: answered by [`RunView`].
    Run {
        /// Scenario, settings and path, as a link holds them.
        link: String,
        /// After how many steps of the path to look; all of them if it is left out.
        at: Option<usize>,
    },
    /// The same path under other settings: answered by [`WhatIf`].
    WhatIf {
        /// The run.
        link: String,
        /// The same scenario with other settings; its path does not matter.
        other: String,
    },
    /// The whole table: answered by [`TableView`].
    Table,
    /// A trace file of the tool's: answered by [`Imported`].
    Import {
        /// The file's name; only shown.
        name: String,
        /// Its octets in base64.
        data: String,
    },
    /// A run as a file: answered by [`Exported`].
    Export {
        /// The run.
        link: String,
        /// Which file.
        format: Format,
        /// The step of the path from which on it repeats for ever, if it does.
        repeats_from: Option<usize>,
        /// The claim that it breaks or shows, if it is known: the JSON names it.
        claim: Option<String>,
    },
}

/// Formats of files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A trace: scenario, settings and path, which the explorer and the command line replay.
    Json,
    /// A capture for Wireshark, with the rows as packet comments.
    Pcapng,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// One sentence: what is wrong, and what to do.
    pub error: String,
}

#[cfg(test)]
mod tests {
    use ts_rs::TS;

    /// The page's types, as they stand in `page/api.d.ts`.
    fn declarations() -> String {
        let config = ts_rs::Config::default();
        let mut text = String::from(
            "// Generated from explorer/src/api by `cargo test -p tcpspec-explorer`; do not edit.\n\n",
        );
        macro_rules! all {
            ($($name:ident),* $(,)?) => { $(
                let docs = super::$name::docs().map(|docs| docs.trim_end().to_owned() + "\n").unwrap_or_default();
                text.push_str(&format!("{docs}export {}\n\n", super::$name::decl(&config)));
            )* };
        }
        all!(
            Request,
            Format,
            Refusal,
            Start,
            Figure,
            HazardView,
            ScenarioView,
            Explored,
            Verdict,
            ClaimView,
            OptionView,
            BoundView,
            StateView,
            Arrow,
            RunView,
            SubjectView,
            StepView,
            Happening,
            PacketView,
            FateView,
            FlightView,
            WorldView,
            EndView,
            FieldView,
            ChoiceView,
            ClaimNow,
            WhatIf,
            TableView,
            RowView,
            QuotationView,
            RequirementView,
            MutantView,
            Imported,
            Captured,
            Exported,
            Search,
            Progress,
        );
        text
    }

    #[test]
    fn the_page_has_these_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/page/api.d.ts");
        let text = declarations();
        if std::fs::read_to_string(path).ok().as_deref() != Some(&text) {
            std::fs::write(path, text).expect("the file can be written");
            panic!("{path} was not current; it has been written anew");
        }
    }
}
