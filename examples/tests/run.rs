//! Runs each example as its first lines say, in a network namespace of the test's own.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::{Block, PcapNgReader};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tcpspec_tests::programs::{self, Folder, Running, eventually};

/// A test that takes longer has got stuck.
const LIMIT: Duration = Duration::from_secs(60);

fn in_namespace(name: &'static str, test: impl FnOnce() + Send + 'static) {
    programs::in_namespace(name, LIMIT, test);
}

fn start(program: &str, arguments: &[&str], folder: &Path) -> Running {
    programs::start(Command::new(program).args(arguments).current_dir(folder))
}

/// What curl gets, as soon as it gets something.
fn curl(arguments: &[&str], folder: &Path) -> String {
    eventually(&format!("curl {arguments:?}"), || {
        let mut command = Command::new("curl");
        let output = command
            .args(["--silent", "--max-time", "5"])
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    })
}

fn connect(address: &str) -> TcpStream {
    eventually(address, || TcpStream::connect_timeout(&address.parse().unwrap(), Duration::from_secs(1)).ok())
}

fn text(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 7 + n / 256 + n / 65_536) as u8).collect()
}

/// A server of this host that answers one request with this page.
fn serve(address: &'static str, page: &'static str) -> thread::JoinHandle<String> {
    let listener = TcpListener::bind(address).unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut octet = [0];
            stream.read_exact(&mut octet).unwrap();
            request.push(octet[0]);
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", page.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(page.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    })
}

#[test]
fn echo() {
    in_namespace("echo", || {
        let _echo = start(env!("CARGO_BIN_EXE_echo"), &[], &Folder::new("echo"));
        let ours = text(1 << 20);
        let stream = connect("10.7.0.2:7");
        thread::scope(|scope| {
            let (mut writer, text) = (&stream, &ours);
            scope.spawn(move || {
                writer.write_all(text).unwrap();
                writer.shutdown(Shutdown::Write).unwrap();
            });
            let mut read = Vec::new();
            (&stream).read_to_end(&mut read).unwrap();
            assert!(read == ours);
        });
    });
}

#[test]
fn http() {
    in_namespace("http", || {
        let folder = Folder::new("http");
        let _http = start(env!("CARGO_BIN_EXE_http"), &[], &folder);
        for address in ["10.7.0.2", "[fd07::2]"] {
            let page = curl(&[&format!("http://{address}/")], &folder);
            assert!(page.starts_with("Hello ") && page.contains("ESTABLISHED"), "{page}");
        }
        // Many on one connection.
        let url = "http://10.7.0.2/";
        assert_eq!(curl(&[url; 50], &folder).matches("Hello").count(), 50);
    });
}

#[test]
fn https() {
    in_namespace("https", || {
        let folder = Folder::new("https");
        let _https = start(env!("CARGO_BIN_EXE_https"), &[], &folder);
        let page = curl(&["--cacert", "tcpspec.pem", "https://10.7.0.2/"], &folder);
        assert!(page.starts_with("Hello, in secret"), "{page}");
        // Without the certificate curl believes nothing.
        let status = Command::new("curl").args(["--silent", "--max-time", "5", "https://10.7.0.2/"]).status();
        assert_eq!(status.unwrap().code(), Some(60));
    });
}

#[test]
fn client() {
    in_namespace("client", || {
        // The client makes the device, so the server listens on every address.
        let server = serve("0.0.0.0:8000", "the page of this host");
        let output = Command::new(env!("CARGO_BIN_EXE_client")).args(["8000", "/page"]).output().unwrap();
        let page = succeeded(output);
        assert!(page.ends_with("\r\n\r\nthe page of this host"), "{page}");
        assert!(server.join().unwrap().starts_with("GET /page HTTP/1.1\r\n"));
    });
}

fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn transfer() {
    in_namespace("transfer", || {
        let folder = Folder::new("transfer");
        let whole = text(20 << 20);
        fs::write(folder.join("original"), &whole).unwrap();
        let mut sending = start(env!("CARGO_BIN_EXE_transfer"), &["send", "original"], &folder);
        let mut read = Vec::new();
        connect("10.7.0.2:9000").read_to_end(&mut read).unwrap();
        assert!(read == whole, "{} octets came", read.len());
        assert!(sending.0.wait().unwrap().success());

        let mut receiving = start(env!("CARGO_BIN_EXE_transfer"), &["receive", "copy"], &folder);
        let mut stream = connect("10.7.0.2:9000");
        stream.write_all(&whole).unwrap();
        drop(stream);
        assert!(receiving.0.wait().unwrap().success());
        assert!(fs::read(folder.join("copy")).unwrap() == whole);
    });
}

