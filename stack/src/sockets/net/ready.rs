//! What an event loop asks of sockets, and what it is told. No call here waits.
//!
//! A loop with many sockets does not ask all of them again and again. It gives each one a [`Waker`], which puts the socket's name into a list of the loop's own:
//!
//! ```
//! use std::io::{Read, Write};
//! use std::sync::{Arc, mpsc};
//! use std::task::{Wake, Waker};
//! use tcpspec_stack::{Config, Interest, Stack, TcpListener, TcpStream};
//!
//! struct Name(usize, mpsc::Sender<usize>);
//!
//! impl Wake for Name {
//!     fn wake(self: Arc<Self>) {
//!         let _ = self.1.send(self.0);
//!     }
//! }
//!
//! let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2]))?;
//! let listener = TcpListener::bind(&b, 7)?;
//! let mut client = TcpStream::connect(&a, "10.0.0.2:7")?;
//! let (mut server, _) = listener.accept()?;
//! server.set_nonblocking(true)?;
//!
//! let (names, ready) = mpsc::channel();
//! let waker = Waker::from(Arc::new(Name(1, names)));
//! assert!(!server.wake_when(Interest::READ, &waker), "nothing is there");
//! client.write_all(b"x")?;
//! assert_eq!(ready.recv(), Ok(1));
//! assert_eq!(server.read(&mut [0; 10])?, 1);
//! # Ok::<(), std::io::Error>(())
//! ```

use super::{TcpListener, TcpStream};
use crate::base::Error;
use crate::endpoint::{Endpoint, Interest};
use crate::runtime::waiters::{EVENT_LOOP, Key};
use std::task::{Poll, Waker};

impl TcpStream {
    /// Whether what a caller waits for is there: a call that needs it would not wait now. True as well if such a call would fail at once. It costs less than a
    /// call that gives nothing.
    pub fn is_ready(&self, interest: Interest) -> bool {
        let id = self.socket.id;
        let ready = |endpoint: &Endpoint, runs: bool| !runs || endpoint.is_ready(id, interest);
        self.socket.core.glance(ready).unwrap_or(false)
    }

    /// Whether one of these is there, as [`is_ready`](Self::is_ready) tells. If none is, the waker is woken once when one comes. Its [`Wake`](std::task::Wake) runs in the thread
    /// that has brought it, while no lock is held.
    ///
    /// A connection keeps one waker for each interest: another one takes its place. See the [module](self) for an example.
    pub fn wake_when(&self, interest: Interest, waker: &Waker) -> bool {
        let (core, id) = (&self.socket.core, self.socket.id);
        let each = Interest::ALL.into_iter().filter(|one| interest.meets(*one));
        // Each is asked for, so that a waker that was there before goes.
        let ready = each.map(|one| {
            let is_there =
                |endpoint: &mut Endpoint, _| endpoint.is_ready(id, one).then_some(Ok::<_, Error>(()));
            core.poll(self.socket.key(one), EVENT_LOOP, waker, is_there).is_ready()
        });
        ready.fold(false, |any, one| any | one)
    }
}

impl TcpListener {
    /// Whether [`accept`](Self::accept), or [`request`](Self::request) for a listener that holds, would not wait now. True as well if it would fail at once.
    pub fn is_ready(&self) -> bool {
        let ready = |endpoint: &Endpoint, runs: bool| !runs || endpoint.can_accept(self.listening.id);
        self.listening.core.glance(ready).unwrap_or(false)
    }

    /// Whether there is a connection to take. If there is none, the waker is woken once when one comes, unless a caller that waits in [`accept`](Self::accept) has waited longer.
    ///
    /// A listener keeps one such waker: another one takes its place.
    pub fn wake_when(&self, waker: &Waker) -> bool {
        let (core, id) = (&self.listening.core, self.listening.id);
        let is_there = |endpoint: &mut Endpoint, _| endpoint.can_accept(id).then_some(Ok::<_, Error>(()));
        matches!(core.poll(Key::Listener(id), EVENT_LOOP, waker, is_there), Poll::Ready(_))
    }
}
