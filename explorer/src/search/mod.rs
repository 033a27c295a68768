//! Searches, breadth first, within a bound in states and memory: for the shortest run to what is asked, or for what becomes of the claims.
//!
//! A search is advanced in slices, so that the caller can show progress, let others have a turn, and stop. It keeps a fingerprint of 64 bits and the
//! origin of each state, and the packed form of states that wait.

mod query;

use crate::api::{self, ClaimView, Progress, Refusal, Verdict};
use crate::known::Known;
use crate::link::Link;
use crate::run::Run;
use crate::view;
use query::Query;
use rapidhash::fast::RapidHasher;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use tcpspec::model::{Action, Claim, Kind, Packed, Tcp, World};

/// States that a search may keep at most, whatever is asked.
pub const MOST_STATES: u32 = 5_000_000;
/// Bytes that a search may take at most.
pub const MOST_MEMORY: u64 = 1 << 30;

/// A search under way.
#[derive(Debug)]
pub struct Search {
    link: Link,
    model: Tcp,
    goal: Goal,
    limit: u32,
    seen: HashSet<u64, BuildHasherDefault<Through>>,
    origins: Vec<Origin>,
    /// Packed worlds, each behind its length, in the order in which they were met.
    waiting: VecDeque<u8>,
    /// The number of the first one that waits.
    next: u32,
    generated: u64,
    /// The first state of the level that is met now, and how many levels there are.
    level: (u32, u32),
    state: State,
    actions: Vec<Action>,
    /// Where each row fires first, if that is wanted.
    rows: Option<BTreeMap<&'static str, Origin>>,
}

/// What a search is for.
#[derive(Debug)]
enum Goal {
    /// A run to this.
    Find(Box<Query>),
    /// For each claim that worlds decide, the first state that does.
    Claims(Vec<Option<u32>>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Runs,
    Found(u32),
    Complete,
    Limited,
    Full,
}

/// How a state was first reached: from which one, by which of its actions.
#[derive(Clone, Copy, Debug)]
struct Origin {
    from: u32,
    action: u16,
}

/// The first state comes from nowhere.
const NOWHERE: u32 = u32::MAX;

/// Fingerprints are hashes already.
#[derive(Default)]
struct Through(u64);

impl Hasher for Through {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Search {
    /// Begins a search: [`api::Search`] as JSON.
    ///
    /// # Errors
    ///
    /// The request is malformed, its link cannot be played, or its query is not understood.
    pub fn new(request: &str) -> Result<Self, Refusal> {
        let request = serde_json::from_str(request)
            .map_err(|error| Refusal::new(format!("this is no search that the explorer knows: {error}")))?;
        Self::begin(&request)
    }

    /// Begins a search.
    ///
    /// # Errors
    ///
    /// As [`Search::new`].
    pub fn begin(request: &api::Search) -> Result<Self, Refusal> {
        let api::Search { link, find, limit } = request;
        let run = Run::play(Link::parse(link)?)?;
        let scenario = run.model.scenario;
        let goal = match find.as_deref().map(str::trim).filter(|find| !find.is_empty()) {
            Some(find) => {
                let query = Query::parse(find)?;
                query.fits(&scenario)?;
                Goal::Find(Box::new(query))
            }
            None => Goal::Claims(vec![None; scenario.claims.len()]),
        };
        let mut search = Self {
            link: run.link.clone(),
            goal,
            limit: (*limit).clamp(1, MOST_STATES),
            seen: HashSet::default(),
            origins: Vec::new(),
            waiting: VecDeque::new(),
            next: 0,
            generated: 1,
            level: (1, 0),
            state: State::Runs,
            actions: Vec::new(),
            rows: None,
            model: run.model.clone(),
        };
        search.meet(run.world(run.steps.len()), Origin { from: NOWHERE, action: 0 }, false);
        Ok(search)
    }

    /// What is asked of the scenario: whether the search checks its claims.
    pub fn is_check(&self) -> bool {
        matches!(self.goal, Goal::Claims(_))
    }

    /// Takes up so many more states at most.
    pub fn advance(&mut self, states: u32, known: &Known) -> Progress {
        for _ in 0..states {
            if self.state != State::Runs {
                break;
            }
            self.take_up();
        }
        self.progress(known)
    }

