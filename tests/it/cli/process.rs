//! Runs the binary, and servers that end with the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder of the test's own, and the environment of its commands.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// Asserts success and gives the JSON that was printed.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.status, 0, "{self:?}");
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Asserts a failure as the contract has it: the status, nothing on standard output, one error line and at most a
    /// hint. Gives the error line.
    pub(crate) fn failed(&self, status: i32) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        let lines: Vec<&str> = self.stderr.lines().collect();
        let (error, hints) = lines
            .split_first()
            .unwrap_or_else(|| panic!("no error line: {self:?}"));
        assert!(error.starts_with("error: "), "{self:?}");
        assert!(
            hints.len() <= 1 && hints.iter().all(|hint| hint.starts_with("hint: ")),
            "{self:?}"
        );
        error
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Copies a package of `tests/models` here.
    pub(crate) fn model(&self, name: &str) -> PathBuf {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/models")
            .join(name);
        let to = self.path(name);
        copy(&from, &to);
        to
    }

    /// Names of what lies here, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coreanvil"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("COREANVIL_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The value that commands get of a variable.
    pub(crate) fn variable(&self, name: &str) -> String {
        let found = self.environment.iter().rev().find(|(set, _)| set == name);
        found.unwrap().1.clone()
    }

    /// Begins a command.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        let output = self.command(arguments).output().unwrap();
        Done {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command that reads the pipe `name`, interrupts it as Ctrl-C does while it waits for the pipe, then fills the
    /// pipe with `content` and waits for the end.
    pub(crate) fn interrupt(&self, arguments: &[&str], name: &str, content: &str) -> Done {
        assert!(
            Command::new("mkfifo")
                .arg(self.path(name))
                .status()
                .unwrap()
                .success()
        );
        let mut command = self.command(arguments);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Opens only when the command has opened its end.
        let mut pipe = std::fs::File::options()
            .write(true)
            .open(self.path(name))
            .unwrap();
        signal("-INT", child.id());
        while is_pending(child.id()) {
            std::thread::yield_now();
        }
        pipe.write_all(content.as_bytes()).unwrap();
        drop(pipe);
        std::fs::remove_file(self.path(name)).unwrap();
        let output = child.wait_with_output().unwrap();
        Done {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts a server on a free port and waits until it listens; its address and token are set for later commands.
    pub(crate) fn serve(&mut self, arguments: &[&str]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let log = std::fs::File::create(self.path("server.log")).unwrap();
        let mut child = self
            .command(&all)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let (mut line, mut token, mut url) = (String::new(), None, None);
        while url.is_none() {
            line.clear();
            if lines.read_line(&mut line).unwrap() == 0 {
                let log = std::fs::read_to_string(self.path("server.log")).unwrap();
                panic!("the server did not start: {:?}: {log}", child.wait());
            }
            let word = |prefix: &str| {
                line.split_whitespace()
                    .find(|word| word.starts_with(prefix))
                    .map(str::to_owned)
            };
            token = token.or(word("ca_"));
            url = word("http://");
        }
        self.set("COREANVIL_URL", &url.unwrap());
        if let Some(token) = &token {
            self.set("COREANVIL_TOKEN", token);
        }
        Server {
            child: Some(child),
            lines,
            token,
        }
    }

    /// Starts a worker in a process of its own and waits until it works; gives what it says then.
    pub(crate) fn worker(&self, arguments: &[&str]) -> (Server, String) {
        let log = std::fs::File::create(self.path("worker.log")).unwrap();
        let mut all = vec!["worker"];
        all.extend(arguments);
        let mut command = self.command(&all);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert!(line.starts_with("working: "), "{line}");
        let server = Server {
            child: Some(child),
            lines,
            token: None,
        };
        (server, line)
    }
}

/// A running server or worker. Dropping it kills it.
pub(crate) struct Server {
    child: Option<Child>,
    lines: BufReader<std::process::ChildStdout>,
    pub(crate) token: Option<String>,
}

impl Server {
    /// Asks it to stop and gives its exit status.
    pub(crate) fn stop(mut self) -> i32 {
        let mut child = self.child.take().unwrap();
        signal("-TERM", child.id());
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Whether a signal has not reached the process yet.
fn is_pending(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("ShdPnd:"))
        .unwrap_or_default();
    mask.trim().chars().any(|digit| digit != '0')
}

/// Sends a signal to a process that a test started.
fn signal(name: &str, id: u32) {
    let sent = Command::new("kill")
        .arg(name)
        .arg(id.to_string())
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Copies a file or a folder.
fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        return;
    }
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
