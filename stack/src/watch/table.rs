//! All connections of a stack as text, like `ss -ti`.

use super::status::Status;
use super::traffic::Traffic;
use crate::wire::packet::Writes;
use std::fmt;

/// Connections, three lines each: state, queues (octets) and sockets as in `ss`; what the stack knows of the path (times in milliseconds, windows and
/// sizes in octets, repairs in segments); what has passed ([`Traffic`]). The last line tells how the device writes packets, if it says so.
///
/// ```
/// use std::time::Duration;
/// use tcpspec_stack::device::memory::Link;
///
/// let mut link = Link::new(Duration::from_millis(5));
/// link.ends[1].listen(80, 8)?;
/// let remote = (link.ends[1].address(), 80).into();
/// link.ends[0].connect(link.now(), Some(5000), remote)?;
/// link.run_for(Duration::from_millis(20));
/// let table = link.ends[0].table().to_string();
/// assert!(table.contains("ESTABLISHED"), "{table}");
/// assert!(table.contains("10.0.0.1:5000") && table.contains("10.0.0.2:80"), "{table}");
/// assert!(table.contains("rtt:10"), "{table}");
/// assert!(table.contains("segs_in:1 segs_out:2"), "{table}");
/// # Ok::<(), tcpspec_stack::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Table(pub Vec<Status>, pub(crate) Writes);

impl Table {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12} {:>8} {:>8} {:<25} Peer", "State", "Recv-Q", "Send-Q", "Local")?;
        for status in &self.0 {
            writeln!(f, "{status}")?;
        }
        match self.1 {
            Writes::Unknown => Ok(()),
            Writes::OneByOne => writeln!(f, "Packets are written one by one."),
            Writes::IoUring => writeln!(f, "Packets are written together, through io_uring."),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, local) = (self.state.to_string(), self.local.to_string());
        write!(f, "{state:<12} {:>8} {:>8} {local:<25} {}", self.unread, self.unacknowledged, self.remote)?;
        write!(f, "\n\t rto:{}", milliseconds(self.rto))?;
        if let Some(round_trip) = self.round_trip {
            write!(f, " rtt:{}", milliseconds(round_trip))?;
        }
        let Self { mss, congestion_window, send_window, receive_window, under_way, repairs, .. } = self;
        write!(f, " mss:{mss} cwnd:{congestion_window} snd_wnd:{send_window} rcv_wnd:{receive_window}")?;
        for (name, count) in [
            ("unacked", u64::from(*under_way)),
            ("retrans", repairs.again),
            ("timeouts", repairs.timeouts),
            ("probes", repairs.probes),
        ] {
            if count > 0 {
                write!(f, " {name}:{count}")?;
            }
        }
        if self.traffic != Traffic::default() {
            write!(f, "\n\t {}", self.traffic)?;
        }
        if self.orphaned {
            write!(f, " orphaned")?;
        }
        if let Some(error) = self.error {
            write!(f, " error:\"{error}\"")?;
        }
        Ok(())
    }
}

fn milliseconds(span: std::time::Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}