    /// The next state and all that can happen in it.
    fn take_up(&mut self) {
        let Some(world) = self.pop() else {
            self.state = State::Complete;
            return;
        };
        let number = self.next;
        self.next += 1;
        if number == self.level.0 {
            self.level = (self.origins.len() as u32, self.level.1 + 1);
        }
        let mut actions = std::mem::take(&mut self.actions);
        actions.clear();
        self.model.possible(&world, &mut actions);
        let asks_steps = matches!(&self.goal, Goal::Find(query) if query.asks_steps());
        for (action, place) in actions.iter().zip(0..) {
            let origin = Origin { from: number, action: place };
            let after = if asks_steps || self.rows.is_some() {
                self.model.observe(&world, *action).map(|(after, step)| {
                    if let Some(rows) = &mut self.rows {
                        step.rows.iter().for_each(|row| {
                            rows.entry(row.name()).or_insert(origin);
                        });
                    }
                    let hit = matches!(&self.goal, Goal::Find(query) if query.holds(&self.model, &after, Some(&step)));
                    (after, hit)
                })
            } else {
                self.model.after(&world, *action).map(|after| (after, false))
            };
            let Some((after, hit)) = after else { continue };
            if after == world && !hit {
                continue;
            }
            self.generated += 1;
            self.meet(&after, origin, hit);
            if self.state != State::Runs {
                break;
            }
        }
        self.actions = actions;
    }

    /// Keeps a state that was not met before. A step that was looked for counts even if the state was.
    fn meet(&mut self, world: &World, origin: Origin, hit: bool) {
        let mut room = [0; World::ROOM];
        let len = world.pack(&mut room);
        let mut hasher = RapidHasher::default();
        hasher.write(&room[..len]);
        let is_new = self.seen.insert(hasher.finish());
        if !is_new && !hit {
            return;
        }
        let number = self.origins.len() as u32;
        if is_new && number >= self.limit {
            self.state = State::Limited;
            return;
        }
        self.origins.push(origin);
        self.waiting.push_back(len as u8);
        self.waiting.extend(&room[..len]);
        match &mut self.goal {
            Goal::Find(query) => {
                // The state at the beginning counts, if it is a state that is looked for.
                if hit || (!query.asks_steps() && query.holds(&self.model, world, None)) {
                    self.state = State::Found(number);
                }
            }
            Goal::Claims(decided) => {
                let scenario = &self.model.scenario;
                for (claim, decided) in scenario.claims.iter().zip(decided) {
                    let decides = match claim.kind {
                        Kind::Always => !(claim.holds)(scenario, world),
                        Kind::Sometimes => (claim.holds)(scenario, world),
                        Kind::Possible | Kind::Finally | Kind::NoCycle => false,
                    };
                    if decides {
                        decided.get_or_insert(number);
                    }
                }
            }
        }
        if self.memory() > MOST_MEMORY && self.state == State::Runs {
            self.state = State::Full;
        }
    }

    fn pop(&mut self) -> Option<World> {
        let len = usize::from(self.waiting.pop_front()?);
        let mut room = [0; World::ROOM];
        for (place, byte) in room.iter_mut().zip(self.waiting.drain(..len)) {
            *place = byte;
        }
        Some(World::unpack(&room[..len]))
    }

    /// Bytes that the search keeps, without what the allocator adds.
    fn memory(&self) -> u64 {
        let seen = self.seen.capacity() * 9;
        let origins = self.origins.capacity() * size_of::<Origin>();
        (seen + origins + self.waiting.capacity()) as u64
    }

    /// The run to a state, as a link; nothing if it cannot be told.
    fn link_to(&self, number: u32) -> Option<Link> {
        self.link_of(*self.origins.get(number as usize)?)
    }

    /// The run to where an action leads.
    fn link_of(&self, mut origin: Origin) -> Option<Link> {
        let mut places = Vec::new();
        while origin.from != NOWHERE {
            places.push(origin.action);
            origin = *self.origins.get(origin.from as usize)?;
        }
        let mut path = self.link.path.clone();
        let run = Run::play(self.link.clone()).ok()?;
        let mut world = *run.world(run.steps.len());
        let mut actions = Vec::new();
        for place in places.into_iter().rev() {
            actions.clear();
            self.model.possible(&world, &mut actions);
            let action = *actions.get(usize::from(place))?;
            // The last step may change nothing.
            (world, _) = self.model.observe(&world, action)?;
            path.push(action);
        }
        Some(self.link.with_path(path))
    }

