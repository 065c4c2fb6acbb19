//! A real S3 server for tests, and a proxy before it that misbehaves on request.
//!
//! `COREANVIL_TEST_S3_ENDPOINT` names the server, with a bucket `models` (`tests/run` starts one). Without it a line says
//! that its half was left out; where `COREANVIL_TEST_ALL` is set, as in `tests/run`, that is a failure.

use std::io::BufRead as _;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::store::world::say;

/// The server's address.
pub(crate) fn endpoint() -> Option<String> {
    if let Ok(endpoint) = std::env::var("COREANVIL_TEST_S3_ENDPOINT") {
        // Another test may have installed it; one is enough.
        drop(rustls::crypto::ring::default_provider().install_default());
        return Some(endpoint);
    }
    assert!(
        std::env::var_os("COREANVIL_TEST_ALL").is_none(),
        "COREANVIL_TEST_ALL is set, but COREANVIL_TEST_S3_ENDPOINT is not: S3 would be left out"
    );
    say("s3: left out, since COREANVIL_TEST_S3_ENDPOINT is not set (tests/run sets it)");
    None
}

/// A place of its own in the bucket.
pub(crate) fn place() -> String {
    let name = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
    format!("s3://models/{name}")
}

/// The environment of a server that uses the store at `endpoint`.
pub(crate) fn variables(endpoint: &str) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_READ_TIMEOUT", "2s"),
        ("TOKEN", "not for us"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// `tests/tools/fault-proxy.py` before a port.
pub(crate) struct Proxy {
    child: Child,
    listen: u64,
    control: u64,
}

impl Proxy {
    /// Starts one before `endpoint`.
    pub(crate) fn before(endpoint: &str, seed: u32) -> Self {
        let port = endpoint.trim_end_matches('/').rsplit_once(':').unwrap().1;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/fault-proxy.py");
        let mut child = Command::new("python3")
            .args([script, "0", port, "0", "--seed", &seed.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self {
            child,
            listen: ready["listen"].as_u64().unwrap(),
            control: ready["control"].as_u64().unwrap(),
        }
    }

    /// Its own address.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.listen)
    }

    /// Changes its ways; its settings and counters.
    pub(crate) async fn set(&self, ways: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/", self.control);
        let answer = reqwest::Client::new().post(url).json(&ways).send().await;
        answer.unwrap().json().await.unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
