// Generated from explorer/src/api by `cargo test -p tcpspec-explorer`; do not edit.

/**
 * What the page asks.
 */
export type Request = { "ask": "start" } | { "ask": "run", 
/**
 * Scenario, settings and path, as a link holds them.
 */
link: string, 
/**
 * After how many steps of the path to look; all of them if it is left out.
 */
at: number | null, } | { "ask": "what-if", 
/**
 * The run.
 */
link: string, 
/**
 * The same scenario with other settings; its path does not matter.
 */
other: string, } | { "ask": "table" } | { "ask": "import", 
/**
 * The file's name; only shown.
 */
name: string, 
/**
 * Its octets in base64.
 */
data: string, } | { "ask": "export", 
/**
 * The run.
 */
link: string, 
/**
 * Which file.
 */
format: Format, 
/**
 * The step of the path from which on it repeats for ever, if it does.
 */
repeatsFrom: number | null, 
/**
 * The claim that it breaks or shows, if it is known: the JSON names it.
 */
claim: string | null, };

/**
 * Formats of files.
 */
export type Format = "json" | "pcapng";

/**
 * Why there is no answer.
 */
export type Refusal = { 
/**
 * One sentence: what is wrong, and what to do.
 */
error: string, };

/**
 * Everything that does not depend on a run.
 */
export type Start = { 
/**
 * [`VERSION`](super::VERSION).
 */
version: number, 
/**
 * Whether the verdicts are of this table, model and claims.
 */
current: boolean, 
/**
 * The textbook's figures, the doors into the explorer.
 */
figures: Array<Figure>, 
/**
 * The known hazards.
 */
hazards: Array<HazardView>, 
/**
 * All scenarios.
 */
scenarios: Array<ScenarioView>, 
/**
 * The table's options.
 */
options: Array<OptionView>, 
/**
 * Bounds that can be set.
 */
bounds: Array<BoundView>, 
/**
 * The eleven states, in the order of RFC 9293 §3.3.2.
 */
states: Array<StateView>, 
/**
 * The arrows of the state diagram.
 */
arrows: Array<Arrow>, 
/**
 * Names of all rows, in the order of the table.
 */
rows: Array<string>, };

/**
 * One figure of the textbook, as a run with captions.
 */
export type Figure = { 
/**
 * Its name in links.
 */
name: string, 
/**
 * Its title, a sentence, by language (`en`, `zh`).
 */
title: { [key in string]: string }, 
/**
 * What it shows, a sentence or two, by language.
 */
about: { [key in string]: string }, 
/**
 * Scenario, settings and path.
 */
link: string, 
/**
 * What to say at a step: by the number of steps taken (0: before the first), by language.
 */
captions: { [key in number]: { [key in string]: string } }, };

/**
 * A hazard of the ledger.
 */
export type HazardView = { 
/**
 * Its name.
 */
title: string, 
/**
 * Where it is described.
 */
source: string, 
/**
 * What goes wrong, and the cure.
 */
text: string, 
/**
 * Scenarios in which the cure is off: a claim fails.
 */
off: Array<string>, 
/**
 * Scenarios in which it is on.
 */
on: Array<string>, 
/**
 * What the cure does not cure.
 */
remains: string, };

/**
 * A scenario with its bounds and last verdicts.
 */
export type ScenarioView = { 
/**
 * `scenario`, or `scenario/variant`.
 */
name: string, 
/**
 * What it explores, in a sentence.
 */
summary: string, 
/**
 * Its bounds in a line.
 */
bounds: string, 
/**
 * Its claims.
 */
claims: Array<ClaimView>, 
/**
 * What the last exploration found; nothing if it is not known.
 */
explored: Explored | null, 
/**
 * The run that `tcpspec trace` shows, as a link; nothing if it has no script.
 */
example: string | null, };

/**
 * How far an exploration went.
 */
export type Explored = { 
/**
 * Different states.
 */
unique: number, 
/**
 * States generated, those met before included.
 */
generated: number, 
/**
 * Everything within the bounds was explored.
 */
complete: boolean, };

/**
 * What became of a claim in an exploration.
 */
export type Verdict = "holds" | "violated" | "fails-as-expected" | "unexpectedly-holds" | "open" | "unknown";

/**
 * A claim.
 */
