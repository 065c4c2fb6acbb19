//! The dashboard as a browser without script sees it: sessions, forms, who may open which page.

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};

use super::server::{Server, Who};
use crate::store::world::on_every_database;

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// A browser that follows no redirect and keeps no cookie by itself.
pub(super) struct Browser {
    client: Client,
    base: String,
}

impl Browser {
    pub(super) fn new(server: &Server) -> Self {
        Self {
            client: Client::builder().redirect(Policy::none()).build().unwrap(),
            base: format!("http://{}", server.address()),
        }
    }

    fn ask(&self, method: Method, path: &str, cookie: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("accept", "text/html")
            .header("cookie", cookie)
    }

    pub(super) async fn get(&self, path: &str, cookie: &str) -> Response {
        self.ask(Method::GET, path, cookie).send().await.unwrap()
    }

    /// A form with these fields, encoded.
    pub(super) async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.ask(Method::POST, path, cookie);
        with_form(request, fields).send().await.unwrap()
    }

    /// Signs in; the cookie.
    pub(super) async fn sign_in(&self, token: &str) -> String {
        let answer = self.post("/sign-in", "", &[("token", token)]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&answer), "/models");
        cookie(&answer)
    }
}

fn with_form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

fn cookie(answer: &Response) -> String {
    let set = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"),
        "{set}"
    );
    set.split(';').next().unwrap().to_owned()
}

/// The secret that a page's forms carry.
pub(super) async fn form_of(browser: &Browser, cookie: &str) -> String {
    let page = browser.get("/models", cookie).await;
    assert_eq!(page.status(), StatusCode::OK);
    let html = page.text().await.unwrap();
    let at = html.split("data-form=\"").nth(1).unwrap();
    at.split('"').next().unwrap().to_owned()
}

