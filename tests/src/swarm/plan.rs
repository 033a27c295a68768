//! What a seed draws: the settings of both ends, the users, the line, and what happens when.

use super::dice::Dice;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use tcpspec_stack::congestion;
use tcpspec_stack::{Config, KeepAlive, Settings};

macro_rules! features {
    ($($(#[doc = $doc:literal])* $name:ident $word:literal,)*) => {
        /// What a run may have; each is switched off at random.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Feature { $($(#[doc = $doc])* $name,)* }

        impl Feature {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it is called on the command line.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it does, with its range.
            pub fn says(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)*).trim(),)* }
            }
        }
    };
}

features! {
    /// packets are lost, each with a chance of up to 50 %, drawn for each direction
    Loss "loss",
    /// packets arrive twice, up to 30 %, the copy up to 45 s later
    Duplication "duplication",
    /// packets are held back by up to 10 s, up to 40 % of them
    Reordering "reordering",
    /// one to three bits of the headers of IP and TCP are flipped, in up to 20 % of the packets
    CorruptHeader "corrupt-header",
    /// one to three bits of the text are flipped, in up to 20 % of the packets; in one of 100 of these two words change places, which no checksum notices
    CorruptText "corrupt-text",
    /// the latency is 1 ms to 45 s; without it 1 to 100 ms
    LongLatency "long-latency",
    /// the latency of one direction jumps to 1 ms to 45 s, up to three times
    LatencyJumps "latency-jumps",
    /// the link goes down for 10 ms to 5 min, up to three times; one time in two a router reports that, by ICMP
    LinkDown "link-down",
    /// the path takes smaller packets from now on: 576 to 1400 octets, with IPv6 1280 to 1400; one time in four no router says so
    Mtu "mtu",
    /// the clock of one end jumps forward by 1 ms to 2 h, up to three times
    ClockJumps "clock-jumps",
    /// one end is not called for 0.1 s to 10 min, up to twice; packets wait meanwhile, 1,000 at most
    Sleep "sleep",
    /// each call of a host because of a timer comes up to 300 ms late
    LateTimers "late-timers",
    /// one end vanishes and does not come back
    Vanish "vanish",
    /// one end crashes and restarts 10 ms to 2 min later without its connections, half of the times without timestamps; up to twice
    Crash "crash",
    /// a client connects again, in half of the cases from the port that it had; up to three times
    Again "again",
    /// users read and write at their own pace, some 200 times in all
    Slow "slow",
    /// some users stop reading after some octets, or never read
    Deaf "deaf",
    /// users close, abort or let go at any moment; connections are aborted by their sockets; up to three times
    EarlyEnds "early-ends",
    /// settings of connections are changed at any moment, those of listeners too, up to five times
    Settings "settings",
    /// the settings of both stacks are drawn; without it they have the defaults
    Config "config",
    /// those options of the table are drawn that give up no promise
    Options "options",
    /// IPv6
    Ipv6 "ipv6",
    /// the device completes checksums and takes segments of up to 64 KiB
    Offload "offload",
    /// users act only when the stack has told them that they can
    ByReady "by-ready",
    /// users write before the connection is established
    EarlyText "early-text",
    /// up to four connections from the beginning, and a backlog of 1 to 4 with cookies on and off
    Many "many",
    /// both ends connect at once, or one waits by a passive OPEN for one connection
    OtherOpens "other-opens",
    /// some text is urgent
    Urgent "urgent",
    /// the bound for the memory of each stack is 4 KB to 1 MB
    Memory "memory",
}

/// What is taken out of a run, to find out what it needs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// Features switched off.
    pub off: BTreeSet<Feature>,
    /// If given, only these of the drawn events happen.
    pub events: Option<BTreeSet<usize>>,
    /// If given, only these packets suffer: sender and number.
    pub faults: Option<BTreeSet<(usize, u64)>>,
}

/// How the first connection comes about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Opening {
    Listener,
    Simultaneous,
    Passive,
}

/// How bad one direction is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Badness {
    pub(super) loss: f64,
    pub(super) duplication: f64,
    pub(super) copies_late: Duration,
    pub(super) reordering: f64,
    pub(super) held_back: Duration,
    pub(super) corrupt_header: f64,
    pub(super) corrupt_text: f64,
    pub(super) latency: Duration,
}

