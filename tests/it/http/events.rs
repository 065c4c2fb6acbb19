//! Streams of events: nothing missed, nothing twice, and an end to everything.

use std::sync::Arc;

use api::ids::JobId;
use api::jobs::JobKind;
use coreanvil::queue::{Policy, Queue};
use coreanvil::store::{Reach, Store};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, Who, json as expect, refused};
use crate::store::world::{World, on_every_database};

/// A stream as a client reads it: block by block.
struct Reader {
    answer: reqwest::Response,
    text: String,
}

/// One block of a stream.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    Event { seq: u64, kind: String },
    Comment,
    End,
}

impl Reader {
    async fn open(server: &Server, job: JobId, after: u64) -> Self {
        let request = server
            .request(Who::Reader, Method::GET, &format!("/jobs/{job}/events"))
            .header("accept", "text/event-stream");
        let request = match after {
            0 => request,
            after => request.header("last-event-id", format!("{job}:{after}")),
        };
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        Self {
            answer,
            text: String::new(),
        }
    }

    async fn next(&mut self) -> Block {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                if block.starts_with("retry:") {
                    continue;
                }
                if block.starts_with(':') {
                    return Block::Comment;
                }
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_else(|| panic!("no {name} in {block}"))
                        .trim()
                };
                let data: Value = serde_json::from_str(field("data:")).unwrap();
                let (job, seq) = field("id:").split_once(':').unwrap();
                assert_eq!(
                    (&data["job_id"], &data["seq"]),
                    (&json!(job), &json!(seq.parse::<u64>().unwrap()))
                );
                let kind = field("event:").to_owned();
                assert_eq!(data["kind"], kind);
                let seq = seq.parse().unwrap();
                return Block::Event { seq, kind };
            }
            match self.answer.chunk().await.unwrap() {
                Some(bytes) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                None => return Block::End,
            }
        }
    }
}

async fn job(server: &Server) -> JobId {
    let new =
        json!({"kind": "compress", "revision": server.revision().await["id"], "recipe": "int8"});
    let job = expect(
        server.writer(Method::POST, "/jobs").json(&new),
        StatusCode::ACCEPTED,
    )
    .await;
    job["id"].as_str().unwrap().parse().unwrap()
}

/// Another process: a queue of its own, so that the server is told of nothing.
async fn elsewhere(server: &Server, world: &World) -> Queue {
    let store = Store::open(&world.url).await.unwrap();
    let clock = Arc::clone(&server.clock) as Arc<dyn coreanvil::clock::Clock>;
    Queue::new(store, clock, Arc::clone(&server.app.ids), Policy::default())
}

#[test]
fn a_reader_sees_every_event_once_whoever_writes_and_however_often_it_comes_back() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let id = job(&server).await;
        let other = elsewhere(&server, &world).await;
        let write = async {
            for round in 0..20_u64 {
                let queue = if round % 2 == 0 {
                    &server.app.queue
                } else {
                    &other
                };
                let claimed = queue
                    .claim(world.worker(), &[JobKind::Compress])
                    .await
                    .unwrap()
                    .unwrap();
                queue.release(&claimed.lease, &[]).await.unwrap();
            }
            other.cancel(Reach::All, id).await.unwrap();
        };
        let work = async {
            let readers =
                futures::future::join_all((0..6_u64).map(|reader| follow(&server, id, reader)));
            let ((), seen) = tokio::join!(write, readers);
            seen
        };
        let seen = Box::pin(while_time_passes(&server, work)).await;
        let listed = server.app.store.job_events(id, 0, 1000).await.unwrap();
        let want: Vec<(u64, String)> = listed
            .iter()
            .map(|event| (event.seq, event.kind.clone()))
            .collect();
        assert!(want.len() > 40, "{}", want.len());
        for one in seen {
            assert_eq!(one, want);
        }
    });
}

/// Moves the clock on until something is done: what other processes write is seen at the next look.
async fn while_time_passes<T>(server: &Server, work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::task::yield_now() => server.clock.advance(20),
        }
    }
}