#[test]
fn a_session_ends_by_time_by_leaving_and_with_its_token() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let browser = Browser::new(&server);
        let reader = server.token(Who::Reader).unwrap();
        let status = async |cookie: &str| browser.get("/models", cookie).await.status();

        let kept = browser.sign_in(reader).await;
        let left = browser.sign_in(reader).await;
        assert_ne!(kept, left);
        assert_eq!(status(&kept).await, StatusCode::OK);
        let form = form_of(&browser, &left).await;
        let out = browser.post("/sign-out", &left, &[("form", &form)]).await;
        assert_eq!(out.status(), StatusCode::SEE_OTHER);
        assert_eq!(status(&left).await, StatusCode::SEE_OTHER);
        assert_eq!(status(&kept).await, StatusCode::OK);

        // Each use counts; seven days without any end it, thirty days end it anyway.
        for _ in 0..4 {
            server.clock.advance(6 * DAY_MS);
            assert_eq!(status(&kept).await, StatusCode::OK);
        }
        server.clock.advance(6 * DAY_MS + 1);
        assert_eq!(status(&kept).await, StatusCode::SEE_OTHER);
        let idle = browser.sign_in(reader).await;
        server.clock.advance(7 * DAY_MS + 1);
        assert_eq!(status(&idle).await, StatusCode::SEE_OTHER);

        let made = super::server::json(
            server
                .request(Who::Admin, Method::POST, "/tokens")
                .json(&serde_json::json!({"name": "short", "scope": "reader"})),
            StatusCode::CREATED,
        )
        .await;
        let short = browser.sign_in(made["secret"].as_str().unwrap()).await;
        assert_eq!(status(&short).await, StatusCode::OK);
        let path = format!("/tokens/{}", made["id"].as_str().unwrap());
        let revoke = server.request(Who::Admin, Method::DELETE, &path);
        assert_eq!(revoke.send().await.unwrap().status(), 204);
        assert_eq!(status(&short).await, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_code_signs_in_once_and_within_minutes() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let browser = Browser::new(&server);
        let reader = server.token(Who::Reader).unwrap();
        let caller = coreanvil::app::tokens::authenticate(&server.app, reader)
            .await
            .unwrap();
        let offer = async || {
            let code = coreanvil::app::sessions::offer_code(&server.app, caller.token_id).await;
            format!("/sign-in/once?code={}&next=/jobs", code.unwrap().reveal())
        };
        let link = offer().await;
        let first = browser.get(&link, "").await;
        assert_eq!(first.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&first), "/jobs");
        let page = browser.get("/models", &cookie(&first)).await;
        assert_eq!(page.status(), StatusCode::OK);
        let again = browser.get(&link, "").await;
        assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
        assert!(again.headers().get("set-cookie").is_none());
        let late = offer().await;
        server.clock.advance(15 * 60_000);
        assert_eq!(
            browser.get(&late, "").await.status(),
            StatusCode::UNAUTHORIZED
        );
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn with_https_the_cookie_is_bound_to_this_host() {
    let server = Server::start_with(|settings| settings.https = true).await;
    let browser = Browser::new(&server);
    let token = server.token(Who::Reader).unwrap();
    let answer = browser.post("/sign-in", "", &[("token", token)]).await;
    let set = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        set.starts_with("__Host-coreanvil=") && set.contains("; Secure"),
        "{set}"
    );
    let page = browser.get("/models", &cookie(&answer)).await;
    assert_eq!(page.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_changes_nothing() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let revision = server.revision().await;
    let id = revision["id"].as_str().unwrap();
    let cookie = browser.sign_in(server.token(Who::Writer).unwrap()).await;
    let form = form_of(&browser, &cookie).await;
    let path = "/models/m/aliases";
    let good = [("form", form.as_str()), ("name", "prod"), ("revision", id)];
    let refused = [
        browser.ask(Method::POST, path, &cookie),
        browser
            .ask(Method::POST, path, &cookie)
            .header("sec-fetch-site", "cross-site"),
        browser
            .ask(Method::POST, path, &cookie)
            .header("sec-fetch-site", "same-site"),
        browser
            .ask(Method::POST, path, &cookie)
            .header("origin", "https://evil.example"),
        browser
            .ask(Method::POST, path, &cookie)
            .header("origin", "null"),
    ];
    for (index, request) in refused.into_iter().enumerate() {
        let without = [("form", "0"), ("name", "prod"), ("revision", id)];
        let fields = if index == 0 { without } else { good };
        let answer = with_form(request, &fields).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{index}");
    }
    // The cookie alone reads the API from our own pages, and writes nothing.
    let api = async |method: Method, site: &str, form: &str| {
        browser
            .ask(method, "/api/v1/models", &cookie)
            .header("sec-fetch-site", site)
            .header("x-form", form)
            .header("content-type", "application/json")
            .body(r#"{"name":"other"}"#)
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(api(Method::GET, "same-origin", "").await, 200);
    assert_eq!(api(Method::GET, "cross-site", "").await, 401);
    assert_eq!(api(Method::GET, "same-site", "").await, 401);
    assert_eq!(api(Method::POST, "same-origin", "").await, 401);
    assert_eq!(api(Method::POST, "cross-site", &form).await, 401);
    assert_eq!(api(Method::POST, "same-origin", &form).await, 201);

    let aliases = server.get("/models/m/aliases").await;
    assert_eq!(aliases["items"].as_array().unwrap().len(), 0);
    let answer = browser.post(path, &cookie, &good).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let aliases = server.get("/models/m/aliases").await;
    assert_eq!(aliases["items"].as_array().unwrap().len(), 1);
}

/// Method, path, and the status for nobody, a reader, a writer, an administrator. Forms are sent without their secret, so
/// that those who may use them get 400.
const ROWS: &[(&str, &str, [u16; 4])] = &[
    ("GET", "/", [303, 303, 303, 303]),
    ("GET", "/sign-in", [200, 303, 303, 303]),
    ("POST", "/sign-in", [401, 401, 401, 401]),
    ("GET", "/sign-in/once", [401, 401, 401, 401]),
    ("POST", "/sign-out", [303, 400, 400, 400]),
    ("POST", "/theme", [303, 303, 303, 303]),
    ("GET", "/models", [303, 200, 200, 200]),
    ("GET", "/models/{model}", [303, 200, 200, 200]),
    ("GET", "/models/{model}/compare", [303, 400, 400, 400]),
    ("POST", "/models/{model}/aliases", [303, 400, 400, 400]),
    (
        "POST",
        "/models/{model}/aliases/{alias}/remove",
        [303, 400, 400, 400],
    ),
    ("GET", "/models/{model}/upload", [303, 403, 200, 200]),
    ("GET", "/revisions/{id}", [303, 200, 200, 200]),
    ("POST", "/revisions/{id}", [303, 400, 400, 400]),
    ("POST", "/revisions/{id}/aliases", [303, 400, 400, 400]),
    (
        "POST",
        "/revisions/{id}/aliases/remove",
        [303, 400, 400, 400],
    ),
    (
        "GET",
        "/revisions/{id}/weights/{name}",
        [303, 200, 200, 200],
    ),
    ("GET", "/revisions/{id}/program", [303, 200, 200, 200]),
    ("GET", "/revisions/{id}/comparison", [303, 303, 303, 303]),
    ("GET", "/revisions/{a}/comparison/{b}", [303, 200, 200, 200]),
    ("GET", "/revisions/{id}/compress", [303, 403, 200, 200]),
    ("POST", "/revisions/{id}/compress", [303, 400, 400, 400]),
    ("GET", "/jobs", [303, 200, 200, 200]),
    ("GET", "/jobs/{id}", [303, 404, 404, 404]),
    ("POST", "/jobs/{id}/cancel", [303, 400, 400, 400]),
    ("GET", "/recipes", [303, 200, 200, 200]),
    ("GET", "/recipes/{name}", [303, 200, 200, 200]),
    ("GET", "/tokens", [303, 403, 403, 200]),
    ("POST", "/tokens", [303, 400, 400, 400]),
    ("POST", "/tokens/{id}/revoke", [303, 400, 400, 400]),
    ("GET", "/service", [303, 200, 200, 200]),
    ("GET", "/upload", [303, 403, 200, 200]),
    ("POST", "/upload", [303, 400, 400, 400]),
    ("GET", "/assets/{name}", [404, 404, 404, 404]),
];

#[tokio::test(flavor = "multi_thread")]
async fn who_may_open_which_page() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let revision = server.revision().await;
    let id = revision["id"].as_str().unwrap();
    let mut cookies = vec![String::new()];
    for who in [Who::Reader, Who::Writer, Who::Admin] {
        cookies.push(browser.sign_in(server.token(who).unwrap()).await);
    }
    for (method, path, statuses) in ROWS {
        let at = path
            .replace("{model}", "m")
            .replace("{alias}", "prod")
            .replace("weights/{name}", "weights/conv1_weight_0_to_fp16")
            .replace("{name}", "int8")
            .replace("{a}", id)
            .replace("{b}", id)
            .replace("{id}", id);
        for (cookie, status) in cookies.iter().zip(statuses) {
            let answer = if *method == "GET" {
                browser.get(&at, cookie).await
            } else if *path == "/upload" {
                let parts =
                    "--b\r\ncontent-disposition: form-data; name=\"package\"\r\n\r\nx\r\n--b--\r\n";
                let request = browser.ask(Method::POST, &at, cookie);
                let request = request.header("content-type", "multipart/form-data; boundary=b");
                request.body(parts).send().await.unwrap()
            } else {
                browser.post(&at, cookie, &[]).await
            };
            assert_eq!(answer.status(), *status, "{method} {at} with {cookie:?}");
            let policy = answer.headers()["content-security-policy"]
                .to_str()
                .unwrap();
            assert!(policy.contains("default-src 'none'"), "{policy}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        }
    }
}

/// A page that the table does not have fails here.
#[test]
fn every_page_is_in_the_table() {
    let router = include_str!("../../../src/http/router.rs");
    let pages = router.split("fn pages()").nth(1).unwrap();
    let pages = pages.split("\n}\n").next().unwrap();
    for route in pages.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let known = |method: &str| ROWS.iter().any(|row| row.0 == method && row.1 == path);
        let verbs = route.split('"').nth(2).unwrap();
        for (call, method) in [("get(", "GET"), ("post(", "POST")] {
            assert!(
                !verbs.contains(call) || known(method),
                "{method} {path} is in no row"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_pages_for_browsers_and_documents_for_the_rest() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let cookie = browser.sign_in(server.token(Who::Reader).unwrap()).await;
    let answer = browser.get("/models/none", &cookie).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let html = answer.text().await.unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("There is no model `none`"));
    assert!(html.contains("<dt>request</dt>"));
    let request = browser.ask(Method::GET, "/models/none", &cookie);
    let answer = request.header("accept", "application/json").send().await;
    // `accept` was given twice; a page is wanted by whoever names it at all.
    assert_eq!(answer.unwrap().status(), StatusCode::NOT_FOUND);
    let plain = reqwest::get(format!("http://{}/nothing", server.address()))
        .await
        .unwrap();
    assert_eq!(plain.headers()["content-type"], "application/problem+json");
    // What people name cannot become markup.
    let odd = browser
        .get("/models?q=%3Cscript%3Ealert(1)%3C/script%3E", &cookie)
        .await;
    let html = odd.text().await.unwrap();
    assert!(!html.contains("<script>alert") && html.contains("&#60;script&#62;"));
}
