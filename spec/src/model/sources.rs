//! The sources that decide what the model does, for stamps on documents.

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        /// Names below `src/` and contents.
        pub const ALL: &[(&str, &str)] = &[$(($name, include_str!(concat!("../", $name)))),*];
    };
}

sources![
    "table.rs",
    "guards.rs",
    "effects.rs",
    "bodies.rs",
    "call.rs",
    "host.rs",
    "segment.rs",
    "seq.rs",
    "tcb.rs",
    "model/claims/expectations/calls.rs",
    "model/claims/expectations/compared.rs",
    "model/claims/expectations/mod.rs",
    "model/claims/expectations/numbers.rs",
    "model/claims/expectations/segment.rs",
    "model/claims/memory.rs",
    "model/claims/mod.rs",
    "model/judge/forgery.rs",
    "model/mod.rs",
    "model/scenario/bounds.rs",
    "model/scenario/mod.rs",
    "model/scenario/users.rs",
    "model/scenarios/anything.rs",
    "model/scenarios/deep.rs",
    "model/scenarios/hazards/endings.rs",
    "model/scenarios/hazards/forger.rs",
    "model/scenarios/hazards/ledger.rs",
    "model/scenarios/hazards/mod.rs",
    "model/scenarios/hazards/opening.rs",
    "model/scenarios/hazards/reuse.rs",
    "model/scenarios/hazards/windows.rs",
    "model/scenarios/liveness.rs",
    "model/scenarios/mod.rs",
    "model/scenarios/ordinary.rs",
    "model/scenarios/widths.rs",
    "model/system/action.rs",
    "model/system/contract.rs",
    "model/system/coverage.rs",
    "model/system/expected.rs",
    "model/system/mod.rs",
    "model/system/possible.rs",
    "model/system/strays.rs",
    "model/system/tcp.rs",
    "model/system/transition.rs",
    "model/world/end.rs",
    "model/world/host.rs",
    "model/world/marks.rs",
    "model/world/mod.rs",
    "model/world/packed.rs",
    "model/world/width.rs",
];

/// The match of the same rules that was written by hand: the model does not use it.
pub const BY_HAND: &str = include_str!("../by_hand.rs");

/// What makes code of the table, and faults of functions.
pub const GENERATOR: &[&str] = tcpspec_macros::generator!();
