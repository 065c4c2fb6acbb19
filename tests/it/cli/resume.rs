//! Pushing over a line that breaks: cuts, a client and a server killed with `kill -9`; what has arrived is not sent again.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use super::process::Place;
use crate::http::server::large_zip;

/// What happens to a connection that has carried so many bytes to the server.
#[derive(Clone, Copy)]
enum Way {
    Open,
    Cut(u64),
    Hold(u64),
    /// Answers stop after so many bytes, and the line stays open.
    HoldBack(u64),
}

/// A relay before the server.
struct Relay {
    address: SocketAddr,
    ways: Arc<Mutex<(SocketAddr, Way)>>,
    sent_bytes: Arc<AtomicU64>,
    /// Bytes of answers.
    came_bytes: Arc<AtomicU64>,
    events: Receiver<()>,
}

impl Relay {
    fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ways = Arc::new(Mutex::new((target, Way::Open)));
        let sent_bytes = Arc::new(AtomicU64::new(0));
        let (sender, events) = channel();
        let came_bytes = Arc::new(AtomicU64::new(0));
        let (shared, counter) = (Arc::clone(&ways), Arc::clone(&sent_bytes));
        let came = Arc::clone(&came_bytes);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (target, way) = *shared.lock().unwrap();
                if let (Ok(client), Ok(server)) = (client, TcpStream::connect(target)) {
                    let counters = [Arc::clone(&counter), Arc::clone(&came)];
                    connect(client, server, way, counters, sender.clone());
                }
            }
        });
        Self {
            address,
            ways,
            sent_bytes,
            came_bytes,
            events,
        }
    }

    /// From now on; counts anew.
    fn set(&self, target: SocketAddr, way: Way) {
        *self.ways.lock().unwrap() = (target, way);
        self.sent_bytes.store(0, Ordering::Relaxed);
        self.came_bytes.store(0, Ordering::Relaxed);
        while self.events.try_recv().is_ok() {}
    }

    /// No more trouble; counts anew.
    fn open(&self) {
        let target = self.ways.lock().unwrap().0;
        self.set(target, Way::Open);
    }

    fn sent_bytes(&self) -> u64 {
        self.sent_bytes.load(Ordering::Relaxed)
    }
}

