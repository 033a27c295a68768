//! `tcpspec explore`: serves the explorer's page, to this machine only unless told otherwise.
//!
//! - [`routes`]: which path is answered by what;
//! - [`origin`], [`reply`]: which requests are answered, and what every answer says to the browser;
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
#[cfg(test)]
mod tests;

use crate::commands::names::one;
use crate::commands::settings::Settings;
use crate::commands::trace::{self, Shown};
use crate::output::aside;
use crate::runs::links;
use bounds::Bounds;
use clap::Args;
use server::Server;
use std::error::Error;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use tcpspec::model::{Claim, Scenario};
use tcpspec_explorer::files::{LARGEST, Trace};
use tcpspec_explorer::link::Link;
use tcpspec_explorer::run::Run;

#[derive(Args, Debug)]
pub(crate) struct ExploreArgs {
    /// What to begin with: a scenario, or the words of a claim, as behind --claim (default: the start page)
    #[arg(conflicts_with_all = ["claim", "open", "trace"])]
    scenario: Option<String>,
    /// Begin with the shortest run that shows the claim with these words, or breaks it
    #[arg(long, value_name = "WORDS", conflicts_with_all = ["open", "trace", "classic"])]
    claim: Option<String>,
    /// Begin with a run: a link as `check` and `trace` print it, or as it stands in the page's address
    #[arg(long, value_name = "LINK", conflicts_with_all = ["trace", "classic"])]
    open: Option<String>,
    /// Begin with a run from a file that `trace --json`, `check --trace FILE.json` or the page has written
    #[arg(long, value_name = "FILE", conflicts_with = "classic")]
    trace: Option<PathBuf>,
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
        // The address is taken before anything is searched for.
        let cannot =
            |error| format!("cannot listen on {at}: {error}; choose another with --port or --address");
        let server = Server::listen(at, Bounds::default()).map_err(cannot)?;
        let begins = self.begins()?;
        serve(server, &begins)?;
        Ok(true)
    }

    /// What the page's address ends with.
    fn begins(&self) -> Result<String, String> {
        let Self { scenario, claim, open, trace, settings, .. } = self;
        if !settings.are_empty() && scenario.is_none() && claim.is_none() {
            return Err(
                "--set and --bound change a scenario; name it, as in `explore time-wait --set rfc1337=off`"
                    .into(),
            );
        }
        if let Some(text) = open {
            return opened(text);
        }
        if let Some(file) = trace {
            return traced(file);
        }
        if let Some(words) = claim {
            let found = trace::claimed(words).ok_or_else(|| {
                format!("no scenario has a claim with the words \"{words}\"; `tcpspec list` shows all")
            })?;
            return claimed(found, settings);
        }
        let Some(name) = scenario else { return Ok(String::new()) };
        match trace::claimed(name) {
            Some(found) => claimed(found, settings),
            None => begun(settings, settings.apply(one(name)?)?),
        }
    }
}

/// A scenario, and nothing has happened.
fn begun(settings: &Settings, scenario: &Scenario) -> Result<String, String> {
    Ok(at_run(&settings.link(scenario.name)?, None))
}

/// The page with a run.
fn at_run(link: &Link, repeats_from: Option<usize>) -> String {
    format!("#/run?{}", links::query(link, repeats_from))
}

/// The shortest run that shows a claim or breaks it.
fn claimed(
    (scenario, claim): (&'static Scenario, &'static Claim),
    settings: &Settings,
) -> Result<String, String> {
    match trace::shown(settings.apply(scenario)?, claim)? {
        Shown { scenario, run: Some((steps, repeats_from)), .. } => {
            let link = links::to(&settings.link(scenario.name)?, &steps);
            Ok(at_run(&link, repeats_from) + &links::claim(claim.name))
        }
        shown @ Shown { run: None, .. } => {
            aside::line(&shown.to_string());
            begun(settings, shown.scenario)
        }
    }
}

/// A link, alone or within the page's address.
fn opened(text: &str) -> Result<String, String> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let repeats_from = query.split('&').find_map(|part| part.strip_prefix("repeats=")?.parse().ok());
    let link = Link::parse(query).and_then(Run::play).map_err(|refusal| refusal.error)?.link;
    Ok(at_run(&link, repeats_from.filter(|from| *from < link.path.len())))
}

/// A trace that was written to a file.
fn traced(file: &Path) -> Result<String, String> {
    let cannot = |why: &dyn std::fmt::Display| format!("cannot open {}: {why}", file.display());
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(|error| cannot(&error))?;
    opened.take(LARGEST as u64 + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => {
            cannot(&"it is no text; a capture is opened on the page, by dropping it there")
        }
        _ => cannot(&error),
    })?;
    if text.len() > LARGEST {
        return Err(cannot(&format!("it has more than {} MiB", LARGEST >> 20)));
    }
    let (trace, run, note) = Trace::read(&text).map_err(|refusal| cannot(&refusal.error))?;
    if let Some(note) = note {
        aside::line(&note);
    }
    Ok(at_run(&run.link, trace.repeats_from))
}

/// Serves the page until Ctrl-C; `begins` is what its address ends with.
fn serve(server: Server, begins: &str) -> Result<(), Box<dyn Error>> {
    let at = server.address()?;
    let open = if at.ip().is_unspecified() { SocketAddr::new(loopback(at.ip()), at.port()) } else { at };
    aside::line(&format!("Open http://{open}/{begins} in a browser; Ctrl-C ends."));
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
