//! A file transfer: `cargo run --release -p tcpspec-examples --bin transfer -- send FILE` gives FILE to `nc 10.7.0.2 9000 > COPY`, and
//! `… transfer -- receive FILE` takes it from `nc -N 10.7.0.2 9000 < ORIGINAL`. It ends when the file has arrived.

use std::fs::File;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, io};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpListener};

const USAGE: &str = "usage: transfer send|receive FILE";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, transfer)
}

fn transfer() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [way, name] = &arguments[..] else { return Err(io::Error::new(io::ErrorKind::InvalidInput, USAGE)) };
    // The file comes first: without it there is nothing to wait for.
    let mut file = match way.as_str() {
        "send" => tcpspec_examples::file(name, File::open)?,
        "receive" => tcpspec_examples::file(name, File::create)?,
        _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, USAGE)),
    };
    let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build()?;
    let stack = Stack::start(tun, Config::new([10, 7, 0, 2]))?;
    let listener = TcpListener::bind(&stack, 9000)?;
    eprintln!("waiting on 10.7.0.2 port 9000");
    let (mut stream, peer) = listener.accept()?;
    let start = Instant::now();
    let octets = match way.as_str() {
        "send" => io::copy(&mut file, &mut stream)?,
        _ => io::copy(&mut stream, &mut file)?,
    };
    drop(stream);
    // Now nothing is lost, though the program ends.
    stack.shutdown(Duration::from_secs(60))?;
    let megabits = octets as f64 * 8e-6 / start.elapsed().as_secs_f64();
    eprintln!("{octets} octets, {way} {peer}, {megabits:.0} Mbit/s");
    Ok(())
}
