//! Traces by OpenTelemetry: off unless a collector is named; sent by OTLP over HTTP with our own client.
//!
//! A request continues the trace of its `traceparent`; within it stands a span `job`, whose context the job's row keeps, so
//! that each attempt, of whatever worker, is a child of it, and each phase a child of the attempt. A job that follows is
//! submitted within the attempt before it: one trace shows the whole chain, with the time in the queue as the gap between
//! `job` and `attempt`. Which lines are logged changes nothing here. Sampling and resource attributes come from the standard
//! variables (`OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME`, …).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header, and the word in which a job keeps it.
const NAME: &str = "traceparent";

/// A collector that does not answer by then is away.
const SEND_WITHIN: Duration = Duration::from_secs(10);

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

tokio::task_local! {
    /// What the caller of this request gave: kept for jobs also where we send no traces ourselves.
    static GIVEN: Option<String>;
}

/// Sends spans to a collector from now on; `endpoint` is its base, such as `http://collector:4318`.
pub(super) fn install(endpoint: &str) -> Result<SdkTracer, String> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new()?)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| error.to_string())?;
    let mut resource = Resource::builder();
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("coreanvil");
    }
    let provider = SdkTracerProvider::builder()
        .with_resource(resource.build())
        .with_batch_exporter(exporter)
        .build();
    let tracer = provider.tracer("coreanvil");
    if PROVIDER.set(provider).is_err() {
        return Err("traces were set up before".to_owned());
    }
    Ok(tracer)
}

/// Sends what is still here; at the end of the process.
pub async fn flush() {
    let Some(provider) = PROVIDER.get() else {
        return;
    };
    let ended = tokio::task::spawn_blocking(|| provider.shutdown()).await;
    if let Ok(Err(error)) = ended {
        tracing::debug!(%error, "the last spans were not sent");
    }
}

/// Makes a span, before anything happened in it, a part of the trace that a caller names; what is no trace is passed over.
/// Its fields `otel.kind` and `trace_id`, which log lines show, are filled in, where traces are sent.
pub fn continue_from(span: &Span, kind: &'static str, given: Option<&str>) {
    if PROVIDER.get().is_none() {
        return;
    }
    span.record("otel.kind", kind);
    if let Some(given) = given {
        let context = TraceContextPropagator::new().extract(&One(given.to_owned()));
        if let Err(error) = span.set_parent(context) {
            tracing::debug!(?error, "the span is in no trace of a caller");
        }
    }
    let context = span.context();
    let trace_id = context.span().span_context().trace_id();
    span.record("trace_id", tracing::field::display(trace_id));
}

/// Whether traces are sent.
pub fn sends_traces() -> bool {
    PROVIDER.get().is_some()
}

/// Runs a request whose caller gave this `traceparent`.
pub async fn within<T>(given: Option<String>, work: impl Future<Output = T>) -> T {
    GIVEN
        .scope(given.filter(|given| is_trace(given)), work)
        .await
}

/// The trace that this code runs in: our span's where we send traces, else what the caller gave.
pub fn traceparent() -> Option<String> {
    let given = || GIVEN.try_with(Clone::clone).ok().flatten();
    if !sends_traces() {
        return given();
    }
    let mut carrier = One(String::new());
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    Some(carrier.0).filter(|own| !own.is_empty()).or_else(given)
}

/// Whether it is a `traceparent` of version 00 that names something.
fn is_trace(given: &str) -> bool {
    let context = TraceContextPropagator::new().extract(&One(given.to_owned()));
    given.len() == 55 && context.span().span_context().is_valid()
}

/// A carrier of the one header.
struct One(String);

impl Extractor for One {
    fn get(&self, key: &str) -> Option<&str> {
        (key == NAME).then_some(self.0.as_str())
    }

    fn keys(&self) -> Vec<&str> {
        vec![NAME]
    }
}

impl Injector for One {
    fn set(&mut self, key: &str, value: String) {
        if key == NAME {
            self.0 = value;
        }
    }
}

/// Our HTTP client for the exporter, whose thread is no part of the runtime.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    home: Handle,
    tasks: TaskTracker,
    /// Whether the last export failed: the log says when that changes.
    failing: AtomicBool,
}

impl Client {
    fn new() -> Result<Self, String> {
        let http = reqwest::Client::builder().timeout(SEND_WITHIN).build();
        Ok(Self {
            http: http.map_err(|error| error.to_string())?,
            home: Handle::current(),
            tasks: TaskTracker::new(),
            failing: AtomicBool::new(false),
        })
    }

    /// Says so when the collector goes away, and when it is there again.
    fn note(&self, sent: &Result<Response<Bytes>, HttpError>) {
        let why = match sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().to_string()),
            Err(error) => Some(chain(&**error)),
        };
        let failed_before = self.failing.swap(why.is_some(), Ordering::Relaxed);
        match why {
            Some(why) if !failed_before => {
                tracing::warn!(why, "the collector does not take spans: they are lost");
            }
            None if failed_before => tracing::info!("the collector takes spans again"),
            Some(_) | None => {}
        }
    }
}

/// An error and what is behind it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    let all: Vec<String> = all.map(ToString::to_string).collect();
    all.join(": ")
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let (parts, body) = request.into_parts();
        let sending = async move {
            let sent = http
                .request(parts.method, parts.uri.to_string())
                .headers(parts.headers)
                .body(body)
                .send()
                .await?;
            let status = sent.status();
            let mut answer = Response::new(sent.bytes().await?);
            *answer.status_mut() = status;
            Ok::<_, reqwest::Error>(answer)
        };
        let sent = match self.tasks.spawn_on(sending, &self.home).await {
            Ok(sent) => sent.map_err(HttpError::from),
            Err(error) => Err(error.into()),
        };
        self.note(&sent);
        sent
    }
}

#[cfg(test)]
mod tests {
    //! What is kept as a job's trace.

    use super::*;

    #[tokio::test]
    async fn a_callers_trace_is_kept_when_it_is_one() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let zeros = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
        for (given, kept) in [
            (Some(good), Some(good)),
            (Some(zeros), None),
            (Some("00-nonsense"), None),
            (None, None),
        ] {
            let found = within(given.map(str::to_owned), async { traceparent() }).await;
            assert_eq!(found.as_deref(), kept, "{given:?}");
        }
        assert_eq!(traceparent(), None);
    }
}