/// What one user does.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserPlan {
    pub(super) total: u64,
    pub(super) chunk: usize,
    pub(super) reads: u64,
    pub(super) read_at_once: usize,
    pub(super) pace: Option<Duration>,
    pub(super) by_ready: bool,
    pub(super) early_text: bool,
    pub(super) urgent: bool,
    /// Closes once all is written.
    pub(super) closes: bool,
    /// How long after its beginning it lets go, whatever has come of it.
    pub(super) leaves: Duration,
}

/// What happens at a time. `pick` chooses among those that there are then.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Latency { from: usize, to: Duration },
    Down { span: Duration, told: bool },
    Mtu { octets: u16, told: bool },
    Jump { end: usize, span: Duration },
    Sleep { end: usize, span: Duration },
    Vanish { end: usize },
    Crash { end: usize, span: Duration, stamps: bool },
    Connect { same: bool },
    Close { pick: u64 },
    Abort { pick: u64 },
    AbortPair { pick: u64 },
    Release { pick: u64 },
    Set { pick: u64 },
    SetListener { hops: u8 },
}

/// A run before it runs.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) features: BTreeSet<Feature>,
    pub(super) opening: Opening,
    pub(super) connections: usize,
    pub(super) line: [Badness; 2],
    /// From then on the line is good.
    pub(super) heals: Duration,
    pub(super) acts: Vec<(usize, Duration, Act)>,
    /// By then every user has left.
    pub(super) last: Duration,
    pub(super) faults: Option<BTreeSet<(usize, u64)>>,
}

const PLAN: u64 = 1 << 40;
/// All features but the last.
const BEFORE_MEMORY: &[Feature] = Feature::ALL.split_at(Feature::Memory as usize).0;

impl Plan {
    pub(super) fn draw(seed: u64, change: &Change) -> Self {
        let mut dice = Dice::new(seed, PLAN);
        // Few at once in some runs, nearly all in others.
        let density = dice.one_of(&[0.1, 0.2, 0.35, 0.5, 0.8]);
        let mut features: BTreeSet<_> =
            BEFORE_MEMORY.iter().copied().filter(|_| dice.chance(density)).collect();
        // It came later, and seeds that were written down go on to draw what they drew.
        if Dice::new(seed, PLAN + 20).chance(density) {
            features.insert(Feature::Memory);
        }
        features.retain(|feature| !change.off.contains(feature));
        let has = |feature| features.contains(&feature);
        let opening = match (has(Feature::OtherOpens), dice.below(2)) {
            (false, _) => Opening::Listener,
            (true, 0) => Opening::Simultaneous,
            (true, _) => Opening::Passive,
        };
        let more = dice.below(3) as usize;
        let connections = if has(Feature::Many) { 2 + more } else { 1 };
        let last = dice.time(300, 600_000);
        let line = [0, 1].map(|from| badness(seed, from, &features));
        let slowest = line[0].latency + line[1].latency;
        let last = last.max(slowest * dice.one_of(&[1, 8, 40])).min(Duration::from_secs(900));
        let heals = if dice.chance(0.5) { last.mul_f64(dice.part()) } else { last * 100 };
        let mut acts = acts(seed, &features, last);
        acts.sort_by_key(|(number, at, _)| (*at, *number));
        if let Some(only) = &change.events {
            acts.retain(|(number, ..)| only.contains(number));
        }
        let faults = change.faults.clone();
        Self { seed, features, opening, connections, line, heals, acts, last, faults }
    }

