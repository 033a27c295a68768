//! Programs that nobody here wrote, as peers of the examples across TUN: curl, nginx, iperf3, OpenSSH, a browser. Each test has a network namespace of its own,
//! each program a bound on its time.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::net::{IpAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;
use tcpspec_tests::programs::{Folder, Running, eventually, in_namespace, output, program, run, start};
use tcpspec_tests::simulated::text;
use tcpspec_tests::{STACK, STACK6};

/// A program may take this long on a busy machine; in a few seconds each is usually done.
const LIMIT: Duration = Duration::from_secs(60);
/// A test, several programs long.
const LONG: Duration = Duration::from_secs(300);

/// Octets of a large file.
const LARGE: usize = 64 << 20;
/// How many small ones there are.
const SMALL: usize = 200;

fn curl(folder: &Path) -> Command {
    let mut curl = Command::new("curl");
    curl.current_dir(folder).args(["--silent", "--show-error", "--fail"]);
    curl
}

/// The HTTP example, when it answers; it serves the files of the folder.
fn http(folder: &Folder) -> Running {
    let server = start(Command::new(env!("CARGO_BIN_EXE_http")).arg(folder));
    for address in urls() {
        eventually("an answer of the HTTP example", || {
            run(curl(folder).args(["--max-time", "2", &address]), LIMIT).status.success().then_some(())
        });
    }
    server
}

fn urls() -> [String; 2] {
    [IpAddr::from(STACK), STACK6.into()].map(|address| match address {
        IpAddr::V4(address) => format!("http://{address}/"),
        IpAddr::V6(address) => format!("http://[{address}]/"),
    })
}

fn same(folder: &Folder, original: &str, copy: &str) {
    let (original, copied) = (fs::read(folder.join(original)).unwrap(), fs::read(folder.join(copy)).unwrap());
    assert!(original == copied, "{copy}: {} octets of {} came, or others", copied.len(), original.len());
    fs::remove_file(folder.join(copy)).unwrap();
}

#[test]
fn curl_fetches_a_large_file() {
    let Some(_) = program("curl_large", &["curl"]) else { return };
    in_namespace("curl_large", LONG, || {
        let folder = Folder::new("curl-large");
        fs::write(folder.join("large"), text(LARGE, 1)).unwrap();
        let _http = http(&folder);
        for url in urls() {
            output(curl(&folder).args([&format!("{url}large"), "--output", "copy"]), LIMIT);
            same(&folder, "large", "copy");
        }
    });
}

#[test]
fn curl_fetches_many_small_files_on_one_connection_and_on_many() {
    let Some(_) = program("curl_small", &["curl"]) else { return };
    in_namespace("curl_small", LONG, || {
        let folder = Folder::new("curl-small");
        for n in 0..SMALL {
            fs::write(folder.join(format!("small{n}")), text(n * 50, n as u64)).unwrap();
        }
        let _http = http(&folder);
        for url in urls() {
            let all = format!("{url}small[0-{}]", SMALL - 1);
            let fetch = |ways: &[&str]| {
                let mut curl = curl(&folder);
                curl.args([&all, "--output", "copy#1", "--write-out", "%{num_connects}\n"]).args(ways);
                let made = String::from_utf8(output(&mut curl, LIMIT)).unwrap();
                (0..SMALL).for_each(|n| same(&folder, &format!("small{n}"), &format!("copy{n}")));
                made.lines().map(|made| made.parse::<usize>().unwrap()).sum::<usize>()
            };
            assert_eq!(fetch(&[]), 1, "the connection is kept");
            assert!(fetch(&["--parallel", "--parallel-max", "20"]) > 1);
            assert_eq!(fetch(&["--header", "Connection: close"]), SMALL, "the server closes each");
        }
    });
}

#[test]
fn the_server_goes_on_after_a_curl_that_goes_early() {
    let Some(_) = program("curl_early", &["curl"]) else { return };
    in_namespace("curl_early", LONG, || {
        let folder = Folder::new("curl-early");
        fs::write(folder.join("large"), text(LARGE, 2)).unwrap();
        let _http = http(&folder);
        for url in urls() {
            let large = format!("{url}large");
            for _ in 0..10 {
                let too_large = run(curl(&folder).args([&large, "--max-filesize", "1000"]), LIMIT);
                assert_eq!(too_large.status.code(), Some(63), "{too_large:?}");
                let slow = ["--limit-rate", "1M", "--max-time", "0.2", "--output", "part"];
                let too_long = run(curl(&folder).arg(&large).args(slow), LIMIT);
                assert_eq!(too_long.status.code(), Some(28), "{too_long:?}");
                // Killed in the midst of it.
                let killed = start(curl(&folder).arg(&large).args(["--limit-rate", "1M"]));
                thread::sleep(Duration::from_millis(100));
                drop(killed);
            }
            // The connections of curls that have ended are gone, too. Only the connection of this curl is left.
            eventually("one connection", || {
                let page = String::from_utf8(output(curl(&folder).arg(&url), LIMIT)).unwrap();
                let connections = page.lines().filter(|line| line.contains(":80 ")).count();
                (connections == 1).then_some(())
            });
            output(curl(&folder).args([&large, "--output", "copy"]), LIMIT);
            same(&folder, "large", "copy");
        }
    });
}

