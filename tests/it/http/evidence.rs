//! The pages of a revision, its weights, its program and a comparison: what they say, and that nothing in a model can
//! leave its place on them.

use reqwest::StatusCode;

use super::dashboard::{Browser, form_of};
use super::server::{Server, Who, json, zip};
use super::weights::compressed;

/// A name as long as that of a weight of `mnist_cnn`, of letters that HTML, addresses and paths take for their own.
const ODD: &str = "\"><i>&'?#%2e/é\\{}~~";
const PLAIN: &str = "fc1_weight_0_to_fp16";

/// `mnist_cnn` with that name.
fn odd_zip() -> Vec<u8> {
    use std::io::{Cursor, Read as _, Write as _};
    assert_eq!(ODD.len(), PLAIN.len());
    let mut from = zip::ZipArchive::new(Cursor::new(zip("mnist_cnn.mlpackage"))).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut replaced = 0;
    for index in 0..from.len() {
        let mut file = from.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name.ends_with(".mlmodel") {
            while let Some(at) = bytes
                .windows(PLAIN.len())
                .position(|w| w == PLAIN.as_bytes())
            {
                bytes[at..at + ODD.len()].copy_from_slice(ODD.as_bytes());
                replaced += 1;
            }
        }
        let options = zip::write::SimpleFileOptions::default();
        to.start_file(name, options).unwrap();
        to.write_all(&bytes).unwrap();
    }
    assert!(replaced >= 3, "{replaced}");
    to.finish().unwrap().into_inner()
}

/// A page's text; it answered 200 and is small.
async fn page(browser: &Browser, cookie: &str, path: &str) -> String {
    let answer = browser.get(path, cookie).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let text = answer.text().await.unwrap();
    assert!(text.len() < 150_000, "{path}: {} bytes", text.len());
    text
}

