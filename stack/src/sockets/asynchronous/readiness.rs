//! What a stream is ready for, and calls that never wait.

use super::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, TcpStream, Waiting, WriteHalf, in_turn, poll, turn};
use crate::base::{Error, Time};
use crate::endpoint::{ConnectionId, Endpoint, Interest, Received};
use crate::sockets::socket::receive_vectored;
use crate::sockets::socket::{Socket, written};
use bytes::BufMut;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};
use tcpspec::Facts;
use tokio::io::ReadBuf;

/// Octets that [`try_read_buf`](TcpStream::try_read_buf) takes at most.
const PIECE: usize = 64 << 10;

/// What a stream is ready for. It is a fact of the moment: the next call may still have to wait if another task was faster.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ready {
    come: Interest,
    read_closed: bool,
    write_closed: bool,
    error: bool,
}

impl Ready {
    /// Reading gives something at once: text, the end or an error.
    pub const fn is_readable(self) -> bool {
        self.come.meets(Interest::READ)
    }

    /// Writing gives something at once: there is room, or an error.
    pub const fn is_writable(self) -> bool {
        self.come.meets(Interest::WRITE)
    }

    /// Nothing more will come behind what is there to read.
    pub const fn is_read_closed(self) -> bool {
        self.read_closed
    }

    /// Nothing more can be written.
    pub const fn is_write_closed(self) -> bool {
        self.write_closed
    }

    /// The connection has ended by an error, which the next call tells.
    pub const fn is_error(self) -> bool {
        self.error
    }

    /// For nothing that was asked for.
    pub const fn is_empty(self) -> bool {
        !self.come.meets(Interest::EVERY)
    }

    /// What has come of all that was asked for.
    pub const fn interest(self) -> Interest {
        self.come
    }
}

impl Socket {
    /// What it is ready for, of this.
    fn readiness(&self, endpoint: &Endpoint, asked: Interest) -> Ready {
        let read_shut = self.is_read_shut();
        let is_ready = |one: &Interest| {
            asked.meets(*one) && (endpoint.is_ready(self.id, *one) || (*one == Interest::READ && read_shut))
        };
        let come = Interest::ALL.into_iter().filter(is_ready).fold(Interest::default(), |all, one| all | one);
        let (read, write) = (asked.meets(Interest::READ), asked.meets(Interest::WRITE));
        let Ok(connection) = endpoint.connection(self.id) else {
            return Ready { come, read_closed: read, write_closed: write, error: false };
        };
        let error = connection.host.reports.error.is_some();
        let over = error || connection.is_closed();
        Ready {
            come,
            read_closed: read && (over || read_shut || connection.peer_closed()),
            write_closed: write && (over || connection.tcb.facts.has(Facts::CLOSED)),
            error,
        }
    }

    fn some(&self, endpoint: &Endpoint, asked: Interest) -> Option<Result<Ready, Error>> {
        Some(self.readiness(endpoint, asked)).filter(|ready| !ready.is_empty()).map(Ok)
    }

    /// Waits until it is ready for one of these.
    async fn ready(&self, asked: Interest) -> io::Result<Ready> {
        let ones = Interest::ALL.into_iter().filter(|one| asked.meets(*one));
        let waits: Vec<_> = ones.map(|one| Waiting::new(&self.core, self.key(one))).collect();
        if waits.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "nothing is waited for"));
        }
        let ready = poll_fn(|context| {
            let polled = waits.iter().map(|wait| {
                poll(&self.core, (wait.key, wait.token), context, |endpoint, _| self.some(endpoint, asked))
            });
            // All of them wait, until one has come.
            polled.into_iter().find(Poll::is_ready).unwrap_or(Poll::Pending)
        });
        Ok(ready.await?)
    }

    /// One call if it is ready for this.
    fn try_io<T>(&self, asked: Interest, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let ready = self.core.call(|endpoint, _| Ok(self.readiness(endpoint, asked)))?;
        if ready.is_empty() { Err(io::ErrorKind::WouldBlock.into()) } else { call() }
    }

    fn try_receive(
        &self,
        len: usize,
        receive: impl FnOnce(&mut Endpoint, Time, ConnectionId) -> Result<Received, Error>,
    ) -> io::Result<usize> {
        if len == 0 {
            return Ok(0);
        }
        let call = |endpoint: &mut Endpoint, now| Ok(self.received(receive(endpoint, now, self.id)));
        Ok(self.core.call(call)?.ok_or(io::ErrorKind::WouldBlock)??)
    }

    fn try_send(
        &self,
        len: usize,
        send: impl FnOnce(&mut Endpoint, Time, ConnectionId) -> Result<usize, Error>,
    ) -> io::Result<usize> {
        if len == 0 {
            return Ok(0);
        }
        let call = |endpoint: &mut Endpoint, now| Ok(written(send(endpoint, now, self.id)));
        Ok(self.core.call(call)?.ok_or(io::ErrorKind::WouldBlock)??)
    }

    fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        let status = self.call(|endpoint, _, id| endpoint.status(id))?;
        Ok((status.local, status.remote))
    }
}

