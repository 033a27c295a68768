//! A search for the first thing that a fault breaks: strictly breadth-first, one thread, so that steps are counted exactly and the
//! same run gives the same result each time.

use crate::check::liveness::{self, Worlds};
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hash, Hasher};
use tcpspec::Row;
use tcpspec::model::{Claim, Kind, Scenario, Tcp, World};

/// Worlds of the largest graph on which claims about runs are decided for a mutant.
const GRAPH: usize = 150_000;

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Search {
    /// Unique states.
    pub(super) unique: usize,
    /// Generated states.
    pub(super) generated: usize,
    /// All was explored.
    pub(super) complete: bool,
    /// The claim that came out otherwise than it should, and after how many steps; none for what never happens.
    pub(super) broken: Option<(&'static str, Option<usize>)>,
    /// Rows that fired.
    pub(super) fired: Vec<Row>,
}

/// Fingerprints are hashes already.
#[derive(Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

fn fingerprint(world: &World) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

/// Explores until a claim comes out otherwise than expected, all is explored, or `budget` states are generated; nothing is found once `stop` says so.
pub(super) fn search(model: &Tcp, budget: usize, stop: impl Fn() -> bool) -> Option<Search> {
    let scenario = &model.scenario;
    let initial = model.initial();
    let mut seen: HashSet<u64, BuildHasherDefault<Same>> = HashSet::default();
    seen.insert(fingerprint(&initial));
    let mut queue = VecDeque::from([(initial, 0)]);
    let (mut generated, mut complete) = (1, true);
    let mut open: Vec<&Claim> = scenario.claims.iter().collect();
    let mut actions = Vec::new();
    let mut broken = None;
    'all: while let Some((world, depth)) = queue.pop_front() {
        if let Some(claim) = decide(&mut open, scenario, &world) {
            (broken, complete) = (Some((claim, Some(depth))), false);
            break;
        }
        actions.clear();
        model.possible(&world, &mut actions);
        for action in &actions {
            let Some(after) = model.after(&world, *action) else { continue };
            generated += 1;
            if seen.insert(fingerprint(&after)) {
                queue.push_back((after, depth + 1));
            }
            if generated >= budget {
                complete = false;
                break 'all;
            }
            if generated.is_multiple_of(4096) && stop() {
                return None;
            }
        }
    }
    if complete {
        // What should have been shown, or should have failed, and was not.
        // Claims about runs are decided on the graph.
        let expected = |claim: &&&Claim| {
            !claim.kind.is_about_runs() && (claim.kind == Kind::Sometimes || claim.fails_because.is_some())
        };
        broken = open.iter().find(expected).map(|claim| (claim.name, None));
        if broken.is_none() && liveness::is_asked(scenario) && seen.len() <= GRAPH {
            broken = about_runs(model);
        }
    }
    let fired = Row::ALL.into_iter().filter(|row| model.coverage.has(*row)).collect();
    Some(Search { unique: seen.len(), generated, complete, broken, fired })
}

/// The first claim about runs that comes out otherwise than it should, with the length of the run that shows it.
fn about_runs(model: &Tcp) -> Option<(&'static str, Option<usize>)> {
    let worlds = Worlds::explore(model, 1, &mut |_| true).ok()?;
    model.scenario.claims.iter().filter(|claim| claim.kind.is_about_runs()).find_map(|claim| {
        match (worlds.refute(claim), claim.fails_because) {
            (Some(lasso), None) => Some((claim.name, Some(lasso.steps.len()))),
            (None, Some(_)) => Some((claim.name, None)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    })
}

/// Leaves out the claims that this world decides; answers with one that it breaks.
fn decide(open: &mut Vec<&Claim>, scenario: &Scenario, world: &World) -> Option<&'static str> {
    let mut broken = None;
    open.retain(|claim| {
        let holds = (claim.holds)(scenario, world);
        match (claim.kind, claim.fails_because) {
            (Kind::Always, None) => {
                if !holds {
                    broken = broken.or(Some(claim.name));
                }
                true
            }
            // Expected to fail: it has.
            (Kind::Always, Some(_)) => holds,
            (Kind::Sometimes, _) => !holds,
            (Kind::Possible | Kind::Finally | Kind::NoCycle, _) => true,
        }
    });
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use tcpspec::model::claims::NO_STORM;
    use tcpspec::model::scenarios;
    use tcpspec::mutants::MUTANTS;

    #[test]
    fn what_only_matters_for_runs_is_noticed() {
        // Expectations of single events would notice it sooner.
        let scenario = Scenario { claims: &[NO_STORM], ..*scenarios::find("liveness/window")[0] };
        let model = Tcp::new(&scenario);
        let broken = |model: &Tcp| search(model, usize::MAX, || false).unwrap().broken;
        assert_eq!(broken(&model), None);
        let mutant = MUTANTS.iter().find(|mutant| mutant.to_string() == "edge_ack removed").copied();
        let (claim, steps) = broken(&Tcp { mutant, ..model }).unwrap();
        assert_eq!(claim, NO_STORM.name);
        assert!(steps.is_some());
    }
}
