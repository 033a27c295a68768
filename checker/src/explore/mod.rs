//! `tcpspec explore`: serves the explorer's page, to this machine only unless told otherwise.
//!
//! - [`routes`]: which path is answered by what;
//! - [`origin`], [`reply`]: who may ask, and what every answer says to the browser;
//! - [`ask`], [`search`], [`job`]: answers and searches, on threads of their own;
//! - [`server`], [`clients`], [`paced`]: connections, how many there are, and what becomes of slow ones;
//! - [`bounds`]: all bounds of it;
//! - [`quiet`]: faults of the program itself;
//! - [`classic`]: stateright's page instead.

mod ask;
mod bounds;
mod classic;
mod clients;
mod job;
mod origin;
mod paced;
mod quiet;
mod reply;
mod routes;
mod search;
mod server;

use crate::aside;
use crate::cli::one;
use crate::settings::Settings;
use bounds::Bounds;
use clap::Args;
use server::Server;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};

#[derive(Args, Debug)]
pub(crate) struct ExploreArgs {
    /// The scenario to begin with
    scenario: Option<String>,
    #[command(flatten)]
    settings: Settings,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,
    /// Port to listen on; 0: any that is free
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Serve stateright's explorer instead, for one scenario
    #[arg(long)]
    classic: bool,
}

impl ExploreArgs {
    /// Serves until interrupted.
    pub(crate) fn run(self) -> Result<bool, Box<dyn Error>> {
        let at = SocketAddr::new(self.address, self.port);
        if self.classic {
            let scenario =
                self.settings.apply(one(self.scenario.as_deref().unwrap_or("handshake-close"))?)?;
            return classic::serve(scenario, at);
        }
        let opened = match &self.scenario {
            Some(name) => format!("#/run?scenario={}", one(name)?.name),
            None => String::new(),
        };
        serve(at, &opened)?;
        Ok(true)
    }
}

/// Serves the page until Ctrl-C; `opened` is what its URL ends with.
fn serve(at: SocketAddr, opened: &str) -> Result<(), Box<dyn Error>> {
    let cannot = |error| format!("cannot listen on {at}: {error}; choose another with --port or --address");
    let server = Server::listen(at, Bounds::default()).map_err(cannot)?;
    let at = server.address()?;
    let open = if at.ip().is_unspecified() { SocketAddr::new(loopback(at.ip()), at.port()) } else { at };
    aside::line(&format!("Open http://{open}/{opened} in a browser; Ctrl-C ends."));
    if !at.ip().is_loopback() {
        aside::line(&format!(
            "Warning: everybody who can reach {at} can explore with this machine's processors and memory; without --address only this machine can."
        ));
    }
    server.serve(tcpspec_explorer::answer, async {
        let _ = tokio::signal::ctrl_c().await;
    });
    Ok(())
}

/// This machine's own address of the same version of IP.
fn loopback(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    }
}
