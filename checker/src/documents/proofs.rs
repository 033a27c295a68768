//! `docs/proofs.md`: the proofs in numbers, and what the model leaves out.

use crate::check::Report;
use crate::documents::stamp;
use crate::prove::equivalent::EQUIVALENT;
use crate::prove::equivalent_bodies::SAME_BODIES;
use crate::screen::words;
use std::fmt::Write as _;
use tcpspec::TABLE;
use tcpspec::model::Kind;

/// What is not written anew with each change.
const LONG: &str = "\
## Long results

[The mutants](mutants.md) (every row with every fault: which claim notices?) and [the deep scenarios](deep.md) (`check --deep`: larger bounds, hundreds of millions of states) are runs of their own, which take \
long. Each carries the stamp of the table, model and properties that it speaks of; if it is not the one above, `docs` writes into it that it is of an older table. So does [what is proven for all numbers](proven.md) \
(`prove --all --doc docs/proven.md`), and so does [what is proven of two ends](two-ends.md), each with a stamp of its own: scenarios and the model's claims do not change it.

On two cores the default run takes about a minute, the mutants of rows some fifteen minutes, those of the functions that rows call longer. The deep scenarios take some fifteen minutes.

";

/// What each kind of evidence is, from the strongest to none.
fn evidence() -> String {
    format!(
        "\
## What rests on what

From the strongest evidence to none. A line says no more than its command shows. What *proven* says of one end stands in [proven.md](proven.md), state by state.

| what | evidence | assumed, or bound | command |
|---|---|---|---|
| Every TCB keeps the invariant, and the claims of [this table](book/src/what-is-proven.md#for-all-numbers-and-any-number-of-steps) hold | proven: one end, all 2³² numbers, any number of steps, every input, every setting of the options | what the stack's parser and buffers guarantee (same page; [two thousand recorded runs](../tests/tests/oracles/inclusion.rs) keep the invariant and most of it); the options that the table there names; [what is not looked at](proven.md) | `prove` |
| The short way of an expected segment does what the steps do | proven likewise | the same | `prove` |
| The machine is the match of the same rules that was written by hand | proven likewise, for SEGMENT ARRIVES | the same | `prove --hand` |
| The machine does what the second opinion says of single events | proven likewise, for every event | the same, and what a host sends again or keeps; what is left open (same page) | `prove --second-opinion` |
| {same} mutants are the same machine | proven likewise | the same; the options that a mutant's reason names | `prove --equivalent` |
| [Claims about two ends](book/src/what-is-proven.md#two-ends-any-number-of-segments) and any number of segments | proven in part: [the lemmas and nine of eleven states](two-ends.md). Without ESTABLISHED and FIN-WAIT-1 it is no theorem about connections | nothing is older than half of the space, one connection, nobody else sends, options as by default (same page) | `prove --two-ends`, with `lemmas` or a state |
| [The verdicts](verdicts.md) and [the ledger](hazards.md) | explored: every world within bounds | 16 numbers, the bounds of each scenario; fingerprints of 64 bits | `check` |
| The same with 8, 32 and 64 numbers | explored likewise | scenarios that take seconds; [two departures](book/src/what-is-proven.md#small-and-large) with 8 | `check --quick`, with `--bits 3`, `5` and `6` |
| [Larger bounds](deep.md) | explored likewise, to their end | the bounds of each scenario | `check --deep` |
| [What is left out as a reduction](book/src/how-it-works.md#the-model) changes no verdict | tested for five of nine reductions: a plain search of small scenarios; for the others argued there | verdicts about single worlds, those scenarios | `cargo test --workspace` |
| Each row, guard and effect matters | tested: each fault that was run is noticed, or has a reason. [All were run](mutants.md); CI runs a sample | one fault at a time; the kinds of fault that [this page](book/src/what-is-proven.md#does-every-row-matter) names | `mutate` |
| Each claim matters | tested: a fault for each that it notices | the faults and scenarios of the controls | `cargo test --workspace` |
| The table says what RFC 9293 says | tested: 2271 combinations, each call and each timeout of §3.10, that a reader of the RFC has written down, with the options at the letter; as shipped, [differences](../tests/data/rfc/differences.txt) name the option, or say that no combination has it | that reader; one situation for each state, without windows, timestamps, urgent text and ICMP; [readings](../tests/data/rfc/readings.txt) where the text is open | `cargo test --workspace` |
| The stack does what the machine says, and works | tested: recorded runs under the judge, faults in simulation, attacks, the kernel as the other end, fuzz corpora | the runs | `cargo test --workspace`, `soak`, `attacks` |
| A fault that the model does not notice, and that is not proven to be the same machine | argued; of two the argument is that the model cannot show them: at 32 bits they are other machines, which a test of the prover notices | the argument, which stands beside it | – |
| Terms are what integers are; *unsatisfiable* is so; the compiler compiles | assumed. Terms are tested against integers, and each counterexample runs again on integers | – | – |
| Lengths of timers, congestion control, parsing, checksums | not in table and model: tested in the stack only | – | – |

",
        same = EQUIVALENT.len() + SAME_BODIES.len(),
    )
}

/// How a reader who had seen no claim and no test put faults in, and who noticed. What came out is counted by hand.
const STRANGER: &str = "\
## Faults that a stranger put in

In November 2026 somebody who had read the sources of table, functions, model and checker, but no test, claim or expectation, wrote 367 faults, as a malicious or a tired engineer would make them: a wrong field, a \
forgotten fact, two statements the wrong way round, a condition that forgets an option, a fault of two conditions together. All that the compiler accepts were compiled into one program, and each was switched on by its number. \
Each was run through scenarios, small ones first, until one failed; faults of model and checker through controls as well. Controls are tests that put faults into network, clock, users, host, engine or claims, do by hand what these should do, or test a part of them by itself. [The list](strangers-faults.md) says of each what noticed it.

| faults | n | `tcpspec check` fails | a control fails | not noticed; an argument that no run differs | do not compile |
|---|---:|---:|---:|---:|---:|
| in the table (rows changed, added, dropped, in another order) | 99 | 94 | – | 1 | 4 |
| in the bodies of guards, effects, `tcb`, `seq`, `segment` | 179 | 174 | – | 5 | – |
| a default flipped | 19 | 19 | – | – | – |
| in model and checker | 70 | 21 | 48 | 1 | – |
| all | 367 | 308 | 48 | 7 | 4 |

It was not so at first. Of 26 faults nothing that was run had noticed anything. Two more had been noticed only by random inputs to the table and to the match written by hand. Mends followed; with them each of the 28 was noticed:

- **Claims on defaults.** Options could be flipped with nobody noticing, since claims follow the options. `anything` now claims what the defaults promise: nothing begins within 2MSL, and neither guesses nor ICMP errors end a connection (defaults of `reopen_by_timestamp`, `reopen_by_sequence`, `reuse_time_wait`, `rfc5961`, `hard_errors_soft`).
- **Strays.** New ones: a hard error about a later segment, an early retransmission at R1, a RECEIVE with a smaller window, a RST with a FIN, an ACK two numbers behind the window. In `anything/crossed-whoever-opened` no challenge ACK leaves, so that an answer that should be limited shows. What the host hears to be outstanding is compared with what is (two faults).
- **Controls.** What the host keeps and forgets (four faults); hosts that must be silent, numbers that are chosen, children of listeners, text that came early where numbers wrap, text of strays, strays that change nothing but an answer, connections that begin within 2MSL; for the engine, each bit of a state and fingerprints that look alike; for liveness, what happens once the network has healed (two faults).

What the table does not say: faults that were noticed early were not run again after the mends; the default run as a whole was run with few; the seven arguments are the authors' own.

";

/// What the model does not show, whatever its verdicts.
const LEFT_OUT: &str = "\
## What the model leaves out

- **Size.** 16 sequence numbers instead of 2³², windows of up to 4 octets, segments of up to 2, up to 6 segments under way, up to two pieces kept out of order at each end. \
Numbers wrap and overlap within a connection, which is what makes them interesting; that nothing new happens in larger spaces is proven for one end only ([for all numbers](book/src/what-is-proven.md#for-all-numbers-and-any-number-of-steps)).
- **Counters.** Losses, duplications, retransmissions, crashes and forgeries are bounded; each scenario prints its bounds. Loss by ageing is not counted: any segment may die of age.
- **What is a bound and what a reduction** is told apart in [How it works inside](book/src/how-it-works.md). A forger waits until both ends are synchronized; R2 and the user timeout are counted where a scenario has them.
- **Time.** Ticks drive MSL, 2MSL and the quiet time. All other timers may run out whenever they run, in any order; so nothing is shown about their lengths, and nothing depends on them.
- **The wire.** Headers, checksums, options and scaling are not modelled: the machine sees true windows and absolute urgent pointers. Timestamps are modelled where a scenario says so.
- **Fairness.** What must finally happen is decided under weak fairness of delivery and of armed timers, after the network has healed and with users who close and go on receiving.
- **The past.** Claims look at single states. What a claim has to know of the past is kept in the state.
- **Fingerprints.** States are told apart by 64 bits. The chance that two of n had the same, so that one was overlooked, is about n²/2⁶⁵ for each scenario.

## What the model leaves to the stack

The stack decides by itself, and the model takes every choice that the table allows: how text is cut into segments, when an acknowledgment that may wait is sent, when a timer runs out, which part of \
what is unacknowledged is sent again (in the model: the front, whole; in `handshake-close/any-part` any part). Outside the model are buffers and reassembly, round trips and congestion control, ports and demultiplexing, \
checksums and parsing. They are tested (in simulated time, with random faults, against the kernel), not proven.

## Why the verdicts are about the code

The model calls the same generated functions as the stack, with the same guards and effects; only the width of the sequence space differs. There is no second version of a rule. But table and verdicts come from \
one hand: if a row misreads the RFC and a claim does too, the model does not notice. [Others judge the table](book/src/what-is-proven.md#who-judges-the-table).
";

/// The whole page.
pub(crate) fn page(reports: &[Report]) -> String {
    let states: usize = reports.iter().map(|r| r.unique).sum();
    let generated: usize = reports.iter().map(|r| r.total).sum();
    let claims = reports.iter().flat_map(|r| &r.findings);
    let (mut always, mut sometimes, mut runs, mut failing) = (0, 0, 0, 0);
    for finding in claims {
        match (finding.claim.kind, finding.claim.fails_because) {
            (_, Some(_)) => failing += 1,
            (Kind::Always, None) => always += 1,
            (Kind::Sometimes, None) => sometimes += 1,
            (Kind::Possible | Kind::Finally | Kind::NoCycle, None) => runs += 1,
        }
    }
    let chance: f64 = reports.iter().map(Report::collision_chance).sum();
    let mut text = String::from("# The proofs in numbers\n\n");
    let _ = writeln!(
        text,
        "{} scenarios, explored exhaustively within their bounds: {} states ({} generated). {always} claims hold in every one of their worlds, {sometimes} are shown by one, {runs} are about \
         whole runs and decided on the graph with its cycles, and {failing} \
         fail where the cure is off, each with its shortest counterexample. The chance that a collision of fingerprints hid a state in any of them is about {chance:.0e}.\n",
        reports.len(),
        words::grouped(states),
        words::grouped(generated),
    );
    let _ = writeln!(
        text,
        "Of {} rows of the table {} fire in these scenarios. [Verdicts](verdicts.md) lists every claim with bounds and counts, [the ledger](hazards.md) what goes wrong without the cures.\n",
        TABLE.rows().count(),
        TABLE.rows().filter(|info| reports.iter().any(|r| r.fired.contains(&info.row))).count()
    );
    let _ = writeln!(text, "{}", stamp::line());
    text.push_str(&evidence());
    text.push_str(LONG);
    text.push_str(STRANGER);
    text.push_str(LEFT_OUT);
    text
}
