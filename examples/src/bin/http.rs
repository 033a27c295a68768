//! An HTTP server with axum, over IPv4 and IPv6: `cargo run --release -p tcpspec-examples --bin http`, then `curl http://10.7.0.2/` or
//! `curl http://[fd07::2]/`. With a folder as argument (`… --bin http -- FOLDER`) its files are served too.

use axum::extract::{ConnectInfo, State};
use axum::routing::get;
use std::error::Error;
use std::net::Ipv6Addr;
use std::process::ExitCode;
use tcpspec_stack::asynchronous::{Addresses, TcpListener, stopped};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack};
use tower_http::services::ServeDir;

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
    let mut app = axum::Router::new().route("/", get(hello)).with_state(stack.clone());
    if let Some(folder) = std::env::args_os().nth(1) {
        app = app.fallback_service(ServeDir::new(folder));
    }
    let app = app.into_make_service_with_connect_info::<Addresses>();
    axum::serve(listener, app).with_graceful_shutdown(stopped(&stack)).await?;
    Ok(())
}

/// Says hello, and what the stack knows of its connections.
async fn hello(State(stack): State<Stack>, ConnectInfo(peer): ConnectInfo<Addresses>) -> String {
    format!("Hello {}, from a TCP that is one table.\n\n{}", peer.remote, stack.table())
}
