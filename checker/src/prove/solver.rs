//! A solver as a process of its own, asked in the language of SMT-LIB 2.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a solver gets beyond its own limit before it is ended.
const GRACE: Duration = Duration::from_secs(2);
/// A solver that has ended or hung so often, one time after another, is not asked again by any thread.
const FAILURES: u32 = 3;
const ENDED: &str = "it has ended";

/// Why the solver got no question. A program that has ended is noticed here or where its answer is missing, whichever comes first.
fn unwritten(error: io::Error) -> String {
    if error.kind() == io::ErrorKind::BrokenPipe { ENDED.to_owned() } else { error.to_string() }
}

/// What the solver says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All holds where the variables have these values; variables that were not asked for are left out.
    Satisfiable(Vec<(usize, u32)>),
    /// It never holds.
    Unsatisfiable,
    /// Nothing: unknown, out of time, or the process ended. The reason is given.
    Nothing(String),
}

/// A program that can be asked, and what it is started with.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// How it is called.
    pub(crate) name: String,
    /// What it says of itself.
    pub(crate) version: String,
    /// What went wrong since its last answer, in all threads.
    trouble: Arc<Mutex<Trouble>>,
}

#[derive(Debug, Default)]
struct Trouble {
    /// How often it has ended or hung.
    times: u32,
    /// Why it did so last.
    why: String,
}

