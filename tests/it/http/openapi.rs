//! The OpenAPI document: committed, complete, and true.

use reqwest::Method;
use serde_json::Value;

use super::server::{Server, Who};

fn document() -> Value {
    serde_json::to_value(coreanvil::http::document()).unwrap()
}

/// A change of the API is a change of this file. `WRITE_OPENAPI=1` writes it anew.
#[test]
fn the_committed_document_is_the_code_s() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == committed,
        "docs/openapi.json is old: run WRITE_OPENAPI=1 cargo test --test it openapi"
    );
}

#[test]
fn every_call_is_described() {
    let document = document();
    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(
                !id.is_empty() && !operation["summary"].as_str().unwrap_or_default().is_empty(),
                "{place}"
            );
            ids.push(id.to_owned());
            for name in path.split(['{', '}']).skip(1).step_by(2) {
                let parameters = operation["parameters"].as_array().unwrap();
                assert!(
                    parameters
                        .iter()
                        .any(|one| one["name"] == name && one["in"] == "path"),
                    "{place}: {name}"
                );
            }
            let open = operation["security"] == serde_json::json!([{}]);
            assert_eq!(open, operation["responses"].get("401").is_none(), "{place}");
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "an operation id twice");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    if key == "$ref" {
                        found.push(value.as_str().unwrap().to_owned());
                    } else {
                        references(value, found);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(
            document
                .pointer(reference.trim_start_matches('#'))
                .is_some(),
            "{reference}"
        );
    }
}

/// What the document says is there answers something else than 404 and 405; what it does not say is 405.
#[tokio::test(flavor = "multi_thread")]
async fn the_router_has_what_the_document_says() {
    let server = Server::start().await;
    server.model("m").await;
    for (path, item) in document()["paths"].as_object().unwrap() {
        let concrete = path
            .trim_start_matches("/api/v1")
            .replace("{model}", "m")
            .replace("{alias}", "a")
            .replace("{project}", "default");
        let concrete = ["{id}", "{a}", "{b}"]
            .iter()
            .fold(concrete, |path, name| path.replace(name, "nothing"));
        let methods: Vec<&str> = item
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let there = methods.contains(&method.as_str().to_lowercase().as_str());
            let answer = server
                .request(Who::Nobody, method.clone(), &concrete)
                .send()
                .await
                .unwrap();
            let status = answer.status().as_u16();
            assert_eq!(status == 405, !there, "{method} {path}: {status}");
            if !there {
                assert!(answer.headers().contains_key("allow"), "{method} {path}");
            }
        }
    }
}
