//! Our own stack as the target, in simulated time that stands still.

use super::{Effects, Numbers, Target};
use crate::reached::{Reached, Seen, reach};
use std::net::SocketAddr;
use tcpspec::{Facts, State};

/// One connection of our stack, with its default settings.
#[derive(Default)]
pub struct Ours(Option<(Reached, Seen)>);

impl Target for Ours {
    fn reach(&mut self, state: State) -> Option<Numbers> {
        let end = reach(state);
        let seen = end.seen();
        let tcb = &seen.tcb;
        let numbers = Numbers {
            rcv_nxt: tcb.rcv_nxt.get(),
            rcv_wnd: tcb.rcv_wnd,
            snd_una: tcb.snd_una.get(),
            ack: if tcb.facts.has(Facts::SYN_ACKED) { tcb.snd_una.get() } else { tcb.iss.plus(1).get() },
            snd_nxt: tcb.snd_nxt.get(),
            max_snd_wnd: tcb.max_snd_wnd,
            ts_recent: tcb.ts_recent.unwrap_or(0),
        };
        self.0 = Some((end, seen));
        Some(numbers)
    }

    fn send(&mut self, packet: &[u8]) -> (Effects, usize) {
        let (end, before) = self.0.as_mut().expect("a connection was reached");
        end.peer.send_raw(packet);
        let answers = end.peer.raw.len();
        end.peer.raw.clear();
        let after = end.seen();
        (Effects::between(before, &after), answers)
    }

    fn sockets(&self) -> (SocketAddr, SocketAddr) {
        let (end, _) = self.0.as_ref().expect("a connection was reached");
        (end.peer.us, end.peer.them)
    }
}
