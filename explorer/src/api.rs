//! What the page asks and what it is answered: the schema. `page/api.d.ts` is generated from these types.
//!
//! Every request and every answer is one JSON value. Field names are in camelCase. Numbers of segments and of the TCB are the model's, 0 to 15.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

// --- Start ---

/// Everything that does not depend on a run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// [`VERSION`].
    pub version: u32,
    /// Whether the verdicts are of this table, model and claims.
    pub current: bool,
    /// The textbook's figures, the doors into the explorer.
    pub figures: Vec<Figure>,
    /// The known hazards.
    pub hazards: Vec<HazardView>,
    /// All scenarios.
    pub scenarios: Vec<ScenarioView>,
    /// The table's options.
    pub options: Vec<OptionView>,
    /// Bounds that can be set.
    pub bounds: Vec<BoundView>,
    /// The eleven states, in the order of RFC 9293 §3.3.2.
    pub states: Vec<StateView>,
    /// The arrows of the state diagram.
    pub arrows: Vec<Arrow>,
    /// Names of all rows, in the order of the table.
    pub rows: Vec<&'static str>,
}

/// One figure of the textbook, as a run with captions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Figure {
    /// Its name in links.
    pub name: String,
    /// Its title, a sentence, by language (`en`, `zh`).
    pub title: BTreeMap<String, String>,
    /// What it shows, a sentence or two, by language.
    pub about: BTreeMap<String, String>,
    /// Scenario, settings and path.
    pub link: String,
    /// What to say at a step: by the number of steps taken (0: before the first), by language.
    pub captions: BTreeMap<usize, BTreeMap<String, String>>,
}

/// A hazard of the ledger.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct HazardView {
    /// Its name.
    pub title: &'static str,
    /// Where it is described.
    pub source: &'static str,
    /// What goes wrong, and the cure.
    pub text: &'static str,
    /// Scenarios in which the cure is off: a claim fails.
    pub off: &'static [&'static str],
    /// Scenarios in which it is on.
    pub on: &'static [&'static str],
    /// What the cure does not cure.
    pub remains: &'static str,
}

/// A scenario with its bounds and last verdicts.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct ScenarioView {
    /// `scenario`, or `scenario/variant`.
    pub name: &'static str,
    /// What it explores, in a sentence.
    pub summary: &'static str,
    /// Its bounds in a line.
    pub bounds: String,
    /// Its claims.
    pub claims: Vec<ClaimView>,
    /// What the last exploration found; nothing if it is not known.
    pub explored: Option<Explored>,
    /// The run that `tcpspec trace` shows, as a link; nothing if it has no script.
    pub example: Option<String>,
}

/// How far an exploration went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Explored {
    /// Different states.
    #[cfg_attr(test, ts(type = "number"))]
    pub unique: u64,
    /// States generated, those met before included.
    #[cfg_attr(test, ts(type = "number"))]
    pub generated: u64,
    /// Everything within the bounds was explored.
    pub complete: bool,
}

/// What became of a claim in an exploration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds within the bounds.
    Holds,
    /// It is violated.
    Violated,
    /// It is violated, as the variant is there to show.
    FailsAsExpected,
    /// It should fail here, and holds.
    UnexpectedlyHolds,
    /// The exploration was stopped before it was decided.
    Open,
    /// Nobody has explored this scenario with these settings yet.
    Unknown,
}

/// A claim.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct ClaimView {
    /// A sentence.
    pub name: &'static str,
    /// `always`, `sometimes`, `possible`, `finally` or `no cycle`.
    pub kind: &'static str,
    /// Why it is expected to fail here, if it is.
    pub fails_because: Option<&'static str>,
    /// In the whole exploration.
    pub verdict: Verdict,
    /// Its shortest counterexample, or the shortest run that shows it, as a link; nothing if none is known.
    pub shown_by: Option<String>,
    /// The step of that run from which on it repeats for ever.
    pub repeats_from: Option<usize>,
}

/// An option of the table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct OptionView {
    /// The name that rows test.
    pub name: &'static str,
    /// What being on means.
    pub doc: &'static str,
    /// Where the choice comes from.
    pub source: &'static str,
    /// The setting if nobody says otherwise.
    pub default: bool,
}

/// A bound that can be set.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct BoundView {
    /// Its name in links and behind `--bound`.
    pub name: String,
    /// What it bounds, and which values it takes.
    pub what: String,
}

/// A state of a connection.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct StateView {
    /// Its name in the RFC.
    pub name: &'static str,
    /// What it represents.
    pub doc: &'static str,
}

/// An arrow of the state diagram.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Arrow {
    /// From this state.
    pub from: &'static str,
    /// To this one.
    pub to: &'static str,
    /// The rows that lead there.
    pub rows: Vec<&'static str>,
}

// --- A run ---

