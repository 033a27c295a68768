//! A connection whose client has to take what it asked for: when it takes too little for too long, writing fails and the connection ends.

use super::bounds::Bounds;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream and how its client takes what is written.
#[derive(Debug)]
pub(super) struct Paced<S> {
    stream: S,
    take: usize,
    take_time: Duration,
    /// While something waits to be written: until when, and how many octets have to be taken by then.
    behind: Option<(Pin<Box<Sleep>>, usize)>,
}

impl<S: AsyncWrite + Unpin> Paced<S> {
    pub(super) fn new(stream: S, bounds: &Bounds) -> Self {
        Self { stream, take: bounds.take, take_time: bounds.take_time, behind: None }
    }

    /// What became of an attempt to write.
    fn judge(
        &mut self,
        context: &mut Context<'_>,
        wrote: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match wrote {
            Poll::Ready(Ok(octets)) => {
                if let Some((_, missing)) = &mut self.behind {
                    *missing = missing.saturating_sub(octets);
                    if *missing == 0 {
                        self.behind = None;
                    }
                }
                Poll::Ready(Ok(octets))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let (take, time) = (self.take, self.take_time);
                let (until, _) = self.behind.get_or_insert_with(|| (Box::pin(sleep(time)), take));
                until.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, octets);
        self.judge(context, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, octets);
        self.judge(context, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// HTTP flushes when all has been written: then nothing waits any more.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.behind = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    const BOUNDS: fn() -> Bounds =
        || Bounds { take: 100, take_time: Duration::from_millis(200), ..Bounds::default() };

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn a_client_that_takes_nothing_is_given_up() {
        run(async {
            let (server, _client) = duplex(64);
            let error = Paced::new(server, &BOUNDS()).write_all(&[0; 1000]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        });
    }

    #[test]
    fn so_is_one_that_takes_an_octet_now_and_then() {
        run(async {
            let (server, mut client) = duplex(64);
            tokio::spawn(async move {
                while client.read_u8().await.is_ok() {
                    sleep(Duration::from_millis(10)).await;
                }
            });
            let error = Paced::new(server, &BOUNDS()).write_all(&[0; 1000]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        });
    }

    #[test]
    fn one_that_is_only_slow_is_not() {
        run(async {
            let (server, mut client) = duplex(64);
            let taken = tokio::spawn(async move {
                let (mut some, mut all) = ([0; 60], 0);
                while let Ok(octets @ 1..) = client.read(&mut some).await {
                    all += octets;
                    sleep(Duration::from_millis(40)).await;
                }
                all
            });
            let mut paced = Paced::new(server, &BOUNDS());
            paced.write_all(&[0; 1000]).await.unwrap();
            paced.flush().await.unwrap();
            drop(paced);
            assert_eq!(taken.await.unwrap(), 1000);
        });
    }
}
