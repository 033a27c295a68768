//! Servers of `tonic` on a stream of connections (feature `tonic`).

use super::TcpStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// ```
/// use axum::routing::get;
/// use axum::{Extension, Router};
/// use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
/// use tcpspec_stack::{Config, Stack};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tonic::transport::Server;
/// use tonic::transport::server::TcpConnectInfo;
///
/// async fn who(Extension(who): Extension<TcpConnectInfo>) -> String {
///     who.remote_addr().map(|who| who.ip().to_string()).unwrap_or_default()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// // In the place of the router stands what `tonic-build` has made; HTTP 1 is for the short client below.
/// let app = Router::new().route("/", get(who));
/// let incoming = TcpListener::bind(&b, 50051)?.incoming();
/// let server = tokio::spawn(Server::builder().accept_http1(true).serve_with_incoming(app, incoming));
///
/// let mut client = TcpStream::connect(&a, "10.0.0.2:50051").await?;
/// client.write_all(b"GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n").await?;
/// let mut answer = String::new();
/// client.read_to_string(&mut answer).await?;
/// assert!(answer.ends_with("10.0.0.1"), "{answer}");
/// // The stream of connections ends with the stack, and so does the server.
/// let _ = b.shutdown(std::time::Duration::ZERO);
/// server.await??;
/// # Ok(())
/// # }
/// ```
impl Connected for TcpStream {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        TcpConnectInfo { local_addr: self.local_addr().ok(), remote_addr: self.peer_addr().ok() }
    }
}
