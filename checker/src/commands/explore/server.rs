//! The socket and its clients: each connection is a task of its own, within the [bounds](super::bounds).

use super::ask::{Answer, Desk};
use super::bounds::Bounds;
use super::clients::{Client, Clients};
use super::paced::Paced;
use super::quiet;
use super::routes::{At, Service, router};
use super::search::Searches;
use axum::Router;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper::{Request, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;

/// Connections that the system keeps until they are accepted.
const BACKLOG: u32 = 1024;
/// What a client hears when all others are being served.
const FULL: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 69\r\nconnection: close\r\n\r\n{\"error\":\"Too many clients are being served. Ask again in a moment.\"}";

/// A server that listens.
pub(super) struct Server {
    runtime: Runtime,
    listener: TcpListener,
    bounds: Bounds,
}

impl Server {
    /// Listens; nobody is served yet. Port 0: the system chooses one.
    pub(super) fn listen(at: SocketAddr, bounds: Bounds) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(bounds.answers + bounds.searches + 2)
            .thread_name(quiet::THREAD)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(async {
            let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            // Connections of an earlier explorer in TIME-WAIT are in nobody's way. On Windows it would mean something else.
            #[cfg(unix)]
            socket.set_reuseaddr(true)?;
            // Accepted connections inherit it.
            socket.set_send_buffer_size(bounds.kept)?;
            socket.bind(at)?;
            socket.listen(BACKLOG)
        })?;
        Ok(Self { runtime, listener, bounds })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `end`.
    pub(super) fn serve(self, answer: Answer, end: impl Future<Output = ()>) {
        let Self { runtime, listener, bounds } = self;
        quiet::begin();
        let service =
            Service { desk: Arc::new(Desk::new(answer, bounds)), searches: Arc::new(Searches::new(bounds)) };
        let talk = Talk {
            router: router(service, bounds.requests),
            clients: Arc::new(Clients::new(bounds.connections)),
            bounds,
        };
        runtime.block_on(async {
            tokio::select! {
                () = talk.accept(listener) => {}
                () = end => {}
            }
        });
        // Nobody waits for what is still being worked out.
        runtime.shutdown_background();
    }
}

/// What every connection needs.
struct Talk {
    router: Router,
    clients: Arc<Clients>,
    bounds: Bounds,
}

impl Talk {
    async fn accept(&self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.admit(stream),
                // A client that has gone already, or too many open files: others may go in the meantime.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Serves a connection in the background.
    fn admit(&self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let Ok(at) = stream.local_addr() else { return };
        let Some(place) = self.clients.admit() else {
            // It fits into what the system keeps, or is not said.
            let _ = stream.try_write(FULL.as_bytes());
            return;
        };
        let (bounds, client) = (self.bounds, Arc::clone(&place.client));
        let router = TowerToHyperService::new(self.router.clone());
        let service =
            hyper::service::service_fn(move |request| router.call(with(request, Arc::clone(&client), at)));
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(bounds.head_time)
                .max_header_size(bounds.head)
                .max_buf_size(bounds.head.max(64 << 10))
                .max_headers(bounds.headers)
                .serve_connection(TokioIo::new(Paced::new(stream, &bounds)), service);
            // What a client does wrong is its own affair.
            tokio::select! {
                _ = connection => {}
                () = place.client.goes.notified() => {}
            }
        });
    }
}

fn with(mut request: Request<Incoming>, client: Arc<Client>, at: SocketAddr) -> Request<Incoming> {
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(At(at));
    request
}
