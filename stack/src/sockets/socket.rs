//! What blocking and asynchronous sockets have in common: a connection of a running stack. It is released when nobody holds it any more.

use crate::base::{Error, Time};
use crate::endpoint::{ConnectionId, Endpoint, Interest, Received};
use crate::runtime::Core;
use crate::runtime::waiters::Key;
use crate::watch::status::Status;
use std::io::{self, IoSliceMut};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tcpspec::CallError;

/// A connection, which clones and halves share.
pub(crate) struct Socket {
    pub(crate) core: Arc<Core>,
    pub(crate) id: ConnectionId,
    pub(crate) read_timeout: Span,
    pub(crate) write_timeout: Span,
    pub(crate) linger: Span,
    pub(crate) nonblocking: AtomicBool,
    /// Reading was shut down by us.
    read_shut: AtomicBool,
}

impl Socket {
    pub(crate) fn new(core: &Arc<Core>, id: ConnectionId) -> Self {
        Self {
            core: Arc::clone(core),
            id,
            read_timeout: Span::none(),
            write_timeout: Span::none(),
            linger: Span::none(),
            nonblocking: AtomicBool::new(false),
            read_shut: AtomicBool::new(false),
        }
    }

    pub(crate) fn call<T>(
        &self,
        call: impl FnOnce(&mut Endpoint, Time, ConnectionId) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.core.call(|endpoint, now| call(endpoint, now, self.id))
    }

    pub(crate) fn key(&self, interest: Interest) -> Key {
        Key::Connection(self.id, interest)
    }

    /// Whether reading was shut down by us.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_read_shut(&self) -> bool {
        self.read_shut.load(Ordering::Relaxed)
    }

    pub(crate) fn timeout(&self, span: &Span) -> Option<Duration> {
        if self.nonblocking.load(Ordering::Relaxed) { Some(Duration::ZERO) } else { span.get() }
    }

    /// What a RECEIVE or a peek has given; for callers that may have to wait.
    pub(crate) fn received(&self, result: Result<Received, Error>) -> Option<Result<usize, Error>> {
        match result {
            Ok(Received::Text(len)) => Some(Ok(len)),
            Ok(Received::End) => Some(Ok(0)),
            Ok(Received::Nothing) => self.read_shut.load(Ordering::Relaxed).then_some(Ok(0)),
            Err(error) => Some(Err(error)),
        }
    }

    /// Waits until there is something to read; `len`: how much is wanted.
    pub(crate) fn read(
        &self,
        len: usize,
        mut read: impl FnMut(&mut Endpoint, Time, ConnectionId) -> Result<Received, Error>,
    ) -> io::Result<usize> {
        if len == 0 {
            return Ok(0);
        }
        let (key, timeout) = (self.key(Interest::READ), self.timeout(&self.read_timeout));
        let read = self.core.wait(key, timeout, |endpoint, now| self.received(read(endpoint, now, self.id)));
        read?.ok_or_else(|| io::Error::new(io::ErrorKind::WouldBlock, "nothing came within the read timeout"))
    }

    /// Waits until there is room for something; `len`: how much there is to write.
    pub(crate) fn write(
        &self,
        len: usize,
        mut write: impl FnMut(&mut Endpoint, Time, ConnectionId) -> Result<usize, Error>,
    ) -> io::Result<usize> {
        if len == 0 {
            return Ok(0);
        }
        let (key, timeout) = (self.key(Interest::WRITE), self.timeout(&self.write_timeout));
        let written = self.core.wait(key, timeout, |endpoint, now| written(write(endpoint, now, self.id)));
        written?.ok_or_else(|| {
            io::Error::new(io::ErrorKind::WouldBlock, "there was no room within the write timeout")
        })
    }

    /// Whether what was written is lost.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        self.call(|endpoint, _, id| endpoint.check_loss(id))
    }

    /// As on Linux: a second time is no error, and a connection that is over, for whatever reason, has nothing to shut down.
    pub(crate) fn shutdown(&self, how: Shutdown) -> Result<(), Error> {
        if how != Shutdown::Write {
            self.read_shut.store(true, Ordering::Relaxed);
            self.core.wake(self.key(Interest::READ));
        }
        self.call(|endpoint, now, id| {
            if endpoint.is_done(id) {
                return Err(CallError::ConnectionDoesNotExist.into());
            }
            match how {
                Shutdown::Read => Ok(()),
                Shutdown::Write | Shutdown::Both => match endpoint.close(now, id) {
                    Err(Error::Call(CallError::ConnectionClosing)) => Ok(()),
                    result => result,
                },
            }
        })
    }
}

