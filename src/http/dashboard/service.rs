//! The service itself: whether it answers, what it is made of, its limits, its queue.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::frame::{Frame, Section};
use super::marks::{Bytes, Count, Mark};
use super::show;
use super::visitor::Visitor;
use crate::app::{App, jobs, readiness};
use crate::http::answer::Answer;
use crate::http::extract::NoParams;

#[derive(Template)]
#[template(path = "service.html")]
struct ServicePage {
    frame: Frame,
    version: &'static str,
    mark: Mark,
    trouble: Option<String>,
    database: &'static str,
    upload: Bytes,
    request: Bytes,
    threads: usize,
    queued: Count,
    running: Count,
    package: Vec<(&'static str, String)>,
}

/// `GET /service`.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor, _: NoParams) -> Answer {
    let trouble = readiness::check(&app)
        .await
        .err()
        .map(|error| error.to_string());
    let counts = jobs::totals(&app).await?;
    let settings = &app.settings;
    show::page(&ServicePage {
        frame: Frame::new(&visitor, Section::Service, "Service"),
        version: env!("CARGO_PKG_VERSION"),
        mark: trouble
            .as_ref()
            .map_or(Mark::new("valid", "ok", "ready"), |_| {
                Mark::new("invalid", "bad", "not ready")
            }),
        trouble,
        database: app.store.dialect(),
        upload: Bytes(settings.upload_bytes),
        request: Bytes(settings.request_bytes),
        threads: settings.threads,
        queued: Count(counts.queued),
        running: Count(counts.running),
        package: limits(&settings.package),
    })
}

/// The limits that people meet; the configuration has them all.
fn limits(package: &coreml::Limits) -> Vec<(&'static str, String)> {
    vec![
        (
            "Files in a package",
            Count(package.package_files).to_string(),
        ),
        (
            "Bytes of an unpacked archive",
            Bytes(package.archive_unpacked_bytes).words(),
        ),
    ]
}
