//! A connector for clients of `hyper-util` (feature `hyper-util`).

use super::{Addresses, TcpStream};
use crate::config::Initial;
use crate::runtime::{Core, Stack};
use http::Uri;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_service::Service;

/// Connects an HTTP client across a stack: to the host and port of a URI, 80 if it names none, or 443 with `https` (a wrapper adds TLS). Names are looked up by the
/// system, in a thread of its own, or by a resolver of yours; of several addresses the first that answers is taken. Also for `tonic`'s
/// `Endpoint::connect_with_connector`. Holds the stack no longer than its sockets do.
///
/// ```
/// use http_body_util::BodyExt;
/// use hyper_util::client::legacy::Client;
/// use hyper_util::rt::TokioExecutor;
/// use tcpspec_stack::asynchronous::{Addresses, Connector, TcpListener};
/// use tcpspec_stack::{Config, Stack};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
/// let listener = TcpListener::bind(&b, 80)?;
/// tokio::spawn(async move {
///     let (mut stream, _) = listener.accept().await?;
///     stream.read(&mut [0; 1000]).await?;
///     stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await
/// });
///
/// let client: Client<_, String> = Client::builder(TokioExecutor::new()).build(Connector::new(&a));
/// let response = client.get("http://10.0.0.2/".parse()?).await?;
/// let addresses = response.extensions().get::<Addresses>().copied();
/// assert_eq!(addresses.map(|addresses| addresses.remote), Some("10.0.0.2:80".parse()?));
/// assert_eq!(response.into_body().collect().await?.to_bytes(), "hello");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Connector<R = GaiResolver> {
    core: Arc<Core>,
    resolver: R,
    initial: Initial,
}

impl Connector {
    /// With the system's names.
    pub fn new(stack: &Stack) -> Self {
        Self::with_resolver(stack, GaiResolver::new())
    }
}

impl<R> Connector<R> {
    /// With names of your own.
    pub fn with_resolver(stack: &Stack, resolver: R) -> Self {
        Self { core: Arc::clone(&stack.core), resolver, initial: Initial::default() }
    }

    /// What its connections begin with: `no_delay`, for instance.
    #[must_use]
    pub fn with_initial(mut self, initial: Initial) -> Self {
        self.initial = initial;
        self
    }
}

impl<R> std::fmt::Debug for Connector<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("initial", &self.initial).finish_non_exhaustive()
    }
}

/// Where a URI leads.
enum Host {
    Address(IpAddr),
    Name(Name),
}

fn host(uri: &Uri) -> io::Result<(Host, u16)> {
    let invalid = |why: &'static str| io::Error::new(io::ErrorKind::InvalidInput, why);
    let host = uri.host().ok_or_else(|| invalid("the URI names no host"))?;
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(usual);
    // IPv6 stands in brackets.
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Ok(match bare.parse() {
        Ok(address) => (Host::Address(address), port),
        Err(_) => (Host::Name(host.parse().map_err(|_| invalid("the URI's host is no name"))?), port),
    })
}

impl<R> Service<Uri> for Connector<R>
where
    R: Service<Name>,
    R::Response: Iterator<Item = SocketAddr> + Send,
    R::Error: Into<Box<dyn Error + Send + Sync>>,
    R::Future: Send + 'static,
{
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<TcpStream>>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.resolver.poll_ready(context).map_err(io::Error::other)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (core, initial) = (Arc::clone(&self.core), self.initial);
        let found = host(&uri).map(|(host, port)| match host {
            Host::Address(address) => (Ok(address), port),
            Host::Name(name) => (Err(self.resolver.call(name)), port),
        });
        Box::pin(async move {
            let (address, port) = found?;
            let addresses: Vec<IpAddr> = match address {
                Ok(address) => vec![address],
                Err(asked) => asked.await.map_err(io::Error::other)?.map(|found| found.ip()).collect(),
            };
            let nobody = || io::Error::new(io::ErrorKind::NotFound, "the host has no address");
            let mut last = None;
            for address in addresses {
                match TcpStream::connect_to(&core, SocketAddr::new(address, port), &initial).await {
                    Ok(stream) => return Ok(TokioIo::new(stream)),
                    Err(error) => last = Some(error),
                }
            }
            Err(last.unwrap_or_else(nobody))
        })
    }
}

impl Connection for TcpStream {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        match (self.local_addr(), self.peer_addr()) {
            (Ok(local), Ok(remote)) => connected.extra(Addresses { local, remote }),
            _ => connected,
        }
    }
}
