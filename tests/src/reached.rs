//! A connection in a state of one's choice, with a peer played by hand, and everything that can be seen of it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    missing_docs,
    reason = "only tests use it, and they report by panicking"
)]

use crate::peer::{ACK, FIN, Peer, SYN};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::record::Side;
use tcpspec::{Flags, Full, Options, State, Tcb, Timer};
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{ConnectionId, Status, Traffic};

const SECOND: Duration = Duration::from_secs(1);

/// A connection of a peer whose segments carry timestamps from 100 on.
pub struct Reached {
    pub peer: Peer,
    pub id: ConnectionId,
    /// TSval of the peer's next segments.
    pub ts: u32,
    /// What the connection was after its last event.
    after: Arc<Mutex<Option<Side<Full>>>>,
}

impl Reached {
    pub fn new(required: bool, stamps: bool) -> Self {
        Self::with(stamps, |options| options.timestamps_required = required)
    }

    pub fn with(stamps: bool, set: impl FnOnce(&mut Options)) -> Self {
        let mut peer = Peer::new(false, |config| {
            set(&mut config.options);
            config.keep_alive = Some(600 * SECOND);
            config.user_timeout = Some(3600 * SECOND);
        });
        let after = Arc::new(Mutex::new(None));
        let told = Arc::clone(&after);
        peer.end.record(move |recorded| *told.lock().unwrap() = Some(recorded.after.clone()));
        let listener = peer.end.listen(80, 4).unwrap();
        let id = peer.connect(listener, |header| {
            header.options.timestamps = stamps.then_some(Timestamps { val: 100, ecr: 0 });
            header.options.mss = header.flags.has(SYN).then_some(1460);
        });
        Self { peer, id, ts: 100, after }
    }

    pub fn header(&self, flags: Flags) -> tcp::Header {
        let mut header = self.peer.header(flags);
        header.options.timestamps = Some(Timestamps { val: self.ts, ecr: 0 });
        header
    }

    /// What comes next, with this much text.
    pub fn next(&mut self, flags: Flags, text: &[u8]) {
        let header = self.header(flags);
        self.peer.send(&header, text);
        self.peer.seq += text.len() as u32 + u32::from(flags.has(FIN));
        self.peer.wait(SECOND);
        self.peer.all();
    }

    /// The acknowledgment of all that has been sent.
    pub fn acknowledge_all(&mut self) {
        self.peer.ack = self.peer.end.tcb(self.id).unwrap().snd_nxt.get();
        self.next(ACK, b"");
    }

    pub fn state(&self) -> State {
        self.peer.end.status(self.id).unwrap().state
    }

    /// What the connection was after its last event.
    ///
    /// # Panics
    ///
    /// If there was none.
    pub fn after(&self) -> Side<Full> {
        self.after.lock().unwrap().clone().expect("an event")
    }

    /// Everything that can be seen of the connection.
    pub fn seen(&self) -> Seen {
        let mut status = self.peer.end.status(self.id).unwrap();
        status.traffic = Traffic::default();
        let mut side = self.after();
        side.at = Duration::ZERO;
        // An acknowledgment that leaves takes along the one that was held back.
        side.deadlines[Timer::DelayedAck as usize] = None;
        side.owed = None;
        Seen { status, tcb: *self.peer.end.tcb(self.id).unwrap(), side }
    }
}

/// Everything that can be seen of a connection, but for the acknowledgment that it holds back and the time.
#[derive(Clone, PartialEq, Debug)]
pub struct Seen {
    pub status: Status,
    pub tcb: Tcb<Full>,
    pub side: Side<Full>,
}

/// The states in which a connection may be met, and how each is reached.
pub const STATES: [State; 9] = [
    State::SynSent,
    State::SynReceived,
    State::Established,
    State::FinWait1,
    State::FinWait2,
    State::CloseWait,
    State::Closing,
    State::LastAck,
    State::TimeWait,
];

pub fn reach(to: State) -> Reached {
    if matches!(to, State::SynSent | State::SynReceived) {
        return opening(to);
    }
    let mut end = Reached::new(false, true);
    // A round trip is measured, some text is under way, and some waits to be read.
    end.peer.end.send(end.peer.now, end.id, b"first").unwrap();
    end.acknowledge_all();
    end.next(ACK, b"unread");
    end.peer.end.send(end.peer.now, end.id, b"under way").unwrap();
    end.peer.all();
    let close = |end: &mut Reached| {
        end.peer.end.close(end.peer.now, end.id).unwrap();
        end.peer.all();
    };
    match to {
        State::FinWait1 => close(&mut end),
        State::FinWait2 => {
            close(&mut end);
            end.acknowledge_all();
        }
        State::CloseWait => end.next(FIN.with(ACK), b""),
        State::Closing => {
            close(&mut end);
            end.next(FIN.with(ACK), b"");
        }
        State::LastAck => {
            end.next(FIN.with(ACK), b"");
            close(&mut end);
        }
        State::TimeWait => {
            close(&mut end);
            end.acknowledge_all();
            end.next(FIN.with(ACK), b"");
        }
        _ => {}
    }
    // Time passes, so that a timer that starts anew shows.
    end.peer.wait(Duration::from_millis(1));
    assert_eq!(end.state(), to);
    end
}

/// An active OPEN, and perhaps the peer's SYN that crosses ours.
fn opening(to: State) -> Reached {
    let mut end = Reached::new(false, true);
    end.peer.us.set_port(5001);
    (end.peer.them, end.peer.seq) = ((end.peer.them.ip(), 7000).into(), 1000);
    end.id = end.peer.end.connect(end.peer.now, Some(7000), end.peer.us).unwrap();
    if to == State::SynReceived {
        let syn = end.header(SYN);
        end.peer.send(&syn, b"");
        end.peer.seq += 1;
    }
    end.peer.end.send(end.peer.now, end.id, b"waits").unwrap();
    end.peer.wait(Duration::from_millis(1));
    end.peer.all();
    assert_eq!(end.state(), to);
    end
}