/// Reads to the end, coming back at drawn points as a browser would.
async fn follow(server: &Server, id: JobId, reader: u64) -> Vec<(u64, String)> {
    let mut state = reader + 1;
    let mut seen: Vec<(u64, String)> = Vec::new();
    loop {
        let after = seen.last().map_or(0, |(seq, _)| *seq);
        let request = server
            .request(Who::Reader, Method::GET, &format!("/jobs/{id}/events"))
            .header("last-event-id", format!("{id}:{after}"));
        let answer = request.send().await.unwrap();
        if answer.status() == StatusCode::NO_CONTENT {
            return seen;
        }
        assert_eq!(answer.status(), StatusCode::OK);
        let mut stream = Reader {
            answer,
            text: String::new(),
        };
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let most = (state >> 33) % 7;
        let mut read = 0;
        loop {
            match stream.next().await {
                Block::Event { seq, kind } => {
                    seen.push((seq, kind));
                    read += 1;
                }
                Block::Comment => {}
                Block::End => break,
            }
            if read > most {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_stream_comments_and_ends_when_the_server_stops() {
    let server = Server::start().await;
    let id = job(&server).await;
    let mut stream = Reader::open(&server, id, 0).await;
    let first = Block::Event {
        seq: 1,
        kind: "queued".to_owned(),
    };
    assert_eq!(stream.next().await, first);
    let comment = while_time_passes(&server, stream.next()).await;
    assert_eq!(comment, Block::Comment);
    server.stop().await;
    while stream.next().await != Block::End {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_the_last_event_is_told_to_stay_away() {
    let server = Server::start().await;
    let id = job(&server).await;
    server.app.queue.cancel(Reach::All, id).await.unwrap();
    let path = format!("/jobs/{id}/events");
    let mut stream = Reader::open(&server, id, 1).await;
    let last = Block::Event {
        seq: 2,
        kind: "cancelled".to_owned(),
    };
    assert_eq!(
        [stream.next().await, stream.next().await],
        [last, Block::End]
    );
    let status = async |query: &str, last: Option<String>| {
        let mut request = server.request(Who::Reader, Method::GET, &format!("{path}{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("", Some(format!("{id}:2"))).await, 204);
    assert_eq!(status("?after=2", None).await, 204);
    // A browser that comes back repeats its first address; what it has seen goes before.
    assert_eq!(status("?after=0", Some(format!("{id}:2"))).await, 204);
    for wrong in ["2", "x:2", "01890a5d-ac96-774b-bcce-b302099a8057:2"] {
        assert_eq!(status("", Some(wrong.to_owned())).await, 400, "{wrong}");
    }
    for query in ["?after=3", "?after=-1", "?after=x", "?aftr=1"] {
        assert_eq!(status(query, None).await, 400, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_get_a_list() {
    let server = Server::start().await;
    let id = job(&server).await;
    server.app.queue.cancel(Reach::All, id).await.unwrap();
    let list = async |query: &str| {
        let request = server
            .request(
                Who::Reader,
                Method::GET,
                &format!("/jobs/{id}/events{query}"),
            )
            .header("accept", "application/json");
        expect(request, StatusCode::OK).await
    };
    let page = list("?limit=1").await;
    assert_eq!(page["items"][0]["kind"], "queued");
    let next = list(&format!(
        "?limit=1&cursor={}",
        page["next_cursor"].as_str().unwrap()
    ))
    .await;
    assert_eq!(
        (&next["items"][0]["seq"], &next["next_cursor"]),
        (&json!(2), &json!(null))
    );
    assert_eq!(list("?after=2").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_bounded_and_given_back() {
    let server = Server::start_with(|settings| {
        settings.allowed.token_streams = 1;
        settings.allowed.streams = 2;
    })
    .await;
    let id = job(&server).await;
    let path = format!("/jobs/{id}/events");
    let first = Reader::open(&server, id, 0).await;
    let problem = refused(server.request(Who::Reader, Method::GET, &path), 429).await;
    assert_eq!(problem["code"], "rate_limited");
    let second = server
        .request(Who::Writer, Method::GET, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(second.status(), StatusCode::OK);
    let answer = server
        .request(Who::Admin, Method::GET, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (503, &"5".parse().unwrap())
    );
    drop((first, second));
    // The server notices when it next writes to the closed connections.
    loop {
        server.clock.advance(15_000);
        let answer = server
            .request(Who::Admin, Method::GET, &path)
            .send()
            .await
            .unwrap();
        if answer.status() == StatusCode::OK {
            break;
        }
    }
}