/// The addresses of a page's links.
fn links(page: &str) -> Vec<String> {
    let parts = page.split("href=\"").skip(1);
    parts
        .map(|part| {
            part.split('"')
                .next()
                .unwrap()
                .replace("&amp;", "&")
                .replace("&#38;", "&")
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_any_letters_stays_in_its_place() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let cookie = browser.sign_in(server.token(Who::Reader).unwrap()).await;
    server.model("odd").await;
    let revision = json(server.upload("odd", odd_zip()), StatusCode::CREATED).await;
    let id = revision["id"].as_str().unwrap();
    let weights = server
        .get(&format!("/revisions/{id}/weights?search=%3Ci%3E"))
        .await;
    assert_eq!(weights["items"][0]["name"], ODD);
    let of_revision = page(&browser, &cookie, &format!("/revisions/{id}")).await;
    let weight = format!("/revisions/{id}/weights/%22%3E%3Ci%3E");
    let link = links(&of_revision)
        .into_iter()
        .find(|href| href.starts_with(&weight))
        .unwrap();
    let of_weight = page(&browser, &cookie, &link).await;
    let find = links(&of_weight)
        .into_iter()
        .find(|href| href.contains("/program?"))
        .unwrap();
    let of_search = page(&browser, &cookie, &find).await;
    assert!(
        of_search.contains("aria-label=\"Found\""),
        "the weight's operation is found by its name"
    );
    let found = links(&of_search)
        .into_iter()
        .find(|href| href.contains("&op="))
        .unwrap();
    let of_operation = page(&browser, &cookie, found.split('#').next().unwrap()).await;
    let compare = format!("/revisions/{id}/comparison/{id}");
    let of_comparison = page(&browser, &cookie, &compare).await;
    for (text, what) in [
        (of_revision, "revision"),
        (of_weight, "weight"),
        (of_search, "search"),
        (of_operation, "operation"),
        (of_comparison, "comparison"),
    ] {
        assert!(!text.contains("<i>"), "{what}");
        assert!(text.contains("é"), "{what}");
        assert!(
            !text.contains("style=") && !text.contains("onclick"),
            "{what}"
        );
    }
    // The API names it in the path too.
    let of_api = link.split("/weights/").nth(1).unwrap();
    let detail = server
        .get(&format!("/revisions/{id}/weights/{of_api}"))
        .await;
    assert_eq!(detail["name"], ODD);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_answer_first() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let cookie = browser.sign_in(server.token(Who::Reader).unwrap()).await;
    let (parent, made) = compressed(&server, "mnist_cnn.mlpackage", "palettize-4").await;
    let open = async |path: String| page(&browser, &cookie, &path).await;
    let revision = open(format!("/revisions/{made}")).await;
    assert!(revision.contains("times smaller than") && revision.contains("the median SNR is"));
    assert!(!revision.contains("Save tags"), "a reader is shown no form");
    let sorted = open(format!(
        "/revisions/{made}?state=all&sort=-bytes&q=fc1&page=9"
    ))
    .await;
    assert!(
        sorted.contains("Nothing matches"),
        "a page behind the last says so"
    );
    let original = open(format!("/revisions/{parent}")).await;
    assert!(original.contains("Compress it to see"));
    let comparison = open(format!("/revisions/{parent}/comparison/{made}")).await;
    assert!(comparison.contains("the worst") && comparison.contains("constexpr_lut_to_dense"));
    let back = open(format!("/revisions/{made}/comparison/{parent}")).await;
    assert!(back.contains("times larger than"));
    let same = open(format!("/revisions/{made}/comparison/{made}")).await;
    assert!(same.contains("byte for byte"));
    let weight = open(format!("/revisions/{made}/weights/fc1_weight_0_to_fp16")).await;
    assert!(weight.contains("class=\"stem s-b4\"") && weight.contains("heights are square roots"));
    let left = open(format!("/revisions/{made}/weights/conv1_weight_0_to_fp16")).await;
    assert!(left.contains("The recipe left it"));
    for wrong in ["?sort=colour", "?page=x", "?other=1"] {
        let answer = browser
            .get(&format!("/revisions/{made}{wrong}"), &cookie)
            .await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_package_has_a_page() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let cookie = browser.sign_in(server.token(Who::Reader).unwrap()).await;
    for (package, says) in [
        ("legacy_glm.mlmodel", "looks inside ML Programs only"),
        ("legacy_nn_lut4.mlmodel", "looks inside ML Programs only"),
        ("pipeline.mlpackage", "This is a pipeline of"),
        ("multifunction.mlpackage", "3 functions"),
        ("stateful.mlpackage", "state"),
        ("flex_enum.mlpackage", "or another listed"),
        ("image_bgr.mlpackage", "image, bgr"),
        ("edge_values.mlpackage", "lin_weight_0"),
        ("control_flow.mlpackage", "Open the graph"),
    ] {
        let name = package.split('.').next().unwrap();
        server.model(name).await;
        let revision = json(server.upload(name, zip(package)), StatusCode::CREATED).await;
        let path = format!("/revisions/{}", revision["id"].as_str().unwrap());
        let text = page(&browser, &cookie, &path).await;
        assert!(text.contains(says), "{package}: {says}");
        // Every weight and every function that the page names opens.
        for href in links(&text) {
            if href.contains("/weights/") || href.contains("/program?") {
                let inner = page(&browser, &cookie, &href).await;
                assert!(!inner.contains("NaN"), "{href}");
            }
        }
        if revision["kind"] == "mlmodel" {
            let answer = browser.get(&format!("{path}/program"), &cookie).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{package}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_notes_and_aliases_are_written_by_forms() {
    let server = Server::start().await;
    let browser = Browser::new(&server);
    let cookie = browser.sign_in(server.token(Who::Writer).unwrap()).await;
    let form = form_of(&browser, &cookie).await;
    let revision = server.revision().await;
    let path = format!("/revisions/{}", revision["id"].as_str().unwrap());
    let post = async |to: &str, fields: &[(&str, &str)]| {
        let mut all = vec![("form", form.as_str())];
        all.extend(fields);
        browser
            .post(&format!("{path}{to}"), &cookie, &all)
            .await
            .status()
    };
    let tags = " branch = main \r\n\r\ncommit=<b>\r\n";
    assert_eq!(
        post("", &[("tags", tags), ("notes", "a\r\n</textarea><i>b")]).await,
        303
    );
    let now = server.get(&path).await;
    assert_eq!(
        now["tags"],
        serde_json::json!({"branch": "main", "commit": "<b>"})
    );
    assert_eq!(now["notes"], "a\n</textarea><i>b");
    let text = page(&browser, &cookie, &path).await;
    assert!(!text.contains("<i>") && !text.contains("<b>&") && text.contains("branch=main"));
    for wrong in ["no equals sign", "=x", "a b=c"] {
        assert_eq!(
            post("", &[("tags", wrong), ("notes", "")]).await,
            400,
            "{wrong}"
        );
    }
    assert_eq!(server.get(&path).await["notes"], "a\n</textarea><i>b");
    assert_eq!(post("/aliases", &[("alias", "prod")]).await, 303);
    assert_eq!(post("/aliases", &[("alias", "no such name!")]).await, 400);
    assert_eq!(post("/aliases", &[]).await, 400);
    assert!(
        page(&browser, &cookie, &path)
            .await
            .contains("Remove alias prod")
    );
    assert_eq!(post("/aliases/remove", &[("alias", "prod")]).await, 303);
    assert_eq!(post("/aliases/remove", &[("alias", "prod")]).await, 412);
}