    pub(super) fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }

    /// What the user of this number does.
    pub(super) fn user(&self, number: u64, passive: bool) -> UserPlan {
        let mut dice = Dice::new(self.seed, PLAN + 100 + number);
        let total = match dice.below(20) {
            0..2 => 0,
            2..12 => dice.scale(1, 2_000),
            12..19 => dice.scale(2_000, 40_000),
            _ => dice.scale(40_000, 300_000),
        };
        let chunk = dice.scale(1.max(total / 50), 16_384.max(total / 50)) as usize;
        let leaves = self.last.mul_f64(0.05 + 0.95 * dice.part());
        let (deaf, reads) = (dice.chance(0.4), dice.scale(1, 20_000));
        let reads = if dice.chance(0.3) { 0 } else { reads };
        let read_at_once = dice.scale(1, 65_536).max(total / 200 + 64) as usize;
        let slow = dice.chance(0.6);
        let pace = (leaves / 200).max(Duration::from_millis(dice.scale(10, 1000)));
        Self::trimmed(UserPlan {
            total,
            chunk,
            reads: if self.has(Feature::Deaf) && deaf { reads } else { u64::MAX },
            read_at_once,
            pace: (self.has(Feature::Slow) && slow).then_some(pace),
            by_ready: self.has(Feature::ByReady) && dice.chance(0.7),
            // What is written before a passive OPEN goes back to LISTEN is lost, and told: the user would have to begin anew.
            early_text: self.has(Feature::EarlyText) && dice.chance(0.7) && !passive,
            urgent: self.has(Feature::Urgent) && dice.chance(0.7),
            closes: dice.chance(0.85),
            leaves,
        })
    }

    fn trimmed(plan: UserPlan) -> UserPlan {
        // A user that waits to be told has no pace.
        UserPlan { pace: plan.pace.filter(|_| !plan.by_ready), ..plan }
    }

    /// The settings of an end, after so many crashes.
    pub(super) fn config(&self, end: usize, crashes: u64, stamps: bool) -> Config {
        let last = end as u8 + 1;
        let mut config = Config::new(Ipv4Addr::new(10, 0, 0, last));
        if self.has(Feature::Ipv6) {
            config = config.with_address(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last.into()), 64);
        }
        config.key = [Dice::new(self.seed, PLAN + 2 + end as u64).next(), crashes + 1];
        let mut dice = Dice::new(self.seed, PLAN + 4 + end as u64);
        // TIME-WAIT of four minutes is no more than one event, but small ones meet late packets.
        config.msl = dice.time(500, 120_000);
        if self.has(Feature::Config) {
            draw_config(&mut config, &mut dice, self.has(Feature::Ipv6));
        }
        if self.has(Feature::Memory) {
            config.memory = Dice::new(self.seed, PLAN + 22 + end as u64).scale(4_000, 1_000_000) as usize;
        }
        if self.has(Feature::Options) {
            draw_options(&mut config, &mut dice);
        }
        if !stamps {
            config.timestamps = false;
        }
        config
    }
}

fn badness(seed: u64, from: usize, features: &BTreeSet<Feature>) -> Badness {
    let mut dice = Dice::new(seed, PLAN + 10 + from as u64);
    let mut chance = |feature, most: f64| {
        let drawn = most * dice.part() * dice.part();
        // The worst there is, too.
        let drawn = if dice.chance(0.05) { most } else { drawn };
        if features.contains(&feature) { drawn } else { 0.0 }
    };
    let loss = chance(Feature::Loss, 0.5);
    let duplication = chance(Feature::Duplication, 0.3);
    let reordering = chance(Feature::Reordering, 0.4);
    let corrupt_header = chance(Feature::CorruptHeader, 0.2);
    let corrupt_text = chance(Feature::CorruptText, 0.2);
    let (long, short) = (dice.time(1, 45_000), dice.time(1, 100));
    Badness {
        loss,
        duplication,
        copies_late: dice.time(1, 45_000),
        reordering,
        held_back: dice.time(1, 10_000),
        corrupt_header,
        corrupt_text,
        latency: if features.contains(&Feature::LongLatency) { long } else { short },
    }
}

fn acts(seed: u64, features: &BTreeSet<Feature>, last: Duration) -> Vec<(usize, Duration, Act)> {
    let mut acts = Vec::new();
    let last = (last.as_millis() as u64).max(2);
    for (index, feature) in Feature::ALL.iter().enumerate() {
        let mut dice = Dice::new(seed, PLAN + 50 + index as u64);
        let most = match feature {
            Feature::LatencyJumps | Feature::LinkDown | Feature::ClockJumps => 3,
            Feature::Again | Feature::EarlyEnds => 3,
            Feature::Sleep | Feature::Crash => 2,
            Feature::Vanish | Feature::Mtu => 1,
            Feature::Settings => 5,
            _ => 0,
        };
        for count in 0..most {
            let number = index * 8 + count;
            let (wanted, at, end) =
                (count == 0 || dice.chance(0.6), dice.time(1, last), dice.below(2) as usize);
            let (pick, flag, kind) = (dice.next(), dice.chance(0.5), dice.below(4));
            let act = match feature {
                Feature::LatencyJumps => Act::Latency { from: end, to: dice.time(1, 45_000) },
                Feature::LinkDown => Act::Down { span: dice.time(10, 300_000), told: flag },
                Feature::Mtu => Act::Mtu {
                    octets: if features.contains(&Feature::Ipv6) { 1280 } else { 576 }
                        .max(576 + dice.below(825)) as u16,
                    told: kind > 0,
                },
                Feature::ClockJumps => Act::Jump { end, span: dice.time(1, 7_200_000) },
                Feature::Sleep => Act::Sleep { end, span: dice.time(100, 600_000) },
                Feature::Vanish => Act::Vanish { end },
                Feature::Crash => Act::Crash { end, span: dice.time(10, 120_000), stamps: flag },
                Feature::Again => Act::Connect { same: flag },
                Feature::EarlyEnds => match kind {
                    0 => Act::Close { pick },
                    1 => Act::Abort { pick },
                    2 => Act::AbortPair { pick },
                    _ => Act::Release { pick },
                },
                _ if kind == 0 => Act::SetListener { hops: (pick % 256) as u8 },
                _ => Act::Set { pick },
            };
            if wanted && features.contains(feature) {
                acts.push((number, at, act));
            }
        }
    }
    acts
}