fn connect(
    mut client: TcpStream,
    mut server: TcpStream,
    way: Way,
    [counter, came]: [Arc<AtomicU64>; 2],
    events: Sender<()>,
) {
    let (mut back, mut answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let told = events.clone();
    let (going, gone) = channel();
    std::thread::spawn(move || {
        let (mut bytes, mut carried) = (vec![0; 32 << 10], 0);
        loop {
            let read = answers.read(&mut bytes).unwrap_or(0);
            if read == 0 || back.write_all(&bytes[..read]).is_err() {
                break;
            }
            carried += read as u64;
            came.fetch_add(read as u64, Ordering::Relaxed);
            if matches!(way, Way::HoldBack(limit) if carried > limit) {
                let _heard = told.send(()).is_ok();
                // Until the client has gone.
                let _gone: Result<(), _> = gone.recv();
                break;
            }
        }
        drop(back.shutdown(Shutdown::Both));
    });
    std::thread::spawn(move || {
        let (mut bytes, mut carried, mut held) = (vec![0; 32 << 10], 0, false);
        loop {
            let read = client.read(&mut bytes).unwrap_or(0);
            if read == 0 {
                break;
            }
            carried += read as u64;
            if held {
                continue;
            }
            counter.fetch_add(read as u64, Ordering::Relaxed);
            if server.write_all(&bytes[..read]).is_err() {
                break;
            }
            match way {
                Way::Cut(limit) if carried > limit => {
                    let _heard = events.send(()).is_ok();
                    break;
                }
                Way::Hold(limit) if carried > limit => {
                    held = true;
                    let _heard = events.send(()).is_ok();
                }
                Way::Open | Way::Cut(_) | Way::Hold(_) | Way::HoldBack(_) => {}
            }
        }
        drop(client.shutdown(Shutdown::Both));
        drop(server.shutdown(Shutdown::Both));
        drop(going);
    });
}

fn address(place: &Place) -> SocketAddr {
    let url = place.variable("COREANVIL_URL");
    url.trim_start_matches("http://").parse().unwrap()
}

#[test]
fn push_goes_on_where_it_stopped() {
    let mut place = Place::new();
    let body = large_zip(false);
    let size = body.len() as u64;
    std::fs::write(place.path("digits.zip"), &body).unwrap();
    let server = place.serve(&[]);
    let target = address(&place);
    let relay = Relay::before(target);
    let push = ["push", "digits.zip", "--tag", "commit=abc", "--json"];

    // The client is killed when 2 MB are through, then the server.
    relay.set(target, Way::Hold(2_000_000));
    place.set("COREANVIL_URL", &format!("http://{}", relay.address));
    let mut client = place.start(&push);
    relay.events.recv().unwrap();
    client.kill().unwrap();
    client.wait().unwrap();
    until_the_bytes_are_kept(&place, target);
    drop(server);

    let _server = place.serve(&[]);
    relay.set(address(&place), Way::Cut(500_000));
    place.set("COREANVIL_URL", &format!("http://{}", relay.address));
    let done = place.run(&push);
    let revision = done.json();
    assert_eq!(done.stderr, "", "nothing but JSON where no terminal is");
    let cuts = relay.events.try_iter().count();
    assert!(cuts >= 2, "{cuts} cuts");
    let sent = relay.sent_bytes();
    crate::store::world::say(&format!("{sent} of {size} bytes, {cuts} cuts"));
    assert!(sent < size, "{sent} of {size} bytes: it began anew");

    // What the model has is not sent again, by the digest of the package or of the upload.
    relay.open();
    assert_eq!(place.run(&push).json()["id"], revision["id"]);
    assert!(relay.sent_bytes() < 10_000, "{} bytes", relay.sent_bytes());
    place.run(&[
        "pull",
        revision["id"].as_str().unwrap(),
        "-o",
        "digits.mlpackage",
    ]);
    relay.open();
    let folder = ["push", "digits.mlpackage", "--tag", "branch=main", "--json"];
    let again = place.run(&folder).json();
    assert_eq!(again["id"], revision["id"]);
    assert_eq!(
        again["tags"],
        serde_json::json!({"commit": "abc", "branch": "main"})
    );
    assert!(relay.sent_bytes() < 10_000, "{} bytes", relay.sent_bytes());
}

/// Until the server has stored what came before the client died.
fn until_the_bytes_are_kept(place: &Place, server: SocketAddr) {
    // The cut is dealt with when the bytes count and the next writer is let in: no longer "wrong offset", nor "locked".
    loop {
        let list = ask(place, server, "GET", "/api/v1/uploads", "");
        let field = |name: &str| {
            let rest = list.split(&format!("\"{name}\":")).nth(1)?;
            let end = rest.find([',', '}'])?;
            Some(rest[..end].trim_matches('"').to_owned())
        };
        if let (Some(id), Some(offset)) = (field("id"), field("offset_bytes"))
            && offset != "0"
        {
            let headers = format!(
                "Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\nContent-Type: application/offset+octet-stream\r\n"
            );
            let answer = ask(
                place,
                server,
                "PATCH",
                &format!("/api/v1/uploads/{id}"),
                &headers,
            );
            if answer.starts_with("HTTP/1.1 204") {
                return;
            }
        }
        std::thread::yield_now();
    }
}

/// One request past the relay, without a body; the whole answer.
fn ask(place: &Place, server: SocketAddr, method: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(server).unwrap();
    let token = place.variable("COREANVIL_TOKEN");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    drop(stream.read_to_string(&mut answer));
    answer
}

#[test]
fn pull_goes_on_where_it_stopped() {
    let mut place = Place::new();
    let body = large_zip(false);
    std::fs::write(place.path("digits.zip"), &body).unwrap();
    let _server = place.serve(&[]);
    let target = address(&place);
    let pushed = place.run(&["push", "digits.zip", "--json"]).json();
    let id = pushed["id"].as_str().unwrap();
    place.run(&["pull", id, "-o", "whole.zip"]);
    let whole = std::fs::read(place.path("whole.zip")).unwrap();
    let part = place.path(&format!(".digits.mlpackage.{id}.part"));
    let pull = ["pull", id, "-o", "digits.mlpackage", "--json"];

    // The client is killed half way.
    let relay = Relay::before(target);
    relay.set(target, Way::HoldBack(1_500_000));
    place.set("COREANVIL_URL", &format!("http://{}", relay.address));
    let mut client = place.start(&pull);
    relay.events.recv().unwrap();
    while std::fs::metadata(&part).map_or(0, |part| part.len()) < 1_000_000 {
        std::thread::yield_now();
    }
    client.kill().unwrap();
    client.wait().unwrap();
    let kept = std::fs::read(&part).unwrap();
    assert!(kept.len() < whole.len() && whole.starts_with(&kept));
    assert!(
        !place.path("digits.mlpackage").exists(),
        "nothing half is visible"
    );

    // Run again, only the rest comes.
    relay.open();
    assert_eq!(place.run(&pull).json()["revision"]["id"], id);
    let came = relay.came_bytes.load(Ordering::Relaxed);
    let rest = (whole.len() - kept.len()) as u64;
    assert!(
        (rest..rest + 20_000).contains(&came),
        "{came} bytes of {rest}"
    );
    assert!(!part.exists());
    assert!(place.path("digits.mlpackage/Manifest.json").is_file());

    // A beginning that is not that of the package, or longer than all of it, costs a download and no more.
    for wrong in [vec![7; 1_000], vec![7; whole.len() + 1], kept] {
        std::fs::write(&part, &wrong).unwrap();
        let again = ["pull", id, "-o", "digits.mlpackage", "--force", "--json"];
        assert_eq!(place.run(&again).json()["revision"]["id"], id);
        assert!(!part.exists());
    }
    let left: Vec<String> = place.names();
    assert!(!left.iter().any(|name| name.contains(id)), "{left:?}");
}