/// What a SEND has given; for callers that may have to wait. As on Linux, a connection that is over takes text no more than one that was closed.
pub(crate) fn written(result: Result<usize, Error>) -> Option<Result<usize, Error>> {
    match result {
        Ok(0) => None,
        Err(Error::Call(CallError::ConnectionDoesNotExist)) => Some(Err(CallError::ConnectionClosing.into())),
        result => Some(result),
    }
}

/// Whether the connection is established, or how the attempt has ended; for callers that may have to wait.
pub(crate) fn opened(endpoint: &mut Endpoint, id: ConnectionId) -> Option<Result<(), Error>> {
    match endpoint.status(id) {
        Ok(Status { established: true, .. }) => Some(Ok(())),
        Ok(Status { error: Some(error), .. }) | Err(error) => Some(Err(error)),
        Ok(_) if endpoint.is_over(id) => Some(Err(Error::Reset)),
        Ok(_) => None,
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let (id, linger) = (self.id, self.linger.get());
        self.core.soon(move |core| release(core, id, linger));
    }
}

fn release(core: &Core, id: ConnectionId, linger: Option<Duration>) {
    let delivered = match linger {
        None => true,
        Some(Duration::ZERO) => false,
        Some(linger) => is_delivered(core, id, linger),
    };
    // If the stack has stopped there is nothing to release.
    let _ = core.call(|endpoint, now| {
        if !delivered {
            // Refused where there is nothing to reset.
            let _ = endpoint.abort(now, id);
        }
        endpoint.release(now, id);
        Ok(())
    });
}

/// Whether all is delivered within this time. The stack's own thread cannot wait for that. There text is delivered behind the caller's back, as without linger.
fn is_delivered(core: &Core, id: ConnectionId, linger: Duration) -> bool {
    // Refused if CLOSE was called already.
    let _ = core.call(|endpoint, now| endpoint.close(now, id));
    let delivered = core.wait(Key::Connection(id, Interest::DELIVERED), Some(linger), |endpoint, _| {
        endpoint.is_ready(id, Interest::DELIVERED).then_some(Ok(()))
    });
    delivered != Ok(None)
}

/// A span of time, or none, that threads share. In nanoseconds; the largest number stands for none.
#[derive(Debug)]
pub(crate) struct Span(AtomicU64);

impl Span {
    pub(crate) const fn none() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }

    pub(crate) fn get(&self) -> Option<Duration> {
        let nanos = self.0.load(Ordering::Relaxed);
        (nanos != u64::MAX).then(|| Duration::from_nanos(nanos))
    }

    /// More than 584 years count as none.
    pub(crate) fn set(&self, span: Option<Duration>) {
        let nanos = span.and_then(|span| u64::try_from(span.as_nanos()).ok());
        self.0.store(nanos.unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// RECEIVE into several places, one after the other.
pub(crate) fn receive_vectored(
    endpoint: &mut Endpoint,
    now: Time,
    id: ConnectionId,
    into: &mut [IoSliceMut<'_>],
) -> Result<Received, Error> {
    let mut all = 0;
    for slice in into.iter_mut().filter(|slice| !slice.is_empty()) {
        match endpoint.receive(now, id, slice) {
            Ok(Received::Text(len)) => all += len,
            // The next call will tell it again.
            Ok(_) | Err(_) if all > 0 => break,
            other => return other,
        }
    }
    Ok(Received::Text(all))
}
