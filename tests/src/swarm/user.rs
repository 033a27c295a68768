//! A user of one connection at one end: what it has written, what it has read, and what it was told.

use super::dice::text;
use super::host::Host;
use super::plan::UserPlan;
use std::net::SocketAddr;
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::{ConnectionId, Endpoint, Error, Interest, Received, Status, Time};

pub(super) struct User {
    pub(super) number: usize,
    pub(super) end: usize,
    pub(super) id: ConnectionId,
    pub(super) plan: UserPlan,
    /// Its text.
    pub(super) key: u64,
    pub(super) pair: (SocketAddr, SocketAddr),
    pub(super) written: u64,
    pub(super) read: u64,
    /// Whose text this can be, once something was read.
    from: Option<Vec<usize>>,
    /// Octets that have come in order, read or not.
    pub(super) got: u64,
    /// Octets that the peer has acknowledged.
    pub(super) acknowledged: u64,
    pub(super) closed: bool,
    /// It has given the connection up, or somebody else has.
    pub(super) aborted: bool,
    pub(super) ended: bool,
    /// It has seen the connection over, or in TIME-WAIT.
    pub(super) over: bool,
    established: bool,
    delivered: bool,
    pub(super) error: Option<Error>,
    /// It holds the connection no longer.
    pub(super) left: bool,
    pub(super) leaves: Time,
    pub(super) tick: Time,
    /// It was told that it can act.
    pub(super) awake: bool,
    waits: Interest,
    /// The largest settings that it has had.
    pub(super) r2: Duration,
    send_buffer: usize,
    receive_buffer: usize,
    /// Since when something waits, and what had been acknowledged then.
    waiting: Option<(Time, (u64, bool))>,
    idle_since: Time,
    /// The settings were changed, or the time was not as a host knows it.
    pub(super) disturbed: Time,
}

/// Another user's part of the story, as far as a reader can compare it.
pub(super) struct Writer {
    pub(super) number: usize,
    pub(super) key: u64,
    pub(super) written: u64,
    pub(super) finished: bool,
}

/// Simulated time between two looks at what has to end, and then some: a tick of the timer wheel, a late call.
const SLACK: Duration = Duration::from_secs(8);

impl User {
    pub(super) fn new(
        number: usize,
        end: usize,
        id: ConnectionId,
        plan: UserPlan,
        host: &Host,
        seed: u64,
        now: Time,
    ) -> Self {
        let config = host.stack.config();
        Self {
            number,
            end,
            id,
            plan,
            key: seed ^ (number as u64 + 1) << 48,
            pair: host.stack.status(id).map_or_else(
                |_| (host.socket(false, 0), host.socket(false, 0)),
                |status| (status.local, status.remote),
            ),
            written: 0,
            read: 0,
            from: None,
            got: 0,
            acknowledged: 0,
            closed: false,
            aborted: false,
            ended: false,
            over: false,
            established: false,
            delivered: false,
            error: None,
            left: false,
            leaves: now + plan.leaves,
            tick: now,
            awake: true,
            waits: Interest::default(),
            r2: config.r2,
            send_buffer: config.send_buffer,
            receive_buffer: config.receive_buffer,
            waiting: None,
            idle_since: now,
            disturbed: now,
        }
    }

    /// Looks at its connection, and at bounds.
    pub(super) fn look(&mut self, stack: &Endpoint) -> Result<Option<Status>, String> {
        if self.left {
            return Ok(None);
        }
        let status = stack.status(self.id).map_err(|error| format!("a connection that is held: {error}"))?;
        self.pair = (status.local, status.remote);
        self.got = self.got.max(self.read + status.unread as u64);
        self.acknowledged = self.acknowledged.max(status.traffic.octets_acknowledged);
        self.error = self.error.or(status.error);
        self.established |= status.established;
        self.over |= stack.is_over(self.id) || status.state == State::TimeWait;
        let settings = stack.settings(self.id).map_err(|error| error.to_string())?;
        self.r2 = self.r2.max(settings.r2);
        self.send_buffer = self.send_buffer.max(settings.send_buffer).max(1);
        self.receive_buffer = self.receive_buffer.max(settings.receive_buffer);
        if status.unacknowledged > self.send_buffer {
            return Err(format!(
                "{} octets wait to be sent, of {} at most",
                status.unacknowledged, self.send_buffer
            ));
        }
        if status.unread > self.receive_buffer {
            return Err(format!(
                "{} octets wait to be read, of {} at most",
                status.unread, self.receive_buffer
            ));
        }
        Ok(Some(status))
    }