export type ClaimView = { 
/**
 * A sentence.
 */
name: string, 
/**
 * `always`, `sometimes`, `possible`, `finally` or `no cycle`.
 */
kind: string, 
/**
 * Why it is expected to fail here, if it is.
 */
failsBecause: string | null, 
/**
 * In the whole exploration.
 */
verdict: Verdict, 
/**
 * Its shortest counterexample, or the shortest run that shows it, as a link; nothing if none is known.
 */
shownBy: string | null, 
/**
 * The step of that run from which on it repeats for ever.
 */
repeatsFrom: number | null, };

/**
 * An option of the table.
 */
export type OptionView = { 
/**
 * The name that rows test.
 */
name: string, 
/**
 * What being on means.
 */
doc: string, 
/**
 * Where the choice comes from.
 */
source: string, 
/**
 * The setting if nobody says otherwise.
 */
default: boolean, };

/**
 * A bound that can be set.
 */
export type BoundView = { 
/**
 * Its name in links and behind `--bound`.
 */
name: string, 
/**
 * What it bounds, and which values it takes.
 */
what: string, };

/**
 * A state of a connection.
 */
export type StateView = { 
/**
 * Its name in the RFC.
 */
name: string, 
/**
 * What it represents.
 */
doc: string, };

/**
 * An arrow of the state diagram.
 */
export type Arrow = { 
/**
 * From this state.
 */
from: string, 
/**
 * To this one.
 */
to: string, 
/**
 * The rows that lead there.
 */
rows: Array<string>, };

/**
 * A run, and the world after some of its steps.
 */
export type RunView = { 
/**
 * The run as a link: scenario, settings, whole path.
 */
link: string, 
/**
 * What the link says, apart.
 */
subject: SubjectView, 
/**
 * All steps of the path.
 */
steps: Array<StepView>, 
/**
 * All flights of segments, in the order in which they end; those under way last.
 */
flights: Array<FlightView>, 
/**
 * After so many steps is `now`.
 */
at: number, 
/**
 * The world then.
 */
now: WorldView, 
/**
 * Everything that can happen next. Empty once the path goes no further.
 */
choices: Array<ChoiceView>, 
/**
 * Stray events that would change nothing and are not among the choices.
 */
silent: number, 
/**
 * The scenario's claims at this point.
 */
claims: Array<ClaimNow>, };

/**
 * A scenario with settings.
 */
export type SubjectView = { 
/**
 * The scenario's name.
 */
scenario: string, 
/**
 * Its sentence.
 */
summary: string, 
/**
 * Its bounds as they are set, in a line.
 */
bounds: string, 
/**
 * All options, as they are set.
 */
options: { [key in string]: boolean }, 
/**
 * Options that differ from the scenario's own.
 */
set: { [key in string]: boolean }, 
/**
 * Bounds that differ from the scenario's own, by name.
 */
bound: { [key in string]: string }, 
/**
 * The fault with which the machine runs, as in `listen_syn removed`.
 */
mutant: string | null, 
/**
 * Something of this differs from the scenario, so committed verdicts do not speak of it.
 */
changed: boolean, 
/**
 * Ticks of MSL; 0: time stands still.
 */
msl: number, 
/**
 * Ticks that TIME-WAIT lasts.
 */
timeWait: number, };

/**
 * A step of a run.
 */
export type StepView = { 
/**
 * What happened, as links write it.
 */
token: string, 
/**
 * What happened.
 */
what: Happening, 
/**
 * The end at which it happened (0: A, 1: B); nothing for the network and the clock.
 */
end: number | null, 
/**
 * States of both ends before.
 */
before: [string, string], 
/**
 * States of both ends after.
 */
after: [string, string], 
/**
 * The rows that fired, in order.
 */
rows: Array<string>, 
/**
 * A row has started 2MSL anew in TIME-WAIT.
 */
restarts: boolean, 
/**
 * Ticks that had passed when it happened.
 */
tick: number, };

/**
 * What an action is.
 */
export type Happening = { 
/**
 * Which kind: `call`, `transmit`, `deliver`, `duplicate`, `lose`, `held`, `timer`, `give-up`, `resend`, `tick`, `crash`, `forge`, `stray`, `vanish`.
 */
kind: string, 
/**
 * Its cause: `user`, `network` or `time`.
 */
by: string, 
/**
 * The end that it concerns.
 */
end: number | null, 
/**
 * The call, as in §3.10: `active OPEN`, `CLOSE`, …
 */
call: string | null, 
/**
 * The timer's name.
 */
timer: string | null, 
/**
 * The segment that arrives or is lost.
 */
segment: PacketView | null, 
/**
 * A number: octets to send, the initial number that is taken, the part that is sent again, the number of a stray.
 */
number: string | null, 
/**
 * All of it in an English sentence.
 */
words: string, };

/**
 * A segment under way.
 */
