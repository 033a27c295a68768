//! The clients that are connected. When there are too many, the server drops the one that it has waited for the longest, so slow clients make room for others.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// All who are connected.
#[derive(Debug)]
pub(super) struct Clients {
    most: usize,
    all: Mutex<All>,
}

#[derive(Debug, Default)]
struct All {
    next: u64,
    clients: BTreeMap<u64, Arc<Client>>,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Client {
    /// Since when the server has been waiting for it.
    waits_since: Mutex<Instant>,
    /// How many of its requests the server is working on.
    served: AtomicUsize,
    /// Requests so far.
    pub(super) requests: AtomicU32,
    /// It has to go.
    pub(super) goes: Notify,
}

/// A client's place; it is free again once this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    clients: Arc<Clients>,
    number: u64,
    pub(super) client: Arc<Client>,
}

/// As long as it lives, the client waits for the server and not the other way round.
#[derive(Debug)]
pub(super) struct Turn(Arc<Client>);

impl Clients {
    pub(super) fn new(most: usize) -> Self {
        Self { most, all: Mutex::default() }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more; `None` if all others are being served.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Place> {
        let mut all = self.all();
        if all.clients.len() >= self.most {
            let (slowest, _) = all
                .clients
                .iter()
                .filter(|(_, client)| client.served.load(Relaxed) == 0)
                .min_by_key(|(_, client)| client.waits_since())?;
            let slowest = *slowest;
            if let Some(client) = all.clients.remove(&slowest) {
                client.goes.notify_one();
            }
        }
        let number = all.next;
        all.next += 1;
        let client = Arc::new(Client {
            waits_since: Mutex::new(Instant::now()),
            served: AtomicUsize::new(0),
            requests: AtomicU32::new(0),
            goes: Notify::new(),
        });
        all.clients.insert(number, Arc::clone(&client));
        Some(Place { clients: Arc::clone(self), number, client })
    }
}

impl Client {
    fn waits_since(&self) -> Instant {
        *self.waits_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server works for this client from now on.
    pub(super) fn turn(self: &Arc<Self>) -> Turn {
        self.served.fetch_add(1, Relaxed);
        Turn(Arc::clone(self))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.clients.all().clients.remove(&self.number);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.waits_since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.served.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a client has been told to go.
    fn goes(place: &Place) -> bool {
        let mut told = std::pin::pin!(place.client.goes.notified());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::future::Future::poll(told.as_mut(), &mut context).is_ready()
    }

    #[test]
    fn the_one_that_is_waited_for_the_longest_makes_room() {
        let clients = Arc::new(Clients::new(3));
        let [a, b, c] = [(); 3].map(|()| clients.admit().unwrap());
        // The first is served, the second was served a moment ago.
        let turn = a.client.turn();
        drop(b.client.turn());
        let d = clients.admit().unwrap();
        assert_eq!([&a, &b, &c, &d].map(goes), [false, false, true, false]);
        drop(c);
        // When all are served, there is no room.
        let turns = [&b, &d].map(|place| place.client.turn());
        assert!(clients.admit().is_none());
        drop((turn, turns));
        drop(b);
        assert!(clients.admit().is_some());
        assert_eq!([&a, &d].map(goes), [false, false]);
    }
}
