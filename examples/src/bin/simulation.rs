//! Two hosts in simulated time on a line that loses, reorders and duplicates, and a capture for Wireshark with the rows that fired as comments:
//! `cargo run --release -p tcpspec-examples --bin simulation -- 7 run.pcapng` (a seed and a file). The same seed gives the same file.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tcpspec_stack::Received;
use tcpspec_stack::device::faulty::{Conditions, Path};
use tcpspec_stack::device::memory::Link;

const USAGE: &str = "\
usage: simulation [SEED [FILE]]    one megabyte over a bad line, and a capture of it (seed 7, run.pcapng)";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, simulate)
}

fn simulate() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed = tcpspec_examples::argument(arguments.next(), 7_u64, "seed (a whole number)")?;
    let name = arguments.next().unwrap_or_else(|| "run.pcapng".into());

    let mut link = Link::new(Duration::ZERO);
    let conditions = Conditions {
        loss: 0.03,
        duplication: 0.01,
        reordering: 0.02,
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(2),
        rate: Some(1_250_000),
        ..Conditions::default()
    };
    link.set_paths([Path::new(seed, conditions), Path::new(!seed, conditions)]);
    link.capture(BufWriter::new(tcpspec_examples::file(&name, File::create)?))?;

    // One megabyte from one host to the other, which answers with its length.
    let text: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    let listener = link.ends[1].listen(80, 1)?;
    let server = SocketAddr::new(link.ends[1].address(), 80);
    let client = link.ends[0].connect(link.now(), None, server)?;
    let (mut sent, mut read, mut answer) = (0, Vec::new(), Vec::new());
    let (mut accepted, mut closed) = (None, [false; 2]);
    let done = link.run_until(Duration::from_secs(600), |link| {
        let now = link.now();
        let mut buffer = [0; 65_536];
        if link.ends[0].status(client).is_ok_and(|status| status.established) {
            if let Some(rest) = text.get(sent..).filter(|rest| !rest.is_empty()) {
                sent += link.ends[0].send(now, client, rest).unwrap_or(0);
            } else if !closed[0] {
                closed[0] = link.ends[0].close(now, client).is_ok();
            }
        }
        accepted = accepted.or_else(|| link.ends[1].accept(listener));
        if let Some(id) = accepted {
            loop {
                match link.ends[1].receive(now, id, &mut buffer) {
                    Ok(Received::Text(len)) => read.extend_from_slice(&buffer[..len]),
                    Ok(Received::End) if !closed[1] => {
                        let _ = link.ends[1].send(now, id, format!("{} octets", read.len()).as_bytes());
                        closed[1] = link.ends[1].close(now, id).is_ok();
                    }
                    _ => break,
                }
            }
        }
        loop {
            match link.ends[0].receive(now, client, &mut buffer) {
                Ok(Received::Text(len)) => answer.extend_from_slice(&buffer[..len]),
                Ok(Received::End) => break true,
                _ => break false,
            }
        }
    });

    let lost: u64 = link.paths().iter().map(|path| path.counters().lost).sum();
    tcpspec_examples::print(format!(
        "{:.3} s of simulated time, {} segments, {lost} of them lost\nthe answer: {}\n{}{name}: every packet, with the rows that fired\n",
        link.now().since_origin().as_secs_f64(),
        link.log().len(),
        String::from_utf8_lossy(&answer),
        link.ends[0].table()
    ))?;
    if done && read == text { Ok(()) } else { Err("the text did not arrive".into()) }
}
