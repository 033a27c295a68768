//! A gateway: whatever host in 198.51.100.0/24 is called, its ports are those of this host's 127.0.0.1. `python3 -m http.server &`, then
//! `cargo run --release -p tcpspec-examples --bin gateway`, then `curl http://198.51.100.7:8000/`. Where nobody listens here, nobody listens there: the SYN
//! is answered only when the connection on this side is made. The end of one connection ends the other in the same way: a FIN goes on as a FIN, and a RST as a RST.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::net::Request;
use tcpspec_stack::{Config, Listen, Stack};
use tokio::io::copy_bidirectional;
use tokio::net;

const USAGE: &str =
    "usage: gateway    forwards connections into 198.51.100.0/24 to the same port of this host's 127.0.0.1";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, serve)
}

#[tokio::main]
async fn serve() -> Result<(), Box<dyn Error>> {
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
        let request = listener.request().await?;
        tokio::spawn(async move {
            let (from, to) = (request.peer_addr(), request.local_addr());
            let end = match forward(request).await {
                Ok((up, down)) => format!("{from} to {to}: {up} octets up, {down} down\n"),
                Err(error) => format!("{from} to {to}: {error}\n"),
            };
            // The connection is over, even if nobody reads that.
            let _ = tcpspec_examples::print(end);
        });
    }
}

/// Joins two connections until both directions have ended. Gives how much went each way.
async fn forward(request: Request) -> io::Result<(u64, u64)> {
    // If this fails the request is dropped, and so refused.
    let mut outside = net::TcpStream::connect((Ipv4Addr::LOCALHOST, request.local_addr().port())).await?;
    let joined = join(request, &mut outside).await;
    if joined.is_err() {
        // From now on dropping it sends a RST.
        outside.set_zero_linger()?;
    }
    joined
}

async fn join(request: Request, outside: &mut net::TcpStream) -> io::Result<(u64, u64)> {
    let mut inside = TcpStream::accept(request).await?;
    let copied = copy_bidirectional(&mut inside, outside).await;
    if copied.is_err() {
        // Refused if this connection is the one that was reset.
        let _ = inside.abort();
    }
    copied
}
