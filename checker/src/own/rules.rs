//! The closures of a scenario, asked by the claim's place.

use super::caught::{Fault, Faults};
use super::claim::{Asks, At, Claim, Happened, History};
use super::histories::Histories;
use super::watched::{Memory, Rules, Watched};
use std::fmt;
use tcpspec::model::world::Marks;
use tcpspec::model::{Kind, Scenario, Step, World};

/// The history after a step.
pub(super) type Next<H> = Box<dyn Fn(&Happened<'_, H>) -> H + Send + Sync>;

/// All that is claimed and remembered.
pub(super) struct Closures<H> {
    pub(super) scenario: String,
    pub(super) claims: Vec<Claim<H>>,
    pub(super) remember: Marks,
    pub(super) histories: Histories<H>,
    /// None where nothing is remembered.
    pub(super) next: Option<Next<H>>,
    pub(super) faults: Faults,
}

impl<H: History> Closures<H> {
    fn ask(&self, claim: &Claim<H>, otherwise: bool, closure: impl FnOnce() -> bool) -> bool {
        self.faults.ask(&self.scenario, Some(&claim.name), otherwise, closure)
    }

    /// The bit of a claim that one thing leads to another one, if it waits for the other one.
    fn waits(&self, waited: u64, bit: u64, claim: &Claim<H>, at: &At<'_, H>) -> u64 {
        let Asks::LeadsTo(first, second) = &claim.asks else { return 0 };
        let begins = waited & bit != 0 || self.ask(claim, false, || first(at));
        if begins && !self.ask(claim, true, || second(at)) { bit } else { 0 }
    }
}

impl<H: History> Rules for Closures<H> {
    fn place(&self, claim: &str) -> Option<usize> {
        self.claims.iter().position(|other| other.name == claim)
    }

    fn marks(&self, asked: Marks) -> Marks {
        let Marks { faults, breaches, past } = self.remember;
        Marks { faults: asked.faults | faults, breaches: asked.breaches | breaches, past: asked.past | past }
    }

    fn look_at_steps(&self) -> bool {
        let looks = |claim: &Claim<H>| matches!(claim.asks, Asks::Step(..) | Asks::LeadsTo(..));
        self.next.is_some() || self.claims.iter().any(looks)
    }

    fn begin(&self, world: &World) -> Memory {
        let history = self.histories.get(0);
        let at = At { world, history: &history };
        let bits = (0..).zip(&self.claims).map(|(place, claim)| self.waits(0, 1 << place, claim, &at));
        Memory { history: 0, bits: bits.fold(0, |all, bit| all | bit) }
    }

    fn go(&self, before: &Watched, step: &Step, after: &World) -> (Memory, u64) {
        let Watched { world, memory } = before;
        let history = self.histories.get(memory.history);
        let happened = Happened { before: world, step, after, history: &history };
        let (mut number, mut later) = (memory.history, None);
        if let Some(next) = &self.next {
            let value = self.faults.ask(&self.scenario, None, history.clone(), || next(&happened));
            if value != history {
                number = self.histories.number(&value);
                later = Some(value);
            }
        }
        let at = At { world: after, history: later.as_ref().unwrap_or(&history) };
        let (mut bits, mut decided) = (0, 0);
        for (place, claim) in (0..).zip(&self.claims) {
            let bit = 1 << place;
            if let Asks::Step(kind, closure) = &claim.asks {
                let decisive = *kind == Kind::Sometimes;
                let answer = self.ask(claim, !decisive, || closure(&happened));
                decided |= if answer == decisive { bit } else { 0 };
            } else {
                bits |= self.waits(memory.bits, bit, claim, &at);
            }
        }
        (Memory { history: number, bits }, decided)
    }

    fn holds(&self, claim: usize, scenario: &Scenario, state: &Watched, decided: u64) -> bool {
        let Some(claim_here) = self.claims.get(claim) else { return true };
        let is_set = |bits: u64| bits >> claim & 1 != 0;
        match &claim_here.asks {
            Asks::State(kind, closure) => {
                let history = self.histories.get(state.memory.history);
                let at = At { world: &state.world, history: &history };
                self.ask(claim_here, *kind == Kind::Always, || closure(&at))
            }
            Asks::Step(kind, _) => is_set(decided) == (*kind == Kind::Sometimes),
            Asks::LeadsTo(..) => !is_set(state.memory.bits),
            Asks::NoCycle => true,
            Asks::BuiltIn(claim) => (claim.holds)(scenario, &state.world),
        }
    }

    fn is_answered_once(&self, claim: usize) -> bool {
        self.claims.get(claim).is_some_and(|claim| matches!(claim.asks, Asks::LeadsTo(..)))
    }

    fn fault(&self) -> Option<Fault> {
        self.faults.first()
    }
}

impl<H> fmt::Debug for Closures<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closures").field("scenario", &self.scenario).finish_non_exhaustive()
    }
}
