//! Scenarios: users, bounds, options, a history, and what is claimed.

use super::claim::{Claim, Happened, History};
use super::error::Error;
use super::histories::Histories;
use super::rules::{Closures, Next};
use super::watched::{MOST_CLAIMS, Rules};
use std::fmt;
use std::sync::Arc;
use tcpspec::TABLE;
use tcpspec::model::world::Marks;
use tcpspec::model::{self, Bounds, Call, User};
use tcpspec::mutants::Mutant;
use tcpspec_explorer::bounds;

/// What is explored: two users, the network between them within bounds, and what is claimed of it.
///
/// It begins with a client at A, a server at B, and a perfect network.
///
/// ```
/// use tcpspec_checker::tcpspec::State;
/// use tcpspec_checker::{Bounds, Claim, Scenario, Suite, User};
///
/// let scenario = Scenario::new("lossy")
///     .users(User { sends: 1, ..User::CLIENT }, User::SERVER)
///     .bounds(Bounds { losses: 1, retransmissions: 1, ..Bounds::PERFECT })
///     .claim(Claim::sometimes("text is delivered", |at| at.world.ends[1].delivered == 1));
/// let mut out = Vec::new();
/// assert_eq!(Suite::new("mine").scenario(scenario).ask(["check"], &mut out), Ok(true));
/// ```
pub struct Scenario<H = ()> {
    name: String,
    summary: Option<String>,
    users: [User; 2],
    bounds: Bounds,
    options: Vec<(String, bool)>,
    without: Option<Mutant>,
    script: Vec<Vec<(usize, Call)>>,
    remember: Marks,
    first: H,
    next: Option<Next<H>>,
    claims: Vec<Claim<H>>,
}

impl Scenario {
    /// A scenario of this name that remembers nothing: `scenario`, or `scenario/variant`.
    pub fn new(name: impl Into<String>) -> Self {
        Self::begun(name.into(), (), None)
    }
}