    /// How far it is.
    pub fn progress(&self, known: &Known) -> Progress {
        let found = match self.state {
            State::Found(number) => self.link_to(number).map(|link| link.to_string()),
            _ => None,
        };
        Progress {
            unique: self.origins.len() as u64,
            generated: self.generated,
            depth: self.level.1,
            limit: self.limit.into(),
            memory: self.memory(),
            memory_limit: MOST_MEMORY,
            done: self.state != State::Runs,
            complete: self.state == State::Complete,
            found,
            claims: self.claims(known),
            words: self.words(),
        }
    }

    fn claims(&self, known: &Known) -> Vec<ClaimView> {
        let Goal::Claims(decided) = &self.goal else { return Vec::new() };
        let claims = self.model.scenario.claims.iter().zip(decided);
        claims
            .map(|(claim, decided)| {
                let verdict = verdict(claim, decided.is_some(), self.state == State::Complete);
                // A path is told once the search is over: while it runs, the verdict is enough.
                let shown_by =
                    decided.filter(|_| self.state != State::Runs).and_then(|number| self.link_to(number));
                ClaimView {
                    verdict,
                    shown_by: shown_by.map(|link| link.to_string()),
                    repeats_from: None,
                    ..view::claim(&self.link, claim, known)
                }
            })
            .collect()
    }

