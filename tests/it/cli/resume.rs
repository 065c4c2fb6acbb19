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
}

/// A relay before the server.
struct Relay {
    address: SocketAddr,
    ways: Arc<Mutex<(SocketAddr, Way)>>,
    sent_bytes: Arc<AtomicU64>,
    events: Receiver<()>,
}

impl Relay {
    fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ways = Arc::new(Mutex::new((target, Way::Open)));
        let sent_bytes = Arc::new(AtomicU64::new(0));
        let (sender, events) = channel();
        let (shared, counter) = (Arc::clone(&ways), Arc::clone(&sent_bytes));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (target, way) = *shared.lock().unwrap();
                if let (Ok(client), Ok(server)) = (client, TcpStream::connect(target)) {
                    connect(client, server, way, Arc::clone(&counter), sender.clone());
                }
            }
        });
        Self {
            address,
            ways,
            sent_bytes,
            events,
        }
    }

    /// From now on; counts anew.
    fn set(&self, target: SocketAddr, way: Way) {
        *self.ways.lock().unwrap() = (target, way);
        self.sent_bytes.store(0, Ordering::Relaxed);
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
    counter: Arc<AtomicU64>,
    events: Sender<()>,
) {
    let (mut back, mut answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        drop(std::io::copy(&mut answers, &mut back));
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
                Way::Open | Way::Cut(_) | Way::Hold(_) => {}
            }
        }
        drop(client.shutdown(Shutdown::Both));
        drop(server.shutdown(Shutdown::Both));
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
