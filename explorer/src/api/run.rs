//! A run, and the world after some of its steps.

use super::ClaimView;
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// The rows that fired, in order.
    pub rows: Vec<&'static str>,
    /// A row has started 2MSL anew in TIME-WAIT.
    pub restarts: bool,
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
    /// Its cause: `user`, `network` or `time`.
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
