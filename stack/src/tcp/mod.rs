//! One connection: the machine and its host.

pub(crate) mod buffer;
pub(crate) mod connection;
pub(crate) mod cookie;
pub(crate) mod host;
pub(crate) mod memo;
pub(crate) mod memory;
pub(crate) mod path;
pub(crate) mod receiving;
mod record;
pub(crate) mod recovery;
pub(crate) mod rest;
pub(crate) mod rto;
pub(crate) mod sending;
pub(crate) mod shared;
mod status;
