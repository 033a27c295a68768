//! `axum::serve` on a listener (feature `axum`).

use super::{Addresses, TcpListener, TcpStream};
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use std::io;
use std::net::SocketAddr;

/// ```
/// use axum::extract::ConnectInfo;
/// use axum::{Router, routing::get};
/// use tcpspec_stack::asynchronous::{Addresses, TcpListener, TcpStream, stopped};
/// use tcpspec_stack::{Config, Stack};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// async fn hello(ConnectInfo(who): ConnectInfo<Addresses>) -> String {
///     format!("hello {}", who.remote.ip())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// let app = Router::new().route("/", get(hello)).into_make_service_with_connect_info::<Addresses>();
/// let serve = axum::serve(TcpListener::bind(&b, 80)?, app).with_graceful_shutdown(stopped(&b));
/// let server = tokio::spawn(async move { serve.await });
///
/// let mut client = TcpStream::connect(&a, "10.0.0.2:80").await?;
/// client.write_all(b"GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n").await?;
/// let mut answer = String::new();
/// client.read_to_string(&mut answer).await?;
/// assert!(answer.ends_with("hello 10.0.0.1"), "{answer}");
/// // The stack ends, and so does the server.
/// let _ = b.shutdown(std::time::Duration::ZERO);
/// server.await??;
/// # Ok(())
/// # }
/// ```
impl axum::serve::Listener for TcpListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    /// Waits for a connection. Once the stack has ended it waits for ever, since the trait has no way to say so. [`stopped`](super::stopped) lets the server end then.
    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        match Self::accept(self).await {
            Ok(accepted) => accepted,
            // No connection will come any more.
            Err(_) => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Self::local_addr(self)
    }
}

impl Connected<IncomingStream<'_, TcpListener>> for Addresses {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        let remote = *stream.remote_addr();
        // If the stack has just stopped, this is not asked any more.
        let local = stream.io().local_addr().unwrap_or_else(|_| SocketAddr::from(([0; 4], 0)));
        Self { local, remote }
    }
}
