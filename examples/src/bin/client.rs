//! An HTTP client to a server on this host: `python3 -m http.server &`, then `cargo run --release -p tcpspec-examples --bin client -- 8000 /`.

use std::io::{self, Read, Write};
use std::time::Duration;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpStream};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(8000_u16);
    let path = arguments.next().unwrap_or_else(|| "/".into());
    let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build()?;
    let stack = Stack::start(tun, Config::new([10, 7, 0, 2]))?;
    let mut stream = TcpStream::connect(&stack, ("10.7.0.1", port))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 10.7.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    io::stdout().write_all(&answer)?;
    drop(stream);
    stack.shutdown(Duration::from_secs(5))?;
    Ok(())
}