export type PacketView = { 
/**
 * As the RFC writes it: `<SEQ=14><CTL=SYN>`.
 */
text: string, 
/**
 * The same with numbers counted from the initial ones, so that a SYN has 0; the same as `text` where those are not known.
 */
relative: string, 
/**
 * Its control bits, as `SYN,ACK`.
 */
flags: string, 
/**
 * SEG.SEQ.
 */
seq: number, 
/**
 * SEG.ACK, if it has one.
 */
ack: number | null, 
/**
 * SEG.WND.
 */
wnd: number, 
/**
 * Octets of text.
 */
len: number, 
/**
 * The end that it goes to.
 */
to: number, 
/**
 * The sender's incarnation; 0: no connection sent it, 14: it answers an older connection, 15: forged.
 */
tag: number, 
/**
 * It comes from an older connection than the one that its addressee has.
 */
old: boolean, 
/**
 * Ticks since it was sent.
 */
age: number, };

/**
 * How a flight ends.
 */
export type FateView = "arrives" | "copied" | "lost" | "expired" | "under-way";

/**
 * A segment's way from one end to the other.
 */
export type FlightView = { 
/**
 * The segment.
 */
packet: PacketView, 
/**
 * The step in which it was sent; nothing if nobody of the two sent it.
 */
sent: number | null, 
/**
 * Its place among what was sent in that step.
 */
place: number, 
/**
 * The step in which it ends.
 */
ends: number | null, 
/**
 * How it ends.
 */
fate: FateView, };

/**
 * A world of the model.
 */
export type WorldView = { 
/**
 * End A and end B.
 */
ends: [EndView, EndView], 
/**
 * Segments under way.
 */
net: Array<PacketView>, 
/**
 * What may still happen: losses, duplications, and so on, by name.
 */
left: Array<[string, number]>, 
/**
 * Ticks so far.
 */
tick: number, };

/**
 * One end.
 */
export type EndView = { 
/**
 * The connection's state.
 */
state: string, 
/**
 * A forking listener waits beside the connection.
 */
listening: boolean, 
/**
 * Everything else that the end holds, in groups.
 */
fields: Array<FieldView>, 
/**
 * Ticks left of 2MSL; 0: it does not run.
 */
quiet: number, };

/**
 * A field of an end.
 */
export type FieldView = { 
/**
 * `send`, `receive`, `timers`, `host` or `user`.
 */
group: string, 
/**
 * Its name, as in the RFC: `SND.UNA`.
 */
name: string, 
/**
 * Its value.
 */
value: string, 
/**
 * Counted from the initial number, if it is a number of the sequence space.
 */
relative: string | null, 
/**
 * The last step has changed it.
 */
changed: boolean, };

/**
 * Something that can happen next.
 */
export type ChoiceView = { 
/**
 * What to append to the path.
 */
token: string, 
/**
 * What happens.
 */
what: Happening, 
/**
 * The rows that fire.
 */
rows: Array<string>, 
/**
 * The state of the end that it concerns before and after, if it changes.
 */
change: [string, string] | null, 
/**
 * Segments that are sent.
 */
sent: Array<PacketView>, 
/**
 * Nothing changes, as with a call that is refused.
 */
idle: boolean, 
/**
 * Claims that it breaks.
 */
breaks: Array<string>, };

/**
 * A claim at a point of a run.
 */
export type ClaimNow = { 
/**
 * The claim and its verdict in the whole exploration.
 */
claim: ClaimView, 
/**
 * In this world: for `always` whether it is kept, for `sometimes` whether the world shows it. Nothing for claims about runs.
 */
here: boolean | null, 
/**
 * The first step after which the run breaks an `always`, or shows a `sometimes`.
 */
since: number | null, };

/**
 * The same path under two settings.
 */
export type WhatIf = { 
/**
 * How many steps come out the same in both.
 */
same: number, 
/**
 * The first step that does not, under the first settings and under the others. Nothing where it cannot happen at all.
 */
differs: [StepView | null, StepView | null] | null, 
/**
 * What is different after it: `A SND.NXT: 15 → 0`, the first settings first.
 */
differences: Array<string>, 
/**
 * The other settings with the path as far as it can go, as a link.
 */
other: string, };

/**
 * The whole table.
 */
export type TableView = { 
/**
 * All rows, in order.
 */
rows: Array<RowView>, 
/**
 * The requirements of RFC 9293, as its Appendix B lists them.
 */
requirements: Array<RequirementView>, 
/**
 * Whether what is said of mutants is of this table, model and claims.
 */
mutantsCurrent: boolean, };