/// The methods of each type that reads.
macro_rules! reading {
    ($($reader:ty: $half:ident => $owned:expr;)*) => {$(
        /// Reading without waiting, and waiting without reading.
        impl $reader {
            /// Waits until there is something to read, or nothing more will come. Cancel safe.
            ///
            /// # Errors
            ///
            /// `NotConnected` if the stack was shut down.
            pub async fn readable(&self) -> io::Result<()> {
                let $half = self;
                $owned.socket.ready(Interest::READ).await.map(drop)
            }

            /// Reads if there is something to read.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is not; those of reading.
            pub fn try_read(&self, into: &mut [u8]) -> io::Result<usize> {
                let $half = self;
                $owned.socket.try_receive(into.len(), |endpoint, now, id| endpoint.receive(now, id, into))
            }

            /// The same into several places, one after the other.
            ///
            /// # Errors
            ///
            /// The same.
            pub fn try_read_vectored(&self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                let $half = self;
                let len = into.iter().map(|slice| slice.len()).sum();
                $owned.socket.try_receive(len, |endpoint, now, id| receive_vectored(endpoint, now, id, into))
            }

            /// The same behind what a buffer holds already, 64 KiB at most.
            ///
            /// # Errors
            ///
            /// The same.
            pub fn try_read_buf(&self, into: &mut impl BufMut) -> io::Result<usize> {
                let mut piece = vec![0; into.chunk_mut().len().min(PIECE)];
                let len = self.try_read(&mut piece)?;
                into.put_slice(piece.get(..len).unwrap_or_default());
                Ok(len)
            }

            /// Whether there is something to peek at, which stays where it is; else the task is woken when there is. Of several tasks that ask,
            /// or that read, the last one is.
            ///
            /// # Errors
            ///
            /// Those of reading.
            pub fn poll_peek(
                &self,
                context: &mut Context<'_>,
                into: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<usize>> {
                let $half = self;
                $owned.peek_by(context, into)
            }
        }
    )*};
}

reading! {
    TcpStream: stream => stream.reader;
    OwnedReadHalf: half => half;
    ReadHalf<'_>: half => half.half;
}

/// The methods of each type that writes.
macro_rules! writing {
    ($($writer:ty: $half:ident => $owned:expr;)*) => {$(
        /// Writing without waiting, and waiting without writing.
        impl $writer {
            /// Waits until there is room to write, or nothing more can be written. Cancel safe.
            ///
            /// # Errors
            ///
            /// `NotConnected` if the stack was shut down.
            pub async fn writable(&self) -> io::Result<()> {
                let $half = self;
                $owned.socket.ready(Interest::WRITE).await.map(drop)
            }

            /// Writes as much as there is room for. Gives how much that was.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is no room; those of writing.
            pub fn try_write(&self, text: &[u8]) -> io::Result<usize> {
                let $half = self;
                $owned.socket.try_send(text.len(), |endpoint, now, id| endpoint.send(now, id, text))
            }

            /// The same with several pieces, which share segments.
            ///
            /// # Errors
            ///
            /// The same.
            pub fn try_write_vectored(&self, text: &[IoSlice<'_>]) -> io::Result<usize> {
                let $half = self;
                let len = text.iter().map(|slice| slice.len()).sum();
                $owned.socket.try_send(len, |endpoint, now, id| endpoint.send_vectored(now, id, text))
            }
        }
    )*};
}

writing! {
    TcpStream: stream => stream.writer;
    OwnedWriteHalf: half => half;
    WriteHalf<'_>: half => half.half;
}

/// The methods of each type.
macro_rules! both {
    ($($either:ty: $half:ident => $owned:expr;)*) => {$(
        impl $either {
            /// Waits until it is ready for one of these. Cancel safe.
            ///
            /// # Errors
            ///
            /// `InvalidInput` if nothing is asked for; `NotConnected` if the stack was shut down.
            pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
                let $half = self;
                $owned.socket.ready(interest).await
            }
        }
    )*};
}

both! {
    TcpStream: stream => stream.reader;
    OwnedReadHalf: half => half;
    ReadHalf<'_>: half => half.half;
    OwnedWriteHalf: half => half;
    WriteHalf<'_>: half => half.half;
}

/// The methods that halves share with the whole stream.
macro_rules! half {
    ($($either:ty: $half:ident => $owned:expr;)*) => {$(
        impl $either {
            /// Our socket.
            ///
            /// # Errors
            ///
            /// `NotConnected` if the stack was shut down.
            pub fn local_addr(&self) -> io::Result<SocketAddr> {
                let $half = self;
                Ok($owned.socket.addresses()?.0)
            }

            /// The peer's socket.
            ///
            /// # Errors
            ///
            /// `NotConnected` if the stack was shut down.
            pub fn peer_addr(&self) -> io::Result<SocketAddr> {
                let $half = self;
                Ok($owned.socket.addresses()?.1)
            }
        }
    )*};
}

half! {
    OwnedReadHalf: half => half;
    ReadHalf<'_>: half => half.half;
    OwnedWriteHalf: half => half;
    WriteHalf<'_>: half => half.half;
}

impl OwnedReadHalf {
    /// Waits for something to read, which stays where it is. Cancel safe.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub async fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        let socket = &self.socket;
        if into.is_empty() {
            turn().await;
            return Ok(0);
        }
        let waiting = Waiting::new(&socket.core, socket.key(Interest::READ));
        let call = |endpoint: &mut Endpoint, now| socket.received(endpoint.peek(now, socket.id, into));
        Ok(waiting.until(call).await?)
    }

    fn peek_by(&self, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        if into.remaining() == 0 {
            return in_turn(context, |_| Poll::Ready(Ok(0)));
        }
        let socket = &self.socket;
        let place = (socket.key(Interest::READ), self.token);
        let peeked = poll(&socket.core, place, context, |endpoint, now| {
            socket.received(endpoint.peek(now, socket.id, into.initialize_unfilled()))
        });
        let len = ready!(peeked)?;
        into.advance(len);
        Poll::Ready(Ok(len))
    }
}