#[test]
fn simulation() {
    let folder = Folder::new("simulation");
    let run = |file: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulation"));
        let out = succeeded(command.args(["7", file]).current_dir(&*folder).output().unwrap());
        (out.replace(file, "FILE"), fs::read(folder.join(file)).unwrap())
    };
    let (out, file) = run("one.pcapng");
    assert!(out.contains("the answer: 1000000 octets"), "{out}");
    assert!(!out.contains(" 0 of them lost"), "{out}");
    let mut reader = PcapNgReader::new(file.as_slice()).unwrap();
    let (mut packets, mut again) = (0, 0);
    while let Some(block) = reader.next_block() {
        let Block::EnhancedPacket(packet) = block.unwrap() else { continue };
        packets += 1;
        again +=
            usize::from(packet.options.iter().any(
                |option| matches!(option, EnhancedPacketOption::Comment(rows) if rows.contains("again")),
            ));
    }
    assert!(packets > 1000 && again > 5, "{packets} packets, {again} sent again");
    assert_eq!(run("two.pcapng"), (out, file), "the same seed gives the same run");
}

#[test]
fn gateway() {
    in_namespace("gateway", || {
        let folder = Folder::new("gateway");
        let server = serve("127.0.0.1:8000", "the page of this host");
        let _gateway = start(env!("CARGO_BIN_EXE_gateway"), &[], &folder);
        assert_eq!(curl(&["http://198.51.100.7:8000/"], &folder), "the page of this host");
        assert!(server.join().unwrap().contains("Host: 198.51.100.7:8000"));
        // Where nobody listens on this host, nobody does there.
        let refused = TcpStream::connect("198.51.100.8:8001").map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(io::ErrorKind::ConnectionRefused));
    });
}

/// All examples, by name.
const ALL: [(&str, &str); 7] = [
    ("client", env!("CARGO_BIN_EXE_client")),
    ("echo", env!("CARGO_BIN_EXE_echo")),
    ("gateway", env!("CARGO_BIN_EXE_gateway")),
    ("http", env!("CARGO_BIN_EXE_http")),
    ("https", env!("CARGO_BIN_EXE_https")),
    ("simulation", env!("CARGO_BIN_EXE_simulation")),
    ("transfer", env!("CARGO_BIN_EXE_transfer")),
];

/// Status, stdout and stderr of a program that must end by itself.
fn ended(command: &mut Command) -> (Option<i32>, String, String) {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("{command:?} goes on");
        }
        thread::sleep(Duration::from_millis(10));
    }
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn help_does_nothing_else() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    assert_eq!(fs::read_dir(sources).unwrap().count(), ALL.len(), "an example is missing in the list");
    for (name, program) in ALL {
        for help in ["--help", "-h"] {
            let folder = Folder::new(&format!("help-{name}"));
            let (code, said, error) = ended(Command::new(program).arg(help).current_dir(&*folder));
            assert_eq!((code, error.as_str()), (Some(0), ""), "{name}");
            assert!(said.starts_with(&format!("usage: {name}")), "{name}: {said}");
            assert_eq!(fs::read_dir(&*folder).unwrap().count(), 0, "{name} leaves something behind");
        }
    }
}

