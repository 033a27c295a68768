//! What `{:?}` shows of a running stack and its sockets: addresses and states, as `std` does. They are looked up first, so that nothing is locked while the formatter
//! of a user runs.

use crate::runtime::{Core, Stack};
use crate::sockets::net::{Incoming, Listening, Request, TcpListener, TcpStream};
use crate::sockets::socket::Socket;
use std::fmt::{Debug, Formatter, Result};

impl Socket {
    /// Shows the connection under the name of what holds it.
    pub(crate) fn show(&self, name: &str, f: &mut Formatter<'_>) -> Result {
        let status = self.core.glance(|endpoint, _| endpoint.status(self.id));
        let mut shown = f.debug_struct(name);
        // Within `with_endpoint` this thread cannot look again.
        let Some(Ok(status)) = status else { return shown.finish_non_exhaustive() };
        shown.field("addr", &status.local).field("peer", &status.remote);
        shown.field("state", &format_args!("{}", status.state)).finish()
    }
}

impl Listening {
    /// The same for a listener.
    pub(crate) fn show(&self, name: &str, f: &mut Formatter<'_>) -> Result {
        f.debug_struct(name).field("addr", &self.local_addr()).finish()
    }
}

impl Debug for TcpStream {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.socket.show("TcpStream", f)
    }
}

impl Debug for TcpListener {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.listening.show("TcpListener", f)
    }
}

impl Debug for Incoming<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.listener.listening.show("Incoming", f)
    }
}

impl Debug for Request {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Request")
            .field("addr", &self.local_addr())
            .field("peer", &self.peer_addr())
            .finish_non_exhaustive()
    }
}

impl Debug for Stack {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.core.show("Stack", f)
    }
}

impl Core {
    fn show(&self, name: &str, f: &mut Formatter<'_>) -> Result {
        let look = self.glance(|endpoint, runs| {
            (endpoint.config().addresses().collect::<Vec<_>>(), endpoint.connections(), runs)
        });
        let mut shown = f.debug_struct(name);
        let Some((addresses, connections, runs)) = look else { return shown.finish_non_exhaustive() };
        shown.field("addresses", &addresses).field("connections", &connections);
        shown.field("state", &format_args!("{}", if runs { "running" } else { "stopped" })).finish()
    }
}