fn draw_config(config: &mut Config, dice: &mut Dice, ipv6: bool) {
    config.mtu = if dice.chance(0.5) { 1500 } else { dice.scale(if ipv6 { 1280 } else { 576 }, 9000) as u16 };
    config.receive_buffer = dice.scale(1_000, 1 << 22) as usize;
    config.receive_buffer_start = dice.scale(256, 1 << 18) as usize;
    config.send_buffer = dice.scale(1_000, 1 << 22) as usize;
    config.largest_segment = dice.chance(0.2).then(|| dice.scale(28, 1400) as u16);
    config.sack = dice.chance(0.7);
    config.timestamps = dice.chance(0.7);
    if dice.chance(0.4) {
        config.congestion = congestion::new_reno;
    }
    config.min_rto = dice.time(200, 1_000);
    config.max_rto = config.min_rto.max(dice.time(1_000, 60_000));
    config.initial_rto = dice.time(200, 3_000);
    config.r1 = dice.below(6) as u32;
    config.r2 = dice.time(1_000, 200_000);
    config.r2_syn = dice.time(1_000, 200_000);
    config.user_timeout = dice.chance(0.3).then(|| dice.time(500, 300_000));
    config.keep_alive = dice.chance(0.3).then(|| dice.time(500, 100_000));
    config.keep_alive_interval = dice.time(500, 75_000);
    config.keep_alive_probes = dice.below(10) as u32;
    config.orphan_timeout = dice.time(1_000, 120_000);
    config.max_orphans = if dice.chance(0.3) { 1 } else { 4096 };
    config.orphan_memory = if dice.chance(0.3) { dice.scale(2_000, 100_000) as usize } else { 64 << 20 };
    config.delayed_ack = if dice.chance(0.2) { Duration::ZERO } else { dice.time(1, 450) };
    config.nagle = dice.chance(0.7);
}

/// Without those that give up a promise that is checked: see the page that is written of all this.
fn draw_options(config: &mut Config, dice: &mut Dice) {
    let options = &mut config.options;
    for option in [
        &mut options.rfc1337,
        &mut options.reopen_by_timestamp,
        &mut options.reopen_by_sequence,
        &mut options.reuse_time_wait,
        &mut options.crossed_syn_ack,
        &mut options.rfc5961,
        &mut options.paws,
        &mut options.timestamps_required,
        &mut options.hard_errors_soft,
    ] {
        *option ^= dice.chance(0.3);
    }
}

/// Settings that a user might want from now on.
pub(super) fn draw_settings(pick: u64, now: &Settings) -> Settings {
    let mut dice = Dice::new(pick, PLAN);
    let mut settings = *now;
    for _ in 0..1 + dice.below(3) {
        match dice.below(9) {
            0 => settings.no_delay ^= true,
            1 => settings.cork ^= true,
            2 => {
                settings.keep_alive = dice.chance(0.7).then(|| KeepAlive {
                    idle: dice.time(200, 100_000),
                    interval: dice.time(200, 75_000),
                    probes: dice.below(10) as u32,
                });
            }
            3 => settings.user_timeout = dice.chance(0.7).then(|| dice.time(100, 300_000)),
            4 => settings.r2 = dice.time(100, 200_000),
            5 => settings.send_buffer = dice.scale(1, 1 << 22) as usize,
            6 => settings.receive_buffer = dice.scale(256, 1 << 22) as usize,
            7 => settings.largest_segment = dice.chance(0.7).then(|| dice.scale(28, 1400) as u16),
            _ => settings.delayed_ack = dice.time(1, 600),
        }
    }
    settings
}
