//! Urgent text (§3.8.5).

use super::TcpStream;
use crate::base::Error;
use crate::endpoint::{Endpoint, Interest};
use std::io;

impl TcpStream {
    /// Writes urgent text (§3.8.5): the peer learns where it ends, ahead of what it has read. Waits for room, as writing does. Gives how much was written.
    /// New applications should not use it (SHLD-13, RFC 6093).
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn send_urgent(&self, text: &[u8]) -> io::Result<usize> {
        self.socket.write(text.len(), |endpoint, now, id| endpoint.send_urgent(now, id, text))
    }

    /// Octets from the next one to be read to the end of urgent text, which may not have come yet; zero if there is none ahead (MUST-33).
    ///
    /// # Errors
    ///
    /// `NotConnected` if the stack was shut down.
    pub fn urgent(&self) -> io::Result<u32> {
        Ok(self.socket.call(|endpoint, _, id| endpoint.urgent(id))?)
    }

    /// Waits until urgent text lies ahead (MUST-32), and tells what [`urgent`](Self::urgent) would; zero if none will come, since the peer has closed.
    ///
    /// # Errors
    ///
    /// `WouldBlock` after the read timeout; otherwise how the connection has ended.
    pub fn wait_urgent(&self) -> io::Result<u32> {
        let (socket, key) = (&self.socket, self.socket.key(Interest::URGENT));
        let ahead = socket
            .core
            .wait(key, socket.timeout(&socket.read_timeout), |endpoint, _| ahead(endpoint, socket.id))?;
        ahead.ok_or_else(|| {
            io::Error::new(io::ErrorKind::WouldBlock, "nothing urgent came within the read timeout")
        })
    }
}

/// Urgent text that lies ahead, or that none will come; for callers that may have to wait.
pub(crate) fn ahead(
    endpoint: &mut Endpoint,
    id: crate::endpoint::ConnectionId,
) -> Option<Result<u32, Error>> {
    if !endpoint.is_ready(id, Interest::URGENT) {
        return None;
    }
    match endpoint.status(id) {
        Ok(status) => Some(status.error.map_or_else(|| endpoint.urgent(id), Err)),
        Err(error) => Some(Err(error)),
    }
}
