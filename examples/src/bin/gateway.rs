//! A gateway: whatever host in 198.51.100.0/24 is called, its ports are those of this host's 127.0.0.1. `python3 -m http.server &`, then
//! `cargo run --release -p tcpspec-examples --bin gateway`, then `curl http://198.51.100.7:8000/`. Where nobody listens here, nobody listens there: the SYN
//! is answered only when the connection on this side is made.

use std::error::Error;
use std::net::{self, Ipv4Addr, Shutdown};
use std::process::ExitCode;
use std::{io, thread};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::net::Request;
use tcpspec_stack::{Config, Listen, Stack, TcpListener};

const USAGE: &str =
    "usage: gateway    forwards connections into 198.51.100.0/24 to the same port of this host's 127.0.0.1";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, serve)
}

fn serve() -> Result<(), Box<dyn Error>> {
    let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).route([198, 51, 100, 0], 24).build()?;
    let mut config = Config::new([10, 7, 0, 2]);
    config.any_destination = true;
    let stack = Stack::start(tun, config)?;
    let mut every = Listen::on_every_port();
    every.hold = true;
    let listener = TcpListener::bind(&stack, every)?;
    tcpspec_examples::print(
        "Try: curl http://198.51.100.7:8000/ with a server on 127.0.0.1 port 8000 (Ctrl-C ends)\n",
    )?;
    loop {
        let request = listener.request()?;
        thread::spawn(move || {
            let (from, to) = (request.peer_addr(), request.local_addr());
            let end = match forward(request) {
                Ok((up, down)) => format!("{from} to {to}: {up} octets up, {down} down\n"),
                Err(error) => format!("{from} to {to}: {error}\n"),
            };
            // The connection is over, whether anybody reads that or not.
            let _ = tcpspec_examples::print(end);
        });
    }
}

/// Joins two connections until both directions have ended; how much went each way.
fn forward(request: Request) -> io::Result<(u64, u64)> {
    // If this fails the request is dropped, and so refused.
    let outside = net::TcpStream::connect((Ipv4Addr::LOCALHOST, request.local_addr().port()))?;
    let inside = request.accept()?;
    thread::scope(|scope| {
        let up = scope.spawn(|| {
            let copied = io::copy(&mut &inside, &mut &outside);
            let _ = outside.shutdown(Shutdown::Write);
            copied
        });
        let down = io::copy(&mut &outside, &mut &inside);
        let _ = inside.shutdown(Shutdown::Write);
        let up = up.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
        Ok((up?, down?))
    })
}