impl<H: History> Scenario<H> {
    /// A scenario that remembers: a history of one's own, and what each step makes of it. Worlds that differ in the history only are explored each by itself.
    ///
    /// ```
    /// use tcpspec_checker::tcpspec::Flags;
    /// use tcpspec_checker::{Claim, Scenario, Suite};
    ///
    /// // How many RSTs were sent, two at most.
    /// let scenario = Scenario::with_history("resets", 0_u8, |step| {
    ///     let resets = step.step.sent.iter().filter(|packet| packet.seg.flags.has(Flags::RST));
    ///     (step.history + resets.count() as u8).min(2)
    /// })
    /// .claim(Claim::sometimes("a SYN is refused that comes before B listens", |at| *at.history == 1));
    /// assert_eq!(Suite::new("mine").scenario(scenario).ask(["check"], &mut Vec::new()), Ok(true));
    /// ```
    pub fn with_history(
        name: impl Into<String>,
        first: H,
        next: impl Fn(&Happened<'_, H>) -> H + Send + Sync + 'static,
    ) -> Self {
        Self::begun(name.into(), first, Some(Box::new(next)))
    }

    fn begun(name: String, first: H, next: Option<Next<H>>) -> Self {
        Self {
            name,
            summary: None,
            users: [User::CLIENT, User::SERVER],
            bounds: Bounds::PERFECT,
            options: Vec::new(),
            without: None,
            script: Vec::new(),
            remember: Marks::NONE,
            first,
            next,
            claims: Vec::new(),
        }
    }

    /// What it explores, in a sentence.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// What the users at A and B may do.
    #[must_use]
    pub fn users(mut self, a: User, b: User) -> Self {
        self.users = [a, b];
        self
    }

    /// How far the exploration goes. What bounds and users speak of has to happen: a run that comes to its end without it does not hold.
    ///
    /// ```
    /// use tcpspec_checker::{Bounds, Claim, Scenario, Suite};
    ///
    /// // One crash, but neither user's end may crash.
    /// let scenario = Scenario::new("crash")
    ///     .bounds(Bounds { crashes: 1, ..Bounds::PERFECT })
    ///     .claim(Claim::always("nobody vanishes", |at| at.world.ends.iter().all(|end| !end.gone)));
    /// let mut out = Vec::new();
    /// assert_eq!(Suite::new("mine").scenario(scenario).ask(["check"], &mut out), Ok(false));
    /// assert!(String::from_utf8_lossy(&out).contains("ACTIONS MISSING in crash"));
    /// ```
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// An option of the table, on or off.
    #[must_use]
    pub fn option(mut self, name: impl Into<String>, on: bool) -> Self {
        self.options.push((name.into(), on));
        self
    }

    /// The table runs with this fault: a row is left out, or broken otherwise.
    #[must_use]
    pub fn without(mut self, fault: Mutant) -> Self {
        self.without = Some(fault);
        self
    }

    /// The next stage of the run that `trace` shows: these calls are made by the ends 0 and 1; then segments travel until nothing moves.
    #[must_use]
    pub fn stage(mut self, calls: impl IntoIterator<Item = (usize, Call)>) -> Self {
        self.script.push(calls.into_iter().collect());
        self
    }

    /// Marks of the past that worlds keep: what claims read of [`End::past`](tcpspec::model::End::past), [`World::faults`](tcpspec::model::World::faults)
    /// and [`World::breaches`](tcpspec::model::World::breaches), which are empty otherwise.
    ///
    /// ```
    /// use tcpspec_checker::tcpspec::model::world::{Marks, past};
    /// use tcpspec_checker::{Bounds, Claim, Scenario, Suite};
    ///
    /// let scenario = Scenario::new("waits")
    ///     .bounds(Bounds { msl: 1, ..Bounds::PERFECT })
    ///     .remember(Marks { past: past::TIME_WAIT, ..Marks::NONE })
    ///     .claim(Claim::sometimes("A has waited", |at| at.world.ends[0].has_passed(past::TIME_WAIT)));
    /// assert_eq!(Suite::new("mine").scenario(scenario).ask(["check"], &mut Vec::new()), Ok(true));
    /// ```
    #[must_use]
    pub fn remember(mut self, marks: Marks) -> Self {
        self.remember = marks;
        self
    }

    /// One more claim.
    #[must_use]
    pub fn claim(mut self, claim: Claim<H>) -> Self {
        self.claims.push(claim);
        self
    }
}

impl<H> fmt::Debug for Scenario<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

/// A scenario as the commands know it, and its closures.
pub(crate) type Built = (model::Scenario, Arc<dyn Rules>);

/// A scenario whose history has any type.
pub(crate) trait Build {
    /// What can be explored, or what is wrong with it.
    fn build(self: Box<Self>) -> Result<Built, Error>;
}

impl<H: History> Build for Scenario<H> {
    fn build(self: Box<Self>) -> Result<Built, Error> {
        let Self { name, summary, users, bounds, options, without, script, remember, first, next, claims } =
            *self;
        checked(&name, &claims)?;
        let known = |(option, on): (String, bool)| {
            let known = TABLE.options.iter().find(|known| known.name == option);
            let unknown = || Error::UnknownOption { scenario: name.clone(), option };
            known.map(|known| (known.name, on)).ok_or_else(unknown)
        };
        let options: Vec<(&'static str, bool)> = options.into_iter().map(known).collect::<Result<_, _>>()?;
        let script: Vec<&'static [(usize, Call)]> = script.into_iter().map(|stage| &*stage.leak()).collect();
        // The commands know scenarios that live as long as the program; so do these. Only the closures are asked, never what stands for them here.
        let scenario = model::Scenario {
            name: name.clone().leak(),
            summary: summary.unwrap_or_default().leak(),
            options: options.leak(),
            without,
            users,
            bounds,
            claims: claims.iter().map(stand_in).collect::<Vec<_>>().leak(),
            script: script.leak(),
        };
        bounds::fit(&scenario).map_err(|why| Error::Bounds { scenario: name.clone(), why })?;
        let faults = super::caught::Faults::default();
        let histories = Histories::new(first);
        let closures = Closures { scenario: name, claims, remember, histories, next, faults };
        Ok((scenario, Arc::new(closures)))
    }
}

/// The name of a scenario and its claims.
fn checked<H>(name: &str, claims: &[Claim<H>]) -> Result<(), Error> {
    let scenario = || name.to_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/');
    if name.is_empty() || !name.chars().all(is_plain) || name.matches('/').count() > 1 {
        return Err(Error::Name { name: scenario() });
    }
    if claims.is_empty() {
        return Err(Error::NoClaims { scenario: scenario() });
    }
    if claims.len() > MOST_CLAIMS {
        return Err(Error::TooManyClaims { scenario: scenario(), claims: claims.len() });
    }
    for (place, claim) in claims.iter().enumerate() {
        if claims[..place].iter().any(|other| other.name == claim.name) {
            return Err(Error::TwoClaims { scenario: scenario(), claim: claim.name.clone() });
        }
    }
    Ok(())
}

/// What the commands know of a claim: its name and kind.
fn stand_in<H>(claim: &Claim<H>) -> model::Claim {
    let mut known = match &claim.asks {
        super::claim::Asks::BuiltIn(claim) => *claim,
        _ => model::Claim::always(claim.name.clone().leak(), |_, _| true),
    };
    known.kind = claim.kind();
    known.fails_because = claim.fails_because.clone().map(|because| &*because.leak());
    known
}
