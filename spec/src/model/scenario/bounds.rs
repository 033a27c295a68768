//! How far an exploration goes.

use super::users::amount;
use crate::model::world::{UNCOUNTED, width};

/// A third party who injects segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forger {
    /// Tries every sequence number and every acknowledgment number.
    Blind,
    /// Sees the connection, and uses the numbers that fit.
    Knowing,
}
/// How far the exploration goes. Everything within is explored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Segments under way at once; more are lost.
    pub in_flight: u8,
    /// The network keeps order in each direction.
    pub in_order: bool,
    /// Losses by choice (any segment may also stay under way until MSL).
    pub losses: u8,
    /// Duplications: a segment is delivered and stays under way.
    pub duplicates: u8,
    /// Retransmissions, probes and keep-alives at each end.
    pub retransmissions: u8,
    /// Times that R2 or the user timeout may be reached.
    pub give_ups: u8,
    /// MSL in ticks; TIME-WAIT lasts twice as many. 0: time stands still.
    pub msl: u8,
    /// TIME-WAIT in ticks if it does not last 2MSL.
    pub time_wait: Option<u8>,
    /// Crashes: an end loses its TCB; what is under way stays.
    pub crashes: u8,
    /// After a crash an end sends nothing for one MSL (the quiet time, §3.4.3).
    pub quiet_time: bool,
    /// Segments that a forger injects at most.
    pub forgeries: u8,
    /// What the forger knows.
    pub forger: Forger,
    /// All segments go back to the end that sent them: a socket connected to itself.
    pub loopback: bool,
    /// The receive window in octets.
    pub window: u8,
    /// Octets in a segment at most.
    pub mss: u8,
    /// Acknowledgments of text may be delayed.
    pub delayed_acks: bool,
    /// Users take text at once; otherwise RECEIVE is an action and windows close.
    pub eager_users: bool,
    /// The users have asked for keep-alive; its timer may run out whenever it runs.
    pub keep_alive: bool,
    /// The hosts limit connections that no user holds any more: those on which CLOSE was called.
    pub orphans: bool,
    /// Segments carry timestamps (of ticks).
    pub timestamps: bool,
    /// Something on the way strips the timestamps off all segments but SYNs.
    pub stripped: bool,
    /// Ticks at most, with timestamps, and (other than 0) with numbers by the clock.
    pub ticks: u8,
    /// Segments sent are counted.
    pub count_segments: bool,
    /// Strays: in every world any event may come, any call, any timer, any segment, this many after each other; then the run ends.
    pub strays: u8,
    /// For liveness: equal segments under way count as one, so do all incarnations of an end, and what finds no room waits until there is some (a loss by choice makes
    /// room), so that nothing has to be counted and nothing is lost but by choice.
    pub merging: bool,
    /// The persist timer fires; without it a lost window update is never noticed.
    pub persists: bool,
    /// End B's host may vanish for good: it answers nothing any more.
    pub vanishes: bool,
    /// Challenge ACKs that each end sends at most (RFC 5961 §7).
    pub challenges: u8,
    /// Any part of what is outstanding may be sent again, not only its front, whole: what selective retransmission does.
    pub any_part: bool,
    /// The user may take any part of what is on hand, and the host may offer any window afterwards: what avoiding silly windows and growing buffers do.
    pub any_receive: bool,
}

impl Bounds {
    /// A network that keeps order, loses and duplicates nothing; no timer fires.
    pub const PERFECT: Self = Self {
        in_flight: 6,
        in_order: true,
        losses: 0,
        duplicates: 0,
        retransmissions: 0,
        give_ups: 0,
        msl: 0,
        time_wait: None,
        crashes: 0,
        quiet_time: false,
        forgeries: 0,
        forger: Forger::Blind,
        loopback: false,
        window: 4,
        mss: 2,
        delayed_acks: false,
        eager_users: true,
        keep_alive: false,
        orphans: false,
        timestamps: false,
        stripped: false,
        ticks: 0,
        count_segments: false,
        strays: 0,
        merging: false,
        persists: true,
        vanishes: false,
        challenges: UNCOUNTED,
        any_part: false,
        any_receive: false,
    };
}

impl Bounds {
    /// TIME-WAIT in ticks.
    pub fn time_wait(&self) -> u8 {
        self.time_wait.unwrap_or(2 * self.msl)
    }

    /// In one line.
    pub(super) fn line(&self) -> String {
        let b = self;
        let order = if b.in_order { "order kept" } else { "any order" };
        let mut line = format!(
            "{}-bit numbers, window {}, segments of {} at most, {} under way, {order}, {}, {}, {} an end",
            width::bits(),
            b.window,
            b.mss,
            b.in_flight,
            amount(b.losses, "loss", "losses"),
            amount(b.duplicates, "duplication", "duplications"),
            amount(b.retransmissions, "retransmission", "retransmissions")
        );
        if b.merging {
            line.push_str(", equal segments under way count as one");
        }
        if !b.persists {
            line.push_str(", no persist timer");
        }
        if b.any_part {
            line.push_str(", any part is sent again");
        }
        if b.any_receive {
            line.push_str(", any part is received and any window offered");
        }
        if b.challenges != UNCOUNTED {
            line.push_str(&format!(", {} an end", amount(b.challenges, "challenge ACK", "challenge ACKs")));
        }
        if b.vanishes {
            line.push_str(", B's host may vanish");
        }
        if b.give_ups > 0 {
            line.push_str(&format!(", {} R2 or the user timeout", amount(b.give_ups, "time", "times")));
        }
        if b.msl > 0 {
            line.push_str(&format!(", MSL {}, TIME-WAIT {}", amount(b.msl, "tick", "ticks"), b.time_wait()));
        }
        if b.crashes > 0 {
            let quiet = if b.quiet_time { "with" } else { "without" };
            line.push_str(&format!(", {} {quiet} the quiet time", amount(b.crashes, "crash", "crashes")));
        }
        if b.forgeries > 0 {
            let knows = if b.forger == Forger::Blind { "any" } else { "the right" };
            line.push_str(&format!(
                ", {} with {knows} numbers",
                amount(b.forgeries, "forged segment", "forged segments")
            ));
        }
        if b.loopback {
            line.push_str(", connected to itself");
        }
        if b.timestamps {
            line.push_str(if b.stripped { ", timestamps of SYNs only" } else { ", timestamps" });
        }
        if b.ticks > 0 {
            line.push_str(&format!(", {} at most", amount(b.ticks, "tick", "ticks")));
        }
        if b.delayed_acks {
            line.push_str(", ACKs delayed at will");
        }
        if !b.eager_users {
            line.push_str(", windows close");
        }
        if b.keep_alive {
            line.push_str(", keep-alive");
        }
        if b.orphans {
            line.push_str(", limited where the user has closed");
        }
        if b.strays > 0 {
            line.push_str(&format!(
                ", in each world any event, {} of them, with which the run ends",
                b.strays
            ));
        }
        line
    }
}
