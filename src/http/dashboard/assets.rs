//! Style and script, inside the binary. The address has the hash of the content, so that browsers keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    file: String,
}

macro_rules! assets {
    ($($name:literal $media_type:literal,)+) => {
        [$(Asset {
            name: $name,
            media_type: $media_type,
            content: include_str!(concat!("assets/", $name)),
            file: hashed($name, include_str!(concat!("assets/", $name))),
        },)+]
    };
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    Vec::from(assets! {
        "tokens.css" "text/css; charset=utf-8",
        "base.css" "text/css; charset=utf-8",
        "pages.css" "text/css; charset=utf-8",
        "dashboard.js" "text/javascript; charset=utf-8",
        "upload.js" "text/javascript; charset=utf-8",
        "looks.css" "text/css; charset=utf-8",
        "graph.js" "text/javascript; charset=utf-8",
        "icon.svg" "image/svg+xml",
    })
});

/// `base.css` becomes `base.0123456789abcdef.css`.
fn hashed(name: &str, content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    let hash = digest
        .iter()
        .take(8)
        .fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "txt"));
    format!("{stem}.{hash:016x}.{extension}")
}

/// The address of an asset.
pub(crate) fn url(name: &str) -> String {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    found.map_or_else(String::new, |asset| format!("/assets/{}", asset.file))
}

/// `GET /assets/{name}`.
pub(crate) async fn get(Path(file): Path<String>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.file == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fixed = |name: HeaderName, value| (name, HeaderValue::from_static(value));
    let headers = [
        fixed(header::CONTENT_TYPE, asset.media_type),
        fixed(header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        fixed(header::VARY, "accept-encoding"),
    ];
    (headers, asset.content).into_response()
}
