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
    "call.rs",
    "host.rs",
    "segment.rs",
    "seq.rs",
    "tcb.rs",
    "model/actions.rs",
    "model/books.rs",
    "model/contract.rs",
    "model/coverage.rs",
    "model/deep.rs",
    "model/expectations/calls.rs",
    "model/expectations/mod.rs",
    "model/expectations/segment.rs",
    "model/forgery.rs",
    "model/hazards/endings.rs",
    "model/hazards/forger.rs",
    "model/hazards/ledger.rs",
    "model/hazards/mod.rs",
    "model/hazards/opening.rs",
    "model/hazards/reuse.rs",
    "model/hazards/windows.rs",
    "model/host.rs",
    "model/mod.rs",
    "model/packed.rs",
    "model/properties.rs",
    "model/scenario.rs",
    "model/scenarios/anything.rs",
    "model/scenarios/liveness.rs",
    "model/scenarios/mod.rs",
    "model/strays.rs",
    "model/transition.rs",
    "model/world.rs",
];
