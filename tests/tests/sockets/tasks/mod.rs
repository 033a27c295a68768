//! What programs that know tokio's sockets expect of ours: each test asks for one thing that those promise. On two stacks that are joined in memory, in real time.

mod accept;
mod blocking;
mod connect;
mod copy;
mod echo;
mod peek;
mod shutdown;
mod socket;
mod split;
mod stream;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;
use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
use tcpspec_stack::{Config, Stack};
use tokio::time::timeout;

/// Longer than what comes at once needs.
const SOON: Duration = Duration::from_millis(30);

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { timeout(Duration::from_secs(30), test).await.expect("it is stuck") })
}

/// Two stacks, with addresses of both IP versions.
fn stacks() -> (Stack, Stack) {
    let config = |last| {
        let ipv6: IpAddr = format!("fd00::{last}").parse().unwrap();
        Config::new([10, 0, 0, last]).with_address(ipv6, 64)
    };
    Stack::pair(config(1), config(2)).unwrap()
}

fn server() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 80))
}

/// Both ends of a connection, the client's first, and their stacks.
async fn connected() -> (TcpStream, TcpStream, (Stack, Stack)) {
    let (a, b) = stacks();
    let listener = TcpListener::bind(&b, 80).unwrap();
    let client = TcpStream::connect(&a, server()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (client, server, (a, b))
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Woken {
    fn new() -> (Arc<Self>, Waker) {
        let woken = Arc::<Self>::default();
        (Arc::clone(&woken), Waker::from(woken))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Waits until it was.
    async fn once(&self) {
        while self.count() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
