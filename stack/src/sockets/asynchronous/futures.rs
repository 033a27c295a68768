//! The traits of `futures` (feature `futures`), by those of tokio.

use super::{Incoming, OwnedReadHalf, OwnedWriteHalf, ReadHalf, TcpStream, WriteHalf};
use futures_core::Stream;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;

macro_rules! reading {
    ($($reader:ty),*) => {$(
        impl futures_io::AsyncRead for $reader {
            fn poll_read(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                into: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                let mut into = ReadBuf::new(into);
                ready!(tokio::io::AsyncRead::poll_read(self, context, &mut into))?;
                Poll::Ready(Ok(into.filled().len()))
            }
        }
    )*};
}

macro_rules! writing {
    ($($writer:ty),*) => {$(
        impl futures_io::AsyncWrite for $writer {
            fn poll_write(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                text: &[u8],
            ) -> Poll<io::Result<usize>> {
                tokio::io::AsyncWrite::poll_write(self, context, text)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                text: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                tokio::io::AsyncWrite::poll_write_vectored(self, context, text)
            }

            fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                tokio::io::AsyncWrite::poll_flush(self, context)
            }

            /// Sends a FIN after what was written; reading goes on.
            fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                tokio::io::AsyncWrite::poll_shutdown(self, context)
            }
        }
    )*};
}

reading!(TcpStream, OwnedReadHalf, ReadHalf<'_>);
writing!(TcpStream, OwnedWriteHalf, WriteHalf<'_>);

/// ```
/// use futures_util::{AsyncReadExt, AsyncWriteExt, StreamExt};
/// use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
/// use tcpspec_stack::{Config, Stack};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// let incoming = TcpListener::bind(&b, 7)?.incoming();
/// let server = tokio::spawn(incoming.for_each_concurrent(10, async |stream| {
///     if let Ok(stream) = stream {
///         let (reader, mut writer) = stream.into_split();
///         let _ = futures_util::io::copy(reader, &mut writer).await;
///     }
/// }));
/// let mut stream = TcpStream::connect(&a, "10.0.0.2:7").await?;
/// stream.write_all(b"hello").await?;
/// stream.close().await?;
/// let mut text = String::new();
/// stream.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// // The stream of connections ends with the stack, and so does the server.
/// let _ = b.shutdown(std::time::Duration::ZERO);
/// server.await?;
/// # Ok(())
/// # }
/// ```
impl Stream for Incoming {
    type Item = io::Result<TcpStream>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}
