//! Streams in two halves, borrowed or owned, and the conversion of streams from and into the blocking form.

use super::{OwnedReadHalf, OwnedWriteHalf, TcpStream};
use crate::sockets::net;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The reading half of a [`TcpStream`], borrowed by [`split`](TcpStream::split).
#[derive(Debug)]
pub struct ReadHalf<'a> {
    pub(super) half: &'a mut OwnedReadHalf,
}

/// The writing half of a [`TcpStream`], borrowed by [`split`](TcpStream::split). To end writing, shut it down: dropping it does nothing.
#[derive(Debug)]
pub struct WriteHalf<'a> {
    pub(super) half: &'a mut OwnedWriteHalf,
}

/// Two halves that belong to different connections: both are given back.
#[derive(Debug, thiserror::Error)]
#[error("these halves belong to different connections")]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl TcpStream {
    /// Two halves for one task, without a cost.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        let Self { reader, writer } = self;
        (ReadHalf { half: reader }, WriteHalf { half: writer })
    }
}

impl OwnedReadHalf {
    /// Joins what [`TcpStream::into_split`] has split.
    ///
    /// # Errors
    ///
    /// Both halves, if they do not belong together.
    pub fn reunite(self, writer: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        if !Arc::ptr_eq(&self.socket, &writer.socket) {
            return Err(ReuniteError(self, writer));
        }
        let mut writer = writer;
        writer.forgotten = true;
        Ok(TcpStream { reader: self, writer })
    }
}

impl OwnedWriteHalf {
    /// Joins what [`TcpStream::into_split`] has split.
    ///
    /// # Errors
    ///
    /// Both halves, if they do not belong together.
    pub fn reunite(self, reader: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        reader.reunite(self)
    }

    /// Drops it without ending writing: no FIN is sent until the reading half is dropped, too.
    pub fn forget(mut self) {
        self.forgotten = true;
    }
}

impl From<net::TcpStream> for TcpStream {
    /// The same connection; its clones stay what they are.
    fn from(stream: net::TcpStream) -> Self {
        Self::new(stream.socket)
    }
}

impl From<TcpStream> for net::TcpStream {
    /// The same connection. It waits unless [`set_nonblocking`](Self::set_nonblocking) says otherwise.
    fn from(stream: TcpStream) -> Self {
        stream.blocking()
    }
}

impl AsyncRead for ReadHalf<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.half).poll_read(context, into)
    }
}

impl AsyncWrite for WriteHalf<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        text: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.half).poll_write(context, text)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        text: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.half).poll_write_vectored(context, text)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.half).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.half).poll_shutdown(context)
    }
}
