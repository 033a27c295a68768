//! Two stacks with the options of the table as shipped, and an adversary between them: packets are dropped, doubled, delayed, changed and forged.

use super::choice::Choice;
use std::collections::BTreeMap;
use std::time::Duration;
use tcpspec::Flags;
use tcpspec_stack::wire::{ip, tcp};
use tcpspec_stack::{Config, ConnectionId, Endpoint, ListenerId, Received, Time};

const STEPS: usize = 300;
const WRITTEN: usize = 1 << 18;
/// Seconds after which nothing is under way any more: longer than the longest retransmission timeout.
const STILL: u32 = 150;
/// Packets that the adversary keeps at most.
const KEPT: usize = 64;

/// One end and its user.
struct End {
    end: Endpoint,
    id: Option<ConnectionId>,
    listener: Option<ListenerId>,
    written: Vec<u8>,
    read: Vec<u8>,
    over: bool,
    /// Its user has called ABORT.
    aborted: bool,
}

impl End {
    /// Reads once; whether there was text.
    fn read(&mut self, now: Time, id: ConnectionId) -> bool {
        let mut into = [0; 4096];
        match self.end.receive(now, id, &mut into) {
            Ok(Received::Text(len)) => {
                self.read.extend_from_slice(&into[..len]);
                true
            }
            // An attempt that its own user has given up ends, too, and a connection whose error was told.
            Ok(Received::End) => {
                let status = self.end.status(id).expect("it is held");
                self.over = status.established && status.error.is_none();
                false
            }
            _ => false,
        }
    }
}

struct Run<'a> {
    choice: Choice<'a>,
    ends: [End; 2],
    now: Time,
    /// Packets under way, to this end.
    under_way: BTreeMap<u64, (usize, Vec<u8>)>,
    count: u64,
    /// The adversary has changed or made text: what is read need not be what was written.
    forged: bool,
    /// The users stay until all has arrived.
    waits: bool,
}

pub(super) fn run(octets: &[u8]) {
    let mut choice = Choice::new(octets);
    let mut end = |last: u8| {
        let mut config = Config::new(std::net::Ipv4Addr::new(10, 0, 0, last));
        config.key = [last.into(), 42];
        config.timestamps = !choice.one_in(3);
        config.sack = !choice.one_in(3);
        config.nagle = !choice.one_in(3);
        config.receive_buffer = choice.of(&[1 << 16, 1 << 20, 2000]);
        config.msl = Duration::from_secs(choice.of(&[120, 5]));
        let mut end = Endpoint::new(config);
        end.observe(|row| super::fired(row.row.name()));
        End {
            end,
            id: None,
            listener: None,
            written: Vec::new(),
            read: Vec::new(),
            over: false,
            aborted: false,
        }
    };
    let ends = [end(1), end(2)];
    // The last octet decides, so that inputs mean what they meant.
    let waits = octets.last().is_some_and(|last| last % 2 == 0);
    Run { choice, ends, now: Time::ZERO, under_way: BTreeMap::new(), count: 0, forged: false, waits }.all();
}

/// The octet at this place of a text. No two stretches are alike at a distance of a segment or of a buffer.
const fn octet(at: usize) -> u8 {
    (at * 7 + at / 256 + at / 65_536) as u8
}

/// Whether the checksums of a packet are right.
fn is_sound(packet: &[u8]) -> bool {
    ip::Header::parse(packet)
        .is_ok_and(|(ip, segment)| tcp::Header::parse(segment, ip.source, ip.destination).is_ok())
}

