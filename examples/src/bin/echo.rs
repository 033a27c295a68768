//! An echo server with blocking sockets: `cargo run --release -p tcpspec-examples --bin echo`, then `nc 10.7.0.2 7`.

use std::error::Error;
use std::process::ExitCode;
use std::{io, thread};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};

const USAGE: &str = "usage: echo    sends back what comes to 10.7.0.2 port 7";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, serve)
}

fn serve() -> Result<(), Box<dyn Error>> {
    let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build()?;
    let stack = Stack::start(tun, Config::new([10, 7, 0, 2]))?;
    let listener = TcpListener::bind(&stack, 7)?;
    tcpspec_examples::print("Try: nc 10.7.0.2 7 (Ctrl-C ends)\n")?;
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || match echo(&stream) {
            Ok(octets) => {
                let _ = tcpspec_examples::print(format!("{octets} octets\n"));
            }
            Err(error) => eprintln!("echo: {error}"),
        });
    }
    Ok(())
}

fn echo(mut stream: &TcpStream) -> io::Result<u64> {
    let mut writer = stream;
    io::copy(&mut stream, &mut writer)
}