/// An error of an example: status 1, and a sentence.
fn fails(program: &str, arguments: &[&str], says: &str) {
    let folder = Folder::new("error");
    let (code, _, error) = ended(Command::new(program).args(arguments).current_dir(&*folder));
    assert_eq!(code, Some(1), "{error}");
    assert!(error.starts_with("error: ") && error.contains(says), "{arguments:?}: {error}");
    // Not the inside of a value.
    for debugging in ["Os {", "Custom {", "kind:", "Error(", "panicked"] {
        assert!(!error.contains(debugging), "{arguments:?}: {error}");
    }
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn errors_are_sentences() {
    fails(env!("CARGO_BIN_EXE_transfer"), &[], "usage: transfer send|receive FILE");
    fails(env!("CARGO_BIN_EXE_transfer"), &["send", "nothing"], "nothing: No such file");
    fails(env!("CARGO_BIN_EXE_transfer"), &["receive", "/no/folder/x"], "/no/folder/x: No such file");
    fails(env!("CARGO_BIN_EXE_transfer"), &["give", "x"], "usage: transfer");
    fails(env!("CARGO_BIN_EXE_simulation"), &["seven"], "`seven` is no seed (a whole number)");
    fails(env!("CARGO_BIN_EXE_simulation"), &["7", "/no/folder/x"], "/no/folder/x: No such file");
    fails(env!("CARGO_BIN_EXE_client"), &["http"], "`http` is no port");
    in_namespace("errors", || {
        // Nobody listens there.
        fails(env!("CARGO_BIN_EXE_client"), &["8000"], "refused");
        // Another one has the device.
        let _echo = start(env!("CARGO_BIN_EXE_echo"), &[], &Folder::new("errors"));
        connect("10.7.0.2:7");
        for (name, program) in ALL.iter().filter(|(name, _)| *name != "simulation") {
            let file = Folder::new("errors-file");
            fs::write(file.join("original"), "text").unwrap();
            let original = file.join("original").to_string_lossy().into_owned();
            let arguments: &[&str] = if *name == "transfer" { &["send", &original] } else { &[] };
            fails(program, arguments, "tcpspec0");
        }
    });
}

#[test]
fn a_reader_who_has_gone_is_no_error() {
    let folder = Folder::new("pipe");
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulation"));
    let mut child =
        command.current_dir(&*folder).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

/// Clients at once.
const CLIENTS: usize = 20;

/// Threads and open files of a program.
fn held(program: &Running) -> [usize; 2] {
    ["task", "fd"].map(|what| fs::read_dir(format!("/proc/{}/{what}", program.0.id())).unwrap().count())
}

/// Dropping it sends a RST.
fn resetting(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Connections through the gateway, on which an octet has gone each way: the clients' ends and the servers'.
fn through_the_gateway(listener: &TcpListener) -> Vec<(TcpStream, TcpStream)> {
    let both = (0..CLIENTS).map(|_| {
        let mut client = connect("198.51.100.7:8000");
        let (mut server, _) = listener.accept().unwrap();
        client.write_all(b"x").unwrap();
        server.read_exact(&mut [0]).unwrap();
        server.write_all(b"x").unwrap();
        client.read_exact(&mut [0]).unwrap();
        (client, server)
    });
    both.collect()
}

#[test]
fn a_reset_goes_through_the_gateway_both_ways_and_leaves_nothing() {
    in_namespace("gateway_reset", || {
        let listener = TcpListener::bind("127.0.0.1:8000").unwrap();
        let gateway = start(env!("CARGO_BIN_EXE_gateway"), &[], &Folder::new("gateway-reset"));
        drop(through_the_gateway(&listener));
        let mut before = [0; 2];
        eventually("the gateway is idle", || {
            before = held(&gateway);
            thread::sleep(Duration::from_millis(200));
            (before == held(&gateway)).then_some(())
        });
        for by_client in [true, false] {
            let ends = through_the_gateway(&listener);
            assert!(held(&gateway)[1] >= before[1] + CLIENTS, "a socket for each");
            let (gone, mut left): (Vec<_>, Vec<_>) = if by_client {
                ends.into_iter().unzip()
            } else {
                ends.into_iter().map(|(client, server)| (server, client)).unzip()
            };
            gone.iter().for_each(resetting);
            drop(gone);
            for stream in &mut left {
                let end = stream.read(&mut [0]).map_err(|error| error.kind());
                assert_eq!(end, Err(io::ErrorKind::ConnectionReset), "not the end of the text");
            }
            // Though these are still open.
            eventually("all as before", || {
                let now = held(&gateway);
                now.iter().zip(before).all(|(now, before)| *now <= before).then_some(())
            });
        }
        // A FIN is none of this: one direction ends, the other goes on.
        let (mut client, mut server) = through_the_gateway(&listener).swap_remove(0);
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(server.read(&mut [0]).unwrap(), 0);
        server.write_all(b"answer").unwrap();
        drop(server);
        let mut read = String::new();
        client.read_to_string(&mut read).unwrap();
        assert_eq!(read, "answer");
    });
}