    fn words(&self) -> String {
        let states = grouped(self.origins.len());
        match (self.state, self.is_check()) {
            (State::Runs, _) => format!("{states} states so far."),
            (State::Found(_), _) => format!("Found among {states} states; no run is shorter."),
            (State::Complete, true) => format!("All {states} states within the bounds were explored."),
            (State::Complete, false) => format!("None in all {states} states within the bounds."),
            (State::Limited, true) => format!("Stopped at {states} states; there are more."),
            (State::Limited, false) => format!("None found within {states} states; there are more."),
            (State::Full, true) => format!("Stopped at {states} states: they take 1 GiB; there are more."),
            (State::Full, false) => {
                format!("None found within {states} states, which take 1 GiB; there are more.")
            }
        }
    }
}

/// What the beginning of an exploration shows.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// By claim, the shortest run that breaks an `always` or shows a `sometimes`.
    pub claims: BTreeMap<&'static str, Link>,
    /// By row, the shortest run that fires it.
    pub rows: BTreeMap<&'static str, Link>,
}

/// Explores a scenario's first states, so many at most, and keeps the shortest runs that they show.
///
/// # Errors
///
/// The link cannot be played.
pub fn survey(link: &Link, states: u32) -> Result<Survey, Refusal> {
    let request = api::Search { link: link.to_string(), find: None, limit: states };
    let mut search = Search { rows: Some(BTreeMap::new()), ..Search::begin(&request)? };
    while search.state == State::Runs {
        search.take_up();
    }
    let mut survey = Survey::default();
    if let Goal::Claims(decided) = &search.goal {
        for (claim, decided) in search.model.scenario.claims.iter().zip(decided) {
            survey.claims.extend(decided.and_then(|number| Some((claim.name, search.link_to(number)?))));
        }
    }
    for (row, origin) in search.rows.iter().flatten() {
        survey.rows.extend(search.link_of(*origin).map(|link| (*row, link)));
    }
    Ok(survey)
}

/// What is known of a claim: `decided` says that a world breaks it or shows it, `complete` that all worlds were asked.
pub fn verdict(claim: &Claim, decided: bool, complete: bool) -> Verdict {
    let holds = match claim.kind {
        // Worlds alone do not decide these.
        Kind::Possible | Kind::Finally | Kind::NoCycle => return Verdict::Open,
        _ if !decided && !complete => return Verdict::Open,
        Kind::Always => !decided,
        Kind::Sometimes => decided,
    };
    match (holds, claim.fails_because) {
        (true, None) => Verdict::Holds,
        (false, None) => Verdict::Violated,
        (false, Some(_)) => Verdict::FailsAsExpected,
        (true, Some(_)) => Verdict::UnexpectedlyHolds,
    }
}

/// A number with separators.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(scenario: &str, find: Option<&str>, limit: u32) -> Progress {
        let request =
            api::Search { link: format!("scenario={scenario}"), find: find.map(str::to_owned), limit };
        let mut search = Search::begin(&request).unwrap();
        loop {
            let progress = search.advance(1000, Known::kept());
            if progress.done {
                return progress;
            }
        }
    }

    #[test]
    fn a_search_finds_the_shortest_run() {
        let found = done("simultaneous-open/in-order", Some("A in ESTABLISHED and B in ESTABLISHED"), 10_000);
        assert_eq!(
            found.found.as_deref().map(|link| Link::parse(link).unwrap().path.len()),
            Some(6),
            "two OPENs and four segments: {found:?}"
        );
        let found = done("simultaneous-open/in-order", Some("two SYNs under way"), 10_000);
        assert_eq!(found.found.as_deref(), Some("scenario=simultaneous-open/in-order&path=ao.bo"));
        let found = done("simultaneous-open/in-order", Some("row crossed fires"), 10_000);
        let run = Run::play(Link::parse(&found.found.unwrap()).unwrap()).unwrap();
        assert!(run.steps.last().unwrap().rows.iter().any(|row| row.name() == "crossed"));
    }

    #[test]
    fn a_row_that_changes_nothing_can_be_found() {
        let found = done("handshake-close", Some("row send_after_close fires"), 100_000).found.unwrap();
        let run = Run::play(Link::parse(&found).unwrap()).unwrap();
        let last = run.steps.last().unwrap();
        assert!(last.rows.iter().any(|row| row.name() == "send_after_close"));
        assert_eq!(run.world(run.steps.len()), run.world(run.steps.len() - 1));
    }

    /// A single world does not say whether a claim about runs holds.
    #[test]
    fn a_claim_about_runs_is_not_looked_for_in_worlds() {
        let request = |find: &str| api::Search {
            link: "scenario=liveness/close".into(),
            find: Some(find.into()),
            limit: 1000,
        };
        let refused = Search::begin(&request("claim \"both ends can still reach CLOSED\"")).unwrap_err();
        assert!(refused.error.contains("no claim"), "{refused:?}");
        assert!(Search::begin(&request("claim \"text is delivered once\"")).is_ok());
    }

    #[test]
    fn none_is_told_apart_from_none_so_far() {
        let all = done("simultaneous-open/in-order", Some("A in TIME-WAIT"), 10_000);
        assert!(all.complete && all.found.is_none());
        assert_eq!(all.words, "None in all 27 states within the bounds.");
        let some = done("handshake-close", Some("A in LAST-ACK and B in LAST-ACK"), 1000);
        assert!(!some.complete && some.found.is_none());
        assert_eq!(some.words, "None found within 1,000 states; there are more.");
    }

    #[test]
    fn a_check_decides_the_claims_as_the_checker_does() {
        let all = done("simultaneous-open/letter", None, 10_000);
        assert!(all.complete);
        assert_eq!(all.unique, 31);
        assert_eq!(all.generated, 41);
        let failing: Vec<_> = all.claims.iter().filter(|claim| claim.verdict != Verdict::Holds).collect();
        assert_eq!(failing.len(), 1);
        assert_eq!(failing[0].verdict, Verdict::FailsAsExpected);
        assert!(failing[0].shown_by.is_some());
    }

    #[test]
    fn a_survey_keeps_the_shortest_runs() {
        let link = Link::parse("scenario=simultaneous-open/letter").unwrap();
        let survey = survey(&link, 10_000).unwrap();
        assert_eq!(survey.rows["syn_sent_syn_only"].to_string(), format!("{link}&path=ao.bo.d0"));
        for (row, link) in &survey.rows {
            let run = Run::play(link.clone()).unwrap();
            let fires = |at: usize| run.steps[at].rows.iter().any(|fired| fired.name() == *row);
            assert!(fires(run.steps.len() - 1) && !(0..run.steps.len() - 1).any(fires), "{row}");
        }
        assert!(survey.claims.len() > 1);
    }

    #[test]
    fn a_mutant_is_noticed() {
        let mutant = "simultaneous-open/in-order&mutant=crossed:removed";
        let found = done(mutant, Some("a claim breaks"), 10_000);
        assert!(found.found.is_some(), "{found:?}");
        assert!(done("simultaneous-open/in-order", Some("a claim breaks"), 10_000).found.is_none());
    }
}