const NGINX: &str = "
daemon off; master_process off; pid nginx.pid; worker_rlimit_nofile 1024;
events {}
http {
    access_log off; log_not_found off;
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
    server { listen 8000; root .; }
}
";

#[test]
fn the_client_fetches_from_nginx() {
    let Some(nginx) = program("nginx", &["nginx"]) else { return };
    in_namespace("nginx", LONG, move || {
        let folder = Folder::new("nginx");
        let whole = text(16 << 20, 3);
        fs::write(folder.join("file"), &whole).unwrap();
        fs::write(folder.join("nginx.conf"), NGINX).unwrap();
        let _nginx =
            start(Command::new(nginx).arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "stderr"]));
        listened_to(8000);
        for (path, head, body) in
            [("/file", "HTTP/1.1 200 OK\r\n", Some(&whole)), ("/none", "HTTP/1.1 404 Not Found\r\n", None)]
        {
            let answer = output(Command::new(env!("CARGO_BIN_EXE_client")).args(["8000", path]), LIMIT);
            assert!(answer.starts_with(head.as_bytes()), "{}", String::from_utf8_lossy(&answer[..200]));
            if let Some(body) = body {
                assert!(answer.ends_with(body) && answer.ends_with(&[b"\r\n\r\n", &body[..]].concat()));
            }
        }
    });
}

/// The gateway example, when it answers: nobody listens on that port.
fn gateway() -> Running {
    let gateway = start(&mut Command::new(env!("CARGO_BIN_EXE_gateway")));
    eventually("the gateway", || {
        let refused = TcpStream::connect("198.51.100.7:1").err()?;
        (refused.kind() == ErrorKind::ConnectionRefused).then_some(())
    });
    gateway
}

/// Waits until somebody listens on this port; a connection made only to see that would disturb the listener.
fn listened_to(port: u16) {
    let entry = format!(":{port:04X} 00000000:0000 0A ");
    eventually("a listener", || {
        fs::read_to_string("/proc/thread-self/net/tcp").unwrap().contains(&entry).then_some(())
    });
}

#[test]
fn iperf3_measures_through_the_gateway() {
    let Some(iperf3) = program("iperf3", &["iperf3"]) else { return };
    in_namespace("iperf3", LONG, move || {
        let _gateway = gateway();
        for way in [&[][..], &["--reverse"], &["--bidir"], &["--parallel", "8"]] {
            // A server for each: one that has not yet read that the last client is done would refuse the next.
            let mut server =
                start(Command::new(&iperf3).args(["--server", "--one-off", "--bind", "127.0.0.1"]));
            listened_to(5201);
            let mut client = Command::new(&iperf3);
            client.args(["--client", "198.51.100.7", "--time", "2", "--json"]).args(way);
            let report: serde_json::Value = serde_json::from_slice(&output(&mut client, LIMIT)).unwrap();
            assert_eq!(report["error"], serde_json::Value::Null, "{way:?}");
            let ended = eventually("the server's end", || server.0.try_wait().unwrap());
            assert!(ended.success(), "{way:?}: {ended}");
            let mut sums = vec!["sum_received"];
            if way == ["--bidir"] {
                sums.push("sum_received_bidir_reverse");
            }
            for sum in sums {
                let octets = report["end"][sum]["bytes"].as_u64().unwrap();
                assert!(octets > 1 << 20, "{way:?}: {octets} octets in two seconds\n{report:#}");
            }
        }
    });
}

/// Runs as the user that runs the test, and lets only that user in, by a key.
fn sshd_config(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "ListenAddress 127.0.0.1:2222\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\nPidFile none\n\
         PermitRootLogin prohibit-password\nPasswordAuthentication no\nUsePAM no\nStrictModes no\nLogLevel ERROR\n"
    )
}