    /// Acts, if it is time.
    pub(super) fn work(
        &mut self,
        now: Time,
        host: &mut Host,
        writers: impl Fn(&Self) -> Vec<Writer>,
    ) -> Result<(), String> {
        let Some(status) = self.look(&host.stack)? else { return Ok(()) };
        if self.plan.by_ready && !self.awake {
            return Ok(());
        }
        if let Some(pace) = self.plan.pace {
            if now < self.tick {
                return Ok(());
            }
            self.tick = now + pace;
        }
        let clock = host.clock(now);
        let stack = &mut host.stack;
        self.write(clock, stack, status.established);
        if self.plan.closes
            && !self.closed
            && self.error.is_none()
            && self.written >= self.plan.total
            && (status.established || self.plan.early_text)
        {
            self.close(clock, stack);
        }
        let compared = self.read(clock, stack, &writers);
        self.look(stack)?;
        let delivered = self.closed && self.ended && self.acknowledged >= self.written;
        if (self.error.is_some() || delivered || self.over)
            && (self.read >= self.got || self.read >= self.plan.reads)
        {
            self.leave(clock, stack);
        }
        if self.plan.by_ready && !self.left {
            self.awake = false;
            let mut waits = Interest::default();
            self.delivered |= self.closed && stack.is_ready(self.id, Interest::DELIVERED);
            let may_write = self.established || self.plan.early_text;
            for (interest, wanted) in [
                (Interest::OPEN, !self.established),
                (Interest::READ, !self.ended && self.read < self.plan.reads),
                (Interest::WRITE, self.written < self.plan.total && !self.closed && may_write),
                (Interest::DELIVERED, self.closed && !self.delivered),
            ] {
                if wanted && self.error.is_none() {
                    waits |= interest;
                }
            }
            self.waits = waits;
            let _ = stack.wait_for(self.id, waits);
        }
        compared
    }

    /// As a reader at the other end sees it.
    pub(super) fn as_writer(&self) -> Writer {
        let finished = self.closed || self.left;
        Writer { number: self.number, key: self.key, written: self.written, finished }
    }

    /// It was not told, and could act.
    pub(super) fn check_awake(&self, stack: &Endpoint) -> Result<(), String> {
        let forgotten = self.plan.by_ready && !self.left && !self.awake;
        if forgotten && self.waits != Interest::default() && stack.is_ready(self.id, self.waits) {
            return Err(format!("a user waits for {:?}, which has come, and was not told", self.waits));
        }
        Ok(())
    }

    fn write(&mut self, clock: Time, stack: &mut Endpoint, established: bool) {
        if self.closed || self.error.is_some() || !(established || self.plan.early_text) {
            return;
        }
        while self.written < self.plan.total {
            let len = (self.plan.chunk as u64).min(self.plan.total - self.written) as usize;
            let piece = text(self.key, self.written, len);
            let urgent = self.plan.urgent && self.written.is_multiple_of(3);
            let sent = if urgent {
                stack.send_urgent(clock, self.id, &piece)
            } else {
                stack.send(clock, self.id, &piece)
            };
            match sent {
                Ok(0) => return,
                Ok(n) => self.written += n as u64,
                Err(Error::Call(_)) => return,
                Err(error) => {
                    self.error = self.error.or(Some(error));
                    return;
                }
            }
            if self.plan.pace.is_some() {
                return;
            }
        }
    }

