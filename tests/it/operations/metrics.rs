//! The list of metrics is the code's, what `/metrics` shows is in the list, and dashboards ask for nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use coreanvil::telemetry::{ALL, Form, committed_page, metrics};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_committed_list_is_what_the_code_says() {
    let path = root().join("docs/metrics.md");
    if std::env::var_os("WRITE_METRICS").is_some() {
        std::fs::write(&path, committed_page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), committed_page());
    let names: BTreeSet<&str> = ALL.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), ALL.len(), "a name twice");
    for metric in ALL {
        assert_eq!(
            metric.name.ends_with("_total"),
            metric.form == Form::Counter,
            "{}",
            metric.name
        );
        assert!(
            metric.form != Form::Histogram || metric.name.ends_with("_seconds"),
            "{}",
            metric.name
        );
    }
}

/// What the process that runs all these tests has counted by then: no name and no label beyond the list.
#[test]
fn what_is_shown_is_in_the_list() {
    let text = metrics().render();
    let mut seen = 0;
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (series, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let metric = metric(name).unwrap_or_else(|| panic!("{name} is not in the list"));
        for label in labels
            .trim_end_matches('}')
            .split("\",")
            .filter(|label| !label.is_empty())
        {
            let label = label.split('=').next().unwrap();
            let of_a_histogram =
                metric.form == Form::Histogram && matches!(label, "le" | "quantile");
            assert!(metric.labels.contains(&label) || of_a_histogram, "{line}");
        }
        seen += 1;
    }
    assert!(
        text.contains("coreanvil_build_info{version=")
            && text.contains("process_resident_memory_bytes "),
        "{text}"
    );
    assert!(seen >= 4, "{text}");
}

/// The metric that a series belongs to.
fn metric(series: &str) -> Option<&'static coreanvil::telemetry::Metric> {
    let bare = ["_bucket", "_sum", "_count"]
        .iter()
        .find_map(|tail| series.strip_suffix(tail));
    ALL.iter().find(|metric| {
        metric.name == series || (metric.form == Form::Histogram && Some(metric.name) == bare)
    })
}

/// Names of metrics that a text mentions.
fn mentioned(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("coreanvil_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn dashboard_and_alerts_ask_for_what_there_is() {
    let dashboard = std::fs::read_to_string(root().join("docs/grafana/coreanvil.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    let panels = json["panels"].as_array().unwrap();
    let mut queries = 0;
    for panel in panels {
        for target in panel["targets"].as_array().unwrap() {
            let names = mentioned(target["expr"].as_str().unwrap());
            assert!(!names.is_empty(), "{target}");
            for name in names {
                assert!(
                    metric(&name).is_some(),
                    "{name} of {target} is not in the list"
                );
            }
            queries += 1;
        }
    }
    assert!(
        queries >= panels.len() && panels.len() >= 8,
        "{queries} queries"
    );
    let alerts = std::fs::read_to_string(root().join("docs/grafana/alerts.yaml")).unwrap();
    let names = mentioned(&alerts);
    assert!(names.len() >= 5, "{names:?}");
    for name in names {
        assert!(
            metric(&name).is_some(),
            "{name} of alerts.yaml is not in the list"
        );
    }
}

#[test]
fn a_process_of_workers_answers_probes_and_counts_its_jobs() {
    let mut place = crate::cli::process::Place::new();
    let package = place.model("mlp_fp32.mlpackage");
    let server = place.serve(&["--no-worker"]);
    let (worker, said) = place.worker(&["--listen", "127.0.0.1:0"]);
    let at = said.split_whitespace().find(|w| w.starts_with("http://"));
    let at = at.unwrap_or_else(|| panic!("{said}"));
    let package = package.to_str().unwrap();
    let pushed = place
        .run(&["push", package, "--model", "m", "--json"])
        .json();
    let revision = pushed["id"].as_str().unwrap();
    let submit = ["submit", revision, "--recipe", "int8", "--json"];
    let job = place.run(&submit).json();
    place
        .run(&["wait", job["id"].as_str().unwrap(), "--json"])
        .json();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let get = |path: &str| {
        runtime.block_on(async {
            drop(rustls::crypto::ring::default_provider().install_default());
            let answer = reqwest::get(format!("{at}{path}")).await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    };
    assert_eq!(get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(get("/readyz").0, 200);
    let counted = r#"coreanvil_jobs_finished_total{kind="compress",state="succeeded"} 1"#;
    let (_, text) = get("/metrics");
    assert!(text.contains(counted), "{text}");
    // Nothing else is there: no API, no pages.
    for path in ["/", "/api/v1/models", "/api/v1/openapi.json"] {
        let (status, body) = get(path);
        assert!(
            status == 404 && body.contains("not_found"),
            "{path}: {status} {body}"
        );
    }
    assert_eq!((worker.stop(), server.stop()), (0, 0));
}
