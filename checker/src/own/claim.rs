//! Claims: on worlds, on steps, on runs.

use std::fmt;
use std::hash::Hash;
use tcpspec::Row;
use tcpspec::model::{self, Action, Kind, Step, World};

/// What a claim may remember beside each world: a value of one's own that can be copied, compared and hashed. It has to have an end, as a world does: a
/// counter that never stops makes the exploration endless.
pub trait History: Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static {}

impl<T: Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static> History for T {}

/// Where a run is: a world, and the history beside it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct At<'a, H = ()> {
    /// The world: both ends, and what is under way. Its marks of the past are only those that [`Scenario::remember`](crate::Scenario::remember) asks for.
    pub world: &'a World,
    /// The history of the run that has led here.
    pub history: &'a H,
}

/// A step: what happened, and the worlds around it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Happened<'a, H = ()> {
    /// The world before it.
    pub before: &'a World,
    /// What happened: the action, the segment that arrived, the rows that fired, the segments that were sent.
    pub step: &'a Step,
    /// The world after it. It may be the same: rows fire then, too.
    pub after: &'a World,
    /// The history before it.
    pub history: &'a H,
}

impl<H> Happened<'_, H> {
    /// The action.
    pub fn action(&self) -> Action {
        self.step.action
    }

    /// The rows that fired, in order.
    pub fn rows(&self) -> &[Row] {
        &self.step.rows
    }

    /// Whether this row fired.
    ///
    /// ```
    /// use tcpspec_checker::Claim;
    /// use tcpspec_checker::tcpspec::Row;
    ///
    /// let claim: Claim = Claim::some_step("a segment comes for nobody", |step| step.fired(Row::ClosedAck));
    /// # let _ = claim;
    /// ```
    pub fn fired(&self, row: Row) -> bool {
        self.step.rows.contains(&row)
    }
}

type OfState<H> = Box<dyn Fn(&At<'_, H>) -> bool + Send + Sync>;
type OfStep<H> = Box<dyn Fn(&Happened<'_, H>) -> bool + Send + Sync>;

/// What is asked.
pub(super) enum Asks<H> {
    /// Each world, or the graph of all of them.
    State(Kind, OfState<H>),
    /// Each step: whether it is right (`Always`), or is what is wanted (`Sometimes`).
    Step(Kind, OfStep<H>),
    /// Where the first holds, the second does in the end.
    LeadsTo(OfState<H>, OfState<H>),
    /// Segments alone never keep segments going.
    NoCycle,
    /// A claim of tcpspec's own.
    BuiltIn(model::Claim),
}

/// Something that is claimed of a scenario: a sentence, and a closure that says whether it is so.
///
/// `H` is the type of the scenario's history; without one it is `()`.
///
/// ```
/// use tcpspec_checker::Claim;
/// use tcpspec_checker::tcpspec::State;
///
/// let claim: Claim = Claim::always("B never opens", |at| at.world.ends[1].state != State::SynSent);
/// assert_eq!(claim.name(), "B never opens");
/// ```
pub struct Claim<H = ()> {
    pub(super) name: String,
    pub(super) asks: Asks<H>,
    pub(super) fails_because: Option<String>,
}

impl<H> Claim<H> {
    fn new(name: impl Into<String>, asks: Asks<H>) -> Self {
        Self { name: name.into(), asks, fails_because: None }
    }

    /// It holds in every world that can be reached. If not, the shortest run to one where it does not is shown.
    pub fn always(
        name: impl Into<String>,
        holds: impl Fn(&At<'_, H>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Asks::State(Kind::Always, Box::new(holds)))
    }

    /// It holds in some world that can be reached: so that an `always` beside it does not hold only because nothing happens.
    pub fn sometimes(
        name: impl Into<String>,
        holds: impl Fn(&At<'_, H>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Asks::State(Kind::Sometimes, Box::new(holds)))
    }

    /// Every step is right.
    ///
    /// ```
    /// use tcpspec_checker::Claim;
    /// use tcpspec_checker::tcpspec::Flags;
    ///
    /// let claim: Claim = Claim::every_step("no step sends two RSTs", |step| {
    ///     step.step.sent.iter().filter(|packet| packet.seg.flags.has(Flags::RST)).count() < 2
    /// });
    /// # let _ = claim;
    /// ```
    pub fn every_step(
        name: impl Into<String>,
        right: impl Fn(&Happened<'_, H>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Asks::Step(Kind::Always, Box::new(right)))
    }

    /// Some step is like this.
    pub fn some_step(
        name: impl Into<String>,
        wanted: impl Fn(&Happened<'_, H>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Asks::Step(Kind::Sometimes, Box::new(wanted)))
    }

    /// From every world that can be reached some way leads to a world where it holds.
    pub fn possible(
        name: impl Into<String>,
        goal: impl Fn(&At<'_, H>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Asks::State(Kind::Possible, Box::new(goal)))
    }

    /// Once the network has healed, every fair run comes to worlds where it holds, and goes on holding for good.
    ///
    /// Healed: nothing is lost or doubled any more, and the users begin nothing new. Fair: what can happen all the time happens again and again.
    pub fn finally(
        name: impl Into<String>,
        goal: impl Fn(&At<'_, H>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Asks::State(Kind::Finally, Box::new(goal)))
    }

    /// Whenever the first holds, a world where the second does comes at once or later, on every fair run whose network heals at some time.
    pub fn leads_to(
        name: impl Into<String>,
        first: impl Fn(&At<'_, H>) -> bool + Send + Sync + 'static,
        second: impl Fn(&At<'_, H>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, Asks::LeadsTo(Box::new(first), Box::new(second)))
    }

    /// Segments that arrive, and what is sent because of them, never lead back to the same world.
    pub fn no_cycle(name: impl Into<String>) -> Self {
        Self::new(name, Asks::NoCycle)
    }

    /// One of tcpspec's own claims, as they stand in [`tcpspec::model::claims`].
    ///
    /// ```
    /// use tcpspec_checker::Claim;
    /// use tcpspec_checker::tcpspec::model::claims::TEXT_IN_ORDER;
    ///
    /// let claim: Claim = Claim::built_in(TEXT_IN_ORDER);
    /// assert_eq!(claim.name(), "text is delivered once and in order");
    /// ```
    pub fn built_in(claim: model::Claim) -> Self {
        let fails_because = claim.fails_because.map(str::to_owned);
        Self { name: claim.name.to_owned(), asks: Asks::BuiltIn(claim), fails_because }
    }

    /// It is expected to fail here, for this reason: the scenario is there to show it. If it holds, that is an error.
    #[must_use]
    pub fn fails(mut self, because: impl Into<String>) -> Self {
        self.fails_because = Some(because.into());
        self
    }

    /// The sentence.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is decided and shown.
    pub(super) fn kind(&self) -> Kind {
        match &self.asks {
            Asks::State(kind, _) | Asks::Step(kind, _) => *kind,
            Asks::LeadsTo(..) => Kind::Finally,
            Asks::NoCycle => Kind::NoCycle,
            Asks::BuiltIn(claim) => claim.kind,
        }
    }
}

impl<H> fmt::Debug for Claim<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, asks: _, fails_because } = self;
        f.debug_struct("Claim")
            .field("kind", &self.kind())
            .field("name", name)
            .field("fails_because", fails_because)
            .finish_non_exhaustive()
    }
}
