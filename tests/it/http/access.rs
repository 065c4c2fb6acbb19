//! Who may do what: every call of the API, asked by everybody.

use reqwest::Method;
use serde_json::json;

use super::server::{Server, Who, zip};
use crate::store::world::on_every_database;

/// What of the server a row's path and body name.
struct Things {
    revision: String,
    job: String,
    token: String,
    upload: String,
}

/// Method, path, body, and the status for nobody, a stranger (administrator of another project), reader, writer, admin.
type Row = (&'static str, &'static str, &'static str, [u16; 5]);

const ROWS: &[Row] = &[
    ("GET", "/healthz", "", [200, 200, 200, 200, 200]),
    ("GET", "/readyz", "", [200, 200, 200, 200, 200]),
    ("GET", "/metrics", "", [200, 200, 200, 200, 200]),
    ("GET", "/api/v1/openapi.json", "", [200, 200, 200, 200, 200]),
    ("GET", "/api/v1/models", "", [401, 200, 200, 200, 200]),
    (
        "POST",
        "/api/v1/models",
        r#"{"name":"WHO","project":"default"}"#,
        [401, 404, 403, 201, 201],
    ),
    (
        "GET",
        "/api/v1/models/{model}",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "PATCH",
        "/api/v1/models/{model}",
        r#"{"description":"x"}"#,
        [401, 404, 403, 200, 200],
    ),
    (
        "DELETE",
        "/api/v1/models/{model}",
        "",
        [401, 404, 403, 409, 409],
    ),
    (
        "GET",
        "/api/v1/models/{model}/aliases",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "PUT",
        "/api/v1/models/{model}/aliases/{alias}",
        r#"{"revision":"REVISION"}"#,
        [401, 404, 403, 200, 200],
    ),
    (
        "GET",
        "/api/v1/models/{model}/aliases/{alias}",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "DELETE",
        "/api/v1/models/{model}/aliases/{alias}",
        "",
        [401, 404, 403, 204, 404],
    ),
    (
        "GET",
        "/api/v1/models/{model}/revisions",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "POST",
        "/api/v1/models/{model}/revisions",
        "PACKAGE",
        [401, 404, 403, 200, 200],
    ),
    (
        "GET",
        "/api/v1/revisions/{id}",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "PATCH",
        "/api/v1/revisions/{id}",
        r#"{"notes":"x"}"#,
        [401, 404, 403, 200, 200],
    ),
    (
        "DELETE",
        "/api/v1/revisions/{id}",
        "",
        [401, 404, 403, 409, 409],
    ),
    (
        "GET",
        "/api/v1/revisions/{id}/package",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/revisions/{id}/inspection",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/revisions/{id}/weights",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/revisions/{id}/weights/{name}",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/revisions/{id}/program",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/revisions/{a}/comparison/{b}",
        "",
        [401, 404, 200, 200, 200],
    ),
    ("GET", "/api/v1/jobs", "", [401, 200, 200, 200, 200]),
    (
        "POST",
        "/api/v1/jobs",
        r#"{"kind":"compress","revision":"REVISION","recipe":"int8"}"#,
        [401, 404, 403, 202, 202],
    ),
    ("GET", "/api/v1/jobs/{id}", "", [401, 404, 200, 200, 200]),
    (
        "GET",
        "/api/v1/jobs/{id}/events",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/jobs/{id}/attempts",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "GET",
        "/api/v1/jobs/{id}/attempts/{fence}/log",
        "",
        [401, 404, 404, 404, 404],
    ),
    (
        "POST",
        "/api/v1/jobs/{id}/cancel",
        "",
        [401, 404, 403, 200, 200],
    ),
    ("GET", "/api/v1/measurements", "", [401, 200, 200, 200, 200]),
    ("OPTIONS", "/api/v1/uploads", "", [204, 204, 204, 204, 204]),
    ("GET", "/api/v1/uploads", "", [401, 200, 403, 200, 200]),
    ("POST", "/api/v1/uploads", "", [401, 404, 403, 201, 201]),
    ("GET", "/api/v1/uploads/{id}", "", [401, 404, 403, 200, 200]),
    (
        "HEAD",
        "/api/v1/uploads/{id}",
        "",
        [401, 404, 403, 200, 200],
    ),
    (
        "PATCH",
        "/api/v1/uploads/{id}",
        "PIECE",
        [401, 404, 403, 204, 409],
    ),
    (
        "DELETE",
        "/api/v1/uploads/{id}",
        "",
        [401, 404, 403, 204, 404],
    ),
    ("GET", "/api/v1/projects", "", [401, 200, 200, 200, 200]),
    (
        "POST",
        "/api/v1/projects",
        r#"{"name":"WHO"}"#,
        [401, 403, 403, 403, 201],
    ),
    (
        "GET",
        "/api/v1/projects/{project}",
        "",
        [401, 404, 200, 200, 200],
    ),
    (
        "PATCH",
        "/api/v1/projects/{project}",
        r#"{"name":"default"}"#,
        [401, 404, 403, 403, 200],
    ),
    ("GET", "/api/v1/tokens", "", [401, 200, 403, 403, 200]),
    (
        "POST",
        "/api/v1/tokens",
        r#"{"name":"x","scope":"reader"}"#,
        [401, 201, 403, 403, 201],
    ),
    ("GET", "/api/v1/tokens/{id}", "", [401, 404, 403, 403, 200]),
    (
        "DELETE",
        "/api/v1/tokens/{id}",
        "",
        [401, 404, 403, 403, 204],
    ),
];

#[test]
fn everybody_gets_what_the_table_says() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let things = things(&server).await;
        let mut wrong = Vec::new();
        for (method, path, body, want) in ROWS {
            let mut found = [0; 5];
            for (slot, who) in found.iter_mut().zip(Who::ALL) {
                *slot = ask(&server, &things, who, method, path, body).await;
            }
            if found != *want {
                wrong.push(format!("{method} {path}: {found:?}, want {want:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn every_call_is_in_the_table() {
    let document = serde_json::to_value(coreanvil::http::document()).unwrap();
    let mut calls: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != "parameters")
        {
            calls.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut rows: Vec<String> = ROWS
        .iter()
        .map(|(method, path, ..)| format!("{method} {path}"))
        .collect();
    calls.sort();
    rows.sort();
    assert_eq!(calls, rows);
}

async fn things(server: &Server) -> Things {
    let revision = server.revision().await["id"].as_str().unwrap().to_owned();
    let new = json!({"kind": "compress", "revision": revision, "recipe": "int8"});
    let job = super::server::json(
        server.writer(Method::POST, "/jobs").json(&new),
        reqwest::StatusCode::ACCEPTED,
    )
    .await;
    let new = json!({"name": "x", "scope": "reader"});
    let made = server
        .request(Who::Admin, Method::POST, "/tokens")
        .json(&new);
    let token = super::server::json(made, reqwest::StatusCode::CREATED).await;
    let model = server.get("/models/m").await;
    let metadata = super::resumable::metadata(model["id"].as_str().unwrap());
    let begun = server
        .writer(Method::POST, "/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 5)
        .header("upload-metadata", metadata);
    let begun = begun.send().await.unwrap();
    let location = &begun.headers()["location"];
    let id = |value: serde_json::Value| value["id"].as_str().unwrap().to_owned();
    Things {
        revision,
        job: id(job),
        token: id(token),
        upload: location
            .to_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned(),
    }
}

async fn ask(
    server: &Server,
    things: &Things,
    who: Who,
    method: &str,
    path: &str,
    body: &str,
) -> u16 {
    let id = match path.split('/').nth(3) {
        Some("jobs") => &things.job,
        Some("tokens") => &things.token,
        Some("uploads") => &things.upload,
        _ => &things.revision,
    };
    // The stranger names the model by id: by its name it would be another project's.
    let model = server.get("/models/m").await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = path
        .trim_start_matches("/api/v1")
        .replace("{model}", &model)
        .replace("{alias}", "prod")
        .replace("{project}", "default")
        .replace("{fence}", "1");
    let path = path
        .replace("{id}", id)
        .replace("{name}", "conv1_weight_0_to_fp16")
        .replace("{a}", id)
        .replace("{b}", id);
    let request = server.request(who, method.parse().unwrap(), &path);
    let request = if path.starts_with("/uploads") {
        request
            .header("tus-resumable", "1.0.0")
            .header("upload-length", 5)
            .header("upload-offset", 0)
            .header("upload-metadata", super::resumable::metadata(&model))
    } else {
        request
    };
    let request = match body {
        "" => request,
        "PIECE" => request
            .header("content-type", "application/offset+octet-stream")
            .body("x"),
        "PACKAGE" => request.body(zip("mnist_cnn.mlpackage")),
        text => {
            let text = text
                .replace("WHO", &format!("{who:?}"))
                .replace("REVISION", &things.revision);
            request
                .header("content-type", "application/json")
                .body(text)
        }
    };
    request.send().await.unwrap().status().as_u16()
}