impl Run<'_> {
    fn all(mut self) {
        let simultaneous = self.choice.one_in(4);
        if simultaneous {
            self.connect(0);
            self.connect(1);
        } else {
            self.ends[1].listener = self.ends[1].end.listen(7000, 4).ok();
            self.connect(0);
        }
        for _ in 0..STEPS {
            if self.choice.is_over() {
                break;
            }
            self.step();
            self.collect();
            self.check();
        }
        self.end();
    }

    fn connect(&mut self, at: usize) {
        let remote = (self.ends[1 - at].end.address(), 7000).into();
        let end = &mut self.ends[at];
        if end.id.is_none()
            && let Ok(id) = end.end.connect(self.now, Some(7000), remote)
        {
            end.id = Some(id);
        }
        self.collect();
    }

    /// What the ends have sent is under way.
    fn collect(&mut self) {
        for at in 0..2 {
            while let Some(packet) = self.ends[at].end.poll_packet(self.now) {
                self.count += 1;
                self.under_way.insert(self.count, (1 - at, packet.bytes));
            }
            if let Some(listener) = self.ends[at].listener
                && self.ends[at].id.is_none()
            {
                self.ends[at].id = self.ends[at].end.accept(listener);
            }
        }
        while self.under_way.len() > KEPT {
            self.under_way.pop_first();
        }
    }

    fn step(&mut self) {
        match self.choice.below(10) {
            // The network does what it should.
            0..=3 => {
                if let Some((_, (to, packet))) = self.under_way.pop_first() {
                    self.ends[to].end.handle_packet(self.now, &packet);
                }
            }
            4 => self.adversary(),
            5 | 6 => self.call(),
            7 | 8 => {
                let span = self.choice.span();
                self.wait(span);
            }
            _ => self.everything_arrives(),
        }
    }

    fn everything_arrives(&mut self) {
        for _ in 0..64 {
            self.collect();
            let Some((_, (to, packet))) = self.under_way.pop_first() else { break };
            self.ends[to].end.handle_packet(self.now, &packet);
        }
    }

    fn wait(&mut self, span: Duration) {
        let limit = self.now + span;
        loop {
            let next = self.ends.iter().filter_map(|end| end.end.next_deadline()).min();
            let Some(next) = next.filter(|next| *next <= limit) else { break };
            self.now = self.now.max(next);
            for end in &mut self.ends {
                end.end.handle_deadline(self.now);
            }
            self.collect();
        }
        self.now = self.now.max(limit);
    }

    fn adversary(&mut self) {
        let len = self.under_way.len() as u32;
        if len == 0 {
            return;
        }
        let nth = self.choice.below(len) as usize;
        let key = *self.under_way.keys().nth(nth).expect("it is there");
        match self.choice.below(5) {
            0 => drop(self.under_way.remove(&key)),
            1 => {
                // A copy, now; the packet itself later.
                let (to, packet) = self.under_way[&key].clone();
                self.ends[to].end.handle_packet(self.now, &packet);
            }
            2 => {
                // Overtaken by all others.
                let packet = self.under_way.remove(&key).expect("it is there");
                self.count += 1;
                self.under_way.insert(self.count, packet);
            }
            3 => {
                // An octet is another, and the checksum says so.
                let (_, packet) = self.under_way.get_mut(&key).expect("it is there");
                let at = self.choice.below(packet.len() as u32) as usize;
                packet[at] ^= 1 << self.choice.below(8);
                // Two changes of one packet can be such that the checksum does not say so.
                self.forged |= is_sound(packet);
            }
            _ => {
                let (to, packet) = self.under_way[&key].clone();
                self.forge(to, &packet);
            }
        }
    }

    /// A segment like this one, with numbers near its own and a checksum that is right.
    fn forge(&mut self, to: usize, packet: &[u8]) {
        let Ok((ip, segment)) = ip::Header::parse(packet) else { return };
        let Ok((mut header, text)) = tcp::Header::parse(segment, ip.source, ip.destination) else { return };
        header.seq = self.choice.near(header.seq);
        header.ack = self.choice.near(header.ack);
        header.flags = Flags(self.choice.below(64) as u8);
        header.window = self.choice.of(&[header.window, 0, 1, 65_535]);
        self.forged = true;
        let forged = header.packet(&ip::Header::tcp(ip.source, ip.destination), (text, &[]));
        self.ends[to].end.handle_packet(self.now, &forged);
    }

    fn call(&mut self) {
        let at = self.choice.below(2) as usize;
        let now = self.now;
        let end = &mut self.ends[at];
        let Some(id) = end.id else {
            return self.connect(at);
        };
        match self.choice.below(6) {
            0 | 1 => {
                let len = self.choice.of(&[1usize, 10, 1000, 5000]);
                if end.written.len() + len <= WRITTEN {
                    let text: Vec<u8> = (0..len).map(|n| octet(end.written.len() + n)).collect();
                    let taken = end.end.send(now, id, &text).unwrap_or(0);
                    end.written.extend_from_slice(&text[..taken]);
                }
            }
            2 => drop(end.read(now, id)),
            3 => drop(end.end.close(now, id)),
            4 if self.choice.one_in(4) => {
                // Its own text is given up with that.
                end.aborted |= end.end.abort(now, id).is_ok();
            }
            5 if self.choice.one_in(4) => {
                end.end.release(now, id);
                end.id = None;
                end.over = false;
                // What comes on another connection is another text.
                self.forged = true;
            }
            _ => {}
        }
    }

    /// What was read is a beginning of what was written.
    fn check(&self) {
        if self.forged {
            return;
        }
        for at in 0..2 {
            let (read, written) = (&self.ends[at].read, &self.ends[1 - at].written);
            assert!(written.starts_with(read), "{} octets read of {} written", read.len(), written.len());
            assert!(
                !self.ends[at].over || self.ends[at].aborted || read.len() == written.len(),
                "the end came before the text: {} of {} octets\n{:?}\n{:?}",
                read.len(),
                written.len(),
                self.ends[at].end.table(),
                self.ends[1 - at].end.table()
            );
        }
    }

    /// From here on the network loses nothing. What was written arrives, if nobody has forged, given up or lost the connection.
    fn all_arrives(&mut self) {
        let [Some(a), Some(b)] = [self.ends[0].id, self.ends[1].id] else { return };
        let ids = [a, b];
        let are_well = |run: &Self| {
            let is_well = |(end, id): (&End, ConnectionId)| {
                let status = end.end.status(id).expect("it is held");
                status.established && status.error.is_none() && !end.aborted
            };
            !run.forged && run.ends.iter().zip(ids).all(is_well)
        };
        // Nobody reads. An end that may send, and has nothing under way, has nothing to send.
        for _ in 0..STILL {
            self.everything_arrives();
            self.wait(Duration::from_secs(1));
        }
        if !are_well(self) {
            return;
        }
        for (End { end, .. }, id) in self.ends.iter().zip(ids) {
            let (status, tcb) = (end.status(id).expect("it is held"), end.tcb(id));
            let rests = tcb.is_ok_and(|tcb| tcb.snd_una == tcb.snd_nxt);
            assert!(
                !rests || status.send_window == 0 || status.unacknowledged == 0,
                "{} octets wait, and the window is {}: {:?}",
                status.unacknowledged,
                status.send_window,
                end.table()
            );
        }
        // With a small buffer little comes at a time.
        let mut still = 0;
        while still < STILL {
            still += 1;
            for (end, id) in self.ends.iter_mut().zip(ids) {
                while end.read(self.now, id) {
                    still = 0;
                }
            }
            self.everything_arrives();
            self.check();
            if (0..2).all(|at| self.ends[at].read.len() == self.ends[1 - at].written.len()) {
                return;
            }
            self.wait(Duration::from_secs(1));
        }
        let read = self.ends.each_ref().map(|end| (end.read.len(), end.written.len()));
        let table = self.ends[0].end.table();
        assert!(!are_well(self), "text does not arrive (read and written): {read:?}\n{table:?}");
    }

    /// Everybody goes, and the network is good again.
    fn end(mut self) {
        if self.waits {
            self.all_arrives();
        }
        for at in 0..2 {
            let end = &mut self.ends[at];
            if let Some(id) = end.id.take() {
                end.end.release(self.now, id);
            }
            if let Some(listener) = end.listener.take() {
                end.end.close_listener(self.now, listener);
            }
        }
        for _ in 0..3600 {
            self.everything_arrives();
            if self.ends.iter().all(|end| end.end.next_deadline().is_none()) {
                break;
            }
            self.wait(Duration::from_secs(1));
        }
        for end in &self.ends {
            assert_eq!(end.end.connections(), 0, "a connection stays: {:?}", end.end.table());
            assert_eq!(end.end.next_deadline(), None, "a timer stays");
        }
    }
}
