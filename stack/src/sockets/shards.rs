//! Several stacks that are one host.

use super::net::{TcpListener, TcpStream};
use crate::base::Error;
use crate::config::{Config, Listen};
use crate::device::Device;
use crate::device::spread::{Counters, Watch, spread};
use crate::runtime::{Lost, Stack};
use crate::watch::table::Table;
use crate::wire::flow::Flows;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Shards: stacks with the same address, each with a thread and a queue of its own. Connections are spread over them by their flow; what that means for limits, loopback and ports stands in
/// [`device::spread`](crate::device::spread). Sockets for tasks are opened on each of the [stacks](Self::stacks).
///
/// ```
/// use std::io::{Read, Write};
/// use std::thread;
/// use std::time::Duration;
/// use tcpspec_stack::device::pair;
/// use tcpspec_stack::{Config, Shards};
///
/// // Two queues that lead to two queues; a TUN's come from `build_queues`.
/// let (a, b): (Vec<_>, Vec<_>) = (0..2).map(|_| pair::pair()).unzip();
/// let clients = Shards::start(a, &Config::new([10, 0, 0, 1]))?;
/// let servers = Shards::start(b, &Config::new([10, 0, 0, 2]))?;
/// // A listener for each shard, and for each listener a thread.
/// for listener in servers.listen(7)? {
///     thread::spawn(move || {
///         while let Ok((mut stream, _)) = listener.accept() {
///             let _ = stream.write_all(b"text");
///         }
///     });
/// }
/// let mut text = String::new();
/// clients.connect("10.0.0.2:7")?.read_to_string(&mut text)?;
/// assert_eq!(text, "text");
/// servers.shutdown(Duration::from_secs(5))?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Shards {
    stacks: Vec<Stack>,
    flows: Flows,
    watch: Watch,
    /// Where the next connection is opened.
    next: AtomicUsize,
}

impl Shards {
    /// Starts a stack with a thread on each queue, all with these settings.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if there is no queue; those of [`Stack::start`].
    pub fn start<D: Device>(queues: Vec<D>, config: &Config) -> io::Result<Self> {
        let devices = spread(queues);
        let Some(first) = devices.first() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is no queue to start a shard on"));
        };
        let (flows, watch) = (first.flows(), first.watch());
        let stacks = devices.into_iter().map(|device| Stack::start(device, config.clone()));
        Ok(Self { stacks: stacks.collect::<io::Result<_>>()?, flows, watch, next: AtomicUsize::new(0) })
    }

    /// The shards, in the order of their queues.
    pub fn stacks(&self) -> &[Stack] {
        &self.stacks
    }

    /// Connects, each time from the next shard in turn.
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::connect`].
    pub fn connect(&self, remote: impl ToSocketAddrs) -> io::Result<TcpStream> {
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.stacks.len().max(1);
        TcpStream::connect(self.stacks.get(next).ok_or(Error::Stopped)?, remote)
    }

    /// Listens on each shard. Each connection comes to the listener of its shard, so all of them have to be asked.
    ///
    /// # Errors
    ///
    /// Those of [`TcpListener::bind`]. Port 0 is not free to choose here: `InvalidInput`.
    pub fn listen(&self, listen: impl Into<Listen>) -> io::Result<Vec<TcpListener>> {
        let listen = listen.into();
        if listen.port == 0 && !listen.every_port {
            return Err(Error::AddressInvalid.into());
        }
        self.stacks.iter().map(|stack| TcpListener::bind(stack, listen)).collect()
    }

    /// The shard of the connections between these sockets: to connect from a port that is given, or to look at one connection.
    pub fn stack_of(&self, local: SocketAddr, remote: SocketAddr) -> Option<&Stack> {
        self.stacks.get(self.flows.shard_of(local, remote))
    }

    /// What was handed over to each shard because it came to another one's queue.
    pub fn counters(&self) -> Vec<Counters> {
        self.watch.counters()
    }

    /// All connections of all shards, like `ss -ti`.
    pub fn table(&self) -> Table {
        let mut all = Table::default();
        for stack in &self.stacks {
            let Table(rows, writes) = stack.table();
            all.0.extend(rows);
            all.1 = writes;
        }
        all.0.sort_by_key(|status| (status.local, status.remote));
        all
    }

    /// Shuts all shards down, as [`Stack::shutdown`] does. All together may take this long.
    ///
    /// # Errors
    ///
    /// What was lost on all of them.
    pub fn shutdown(&self, timeout: Duration) -> Result<(), Lost> {
        let begun = Instant::now();
        let mut lost = Table::default();
        for stack in &self.stacks {
            if let Err(Lost(table)) = stack.shutdown(timeout.saturating_sub(begun.elapsed())) {
                lost.0.extend(table.0);
            }
        }
        if lost.is_empty() { Ok(()) } else { Err(Lost(lost)) }
    }
}

impl std::fmt::Debug for Shards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shards")
            .field("stacks", &self.stacks.len())
            .field("counters", &self.counters())
            .finish()
    }
}
