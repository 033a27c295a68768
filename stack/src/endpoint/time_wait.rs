//! The record of a connection that only waits for 2MSL to be over. When something comes, the record becomes that connection again, and the same rows
//! decide. The record only saves room in between.

use crate::base::{Pair, Time};
use crate::tcp::connection::Connection;
use crate::tcp::host::TimeWaitHost;
use crate::tcp::memo::{Memo, Near, Reading, Writing};
use crate::tcp::shared::Shared;
use tcpspec::{Facts, Full, Seq, State, Tcb};

/// Octets of a record that lie in its place: of most records all, of the others the pair of sockets at least.
const SHORT: usize = 62;
const FRONT: usize = 46;

/// A connection without text, estimates and settings, written down in few octets: its pair of sockets first.
pub(crate) enum TimeWaitRecord {
    Short([u8; SHORT]),
    Long([u8; FRONT], Box<[u8]>),
}

/// What is written behind the pair of sockets.
#[derive(Default)]
struct Content {
    tcb: Tcb<Full>,
    host: TimeWaitHost,
    /// It was opened actively, from an ephemeral port.
    outgoing: bool,
}

impl TimeWaitRecord {
    pub(crate) fn of(connection: &Connection, outgoing: bool, shared: &mut Shared) -> Self {
        let mut octets = std::mem::take(&mut shared.scratch);
        octets.clear();
        connection.pair.write(&mut octets);
        let mut state = connection.state;
        let mut content = Content { tcb: connection.tcb, host: connection.host.time_wait(), outgoing };
        let mut memo = Writing { octets, near: Near::default() };
        content.keep(&mut state, shared, &mut memo);
        let record = Self::written(&memo.octets);
        shared.scratch = memo.octets;
        record
    }

    fn written(octets: &[u8]) -> Self {
        let mut short = [0; SHORT];
        if let Some(place) = short.get_mut(..octets.len()) {
            place.copy_from_slice(octets);
            return Self::Short(short);
        }
        let (front, rest) = octets.split_first_chunk().unwrap_or((&[0; FRONT], &[]));
        Self::Long(*front, rest.into())
    }

    /// Octets of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        let beside = match self {
            Self::Short(_) => 0,
            Self::Long(_, rest) => rest.len(),
        };
        size_of::<(usize, Self)>() + beside
    }

    /// The pair of sockets.
    pub(crate) fn pair(&self) -> Pair {
        match self {
            Self::Short(octets) => Pair::read(octets).0,
            Self::Long(front, _) => Pair::read(front).0,
        }
    }

    fn content(&self, shared: &Shared) -> (Pair, State, Content) {
        let long;
        let octets = match self {
            Self::Short(octets) => octets.as_slice(),
            Self::Long(front, rest) => {
                long = [front.as_slice(), rest].concat();
                &long
            }
        };
        let (pair, octets) = Pair::read(octets);
        let (mut state, mut content) = (State::INITIAL, Content::default());
        content.keep(&mut state, shared, &mut Reading { octets, near: Near::default() });
        (pair, state, content)
    }

    /// SND.NXT.
    pub(crate) fn snd_nxt(&self, shared: &Shared) -> Seq<Full> {
        self.content(shared).2.tcb.snd_nxt
    }

    /// The connection as it was, but for what it does not need any more; and whether it was opened actively, from an ephemeral port.
    pub(crate) fn connection(&self, shared: &Shared) -> (Connection, bool) {
        let (pair, state, Content { tcb, host, outgoing }) = self.content(shared);
        let mut connection = Connection::new(pair, shared);
        (connection.state, connection.tcb) = (state, tcb);
        connection.host.restore(&host);
        (connection, outgoing)
    }
}

impl Content {
    /// Both ways. What is as it mostly is takes one bit for all of it.
    fn keep(&mut self, state: &mut State, shared: &Shared, memo: &mut impl Memo) {
        let Self { tcb, host, outgoing } = self;
        let Tcb {
            iss,
            snd_una,
            snd_nxt,
            snd_end,
            snd_wnd,
            max_snd_wnd,
            snd_wl1,
            snd_wl2,
            snd_up,
            irs,
            rcv_nxt,
            rcv_wnd,
            rcv_up,
            ts_recent,
            facts,
        } = tcb;
        let mut next = [snd_nxt.get(), rcv_nxt.get()];
        let [ours, theirs] = &mut next;
        memo.pair([ours, theirs]);
        [*snd_nxt, *rcv_nxt] = next.map(Seq::new);
        *memo.near_mut() = Near { at: Time::ZERO, ours: *snd_nxt, theirs: *rcv_nxt };
        // Our FIN is acknowledged and has the last number of ours, and the peer's FIN has brought the window.
        let usual = (*snd_nxt, snd_nxt.minus(1), *snd_nxt, rcv_nxt.minus(1), *snd_wnd);
        let is_usual = (*snd_una, *snd_end, *snd_wl2, *snd_wl1, *max_snd_wnd) == usual;
        let was_urgent = (*snd_up, *rcv_up) != Default::default();
        let flags = [*outgoing, is_usual, was_urgent, ts_recent.is_some()];
        let flags = flags.into_iter().fold(0, |bits, flag| bits << 1 | u64::from(flag));
        let mut bits = u64::from(host.bits(&shared.config)) << 32
            | flags << 24
            | u64::from(*state as u8) << 16
            | u64::from(facts.bits());
        memo.wide(&mut bits);
        let [has_stamp, was_urgent, is_usual, is_outgoing] = [24, 25, 26, 27].map(|bit| bits >> bit & 1 == 1);
        (*outgoing, *facts) = (is_outgoing, Facts::from_bits(bits as u16));
        // What was written is a state.
        *state = ((bits >> 16) as u8).try_into().unwrap_or(*state);
        memo.ours(iss);
        memo.theirs(irs);
        memo.pair([snd_wnd, rcv_wnd]);
        if is_usual {
            (*snd_una, *snd_end, *snd_wl2) = (*snd_nxt, snd_nxt.minus(1), *snd_nxt);
            (*snd_wl1, *max_snd_wnd) = (rcv_nxt.minus(1), *snd_wnd);
        } else {
            [snd_una, snd_end, snd_wl2].into_iter().for_each(|number| memo.ours(number));
            memo.theirs(snd_wl1);
            memo.num(max_snd_wnd);
        }
        if was_urgent {
            memo.ours(snd_up);
            memo.theirs(rcv_up);
        }
        if has_stamp {
            memo.word(ts_recent.get_or_insert_default());
        }
        host.keep(memo, (bits >> 32) as u32, &shared.config);
    }
}
