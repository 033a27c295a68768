//! What a worker tells all others after a level, so that each comes to the same decision without asking.

/// Why an exploration ended before its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Stop {
    /// The limit of states was reached.
    States,
    /// The memory limit was reached.
    Memory,
    /// The user pressed Ctrl-C.
    Interrupt,
}

impl Stop {
    /// Its number between workers; 0 stands for none.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::States => 1,
            Self::Memory => 2,
            Self::Interrupt => 3,
        }
    }

    /// The reason of this number.
    pub(super) fn numbered(number: u8) -> Option<Self> {
        [Self::States, Self::Memory, Self::Interrupt].into_iter().find(|stop| stop.number() == number)
    }
}

/// A worker's part in a level, and its totals so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// The worker had to stop within this level.
    pub(super) stop: Option<Stop>,
    /// States of this level whose successors were made.
    pub(super) expanded: u64,
    /// States seen so far.
    pub(super) unique: u64,
    /// States made so far, those seen before included.
    pub(super) generated: u64,
    /// The first level at which each property was decided.
    pub(super) decided: Vec<Option<u64>>,
    /// The caller's marks so far.
    pub(super) marks: Vec<u64>,
    /// What must be equal at the end, if nothing was lost.
    pub(super) accounts: Accounts,
}

/// Each state is counted where it is handed on and where it is taken. What two sides have counted differently was lost on the way, or came from nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Accounts {
    /// States that were written into batches for the levels so far.
    pub(super) sent: u64,
    /// States that were read from batches for the levels so far.
    pub(super) came: u64,
    /// States that were made and had been met shortly before.
    pub(super) met: u64,
    /// States that the model has as initial ones.
    pub(super) initial: u64,
    /// States whose successors were made, on all levels.
    pub(super) expanded: u64,
    /// Workers that have said so.
    pub(super) workers: u64,
    /// Successors that the model has where it was asked a second time, and those that were made there.
    pub(super) asked_again: u64,
    /// See `asked_again`.
    pub(super) made_there: u64,
}

impl Accounts {
    fn words(self) -> [u64; 8] {
        let Self { sent, came, met, initial, expanded, workers, asked_again, made_there } = self;
        [sent, came, met, initial, expanded, workers, asked_again, made_there]
    }

    fn of([sent, came, met, initial, expanded, workers, asked_again, made_there]: [u64; 8]) -> Self {
        Self { sent, came, met, initial, expanded, workers, asked_again, made_there }
    }
}

const NEVER: u64 = u64::MAX;

impl Summary {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { stop, expanded, unique, generated, decided, marks, accounts } = self;
        let stop = match stop {
            None => 0,
            Some(stop) => u64::from(stop.number()),
        };
        let decided_at = decided.iter().map(|level| level.unwrap_or(NEVER));
        [stop, *expanded, *unique, *generated, decided.len() as u64]
            .into_iter()
            .chain(accounts.words())
            .chain(decided_at)
            .chain(marks.iter().copied())
            .flat_map(u64::to_le_bytes)
            .collect()
    }

    pub(super) fn decode(bytes: &[u8]) -> Self {
        let mut words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next().unwrap_or_default();
        let stop = Stop::numbered(next() as u8);
        let (expanded, unique, generated, properties) = (next(), next(), next(), next());
        let accounts = Accounts::of(std::array::from_fn(|_| next()));
        let decided = (0..properties).map(|_| Some(next()).filter(|level| *level != NEVER)).collect();
        Self { stop, expanded, unique, generated, decided, marks: words.collect(), accounts }
    }

    /// The properties that this worker has seen decided, a bit for each of the first 64.
    pub(super) fn decided_bits(&self) -> u64 {
        let places = self.decided.iter().take(64).zip(0..);
        places.filter(|(level, _)| level.is_some()).fold(0, |bits, (_, place)| bits | 1 << place)
    }

    /// What is wrong with the accounts of all workers together; `complete`: all levels were worked through, the last one was empty.
    pub(super) fn loss(&self, workers: u64, complete: bool) -> Option<String> {
        let Accounts { sent, came, met, initial, expanded, workers: heard, asked_again, made_there } =
            self.accounts;
        let lost = |what: &str, there: u64, here: u64| {
            let why = "the engine is at fault, and what it has found is worth nothing";
            (there != here).then(|| format!("{what}: {there} and {here} are not the same; {why}"))
        };
        lost("workers, and those that were heard", workers, heard)
            .or_else(|| {
                lost("successors that the model has, and those that were made", asked_again, made_there)
            })
            .or_else(|| lost("states made, and those handed on", self.generated, initial + met + sent))
            .or_else(|| complete.then(|| lost("states handed on, and those that came", sent, came)).flatten())
            .or_else(|| {
                complete.then(|| lost("states kept, and those gone on from", self.unique, expanded)).flatten()
            })
    }

    /// What several workers did together.
    pub(super) fn add(&mut self, other: &Self) {
        let Self { stop, expanded, unique, generated, decided, marks, accounts } = other;
        self.stop = self.stop.max(*stop);
        self.expanded += expanded;
        self.unique += unique;
        self.generated += generated;
        self.decided.resize(decided.len(), None);
        for (ours, theirs) in self.decided.iter_mut().zip(decided) {
            *ours = [*ours, *theirs].into_iter().flatten().min();
        }
        let (ours, theirs) = (self.accounts.words(), accounts.words());
        self.accounts = Accounts::of(std::array::from_fn(|i| ours[i] + theirs[i]));
        self.marks.resize(marks.len(), 0);
        for (ours, theirs) in self.marks.iter_mut().zip(marks) {
            *ours |= theirs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_survives_the_wire_and_adds_up() {
        let one = Summary {
            stop: Some(Stop::Memory),
            expanded: 1,
            unique: 2,
            generated: 3,
            decided: vec![None, Some(7), Some(3)],
            marks: vec![1, 2],
            accounts: Accounts::of([1, 2, 3, 4, 5, 6, 7, 8]),
        };
        assert_eq!(Summary::decode(&one.encode()), one);
        let mut sum = Summary::default();
        sum.add(&one);
        sum.add(&Summary { decided: vec![None, Some(5), None], marks: vec![4, 0], ..Summary::default() });
        sum.accounts.came += 1;
        assert_eq!(sum.accounts, Accounts { came: 3, ..one.accounts });
        sum.accounts = one.accounts;
        assert_eq!(sum, Summary { decided: vec![None, Some(5), Some(3)], marks: vec![5, 2], ..one });
    }
}