/**
 * A row.
 */
export type RowView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its sentence.
 */
sentence: string, 
/**
 * The section it comes from.
 */
section: string, 
/**
 * What RFC 9293 says, where it asks for the row.
 */
quotation: QuotationView | null, 
/**
 * Requirements of Appendix B that it meets.
 */
requirements: Array<string>, 
/**
 * The event.
 */
event: string, 
/**
 * The step.
 */
step: string, 
/**
 * The states in which it applies.
 */
states: Array<string>, 
/**
 * Its conditions.
 */
condition: Array<string>, 
/**
 * Its next state.
 */
next: string | null, 
/**
 * How it ends: `next`, `stop`, `drop`, `skip` or `error NAME`.
 */
verb: string, 
/**
 * Its effects.
 */
effects: Array<string>, 
/**
 * The line of `spec/src/table.rs`.
 */
line: number, 
/**
 * Scenarios in which it fires.
 */
firesIn: number, 
/**
 * The shortest run that fires it, as a link.
 */
shownBy: string | null, 
/**
 * Its mutants.
 */
mutants: Array<MutantView>, };

/**
 * Words of RFC 9293, with … for what is left out.
 */
export type QuotationView = { 
/**
 * The section, as in `§3.10.7.4`.
 */
section: string, 
/**
 * The words.
 */
words: string, };

/**
 * A requirement of RFC 9293.
 */
export type RequirementView = { 
/**
 * Its identifier, such as `MUST-11`; several may have the same.
 */
id: string, 
/**
 * `MUST`, `SHOULD NOT`, …
 */
strength: string, 
/**
 * Sections of RFC 9293, without the sign.
 */
sections: string, 
/**
 * The heading and the words of Appendix B.
 */
words: string, };

/**
 * A row with a fault.
 */
export type MutantView = { 
/**
 * As links write it: `listen_syn:removed`.
 */
token: string, 
/**
 * As in `listen_syn removed`.
 */
name: string, 
/**
 * The claim that noticed it.
 */
noticedBy: string | null, 
/**
 * The scenario in which it did.
 */
scenario: string | null, 
/**
 * Why no run can tell it from the machine, if that is so.
 */
reason: string | null, };

/**
 * What a file holds.
 */
export type Imported = { "kind": "run", 
/**
 * The link.
 */
link: string, 
/**
 * The step from which on it repeats for ever.
 */
repeatsFrom: number | null, 
/**
 * The claim that it breaks or shows.
 */
claim: string | null, 
/**
 * What the reader should know: that the file is of another table.
 */
note: string | null, } | { "kind": "capture", 
/**
 * The segments, in order.
 */
segments: Array<Captured>, };

/**
 * A captured segment.
 */
export type Captured = { 
/**
 * When, in microseconds since the first.
 */
at: number, 
/**
 * The socket that sent it, as `10.0.0.1:7777`.
 */
from: string, 
/**
 * The socket that it goes to.
 */
to: string, 
/**
 * As the RFC writes it.
 */
text: string, 
/**
 * The packet's comments: rows and states.
 */
comments: Array<string>, };

/**
 * A file.
 */
export type Exported = { 
/**
 * A name for it.
 */
name: string, 
/**
 * Its octets in base64.
 */
data: string, };

/**
 * What a search looks for.
 */
export type Search = { 
/**
 * Scenario and settings; the search begins after the link's path.
 */
link: string, 
/**
 * What to find, as in `A in TIME-WAIT and B in LAST-ACK`, or nothing: then every claim is checked.
 */
find: string | null, 
/**
 * Different states at most.
 */
limit: number, };

/**
 * How far a search is, or what it came to.
 */
export type Progress = { 
/**
 * Different states so far.
 */
unique: number, 
/**
 * States generated so far.
 */
generated: number, 
/**
 * Steps from where the search began.
 */
depth: number, 
/**
 * Different states at most.
 */
limit: number, 
/**
 * Bytes that the search keeps.
 */
memory: number, 
/**
 * Bytes that it may keep at most; 0: nothing says so.
 */
memoryLimit: number, 
/**
 * The search is over.
 */
done: boolean, 
/**
 * Everything within the bounds was explored.
 */
complete: boolean, 
/**
 * What was found: the run, as a link.
 */
found: string | null, 
/**
 * Of a check: the scenario's claims that single worlds decide, with what is known by now.
 */
claims: Array<ClaimView>, 
/**
 * What the verdict rests on, in a sentence: `None in all 12,345 states within the bounds.`
 */
words: string, };

