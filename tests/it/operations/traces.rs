//! A collector in the test: what arrives there follows a job from the request through the queue to the worker.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;

use crate::cli::process::Place;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Takes exports for ever; gives its address and what arrives.
pub(crate) fn collector() -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (arrived, arrivals) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let arrived = arrived.clone();
            std::thread::spawn(move || take(BufReader::new(stream.unwrap()), &arrived));
        }
    });
    (address, arrivals)
}

/// Takes the exports of one connection.
fn take(mut stream: BufReader<TcpStream>, arrived: &mpsc::Sender<Vec<u8>>) {
    loop {
        let (mut line, mut length) = (String::new(), 0);
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        assert!(line.starts_with("POST /v1/traces "), "{line}");
        while line.trim() != "" {
            line.clear();
            stream.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        if arrived.send(body).is_err() {
            return;
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.get_mut().write_all(answer).unwrap();
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Submits a job within a trace of the caller's.
async fn submit(url: &str, token: &str, revision: &str) -> serde_json::Value {
    drop(rustls::crypto::ring::default_provider().install_default());
    let body = serde_json::json!({"kind": "compress", "revision": revision, "recipe": "int8",
        "then": [{"kind": "compress", "recipe": "decompress"}]});
    let sent = reqwest::Client::new()
        .post(format!("{url}/api/v1/jobs"))
        .bearer_auth(token)
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 202);
    sent.json().await.unwrap()
}

/// A span, and the name of the service that sent it.
struct Sent {
    service: String,
    span: Span,
}

/// What arrived so far. A process has sent all when it has ended.
fn arrived(arrivals: &mpsc::Receiver<Vec<u8>>) -> Vec<Sent> {
    let mut all = Vec::new();
    for body in arrivals.try_iter() {
        let export = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
        for resource in export.resource_spans {
            let attributes = resource.resource.unwrap().attributes;
            let named = attributes.iter().find(|pair| pair.key == "service.name");
            let Some(Value::StringValue(service)) = named.unwrap().value.clone().unwrap().value
            else {
                panic!("{attributes:?}");
            };
            for span in resource.scope_spans.into_iter().flat_map(|s| s.spans) {
                let service = service.clone();
                all.push(Sent { service, span });
            }
        }
    }
    all
}

/// The spans with this name below a parent, with their service.
fn below<'a>(all: &'a [Sent], parent: &[u8], name: &str, service: &str) -> Vec<&'a Span> {
    all.iter()
        .filter(|sent| sent.span.parent_span_id == parent && sent.span.name == name)
        .inspect(|sent| assert_eq!(sent.service, service, "{name}"))
        .map(|sent| &sent.span)
        .collect()
}

/// The one span with this name below a parent.
fn one<'a>(all: &'a [Sent], parent: &Span, name: &str, service: &str) -> &'a Span {
    let found = below(all, &parent.span_id, name, service);
    assert_eq!(found.len(), 1, "{name} below {}", parent.name);
    found[0]
}

#[test]
fn one_trace_follows_a_job_from_the_server_through_the_queue_to_the_worker() {
    let (address, arrivals) = collector();
    let mut place = Place::new();
    place.set("COREANVIL_TELEMETRY__OTLP_ENDPOINT", &address);
    // What is logged is another matter.
    place.set("COREANVIL_LOG__FILTER", "warn");
    let package = place.model("mlp_fp32.mlpackage");
    let server = place.serve(&["--no-worker"]);
    place.set("OTEL_SERVICE_NAME", "the-worker");
    let (worker, _) = place.worker(&[]);
    let package = package.to_str().unwrap();
    let pushed = place.run(&["push", package, "--model", "traced", "--json"]);
    let revision = pushed.json();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let job = runtime.block_on(submit(
        &place.variable("COREANVIL_URL"),
        server.token.as_deref().unwrap(),
        revision["id"].as_str().unwrap(),
    ));
    let done = place.run(&["wait", job["id"].as_str().unwrap(), "--json"]);
    let done = done.json();
    let follower = done["then"][0]["job_id"].as_str().unwrap();
    place.run(&["wait", follower, "--json"]).json();
    assert_eq!((worker.stop(), server.stop()), (0, 0));

    let all = arrived(&arrivals);
    let (api, work) = ("coreanvil", "the-worker");
    let requests = below(&all, &unhex(PARENT), "request", api);
    assert_eq!(requests.len(), 1, "of {} spans", all.len());
    let first = one(&all, requests[0], "job", api);
    let attempt = one(&all, first, "attempt", work);
    let second = one(&all, attempt, "job", work);
    let following = one(&all, second, "attempt", work);
    let mut trace = vec![requests[0], first, attempt, second, following];
    for attempt in [attempt, following] {
        for phase in ["loading", "compressing", "writing", "storing"] {
            trace.push(one(&all, attempt, phase, work));
        }
    }
    let kinds: Vec<SpanKind> = trace[..5].iter().map(|span| span.kind()).collect();
    let (producer, consumer) = (SpanKind::Producer, SpanKind::Consumer);
    assert_eq!(
        kinds,
        [SpanKind::Server, producer, consumer, producer, consumer]
    );
    for span in trace {
        assert_eq!(hex(&span.trace_id), TRACE, "{}", span.name);
        assert!(
            span.start_time_unix_nano <= span.end_time_unix_nano,
            "{span:?}"
        );
    }
    let others = all
        .iter()
        .filter(|sent| sent.span.name == "request" && hex(&sent.span.trace_id) != TRACE);
    assert!(
        others.count() > 0,
        "requests without a trace have their own"
    );
}

#[test]
fn without_a_collector_nothing_is_sent_and_the_clients_trace_is_kept() {
    let (address, arrivals) = collector();
    let mut place = Place::new();
    let package = place.model("mlp_fp32.mlpackage");
    let server = place.serve(&["--no-worker"]);
    let package = package.to_str().unwrap();
    let pushed = place.run(&["push", package, "--model", "traced", "--json"]);
    let revision = pushed.json();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let job = runtime.block_on(submit(
        &place.variable("COREANVIL_URL"),
        server.token.as_deref().unwrap(),
        revision["id"].as_str().unwrap(),
    ));
    assert_eq!(server.stop(), 0);
    assert_eq!(arrived(&arrivals).len(), 0);
    // A worker that does send goes on with the trace that the job kept.
    place.set("OTEL_EXPORTER_OTLP_ENDPOINT", &address);
    let server = place.serve(&[]);
    place
        .run(&["wait", job["id"].as_str().unwrap(), "--json"])
        .json();
    assert_eq!(server.stop(), 0);
    let all = arrived(&arrivals);
    let attempts = below(&all, &unhex(PARENT), "attempt", "coreanvil");
    assert_eq!(attempts.len(), 1, "of {} spans", all.len());
    assert_eq!(hex(&attempts[0].trace_id), TRACE);
}
