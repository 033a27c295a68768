//! Our side: an endpoint of its own for each script, in virtual time.

use super::script::{Call, Script};
use super::side::{CONNECTING, LISTENING, Outcome, Side, no_socket, peer_socket, side_address};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tcpspec::CallError;
use tcpspec_stack::{Config, ConnectionId, Endpoint, Error, ListenerId, Received, Time, congestion};

/// What the table's `transmit` says when there is nothing to send.
const QUIET_ROWS: [&str; 4] = ["no_text", "no_fin", "nothing_departs", "silent"];
/// Between two steps.
const STEP: Duration = Duration::from_micros(100);

pub struct Ours {
    end: Endpoint,
    now: Time,
    peer: SocketAddr,
    listener: Option<ListenerId>,
    socket: Option<ConnectionId>,
    rows: Arc<Mutex<Vec<&'static str>>>,
}

impl Default for Ours {
    fn default() -> Self {
        let script = Script::default();
        Self {
            end: Endpoint::new(config(&script)),
            now: Time::ZERO,
            peer: peer_socket(&script, 1),
            listener: None,
            socket: None,
            rows: Arc::default(),
        }
    }
}

/// As the kernel is set, see [`super::kernel`].
fn config(script: &Script) -> Config {
    let mut config = Config::new(side_address(false)).with_address(side_address(true), 64);
    config.key = [1, 2];
    config.congestion = congestion::new_reno;
    config.min_rto = Duration::from_millis(200);
    // What can be announced without scaling.
    config.receive_buffer = 60_000;
    config.receive_buffer_start = 60_000;
    config.msl = Duration::from_secs(30);
    if !script.lazy {
        config.delayed_ack = Duration::ZERO;
    }
    config
}

impl Ours {
    fn accept(&mut self) {
        if self.socket.is_none()
            && let Some(listener) = self.listener
        {
            self.socket = self.end.accept(listener);
        }
    }
}

/// The same words as the kernel's errors get.
fn failed(error: Error) -> Outcome {
    Outcome::Failed(match error {
        Error::Reset => "reset".into(),
        Error::Refused => "refused".into(),
        Error::TimedOut => "timed out".into(),
        Error::Call(CallError::ConnectionClosing) => "closing".into(),
        Error::Call(CallError::ConnectionDoesNotExist) | Error::NoSocket => "not connected".into(),
        Error::AddressInUse => "address in use".into(),
        other => other.to_string(),
    })
}

fn done(result: Result<(), Error>) -> Outcome {
    result.map_or_else(failed, |()| Outcome::Done)
}

impl Side for Ours {
    fn begin(&mut self, script: &Script, port: u16) {
        let peer = peer_socket(script, port);
        *self = Self { end: Endpoint::new(config(script)), peer, ..Self::default() };
        let rows = Arc::clone(&self.rows);
        self.end.observe(move |fired| {
            if !QUIET_ROWS.contains(&fired.row.name()) {
                rows.lock().unwrap().push(fired.row.name());
            }
        });
    }

    fn call(&mut self, call: Call) -> Outcome {
        let now = self.now;
        match (call, self.socket) {
            (Call::Listen, _) => match self.end.listen(LISTENING, 8) {
                Ok(listener) => {
                    self.listener = Some(listener);
                    Outcome::Done
                }
                Err(error) => failed(error),
            },
            (Call::Unlisten, _) => {
                if let Some(listener) = self.listener.take() {
                    self.end.close_listener(now, listener);
                }
                Outcome::Done
            }
            (Call::Connect, None) => match self.end.connect(now, Some(CONNECTING), self.peer) {
                Ok(id) => {
                    self.socket = Some(id);
                    Outcome::Done
                }
                Err(error) => failed(error),
            },
            (Call::Connect, Some(_)) => Outcome::Failed("connected".into()),
            (_, None) => no_socket(),
            (Call::Send(octets), Some(id)) => {
                let text: Vec<u8> = (0..octets).map(|n| n as u8).collect();
                self.end.send(now, id, &text).map_or_else(failed, Outcome::Taken)
            }
            (Call::Receive, Some(id)) => {
                let mut text = vec![0; 1 << 17];
                match self.end.receive(now, id, &mut text) {
                    Ok(Received::Text(len)) => Outcome::Text(text[..len].to_vec()),
                    Ok(Received::Nothing) => Outcome::Nothing,
                    Ok(Received::End) => Outcome::End,
                    Err(error) => failed(error),
                }
            }
            (Call::Shut, Some(id)) => done(self.end.close(now, id)),
            (Call::Close, Some(id)) => {
                self.end.release(now, id);
                self.socket = None;
                Outcome::Done
            }
            (Call::Abort, Some(id)) => {
                // In CLOSED there is nothing to abort, and the kernel's `close` does not say so.
                let _ = self.end.abort(now, id);
                self.end.release(now, id);
                self.socket = None;
                Outcome::Done
            }
        }
    }

    fn deliver(&mut self, packet: &[u8]) {
        self.now = self.now + STEP;
        self.end.handle_packet(self.now, packet);
        self.accept();
    }

    fn pause(&mut self, ms: u64) {
        let limit = self.now + Duration::from_millis(ms);
        while let Some(next) = self.end.next_deadline().filter(|next| *next <= limit) {
            self.now = self.now.max(next);
            self.end.handle_deadline(self.now);
        }
        self.now = limit;
    }

    fn packets(&mut self) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.end.poll_packet(self.now)).map(|packet| packet.bytes).collect()
    }

    fn state(&mut self, local: u16) -> &'static str {
        let table = self.end.table();
        let found = table.0.iter().find(|row| row.local.port() == local && row.remote == self.peer);
        match found {
            Some(status) => status.state.name(),
            None if self.listener.is_some() && local == LISTENING => "LISTEN",
            None => "CLOSED",
        }
    }

    fn rows(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut *self.rows.lock().unwrap())
    }
}