#[test]
fn openssh_carries_files_through_the_gateway() {
    let Some(sshd) = program("openssh", &["sshd"]) else { return };
    let (Some(_), Some(_)) = (program("openssh", &["ssh"]), program("openssh", &["ssh-keygen"])) else {
        return;
    };
    in_namespace("openssh", LONG, move || {
        let folder = Folder::new("openssh");
        for key in ["host", "user"] {
            let key = folder.join(key);
            output(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key), LIMIT);
        }
        fs::write(folder.join("sshd_config"), sshd_config(&folder)).unwrap();
        fs::write(folder.join("original"), text(32 << 20, 4)).unwrap();
        // Where sshd is no service nobody has made the folder into which it shuts itself.
        let _ = fs::create_dir_all("/run/sshd");
        let _sshd = start(Command::new(sshd).arg("-D").arg("-e").arg("-f").arg(folder.join("sshd_config")));
        listened_to(2222);
        let _gateway = gateway();
        let ssh = |command: String| {
            let mut ssh = Command::new("ssh");
            ssh.args(["-F", "none", "-p", "2222", "-i"]).arg(folder.join("user"));
            for option in [
                "BatchMode=yes",
                "StrictHostKeyChecking=no",
                "UserKnownHostsFile=/dev/null",
                "LogLevel=ERROR",
                // New keys again and again, in both directions at once.
                "RekeyLimit=4M",
            ] {
                ssh.args(["-o", option]);
            }
            ssh.args(["198.51.100.7", &command]);
            ssh
        };
        let there = folder.display();
        // Down, then up.
        let original = fs::read(folder.join("original")).unwrap();
        let down = output(ssh(format!("cat {there}/original")).stdin(Stdio::null()), LIMIT);
        assert!(down == original, "{} octets of {} came, or others", down.len(), original.len());
        let file = fs::File::open(folder.join("original")).unwrap();
        output(ssh(format!("cat > {there}/copy")).stdin(file), LIMIT);
        same(&folder, "original", "copy");
    });
}

/// Images of a page, each of another width.
const IMAGES: usize = 60;

/// A picture in one colour, in the BMP format.
fn picture(width: usize, height: usize) -> Vec<u8> {
    let row = (3 * width).next_multiple_of(4);
    let numbers =
        |numbers: &[usize]| numbers.iter().flat_map(|n| (*n as u32).to_le_bytes()).collect::<Vec<_>>();
    let mut all = b"BM".to_vec();
    all.extend(numbers(&[54 + row * height, 0, 54, 40, width, height]));
    // One plane of 24 bits a point, not compressed.
    all.extend([1, 0, 24, 0]);
    all.extend(numbers(&[0, row * height, 0, 0, 0, 0]));
    all.extend([0x40, 0xa0, 0x40].iter().cycle().take(row * height));
    all
}

/// A page whose script says, when all parts are there, how many they are and the sum of the widths.
fn page(folder: &Path) {
    let mut page = String::from(
        "<!DOCTYPE html><title>parts</title><link rel=stylesheet href=/style.css><h1>Parts</h1>\n",
    );
    for n in 1..=IMAGES {
        // Every tenth is large.
        let height = if n % 10 == 0 { 4000 } else { 20 };
        fs::write(folder.join(format!("{n}.bmp")), picture(n, height)).unwrap();
        writeln!(page, "<img src=/{n}.bmp height=20>").unwrap();
    }
    page.push_str("<p id=said>nothing yet</p><script src=/count.js></script>\n");
    fs::write(folder.join("page.html"), page).unwrap();
    fs::write(folder.join("style.css"), "h1 { color: rgb(1, 2, 3) }").unwrap();
    let script = "onload = () => {
        const there = [...document.images].filter(image => image.complete && image.naturalWidth > 0);
        const widths = there.reduce((sum, image) => sum + image.naturalWidth, 0);
        const colour = getComputedStyle(document.querySelector('h1')).color;
        document.getElementById('said').textContent = `${there.length} images, ${widths} points, ${colour}`;
    };";
    fs::write(folder.join("count.js"), script).unwrap();
}

#[test]
fn a_browser_loads_a_page_of_many_parts() {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let Some(browser) = program("browser", &names) else { return };
    let Some(_) = program("browser", &["curl"]) else { return };
    in_namespace("browser", LONG, move || {
        let folder = Folder::new("browser");
        page(&folder);
        let _http = http(&folder);
        for url in urls() {
            let mut browser = Command::new(&browser);
            browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]);
            // It shall talk to no other host, and find nothing of an earlier visit.
            browser.args(["--disable-background-networking", "--no-first-run", "--disk-cache-size=1"]);
            browser.arg(format!("--user-data-dir={}", folder.join("profile").display()));
            let shown =
                String::from_utf8(output(browser.args(["--dump-dom", &format!("{url}page.html")]), LIMIT))
                    .unwrap();
            let said = format!("{IMAGES} images, {} points, rgb(1, 2, 3)", IMAGES * (IMAGES + 1) / 2);
            assert!(shown.contains(&said), "{shown}");
        }
    });
}