    fn read(
        &mut self,
        clock: Time,
        stack: &mut Endpoint,
        writers: &impl Fn(&Self) -> Vec<Writer>,
    ) -> Result<(), String> {
        let mut buffer = vec![0; self.plan.read_at_once.min(16_384)];
        while !self.ended && self.read < self.plan.reads {
            match stack.receive(clock, self.id, &mut buffer) {
                Ok(Received::Text(n)) => self.compare(&buffer[..n], &writers(self))?,
                Ok(Received::Nothing) => return Ok(()),
                Ok(Received::End) => {
                    self.ended = true;
                    return self.compare_end(&writers(self));
                }
                Err(error) => {
                    self.error = self.error.or(Some(error));
                    return Ok(());
                }
            }
            if self.plan.pace.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What was read must be what one of the writers has written there.
    fn compare(&mut self, piece: &[u8], writers: &[Writer]) -> Result<(), String> {
        let until = self.read + piece.len() as u64;
        let fits = |writer: &&Writer| {
            self.from.as_ref().is_none_or(|from| from.contains(&writer.number))
                && writer.written >= until
                && text(writer.key, self.read, piece.len()) == piece
        };
        let from: Vec<_> = writers.iter().filter(fits).map(|writer| writer.number).collect();
        let (read, len) = (self.read, piece.len());
        // It was read, whatever it is: where text was changed unnoticed the run goes on.
        self.read = until;
        self.got = self.got.max(until);
        if from.is_empty() {
            return Err(format!(
                "the {len} octets from octet {read} on are not what the peer has written there"
            ));
        }
        self.from = Some(from);
        Ok(())
    }

    /// At the end all must have been read that a writer has written, and the writer must have closed.
    fn compare_end(&self, writers: &[Writer]) -> Result<(), String> {
        // A connection that has ended in another way and was told so ends, too.
        if self.error.is_some() || self.aborted || !self.established {
            return Ok(());
        }
        let whole = |writer: &Writer| {
            self.from.as_ref().is_none_or(|from| from.contains(&writer.number))
                && writer.written == self.read
                && writer.finished
        };
        if writers.iter().any(whole) {
            return Ok(());
        }
        Err(format!(
            "the text ends after {} octets, and the peer has written more or has not closed",
            self.read
        ))
    }

    pub(super) fn close(&mut self, clock: Time, stack: &mut Endpoint) {
        self.closed |= stack.close(clock, self.id).is_ok();
    }

    /// Gives up.
    pub(super) fn abort(&mut self, clock: Time, stack: &mut Endpoint) {
        self.aborted |= stack.abort(clock, self.id).is_ok();
    }

    /// Lets go.
    pub(super) fn leave(&mut self, clock: Time, stack: &mut Endpoint) {
        if !std::mem::replace(&mut self.left, true) {
            stack.release(clock, self.id);
        }
    }

    /// What it can expect to have heard by now.
    pub(super) fn check_limits(&mut self, now: Time, host: &Host) -> Result<(), String> {
        let Some(status) = self.look(&host.stack)? else { return Ok(()) };
        let (config, settings) = (host.stack.config(), host.stack.settings(self.id));
        let Ok(settings) = settings else { return Ok(()) };
        let over = host.stack.is_over(self.id);
        if over && status.error.is_none() && !self.closed && !self.aborted {
            return Err("a connection is over, and its user has neither ended it nor was told".into());
        }
        // That our SYN is acknowledged is progress, too.
        let progress = (self.acknowledged, self.established);
        let waits = status.unacknowledged > 0 && status.error.is_none() && !over;
        if !waits {
            self.waiting = None;
        } else if self.waiting.is_none_or(|(_, before)| before != progress) {
            self.waiting = Some((now, progress));
        }
        let quiet = host.heard.max(host.disturbed).max(self.disturbed);
        if let Some((since, _)) = self.waiting {
            let r2 =
                self.r2.max(config.r2_syn).mul_f64(host.stretch) + config.max_rto * 2 + config.initial_rto;
            // The peer's window may have been closed when it was heard last: the next probe begins the count.
            let silent = now.since(since.max(quiet));
            if status.state != State::Listen && silent > r2 + Duration::from_secs(60) + SLACK {
                return Err(format!(
                    "text waits and nobody has answered for {silent:?}, R2 is long over, and the user was not told"
                ));
            }
            let limit = settings.user_timeout.map(|limit| limit + SLACK);
            let waited = now.since(since.max(self.disturbed).max(host.disturbed));
            if limit.is_some_and(|limit| waited > limit) && status.state != State::Listen {
                return Err(format!(
                    "text has waited for {waited:?} beyond the user timeout, and the user was not told"
                ));
            }
        }
        let idle = status.unacknowledged == 0 && status.error.is_none() && !over;
        if !idle {
            self.idle_since = now;
        }
        if let Some(on) = settings.keep_alive.filter(|_| idle && self.is_open(status.state)) {
            let limit = on.idle + on.interval * (on.probes.max(2) + 1) + SLACK;
            let silent = now.since(quiet.max(self.idle_since));
            if silent > limit {
                return Err(format!(
                    "keep-alive should have ended a connection that was silent for {silent:?}"
                ));
            }
        }
        Ok(())
    }

    /// Keep-alive runs: both ends know each other, and it is not the end yet.
    fn is_open(&self, state: State) -> bool {
        matches!(state, State::Established | State::CloseWait) && !self.closed
    }
}
