//! An HTTPS server with rustls: `cargo run --release -p tcpspec-examples --bin https`, then `curl --cacert tcpspec.pem https://10.7.0.2/`.
//! It makes a key and a certificate for its address, and writes the certificate to `tcpspec.pem`.

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::{fs, thread};
use tcpspec_stack::device::tun::Tun;
use tcpspec_stack::{Config, Stack, TcpListener, TcpStream};

const USAGE: &str = "usage: https    serves https://10.7.0.2/, and writes its certificate to tcpspec.pem";

fn main() -> ExitCode {
    tcpspec_examples::run(USAGE, serve)
}

fn serve() -> Result<(), Box<dyn Error>> {
    let certified = rcgen::generate_simple_self_signed(["10.7.0.2".into()])?;
    tcpspec_examples::file("tcpspec.pem", |name| fs::write(name, certified.cert.pem()))?;
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certified.cert.into()], key)?;
    let config = Arc::new(config);

    let tun = Tun::builder("tcpspec0").host([10, 7, 0, 1], 24).build()?;
    let stack = Stack::start(tun, Config::new([10, 7, 0, 2]))?;
    let listener = TcpListener::bind(&stack, 443)?;
    tcpspec_examples::print("Try: curl --cacert tcpspec.pem https://10.7.0.2/ (Ctrl-C ends)\n")?;
    for stream in listener.incoming() {
        let (stream, config) = (stream?, Arc::clone(&config));
        thread::spawn(move || {
            if let Err(error) = answer(stream, config) {
                eprintln!("https: {error}");
            }
        });
    }
    Ok(())
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> Result<(), Box<dyn Error>> {
    let mut reader = BufReader::new(StreamOwned::new(ServerConnection::new(config)?, stream));
    let mut line = String::new();
    // The head of the request ends with an empty line.
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut stream = reader.into_inner();
    let body = "Hello, in secret, from a TCP that is one table.\n";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(())
}
