//! The collector of traces, where one is named.

use std::time::Duration;

use super::finding::Finding;
use crate::config::Config;

/// A collector that does not answer by then loses spans.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Sends nothing, as an export without spans; nothing is found where traces are off.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let Some(base) = config.collector() else {
        return Vec::new();
    };
    let url = format!("{}/v1/traces", base.trim_end_matches('/'));
    let next = "is the collector running, with a receiver of OTLP over HTTP, and is `telemetry.otlp_endpoint` its base? The service works without it, and its spans are lost";
    let request = reqwest::Client::new()
        .post(&url)
        .header("content-type", "application/x-protobuf")
        .timeout(ANSWER_WITHIN);
    vec![match request.send().await {
        Ok(answer) if answer.status().is_success() => {
            Finding::ok("traces", format!("{url} takes spans"))
        }
        Ok(answer) => {
            let detail = format!("{url} answers {}", answer.status());
            Finding::warn("traces", detail, next)
        }
        Err(error) => {
            let error = crate::app::Chain(&error).to_string();
            Finding::warn("traces", error, next)
        }
    }]
}
