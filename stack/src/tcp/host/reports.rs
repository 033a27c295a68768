//! What a connection tells its user: how it has ended, what was lost, and the trouble on its way (§3.9.1.8).

use crate::base::Error;
use crate::tcp::memo::Memo;
use tcpspec::{CallError, Notice};

/// What the user is told, and what the user has heard already.
#[derive(Debug, Default)]
pub(crate) struct UserReports {
    /// How the connection ended, other than by FINs.
    pub(crate) error: Option<Error>,
    /// The user has heard how it ended.
    pub(crate) told: bool,
    /// The connection has ended with text that the user gave and the peer has not acknowledged.
    pub(crate) lost: bool,
    /// That loss was counted.
    pub(crate) loss_noted: bool,
    /// Trouble that the network reports and that may pass.
    pub(crate) soft_error: Option<Error>,
    /// The peer's host has reported it last, and not the network.
    pub(crate) refused: bool,
    /// What the user was told, a bit for each notice.
    pub(super) notices: u16,
}

impl UserReports {
    /// There is no trouble to tell of.
    pub(super) fn may_rest(&self) -> bool {
        self.error.is_none() && self.soft_error.is_none()
    }

    /// What is kept then, both ways.
    pub(super) fn keep(&mut self, memo: &mut impl Memo) {
        let Self { error: _, told, lost, loss_noted, soft_error: _, refused, notices } = self;
        memo.flags([told, lost, loss_noted, refused]);
        memo.num(notices);
    }

    /// Whether the user was told this.
    pub(crate) fn noticed(&self, notice: Notice) -> bool {
        self.notices >> notice as u16 & 1 == 1
    }

    /// Established, and the TCB is not deleted.
    pub(crate) fn is_open(&self) -> bool {
        const BOTH: u16 = 1 << Notice::Established as u16 | 1 << Notice::Closed as u16;
        self.notices & BOTH == 1 << Notice::Established as u16
    }

    /// The machine tells the user this.
    pub(super) fn notice(&mut self, notice: Notice) {
        self.notices |= 1 << notice as u16;
        match notice {
            Notice::Refused => self.error = Some(Error::Refused),
            Notice::Unsent => self.error = Some(Error::Call(CallError::ConnectionClosing)),
            // Before the connection is established a RST means that nobody wants it (MUST-11, and what sockets report).
            Notice::Reset if !self.noticed(Notice::Established) => self.error = Some(Error::Refused),
            Notice::Reset => self.error = Some(Error::Reset),
            // What the network has reported says more.
            Notice::GivenUp | Notice::UserTimeout => self.error = self.soft_error.or(Some(Error::TimedOut)),
            Notice::Orphaned => self.error = Some(Error::Orphaned),
            Notice::SoftError => self.soft_error = Some(self.reported()),
            // R1: what the network has reported says more, here too.
            Notice::Trouble => self.soft_error = self.soft_error.or(Some(Error::TimedOut)),
            Notice::Unreachable => self.error = Some(self.reported()),
            Notice::Established
            | Notice::Closing
            | Notice::CloseAcknowledged
            | Notice::Urgent
            | Notice::UrgentEnd
            | Notice::Closed => {}
        }
    }

    /// What an error of the network says.
    fn reported(&self) -> Error {
        if self.refused { Error::Refused } else { Error::Unreachable }
    }

    /// How the connection ended, if the user has not heard of it yet: an error is told once.
    pub(crate) fn tell_error(&mut self) -> Option<Error> {
        self.tell_loss().or_else(|| self.tell_end())
    }

    /// What was lost before the connection went back to LISTEN, if the user has not heard of it yet. The connection goes on.
    pub(crate) fn tell_loss(&mut self) -> Option<Error> {
        if self.noticed(Notice::Closed) { None } else { self.error.take() }
    }

    fn tell_end(&mut self) -> Option<Error> {
        self.error.filter(|_| !std::mem::replace(&mut self.told, true))
    }
}