/// A run, and the world after some of its steps.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    /// The run as a link: scenario, settings, whole path.
    pub link: String,
    /// What the link says, apart.
    pub subject: SubjectView,
    /// All steps of the path.
    pub steps: Vec<StepView>,
    /// All flights of segments, in the order in which they end; those under way last.
    pub flights: Vec<FlightView>,
    /// After so many steps is `now`.
    pub at: usize,
    /// The world then.
    pub now: WorldView,
    /// Everything that can happen next. Empty once the path goes no further.
    pub choices: Vec<ChoiceView>,
    /// Stray events that would change nothing and are not among the choices.
    pub silent: usize,
    /// The scenario's claims at this point.
    pub claims: Vec<ClaimNow>,
}

/// A scenario with settings.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct SubjectView {
    /// The scenario's name.
    pub scenario: &'static str,
    /// Its sentence.
    pub summary: &'static str,
    /// Its bounds as they are set, in a line.
    pub bounds: String,
    /// All options, as they are set.
    pub options: BTreeMap<&'static str, bool>,
    /// Options that differ from the scenario's own.
    pub set: BTreeMap<String, bool>,
    /// Bounds that differ from the scenario's own, by name.
    pub bound: BTreeMap<String, String>,
    /// The fault with which the machine runs, as in `listen_syn removed`.
    pub mutant: Option<String>,
    /// Something of this differs from the scenario, so committed verdicts do not speak of it.
    pub changed: bool,
    /// Ticks of MSL; 0: time stands still.
    pub msl: u8,
    /// Ticks that TIME-WAIT lasts.
    pub time_wait: u8,
}

/// A step of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// What happened, as links write it.
    pub token: String,
    /// What happened.
    pub what: Happening,
    /// The end at which it happened (0: A, 1: B); nothing for the network and the clock.
    pub end: Option<usize>,
    /// States of both ends before.
    pub before: [&'static str; 2],
    /// States of both ends after.
    pub after: [&'static str; 2],
    /// States that were passed within the step, by the rows, at its end.
    pub rows: Vec<&'static str>,
    /// Ticks that had passed when it happened.
    pub tick: u32,
}

/// What an action is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Happening {
    /// Which kind: `call`, `transmit`, `deliver`, `duplicate`, `lose`, `held`, `timer`, `give-up`, `resend`, `tick`, `crash`, `forge`, `stray`, `vanish`.
    pub kind: &'static str,
    /// Who brings it about: `user`, `network` or `time`.
    pub by: &'static str,
    /// The end that it concerns.
    pub end: Option<usize>,
    /// The call, as in §3.10: `active OPEN`, `CLOSE`, …
    pub call: Option<String>,
    /// The timer's name.
    pub timer: Option<&'static str>,
    /// The segment that arrives or is lost.
    pub segment: Option<PacketView>,
    /// A number: octets to send, the initial number that is taken, the part that is sent again, the number of a stray.
    pub number: Option<String>,
    /// All of it in an English sentence.
    pub words: String,
}

/// A segment under way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct PacketView {
    /// As the RFC writes it: `<SEQ=14><CTL=SYN>`.
    pub text: String,
    /// The same with numbers counted from the initial ones, so that a SYN has 0; the same as `text` where those are not known.
    pub relative: String,
    /// Its control bits, as `SYN,ACK`.
    pub flags: String,
    /// SEG.SEQ.
    pub seq: u32,
    /// SEG.ACK, if it has one.
    pub ack: Option<u32>,
    /// SEG.WND.
    pub wnd: u32,
    /// Octets of text.
    pub len: u32,
    /// The end that it goes to.
    pub to: usize,
    /// The sender's incarnation; 0: no connection sent it, 14: it answers an older connection, 15: forged.
    pub tag: u8,
    /// It comes from an older connection than the one that its addressee has.
    pub old: bool,
    /// Ticks since it was sent.
    pub age: u8,
}

/// How a flight ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "kebab-case")]
pub enum FateView {
    /// It arrives.
    Arrives,
    /// A copy of it arrives; the segment itself stays under way.
    Copied,
    /// It is lost.
    Lost,
    /// It has reached MSL.
    Expired,
    /// The run ends first.
    UnderWay,
}

/// A segment's way from one end to the other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct FlightView {
    /// The segment.
    pub packet: PacketView,
    /// The step in which it was sent; nothing if nobody of the two sent it.
    pub sent: Option<usize>,
    /// Its place among what was sent in that step.
    pub place: usize,
    /// The step in which it ends.
    pub ends: Option<usize>,
    /// How it ends.
    pub fate: FateView,
}

/// A world of the model.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct WorldView {
    /// End A and end B.
    pub ends: [EndView; 2],
    /// Segments under way.
    pub net: Vec<PacketView>,
    /// What may still happen: losses, duplications, and so on, by name.
    pub left: Vec<(&'static str, u32)>,
    /// Ticks so far.
    pub tick: u32,
}

/// One end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct EndView {
    /// The connection's state.
    pub state: &'static str,
    /// A forking listener waits beside the connection.
    pub listening: bool,
    /// Everything else that the end holds, in groups.
    pub fields: Vec<FieldView>,
    /// Ticks left of 2MSL; 0: it does not run.
    pub quiet: u8,
}

/// A field of an end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct FieldView {
    /// `send`, `receive`, `timers`, `host` or `user`.
    pub group: &'static str,
    /// Its name, as in the RFC: `SND.UNA`.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Counted from the initial number, if it is a number of the sequence space.
    pub relative: Option<String>,
    /// The last step has changed it.
    pub changed: bool,
}

