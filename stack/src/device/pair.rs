//! Two devices joined in memory, in real time: for tests of applications, without TUN and without root.

use super::{Arrived, Device};
use crate::base::sync::{Condvar, Instant, Mutex, MutexGuard};
use crate::wire::packet::{Capabilities, Packet};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Packets that wait at one end at most. A device drops packets beyond that.
const QUEUE: usize = 1024;

/// One end of a [`pair`].
#[derive(Debug)]
pub struct End {
    inbox: Arc<Inbox>,
    outbox: Arc<Inbox>,
    capabilities: Capabilities,
}

/// Two devices: what one sends, the other receives, whole segments of up to 64 KiB included.
///
/// [`Stack::pair`](crate::Stack::pair) starts a stack on each.
pub fn pair() -> (End, End) {
    with(Capabilities::ALL)
}

/// The same, with devices that do no more than this for their stacks.
pub fn with(capabilities: Capabilities) -> (End, End) {
    let (a, b) = (Arc::<Inbox>::default(), Arc::<Inbox>::default());
    let end = |inbox, outbox| End { inbox, outbox, capabilities };
    (end(Arc::clone(&a), Arc::clone(&b)), end(b, a))
}

#[derive(Debug, Default)]
struct Inbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    packets: VecDeque<Packet>,
    woken: bool,
    /// Its owner waits.
    waits: bool,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device for End {
    fn receive(&self, packet: &mut [u8], wait: Option<Duration>) -> io::Result<Option<Arrived>> {
        let end = wait.and_then(|wait| Instant::now().checked_add(wait));
        let mut queue = self.inbox.lock();
        loop {
            if let Some(next) = queue.packets.pop_front() {
                let len = next.len().min(packet.len());
                if let (Some(to), Some(from)) = (packet.get_mut(..len), next.get(..len)) {
                    to.copy_from_slice(from);
                }
                return Ok(Some(Arrived { len, offload: next.offload }));
            }
            if std::mem::take(&mut queue.woken) || wait.is_some_and(|wait| wait.is_zero()) {
                return Ok(None);
            }
            queue.waits = true;
            queue = match end {
                None => self.inbox.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        queue.waits = false;
                        return Ok(None);
                    }
                    self.inbox.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            queue.waits = false;
        }
    }

    fn send(&self, packet: &Packet) -> io::Result<()> {
        let mut queue = self.outbox.lock();
        if queue.packets.len() >= QUEUE {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "the other end does not keep up"));
        }
        queue.packets.push_back(packet.clone());
        let waits = queue.waits;
        drop(queue);
        if waits {
            self.outbox.changed.notify_one();
        }
        Ok(())
    }

    fn wake(&self) {
        self.inbox.lock().woken = true;
        self.inbox.changed.notify_one();
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }
}