impl ReadHalf<'_> {
    /// Waits for something to read, which stays where it is. Cancel safe.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub async fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        self.half.peek(into).await
    }
}

impl TcpStream {
    /// Whether there is something to read; else the task is woken when there is. Of several tasks that ask, or that read, the last one is.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let OwnedReadHalf { socket, token } = &self.reader;
        Self::poll_ready_for(socket, *token, Interest::READ, context)
    }

    /// Whether there is room to write; else the task is woken when there is. Of several tasks that ask, or that write, the last one is.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let OwnedWriteHalf { socket, token, .. } = &self.writer;
        Self::poll_ready_for(socket, *token, Interest::WRITE, context)
    }

    fn poll_ready_for(
        socket: &Socket,
        token: crate::runtime::waiters::Token,
        asked: Interest,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let place = (socket.key(asked), token);
        let polled = poll(&socket.core, place, context, |endpoint, _| socket.some(endpoint, asked));
        Poll::Ready(Ok(ready!(polled).map(drop)?))
    }

    /// Calls the caller's function if the stream is ready for it.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not; those of the caller.
    pub fn try_io<T>(&self, interest: Interest, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.reader.socket.try_io(interest, call)
    }

    /// Calls the caller's function as soon as the stream is ready for it, and again while it says `WouldBlock`. So the function has to use up what the
    /// stream is ready for.
    ///
    /// # Errors
    ///
    /// Those of the caller; `NotConnected` if the stack was shut down.
    pub async fn async_io<T>(
        &self,
        interest: Interest,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            self.ready(interest).await?;
            match call() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }
}
