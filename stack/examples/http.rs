//! A web server on a TUN device: `cargo run --release -p tcpspec-stack --example http`, then `curl http://10.7.0.2/` from the same host.

use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::thread;
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};

const DEVICE: &str = "tcpspec0";
const HOST: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 1);
const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 2);
const PORT: u16 = 80;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> std::io::Result<()> {
    let config = Config::new(ADDRESS);
    let stack = Stack::start(Tun::new(DEVICE, &[(HOST.into(), 24)], config.mtu)?, config)?;
    let listener = TcpListener::bind(&stack, PORT)?;
    println!(
        "{DEVICE}: this host is {HOST}, the stack is {ADDRESS}. Try: curl http://{ADDRESS}/ (Ctrl-C ends)"
    );
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            if let Err(error) = answer(&stream) {
                eprintln!("http: a client: {error}");
            }
        });
    }
    Ok(())
}

/// Reads one request and answers with what the connection knows about itself.
fn answer(mut stream: &TcpStream) -> std::io::Result<()> {
    let mut request = String::new();
    let mut reader = BufReader::new(stream);
    reader.read_line(&mut request)?;
    let mut header = String::new();
    // The whole request is read, or closing would reset the connection.
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    println!("{} {}", stream.peer_addr()?, request.trim_end());
    let status = stream.status()?;
    let body = format!(
        "Hello from a TCP that is one table.\n\nyou    {}\nme     {}\nstate  {}\nwindow {} octets\n",
        status.remote, status.local, status.state, status.send_window
    );
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
