//! An HTTP server with axum, over IPv4 and IPv6: `cargo run --release -p tcpspec-examples --bin http`, then `curl http://10.7.0.2/` or
//! `curl http://[fd07::2]/`. With a folder as argument (`… --bin http -- FOLDER`) its files are served too.

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, State};
use axum::routing::get;
use axum::serve::IncomingStream;
use std::error::Error;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::tokio::{TcpListener, TcpStream};
use tcpspec_stack::{Config, Stack};
use tower_http::services::ServeDir;

/// What axum wants to know of a listener.
struct Listener(TcpListener);

impl axum::serve::Listener for Listener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok(accepted) => return accepted,
                // The stack has been shut down: nobody will come.
                Err(_) => std::future::pending::<()>().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

#[derive(Clone)]
struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        Self(*stream.remote_addr())
    }
}

const USAGE: &str = "\
usage: http [FOLDER]    serves http://10.7.0.2/ and http://[fd07::2]/, with the files of FOLDER";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, serve)
}

#[tokio::main]
async fn serve() -> Result<(), Box<dyn Error>> {
    let host = Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 1);
    let address = Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 2);
    let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).host(host, 64).build()?;
    let stack = Stack::start(tun, Config::new([10, 7, 0, 2]).with_address(address, 64))?;
    let listener = TcpListener::bind(&stack, 80)?;
    tcpspec_examples::print("Try: curl http://10.7.0.2/ or curl http://[fd07::2]/ (Ctrl-C ends)\n")?;
    let mut app = axum::Router::new().route("/", get(hello)).with_state(stack);
    if let Some(folder) = std::env::args_os().nth(1) {
        app = app.fallback_service(ServeDir::new(folder));
    }
    axum::serve(Listener(listener), app.into_make_service_with_connect_info::<Peer>()).await?;
    Ok(())
}

/// Says hello, and what the stack knows of its connections.
async fn hello(State(stack): State<Stack>, ConnectInfo(Peer(peer)): ConnectInfo<Peer>) -> String {
    format!("Hello {peer}, from a TCP that is one table.\n\n{}", stack.table())
}
