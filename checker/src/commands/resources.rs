//! What explores: the engine, its threads, processes and memory.

use crate::check;
use crate::engine::Cluster;
use crate::output::terminal;
use clap::Args;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// What explores, and how much it may take.
#[derive(Args, Debug, Default)]
pub(crate) struct Resources {
    /// Which engine explores
    #[arg(long, value_enum, default_value_t)]
    engine: check::Engine,
    /// Threads, of each process if there are several (default: one for each core)
    #[arg(long, visible_alias = "workers", value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,
    /// Explore with several processes, on one machine or many: a file with a line ADDRESS:PORT for each. Run the same command
    /// with the same file for each of them; the first one reports
    #[arg(long, value_name = "FILE", requires = "process")]
    hosts: Option<PathBuf>,
    /// Which line of the hosts' file this process is, counted from 0
    #[arg(long, value_name = "N", requires = "hosts")]
    process: Option<usize>,
    /// How long to wait for a process that is not there, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "hosts")]
    wait: u32,
    /// Stop with a partial verdict when this process takes more memory, as in 8GiB or 500MiB (default: three quarters of what is available)
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<Bytes>,
}

/// An amount of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Bytes(u64);

impl std::str::FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let shift = match unit.trim() {
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            "TiB" => 40,
            _ => return Err("write it with a unit, as in 8GiB or 500MiB".into()),
        };
        let number: u64 = number.parse().map_err(|_| "write a whole number and a unit, as in 8GiB")?;
        number.checked_mul(1 << shift).map(Self).ok_or_else(|| "that much memory does not exist".into())
    }
}

impl Resources {
    pub(crate) fn plan(&self) -> Result<check::Plan, Box<dyn Error>> {
        let Self { engine, threads, hosts, process, wait, memory_limit } = self;
        if *engine == check::Engine::Stateright && (hosts.is_some() || memory_limit.is_some()) {
            return Err(
                "--hosts and --memory-limit are for `--engine timely`; stateright knows neither".into()
            );
        }
        let workers = threads.map_or_else(check::default_threads, usize::from);
        let cluster = match (hosts, process) {
            (Some(file), Some(process)) => {
                let wait = Duration::from_secs(u64::from(*wait));
                Cluster { process: *process, hosts: read(file, *process)?, wait, ..Cluster::threads(workers) }
            }
            _ => Cluster::threads(workers),
        };
        let mut plan = check::Plan { engine: *engine, cluster, ..check::Plan::with_threads(workers) };
        if let Some(Bytes(limit)) = memory_limit {
            plan.limits.memory = Some(*limit);
        }
        if *engine == check::Engine::Timely {
            plan.limits.interrupted = interruptible()?;
        }
        Ok(plan)
    }
}

/// The addresses of all processes.
fn read(hosts: &Path, process: usize) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(hosts)
        .map_err(|error| format!("cannot read {}: {error}", hosts.display()))?;
    let hosts: Vec<String> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if process < hosts.len() {
        Ok(hosts)
    } else {
        Err(format!("there is no process {process}: the hosts' file has {} lines", hosts.len()))
    }
}

/// From now on Ctrl-C asks for an end; a second one ends at once. Where another program only asks a suite, that program keeps its own Ctrl-C.
pub(crate) fn interruptible() -> Result<Arc<AtomicBool>, ctrlc::Error> {
    let asked = Arc::new(AtomicBool::new(false));
    if terminal::is_elsewhere() {
        return Ok(asked);
    }
    let ours = Arc::clone(&asked);
    ctrlc::set_handler(move || {
        if ours.swap(true, Relaxed) {
            std::process::exit(INTERRUPTED);
        }
    })?;
    Ok(asked)
}

/// What shells expect of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_memory_have_a_unit() {
        assert_eq!("8GiB".parse(), Ok(Bytes(8 << 30)));
        assert_eq!("500MiB".parse(), Ok(Bytes(500 << 20)));
        for wrong in ["", "8", "GiB", "8GB", "-1GiB", "99999999999TiB"] {
            assert!(wrong.parse::<Bytes>().is_err(), "{wrong}");
        }
    }
}
