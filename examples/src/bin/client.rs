//! An HTTP client to a server on this host: `python3 -m http.server &`, then `cargo run --release -p tcpspec-examples --bin client -- 8000 /`.

use std::error::Error;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpStream};

const USAGE: &str = "\
usage: client [PORT [PATH]]    GET http://10.7.0.1:PORT/PATH from a server on this host (port 8000, path /)";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, get)
}

fn get() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = tcpspec_examples::argument(arguments.next(), 8000_u16, "port")?;
    let path = arguments.next().unwrap_or_else(|| "/".into());
    let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build()?;
    let stack = Stack::start(tun, Config::new([10, 7, 0, 2]))?;
    let mut stream = TcpStream::connect(&stack, ("10.7.0.1", port))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 10.7.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    tcpspec_examples::print(&answer)?;
    drop(stream);
    stack.shutdown(Duration::from_secs(5))?;
    Ok(())
}