/// Something that can happen next.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct ChoiceView {
    /// What to append to the path.
    pub token: String,
    /// What happens.
    pub what: Happening,
    /// The rows that fire.
    pub rows: Vec<&'static str>,
    /// The state of the end that it concerns before and after, if it changes.
    pub change: Option<[&'static str; 2]>,
    /// Segments that are sent.
    pub sent: Vec<PacketView>,
    /// Nothing changes, as with a call that is refused.
    pub idle: bool,
    /// Claims that it breaks.
    pub breaks: Vec<&'static str>,
}

/// A claim at a point of a run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct ClaimNow {
    /// The claim and its verdict in the whole exploration.
    pub claim: ClaimView,
    /// In this world: for `always` whether it is kept, for `sometimes` whether the world shows it. Nothing for claims about runs.
    pub here: Option<bool>,
    /// The first step after which the run breaks an `always`, or shows a `sometimes`.
    pub since: Option<usize>,
}

// --- What if ---

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

// --- The table ---

/// The whole table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct TableView {
    /// All rows, in order.
    pub rows: Vec<RowView>,
    /// The requirements of RFC 9293, as its Appendix B lists them.
    pub requirements: Vec<RequirementView>,
    /// Whether what is said of mutants is of this table, model and claims.
    pub mutants_current: bool,
}

/// A row.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct RowView {
    /// Its name.
    pub name: &'static str,
    /// Its sentence.
    pub sentence: &'static str,
    /// The section it comes from.
    pub section: &'static str,
    /// Requirements of Appendix B that it meets.
    pub requirements: &'static [&'static str],
    /// The event.
    pub event: &'static str,
    /// The step.
    pub step: &'static str,
    /// The states in which it applies.
    pub states: Vec<&'static str>,
    /// Its conditions.
    pub condition: &'static [&'static str],
    /// Its next state.
    pub next: Option<&'static str>,
    /// How it ends: `next`, `stop`, `drop`, `skip` or `error NAME`.
    pub verb: String,
    /// Its effects.
    pub effects: &'static [&'static str],
    /// The line of `spec/src/table.rs`.
    pub line: u32,
    /// Scenarios in which it fires.
    pub fires_in: usize,
    /// The shortest run that fires it, as a link.
    pub shown_by: Option<String>,
    /// Its mutants.
    pub mutants: Vec<MutantView>,
}

/// A requirement of RFC 9293.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct RequirementView {
    /// Its identifier, such as `MUST-11`; several may have the same.
    pub id: &'static str,
    /// `MUST`, `SHOULD NOT`, …
    pub strength: &'static str,
    /// Sections of RFC 9293, without the sign.
    pub sections: &'static str,
    /// The heading and the words of Appendix B.
    pub words: String,
}

/// A row with a fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct MutantView {
    /// As links write it: `listen_syn:removed`.
    pub token: String,
    /// As in `listen_syn removed`.
    pub name: String,
    /// The claim that noticed it.
    pub noticed_by: Option<String>,
    /// The scenario in which it did.
    pub scenario: Option<String>,
    /// Why no run can tell it from the machine, if that is so.
    pub reason: Option<String>,
}

// --- Files ---

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

// --- Searches ---

/// What a search looks for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Search {
    /// Scenario and settings; the search begins after the link's path.
    pub link: String,
    /// What to find, as in `A in TIME-WAIT and B in LAST-ACK`, or nothing: then every claim is checked.
    pub find: Option<String>,
    /// Different states at most.
    pub limit: u32,
}

/// How far a search is, or what it came to.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.d.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Different states so far.
    #[cfg_attr(test, ts(type = "number"))]
    pub unique: u64,
    /// States generated so far.
    #[cfg_attr(test, ts(type = "number"))]
    pub generated: u64,
    /// Steps from where the search began.
    pub depth: u32,
    /// Different states at most.
    #[cfg_attr(test, ts(type = "number"))]
    pub limit: u64,
    /// Bytes that the search keeps.
    #[cfg_attr(test, ts(type = "number"))]
    pub memory: u64,
    /// Bytes that it may keep at most; 0: nothing says so.
    #[cfg_attr(test, ts(type = "number"))]
    pub memory_limit: u64,
    /// The search is over.
    pub done: bool,
    /// Everything within the bounds was explored.
    pub complete: bool,
    /// What was found: the run, as a link.
    pub found: Option<String>,
    /// Of a check: the scenario's claims that single worlds decide, with what is known by now.
    pub claims: Vec<ClaimView>,
    /// What the verdict rests on, in a sentence: `None in all 12,345 states within the bounds.`
    pub words: String,
}

#[cfg(test)]
mod tests {
    use ts_rs::TS;

    /// The page's types, as they stand in `page/api.d.ts`.
    fn declarations() -> String {
        let config = ts_rs::Config::default();
        let mut text = String::from(
            "// Generated from explorer/src/api.rs by `cargo test -p tcpspec-explorer`; do not edit.\n\n",
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
