//! Plays a script to one side and writes down what is seen.

use super::peer::{AckKind, Peer, Place, Reply};
use super::script::{Call, Script, Segment, Step, Window};
use super::side::{CONNECTING, LISTENING, Outcome, Side, peer_socket, side_address};
use std::net::SocketAddr;
use tcpspec::Flags;

/// One step as one side took it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// In which state: with the way to it, or who still waits, where that matters.
    pub before: String,
    /// The kind of segment, or the call.
    pub what: String,
    /// Of a segment to a connection with a window.
    pub place: Option<Place>,
    pub ack: AckKind,
    /// The segment.
    pub segment: Option<Reply>,
    /// SND.NXT and RCV.NXT of the side as far as the peer knew before, as replies show them.
    pub next: (i64, i64),
    /// What the call gave.
    pub outcome: Option<Outcome>,
    pub replies: Vec<Reply>,
    pub after: &'static str,
    /// Acknowledgments may be delayed.
    pub lazy: bool,
    /// The rows that fired, if the side has rows.
    pub rows: Vec<&'static str>,
}

/// States without a window.
const WITHOUT_WINDOW: [&str; 3] = ["CLOSED", "LISTEN", "SYN-SENT"];

/// Octets of text in a full segment, and how many of them fill every window.
const FULL: u32 = 1000;
const FILLING: usize = 500;

/// Plays the script. `port`: the peer's, which was not used before.
pub fn play(side: &mut dyn Side, script: &Script, port: u16) -> Vec<Seen> {
    side.begin(script, port);
    let us = peer_socket(script, port);
    let them = SocketAddr::new(side_address(script.ipv6), LISTENING);
    let mut run = Run {
        side,
        peer: Peer::new(us, them, script),
        timestamps: script.timestamps,
        lazy: script.lazy,
        active: false,
        listens: false,
        gone: false,
    };
    script.steps.iter().map(|step| run.step(step)).collect()
}

struct Run<'a> {
    side: &'a mut dyn Side,
    peer: Peer,
    timestamps: bool,
    lazy: bool,
    /// The last OPEN was active.
    active: bool,
    listens: bool,
    /// The user has gone.
    gone: bool,
}

impl Run<'_> {
    fn step(&mut self, step: &Step) -> Seen {
        let state = self.side.state(self.peer.them.port());
        // Who has gone was the user of a connection before.
        self.gone &= !WITHOUT_WINDOW.contains(&state) && state != "SYN-RECEIVED";
        let mut seen = Seen {
            before: self.label(state),
            what: String::new(),
            place: None,
            ack: AckKind::None,
            segment: None,
            next: self.peer.next(),
            outcome: None,
            replies: Vec::new(),
            after: "",
            lazy: self.lazy,
            rows: Vec::new(),
        };
        match step {
            Step::Call(call) => {
                seen.what = call.to_string().split(' ').next().unwrap_or_default().to_owned();
                let outcome = self.side.call(*call);
                self.note(*call, &outcome);
                seen.outcome = Some(outcome);
            }
            Step::Segment(segment) => {
                seen.what = segment.kind(self.timestamps);
                let windowed = !WITHOUT_WINDOW.contains(&state);
                seen.place = Some(self.peer.place(segment)).filter(|_| windowed);
                seen.ack = self.peer.ack_kind(segment);
                let (packet, shown) = self.peer.send(segment);
                seen.segment = Some(shown);
                self.side.deliver(&packet);
            }
            Step::Fill => {
                seen.what = "fill".into();
                self.fill();
            }
            Step::Pause(ms) => {
                seen.what = "pause".into();
                self.side.pause(*ms);
            }
        }
        let packets = self.side.packets();
        seen.replies = joined(packets.iter().filter_map(|packet| self.peer.take(packet)));
        // After an ACK that is not acceptable the kernel sends its SYN again after a few milliseconds.
        if state == "SYN-SENT" && !matches!(step, Step::Pause(_)) {
            seen.replies.retain(|reply| reply.flags != Flags::SYN);
        }
        if matches!(step, Step::Pause(_)) {
            // How often something is sent again in a while is the timer's choice.
            seen.replies.dedup();
        }
        seen.after = self.side.state(self.peer.them.port());
        seen.rows = self.side.rows();
        if matches!(step, Step::Fill) {
            // The same few for each segment.
            seen.rows.clear();
        }
        seen
    }

    /// Fills the window.
    fn fill(&mut self) {
        // A side that opens its window again and again is given up.
        for _ in 0..FILLING {
            let len = self.peer.room().min(FULL);
            if len == 0 {
                return;
            }
            let (packet, _) =
                self.peer.send(&Segment { window: Window::Keep, ..Segment::new(Flags::ACK, len) });
            self.side.deliver(&packet);
            for packet in self.side.packets() {
                self.peer.take(&packet);
            }
        }
    }

    /// What a call means for who is who.
    fn note(&mut self, call: Call, outcome: &Outcome) {
        let done = *outcome == Outcome::Done;
        match call {
            Call::Listen => self.listens |= done,
            Call::Unlisten => self.listens = false,
            Call::Connect if done => {
                self.active = true;
                self.peer.them.set_port(CONNECTING);
            }
            Call::Close | Call::Abort => self.gone |= done,
            _ => {}
        }
    }

    fn label(&self, state: &str) -> String {
        let way = match state {
            "SYN-RECEIVED" if self.active => "/simultaneous",
            "SYN-RECEIVED" => "/passive",
            "TIME-WAIT" if self.listens && !self.active => "/listener",
            "TIME-WAIT" => "",
            _ if self.gone && !WITHOUT_WINDOW.contains(&state) => "/orphan",
            _ => "",
        };
        let closed = self.peer.room() == 0 && !WITHOUT_WINDOW.contains(&state);
        format!("{state}{way}{}", if closed { "/closed" } else { "" })
    }
}

/// How text is cut into segments is the sender's choice: what directly follows is one with what is before it.
fn joined(replies: impl Iterator<Item = Reply>) -> Vec<Reply> {
    let mut all: Vec<Reply> = Vec::new();
    for reply in replies {
        match all.last_mut() {
            Some(last)
                if last.len > 0
                    && last.flags == Flags::ACK
                    && reply.len > 0
                    && last.ack == reply.ack
                    && last.seq.map(|seq| seq + i64::from(last.len)) == reply.seq =>
            {
                last.len += reply.len;
                last.flags = reply.flags;
            }
            _ => all.push(reply),
        }
    }
    all
}
