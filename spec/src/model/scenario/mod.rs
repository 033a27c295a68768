//! What a scenario fixes: options, bounds, what the users may do, and what is claimed.

mod bounds;
mod users;

pub use bounds::{Bounds, Forger};
pub(crate) use users::FIVE;
pub use users::{Call, Numbers, User};

use super::world::{Marks, World};
use crate::Options;
use crate::mutants::Mutant;

/// A named exploration.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Its name: `scenario`, or `scenario/variant`.
    pub name: &'static str,
    /// What it explores, in a sentence.
    pub summary: &'static str,
    /// Changes to the default options.
    pub options: &'static [(&'static str, bool)],
    /// The table runs with this fault: where the cure of a hazard is a row, this leaves it out.
    pub without: Option<Mutant>,
    /// The users at A and B.
    pub users: [User; 2],
    /// Bounds.
    pub bounds: Bounds,
    /// What is claimed, with what is expected of it.
    pub claims: &'static [Claim],
    /// Calls of the loss-free run that `trace` shows: all calls of a stage are made, then segments travel in lockstep until nothing moves.
    pub script: &'static [&'static [(usize, Call)]],
}

impl Scenario {
    /// The options under which it runs.
    pub fn options(&self) -> Options {
        let mut options = Options::default();
        for (name, on) in self.options {
            options.set(name, *on);
        }
        options
    }

    /// The part of the name before the slash.
    pub fn family(&self) -> &'static str {
        self.name.split('/').next().unwrap_or(self.name)
    }

    /// Whether another scenario differs in name, summary and script only: then the same worlds are explored, and the same is claimed of them.
    pub fn is_same_but_for_its_name(&self, other: &Self) -> bool {
        let Self { name: _, summary: _, options, without, users, bounds, claims, script: _ } = self;
        let said = |claim: &Claim| (claim.name, claim.kind, claim.fails_because);
        (options, without, users, bounds) == (&other.options, &other.without, &other.users, &other.bounds)
            && claims.iter().map(said).eq(other.claims.iter().map(said))
    }

    /// The bounds in one line.
    pub fn bounds_line(&self) -> String {
        let mut line = self.bounds.line();
        for (name, user) in ["A", "B"].iter().zip(&self.users) {
            line.push_str(&format!("; {name}: "));
            line.push_str(&user.line());
        }
        for (option, on) in self.options {
            line.push_str(&format!("; {option} = {}", if *on { "on" } else { "off" }));
        }
        if let Some(fault) = self.without {
            line.push_str(&format!("; row {fault}"));
        }
        line
    }
}

/// What kind of claim it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// In every reachable world.
    Always,
    /// In some reachable world.
    Sometimes,
    /// From every reachable world some way leads to a world where it holds.
    Possible,
    /// Once the network has healed, every fair run comes to a world where it holds, and then it goes on holding.
    Finally,
    /// No run in which segments alone keep segments going ever comes back to where it was.
    NoCycle,
}

impl Kind {
    /// The word before the claim.
    pub fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Sometimes => "sometimes",
            Self::Possible => "possible",
            Self::Finally => "finally",
            Self::NoCycle => "no cycle",
        }
    }

    /// Decided on the graph of all worlds, not on each world alone.
    pub fn is_about_runs(self) -> bool {
        matches!(self, Self::Possible | Self::Finally | Self::NoCycle)
    }
}

/// A claim and what is expected of it.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// A sentence.
    pub name: &'static str,
    /// What kind of claim.
    pub kind: Kind,
    /// What must hold: always, sometimes, or in the end; of no matter for `NoCycle`.
    pub holds: fn(&Scenario, &World) -> bool,
    /// Why it is expected to fail here: the variant exists to show it.
    pub fails_because: Option<&'static str>,
    /// What it reads of the past.
    pub(crate) asks: Marks,
}

impl Claim {
    /// In every reachable world.
    pub const fn always(name: &'static str, holds: fn(&Scenario, &World) -> bool) -> Self {
        Self { name, kind: Kind::Always, holds, fails_because: None, asks: Marks::NONE }
    }

    /// In some reachable world.
    pub const fn sometimes(name: &'static str, holds: fn(&Scenario, &World) -> bool) -> Self {
        Self { name, kind: Kind::Sometimes, holds, fails_because: None, asks: Marks::NONE }
    }

    /// Decided on the graph of all worlds.
    pub(crate) const fn of_runs(
        name: &'static str,
        kind: Kind,
        holds: fn(&Scenario, &World) -> bool,
    ) -> Self {
        Self { name, kind, holds, fails_because: None, asks: Marks::NONE }
    }

    /// None of these faults (bits of [`fault`](super::world::fault)) in any reachable world.
    pub(crate) const fn never<const FAULTS: u32>(name: &'static str) -> Self {
        Self::always(name, |_, w| w.faults & FAULTS == 0).asks(Marks::faults(FAULTS))
    }

    /// None of these breaches (bits of [`breach`](super::world::breach)) in any reachable world.
    pub(crate) const fn unbroken<const BREACHES: u8>(name: &'static str) -> Self {
        Self::always(name, |_, w| w.breaches & BREACHES == 0).asks(Marks::breaches(BREACHES))
    }

    /// The claim reads this of the past.
    pub(crate) const fn asks(mut self, marks: Marks) -> Self {
        self.asks = self.asks.with(marks);
        self
    }

    /// The claim reads this of what ends have gone through (bits of [`past`](super::world::past)).
    pub(crate) const fn asks_past(self, past: u16) -> Self {
        self.asks(Marks::past(past))
    }

    /// The claim is expected to fail in this variant.
    #[must_use]
    pub const fn fails(mut self, because: &'static str) -> Self {
        self.fails_because = Some(because);
        self
    }
}
