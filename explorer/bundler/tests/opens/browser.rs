//! Chromium without a window. A pipe carries its DevTools protocol, so that no port is needed.

use serde_json::{Value, json};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take, on a busy machine as well.
const PATIENCE: Duration = Duration::from_secs(120);

/// The first browser of the family that is installed.
pub(crate) fn installed() -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    env::split_paths(&folders).flat_map(|at| names.map(|name| at.join(name))).find(|path| path.is_file())
}

/// A page in a browser.
pub(crate) struct Page {
    browser: Child,
    orders: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last: u64,
    /// What the page complained of, and what it asked the network for.
    pub(crate) complaints: Vec<String>,
}

impl Page {
    /// Opens an address. The browser keeps what it must in this folder.
    pub(crate) fn open(program: &Path, folder: &Path, address: &str) -> Self {
        // The protocol is spoken on descriptors 3 and 4.
        let mut browser = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"])
            .arg(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            .args(["--remote-debugging-pipe", &format!("--user-data-dir={}", folder.display())])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (orders, answers) = (browser.stdin.take().unwrap(), browser.stdout.take().unwrap());
        let messages = read(answers);
        let mut page = Self { browser, orders, messages, session: None, last: 0, complaints: Vec::new() };
        let target = page.order("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        page.session = page.order("Target.attachToTarget", attach)["sessionId"].as_str().map(str::to_owned);
        for domain in ["Runtime", "Log", "Network", "Page"] {
            page.order(&format!("{domain}.enable"), json!({}));
        }
        page.order("Page.navigate", json!({ "url": address }));
        page
    }

    /// Gives an order, and waits for the answer.
    fn order(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut order = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            order["sessionId"] = json!(session);
        }
        self.orders.write_all(format!("{order}\0").as_bytes()).unwrap();
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the browser answers");
            self.note(&message);
            if message["id"] == self.last {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        let complaint = match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => &params["exceptionDetails"],
            Some("Log.entryAdded") => &params["entry"],
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => &params["args"],
            Some("Network.requestWillBeSent") => {
                let url = &params["request"]["url"];
                let kinds = ["file:", "data:", "blob:", "about:"];
                if url.as_str().is_some_and(|url| kinds.iter().any(|kind| url.starts_with(kind))) {
                    return;
                }
                url
            }
            _ => return,
        };
        self.complaints.push(complaint.to_string());
    }

    /// What an expression comes to in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.order("Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until an expression is true, and returns what it is.
    pub(crate) fn wait_for(&mut self, expression: &str) -> Value {
        let began = Instant::now();
        loop {
            let value = self.value(expression);
            if !matches!(&value, Value::Null | Value::Bool(false)) && value != "" {
                return value;
            }
            let text = || format!("{expression}\n{:?}", self.complaints);
            assert!(began.elapsed() < PATIENCE, "waited in vain: {}", text());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for a button or link that holds these words, and clicks on it.
    pub(crate) fn click(&mut self, within: &str, words: &str) {
        let found = format!(
            "[...document.querySelectorAll({within:?})].find((each) => each.textContent.replace(/\\s+/g, ' ').includes({words:?}))"
        );
        self.wait_for(&format!(
            "(() => {{ const found = {found}; found?.click(); return Boolean(found); }})()"
        ));
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.orders.write_all(b"{\"id\": 0, \"method\": \"Browser.close\"}\0");
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if let Ok(Some(_)) = self.browser.try_wait() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}

/// What the browser says, message by message.
fn read(answers: ChildStdout) -> Receiver<Value> {
    let (say, messages) = mpsc::channel();
    thread::spawn(move || {
        for message in BufReader::new(answers).split(0) {
            let Ok(message) = message else { break };
            let Ok(message) = serde_json::from_slice(&message) else { break };
            if say.send(message).is_err() {
                break;
            }
        }
    });
    messages
}