impl Program {
    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why nothing can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is no such program.
    Missing(String),
    /// It is too old.
    TooOld(String),
    /// Nobody knows how to ask it.
    Wrong(String),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(
                f,
                "there is no solver `{name}`; install one (Debian, Ubuntu: `apt install z3`; macOS: `brew install z3`), or name another with `--solver`"
            ),
            Self::TooOld(why) | Self::Wrong(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Unusable {}

impl Program {
    /// Looks for the program and asks its version.
    ///
    /// # Errors
    ///
    /// If it is not there, too old, or none that is known: z3 from 4.8, cvc5 from 1.0.
    pub(crate) fn find(name: &str) -> Result<Self, Unusable> {
        let Ok(output) = Command::new(name).arg("--version").output() else {
            return Err(Unusable::Missing(name.to_owned()));
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let words: Vec<&str> = said.split_whitespace().collect();
        let version =
            words.iter().position(|word| *word == "version").and_then(|at| words.get(at + 1)).unwrap_or(&"");
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
        let found = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let oldest = match kind(&said) {
            Some(Kind::Z3) => (4, 8),
            Some(Kind::Cvc5) => (1, 0),
            None => {
                return Err(Unusable::Wrong(format!(
                    "`{name}` is neither z3 nor cvc5; `{name} --version` says so"
                )));
            }
        };
        if found < oldest {
            let (major, minor) = oldest;
            return Err(Unusable::TooOld(format!(
                "`{name}` is version {version}; {major}.{minor} is the oldest that will do"
            )));
        }
        let kind = said.to_lowercase().contains("z3");
        let version = format!("{} {version}", if kind { "z3" } else { "cvc5" });
        Ok(Self { name: name.to_owned(), version, trouble: Arc::default() })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Z3,
    Cvc5,
}

fn kind(version: &str) -> Option<Kind> {
    let version = version.to_lowercase();
    [("z3", Kind::Z3), ("cvc5", Kind::Cvc5)]
        .into_iter()
        .find(|(name, _)| version.contains(name))
        .map(|(_, kind)| kind)
}

/// A solver that runs.
#[derive(Debug)]
pub(crate) struct Solver {
    program: Program,
    timeout: Duration,
    process: Option<Process>,
    declared: usize,
}

#[derive(Debug)]
struct Process {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Solver {
    /// A solver that thinks about a question no longer than `timeout`. The process starts with the first question.
    pub(crate) const fn new(program: Program, timeout: Duration) -> Self {
        Self { program, timeout, process: None, declared: 0 }
    }

    /// Whether all these questions can be answered by yes. There are `variables` variables so far, of which those in `asked` are wanted.
    pub(crate) fn ask(&mut self, questions: &[String], variables: usize, asked: &[usize]) -> Answer {
        {
            let trouble = self.program.trouble();
            if trouble.times >= FAILURES {
                return Answer::Nothing(trouble.why.clone());
            }
        }
        let answer = self.try_ask(questions, variables, asked);
        let mut trouble = self.program.trouble();
        match answer {
            Ok(answer) => {
                trouble.times = 0;
                answer
            }
            Err(why) => {
                self.process = None;
                trouble.times += 1;
                trouble.why = format!("{}: {why}", self.program.name);
                Answer::Nothing(trouble.why.clone())
            }
        }
    }

    fn try_ask(&mut self, questions: &[String], variables: usize, asked: &[usize]) -> Result<Answer, String> {
        if self.process.is_none() {
            self.process = Some(self.start()?);
            self.declared = 0;
        }
        let mut text = String::new();
        for variable in self.declared..variables {
            text.push_str(&format!("(declare-const v{variable} (_ BitVec 32))\n"));
        }
        self.declared = self.declared.max(variables);
        text.push_str("(push 1)\n");
        for question in questions {
            text.push_str(&format!("(assert {question})\n"));
        }
        text.push_str("(check-sat)\n");
        self.write(&text)?;
        let answer = match self.read()?.trim() {
            "sat" if asked.is_empty() => Answer::Satisfiable(Vec::new()),
            "sat" => {
                let names: Vec<String> = asked.iter().map(|variable| format!("v{variable}")).collect();
                self.write(&format!("(get-value ({}))\n", names.join(" ")))?;
                Answer::Satisfiable(self.values(asked.len())?)
            }
            "unsat" => Answer::Unsatisfiable,
            other => Answer::Nothing(format!("{}: {other}", self.program.name)),
        };
        self.write("(pop 1)\n")?;
        Ok(answer)
    }

    fn start(&self) -> Result<Process, String> {
        let mut command = Command::new(&self.program.name);
        let milliseconds = self.timeout.as_millis();
        let head = match kind(&self.program.version) {
            Some(Kind::Cvc5) => {
                command.args([
                    "--lang",
                    "smt2",
                    "--incremental",
                    "--produce-models",
                    &format!("--tlimit-per={milliseconds}"),
                ]);
                "(set-logic QF_BV)\n".to_owned()
            }
            _ => {
                command.args(["-in", "-smt2"]);
                format!("(set-option :timeout {milliseconds})\n(set-logic QF_BV)\n")
            }
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let (Some(mut questions), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("its input and output cannot be reached".to_owned());
        };
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        questions.write_all(head.as_bytes()).map_err(unwritten)?;
        Ok(Process { child, questions, answers })
    }

    fn write(&mut self, text: &str) -> Result<(), String> {
        let process = self.process.as_mut().ok_or("it does not run")?;
        process
            .questions
            .write_all(text.as_bytes())
            .and_then(|()| process.questions.flush())
            .map_err(unwritten)
    }

    fn read(&mut self) -> Result<String, String> {
        let process = self.process.as_mut().ok_or("it does not run")?;
        process.answers.recv_timeout(self.timeout + GRACE).map_err(|error| match error {
            RecvTimeoutError::Timeout => "out of time".to_owned(),
            RecvTimeoutError::Disconnected => ENDED.to_owned(),
        })
    }

    /// Reads `((v0 #x00000001) (v1 #b…1))`.
    fn values(&mut self, count: usize) -> Result<Vec<(usize, u32)>, String> {
        let mut text = String::new();
        while text.is_empty() || text.matches('(').count() > text.matches(')').count() {
            text.push_str(&self.read()?);
            text.push(' ');
        }
        let mut values = Vec::new();
        let mut words =
            text.split(|c: char| c.is_whitespace() || c == '(' || c == ')').filter(|word| !word.is_empty());
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            let number = match value.split_at_checked(2) {
                Some(("#x", digits)) => u32::from_str_radix(digits, 16),
                Some(("#b", digits)) => u32::from_str_radix(digits, 2),
                _ => return Err(format!("its values cannot be read: {text}")),
            };
            let variable = name.strip_prefix('v').and_then(|number| number.parse().ok());
            match (variable, number) {
                (Some(variable), Ok(number)) => values.push((variable, number)),
                _ => return Err(format!("its values cannot be read: {text}")),
            }
        }
        if values.len() == count { Ok(values) } else { Err(format!("values are missing: {text}")) }
    }
}
